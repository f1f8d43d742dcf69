"""Whom a path of the team's pages is about, for the gate: nobody decides about themself."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from app.accounts.queries import current_member, is_oneself
from app.extensions import db
from app.gate import concerns
from app.tenants.scope import current_tenant_id

from .application_models import Interview
from .check_models import Check, GateException
from .models import Authorisation, Guardianship, Mentee, Mentor

FILES = {"jeunes": Mentee, "mentors": Mentor}
ABOUT = {
    "check_id": Check, "interview_id": Interview, "gate_exception_id": GateException, "authorisation_id": Authorisation,
    "guardianship_id": Guardianship,
}  # fmt: skip


def read(model: Any, row_id: UUID) -> Any:
    """A row of this space, if it is there: the page itself says what is not."""
    return db.session.get(model, (current_tenant_id(), row_id))


def file_of(values: Mapping[str, Any]) -> Mentor | Mentee | None:
    """The file that a path names, by itself or by a row of it."""
    found: Mentor | Mentee | None
    kinds = {"mentor_id": Mentor, "mentee_id": Mentee, "person_id": FILES.get(values.get("kind", ""))}
    for name, kind in kinds.items():
        if kind is not None and name in values:
            found = read(kind, values[name])
            return found
    row = next((read(model, values[name]) for name, model in ABOUT.items() if name in values), None)
    if row is None:
        return None
    found = read(Mentor, row.mentor_id) if row.mentor_id else read(Mentee, row.mentee_id)
    return found


@concerns
def whose_file(values: Mapping[str, Any]) -> Collection[UUID | None]:
    """Whoever the file is about; who looks, when the file says the same address, telephone or name, account or not."""
    person = file_of(values)
    if person is None:
        return set()
    me = current_member.user_id
    return {person.user_id, me if is_oneself(me, person.full_name, person.email, person.phone) else None}
