"""Erase a request: where it came from, what it asked, and how long its answer took stay; who asked does not."""

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, delete, exists, func, select, update

from app.database import now
from app.extensions import db
from app.leads.actions import mark_of_row, withdraw
from app.leads.models import OPEN_STATES, ContactAttempt, Lead, Orientation, PersonColumns
from app.leads.words import KEPT_FOR
from app.mail import Mail
from app.people.models import Mentee, Mentor

STATED = frozenset({"first_name", "last_name", "commune_code", "commune_name", "departement_code", "needs", "axes", "situation",
                    "status", "places", "preferred_public"})  # fmt: skip  # columns that say nothing of who it was


def erase_request(lead: Lead) -> None:
    """Keep nothing that says who asked. The row of a file that it came from is still known, by a mark that names nobody."""
    if lead.state in OPEN_STATES:
        withdraw(lead)
    addresses = {address.lower() for address in (lead.email, lead.guardian_email, lead.asker_contact) if address}
    db.session.execute(delete(Mail).where(func.lower(Mail.to_address).in_(addresses)))
    db.session.execute(delete(ContactAttempt).where(ContactAttempt.lead_id == lead.id))
    db.session.execute(update(Orientation).where(Orientation.lead_id == lead.id).values(by_hand_reason=None))
    for name in PersonColumns.__annotations__:
        if name not in STATED:
            setattr(lead, name, [] if isinstance(getattr(lead, name), list) else None)
    lead.first_name, lead.last_name = _("Demande"), _("effacée")
    lead.guardian_agreed_by = lead.guardian_text = None
    lead.fingerprint, lead.erased_at = mark_of_row(lead.fingerprint), now()


def too_old() -> list[Lead]:
    """Requests that nobody touched for two years, whose person has no file here; two hundred at a time."""
    statement = select(Lead).where(
        Lead.erased_at.is_(None), Lead.updated_at < now() - KEPT_FOR, ~has_file(Mentee), ~has_file(Mentor)
    )
    return list(db.session.scalars(statement.order_by(Lead.id).limit(200).with_for_update(skip_locked=True)))


def has_file(kind: type[Mentee] | type[Mentor]) -> ColumnElement[bool]:
    """Whether a file was opened from a request, for the database."""
    return exists(select(kind.id).where(kind.lead_id == Lead.id))
