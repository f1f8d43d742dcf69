"""The questions of a quiz: as they are stored, drawn, shown, answered and marked. Nothing here touches the database.

A question is a dict: `id`, `kind` (single, multiple, ordering, free), `text`, `feedback`, and `choices`, each with `id`, `text`,
`right`, `feedback`. Choices of an ordering stand in the right order. What the browser gets before an answer is `shown()`, which has
neither `right` nor any feedback.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import DomainError
from app.translation import gettext as _

SINGLE, MULTIPLE, ORDERING, FREE = "single", "multiple", "ordering", "free"
KINDS = (SINGLE, MULTIPLE, ORDERING, FREE)
MOST_CHOICES, LONGEST_ANSWER = 8, 2000

Question = dict[str, Any]


class BadQuestion(DomainError):
    """A question that nobody could answer; the sentence says what it lacks."""


@dataclass(frozen=True)
class Shown:
    """A question as it is asked: its choices shuffled, and nothing that tells the answer."""

    id: str
    kind: str
    text: str
    choices: Sequence[tuple[str, str]]


def checked(question: Question) -> Question:
    """The same, when it can be asked. Raises BadQuestion."""
    kind, choices = question["kind"], question["choices"]
    right = sum(choice["right"] for choice in choices)
    if kind == FREE:
        return {**question, "choices": []}
    if len(choices) < 2 or len(choices) > MOST_CHOICES:
        raise BadQuestion(_("Donnez de 2 à %(most)s réponses possibles.", most=MOST_CHOICES))
    if len({choice["text"].casefold() for choice in choices}) < len(choices):
        raise BadQuestion(_("Deux réponses sont les mêmes."))
    if kind == SINGLE and right != 1:
        raise BadQuestion(_("Cochez la bonne réponse, une seule."))
    if kind == MULTIPLE and not 0 < right < len(choices):
        raise BadQuestion(_("Cochez les bonnes réponses, une au moins, et laissez-en une fausse."))
    return question


def draw(bank: Sequence[Question], count: int, seed: str) -> list[str]:
    """The ids of so many questions of the bank (0: all), in an order of chance that the seed fixes."""
    chance = random.Random(seed)  # noqa: S311  (which questions come is no secret)
    ids = [question["id"] for question in bank]
    return chance.sample(ids, min(count or len(ids), len(ids)))


def shown(bank: Sequence[Question], drawn: Sequence[str], seed: str) -> list[Shown]:
    """The drawn questions as they are asked; the same seed gives the same order of choices."""
    known = {question["id"]: question for question in bank}
    asked = []
    for key in drawn:
        question = known[key]
        choices = [(choice["id"], choice["text"]) for choice in question["choices"]]
        random.Random(f"{seed}/{key}").shuffle(choices)  # noqa: S311
        asked.append(Shown(key, question["kind"], question["text"], choices))
    return asked


def read_answers(asked: Sequence[Shown], form: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What was answered, and by id of the questions without an answer, what to do. An id that is none of the question's is none.

    `form` gives lists, as werkzeug's MultiDict.lists() does: `q-<id>` for a choice or a text, `q-<id>-<choice>` for a rank.
    """
    given: dict[str, Any] = {}
    missing = {}
    for question in asked:
        known = [choice for choice, _text in question.choices]
        values = [value for value in form.get(f"q-{question.id}", []) if isinstance(value, str)]
        if question.kind == FREE:
            given[question.id] = "".join(values)[:LONGEST_ANSWER].replace("\x00", "").strip()
        elif question.kind == ORDERING:
            given[question.id] = read_order(question, form)
        else:
            ticked = [choice for choice in known if choice in values]
            given[question.id] = ticked if question.kind == MULTIPLE or len(ticked) == 1 else []
        if not given[question.id]:
            ranked = question.kind == ORDERING and all(any(form.get(f"q-{question.id}-{choice}", [])) for choice in known)
            missing[question.id] = _("Donnez chaque rang une seule fois.") if ranked else _("Répondez à cette question.")
    return given, missing


def read_order(question: Shown, form: Mapping[str, Any]) -> list[str]:
    """The choices by the rank that each was given; none unless every rank is there once."""
    ranks = {}
    for choice, _text in question.choices:
        typed = (form.get(f"q-{question.id}-{choice}") or [""])[0]
        if typed.isascii() and typed.isdigit():
            ranks[choice] = int(typed[:3])
    return sorted(ranks, key=lambda c: ranks[c]) if sorted(ranks.values()) == list(range(1, len(question.choices) + 1)) else []


def mark(bank: Sequence[Question], answers: Mapping[str, Any]) -> dict[str, bool | None]:
    """Whether each answer is right; None for a free one, which staff will read."""
    known = {question["id"]: question for question in bank}
    return {key: is_right(known[key], answer) for key, answer in answers.items()}


def is_right(question: Question, answer: Any) -> bool | None:
    if question["kind"] == FREE:
        return None
    if question["kind"] == ORDERING:
        return bool(answer == [choice["id"] for choice in question["choices"]])
    return set(answer) == {choice["id"] for choice in question["choices"] if choice["right"]}


def score(marks: Mapping[str, bool | None]) -> int | None:
    """Right answers in percent, rounded down; None while one is unread."""
    if any(value is None for value in marks.values()) or not marks:
        return None
    return 100 * sum(bool(value) for value in marks.values()) // len(marks)
