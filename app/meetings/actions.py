"""Plan meetings, one or a series, for one pair or for brothers and sisters at once; move one."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, update

from app.database import hold_row, now, one_at_a_time, uuid7
from app.extensions import db
from app.pairs import life
from app.pairs.interest import tell_danger
from app.pairs.models import Pair
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import duration

from .letters import at, former, take_letters_back, tell, tell_first, when, where
from .models import Meeting, MeetingEvent, MeetingState, Offer
from .queries import meetings_of, overlapping
from .refusals import CannotPlan, gated, refuse_another, refuse_impossible, refuse_night, refuse_too_many
from .settings import settings
from .signals import meetings_set


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
    typed, spot = spot, replace(spot, where=spot.where or known_where(spot.place))
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


def known_where(place: str) -> str:
    """Where it is when nobody said: the association's premises; a room of its own on its video server, that nobody can guess."""
    if place == "association":
        return current_tenant.address
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
        tell(kind, coming[-1], lambda reader, other: (
            _("Des rendez-vous avec %(name)s", name=other.first_name),
            [
                _("%(count)s rendez-vous avec %(name)s sont prévus :", count=len(coming), name=other.first_name),
                *(when(meeting) for meeting in coming),
                where(first),
                _("Votre espace donne une adresse d'agenda : votre téléphone les reçoit tous, et suit les changements."),
            ],
        ), None, (side,), with_series=True)  # fmt: skip


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
    spot = Spot(spot.minutes, spot.place, spot.where or known_where(spot.place))
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
    take_letters_back(meeting, meeting.pair.mentor.email, meeting.pair.mentee.email)
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
        [said_moved(meeting, other.first_name, old), *former(meeting, old), where(meeting), *([f"« {word} »"] if word else [])],
    ), "REQUEST")  # fmt: skip


def said_moved(meeting: Meeting, name: str, old: datetime) -> str:
    """What changes, with the moment that no longer counts when it is another."""
    new = when(meeting)
    if meeting.starts_at == old:
        return _("Votre rendez-vous avec %(name)s reste prévu %(when)s ; sa durée ou son lieu changent.", name=name, when=new)
    moved = "Votre rendez-vous avec %(name)s, qui était prévu %(before)s, est maintenant prévu %(when)s."
    return _(moved, name=name, before=at(old), when=new)


def read_danger(pair: Pair, by: UUID | None, word: str) -> None:
    """The team learns today of a word that alarms, of one of the two to the other."""
    if by is not None and pair.belongs_to(by):
        tell_danger(pair, pair.side_of(by), word)


def end_wishes(pair_id: UUID) -> None:
    """Another time was found, proposed or given up: who only asked for one waits no more."""
    wishes = (Offer.pair_id == pair_id, Offer.state == "open", func.cardinality(Offer.starts) == 0)
    db.session.execute(update(Offer).where(*wishes).values(state="ended"))
