"""Validity over dates against the same rule written in Python; and the database's own rule, which lets no pair start without."""

from calendar import monthrange
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from app.database import now, uuid7
from app.extensions import db
from app.leads.words import age_on
from app.people.models import SensitiveFact
from app.tenants.models import Tenant
from app.training.models import Completion, Course, CourseVersion, Enrolment
from app.training.status import is_ready, record_of, training_status
from app.web import today
from tests import factories
from tests.pairs.situations import answer_of_database

from .test_status import ADULT_ALONE, DAY, NONE_CHOSEN, course_for, elsewhere_for, let, plain

quick = settings(max_examples=60, deadline=None, database=None)


@pytest.fixture
def mentor(space, in_space):
    with in_space(space):
        return factories.mentor(space, account=False)


def lacks(space, mentor, mentee, day):
    """What the database says is lacking."""
    return db.session.scalar(select(func.training_lacks(space.id, mentor.id, mentee.id, day)))


def months_later(day, count):
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


EDGES = [date(2024, 2, 29), date(2028, 2, 29), date(2023, 2, 28), date(2024, 1, 31), date(2023, 8, 31), date(2025, 12, 31)]
dates = st.sampled_from(EDGES) | st.dates(date(2022, 1, 1), date(2030, 12, 31))
ends = st.lists(st.tuples(dates, st.sampled_from(["course", "refresher"]), st.booleans()), max_size=4)


@contextmanager
def forgotten():
    """A block whose rows are taken back at its end."""
    trial = db.session.begin_nested()
    try:
        yield
    finally:
        trial.rollback()


def older_version(course, **changes):
    """Another version of a course, which was published and is no longer current."""
    version = CourseVersion(course_id=course.id, course=course, number=2, published_at=now(), **changes)
    db.session.add(version)
    db.session.flush()
    return version


def ended(mentor, version, day):
    """A completion of a version on a day, without its modules."""
    moment, key = datetime.combine(day, time(12), UTC), uuid7()
    one = {"mentor_id": mentor.id, "course_id": version.course_id, "version_id": version.id}
    db.session.add(Enrolment(id=key, moved_at=moment, ended_at=moment, **one))
    db.session.flush()
    db.session.add(Completion(enrolment_id=key, minutes=60, completed_on=day, **one))


def two_courses(space):
    """A mentor, a required course and its refresher, each with a version that counts and one that no longer does."""
    course = course_for("Pour tous", "all")
    refresher = course_for("Rappel", renews_id=course.id)
    current = {row.course_id: row for row in db.session.scalars(select(CourseVersion))}
    versions = {
        (name, counts): current[one.id] if counts else older_version(one, counts=False, counts_reason="Refait")
        for name, one in (("course", course), ("refresher", refresher))
        for counts in (True, False)
    }
    return SimpleNamespace(mentor=factories.mentor(space, account=False), course=course, versions=versions)


def expected(done, months, on):
    """Whether the course is held on a day, and until when."""
    counted = [(day, what) for day, what, counts in done if counts and day <= on]
    if not any(what == "course" for _day, what in counted):
        return False, None
    return True, months_later(max(day for day, _what in counted), months) if months else None


def test_validity_follows_the_calendar(space, in_space):
    with in_space(space):
        scene = two_courses(space)

        @quick
        @given(ends, st.sampled_from([0, 1, 6, 12, 36, 48]), dates, st.sampled_from([None, -1, 0, 1]))
        @example([(date(2024, 2, 29), "course", True)], 12, date(2024, 2, 29), 0)
        @example([(date(2024, 2, 29), "course", True)], 48, date(2024, 2, 29), 1)
        @example([(date(2023, 8, 31), "course", True)], 6, date(2023, 8, 31), 0)
        @example([(date(2023, 8, 31), "course", True), (date(2028, 2, 29), "refresher", True)], 12, date(2029, 2, 28), None)
        @example([(date(2028, 2, 29), "refresher", True)], 12, date(2028, 3, 1), None)
        @example([(date(2024, 1, 31), "course", False), (date(2024, 1, 31), "refresher", True)], 0, date(2025, 1, 1), None)
        def holds(done, months, on, edge):
            last = expected(done, months, on)[1]
            day = on if edge is None or last is None else last + edge * DAY  # around the last day that counts
            have, until = expected(done, months, day)
            with forgotten():
                scene.course.valid_months = months
                for when, what, counts in done:
                    ended(scene.mentor, scene.versions[what, counts], when)
                db.session.flush()

                status = training_status(scene.mentor, day)

                assert status.is_ready is (have and (until is None or day <= until))
                assert status.valid_until == until

        holds()


def test_a_refresher_renews_from_its_own_day_even_when_it_came_late(space, in_space):
    with in_space(space):
        scene = two_courses(space)
        scene.course.valid_months = 12
        ended(scene.mentor, scene.versions["course", True], date(2024, 1, 31))
        ended(scene.mentor, scene.versions["refresher", True], date(2025, 6, 30))
        db.session.flush()

        days = (date(2025, 1, 31), date(2025, 2, 1), date(2025, 6, 30), date(2026, 6, 30), date(2026, 7, 1))

        assert [training_status(scene.mentor, day).is_ready for day in days] == [True, False, True, True, False]


def test_python_and_the_database_count_the_same_birthdays(space, in_space):
    with in_space(space):
        scene = two_courses(space)
        mentee = factories.mentee(space, account=False, **ADULT_ALONE)
        ended(scene.mentor, scene.versions["course", True], date(2001, 1, 1))
        course_for("Mineurs", "minors")

        @quick
        @given(st.dates(date(1998, 1, 1), date(2012, 12, 31)) | st.just(date(2008, 2, 29)), st.integers(-2, 2))
        @example(date(2008, 2, 29), 0)
        @example(date(2004, 2, 29), -1)
        def grows_up(born, shift):
            day = months_later(born, 18 * 12) + shift * DAY
            mentee.birth_date = born
            db.session.flush()

            ready = training_status(scene.mentor, day, mentee).is_ready

            assert ready is (age_on(born, day) >= 18)
            assert (lacks(space, scene.mentor, mentee, day) is None) is ready

        grows_up()


DAYS = st.integers(-400, 400)
AUDIENCES = st.lists(st.sampled_from(["all", "minors", "ase", "education", "employment"]), max_size=2, unique=True)
SITUATIONS = st.fixed_dictionaries(
    {
        "rules": st.tuples(*[st.tuples(AUDIENCES, st.sampled_from([0, 1, 12]))] * 2),
        "done": st.lists(
            st.tuples(st.sampled_from([("course", True), ("course", False), ("refresher", True), ("other", True)]), DAYS)
        ),
        "let": st.lists(st.tuples(st.sampled_from(["course", "other", "hours"]), st.integers(-3, 3), st.booleans()), max_size=3),
        "hours": st.lists(st.tuples(st.sampled_from([30, 60, 120]), st.sampled_from(["accepted", "sent"]), DAYS), max_size=2),
        "least": st.sampled_from([0, 60, 120]),
        "born": st.none() | st.integers(-2, 2),
        "needs": st.lists(st.sampled_from(["school", "orientation", "employment"]), max_size=1),
        "axes": st.lists(st.sampled_from(["education", "employment"]), max_size=1),
        "ase": st.booleans(),
    }
)

READY = {
    "rules": ((["all"], 0), ([], 0)), "done": [(("course", True), 0)], "let": [], "hours": [(60, "accepted", 0)], "least": 60,
    "born": None, "needs": [], "axes": [], "ase": False,
}  # fmt: skip


def arrange(space, scene, mentee, facts):
    """Write one situation around a day: rules, what was done, exceptions, hours, the jeune."""
    for course, (audiences, months) in zip((scene.course, scene.other), facts["rules"], strict=True):
        course.required_for, course.valid_months = audiences, months
    for which, days in facts["done"]:
        ended(scene.mentor, scene.versions[which], scene.day + days * DAY)
    courses = {"course": scene.course, "other": scene.other, "hours": None}
    for which, days, withdrawn in facts["let"]:
        let(scene.mentor, courses[which], scene.day + days * DAY, withdrawn_at=now() if withdrawn else None)
    for minutes, state, days in facts["hours"]:
        elsewhere_for(scene.mentor, minutes, state, done_on=scene.day + days * DAY)
    db.session.execute(update(Tenant).where(Tenant.id == space.id).values(training_minutes=facts["least"]))
    born = facts["born"]
    mentee.birth_date = None if born is None else months_later(scene.day, -18 * 12) + born * DAY
    mentee.needs, mentee.axes = facts["needs"], facts["axes"]
    if facts["ase"]:
        db.session.add(SensitiveFact(mentee_id=mentee.id, kind="ase", noted_by=scene.account.id))
    db.session.flush()


def short(status):
    """A status in the database's words."""
    if plain(status) == [NONE_CHOSEN]:
        return "none"
    if status.is_ready:
        return None
    return "course" if status.pieces[0].course_id else "hours"


def test_the_sentences_and_the_database_say_the_same(space, in_space):
    answers = set()
    with in_space(space):
        scene = two_courses(space)
        scene.other = course_for("Autre")
        other = db.session.scalars(select(CourseVersion).where(CourseVersion.course_id == scene.other.id)).one()
        scene.versions["other", True] = other
        scene.day, scene.account = date(2027, 3, 1), factories.user()
        mentee = factories.mentee(space, account=False)

        @settings(quick, max_examples=80)
        @given(SITUATIONS)
        @example(READY)
        @example({**READY, "done": []})
        @example({**READY, "least": 120})
        @example({**READY, "rules": (([], 0), ([], 0))})
        def agree(facts):
            with forgotten():
                arrange(space, scene, mentee, facts)
                space.training_minutes = facts["least"]

                answer = lacks(space, scene.mentor, mentee, scene.day)

                assert answer == short(training_status(scene.mentor, scene.day, mentee))
                assert (
                    is_ready(*record_of(scene.mentor.id, scene.day), scene.day) is training_status(scene.mentor, scene.day).is_ready
                )
            answers.add(answer)

        agree()

    assert answers == {None, "none", "course", "hours"}, "every answer was met"


LACKING = {
    "course": lambda mentor: course_for("Pour tous", "all"),
    "ended": lambda mentor: factories.complete(mentor, course_for("Pour tous", "all", valid_months=1), on=today() - 40 * DAY),
    "hours": lambda mentor: factories.complete(mentor, course_for("Pour tous", "all")),
}


@pytest.mark.parametrize("lack", LACKING)
def test_no_pair_starts_without_its_training_unless_an_exception_says_so(app, programme, in_space, lack):
    space = factories.association(app, "neuve", "Neuve", ["69"], course=False, training_minutes=61 if lack == "hours" else 0)
    with in_space(space):
        mentor, mentee = factories.mentor(space, account=False), factories.mentee(space, account=False)
        LACKING[lack](mentor)
        pair = space.id, mentor.id, mentee.id

        assert answer_of_database(db.session.connection(), *pair) == "BN001"
        let(mentor, None if lack == "hours" else db.session.scalars(select(Course)).one(), today())
        assert answer_of_database(db.session.connection(), *pair) is None


def test_no_pair_starts_where_no_training_is_asked(space, in_space, mentor):
    with in_space(space):
        mentee = factories.mentee(space, account=False)

        assert answer_of_database(db.session.connection(), space.id, mentor.id, mentee.id) == "BN001"


def test_a_closed_pair_does_not_open_again_without_a_training(space, in_space, mentor):
    with in_space(space):
        pair = factories.pair(mentor, factories.mentee(space, account=False), state="closed", closed_on=today())
        course_for("Pour tous", "all")

        with pytest.raises(DBAPIError) as refused, db.session.begin_nested():
            db.session.execute(text("UPDATE pairs SET state = 'active', closed_on = NULL WHERE id = :id"), {"id": pair.id})

        assert refused.value.orig.sqlstate == "BN001"
