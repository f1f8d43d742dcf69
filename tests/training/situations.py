"""Courses, live sessions and seats, named for situations; each writes in the space that is open."""

from datetime import timedelta

from sqlalchemy import select

from app.database import now
from app.extensions import db
from app.training.models import Course, CourseSession, Module, ModuleKind, Registration


def modules():
    """Every module of the space, in order: of the required course, the text and the live session."""
    return db.session.scalars(select(Module).order_by(Module.course_id, Module.position)).all()


def texts(title, count, required=True):
    """A course of so many texts to read, of 30 minutes each."""
    course = Course(title=title, is_required=required)
    db.session.add(course)
    db.session.flush()
    for position in range(1, count + 1):
        db.session.add(
            Module(
                course_id=course.id, position=position, kind=ModuleKind.TEXT, title=f"{title} {position}", minutes=30, body="Lire"
            )
        )
    db.session.flush()
    return course


def live_session(module, days=7, seats=12, **changes):
    """A live session of a module, so many days from now."""
    values = {"starts_at": now() + timedelta(days=days), "place": "12 rue des Lilas, Lyon", "trainer": "Sonia", "seats": seats}
    row = CourseSession(module_id=module.id, module=module, **{**values, **changes})
    db.session.add(row)
    db.session.flush()
    return row


def seat(session, mentor):
    """A mentor's seat in a live session."""
    row = Registration(session_id=session.id, mentor_id=mentor.id)
    db.session.add(row)
    db.session.flush()
    return row
