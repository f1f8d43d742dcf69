"""Who lost the link of their request has it sent again, to the address that the request gives and to no other."""

from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select

from app.extensions import db
from app.mail import Letter, has_enough, send
from app.tenants.models import Tenant
from app.translation import gettext as _

from .actions import tracking_link
from .guardian import answer_link
from .models import Lead, LeadState

MOST = 5  # requests of one address that are written about, the last ones


def send_links(address: str, tenant: Tenant) -> None:
    """Write to an address once for each request whose letters go there, with its link; nothing when there is none."""
    letter = Letter("lead_link", _("Le lien vers votre demande"), "note")
    lines = [
        _("Vous avez demandé de nouveau ce lien : il mène à la page qui dit où en est la demande."),
        _("Vous n'avez rien demandé ? Ne faites rien : ce message n'est parti qu'à vous."),
    ]
    leads = reached_at(address)
    if leads and has_enough(letter.kind, written(leads[0], address)):
        return
    for lead in leads:
        to = written(lead, address)
        if to == lead.mailbox:
            name, label, link = lead.first_name, _("Voir ma demande"), tracking_link(lead)
        else:
            name, label, link = lead.guardian_name or "", _("Voir la demande"), answer_link(lead)
        send(letter, to, tenant=tenant, name=name, lines=lines, label=label, link=link)


def written(lead: Lead, address: str) -> str:
    """This address as a request gives it."""
    return next(own for own in (lead.mailbox, lead.guardian_email) if own and own.lower() == address.lower())


def reached_at(address: str) -> Sequence[Lead]:
    """The requests whose page is in this space and whose letters go to an address, or that wait for whoever has it to agree."""
    wanted = address.lower()
    is_parents = or_(and_(Lead.email.is_(None), Lead.phone.is_(None)), Lead.waiting_reason == "guardian")
    is_here = Lead.orientation_id.is_(None), Lead.state != LeadState.MOVED
    reached = or_(func.lower(Lead.email) == wanted, and_(func.lower(Lead.guardian_email) == wanted, is_parents))
    return db.session.scalars(select(Lead).where(reached, *is_here).order_by(Lead.requested_at.desc()).limit(MOST)).all()
