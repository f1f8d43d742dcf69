"""A mentor tries a quiz: nothing tells the answers before, each attempt is answered once, free answers are read by staff."""

from types import SimpleNamespace
from uuid import uuid4

import pytest

from app.extensions import db
from app.training import quizzes
from app.training.following import NotYet
from app.training.models import Completion, Enrolment, ModuleCompletion, QuizAttempt
from tests import factories

from . import situations
from .test_questions import question
from .test_road import MINE, SPACE

BANK = [question("single", 2, key="qa"), question("multiple", 1, 3, key="qb"), question("ordering", count=3, key="qc")]
FREE = question("free", key="qd")
RIGHT = {"q-qa": "c2", "q-qb": ["c1", "c3"], "q-qc-c1": "1", "q-qc-c2": "2", "q-qc-c3": "3"}
WRONG = {**RIGHT, "q-qa": "c1", "q-qb": "c4"}


@pytest.fixture
def quiz_of(association, in_space):
    """Make a published course of one quiz: `quiz_of(attempts=1)`."""

    def make(bank=BANK, **changes):
        with in_space(association):
            values = {"kind": "quiz", "title": "Vérifier", "questions": bank, "pass_mark": 80, "minutes": 15, **changes}
            return situations.modules(factories.published("Quiz", [values]))[0]

    return make


@pytest.fixture
def opened(desk, association, stored):
    """Begin a quiz, or go on with it; gives the attempt and the page."""

    def start(module):
        page = desk.send(f"{MINE}/{module.id}/essai")
        return SimpleNamespace(row=stored(association, QuizAttempt)[-1], page=page)

    return start


def send(browser, attempt, data):
    """Send the answers of an attempt."""
    return browser.send(f"{MINE}/essais/{attempt.id}", data)


def tries(rows):
    return [(row.number, row.state, row.score) for row in rows]


def test_the_page_asks_each_question_and_tells_no_answer(quiz_of, opened):
    page = opened(quiz_of([*BANK, FREE])).page

    assert page.heading == "Vérifier"
    assert page.text.count("Que faire ?") == 4
    assert "Question 4 sur 4" in page.text
    assert "secret" not in page.html
    assert not any(word in str(page.soup.fieldset.parent) for word in ("right", "true", "feedback", "checked"))


def test_nothing_of_a_quiz_is_on_the_page_of_its_module(quiz_of, desk):
    page = desk.page(f"{MINE}/{quiz_of().id}")

    assert "Il faut 80 % de bonnes réponses." in page.text
    assert not any(word in page.html for word in ("secret", "Que faire", "Réponse 1"))


def test_right_answers_complete_the_module_and_are_explained(quiz_of, opened, desk, association, stored):
    module = quiz_of()
    attempt = opened(module).row

    page = send(desk, attempt, RIGHT)

    assert page.heading == "C'est réussi"
    assert "100 % de bonnes réponses ; il en faut 80 %." in page.text
    assert "secret de la question" in page.text
    assert tries(stored(association, QuizAttempt)) == [(1, "passed", 100)]
    assert [(row.module_id, row.minutes) for row in stored(association, ModuleCompletion)] == [(module.id, 15)]
    assert len(stored(association, Completion)) == 1


def test_wrong_answers_are_explained_and_leave_the_module_to_do(quiz_of, opened, desk, association, stored):
    module = quiz_of()

    page = send(desk, opened(module).row, WRONG)

    assert page.heading == "Pas encore"
    assert "33 % de bonnes réponses ; il en faut 80 %." in page.text
    assert "secret 2" in page.text
    assert stored(association, ModuleCompletion) == []
    assert opened(module).row.number == 2


def test_an_order_that_is_wrong_is_shown_beside_the_right_one(quiz_of, opened, desk):
    page = send(desk, opened(quiz_of()).row, {**RIGHT, "q-qc-c1": "3", "q-qc-c3": "1"})

    orders = [[line.get_text() for line in order.select("li")] for order in page.soup.select("main ol")]
    assert orders == [["Réponse 3", "Réponse 2", "Réponse 1"], ["Réponse 1", "Réponse 2", "Réponse 3"]]
    assert page.text.index("Votre ordre") < page.text.index("Le bon ordre")


@pytest.mark.parametrize(("mark", "state"), [(33, "passed"), (34, "failed"), (0, "passed"), (100, "failed")])
def test_the_pass_mark_itself_is_enough(quiz_of, opened, desk, association, stored, mark, state):
    send(desk, opened(quiz_of(pass_mark=mark)).row, WRONG)

    assert tries(stored(association, QuizAttempt)) == [(1, state, 33)]


def test_beginning_twice_goes_on_with_the_same_attempt(quiz_of, opened, association, stored):
    module = quiz_of()

    first, second = opened(module), opened(module)

    assert first.row.id == second.row.id
    assert first.page.soup.form.get_text() == second.page.soup.form.get_text()
    assert len(stored(association, Enrolment)) == 1


@pytest.mark.parametrize(("first", "second", "kept"), [(WRONG, RIGHT, "failed"), (RIGHT, WRONG, "passed")])
def test_answers_that_are_sent_twice_count_once(quiz_of, opened, desk, association, stored, first, second, kept):
    attempt = opened(quiz_of()).row
    send(desk, attempt, first)

    page = send(desk, attempt, second)

    [row] = stored(association, QuizAttempt)
    assert (page.status, row.state) == (200, kept)
    assert len(stored(association, ModuleCompletion)) == (kept == "passed")


def test_an_answer_that_is_missing_is_asked_for_and_nothing_is_lost(quiz_of, opened, desk, association, stored):
    attempt = opened(quiz_of([*BANK, FREE])).row
    typed = {**RIGHT, "q-qa": "", "q-qd": "J'appelle l'association."}

    page = send(desk, attempt, typed)

    assert (page.status, page.errors) == (422, ["Répondez à cette question."])
    assert page.soup.find("textarea").get_text() == "J'appelle l'association."
    assert [box["value"] for box in page.soup.select("input[checked]")].count("c1") == 1
    assert [o["value"] for o in page.soup.select("option[selected]")] != []
    assert tries(stored(association, QuizAttempt)) == [(1, "open", None)]
    assert "secret" not in page.html


FORGED = [
    {"q-qa": "", "q-zz": "c2"},
    {"q-qa": "", "marks": "true"},
    {"q-qa": "c9"},
    {"q-qa": ["c1", "c2"]},
    {"q-qb": "faux"},
    {"q-qc-c1": "2"},
    {"q-qc-c3": "4"},
]


@pytest.mark.parametrize("forged", FORGED)
def test_forged_ids_are_no_answers(quiz_of, opened, desk, association, stored, forged):
    attempt = opened(quiz_of()).row

    page = send(desk, attempt, {**RIGHT, **forged})

    assert page.status == 422
    assert "Il reste des questions à compléter" in page.text
    assert tries(stored(association, QuizAttempt)) == [(1, "open", None)]


def test_a_question_that_was_not_drawn_is_not_kept(quiz_of, opened, desk, association, stored):
    attempt = opened(quiz_of(draw=1)).row

    send(desk, attempt, RIGHT)

    [row] = stored(association, QuizAttempt)
    assert list(row.answers) == list(row.marks) == row.drawn
    assert (len(row.drawn), row.state, row.score) == (1, "passed", 100)


def test_each_attempt_draws_from_the_bank(quiz_of, opened, desk, association, stored):
    bank = [question("single", 1, key=f"q{rank}") for rank in range(30)]
    module = quiz_of(bank, draw=5)
    for _attempt in range(3):
        attempt = opened(module).row
        send(desk, attempt, {f"q-{key}": "c2" for key in attempt.drawn})

    drawn = [row.drawn for row in stored(association, QuizAttempt)]

    assert [len(set(keys)) for keys in drawn] == [5, 5, 5]
    assert len({tuple(keys) for keys in drawn}) == 3


def test_when_the_attempts_are_used_up_there_is_no_other(quiz_of, opened, desk, association, stored):
    module = quiz_of(attempts=2)
    for _attempt in range(2):
        send(desk, opened(module).row, WRONG)

    page = desk.send(f"{MINE}/{module.id}/essai")

    assert page.status == 409
    assert "Vous avez utilisé tous vos essais" in page.text
    assert tries(stored(association, QuizAttempt)) == [(1, "failed", 33), (2, "failed", 33)]
    assert "elle peut vous en rouvrir un." in desk.page(f"{MINE}/{module.id}").text


def test_a_last_failure_leads_to_the_association_and_one_before_it_to_another_try(quiz_of, opened, desk, office, mentor):
    module = quiz_of(attempts=2)
    offered, seen = [], []
    for _attempt in range(2):
        attempt = opened(module).row
        page = send(desk, attempt, WRONG)
        offered.append("Ouvrir un essai de plus" in office.page(f"{SPACE}/formation/mentors/{mentor.id}").text)
        seen.append([link.get_text(strip=True) for link in page.soup.select("main a.go")])

    assert seen == [["Relire, puis essayer encore"], ["Écrire à l'association"]]
    assert offered == [False, True]
    assert desk.page(MINE).soup.select_one(f'main a[href="{SPACE}/ecrire"]')
    assert "Continuer" not in desk.page(MINE).text
    assert desk.page(f"{SPACE}/ecrire").status == 200


def test_staff_give_one_more_attempt_to_whoever_used_them_all(quiz_of, opened, desk, office, association, stored):
    module = quiz_of(attempts=1)
    attempt = opened(module).row
    send(desk, attempt, WRONG)

    given = office.send(f"{SPACE}/formation/essais/{attempt.id}/encore")
    twice = office.send(f"{SPACE}/formation/essais/{attempt.id}/encore")

    assert given.flashes == ["Un nouvel essai est ouvert."]
    assert twice.status == 409
    assert "Il n'y a pas d'essai à rouvrir." in twice.text
    assert opened(module).row.number == 2
    assert [row.extra_tries for row in stored(association, Enrolment)] == [1]


@pytest.mark.parametrize("answers", [None, RIGHT])
def test_no_attempt_is_given_to_whoever_has_one_or_passed(quiz_of, opened, desk, office, association, stored, answers):
    attempt = opened(quiz_of(attempts=1)).row
    if answers:
        send(desk, attempt, answers)

    assert office.send(f"{SPACE}/formation/essais/{attempt.id}/encore").status == 409
    assert [row.extra_tries for row in stored(association, Enrolment)] == [0]


def test_a_quiz_that_is_passed_is_not_tried_again(quiz_of, opened, desk, association, stored):
    module = quiz_of()
    send(desk, opened(module).row, RIGHT)

    page = desk.send(f"{MINE}/{module.id}/essai")

    assert page.status == 409
    assert len(stored(association, QuizAttempt)) == 1


def test_a_quiz_comes_after_what_precedes_it(desk, association, in_space, stored):
    with in_space(association):
        parts = [{"kind": "text", "title": "Lire"}, {"kind": "quiz", "title": "Vérifier", "questions": BANK}]
        _text, module = situations.modules(factories.published("Quiz", parts))

    page = desk.send(f"{MINE}/{module.id}/essai")

    assert page.status == 409
    assert "Ce questionnaire n'est pas à faire maintenant." in page.text
    assert stored(association, QuizAttempt) == []


def test_a_text_is_no_quiz_and_a_quiz_is_not_read(quiz_of, desk, course, association, stored):
    module = quiz_of()

    assert desk.send(f"{MINE}/{course.text.id}/essai").status == 409
    assert desk.send(f"{MINE}/{module.id}/lecture").status == 409
    assert stored(association, QuizAttempt) == stored(association, ModuleCompletion) == []


def test_another_mentor_s_attempt_is_not_found(quiz_of, opened, app, association, in_space, stored):
    attempt = opened(quiz_of()).row
    with in_space(association):
        other = factories.mentor(association)
    browser = app.test_client().sign_in(other.user_id)

    assert browser.page(f"{MINE}/essais/{attempt.id}").status == 404
    assert send(browser, attempt, RIGHT).status == 404
    assert browser.page(f"{MINE}/essais/{uuid4()}").status == 404
    assert tries(stored(association, QuizAttempt)) == [(1, "open", None)]


def test_answers_that_come_after_staff_ended_the_course_are_refused(quiz_of, opened, desk, association, in_space, stored):
    attempt = opened(quiz_of()).row
    with in_space(association):
        db.session.query(Enrolment).update({"ended_at": factories.now()})

    page = send(desk, attempt, RIGHT)

    assert page.status == 409
    assert "Vous ne suivez plus ce parcours" in page.text
    assert stored(association, ModuleCompletion) == []


# Free answers, read by staff.


@pytest.fixture
def to_mark(quiz_of, opened, desk):
    """An attempt whose free answer waits for staff."""
    module = quiz_of([BANK[0], FREE], attempts=1)
    attempt = opened(module).row
    page = send(desk, attempt, {"q-qa": "c2", "q-qd": "<b>J'appelle</b> l'association."})
    return SimpleNamespace(id=attempt.id, module=module, page=page, path=f"{SPACE}/formation/essais/{attempt.id}")


def test_a_free_answer_waits_for_staff(to_mark, desk, office, association, stored):
    assert to_mark.page.heading == "Vos réponses sont envoyées"
    assert tries(stored(association, QuizAttempt)) == [(1, "to_mark", None)]
    assert stored(association, ModuleCompletion) == []
    assert desk.send(f"{MINE}/{to_mark.module.id}/essai").heading == "Vos réponses sont envoyées"
    assert "Vérifier" in office.page(f"{SPACE}/formation/a-traiter").text
    assert "<b>J'appelle" not in office.page(to_mark.path).html
    assert "<b>J'appelle</b> l'association." in office.page(to_mark.path).text


@pytest.mark.parametrize(("said", "result", "done"), [("yes", (1, "passed", 100), 1), ("no", (1, "failed", 50), 0)])
def test_staff_mark_it_and_the_mentor_is_told(to_mark, office, association, stored, run_jobs, said, result, done):
    page = office.send(to_mark.path, {"m-qd": said})

    assert page.flashes == ["C'est corrigé\xa0: le mentor est prévenu."]
    [row] = stored(association, QuizAttempt)
    assert tries([row]) == [result]
    assert (row.marks["qd"], row.marked_by is not None) == (said == "yes", True)
    assert len(stored(association, ModuleCompletion)) == done
    assert any("mail" in name for name in run_jobs())


@pytest.mark.parametrize("typed", [{}, {"m-qd": "peut-être"}, {"m-qa": "yes"}, {"m-zz": "yes"}])
def test_an_answer_left_unread_is_asked_for(to_mark, office, association, stored, typed):
    page = office.send(to_mark.path, typed)

    assert page.status == 409
    assert "Dites pour chaque réponse si elle convient." in page.text
    assert tries(stored(association, QuizAttempt)) == [(1, "to_mark", None)]


def test_staff_do_not_change_what_was_marked_by_the_machine(to_mark, office, association, stored):
    office.send(to_mark.path, {"m-qd": "yes", "m-qa": "no"})

    assert stored(association, QuizAttempt)[0].marks == {"qa": True, "qd": True}


def test_what_is_marked_is_not_marked_again(to_mark, office, association, stored):
    office.send(to_mark.path, {"m-qd": "no"})

    page = office.send(to_mark.path, {"m-qd": "yes"})

    assert page.status == 409
    assert tries(stored(association, QuizAttempt)) == [(1, "failed", 50)]


def test_an_attempt_of_another_association_is_not_found(to_mark, app, elsewhere, in_space):
    with in_space(elsewhere):
        account = factories.staff(elsewhere).user_id
    browser = app.test_client().sign_in(account)

    assert browser.page(f"/a/ailleurs/formation/essais/{to_mark.id}").status == 404
    assert browser.send(f"/a/ailleurs/formation/essais/{to_mark.id}/encore").status == 404


def test_mentors_mark_nothing(to_mark, desk, association, stored):
    assert desk.send(to_mark.path, {"m-qd": "yes"}).status == 403
    assert desk.send(f"{to_mark.path}/encore").status == 403
    assert tries(stored(association, QuizAttempt)) == [(1, "to_mark", None)]


def test_an_attempt_that_is_not_used_up_is_not_given(association, in_space, mentor, quiz_of):
    module = quiz_of(attempts=2)
    with in_space(association):
        attempt = quizzes.open_attempt(mentor, module)

        with pytest.raises(NotYet):
            quizzes.give_attempt(attempt)
