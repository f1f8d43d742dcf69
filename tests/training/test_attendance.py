"""Who came to a live session: staff say it afterwards, may correct it, and a course completes once."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from app.database import now
from app.training.models import Completion, ModuleCompletion, Registration
from tests import factories
from tests.people.fixtures import at_once, space_of

from . import situations
from .test_road import MINE, SPACE


@pytest.fixture
def other(association, in_space):
    """Another mentor."""
    with in_space(association):
        return factories.mentor(association, first_name="Léa", last_name="Abel")


def note(office, session, *present):
    """Send the sheet with these mentors ticked."""
    return office.send(f"{SPACE}/formation/sessions/{session.id}", {"present": [str(getattr(m, "id", m)) for m in present]})


def test_before_the_session_the_page_lists_who_comes_by_name(office, mentor, other, session_of):
    page = office.page(f"{SPACE}/formation/sessions/{session_of(mentor, other).id}")

    assert [li.get_text() for li in page.soup.select("ul.rows li")] == ["Léa Abel", "Karim Tahar"]
    assert "Les présences se notent à partir de l'heure de la session." in page.text
    assert page.soup.find("input", attrs={"name": "present"}) is None


def test_a_session_without_anybody_says_so(office, session_of):
    page = office.page(f"{SPACE}/formation/sessions/{session_of().id}")

    assert "Personne n'est encore inscrit." in page.text


def test_attendance_in_the_future_is_refused(office, association, stored, mentor, session_of):
    page = note(office, session_of(mentor, days=1), mentor)

    assert page.status == 409
    assert "Cette session n'a pas encore commencé." in page.text
    assert stored(association, ModuleCompletion) == []


def test_afterwards_everybody_is_ticked_until_staff_say_otherwise(office, mentor, other, session_of):
    session = session_of(mentor, other, days=-1)
    note(office, session, mentor)

    page = office.page(f"{SPACE}/formation/sessions/{session.id}")

    ticked = {box["value"]: box.has_attr("checked") for box in page.soup.find_all("input", attrs={"name": "present"})}
    assert ticked == {str(mentor.id): True, str(other.id): False}


def test_who_came_has_done_the_module(office, association, stored, course, mentor, other, session_of):
    page = note(office, session_of(mentor, other, days=-1), mentor)

    assert "Présences notées : 1." in page.text
    assert {row.mentor_id: row.attended for row in stored(association, Registration)} == {mentor.id: True, other.id: False}
    assert [(row.mentor_id, row.module_id) for row in stored(association, ModuleCompletion)] == [(mentor.id, course.live.id)]


def test_forged_names_on_the_sheet_are_nobody(office, association, stored, mentor, other, session_of):
    page = note(office, session_of(mentor, days=-1), "moi", "", uuid4(), other, mentor)

    assert "Présences notées : 1." in page.text
    assert [row.mentor_id for row in stored(association, ModuleCompletion)] == [mentor.id]


def test_nobody_came(office, association, stored, mentor, session_of):
    page = note(office, session_of(mentor, days=-1))

    assert "Présences notées : 0." in page.text
    assert stored(association, ModuleCompletion) == []


def test_a_mark_made_by_mistake_is_taken_back(office, desk, association, stored, course, mentor, session_of):
    session = session_of(mentor, days=-1)
    note(office, session, mentor)

    note(office, session)

    assert stored(association, ModuleCompletion) == []
    assert "fait" not in desk.page(f"{MINE}/{course.live.id}").text


def test_noting_the_same_twice_changes_nothing(office, association, stored, mentor, session_of):
    session = session_of(mentor, days=-1)

    for _time in range(2):
        note(office, session, mentor)

    assert len(stored(association, ModuleCompletion)) == 1


def test_a_correction_takes_nothing_from_a_completed_course(office, desk, association, stored, course, mentor, session_of):
    session = session_of(mentor, days=-1)
    desk.send(f"{MINE}/{course.text.id}/lecture")
    note(office, session, mentor)

    note(office, session)

    assert len(stored(association, ModuleCompletion)) == 2
    assert len(stored(association, Completion)) == 1
    assert "Formation terminée" in desk.page(MINE).text


def test_who_came_to_one_session_may_miss_another_of_the_same_module(office, association, stored, mentor, session_of):
    first, second = session_of(mentor, days=-2), session_of(mentor, days=-1)
    note(office, first, mentor)

    note(office, second)

    assert [row.mentor_id for row in stored(association, ModuleCompletion)] == [mentor.id]


def test_a_session_of_another_association_is_not_found(office, elsewhere, in_space, stored):
    with in_space(elsewhere):
        mentor = factories.mentor(elsewhere)
        session = situations.live_session(situations.modules()[1], days=-1)
        situations.seat(session, mentor)

    assert office.page(f"{SPACE}/formation/sessions/{session.id}").status == 404
    assert note(office, session, mentor).status == 404
    assert stored(elsewhere, ModuleCompletion) == []


def announcements(connection):
    """How many completions were announced: each asks for one certificate."""
    name = "certificates.issue_training_certificate"
    return connection.execute(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = :name"), {"name": name}).scalar_one()


def test_a_completion_is_announced_once(office, desk, rolled_back, course, mentor, session_of):
    session = session_of(mentor, days=-1)
    desk.send(f"{MINE}/{course.text.id}/lecture")

    for _time in range(3):
        note(office, session, mentor)
        desk.send(f"{MINE}/{course.text.id}/lecture")

    assert announcements(rolled_back) == 1


@pytest.mark.committed
def test_the_last_two_modules_finished_at_the_same_instant_complete_the_course_once(crowd):
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, tenant):
        account = factories.staff(tenant).user_id
        reading, live = situations.modules()
        mentors = [factories.mentor(tenant) for _each in range(5)]
        visits = [(mentor.user_id, f"{MINE}/{reading.id}/lecture", {}) for mentor in mentors]
        for mentor in mentors:
            session = situations.live_session(live, starts_at=now())
            situations.seat(session, mentor)
            visits.append((account, f"{SPACE}/formation/sessions/{session.id}", {"present": str(mentor.id)}))

    pages = at_once(crowd, visits)

    assert [page.status for page in pages] == [200] * 10
    with space_of(crowd, tenant):
        session = situations.db.session
        assert {row.mentor_id for row in session.query(Completion)} == {mentor.id for mentor in mentors}
        assert announcements(session) == session.query(Completion).count() == 5
