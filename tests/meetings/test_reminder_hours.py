"""When a reminder is due: to the second at its edges, and by day only on each one's own clock, whatever the meeting's hour."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.meetings.models import Meeting
from app.meetings.reminders import AFTER, EVENING, LAST_HOUR, is_awake, time_of
from app.territory.zones import CLOCKS, PARIS

pytestmark = pytest.mark.no_database
quick = settings(deadline=None, database=None)
zones = st.sampled_from(sorted({PARIS, *CLOCKS.values()})).map(ZoneInfo)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2029, 12, 31)).map(  # noqa: DTZ001  (the next step names the zone)
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)
)
lengths = st.sampled_from([5, 30, 60, 90, 120, 600])
HOUR = timedelta(hours=1)


def meeting_at(starts_at, minutes=60):
    return Meeting(starts_at=starts_at, minutes=minutes)


@quick
@given(moments, lengths, zones, st.sampled_from(["two_days", "two_hours", "evening"]))
def test_every_reminder_is_due_by_day(starts_at, minutes, zone, kind):
    assert is_awake(time_of(kind, meeting_at(starts_at, minutes), zone), zone)


@quick
@given(moments, zones)
def test_two_days_before_is_that_or_the_next_morning(starts_at, zone):
    due = time_of("two_days", meeting_at(starts_at), zone)

    assert timedelta() <= due - (starts_at - 48 * HOUR) <= 13 * HOUR


@quick
@given(moments, zones)
def test_two_hours_before_is_that_or_the_evening_before_and_never_later(starts_at, zone):
    due = time_of("two_hours", meeting_at(starts_at), zone)

    assert timedelta() <= (starts_at - 2 * HOUR) - due <= 13 * HOUR


@quick
@given(moments, lengths, zones)
def test_the_evening_is_after_the_end_at_seven_or_the_next_morning(starts_at, minutes, zone):
    meeting = meeting_at(starts_at, minutes)
    due = time_of("evening", meeting, zone).astimezone(zone)

    assert due >= meeting.ends_at + AFTER
    assert due.time() >= EVENING or due.hour == 8 or due.date() > (meeting.ends_at + AFTER).astimezone(zone).date()
    assert due - meeting.ends_at <= 24 * HOUR


def paris(text):
    return datetime.strptime(f"2027 {text}", "%Y %d/%m %H:%M").replace(tzinfo=ZoneInfo(PARIS)).astimezone(UTC)


HOURS = [
    ("two_days", "17/03 17:30", "15/03 17:30"),
    ("two_days", "17/03 08:00", "15/03 08:00"),
    ("two_days", "17/03 07:59", "15/03 08:00"),
    ("two_days", "17/03 20:59", "15/03 20:59"),
    ("two_days", "17/03 21:00", "16/03 08:00"),
    ("two_days", "17/03 23:30", "16/03 08:00"),
    ("two_days", "29/03 10:00", "27/03 09:00"),  # summer time began meanwhile: 48 hours are 48 hours
    ("two_hours", "17/03 17:30", "17/03 15:30"),
    ("two_hours", "17/03 10:00", "17/03 08:00"),
    ("two_hours", "17/03 09:59", "16/03 20:00"),
    ("two_hours", "17/03 06:00", "16/03 20:00"),
    ("two_hours", "17/03 22:59", "17/03 20:59"),
    ("two_hours", "17/03 23:00", "17/03 20:00"),
    ("two_hours", "17/03 00:30", "16/03 20:00"),
    ("two_hours", "28/03 10:00", "28/03 08:00"),
    ("evening", "17/03 17:30", "17/03 19:00"),
    ("evening", "17/03 09:00", "17/03 19:00"),
    ("evening", "17/03 18:00", "17/03 19:15"),
    ("evening", "17/03 19:44", "17/03 20:59"),
    ("evening", "17/03 19:45", "18/03 08:00"),
    ("evening", "17/03 23:30", "18/03 19:00"),
]


@pytest.mark.parametrize(("kind", "starts_at", "due"), HOURS)
def test_the_hour_of_each_reminder_in_paris(kind, starts_at, due):
    assert time_of(kind, meeting_at(paris(starts_at)), ZoneInfo(PARIS)) == paris(due)


PLACES = [
    ("Indian/Reunion", "two_hours", "2027-03-17T05:00", "2027-03-16T16:00"),  # 9 h there: told at 20 h the evening before
    ("Pacific/Noumea", "two_days", "2027-03-17T21:00", "2027-03-15T21:00"),  # 8 h there
    ("Pacific/Noumea", "two_days", "2027-03-17T16:30", "2027-03-15T21:00"),  # 3 h 30 there: the next morning at 8 h
    ("Pacific/Tahiti", "two_hours", "2027-03-17T16:00", "2027-03-17T06:00"),  # 6 h there: 20 h the evening before
    ("Pacific/Tahiti", "evening", "2027-03-17T02:00", "2027-03-17T05:00"),  # from 16 h to 17 h there: 19 h
    ("America/Martinique", "evening", "2027-03-17T23:45", "2027-03-18T12:00"),  # ends at 20 h 45: the next morning
    ("America/Cayenne", "two_days", "2027-03-17T12:00", "2027-03-15T12:00"),
    ("Indian/Mayotte", "evening", "2027-03-17T14:00", "2027-03-17T16:00"),  # ends at 18 h: 19 h
]


@pytest.mark.parametrize(("zone", "kind", "starts_at", "due"), PLACES)
def test_the_hour_of_each_reminder_overseas(zone, kind, starts_at, due):
    starts_at, due = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (starts_at, due))

    assert time_of(kind, meeting_at(starts_at), ZoneInfo(zone)) == due


@pytest.mark.parametrize(("hour", "awake"), [(7, False), (8, True), (20, True), (LAST_HOUR, False), (23, False), (0, False)])
def test_day_is_from_eight_to_before_nine_in_the_evening(hour, awake):
    assert is_awake(datetime(2027, 3, 17, hour, 59 if hour != LAST_HOUR else 0, tzinfo=ZoneInfo(PARIS)), ZoneInfo(PARIS)) is awake
