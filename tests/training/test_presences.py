"""What a presence is worth: of who came without a seat, for a part, elsewhere, before an end; noted by mistake, or erased."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.certificates.models import Certificate
from app.database import now
from app.extensions import db
from app.pairs.actions import form_pair
from app.pairs.refusals import GateClosed
from app.people.actions import close_file
from app.people.models import Mentor
from app.privacy.erasing import erase
from app.training import attendance
from app.training.following import begin, complete_module, decide_outside, declare_outside
from app.training.models import Completion, Course, Module, ModuleCompletion
from app.training.queries import hours_in
from app.training.session_models import Registration
from app.training.status import training_status
from tests import factories
from tests.pairs.situations import plan

from . import situations
from .sheets import answers, note
from .test_road import MINE, SPACE


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
    office, association, in_space, mentor, certified, run_jobs, revoked_first, stays
):
    """The wrong name was ticked: the certificate left, the gate was open. Both are put back, in whichever order it is done."""

    def correct():
        return note(office, certified, mentor, minutes=stays) if stays else note(office, certified, absent=[mentor])

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
    note(office, certified, mentor)
    run_jobs()
    with in_space(association):
        assert is_trained(association, mentor) == (True, 1, 1)


@pytest.mark.usefixtures("certified")
def test_revoking_for_another_reason_leaves_the_course_complete(office, association, in_space, mentor):
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
