"""The blueprint of meetings: pages of the two of a pair and of the team, and the public pages behind personal links."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, render_template
from sqlalchemy.orm import joinedload

from app.accounts.queries import current_member
from app.database import now
from app.errors import DomainError
from app.pairs.conditions import barred_today
from app.pairs.models import Pair
from app.pairs.own import referents
from app.pairs.queries import with_people
from app.people.letters import read_as
from app.people.models import Mentee, Mentor
from app.territory.zones import clock_of
from app.translation import gettext as _
from app.web import get_or_404

from . import actions
from .forms import MoveForm, PlanForm
from .models import Meeting

bp = Blueprint("meetings", __name__)
SPACE = "/a/<slug:slug>"


def my_meeting(meeting_id: UUID) -> Meeting:
    """A meeting of one of my own pairs, or not found: nobody learns that other meetings exist. Hours are on my own clock."""
    pair = joinedload(Meeting.pair)
    people = (pair.joinedload(Pair.mentor), pair.joinedload(Pair.mentee), pair.joinedload(Pair.coordinator))
    meeting = get_or_404(Meeting, meeting_id, options=people)
    read_as(reader_of(meeting.pair))
    return meeting


def my_mentored_meeting(meeting_id: UUID) -> Meeting:
    """The same, for the mentor of the pair only."""
    meeting = my_meeting(meeting_id)
    return meeting if meeting.pair.mentor.user_id == current_member.user_id else abort(404)


def my_pair(pair_id: UUID) -> Pair:
    """One of my own pairs, or not found. Hours are on my own clock."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    read_as(reader_of(pair))
    return pair


def my_mentored_pair(pair_id: UUID) -> Pair:
    """A pair whose mentor I am."""
    pair = my_pair(pair_id)
    return pair if pair.mentor.user_id == current_member.user_id else abort(404)


def reader_of(pair: Pair) -> Mentor | Mentee:
    """Which of the two I am; not found when I am neither."""
    if not pair.belongs_to(current_member.user_id):
        abort(404)
    return pair.mentor if pair.mentor.user_id == current_member.user_id else pair.mentee


def stopped_page(pair: Pair) -> str | None:
    """The page that says why nothing can be planned today, and who sees to it; none when the two may meet."""
    if not barred_today(pair):
        return None
    return render_template("meetings/stopped.html", pair=pair, referent=referents([pair]).get(pair.id))


def moved(meeting: Meeting, form: MoveForm, zone: ZoneInfo) -> tuple[bool, Sequence[Meeting]]:
    """Whether the meeting could be moved as typed on this clock, and what else is planned then; a field says why not, or asks."""
    starts_at = form.starts_at(zone)
    actions.hold_hours(meeting.pair)
    clashes = () if form.anyway.data else actions.conflicts(meeting.pair, [starts_at], form.spot.minutes, meeting)
    if clashes:
        form.anyway.errors = [_("Un autre rendez-vous est prévu à ce moment.")]
        return False, clashes
    try:
        actions.move(meeting, starts_at, form.spot, form.word.data or "", current_member.user_id)
    except DomainError as error:
        form[error.field or "day"].errors = [str(error)]
        return False, ()
    return True, ()


def planned_as_typed(pairs: Sequence[Pair], form: PlanForm) -> tuple[Sequence[Meeting], Sequence[Meeting]]:
    """What else is planned at these moments, or what was planned; neither when a field says why not."""
    pair = pairs[0]
    starts = form.starts(clock_of(pair.mentor.departement_code), pair.mentee.departement_code)
    if not starts:
        form.until.errors = [_("Toutes ces dates tombent pendant les vacances scolaires.")]
        return (), ()
    if min(starts) + timedelta(minutes=form.spot.minutes) <= now():
        form.day.errors = [_("Cette date est passée : choisissez-en une à venir, ou notez la séance qui a eu lieu.")]
        form.is_over = True
        return (), ()
    actions.hold_hours(*pairs)
    asked = {(one.id, moment) for one in pairs for moment in starts}  # the same form again is no clash
    others_then = () if form.anyway.data else actions.conflicts(pair, starts, form.spot.minutes)
    clashes = [meeting for meeting in others_then if (meeting.pair_id, meeting.starts_at) not in asked]
    if clashes:
        form.anyway.errors = [_("Un autre rendez-vous est prévu à ce moment.")]
        return clashes, ()
    try:
        return (), actions.plan_all(pairs, starts, form.spot, current_member.user_id)
    except DomainError as error:
        form[error.field or "day"].errors = [str(error)]
        return (), ()
