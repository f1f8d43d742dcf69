"""Meetings to come, to log, and held."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, Select, and_, case, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.queries import author_of
from app.database import now, prepared
from app.extensions import db
from app.leads.calendar import add_months
from app.pairs.models import OPEN, Pair
from app.people.models import FileState, Mentee, Mentor
from app.tenants.models import Staff
from app.tenants.resolve import current_tenant

from .models import Confirmation, Meeting, MeetingEvent, MeetingState, Offer
from .settings import settings

HISTORY = 200
LONGEST = 600  # minutes


@dataclass(frozen=True)
class Held:
    """What a pair has held: number of meetings, minutes in all, the first and the last."""

    count: int = 0
    minutes: int = 0
    first: datetime | None = None
    last: datetime | None = None


def meetings_of(pair_id: UUID, *where: ColumnElement[bool]) -> Sequence[Meeting]:
    """Every meeting of a pair of which all of this holds, the soonest first: what acts on them leaves none."""
    return db.session.scalars(
        select(Meeting).where(Meeting.pair_id == pair_id, *where).order_by(Meeting.starts_at, Meeting.id)
    ).all()


def coming_of(pair_id: UUID) -> Sequence[Meeting]:
    """Every meeting of a pair that is planned and to come, the soonest first."""
    return meetings_of(pair_id, Meeting.state == MeetingState.PLANNED, Meeting.starts_at > now())


def meetings_for(user_id: UUID) -> Sequence[Meeting]:
    """The meetings of every pair that an account is in by a file that is not closed, the nearest to now; the soonest first."""
    distance = func.abs(func.extract("epoch", Meeting.starts_at - now()))
    rows = db.session.scalars(
        select(Meeting)
        .join(Meeting.pair)
        .join(Pair.mentor)
        .join(Pair.mentee)
        .where(or_(*(and_(kind.user_id == user_id, kind.state != FileState.WITHDRAWN) for kind in (Mentor, Mentee))))
        .options(contains_eager(Meeting.pair).options(contains_eager(Pair.mentor), contains_eager(Pair.mentee)))
        .order_by(distance, Meeting.id)
        .limit(HISTORY)
    )
    return sorted(rows, key=lambda meeting: (meeting.starts_at, meeting.id))


def pairs_for(user_id: UUID) -> Sequence[Pair]:
    """The pairs under way that an account is in."""
    return db.session.scalars(
        select(Pair)
        .join(Pair.mentor)
        .join(Pair.mentee)
        .where(Pair.state.in_(OPEN), or_(Mentor.user_id == user_id, Mentee.user_id == user_id))
        .options(contains_eager(Pair.mentor), contains_eager(Pair.mentee))
        .order_by(Pair.starts_on, Pair.id)
    ).all()


def overlapping(pair: Pair, starts: Sequence[datetime], minutes: int) -> Sequence[Meeting]:
    """The meetings of this pair's mentor, with whomever, that would be at the same time as one of these, as they are now."""
    end = Meeting.starts_at + func.make_interval(0, 0, 0, 0, 0, Meeting.minutes)
    during = or_(*((Meeting.starts_at < moment + timedelta(minutes=minutes)) & (end > moment) for moment in starts))
    return db.session.scalars(
        select(Meeting)
        .join(Meeting.pair)
        .join(Pair.mentee)
        .where(Pair.mentor_id == pair.mentor_id, Meeting.state.in_((MeetingState.PLANNED, MeetingState.HELD)), during)
        .where(Meeting.starts_at > min(starts) - timedelta(minutes=LONGEST))
        .options(contains_eager(Meeting.pair).contains_eager(Pair.mentee))
        .order_by(Meeting.starts_at)
        .limit(HISTORY)
        .execution_options(populate_existing=True)  # a page may have read them before it waited
    ).all()


def told_of(pair_id: UUID) -> Sequence[tuple[Meeting, Confirmation | None]]:
    """A pair's last meetings, the latest first, and what the jeune said of each."""
    return db.session.execute(*with_confirmations(pair_id)).all()


@prepared
def with_confirmations(pair_id: UUID) -> Select[Meeting, Confirmation]:
    return (
        select(Meeting, Confirmation)
        .outerjoin(Confirmation, Confirmation.meeting_id == Meeting.id)
        .where(Meeting.pair_id == pair_id)
        .order_by(Meeting.starts_at.desc(), Meeting.id)
        .limit(HISTORY)
    )


def planned_in(pairs: Collection[Pair]) -> Sequence[Meeting]:
    """The meetings of these pairs that are to come, or that nobody has logged, and those to come that were called off: the soonest
    first.
    """
    return db.session.scalars(*planned([pair.id for pair in pairs], now())).all()


@prepared
def planned(pair_ids: Sequence[UUID], moment: datetime) -> Select[Meeting]:
    called_off = and_(Meeting.state == MeetingState.CANCELLED, Meeting.starts_at > moment)
    return (
        select(Meeting)
        .where(Meeting.pair_id.in_(pair_ids), or_(Meeting.state == MeetingState.PLANNED, called_off))
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(HISTORY)
    )


def past_of(pairs: Collection[Pair], limit: int) -> Sequence[Meeting]:
    """The last meetings of these pairs whose time is over, the latest first."""
    return db.session.scalars(*past([pair.id for pair in pairs], now(), limit)).all()


@prepared
def past(pair_ids: Sequence[UUID], moment: datetime, limit: int) -> Select[Meeting]:
    over = Meeting.starts_at + func.make_interval(0, 0, 0, 0, 0, Meeting.minutes) <= moment
    return select(Meeting).where(Meeting.pair_id.in_(pair_ids), over).order_by(Meeting.starts_at.desc(), Meeting.id).limit(limit)


def in_month(mentor_id: UUID, first: date, zone: ZoneInfo) -> Sequence[Meeting]:
    """The meetings of all a mentor's pairs that have begun, in a month on their own clock, the soonest first."""
    since = datetime.combine(first, time(), tzinfo=zone)
    until = datetime.combine(add_months(first, 1), time(), tzinfo=zone)
    return db.session.scalars(
        select(Meeting)
        .join(Meeting.pair)
        .join(Pair.mentor)
        .join(Pair.mentee)
        .where(Pair.mentor_id == mentor_id, Meeting.starts_at >= since, Meeting.starts_at < min(until, now()))
        .where(or_(Meeting.state != MeetingState.CANCELLED, Meeting.first_logged_at.isnot(None)))
        .options(contains_eager(Meeting.pair).options(contains_eager(Pair.mentor), contains_eager(Pair.mentee)))
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(HISTORY)
    ).all()


def confirmed(meetings: Collection[Meeting]) -> dict[UUID, Confirmation]:
    """What the jeune said of each of these meetings."""
    return {row.meeting_id: row for row in db.session.scalars(*confirmations([meeting.id for meeting in meetings]))}


@prepared
def confirmations(meeting_ids: Sequence[UUID]) -> Select[Confirmation]:
    return select(Confirmation).where(Confirmation.meeting_id.in_(meeting_ids))


def words_of(pair: Pair) -> Sequence[tuple[datetime, str, str]]:
    """What was written around their meetings, places too: when, by which side (the team's words too), the words; latest first."""
    accounts = [(side, person.user_id) for side, person in (("mentor", pair.mentor), ("mentee", pair.mentee)) if person.user_id]
    mover = (
        case(*((MeetingEvent.user_id == user_id, side) for side, user_id in accounts), else_="team")
        if accounts
        else literal("team")
    )
    moved = select(MeetingEvent.created_at, mover, MeetingEvent.before["word"].astext.label("word"))
    moved = moved.join(Meeting, Meeting.id == MeetingEvent.meeting_id).where(
        Meeting.pair_id == pair.id, MeetingEvent.before.has_key("word")
    )
    asked = select(Offer.created_at, Offer.side, Offer.word).where(Offer.pair_id == pair.id, Offer.word != "")
    there = select(Offer.created_at, Offer.side, Offer.where)
    there = there.where(Offer.pair_id == pair.id, Offer.where != "", Offer.side == "mentor")  # a jeune types none
    replying = case((Offer.side == "mentor", "mentee"), else_="mentor")
    replied = select(Offer.updated_at, replying, Offer.answer).where(Offer.pair_id == pair.id, Offer.answer != "")
    rows = union_all(moved, asked, there, replied).subquery()
    return db.session.execute(select(rows).order_by(rows.c[0].desc()).limit(HISTORY)).all()


def history_of(meeting: Meeting) -> Sequence[tuple[MeetingEvent, str | None]]:
    """What was done with a meeting, and by which account, the first time first."""
    return db.session.execute(
        select(MeetingEvent, author_of(MeetingEvent.user_id))
        .where(MeetingEvent.meeting_id == meeting.id)
        .order_by(MeetingEvent.created_at, MeetingEvent.id)
        .limit(HISTORY)
    ).all()


def who_attends(meetings: Sequence[Meeting]) -> dict[UUID, Staff]:
    """Whoever of the team is to be at each of these, where it is a first meeting: the last that was said, by the meeting's id."""
    of_these = MeetingEvent.meeting_id.in_([meeting.id for meeting in meetings]), MeetingEvent.what == "attended"
    said = select(MeetingEvent.meeting_id, Staff).join(Staff, Staff.user_id == MeetingEvent.user_id).where(*of_these)
    return {meeting_id: staff for meeting_id, staff in db.session.execute(said.order_by(MeetingEvent.created_at, MeetingEvent.id))}


def called_off_by(meeting: Meeting) -> str:
    """Who called a meeting off, for the two: a first name, or the association's; empty when nobody did."""
    if not meeting.is_called_off:
        return ""
    last = select(MeetingEvent.user_id).where(MeetingEvent.meeting_id == meeting.id, MeetingEvent.what == "cancelled")
    by = db.session.scalar(last.order_by(MeetingEvent.created_at.desc()).limit(1))
    two = (meeting.pair.mentor, meeting.pair.mentee)
    return next((person.first_name for person in two if by and person.user_id == by), current_tenant.name)


def held_by_pair(pair_ids: Collection[UUID]) -> dict[UUID, Held]:
    """What each of these pairs has held."""
    return {pair_id: Held(*figures) for pair_id, *figures in db.session.execute(*summed_by_pair(list(pair_ids)))}


@prepared
def summed_by_pair(pair_ids: Sequence[UUID]) -> Select[UUID, int, int, datetime, datetime]:
    figures = func.count(), func.sum(Meeting.minutes), func.min(Meeting.starts_at), func.max(Meeting.starts_at)
    held = Meeting.pair_id.in_(pair_ids), Meeting.state == MeetingState.HELD
    return select(Meeting.pair_id, *figures).where(*held).group_by(Meeting.pair_id)


def held_in(meetings: Sequence[Meeting], pair_id: UUID) -> Held:
    """What a pair has held, from its meetings when they are all there."""
    if len(meetings) >= HISTORY:
        return held_by_pair([pair_id]).get(pair_id, Held())
    held = [meeting for meeting in meetings if meeting.state == MeetingState.HELD]
    moments = [meeting.starts_at for meeting in held]
    return Held(len(held), sum(meeting.minutes for meeting in held), min(moments, default=None), max(moments, default=None))


def days_held(pair_ids: Collection[UUID]) -> dict[UUID, list[date]]:
    """The days, on the space's clock, on which each of these pairs met."""
    day = cast(func.timezone(current_tenant.timezone, Meeting.starts_at), Date)
    found: dict[UUID, list[date]] = {}
    for pair_id, on in db.session.execute(
        select(Meeting.pair_id, day).distinct().where(Meeting.pair_id.in_(pair_ids), Meeting.state == MeetingState.HELD)
    ):
        found.setdefault(pair_id, []).append(on)
    return found


def held_by_mentor(mentor_ids: Collection[UUID], since: datetime, until: datetime) -> dict[UUID, Held]:
    """What each of these mentors has held, in all their pairs, from an instant to before another.

    Brothers and sisters met at once are one meeting of the mentor's time, the longest of theirs.
    """
    visits = (
        select(Pair.mentor_id, func.max(Meeting.minutes).label("minutes"), func.min(Meeting.starts_at).label("starts_at"))
        .join(Meeting.pair)
        .where(
            Pair.mentor_id.in_(mentor_ids),
            Meeting.state == MeetingState.HELD,
            Meeting.starts_at >= since,
            Meeting.starts_at < until,
        )
        .group_by(Pair.mentor_id, func.coalesce(Meeting.visit_id, Meeting.id))
        .subquery()
    )
    rows = db.session.execute(
        select(
            visits.c.mentor_id, func.count(), func.sum(visits.c.minutes), func.min(visits.c.starts_at), func.max(visits.c.starts_at)
        ).group_by(visits.c.mentor_id)
    )
    return {mentor_id: Held(count, minutes, first, last) for mentor_id, count, minutes, first, last in rows}


def of_team(*where: ColumnElement[bool]) -> Select[Meeting]:
    """The association's meetings that are planned, with the two of each."""
    return held_or_not(Meeting.state == MeetingState.PLANNED, *where)


def held_or_not(*where: ColumnElement[bool]) -> Select[Meeting]:
    """The association's meetings, with the two of each."""
    return (
        select(Meeting)
        .where(*where)
        .join(Meeting.pair)
        .join(Pair.mentor)
        .join(Pair.mentee)
        .options(
            contains_eager(Meeting.pair).options(
                contains_eager(Pair.mentor), contains_eager(Pair.mentee), joinedload(Pair.coordinator)
            )
        )
    )


def usual(pair: Pair) -> tuple[str, str, int]:
    """Where these two meet, and for how long: as last time; else a place that both accept, for an hour. Place, address, minutes.

    A room on the association's own video server serves once.
    """
    last = db.session.scalar(
        select(Meeting)
        .where(Meeting.pair_id == pair.id, Meeting.state.in_((MeetingState.PLANNED, MeetingState.HELD)))
        .order_by(Meeting.starts_at.desc())
        .limit(1)
    )
    if last is not None:
        server = settings().video_server
        is_known = last.place == "association" and bool(current_tenant.address)  # the association's own, which may have moved
        is_once = bool(server) and last.where.startswith(server.rstrip("/"))
        return last.place, "" if is_known or is_once else last.where, last.minutes
    return next((place for place in pair.mentor.places if place in pair.mentee.places), "remote"), "", 60
