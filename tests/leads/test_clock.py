"""When an association is reminded, and when its time is over: to the day, whatever the département rests on."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.leads import clock
from app.leads.calendar import add_working_days, is_working_day, working_days_between
from app.leads.clock import Duty, due, reached
from app.leads.models import Lead

from .requests_at_work import ASKED, EVE, HALF, LAST, LATE

pytestmark = pytest.mark.no_database
DAY = timedelta(days=1)
GOOD_FRIDAY = date(2027, 3, 26)
BY_GRANTED = {"departement_code": "69", "state": "received"}

days = st.dates(date(2026, 1, 1), date(2030, 12, 31))
counts = st.integers(1, 60)
places = st.sampled_from(["69", "57", "67", "68", "971", "972", "974", "976", "2A", "988"])


def asked(on=ASKED, count=5, **changes):
    """A request whose clock was started on a day, for so many working days."""
    lead = Lead(**{**BY_GRANTED, **changes})
    clock.start(lead, on, count)
    return lead


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (ASKED, None),
        (HALF - DAY, None),
        (HALF, Duty.HALF),
        (EVE - 3 * DAY, Duty.HALF),  # a Friday
        (EVE - DAY, Duty.HALF),  # a Sunday
        (EVE, Duty.EVE),
        (LAST, Duty.DEADLINE),
        (LATE, Duty.OVERDUE),
        (LATE + 100 * DAY, Duty.OVERDUE),
    ],
)
def test_each_step_begins_on_its_day(day, expected):
    lead = asked()

    assert reached(lead, day) == due(lead, day) == expected


@pytest.mark.parametrize(
    ("count", "steps"),
    [
        (1, [Duty.EVE, Duty.DEADLINE, Duty.OVERDUE]),
        (2, [None, Duty.EVE, Duty.DEADLINE, Duty.OVERDUE]),
        (3, [None, Duty.HALF, Duty.EVE, Duty.DEADLINE]),
    ],
)
def test_a_short_clock_skips_what_has_no_day_of_its_own(count, steps):
    lead = asked(date(2026, 11, 23), count)

    assert [reached(lead, date(2026, 11, 23) + rank * DAY) for rank in range(4)][: len(steps)] == steps


def test_a_weekend_belongs_to_the_friday_before_it():
    lead = asked(date(2026, 11, 20), 1)  # from Friday to Monday

    assert [reached(lead, date(2026, 11, day)) for day in (20, 21, 22, 23, 24)] == [*[Duty.EVE] * 3, Duty.DEADLINE, Duty.OVERDUE]


def test_a_friday_without_an_answer_is_overdue_on_saturday():
    lead = asked(date(2026, 11, 20), 5)

    assert [reached(lead, date(2026, 11, day)) for day in (26, 27, 28)] == [Duty.EVE, Duty.DEADLINE, Duty.OVERDUE]


@pytest.mark.parametrize("state", ["waiting", "oriented", "moved", "accepted", "withdrawn", "lapsed"])
def test_who_owes_no_answer_has_no_clock(state):
    assert reached(asked(state=state), LATE) is None


def test_a_request_without_a_date_is_never_due():
    assert reached(Lead(**BY_GRANTED, answer_by=None), LATE) is None


def test_a_request_that_does_not_say_since_when_is_reminded_the_day_before():
    lead = Lead(**BY_GRANTED, answer_by=LAST)

    assert [reached(lead, day) for day in (ASKED, EVE - DAY, EVE, LAST, LATE)] == [
        None, None, Duty.EVE, Duty.DEADLINE, Duty.OVERDUE,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("reminded", "day", "expected"),
    [
        ("half", HALF, None),
        ("half", EVE, Duty.EVE),
        ("half", LAST, Duty.DEADLINE),
        ("deadline", EVE, None),
        ("eve", EVE, None),
        ("deadline", LAST, None),
        ("deadline", LATE, Duty.OVERDUE),
        (None, LATE, Duty.OVERDUE),
    ],
)
def test_only_what_was_not_done_is_due_and_only_the_furthest(reminded, day, expected):
    lead = asked()
    lead.reminded = reminded

    assert due(lead, day) == expected


@pytest.mark.parametrize(
    ("departement", "day", "works"),
    [
        ("69", date(2027, 7, 14), False),
        ("971", date(2027, 7, 14), False),
        ("69", GOOD_FRIDAY, True),
        ("57", GOOD_FRIDAY, False),
        ("67", GOOD_FRIDAY, False),
        ("68", GOOD_FRIDAY, False),
        ("69", date(2028, 12, 26), True),
        ("57", date(2028, 12, 26), False),
        ("67", date(2028, 12, 26), False),
        ("971", date(2027, 5, 27), False),
        ("974", date(2027, 5, 27), True),
        ("974", date(2027, 12, 20), False),
        ("971", date(2027, 12, 20), True),
        ("69", date(2027, 12, 20), True),
        (None, date(2027, 12, 20), True),
    ],
)
def test_a_departement_rests_on_its_own_days(departement, day, works):
    assert is_working_day(day, departement) is works


@pytest.mark.parametrize(
    ("departement", "answer_by"), [("69", date(2027, 3, 26)), ("57", date(2027, 3, 30)), ("68", date(2027, 3, 30))]
)
def test_good_friday_gives_one_day_more_in_alsace_and_moselle(departement, answer_by):
    assert asked(date(2027, 3, 25), 1, departement_code=departement).answer_by == answer_by


@pytest.mark.parametrize(
    ("start", "count", "departement", "end"),
    [
        (date(2026, 11, 24), -1, None, date(2026, 11, 23)),
        (date(2026, 11, 23), -1, None, date(2026, 11, 20)),
        (date(2026, 11, 22), -1, None, date(2026, 11, 20)),
        (date(2026, 11, 12), -1, None, date(2026, 11, 10)),
        (date(2027, 7, 15), -2, None, date(2027, 7, 12)),
        (date(2027, 3, 30), -1, "69", date(2027, 3, 26)),
        (date(2027, 3, 30), -1, "67", date(2027, 3, 25)),
        (date(2027, 12, 21), -1, "974", date(2027, 12, 17)),
    ],
)
def test_working_days_are_counted_backwards_too(start, count, departement, end):
    assert add_working_days(start, count, departement) == end


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        (date(2026, 11, 24), date(2026, 11, 24), 0),
        (date(2026, 11, 24), date(2026, 11, 25), 1),
        (date(2026, 11, 27), date(2026, 11, 29), 0),
        (date(2026, 11, 27), date(2026, 11, 30), 1),
        (date(2026, 11, 30), date(2026, 11, 27), 0),
    ],
)
def test_the_first_day_is_not_counted_and_the_last_one_is(first, last, count):
    assert working_days_between(first, last) == count


def test_more_time_starts_the_reminders_anew():
    lead = asked()
    lead.reminded = "eve"

    clock.extend(lead, EVE, 15)

    assert (lead.answer_by, lead.clock_from, lead.reminded) == (date(2026, 12, 21), EVE, None)


def test_more_time_is_never_less_than_what_was_left():
    lead = asked(count=20)
    before = lead.answer_by

    clock.extend(lead, HALF, 1)

    assert (lead.answer_by, reached(lead, HALF + DAY)) == (before, None)


def test_what_had_no_date_is_given_one():
    lead = Lead(**BY_GRANTED)

    clock.extend(lead, ASKED, 5)

    assert lead.answer_by == LAST


@settings(deadline=None, max_examples=60)
@given(days, counts, places)
def test_so_many_working_days_later_is_a_working_day_and_so_many_are_between(day, count, where):
    end = add_working_days(day, count, where)

    assert is_working_day(end, where)
    assert working_days_between(day, end, where) == count


@settings(deadline=None, max_examples=60)
@given(days, counts, places)
def test_going_and_coming_back_leads_to_the_same_working_day(day, count, where):
    day = add_working_days(day, 1, where)

    assert add_working_days(add_working_days(day, count, where), -count, where) == day


@settings(deadline=None, max_examples=60)
@given(days, counts, places)
def test_the_steps_follow_each_other_and_none_is_missed(day, count, where):
    lead = asked(day, count, departement_code=where)
    span = (lead.answer_by - day).days + 3

    seen = [reached(lead, day + rank * DAY) for rank in range(span)]

    ranks = [clock.ORDER.index(step) if step else -1 for step in seen]
    assert ranks == sorted(ranks)
    assert {Duty.EVE, Duty.DEADLINE, Duty.OVERDUE} <= set(seen)
    assert (Duty.HALF in seen) is (count >= 3)
    assert seen.count(Duty.DEADLINE) == 1
    assert reached(lead, lead.answer_by) == Duty.DEADLINE


@settings(deadline=None, max_examples=60)
@given(days, counts, places)
def test_whoever_looks_every_day_is_told_each_step_once(day, count, where):
    lead, told = asked(day, count, departement_code=where), []

    for rank in range((lead.answer_by - day).days + 1):
        step = due(lead, day + rank * DAY)
        if step is not None:
            told.append(step)
            lead.reminded = step

    assert told == [Duty.HALF, Duty.EVE, Duty.DEADLINE][count < 3 :]


@settings(deadline=None, max_examples=60)
@given(days, counts, st.integers(0, 90), counts, places)
def test_more_time_never_takes_time_away(day, count, later, more, where):
    lead = asked(day, count, departement_code=where)
    before = lead.answer_by

    clock.extend(lead, day + later * DAY, more)

    assert lead.answer_by >= before
    assert working_days_between(day + later * DAY, lead.answer_by, where) >= more
    assert is_working_day(lead.answer_by, where)
