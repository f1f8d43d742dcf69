"""What is written to the two of a pair about their meetings, each on their own clock."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from app.database import now
from app.extensions import db
from app.leads.words import PLACES
from app.mail import Mail, MailState
from app.pairs.interest import tell_team
from app.pairs.models import Pair
from app.people.letters import clock_for, space_link, write_to
from app.people.models import Mentee, Mentor
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import clock, day, read_on

from .calendar import invitation
from .models import Meeting, MeetingState
from .notice_models import Notice

SIDES = ("mentor", "mentee")
Said = Callable[[Mentor | Mentee, Mentor | Mentee], tuple[str, Sequence[str]]]  # reader, the other -> subject, lines


def of_side(pair: Pair, side: str) -> tuple[Mentor | Mentee, Mentor | Mentee]:
    """One of the two, and the other one."""
    return (pair.mentor, pair.mentee) if side == "mentor" else (pair.mentee, pair.mentor)


def is_told(pair: Pair, side: str) -> bool:
    """Whether one of the two is written to."""
    reader, _other = of_side(pair, side)
    return reader.is_told


def tell(kind: str, meeting: Meeting, said: Said, method: str | None, sides: Sequence[str] = SIDES) -> None:
    """Write about a meeting to come to each side that can be told, with what changes in their calendar."""
    if meeting.starts_at <= now():
        return
    for side in sides:
        if is_told(meeting.pair, side):
            reader, other = of_side(meeting.pair, side)
            with clock_for(reader):
                subject, lines = said(reader, other)
                calendar = invitation(meeting, reader, method) if method else None
                link = space_link("meetings.show", meeting_id=meeting.id)
                write_to(kind, reader.email, reader.first_name, subject, lines, link, _("Voir le rendez-vous"), calendar)


def tell_of_pair(kind: str, pair: Pair, side: str, said: Said, endpoint: str, label: str, until: datetime | None = None) -> None:
    """Write to one of the two about what is not one meeting to come; it leaves until a moment only."""
    if is_told(pair, side):
        reader, other = of_side(pair, side)
        with clock_for(reader):
            subject, lines = said(reader, other)
            write_to(kind, reader.email, reader.first_name, subject, lines, space_link(endpoint), label, until=until)


def take_reminders_back(meeting: Meeting) -> None:
    """What was written of a meeting and has not left yet, while a mail server was down, is not true any more."""
    reminders = select(Notice.mail_id).where(Notice.about == meeting.id)
    db.session.execute(update(Mail).where(Mail.state == MailState.WAITING, Mail.id.in_(reminders)).values(valid_until=now()))


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
