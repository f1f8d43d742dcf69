"""The fixtures of these tests: a mentor who begins, with a browser, and the association's course."""

from types import SimpleNamespace

import pytest

from tests import factories
from tests.people.fixtures import boss, crowd, office, stored  # noqa: F401

from . import situations
from .sheets import note
from .test_road import MINE


@pytest.fixture
def space(app, programme):
    """An association without any course, which asks for no hours."""
    return factories.association(app, "neuve", "Neuve", ["69"], course=False, training_minutes=0)


@pytest.fixture
def course(association, in_space):
    """The required course of Passerelle: a text, then a live session."""
    with in_space(association):
        text, live = situations.modules()
    return SimpleNamespace(id=text.course_id, text=text, live=live)


@pytest.fixture
def mentor(association, in_space):
    """A mentor who has done nothing yet."""
    with in_space(association):
        return factories.mentor(association, first_name="Karim", last_name="Tahar")


@pytest.fixture
def other(association, in_space):
    """Another mentor."""
    with in_space(association):
        return factories.mentor(association, first_name="Léa", last_name="Abel")


@pytest.fixture
def desk(app, mentor):
    """The browser where that mentor is signed in."""
    return app.test_client().sign_in(mentor.user_id)


@pytest.fixture
def session_of(association, in_space, course):
    """Make a live session of the course, with seats for these mentors: `session_of(mentor, days=-1)`."""

    def make(*mentors, **changes):
        with in_space(association):
            row = situations.live_session(course.live, **changes)
            for rank, each in enumerate(mentors, start=1):
                situations.seat(row, each, number=rank)
            return row

    return make


@pytest.fixture
def certified(office, desk, course, mentor, session_of, run_jobs):  # noqa: F811
    """The session of yesterday by which the mentor ended the course, whose certificate is issued."""
    session = session_of(mentor, days=-1)
    desk.send(f"{MINE}/{course.text.id}/lecture")
    note(office, session, mentor)
    run_jobs()
    return session
