"""Courses, live sessions and seats, named for situations; each writes in the space that is open."""

from datetime import timedelta

from sqlalchemy import select

from app.database import now
from app.extensions import db
from app.training.models import CourseVersion, ModuleKind
from app.training.progress import steps_of
from app.training.session_models import CourseSession, Registration
from tests import factories


def modules(course=None):
    """The modules of the published version of a course (the first written), in order."""
    statement = select(CourseVersion).where(CourseVersion.is_current).order_by(CourseVersion.created_at, CourseVersion.id)
    if course is not None:
        statement = statement.where(CourseVersion.course_id == course.id)
    version = db.session.scalars(statement.limit(1)).one()
    return [step.module for step in steps_of([version.id])[version.id]]


def texts(title, count, required=True, **changes):
    """A published course of so many texts to read, of 30 minutes each."""
    parts = [{"kind": ModuleKind.TEXT, "title": f"{title} {rank}", "minutes": 30, "body": "Lire"} for rank in range(1, count + 1)]
    return factories.published(title, parts, required_for=["all"] if required else [], **changes)


def live_session(module, days=7, seats=12, **changes):
    """A live session of a module, so many days from now."""
    values = {
        "created_at": now() - timedelta(days=400),
        "starts_at": now() + timedelta(days=days),
        "place": "12 rue des Lilas, Lyon",
        "trainer": "Sonia",
        "seats": seats,
    }
    row = CourseSession(module_id=module.id, module=module, **{**values, **changes})
    db.session.add(row)
    db.session.flush()
    return row


def seat(session, mentor, number=1, **changes):
    """A mentor's seat in a live session."""
    row = Registration(session_id=session.id, session=session, mentor_id=mentor.id, mentor=mentor, number=number, **changes)
    db.session.add(row)
    db.session.flush()
    return row
