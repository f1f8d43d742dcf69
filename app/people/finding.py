"""The file that a path names, and the way back to it."""

from typing import cast
from uuid import UUID

from flask import abort
from werkzeug.wrappers import Response

from app.web import get_or_404, see_other

from .models import Mentee, Mentor


def find_person(kind: str, person_id: UUID, even_erased: bool = False) -> Mentor | Mentee:
    """The file that a path like /jeunes/<id> names; not found once it is erased, for there is nothing left to do with it."""
    person: Mentor | Mentee = get_or_404(Mentee, person_id) if kind == "jeunes" else get_or_404(Mentor, person_id)
    return person if even_erased or person.erased_at is None else abort(404)


def find_mentor(mentor_id: UUID) -> Mentor:
    """A mentor's file, where something is written to it; not found once it is erased."""
    return cast(Mentor, find_person("mentors", mentor_id))


def find_mentee(mentee_id: UUID) -> Mentee:
    """A jeune's, likewise."""
    return cast(Mentee, find_person("jeunes", mentee_id))


def to_file(person: Mentor | Mentee) -> Response:
    if isinstance(person, Mentee):
        return see_other("people.mentee", mentee_id=person.id)
    return see_other("people.mentor", mentor_id=person.id)
