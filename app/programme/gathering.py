"""The numbers of the associations reach the programme every night: totals by month, never a person."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Interval, Select, cast, delete, func, select
from sqlalchemy.orm import Session

from app.database import one_at_a_time
from app.extensions import db
from app.followup.reached import fates
from app.jobs import every_hour, job
from app.leads.queries import associations
from app.meetings.models import Meeting, MeetingState
from app.pairs.models import STARTED, Pair, PairSettings, PairState
from app.pairs.queries import under_way
from app.pairs.settings import Choices, settings
from app.periods import month_of
from app.tenants import scope
from app.tenants.choices import latest
from app.tenants.models import Tenant
from app.tenants.resolve import current_tenant
from app.training.models import Completion
from app.web import midnight, today

from .models import AssociationMonth

COUNTED = ("pairs", "begun", "closed", "reached", "broken", "jeunes", "mentors", "trained", "held", "minutes")
NONE = dict.fromkeys(COUNTED, 0)
Numbers = Mapping[date, Mapping[str, int]]


@every_hour
@job
def gather_all() -> None:
    """In the programme: once a day, ask for the numbers of each association."""
    if not current_tenant.is_programme:
        return
    gathered = select(AssociationMonth.association_id).where(AssociationMonth.created_at >= midnight(today()))
    done = set(db.session.scalars(gathered.distinct()))
    for association in associations():
        if association.id not in done:
            gather.defer(association_id=association.id, once=True)


@job
def gather(association_id: UUID) -> None:
    """In the programme: the numbers of an association as they are now, instead of those of before."""
    on = today()
    with scope.reading(association_id) as session:
        found = numbers(session, session.get_one(Tenant, association_id).timezone, on)
    one_at_a_time("gather", association_id)
    db.session.execute(delete(AssociationMonth).where(AssociationMonth.association_id == association_id))
    db.session.add_all(AssociationMonth(association_id=association_id, month=month, **counted) for month, counted in found.items())


def numbers(session: Session, zone: str, on: date) -> Numbers:
    """What an association did in each month until this day that has something to say, on its own clock, by six statements."""
    found: dict[date, dict[str, int]] = defaultdict(lambda: dict(NONE))
    found[on.replace(day=1)] = dict(NONE)  # one that does nothing yet is counted too
    for statement in (pairs_by_month(on), sessions_by_month(zone), trained_by_month()):
        for row in session.execute(statement).mappings():
            found[row["month"]] |= {name: number for name, number in row.items() if name != "month"}
    rules = Choices(**(session.scalar(latest(PairSettings)) or {}), needed=settings().needed)
    for name, days in zip(("reached", "broken"), fates(session, zone, rules, on), strict=True):
        for day in days:
            found[day.replace(day=1)][name] += 1
    return found


def pairs_by_month(on: date) -> Select[Any]:
    """Pairs under way in each month until this day, and the people in them; those that began and ended."""
    long, day = cast("1 month", Interval), cast(on, Date)
    first = select(func.date_trunc("month", func.min(Pair.starts_on))).where(Pair.state.in_(STARTED)).scalar_subquery()
    months = select(cast(func.generate_series(first, day, long), Date).label("month")).subquery()
    month, last = months.c.month, func.least(cast(months.c.month + long, Date) - 1, day)
    is_closed = Pair.state == PairState.CLOSED, Pair.closed_on <= last
    return (
        select(
            month,
            func.count().label("pairs"),
            func.count().filter(Pair.starts_on >= month).label("begun"),
            func.count().filter(*is_closed).label("closed"),
            func.count(Pair.mentee_id.distinct()).label("jeunes"),
            func.count(Pair.mentor_id.distinct()).label("mentors"),
        )
        .join(Pair, under_way(month, last))
        .group_by(month)
    )


def sessions_by_month(zone: str) -> Select[date, int, int]:
    """Sessions held in each month, and how long they lasted."""
    month = month_of(Meeting.starts_at, zone).label("month")
    columns = month, func.count().label("held"), func.sum(Meeting.minutes).label("minutes")
    return select(*columns).where(Meeting.state == MeetingState.HELD).group_by(month)


def trained_by_month() -> Select[date, int]:
    """Courses that mentors ended in each month."""
    month = cast(func.date_trunc("month", Completion.completed_on), Date).label("month")
    return select(month, func.count().label("trained")).group_by(month)
