"""How the pairs of an association fare: in danger, to watch or well, from the calls that are open; now, and day after day."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select, true
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import contains_eager, joinedload, load_only

from app.database import uuid7
from app.extensions import db
from app.pairs.models import OPEN, Pair
from app.pairs.queries import of_others
from app.people.models import Mentee, Mentor
from app.tenants.models import Staff
from app.tenants.scope import current_tenant_id

from .models import Call, HealthDay
from .rules import DANGER, WATCH
from .words import why

WEEKS = 26
WORST = func.min(case((Call.kind.in_(DANGER), 0), (Call.kind.in_(WATCH), 1), else_=2))
STATES = ("danger", "watch", "well")


def worst() -> Any:
    """The worst of each pair's open calls: 0 in danger, 1 to watch, 2 nothing that counts."""
    return select(Call.pair_id, WORST.label("worst")).where(Call.ended_at.is_(None)).group_by(Call.pair_id).subquery()


def counted(reader: UUID | None = None) -> dict[str, int]:
    """How many pairs under way are in each state now; of those that a reader may read, when there is one."""
    calls = worst()
    level = func.coalesce(calls.c.worst, 2)
    rows = db.session.execute(
        select(level, func.count())
        .select_from(Pair)
        .outerjoin(calls, calls.c.pair_id == Pair.id)
        .where(Pair.state.in_(OPEN), of_others(reader) if reader else true())
        .group_by(level)
    )
    found: dict[int, int] = dict(rows.all())
    return {state: found.get(number, 0) for number, state in enumerate(STATES)}


def note_day(day: date) -> None:
    """Keep the day's count; the same day again replaces it."""
    values = counted()
    row = {"tenant_id": current_tenant_id(), "id": uuid7(), "on_day": day, **values}
    db.session.execute(insert(HealthDay).values(**row).on_conflict_do_update(index_elements=["tenant_id", "on_day"], set_=values))


def evolution(today: date) -> Sequence[HealthDay]:
    """The last count of each of the last 26 weeks, the oldest first."""
    week = func.date_trunc("week", HealthDay.on_day)
    last = (
        select(HealthDay.id)
        .where(HealthDay.on_day > today - timedelta(weeks=WEEKS))
        .ext(distinct_on(week))
        .order_by(week, HealthDay.on_day.desc())
        .subquery()
    )
    return db.session.scalars(select(HealthDay).join(last, last.c.id == HealthDay.id).order_by(HealthDay.on_day)).all()


def pairs_in(state: str, reader: UUID) -> Select[Any]:
    """The pairs under way in a state that somebody of the team may read, the longest under way first."""
    calls = worst()
    level = func.coalesce(calls.c.worst, 2)
    names = (
        contains_eager(Pair.mentor).options(load_only(Mentor.first_name, Mentor.last_name)),
        contains_eager(Pair.mentee).options(load_only(Mentee.first_name, Mentee.last_name)),
        joinedload(Pair.coordinator).options(load_only(Staff.first_name, Staff.last_name)),
    )
    return (
        select(Pair)
        .join(Pair.mentor)
        .join(Pair.mentee)
        .outerjoin(calls, calls.c.pair_id == Pair.id)
        .where(Pair.state.in_(OPEN), level == STATES.index(state), of_others(reader))
        .options(*names)
        .order_by(Pair.starts_on, Pair.id)
    )


def reasons(pairs: Collection[Pair]) -> dict[UUID, list[str]]:
    """Why each of these pairs is in danger or to watch, in sentences, the most urgent first."""
    rows = db.session.scalars(
        select(Call)
        .where(Call.pair_id.in_([pair.id for pair in pairs]), Call.ended_at.is_(None), Call.kind.in_(DANGER | WATCH))
        .order_by(Call.rank, Call.since, Call.side)
    )
    found: dict[UUID, list[str]] = {}
    for call in rows:
        sentences = found.setdefault(call.pair_id, [])
        if (sentence := why(call.kind, call.facts, call.since)) not in sentences:
            sentences.append(sentence)
    return found
