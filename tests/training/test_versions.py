"""Courses as they are written: drafts, versions that are published, and what becomes of those who followed another."""

from datetime import date

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.training import courses, following
from app.training.courses import NotWritten, steps_in
from app.training.models import Completion, Course, CourseVersion, Module, ModuleCompletion
from app.training.progress import is_open, progress_in
from app.training.status import training_status
from tests import factories

from . import situations

SPACE = "/a/passerelle/formation/parcours"


@pytest.fixture
def space(association, in_space):
    """The space of Passerelle, entered for the whole test; its course asks nobody for hours."""
    with in_space(association):
        db.session.scalars(select(Course)).one().required_for = []
        yield association


@pytest.fixture
def mentor(space):
    return factories.mentor(space)


@pytest.fixture
def chapters(space):
    """A published course of three texts, required of all."""
    return situations.texts("Chapitre", 3)


def publish(course, earlier_count=True, reason=""):
    return courses.publish(course, factories.user().id, "Relu", earlier_count, reason)


def titles(version):
    return [step.module.title for step in steps_in(version)]


def current(course):
    return db.session.scalars(select(CourseVersion).where(CourseVersion.course_id == course.id, CourseVersion.is_current)).one()


def read(mentor, *modules):
    for module in modules:
        following.finish_alone(mentor, module, mentor.user_id)


def text(title, minutes=30):
    return {"kind": "text", "title": title, "minutes": minutes}


def test_a_new_course_is_an_empty_draft_required_of_nobody(space):
    course = courses.write_course("Accueillir", "Deux phrases.")

    [version] = courses.versions_of(course)
    assert (version.number, version.published_at, version.is_current, steps_in(version)) == (1, None, False, [])
    assert not course.is_required


def test_the_draft_of_a_published_course_has_the_same_modules(chapters):
    draft = courses.draft_of(chapters)

    assert (draft.number, draft.published_at) == (2, None)
    assert [s.module_id for s in steps_in(draft)] == [s.module_id for s in steps_in(current(chapters))]
    assert courses.draft_of(chapters).id == draft.id


def test_a_published_module_that_is_changed_becomes_another_of_the_same_root(chapters):
    module = situations.modules(chapters)[1]

    changed = courses.change_module(chapters, module, {"title": "Mieux dit"})

    assert (changed.id != module.id, changed.root_id, changed.minutes) == (True, module.root_id, module.minutes)
    assert titles(current(chapters)) == ["Chapitre 1", "Chapitre 2", "Chapitre 3"]
    assert titles(courses.draft_of(chapters)) == ["Chapitre 1", "Mieux dit", "Chapitre 3"]


@pytest.mark.parametrize("through", ["published", "draft"])
def test_a_module_of_the_draft_is_changed_in_place_however_it_is_named(chapters, through):
    module = situations.modules(chapters)[1]
    changed = courses.change_module(chapters, module, {"title": "Mieux dit"})

    again = courses.change_module(chapters, module if through == "published" else changed, {"title": "Encore mieux"})

    assert again.id == changed.id
    assert titles(courses.draft_of(chapters)) == ["Chapitre 1", "Encore mieux", "Chapitre 3"]


def test_saying_the_same_again_makes_no_other_module(chapters):
    module = situations.modules(chapters)[0]

    assert courses.change_module(chapters, module, {"title": module.title, "minutes": module.minutes}) is module


def test_a_version_that_is_published_is_the_one_that_mentors_begin(chapters, mentor):
    before = current(chapters)
    courses.add_module(chapters, text("En plus"))
    account = factories.user()

    version = courses.publish(chapters, account.id, "Un module de plus", True, "")

    assert current(chapters) == version
    assert (version.number, version.notes, version.published_by) == (2, "Un module de plus", account.id)
    assert (before.is_current, before.counts) == (False, True)
    assert following.begin(mentor, chapters).version_id == version.id


def test_whoever_began_ends_the_version_that_they_began(chapters, mentor):
    first, second, third = situations.modules(chapters)
    read(mentor, first)
    began = current(chapters)
    courses.change_module(chapters, second, {"title": "Mieux dit"})
    courses.add_module(chapters, text("En plus"))
    publish(chapters)

    read(mentor, second, third)

    done = db.session.scalars(select(Completion)).one()
    assert (done.version_id, done.minutes) == (began.id, 90)
    assert progress_in(mentor, chapters.id).is_complete


def test_a_module_that_was_added_after_one_began_is_not_theirs(chapters, mentor):
    read(mentor, situations.modules(chapters)[0])
    added = courses.add_module(chapters, text("En plus"))
    publish(chapters)

    with pytest.raises(following.NotYet, match="pas dans le parcours suivi"):
        read(mentor, added)


def test_a_completion_keeps_the_version_it_was_made_on(chapters, mentor):
    completion = factories.complete(mentor, chapters)
    kept = completion.version_id
    courses.add_module(chapters, text("En plus"))

    publish(chapters)

    db.session.refresh(completion)
    assert completion.version_id == kept
    assert progress_in(mentor, chapters.id).is_complete
    assert courses.completions_by_version(chapters) == {kept: 1}


def test_versions_before_no_longer_count_when_staff_say_so_with_a_reason(chapters, mentor):
    factories.complete(mentor, chapters)
    courses.add_module(chapters, text("En plus"))

    publish(chapters, earlier_count=False, reason="La loi a changé")

    latest, first = courses.versions_of(chapters)
    assert [(v.counts, v.counts_reason) for v in (latest, first)] == [(True, ""), (False, "La loi a changé")]
    assert [piece.course_id for piece in training_status(mentor).pieces] == [chapters.id]


def test_what_did_not_change_stays_done_and_its_minutes_are_counted_once(chapters, mentor):
    first, second, third = situations.modules(chapters)
    factories.complete(mentor, chapters)
    changed = courses.change_module(chapters, second, {"title": "Mieux dit", "minutes": 45})
    publish(chapters, earlier_count=False, reason="La loi a changé")

    enrolment = following.begin(mentor, chapters)

    rows = db.session.scalars(select(ModuleCompletion).where(ModuleCompletion.enrolment_id == enrolment.id)).all()
    assert {row.module_id: row.minutes for row in rows} == {first.id: 0, third.id: 0}
    assert progress_in(mentor, chapters.id).next_module.id == changed.id
    read(mentor, changed)
    assert db.session.scalar(select(func.sum(ModuleCompletion.minutes))) == 90 + 45
    assert (
        db.session.scalars(select(Completion.version_id).where(Completion.enrolment_id == enrolment.id)).one()
        == current(chapters).id
    )


def test_whoever_ends_a_version_that_no_longer_counts_does_only_what_is_new(chapters, mentor):
    modules = situations.modules(chapters)
    read(mentor, modules[0])
    added = courses.add_module(chapters, text("En plus"))
    publish(chapters, earlier_count=False, reason="La loi a changé")
    read(mentor, *modules[1:])
    assert not progress_in(mentor, chapters.id).holds

    following.begin(mentor, chapters)

    assert progress_in(mentor, chapters.id).next_module.id == added.id
    read(mentor, added)
    assert progress_in(mentor, chapters.id).is_complete


def test_when_a_version_counts_again_its_completions_do_too(chapters, mentor):
    factories.complete(mentor, chapters)
    first = current(chapters)
    courses.change_module(chapters, situations.modules(chapters)[0], {"title": "La loi d'aujourd'hui"})
    publish(chapters, earlier_count=False, reason="La loi a changé")

    courses.decide_counts(first, True, "C'était trop sévère")
    db.session.flush()

    assert progress_in(mentor, chapters.id).holds
    assert first.counts_reason == "C'était trop sévère"


def test_when_nothing_that_changed_is_left_to_do_the_course_is_complete_again(chapters, mentor):
    factories.complete(mentor, chapters)
    courses.remove_module(chapters, situations.modules(chapters)[2])
    publish(chapters, earlier_count=False, reason="Le troisième n'a plus cours")

    following.begin(mentor, chapters)

    assert progress_in(mentor, chapters.id).is_complete


def test_what_is_no_longer_valid_is_followed_from_its_beginning(chapters, mentor):
    factories.complete(mentor, chapters, on=date(2020, 1, 1))
    chapters.valid_months = 12
    courses.change_module(chapters, situations.modules(chapters)[0], {"title": "Autrement"})
    publish(chapters, earlier_count=False, reason="Tout a changé")

    following.begin(mentor, chapters)

    assert progress_in(mentor, chapters.id).done == 0


def test_nothing_is_published_twice(chapters):
    with pytest.raises(courses.NotWritten):
        publish(chapters)


def test_a_draft_that_is_dropped_leaves_what_is_published_and_no_module_of_nobody(chapters):
    published = [module.id for module in situations.modules(chapters)]
    before = set(db.session.scalars(select(Module.id)))
    courses.change_module(chapters, situations.modules(chapters)[0], {"title": "Essai"})
    courses.add_module(chapters, text("Essai"))

    courses.drop_draft(chapters)
    db.session.flush()

    assert [version.number for version in courses.versions_of(chapters)] == [1]
    assert [module.id for module in situations.modules(chapters)] == published
    assert set(db.session.scalars(select(Module.id))) == before


def test_there_is_nothing_to_drop_without_a_draft(space):
    with pytest.raises(NotWritten, match="pas de brouillon"):
        courses.drop_draft(situations.texts("Publié", 1))


def test_a_course_that_was_never_published_is_dropped_whole(space):
    course = courses.write_course("Neuf", "")
    courses.add_module(course, text("Essai"))

    assert not courses.drop_draft(course)
    db.session.flush()

    assert db.session.scalars(select(Course).where(Course.title == "Neuf")).all() == []
    assert db.session.scalars(select(Module).where(Module.title == "Essai")).all() == []


@pytest.mark.parametrize(
    ("place", "up", "order"),
    [(0, True, "123"), (0, False, "213"), (1, True, "213"), (1, False, "132"), (2, True, "132"), (2, False, "123")],
)
def test_a_module_is_exchanged_with_its_neighbour(chapters, place, up, order):
    courses.move_module(chapters, situations.modules(chapters)[place], up)

    assert titles(courses.draft_of(chapters)) == [f"Chapitre {rank}" for rank in order]
    assert titles(current(chapters)) == ["Chapitre 1", "Chapitre 2", "Chapitre 3"]
    assert [step.position for step in steps_in(courses.draft_of(chapters))] == [1, 2, 3]


def test_a_module_that_is_taken_out_stays_in_what_is_published(chapters):
    module = situations.modules(chapters)[1]

    courses.remove_module(chapters, module)

    assert titles(courses.draft_of(chapters)) == ["Chapitre 1", "Chapitre 3"]
    assert titles(current(chapters)) == ["Chapitre 1", "Chapitre 2", "Chapitre 3"]
    for act in (courses.remove_module, lambda c, m: courses.move_module(c, m, True), lambda c, m: courses.change_module(c, m, {})):
        with pytest.raises(NotWritten, match="plus dans le parcours"):
            act(chapters, module)


def test_a_module_of_the_draft_alone_is_forgotten_when_it_is_taken_out(chapters):
    module = courses.add_module(chapters, text("Essai"))

    courses.remove_module(chapters, module)
    db.session.flush()

    assert db.session.scalar(select(Module.id).where(Module.id == module.id)) is None


# What is to be done before a module.


def opened(course, *done):
    """Which modules are open to a mentor who has done these (by rank)."""
    steps = steps_in(courses.draft_of(course))
    finished = {steps[rank - 1].module_id for rank in done}
    return [rank for rank, step in enumerate(steps, start=1) if is_open(step, steps, finished)]


def test_without_a_word_a_module_comes_after_all_those_before_it(chapters):
    assert [opened(chapters, *done) for done in ((), (1,), (2,), (1, 2))] == [[1], [1, 2], [1], [1, 2, 3]]


def test_a_module_may_come_at_any_moment_or_after_some_only(chapters):
    first, second, third = situations.modules(chapters)
    courses.set_after(chapters, second, [])
    courses.set_after(chapters, third, [str(first.root_id)])

    assert [opened(chapters, *done) for done in ((), (1,), (2,))] == [[1, 2], [1, 2, 3], [1, 2]]


def test_a_module_waits_for_those_before_it_only(chapters):
    first, second, third = situations.modules(chapters)

    courses.set_after(chapters, second, [str(m.root_id) for m in (first, second, third)] + ["inconnu"])

    assert steps_in(courses.draft_of(chapters))[1].after == [str(first.root_id)]


@pytest.mark.parametrize("act", ["move", "remove"])
def test_what_no_longer_comes_before_is_no_longer_waited_for(chapters, act):
    first, second, _third = situations.modules(chapters)
    courses.set_after(chapters, second, [str(first.root_id)])

    if act == "move":
        courses.move_module(chapters, first, up=False)
    else:
        courses.remove_module(chapters, first)

    assert next(s.after for s in steps_in(courses.draft_of(chapters)) if s.module_id == second.id) == []


def test_a_module_that_changes_is_still_what_others_wait_for(chapters):
    first, _second, third = situations.modules(chapters)
    courses.set_after(chapters, third, [str(first.root_id)])
    courses.change_module(chapters, first, {"title": "Mieux dit"})

    assert [opened(chapters, *done) for done in ((), (1,))] == [[1], [1, 2, 3]]


# What cannot be published, or required.


def test_a_course_without_modules_is_not_published(space):
    with pytest.raises(NotWritten, match="pas encore de module"):
        publish(courses.write_course("Neuf", ""))


def test_a_quiz_without_questions_is_not_published(chapters):
    courses.add_module(chapters, {"kind": "quiz", "title": "Vérifier", "minutes": 10})

    with pytest.raises(NotWritten, match=r"Vérifier.*pas de question"):
        publish(chapters)


def test_a_course_that_is_not_published_is_required_of_nobody(space):
    course = courses.write_course("Neuf", "")

    with pytest.raises(NotWritten, match="Publiez d'abord ce parcours"):
        courses.set_rules(course, {"required_for": ["all"]})
    assert course.required_for == []


def test_the_rules_of_a_published_course_are_those_that_were_said(chapters):
    courses.set_rules(chapters, {"required_for": ["minors", "ase"], "valid_months": 24, "certifies": False})
    db.session.flush()

    assert (chapters.required_for, chapters.valid_months, chapters.certifies) == (["minors", "ase"], 24, False)


@pytest.mark.parametrize(
    "wrong", [{"required_for": ["everybody"]}, {"valid_months": -1}, {"valid_months": 121}, {"renews_id": "itself"}]
)
def test_the_database_refuses_rules_that_make_no_sense(chapters, wrong):
    values = {name: chapters.id if value == "itself" else value for name, value in wrong.items()}

    courses.set_rules(chapters, values)

    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_two_drafts_or_two_current_versions_cannot_be(chapters):
    courses.draft_of(chapters)

    for changes in ({"number": 3}, {"number": 3, "published_at": factories.now(), "is_current": True}):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(insert(CourseVersion).values(tenant_id=chapters.tenant_id, course_id=chapters.id, **changes))
