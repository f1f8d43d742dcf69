"""What the outside reads of a request's state."""

from app.leads.models import Lead, LeadState

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


def public_status(lead: Lead) -> str:
    """One of the words of the API."""
    return PUBLIC[LeadState(lead.state)]
