"""A mentor follows a course, begun once, done in order, ended once; staff record interviews, exceptions, enrolments."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select

from app.certificates.models import Certificate
from app.database import now
from app.extensions import db
from app.training import courses, following
from app.training.following import NotYet
from app.training.models import Completion, Course, Enrolment, ModuleCompletion, Step, TrainingException
from app.training.progress import progress_in
from app.training.signals import course_completed
from app.training.status import training_status
from app.web import today
from tests import factories
from tests.people.fixtures import at_once, day_ago, space_of

from . import situations
from .test_road import MINE, SPACE, read

STAFF = f"{SPACE}/formation"


@pytest.fixture
def published(association, in_space):
    """Make a published course of modules of these kinds, of an hour each: `published("text", "interview")`."""

    def make(*kinds, **changes):
        with in_space(association):
            parts = [{"kind": kind, "title": f"{kind} {rank}"} for rank, kind in enumerate(kinds, start=1)]
            return situations.modules(factories.published("Chemin", parts, required_for=["all"], **changes))

    return make


def begin(desk, course_id):
    """Press « Commencer », « Recommencer » or « La renouveler »."""
    return desk.send(f"{MINE}/parcours/{course_id}/debut")


# Begun once, ended once.


def test_beginning_twice_is_once(desk, association, stored, course):
    pages = [begin(desk, course.id) for _time in range(2)]

    assert [page.heading for page in pages] == ["Module 1", "Module 1"]
    [row] = stored(association, Enrolment)
    assert (row.enrolled_by, row.ended_at) == (None, None)


@pytest.mark.committed
def test_beginning_five_times_at_once_is_once(crowd):
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, tenant):
        mentor, [reading, _live] = factories.mentor(tenant), situations.modules()

    pages = at_once(crowd, [(mentor.user_id, f"{MINE}/parcours/{reading.course_id}/debut", {})] * 5)

    assert {page.status for page in pages} == {200}
    with space_of(crowd, tenant):
        assert db.session.query(Enrolment).count() == 1


def test_a_course_that_is_not_published_is_not_begun(desk, office, association, stored, in_space, mentor):
    office.send(f"{STAFF}/parcours/nouveau", {"title": "Brouillon"})
    draft = stored(association, Course)[-1]

    assert begin(desk, draft.id).heading == "Ma formation"
    assert stored(association, Enrolment) == []
    with in_space(association), pytest.raises(NotYet, match="pas encore publié"):
        following.begin(mentor, draft)


@pytest.mark.parametrize("path", ["parcours/{course}/debut", "{module}/lecture", "{module}/essai"])
def test_what_is_not_of_this_association_is_not_found(desk, elsewhere, in_space, stored, path):
    with in_space(elsewhere):
        module = situations.modules()[0]

    assert desk.send(f"{MINE}/{path.format(course=module.course_id, module=module.id)}").status == 404
    assert desk.send(f"{MINE}/{path.format(course=uuid4(), module=uuid4())}").status == 404
    assert stored(elsewhere, Enrolment) == []


def test_a_completed_course_is_announced_once(association, in_space, published, mentor):
    first, second = published("text", "text")
    heard = []
    with in_space(association), course_completed.connected_to(lambda sender: heard.append(sender.course_id)):
        for module in (first, second, second, first):
            following.finish_alone(mentor, module, mentor.user_id)
        following.end_course(db.session.scalars(select(Enrolment)).one())

    assert heard == [first.course_id]


def test_a_completed_course_ends_its_enrolment_and_says_when(desk, association, stored, published):
    for module in published("text", "text"):
        read(desk, module)

    [done], [enrolment] = stored(association, Completion), stored(association, Enrolment)
    assert (done.enrolment_id, done.minutes, done.completed_on) == (enrolment.id, 120, today_of(association))
    assert enrolment.ended_at is not None


def today_of(association):
    return now().astimezone(association.zone).date()


@pytest.mark.parametrize("kind", ["quiz", "live", "interview", "elsewhere"])
def test_only_what_is_read_or_watched_is_finished_alone(desk, association, stored, published, kind):
    [module] = published(kind)

    page = read(desk, module)

    assert page.status == 409
    assert stored(association, ModuleCompletion) == stored(association, Enrolment) == []


def test_a_video_is_finished_alone(desk, association, stored, published):
    [module] = published("media")

    assert read(desk, module).heading == "Ma formation"
    assert len(stored(association, Completion)) == 1


def test_a_module_that_names_none_before_it_is_done_at_any_moment(desk, association, in_space, stored, published):
    _first, second = published("text", "text")
    with in_space(association):
        db.session.query(Step).filter_by(module_id=second.id).update({"after": []})

    read(desk, second)

    assert [row.module_id for row in stored(association, ModuleCompletion)] == [second.id]


def test_nobody_marks_a_module_done_for_somebody_else(desk, office, app, association, in_space, stored, published, mentor):
    [module] = published("text")
    with in_space(association):
        jeune = factories.mentee(association)

    assert office.send(f"{MINE}/{module.id}/lecture", {"mentor": str(mentor.id)}).status == 403
    assert app.test_client().sign_in(jeune.user_id).send(f"{MINE}/{module.id}/lecture").status == 403
    assert app.test_client().send(f"{MINE}/{module.id}/lecture").heading != "Ma formation"
    assert stored(association, ModuleCompletion) == []


def test_a_forged_mentor_in_the_form_is_not_heard(desk, association, in_space, stored, published, mentor):
    [module] = published("text")
    with in_space(association):
        other = factories.mentor(association)

    desk.send(f"{MINE}/{module.id}/lecture", {"mentor": str(other.id), "mentor_id": str(other.id), "completed_at": "2001-01-01"})

    [row] = stored(association, ModuleCompletion)
    assert (row.mentor_id, row.recorded_by, row.completed_at.year) == (mentor.id, mentor.user_id, now().year)


# Followed again.


@pytest.mark.parametrize(("ago", "again"), [(400, True), (340, True), (10, False)])
def test_a_course_is_followed_again_when_it_ended_or_soon_will(desk, association, in_space, stored, published, mentor, ago, again):
    [module] = published("text", valid_months=12)
    with in_space(association):
        factories.complete(mentor, course_of(module), on=today() - timedelta(days=ago))

    page = begin(desk, module.course_id)

    assert len(stored(association, Enrolment)) == 1 + again
    assert page.heading == ("text 1" if again else "Ma formation")


@pytest.mark.parametrize(("day", "may"), [("2026-04-01", False), ("2026-04-02", True), ("2026-06-01", True), ("2026-06-02", True)])
def test_renewing_opens_sixty_days_before_the_last_day(association, in_space, published, mentor, day, may):
    [module] = published("text", valid_months=12)
    with time_machine.travel(f"{day}T12:00:00Z", tick=False), in_space(association):
        factories.complete(mentor, course_of(module), on=date(2025, 6, 1))

        assert progress_in(mentor, module.course_id).may_begin is may


def test_following_again_begins_from_the_first_module_and_renews(desk, association, in_space, stored, published, mentor):
    first, second = published("text", "text", valid_months=12)
    with in_space(association):
        factories.complete(mentor, course_of(first), on=today() - timedelta(days=400))
    assert "elle est à refaire." in desk.page(MINE).text

    page = begin(desk, first.course_id)
    read(desk, first)
    read(desk, second)

    assert page.heading == "text 1"
    assert [row.completed_on for row in stored(association, Completion)][-1] == today_of(association)
    assert len(stored(association, ModuleCompletion)) == 4
    with in_space(association):
        assert progress_in(mentor, first.course_id).is_complete


def course_of(module):
    return db.session.scalars(select(Course).where(Course.id == module.course_id)).one()


def test_what_counted_then_and_counts_no_more_is_carried_over(desk, association, in_space, stored, published, mentor):
    first, second = published("text", "text")
    with in_space(association):
        course = course_of(first)
        factories.complete(mentor, course)
        courses.change_module(course, second, {"title": "Nouveau"})
        courses.publish(course, factories.user().id, "", False, "Le droit a changé")

    page = begin(desk, first.course_id)

    assert page.heading == "Nouveau"
    assert sorted(row.minutes for row in stored(association, ModuleCompletion)) == [0, 60, 60]


# What staff do.


def test_an_interview_is_recorded_by_staff(desk, office, association, stored, published, mentor):
    [module] = published("interview")
    assert "L'association vous contacte pour fixer ce moment" in desk.page(f"{MINE}/{module.id}").text

    page = office.send(f"{STAFF}/mentors/{mentor.id}/entretien/{module.id}", {"minutes": "45", "note": "À l'aise, posé"})

    assert page.flashes == ["L'entretien est noté."]
    [row] = stored(association, ModuleCompletion)
    assert (row.minutes, row.note, row.recorded_by != mentor.user_id) == (45, "À l'aise, posé", True)
    assert len(stored(association, Completion)) == 1
    assert "À l'aise, posé" not in desk.page(f"{MINE}/{module.id}").text
    assert "À l'aise, posé" in office.page(f"{STAFF}/mentors/{mentor.id}").text


def test_an_interview_is_recorded_once_and_only_where_there_is_one(office, course, association, stored, published, mentor):
    [module] = published("interview")
    for minutes in ("45", "60"):
        office.send(f"{STAFF}/mentors/{mentor.id}/entretien/{module.id}", {"minutes": minutes})

    assert [row.minutes for row in stored(association, ModuleCompletion)] == [45]
    assert office.send(f"{STAFF}/mentors/{mentor.id}/entretien/{course.text.id}", {"minutes": "45"}).status == 404


def note_interview(office, mentor, module, **typed):
    return office.send(f"{STAFF}/mentors/{mentor.id}/entretien/{module.id}", {"minutes": "45", **typed})


def take_back(office, mentor, module, reason="C'était avec une homonyme"):
    return office.send(f"{STAFF}/mentors/{mentor.id}/entretien/{module.id}/reprise", {"reason": reason})


def test_an_interview_noted_on_the_wrong_mentor_is_taken_back(
    desk, office, course, association, stored, in_space, published, mentor, run_jobs
):
    """Nothing was certified: the course goes on where it was, why is kept beside what was said, and the mentor is told."""
    [module] = published("interview", certifies=False)
    note_interview(office, mentor, module, note="À l'aise, posé")
    assert "Reprendre" in office.page(f"{STAFF}/mentors/{mentor.id}").text

    silent = take_back(office, mentor, module, " ")
    page = take_back(office, mentor, module)

    assert (silent.status, silent.errors) == (422, ["Dites pourquoi, en une phrase."])
    assert page.flashes == ["L'entretien est repris\u00a0: le module est à faire, et le mentor est prévenu."]
    assert "À l'aise, posé · Repris le" in page.text
    assert "C'était avec une homonyme" in page.text
    assert stored(association, Completion) == []
    assert [(row.is_done, row.minutes) for row in stored(association, ModuleCompletion)] == [(False, 0)]
    assert "L'association vous contacte pour fixer ce moment" in desk.page(f"{MINE}/{module.id}").text
    assert sum("mail" in name for name in run_jobs()) == 1
    assert take_back(office, mentor, module).errors == ["Cet entretien n'est pas noté, ou il est déjà repris."]

    note_interview(office, mentor, module, note="Le sien, cette fois")
    [row] = stored(association, ModuleCompletion)
    assert (row.is_done, row.minutes, row.note.split("\n")[-1]) == (True, 45, "Le sien, cette fois")
    assert len(stored(association, Completion)) == 1


def test_an_interview_that_was_carried_over_is_taken_back_where_it_was_noted_too(
    desk, office, association, in_space, stored, published, mentor
):
    interview, text = published("interview", "text", certifies=False)
    note_interview(office, mentor, interview)
    desk.send(f"{MINE}/{text.id}/lecture")
    with in_space(association):
        course = course_of(interview)
        courses.change_module(course, text, {"title": "Nouveau"})
        courses.publish(course, factories.user().id, "", False, "Le droit a changé")
    begin(desk, interview.course_id)

    take_back(office, mentor, interview)

    assert not any(row.is_done or row.minutes for row in stored(association, ModuleCompletion) if row.module_id == interview.id)


def test_an_interview_is_taken_back_once_the_certificate_that_rests_on_it_is_revoked(
    office, association, stored, in_space, published, mentor, run_jobs
):
    [module] = published("interview")
    note_interview(office, mentor, module)
    run_jobs()

    refused = take_back(office, mentor, module)

    assert refused.errors == ["Une attestation dit ce parcours terminé : révoquez-la d'abord, puis reprenez ici."]
    assert [row.is_done for row in stored(association, ModuleCompletion)] == [True]
    [certificate] = stored(association, Certificate)
    office.send(f"{SPACE}/attestations/{certificate.id}/revocation", {"reason": "Entretien noté par erreur"})
    assert len(stored(association, Completion)) == 1

    take_back(office, mentor, module)

    assert stored(association, Completion) == []
    with in_space(association):
        assert not training_status(mentor).is_ready


def test_only_an_interview_is_taken_back_so(office, course, mentor):
    assert take_back(office, mentor, course.text).status == 404


def test_an_exception_is_made_for_a_reason_and_taken_back(boss, course, association, stored, in_space, mentor):
    page = boss.send(
        f"{STAFF}/mentors/{mentor.id}/exception", {"what": str(course.id), "reason": "Éducatrice", "until": day_ago(-30)}
    )

    [row] = stored(association, TrainingException)
    assert page.flashes == ["L'exception est notée à votre nom."]
    assert "Éducatrice" in page.text
    assert (row.mentor_id, row.course_id, row.withdrawn_at, row.made_by is not None) == (mentor.id, course.id, None, True)

    listed = boss.get(f"{SPACE}/exceptions")
    assert "Éducatrice" in listed.text

    ended = [boss.send(f"{STAFF}/exceptions/{row.id}/fin") for _time in range(2)]

    assert [page.flashes for page in ended] == [["L'exception est retirée."]] * 2
    assert "Éducatrice" not in ended[0].text
    with in_space(association):
        assert not training_status(mentor).is_ready


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"reason": " "}, "Dites pourquoi, en une phrase."),
        ({"until": day_ago(1)}, "Choisissez une date d'ici six mois : une exception ne dure pas."),
        ({"until": day_ago(-184)}, "Choisissez une date d'ici six mois : une exception ne dure pas."),
        ({"until": "2026-02-30"}, "Indiquez une date qui existe."),
        ({"what": "tout"}, "Choisissez parmi les réponses proposées : elles ont peut-être changé."),
    ],
)
def test_an_exception_that_cannot_be_right_is_refused(boss, association, stored, mentor, typed, sentence):
    values = {"what": "hours", "reason": "Éducatrice", "until": day_ago(-30), **typed}

    page = boss.send(f"{STAFF}/mentors/{mentor.id}/exception", values)

    assert (page.status, page.errors) == (422, [sentence])
    assert stored(association, TrainingException) == []


def test_an_exception_is_made_by_an_administrator_only(office, association, stored, mentor):
    page = office.send(f"{STAFF}/mentors/{mentor.id}/exception", {"what": "hours", "reason": "Éducatrice", "until": day_ago(-30)})

    assert (page.status, stored(association, TrainingException)) == (403, [])
    assert "/exception" not in office.get(f"{STAFF}/mentors/{mentor.id}").text


def test_many_are_enrolled_at_once_but_for_those_who_follow_it_or_have_it(office, course, association, in_space, stored, run_jobs):
    with in_space(association):
        fresh, following_it, trained, paused = (
            factories.mentor(association, trained=rank == 2, state="paused" if rank == 3 else "active") for rank in range(4)
        )
        factories.enrol(following_it, db.session.scalars(select(Course)).one())
    ids = [str(m.id) for m in (fresh, following_it, trained, paused)]

    page = office.send(f"{STAFF}/mentors/ensemble", {"mentor": [*ids, "moi", str(uuid4())], "parcours": str(course.id)})

    assert page.flashes == ["1 mentor inscrit."]
    [row] = [row for row in stored(association, Enrolment) if row.enrolled_by is not None]
    assert row.mentor_id == fresh.id
    assert sum("mail" in name for name in run_jobs()) == 1


def test_ticking_nobody_enrols_nobody(office, course, association, stored):
    page = office.send(f"{STAFF}/mentors/ensemble", {"parcours": str(course.id)})

    assert page.flashes == ["Cochez d'abord les mentors concernés."]
    assert stored(association, Enrolment) == []
