"""Plan a meeting, log it, cancel it."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _

from app.database import now
from app.errors import DomainError
from app.extensions import db
from app.mail import Letter, absolute, send
from app.pairs.conditions import gate
from app.pairs.models import Pair
from app.pairs.signals import first_meeting, pair_closed, pair_paused
from app.tenants.resolve import current_tenant
from app.web import local

from .models import Meeting, MeetingState
from .queries import meetings_of

LATE = timedelta(days=60)


class CannotPlan(DomainError):
    """This meeting cannot be planned; the sentence says why."""


class NotAtHome(CannotPlan):
    """A minor is not met at home without a guardian's authorisation."""


class CannotLog(DomainError):
    """This meeting cannot be logged; the sentence says why."""


@dataclass(frozen=True)
class Account:
    """How a meeting went: its state, minutes when it was held, subjects, a note for the staff."""

    state: MeetingState
    minutes: int
    subjects: list[str] = field(default_factory=list)
    note: str | None = None


def plan(pair: Pair, starts_at: datetime, minutes: int, place: str, where: str) -> Meeting:
    """Put a meeting in both calendars. Raises CannotPlan.

    The pair is open; the day is neither before the pair's start nor over 60 days ago; at home, a guardian allows it for a minor.
    The same moment twice is one meeting.
    """
    if not pair.may_meet:
        raise CannotPlan(_("Ce binôme est en pause.") if pair.is_open else _("Ce binôme n'est pas en cours."))
    day = local(starts_at).date()
    if day < pair.starts_on:
        raise CannotPlan(_("Cette date est avant le début du binôme."))
    if starts_at < now() - LATE:
        raise CannotPlan(_("Cette date est trop ancienne : 60 jours au plus. Écrivez à l'association."))
    lacking = gate(pair.mentor_id, pair.mentee_id, day, True, pair.id) if place == "home" else ()
    if ("home", "space") in lacking:
        raise NotAtHome(_("L'association ne propose pas de rencontres à domicile."))
    if any(piece == "home" for piece, _side in lacking):
        raise NotAtHome(_("À domicile, il faut d'abord l'autorisation d'un parent, notée par l'association."))
    db.session.refresh(pair, with_for_update={"of": Pair})
    known = next((m for m in meetings_of(pair.id) if m.starts_at == starts_at and m.is_planned), None)
    if known is not None:
        return known
    meeting = Meeting(pair_id=pair.id, pair=pair, starts_at=starts_at, minutes=minutes, place=place, where=where)
    db.session.add(meeting)
    db.session.flush()  # the mail and the page name the stored row
    tell_mentee(meeting, Letter("meeting_planned", _("Un rendez-vous avec %(name)s", name=pair.mentor.first_name)))
    return meeting


def is_told(meeting: Meeting) -> bool:
    """Whether the jeune is written to about a meeting: it is to come, and they have come in."""
    mentee = meeting.pair.mentee
    return bool(meeting.starts_at > now() and mentee.email and mentee.user_id)


def tell_mentee(meeting: Meeting, letter: Letter) -> None:
    """Write to the jeune, if they are to be told; never the note."""
    address = meeting.pair.mentee.email
    if address and is_told(meeting):
        link = absolute("followup.home", slug=current_tenant.slug)
        send(letter, address, meeting=meeting, tenant=current_tenant, link=link)


def log_meeting(meeting: Meeting, account: Account, by: UUID) -> None:
    """Say how a meeting went; saying it again corrects it, up to 60 days after. Raises CannotLog."""
    if meeting.starts_at > now():
        raise CannotLog(_("Ce rendez-vous n'a pas encore commencé. S'il n'aura pas lieu, annulez-le."))
    if meeting.starts_at < now() - LATE:
        raise CannotLog(_("Ce rendez-vous a plus de 60 jours. Écrivez à l'association, qui peut le corriger."))
    meeting.state = account.state
    if account.state == MeetingState.HELD:
        meeting.minutes = account.minutes
    meeting.subjects = account.subjects if account.state == MeetingState.HELD else []
    meeting.note = account.note
    meeting.logged_at, meeting.logged_by = now(), by


def cancel(meeting: Meeting, word: str, by: UUID) -> None:
    """Call a planned meeting off and tell the jeune; twice is once. Raises CannotLog when it has been logged."""
    if meeting.state == MeetingState.CANCELLED:
        return
    if not meeting.is_planned:
        raise CannotLog(_("Ce rendez-vous a déjà eu lieu."))
    meeting.state, meeting.cancel_word = MeetingState.CANCELLED, word or None
    meeting.sequence += 1
    meeting.logged_at, meeting.logged_by = now(), by
    tell_mentee(meeting, Letter("meeting_cancelled", _("Votre rendez-vous est annulé")))


@pair_closed.connect
def cancel_what_is_left(pair: Pair) -> None:
    """A closed pair meets no more."""
    for meeting in meetings_of(pair.id):
        if meeting.is_planned and meeting.starts_at > now():
            meeting.state, meeting.sequence = MeetingState.CANCELLED, meeting.sequence + 1


@pair_paused.connect
def cancel_during_pause(pair: Pair, until: date | None) -> int:
    """What was planned before the pair goes on again does not take place; both read it in the letter about the pause. How many."""
    called_off = 0
    for meeting in meetings_of(pair.id):
        if meeting.is_planned and meeting.starts_at > now() and (until is None or local(meeting.starts_at).date() < until):
            meeting.state, meeting.sequence = MeetingState.CANCELLED, meeting.sequence + 1
            called_off += 1
    return called_off


@first_meeting.connect
def plan_first(pair: Pair, starts_at: datetime, place: str, where: str) -> None:
    """The first meeting, which somebody of the team attends."""
    plan(pair, starts_at, 60, place, where)
