"""The file that a path names, and the way back to it."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from app.web import get_or_404, see_other

from .models import Mentee, Mentor


def find_person(kind: str, person_id: UUID) -> Mentor | Mentee:
    """The file that a path like /jeunes/<id> names."""
    return get_or_404(Mentee, person_id) if kind == "jeunes" else get_or_404(Mentor, person_id)


def to_file(person: Mentor | Mentee) -> ResponseReturnValue:
    if isinstance(person, Mentee):
        return see_other("people.mentee", mentee_id=person.id)
    return see_other("people.mentor", mentor_id=person.id)
