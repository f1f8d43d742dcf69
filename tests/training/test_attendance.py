"""Who came to a live session, and for how long: staff say it afterwards, may correct it, and a course completes once."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select, text

from app.certificates.models import Certificate
from app.database import now
from app.extensions import db
from app.pairs.actions import form_pair
from app.pairs.refusals import GateClosed
from app.people.actions import close_file
from app.people.models import Mentor
from app.privacy.erasing import erase
from app.training import attendance, courses
from app.training.following import begin, complete_module, decide_outside, declare_outside
from app.training.models import Completion, Course, Module, ModuleCompletion
from app.training.queries import hours_in
from app.training.session_models import AttendanceMark, Registration
from app.training.status import training_status
from tests import factories
from tests.pairs.situations import plan
from tests.people.fixtures import at_once, space_of

from . import situations
from .test_road import MINE, SPACE


@pytest.fixture
def other(association, in_space):
    """Another mentor."""
    with in_space(association):
        return factories.mentor(association, first_name="Léa", last_name="Abel")


def note(office, session, *present, absent=(), minutes=None):
    """Send the sheet with these mentors present, for the whole session or for so many minutes, and those absent."""
    said = dict.fromkeys((str(getattr(m, "id", m)) for m in present), "whole" if minutes is None else "part")
    said.update(dict.fromkeys((str(m.id) for m in absent), "absent"))
    typed = {f"m-{key}": str(minutes) for key in said} if minutes is not None else {}
    return office.send(f"{SPACE}/formation/sessions/{session.id}", {**{f"p-{key}": word for key, word in said.items()}, **typed})


def answers(page):
    """What the sheet has ticked, by name."""
    ticked = {group.legend.get_text(): group.find("input", checked=True) for group in page.soup.select("fieldset.presence")}
    return {name: box and box["value"] for name, box in ticked.items()}


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


def test_a_correction_takes_nothing_from_a_certified_course(
    office, desk, association, stored, course, mentor, session_of, run_jobs
):
    session = session_of(mentor, days=-1)
    desk.send(f"{MINE}/{course.text.id}/lecture")
    note(office, session, mentor)
    run_jobs()

    page = note(office, session, absent=[mentor])

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


# Who came without a seat.


def add(office, session, mentor):
    return office.send(f"{SPACE}/formation/sessions/{session.id}/inscrits", {"mentor": str(mentor.id)})


@pytest.mark.parametrize("waited", [True, False])
def test_whoever_was_there_without_a_seat_is_on_the_sheet(
    office, association, stored, in_space, mentor, other, session_of, course, waited
):
    session = session_of(mentor, days=-1, seats=1)
    with in_space(association):
        factories.enrol(other, db.session.merge(course.live).course)
        if waited:
            situations.seat(session, other, number=2, is_seated=False, seated_at=None)
    page = office.page(f"{SPACE}/formation/sessions/{session.id}")
    assert [option.get_text() for option in page.soup.select("#mentor option")] == ["Choisir…", "Léa Abel"]

    for _time in range(2):
        page = add(office, session, other)
        assert "Léa Abel est sur la feuille : notez sa présence." in page.text

    assert set(answers(page)) == {"Léa Abel", "Karim Tahar"}
    assert "C'est noté : 1 personne était là." in note(office, session, other).text
    assert len(stored(association, ModuleCompletion)) == 1


def test_nobody_is_put_on_the_sheet_of_a_session_that_was_called_off(office, association, stored, other, session_of):
    session = session_of(days=-1, cancelled_at=now(), cancel_reason="Grève")

    assert add(office, session, other).status == 409
    assert stored(association, Registration) == []


def test_to_give_a_seat_back_on_an_old_page_puts_nobody_on_the_sheet(office, association, stored, mentor, session_of):
    session = session_of(days=-1)

    page = office.send(f"{SPACE}/formation/sessions/{session.id}/inscrits", {"mentor": str(mentor.id), "vers": "retrait"})

    assert "La session a commencé : notez plutôt qui n'était pas là." in page.text
    assert stored(association, Registration) == []


def test_hours_are_of_the_day_of_the_session_not_of_the_sheet(association, in_space):
    with time_machine.travel(datetime(2027, 1, 5, 11, tzinfo=UTC), tick=False), in_space(association):
        by, mentor = factories.staff(association).user_id, factories.mentor(association)
        course = factories.published("Ensemble", [{"kind": "live", "title": "En direct"}])
        on = datetime(2026, 12, 15, 17, tzinfo=UTC)
        session = situations.live_session(situations.modules(course)[0], starts_at=on)
        situations.seat(session, mentor, is_seated=True)

        attendance.record_attendance(session, {mentor.id: session.module.minutes}, [], by)

        assert mentor.id in hours_in(2026)
        assert mentor.id not in hours_in(2027)
        assert db.session.scalars(select(Completion.completed_on)).one() == on.date()


def test_what_was_followed_elsewhere_stands_when_a_presence_is_taken_back(association, in_space):
    with in_space(association):
        by, mentor = factories.staff(association).user_id, factories.mentor(association)
        course = factories.published("Ensemble", [{"kind": "live", "title": "En direct"}, {"kind": "text", "title": "Lire"}])
        live = situations.modules(course)[0]
        session = situations.live_session(live, days=-3)
        situations.seat(session, mentor, is_seated=True)
        attendance.record_attendance(session, {mentor.id: 5}, [], by)
        told = {"title": "Ailleurs", "body": "Une autre", "done_on": factories.today(), "minutes": 60, "evidence": "Papier"}
        decide_outside(declare_outside(mentor, live, **told), True, "", by)

        attendance.record_attendance(session, {}, [mentor.id], by)

        assert db.session.scalars(select(ModuleCompletion.is_done)).all() == [True]


def test_a_presence_of_before_the_last_end_does_not_renew_a_course(association, in_space):
    with in_space(association):
        text, live = situations.modules()
        course = db.session.get(Course, (association.id, text.course_id))
        course.valid_months = 12
        mentor, by, long_ago = factories.mentor(association), factories.user().id, now() - timedelta(days=801)
        first = factories.enrol(mentor, course, moved_at=long_ago, created_at=long_ago)
        complete_module(first, text, by, at=long_ago)
        came = situations.live_session(live, days=-800)
        situations.seat(came, mentor)
        attendance.record_attendance(came, {mentor.id: 60}, [], by)

        again = begin(mentor, course)
        complete_module(again, text, by)
        missed = situations.live_session(live, days=-1)
        situations.seat(missed, mentor)
        attendance.record_attendance(missed, {}, [mentor.id], by)
        done = db.session.scalars(select(ModuleCompletion.module_id).where(ModuleCompletion.enrolment_id == again.id)).all()

        assert again.id != first.id
        assert done == [text.id]

        attendance.record_attendance(missed, {mentor.id: 60}, [], by)
        assert db.session.scalar(select(Completion.id).where(Completion.enrolment_id == again.id))


def is_trained(tenant, mentor):
    """Whether the mentor has what a pair asks for, as the database says it; and what is left of the course."""
    person = db.session.get(Mentor, (tenant.id, mentor.id))
    done = db.session.query(ModuleCompletion).filter_by(mentor_id=mentor.id, module_id=course_of_live(tenant)).count()
    return not training_status(person, factories.today()).missing, db.session.query(Completion).count(), done


def course_of_live(tenant):
    """The module that is attended."""
    return db.session.scalars(db.select(Module.id).where(Module.kind == "live")).first()


def test_who_was_there_for_a_part_is_not_trained(office, desk, association, in_space, stored, course, mentor, session_of):
    """Nothing was certified yet: the correction alone gives the course back, and keeps the minutes of the part."""
    session = session_of(mentor, days=-1)
    desk.send(f"{MINE}/{course.text.id}/lecture")
    note(office, session, mentor)

    page = note(office, session, mentor, minutes=20)

    with in_space(association):
        assert is_trained(association, mentor) == (False, 0, 1)
    assert (20, False) in [(row.minutes, row.is_done) for row in stored(association, ModuleCompletion)]
    assert not any("révoquez" in flash for flash in page.flashes)


@pytest.mark.parametrize("stays", [0, 20])
@pytest.mark.parametrize("revoked_first", [False, True])
def test_who_never_came_or_left_early_is_not_trained_once_the_certificate_is_revoked(
    office, desk, association, in_space, course, mentor, session_of, run_jobs, revoked_first, stays
):
    """The wrong name was ticked: the certificate left, the gate was open. Both are put back, in whichever order it is done."""

    def correct():
        return note(office, session, mentor, minutes=stays) if stays else note(office, session, absent=[mentor])

    session = session_of(mentor, days=-1)
    desk.send(f"{MINE}/{course.text.id}/lecture")
    note(office, session, mentor)
    run_jobs()
    with in_space(association):
        [certificate] = db.session.query(Certificate)
        assert is_trained(association, mentor) == (True, 1, 1)
    revocation = f"/a/passerelle/attestations/{certificate.id}/revocation"

    if revoked_first:
        office.send(revocation, {"reason": "Présence notée par erreur"})
        correct()
    else:
        page = correct()
        assert any("révoquez l'attestation" in flash for flash in page.flashes)
        office.send(revocation, {"reason": "Présence notée par erreur"})

    with in_space(association):
        assert is_trained(association, mentor) == (False, 0, 1 if stays else 0)
        kept = db.session.get(Certificate, (association.id, certificate.id))
        assert (kept.is_valid, kept.facts["holder"]) == (False, certificate.facts["holder"])
        with pytest.raises(GateClosed):
            form_pair(factories.mentee(association), db.session.get(Mentor, (association.id, mentor.id)), plan(), None)
    note(office, session, mentor)
    run_jobs()
    with in_space(association):
        assert is_trained(association, mentor) == (True, 1, 1)


def test_revoking_for_another_reason_leaves_the_course_complete(
    office, desk, association, in_space, course, mentor, session_of, run_jobs
):
    session = session_of(mentor, days=-1)
    desk.send(f"{MINE}/{course.text.id}/lecture")
    note(office, session, mentor)
    run_jobs()
    with in_space(association):
        [certificate] = db.session.query(Certificate)
    office.send(f"/a/passerelle/attestations/{certificate.id}/revocation", {"reason": "Nom mal écrit"})

    with in_space(association):
        assert is_trained(association, mentor) == (True, 1, 1)


def test_an_erased_mentor_is_put_on_no_sheet(office, association, in_space, mentor, session_of):
    session = session_of(days=-1)
    with in_space(association):
        close_file(db.session.get(Mentor, (association.id, mentor.id)))
    with in_space(association):
        erase(db.session.get(Mentor, (association.id, mentor.id)))

    page = office.send(f"/a/passerelle/formation/sessions/{session.id}/inscrits", {"mentor": str(mentor.id)})

    with in_space(association):
        assert db.session.query(Registration).count() == 0
    assert not any("est sur la feuille" in flash for flash in page.flashes)


# A sheet that two people fill.


@pytest.fixture
def colleague(app, association, in_space):
    """The browser of somebody else of the team."""
    with in_space(association):
        return app.test_client().sign_in(factories.staff(association).user_id)


def sheet(browser, session):
    """What the page of a session would send, as it shows it."""
    form = browser.page(f"{SPACE}/formation/sessions/{session.id}").soup.select_one("form[data-kept]")
    fields = [f for f in form.select("input[name]") if f.get("type") != "radio" or f.has_attr("checked")]
    return {field["name"]: field.get("value", "") for field in fields}


def post(browser, session, fields, **options):
    return browser.send(f"{SPACE}/formation/sessions/{session.id}", fields, **options)


@pytest.mark.parametrize("kept", [{}, {"X-Kept": "1"}])
def test_a_late_sheet_does_not_restore_a_presence_that_a_colleague_took_back(
    office, colleague, desk, association, stored, course, mentor, other, session_of, kept
):
    """Sent at once, or by a device that had no network."""
    session = session_of(mentor, other, days=-1)
    desk.send(f"{MINE}/{course.text.id}/lecture")
    note(office, session, mentor)
    opened = sheet(office, session)
    note(colleague, session, absent=[mentor])

    post(office, session, opened | {f"p-{other.id}": "whole"}, headers=kept)

    came = {row.mentor_id: row.attended for row in stored(association, Registration)}
    assert came == {mentor.id: False, other.id: True}
    assert stored(association, Completion) == []


def test_what_two_people_changed_is_read_again_and_nothing_typed_is_lost(
    office, colleague, association, stored, mentor, other, session_of
):
    session = session_of(mentor, other, days=-1)
    opened = sheet(office, session)
    note(colleague, session, mentor, minutes=20)

    page = post(office, session, opened | {f"p-{mentor.id}": "whole", f"p-{other.id}": "absent"})

    assert (page.status, page.errors) == (422, ["Quelqu'un vient de noter « 20 min » ici. Relisez, puis enregistrez de nouveau."])
    assert answers(page) == {"Léa Abel": "absent", "Karim Tahar": "whole"}
    assert {row.mentor_id: row.minutes for row in stored(association, Registration)} == {mentor.id: 20, other.id: None}
    again = {f["name"]: f.get("value") for f in page.soup.select("fieldset.presence input") if f.get("type") != "radio"}

    post(office, session, again | {f"p-{mentor.id}": "whole", f"p-{other.id}": "absent"})

    assert {row.mentor_id: row.minutes for row in stored(association, Registration)} == {mentor.id: 60, other.id: 0}


def test_a_refused_sheet_shows_what_only_the_colleague_changed(office, colleague, mentor, other, session_of):
    session = session_of(mentor, other, days=-1)
    note(office, session, mentor, other)
    opened = sheet(office, session)
    note(colleague, session, absent=[mentor, other])

    page = post(office, session, opened | {f"p-{mentor.id}": "part", f"m-{mentor.id}": "30"})

    assert page.errors == ["Quelqu'un vient de noter « pas là » ici. Relisez, puis enregistrez de nouveau."]
    assert answers(page) == {"Léa Abel": "absent", "Karim Tahar": "part"}


def test_minutes_asked_again_do_not_hide_what_a_colleague_did(office, colleague, association, stored, mentor, session_of):
    session = session_of(mentor, days=-1)
    opened = sheet(office, session)
    note(colleague, session, absent=[mentor])
    asked = post(office, session, opened | {f"p-{mentor.id}": "part"})

    page = post(office, session, {f"s-{mentor.id}": asked.value(f"s-{mentor.id}"), f"p-{mentor.id}": "whole"})

    assert page.status == 422
    assert [row.attended for row in stored(association, Registration)] == [False]


def test_one_s_own_late_sheet_is_no_clash(office, association, stored, mentor, session_of):
    """What was kept without network was sent, and one goes on on the same page."""
    session = session_of(mentor, days=-1)
    opened = sheet(office, session)
    post(office, session, opened | {f"p-{mentor.id}": "whole"})

    post(office, session, opened | {f"p-{mentor.id}": "absent"})

    assert [row.attended for row in stored(association, Registration)] == [False]
