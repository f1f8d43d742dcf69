"""Working days in France, with the holidays of a département."""

from datetime import date, timedelta
from functools import cache

import holidays

SATURDAY = 5
# Départements that rest on more days than the whole country does, as the library names them.
ALSACE, MOSELLE = "6AE", "57"
SUBDIVISIONS = {
    "57": MOSELLE, "67": ALSACE, "68": ALSACE, "971": "971", "972": "972", "973": "973", "974": "974", "975": "PM", "976": "976",
    "977": "BL", "978": "MF", "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip


@cache
def holidays_in(subdivision: str | None, year: int) -> frozenset[date]:
    """Those of the whole country in a year, and of a subdivision that has some of its own."""
    return frozenset(holidays.country_holidays("FR", subdiv=subdivision, years=year))


def is_working_day(day: date, departement: str | None = None) -> bool:
    """Monday to Friday, but for holidays."""
    return day.weekday() < SATURDAY and day not in holidays_in(SUBDIVISIONS.get(departement or ""), day.year)


def add_working_days(day: date, count: int, departement: str | None = None) -> date:
    """The date `count` working days after a day; before it when `count` is negative."""
    step = 1 if count > 0 else -1
    while count:
        day += timedelta(days=step)
        count -= step * is_working_day(day, departement)
    return day


def working_days_between(first: date, last: date, departement: str | None = None) -> int:
    """How many working days come after the first day, the last one included."""
    return sum(is_working_day(first + timedelta(days=rank), departement) for rank in range(1, (last - first).days + 1))


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - date(year, month + 1, 1)).days
    return date(year, month + 1, min(day.day, last))
