"""Staff learn, once of each, which completions are about to end."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.extensions import db
from app.mail import Mail
from app.training.models import Completion
from tests import factories

from . import situations
from .test_reminders import clockwork, each_edge

ENDS = "Des formations sont à renouveler"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def hour(app, association, in_space):
    """Do what is done every hour, at a moment."""
    return clockwork(app, association, in_space)


@pytest.fixture
def staff_address(association, in_space):
    """Where staff are written to."""
    with in_space(association):
        return factories.member(association, "coordinator", "equipe@example.org").email


def complete_on(association, in_space, day, months=12, mentor=None, required=True):
    """A mentor who completed a course of its own on a day; it holds for so many months."""
    with in_space(association):
        course = situations.texts("Sécurité", 1, required=required, valid_months=months)
        person = db.session.merge(mentor) if mentor else factories.mentor(association, first_name="Ana", last_name="Rives")
        factories.complete(person, course, day)
    return person


def test_staff_learn_once_that_a_completion_ends(association, in_space, stored, hour, staff_address):
    complete_on(association, in_space, date(2026, 6, 15))
    last = datetime(2027, 6, 15, 8, tzinfo=UTC)

    told = each_edge(hour, [last - days * DAY for days in (61, 60, 59, 30, 1, 0, -1)])

    assert told == [(last - 60 * DAY - HOUR, ENDS)]
    [mail] = stored(association, Mail)
    assert mail.to_address == staff_address
    assert "« Sécurité », Ana Rives : jusqu'au 15 juin 2027." in mail.text.replace("\u00a0", " ")


def test_a_course_that_a_refresher_renewed_ends_again_later(association, in_space, hour, staff_address):
    with in_space(association):
        course = situations.texts("Sécurité", 1, valid_months=12)
        refresher = situations.texts("Rappel", 1, required=False, renews_id=course.id)
        person = factories.mentor(association)
        factories.complete(person, course, date(2026, 1, 10))
    first = hour(datetime(2026, 12, 1, 10, tzinfo=UTC))
    with in_space(association):
        factories.complete(db.session.merge(person), refresher, date(2026, 12, 20))

    later = [hour(datetime(2027, month, 1, 10, tzinfo=UTC)) for month in (9, 11, 12)]

    assert (first, later) == ([(staff_address, ENDS)], [[], [(staff_address, ENDS)], []])


def test_who_completed_a_course_twice_is_named_once(association, in_space, stored, hour, staff_address):
    with in_space(association):
        course, person = situations.texts("Sécurité", 1, valid_months=12), factories.mentor(association)
        for day in (date(2026, 1, 10), date(2026, 6, 15)):
            factories.complete(person, course, day)

    hour(datetime(2027, 6, 1, 10, tzinfo=UTC))

    assert [mail.text.count("Sécurité") for mail in stored(association, Mail)] == [1]


@pytest.mark.parametrize(("before", "count"), [(61, 0), (60, 1), (1, 1), (0, 1), (-1, 0)])
def test_the_sixtieth_day_and_the_last_one_count(association, in_space, hour, staff_address, before, count):
    complete_on(association, in_space, date(2026, 6, 15))

    assert len(hour(datetime(2027, 6, 15, 10, tzinfo=UTC) - before * DAY)) == count


def test_a_completion_for_ever_or_of_an_optional_course_ends_for_nobody(association, in_space, hour, staff_address):
    complete_on(association, in_space, date(2026, 6, 15), months=0)
    complete_on(association, in_space, date(2026, 6, 15), required=False)

    assert hour(datetime(2027, 6, 1, 10, tzinfo=UTC)) == []


@pytest.mark.parametrize("state", ["paused", "withdrawn"])
def test_the_end_of_what_somebody_away_had_is_not_told(association, in_space, hour, staff_address, state):
    with in_space(association):
        away = factories.mentor(association, state=state)
    complete_on(association, in_space, date(2026, 6, 15), mentor=away)

    assert hour(datetime(2027, 6, 1, 10, tzinfo=UTC)) == []


def test_many_ends_are_one_mail_that_names_twenty(association, in_space, stored, hour, staff_address):
    with in_space(association):
        course = situations.texts("Sécurité", 1, valid_months=12)
        for _each in range(23):
            factories.complete(factories.mentor(association, account=False), course, date(2026, 6, 15))

    assert hour(datetime(2027, 6, 1, 10, tzinfo=UTC)) == [(staff_address, ENDS)]

    [mail] = stored(association, Mail)
    assert mail.text.count("Sécurité") == 20
    assert {row.end_told for row in stored(association, Completion)} == {date(2027, 6, 15)}
