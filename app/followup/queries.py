"""The figures of a team's first page, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from app.database import now, prepared
from app.extensions import db
from app.leads import alarms
from app.leads.models import Lead, LeadState
from app.meetings.models import Meeting, MeetingState
from app.pairs.models import Pair, PairState
from app.people.applications import LONG, are_under_way
from app.people.models import Mentor
from app.people.own import own_files
from app.training.session_models import CourseSession
from app.training.sessions import to_mark
from app.web import midnight, today

from .thread_models import Thread


@dataclass(frozen=True)
class Figures:
    """Requests to answer, meetings past that nobody logged, pairs under way, minutes held since a day, threads to answer, training
    sessions of which nobody has said who came, pairs of which both said yes and that the team is to begin, pairs that are closing,
    applications under way, and those of ninety days and more.
    """

    to_answer: int
    to_log: int
    pairs: int
    minutes: int
    messages: int
    to_mark: int
    to_begin: int
    to_close: int
    applications: int
    late_applications: int


def figures(since: date, reader: UUID) -> tuple[Figures, Sequence[Lead]]:
    """What waits and what was done in this space; a day begins at midnight on the space's own clock. Messages are those that the
    reader may read. And the requests with alarming words that wait, which may take no statement more.
    """
    late = midnight(today() - timedelta(days=LONG - 1))
    rows = db.session.execute(*counted(now(), midnight(since), list(own_files(reader)), alarms.lately(), late)).all()
    return Figures(*rows[0][2:]), alarms.unheard_of(rows, reader)


@prepared
def counted(moment: datetime, since: datetime, own: Sequence[UUID], lately: datetime, late: datetime) -> Select[*tuple[Any, ...]]:
    held = Meeting.state == MeetingState.HELD, Meeting.starts_at >= since
    waiting = Thread.waiting_since.is_not(None), Pair.mentor_id.not_in(own), Pair.mentee_id.not_in(own)
    return alarms.first_alarming(
        lately,
        select(func.count()).where(Lead.state == LeadState.RECEIVED).scalar_subquery(),
        select(func.count()).where(Meeting.state == MeetingState.PLANNED, Meeting.starts_at < moment).scalar_subquery(),
        select(func.count()).where(Pair.state == PairState.ACTIVE).scalar_subquery(),
        select(func.coalesce(func.sum(Meeting.minutes), 0)).where(*held).scalar_subquery(),
        select(func.count()).select_from(Thread).join(Thread.pair).where(*waiting).scalar_subquery(),
        select(func.count()).select_from(CourseSession).where(*to_mark(moment)).scalar_subquery(),
        select(func.count()).where(Pair.state == PairState.CONFIRMED).scalar_subquery(),
        select(func.count()).where(Pair.state == PairState.CLOSING).scalar_subquery(),
        select(func.count()).where(*are_under_way()).scalar_subquery(),
        select(func.count()).where(*are_under_way(), Mentor.created_at < late).scalar_subquery(),
    )
