"""What the team writes on somebody's file: kept until the file is erased, read by the team, and by the person who asks."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import Select, inspect, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.queries import author_of
from app.database import AT_ONCE, now, one_at_a_time, prepared
from app.errors import DomainError
from app.extensions import db
from app.guard import is_alarming
from app.translation import gettext as _

from .erased import refuse_erased
from .guardians import whose
from .letters import file_link, write_staff
from .models import Mentee, Mentor, PersonNote
from .own import files_about

SHOWN = 100
REMOVABLE = timedelta(days=7)


class CannotNote(DomainError):
    """This cannot be written, or taken away; the sentence says why."""


def notes_of(person: Mentor | Mentee, reader: UUID) -> Sequence[tuple[PersonNote, str | None]]:
    """The notes on a file with who wrote each, the latest first; none for whom it is about."""
    return db.session.execute(*notes_by_author[type(person)](person.id, reader)).all()


def by_author(file: InstrumentedAttribute[UUID | None], file_id: UUID, reader: UUID) -> Select[PersonNote, str | None]:
    rows = select(PersonNote, author_of(PersonNote.user_id)).where(file == file_id, file.not_in(files_about(reader)))
    return rows.order_by(PersonNote.created_at.desc(), PersonNote.id.desc()).limit(SHOWN)


notes_by_author = {
    Mentor: prepared(partial(by_author, PersonNote.mentor_id)),
    Mentee: prepared(partial(by_author, PersonNote.mentee_id)),
}


def add_note(person: Mentor | Mentee, body: str, by: UUID, reached: bool = False) -> PersonNote:
    """Write on a file, also that they were spoken with; the same words sent twice within a minute are one note. Raises Erased."""
    one_at_a_time("person note", person.id)
    refuse_erased(person)
    same = select(PersonNote).filter_by(**whose(person), body=body, user_id=by).where(PersonNote.created_at > now() - AT_ONCE)
    known = db.session.scalars(same.limit(1)).first()
    if known is not None:
        known.reached = known.reached or reached
        return known
    note = PersonNote(**whose(person), body=body, reached=reached, user_id=by)
    db.session.add(note)
    return note


def write_to_team(person: Mentor | Mentee, body: str) -> None:
    """The person's own words, on their file; the team is told by a letter that does not repeat them. Raises Erased."""
    assert person.user_id is not None
    if inspect(add_note(person, body, person.user_id)).pending:  # not the same click again
        subject = _("Un message de %(name)s", name=person.first_name)
        if is_alarming(body):
            subject = _("À lire aujourd'hui : un message de %(name)s", name=person.first_name)
        lines, link = [_("Ce message vous attend sur le dossier de %(name)s.", name=person.first_name)], file_link(person, "notes")
        write_staff("person_message", subject, lines, link, _("Lire et répondre"), about=person)


def may_remove(note: PersonNote, by: UUID) -> bool:
    """Whoever wrote it may take it away for a week, as a contact."""
    return note.user_id == by and note.created_at > now() - REMOVABLE


def remove_note(note: PersonNote, by: UUID) -> None:
    """Take a note away. Raises CannotNote when it is somebody else's, or old."""
    if not may_remove(note, by):
        raise CannotNote(_("Une note se retire pendant sept jours, par qui l'a écrite."))
    db.session.delete(note)
