"""From which day pairs are to be called that do not meet, whose objectives are to be looked at, to whom something was promised."""

from datetime import date, timedelta

import pytest

from app.extensions import db
from app.followup.settings import choose
from app.pairs.life import pause, resume
from app.pairs.models import ObjectiveReview
from tests import factories

from .situations import DAY, HOUR, MINUTE, at, contact, moment, situation

START = date(2027, 3, 1)


@pytest.fixture
def silent(change, refreshed, calls):
    """Which silence is said, so many days after the pair began."""
    change(starts_on=START)

    def read(days, hour="12:00"):
        refreshed(moment(START + timedelta(days), hour))
        return [kind for kind, _side in calls() if kind in {"no_meeting", "long_silence"}]

    return read


@pytest.fixture
def meet(in_space, association, people):
    """The two have a meeting at a moment."""

    def write(starts_at, state="held", **values):
        with in_space(association):
            factories.meeting(situation(association, people.pair), state=state, starts_at=starts_at, **values)

    return write


EDGES = [(29, []), (30, ["no_meeting"]), (59, ["no_meeting"]), (60, ["long_silence"]), (400, ["long_silence"])]


@pytest.mark.parametrize(("days", "said"), EDGES)
def test_a_pair_that_never_met_is_silent_from_the_30th_day_and_in_danger_from_the_60th(days, said, silent):
    assert silent(days) == said


@pytest.mark.parametrize(("days", "said"), EDGES)
def test_silence_counts_from_the_last_meeting_that_was_held(days, said, silent, meet):
    meet(moment(START + 10 * DAY, "23:59"))
    meet(moment(START + 2 * DAY))

    assert silent(10 + days) == said


@pytest.mark.parametrize("state", ["planned", "missed", "cancelled"])
def test_what_was_not_held_breaks_no_silence(state, silent, meet):
    meet(moment(START + 20 * DAY), state)

    assert silent(30) == ["no_meeting"]


@pytest.mark.parametrize(
    ("chosen", "days", "said"), [(14, 13, []), (14, 14, ["no_meeting"]), (14, 28, ["long_silence"]), (90, 89, [])]
)
def test_the_association_chooses_when_a_silence_is_said(chosen, days, said, silent, in_space, association, people):
    with in_space(association):
        choose(people.admin.user_id, meeting_days=chosen)

    assert silent(days) == said


@pytest.mark.parametrize(
    ("met", "facts"), [(None, {"met": None, "back": False}), (START + 5 * DAY, {"met": "2027-03-06", "back": False})]
)
def test_a_silence_says_since_when(met, facts, silent, meet, calls):
    if met:
        meet(moment(met))

    silent(40)

    assert calls("no_meeting", "since", "facts") == [("no_meeting", "mentor", met or START, facts)]


def test_a_pair_that_comes_back_from_a_pause_has_its_time(silent, meet, calls, in_space, association, people):
    meet(moment(START + 5 * DAY))
    with in_space(association), at(moment(START + 10 * DAY)):
        pause(situation(association, people.pair), "exams", None, people.admin.user_id)
    assert silent(200) == []

    with in_space(association), at(moment(START + 210 * DAY)):
        resume(situation(association, people.pair), people.admin.user_id)

    assert [silent(days) for days in (210, 211, 239)] == [[], [], []]
    assert silent(240) == ["no_meeting"]
    assert calls("no_meeting", "since", "facts") == [
        ("no_meeting", "mentor", START + 210 * DAY, {"met": "2027-03-06", "back": True})
    ]


def test_a_pause_leaves_contacts_in_peace_too_and_its_end_begins_again(change, refreshed, calls, in_space, association, people):
    change(starts_on=START)
    with in_space(association), at(moment(START + 35 * DAY)):
        pause(situation(association, people.pair), "exams", None, people.admin.user_id)
    refreshed(moment(START + 100 * DAY))
    assert calls() == []

    with in_space(association), at(moment(START + 110 * DAY)):
        resume(situation(association, people.pair), people.admin.user_id)
    refreshed(moment(START + 139 * DAY))
    assert calls("contact") == []

    refreshed(moment(START + 140 * DAY))
    assert [side for _kind, side in calls("contact")] == ["mentee", "mentor"]


def test_a_pair_that_is_being_closed_is_still_followed(silent, change, calls):
    change(state="closing")

    assert silent(60) == ["long_silence"]
    assert [side for _kind, side in calls("contact")] == ["mentee", "mentor"]


# A point on the objectives.

REVIEWS = [
    (date(2027, 3, 1), date(2027, 5, 31), None),
    (date(2027, 3, 1), date(2027, 6, 1), 3),
    (date(2027, 3, 1), date(2027, 8, 31), 3),
    (date(2027, 3, 1), date(2027, 9, 1), 6),
    (date(2027, 11, 30), date(2028, 2, 28), None),
    (date(2027, 11, 30), date(2028, 2, 29), 3),  # no 30 February
    (date(2026, 11, 30), date(2027, 2, 27), None),
    (date(2026, 11, 30), date(2027, 2, 28), 3),
    (date(2028, 2, 29), date(2028, 5, 29), 3),
    (date(2027, 3, 1), date(2028, 4, 3), 6),  # 399 days
    (date(2027, 3, 1), date(2028, 4, 4), None),
]


@pytest.mark.parametrize(("start", "day", "month"), REVIEWS)
def test_a_review_is_due_after_three_months_and_after_six(start, day, month, change, refreshed, calls):
    change(starts_on=start)

    refreshed(moment(day))

    assert [facts["month"] for _kind, _side, facts in calls("review", "facts")] == ([month] if month else [])


@pytest.mark.parametrize(
    ("held_on", "month", "is_due"),
    [(date(2027, 4, 30), 3, True), (date(2027, 5, 1), 3, False), (date(2027, 7, 31), 6, True), (date(2027, 8, 1), 6, False)],
)
def test_a_review_that_was_held_a_month_before_or_later_counts(
    held_on, month, is_due, change, refreshed, calls, in_space, association, people
):
    change(starts_on=START)
    with in_space(association):
        db.session.add(
            ObjectiveReview(pair_id=people.pair.id, month=month, held_on=held_on, states={}, noted_by=people.admin.user_id)
        )

    refreshed(moment(date(2027, 6, 2) if month == 3 else date(2027, 9, 2)))

    assert bool(calls("review")) is is_due


@pytest.mark.parametrize("state", ["paused", "closing"])
def test_no_review_is_asked_of_a_pair_that_rests_or_ends(state, change, refreshed, calls):
    change(starts_on=START, state=state)

    refreshed(moment(date(2027, 6, 2)))

    assert calls("review") == []


# What comes next.


@pytest.mark.parametrize(
    ("hour", "said"), [(moment(date(2027, 4, 1), "00:00") - MINUTE, []), (moment(date(2027, 4, 1), "00:00"), ["mentor"])]
)
def test_what_was_promised_is_due_on_its_day(hour, said, change, spoken, refreshed, calls):
    change(starts_on=START)
    spoken("mentor", moment(START + 10 * DAY), next_on=date(2027, 4, 1), next_step="Rappeler au sujet du stage")

    refreshed(hour)

    assert [side for _kind, side in calls("next_step")] == said


LATER = {
    "they spoke": ({}, []),
    "in vain": ({"reached": False}, [START + 20 * DAY]),
    "put off": ({"reached": False, "next_on": START + 25 * DAY}, [START + 25 * DAY]),
    "put off far": ({"reached": False, "next_on": START + 60 * DAY}, []),
    "with the other": ({"side": "mentee"}, [START + 20 * DAY]),
}


@pytest.mark.parametrize("what", LATER)
def test_a_later_contact_keeps_the_promise_or_moves_it(what, change, spoken, refreshed, calls):
    values, days = LATER[what]
    change(starts_on=START)
    spoken("mentor", moment(START + 10 * DAY), next_on=START + 20 * DAY, next_step="Rappeler")
    spoken(**{"side": "mentor", "held_at": moment(START + 10 * DAY) + HOUR, **values})

    refreshed(moment(START + 30 * DAY))

    assert [since for _kind, _side, since in calls("next_step", "since")] == days


def test_a_promise_without_a_step_is_to_call_again(in_space, association, people, admin, refreshed):
    with in_space(association):
        contact(people.pair, people.admin.user_id, next_on=factories.today())

    refreshed()

    assert ": rappeler" in admin.page("/a/passerelle/").text.replace("\u00a0", " ")


def test_a_contact_of_the_same_minute_keeps_the_promise_of_the_one_before(change, spoken, refreshed, calls):
    change(starts_on=START)
    spoken("mentor", moment(START + 10 * DAY), next_on=START + 20 * DAY)
    spoken("mentor", moment(START + 10 * DAY))

    refreshed(moment(START + 30 * DAY))

    assert calls("next_step") == []
