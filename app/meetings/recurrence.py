"""A series of meetings: the same hour of the same day of the week, on the clock of whoever plans it, whatever that clock does."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.territory.zones import is_school_holiday

LONGEST = 53  # meetings in a series


def occurrences(first: datetime, weeks: int, until: date, school: str | None = None) -> list[datetime]:
    """The moments, in UTC, from the first on, every so many weeks, until a day included.

    The hour is that of `first`'s own zone: 17:30 stays 17:30 when summer time ends; an hour that a change of clocks leaves out is
    the one that the clock then shows. With `school`, a département, the days of its school holidays are left out.
    """
    zone = first.tzinfo
    assert isinstance(zone, ZoneInfo)
    days = _days(first.date(), weeks, until)
    return [at(day, first.time(), zone) for day in days if school is None or not is_school_holiday(day, school)]


def at(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """A moment that was typed on a clock, in UTC."""
    return datetime.combine(day, hour.replace(tzinfo=None, fold=0), tzinfo=zone).astimezone(UTC)


def _days(first: date, weeks: int, until: date) -> Iterator[date]:
    day, count = first, 0
    while day <= until and count < LONGEST:
        yield day
        day, count = day + timedelta(weeks=weeks), count + 1
