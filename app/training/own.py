"""Whom a path of the team's training pages is about: an exception, a training followed elsewhere, an answered quiz."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from app.gate import concerns
from app.people.models import Mentor
from app.people.own import read

from .models import Enrolment, OutsideTraining, QuizAttempt, TrainingException


@concerns
def whose_training(values: Mapping[str, Any]) -> Collection[UUID | None]:
    """The mentor that it is about."""
    row = None
    if "attempt_id" in values:
        attempt = read(QuizAttempt, values["attempt_id"])
        row = read(Enrolment, attempt.enrolment_id) if attempt else None
    elif "outside_id" in values:
        row = read(OutsideTraining, values["outside_id"])
    elif "exception_id" in values:
        row = read(TrainingException, values["exception_id"])
    mentor = read(Mentor, row.mentor_id) if row else None
    return {mentor.user_id} if mentor else set()
