"""Model courses: those that come with Binôme, those that the programme offers, and the copies that associations adapt."""

import re
from collections import Counter

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import ProgrammingError

from app.extensions import db
from app.markdown import as_html
from app.training import courses, library, questions
from app.training.courses import NotWritten
from app.training.models import Course, CourseVersion, ModelCourse, Module
from app.training.progress import steps_of
from tests import factories

from . import situations

SHIPPED = library.shipped()
KEYS = ("devenir-mentor", "accompagner-mineur")


@pytest.fixture
def space(app, programme):
    """A new association, without any course."""
    return factories.association(app, "neuve", "Neuve", ["33"], course=False)


def by_key(key):
    return next(model for model in SHIPPED if model["key"] == key)


def modules_of(key):
    return by_key(key)["content"]["modules"]


def offered(title="Accueillir", texts=2):
    """A course that the programme has published and offers."""
    course = situations.texts(title, texts, required=False)
    return course, library.offer(course)


def test_two_courses_come_with_the_product():
    assert {model["key"] for model in SHIPPED} == set(KEYS)
    assert {key: by_key(key)["content"]["required_for"] for key in KEYS} == {KEYS[0]: ["all"], KEYS[1]: ["minors"]}


@pytest.mark.parametrize("key", KEYS)
def test_each_lasts_two_hours_with_a_quiz_and_a_live_session(key):
    kinds = [module["kind"] for module in modules_of(key)]

    assert sum(module["minutes"] for module in modules_of(key)) >= 120
    assert kinds.count("quiz") == kinds.count("live") == 1
    assert kinds.count("text") >= 4


@pytest.mark.parametrize("key", KEYS)
def test_their_texts_are_written_and_clean(key):
    for module in modules_of(key):
        assert module["title"]
        if module["kind"] == "text":
            assert "<h2>" in as_html(module["body"])
            assert len(module["body"].split()) >= 150
        assert not module["body"].startswith("---")


@pytest.mark.parametrize("key", KEYS)
def test_every_question_of_their_quizzes_can_be_asked(key):
    [quiz] = [module for module in modules_of(key) if module["kind"] == "quiz"]

    bank = [questions.checked(question) for question in quiz["questions"]]

    assert len(bank) >= quiz["draw"] > 0
    assert len({question["id"] for question in bank}) == len(bank)
    assert all(question["feedback"] for question in bank)


@pytest.mark.parametrize("key", KEYS)
def test_the_right_answer_is_not_told_by_its_length(key):
    """Neither the longest nor the shortest, nor any other place, is right more than twice in five; nor is it much the longest."""
    [quiz] = [module for module in modules_of(key) if module["kind"] == "quiz"]
    places = Counter()
    for question in quiz["questions"]:
        if question["kind"] == "single":
            [right] = [len(choice["text"]) for choice in question["choices"] if choice["right"]]
            wrong = [len(choice["text"]) for choice in question["choices"] if not choice["right"]]
            places[sum(length > right for length in wrong)] += 1
            assert right <= 1.2 * max(wrong), question["text"]

    assert max(places.values()) <= 0.4 * places.total()


@pytest.mark.parametrize(
    ("key", "numbers"),
    [
        ("devenir-mentor", {"15", "17", "112", "115", "119", "3018", "3114", "3919"}),
        ("accompagner-mineur", {"15", "17", "112", "119", "3018", "3114"}),
    ],
)
def test_whoever_mentors_learns_whom_to_call(key, numbers):
    """Each number is a link to call it, and 114 one to write to it."""
    read = " ".join(module["body"] for module in modules_of(key))

    assert set(re.findall(r"\[(\d+)\]\(tel:\1\)", read)) == numbers
    assert "[114](sms:114)" in read
    assert "harcèlement, à l'école comme en ligne" in read  # one number for both


def test_loading_them_again_changes_nothing(owner):
    before = owner.execute(select(func.count(), func.max(ModelCourse.updated_at))).one()

    library.load_models(owner)

    assert owner.execute(select(func.count(), func.max(ModelCourse.updated_at))).one() == before


def test_an_association_gets_its_own_copy_published_and_required(space, in_space):
    with in_space(space):
        copied = library.copy_models()

        assert {course.model_key: course.required_for for course in copied} == {KEYS[0]: ["all"], KEYS[1]: ["minors"]}
        assert [course.valid_months for course in copied] == [by_key(c.model_key)["content"]["valid_months"] for c in copied]
        assert all(course.model_number == by_key(course.model_key)["number"] for course in copied)
        for course in copied:
            modules = situations.modules(course)
            assert [module.title for module in modules] == [module["title"] for module in modules_of(course.model_key)]


def test_a_copy_made_by_staff_is_a_draft_required_of_nobody(office, association, stored):
    page = office.send("/a/passerelle/formation/modeles/devenir-mentor/copie")

    course = stored(association, Course)[-1]
    assert page.flashes == ["Le modèle est copié\xa0: adaptez-le, puis publiez-le."]
    assert (course.model_key, course.required_for) == ("devenir-mentor", [])
    assert [v.published_at for v in stored(association, CourseVersion) if v.course_id == course.id] == [None]


def test_a_model_copied_twice_is_one_course(office, association, stored):
    pages = [office.send("/a/passerelle/formation/modeles/devenir-mentor/copie") for _each in range(2)]

    [course] = [row for row in stored(association, Course) if row.model_key == "devenir-mentor"]
    assert [page.response.request.path for page in pages] == [f"/a/passerelle/formation/parcours/{course.id}"] * 2


def test_a_model_that_does_not_exist_is_not_found(office, association, stored):
    assert office.send("/a/passerelle/formation/modeles/inconnu/copie").status == 404
    assert len(stored(association, Course)) == 1


def test_a_copy_of_one_association_is_not_anothers(association, elsewhere, in_space, stored):
    with in_space(association):
        library.copy_models()

    assert len(stored(association, Course)) == 3
    assert [course.title for course in stored(elsewhere, Course)] == ["Devenir mentor"]


def test_changing_a_copy_changes_neither_the_model_nor_another_copy(space, in_space):
    with in_space(space):
        model = next(model for model in library.models() if model.key == "devenir-mentor")
        one, other = (library.copy_model(model) for _each in range(2))
        first = courses.steps_in(courses.draft_of(one))[0].module
        courses.change_module(one, first, {"title": "À notre façon"})
        db.session.flush()

        assert courses.steps_in(courses.draft_of(other))[0].module.title == modules_of("devenir-mentor")[0]["title"]
        assert model.content["modules"] == modules_of("devenir-mentor")


def test_the_programme_offers_what_it_published_and_associations_copy_it(programme, association, in_space):
    with in_space(programme):
        _course, model = offered()
        key = model.key

    with in_space(association):
        copy = library.copy_model(db.session.get(ModelCourse, (key, 1)))
        steps = courses.steps_in(courses.draft_of(copy))

        assert (copy.title, copy.model_key, copy.model_number) == ("Accueillir", key, 1)
        assert [(step.module.title, step.module.minutes) for step in steps] == [("Accueillir 1", 30), ("Accueillir 2", 30)]


def test_a_newer_model_is_announced_to_the_copies_only(programme, association, in_space):
    with in_space(programme):
        course, model = offered()
        key = model.key
    with in_space(association):
        library.copy_model(db.session.get(ModelCourse, (key, 1)))
    with in_space(programme):
        again = db.session.get(Course, (course.tenant_id, course.id))
        courses.add_module(again, {"kind": "text", "title": "En plus", "minutes": 10})
        courses.publish(again, factories.user().id, "", True, "")
        library.offer(again)

    with in_space(association):
        every = db.session.scalars(select(Course)).all()
        newer = library.newer_models(every)

        assert [(course.title, newer[course.id].number) for course in every if course.id in newer] == [("Accueillir", 2)]


def test_taking_the_newer_model_makes_a_draft_and_leaves_what_is_published(space, in_space):
    with in_space(space):
        course = library.copy_models()[0]
        before = situations.modules(course)
        newer = ModelCourse(key=course.model_key, number=99, title=course.title, content={"modules": modules_of(KEYS[1])[:1]})
        draft = library.take_newer(course, newer)

        titles = [step.module.title for step in courses.steps_in(draft)]
        assert titles == [modules_of(KEYS[1])[0]["title"]]
        assert (course.model_number, draft.notes.replace("\xa0", " ")) == (99, "Repris du modèle n° 99.")
        assert [module.id for module in situations.modules(course)] == [module.id for module in before]
        assert library.newer_models([course]) == {}


def test_a_module_that_the_newer_model_still_has_stays_the_same(space, in_space):
    """What was done of it still counts, and a session of it serves whoever began the version before."""
    with in_space(space):
        course = library.copy_models()[0]
        text, other, *_rest, live = situations.modules(course)
        first, _second, *_between, last = modules_of(course.model_key)
        content = {"modules": [{**last, "minutes": 45}, {"kind": "text", "title": "Neuf", "minutes": 5}, first]}
        newer = ModelCourse(key=course.model_key, number=99, title=course.title, content=content)

        taken = [step.module for step in courses.steps_in(library.take_newer(course, newer))]

        assert [(module.root_id, module.minutes) for module in taken[::2]] == [(live.root_id, 45), (text.root_id, text.minutes)]
        assert (taken[2].id, taken[0].id == live.id) == (text.id, False)
        assert other.root_id not in {module.root_id for module in taken}


def test_taking_the_newer_model_twice_leaves_no_module_of_nobody(space, in_space):
    with in_space(space):
        course = library.copy_models()[0]
        newer = ModelCourse(key=course.model_key, number=99, title=course.title, content={"modules": modules_of(KEYS[1])[:2]})
        for _time in range(2):
            draft = library.take_newer(course, newer)
        db.session.flush()

        placed = {
            step.module_id for steps in steps_of(list(db.session.scalars(select(CourseVersion.id)))).values() for step in steps
        }
        assert len(courses.steps_in(draft)) == 2
        assert set(db.session.scalars(select(Module.id))) == placed


def test_a_course_that_is_not_published_is_not_offered(programme, in_space):
    with in_space(programme), pytest.raises(NotWritten, match="Publiez d'abord ce parcours"):
        library.offer(courses.write_course("Brouillon", ""))


def test_an_association_offers_nothing_to_others(office, association, stored):
    [course] = stored(association, Course)

    assert office.send(f"/a/passerelle/formation/parcours/{course.id}/offre").status == 403


def test_only_the_programme_s_space_writes_models(association, in_space):
    with in_space(association):
        course = db.session.scalars(select(Course)).one()

        with pytest.raises(ProgrammingError, match="row-level security"), db.session.begin_nested():
            library.offer(course)
