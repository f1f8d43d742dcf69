"""Courses, modules and live sessions as staff write them."""

import pytest

from app.training.models import Course, CourseSession, Module
from tests import factories
from tests.people.fixtures import day_ago

from . import situations
from .test_road import SPACE

TRAINING = f"{SPACE}/formation"
MODULE = {"kind": "text", "title": "Écouter", "minutes": "30", "body": "## Écouter"}


@pytest.fixture
def typed_session(course):
    """What the form of a session sends."""
    return {
        "module": str(course.live.id),
        "day": day_ago(-10), "time": "18:30", "place": "Mairie de Bron", "trainer": "Sonia", "seats": "8",
    }  # fmt: skip


def test_the_page_lists_courses_and_sessions(office, course, mentor, session_of):
    session_of(mentor, seats=8)
    session_of(days=-3)

    page = office.page(TRAINING)

    assert page.heading == "Formation"
    assert "Devenir mentor 2 modules, 2 h obligatoire" in page.text
    assert "1 sur 8 places prises" in page.text
    assert "passée" in page.text


def test_an_association_that_begins_reads_what_to_do(app, programme, in_space):
    tenant = factories.association(app, "neuve", "Neuve", ["33"], course=False)
    with in_space(tenant):
        card = factories.staff(tenant)

    page = app.test_client().sign_in(card.user_id).page("/a/neuve/formation")

    assert "Sans parcours obligatoire, aucun binôme ne peut se former." in page.text
    assert "Aucune session. Planifiez la première" in page.text


def test_a_course_is_written_and_not_required_yet(office, association, stored):
    page = office.send(f"{TRAINING}/parcours/nouveau", {"title": "  Accueillir  ", "summary": "Deux phrases."})

    row = stored(association, Course)[-1]
    assert page.heading == "Accueillir"
    assert "Ajoutez le premier module" in page.text
    assert (row.title, row.summary, row.is_required) == ("Accueillir", "Deux phrases.", False)


def test_a_course_without_modules_cannot_be_required(office, association, stored):
    office.send(f"{TRAINING}/parcours/nouveau", {"title": "Accueillir"})
    course = stored(association, Course)[-1]

    page = office.send(f"{TRAINING}/parcours/{course.id}/obligation")

    assert "personne ne pourrait le terminer" in page.text
    assert not stored(association, Course)[-1].is_required


def test_a_course_is_no_longer_required_then_required_again(office, association, stored):
    course = stored(association, Course)[0]

    question = office.page(f"{TRAINING}/parcours/{course.id}/obligation")
    dropped = office.send(f"{TRAINING}/parcours/{course.id}/obligation")
    again = office.send(f"{TRAINING}/parcours/{course.id}/obligation")

    assert question.heading == "Ne plus exiger ce parcours ?"
    assert dropped.flashes == ["Le parcours n'est plus obligatoire."]
    assert again.flashes == ["Le parcours est obligatoire."]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"title": ""}, "À remplir."),
        ({"title": "a" * 121}, "C'est trop long : 120 caractères au plus."),
        ({"title": "Bien", "summary": "a" * 601}, "C'est trop long : 600 caractères au plus."),
    ],
)
def test_a_course_that_cannot_be_right_is_refused(office, association, stored, typed, sentence):
    page = office.send(f"{TRAINING}/parcours/nouveau", typed)

    assert (page.status, page.errors) == (422, [sentence])
    assert len(stored(association, Course)) == 1


def test_a_module_is_added_at_the_end(office, association, stored, course):
    page = office.send(f"{TRAINING}/parcours/{course.id}", MODULE)

    row = stored(association, Module)[-1]
    assert page.flashes == ["Le module est ajouté."]
    assert "3. Écouter" in page.text
    assert (row.position, row.kind, row.minutes, row.body) == (3, "text", 30, "## Écouter")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"kind": "video"}, "N'est pas un choix valide."),
        ({"title": " "}, "À remplir."),
        ({"minutes": ""}, "Indiquez un nombre de minutes."),
        ({"minutes": "0"}, "De 1 à 600 minutes."),
        ({"minutes": "601"}, "De 1 à 600 minutes."),
        ({"minutes": "une heure"}, "N'est pas un entier valide."),
        ({"body": "a" * 40_001}, "C'est trop long : 40000 caractères au plus."),
    ],
)
def test_a_module_that_cannot_be_right_is_refused_at_its_field(office, association, stored, course, typed, sentence):
    page = office.send(f"{TRAINING}/parcours/{course.id}", {**MODULE, **typed})

    assert (page.status, page.errors) == (422, [sentence])
    assert len(stored(association, Module)) == 2


def test_a_session_is_planned_on_the_clock_of_the_space(office, association, stored, typed_session):
    page = office.send(f"{TRAINING}/sessions/nouvelle", typed_session)

    [row] = stored(association, CourseSession)
    assert page.flashes == ["La session est ouverte aux inscriptions."]
    assert page.heading.endswith(", 18 h 30")
    assert row.starts_at.astimezone(association.zone).isoformat().startswith(f"{day_ago(-10)}T18:30")
    assert (row.place, row.trainer, row.seats) == ("Mairie de Bron", "Sonia", 8)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"module": ""}, "À remplir."),
        ({"module": "x"}, "N'est pas un choix valide."),
        ({"day": "2026-02-30"}, "Indiquez une date qui existe."),
        ({"day": "0001-01-01"}, "Cette date est passée : personne ne pourrait s'inscrire."),
        ({"day": day_ago(1)}, "Cette date est passée : personne ne pourrait s'inscrire."),
        ({"day": "9999-12-31"}, "Choisissez une date d'ici deux ans."),
        ({"time": "25:00"}, "Indiquez une heure."),
        ({"time": ""}, "Indiquez une heure."),
        ({"place": ""}, "À remplir."),
        ({"seats": ""}, "Indiquez un nombre de places."),
        ({"seats": "0"}, "De 1 à 500 places."),
        ({"seats": "501"}, "De 1 à 500 places."),
        ({"seats": "dix"}, "N'est pas un entier valide."),
    ],
)
def test_a_session_that_cannot_be_right_is_refused_at_its_field(office, association, stored, typed_session, typed, sentence):
    page = office.send(f"{TRAINING}/sessions/nouvelle", {**typed_session, **typed})

    assert (page.status, page.errors) == (422, [sentence])
    assert stored(association, CourseSession) == []


def test_only_live_modules_of_this_association_have_sessions(office, course, elsewhere, in_space, typed_session):
    with in_space(elsewhere):
        _text, live = situations.modules()

    for module in (course.text, live):
        page = office.send(f"{TRAINING}/sessions/nouvelle", {**typed_session, "module": str(module.id)})
        assert page.errors == ["N'est pas un choix valide."]


@pytest.mark.parametrize("method", ["page", "send"])
def test_a_course_of_another_association_is_not_found(office, elsewhere, in_space, stored, method):
    [course] = stored(elsewhere, Course)

    assert getattr(office, method)(f"{TRAINING}/parcours/{course.id}").status == 404


@pytest.mark.parametrize("path", ["", "/parcours/nouveau", "/sessions/nouvelle"])
def test_mentors_write_no_course(desk, path):
    assert desk.page(f"{TRAINING}{path}").status == 403
