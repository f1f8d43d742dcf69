"""Plan meetings, one or a series, for one pair or for brothers and sisters at once; move one; call it off."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from app.database import hold_row, now, one_at_a_time, uuid7
from app.errors import DomainError
from app.extensions import db
from app.pairs import life
from app.pairs.conditions import barred, missing_at_home
from app.pairs.interest import tell_danger
from app.pairs.models import Pair
from app.pairs.signals import death_undone, gate_asked, pair_closed, pair_paused, pair_stopped
from app.pairs.words import DEATH
from app.people.models import Mentee, Mentor
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import day, duration, local, today

from .letters import at, take_reminders_back, tell, tell_first, when, where
from .models import Meeting, MeetingEvent, MeetingState, Offer
from .queries import coming_of, meetings_of, overlapping
from .refusals import CannotPlan, gated, refuse_another, refuse_impossible, refuse_night, refuse_too_many
from .settings import settings
from .signals import barred_called_off, meetings_set


class CannotCancel(DomainError):
    """This meeting cannot be called off; the sentence says why."""


CANCELLED = ("meeting_cancelled",) * 2  # the kind of the letter to each of the two


@dataclass(frozen=True)
class Spot:
    """How long, in minutes, in what kind of place, and where exactly."""

    minutes: int
    place: str
    where: str = ""


def note(meeting: Meeting, what: str, by: UUID | None, **before: Any) -> None:
    """Write a moment of the meeting's history."""
    db.session.add(MeetingEvent(meeting_id=meeting.id, what=what, user_id=by, before=before))


def hold_hours(pair: Pair, *others: Pair) -> None:
    """The pairs as they are now, and their mentor's hours, who may have more pairs: whoever takes one meanwhile waits."""
    life.lock_all({pair, *others})
    one_at_a_time("meetings", pair.mentor_id)


def plan(pair: Pair, starts_at: datetime, minutes: int, place: str, where: str, by: UUID | None = None) -> Meeting:
    """Put a meeting in both calendars. Raises CannotPlan.

    The pair is open; the day is neither before the pair's start nor over 60 days ago; at home, a guardian allows it for a minor.
    The same moment twice is one meeting.
    """
    return plan_all([pair], [starts_at], Spot(minutes, place, where), by)[0]


def plan_all(
    pairs: Sequence[Pair], starts: Sequence[datetime], spot: Spot, by: UUID | None = None, more: str = ""
) -> Sequence[Meeting]:
    """Plan each of these moments for each of these pairs: a series, a visit to brothers and sisters, or both. Raises CannotPlan.

    `more` is said in the letter to both.
    """
    typed, spot = spot, replace(spot, where=spot.where or made_link(spot.place))
    series = uuid7() if len(starts) > 1 else None
    planned: list[Meeting] = []
    for pair in sorted(pairs, key=lambda one: one.id):  # the locks are taken in one order
        life.locked(pair)
        refuse_impossible(pair, starts, spot.place)
        refuse_night(pair, starts, spot.minutes)
        known = {m.starts_at: m for m in meetings_of(pair.id, Meeting.state == MeetingState.PLANNED, Meeting.starts_at.in_(starts))}
        refuse_another(known.values(), typed.minutes, typed.place, typed.where)
        refuse_too_many(pair, len(set(starts) - set(known)))
        with gated():  # the mail and the page name the stored rows
            fresh = [make(pair, moment, spot, series) for moment in starts if moment not in known]
        for meeting in fresh:
            note(meeting, "planned", by)
        end_wishes(pair.id)
        tell_planned(fresh, more)
        tell_first(pair, fresh, by)
        planned += [known[moment] for moment in starts if moment in known] + fresh
    if len(pairs) > 1:
        meet_at_once(planned)
    return planned


def meet_at_once(planned: Sequence[Meeting]) -> None:
    """What is planned for brothers and sisters at one moment is one visit, also where one of them was planned before."""
    for moment in {meeting.starts_at for meeting in planned}:
        rows = [meeting for meeting in planned if meeting.starts_at == moment]
        visit = next((meeting.visit_id for meeting in rows if meeting.visit_id), None) or uuid7()
        for meeting in rows:
            meeting.visit_id = visit


def make(pair: Pair, starts_at: datetime, spot: Spot, series: UUID | None = None) -> Meeting:
    """A planned meeting."""
    meeting = Meeting(
        pair_id=pair.id,
        pair=pair,
        starts_at=starts_at,
        minutes=spot.minutes,
        place=spot.place,
        where=spot.where,
        series_id=series,
    )
    db.session.add(meeting)
    return meeting


def made_link(place: str) -> str:
    """A room of its own on the association's video server, that nobody can guess; nothing elsewhere, or without a server."""
    server = settings().video_server
    return f"{server.rstrip('/')}/binome-{secrets.token_hex(10)}" if place == "remote" and server else ""


def tell_planned(meetings: Sequence[Meeting], more: str = "") -> None:
    """Write to both: one letter for a meeting, with its invitation; one for a series, which calendars read from their feed."""
    coming = [meeting for meeting in meetings if meeting.starts_at > now()]
    if not coming:
        return
    meetings_set.send(coming, kind="meeting_planned")
    first = coming[0]
    if len(coming) == 1:
        first.series_id = None  # alone to come, it is invited like any other
        for side, kind in (("mentee", "meeting_planned"), ("mentor", "meeting_mine")):
            tell(kind, first, lambda reader, other: (
                _("Un rendez-vous avec %(name)s", name=other.first_name),
                [_("Un rendez-vous avec %(name)s est prévu %(when)s.", name=other.first_name, when=when(first)), where(first),
                 _("Durée : %(time)s.", time=duration(first.minutes)), *filter(None, [more])],
            ), "REQUEST", (side,))  # fmt: skip
        return
    for side, kind in (("mentee", "meeting_planned"), ("mentor", "meeting_mine")):
        tell(kind, first, lambda reader, other: (
            _("Des rendez-vous avec %(name)s", name=other.first_name),
            [
                _("%(count)s rendez-vous avec %(name)s sont prévus :", count=len(coming), name=other.first_name),
                *(when(meeting) for meeting in coming),
                where(first),
                _("Votre espace donne une adresse d'agenda : votre téléphone les reçoit tous, et suit les changements."),
            ],
        ), None, (side,))  # fmt: skip


def conflicts(pair: Pair, starts: Sequence[datetime], minutes: int, but: Meeting | None = None) -> Sequence[Meeting]:
    """The mentor's other meetings, with whomever, that would be at the same time.

    Brothers and sisters met at once are one, as long as they are: at another moment, one of them is met alone.
    """
    found = overlapping(pair, starts, minutes)
    visit = but.visit_id if but is not None and list(starts) == [but.starts_at] else None
    return [m for m in found if but is None or (m.id != but.id and (visit is None or m.visit_id != visit))]


def move(meeting: Meeting, starts_at: datetime, spot: Spot, word: str, by: UUID) -> None:
    """Another time or place; both are told, and their calendars follow. The same again changes nothing. Raises CannotPlan."""
    life.locked(meeting.pair)  # what a gate, or a pause, calls off at this instant is seen, or sees this
    hold_row(meeting)
    spot = Spot(spot.minutes, spot.place, spot.where or made_link(spot.place))
    if not meeting.is_planned:
        raise CannotPlan(_("Ce rendez-vous n'est plus prévu : il a été annulé, ou il a eu lieu."))
    if (meeting.starts_at, meeting.minutes, meeting.place, meeting.where) == (starts_at, spot.minutes, spot.place, spot.where):
        return
    if meeting.starts_at <= now():
        raise CannotPlan(_("Ce rendez-vous a déjà commencé : dites plutôt comment il s'est passé."))
    if starts_at <= now():
        raise CannotPlan(_("Choisissez un moment à venir."))
    refuse_impossible(meeting.pair, [starts_at], spot.place)
    refuse_night(meeting.pair, [starts_at], spot.minutes)
    old, was = meeting.starts_at, meeting.place
    before = {"starts_at": old.isoformat(), "place": was, "where": meeting.where}
    note(meeting, "moved", by, minutes=meeting.minutes, **before, **({"word": word} if word else {}))
    read_danger(meeting.pair, by, word)
    take_reminders_back(meeting)
    if meeting.starts_at != starts_at:
        meeting.mentor_late = meeting.mentee_late = None
        meeting.set_at, meeting.visit_id = now(), None  # brothers and sisters are not met at once any more
    with gated():  # the invitation reads when it was changed
        meeting.starts_at, meeting.minutes, meeting.place, meeting.where = starts_at, spot.minutes, spot.place, spot.where
        meeting.sequence += 1
    end_wishes(meeting.pair_id)
    meetings_set.send([meeting], kind="meeting_moved", was=was)
    tell("meeting_moved", meeting, lambda reader, other: (
        _("Votre rendez-vous avec %(name)s change", name=other.first_name),
        [said_moved(meeting, other.first_name, old), where(meeting), *([f"« {word} »"] if word else [])],
    ), "REQUEST")  # fmt: skip


def said_moved(meeting: Meeting, name: str, old: datetime) -> str:
    """What changes, with the moment that no longer counts when it is another."""
    new = when(meeting)
    if meeting.starts_at == old:
        return _("Votre rendez-vous avec %(name)s reste prévu %(when)s ; sa durée ou son lieu changent.", name=name, when=new)
    moved = _("Votre rendez-vous avec %(name)s, qui était prévu %(before)s, est maintenant prévu %(when)s.")
    return moved % {"name": name, "before": at(old), "when": new}


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


def read_danger(pair: Pair, by: UUID | None, word: str) -> None:
    """The team learns today of a word that alarms, of one of the two to the other."""
    if by is not None and pair.belongs_to(by):
        tell_danger(pair, pair.side_of(by), word)


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
             *said_by(meeting.pair, reader, by), *said],
        ), method, (side,))  # fmt: skip


def call_off(meeting: Meeting, by: UUID | None = None, word: str = "", in_silence: bool = False) -> bool:
    """It does not take place; whether both hold an invitation to it, which is to be taken back: one of a series has none."""
    is_invited = meeting.series_id is None or meeting.sequence > 0
    take_reminders_back(meeting)
    note(meeting, "cancelled", by, **({"word": word} if word else {}), **({"in_silence": is_invited} if in_silence else {}))
    meeting.state, meeting.sequence, meeting.cancel_word = MeetingState.CANCELLED, meeting.sequence + 1, word or None
    end_wishes(meeting.pair_id)
    return is_invited


def end_wishes(pair_id: UUID) -> None:
    """Another time was found, proposed or given up: who only asked for one waits no more."""
    wishes = (Offer.pair_id == pair_id, Offer.state == "open", func.cardinality(Offer.starts) == 0)
    db.session.execute(update(Offer).where(*wishes).values(state="ended"))


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
