"""A series: the interval is kept, the hour stays, holidays are skipped, the number is bounded."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.meetings.recurrence import LONGEST, occurrences
from app.territory.zones import CLOCKS, PARIS, SCHOOL_ZONE_OF, clock_of, holidays_known_until, is_school_holiday

pytestmark = pytest.mark.no_database
quick = settings(deadline=None, database=None)
ZONES = sorted({PARIS, *CLOCKS.values()})
DEPARTEMENTS = sorted(SCHOOL_ZONE_OF)

days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
hours = st.times().map(lambda hour: hour.replace(second=0, microsecond=0))
zones = st.sampled_from(ZONES).map(ZoneInfo)
weeks, lengths = st.sampled_from([1, 2, 4]), st.integers(0, 420).map(lambda number: timedelta(days=number))


def exists(moment, zone):
    """Whether a clock ever shows this hour on this day."""
    return moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == moment.replace(tzinfo=None)


@quick
@given(days, hours, zones, weeks, lengths)
def test_the_interval_is_kept_from_the_first_day_to_the_last(day, hour, zone, every, length):
    first = datetime.combine(day, hour, tzinfo=zone)
    assume(exists(first, zone))

    moments = occurrences(first, every, day + length)

    local = [moment.astimezone(zone).date() for moment in moments]
    assert local[0] == day
    assert {later - sooner for sooner, later in pairwise(local)} <= {timedelta(weeks=every)}
    assert local[-1] <= day + length
    assert len(moments) == min(LONGEST, length.days // (7 * every) + 1)
    assert all(moment.tzinfo is UTC for moment in moments)


@quick
@given(days, hours, zones, weeks, lengths)
def test_the_hour_is_the_same_whatever_the_clock_does(day, hour, zone, every, length):
    moments = occurrences(datetime.combine(day, hour, tzinfo=zone), every, day + length)

    for moment in moments:
        here = moment.astimezone(zone)
        typed = datetime.combine(here.date(), hour, tzinfo=zone)
        assert here.time() == hour or not exists(typed, zone)


@quick
@given(days, hours, st.sampled_from(DEPARTEMENTS), weeks, lengths)
def test_what_is_skipped_is_what_falls_in_the_holidays_of_the_zone_and_nothing_else(day, hour, departement, every, length):
    first = datetime.combine(day, hour, tzinfo=clock_of(departement))
    assume(exists(first, first.tzinfo))

    every_one = occurrences(first, every, day + length)
    kept = occurrences(first, every, day + length, departement)

    assert kept == [m for m in every_one if not is_school_holiday(m.astimezone(first.tzinfo).date(), departement)]
    assert not any(is_school_holiday(moment.astimezone(first.tzinfo).date(), departement) for moment in kept)


@pytest.mark.parametrize("departement", ["2A", "971", "973", "974", "976", "988", None])
def test_where_the_school_calendar_is_not_known_nothing_is_skipped(departement):
    first = datetime(2026, 10, 7, 17, 30, tzinfo=clock_of(departement))

    assert occurrences(first, 1, date(2027, 3, 1), departement or "") == occurrences(first, 1, date(2027, 3, 1))


def test_beyond_the_published_calendars_nothing_is_skipped():
    first = datetime.combine(holidays_known_until() + timedelta(days=1), time(17), tzinfo=ZoneInfo(PARIS))

    assert len(occurrences(first, 1, first.date() + timedelta(weeks=52), "69")) == 53


def test_a_series_across_the_end_of_summer_time_changes_its_moment_and_not_its_hour():
    moments = occurrences(datetime(2026, 10, 21, 17, 30, tzinfo=ZoneInfo(PARIS)), 1, date(2026, 10, 28))

    assert moments == [datetime(2026, 10, 21, 15, 30, tzinfo=UTC), datetime(2026, 10, 28, 16, 30, tzinfo=UTC)]


def test_the_holidays_of_the_jeunes_own_zone_count():
    """The winter holidays of 2026: zone A from 7 February, zone C from 21 February."""
    first, until = datetime(2026, 2, 4, 17, tzinfo=ZoneInfo(PARIS)), date(2026, 3, 11)

    lyon, paris = ([moment.day for moment in occurrences(first, 1, until, where)] for where in ("69", "75"))

    assert lyon == [4, 25, 4, 11]
    assert paris == [4, 11, 18, 11]


LAST_DAYS = [
    ("29 February", date(2028, 2, 29), 4, date(2028, 5, 1), ["29/02", "28/03", "25/04"]),
    ("into a leap day", date(2028, 2, 1), 4, date(2028, 3, 1), ["01/02", "29/02"]),
    ("no leap day", date(2027, 2, 1), 4, date(2027, 3, 1), ["01/02", "01/03"]),
    ("the end of months", date(2027, 1, 31), 4, date(2027, 4, 30), ["31/01", "28/02", "28/03", "25/04"]),
    ("over the year's end", date(2026, 12, 31), 1, date(2027, 1, 7), ["31/12", "07/01"]),
    ("the last day included", date(2027, 3, 1), 2, date(2027, 3, 15), ["01/03", "15/03"]),
    ("the day before", date(2027, 3, 1), 2, date(2027, 3, 14), ["01/03"]),
    ("one day", date(2027, 3, 1), 1, date(2027, 3, 1), ["01/03"]),
    ("before it begins", date(2027, 3, 2), 1, date(2027, 3, 1), []),
]


@pytest.mark.parametrize(("first", "every", "until", "expected"), [case[1:] for case in LAST_DAYS], ids=[c[0] for c in LAST_DAYS])
def test_the_ends_of_months_and_years(first, every, until, expected):
    moments = occurrences(datetime.combine(first, time(0, 30), tzinfo=ZoneInfo(PARIS)), every, until)

    assert [f"{moment.astimezone(ZoneInfo(PARIS)):%d/%m}" for moment in moments] == expected
