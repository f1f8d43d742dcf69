"""Hours of training by year and by kind, completions by course and by month."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from app.extensions import db
from app.training import queries
from app.training.models import ModuleCompletion, ModuleKind, OutsideTraining
from app.training.queries import Hours
from tests import factories

from . import situations
from .test_road import SPACE
from .test_tables import YEAR, read_csv, read_xlsx, stand, today_here


@pytest.fixture
def yearly(association, in_space):
    """A required course that holds twelve months."""
    with in_space(association):
        return situations.texts("Sécurité", 1, valid_months=12)


def minutes(course, mentor, moment, many, kind=ModuleKind.TEXT):
    """A module of a course done at a moment, for so many minutes."""
    enrolment = factories.enrol(mentor, course, ended_at=moment)
    module = situations.modules(course)[0]
    module.kind = kind
    db.session.add(ModuleCompletion(mentor_id=mentor.id, module_id=module.id, enrolment_id=enrolment.id, minutes=many,
                                    completed_at=moment, recorded_by=mentor.user_id))  # fmt: skip
    db.session.flush()


def outside(mentor, day, many, state="accepted", **changes):
    """Training followed elsewhere, as declared."""
    values = {"title": "Premiers secours", "body": "Croix-Rouge", "reason": "Merci", **changes}
    db.session.add(OutsideTraining(mentor_id=mentor.id, done_on=day, minutes=many, state=state, **values))
    db.session.flush()


@pytest.mark.parametrize(
    ("zone", "moment", "year"),
    [
        ("Europe/Paris", datetime(2026, 12, 31, 22, 59, tzinfo=UTC), 2026),
        ("Europe/Paris", datetime(2026, 12, 31, 23, 0, tzinfo=UTC), 2027),
        ("America/Martinique", datetime(2027, 1, 1, 3, 59, tzinfo=UTC), 2026),
        ("America/Martinique", datetime(2027, 1, 1, 4, 0, tzinfo=UTC), 2027),
        ("Indian/Reunion", datetime(2026, 12, 31, 19, 59, tzinfo=UTC), 2026),
        ("Indian/Reunion", datetime(2026, 12, 31, 20, 0, tzinfo=UTC), 2027),
    ],
)
def test_the_year_ends_at_midnight_on_the_clock_of_the_association(app, programme, in_space, zone, moment, year):
    tenant = factories.association(app, "ici", "Ici", ["69"], timezone=zone)
    with in_space(tenant):
        mentor = factories.mentor(tenant)
        minutes(situations.texts("Sécurité", 1), mentor, moment, 45)

        assert queries.hours_of(mentor) == {year: Hours(initial=45)}
        assert queries.hours_in(year) == {mentor.id: Hours(initial=45)}
        assert queries.total_hours(year) == Hours(initial=45)
        assert queries.hours_in(4053 - year) == {}


def test_hours_are_counted_by_kind(association, in_space, mentor):
    noon = datetime(2027, 5, 4, 10, tzinfo=UTC)
    with in_space(association):
        course = situations.texts("Sécurité", 1)
        minutes(course, mentor, noon, 60)
        minutes(situations.texts("Rappel", 1, renews_id=course.id), mentor, noon, 25)
        minutes(situations.texts("Ailleurs", 1), mentor, noon, 90, kind=ModuleKind.ELSEWHERE)
        outside(mentor, date(2027, 12, 31), 120)
        outside(mentor, date(2028, 1, 1), 7)

        assert queries.hours_of(mentor) == {2028: Hours(elsewhere=7), 2027: Hours(60, 25, 210)}
        assert list(queries.hours_of(mentor)) == [2028, 2027]
        assert queries.hours_in(2027)[mentor.id].total == 295


@pytest.mark.parametrize("state", ["sent", "refused"])
def test_what_staff_did_not_accept_counts_for_nothing(association, in_space, mentor, state):
    with in_space(association):
        outside(mentor, date(2027, 5, 4), 120, state=state)

        assert queries.hours_of(mentor) == {}


def test_what_stands_for_a_step_is_not_counted_twice(association, in_space, mentor):
    with in_space(association):
        course = situations.texts("Ailleurs", 1)
        outside(mentor, date(2027, 5, 4), 120, module_id=situations.modules(course)[0].id)
        minutes(course, mentor, datetime(2027, 5, 4, 10, tzinfo=UTC), 120, kind=ModuleKind.ELSEWHERE)

        assert queries.hours_of(mentor) == {2027: Hours(elsewhere=120)}


@pytest.fixture
def worked(association, in_space, mentor):
    """A mentor with an hour in 2027, and one without any."""
    with in_space(association):
        minutes(situations.texts("Sécurité", 1), mentor, datetime(2027, 5, 4, 10, tzinfo=UTC), 60)
        outside(mentor, date(2027, 5, 4), 30)
        factories.mentor(association)
    return mentor


def test_staff_read_the_hours_of_a_year(office, worked):
    page = office.page(f"{SPACE}/formation/heures?annee=2027")

    assert page.rows == [["Karim Tahar", "1 h", "0 min", "30 min", "1 h 30"]]
    assert "Aucune heure de formation cette année-là." in office.page(f"{SPACE}/formation/heures?annee=2026").text


@pytest.mark.parametrize("asked", ["mille", "", "99999", "-1"])
def test_a_year_that_is_none_is_this_one(office, asked):
    page = office.page(f"{SPACE}/formation/heures?annee={asked}")

    assert page.heading == f"Heures de formation en {today_here()[:4]}"


@pytest.mark.parametrize(("form", "read"), [("csv", read_csv), ("xlsx", read_xlsx)])
def test_hours_are_taken_away_as_a_file(office, worked, form, read):
    response = office.get(f"{SPACE}/formation/heures/export/{form}?annee=2027")

    head, *rows = read(response)
    assert head == ["Nom", "Prénom", "Initiale (min)", "Perfectionnement (min)", "Ailleurs (min)", "En tout (min)"]
    assert [[str(value or 0) for value in row] for row in rows] == [["Tahar", "Karim", "60", "0", "30", "90"]]


def test_courses_are_counted(office, association, in_space, yearly):
    with in_space(association):
        for ended, left in (((10,), None), ((YEAR + 5,), 2), ((), 30), ((), None)):
            stand(yearly, factories.mentor(association), ended, left)
        factories.complete(factories.mentor(association, state="paused"), yearly)

        counts = queries.counts_by_course()

    assert counts == {yearly.id: {"have": 1, "follow": 2, "late": 1}}
    page = office.page(f"{SPACE}/formation")
    assert "Sécurité 1 mentor l'a terminé · 2 le suivent · 1 s'est arrêté en chemin" in page.text


def test_completions_are_counted_by_month(association, in_space, mentor, yearly):
    with in_space(association), time_machine.travel("2027-03-01T00:30:00Z", tick=False):
        for day in (date(2026, 3, 31), date(2026, 4, 1), date(2027, 1, 1), date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 1)):
            factories.complete(mentor, yearly, day)

        months = queries.completions_by_month()

    assert [start for start, _count in months] == [date(2026 + (n > 12), n - 12 * (n > 12), 1) for n in range(4, 16)]
    assert [count for _start, count in months] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 1]


def test_the_picture_of_the_months_has_its_table(office, association, in_space, mentor):
    with in_space(association):
        factories.train(mentor)

    page = office.page(f"{SPACE}/formation")

    rows = page.soup.select("details table tbody tr")
    assert len(rows) == len(page.soup.select("svg.months rect")) == 12
    assert [row.td.get_text() for row in rows] == ["0"] * 11 + ["1"]


@pytest.mark.parametrize(("days", "shown"), [(YEAR - 61, False), (YEAR - 59, True), (YEAR - 1, True), (YEAR + 2, False)])
def test_what_ends_within_sixty_days_is_on_the_first_page(office, association, in_space, yearly, mentor, days, shown):
    with in_space(association):
        stand(yearly, mentor, (days,))

    assert ("À renouveler dans les 60 jours" in office.page(f"{SPACE}/formation").text) is shown
