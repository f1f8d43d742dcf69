"""Live sessions: planned, moved, cancelled; seats and the waiting list; who came."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import joinedload

from app.database import hold_row, now
from app.extensions import db
from app.people.models import FileState, Mentee, Mentor
from app.people.signals import person_withdrawn
from app.translation import gettext as _

from .following import NotYet, begin, complete_module, lock, step_for
from .letters import about_session, said
from .models import Completion, Enrolment, Module, ModuleCompletion, OutsideState, OutsideTraining
from .session_models import AttendanceMark, CourseSession, Registration

ENOUGH = 75  # percent of a session that must have been attended for its module to be done


class NoSeat(NotYet):
    """The session is over, cancelled, or not for this mentor."""


@dataclass(frozen=True)
class Listed:
    """A session with the seats taken and the people who wait."""

    session: CourseSession
    seated: int
    waiting: int

    @property
    def is_full(self) -> bool:
        return self.seated >= self.session.seats


def to_come() -> tuple[ColumnElement[bool], ...]:
    """The sessions that will take place."""
    return CourseSession.starts_at > now(), CourseSession.cancelled_at.is_(None)


def of_line(module: Module) -> ColumnElement[bool]:
    """The sessions of a live module, whichever version it was planned for."""
    return CourseSession.module_id.in_(select(Module.id).where(Module.root_id == module.root_id))


def listed(*conditions: Any, limit: int = 200) -> Sequence[Listed]:
    """Sessions with their counts, by date."""
    of_session = (Registration.session_id == CourseSession.id) & (Registration.tenant_id == CourseSession.tenant_id)
    seated = select(func.count()).where(of_session, Registration.is_seated).scalar_subquery()
    waiting = select(func.count()).where(of_session, ~Registration.is_seated).scalar_subquery()
    rows = db.session.execute(
        select(CourseSession, seated, waiting)
        .where(*conditions)
        .options(joinedload(CourseSession.module))
        .order_by(CourseSession.starts_at)
        .limit(limit)
    )
    return [Listed(*row) for row in rows]


def upcoming(module: Module) -> Sequence[Listed]:
    """The sessions to come of a live module."""
    return listed(of_line(module), *to_come())


def seat_of(mentor: Mentor, module: Module) -> Registration | None:
    """The seat, or the place on a list, that a mentor has in a session of this module that is still to come."""
    return db.session.scalar(
        select(Registration)
        .join(Registration.session)
        .where(Registration.mentor_id == mentor.id, of_line(module), *to_come())
        .options(joinedload(Registration.session).joinedload(CourseSession.module))
        .limit(1)
    )


def registration_of(mentor: Mentor, session: CourseSession) -> Registration | None:
    """A mentor's seat in a session, or their place on its list."""
    return db.session.scalar(select(Registration).where(Registration.session_id == session.id, Registration.mentor_id == mentor.id))


def seats_left(session: CourseSession) -> int:
    """How many more may sit. The session's row is held."""
    taken = select(func.count()).where(Registration.session_id == session.id, Registration.is_seated)
    return max(0, session.seats - (db.session.scalar(taken) or 0))


def registrations_of(session: CourseSession, seated: bool = True) -> Sequence[Registration]:
    """Who has a seat, by name; or who waits, in order."""
    statement = (
        select(Registration)
        .where(Registration.session_id == session.id, Registration.is_seated == seated)
        .join(Registration.mentor)
        .options(joinedload(Registration.mentor))
    )
    order = (Mentor.sort_name, Mentor.id) if seated else (Registration.number,)
    return db.session.scalars(statement.order_by(*order)).all()


def not_registered(session: CourseSession) -> Sequence[Mentor]:
    """The mentors who follow this session's course and have neither a seat nor a place on its list, by name.

    Once it has begun, who waited on its list may have been there too.
    """
    follow = select(Enrolment.mentor_id).where(Enrolment.course_id == session.module.course_id, Enrolment.ended_at.is_(None))
    known = select(Registration.mentor_id).where(Registration.session_id == session.id)
    if session.starts_at <= now():
        known = known.where(Registration.is_seated)
    statement = select(Mentor).where(Mentor.id.in_(follow), Mentor.id.not_in(known), Mentor.state == FileState.ACTIVE)
    return db.session.scalars(statement.order_by(Mentor.sort_name, Mentor.id).limit(300)).all()


def plan(module: Module, **said_of_it: Any) -> CourseSession:
    """A live module at a date and a place."""
    session = CourseSession(module_id=module.id, module=module, **said_of_it)
    db.session.add(session)
    db.session.flush()  # its page is shown next
    return session


def take_seat(mentor: Mentor, session: CourseSession) -> Registration:
    """A seat, or a place on the waiting list when there is none; twice is once. Raises NoSeat."""
    hold_row(session)
    if session.starts_at <= now() or session.is_cancelled:
        raise NoSeat(_("Cette session est annulée.") if session.is_cancelled else _("Cette session est passée."))
    course, step = step_for(mentor, session.module)
    if step.is_done:
        raise NoSeat(_("Vous avez déjà suivi ce module."))
    if not step.is_open:
        raise NoSeat(_("Faites d'abord les modules qui précèdent : la session s'appuie dessus."))
    known = registration_of(mentor, session)
    if known is not None:
        return known
    if seat_of(mentor, session.module) is not None:
        raise NoSeat(_("Vous avez déjà une place à une autre date : rendez-la d'abord."))
    begin(mentor, course.course)
    return register(mentor, session)


def add_present(mentor: Mentor, session: CourseSession) -> None:
    """Somebody was there who had no seat: they are on the sheet from now on, beyond the seats too. Twice is once; nobody is told.

    Raises NoSeat before it begins, or when it was cancelled.
    """
    hold_row(session)
    if session.starts_at > now() or session.is_cancelled:
        raise NoSeat(_("Cette session est annulée.") if session.is_cancelled else _("Cette session n'a pas encore commencé."))
    course, _step = step_for(mentor, session.module)
    begin(mentor, course.course)
    row = registration_of(mentor, session)
    if row is None:
        write_down(mentor, session, is_seated=True)
    elif not row.is_seated:
        row.is_seated, row.seated_at = True, now()


def write_down(mentor: Mentor, session: CourseSession, is_seated: bool) -> Registration:
    """The last line of a session's list, seated or waiting. The session's row is held."""
    last = db.session.scalar(select(func.max(Registration.number)).where(Registration.session_id == session.id)) or 0
    row = Registration(
        session_id=session.id,
        session=session,
        mentor_id=mentor.id,
        mentor=mentor,
        number=last + 1,
        is_seated=is_seated,
        seated_at=now() if is_seated else None,
    )
    db.session.add(row)
    db.session.flush()  # the next one counts it
    return row


def register(mentor: Mentor, session: CourseSession) -> Registration:
    """Write a mentor down, seated while there is room, and tell them. The session's row is held."""
    seated = seats_left(session) > 0
    row = write_down(mentor, session, seated)
    if seated:
        about_session(
            mentor, session, _("Votre place est réservée"), _("Votre inscription est notée : %(session)s.", session=said(session))
        )
    else:
        about_session(
            mentor,
            session,
            _("Vous êtes sur la liste d'attente"),
            _("%(session)s : toutes les places sont prises.", session=said(session)),
            _("Nous vous écrirons dès qu'une place se libère."),
            method=None,
        )
    return row


def leave_seat(mentor: Mentor, session: CourseSession) -> None:
    """Give a seat or a place on the list back, until the session begins; the first who waits gets it. No error without one."""
    hold_row(session)
    row = registration_of(mentor, session)
    if row is None or session.starts_at <= now() or session.is_cancelled:
        return
    if row.is_seated:
        about_session(
            mentor,
            session,
            _("Votre place est rendue"),
            _("Vous ne venez plus : %(session)s.", session=said(session)),
            method="CANCEL",
        )
    db.session.delete(row)
    db.session.flush()  # a seat is free
    fill_seats(session)


@person_withdrawn.connect
def leave_seats(person: Mentor | Mentee) -> None:
    """Whose file is closed comes to no session: who waits has their seat."""
    if isinstance(person, Mentor):
        theirs = select(Registration.session_id).where(Registration.mentor_id == person.id)
        for session in db.session.scalars(
            select(CourseSession).where(CourseSession.id.in_(theirs), *to_come()).order_by(CourseSession.id)
        ):
            hold_row(session)
            db.session.execute(
                delete(Registration).where(Registration.session_id == session.id, Registration.mentor_id == person.id)
            )
            fill_seats(session)


def fill_seats(session: CourseSession) -> None:
    """Give free seats to those who wait, in order, and tell them. The session's row is held."""
    for row in registrations_of(session, seated=False)[: seats_left(session)]:
        row.is_seated, row.seated_at = True, now()
        about_session(
            row.mentor,
            session,
            _("Une place s'est libérée pour vous"),
            _("Vous avez une place : %(session)s.", session=said(session)),
            _("Si vous ne pouvez plus venir, rendez-la en un clic."),
        )
    db.session.flush()


def may_change(session: CourseSession) -> bool:
    """Whether a session may be changed or called off: until it begins; or, noted when it was past, until a presence is noted."""
    if session.is_cancelled:
        return False
    if session.starts_at > now():
        return True
    noted = select(Registration.id).where(Registration.session_id == session.id, Registration.attended.is_not(None))
    return session.is_of_the_past and db.session.scalar(noted.limit(1)) is None


def change(session: CourseSession, details: Mapping[str, Any]) -> None:
    """Move a session, or change its place, trainer or seats; everybody hears of what matters. Raises NotYet when it is over."""
    hold_row(session)
    if not may_change(session):
        raise NotYet(_("Cette session est passée ou annulée : elle ne change plus."))
    moved = any(getattr(session, name) != details[name] for name in ("starts_at", "place") if name in details)
    for name, value in details.items():
        setattr(session, name, value)
    if moved and session.starts_at > now():
        session.sequence += 1
        for row in registrations_of(session):
            row.reminded, row.seated_at = None, now()
            about_session(
                row.mentor,
                session,
                _("Votre session change"),
                _("Voici ce qui est prévu maintenant : %(session)s.", session=said(session)),
                _("Si cela ne vous convient plus, rendez votre place en un clic."),
            )
        for row in registrations_of(session, seated=False):
            about_session(
                row.mentor,
                session,
                _("La session où vous attendez une place change"),
                _("Voici ce qui est prévu maintenant : %(session)s.", session=said(session)),
                method=None,
            )
    fill_seats(session)


def cancel(session: CourseSession, reason: str) -> None:
    """Call a session off and tell everybody why; twice is once."""
    hold_row(session)
    if session.is_cancelled:
        return
    if not may_change(session):
        raise NotYet(_("Cette session a commencé : notez plutôt les présences."))
    session.cancelled_at, session.cancel_reason = now(), reason
    session.sequence += 1
    for seated in (True, False) if session.starts_at > now() else ():
        for row in registrations_of(session, seated):
            about_session(
                row.mentor,
                session,
                _("Une session est annulée"),
                _("%(session)s n'aura pas lieu.", session=said(session)),
                reason,
                _("Choisissez une autre date quand vous voulez."),
                method="CANCEL" if seated else None,
            )


def record_attendance(session: CourseSession, present: Mapping[UUID, int], absent: Collection[UUID], by: UUID) -> int:
    """Staff say who came, and for how many minutes; gives how many did. Each answer is kept, a correction too.

    Whoever was there for three quarters of it has done the module; less counts as hours alone. Somebody named on neither list stays
    as they are. Raises NotYet before it begins, or when it was cancelled.
    """
    hold_row(session)
    if session.starts_at > now() or session.is_cancelled:
        raise NotYet(_("Cette session est annulée.") if session.is_cancelled else _("Cette session n'a pas encore commencé."))
    for row in registrations_of(session):
        if row.mentor_id in present:
            note(row, True, min(max(1, present[row.mentor_id]), session.module.minutes), by)
        elif row.mentor_id in absent:
            note(row, False, 0, by)
    return sum(bool(row.attended) for row in registrations_of(session))


def note(row: Registration, attended: bool, minutes: int, by: UUID) -> None:
    """One person's presence, as it is now said; saying the same again writes nothing.

    What counts is the longest presence at any session of this module: who came to one may miss another.
    """
    if (row.attended, row.minutes) == (attended, minutes):
        return
    came_before = row.attended
    row.attended, row.minutes = attended, minutes
    db.session.add(AttendanceMark(registration_id=row.id, attended=attended, minutes=minutes, by=by))
    lock(row.mentor_id)
    enrolment, module = place_of(row)
    if came_before:
        undo_attendance(enrolment, module)
    longest = longest_presence(row.mentor_id, module)
    if longest is not None:
        minutes, at = longest
        complete_module(enrolment, module, by, minutes=minutes, done=minutes * 100 >= module.minutes * ENOUGH, at=at)


def longest_presence(mentor_id: UUID, module: Module) -> tuple[int, datetime] | None:
    """The session of a module at which a mentor was longest: how many minutes, and when it was; None when they came to none."""
    row = db.session.execute(
        select(Registration.minutes, CourseSession.starts_at)
        .join(Registration.session)
        .where(Registration.mentor_id == mentor_id, Registration.attended.is_(True), of_line(module))
        .order_by(Registration.minutes.desc(), CourseSession.starts_at)
        .limit(1)
    ).first()
    return (row[0], row[1]) if row is not None and row[0] else None


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


def certified_without(session: CourseSession, absent: Collection[UUID]) -> Sequence[Mentor]:
    """Of whom did not come, those whose course is complete although they were at no session of this module: it was certified."""
    complete = select(Completion.mentor_id).where(
        Completion.course_id == session.module.course_id, Completion.mentor_id.in_(absent)
    )
    rows = db.session.scalars(select(Mentor).where(Mentor.id.in_(complete)).order_by(Mentor.last_name, Mentor.id)).all()
    return [mentor for mentor in rows if not longest_presence(mentor.id, session.module)]


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
