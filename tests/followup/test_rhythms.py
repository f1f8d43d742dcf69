"""When somebody is to be called because of the calendar: the first month, then regularly; on the association's own clock."""

from datetime import date, timedelta

import pytest

from app.followup.settings import choose
from tests import factories

from .situations import DAY, MINUTE, moment

START = date(2027, 3, 1)  # a Monday
TWO = ["mentee", "mentor"]
ALL = ["guardian", "mentee", "mentor"]


@pytest.fixture
def due(change, refreshed, calls):
    """Whom to call, for a reason, so many days after the pair began."""
    change(starts_on=START)

    def read(kind, days, hour="12:00", **values):
        if values:
            change(**values)
        refreshed(moment(START + timedelta(days), hour))
        return [side for _kind, side in calls(kind)]

    return read


@pytest.fixture
def minor(change):
    """The jeune is 16 on the day that the pair begins, with a guardian who can be reached."""
    change("mentee", birth_date=date(2011, 3, 1), guardian_name="Nadège Parent", guardian_phone="+33612009999")


# Twice in the first month.


@pytest.mark.parametrize(
    ("days", "sides"), [(0, []), (6, []), (7, TWO), (8, TWO), (20, TWO), (21, TWO), (29, TWO), (30, []), (31, [])]
)
def test_in_the_first_month_the_first_call_is_due_from_the_seventh_day(days, sides, due):
    assert due("first_month", days) == sides


@pytest.mark.parametrize(("days", "sides"), [(20, ["mentee"]), (21, TWO), (29, TWO), (30, [])])
def test_the_second_call_is_due_from_the_twenty_first(days, sides, due, spoken):
    spoken("mentor", moment(START + 5 * DAY))

    assert due("first_month", days) == sides


def test_each_call_of_the_first_month_says_which_and_since_when(due, spoken, calls):
    spoken("mentor", moment(START + 8 * DAY))
    due("first_month", 25)

    assert calls("first_month", "since", "facts") == [
        ("first_month", "mentee", START + 7 * DAY, {"done": 0}),
        ("first_month", "mentor", START + 21 * DAY, {"done": 1}),
    ]


def test_two_calls_are_enough_for_the_first_month(due, spoken):
    for days in (7, 21):
        spoken("mentor", moment(START + days * DAY))

    assert due("first_month", 25) == ["mentee"]


@pytest.mark.parametrize(
    "values",
    [{"reached": False}, {"held_at": moment(START - DAY, "23:59")}, {"side": "guardian"}],
    ids=["in vain", "before", "other"],
)
def test_what_does_not_count_as_a_call_of_the_first_month(values, due, spoken):
    spoken(**{"side": "mentor", "held_at": moment(START + DAY), **values})

    assert due("first_month", 7) == TWO


@pytest.mark.parametrize(("hour", "counts"), [("00:00", True), ("23:59", False)])
def test_the_first_day_begins_at_midnight(hour, counts, due, spoken):
    spoken("mentor", moment(START if counts else START - DAY, hour))

    assert due("first_month", 7) == (["mentee"] if counts else TWO)


# Then regularly.


@pytest.mark.parametrize(("days", "sides"), [(29, []), (30, TWO), (90, TWO)])
def test_after_the_first_month_a_call_is_due_every_month(days, sides, due):
    assert due("contact", days) == sides


@pytest.mark.parametrize(("after", "sides"), [(29, ["mentee"]), (30, TWO)])
def test_a_contact_with_one_counts_for_this_one_only(after, sides, due, spoken):
    spoken("mentor", moment(START + 40 * DAY, "23:59"))

    assert due("contact", 40 + after) == sides


def test_a_call_says_when_the_last_contact_was(due, spoken, calls):
    spoken("mentor", moment(START + 10 * DAY))
    due("contact", 50)

    assert calls("contact", "since", "facts") == [
        ("contact", "mentee", START + 30 * DAY, {"last": None}),
        ("contact", "mentor", START + 40 * DAY, {"last": "2027-03-11"}),
    ]


def test_who_was_called_in_vain_is_still_to_be_called(due, spoken):
    spoken("mentor", moment(START + 31 * DAY), reached=False)

    assert due("contact", 32) == TWO


@pytest.mark.parametrize(("chosen", "days", "sides"), [(7, 29, []), (7, 30, TWO), (92, 91, []), (92, 92, TWO)])
def test_the_association_chooses_the_rhythm(chosen, days, sides, due, in_space, association, people):
    with in_space(association):
        choose(people.admin.user_id, contact_days=chosen)

    assert due("contact", days) == sides


# The guardian of a minor as often.


@pytest.mark.parametrize(("kind", "days"), [("first_month", 7), ("contact", 30)])
def test_the_guardian_of_a_minor_is_called_as_often(kind, days, minor, due):
    assert due(kind, days - 1) == []
    assert due(kind, days) == ALL


@pytest.mark.parametrize(
    ("phone", "email", "sides"), [(None, None, TWO), ("+33612009999", None, ALL), (None, "p@example.org", ALL)]
)
def test_a_guardian_who_cannot_be_reached_is_not_to_be_called(phone, email, sides, minor, due, change):
    change("mentee", guardian_phone=phone, guardian_email=email)

    assert due("contact", 30) == sides


BIRTHDAYS = [
    (date(2009, 4, 10), date(2027, 4, 9), True),
    (date(2009, 4, 10), date(2027, 4, 10), False),
    (date(2012, 2, 29), date(2030, 2, 28), True),  # born on a day that comes every fourth year
    (date(2012, 2, 29), date(2030, 3, 1), False),
    (date(2010, 2, 28), date(2028, 2, 27), True),
    (date(2010, 2, 28), date(2028, 2, 28), False),
    (date(2010, 3, 1), date(2028, 2, 29), True),
    (date(2010, 3, 1), date(2028, 3, 1), False),
    (None, date(2028, 3, 1), True),  # unknown: treated as a minor
]


@pytest.mark.parametrize(("birth_date", "day", "is_called"), BIRTHDAYS)
def test_a_guardian_is_called_until_the_day_before_the_jeune_is_18(
    birth_date, day, is_called, change, refreshed, calls, in_space, association
):
    change(starts_on=day - timedelta(60))
    change("mentee", birth_date=birth_date, guardian_phone="+33612009999")

    refreshed(moment(day))

    assert (("contact", "guardian") in calls("contact")) is is_called
    with in_space(association):
        assert factories.mentee(association, birth_date=birth_date).is_minor_on(day) is is_called


# On the association's own clock.

CLOCKS = ["Europe/Paris", "Indian/Reunion", "Pacific/Noumea", "Pacific/Tahiti"]
DAYS = [
    date(2027, 2, 1),  # a minute before, it is the last of January
    date(2027, 3, 1),
    date(2027, 3, 28),  # clocks go forward in Paris
    date(2027, 10, 31),  # and back
    date(2027, 1, 1),
    date(2028, 2, 29),
    date(2028, 3, 1),
]


@pytest.mark.parametrize("zone", CLOCKS)
@pytest.mark.parametrize("day", DAYS)
def test_a_call_is_due_at_the_associations_midnight(day, zone, on_clock, change, refreshed, calls):
    on_clock(zone)
    change(starts_on=day - timedelta(30))

    refreshed(moment(day, "00:00", zone) - MINUTE)
    assert calls("contact") == []

    refreshed(moment(day, "00:00", zone))
    assert calls("contact") == [("contact", "mentee"), ("contact", "mentor")]


@pytest.mark.parametrize("zone", CLOCKS)
@pytest.mark.parametrize("day", DAYS)
def test_the_day_of_a_contact_is_that_of_the_associations_clock(day, zone, on_clock, change, spoken, refreshed, calls):
    on_clock(zone)
    change(starts_on=day - timedelta(90))
    spoken("mentor", moment(day, "00:00", zone))
    spoken("mentee", moment(day, "00:00", zone) - MINUTE)

    refreshed(moment(day + 29 * DAY, "23:59", zone))

    assert calls("contact", "since") == [("contact", "mentee", day + 29 * DAY)]
