"""Who came to a live session, and for how long, as staff say it: what it counts for, and what was corrected."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from app.database import hold_row, now
from app.extensions import db
from app.people.models import Mentor
from app.people.signals import gate_changed
from app.translation import gettext as _
from app.web import midnight

from .following import NotYet, begin, complete_module, lock, step_for
from .models import Completion, Enrolment, Module, ModuleCompletion, OutsideState, OutsideTraining
from .session_models import AttendanceMark, CourseSession, Registration
from .sessions import of_line, registrations_of
from .signals import presence_taken_back

ENOUGH = 75  # percent of a session that must have been attended for its module to be done


class SaidMeanwhile(NotYet):
    """Of these people a colleague said something else since the page was opened; `changed` are all those whom it would change."""

    def __init__(self, rows: Sequence[Registration], changed: Collection[UUID]) -> None:
        super().__init__(_("Quelqu'un vient de noter autre chose pour la même personne. Relisez, puis enregistrez de nouveau."))
        self.rows, self.changed = rows, changed


class Presence(NamedTuple):
    """How long somebody was at a session, when it was, and whether that was enough of it."""

    minutes: int
    at: datetime
    is_enough: bool


def record_attendance(
    session: CourseSession,
    present: Mapping[UUID, int],
    absent: Collection[UUID],
    by: UUID,
    shown: Mapping[UUID, str] = MappingProxyType({}),
) -> int:
    """Staff say who came, and for how many minutes; gives how many did. Each answer is kept, a correction too.

    Whoever was there for three quarters of it has done the module, in whichever version they follow; less counts as hours alone.
    Somebody named on neither list stays as they are, and so does whoever is said to be as the page showed them: a late page undoes
    nothing. Raises NotYet before it begins, or when it was cancelled, and SaidMeanwhile.
    """
    for mentor_id in sorted({*present, *absent}):  # people before sessions, as whoever closes a file
        lock(mentor_id)
    hold_row(session)
    if session.starts_at > now() or session.is_cancelled:
        raise NotYet(_("Cette session est annulée.") if session.is_cancelled else _("Cette session n'a pas encore commencé."))
    said = dict.fromkeys(absent, 0) | {key: min(max(1, minutes), session.module.minutes) for key, minutes in present.items()}
    said = {key: minutes for key, minutes in said.items() if shown.get(key) != str(minutes)}
    rows = [row for row in registrations_of(session) if row.mentor_id in said]
    if late := [row for row in rows if said_by_another(row, said[row.mentor_id], shown, by)]:
        raise SaidMeanwhile(late, said)
    for row in rows:
        note(row, said[row.mentor_id] > 0, said[row.mentor_id], by)
    return sum(bool(row.attended) for row in registrations_of(session))


def said_by_another(row: Registration, minutes: int, shown: Mapping[UUID, str], by: UUID) -> bool:
    """Whether a colleague has said something of somebody since the page showed it, and something else than what comes now."""
    if row.mentor_id not in shown or row.shown in {shown[row.mentor_id], str(minutes)}:
        return False
    marks = select(AttendanceMark.by).where(AttendanceMark.registration_id == row.id)
    return db.session.scalar(marks.order_by(AttendanceMark.created_at.desc(), AttendanceMark.id.desc()).limit(1)) not in {by, None}


def note(row: Registration, attended: bool, minutes: int, by: UUID) -> None:
    """One person's presence, as it is now said; saying the same again writes nothing.

    What counts is the longest presence at any session of this module: who came to one may miss another.
    """
    if (row.attended, row.minutes) == (attended, minutes):
        return
    came_before = row.attended
    row.attended, row.minutes = attended, minutes
    db.session.add(AttendanceMark(registration_id=row.id, attended=attended, minutes=minutes, by=by))
    try:
        enrolment, module = place_of(row)
    except NotYet:
        return  # the version that they follow has no such module: they came, and it counts for nothing else
    if came_before:
        undo_attendance(enrolment, module)
        db.session.flush()
        if completion := completion_of(row.mentor_id, module):
            presence_taken_back.send(completion)
    longest = longest_presence(enrolment, module)
    if longest is not None:
        complete_module(enrolment, module, by, minutes=longest.minutes, done=longest.is_enough, at=longest.at)


def longest_presence(enrolment: Enrolment, module: Module) -> Presence | None:
    """The session of a module that a mentor followed most of; None when they came to none.

    One followed enough, by its own length, goes before a longer one that was not. What brought the course to an end before, under
    another enrolment, is not counted again for its renewal.
    """
    came = [Registration.mentor_id == enrolment.mentor_id, Registration.attended.is_(True), of_line(module)]
    ended = select(func.max(Completion.completed_on)).where(
        Completion.mentor_id == enrolment.mentor_id,
        Completion.course_id == enrolment.course_id,
        Completion.enrolment_id != enrolment.id,
        Completion.created_at <= enrolment.created_at,
    )
    last = db.session.scalar(ended)
    came += [CourseSession.starts_at >= midnight(last + timedelta(days=1))] if last else []
    is_enough = Registration.minutes * 100 >= Module.minutes * ENOUGH
    row = db.session.execute(
        select(Registration.minutes, CourseSession.starts_at, is_enough)
        .join(Registration.session)
        .join(CourseSession.module)
        .where(*came)
        .order_by(is_enough.desc(), Registration.minutes.desc(), CourseSession.starts_at)
        .limit(1)
    ).first()
    return Presence(row[0] or 0, row[1], row[2]) if row is not None else None


def place_of(row: Registration) -> tuple[Enrolment, Module]:
    """The enrolment and the module that a presence counts for: as the mentor's version has it."""
    course, step = step_for(row.mentor, row.session.module)
    return course.enrolment or begin(row.mentor, course.course), step.module


def undo_attendance(enrolment: Enrolment, module: Module) -> None:
    """Take back what was noted by mistake.

    Not what was carried over, nor what was followed elsewhere, nor once the course is complete: it was certified.
    """
    elsewhere = select(OutsideTraining.id).where(
        OutsideTraining.mentor_id == enrolment.mentor_id,
        OutsideTraining.module_id == module.id,
        OutsideTraining.state == OutsideState.ACCEPTED,
    )
    complete = select(Completion.id).where(Completion.enrolment_id == enrolment.id)
    row = db.session.scalar(
        select(ModuleCompletion).where(
            ModuleCompletion.enrolment_id == enrolment.id,
            ModuleCompletion.module_id == module.id,
            ModuleCompletion.minutes > 0,
            ~complete.exists(),
            ~elsewhere.exists(),
        )
    )
    if row is not None:
        db.session.delete(row)
        db.session.flush()  # the new one takes its place


def completion_of(mentor_id: UUID, module: Module) -> Completion | None:
    """The last course that a mentor completed, of which this module is one."""
    of_course = select(Completion).where(Completion.mentor_id == mentor_id, Completion.course_id == module.course_id)
    return db.session.scalars(of_course.order_by(Completion.created_at.desc(), Completion.id.desc()).limit(1)).first()


def unattended(completion: Completion) -> Sequence[ModuleCompletion]:
    """What does not hold of a complete course: a step that staff took back, or a session that was not attended."""
    enrolment = enrolment_of(completion)
    rows = db.session.scalars(select(ModuleCompletion).where(ModuleCompletion.enrolment_id == enrolment.id))
    return [row for row in rows if not row.is_done or was_not_attended(enrolment, row)]


def was_not_attended(enrolment: Enrolment, row: ModuleCompletion) -> bool:
    """Whether a module was done by a presence that was taken back or shortened since, and by no other."""
    module = db.session.get_one(Module, (row.tenant_id, row.module_id))
    if not module.is_live or not row.minutes:  # done alone, or carried over
        return False
    corrected = (
        select(Registration.id)
        .join(Registration.session)
        .join(AttendanceMark, (AttendanceMark.registration_id == Registration.id) & (AttendanceMark.minutes > Registration.minutes))
        .where(Registration.mentor_id == enrolment.mentor_id, of_line(module))
    )
    longest = longest_presence(enrolment, module)
    return db.session.scalar(corrected.limit(1)) is not None and not (longest and longest.is_enough)


def enrolment_of(completion: Completion) -> Enrolment:
    return db.session.get_one(Enrolment, (completion.tenant_id, completion.enrolment_id))


def take_back(completion: Completion) -> None:
    """A course that was complete by what was not: what was not attended is to be done, and the gate asks again."""
    lock(completion.mentor_id)
    mentor, enrolment = completion.mentor, enrolment_of(completion)
    for row in unattended(completion):
        part = longest_presence(enrolment, db.session.get_one(Module, (row.tenant_id, row.module_id)))
        if part is None and row.is_done:
            db.session.delete(row)
        elif part is not None:
            row.minutes, row.completed_at, row.is_done = part.minutes, part.at, False
    db.session.delete(completion)
    open_one = select(Enrolment.id).filter_by(mentor_id=mentor.id, course_id=enrolment.course_id, ended_at=None)
    if db.session.scalar(open_one.limit(1)) is None:  # else they follow it again already
        enrolment.ended_at = None
    db.session.flush()
    gate_changed.send(mentor)


def certified_without(session: CourseSession, said: Collection[UUID]) -> Sequence[Mentor]:
    """Of whom something was said, those whose course is complete by a presence that was taken back since: it was certified."""
    rows = db.session.scalars(select(Mentor).where(Mentor.id.in_(said)).order_by(Mentor.last_name, Mentor.id)).all()
    last = {mentor: completion_of(mentor.id, session.module) for mentor in rows}
    return [mentor for mentor, completion in last.items() if completion is not None and unattended(completion)]


def history_of(session: CourseSession) -> dict[UUID, list[AttendanceMark]]:
    """By registration, everything that was said of a presence, in order; only where something was corrected."""
    found: dict[UUID, list[AttendanceMark]] = {}
    for mark in db.session.scalars(
        select(AttendanceMark)
        .join(
            Registration, (Registration.id == AttendanceMark.registration_id) & (Registration.tenant_id == AttendanceMark.tenant_id)
        )
        .where(Registration.session_id == session.id)
        .order_by(AttendanceMark.created_at, AttendanceMark.id)
    ):
        found.setdefault(mark.registration_id, []).append(mark)
    return {key: marks for key, marks in found.items() if len(marks) > 1}
