"""Training followed elsewhere: declared by the mentor, accepted or refused by staff with a reason, counted once."""

import pytest

from app.training.models import Completion, Module, ModuleCompletion, OutsideTraining
from app.training.status import training_status
from tests import factories
from tests.people.fixtures import day_ago

from . import situations
from .test_following import STAFF
from .test_road import MINE

OUTSIDE = {
    "title": "PSC1", "organisation": "Croix-Rouge", "done_on": day_ago(30), "minutes": "420", "evidence": "Attestation, à voir",
}  # fmt: skip


@pytest.fixture
def step(association, in_space):
    """A step that is followed elsewhere, then a text."""
    with in_space(association):
        parts = [{"kind": "elsewhere", "title": "Premiers secours"}, {"kind": "text", "title": "Lire"}]
        return situations.modules(factories.published("Chemin", parts, required_for=["all"]))[0]


def declare(desk, module=None, **changes):
    return desk.send(f"{MINE}/ailleurs" + (f"?module={module.id}" if module else ""), {**OUTSIDE, **changes})


def text_after(stored, association, step):
    """The text that follows the step."""
    return next(row for row in stored(association, Module) if row.course_id == step.course_id and row.id != step.id)


def decide(office, row, answer, reason=""):
    return office.send(f"{STAFF}/ailleurs/{row.id}", {"answer": answer, "reason": reason})


def test_training_followed_elsewhere_is_declared_then_accepted(desk, office, association, stored, in_space, mentor, run_jobs):
    page = declare(desk)
    [row] = stored(association, OutsideTraining)
    assert page.flashes == ["C'est envoyé\xa0: l'équipe vous répondra."]
    assert "attend une réponse" in page.text
    assert (row.mentor_id, row.minutes, row.state) == (mentor.id, 420, "sent")

    decided = decide(office, row, "yes")

    assert decided.flashes == ["La décision est notée\xa0: le mentor est prévenu."]
    assert "acceptée" in desk.page(MINE).text
    assert any("mail" in name for name in run_jobs())
    with in_space(association):
        assert training_status(mentor).minutes == 420


def test_a_refusal_says_why_and_counts_for_nothing(desk, office, association, stored, in_space, mentor):
    declare(desk)
    [row] = stored(association, OutsideTraining)

    silent = decide(office, row, "no")
    decide(office, row, "no", "Trop ancienne")

    assert (silent.status, silent.errors) == (422, ["Dites pourquoi : le mentor le lira."])
    assert "refusée Trop ancienne" in desk.page(MINE).text
    [row] = stored(association, OutsideTraining)
    assert (row.state, row.reason, row.decided_by is not None) == ("refused", "Trop ancienne", True)
    with in_space(association):
        assert training_status(mentor).minutes == 0


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"done_on": day_ago(-1)}, "Cette date est à venir, ou trop ancienne."),
        ({"done_on": "1989-12-31"}, "Cette date est à venir, ou trop ancienne."),
        ({"done_on": "2026-02-30"}, "Indiquez une date qui existe."),
        ({"minutes": "0"}, "De 1 à 6000 minutes."),
        ({"minutes": "6001"}, "De 1 à 6000 minutes."),
        ({"title": ""}, "À remplir."),
        ({"organisation": " "}, "À remplir."),
        ({"evidence": ""}, "À remplir."),
        ({"evidence": "a" * 1001}, "C'est trop long : 1000 caractères au plus."),
    ],
)
def test_what_cannot_be_right_is_refused_and_nothing_is_lost(desk, association, stored, typed, sentence):
    page = declare(desk, **typed)

    assert (page.status, page.errors) == (422, [sentence])
    assert "title" in typed or page.value("title") == "PSC1"
    assert stored(association, OutsideTraining) == []


def test_an_accepted_step_is_done_with_its_own_minutes(desk, office, association, stored, step):
    page = declare(desk, step)
    assert "attend une réponse" in desk.page(f"{MINE}/{step.id}").text

    decide(office, stored(association, OutsideTraining)[0], "yes")

    [row] = stored(association, ModuleCompletion)
    assert (page.status, row.module_id, row.minutes, row.note) == (200, step.id, 420, "PSC1 (Croix-Rouge)")
    assert "Continuer\xa0: Lire" in desk.page(MINE).html


def test_a_step_that_waits_or_is_done_is_not_declared_again(desk, office, association, stored, step):
    declare(desk, step)

    waiting = declare(desk, step)
    decide(office, stored(association, OutsideTraining)[0], "yes")
    done = declare(desk, step)

    assert (waiting.status, done.status) == (409, 409)
    assert "Cette formation est déjà déclarée" in waiting.text
    assert len(stored(association, OutsideTraining)) == 1


def test_a_step_that_was_refused_may_be_declared_again(desk, office, association, stored, step):
    declare(desk, step)
    decide(office, stored(association, OutsideTraining)[0], "no", "Sans attestation")

    assert "Sans attestation" in desk.page(f"{MINE}/{step.id}").text
    assert declare(desk, step).status == 200
    assert len(stored(association, OutsideTraining)) == 2


def test_a_decision_is_made_once(desk, office, association, stored):
    declare(desk)
    [row] = stored(association, OutsideTraining)
    decide(office, row, "yes")

    page = decide(office, row, "no", "Finalement non")

    assert page.status == 409
    assert "Une décision est déjà prise" in page.text
    assert stored(association, OutsideTraining)[0].state == "accepted"


def take_back(office, row, reason="Celle d'une homonyme"):
    return office.send(f"{STAFF}/ailleurs/{row.id}/reprise", {"reason": reason})


def test_hours_accepted_by_mistake_are_taken_back(desk, office, association, stored, in_space, mentor, run_jobs):
    declare(desk)
    [row] = stored(association, OutsideTraining)
    decide(office, row, "yes")
    run_jobs()
    assert "Reprendre cette décision" in office.page(f"{STAFF}/ailleurs/{row.id}").text

    page = take_back(office, row)

    assert page.flashes == ["Cette formation ne compte plus\xa0: le mentor est prévenu."]
    assert any("mail" in name for name in run_jobs())
    read = desk.page(MINE).text
    assert "refusée Acceptée par erreur le" in read
    assert "Celle d'une homonyme" in read
    with in_space(association):
        assert training_status(mentor).minutes == 0
    assert take_back(office, row).errors == ["Cette formation ne compte pas : il n'y a rien à reprendre."]


def test_a_step_accepted_by_mistake_is_to_be_done_again(desk, office, association, stored, step):
    declare(desk, step)
    [row] = stored(association, OutsideTraining)
    decide(office, row, "yes")
    desk.send(f"{MINE}/{text_after(stored, association, step).id}/lecture")
    assert len(stored(association, Completion)) == 1

    take_back(office, row)

    assert stored(association, Completion) == []
    assert sorted((done.is_done, done.minutes) for done in stored(association, ModuleCompletion)) == [(False, 0), (True, 60)]
    assert declare(desk, step).status == 200


def test_only_steps_followed_elsewhere_are_declared(desk, course, association, stored):
    assert desk.page(f"{MINE}/ailleurs?module={course.text.id}").status == 404
    assert declare(desk, course.live).status == 404
    assert stored(association, OutsideTraining) == []


def test_mentors_decide_nothing(desk, association, stored):
    declare(desk)
    [row] = stored(association, OutsideTraining)

    assert decide(desk, row, "yes").status == 403
    assert stored(association, OutsideTraining)[0].state == "sent"
