"""Whom a path of the team's certificates is about; and who of a batch is the one who makes it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.permissions import Role
from app.accounts.queries import current_member
from app.extensions import db
from app.gate import concerns
from app.pairs.queries import pairs_of_mentor
from app.people.models import Mentee, Mentor
from app.people.queries import mentor_of
from app.training.models import Completion
from app.translation import gettext as _
from app.web import find

from .awards import Candidate
from .models import Certificate


@concerns
def whose_certificate(values: Mapping[str, Any]) -> Collection[UUID | None]:
    """Whoever a certificate is about."""
    row = find(Certificate, values["certificate_id"]) if "certificate_id" in values else None
    if row is None:
        return set()
    mentor = find(Mentor, row.mentor_id) if row.mentor_id else None
    mentee = find(Mentee, row.mentee_id) if row.mentee_id else None
    return {person.user_id for person in (mentor, mentee) if person is not None}


def but_own(rows: Sequence[Candidate]) -> list[Candidate]:
    """A batch's list, in which whoever makes it gets none, nor whom they accompany."""
    if Role.MENTOR not in current_member.roles:
        return list(rows)
    mentor = mentor_of(current_member.user_id)
    own: set[UUID] = set()
    if mentor is not None:
        trainings = db.session.scalars(select(Completion.id).where(Completion.mentor_id == mentor.id))
        own = {mentor.id, *(pair.id for pair in pairs_of_mentor(mentor.id)), *trainings}
    left_out = _("Cela vous concerne : une autre personne de l'équipe doit le faire.")
    return [replace(row, excluded=row.excluded or left_out) if row.source_id in own else row for row in rows]
