"""Who is ready and what is missing, in sentences: audiences, hours, exceptions, on any day."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from app.extensions import db
from app.people.models import SensitiveFact
from app.training import following
from app.training.models import OutsideTraining, TrainingException
from app.training.status import training_status, training_statuses
from app.web import today
from tests import factories

from . import situations

DAY = timedelta(days=1)
NONE_CHOSEN = "L'association n'a pas encore choisi de formation obligatoire."
ADULT_ALONE = {"age": 20, "needs": [], "axes": []}


@pytest.fixture
def mentor(space, in_space):
    with in_space(space):
        return factories.mentor(space, account=False)


def course_for(title, *audiences, **changes):
    """A published course of one hour, required for these mentors."""
    return factories.published(title, [{"kind": "text", "title": title}], required_for=list(audiences), **changes)


def elsewhere_for(mentor, minutes, state="accepted", **changes):
    """Hours that a mentor declared without any step of a course."""
    said = {"title": "PSC1", "body": "Croix-Rouge", "done_on": today(), "reason": "Non" if state == "refused" else ""}
    db.session.add(OutsideTraining(mentor_id=mentor.id, minutes=minutes, state=state, **{**said, **changes}))
    db.session.flush()


def let(mentor, course, until, **changes):
    """An exception for a course, or for the hours when there is none."""
    values = {"mentor_id": mentor.id, "course_id": course and course.id, "reason": "Éducatrice depuis dix ans", "until": until}
    db.session.add(TrainingException(**values, made_by=factories.user().id, **changes))
    db.session.flush()


def plain(status):
    """The sentences with ordinary spaces."""
    return [sentence.replace("\xa0", " ") for sentence in status.missing]


def test_without_a_required_course_nobody_is_ready(space, in_space, mentor):
    with in_space(space):
        factories.complete(mentor, course_for("En plus"))

        status = training_status(mentor)

        assert (status.is_ready, plain(status)) == (False, [NONE_CHOSEN])


@pytest.mark.parametrize(
    ("audience", "child", "concerned"),
    [
        ("all", {}, True),
        ("minors", {"age": 17}, True),
        ("minors", {"age": 18}, False),
        ("minors", {"age": None}, True),
        ("ase", {"ase": True}, True),
        ("ase", {"age": 17}, False),
        ("education", {"needs": ["school"]}, True),
        ("education", {"needs": ["orientation"]}, True),
        ("education", {"axes": ["education"]}, True),
        ("education", {"needs": ["employment"]}, False),
        ("employment", {"needs": ["employment"]}, True),
        ("employment", {"axes": ["employment"]}, True),
        ("employment", {"needs": ["school", "orientation"]}, False),
    ],
)
def test_a_course_is_asked_of_those_whom_it_concerns(space, in_space, mentor, audience, child, concerned):
    with in_space(space):
        common, course = course_for("Pour tous", "all"), course_for("À part", audience)
        factories.complete(mentor, common)
        values = {**ADULT_ALONE, **child}
        ase = values.pop("ase", False)
        mentee = factories.mentee(space, account=False, **values)
        if ase:
            db.session.add(SensitiveFact(mentee_id=mentee.id, kind="ase", noted_by=factories.user().id))
            db.session.flush()

        status = training_status(mentor, for_mentee=mentee)

        assert plain(status) == ["La formation « À part » n'est pas terminée."] * concerned
        assert [piece.course_id for piece in status.pieces] == [course.id] * concerned


@pytest.mark.parametrize(("audience", "asked"), [("all", 1), ("minors", 0), ("ase", 0), ("education", 0), ("employment", 0)])
def test_without_a_jeune_only_what_is_for_all_is_asked(space, in_space, mentor, audience, asked):
    with in_space(space):
        factories.complete(mentor, course_for("Pour tous", "all"))
        course_for("À part", audience)

        assert len(training_status(mentor).pieces) == asked


def test_a_jeune_is_no_longer_a_minor_on_the_day_of_eighteen(space, in_space, mentor):
    with in_space(space):
        factories.complete(mentor, course_for("Pour tous", "all"), on=date(2020, 1, 1))
        course_for("Mineurs", "minors")
        mentee = factories.mentee(space, account=False, **{**ADULT_ALONE, "birth_date": date(2008, 2, 29)})

        ready = [training_status(mentor, day, mentee).is_ready for day in (date(2026, 2, 28), date(2026, 3, 1))]

        assert ready == [False, True]


def test_what_ended_is_said_with_its_last_day(space, in_space, mentor):
    with in_space(space):
        factories.complete(mentor, course_for("Pour tous", "all", valid_months=12), on=date(2024, 2, 29))

        before, after = training_status(mentor, date(2025, 2, 28)), training_status(mentor, date(2025, 3, 1))

        assert (before.is_ready, before.valid_until) == (True, date(2025, 2, 28))
        assert plain(after) == ["La formation « Pour tous » n'est plus valable depuis le 28 février 2025 : elle est à renouveler."]


def test_the_day_that_is_told_is_that_of_the_first_course_to_end(space, in_space, mentor):
    with in_space(space):
        for title, months in (("Un", 24), ("Deux", 12), ("Trois", 0)):
            factories.complete(mentor, course_for(title, "all", valid_months=months), on=date(2026, 1, 31))
        factories.complete(mentor, course_for("Pas demandé", valid_months=1), on=date(2026, 1, 31))

        assert training_status(mentor, date(2026, 2, 1)).valid_until == date(2027, 1, 31)


def test_on_a_day_before_it_was_done_it_was_missing(space, in_space, mentor):
    with in_space(space):
        factories.complete(mentor, course_for("Pour tous", "all"), on=date(2026, 5, 4))

        ready = [training_status(mentor, date(2026, 5, day)).is_ready for day in (3, 4, 5)]

        assert ready == [False, True, True]


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"minutes": 60}, []),
        ({"minutes": 59}, ["1 h 59 de formation sur les 2 h demandées avant tout contact."]),
        ({"minutes": 60, "state": "sent"}, ["1 h de formation sur les 2 h demandées avant tout contact."]),
        ({"minutes": 60, "state": "refused"}, ["1 h de formation sur les 2 h demandées avant tout contact."]),
        ({"minutes": 60, "done_on": date(2099, 1, 1)}, ["1 h de formation sur les 2 h demandées avant tout contact."]),
    ],
)
def test_hours_come_from_courses_and_from_what_was_accepted(app, programme, in_space, declared, said):
    space = factories.association(app, "neuve", "Neuve", ["69"], course=False)
    with in_space(space):
        mentor = factories.mentor(space, account=False)
        factories.complete(mentor, course_for("Pour tous", "all"))
        elsewhere_for(mentor, **declared)

        assert plain(training_status(mentor)) == said


def test_hours_that_a_course_counts_as_a_step_are_not_counted_twice(space, in_space, mentor):
    with in_space(space):
        factories.complete(mentor, course_for("Pour tous", "all"))
        elsewhere_for(mentor, 60, module_id=situations.modules()[0].id)

        assert training_status(mentor).minutes == 60


@pytest.mark.parametrize(
    ("days", "changes", "ready"),
    [(1, {}, True), (0, {}, True), (-1, {}, False), (1, {"withdrawn_at": datetime(2026, 1, 1, tzinfo=UTC)}, False)],
)
def test_an_exception_holds_until_its_last_day_unless_withdrawn(space, in_space, mentor, days, changes, ready):
    with in_space(space):
        let(mentor, course_for("Pour tous", "all"), today() + days * DAY, **changes)

        assert training_status(mentor).is_ready is ready


def test_an_exception_is_for_one_mentor_one_course_or_the_hours(app, programme, in_space):
    space = factories.association(app, "neuve", "Neuve", ["69"], course=False)
    with in_space(space):
        one, other = (factories.mentor(space, account=False) for _each in range(2))
        courses = [course_for(title, "all") for title in ("Un", "Deux")]
        let(one, courses[0], today())

        assert plain(training_status(one)) == ["La formation « Deux » n'est pas terminée."]
        let(one, courses[1], today())
        assert plain(training_status(one)) == ["0 min de formation sur les 2 h demandées avant tout contact."]
        let(one, None, today())
        assert training_status(one).is_ready
        assert len(training_status(other).pieces) == 2


def test_when_two_exceptions_cover_a_course_the_later_one_holds(space, in_space, mentor):
    with in_space(space):
        course = course_for("Pour tous", "all")
        for days in (10, 2):
            let(mentor, course, today() + days * DAY)

        assert training_status(mentor, today() + 9 * DAY).is_ready


def test_fifty_mentors_are_judged_in_two_statements_as_each_alone(space, in_space, statements):
    with in_space(space):
        course = course_for("Pour tous", "all")
        mentors = [factories.mentor(space, account=False) for _each in range(50)]
        for mentor in mentors[:20]:
            factories.complete(mentor, course)

        with statements() as seen:
            together = training_statuses([mentor.id for mentor in mentors])

        assert len(seen) == 2
        assert [together[m.id].is_ready for m in mentors] == [True] * 20 + [False] * 30
        assert all(training_status(m) == together[m.id] for m in mentors[15:25])


def test_nobody_asked_about_is_nobody_answered(space, in_space):
    with in_space(space):
        assert training_statuses([]) == {}


def test_another_association_s_training_is_not_seen(space, in_space, association, mentor):
    with in_space(association):
        factories.mentor(association, trained=True)
    with in_space(space):
        assert plain(training_status(mentor)) == [NONE_CHOSEN]


@pytest.mark.parametrize(
    ("timezone", "moment"), [("Europe/Paris", "22:30"), ("Indian/Reunion", "21:00"), ("America/Martinique", "01:00")]
)
def test_hours_count_from_the_day_of_the_association_s_own_clock(app, programme, in_space, timezone, moment):
    space = factories.association(app, "neuve", "Neuve", ["69"], course=False, timezone=timezone, training_minutes=60)
    with time_machine.travel(f"2026-11-25T{moment}:00Z", tick=False), in_space(space):
        mentor, course = factories.mentor(space), course_for("Pour tous", "all")
        following.finish_alone(mentor, situations.modules(course)[0], mentor.user_id)

        assert training_status(mentor).is_ready
