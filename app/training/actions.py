"""Follow a module, take a seat, record attendance, write a course."""

from collections.abc import Collection
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.database import now, uuid7
from app.errors import DomainError
from app.extensions import db
from app.people.models import Mentor
from app.tenants.scope import current_tenant_id
from app.web import today

from .models import Completion, Course, CourseSession, Module, ModuleCompletion, ModuleKind, Registration
from .queries import is_done, registrations_of, training_status
from .signals import course_completed


class NotYet(DomainError):
    """The modules before this one are to be done first, or the session has not begun."""


class NoSeat(DomainError):
    """The session is full, over, or the module is done already."""


def finish_reading(mentor: Mentor, module: Module, by: UUID) -> None:
    """A mentor has read a module. Raises NotYet when it is not the next one, or is to be attended instead."""
    if is_done(mentor, module):
        return
    following = next((c.next_module for c in training_status(mentor).courses if c.course.id == module.course_id), None)
    if module.is_live or following is None or following.id != module.id:
        raise NotYet(_("Ce module se fait après les précédents."))
    complete_module(mentor, module, by)


def complete_module(mentor: Mentor, module: Module, by: UUID) -> None:
    """Write that a module is done, once; the last one completes the course."""
    db.session.execute(
        insert(ModuleCompletion)
        .values(tenant_id=current_tenant_id(), id=uuid7(), mentor_id=mentor.id, module_id=module.id,
                minutes=module.minutes, completed_at=now(), recorded_by=by)
        .on_conflict_do_nothing()
    )  # fmt: skip
    complete_course(mentor, module.course_id)


def complete_course(mentor: Mentor, course_id: UUID) -> None:
    """When every module of a course is done the course is complete; it is announced once.

    The mentor's row is locked, so the last two modules written at once complete the course once. The lock is the weaker one:
    both have just written a row that refers to the mentor, and would wait for each other for ever on the stronger.
    """
    db.session.execute(select(Mentor.id).where(Mentor.id == mentor.id).with_for_update(key_share=True))
    done = select(ModuleCompletion.module_id).where(ModuleCompletion.mentor_id == mentor.id)
    left = db.session.scalar(select(func.count()).where(Module.course_id == course_id, Module.id.not_in(done)))
    known = db.session.scalar(select(Completion.id).where(Completion.mentor_id == mentor.id, Completion.course_id == course_id))
    if left or known is not None:
        return
    minutes = db.session.scalar(select(func.sum(Module.minutes)).where(Module.course_id == course_id)) or 0
    completion = Completion(mentor_id=mentor.id, course_id=course_id, minutes=minutes, completed_on=today())
    db.session.add(completion)
    db.session.flush()  # listeners name the stored row
    course_completed.send(completion)


def take_seat(mentor: Mentor, session: CourseSession) -> None:
    """Register for a live session; twice is once. Raises NoSeat. The session's row is locked: no seat is sold twice."""
    db.session.execute(select(CourseSession.id).where(CourseSession.id == session.id).with_for_update())
    if session.starts_at <= now():
        raise NoSeat(_("Cette session est passée."))
    if is_done(mentor, session.module):
        raise NoSeat(_("Vous avez déjà suivi ce module."))
    seats = {r.mentor_id for r in registrations_of(session)}
    if mentor.id in seats:
        return
    if len(seats) >= session.seats:
        raise NoSeat(_("Cette session est complète. Choisissez-en une autre, ou écrivez à l'association."))
    db.session.add(Registration(session_id=session.id, mentor_id=mentor.id))


def leave_seat(mentor: Mentor, session: CourseSession) -> None:
    """Give a seat back, until the session begins; no error when there is none."""
    seat = db.session.scalar(select(Registration).where(Registration.session_id == session.id, Registration.mentor_id == mentor.id))
    if seat is not None and session.starts_at > now():
        db.session.delete(seat)


def record_attendance(session: CourseSession, present: Collection[UUID], by: UUID) -> int:
    """Staff say who came; returns how many did. Raises NotYet before the session begins.

    Somebody marked present has done the module. A correction takes the mark back, not what a complete course already gave.
    """
    if session.starts_at > now():
        raise NotYet(_("Cette session n'a pas encore commencé."))
    came = 0
    for seat in registrations_of(session):
        seat.attended = seat.mentor_id in present
        came += seat.attended
        if seat.attended:
            complete_module(seat.mentor, session.module, by)
        else:
            undo_attendance(seat.mentor_id, session.module)
    return came


def undo_attendance(mentor_id: UUID, module: Module) -> None:
    """Take back a live module that was marked by mistake, unless the course is complete or another session gave it."""
    elsewhere = (
        select(Registration.id)
        .join(Registration.session)
        .where(Registration.mentor_id == mentor_id, Registration.attended.is_(True), CourseSession.module_id == module.id)
    )
    row = db.session.scalar(
        select(ModuleCompletion).where(
            ModuleCompletion.mentor_id == mentor_id,
            ModuleCompletion.module_id == module.id,
            ~select(Completion.id).where(Completion.mentor_id == mentor_id, Completion.course_id == module.course_id).exists(),
            ~elsewhere.exists(),
        )
    )
    if row is not None:
        db.session.delete(row)


def write_course(title: str, summary: str) -> Course:
    """A new course, without modules yet; it is not required until somebody decides so."""
    course = Course(title=title, summary=summary, is_required=False)
    db.session.add(course)
    db.session.flush()  # its page is shown next
    return course


def require_course(course: Course, required: bool) -> None:
    """Make a course required before any meeting, or no longer. Raises NotYet for a course without modules: nobody could end it."""
    if required and not db.session.scalar(select(func.count()).where(Module.course_id == course.id)):
        raise NotYet(_("Ce parcours n'a pas encore de module : personne ne pourrait le terminer."))
    course.is_required = required


def add_module(course: Course, kind: ModuleKind, title: str, minutes: int, body: str) -> Module:
    """Add a module at the end of a course."""
    db.session.execute(select(Course.id).where(Course.id == course.id).with_for_update())
    last = db.session.scalar(select(func.max(Module.position)).where(Module.course_id == course.id)) or 0
    module = Module(course_id=course.id, position=last + 1, kind=kind, title=title, minutes=minutes, body=body)
    db.session.add(module)
    return module
