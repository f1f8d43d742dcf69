"""Where an application stands: its stages in order, and the one that what was noted leads to."""

from sqlalchemy import func, select

from app.extensions import db

from .application_models import Decision, Interview
from .models import Mentor, Stage

ORDER = (Stage.RECEIVED, Stage.INTERVIEW_PLANNED, Stage.INTERVIEWED, Stage.REFERENCES, Stage.CHECKS, Stage.READY)
OVER = frozenset({Stage.WITHDRAWN, Stage.REFUSED})
ENDED = OVER | {Stage.READY}  # off the board


def move_to(mentor: Mentor, stage: Stage) -> None:
    """A step further; what came before is not undone by it."""
    if mentor.stage in ORDER and ORDER.index(Stage(mentor.stage)) < ORDER.index(stage):
        mentor.stage = stage


def last_decision(mentor: Mentor) -> Decision | None:
    """What was decided last, taken back or not: the gate reads that one."""
    theirs = select(Decision).where(Decision.mentor_id == mentor.id)
    return db.session.scalars(theirs.order_by(Decision.created_at.desc(), Decision.id.desc()).limit(1)).first()


def noted_stage(mentor: Mentor) -> Stage:
    """Where somebody who comes back stands: accepted, as the last decision says, or as far as their interviews led."""
    last = last_decision(mentor)
    if last is not None and last.is_accepted and last.taken_back_at is None:
        return Stage.READY
    theirs = (Interview.mentor_id == mentor.id, Interview.cancelled_at.is_(None))
    planned, held = db.session.execute(select(func.count(), func.count(Interview.held_on)).where(*theirs)).one()
    return Stage.INTERVIEWED if held else Stage.INTERVIEW_PLANNED if planned else Stage.RECEIVED
