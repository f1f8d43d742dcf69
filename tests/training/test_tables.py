"""Who is trained in what: the table of mentors by course, its filters, its buttons and its files."""

import csv
import io
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from app.database import now
from app.extensions import db
from app.training import queries
from app.training.models import CourseVersion, Enrolment
from app.training.queries import Cell, Standing
from app.web import today
from tests import factories

from . import situations
from .test_road import SPACE

TABLE = f"{SPACE}/formation/mentors"
DAY = timedelta(days=1)
NOBODY = "Personne à inscrire\u00a0: ces mentors suivent déjà ce parcours, ou l'ont terminé."
YEAR = 365  # days; the course of these tests holds twelve months
quick = settings(max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def yearly(association, in_space):
    """A required course that holds twelve months."""
    with in_space(association):
        return situations.texts("Sécurité", 1, valid_months=12)


def stand(course, mentor, ended=(), left=None):
    """A mentor who ended a course so many days ago, and is in it again since a step so many days ago."""
    for days in ended:
        factories.complete(mentor, course, today() - days * DAY)
    if left is not None:
        factories.enrol(mentor, course, moved_at=now() - left * DAY)


STANDINGS = [
    (Standing.MISSING, (), None),
    (Standing.DONE, (10,), None),
    (Standing.DONE, (700, 10), None),
    (Standing.EXPIRING, (YEAR - 59,), None),
    (Standing.EXPIRING, (YEAR - 30,), 2),
    (Standing.EXPIRED, (YEAR + 5,), None),
    (Standing.UNDER_WAY, (), 0),
    (Standing.UNDER_WAY, (), 20.9),
    (Standing.UNDER_WAY, (YEAR + 5,), 2),
    (Standing.LATE, (), 21.1),
    (Standing.LATE, (YEAR + 5,), 30),
]


@pytest.mark.parametrize(("standing", "ended", "left"), STANDINGS)
def test_where_a_mentor_stands(association, in_space, yearly, mentor, standing, ended, left):
    with in_space(association):
        stand(yearly, mentor, ended, left)

        cell = queries.table_of([mentor.id], [yearly.id])[mentor.id][yearly.id]
        kept = {one for one in Standing if db.session.scalars(queries.mentors_in("", yearly, one, None)).all()}

    assert cell.standing is standing
    assert kept == {standing}


def test_a_cell_says_the_date_that_matters(association, in_space, yearly, mentor):
    with in_space(association), time_machine.travel("2027-03-10T11:00:00Z", tick=False):
        other = factories.mentor(association)
        stand(yearly, mentor, (10,))
        stand(yearly, other, (), 3)

        table = queries.table_of([mentor.id, other.id], [yearly.id])

    assert table[mentor.id][yearly.id] == Cell(Standing.DONE, date(2028, 2, 29) - DAY)
    assert table[other.id][yearly.id] == Cell(Standing.UNDER_WAY, date(2027, 3, 7))


def test_a_version_that_no_longer_counts_is_missing(association, in_space, yearly, mentor):
    with in_space(association):
        stand(yearly, mentor, (10,))
        db.session.query(CourseVersion).filter_by(course_id=yearly.id).update({"counts": False, "counts_reason": "Refonte"})

        assert queries.table_of([mentor.id], [yearly.id])[mentor.id][yearly.id].standing is Standing.MISSING
        assert db.session.scalars(queries.mentors_in("", yearly, Standing.MISSING, None)).one().id == mentor.id


days = st.lists(st.sampled_from([1, 200, 304, 305, 306, 320, 364, 365, 366, 400, 800]), max_size=3)
lives = st.lists(st.tuples(days, days, st.none() | st.sampled_from([0, 5, 20.99, 21.01, 40])), min_size=1, max_size=3)


@quick
@given(people=lives)
def test_the_filter_and_the_table_say_the_same_of_anybody(association, in_space, people):
    with in_space(association), taken_back():
        course = situations.texts("Sécurité", 1, valid_months=12)
        refresher = situations.texts("Rappel", 1, required=False, renews_id=course.id)
        mentors = [factories.mentor(association, account=False) for _each in people]
        for person, (ended, renewed, left) in zip(mentors, people, strict=True):
            stand(refresher, person, renewed)
            stand(course, person, ended, left)

        table = queries.table_of([m.id for m in mentors], [course.id])
        by_filter = [(m.id, one) for one in Standing for m in db.session.scalars(queries.mentors_in("", course, one, None))]

        assert sorted(by_filter) == sorted((key, row[course.id].standing) for key, row in table.items())


@contextmanager
def taken_back():
    """A block whose rows are taken back at its end."""
    savepoint = db.session.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()


def test_the_table_is_two_statements_however_many_courses(association, in_space, statements, mentor, yearly):
    with in_space(association):
        courses = [yearly.id, *(situations.texts(f"Cours {n}", 1).id for n in range(5))]
        with statements() as seen:
            table = queries.table_of([mentor.id], courses)

    assert len(seen) == 2
    assert set(table[mentor.id]) == set(courses)


def names(page):
    """The mentors of the page, as its table names them."""
    return [cell.get_text() for cell in page.soup.select("tbody th")]


@pytest.fixture
def team(association, in_space, course, yearly):
    """Ana is ready, Bob is late in the yearly course, Cléo has nothing, Dan is paused."""
    with in_space(association):
        ana, bob, cleo = (
            factories.mentor(association, first_name=first, last_name=last)
            for first, last in (("Ana", "Rives"), ("Bob", "Sol"), ("Cléo", "Été"))
        )
        factories.mentor(association, first_name="Dan", last_name="Absent", state="paused")
        factories.train(ana)
        stand(yearly, bob, left=30)
    return {"ana": ana, "bob": bob, "cleo": cleo}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", ["Cléo Été", "Ana Rives", "Bob Sol"]),
        ("pour=prets", ["Ana Rives"]),
        ("pour=bloques", ["Cléo Été", "Bob Sol"]),
        ("pour=autre", ["Cléo Été", "Ana Rives", "Bob Sol"]),
        ("parcours={course}&etat=late", ["Bob Sol"]),
        ("parcours={course}&etat=missing", ["Cléo Été"]),
        ("parcours={course}&etat=done&pour=prets", ["Ana Rives"]),
        ("parcours={course}&etat=late&pour=prets", []),
        ("etat=late", ["Cléo Été", "Ana Rives", "Bob Sol"]),
        ("parcours=moi&etat=late", ["Cléo Été", "Ana Rives", "Bob Sol"]),
        ("parcours={course}&etat=partout", ["Cléo Été", "Ana Rives", "Bob Sol"]),
        ("q=ete", ["Cléo Été"]),
        ("q=%25", ["Cléo Été", "Ana Rives", "Bob Sol"]),
        ("q=an+riv", ["Ana Rives"]),
        ("q=absent", []),
    ],
)
def test_the_table_is_filtered_and_searched(office, team, yearly, asked, expected):
    page = office.page(f"{TABLE}?{asked.format(course=yearly.id)}")

    assert names(page) == expected
    assert ("Aucun mentor ne correspond." in page.text) is not bool(expected)


def test_the_table_says_who_is_blocked_by_what(office, team):
    rows = {name: cells for _, name, *cells in office.page(TABLE).rows}

    assert rows["Ana Rives"][0] == "rien ne manque"
    assert rows["Cléo Été"][0] == "à compléter La formation « Devenir mentor » n'est pas terminée."
    assert rows["Bob Sol"][2].startswith("arrêté depuis trois semaines le ")
    assert rows["Ana Rives"][1] == "terminé"


def test_a_long_table_is_read_by_pages(office, association, in_space, course):
    with in_space(association):
        for rank in range(51):
            factories.mentor(association, account=False, first_name="Max", last_name=f"N{rank:02}")

    first = office.page(TABLE)
    later = office.page(next(a["href"] for a in first.soup.select("a") if "apres=" in a.get("href", "")))

    assert (len(names(first)), names(later)) == (50, ["Max N50"])


def send_several(office, mentors, course=None, action="inscription", path=""):
    """Tick these mentors and press a button of the table."""
    data = {"mentor": [str(getattr(m, "id", m)) for m in mentors], "action": action, "parcours": str(getattr(course, "id", course))}
    return office.send(f"{TABLE}/ensemble{path}", data)


def test_many_are_enrolled_in_one_click_and_those_who_need_nothing_are_left(office, association, stored, team, yearly):
    page = send_several(office, team.values(), yearly)

    assert page.flashes == ["1 mentor inscrit."]
    open_ = {row.mentor_id for row in stored(association, Enrolment) if row.ended_at is None}
    assert open_ == {team["bob"].id, team["cleo"].id}
    assert send_several(office, team.values(), yearly).flashes == [NOBODY]


def test_an_enrolment_says_who_made_it(office, association, stored, team, yearly):
    send_several(office, [team["cleo"]], yearly)

    assert stored(association, Enrolment)[-1].enrolled_by is not None


def test_nobody_ticked_is_said(office, team, yearly):
    assert send_several(office, [], yearly).flashes == ["Cochez d'abord les mentors concernés."]
    assert send_several(office, ["moi", "'; --"], yearly).flashes == ["Cochez d'abord les mentors concernés."]


def test_the_filters_are_still_there_after_the_click(office, team, yearly):
    page = send_several(office, [team["cleo"]], yearly, path="?q=bob&autre=1")

    assert names(page) == ["Bob Sol"]


@pytest.mark.parametrize("which", ["theirs", "none", "forged"])
def test_nobody_is_enrolled_in_a_course_that_is_not_here(office, association, elsewhere, in_space, stored, team, which):
    with in_space(elsewhere):
        theirs = situations.modules()[0].course_id
    course = {"theirs": theirs, "none": "", "forged": "x"}[which]

    assert send_several(office, [team["cleo"]], course).status == 404
    assert len(stored(association, Enrolment)) == 3


def test_the_mentors_of_another_association_are_not_touched(office, elsewhere, in_space, stored, yearly):
    with in_space(elsewhere):
        mentor = factories.mentor(elsewhere)

    assert send_several(office, [mentor], yearly).flashes == ["Cochez d'abord les mentors concernés."]
    assert stored(elsewhere, Enrolment) == []


def test_a_course_that_is_not_published_takes_nobody(office, association, stored, team):
    office.send(f"{SPACE}/formation/parcours/nouveau", {"title": "Brouillon"})
    draft = stored(association, factories.Course)[-1]

    assert send_several(office, [team["cleo"]], draft).flashes == [NOBODY]


def read_csv(response):
    return list(csv.reader(io.StringIO(response.data.decode("utf-8-sig")), delimiter=";"))


def read_xlsx(response):
    return [[cell.value or "" for cell in row] for row in load_workbook(io.BytesIO(response.data)).active.rows]


@pytest.mark.parametrize(("form", "read"), [("csv", read_csv), ("xlsx", read_xlsx)])
def test_the_table_is_taken_away_as_a_file(office, team, yearly, form, read):
    response = office.get(f"{TABLE}/export/{form}?pour=bloques")

    head, *rows = read(response)
    assert response.headers["Content-Disposition"] == f'attachment; filename="formation-{today_here()}.{form}"'
    dates = ["Valable jusqu'au", "Dernière avancée"]
    assert head == ["Nom", "Prénom", "Formé", "Ce qui manque", "Devenir mentor", *dates, "Sécurité", *dates]
    assert [row[:3] for row in rows] == [["Été", "Cléo", "non"], ["Sol", "Bob", "non"]]
    assert rows[1][7] == "arrêté depuis trois semaines"
    assert (rows[1][8], bool(rows[1][9])) == ("", True), "the day of the last step is no end of validity"
    assert "La formation «\u00a0Sécurité\u00a0» n'est pas terminée." in rows[0][3]


def today_here():
    return datetime.now(ZoneInfo("Europe/Paris")).date().isoformat()


DANGEROUS = [
    "=1+1",
    " =1+1",
    "\n=1+1",
    "\u00a0-2",
    "\u200b@SUM(A1)",
    "＝1+1",
    "＠SUM(A1)",
    "+33",
    "-2+3",
    "@SUM(A1)",
    "\tTab",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://x.example")',
]


@pytest.mark.parametrize("word", DANGEROUS)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_cell_is_ever_a_formula(office, association, in_space, form, word):
    with in_space(association):
        situations.texts(word, 1, required=False)
        factories.mentor(association, first_name=word, last_name=word)

    response = office.get(f"{TABLE}/export/{form}")

    if form == "csv":
        cells = [cell for row in read_csv(response) for cell in row]
    else:
        written = [cell for row in load_workbook(io.BytesIO(response.data)).active.rows for cell in row]
        assert {cell.data_type for cell in written if cell.value} == {"s"}
        cells = [cell.value for cell in written if cell.value]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert cells.count(f"'{word}") == 3


@pytest.mark.parametrize("path", ["", "/export/csv", "/export/xlsx"])
def test_mentors_do_not_see_the_table(desk, path):
    assert desk.page(f"{TABLE}{path}").status == 403


def test_a_file_has_no_other_form(office):
    assert office.page(f"{TABLE}/export/exe").status == 404
