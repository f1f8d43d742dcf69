"""Selects for the list of pairs, and people to bring together."""

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import contains_eager, joinedload, load_only, undefer

from app.accounts.queries import author_of, team_accounts
from app.database import prepared
from app.extensions import db
from app.fields import normal_phone
from app.people.models import FileState, Mentee, Mentor
from app.people.own import about_team, accounts_about, and_own_files, own_files
from app.people.queries import LINE, found_by
from app.tenants.models import Staff
from app.tenants.scope import current_tenant_id
from app.territory.queries import words_of
from app.training.queries import trained_ids

from .models import FORMING, LIVE, OPEN, STARTED, Closure, CountSnapshot, Pair, PairEvent, PairState
from .words import DEATH, SAFETY

HISTORY = 200  # events of a pair that its page shows

# What a list shows of the people of a pair; asking a row of a list for more is an error.
NAMES = (
    contains_eager(Pair.mentor).options(load_only(Mentor.first_name, Mentor.last_name, Mentor.user_id, raiseload=True)),
    contains_eager(Pair.mentee).options(load_only(Mentee.first_name, Mentee.last_name, Mentee.user_id, raiseload=True)),
    joinedload(Pair.coordinator).options(load_only(Staff.first_name, Staff.last_name, raiseload=True)),
)


def named(statement: Select[Any], typed: str) -> Select[Any]:
    """Only those in which each of these words is in somebody's name, or a telephone is somebody's.

    People are found in their index alone (ix_…_search).
    """
    is_one = "@" in typed or normal_phone(typed)  # an address, or a number
    words = [typed] if is_one else sorted(set(words_of(typed)), key=len, reverse=True)  # the rarest, as a rule, first
    for word in words:
        mentors = select(Mentor.id).where(*found_by(Mentor, word))
        mentees = select(Mentee.id).where(*found_by(Mentee, word))
        statement = statement.where(or_(Pair.mentor_id.in_(mentors), Pair.mentee_id.in_(mentees)))
    return statement


@cache
def with_people() -> Sequence[Any]:
    """Options that bring a pair with its three people in one statement."""
    return joinedload(Pair.mentor), joinedload(Pair.mentee), joinedload(Pair.coordinator)


@cache
def with_pauses() -> Sequence[Any]:
    """The same, and its pauses."""
    return *with_people(), joinedload(Pair.pauses)


@prepared
def one_pair(pair_id: UUID, user_id: UUID) -> Select[Pair, Sequence[UUID]]:
    """A pair, and the files that are about who looks."""
    return and_own_files(select(Pair).where(Pair.id == pair_id).options(*with_pauses(), undefer(Pair.reviewed)), user_id)


def under_way(since: Any, until: Any) -> ColumnElement[bool]:
    """Whether a pair was under way on one of these days: begun by the last, and not closed before the first."""
    return and_(Pair.state.in_(STARTED), Pair.starts_on <= until, or_(Pair.closed_on.is_(None), Pair.closed_on >= since))


def pairs_of_mentor(mentor_id: UUID) -> Sequence[Pair]:
    """A mentor's pairs, the open ones first."""
    return db.session.scalars(*of_mentor(mentor_id)).all()


def pairs_of_mentee(mentee_id: UUID) -> Sequence[Pair]:
    """A jeune's pairs, the open one first."""
    return db.session.scalars(*of_mentee(mentee_id)).all()


def pairs_of(person: Mentor | Mentee) -> Sequence[Pair]:
    """Somebody's pairs, the open ones first."""
    return pairs_of_mentor(person.id) if isinstance(person, Mentor) else pairs_of_mentee(person.id)


def in_a_pair(kind: type[Mentor] | type[Mentee]) -> ColumnElement[bool]:
    """Who is in a pair, under way or in preparation, for the database."""
    column = Pair.mentor_id if kind is Mentor else Pair.mentee_id
    return kind.id.in_(select(column).where(Pair.state.in_(LIVE)))


@prepared
def of_mentor(mentor_id: UUID) -> Select[Pair]:
    return open_first(select(Pair).where(Pair.mentor_id == mentor_id))


@prepared
def of_mentee(mentee_id: UUID) -> Select[Pair]:
    return open_first(select(Pair).where(Pair.mentee_id == mentee_id))


def open_first(pairs: Select[Pair]) -> Select[Pair]:
    """With their people, and those under way before those that form and those that are over."""
    state = Pair.state.in_(OPEN).desc(), Pair.state.in_(FORMING).desc()
    return pairs.options(*with_people(), undefer(Pair.reviewed)).order_by(*state, Pair.starts_on.desc())


def pairs_counted(kind: type[Mentor] | type[Mentee], ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """In how many pairs each of these people is, under way then on their way; who is in none is not there."""
    column = Pair.mentor_id if kind is Mentor else Pair.mentee_id
    counts = func.count().filter(Pair.state.in_(OPEN)), func.count().filter(Pair.state.in_(FORMING))
    rows = db.session.execute(select(column, *counts).where(column.in_(ids), Pair.state.in_(LIVE)).group_by(column))
    return {person_id: (under_way, forming) for person_id, under_way, forming in rows}


def waits() -> ColumnElement[bool]:
    """The jeunes without a pair; in these words the index of those who are taken serves."""
    taken = select(Pair.id).where(
        Pair.tenant_id == Mentee.tenant_id, Pair.mentee_id == Mentee.id, Pair.state.notin_((PairState.CLOSED, PairState.DROPPED))
    )
    return and_(Mentee.state == FileState.ACTIVE, ~taken.exists())


def waiting_mentees() -> Sequence[Mentee]:
    """The jeunes without a pair, in the order of the line."""
    return db.session.scalars(select(Mentee).where(waits()).order_by(*LINE)).all()


def authorised(on: date) -> set[UUID]:
    """The jeunes whose participation a parent allows on a day."""
    allowed = func.gate_allowed(Mentee.tenant_id, None, Mentee.id, "participation", on)
    return set(db.session.scalars(select(Mentee.id).where(waits(), allowed)))


def of_others(user_id: UUID) -> ColumnElement[bool]:
    """The pairs that are not about somebody who works here: of the others they read nothing of what is said."""
    own = own_files(user_id)
    return and_(Pair.mentor_id.not_in(own), Pair.mentee_id.not_in(own))


def is_about_who_follows() -> ColumnElement[bool]:
    """Whether a pair is about who follows it, and who reads nothing of it."""
    about = about_team(current_tenant_id()).cte("about_team")
    own = select(Staff.id, about.c.file_id).join(about, about.c.user_id == Staff.user_id)
    return or_(*(tuple_(Pair.coordinator_id, file).in_(own) for file in (Pair.mentor_id, Pair.mentee_id)))


def ever_accompanied(_nobody: object) -> Select[UUID, UUID]:
    """Which mentor was ever in a pair with which jeune, or to be."""
    return select(Pair.mentor_id, Pair.mentee_id)


def first_waiting(limit: int) -> tuple[Sequence[Mentee], int]:
    """The first of them, and how many there are."""
    line = (
        select(Mentee.tenant_id, Mentee.id, func.count().over().label("all")).where(waits()).order_by(*LINE).limit(limit).subquery()
    )
    rows = db.session.execute(
        select(Mentee, line.c.all).join(line, and_(line.c.tenant_id == Mentee.tenant_id, line.c.id == Mentee.id)).order_by(*LINE)
    ).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


def accompanied() -> ScalarSelect[int]:
    """A column: how many jeunes a mentor accompanies, or is to accompany."""
    return (
        select(func.count())
        .where(Pair.mentor_id == Mentor.id, Pair.tenant_id == Mentor.tenant_id, Pair.state.in_(LIVE))
        .scalar_subquery()
    )


def mentors_with_room() -> Sequence[tuple[Mentor, bool]]:
    """The mentors who could take one more jeune, and whether each is trained; those who are come first."""
    mentors = db.session.scalars(
        select(Mentor).where(Mentor.state == FileState.ACTIVE, accompanied() < Mentor.capacity).order_by(Mentor.sort_name)
    ).all()
    trained = trained_ids([mentor.id for mentor in mentors])
    return sorted(((mentor, mentor.id in trained) for mentor in mentors), key=lambda row: not row[1])


def mentors_without_room() -> Sequence[tuple[Mentor, int]]:
    """The mentors who can take nobody now, paused or with as many jeunes as they wish, and how many they have; 100 at most."""
    full = or_(Mentor.state == FileState.PAUSED, accompanied() >= Mentor.capacity)
    rows = select(Mentor, accompanied()).where(Mentor.state != FileState.WITHDRAWN, full)
    return db.session.execute(rows.order_by(Mentor.sort_name).limit(100)).all()


def story_of(pair: Pair) -> tuple[Sequence[tuple[PairEvent, str | None]], Sequence[Pair]]:
    """A pair's events with who did each, the latest first; and the jeune's earlier pairs."""
    return db.session.execute(*events_of(pair.id)).all(), db.session.scalars(*earlier_pairs(pair.mentee_id, pair.id)).all()


@prepared
def events_of(pair_id: UUID) -> Select[PairEvent, str | None]:
    return (
        select(PairEvent, author_of(PairEvent.user_id))
        .where(PairEvent.pair_id == pair_id)
        .order_by(PairEvent.created_at.desc(), PairEvent.id.desc())
        .limit(HISTORY)
    )


@prepared
def earlier_pairs(mentee_id: UUID, but: UUID) -> Select[Pair]:
    return (
        select(Pair)
        .where(Pair.mentee_id == mentee_id, Pair.id != but, Pair.state == PairState.CLOSED)
        .join(Pair.mentor)
        .options(contains_eager(Pair.mentor).options(load_only(Mentor.first_name, Mentor.last_name, raiseload=True)))
        .order_by(Pair.starts_on.desc())
        .limit(20)
    )


def ended_as_a_precaution() -> ColumnElement[bool]:
    """Whether a pair was closed as a precaution, or a death ended a closure that was one: nothing brings the two together again."""
    return and_(Pair.state == PairState.CLOSED, is_a_precaution())


def is_a_precaution() -> ColumnElement[bool]:
    """Whether a pair ended as a precaution, or is ending so."""
    said = select(Closure.id).where(Closure.pair_id == Pair.id, Closure.reason == SAFETY, Closure.reopened_on.is_(None))
    return and_(Pair.state.in_([PairState.CLOSING, PairState.CLOSED]), or_(Pair.closure_reason == SAFETY, said.exists()))


def team() -> Sequence[Staff]:
    """Whoever may follow a pair: the staff who still work here."""
    return db.session.scalars(select(Staff).where(Staff.user_id.in_(team_accounts())).order_by(Staff.last_name, Staff.id)).all()


def may_follow(pair: Pair) -> Sequence[Staff]:
    """Those of them whom the pair is not about."""
    left_out = accounts_about(pair.mentor_id, pair.mentee_id)
    return [member for member in team() if member.user_id not in left_out]


def counted_pairs(typed: str, is_over: bool = False) -> Select[Any]:
    """The pairs under way, or those that are closed, the oldest first: those that count, or will soonest."""
    states = [PairState.CLOSED] if is_over else OPEN
    statement = select(Pair).where(Pair.state.in_(states)).join(Pair.mentor).join(Pair.mentee).options(*NAMES)
    return named(statement, typed).order_by(Pair.starts_on, Pair.id)


def frozen_days() -> Sequence[tuple[date, int, int]]:
    """The days that were frozen, the latest first: the day, how many pairs counted, of how many."""
    return db.session.execute(
        select(CountSnapshot.on_day, func.count().filter(CountSnapshot.counts), func.count())
        .group_by(CountSnapshot.on_day)
        .order_by(CountSnapshot.on_day.desc())
        .limit(24)
    ).all()


def frozen_on(day: date) -> Sequence[tuple[str, str, bool, dict[str, Any]]]:
    """What was frozen on a day: the two by first name and initial, for it leaves the association; whether it counts, the facts."""
    return db.session.execute(
        select(
            Mentee.first_name + " " + func.left(Mentee.last_name, 1) + ".",
            Mentor.first_name + " " + func.left(Mentor.last_name, 1) + ".",
            CountSnapshot.counts,
            CountSnapshot.facts,
        )
        .join(Pair, (Pair.tenant_id == CountSnapshot.tenant_id) & (Pair.id == CountSnapshot.pair_id))
        .join(Pair.mentee)
        .join(Pair.mentor)
        .where(CountSnapshot.on_day == day)
        .order_by(Mentee.sort_name)
    ).all()


def was_closing(pair: Pair, closure: Closure | None) -> bool:
    """Whether a death ended a closure that was under way."""
    return closure is not None and pair.closure_reason == DEATH and closure.reason != DEATH


def closure_of(pair: Pair) -> Closure | None:
    """The closure of a pair that is being closed, or closed; the one before a reopening is left out."""
    return db.session.scalar(select(Closure).where(Closure.pair_id == pair.id, Closure.reopened_on.is_(None)))


def ends_as_a_precaution(pair: Pair) -> bool:
    """Whether a closure is under way that is a precaution: nothing is planned any more, and the two do not write to each other."""
    closure = closure_of(pair) if pair.state == PairState.CLOSING else None
    return closure is not None and closure.reason == SAFETY
