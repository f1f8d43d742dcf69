"""What staff see: who is trained in what, hours by year, completions by month, what is about to end."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    and_,
    any_,
    case,
    extract,
    func,
    literal,
    not_,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.orm import aliased, joinedload

from app.accounts.queries import author_of
from app.database import now
from app.extensions import db
from app.leads.calendar import add_months
from app.people.models import FileState, Mentor
from app.people.queries import people
from app.tenants.resolve import current_tenant
from app.tenants.scope import current_tenant_id
from app.web import local, today

from .models import (
    AttemptState,
    Audience,
    Completion,
    Course,
    CourseFile,
    CourseVersion,
    Enrolment,
    Module,
    ModuleCompletion,
    ModuleKind,
    OutsideState,
    OutsideTraining,
    QuizAttempt,
    Step,
    TrainingException,
)
from .status import SOON, counted_minutes, excepting, held, in_force, one_of, training_statuses

LATE = 21  # days without a step after which a course under way is late


class Standing(StrEnum):
    """Where a mentor stands in a course."""

    DONE = "done"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    UNDER_WAY = "under_way"
    LATE = "late"
    MISSING = "missing"


@dataclass(frozen=True)
class Cell:
    """A mentor in a course: where they stand, and the date that matters (of the end, or of the last step)."""

    standing: Standing
    on: date | None = None


@dataclass(frozen=True)
class Hours:
    """Minutes of training of a mentor in a year, by kind."""

    initial: int = 0
    refresher: int = 0
    elsewhere: int = 0

    @property
    def total(self) -> int:
        return self.initial + self.refresher + self.elsewhere


def courses() -> Sequence[Course]:
    """The association's courses, required ones first."""
    return db.session.scalars(
        select(Course).order_by((func.cardinality(Course.required_for) == 0), Course.created_at, Course.id)
    ).all()


def published_courses() -> Sequence[Course]:
    """Those that can be followed."""
    current = select(CourseVersion.course_id).where(CourseVersion.is_current)
    known = set(db.session.scalars(current))
    return [course for course in courses() if course.id in known]


def trained_ids(mentor_ids: Collection[UUID]) -> set[UUID]:
    """Which of these mentors are ready today, for whoever needs nothing special."""
    return {key for key, status in training_statuses(mentor_ids).items() if status.is_ready}


def minutes_by_mentor(mentor_ids: Collection[UUID], first: datetime | None = None, last: datetime | None = None) -> dict[UUID, int]:
    """Minutes of the association's own training that each has, perhaps from an instant to before another; not elsewhere."""
    statement = (
        select(ModuleCompletion.mentor_id, func.sum(ModuleCompletion.minutes))
        .join(Module, and_(Module.id == ModuleCompletion.module_id, Module.tenant_id == ModuleCompletion.tenant_id))
        .where(ModuleCompletion.mentor_id.in_(mentor_ids), Module.kind != ModuleKind.ELSEWHERE)
    )
    if first is not None and last is not None:
        statement = statement.where(ModuleCompletion.completed_at >= first, ModuleCompletion.completed_at < last)
    return dict(db.session.execute(statement.group_by(ModuleCompletion.mentor_id)).all())


def mentors_in(typed: str, course: Course | None, standing: Standing | None, ready: bool | None) -> Select[Any]:
    """The active mentors that a filter keeps, by name."""
    statement = people(Mentor, FileState.ACTIVE, typed)
    if course is not None and standing is not None:
        statement = statement.where(stands(course.id, standing))
    if ready is not None:
        statement = statement.where(is_ready() if ready else not_(is_ready()))
    return statement


def is_ready() -> ColumnElement[bool]:
    """Whether a mentor is ready today, for whoever needs nothing special, for the database: what training_statuses() says."""
    required = select(Course.id).where(literal(Audience.ALL.value) == any_(Course.required_for))
    count = select(func.count()).select_from(required.subquery()).scalar_subquery()
    has, counted, day = held(today()), counted_minutes(today()), today()
    spared = select(TrainingException.mentor_id).where(*excepting(day))
    done = select(has.c.mentor_id, has.c.course_id).where(has.c.tenant_id == current_tenant_id(), in_force(has, day))
    both = union(
        done.where(has.c.course_id.in_(required)),
        spared.add_columns(TrainingException.course_id).where(TrainingException.course_id.in_(required)),
    ).subquery()
    courses_hold = select(both.c.mentor_id).group_by(both.c.mentor_id).having(func.count() == count)
    enough = select(counted.c.mentor_id).where(
        counted.c.tenant_id == current_tenant_id(), counted.c.minutes >= current_tenant.training_minutes
    )
    of_hours = spared.where(TrainingException.course_id.is_(None))
    hours_hold = true() if current_tenant.training_minutes == 0 else Mentor.id.in_(enough) | Mentor.id.in_(of_hours)
    return and_(Mentor.id.in_(courses_hold), hours_hold)


def stands(course_id: UUID, standing: Standing) -> ColumnElement[bool]:
    """Whether a mentor stands so in a course, for the database."""
    has, day = held(today()), today()
    holding = select(has.c.mentor_id).where(has.c.course_id == course_id)
    valid = Mentor.id.in_(holding.where(in_force(has, day)))
    open_ = select(Enrolment.mentor_id).where(Enrolment.course_id == course_id, Enrolment.ended_at.is_(None))
    quiet = now() - timedelta(days=LATE)
    soon = holding.where(has.c.valid_until >= day, has.c.valid_until <= day + timedelta(days=SOON))
    return {
        Standing.DONE: and_(valid, Mentor.id.not_in(soon)),
        Standing.EXPIRING: Mentor.id.in_(soon),
        Standing.EXPIRED: and_(Mentor.id.in_(holding), not_(valid), Mentor.id.not_in(open_)),
        Standing.UNDER_WAY: and_(not_(valid), Mentor.id.in_(open_.where(Enrolment.moved_at > quiet))),
        Standing.LATE: and_(not_(valid), Mentor.id.in_(open_.where(Enrolment.moved_at <= quiet))),
        Standing.MISSING: and_(Mentor.id.not_in(holding), Mentor.id.not_in(open_)),
    }[standing]


def table_of(mentor_ids: Collection[UUID], course_ids: Collection[UUID]) -> dict[UUID, dict[UUID, Cell]]:
    """For each of these mentors and courses, where they stand: two statements."""
    wanted = one_of(mentor_ids)
    has = held(today())
    standing: dict[UUID, dict[UUID, Cell]] = {key: {} for key in mentor_ids}
    for mentor_id, course_id, moved_at in db.session.execute(
        select(Enrolment.mentor_id, Enrolment.course_id, Enrolment.moved_at).where(
            Enrolment.ended_at.is_(None), wanted(Enrolment.mentor_id)
        )
    ):
        late = moved_at <= now() - timedelta(days=LATE)
        standing[mentor_id][course_id] = Cell(Standing.LATE if late else Standing.UNDER_WAY, local(moved_at).date())
    for mentor_id, course_id, until in db.session.execute(
        select(has.c.mentor_id, has.c.course_id, has.c.valid_until).where(wanted(has.c.mentor_id))
    ):
        if until is None or until >= today() or course_id not in standing[mentor_id]:
            standing[mentor_id][course_id] = holding(until)
    missing = Cell(Standing.MISSING)
    return {key: {course_id: row.get(course_id, missing) for course_id in course_ids} for key, row in standing.items()}


def holding(until: date | None) -> Cell:
    """What was completed, and until when it holds."""
    if until is None or until > today() + timedelta(days=SOON):
        return Cell(Standing.DONE, until)
    return Cell(Standing.EXPIRING if until >= today() else Standing.EXPIRED, until)


def counts_by_course() -> dict[UUID, dict[str, int]]:
    """For each course how many active mentors have it, follow it, are late; one statement for each kind."""
    has, quiet = held(today()), now() - timedelta(days=LATE)
    active = select(Mentor.id).where(Mentor.state == FileState.ACTIVE)
    counts: dict[UUID, dict[str, int]] = {}
    for course_id, have in db.session.execute(
        select(has.c.course_id, func.count()).where(has.c.mentor_id.in_(active), in_force(has, today())).group_by(has.c.course_id)
    ):
        counts.setdefault(course_id, {})["have"] = have
    for course_id, follow, late in db.session.execute(
        select(Enrolment.course_id, func.count(), func.count().filter(Enrolment.moved_at <= quiet))
        .where(Enrolment.ended_at.is_(None), Enrolment.mentor_id.in_(active))
        .group_by(Enrolment.course_id)
    ):
        counts.setdefault(course_id, {}).update(follow=follow, late=late)
    return counts


def expiring(most: int) -> Sequence[tuple[Mentor, Course, date]]:
    """Whose completion of a required course ends within sixty days, the first to end first."""
    has, day = held(today()), today()
    return db.session.execute(
        select(Mentor, Course, has.c.valid_until)
        .join(has, Mentor.id == has.c.mentor_id)
        .join(Course, Course.id == has.c.course_id)
        .where(
            Mentor.state == FileState.ACTIVE,
            func.cardinality(Course.required_for) > 0,
            has.c.valid_until >= day,
            has.c.valid_until <= day + timedelta(days=SOON),
        )
        .order_by(has.c.valid_until, Mentor.sort_name)
        .limit(most)
    ).all()


def completions_by_month(months: int = 12) -> list[tuple[date, int]]:
    """How many courses were completed in each of the last months, this one included."""
    starts = [add_months(today().replace(day=1), -back) for back in reversed(range(months))]
    month = func.date_trunc("month", Completion.completed_on)
    counted = {
        moment.date(): count
        for moment, count in db.session.execute(
            select(month, func.count()).where(Completion.completed_on >= starts[0]).group_by(month)
        )
    }
    return [(start, counted.get(start, 0)) for start in starts]


def counted_hours() -> Any:
    """Every minute of training with its mentor, its kind and its day. What was followed elsewhere counts as that."""
    day = func.date(func.timezone(current_tenant.timezone, ModuleCompletion.completed_at))
    kind = case((Module.kind == ModuleKind.ELSEWHERE, "elsewhere"), (Course.renews_id.is_not(None), "refresher"), else_="initial")
    inside = (
        select(
            ModuleCompletion.mentor_id.label("mentor_id"),
            kind.label("kind"),
            day.label("day"),
            ModuleCompletion.minutes.label("minutes"),
        )
        .join(Module, and_(Module.id == ModuleCompletion.module_id, Module.tenant_id == ModuleCompletion.tenant_id))
        .join(Course, and_(Course.id == Module.course_id, Course.tenant_id == Module.tenant_id))
    )
    outside = select(OutsideTraining.mentor_id, literal("elsewhere"), OutsideTraining.done_on, OutsideTraining.minutes).where(
        OutsideTraining.state == OutsideState.ACCEPTED, OutsideTraining.module_id.is_(None)
    )
    return union_all(inside, outside).subquery()


def hours_in(year: int, mentor_ids: Collection[UUID] | None = None) -> dict[UUID, Hours]:
    """Each mentor's minutes in a year, by kind; of some mentors, or of all who have any."""
    rows = counted_hours()
    statement = select(rows.c.mentor_id, rows.c.kind, func.sum(rows.c.minutes)).where(extract("year", rows.c.day) == year)
    if mentor_ids is not None:
        statement = statement.where(rows.c.mentor_id.in_(mentor_ids))
    found: dict[UUID, dict[str, int]] = {}
    for mentor_id, kind, minutes in db.session.execute(statement.group_by(rows.c.mentor_id, rows.c.kind)):
        found.setdefault(mentor_id, {})[kind] = int(minutes)
    return {mentor_id: Hours(**kinds) for mentor_id, kinds in found.items()}


def hours_of(mentor: Mentor) -> Mapping[int, Hours]:
    """A mentor's minutes by year, the latest first."""
    rows = counted_hours()
    year = extract("year", rows.c.day)
    found: dict[int, dict[str, int]] = {}
    for when, kind, minutes in db.session.execute(
        select(year, rows.c.kind, func.sum(rows.c.minutes)).where(rows.c.mentor_id == mentor.id).group_by(year, rows.c.kind)
    ):
        found.setdefault(int(when), {})[kind] = int(minutes)
    return {when: Hours(**found[when]) for when in sorted(found, reverse=True)}


def outside_of(mentor: Mentor) -> Sequence[OutsideTraining]:
    """What a mentor declared, the latest first."""
    return db.session.scalars(
        select(OutsideTraining)
        .where(OutsideTraining.mentor_id == mentor.id)
        .order_by(OutsideTraining.done_on.desc(), OutsideTraining.id)
    ).all()


def outside_waiting() -> Sequence[OutsideTraining]:
    """What waits for a decision, the oldest first."""
    return db.session.scalars(
        select(OutsideTraining)
        .where(OutsideTraining.state == OutsideState.SENT)
        .order_by(OutsideTraining.created_at)
        .options(joinedload(OutsideTraining.mentor))
        .limit(200)
    ).all()


def count_waiting() -> Row[int, int]:
    """How many quizzes wait to be marked, and how many trainings followed elsewhere to be read."""
    marks = select(func.count()).where(QuizAttempt.state == AttemptState.TO_MARK).scalar_subquery()
    outside = select(func.count()).where(OutsideTraining.state == OutsideState.SENT).scalar_subquery()
    return db.session.execute(select(marks.label("to_mark"), outside.label("outside"))).one()


def exceptions_in_force(
    mentor: Mentor | None = None, but: Collection[UUID] | CompoundSelect[UUID] = ()
) -> Sequence[TrainingException]:
    """The exceptions that hold today, of one mentor or of all but some files."""
    statement = (
        select(TrainingException)
        .where(*excepting(today()), TrainingException.mentor_id.not_in(but))
        .order_by(TrainingException.until)
        .options(joinedload(TrainingException.mentor), joinedload(TrainingException.course))
    )
    return db.session.scalars(statement.where(TrainingException.mentor_id == mentor.id) if mentor else statement.limit(200)).all()


def all_exceptions(but: CompoundSelect[UUID]) -> Sequence[tuple[TrainingException, str]]:
    """Every exception but those of some files, with who made it, the latest first, also those that hold no more."""
    return db.session.execute(
        select(TrainingException, author_of(TrainingException.made_by))
        .where(TrainingException.mentor_id.not_in(but))
        .options(joinedload(TrainingException.mentor), joinedload(TrainingException.course))
        .order_by(TrainingException.created_at.desc(), TrainingException.id.desc())
        .limit(200)
    ).all()


def with_hours(year: int) -> Select[Any]:
    """The mentors who have hours in a year."""
    rows = counted_hours()
    return select(Mentor).where(
        Mentor.id.in_(select(rows.c.mentor_id).where(extract("year", rows.c.day) == year, rows.c.minutes > 0))
    )


def total_hours(year: int) -> Hours:
    """Everybody's minutes in a year, by kind."""
    rows = counted_hours()
    kinds = db.session.execute(
        select(rows.c.kind, func.sum(rows.c.minutes)).where(extract("year", rows.c.day) == year).group_by(rows.c.kind)
    )
    return Hours(**{kind: int(minutes) for kind, minutes in kinds})


def failed_attempts(mentor: Mentor) -> Sequence[QuizAttempt]:
    """The last attempt at each quiz that a mentor follows, where it failed."""
    other = aliased(QuizAttempt)
    later = select(other.id).where(
        other.enrolment_id == QuizAttempt.enrolment_id, other.module_id == QuizAttempt.module_id, other.number > QuizAttempt.number
    )
    return db.session.scalars(
        select(QuizAttempt)
        .join(QuizAttempt.enrolment)
        .where(Enrolment.mentor_id == mentor.id, Enrolment.ended_at.is_(None), QuizAttempt.state == AttemptState.FAILED)
        .where(~later.exists())
        .options(joinedload(QuizAttempt.module), joinedload(QuizAttempt.enrolment))
    ).all()


def live_modules() -> list[tuple[Module, CourseVersion]]:
    """The live modules that somebody may follow, each in its latest version that is: the published one, or one still under way.

    Whoever began a version ends it: a session that it has, and that the course has no more, is still planned for them.
    """
    followed = (
        select(Enrolment.version_id).join(Enrolment.mentor).where(Enrolment.ended_at.is_(None), Mentor.state != FileState.WITHDRAWN)
    )
    rows = db.session.execute(
        select(Module, CourseVersion)
        .join(Step, and_(Step.module_id == Module.id, Step.tenant_id == Module.tenant_id))
        .join(CourseVersion, and_(CourseVersion.id == Step.version_id, CourseVersion.tenant_id == Step.tenant_id))
        .where(Module.kind == ModuleKind.LIVE, CourseVersion.is_current | CourseVersion.id.in_(followed))
        .options(joinedload(Module.course))
        .order_by(CourseVersion.number)
    )
    latest = {module.root_id: (module, version) for module, version in rows}
    return sorted(latest.values(), key=lambda row: (row[0].created_at, row[0].id))


def files_by_name() -> Sequence[CourseFile]:
    """The files that modules may show, by name."""
    return db.session.scalars(select(CourseFile).order_by(CourseFile.name, CourseFile.id)).all()
