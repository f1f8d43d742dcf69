"""Whether a path of the team's training pages is about who looks: an exception, a training followed elsewhere, an answered quiz."""

from collections.abc import Mapping
from typing import Any

from app.gate import concerns
from app.people.own import is_own
from app.web import find

from .models import Enrolment, OutsideTraining, QuizAttempt, TrainingException


@concerns
def is_own_training(values: Mapping[str, Any]) -> bool:
    """Whether its mentor's file is about them."""
    row: Enrolment | OutsideTraining | TrainingException | None = None
    if "attempt_id" in values:
        attempt = find(QuizAttempt, values["attempt_id"])
        row = find(Enrolment, attempt.enrolment_id) if attempt else None
    elif "outside_id" in values:
        row = find(OutsideTraining, values["outside_id"])
    elif "exception_id" in values:
        row = find(TrainingException, values["exception_id"])
    return row is not None and is_own(row.mentor_id)
