"""Working days in France."""

from datetime import date, timedelta
from functools import cache

import holidays

SATURDAY = 5


@cache
def french_holidays() -> holidays.HolidayBase:
    return holidays.country_holidays("FR")


def is_working_day(day: date) -> bool:
    """Monday to Friday, but for the holidays of the whole country."""
    return day.weekday() < SATURDAY and day not in french_holidays()


def add_working_days(day: date, count: int) -> date:
    """The date `count` working days after a day."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day
