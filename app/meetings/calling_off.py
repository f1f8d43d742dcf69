"""Call meetings off: one, the rest of a series, or what may not be any more; both are told."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from app.database import hold_row, now
from app.errors import DomainError
from app.extensions import db
from app.pairs import life
from app.pairs.conditions import barred, missing_at_home
from app.pairs.models import Pair
from app.pairs.signals import death_undone, gate_asked, pair_closed, pair_paused, pair_stopped
from app.pairs.words import DEATH
from app.people.models import Mentee, Mentor
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import day, local, today

from .actions import end_wishes, note, read_danger
from .letters import former, take_letters_back, tell, when
from .models import Meeting, MeetingEvent, MeetingState, Offer
from .queries import coming_of
from .signals import barred_called_off, meetings_set


class CannotCancel(DomainError):
    """This meeting cannot be called off; the sentence says why."""


CANCELLED = ("meeting_cancelled",) * 2  # the kind of the letter to each of the two


def cancel(meeting: Meeting, word: str, by: UUID) -> int:
    """Call a planned meeting off and tell both; twice is once. One. Raises CannotCancel once it has begun."""
    life.locked(meeting.pair)  # a pause, or an end, calls off at this instant what this one sees
    hold_row(meeting)
    if meeting.is_called_off:
        if word and word != meeting.cancel_word:
            raise CannotCancel(_("Ce rendez-vous vient d'être annulé, et votre mot n'est pas parti : écrivez-le dans un message."))
        return 1
    if not meeting.is_planned or meeting.starts_at <= now():
        raise CannotCancel(_("Ce rendez-vous a déjà commencé : dites plutôt comment il s'est passé."))
    return cancel_all([meeting], word, by)


def cancel_rest(meeting: Meeting, word: str, by: UUID) -> int:
    """Call off this meeting and the later ones of its series, in one letter to each. How many."""
    life.locked(meeting.pair)
    hold_row(meeting)
    rest = select(Meeting).where(
        Meeting.starts_at >= max(meeting.starts_at, now()),
        Meeting.state == MeetingState.PLANNED,
        Meeting.series_id == meeting.series_id,
        Meeting.pair_id == meeting.pair_id,
    )
    as_they_are = rest.order_by(Meeting.starts_at).with_for_update(of=Meeting).execution_options(populate_existing=True)
    rows = db.session.scalars(as_they_are).all() if meeting.series_id else ()
    return cancel_all(rows, word, by) if rows else cancel(meeting, word, by)


def cancel_all(meetings: Sequence[Meeting], word: str, by: UUID | None) -> int:
    """Call these planned meetings of a pair off and tell both; only who does it may refuse the letter. How many."""
    pair = meetings[0].pair
    kinds = ["meeting_mine" if by and person.user_id == by else "meeting_cancelled" for person in (pair.mentor, pair.mentee)]
    invited = [meeting for meeting in meetings if call_off(meeting, by, word)]
    db.session.flush()  # the invitation reads when it was changed
    tell_all_cancelled(meetings, invited, by, word, kinds)
    read_danger(pair, by, word)
    return len(meetings)


def tell_all_cancelled(
    meetings: Sequence[Meeting],
    invited: Sequence[Meeting],
    by: UUID | None = None,
    word: str = "",
    kinds: Sequence[str] = CANCELLED,
) -> None:
    """Write to both, once for each that they were invited to and once for all the others of a series."""
    pair = meetings[0].pair
    meetings_set.send(meetings, kind="meeting_cancelled")
    said = [f"« {word} »"] if word else []
    for meeting in invited:
        tell_cancelled(meeting, "CANCEL", by, said, kinds)
    others = [meeting for meeting in meetings if meeting not in invited]
    if len(others) == 1:
        tell_cancelled(others.pop(), None, by, said, kinds)
    for side, kind in zip(("mentor", "mentee"), kinds, strict=True) if others else ():
        tell(kind, others[-1], lambda reader, other: (
            _("Des rendez-vous sont annulés"),
            [_("Ces rendez-vous avec %(name)s sont annulés :", name=other.first_name), *map(when, others),
             *said_by(pair, reader, by), *said],
        ), None, (side,))  # fmt: skip


def said_by(pair: Pair, reader: Mentor | Mentee, by: UUID | None) -> Sequence[str]:
    """Who called it off, for one of the two; nothing when nobody did, or the reader themself."""
    if by is None or by == reader.user_id:
        return ()
    person = next((one for one in (pair.mentor, pair.mentee) if one.user_id == by), None)
    return [_("Annulé par %(name)s.", name=person.first_name if person else current_tenant.name)]


def tell_cancelled(
    meeting: Meeting,
    method: str | None,
    by: UUID | None = None,
    said: Sequence[str] = (),
    kinds: Sequence[str] = CANCELLED,
) -> None:
    """Write to both that a meeting does not take place, and take it out of the calendars that were invited to it."""
    for side, kind in zip(("mentor", "mentee"), kinds, strict=True):
        tell(kind, meeting, lambda reader, other: (
            _("Votre rendez-vous du %(day)s est annulé", day=day(meeting.starts_at)),
            [_("Le rendez-vous avec %(name)s, prévu %(when)s, est annulé.", name=other.first_name, when=when(meeting)),
             *former(meeting), *said_by(meeting.pair, reader, by), *said],
        ), method, (side,))  # fmt: skip


def call_off(meeting: Meeting, by: UUID | None = None, word: str = "", in_silence: bool = False) -> bool:
    """It does not take place; whether both hold an invitation to it, which is to be taken back: one of a series has none."""
    is_invited = meeting.series_id is None or meeting.sequence > 0
    note(meeting, "cancelled", by, **({"word": word} if word else {}), **({"in_silence": is_invited} if in_silence else {}))
    meeting.state, meeting.sequence, meeting.cancel_word = MeetingState.CANCELLED, meeting.sequence + 1, word or None
    mentor, mentee = meeting.pair.mentor, meeting.pair.mentee
    take_letters_back(meeting, mentor.email, mentee.email, mentee.guardian_email if in_silence else None)
    end_wishes(meeting.pair_id)
    return is_invited


def called_off(pair: Pair, among: Callable[[Meeting], bool]) -> int:
    """Call off what is to come of a pair; another letter says why. How many."""
    rows = [meeting for meeting in coming_of(pair.id) if among(meeting)]
    invited = [meeting for meeting in rows if call_off(meeting)]
    db.session.flush()  # the invitation reads when it was changed
    meetings_set.send(rows, kind="meeting_cancelled")
    for meeting in invited:
        tell_cancelled(meeting, "CANCEL")
    end_offers(pair)
    return len(rows)


def end_offers(pair: Pair) -> None:
    """Nobody chooses among times that were proposed any more."""
    for offer in db.session.scalars(select(Offer).where(Offer.pair_id == pair.id, Offer.state == "open")):
        offer.state = "ended"


@gate_asked.connect
def cancel_barred(pair: Pair) -> None:
    """What may not be any more is called off; both are told that it does not take place, and not why."""
    coming = coming_of(pair.id)
    days = {meeting.id: local(meeting.starts_at).date() for meeting in coming}
    bars = barred(pair, [*days.values(), today()])
    homes = not_at_home(pair, {meeting.id: days[meeting.id] for meeting in coming if meeting.place == "home"})
    barred_ones = [meeting for meeting in coming if meeting.id in homes or days[meeting.id] in bars]
    if barred_ones:
        cancel_all(barred_ones, "", None)
    if barred_ones or today() in bars:
        end_offers(pair)  # neither chooses, nor answers with a word
    barred_called_off.send(pair, meetings=barred_ones)


def not_at_home(pair: Pair, days: Mapping[UUID, date]) -> set[UUID]:
    """The meetings at home, of these on their days, that somebody, or the association, does not allow."""
    lacking = missing_at_home(pair, days.values()) if days else {}
    return {key for key, day in days.items() if any(piece == "home" for piece, _side in lacking.get(day, ()))}


@pair_closed.connect
def cancel_what_is_left(pair: Pair) -> None:
    """A closed pair meets no more; when one of the two died, nothing is written."""
    if pair.closure_reason != DEATH:
        called_off(pair, lambda _meeting: True)
        return
    for meeting in coming_of(pair.id):
        call_off(meeting, in_silence=True)
    end_offers(pair)


@death_undone.connect
def tell_what_was_called_off(pair: Pair) -> None:
    """The death was a mistake: what it had called off in silence, and is still to come, does not take place, and both are told."""
    silent = MeetingEvent.what == "cancelled", MeetingEvent.before.has_key("in_silence")
    of_pair = Meeting.pair_id == pair.id, Meeting.state == MeetingState.CANCELLED, Meeting.starts_at > now()
    both = select(Meeting, MeetingEvent).join(MeetingEvent, MeetingEvent.meeting_id == Meeting.id)
    rows = db.session.execute(both.where(*silent, *of_pair).order_by(Meeting.starts_at)).all()
    if rows:
        tell_all_cancelled(
            [meeting for meeting, _event in rows], [meeting for meeting, event in rows if event.before["in_silence"]]
        )
    for _meeting, event in rows:
        event.before = {}  # it is said now


@pair_stopped.connect
def cancel_at_once(pair: Pair) -> None:
    """A pair ends as a precaution: both are told that what was planned does not take place, and not why."""
    if coming := coming_of(pair.id):
        cancel_all(coming, "", None)
    end_offers(pair)


@pair_paused.connect
def cancel_during_pause(pair: Pair, until: date | None) -> int:
    """What was planned before the pair goes on again does not take place; both read it in the letter about the pause. How many."""
    return called_off(pair, lambda meeting: until is None or local(meeting.starts_at).date() < until)
