"""Who is trained: one mentor's status and the list of a whole page say the same."""

import pytest

from app.extensions import db
from app.training import queries
from app.training.models import Completion, Course
from tests import factories

from . import situations


def complete(mentor, course):
    """Write that a mentor has completed a course."""
    db.session.add(Completion(mentor_id=mentor.id, course_id=course.id, minutes=60, completed_on=factories.now().date()))
    db.session.flush()


@pytest.mark.parametrize("required", [0, 1, 2])
@pytest.mark.parametrize("done", [0, 1, 2])
@pytest.mark.parametrize("optional", [False, True])
def test_status_and_list_agree(association, in_space, required, done, optional):
    with in_space(association):
        db.session.query(Course).update({"is_required": False})
        courses = [situations.texts(f"Cours {i}", 1) for i in range(required)]
        mentor = factories.mentor(association, account=False)
        for course in [*courses[:done], *([situations.texts("En plus", 1, required=False)] if optional else [])]:
            complete(mentor, course)

        trained = mentor.id in queries.trained_ids([mentor.id])

        assert trained is queries.training_status(mentor).is_ready is (required > 0 and done >= required)


def test_trained_are_only_those_who_were_asked_about(association, in_space):
    with in_space(association):
        one, other = (factories.mentor(association, trained=True, account=False) for _each in range(2))

        assert queries.trained_ids([one.id]) == {one.id}
        assert queries.trained_ids([]) == set()
        assert queries.trained_ids([one.id, other.id]) == {one.id, other.id}


def test_required_courses_come_first(association, in_space):
    with in_space(association):
        situations.texts("Facultatif", 1, required=False)
        situations.texts("Suite", 1)

        assert [course.title for course in queries.courses()] == ["Devenir mentor", "Suite", "Facultatif"]
