"""What is written to the two of a pair about their meetings, each on their own clock."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.database import now
from app.extensions import db
from app.leads.words import PLACES
from app.mail import take_back
from app.pairs.interest import tell_team
from app.pairs.models import Pair
from app.people.letters import clock_for, space_link, write_to
from app.people.models import Mentee, Mentor
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import clock, day, read_on

from .calendar import invitation
from .models import Meeting, MeetingEvent, MeetingState

SIDES = ("mentor", "mentee")
Said = Callable[[Mentor | Mentee, Mentor | Mentee], tuple[str, Sequence[str]]]  # reader, the other -> subject, lines


def of_side(pair: Pair, side: str) -> tuple[Mentor | Mentee, Mentor | Mentee]:
    """One of the two, and the other one."""
    return (pair.mentor, pair.mentee) if side == "mentor" else (pair.mentee, pair.mentor)


def is_told(pair: Pair, side: str) -> bool:
    """Whether one of the two is written to."""
    reader, _other = of_side(pair, side)
    return reader.is_told


def tell(
    kind: str,
    meeting: Meeting,
    said: Said,
    method: str | None,
    sides: Sequence[str] = SIDES,
    until: datetime | None = None,
    with_series: bool = False,
) -> None:
    """Write about a meeting to come to each side that can be told, with what changes in their calendar.

    It leaves before the meeting begins, or until a moment. It may be about a whole series, by its last meeting.
    """
    until = until or meeting.starts_at
    if until <= now():
        return
    link, label = space_link("meetings.show", meeting_id=meeting.id), _("Voir le rendez-vous")
    if with_series:
        link, label = space_link("meetings.index", _anchor=series_of(meeting)), _("Voir mes rendez-vous")
    for side in sides:
        if is_told(meeting.pair, side):
            reader, other = of_side(meeting.pair, side)
            with clock_for(reader):
                subject, lines = said(reader, other)
                calendar = invitation(meeting, reader, method) if method else None
                write_to(kind, reader.email, reader.first_name, subject, lines, link, label, calendar, until)


def tell_of_pair(kind: str, pair: Pair, side: str, said: Said, endpoint: str, label: str) -> None:
    """Write to one of the two about what is not one meeting to come."""
    if is_told(pair, side):
        reader, other = of_side(pair, side)
        with clock_for(reader):
            subject, lines = said(reader, other)
            write_to(kind, reader.email, reader.first_name, subject, lines, space_link(endpoint), label)


def series_of(meeting: Meeting) -> str:
    """How links name a series: brothers and sisters may share one."""
    return f"{meeting.series_id}-{meeting.pair_id}"


def take_letters_back(meeting: Meeting, *addresses: str | None) -> None:
    """What was written there of a meeting and has not left yet, while a mail server was down, is not true any more.

    What was written of a whole series is taken back with the last of its meetings that stood.
    """
    take_back(meeting.id, *addresses)
    if meeting.series_id and meeting.is_called_off:
        of_series = Meeting.series_id == meeting.series_id, Meeting.pair_id == meeting.pair_id
        stands = select(Meeting.id).where(*of_series, Meeting.state == MeetingState.PLANNED, Meeting.starts_at > now())
        if db.session.scalar(stands.limit(1)) is None:
            take_back(series_of(meeting), *addresses)


def former(meeting: Meeting, *named: datetime) -> list[str]:
    """The other moments to come at which it was planned: who read of none since, for that letter never left, would go there."""
    moves = MeetingEvent.meeting_id == meeting.id, MeetingEvent.what == "moved"
    before = map(datetime.fromisoformat, db.session.scalars(select(MeetingEvent.before["starts_at"].astext).where(*moves)))
    moments = [at(moment) for moment in sorted({*before} - {meeting.starts_at, *named}) if moment > now()]
    return [_("Ce qui était prévu avant ne compte plus : %(moments)s.", moments=" ; ".join(moments))] if moments else []


def at(moment: datetime) -> str:
    """« mercredi 2 décembre, à 17 h 30 », on the reader's clock."""
    return _("%(day)s, à %(time)s", day=day(moment), time=clock(moment))


def when(meeting: Meeting) -> str:
    """When a meeting begins, in the same words."""
    return at(meeting.starts_at)


def where(meeting: Meeting) -> str:
    """« À distance : https://visio.example.org/x »."""
    place = str(PLACES[meeting.place])
    return _("%(place)s : %(where)s", place=place, where=meeting.where) if meeting.where else place


def tell_first(pair: Pair, planned: Sequence[Meeting], by: UUID | None) -> None:
    """Somebody of the team is at a first meeting: they are told of one that the two planned by themselves."""
    if not planned or by is None or not pair.belongs_to(by):
        return
    first = min(meeting.starts_at for meeting in planned)
    if first <= now():
        return
    stands = Meeting.pair_id == pair.id, Meeting.state.in_((MeetingState.PLANNED, MeetingState.HELD))
    if db.session.scalar(select(func.count()).where(*stands, Meeting.starts_at < first)):
        return
    with read_on(current_tenant.zone):
        when = {"day": day(first), "time": clock(first)}
    line = _(
        "%(pair)s se rencontrent %(day)s à %(time)s. Si quelqu'un de l'équipe y vient, dites-le aux deux.", pair=pair.title, **when
    )
    tell_team(pair, _("Une première rencontre est prévue"), line)
