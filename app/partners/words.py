"""What the outside reads of a request's state."""

from app.leads.models import Lead, LeadState
from app.translation import lazy_gettext as _l

CLOSED = "closed"  # this space holds the request no more: it was declined, or went elsewhere
PUBLIC = {
    LeadState.WAITING: "waiting",
    LeadState.ORIENTED: "oriented",
    LeadState.RECEIVED: "waiting",
    LeadState.WAITLISTED: "waitlisted",
    LeadState.MOVED: "waiting",
    LeadState.ACCEPTED: "accepted",
    LeadState.WITHDRAWN: "withdrawn",
    LeadState.LAPSED: "unanswered",
    LeadState.JOINED: "joined",
}
# What each word means, for whoever reads the page.
STATUSES_SAID = {
    "waiting": _l("Reçue ; personne ne l'a encore en charge, ou l'accord d'un parent est attendu."),
    "oriented": _l("Une association l'a, et doit répondre."),
    "waitlisted": _l("L'association l'a mise sur sa liste d'attente."),
    "accepted": _l("Une association accompagne la personne."),
    "withdrawn": _l("Retirée par la personne, par qui la représente ou par vous."),
    "unanswered": _l("Arrêtée sans qu'une association ait pu la prendre."),
    "joined": _l("La même personne avait déjà une demande : c'est celle-là qui continue."),
    "closed": _l("Cet espace ne l'a plus : elle a été déclinée, ou continue ailleurs."),
}


def public_status(lead: Lead) -> str:
    """One of the words of the API."""
    return PUBLIC[LeadState(lead.state)]
