"""The ready course that every association starts with."""

from app.training.markdown import as_html
from app.training.model_course import copy_model_course
from app.training.models import Course, Module
from app.training.queries import courses
from tests import factories


def test_an_association_gets_its_own_copy_of_two_hours(app, programme, in_space, stored):
    tenant = factories.association(app, "neuve", "Neuve", ["33"], course=False)
    with in_space(tenant):
        copy_model_course()

    [course], modules = stored(tenant, Course), sorted(stored(tenant, Module), key=lambda module: module.position)
    assert course.is_required
    assert [module.position for module in modules] == [1, 2, 3, 4, 5]
    assert [module.kind for module in modules] == ["text"] * 4 + ["live"]
    assert sum(module.minutes for module in modules) >= 120


def test_its_texts_are_written_and_clean(association, in_space, stored):
    with in_space(association):
        copied = copy_model_course()

    modules = [module for module in stored(association, Module) if module.course_id == copied.id]
    for module in modules:
        assert "<h2>" in as_html(module.body)
        assert not module.body.startswith("---")
        assert module.title


def test_a_copy_of_one_association_is_not_anothers(association, elsewhere, in_space):
    with in_space(association):
        copy_model_course()

    with in_space(elsewhere):
        assert [course.title for course in courses()] == ["Devenir mentor"]
