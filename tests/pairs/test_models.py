"""Dates of a pair: the same day of a later month, or that month's last day."""

from calendar import monthrange
from datetime import date
from uuid import uuid4

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.leads.calendar import add_months
from app.pairs.models import Pair
from app.people.models import Mentee, Mentor

pytestmark = pytest.mark.no_database
days, months = st.dates(date(1990, 1, 1), date(2100, 12, 31)), st.integers(0, 120)
quick = settings(deadline=None, database=None)


@quick
@given(days, months)
@example(date(2026, 8, 31), 6)
@example(date(2024, 2, 29), 12)
def test_so_many_months_later_is_in_the_right_month(day, count):
    later = add_months(day, count)

    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == count
    assert later.day == min(day.day, monthrange(later.year, later.month)[1])


@quick
@given(days, months)
def test_a_later_start_never_ends_earlier(day, count):
    following = date.fromordinal(day.toordinal() + 1)

    assert add_months(day, count) <= add_months(following, count)


@pytest.mark.parametrize(
    ("day", "count", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 6, 30), 6, date(2026, 12, 30)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 24), 0, date(2026, 11, 24)),
    ],
)
def test_a_pair_ends_as_planned(day, count, end):
    assert Pair(starts_on=day, planned_months=count).planned_end == end


def test_a_pair_is_named_after_both_with_initials():
    pair = Pair(mentee=Mentee(first_name="Inès", last_name="Ben"), mentor=Mentor(first_name="Karim", last_name="Tahar"))

    assert pair.title == "Inès B. et Karim T."


def test_a_pair_belongs_to_its_two_people_only():
    pair = Pair(mentee=Mentee(user_id=uuid4()), mentor=Mentor(user_id=uuid4()))

    assert pair.belongs_to(pair.mentee.user_id)
    assert pair.belongs_to(pair.mentor.user_id)
    assert not pair.belongs_to(uuid4())
