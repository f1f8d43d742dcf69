"""The guardian of a minor who asks: written to by their own link, they agree or not, before the request goes anywhere.

Only a guardian who has an address is waited for; one who left a telephone number is called by the association. This agreement is to
the request being passed on; the authorisation to take part is another paper, that the association asks for before any meeting.
"""

from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.links import record_token
from app.database import now
from app.extensions import db
from app.mail import Letter, absolute, send
from app.tenants.models import Tenant

from . import actions
from .models import Lead, LeadState

TEXT_VERSION = "2026-11-26"  # of what the guardian reads and agrees to
REMIND_AFTER, DESK_AFTER = timedelta(days=3), timedelta(days=10)


def is_awaited(lead: Lead, on: date) -> bool:
    """Whether this request needs a guardian's agreement that a link can ask for."""
    return lead.is_minor_on(on) and lead.guardian_email is not None and lead.guardian_agreed_at is None


def ask(lead: Lead, tenant: Tenant) -> None:
    """Write to the guardian, with their own link."""
    assert lead.guardian_email is not None
    link = absolute("leads.guardian_answer", token=record_token("accord", lead.tenant_id, lead.id))
    letter = Letter("guardian_asked", _("%(name)s demande un mentor : votre accord", name=lead.first_name))
    send(letter, lead.guardian_email, lead=lead, tenant=tenant, link=link)


def agree(lead: Lead, name: str, tenant: Tenant, on: date) -> None:
    """The guardian agrees: who, when, to which text. The request goes on. Twice changes nothing."""
    lead = actions.locked(lead)
    if lead.guardian_agreed_at is not None or not lead.is_open:
        return
    lead.guardian_agreed_at, lead.guardian_agreed_by, lead.guardian_text = now(), name, TEXT_VERSION
    lead.reminded = None if lead.state == LeadState.WAITING else lead.reminded
    actions.tell(lead, "guardian_agreed")
    if lead.state == LeadState.WAITING and lead.waiting_reason in {"guardian", "guardian_silent"}:
        actions.orient(lead, tenant, on)


def refuse(lead: Lead) -> None:
    """The guardian does not agree: the request is withdrawn. Twice changes nothing."""
    if actions.locked(lead).is_open:
        actions.tell(lead, "guardian_refused")
        actions.withdraw(lead)


def watch(programme: Tenant) -> None:
    """In the programme, every hour: remind once after three days; after ten, the request is the desk's to call about."""
    waiting = (
        select(Lead).where(Lead.state == LeadState.WAITING, Lead.waiting_reason == "guardian").with_for_update(skip_locked=True)
    )
    for lead in db.session.scalars(waiting.where(Lead.requested_at < now() - REMIND_AFTER)):
        if lead.requested_at < now() - DESK_AFTER:
            lead.waiting_reason = "guardian_silent"
        elif lead.reminded is None:
            lead.reminded = "half"
            actions.tell(lead, "reminded", reason="guardian")
            ask(lead, programme)
