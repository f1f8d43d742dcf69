"""What the columns that hold data say, in words: somebody reads the copy, and no machine's keys."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from app.certificates.models import Certificate
from app.pairs.counting import said_deducted
from app.pairs.models import Closure, CountSnapshot
from app.pairs.reasons import said_reasons
from app.pairs.words import STEPS
from app.people.application_models import Interview
from app.training.models import QuizAttempt
from app.translation import gettext as _
from app.translation import ngettext
from app.web import short_day


def told(what: Any, said: Any) -> str:
    return _("%(what)s : %(said)s", what=what, said=said)


def certificate(row: Certificate) -> str:
    """The sentence that it states; its file is in the copy."""
    return str(row.facts.get("text", ""))


def interview(row: Interview) -> str:
    return " ; ".join(told(one["question"], one["note"]) for one in row.notes if one["note"])


def steps(row: Closure) -> str:
    """What was done of a closure, when; and why the rest was not."""
    return " ; ".join(told(STEPS.get(step, step), done_or_why(one)) for step, one in row.steps.items())


def done_or_why(one: Mapping[str, str]) -> str:
    if "done_on" in one:
        return _("fait le %(day)s", day=short_day(date.fromisoformat(one["done_on"])))
    return _("pas fait, parce que : %(why)s", why=one.get("why", ""))


def frozen(row: CountSnapshot) -> str:
    """« 5 mois comptés sur 6 », and what was deducted."""
    facts = row.facts
    counted = ngettext(
        "%(num)s mois compté sur %(needed)s", "%(num)s mois comptés sur %(needed)s", facts["months"], needed=facts["needed"]
    )
    return " ; ".join(filter(None, [counted, said_deducted(facts)]))


def answers(row: QuizAttempt) -> str:
    """Each question that was asked, and what was answered."""
    known = {question["id"]: question for question in row.module.questions}
    said = []
    for key, given in row.answers.items():
        question = known.get(key, {"text": "", "choices": []})
        choices = {choice["id"]: choice["text"] for choice in question["choices"]}
        words = given if isinstance(given, str) else ", ".join(choices.get(one, "") for one in given)
        said += [told(question["text"], words)] if words else []
    return " ; ".join(said)


def reasons(row: Any) -> str:
    """Why two people were brought together."""
    found = row.why if hasattr(row, "why") else row.reasons
    return " ; ".join(words for words, _points, _most in said_reasons(found))


SAYS: Mapping[str, Callable[[Any], str]] = {
    "certificates.facts": certificate, "interviews.notes": interview, "closures.steps": steps, "count_snapshots.facts": frozen,
    "quiz_attempts.answers": answers, "proposals.reasons": reasons, "pairs.why": reasons,
}  # fmt: skip
