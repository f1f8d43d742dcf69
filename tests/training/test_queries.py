"""Who is trained: one mentor's status, the list of a whole page and the table of courses say the same."""

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import update

from app.database import now
from app.extensions import db
from app.training import queries
from app.training.models import Course, Enrolment, OutsideTraining
from app.training.queries import Cell, Hours, Standing
from app.training.status import training_status
from app.web import today
from tests import factories

from . import situations

DAY = timedelta(days=1)


@pytest.mark.parametrize("required", [0, 1, 2])
@pytest.mark.parametrize("done", [0, 1, 2])
@pytest.mark.parametrize("optional", [False, True])
def test_status_and_list_agree(app, programme, in_space, required, done, optional):
    tenant = factories.association(app, "neuve", "Neuve", ["69"], course=False, training_minutes=0)
    with in_space(tenant):
        courses = [situations.texts(f"Cours {i}", 1) for i in range(required)]
        mentor = factories.mentor(tenant, account=False)
        for course in [*courses[:done], *([situations.texts("En plus", 1, required=False)] if optional else [])]:
            factories.complete(mentor, course)

        trained = mentor.id in queries.trained_ids([mentor.id])

        assert trained is training_status(mentor).is_ready is (required > 0 and done >= required)


def test_trained_are_only_those_who_were_asked_about(association, in_space):
    with in_space(association):
        one, other = (factories.mentor(association, trained=True, account=False) for _each in range(2))

        assert queries.trained_ids([one.id]) == {one.id}
        assert queries.trained_ids([]) == set()
        assert queries.trained_ids([one.id, other.id]) == {one.id, other.id}


def bring(mentor, course, standing):
    """Put a mentor where they stand in a course that holds for twelve months; gives the date that the table shows."""
    ago = {Standing.DONE: 1, Standing.EXPIRING: 340, Standing.EXPIRED: 400}
    if standing in ago:
        factories.complete(mentor, course, on=today() - ago[standing] * DAY)
    elif standing is not Standing.MISSING:
        quiet = 21 if standing is Standing.LATE else 20
        factories.enrol(mentor, course, moved_at=now() - quiet * DAY)


@pytest.mark.parametrize("standing", Standing)
def test_the_table_and_its_filter_say_the_same(association, in_space, standing):
    with in_space(association):
        course = situations.texts("Chemin", 1, valid_months=12)
        mentors = {each: factories.mentor(association, account=False) for each in Standing}
        for each, mentor in mentors.items():
            bring(mentor, course, each)

        table = queries.table_of([m.id for m in mentors.values()], [course.id])
        kept = db.session.scalars(queries.mentors_in("", course, standing, None)).all()

        assert table[mentors[standing].id][course.id].standing == standing
        assert [mentor.id for mentor in kept] == [mentors[standing].id]


def test_the_table_shows_the_day_that_matters(association, in_space):
    with in_space(association):
        course = situations.texts("Chemin", 1, valid_months=12)
        done, under_way = (factories.mentor(association, account=False) for _each in range(2))
        factories.complete(done, course, on=date(today().year - 1, 12, 31))
        factories.enrol(under_way, course, moved_at=now())

        table = queries.table_of([done.id, under_way.id], [course.id])

        assert table[done.id][course.id].on == date(today().year, 12, 31)
        assert table[under_way.id][course.id] == Cell(Standing.UNDER_WAY, factories.today())


def test_whoever_renews_in_time_is_still_expiring_and_not_late(association, in_space):
    with in_space(association):
        course, mentor = situations.texts("Chemin", 1, valid_months=12), factories.mentor(association, account=False)
        bring(mentor, course, Standing.EXPIRING)
        bring(mentor, course, Standing.LATE)

        assert queries.table_of([mentor.id], [course.id])[mentor.id][course.id].standing == Standing.EXPIRING
        assert db.session.scalars(queries.mentors_in("", course, Standing.LATE, None)).all() == []


def test_whoever_renews_too_late_is_under_way(association, in_space):
    with in_space(association):
        course, mentor = situations.texts("Chemin", 1, valid_months=12), factories.mentor(association, account=False)
        bring(mentor, course, Standing.EXPIRED)
        bring(mentor, course, Standing.UNDER_WAY)

        assert queries.table_of([mentor.id], [course.id])[mentor.id][course.id].standing == Standing.UNDER_WAY
        assert [m.id for m in db.session.scalars(queries.mentors_in("", course, Standing.UNDER_WAY, None))] == [mentor.id]


@pytest.mark.parametrize(("ready", "kept"), [(True, ["Awa"]), (False, ["Léa"]), (None, ["Awa", "Léa"])])
def test_mentors_are_kept_by_whether_they_are_ready(association, in_space, ready, kept):
    with in_space(association):
        factories.mentor(association, first_name="Awa", last_name="A", trained=True)
        factories.mentor(association, first_name="Léa", last_name="B")
        factories.mentor(association, first_name="Zoé", last_name="C", state="paused")

        assert [m.first_name for m in db.session.scalars(queries.mentors_in("", None, None, ready))] == kept


def test_counts_are_those_of_active_mentors(association, in_space):
    with in_space(association):
        course = situations.texts("Chemin", 1, valid_months=12)
        for standing in (*Standing, Standing.DONE, Standing.LATE):
            bring(factories.mentor(association, account=False), course, standing)
        bring(factories.mentor(association, account=False, state="withdrawn"), course, Standing.DONE)

        assert queries.counts_by_course()[course.id] == {"have": 3, "follow": 3, "late": 2}


@pytest.mark.parametrize(("left", "told"), [(-1, False), (0, True), (60, True), (61, False)])
def test_what_ends_within_sixty_days_is_told_the_last_day_included(association, in_space, left, told):
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False), in_space(association):
        course, mentor = situations.texts("Chemin", 1, valid_months=12), factories.mentor(association, account=False)
        completion = factories.complete(mentor, course)
        day = today() + left * DAY
        completion.completed_on = day.replace(year=day.year - 1)
        db.session.flush()

        assert [(row[0].id, row[2]) for row in queries.expiring(200)] == [(mentor.id, day)] * told


def test_only_required_courses_end_for_active_mentors(association, in_space):
    with in_space(association):
        paused = factories.mentor(association, account=False, state="paused")
        bring(paused, situations.texts("Chemin", 1, valid_months=12), Standing.EXPIRING)
        optional = situations.texts("En plus", 1, required=False, valid_months=12)
        bring(factories.mentor(association, account=False), optional, Standing.EXPIRING)

        assert queries.expiring(200) == []


def test_completions_are_counted_by_month_the_empty_months_too(association, in_space):
    with in_space(association):
        course, first = situations.texts("Chemin", 1), today().replace(day=1)
        for day in (first, first - DAY, (first - DAY).replace(day=1)):
            factories.complete(factories.mentor(association, account=False), course, on=day)

        counted = queries.completions_by_month()

        assert [count for _month, count in counted] == [0] * 10 + [2, 1]
        assert counted[-1][0] == first
        assert len({month for month, _count in counted}) == 12


@pytest.fixture
def trained(association, in_space):
    """A mentor with hours of every kind, in two years."""
    with in_space(association):
        row = factories.mentor(association)
        course = situations.texts("Chemin", 2)
        factories.complete(row, course, on=date(2025, 6, 1))
        factories.complete(row, situations.texts("Rappel", 1, required=False, renews_id=course.id), on=date(2026, 6, 1))
        for minutes, state in ((45, "accepted"), (500, "sent")):
            said = {"title": "PSC1", "body": "Croix-Rouge", "done_on": date(2026, 3, 1), "state": state}
            db.session.add(OutsideTraining(mentor_id=row.id, minutes=minutes, **said))
        return row


def test_hours_are_counted_by_year_and_by_kind(association, in_space, trained):
    with in_space(association):
        assert queries.hours_of(trained) == {2026: Hours(refresher=30, elsewhere=45), 2025: Hours(initial=60)}
        assert list(queries.hours_of(trained)) == [2026, 2025]
        assert queries.hours_in(2026) == {trained.id: Hours(refresher=30, elsewhere=45)}
        assert queries.total_hours(2025) == Hours(initial=60)
        assert [m.id for m in db.session.scalars(queries.with_hours(2026))] == [trained.id]
        assert db.session.scalars(queries.with_hours(2024)).all() == []


def test_a_step_followed_elsewhere_counts_as_that(association, in_space):
    with in_space(association):
        mentor = factories.mentor(association)
        course = factories.published("Chemin", [{"kind": "elsewhere", "title": "PSC1", "minutes": 90}])
        factories.complete(mentor, course, on=date(2026, 6, 1))

        assert queries.hours_of(mentor) == {2026: Hours(elsewhere=90)}
        assert queries.minutes_by_mentor([mentor.id]) == {}


def test_an_evening_of_december_belongs_to_the_year_of_the_association_s_clock(association, in_space):
    with in_space(association):
        mentor = factories.mentor(association)
        factories.complete(mentor, situations.texts("Chemin", 1))
        db.session.execute(update(queries.ModuleCompletion).values(completed_at="2025-12-31 23:30+00"))

        assert list(queries.hours_of(mentor)) == [2026]


def test_the_table_of_a_page_takes_two_statements(association, in_space, statements):
    with in_space(association):
        courses = [situations.texts(f"Cours {i}", 1) for i in range(3)]
        ids = [factories.mentor(association, account=False, trained=True).id for _each in range(5)]

        with statements() as seen:
            queries.table_of(ids, [course.id for course in courses])

        assert len(seen) == 2


def test_another_association_s_courses_and_hours_are_not_seen(association, elsewhere, in_space, trained):
    with in_space(elsewhere):
        assert [course.title for course in queries.courses()] == ["Devenir mentor"]
        assert queries.hours_in(2026) == {}
        assert queries.counts_by_course() == {}
        assert db.session.query(Enrolment).count() == 0
        assert db.session.query(Course).count() == 1
