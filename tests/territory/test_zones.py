"""The clocks and the school holidays of France, by département."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.territory.load import rows
from app.territory.zones import CLOCKS, SCHOOL_ZONE_OF, SCHOOL_ZONES, clock_of, holidays_known_until, is_school_holiday, school_zone

pytestmark = pytest.mark.no_database
WINTER, SUMMER = datetime(2027, 1, 15, 12, tzinfo=UTC), datetime(2027, 7, 15, 12, tzinfo=UTC)

HOURS = [
    ("69", 1, 2), ("2A", 1, 2), ("2B", 1, 2), ("971", -4, -4), ("972", -4, -4), ("973", -3, -3), ("974", 4, 4), ("975", -3, -2),
    ("976", 3, 3), ("977", -4, -4), ("978", -4, -4), ("984", 5, 5), ("986", 12, 12), ("987", -10, -10), ("988", 11, 11),
    (None, 1, 2), ("", 1, 2), ("99", 1, 2),
]  # fmt: skip


@pytest.mark.parametrize(("departement", "winter", "summer"), HOURS)
def test_how_far_each_clock_is_from_utc(departement, winter, summer):
    offsets = [moment.astimezone(clock_of(departement)).utcoffset() for moment in (WINTER, SUMMER)]

    assert offsets == [timedelta(hours=winter), timedelta(hours=summer)]


def test_every_departement_of_the_mainland_is_in_one_school_zone_and_corsica_and_overseas_in_none():
    known = {row["code"] for row in rows("departements")}

    mainland = {code for code in known if len(code) == 2 and not code.startswith("2")} | {f"2{digit}" for digit in "123456789"}
    assert set(SCHOOL_ZONE_OF) == mainland & known
    assert sum(len(many.split()) for many in SCHOOL_ZONES.values()) == len(SCHOOL_ZONE_OF)  # none twice
    assert {school_zone(code) for code in ("2A", "2B", *CLOCKS, None)} == {None}


ACADEMIES = [("33", "A"), ("69", "A"), ("21", "A"), ("59", "B"), ("13", "B"), ("35", "B"), ("75", "C"), ("31", "C"), ("34", "C")]


@pytest.mark.parametrize(("departement", "zone"), ACADEMIES)
def test_the_zone_of_an_academie(departement, zone):
    assert school_zone(departement) == zone


HOLIDAYS = [
    ("the day of the summer holidays", date(2026, 7, 20), ("69", "59", "75"), True),
    ("All Saints", date(2026, 10, 26), ("69", "59", "75"), True),
    ("a day of school", date(2026, 11, 26), ("69", "59", "75"), False),
    ("winter, zone A alone", date(2026, 2, 10), ("69",), True),
    ("winter, zone A alone", date(2026, 2, 10), ("59", "75"), False),
    ("overseas", date(2026, 7, 20), ("974", "988", "2A", None), False),
]


@pytest.mark.parametrize(("day", "where", "closed"), [case[1:] for case in HOLIDAYS], ids=[case[0] for case in HOLIDAYS])
def test_when_schools_are_closed(day, where, closed):
    assert {is_school_holiday(day, departement) for departement in where} == {closed}


def test_a_year_that_nobody_published_has_no_holidays():
    assert not is_school_holiday(holidays_known_until() + timedelta(days=1), "69")
