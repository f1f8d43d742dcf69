"""What travels between the programme and the associations, however often and in whatever order it arrives."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, text

from app.database import now
from app.extensions import db
from app.leads import actions, jobs
from app.leads.jobs import CARRIED
from app.leads.models import Decline, Lead, LeadDraft, LeadEvent, Orientation
from app.mail import Mail
from app.people.models import Mentee
from tests import factories


@pytest.fixture
def do(app):
    """Do a job once more, whatever was done before."""

    def run(job, **ids):
        with app.app_context():
            job.run(**ids)

    return run


@pytest.fixture
def sent(app, programme, association, in_space):
    """A request that the programme has just oriented to Passerelle; nothing travelled yet."""
    with in_space(association):
        factories.staff(association, "admin")
    with in_space(programme):
        lead = factories.lead(state="waiting", answer_by=None, guardian_name="Nadège", message="Bonjour", source="affiche")
        return actions.orient(lead, programme, factories.today())


@pytest.fixture
def delivered(sent, run_jobs):
    """The same, arrived."""
    run_jobs()
    return sent


@pytest.fixture
def act(stored, in_space, association):
    """Let the association answer the one request that it has."""

    def answer(action, *args, **kwargs):
        [lead] = stored(association, Lead)
        with in_space(association):
            action(lead, *args, **kwargs)

    return answer


@pytest.fixture
def take_back(programme, in_space, sent):
    """Let the person withdraw."""

    def withdraw():
        with in_space(programme):
            actions.withdraw(db.session.get(Lead, (programme.id, sent.lead_id)))

    return withdraw


def states(stored, programme):
    """The programme's view: the request's state and its orientations'."""
    [lead] = stored(programme, Lead)
    return lead.state, [row.state for row in stored(programme, Orientation)]


def test_the_association_receives_exactly_what_the_person_said(delivered, stored, programme, association):
    [ours], [copy] = stored(programme, Lead), stored(association, Lead)

    assert {name: getattr(copy, name) for name in CARRIED} == {name: getattr(ours, name) for name in CARRIED}
    assert (copy.state, copy.answer_by, copy.programme_lead_id) == ("received", delivered.answer_by, ours.id)
    assert copy.id != ours.id
    assert (copy.guardian_name, copy.message, copy.source) == ("Nadège", "Bonjour", "affiche")


def test_the_programme_learns_that_it_arrived_and_the_staff_are_written_to(delivered, stored, programme, association):
    assert states(stored, programme) == ("oriented", ["delivered"])
    assert [mail.kind for mail in stored(association, Mail)] == ["lead_to_answer"]
    assert [event.what for event in stored(association, LeadEvent)] == ["received"]


def test_handing_over_twice_arrives_once(do, app, delivered, stored, run_jobs, programme, association):
    again = {"tenant_id": str(association.id), "programme_id": str(programme.id), "orientation_id": str(delivered.id)}

    do(jobs.hand_over, **again)

    assert run_jobs() == ["leads.confirm_delivery"]
    assert len(stored(association, Lead)) == len(stored(association, Mail)) == 1
    assert states(stored, programme) == ("oriented", ["delivered"])


def test_handing_over_again_after_a_refusal_brings_nothing_back(do, delivered, act, stored, programme, association):
    act(actions.decline, "age")

    do(jobs.hand_over, tenant_id=str(association.id), programme_id=str(programme.id), orientation_id=str(delivered.id))

    assert stored(association, Lead) == []


def test_an_acceptance_is_told_to_the_programme(delivered, act, run_jobs, stored, programme, association):
    act(accept_by_somebody)

    run_jobs()

    assert states(stored, programme) == ("accepted", ["accepted"])
    assert [event.what for event in stored(programme, LeadEvent)] == ["oriented", "accepted"]
    assert stored(programme, Orientation)[0].answered_at is not None


def accept_by_somebody(lead):
    """Accept, as a member of staff would."""
    actions.accept(lead, by=factories.user().id)


def test_a_refusal_leaves_a_count_and_nobody_in_the_association(delivered, act, run_jobs, stored, programme, association):
    act(actions.decline, "capacity")

    run_jobs()

    assert stored(association, Lead) == stored(association, LeadEvent) == []
    assert [(row.reason, row.orientation_id) for row in stored(association, Decline)] == [("capacity", delivered.id)]
    assert states(stored, programme) == ("waiting", ["declined"])
    assert stored(programme, Lead)[0].waiting_reason == "declined"


def test_a_refusal_writes_nothing_to_a_person_whom_the_programme_still_helps(delivered, act, run_jobs, stored, association):
    act(actions.decline, "capacity")
    run_jobs()

    assert [mail.kind for mail in stored(association, Mail)] == ["lead_to_answer"]


def test_a_refusal_tries_the_next_association(app, delivered, act, run_jobs, stored, programme):
    second = factories.association(app, "seconde", "Seconde", ["69"])
    act(actions.decline, "no_mentor")

    run_jobs()

    assert states(stored, programme) == ("oriented", ["declined", "delivered"])
    assert [row.first_name for row in stored(second, Lead)] == ["Noé"]
    events = [(event.what, event.reason) for event in stored(programme, LeadEvent)]
    assert events == [("oriented", None), ("declined", "no_mentor"), ("oriented", None)]


def test_the_same_answer_told_twice_is_noted_once(do, delivered, act, run_jobs, stored, programme, association):
    act(actions.decline, "age")
    run_jobs()

    do(jobs.answer, tenant_id=str(programme.id), association_id=str(association.id), orientation_id=str(delivered.id))

    assert [event.what for event in stored(programme, LeadEvent)] == ["oriented", "declined"]


def test_an_answer_that_was_not_given_changes_nothing(do, delivered, stored, programme, association):
    do(jobs.answer, tenant_id=str(programme.id), association_id=str(association.id), orientation_id=str(delivered.id))

    assert states(stored, programme) == ("oriented", ["delivered"])


def test_withdrawn_before_it_arrived_it_never_arrives(sent, take_back, run_jobs, stored, programme, association):
    take_back()

    run_jobs()

    assert stored(association, Lead) == stored(association, Mail) == []
    assert states(stored, programme) == ("withdrawn", ["withdrawn"])


def test_withdrawn_after_it_arrived_it_is_forgotten_there(delivered, take_back, run_jobs, stored, programme, association):
    take_back()

    run_jobs()

    assert stored(association, Lead) == stored(association, Decline) == []
    assert states(stored, programme) == ("withdrawn", ["withdrawn"])


def test_withdrawn_after_it_was_accepted_both_sides_know(delivered, act, take_back, run_jobs, stored, programme, association):
    act(accept_by_somebody)
    run_jobs()
    take_back()

    run_jobs()

    assert states(stored, programme) == ("withdrawn", ["withdrawn"])
    assert [lead.state for lead in stored(association, Lead)] == ["withdrawn"]
    assert [file.state for file in stored(association, Mentee)] == ["withdrawn"]
    assert "file_withdrawn" in [mail.kind for mail in stored(association, Mail)]


def test_accepted_while_it_was_being_withdrawn_it_is_withdrawn(delivered, act, take_back, run_jobs, stored, programme, association):
    act(accept_by_somebody)
    take_back()

    run_jobs()

    assert states(stored, programme) == ("withdrawn", ["withdrawn"])
    assert [lead.state for lead in stored(association, Lead)] == ["withdrawn"]


def test_declined_while_it_was_being_withdrawn_it_stays_withdrawn(delivered, act, take_back, run_jobs, stored, programme):
    act(actions.decline, "age")
    take_back()

    run_jobs()

    assert states(stored, programme) == ("withdrawn", ["withdrawn"])


def test_a_correction_that_crosses_a_delivery_is_not_lost(
    do, sent, in_space, run_jobs, stored, rolled_back, programme, association
):
    job = {"programme_id": str(programme.id), "orientation_id": str(sent.id), "tenant_id": str(association.id)}
    do(jobs.hand_over, **job)
    with in_space(programme):
        actions.correct(db.session.get(Lead, (programme.id, sent.lead_id)), {"phone": "+33639980009", "may_relay": False})
    rolled_back.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'leads.correct_copy'"))

    run_jobs()

    assert [(row.phone, row.may_relay) for row in stored(association, Lead)] == [("+33639980009", False)]


def test_nothing_is_written_on_a_copy_whose_person_was_erased(do, sent, in_space, stored, programme, association):
    do(jobs.hand_over, programme_id=str(programme.id), orientation_id=str(sent.id), tenant_id=str(association.id))
    with in_space(association):
        db.session.scalars(select(Lead)).one().erased_at = now()
    with in_space(programme):
        db.session.get(Lead, (programme.id, sent.lead_id)).guardian_agreed_by = "Nadège Parent"

    do(jobs.correct_copy, programme_id=str(programme.id), orientation_id=str(sent.id), tenant_id=str(association.id))

    assert [row.guardian_agreed_by for row in stored(association, Lead)] == [None]


def test_a_delivery_that_crosses_a_withdrawal_is_called_back(
    do, sent, take_back, run_jobs, stored, rolled_back, programme, association
):
    job = {"programme_id": str(programme.id), "orientation_id": str(sent.id), "tenant_id": str(association.id)}
    do(jobs.hand_over, **job)
    take_back()
    rolled_back.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'leads.withdraw_copy'"))
    assert len(stored(association, Lead)) == 1

    run_jobs()

    assert stored(association, Lead) == []


def test_calling_back_twice_withdraws_once(do, delivered, act, take_back, run_jobs, stored, programme, association):
    act(accept_by_somebody)
    take_back()
    run_jobs()

    do(
        jobs.withdraw_copy,
        tenant_id=str(association.id),
        programme_id=str(programme.id),
        orientation_id=str(delivered.id),
    )

    assert [event.what for event in stored(association, LeadEvent)].count("withdrawn") == 1


@pytest.mark.parametrize("job", [jobs.confirm_delivery, jobs.withdraw_copy])
def test_a_job_about_nothing_does_nothing(do, sent, programme, stored, job):
    asked = {"programme_id": str(programme.id)} if job is jobs.withdraw_copy else {}
    do(job, tenant_id=str(programme.id), orientation_id=str(factories.uuid7()), **asked)

    assert states(stored, programme) == ("oriented", ["sent"])


def test_an_answer_about_nothing_does_nothing(do, sent, programme, association, stored):
    do(jobs.answer, tenant_id=str(programme.id), association_id=str(association.id), orientation_id=str(factories.uuid7()))

    assert states(stored, programme) == ("oriented", ["sent"])


def test_withdrawing_a_direct_request_after_it_was_accepted_closes_the_file(association, in_space, stored):
    with in_space(association):
        lead = factories.lead()
        accept_by_somebody(lead)
        actions.withdraw(lead)

    assert [file.state for file in stored(association, Mentee)] == ["withdrawn"]


def test_on_a_site_without_programme_an_association_still_answers(app, in_space):
    alone = factories.association(app, "seule", "Seule", ["69"])

    with in_space(alone):
        lead = factories.lead(orientation_id=factories.uuid7())
        accept_by_somebody(lead)

    assert lead.state == "accepted"


def test_forms_that_nobody_finished_are_forgotten(do, programme, in_space, stored):
    with in_space(programme):
        db.session.add(LeadDraft(kind="mentee", answers={"needs": ["school"]}, expires_at=now() + timedelta(hours=4)))

    do(jobs.forget_drafts, tenant_id=str(programme.id))
    kept = len(stored(programme, LeadDraft))
    with time_machine.travel(now() + timedelta(hours=4, minutes=1)):
        do(jobs.forget_drafts, tenant_id=str(programme.id))

    assert (kept, len(stored(programme, LeadDraft))) == (1, 0)
