"""Whom a path of the team's pages is about, for the gate: nobody decides about themself."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from app.accounts.queries import current_member, is_oneself
from app.gate import concerns
from app.web import find

from .application_models import Interview, Reference
from .check_models import Check, GateException
from .models import Authorisation, Guardianship, Mentee, Mentor, PersonNote

FILES: Mapping[str, type[Mentor | Mentee]] = {"jeunes": Mentee, "mentors": Mentor}
ABOUT: Mapping[str, Any] = {
    "check_id": Check, "interview_id": Interview, "gate_exception_id": GateException, "authorisation_id": Authorisation,
    "guardianship_id": Guardianship, "reference_id": Reference, "person_note_id": PersonNote,
}  # fmt: skip


def file_of(values: Mapping[str, Any]) -> Mentor | Mentee | None:
    """The file that a path names, by itself or by a row of it."""
    kinds: Mapping[str, type[Mentor | Mentee] | None] = {
        "mentor_id": Mentor,
        "mentee_id": Mentee,
        "person_id": FILES.get(values.get("kind", "")),
    }
    for name, kind in kinds.items():
        if kind is not None and name in values:
            return find(kind, values[name])
    row = next((find(model, values[name]) for name, model in ABOUT.items() if name in values), None)
    if row is None:
        return None
    return find(Mentor, row.mentor_id) if row.mentor_id else find(Mentee, row.mentee_id)


@concerns
def whose_file(values: Mapping[str, Any]) -> Collection[UUID | None]:
    """Whoever the file is about; who looks, when the file says the same address, telephone or name, account or not."""
    person = file_of(values)
    if person is None:
        return set()
    me = current_member.user_id
    return {person.user_id, me if is_oneself(me, person.full_name, person.email, person.phone) else None}
