"""How a meeting went: said by the mentor, corrected with its history, confirmed by the jeune; what both say is for the team only.

The mentor has 60 days to say it, and 30 days from then to correct it; the association's staff may always.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import insert

from app.database import hold_row, now, uuid7
from app.errors import DomainError
from app.extensions import db
from app.pairs import life
from app.pairs.models import Pair, PairState
from app.people.erased import refuse_erased
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _
from app.web import iso_day, local

from .actions import Spot, conflicts, hold_hours, make, note
from .models import LATE, Confirmation, Meeting, MeetingEvent, MeetingState
from .queries import meetings_of
from .refusals import refuse_impossible, refuse_unplanned
from .signals import meeting_confirmed, meeting_logged

SOON_OVER = timedelta(hours=1)
CORRECTABLE = timedelta(days=30)


class CannotLog(DomainError):
    """This meeting cannot be logged; the sentence says why."""


@dataclass(frozen=True)
class Account:
    """How a meeting went: its state, minutes when it was held, subjects, place, a note for the staff."""

    state: MeetingState
    minutes: int
    subjects: list[str] = field(default_factory=list)
    note: str | None = None
    place: str | None = None


def log_meeting(meeting: Meeting, account: Account, by: UUID, also: Sequence[Pair] = (), as_staff: bool = False) -> None:
    """Say how a meeting went, for brothers and sisters too; saying it again corrects it. Raises CannotLog, CannotPlan or Erased."""
    life.locked(meeting.pair)  # what is undone at this instant is seen, or sees this
    hold_row(meeting)
    if meeting.pair.state == PairState.DROPPED:
        raise CannotLog(_("Ce binôme n'a pas eu lieu : il n'y a pas de séance à noter."))
    refuse_late(meeting, as_staff)
    refuse_unfinished(meeting, account)
    refuse_after_end(meeting, account)
    if account.note:  # figures may still be said, they name nobody
        refuse_erased(meeting.pair.mentee)
    if not as_staff:
        refuse_after_all(meeting, account)
    write(meeting, account, by)
    for pair in also:
        together(meeting, pair, account, by, as_staff)


def refuse_late(meeting: Meeting, as_staff: bool) -> None:
    """Raise CannotLog for what has not begun, and for what only staff may still say."""
    if meeting.starts_at > now():
        raise CannotLog(_("Ce rendez-vous n'a pas encore commencé. S'il n'aura pas lieu, annulez-le."))
    if as_staff:
        return
    if meeting.first_logged_at is None and meeting.starts_at < now() - LATE:
        raise CannotLog(_("Ce rendez-vous a plus de 60 jours. Écrivez à l'association, qui peut le corriger."))
    if meeting.first_logged_at is not None and meeting.first_logged_at < now() - CORRECTABLE:
        raise CannotLog(_("Ce compte rendu a plus de 30 jours. Écrivez à l'association, qui peut le corriger."))


def refuse_unfinished(meeting: Meeting, account: Account) -> None:
    """Raise CannotLog when a meeting is said to have lasted longer than planned, and until later than now: it is certified."""
    if account.state == MeetingState.HELD and account.minutes > meeting.minutes:
        refuse_to_come(meeting.starts_at, account.minutes)


def refuse_to_come(starts_at: datetime, minutes: int) -> None:
    """Raise CannotLog for minutes that cannot have passed yet; one may note a meeting an hour before its end."""
    if starts_at + timedelta(minutes=minutes) > now() + SOON_OVER:
        raise CannotLog(_("Ce rendez-vous ne peut pas avoir déjà duré autant. Notez-le quand il sera fini."))


def refuse_after_end(meeting: Meeting, account: Account) -> None:
    """Raise CannotLog when a pair is said to have met after its last day, by which its hours are certified."""
    last = meeting.pair.closed_on
    if account.state == MeetingState.HELD and last is not None and local(meeting.starts_at).date() > last:
        raise CannotLog(_("Ce binôme s'est terminé le %(day)s : voyez avec l'association.", day=iso_day(last.isoformat())))


def refuse_after_all(meeting: Meeting, account: Account) -> None:
    """Raise CannotPlan when a pair that may not meet is said to have met after all: it was called off, or had not taken place."""
    if account.state == MeetingState.HELD and meeting.state not in {MeetingState.PLANNED, MeetingState.HELD}:
        refuse_unplanned(meeting.pair)


def said_of(meeting: Meeting, account: Account) -> dict[str, Any]:
    """What a meeting's columns say once this account is written."""
    is_held = account.state == MeetingState.HELD
    return {
        "state": str(account.state),
        "minutes": account.minutes if is_held else meeting.minutes,
        "subjects": account.subjects if is_held else [],
        "place": account.place or meeting.place,
        "note": account.note,
    }


def is_said(meeting: Meeting, account: Account) -> bool:
    """Whether exactly this was said already."""
    said = said_of(meeting, account)
    return meeting.first_logged_at is not None and {name: getattr(meeting, name) for name in said} == said


def write(meeting: Meeting, account: Account, by: UUID) -> None:
    """Keep what was said before, then what is said now; the same again changes nothing."""
    if is_said(meeting, account):
        return
    said = said_of(meeting, account)
    before = {name: getattr(meeting, name) for name in said}
    note(meeting, "corrected" if meeting.first_logged_at else "logged", by, **before)
    meeting.planned_minutes, meeting.planned_place = meeting.as_planned
    for name, value in said.items():
        setattr(meeting, name, value)
    meeting.logged_at, meeting.logged_by = now(), by
    meeting.first_logged_at = meeting.first_logged_at or meeting.logged_at
    db.session.flush()  # whoever listens reads it
    meeting_logged.send(meeting)


def together(meeting: Meeting, pair: Pair, account: Account, by: UUID, as_staff: bool) -> None:
    """The same visit, for another pair of the same mentor: their meeting of that moment, or one that was not planned.

    What was said of theirs alone is not written over: it is corrected on its own page. Raises CannotLog.
    """
    visit = meeting.visit_id
    meeting.visit_id = meeting.visit_id or uuid7()
    life.locked(pair)
    day = local(meeting.starts_at).date()
    near = Meeting.starts_at.between(meeting.starts_at - timedelta(days=1), meeting.starts_at + timedelta(days=1))
    known = meetings_of(pair.id, or_(Meeting.visit_id == meeting.visit_id, near))
    same = [m for m in known if m.visit_id == meeting.visit_id or (m.starts_at == meeting.starts_at and not was_removed(m))]
    same += [m for m in known if m.is_planned and m.starts_at <= now() and local(m.starts_at).date() == day]
    twin = same[0] if same else unplanned(pair, meeting.starts_at, meeting.minutes, meeting.place)
    if is_said(twin, account):
        twin.visit_id = meeting.visit_id
        return
    refuse_late(twin, as_staff)
    if twin.first_logged_at and (visit is None or twin.visit_id != visit):
        name = pair.mentee.first_name
        raise CannotLog(_("La séance avec %(name)s est déjà notée autrement : corrigez-la sur sa propre page.", name=name))
    refuse_after_all(twin, account)
    twin.visit_id = meeting.visit_id
    write(twin, account, by)


def redate(meeting: Meeting, starts_at: datetime, by: UUID, as_staff: bool = False) -> None:
    """It took place at another moment, for the brothers and sisters who were there too; the same again changes nothing.

    Raises CannotLog for a moment to come, before the pair began or after its end, or at which something else is noted.
    """
    rows = of_visit(meeting)
    hold_hours(meeting.pair, *(row.pair for row in rows))
    for row in rows:
        hold_row(row)
    if meeting.starts_at == starts_at:
        return
    for row in rows:
        refuse_late(row, as_staff)
    if starts_at > now():
        raise CannotLog(_("Ce moment n'est pas encore passé."))
    if not as_staff and starts_at < now() - LATE:
        raise CannotLog(_("Cette date est trop ancienne : 60 jours au plus. Écrivez à l'association."))
    for row in rows:
        refuse_outside(row.pair, local(starts_at).date())
    taken = [other for other in conflicts(meeting.pair, [starts_at], meeting.minutes) if other not in rows]
    if any(other.state == MeetingState.HELD or other.starts_at == starts_at for other in taken):
        raise CannotLog(_("Une autre séance est déjà notée à ce moment."))
    for row in rows:
        note(row, "moved", by, starts_at=row.starts_at.isoformat(), place=row.place, where=row.where, minutes=row.minutes)
        row.starts_at, row.sequence = starts_at, row.sequence + 1
        db.session.flush()  # whoever listens reads it
        meeting_logged.send(row)


def of_visit(meeting: Meeting) -> Sequence[Meeting]:
    """A meeting and those of the brothers and sisters who were there too."""
    if meeting.visit_id is None:
        return [meeting]
    same = Meeting.visit_id == meeting.visit_id, Meeting.state.in_((MeetingState.HELD, MeetingState.PLANNED))
    rows = db.session.scalars(select(Meeting).where(or_(Meeting.id == meeting.id, and_(*same))).order_by(Meeting.pair_id))
    return rows.all()


def refuse_outside(pair: Pair, day: date) -> None:
    """Raise CannotLog for a day on which the pair was not under way."""
    if day < pair.starts_on or (pair.closed_on is not None and day > pair.closed_on):
        raise CannotLog(_("Ce jour-là, le binôme n'était pas en cours."))


def remove(meeting: Meeting, by: UUID) -> bool:
    """It was noted twice: this one counts for nothing any more, and nobody is asked about it. Whether it had been noted."""
    life.locked(meeting.pair)
    hold_row(meeting)
    if meeting.first_logged_at is None:
        return False
    note(meeting, "removed", by, minutes=meeting.minutes, state=meeting.state)
    meeting.state, meeting.sequence = MeetingState.CANCELLED, meeting.sequence + 1
    meeting.first_logged_at = meeting.logged_at = meeting.visit_id = None
    meeting.logged_by = by  # a late page of who had noted it is somebody else's
    db.session.flush()
    meeting_logged.send(meeting)
    return True


def was_removed(meeting: Meeting) -> bool:
    """Whether the team took it away, for it had been noted twice."""
    events = select(MeetingEvent.id).where(MeetingEvent.meeting_id == meeting.id, MeetingEvent.what == "removed")
    return meeting.is_called_off and db.session.scalar(events.limit(1)) is not None


def clash(meeting: Meeting, account: Account, also: Sequence[Pair] = ()) -> bool:
    """Whether the mentor has already said that another meeting was held at this moment, with somebody who was not there too."""
    if account.state != MeetingState.HELD:
        return False
    found = conflicts(meeting.pair, [meeting.starts_at], account.minutes, meeting)
    return any(other.state == MeetingState.HELD and other.pair not in also for other in found)


def unplanned(pair: Pair, starts_at: datetime, minutes: int, place: str, as_staff: bool = False) -> Meeting:
    """A meeting that took place without having been planned. Raises CannotPlan."""
    refuse_impossible(pair, [starts_at], place, as_staff)
    if starts_at > now():
        raise CannotLog(_("Cette séance n'a pas encore eu lieu : prévoyez-la plutôt."))
    refuse_to_come(starts_at, minutes)
    meeting = make(pair, starts_at, Spot(minutes, place))
    db.session.flush()  # its history names it
    return meeting


def log_unplanned(pair: Pair, starts_at: datetime, account: Account, by: UUID, as_staff: bool = False) -> Meeting:
    """Say how a meeting went that was not planned; of the same moment, the one that is known.

    What was said of it before is not written over from a blank form: the same again changes nothing, something else is a
    correction, on its own page. Raises CannotLog or CannotPlan.
    """
    life.locked(pair)
    known = meetings_of(pair.id, Meeting.starts_at == starts_at, Meeting.state != MeetingState.CANCELLED)
    if known and known[0].first_logged_at and not is_said(known[0], account):
        raise CannotLog(_("Une séance est déjà notée à ce moment : ouvrez-la, dans la liste des rendez-vous, pour la corriger."))
    meeting = known[0] if known else unplanned(pair, starts_at, account.minutes, account.place or "remote", as_staff)
    log_meeting(meeting, account, by, as_staff=as_staff)
    return meeting


def confirm(meeting: Meeting, was_held: bool, face: int | None = None) -> Confirmation:
    """The jeune says whether it took place, and how it felt if they like; again, the last word counts. Raises CannotLog."""
    if meeting.starts_at > now():
        raise CannotLog(_("Ce rendez-vous n'a pas encore commencé."))
    if meeting.is_called_off:
        raise CannotLog(_("Ce rendez-vous a été annulé."))
    if meeting.starts_at < now() - LATE:
        raise CannotLog(_("Ce rendez-vous a plus de 60 jours. Écrivez à l'association."))
    values = {"was_held": was_held, "face": face if was_held else None}
    row = {"tenant_id": current_tenant_id(), "id": uuid7(), "meeting_id": meeting.id, **values}
    statement = insert(Confirmation).values(**row)
    statement = statement.on_conflict_do_update(index_elements=["tenant_id", "meeting_id"], set_={**values, "updated_at": now()})
    confirmation = db.session.scalars(statement.returning(Confirmation), execution_options={"populate_existing": True}).one()
    meeting_confirmed.send(meeting, confirmation=confirmation)
    return confirmation


def may_confirm(meeting: Meeting, moment: datetime) -> bool:
    """Whether the jeune may say something of a meeting: it was not called off, and is not too old."""
    return meeting.starts_at >= moment - LATE and not meeting.is_called_off


def confirmation_of(meeting: Meeting) -> Confirmation | None:
    """What the jeune said of a meeting."""
    return db.session.scalar(select(Confirmation).where(Confirmation.meeting_id == meeting.id))


def disagree(meeting: Meeting, confirmation: Confirmation | None) -> bool:
    """Whether one of the two says that it took place and the other that it did not."""
    if confirmation is None or meeting.first_logged_at is None:
        return False
    return (meeting.state == MeetingState.HELD) is not confirmation.was_held
