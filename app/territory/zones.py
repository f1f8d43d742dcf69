"""The clocks and the school holidays of France, by département."""

from datetime import date
from functools import cache
from zoneinfo import ZoneInfo

from vacances_scolaires_france import SchoolHolidayDates

PARIS = "Europe/Paris"
CLOCKS = {
    "971": "America/Guadeloupe", "972": "America/Martinique", "973": "America/Cayenne", "974": "Indian/Reunion",
    "975": "America/Miquelon", "976": "Indian/Mayotte", "977": "America/St_Barthelemy", "978": "America/Marigot",
    "984": "Indian/Kerguelen", "986": "Pacific/Wallis", "987": "Pacific/Tahiti", "988": "Pacific/Noumea",
}  # fmt: skip
# The zones of the school calendar since January 2016 (arrêté of 16 April 2015), académie by académie.
SCHOOL_ZONES = {
    "A": "01 03 07 15 16 17 19 21 23 24 25 26 33 38 39 40 42 43 47 58 63 64 69 70 71 73 74 79 86 87 89 90",
    "B": "02 04 05 06 08 10 13 14 18 22 27 28 29 35 36 37 41 44 45 49 50 51 52 53 54 55 56 57 59 60 61 62 67 68 72 76 80 83 84 85 "
    "88",
    "C": "09 11 12 30 31 32 34 46 48 65 66 75 77 78 81 82 91 92 93 94 95",
}
SCHOOL_ZONE_OF = {departement: zone for zone, many in SCHOOL_ZONES.items() for departement in many.split()}


def clock_of(departement: str | None) -> ZoneInfo:
    """The time zone of a département, a collectivité or a territory; mainland time when none is known."""
    return ZoneInfo(CLOCKS.get(departement or "", PARIS))


def school_zone(departement: str | None) -> str | None:
    """A, B or C; None in Corsica and overseas, whose school calendars are their own."""
    return SCHOOL_ZONE_OF.get(departement or "")


@cache
def _calendar() -> SchoolHolidayDates:
    return SchoolHolidayDates()


def holidays_known_until() -> date:
    """The last day of the school calendars that are published."""
    last: date = max(_calendar().data)
    return last


def is_school_holiday(day: date, departement: str | None) -> bool:
    """Whether schools are closed for holidays on a day; no where the calendar is not known."""
    zone = school_zone(departement)
    days = _calendar().data
    return bool(zone and day in days and days[day][f"vacances_zone_{zone.lower()}"])
