"""What follow-up adds to a pair's page, and what it hears from the packages below."""

from collections.abc import Sequence

from flask import render_template
from markupsafe import Markup

from app.meetings.models import Meeting
from app.meetings.signals import attending_named, barred_called_off, late_said, meeting_confirmed, meeting_logged, meetings_set
from app.pairs.models import Pair
from app.pairs.own import is_own_pair
from app.pairs.signals import has_met, pair_begun, pair_closed, pair_ending, pair_reopened, pair_shown, pair_stopped
from app.web import lower_first, today

from . import guardians
from .calls import ToCall, health_of
from .contacts import open_and_said
from .rules import HEARD, URGENT, refresh
from .words import HEALTH, HEALTH_TONES, HOWS, PATHS, SIDES, why


@pair_shown.connect
def follow_up_panel(pair: Pair) -> tuple[str, Markup]:
    """On a pair's page: how it fares and why, what was said last; before all else when somebody said that something is wrong."""
    if is_own_pair(pair):
        return "first", Markup("")
    calls, contacts = open_and_said(pair)
    is_urgent = any(call.kind in URGENT and not (call.snoozed_until and call.snoozed_until > today()) for call in calls)
    health = health_of(calls)
    is_new = health == "well" and not any(contact.reached for contact, _author in contacts) and not has_met(pair)
    panel = render_template(
        "followup/panel.html", pair=pair, row=ToCall(pair, calls), is_urgent=is_urgent, is_new=is_new, health=health, words=HEALTH,
        tones=HEALTH_TONES, contacts=contacts, hows=HOWS, sides=SIDES, paths=PATHS,
    )  # fmt: skip
    return "urgent" if is_urgent else "first", Markup(panel)  # noqa: S704  (a rendered template)


@meeting_logged.connect
def after_log(meeting: Meeting) -> None:
    """What the mentor says may answer, or raise, a call."""
    refresh([meeting.pair_id])


@meeting_confirmed.connect
def after_confirmation(meeting: Meeting, confirmation: object) -> None:
    """What the jeune says may raise a call."""
    refresh([meeting.pair_id])


@barred_called_off.connect
def after_gate(pair: Pair, meetings: Sequence[Meeting]) -> None:
    """What stops a pair is the team's to call about, at once."""
    refresh([pair.id])


@attending_named.connect
def after_naming(pair: Pair) -> None:
    """The first meeting is not planned without the team any more."""
    refresh([pair.id])


@pair_begun.connect
def welcome_guardian(pair: Pair) -> None:
    """Whoever represents a minor receives the link to their page."""
    guardians.invite(pair, is_new=True)


@meetings_set.connect
def tell_of_meetings(meetings: Sequence[Meeting], kind: str, was: str = "") -> None:
    """And learns when they meet in person."""
    guardians.tell_meetings(meetings, kind, was)


@late_said.connect
def tell_of_lateness(meeting: Meeting, side: str, minutes: int) -> None:
    """And that somebody waits for the mentor."""
    if side == "mentor":
        guardians.tell_late(meeting, minutes)


@pair_ending.connect
def what_is_urgent(pair: Pair) -> list[str]:
    """Whoever closes a pair reads first who asked for help, or said that something is wrong, and was not called back."""
    calls, _contacts = open_and_said(pair)
    return [f"{SIDES[call.side]} : {lower_first(why(call.kind, call.facts, call.since))}" for call in calls if call.kind in HEARD]


@pair_closed.connect
def end_calls(pair: Pair) -> None:
    """Nobody is called for what was to do in a pair that is over, and whoever represents a minor learns that it is."""
    refresh([pair.id])
    guardians.tell_end(pair)


@pair_stopped.connect
def tell_it_stops(pair: Pair) -> None:
    """And, where it ends as a precaution, from the first day."""
    guardians.tell_stop(pair)


@pair_reopened.connect
def tell_it_goes_on(pair: Pair) -> None:
    """Or that it is not after all."""
    guardians.tell_again(pair)
