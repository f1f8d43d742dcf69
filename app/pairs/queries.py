"""Selects for the list of pairs, and people to bring together."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, load_only

from app.extensions import db
from app.people.models import FileState, Mentee, Mentor
from app.tenants.models import Staff
from app.territory.queries import fold
from app.training.queries import trained_ids

from .models import Pair, PairState

# What a list shows of the people of a pair; asking a row of a list for more is an error.
NAMES = (
    contains_eager(Pair.mentor).options(load_only(Mentor.first_name, Mentor.last_name, raiseload=True)),
    contains_eager(Pair.mentee).options(load_only(Mentee.first_name, Mentee.last_name, raiseload=True)),
    joinedload(Pair.coordinator).options(load_only(Staff.first_name, Staff.last_name, raiseload=True)),
)


def pairs(state: str, typed: str, coordinator_id: UUID | None) -> Select[Any]:
    """The pairs in a state, the latest first; a search looks at both names."""
    statement = (
        select(Pair)
        .where(Pair.state == state)
        .join(Pair.mentor)
        .join(Pair.mentee)
        .options(*NAMES)
        .order_by(Pair.starts_on.desc(), Pair.id)
    )
    if coordinator_id:
        statement = statement.where(Pair.coordinator_id == coordinator_id)
    for word in fold(typed).split():
        statement = statement.where(
            or_(
                Mentor.search_name.contains(word, autoescape=True),
                Mentee.search_name.contains(word, autoescape=True),
            )
        )
    return statement


def with_people() -> list[Any]:
    """Options that bring a pair with its three people in one statement."""
    return [joinedload(Pair.mentor), joinedload(Pair.mentee), joinedload(Pair.coordinator)]


def pairs_of_mentor(mentor_id: UUID) -> Sequence[Pair]:
    """A mentor's pairs, the open ones first."""
    return _pairs_where(Pair.mentor_id == mentor_id)


def pairs_of_mentee(mentee_id: UUID) -> Sequence[Pair]:
    """A jeune's pairs, the open one first."""
    return _pairs_where(Pair.mentee_id == mentee_id)


def _pairs_where(condition: Any) -> Sequence[Pair]:
    return db.session.scalars(
        select(Pair)
        .where(condition)
        .options(*with_people())
        .order_by((Pair.state == PairState.ACTIVE).desc(), Pair.starts_on.desc())
    ).all()


def paired_counts(mentor_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many open pairs each of these mentors has."""
    rows = db.session.execute(
        select(Pair.mentor_id, func.count())
        .where(Pair.mentor_id.in_(mentor_ids), Pair.state == PairState.ACTIVE)
        .group_by(Pair.mentor_id)
    )
    return {mentor_id: count for mentor_id, count in rows}


def waiting_mentees() -> Sequence[Mentee]:
    """The jeunes without a pair, who has waited longest first."""
    paired = select(Pair.id).where(Pair.mentee_id == Mentee.id, Pair.state == PairState.ACTIVE).exists()
    return db.session.scalars(
        select(Mentee).where(Mentee.state == FileState.ACTIVE, ~paired).order_by(Mentee.created_at, Mentee.id)
    ).all()


def mentors_with_room() -> Sequence[tuple[Mentor, bool]]:
    """The mentors who could take one more jeune, and whether each is trained; those who are come first."""
    used = (
        select(func.count())
        .where(Pair.mentor_id == Mentor.id, Pair.tenant_id == Mentor.tenant_id, Pair.state == PairState.ACTIVE)
        .scalar_subquery()
    )
    mentors = db.session.scalars(
        select(Mentor).where(Mentor.state == FileState.ACTIVE, used < Mentor.capacity).order_by(Mentor.sort_name)
    ).all()
    trained = trained_ids([mentor.id for mentor in mentors])
    return sorted(((mentor, mentor.id in trained) for mentor in mentors), key=lambda row: not row[1])


def paired_mentees(mentee_ids: Collection[UUID]) -> set[UUID]:
    """Which of these jeunes are in a pair now."""
    return set(db.session.scalars(select(Pair.mentee_id).where(Pair.mentee_id.in_(mentee_ids), Pair.state == PairState.ACTIVE)))
