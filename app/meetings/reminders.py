"""Reminders of meetings: which are due, to whom, never twice, never at night, never about what moved, ended or was logged.

Times are those of each person's own clock. Before a meeting: 48 hours and 2 hours; that evening, the mentor logs and the jeune
confirms. What is said of pairs that do not meet stands in silences.py.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import contains_eager

from app.accounts.links import mark_of, record_token
from app.database import now, uuid7
from app.extensions import db
from app.mail import Mail, absolute, post
from app.pairs.models import Pair, PairState
from app.people.letters import clock_for, composed, space_link
from app.people.models import Mentee, Mentor
from app.tenants.scope import current_tenant_id
from app.territory.zones import clock_of
from app.translation import gettext as _
from app.web import shown

from .letters import of_side, when, where
from .models import Confirmation, Meeting, MeetingState
from .notice_models import Notice, NoticeRefusal
from .settings import Choices, settings

FIRST_HOUR, LAST_HOUR, EVENING = 8, 21, time(19, 0)  # by day: from 8:00 to before 21:00
BEFORE, SHORTLY = timedelta(hours=48), timedelta(hours=2)
AFTER = timedelta(minutes=15)
LATE = timedelta(days=7)  # after which nobody is reminded of a meeting any more
SHARE = 500
LOG_LINK, CONFIRM_LINK = "seance", "presence"
MEET = (PairState.ACTIVE, PairState.CLOSING)


@dataclass(frozen=True)
class Due:
    """A reminder to send: its kind, the meeting, which of the two."""

    kind: str
    meeting: Meeting
    side: str

    @property
    def key(self) -> tuple[str, UUID, str, str]:
        """What is never said twice: when the meeting moves, its reminders are new."""
        return self.kind, self.meeting.id, self.side, self.meeting.starts_at.astimezone(UTC).isoformat()


def awake(moment: datetime, zone: ZoneInfo, later: bool) -> datetime:
    """The same moment, or at night the next morning; with `later` false, the evening before."""
    here = moment.astimezone(zone)
    if FIRST_HOUR <= here.hour < LAST_HOUR:
        return moment
    day = here.date()
    if later:
        morning = day if here.hour < FIRST_HOUR else day + timedelta(days=1)
        return datetime.combine(morning, time(FIRST_HOUR), tzinfo=zone).astimezone(moment.tzinfo)
    evening = day if here.hour >= LAST_HOUR else day - timedelta(days=1)
    return datetime.combine(evening, time(LAST_HOUR - 1), tzinfo=zone).astimezone(moment.tzinfo)


def is_awake(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether somebody who lives there may be written to now."""
    return FIRST_HOUR <= moment.astimezone(zone).hour < LAST_HOUR


def time_of(kind: str, meeting: Meeting, zone: ZoneInfo) -> datetime:
    """When a reminder is due, by day."""
    if kind == "two_days":
        return awake(meeting.starts_at - BEFORE, zone, later=True)
    if kind == "two_hours":
        return awake(meeting.starts_at - SHORTLY, zone, later=False)
    end = (meeting.ends_at + AFTER).astimezone(zone)
    evening = datetime.combine(meeting.ends_at.astimezone(zone).date(), EVENING, tzinfo=zone)
    return awake(max(end, evening), zone, later=True)


def due_of(meeting: Meeting, moment: datetime, chosen: Choices) -> Iterator[Due]:
    """What is to be said of a meeting now."""
    for side in ("mentor", "mentee"):
        person, _other = of_side(meeting.pair, side)
        zone = clock_of(person.departement_code)
        if not (person.is_told and is_awake(moment, zone)):
            continue
        for kind in kinds_of(meeting, moment, chosen):
            at = time_of(kind, meeting, zone)
            told_since = kind != "evening" and meeting.set_at > at  # whoever has just been told needs no reminder
            if at <= moment and not told_since:
                yield Due(kind, meeting, side)


def kinds_of(meeting: Meeting, moment: datetime, chosen: Choices) -> Iterator[str]:
    """Which reminders a meeting may still have. Two hours before, nobody is told any more that it is in two days."""
    if meeting.starts_at > moment and meeting.is_planned:
        if chosen.two_days and meeting.starts_at > moment + timedelta(hours=12):
            yield "two_days"
        if chosen.two_hours:
            yield "two_hours"
    elif meeting.ends_at <= moment < meeting.ends_at + LATE and chosen.evening:
        yield "evening"


def remind(moment: datetime, after: UUID | None = None) -> UUID | None:
    """Send what is due of one share of meetings; returns where the next share begins, None after the last."""
    meetings = candidates(moment, after)
    chosen = settings()
    due = [one for meeting in meetings for one in due_of(meeting, moment, chosen)]
    send(unsaid(due))
    return meetings[-1].id if len(meetings) == SHARE else None


def candidates(moment: datetime, after: UUID | None) -> Sequence[Meeting]:
    """The meetings that may have a reminder around a moment, of pairs that meet: by id, from one on."""
    statement = (
        select(Meeting)
        .join(Meeting.pair)
        .join(Pair.mentor)
        .join(Pair.mentee)
        .where(
            Pair.state.in_(MEET),
            Meeting.state != MeetingState.CANCELLED,
            Meeting.starts_at > moment - LATE - timedelta(hours=10),
            Meeting.starts_at < moment + BEFORE + timedelta(hours=12),
        )
        .options(contains_eager(Meeting.pair).options(contains_eager(Pair.mentor), contains_eager(Pair.mentee)))
        .order_by(Meeting.id)
        .limit(SHARE)
    )
    return db.session.scalars(statement.where(Meeting.id > after) if after else statement).all()


def unsaid(due: Iterable[Due]) -> list[Due]:
    """Those that nobody was told, nobody refused, and that still mean something: what was answered is not asked again."""
    rows = list(due)
    ids = {one.meeting.id for one in rows}
    told = select(Notice.kind, Notice.about, Notice.side, Notice.mark).where(Notice.about.in_(ids), Notice.kind.in_(WORDS))
    said = {tuple(row) for row in db.session.execute(told)}
    answered = set(db.session.scalars(select(Confirmation.meeting_id).where(Confirmation.meeting_id.in_(ids))))
    users = {person_of(one).user_id for one in rows}
    refusals = select(NoticeRefusal.user_id, NoticeRefusal.kind).where(NoticeRefusal.user_id.in_(users))
    refused = {tuple(row) for row in db.session.execute(refusals)}
    return [
        one for one in rows
        if one.key not in said and (person_of(one).user_id, one.kind) not in refused
        and not (one.kind == "evening" and is_answered(one, answered))
    ]  # fmt: skip


def is_answered(one: Due, answered: set[UUID]) -> bool:
    """Whether this side has said how the meeting went."""
    return one.meeting.id in answered if one.side == "mentee" else not one.meeting.is_planned


def person_of(one: Due) -> Mentor | Mentee:
    return of_side(one.meeting.pair, one.side)[0]


def send(due: Sequence[Due]) -> None:
    """Note each as said, and write it; of two workers at the same instant, one writes."""
    rows = [
        {"tenant_id": current_tenant_id(), "id": uuid7(), "kind": one.kind, "about": one.meeting.id,
         "pair_id": one.meeting.pair_id, "side": one.side, "mark": one.key[3]}
        for one in due
    ]  # fmt: skip
    if not rows:
        return
    statement = insert(Notice).on_conflict_do_nothing().returning(Notice.kind, Notice.about, Notice.side, Notice.id)
    fresh = {(kind, about, side): notice_id for kind, about, side, notice_id in db.session.execute(statement, rows)}
    mails = {fresh[one.key[:3]]: letter(one) for one in due if one.key[:3] in fresh}
    post(list(mails.values()))
    for notice in db.session.scalars(select(Notice).where(Notice.id.in_(mails))):
        notice.mail_id = mails[notice.id].id


def letter(one: Due) -> Mail:
    """The message, on the reader's own clock."""
    reader, other = of_side(one.meeting.pair, one.side)
    assert reader.email is not None
    with clock_for(reader):
        subject, lines, link, label = WORDS[one.kind](one, other)
        mail = composed(f"reminder_{one.kind}", reader.email, reader.first_name, subject, lines, link, label)
    mail.valid_until = one.meeting.starts_at if one.kind != "evening" else one.meeting.ends_at + LATE
    return mail


Written = tuple[str, list[str], str, str]  # subject, lines, link, label


def before_it(one: Due, other: Mentor | Mentee) -> Written:
    """Two days before, and two hours before."""
    day = shown(one.meeting.starts_at).date()
    if one.kind == "two_hours":
        subject = _("Tout à l'heure, avec %(name)s") if day == shown(now()).date() else _("Demain, avec %(name)s")
    else:
        subject = _("Votre prochain rendez-vous avec %(name)s")
    return (
        _(subject, name=other.first_name),
        [_("Vous avez rendez-vous avec %(name)s %(when)s.", name=other.first_name, when=when(one.meeting)), where(one.meeting),
         _("Un empêchement, du retard ? Prévenez depuis la page du rendez-vous.")],
        space_link("meetings.show", meeting_id=one.meeting.id),
        _("Voir le rendez-vous"),
    )  # fmt: skip


def that_evening(one: Due, other: Mentor | Mentee) -> Written:
    """The mentor logs, the jeune confirms: without signing in, about this meeting only."""
    is_mentor = one.side == "mentor"
    reader, _other = of_side(one.meeting.pair, one.side)
    kind, endpoint = (LOG_LINK, "meetings.log_by_link") if is_mentor else (CONFIRM_LINK, "meetings.confirm_by_link")
    token = record_token(kind, one.meeting.tenant_id, one.meeting.id, mark_of(reader.email))
    line = (
        _("Comment s'est passée la séance avec %(name)s, %(when)s ? La noter prend vingt secondes.")
        if is_mentor
        else _(
            "Vous deviez voir %(name)s %(when)s. La séance a-t-elle eu lieu ? "
            "L'association lit votre réponse ; %(name)s ne la voit pas."
        )
    )  # fmt: skip
    return (
        _("Votre séance avec %(name)s", name=other.first_name),
        [_(line, name=other.first_name, when=when(one.meeting))],
        absolute(endpoint, token=token),
        _("Noter la séance") if is_mentor else _("Répondre"),
    )


WORDS = {"two_days": before_it, "two_hours": before_it, "evening": that_evening}
