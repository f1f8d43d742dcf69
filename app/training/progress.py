"""A course as one mentor follows it: the version that is theirs, what is done, what is open, the one next step."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, defer, joinedload

from app.database import prepared
from app.extensions import db
from app.people.models import Mentor
from app.web import today

from .models import Completion, Course, CourseVersion, Enrolment, Module, ModuleCompletion, Step
from .status import SOON, Record, TrainingStatus, is_ready, judged, record_of


@dataclass(frozen=True)
class ModuleProgress:
    """A module as one mentor sees it: done, open to be done, and whether it is the next one."""

    module: Module
    is_done: bool
    is_open: bool
    is_next: bool
    minutes: int = 0  # those of a part, when it is not done
    note: str = ""  # staff's own


@dataclass(frozen=True)
class CourseProgress:
    """A course as one mentor sees it."""

    course: Course
    version: CourseVersion
    modules: Sequence[ModuleProgress]
    enrolment: Enrolment | None  # the one that is open, or the last
    completion: Completion | None  # the last
    holds: bool  # what was completed counts today
    valid_until: date | None

    @property
    def is_complete(self) -> bool:
        """Whether nothing has to be done for now."""
        return self.holds and not self.is_under_way

    @property
    def is_under_way(self) -> bool:
        return self.enrolment is not None and self.enrolment.ended_at is None

    @property
    def is_expiring(self) -> bool:
        return self.holds and self.valid_until is not None and self.valid_until <= today() + timedelta(days=SOON)

    @property
    def may_begin(self) -> bool:
        """Whether it can be followed from its beginning: never done, over, changed, or soon over."""
        return not self.is_under_way and (not self.holds or self.is_expiring)

    @property
    def done(self) -> int:
        return sum(m.is_done for m in self.modules)

    @property
    def minutes(self) -> int:
        return sum(m.module.minutes for m in self.modules)

    @property
    def next_module(self) -> Module | None:
        return next((m.module for m in self.modules if m.is_next), None)


def training_of(mentor: Mentor) -> tuple[TrainingStatus, list[CourseProgress]]:
    """Whether a mentor is ready today, for whoever needs nothing special; and every course that they may follow or followed.

    Required courses come first. Three statements.
    """
    record, needed = record_of(mentor.id, today())
    courses = followed(mentor, record)
    required = [one.course for one in courses if one.course.id in needed]
    return judged(record, required, today()), courses


def what_is_left(mentor: Mentor) -> tuple[bool, list[CourseProgress]]:
    """Whether a mentor is ready today, and for who is not, the same courses: one statement for most, three for the others."""
    record, required = record_of(mentor.id, today())
    ready = is_ready(record, required, today())
    return ready, [] if ready else followed(mentor, record)


def progress_of(mentor: Mentor) -> list[CourseProgress]:
    """Every course that this mentor may follow, follows or followed; required ones first."""
    return training_of(mentor)[1]


def progress_in(mentor: Mentor, course_id: UUID) -> CourseProgress | None:
    """One course as this mentor sees it; None for a course that is not published."""
    return next((one for one in progress_of(mentor) if one.course.id == course_id), None)


def followed(mentor: Mentor, record: Record) -> list[CourseProgress]:
    """The courses, each in the version that is this mentor's."""
    last = latest_enrolments(mentor)
    under_way = {enrolment.version_id for enrolment, _completion in last.values() if enrolment.ended_at is None}
    steps, done = steps_and_done(mentor, under_way)
    courses = []
    for version, parts in steps.items():
        theirs = version.id in under_way
        if theirs or (version.is_current and not any(v.id in under_way and v.course_id == version.course_id for v in steps)):
            enrolment, completion = last.get(version.course_id, (None, None))
            courses.append(one_course(version, parts, enrolment, completion, done, record))
    return sorted(courses, key=lambda one: not one.course.is_required)


def one_course(
    version: CourseVersion,
    steps: Sequence[Step],
    enrolment: Enrolment | None,
    completion: Completion | None,
    done: Mapping[tuple[UUID, UUID], ModuleCompletion],
    record: Record,
) -> CourseProgress:
    """A course with the state of its modules. Nothing is next once it is complete and holds."""
    until, in_force = record.held.get(version.course_id), record.holds(version.course_id, today())
    current = enrolment if enrolment is not None and (enrolment.ended_at is None or in_force) else None
    rows = {step.module_id: done.get((current.id, step.module_id)) for step in steps} if current else {}
    finished = {module_id for module_id, row in rows.items() if row is not None and row.is_done}
    over = in_force and (current is None or current.ended_at is not None)
    openness = [is_open(step, steps, finished) for step in steps]
    following = next((s.module_id for s, open_ in zip(steps, openness, strict=True) if open_ and s.module_id not in finished), None)
    modules = [
        ModuleProgress(
            step.module,
            step.module_id in finished,
            open_,
            step.module_id == following and not over,
            row.minutes if (row := rows.get(step.module_id)) is not None and not row.is_done else 0,
            row.note if row is not None else "",
        )
        for step, open_ in zip(steps, openness, strict=True)
    ]
    return CourseProgress(version.course, version, modules, enrolment, completion, in_force, until)


def is_open(step: Step, steps: Sequence[Step], finished: Collection[UUID]) -> bool:
    """Whether a module may be done now: after all those before it, or after those that it names."""
    if step.after is None:
        return all(other.module_id in finished for other in steps if other.position < step.position)
    needed = set(step.after)
    return all(other.module_id in finished for other in steps if str(other.module.root_id) in needed)


def latest_enrolments(mentor: Mentor) -> dict[UUID, tuple[Enrolment, Completion | None]]:
    """By course, the enrolment that is open, or else the last; and the last completion."""
    found: dict[UUID, tuple[Enrolment, Completion | None]] = {}
    for enrolment, completion in db.session.execute(*enrolments_of(mentor.id)):
        before = found.get(enrolment.course_id, (None, None))[1]
        found[enrolment.course_id] = (enrolment, completion or before)
    return found


@prepared
def enrolments_of(mentor_id: UUID) -> Select[Enrolment, Completion]:
    return (
        select(Enrolment, Completion)
        .outerjoin(Completion, (Completion.enrolment_id == Enrolment.id) & (Completion.tenant_id == Enrolment.tenant_id))
        .where(Enrolment.mentor_id == mentor_id)
        .order_by(Enrolment.ended_at.is_(None), Enrolment.ended_at, Enrolment.created_at, Enrolment.id)
    )


def steps_and_done(
    mentor: Mentor, under_way: Collection[UUID]
) -> tuple[dict[CourseVersion, list[Step]], dict[tuple[UUID, UUID], ModuleCompletion]]:
    """The steps of the published versions and of those under way, oldest course first; and what was done of each, by enrolment."""
    steps: dict[CourseVersion, dict[UUID, Step]] = {}
    done = {}
    for step, version, completion in db.session.execute(*steps_with_done(mentor.id, list(under_way))):
        steps.setdefault(version, {})[step.id] = step
        if completion is not None:
            done[completion.enrolment_id, completion.module_id] = completion
    return {version: list(parts.values()) for version, parts in steps.items()}, done


@prepared
def steps_with_done(mentor_id: UUID, under_way: Sequence[UUID]) -> Select[Step, CourseVersion, ModuleCompletion]:
    """What modules say and ask is read when one is opened."""
    mine = (
        (ModuleCompletion.module_id == Step.module_id)
        & (ModuleCompletion.tenant_id == Step.tenant_id)
        & (ModuleCompletion.mentor_id == mentor_id)
    )
    return (
        select(Step, CourseVersion, ModuleCompletion)
        .join(CourseVersion, (CourseVersion.id == Step.version_id) & (CourseVersion.tenant_id == Step.tenant_id))
        .join(CourseVersion.course)
        .outerjoin(ModuleCompletion, mine)
        .where(CourseVersion.is_current | CourseVersion.id.in_(under_way))
        .options(joinedload(Step.module).options(defer(Module.body), defer(Module.questions)), contains_eager(CourseVersion.course))
        .order_by(Course.created_at, Course.id, Step.position, Step.id)
    )


def steps_of(version_ids: Collection[UUID]) -> dict[UUID, list[Step]]:
    """The steps of versions, in order, with their modules."""
    found: dict[UUID, list[Step]] = {}
    for step in db.session.scalars(*in_order(version_ids)):
        found.setdefault(step.version_id, []).append(step)
    return found


@prepared
def in_order(version_ids: Collection[UUID]) -> Select[Step]:
    return select(Step).where(Step.version_id.in_(version_ids)).options(joinedload(Step.module)).order_by(Step.position, Step.id)
