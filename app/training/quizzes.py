"""A mentor tries a quiz: an attempt is opened, answered once, marked; free answers are read by staff."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.database import hold_row, now
from app.extensions import db
from app.people.models import Mentor
from app.translation import gettext as _

from . import questions
from .following import NotYet, begin, complete_module, lock, moved, step_for
from .models import AttemptState, Enrolment, Module, ModuleKind, QuizAttempt
from .questions import Shown

WAITING = (AttemptState.OPEN, AttemptState.TO_MARK)


class NotAnswered(NotYet):
    """Some questions have no answer that can be read; `missing` says of each what to do."""

    def __init__(self, missing: Mapping[str, str]) -> None:
        super().__init__(_("Il reste des questions à compléter."))
        self.missing = missing


def attempts_at(enrolment_id: UUID, module_id: UUID) -> list[QuizAttempt]:
    """Every attempt of a mentor at a quiz in this enrolment, the first one first."""
    return list(
        db.session.scalars(
            select(QuizAttempt)
            .where(QuizAttempt.enrolment_id == enrolment_id, QuizAttempt.module_id == module_id)
            .order_by(QuizAttempt.number)
        )
    )


def attempts_left(module: Module, made: Sequence[QuizAttempt], enrolment: Enrolment) -> int | None:
    """How many more attempts there are; None for as many as one wishes."""
    return max(0, module.attempts + enrolment.extra_tries - len(made)) if module.attempts else None


def is_used_up(last: QuizAttempt) -> bool:
    """Whether the last attempt of a mentor at a quiz failed, and no other is left: only the team may give one."""
    most = last.module.attempts and last.module.attempts + last.enrolment.extra_tries
    return last.state == AttemptState.FAILED and bool(most) and last.number >= most


def open_attempt(mentor: Mentor, module: Module) -> QuizAttempt:
    """Begin an attempt, or go on with the one that is open. Raises NotYet when the quiz is done, not open, or used up."""
    lock(mentor.id)
    course, step = step_for(mentor, module)
    if step.module.kind != ModuleKind.QUIZ or step.is_done or not step.is_open or course.is_complete:
        raise NotYet(_("Ce questionnaire n'est pas à faire maintenant."))
    enrolment = begin(mentor, course.course)
    made = attempts_at(enrolment.id, step.module.id)
    if made and made[-1].state in WAITING:
        return made[-1]
    if attempts_left(step.module, made, enrolment) == 0:
        raise NotYet(_("Vous avez utilisé tous vos essais : l'équipe peut vous en rouvrir un."))
    number = len(made) + 1
    attempt = QuizAttempt(
        enrolment_id=enrolment.id,
        enrolment=enrolment,
        module_id=step.module.id,
        module=step.module,
        number=number,
        drawn=questions.draw(step.module.questions, step.module.draw, f"{enrolment.id}/{number}"),
    )
    db.session.add(attempt)
    db.session.flush()  # its page is shown next
    return attempt


def asked(attempt: QuizAttempt) -> list[Shown]:
    """The questions of an attempt, as the browser may know them."""
    return questions.shown(attempt.module.questions, attempt.drawn, str(attempt.id))


def attempt_of(mentor: Mentor, attempt_id: UUID) -> QuizAttempt | None:
    """An attempt, when it is this mentor's."""
    return db.session.scalar(
        select(QuizAttempt)
        .join(QuizAttempt.enrolment)
        .where(QuizAttempt.id == attempt_id, Enrolment.mentor_id == mentor.id)
        .options(joinedload(QuizAttempt.module), joinedload(QuizAttempt.enrolment))
    )


def answer(mentor: Mentor, attempt: QuizAttempt, form: Mapping[str, Any]) -> None:
    """Mark what was answered; the second time changes nothing. Raises NotAnswered, and NotYet when the course was left."""
    lock(mentor.id)
    hold_row(attempt)
    if attempt.state != AttemptState.OPEN:
        return
    if attempt.enrolment.ended_at is not None:
        raise NotYet(_("Vous ne suivez plus ce parcours : reprenez-le depuis « Ma formation »."))
    given, missing = questions.read_answers(asked(attempt), form)
    if missing:
        raise NotAnswered(missing)
    attempt.answers, attempt.marks = given, questions.mark(attempt.module.questions, given)
    attempt.submitted_at = now()
    moved(attempt.enrolment)
    settle(attempt, mentor.user_id)


def settle(attempt: QuizAttempt, by: UUID | None) -> None:
    """Pass or fail, once every answer is marked; a quiz that is passed is a module done."""
    attempt.score = questions.score(attempt.marks)
    if attempt.score is None:
        attempt.state = AttemptState.TO_MARK
        return
    passed = attempt.score >= attempt.module.pass_mark
    attempt.state = AttemptState.PASSED if passed else AttemptState.FAILED
    db.session.flush()  # what follows reads it
    if passed and by is not None:
        complete_module(attempt.enrolment, attempt.module, by)


def mark_free(attempt: QuizAttempt, right: Mapping[str, bool], by: UUID) -> None:
    """Staff say whether each free answer is right. Raises NotYet when there is nothing to mark, or an answer was left unread."""
    lock(attempt.enrolment.mentor_id)
    hold_row(attempt)
    if attempt.state != AttemptState.TO_MARK:
        raise NotYet(_("Ce questionnaire est déjà corrigé."))
    unread = [key for key, value in attempt.marks.items() if value is None]
    if not all(key in right for key in unread):
        raise NotYet(_("Dites pour chaque réponse si elle convient."))
    attempt.marks = {**attempt.marks, **{key: right[key] for key in unread}}
    attempt.marked_by = by
    moved(attempt.enrolment)
    settle(attempt, by)


def give_attempt(attempt: QuizAttempt) -> None:
    """One more try. Raises NotYet while there is one, or when the quiz is passed."""
    lock(attempt.enrolment.mentor_id)
    made = attempts_at(attempt.enrolment_id, attempt.module_id)
    if not is_used_up(made[-1]):
        raise NotYet(_("Il n'y a pas d'essai à rouvrir."))
    attempt.enrolment.extra_tries += 1


def to_mark() -> list[QuizAttempt]:
    """The attempts whose free answers wait for staff, the oldest first."""
    return list(
        db.session.scalars(
            select(QuizAttempt)
            .where(QuizAttempt.state == AttemptState.TO_MARK)
            .order_by(QuizAttempt.submitted_at)
            .options(joinedload(QuizAttempt.module), joinedload(QuizAttempt.enrolment).joinedload(Enrolment.mentor))
        )
    )
