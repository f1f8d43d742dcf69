"""Which pairs reached the programme's minimum, and which ended before: for « Bilan », and for what the programme gathers."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Date, cast, func, select
from sqlalchemy.orm import Session

from app.meetings.models import Meeting, MeetingState
from app.pairs.counting import Story, count, span
from app.pairs.models import STARTED, Pair, PairState, Pause
from app.pairs.settings import Choices


def fates(session: Session, zone: str, rules: Choices, on: date, *only: ColumnElement[bool]) -> tuple[list[date], list[date]]:
    """The days on which pairs of a space reached the minimum, until a day, and those on which others ended before it.

    As the count of each pair says it that day, on the space's clock; two statements.
    """
    day = cast(func.timezone(zone, Meeting.starts_at), Date)
    held = Meeting.pair_id == Pair.id, Meeting.state == MeetingState.HELD
    met = select(func.array_agg(day.distinct())).where(*held).scalar_subquery()
    pauses = defaultdict[UUID, list[tuple[date, date | None]]](list)
    paused = select(Pause.pair_id, Pause.since, Pause.until, Pause.back_on).join(Pair, Pair.id == Pause.pair_id).where(*only)
    for pair_id, since, until, back_on in session.execute(paused):
        pauses[pair_id].append(span(since, until, back_on))
    begun = Pair.state.in_(STARTED), Pair.starts_on <= on
    reached, broken = list[date](), list[date]()
    for pair_id, since, state, closed_on, days in session.execute(
        select(Pair.id, Pair.starts_on, Pair.state, Pair.closed_on, met).where(*begun, *only)
    ):
        stand = count(Story(since, closed_on, pauses[pair_id], days or ()), rules.needed, rules, on)
        if stand.counts and stand.counts_on:
            reached.append(stand.counts_on)
        elif state == PairState.CLOSED:
            broken.append(closed_on)
    return reached, broken
