"""« Je serai en retard »: one of the two says it in two taps, and whoever waits for them learns it at once."""

from uuid import UUID

from sqlalchemy import select

from app.database import now
from app.errors import DomainError
from app.extensions import db
from app.pairs import life
from app.pairs.models import other_side
from app.translation import gettext as _
from app.web import clock

from .actions import note
from .letters import tell
from .models import Meeting, MeetingState
from .signals import late_said


class CannotBeLate(DomainError):
    """Nobody waits; the sentence says why."""


def announce(meeting: Meeting, side: str, minutes: int, by: UUID) -> None:
    """Say how late one of the two will be: the other is written to. The same, or less, changes nothing. Raises CannotBeLate.

    A mentor who meets brothers and sisters at once is late for all of them.
    """
    life.locked(meeting.pair)
    together = Meeting.visit_id == meeting.visit_id if meeting.visit_id and side == "mentor" else Meeting.id == meeting.id
    awaited = select(Meeting).where(together, Meeting.state == MeetingState.PLANNED).order_by(Meeting.id)
    rows = db.session.scalars(awaited.with_for_update(of=Meeting).execution_options(populate_existing=True)).all()
    if meeting not in rows or not (meeting.late[side] or meeting.late_by_at(now(), side)):
        raise CannotBeLate(_("Personne n'est prévenu : ce rendez-vous est passé, annulé, ou dans plus de deux heures."))
    for row in rows:
        if minutes in row.late_by_at(now(), side):
            setattr(row, f"{side}_late", minutes)
            note(row, "late", by, minutes=minutes)
            tell_late(row, side, minutes)


def tell_late(meeting: Meeting, side: str, minutes: int) -> None:
    """Write to the other one, and to whoever represents a minor who waits for their mentor somewhere."""
    line = _("%(name)s pense avoir environ %(count)d minutes de retard au rendez-vous de %(time)s.")
    tell("meeting_late", meeting, lambda _reader, late: (
        _("%(name)s sera en retard", name=late.first_name),
        [_(line, name=late.first_name, count=minutes, time=clock(meeting.starts_at))],
    ), None, (other_side(side),), meeting.ends_at)  # fmt: skip
    late_said.send(meeting, side=side, minutes=minutes)
