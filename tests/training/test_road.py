"""The mentor's road: one module after the other, to the end of the required course."""

import re

import pytest
from sqlalchemy import select

from app.extensions import db
from app.people.models import Mentor
from app.training import courses as writing
from app.training.models import Completion, Course, Enrolment, ModuleCompletion
from tests import factories

from . import situations
from .test_status import let

SPACE = "/a/passerelle"
MINE = f"{SPACE}/ma-formation"


def read(desk, module):
    """Press « J'ai lu ce module »."""
    return desk.send(f"{MINE}/{module.id}/lecture")


def checklist(page):
    """The modules as their list says them."""
    return [" ".join(li.get_text(" ").split()) for li in page.soup.select("ol.checklist li")]


def test_the_page_says_what_is_done_and_the_one_next_thing(desk, course):
    page = desk.page(MINE)

    assert page.heading == "Ma formation"
    assert "0 sur 2 modules, 2 h en tout" in page.text
    assert page.soup.find("button", string="Commencer")
    assert checklist(page) == ["Module 1 1 h · à lire", "Module 2 1 h · en direct · après les précédents"]


def test_a_course_of_one_module_is_said_in_the_singular(desk, office, association, in_space, mentor):
    with in_space(association):
        situations.texts("En plus", 1, required=False)

    assert "0 sur 1 module, 30 min en tout" in desk.page(MINE).text
    assert "0 sur 1 modules" not in office.page(f"{SPACE}/formation/mentors/{mentor.id}").text


def test_the_one_big_button_begins_the_course_then_goes_on_with_it(desk, association, stored, course):
    page = desk.send(f"{MINE}/parcours/{course.id}/debut")

    assert page.heading == "Module 1"
    assert [row.ended_at for row in stored(association, Enrolment)] == [None]
    assert [link.get_text(strip=True) for link in desk.page(MINE).soup.select("a.go.big")] == ["Continuer\xa0: Module 1"]


def test_a_module_is_read_as_a_text_with_headings(desk, course):
    page = desk.page(f"{MINE}/{course.text.id}")

    assert page.heading == "Module 1"
    assert page.soup.select_one(".prose h2").get_text() == "Écouter"
    assert "J'ai lu ce module" in page.text


def test_after_a_module_comes_the_next_one(desk, course):
    page = read(desk, course.text)

    assert page.flashes == ["Module terminé."]
    assert page.heading == "Module 2"
    assert "Aucune date n'est ouverte pour l'instant." in page.text
    assert checklist(desk.page(MINE))[0] == "Module 1 1 h · à lire · fait"
    assert "Continuer : Module 2" in desk.page(MINE).text


def test_the_whole_road_ends_with_the_training_done(desk, office, course, mentor, session_of):
    session = session_of(mentor, days=-1)
    read(desk, course.text)

    office.send(f"{SPACE}/formation/sessions/{session.id}", {f"p-{mentor.id}": "whole"})

    page = desk.page(MINE)
    assert checklist(page) == ["Module 1 1 h · à lire · fait", "Module 2 1 h · en direct · fait"]
    assert "Côté formation, tout est en ordre" in page.text
    assert "Formation terminée" in page.text
    assert "Continuer" not in page.text
    assert page.soup.find("a", string="Mon attestation de formation")["href"] == f"{SPACE}/mes-attestations"


def test_the_completed_course_is_stored_with_its_minutes(desk, office, association, stored, course, mentor, session_of):
    session = session_of(mentor, days=-1)
    office.send(f"{SPACE}/formation/sessions/{session.id}", {f"p-{mentor.id}": "whole"})

    read(desk, course.text)

    [row] = stored(association, Completion)
    assert (row.mentor_id, row.course_id, row.minutes) == (mentor.id, course.id, 120)
    assert sorted(done.minutes for done in stored(association, ModuleCompletion)) == [60, 60]


def test_the_last_text_of_a_course_leads_back_to_the_list(desk, association, in_space):
    with in_space(association):
        course = situations.texts("Accueillir", 1, required=False)
        [module] = situations.modules(course)

    page = read(desk, module)

    assert page.heading == "Ma formation"
    assert "Formation terminée" in page.text
    assert "Mon attestation de formation" not in page.text, "only required courses give one"


@pytest.fixture
def three(association, in_space):
    """A course of three texts."""
    with in_space(association):
        return situations.modules(situations.texts("Chemin", 3))


def test_modules_are_read_in_order(desk, association, stored, three):
    page = read(desk, three[1])

    assert page.status == 409
    assert "Ce module se fait après les précédents." in page.text
    assert stored(association, ModuleCompletion) == []


def test_in_order_each_module_counts_once(desk, association, stored, three):
    for module in (three[0], three[0], three[1], three[0], three[2], three[2]):
        read(desk, module)

    assert [row.module_id for row in stored(association, ModuleCompletion)] == [module.id for module in three]
    assert len(stored(association, Completion)) == 1


@pytest.mark.parametrize("first", [False, True])
def test_a_live_session_is_attended_not_read(desk, association, stored, course, first):
    if first:
        read(desk, course.text)

    page = read(desk, course.live)

    assert page.status == 409
    assert course.live.id not in {row.module_id for row in stored(association, ModuleCompletion)}


def test_reading_a_live_module_again_after_it_was_attended_is_no_error(desk, office, course, mentor, session_of):
    session = session_of(mentor, days=-1)
    office.send(f"{SPACE}/formation/sessions/{session.id}", {f"p-{mentor.id}": "whole"})

    assert read(desk, course.live).flashes == ["Module terminé."]


def test_a_module_added_later_does_not_undo_a_completed_course(desk, office, association, in_space, mentor, course):
    with in_space(association):
        factories.train(mentor)
        written = db.session.scalars(select(Course)).one()
        writing.add_module(written, {"kind": "text", "title": "De plus", "minutes": 10})
        writing.publish(written, factories.user().id, "", True, "")

    page = desk.page(MINE)

    assert "Formation terminée" in page.text
    assert checklist(page)[0] == "Module 1 1 h · à lire · fait"
    assert "Continuer" not in page.text


@pytest.mark.parametrize(("method", "path"), [("page", ""), ("send", "/lecture")])
def test_a_module_of_another_association_is_not_found(desk, elsewhere, in_space, stored, method, path):
    with in_space(elsewhere):
        text, _live = situations.modules()

    assert getattr(desk, method)(f"{MINE}/{text.id}{path}").status == 404
    assert stored(elsewhere, ModuleCompletion) == []


def test_a_mentor_without_a_file_here_has_no_training_here(client, association, in_space):
    with in_space(association):
        account = factories.member(association, "mentor")

    assert client.sign_in(account).page(MINE).status == 404


@pytest.mark.parametrize("who", ["mentee", "coordinator"])
def test_only_mentors_follow_a_training(client, people, who):
    client.sign_in(getattr(people, who).user_id)

    assert client.page(MINE).status == 403


def test_an_association_without_a_course_says_so(app, programme, in_space):
    tenant = factories.association(app, "neuve", "Neuve", ["33"], course=False)
    with in_space(tenant):
        mentor = factories.mentor(tenant)

    page = app.test_client().sign_in(mentor.user_id).page("/a/neuve/ma-formation")

    assert "L'association n'a pas encore publié sa formation." in page.text


def test_a_file_says_how_far_the_training_is(office, desk, course, mentor):
    read(desk, course.text)

    page = office.page(f"{SPACE}/mentors/{mentor.id}")

    assert "la formation « Devenir mentor » n'est pas terminée." in page.text
    assert office.page(f"{SPACE}/formation/mentors/{mentor.id}").soup.find(string=re.compile("1 sur 2 modules"))
    assert "À faire par Karim." in page.text


@pytest.mark.parametrize(
    ("excepted", "sentence"), [(False, "Votre formation est à jour."), (True, "l'association vous dispense de ce qui reste")]
)
def test_only_an_exception_lets_a_mentor_off(desk, association, in_space, mentor, course, excepted, sentence):
    """A course that nobody has to follow is no matter of exceptions."""
    with in_space(association):
        situations.texts("En plus", 1, required=False)
        required = db.session.scalar(select(Course).where(Course.id == course.id))
        if excepted:
            let(mentor, required, factories.today())
            let(mentor, None, factories.today())
        else:
            factories.complete(mentor, required)

    text = desk.page(MINE).text

    assert "Côté formation, tout est en ordre" in text
    assert sentence in text
    assert ("dispense" in text) is excepted


def test_the_road_of_one_mentor_is_not_that_of_another(desk, app, association, in_space, course):
    with in_space(association):
        other = factories.mentor(association)
    read(desk, course.text)

    page = app.test_client().sign_in(other.user_id).page(MINE)

    assert "0 sur 2 modules" in page.text
    assert isinstance(other, Mentor)
