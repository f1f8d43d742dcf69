"""Ages: they decide who must allow what, so they are right on the very day."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.leads.words import age_on
from app.people.models import Authorisation, Mentee, Mentor

pytestmark = pytest.mark.no_database
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
quick = settings(deadline=None, database=None)


def birthday(born, years):
    """The day on which somebody becomes so old: 1 March for those of 29 February in common years."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


@quick
@given(days, st.integers(0, 110))
@example(date(2008, 2, 29), 15)
@example(date(2008, 2, 29), 16)
@example(date(2008, 2, 29), 18)
def test_one_is_older_on_the_birthday_and_not_the_day_before(born, years):
    day = birthday(born, years)

    assert age_on(born, day) == years
    assert age_on(born, day - timedelta(days=1)) == years - 1


@quick
@given(days, st.integers(0, 40_000))
@example(date(2008, 2, 29), 364)
def test_an_age_grows_by_one_at_most_from_a_day_to_the_next(born, lived):
    day = born + timedelta(days=lived)

    assert age_on(born, day + timedelta(days=1)) - age_on(born, day) in {0, 1}


@quick
@given(days, st.integers(0, 40_000))
def test_an_age_is_the_number_of_birthdays_that_have_passed(born, lived):
    day = born + timedelta(days=lived)

    assert age_on(born, day) == sum(birthday(born, years) <= day for years in range(1, 130))


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 28), 19),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(2011, 11, 24), date(2026, 11, 24), 15),
        (date(2011, 11, 25), date(2026, 11, 24), 14),
        (date(1996, 12, 31), date(2026, 12, 30), 29),
        (date(1996, 12, 31), date(2026, 12, 31), 30),
    ],
)
def test_ages_around_a_birthday(born, day, age):
    assert Mentee(birth_date=born).age_on(day) == age


@pytest.mark.parametrize("kind", [Mentee, Mentor])
@pytest.mark.parametrize("born", [date(2008, 11, 24), date(2008, 2, 29), date(2008, 12, 31)])
def test_somebody_is_a_minor_until_the_day_they_turn_18(kind, born):
    person, day = kind(birth_date=born), birthday(born, 18)

    assert person.is_minor_on(day - timedelta(days=1))
    assert not person.is_minor_on(day)


@pytest.mark.parametrize("born", [date(2011, 11, 24), date(2012, 2, 29), date(2011, 1, 1)])
def test_a_child_has_to_agree_until_the_day_they_turn_15(born):
    child, day = Mentee(birth_date=born), birthday(born, 15)

    assert child.needs_own_agreement_on(day - timedelta(days=1))
    assert not child.needs_own_agreement_on(day)


@pytest.mark.parametrize("kind", [Mentee, Mentor])
def test_somebody_of_unknown_age_is_treated_as_a_child(kind):
    person = kind(birth_date=None)

    assert person.age_on(date(2026, 11, 24)) is None
    assert person.is_minor_on(date(2026, 11, 24))
    assert person.needs_own_agreement_on(date(2026, 11, 24))


def test_names_are_written_whole_or_with_an_initial():
    person = Mentee(first_name="Inès", last_name="Ben Salah")

    assert person.full_name == "Inès Ben Salah"
    assert person.short_name == "Inès B."


@pytest.mark.parametrize(
    ("day", "holds"),
    [(date(2026, 1, 9), False), (date(2026, 1, 10), True), (date(2026, 3, 1), True), (date(2026, 3, 2), False)],
)
def test_an_authorisation_holds_from_its_date_until_it_is_withdrawn(day, holds):
    authorisation = Authorisation(given_on=date(2026, 1, 10), withdrawn_on=date(2026, 3, 2))

    assert authorisation.holds_on(day) is holds


def test_an_authorisation_that_nobody_withdrew_holds():
    assert Authorisation(given_on=date(2026, 1, 10), withdrawn_on=None).holds_on(date(2027, 1, 10))
