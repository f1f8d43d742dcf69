"""What is erased by itself on its day, every night; and what somebody asked to erase."""

from contextlib import suppress
from typing import cast
from uuid import UUID

from sqlalchemy import delete, select

from app.database import now
from app.extensions import db
from app.jobs import every_hour, job
from app.leads.jobs import here
from app.leads.models import Lead, Orientation
from app.leads.words import KEPT_FOR
from app.mail import Mail
from app.people.models import FileState, Mentee, Mentor
from app.web import today

from . import requests
from .erasing import CannotErase, erase


@job
def erase_person(person_id: UUID) -> None:
    """Erase a closed file; done again, it changes nothing. One that is of use again by then is left alone."""
    here()
    for kind in (Mentee, Mentor):
        person = cast(Mentee | Mentor | None, db.session.scalar(select(kind).where(kind.id == person_id).with_for_update()))
        if person is not None and person.erased_at is None:
            with suppress(CannotErase):
                erase(person)


@job
def erase_copy(orientation_id: UUID) -> None:
    """In the programme: the request whose person was erased where it was accepted."""
    here()
    statement = select(Lead).join(Orientation, (Orientation.lead_id == Lead.id) & (Orientation.tenant_id == Lead.tenant_id))
    lead = db.session.scalar(statement.where(Orientation.id == orientation_id).with_for_update(of=Lead))
    if lead is not None and lead.erased_at is None:
        requests.erase_request(lead)


@every_hour
@job
def erase_old() -> None:
    """Whatever was kept long enough: closed files on their day, requests and letters after two years."""
    here()
    for kind in (Mentee, Mentor):
        due = select(kind.id).where(kind.state == FileState.WITHDRAWN, kind.forget_on <= today(), kind.erased_at.is_(None))
        for person_id in db.session.scalars(due.limit(200)).all():
            erase_person.defer(person_id=person_id, once=True)
    for lead in requests.too_old():
        requests.erase_request(lead)
    db.session.execute(delete(Mail).where(Mail.created_at < now() - KEPT_FOR))
