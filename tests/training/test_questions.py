"""Questions of a quiz: what can be asked, what is shown before an answer, what is an answer, and how it is marked."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.training import questions
from app.training.questions import BadQuestion, checked, draw, is_right, mark, read_answers, score, shown

pytestmark = pytest.mark.no_database
quick = settings(max_examples=60, deadline=None, database=None)


def choice(rank, right=False):
    return {"id": f"c{rank}", "text": f"Réponse {rank}", "right": right, "feedback": f"secret {rank}"}


def question(kind, *right, count=4, key="q1"):
    """A question of so many choices, of which these (from 1) are right."""
    choices = [choice(rank, rank in right) for rank in range(1, count + 1)] if kind != "free" else []
    return {"id": key, "kind": kind, "text": "Que faire ?", "feedback": "secret de la question", "choices": choices}


def answered(one, form):
    """What is read of a form for one question."""
    given, missing = read_answers(shown([one], [one["id"]], "graine"), form)
    return given[one["id"]], missing


@st.composite
def banks(draw_):
    """Between one and six questions of any kind."""
    kinds = draw_(st.lists(st.sampled_from(questions.KINDS), min_size=1, max_size=6))
    return [question(kind, *draw_(st.sets(st.integers(1, 4))), key=f"q{rank}") for rank, kind in enumerate(kinds)]


@quick
@given(banks(), st.text(max_size=20))
def test_what_is_shown_never_tells_the_answer(bank, seed):
    asked = shown(bank, [one["id"] for one in bank], seed)

    assert {field for one in asked for field in vars(one)} == {"id", "kind", "text", "choices"}
    assert "secret" not in repr(asked)
    assert all(len(pair) == 2 for one in asked for pair in one.choices)
    assert [{key for key, _text in one.choices} for one in asked] == [{c["id"] for c in one["choices"]} for one in bank]


@quick
@given(banks(), st.text(max_size=20))
def test_the_order_of_choices_says_nothing_of_which_are_right(bank, seed):
    turned = [{**one, "choices": [{**c, "right": not c["right"]} for c in one["choices"]]} for one in bank]
    keys = [one["id"] for one in bank]

    assert shown(bank, keys, seed) == shown(turned, keys, seed)


def test_the_same_seed_gives_the_same_order_and_another_seed_another():
    bank = [question("ordering", count=8)]
    orders = [[key for key, _text in shown(bank, ["q1"], seed)[0].choices] for seed in ("a", "a", "b", "c", "d")]

    assert orders[0] == orders[1]
    assert len({tuple(order) for order in orders}) == 4


@quick
@given(st.integers(1, 30), st.integers(0, 40), st.text(max_size=10))
def test_so_many_questions_are_drawn_each_once(size, count, seed):
    bank = [question("free", key=f"q{rank}") for rank in range(size)]

    drawn = draw(bank, count, seed)

    assert len(drawn) == len(set(drawn)) == min(count or size, size)
    assert set(drawn) <= {one["id"] for one in bank}
    assert drawn == draw(bank, count, seed)


@pytest.mark.parametrize(
    ("kind", "form", "read"),
    [
        ("single", {"q-q1": ["c2"]}, ["c2"]),
        ("single", {"q-q1": ["c2", "c2"]}, ["c2"]),
        ("single", {"q-q1": ["c2", "faux"]}, ["c2"]),
        ("single", {"q-q1": ["c1", "c2"]}, []),
        ("single", {"q-q1": ["faux"]}, []),
        ("single", {"q-q1": []}, []),
        ("single", {"q-q2": ["c1"]}, []),
        ("single", {"q1": ["c1"]}, []),
        ("multiple", {"q-q1": ["c3", "c1"]}, ["c1", "c3"]),
        ("multiple", {"q-q1": ["c3", "c9", "", "q1"]}, ["c3"]),
        ("multiple", {}, []),
        ("free", {"q-q1": ["  J'appelle.\x00 "]}, "J'appelle."),
        ("free", {"q-q1": [" \n\t "]}, ""),
        ("free", {"q-q1": ["a" * 3000]}, "a" * 2000),
        ("free", {}, ""),
    ],
)
def test_a_forged_id_is_no_answer(kind, form, read):
    value, missing = answered(question(kind, 1), form)

    assert sorted(value) == sorted(read)
    assert missing == ({} if read else {"q1": "Répondez à cette question."})


@pytest.mark.parametrize(
    ("ranks", "order"),
    [
        (["1", "2", "3"], ["c1", "c2", "c3"]),
        (["3", "1", "2"], ["c2", "c3", "c1"]),
        (["01", "2", "3"], ["c1", "c2", "c3"]),
        (["1", "1", "2"], []),
        (["1", "2", "4"], []),
        (["0", "1", "2"], []),
        (["-1", "2", "3"], []),
        (["1", "2", ""], []),
        (["1", "2", "trois"], []),
        (["1", "2", "³"], []),
        (["1", "2", "٣"], []),
        (["1", "2", "9" * 5000], []),
    ],
)
def test_an_order_gives_each_rank_once(ranks, order):
    form = {f"q-q1-c{place}": [rank] for place, rank in enumerate(ranks, start=1)}

    value, missing = answered(question("ordering", count=3), form)

    assert (value, list(missing)) == (order, [] if order else ["q1"])


@pytest.mark.parametrize(
    ("ranks", "sentence"), [(["1", "1", "2"], "Donnez chaque rang une seule fois."), (["1", "2", ""], "Répondez à cette question.")]
)
def test_a_rank_given_twice_is_no_question_left_out(ranks, sentence):
    form = {f"q-q1-c{place}": [rank] for place, rank in enumerate(ranks, start=1)}

    assert answered(question("ordering", count=3), form)[1] == {"q1": sentence}


def test_a_rank_given_to_a_choice_of_nobody_changes_nothing():
    form = {"q-q1-c1": ["1"], "q-q1-c2": ["2"], "q-q1-c3": ["3"], "q-q2-c1": ["1"]}

    assert answered(question("ordering", count=2), form)[0] == ["c1", "c2"]


@quick
@given(banks(), st.dictionaries(st.from_regex(r"q-q[0-6](-c[0-9])?", fullmatch=True), st.lists(st.text(max_size=4), max_size=3)))
def test_whatever_is_sent_only_known_choices_of_drawn_questions_are_kept(bank, form):
    drawn = [one["id"] for one in bank[:3]]

    given, missing = read_answers(shown(bank, drawn, "s"), form)

    assert list(given) == drawn
    assert set(missing) == {key for key, value in given.items() if not value}
    known = {one["id"]: {c["id"] for c in one["choices"]} for one in bank if one["kind"] != "free"}
    assert all(set(given[key]) <= known[key] for key in drawn if key in known)
    assert set(mark(bank, given)) == set(drawn)


@pytest.mark.parametrize(
    ("one", "answer", "right"),
    [
        (question("single", 2), ["c2"], True),
        (question("single", 2), ["c1"], False),
        (question("multiple", 1, 3), ["c1", "c3"], True),
        (question("multiple", 1, 3), ["c3", "c1"], True),
        (question("multiple", 1, 3), ["c1"], False),
        (question("multiple", 1, 3), ["c1", "c3", "c4"], False),
        (question("ordering", count=3), ["c1", "c2", "c3"], True),
        (question("ordering", count=3), ["c1", "c3", "c2"], False),
        (question("ordering", count=3), [], False),
        (question("free"), "J'appelle l'association.", None),
    ],
)
def test_an_answer_is_right_when_all_of_it_is(one, answer, right):
    assert is_right(one, answer) is right
    assert mark([one], {"q1": answer}) == {"q1": right}


@pytest.mark.parametrize(
    ("marks", "percent"),
    [
        ([True], 100),
        ([False], 0),
        ([True, False], 50),
        ([True, True, False], 66),
        ([True, False, False], 33),
        ([True] * 4 + [False], 80),
        ([True, None], None),
        ([False, None], None),
        ([], None),
    ],
)
def test_the_score_is_rounded_down_and_waits_for_what_is_unread(marks, percent):
    assert score({f"q{rank}": value for rank, value in enumerate(marks)}) == percent


@quick
@given(banks())
def test_the_right_answers_give_full_marks(bank):
    right = {
        one["id"]: [c["id"] for c in one["choices"] if c["right"] or one["kind"] == "ordering"]
        for one in bank
        if one["kind"] != "free"
    }

    assert all(mark(bank, right).values())


TWINS = {**question("single", 1), "choices": [choice(1, True), {**choice(2), "text": "RÉPONSE 1"}]}


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (question("single", 1, count=1), "Donnez de 2 à 8 réponses possibles."),
        (question("ordering", count=9), "Donnez de 2 à 8 réponses possibles."),
        (question("multiple", 1, count=0), "Donnez de 2 à 8 réponses possibles."),
        (question("single"), "Cochez la bonne réponse, une seule."),
        (question("single", 1, 2), "Cochez la bonne réponse, une seule."),
        (question("multiple"), "Cochez les bonnes réponses, une au moins, et laissez-en une fausse."),
        (question("multiple", 1, 2, 3, 4), "Cochez les bonnes réponses, une au moins, et laissez-en une fausse."),
        (TWINS, "Deux réponses sont les mêmes."),
    ],
)
def test_a_question_that_nobody_could_answer_is_refused(app, one, sentence):
    with app.test_request_context("/"), pytest.raises(BadQuestion, match=sentence):
        checked(one)


@pytest.mark.parametrize("one", [question("single", 1), question("multiple", 1, 2), question("ordering"), question("free")])
def test_a_question_that_can_be_asked_is_kept_as_it_is(one):
    assert checked(one) == one


def test_a_free_question_keeps_no_choice():
    assert checked({**question("single", 1), "kind": "free"})["choices"] == []
