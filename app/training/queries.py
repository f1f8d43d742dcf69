"""Who is trained and what is missing; the calendar of live sessions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload

from app.database import now
from app.extensions import db
from app.people.models import Mentor

from .models import Completion, Course, CourseSession, Module, ModuleCompletion, Registration


@dataclass(frozen=True)
class ModuleProgress:
    """A module as one mentor sees it."""

    module: Module
    is_done: bool
    is_next: bool


@dataclass(frozen=True)
class CourseProgress:
    """A course as one mentor sees it."""

    course: Course
    modules: Sequence[ModuleProgress]
    is_complete: bool

    @property
    def done(self) -> int:
        return sum(m.is_done for m in self.modules)

    @property
    def minutes(self) -> int:
        return sum(m.module.minutes for m in self.modules)

    @property
    def next_module(self) -> Module | None:
        return next((m.module for m in self.modules if m.is_next), None)


@dataclass(frozen=True)
class TrainingStatus:
    """Whether a mentor may meet a jeune as far as training goes, and what is missing, in sentences."""

    courses: Sequence[CourseProgress]

    @property
    def missing(self) -> list[str]:
        required = [c for c in self.courses if c.course.is_required]
        if not required:
            return [_("L'association n'a pas encore choisi de formation obligatoire.")]
        return [
            _("La formation « %(title)s » n'est pas terminée : %(done)s sur %(count)s modules.",
              title=c.course.title, done=c.done, count=len(c.modules))
            for c in required if not c.is_complete
        ]  # fmt: skip

    @property
    def is_ready(self) -> bool:
        return not self.missing


def courses() -> Sequence[Course]:
    """The association's courses, required ones first."""
    return db.session.scalars(select(Course).order_by(Course.is_required.desc(), Course.created_at, Course.id)).all()


def modules_by_course() -> Mapping[UUID, list[Module]]:
    """Every module, in order, under its course."""
    grouped: dict[UUID, list[Module]] = {}
    for module in db.session.scalars(select(Module).order_by(Module.course_id, Module.position)):
        grouped.setdefault(module.course_id, []).append(module)
    return grouped


def training_status(mentor: Mentor) -> TrainingStatus:
    """What this mentor did, does next, and misses. A completed course stays complete whatever is added to it later."""
    done = set(
        db.session.scalars(
            select(ModuleCompletion.module_id)
            .where(ModuleCompletion.mentor_id == mentor.id)
            .union_all(select(Completion.course_id).where(Completion.mentor_id == mentor.id))
        )
    )
    rows = db.session.execute(
        select(Course, Module)
        .outerjoin(Module, and_(Module.course_id == Course.id, Module.tenant_id == Course.tenant_id))
        .order_by(Course.is_required.desc(), Course.created_at, Course.id, Module.position)
    ).all()
    modules: dict[Course, list[Module]] = {}
    for course, module in rows:
        modules.setdefault(course, []).extend([module] if module else [])
    return TrainingStatus([progress(course, parts, done, course.id in done) for course, parts in modules.items()])


def progress(course: Course, modules: Sequence[Module], done: Collection[UUID], is_complete: bool) -> CourseProgress:
    """A course with its next module: the first that is not done, unless the course is complete."""
    following = next((m.id for m in modules if m.id not in done), None) if not is_complete else None
    return CourseProgress(course, [ModuleProgress(m, m.id in done, m.id == following) for m in modules], is_complete)


def trained_ids(mentor_ids: Collection[UUID]) -> set[UUID]:
    """Which of these mentors have completed every required course; nobody when none is required."""
    required = select(Course.id).where(Course.is_required)
    count = select(func.count()).select_from(required.subquery()).scalar_subquery()
    return set(
        db.session.scalars(
            select(Completion.mentor_id)
            .where(Completion.course_id.in_(required), Completion.mentor_id.in_(mentor_ids))
            .group_by(Completion.mentor_id)
            .having(func.count() == count)
        )
    )


def upcoming_sessions(module: Module) -> Sequence[tuple[CourseSession, int]]:
    """The live sessions of a module that are still to come, with the seats that are taken."""
    return with_seats(CourseSession.module_id == module.id, CourseSession.starts_at > now())


def all_sessions() -> Sequence[tuple[CourseSession, int]]:
    """Every live session, the latest first, with the seats that are taken."""
    return with_seats()[::-1][:100]


def with_seats(*conditions: object) -> Sequence[tuple[CourseSession, int]]:
    taken = (
        select(func.count())
        .where(Registration.session_id == CourseSession.id, Registration.tenant_id == CourseSession.tenant_id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(CourseSession, taken)
        .where(*conditions)  # type: ignore[arg-type]
        .options(joinedload(CourseSession.module))
        .order_by(CourseSession.starts_at)
    )
    return [(session, count) for session, count in rows]


def registrations_of(session: CourseSession) -> Sequence[Registration]:
    """Who has a seat in a live session, by name."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.session_id == session.id)
        .join(Registration.mentor)
        .options(joinedload(Registration.mentor))
        .order_by(Mentor.sort_name, Mentor.id)
    ).all()


def seat_of(mentor: Mentor, module: Module) -> Registration | None:
    """The seat that a mentor has in a session of this module that is still to come."""
    return db.session.scalar(
        select(Registration)
        .join(Registration.session)
        .where(
            Registration.mentor_id == mentor.id,
            CourseSession.module_id == module.id,
            CourseSession.starts_at > now(),
        )
        .options(joinedload(Registration.session))
    )


def is_done(mentor: Mentor, module: Module) -> bool:
    return db.session.scalar(
        select(ModuleCompletion.id).where(
            ModuleCompletion.mentor_id == mentor.id, ModuleCompletion.module_id == module.id
        )
    ) is not None  # fmt: skip


def minutes_by_mentor(mentor_ids: Collection[UUID], first: datetime | None = None, last: datetime | None = None) -> dict[UUID, int]:
    """Minutes of training that each of these mentors has completed, perhaps from an instant to before another."""
    statement = select(ModuleCompletion.mentor_id, func.sum(ModuleCompletion.minutes)).where(
        ModuleCompletion.mentor_id.in_(mentor_ids)
    )
    if first is not None and last is not None:
        statement = statement.where(ModuleCompletion.completed_at >= first, ModuleCompletion.completed_at < last)
    return {mentor_id: minutes for mentor_id, minutes in db.session.execute(statement.group_by(ModuleCompletion.mentor_id))}
