"""Who came to a live session, and for how long: staff say it afterwards, may correct it, and a course completes once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.database import now
from app.extensions import db
from app.training import courses
from app.training.models import Completion, ModuleCompletion
from app.training.session_models import AttendanceMark, Registration
from tests import factories
from tests.people.fixtures import at_once, space_of

from . import situations
from .sheets import answers, note
from .test_road import MINE, SPACE


def test_before_the_session_the_page_lists_who_comes_by_name(office, mentor, other, session_of):
    page = office.page(f"{SPACE}/formation/sessions/{session_of(mentor, other).id}")

    assert [li.get_text(strip=True) for li in page.soup.select("ul.rows li .what")] == ["Léa Abel", "Karim Tahar"]
    assert "Les présences se notent à partir de l'heure de la session." in page.text
    assert page.soup.select("fieldset.presence") == []


def test_a_session_without_anybody_says_so(office, session_of):
    page = office.page(f"{SPACE}/formation/sessions/{session_of().id}")

    assert "Personne n'est encore inscrit." in page.text


def test_attendance_in_the_future_is_refused(office, association, stored, mentor, session_of):
    page = note(office, session_of(mentor, days=1), mentor)

    assert page.status == 409
    assert "Cette session n'a pas encore commencé." in page.text
    assert stored(association, ModuleCompletion) == stored(association, AttendanceMark) == []


def test_attendance_of_a_cancelled_session_is_refused(office, association, stored, mentor, session_of):
    session = session_of(mentor, days=-1, cancelled_at=now(), cancel_reason="Grève")

    page = note(office, session, mentor)

    assert page.status == 409
    assert "Cette session est annulée." in page.text
    assert stored(association, ModuleCompletion) == []


def test_afterwards_nobody_is_ticked_until_staff_say_so(office, mentor, other, session_of):
    session = session_of(mentor, other, days=-1)
    path = f"{SPACE}/formation/sessions/{session.id}"
    before = office.page(path)
    link = before.soup.find("a", {"data-all": "whole"})

    assert answers(before) == {"Léa Abel": None, "Karim Tahar": None}
    assert answers(office.page(path + link["href"])) == {"Léa Abel": "whole", "Karim Tahar": "whole"}

    note(office, session, mentor, absent=[other])

    for page in (office.page(path), office.page(path + link["href"])):
        assert answers(page) == {"Léa Abel": "absent", "Karim Tahar": "whole"}


@pytest.mark.parametrize(("days", "changes", "is_shown"), [(-1, {}, True), (-93, {}, False), (1, {}, False),
                                                       (-1, {"cancelled_at": now(), "cancel_reason": "Grève"}, False)])  # fmt: skip
def test_the_team_is_told_of_presences_to_note(office, association, in_space, mentor, other, session_of, days, changes, is_shown):
    session = session_of(mentor, other, days=days, **changes)

    home, training = (office.page(f"{SPACE}{path}").text for path in ("/", "/formation"))
    assert ("dont les présences ne sont pas notées : 1." in home, "2 personnes" in training) == (is_shown, is_shown)
    if is_shown:
        note(office, session, mentor, absent=[other])
        assert "présences" not in office.page(f"{SPACE}/formation").text


def test_a_sheet_that_says_nothing_is_not_taken(office, association, stored, mentor, session_of):
    page = note(office, session_of(mentor, days=-1))

    assert page.flashes == ["Dites d'abord qui était là."]
    assert stored(association, ModuleCompletion) == stored(association, AttendanceMark) == []


def test_who_did_not_come_is_noted_without_a_harsh_word(office, mentor, other, session_of):
    page = note(office, session_of(mentor, other, days=-1), mentor, absent=[other])

    assert "Pas là cette fois" in page.text
    assert not {"défaillant", "sanction", "absence injustifiée"} & set(page.text.lower().split())


def test_who_came_has_done_the_module(office, association, stored, course, mentor, other, session_of):
    page = note(office, session_of(mentor, other, days=-1), mentor, absent=[other])

    assert "C'est noté : 1 personne était là." in page.text
    seats = {row.mentor_id: (row.attended, row.minutes) for row in stored(association, Registration)}
    assert seats == {mentor.id: (True, 60), other.id: (False, 0)}
    assert [(row.mentor_id, row.module_id) for row in stored(association, ModuleCompletion)] == [(mentor.id, course.live.id)]


@pytest.mark.parametrize(("length", "minutes", "done"), [(40, 40, True), (40, 29, False), (120, 60, False), (120, 90, True)])
def test_three_quarters_are_of_the_session_whatever_one_s_own_version_says(
    office, association, in_space, stored, course, mentor, session_of, length, minutes, done
):
    """The module lasts an hour in the version that they began; the session is of the version published since."""
    with in_space(association):
        live = db.session.merge(course.live)
        path = live.course
        factories.enrol(mentor, path)
        shorter = courses.change_module(path, live, {"minutes": length})
        courses.publish(path, factories.user().id, "", True, "")
        session = situations.live_session(shorter, days=-1)
        situations.seat(session, mentor)

    note(office, session, mentor, minutes=minutes)

    [row] = stored(association, ModuleCompletion)
    assert (row.module_id, row.minutes, row.is_done) == (course.live.id, minutes, done)


def test_a_whole_short_session_goes_before_a_part_of_a_long_one(office, association, in_space, stored, course, mentor, session_of):
    note(office, session_of(mentor, days=-2), mentor, minutes=50)
    with in_space(association):
        live = db.session.merge(course.live)
        session = situations.live_session(courses.change_module(live.course, live, {"minutes": 120}), days=-1)
        situations.seat(session, mentor)

    note(office, session, mentor, minutes=60)

    [row] = stored(association, ModuleCompletion)
    assert (row.minutes, row.is_done) == (50, True)


def test_somebody_of_whom_nothing_is_said_stays_unknown(office, association, stored, mentor, other, session_of):
    note(office, session_of(mentor, other, days=-1), mentor)

    assert {row.mentor_id: row.attended for row in stored(association, Registration)} == {mentor.id: True, other.id: None}


@pytest.mark.parametrize(("minutes", "done"), [(1, False), (44, False), (45, True), (60, True)])
def test_three_quarters_of_a_session_are_enough(office, association, stored, mentor, session_of, minutes, done):
    note(office, session_of(mentor, days=-1), mentor, minutes=minutes)

    [row] = stored(association, ModuleCompletion)
    assert (row.minutes, row.is_done) == (minutes, done)


def test_a_part_counts_in_the_hours_and_the_module_stays_to_do(office, desk, course, mentor, session_of):
    desk.send(f"{MINE}/{course.text.id}/lecture")

    note(office, session_of(mentor, days=-1), mentor, minutes=20)

    assert "Vous étiez là une partie de la session (20 min)" in desk.page(f"{MINE}/{course.live.id}").text
    assert "Formation terminée" not in desk.page(MINE).text


def test_two_parts_of_a_session_of_which_the_second_is_whole_end_the_module(office, association, stored, mentor, session_of):
    first, second = session_of(mentor, days=-2), session_of(mentor, days=-1)
    note(office, first, mentor, minutes=20)

    note(office, second, mentor)

    [row] = stored(association, ModuleCompletion)
    assert (row.minutes, row.is_done) == (60, True)


def test_forged_names_on_the_sheet_are_nobody(office, association, stored, mentor, other, session_of):
    page = note(office, session_of(mentor, days=-1), "moi", "", uuid4(), other, mentor)

    assert "C'est noté : 1 personne était là." in page.text
    assert [row.mentor_id for row in stored(association, ModuleCompletion)] == [mentor.id]


def test_a_forged_answer_says_nothing(office, association, stored, mentor, session_of):
    session = session_of(mentor, days=-1)

    office.send(f"{SPACE}/formation/sessions/{session.id}", {f"p-{mentor.id}": "always", f"m-{mentor.id}": "60"})

    assert stored(association, AttendanceMark) == []


def test_who_only_waited_for_a_seat_was_not_there(office, association, in_space, stored, mentor, other, session_of):
    session = session_of(mentor, days=-1, seats=1)
    with in_space(association):
        situations.seat(session, other, number=2, is_seated=False)

    note(office, session, mentor, other)

    assert [row.mentor_id for row in stored(association, ModuleCompletion)] == [mentor.id]


def test_nobody_came(office, association, stored, mentor, session_of):
    page = note(office, session_of(mentor, days=-1), absent=[mentor])

    assert "C'est noté : personne n'était là." in page.text
    assert stored(association, ModuleCompletion) == []


def test_a_mark_made_by_mistake_is_taken_back(office, desk, association, stored, course, mentor, session_of):
    session = session_of(mentor, days=-1)
    note(office, session, mentor)

    note(office, session, absent=[mentor])

    assert stored(association, ModuleCompletion) == []
    assert desk.page(f"{MINE}/{course.live.id}").soup.find(string="fait") is None


def test_a_correction_keeps_what_it_corrects(office, association, stored, mentor, session_of):
    session = session_of(mentor, days=-1)
    note(office, session, mentor)
    note(office, session, mentor, minutes=30)

    page = note(office, session, absent=[mentor])

    marks = stored(association, AttendanceMark)
    assert [(mark.attended, mark.minutes) for mark in marks] == [(True, 60), (True, 30), (False, 0)]
    said = [p.get_text(" ", strip=True).rpartition(": ")[2] for p in page.soup.select("fieldset.presence p")]
    assert [words.replace("\u00a0", " ") for words in said] == ["1 h", "30 min", "pas là"]


def test_a_first_answer_has_no_history_to_show(office, mentor, session_of):
    page = note(office, session_of(mentor, days=-1), mentor)

    assert page.soup.select("fieldset.presence p") == []


def test_noting_the_same_twice_changes_nothing(office, association, stored, mentor, session_of):
    session = session_of(mentor, days=-1)

    for _time in range(2):
        note(office, session, mentor)

    assert len(stored(association, ModuleCompletion)) == len(stored(association, AttendanceMark)) == 1


def test_a_correction_takes_nothing_from_a_certified_course(office, association, stored, mentor, certified):
    page = note(office, certified, absent=[mentor])

    assert page.flashes[1:] == [
        f"Parcours déjà terminé et attesté\u00a0: {mentor.full_name}. Si c'était une erreur, révoquez l'attestation."
    ]
    assert len(stored(association, ModuleCompletion)) == 2
    assert len(stored(association, Completion)) == 1
    assert stored(association, Registration)[0].attended is False


def test_who_came_to_one_session_may_miss_another_of_the_same_module(office, association, stored, mentor, session_of):
    first, second = session_of(mentor, days=-2), session_of(mentor, days=-1)
    note(office, first, mentor)

    note(office, second, absent=[mentor])

    assert [row.mentor_id for row in stored(association, ModuleCompletion)] == [mentor.id]


@pytest.mark.parametrize("second", [20, 50])
def test_what_counts_is_the_longest_presence(office, association, stored, mentor, session_of, second):
    note(office, session_of(mentor, days=-2), mentor, minutes=40)

    note(office, session_of(mentor, days=-1), mentor, minutes=second)

    [row] = stored(association, ModuleCompletion)
    assert (row.minutes, row.is_done) == (max(40, second), second >= 45)


@pytest.mark.parametrize("typed", ["", "0", "vingt", "61", "999", "1000", "-5", "²", "4.5"])
def test_a_part_of_which_the_minutes_are_not_said_is_asked_again(office, association, stored, mentor, session_of, typed):
    session = session_of(mentor, days=-1)

    page = office.send(f"{SPACE}/formation/sessions/{session.id}", {f"p-{mentor.id}": "part", f"m-{mentor.id}": typed})

    assert page.status == 422
    assert answers(page) == {"Karim Tahar": "part"}
    assert stored(association, ModuleCompletion) == stored(association, AttendanceMark) == []


def test_a_session_of_another_association_is_not_found(office, elsewhere, in_space, stored):
    with in_space(elsewhere):
        mentor = factories.mentor(elsewhere)
        session = situations.live_session(situations.modules()[1], days=-1)
        situations.seat(session, mentor)

    assert office.page(f"{SPACE}/formation/sessions/{session.id}").status == 404
    assert note(office, session, mentor).status == 404
    assert stored(elsewhere, ModuleCompletion) == []


def test_the_sheet_to_sign_is_a_pdf_to_keep(office, mentor, session_of):
    response = office.get(f"{SPACE}/formation/sessions/{session_of(mentor).id}/feuille")

    assert response.mimetype == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert response.data.startswith(b"%PDF-")


def test_the_sheet_to_sign_says_the_year(office, mentor, session_of, monkeypatch):
    pages = []
    monkeypatch.setattr("app.training.session_views.rendering.draw", lambda page, *_rest: pages.append(page) or b"%PDF-")

    session = session_of(mentor)
    office.get(f"{SPACE}/formation/sessions/{session.id}/feuille")

    assert f" {session.starts_at.year}," in pages[0]


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
            session = situations.live_session(live, starts_at=now() - timedelta(minutes=1))
            situations.seat(session, mentor)
            visits.append((account, f"{SPACE}/formation/sessions/{session.id}", {f"p-{mentor.id}": "whole"}))

    pages = at_once(crowd, visits)

    assert [page.status for page in pages] == [200] * 10
    with space_of(crowd, tenant):
        session = situations.db.session
        assert {row.mentor_id for row in session.query(Completion)} == {mentor.id for mentor in mentors}
        assert announcements(session) == session.query(Completion).count() == 5


def test_who_fills_the_sheet_is_left_out_of_it(app, association, in_space, stored, mentor, other, session_of):
    """Somebody who works here and mentors here: a colleague says that they came."""
    session = session_of(mentor, other, days=-1)
    with in_space(association):
        factories.place(association.id, mentor.user_id, "coordinator")
    page = note(app.test_client().sign_in(mentor.user_id), session, mentor, other)

    came = {row.mentor_id: row.attended for row in stored(association, Registration)}
    assert "Votre propre présence est à noter par une autre personne de l'équipe." in page.flashes
    assert (came[mentor.id], came[other.id]) == (None, True)
