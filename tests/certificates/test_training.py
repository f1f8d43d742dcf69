"""The certificate of a completed course: issued by a job, mailed once."""

import pytest
from sqlalchemy import select

from app.certificates.actions import issue_for_training, next_number
from app.certificates.jobs import issue_training_certificate
from app.certificates.models import Certificate
from app.database import uuid7
from app.extensions import db
from app.mail import Mail
from app.people.models import Mentor
from app.training.following import begin, complete_module
from app.training.models import Completion, Course
from app.training.progress import steps_of
from app.web import today
from tests import factories


@pytest.fixture
def trainee(in_space, association):
    """A mentor who has followed nothing yet."""
    with in_space(association):
        return factories.mentor(association)


def finish(mentor, title="Devenir mentor"):
    """Do every module of a course."""
    course = db.session.scalars(select(Course).where(Course.title == title)).one()
    enrolment = begin(db.session.get(Mentor, (mentor.tenant_id, mentor.id)), course)
    for step in steps_of([enrolment.version_id])[enrolment.version_id]:
        complete_module(enrolment, step.module, by=mentor.user_id)


def certificates(in_space, association):
    with in_space(association):
        return list(db.session.scalars(select(Certificate)))


def test_the_last_module_brings_the_certificate(in_space, association, trainee, run_jobs):
    with in_space(association):
        finish(trainee)

    assert "certificates.issue_training_certificate" in run_jobs()

    (certificate,) = certificates(in_space, association)
    assert (certificate.kind, certificate.mentor_id) == ("training", trainee.id)
    assert (certificate.facts["course"], certificate.facts["minutes"]) == ("Devenir mentor", 120)
    assert certificate.reference_number == f"PA-{certificate.year}-00001"


def test_half_a_course_brings_nothing(in_space, association, trainee, run_jobs):
    with in_space(association):
        enrolment = begin(db.session.get(Mentor, (association.id, trainee.id)), db.session.scalars(select(Course)).one())
        complete_module(enrolment, steps_of([enrolment.version_id])[enrolment.version_id][0].module, by=trainee.user_id)

    assert run_jobs() == []
    assert certificates(in_space, association) == []


def test_the_mentor_is_told_once_and_finds_it(app, in_space, association, trainee, run_jobs, letters):
    with in_space(association):
        finish(trainee)
    run_jobs()

    (letter,) = letters("certificate_issued")
    assert (letter.to_address, letter.subject) == (trainee.email, "Votre attestation est prête")
    page = app.test_client().sign_in(trainee.user_id).page("/a/passerelle/mes-attestations")
    assert "a suivi en entier la formation « Devenir mentor », soit 2 heures, terminée le" in page.text
    assert page.soup.find("a", string=" Télécharger") or "Télécharger" in page.text


def test_the_job_done_twice_gives_one_certificate_and_one_letter(app, in_space, association, trainee, run_jobs, letters):
    with in_space(association):
        finish(trainee)
        completion = db.session.scalars(select(Completion)).one()
    run_jobs()

    issue_training_certificate.run(tenant_id=str(association.id), completion_id=str(completion.id))
    run_jobs()

    assert len(certificates(in_space, association)) == 1
    assert len(letters("certificate_issued")) == 1


def test_asked_for_twice_it_is_the_same(in_space, association, trainee, run_jobs):
    with in_space(association):
        finish(trainee)
    run_jobs()

    with in_space(association):
        again = issue_for_training(db.session.scalars(select(Completion)).one())

    assert [c.id for c in certificates(in_space, association)] == [again.id]


def test_an_optional_course_brings_none(in_space, association, trainee, run_jobs):
    with in_space(association):
        factories.required_course("Aller plus loin", required_for=())
    with in_space(association):
        finish(trainee, "Aller plus loin")
    run_jobs()

    assert certificates(in_space, association) == []


def test_an_association_may_choose_that_none_is_issued(in_space, association, trainee, run_jobs):
    with in_space(association):
        db.session.scalars(select(Course)).one().certifies = False
    with in_space(association):
        finish(trainee)
    run_jobs()

    assert certificates(in_space, association) == []


def test_a_completion_that_is_gone_brings_none(app, in_space, association, run_jobs):
    issue_training_certificate.run(tenant_id=str(association.id), completion_id=str(uuid7()))

    assert certificates(in_space, association) == []


def test_a_mentor_who_never_came_in_is_not_written_to(in_space, association, run_jobs, letters):
    with in_space(association):
        mentor = factories.mentor(association)
        finish(mentor)
        db.session.get(Mentor, (association.id, mentor.id)).user_id = None
    run_jobs()

    assert len(certificates(in_space, association)) == 1
    assert letters("certificate_issued") == []


def test_a_mentor_without_a_certificate_reads_when_it_comes(app, trainee):
    page = app.test_client().sign_in(trainee.user_id).page("/a/passerelle/mes-attestations")

    assert "Rien pour l'instant. Votre attestation arrive ici dès que l'association l'a faite." in page.text


def test_a_completion_of_another_association_is_out_of_reach(in_space, association, elsewhere, trainee):
    with in_space(association):
        finish(trainee)
        completion = db.session.scalars(select(Completion)).one()

    issue_training_certificate.run(tenant_id=str(elsewhere.id), completion_id=str(completion.id))

    assert certificates(in_space, elsewhere) == []
    assert certificates(in_space, association) == []


def test_the_team_is_told_when_it_cannot_be_made(in_space, association, people, run_jobs):
    with in_space(association):
        completion = db.session.scalars(select(Completion)).one()
        completion.mentor.first_name = "Zoé\U000f1234"
        issue_training_certificate.defer(completion_id=completion.id)

    run_jobs()

    with in_space(association):
        assert db.session.scalars(select(Certificate)).all() == []
        assert {mail.kind for mail in db.session.scalars(select(Mail))} == {"certificate_not_made"}
        assert next_number(today().year) == 1  # no hole
