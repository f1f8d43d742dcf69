"""Whom a path of the team's training pages is about: an exception, a training followed elsewhere, an answered quiz."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from app.gate import concerns
from app.people.models import Mentor
from app.web import find

from .models import Enrolment, OutsideTraining, QuizAttempt, TrainingException


@concerns
def whose_training(values: Mapping[str, Any]) -> Collection[UUID | None]:
    """The mentor that it is about."""
    row: Enrolment | OutsideTraining | TrainingException | None = None
    if "attempt_id" in values:
        attempt = find(QuizAttempt, values["attempt_id"])
        row = find(Enrolment, attempt.enrolment_id) if attempt else None
    elif "outside_id" in values:
        row = find(OutsideTraining, values["outside_id"])
    elif "exception_id" in values:
        row = find(TrainingException, values["exception_id"])
    mentor = find(Mentor, row.mentor_id) if row else None
    return {mentor.user_id} if mentor else set()
