"""A mentor follows a course: begins, does its modules, ends it. Training followed elsewhere, and exceptions."""

from collections.abc import Collection
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.database import hold_row, now, uuid7
from app.errors import DomainError
from app.extensions import db
from app.leads.calendar import add_months
from app.people.erased import refuse_erased
from app.people.models import Mentor
from app.people.signals import gate_changed
from app.tenants.resolve import current_tenant
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _
from app.web import local, today

from .models import (
    Completion,
    Course,
    CourseVersion,
    Enrolment,
    Module,
    ModuleCompletion,
    ModuleKind,
    OutsideState,
    OutsideTraining,
    Step,
    TrainingException,
)
from .progress import CourseProgress, ModuleProgress, progress_in
from .signals import course_completed

READ_ALONE = {ModuleKind.TEXT, ModuleKind.MEDIA}


class NotYet(DomainError):
    """A step is not open, a course is not published, or what is said of it cannot be so."""


def begin(mentor: Mentor, course: Course, by: UUID | None = None) -> Enrolment:
    """Follow the published version of a course; the one under way when there is one. Raises NotYet when it is not published.

    The mentor's row is locked: two clicks begin it once. When what was done before no longer counts because the course changed, the
    modules that did not change stay done.
    """
    lock(mentor.id)
    under_way = open_enrolment(mentor.id, course.id)
    if under_way is not None:
        return under_way
    version = db.session.scalar(select(CourseVersion).where(CourseVersion.course_id == course.id, CourseVersion.is_current))
    if version is None:
        raise NotYet(_("Ce parcours n'est pas encore publié."))
    last = db.session.scalar(
        select(Completion)
        .where(Completion.mentor_id == mentor.id, Completion.course_id == course.id)
        .order_by(Completion.completed_on.desc(), Completion.id.desc())
        .limit(1)
    )
    enrolment = Enrolment(
        mentor_id=mentor.id,
        mentor=mentor,
        course_id=course.id,
        course=course,
        version_id=version.id,
        moved_at=now(),
        enrolled_by=by,
    )
    db.session.add(enrolment)
    db.session.flush()  # what is done names the stored row
    if last is not None and last.version_id != version.id and is_only_outdated(last, course):
        carry_over(last, enrolment)
        end_course(enrolment)
    return enrolment


def is_only_outdated(completion: Completion, course: Course) -> bool:
    """Whether a completion would still be valid, had its version not ceased to count."""
    counts = db.session.scalars(select(CourseVersion.counts).where(CourseVersion.id == completion.version_id)).one()
    in_time = course.valid_months == 0 or add_months(completion.completed_on, course.valid_months) >= today()
    return in_time and not counts


def carry_over(last: Completion, enrolment: Enrolment) -> None:
    """Keep as done the modules that both versions have; their minutes were counted then."""
    shared = select(Step.module_id).where(Step.version_id == enrolment.version_id)
    for row in db.session.scalars(
        select(ModuleCompletion).where(
            ModuleCompletion.enrolment_id == last.enrolment_id, ModuleCompletion.is_done, ModuleCompletion.module_id.in_(shared)
        )
    ).all():
        db.session.add(
            ModuleCompletion(
                mentor_id=row.mentor_id,
                module_id=row.module_id,
                enrolment_id=enrolment.id,
                minutes=0,
                completed_at=row.completed_at,
                recorded_by=row.recorded_by,
            )
        )
    db.session.flush()  # the next step is worked out from them


def lock(mentor_id: UUID) -> None:
    """Whoever changes what a mentor did waits for the others. The weaker lock: rows that refer to the mentor do not stop it."""
    db.session.execute(select(Mentor.id).where(Mentor.id == mentor_id).with_for_update(key_share=True))


def open_enrolment(mentor_id: UUID, course_id: UUID) -> Enrolment | None:
    return db.session.scalar(
        select(Enrolment).where(Enrolment.mentor_id == mentor_id, Enrolment.course_id == course_id, Enrolment.ended_at.is_(None))
    )


def step_for(mentor: Mentor, module: Module) -> tuple[CourseProgress, ModuleProgress]:
    """Where a module stands for a mentor. Raises NotYet when the version that they follow does not have it."""
    course = progress_in(mentor, module.course_id)
    step = next((one for one in course.modules if one.module.root_id == module.root_id), None) if course else None
    if course is None or step is None:
        raise NotYet(_("Ce module n'est pas dans le parcours suivi."))
    return course, step


def finish_alone(mentor: Mentor, module: Module, by: UUID) -> None:
    """A mentor has read or watched a module; twice is once. Raises NotYet when it is not open, or is not done alone."""
    lock(mentor.id)  # a second click sees what the first one did
    course, step = step_for(mentor, module)
    if step.is_done:
        return
    if step.module.kind not in READ_ALONE or not step.is_open or course.is_complete:
        raise NotYet(_("Ce module se fait après les précédents."))
    complete_module(begin(mentor, course.course), step.module, by)


def complete_by_staff(
    mentor: Mentor, module: Module, by: UUID, note: str = "", minutes: int | None = None, at: datetime | None = None
) -> None:
    """Staff record an interview that took place, or a step that another training stands for. Raises NotYet or Erased."""
    refuse_erased(mentor)
    lock(mentor.id)
    course, step = step_for(mentor, module)
    if step.is_done:
        return
    if course.is_complete:
        raise NotYet(_("Ce parcours est terminé : il n'y a rien à ajouter."))
    complete_module(begin(mentor, course.course, by), step.module, by, note=note, minutes=minutes, at=at)


def complete_module(
    enrolment: Enrolment,
    module: Module,
    by: UUID,
    note: str = "",
    minutes: int | None = None,
    done: bool = True,
    at: datetime | None = None,
) -> None:
    """Write that a module is done, or attended in part; once done it stays so, and the last one ends the course.

    What was said of it before stays in its note.
    """
    statement = insert(ModuleCompletion).values(
        tenant_id=current_tenant_id(),
        id=uuid7(),
        mentor_id=enrolment.mentor_id,
        module_id=module.id,
        enrolment_id=enrolment.id,
        minutes=module.minutes if minutes is None else minutes,
        is_done=done,
        note=note,
        completed_at=at or now(),
        recorded_by=by,
    )
    new = statement.excluded
    notes = func.concat_ws("\n", func.nullif(ModuleCompletion.note, ""), func.nullif(new.note, ""))
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "enrolment_id", "module_id"],
            set_={"note": notes, **{name: new[name] for name in ("minutes", "is_done", "completed_at", "recorded_by")}},
            where=~ModuleCompletion.is_done,
        )
    )
    moved(enrolment)
    end_course(enrolment)


def moved(enrolment: Enrolment) -> None:
    """The mentor did something: the silence that reminders answer begins again."""
    enrolment.moved_at, enrolment.reminded = now(), 0


def end_course(enrolment: Enrolment) -> None:
    """When every module is done the course is complete; it is announced once, for the mentor's row is locked meanwhile."""
    lock(enrolment.mentor_id)
    done = select(ModuleCompletion.module_id).where(ModuleCompletion.enrolment_id == enrolment.id, ModuleCompletion.is_done)
    left = select(func.count()).where(Step.version_id == enrolment.version_id, Step.module_id.not_in(done))
    known = select(Completion.id).where(Completion.enrolment_id == enrolment.id)
    if db.session.scalar(left) or db.session.scalar(known) is not None:
        return
    last = db.session.scalar(
        select(func.max(ModuleCompletion.completed_at)).where(
            ModuleCompletion.enrolment_id == enrolment.id, ModuleCompletion.is_done
        )
    )
    minutes = db.session.scalar(
        select(func.sum(Module.minutes))
        .join(Step, (Step.module_id == Module.id) & (Step.tenant_id == Module.tenant_id))
        .where(Step.version_id == enrolment.version_id)
    )
    completion = Completion(
        mentor_id=enrolment.mentor_id,
        course_id=enrolment.course_id,
        version_id=enrolment.version_id,
        enrolment_id=enrolment.id,
        minutes=minutes or 0,
        completed_on=local(last).date() if last else today(),
    )
    enrolment.ended_at = now()
    db.session.add(completion)
    db.session.flush()  # listeners name the stored row
    course_completed.send(completion)


def declare_outside(mentor: Mentor, module: Module | None, **said: object) -> OutsideTraining:
    """A mentor says what training they followed elsewhere; staff will read it. Raises NotYet for a step that is done or waits.

    The same said twice, before it is read, is one.
    """
    lock(mentor.id)
    same = select(OutsideTraining).filter_by(mentor_id=mentor.id, module_id=None, state=OutsideState.SENT, **said)
    known = db.session.scalars(same).first() if module is None else None
    if known is not None:
        return known
    if module is not None:
        _course, step = step_for(mentor, module)
        waiting = select(OutsideTraining.id).where(
            OutsideTraining.mentor_id == mentor.id,
            OutsideTraining.module_id == step.module.id,
            OutsideTraining.state == OutsideState.SENT,
        )
        if step.is_done or db.session.scalar(waiting) is not None:
            raise NotYet(_("Cette formation est déjà déclarée : l'équipe vous répondra."))
        module = step.module
    row = OutsideTraining(mentor_id=mentor.id, module_id=module.id if module else None, **said)
    db.session.add(row)
    db.session.flush()  # its page is shown next
    return row


def decide_outside(row: OutsideTraining, accepted: bool, reason: str, by: UUID) -> None:
    """Staff accept or refuse it; a decision is made once. Raises NotYet when somebody has decided."""
    hold_row(row)
    if row.state != OutsideState.SENT:
        raise NotYet(_("Une décision est déjà prise pour cette formation."))
    row.state = OutsideState.ACCEPTED if accepted else OutsideState.REFUSED
    row.reason, row.decided_by, row.decided_at = reason, by, now()
    if accepted and row.module is not None:
        note = f"{row.title} ({row.body})"
        complete_by_staff(row.mentor, row.module, by, note=note, minutes=row.minutes, at=at_noon(row.done_on))


def at_noon(day: date) -> datetime:
    """When a step is done of which only the day is known."""
    return datetime.combine(day, time(12), current_tenant.zone)


def except_from(mentor: Mentor, course: Course | None, reason: str, until: date, by: UUID) -> TrainingException:
    """Let a mentor begin without a course, or without the hours: for a reason, until a day, in somebody's name. Raises Erased."""
    refuse_erased(mentor)
    row = TrainingException(mentor_id=mentor.id, course_id=course.id if course else None, reason=reason, until=until, made_by=by)
    db.session.add(row)
    db.session.flush()  # the gate reads it
    return row


def withdraw_exception(row: TrainingException) -> None:
    """Take an exception back; twice is once."""
    row.withdrawn_at = row.withdrawn_at or now()
    gate_changed.send(row.mentor)


def enrol(mentors: Collection[Mentor], course: Course, by: UUID) -> list[Enrolment]:
    """Staff enrol mentors in a course; those whose enrolment is open, or whose completion holds, are left as they are."""
    made = []
    for mentor in sorted(mentors, key=lambda one: one.id):  # locked in one order, as an attendance sheet locks them
        standing = progress_in(mentor, course.id)
        if standing is not None and standing.may_begin:
            made.append(begin(mentor, course, by))
    return made
