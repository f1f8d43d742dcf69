"""Live sessions: planned, moved, cancelled; seats and the waiting list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.database import hold_row, now, one_at_a_time
from app.extensions import db
from app.mail import take_back
from app.people.erased import refuse_erased
from app.people.models import FileState, Mentee, Mentor
from app.people.signals import person_withdrawn
from app.translation import gettext as _

from .following import NotYet, begin, lock, step_for
from .letters import about_session
from .models import Enrolment, Module, Step
from .session_models import CourseSession, Registration

OF_SESSION = (Registration.session_id == CourseSession.id) & (Registration.tenant_id == CourseSession.tenant_id)
UNSAID = OF_SESSION, Registration.is_seated, Registration.attended.is_(None)  # of whom nobody has said whether they came
HELD_WITHIN = timedelta(days=92)  # a session that took place before may still be noted


class NoSeat(NotYet):
    """The session is over, cancelled, or not for this mentor."""


@dataclass(frozen=True)
class Listed:
    """A session with the seats taken, the people who wait, and those of whom nobody has said whether they came."""

    session: CourseSession
    seated: int
    waiting: int
    unsaid: int

    @property
    def is_full(self) -> bool:
        return self.seated >= self.session.seats


def to_come(moment: datetime | None = None) -> tuple[ColumnElement[bool], ...]:
    """The sessions that will take place, from now or from a moment on."""
    return CourseSession.starts_at > (moment or now()), CourseSession.cancelled_at.is_(None)


def recent(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    """The sessions that took place not long before a moment, or go on: who came may still be noted."""
    return CourseSession.starts_at.between(moment - HELD_WITHIN, moment), CourseSession.cancelled_at.is_(None)


def to_mark(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    """Those of which nobody has said who came: those mentors wait for it."""
    return *recent(moment), exists().where(*UNSAID)


def waited_for(moment: datetime) -> ColumnElement[bool]:
    """Whether a seat, or a place on a list, is one to come to, or one of which nobody has said yet whether the mentor came."""
    return or_(and_(*to_come(moment)), and_(*recent(moment), *UNSAID[1:]))


def at_hand(moment: datetime) -> tuple[Sequence[Listed], Sequence[Listed]]:
    """Those of which nobody has said who came, and the next ones: one statement, some forty sessions at most."""
    rows = listed(or_(and_(*to_mark(moment)), and_(*to_come())), limit=40)
    return [row for row in rows if row.session.starts_at <= moment], [row for row in rows if row.session.starts_at > moment]


def of_line(module: Module) -> ColumnElement[bool]:
    """The sessions of a live module, whichever version it was planned for."""
    return CourseSession.module_id.in_(select(Module.id).where(Module.root_id == module.root_id))


def listed(*conditions: Any, limit: int = 200) -> Sequence[Listed]:
    """Sessions with their counts, by date."""
    seated = select(func.count()).where(OF_SESSION, Registration.is_seated).scalar_subquery()
    waiting = select(func.count()).where(OF_SESSION, ~Registration.is_seated).scalar_subquery()
    unsaid = select(func.count()).where(*UNSAID).scalar_subquery()
    rows = db.session.execute(
        select(CourseSession, seated, waiting, unsaid)
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
    """The seat, or the place on a list, that a mentor has in a session of this module: to come, or of which nobody has said yet.

    The one to come goes first.
    """
    return db.session.scalar(
        select(Registration)
        .join(Registration.session)
        .where(Registration.mentor_id == mentor.id, of_line(module), waited_for(now()))
        .options(joinedload(Registration.session).joinedload(CourseSession.module))
        .order_by(CourseSession.starts_at.desc())
        .limit(1)
    )


def seats_of(mentor: Mentor) -> Sequence[Registration]:
    """The seats of a mentor in sessions that are still to come, by date."""
    return db.session.scalars(
        select(Registration)
        .join(Registration.session)
        .where(Registration.mentor_id == mentor.id, Registration.is_seated, *to_come())
        .options(contains_eager(Registration.session).joinedload(CourseSession.module))
        .order_by(CourseSession.starts_at)
    ).all()


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
    """The mentors who follow a version with this session's module and have neither a seat nor a place on its list, by name.

    Once it has begun, who waited on its list may have been there too.
    """
    versions = select(Step.version_id).join(Step.module).where(Module.root_id == session.module.root_id)
    follow = select(Enrolment.mentor_id).where(Enrolment.version_id.in_(versions), Enrolment.ended_at.is_(None))
    known = select(Registration.mentor_id).where(Registration.session_id == session.id)
    if session.starts_at <= now():
        known = known.where(Registration.is_seated)
    statement = select(Mentor).where(Mentor.id.in_(follow), Mentor.id.not_in(known), Mentor.state == FileState.ACTIVE)
    return db.session.scalars(statement.order_by(Mentor.sort_name, Mentor.id).limit(300)).all()


def plan(module: Module, **said_of_it: Any) -> CourseSession:
    """A live module at a date and a place; the same again is the same session."""
    one_at_a_time("session", module.id)
    same = select(CourseSession).filter_by(module_id=module.id, cancelled_at=None, **said_of_it)
    known = db.session.scalars(same.limit(1)).first()
    if known is not None:
        return known
    session = CourseSession(module_id=module.id, module=module, **said_of_it)
    db.session.add(session)
    db.session.flush()  # its page is shown next
    return session


def take_seat(mentor: Mentor, session: CourseSession) -> Registration:
    """A seat, or a place on the waiting list when there is none; twice is once. Raises NoSeat."""
    lock(mentor.id)  # people before sessions, as whoever closes a file
    db.session.refresh(mentor, ["state"])
    hold_row(session)
    if mentor.state == FileState.WITHDRAWN:
        raise NoSeat(_("Le dossier de %(name)s est fermé.", name=mentor.first_name))
    if session.starts_at <= now() or session.is_cancelled:
        raise NoSeat(_("Cette session est annulée.") if session.is_cancelled else _("Cette session est passée."))
    course, step = step_for(mentor, session.module)
    if step.is_done:
        raise NoSeat(_("Ce module a déjà été suivi."))
    if not step.is_open:
        raise NoSeat(_("Les modules qui précèdent sont à faire d'abord : la session s'appuie dessus."))
    known = registration_of(mentor, session)
    if known is not None:
        return known
    seat = seat_of(mentor, session.module)
    if seat is not None and not seat.session.has_begun:
        raise NoSeat(_("Une place est déjà prise à une autre date : rendez-la d'abord."))
    other = next((seat.session for seat in seats_of(mentor) if at_once(seat.session, session)), None)
    if other is not None:
        raise NoSeat(_("Au même moment, une place est prise à « %(title)s » : rendez-la d'abord.", title=other.module.title))
    begin(mentor, course.course)
    return register(mentor, session)


def at_once(one: CourseSession, other: CourseSession) -> bool:
    """Whether nobody can be at both from the beginning to the end."""
    first, second = sorted((one, other), key=lambda session: session.starts_at)
    return second.starts_at < first.starts_at + timedelta(minutes=first.module.minutes)


def add_present(mentor: Mentor, session: CourseSession) -> None:
    """Somebody was there who had no seat: they are on the sheet from now on, beyond the seats too. Twice is once; nobody is told.

    Raises NoSeat before it begins, or when it was cancelled, and Erased.
    """
    lock(mentor.id)
    refuse_erased(hold_row(mentor))
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
        about_session(mentor, session, _("Votre place est réservée"), _("Votre inscription est notée : %(session)s."))
    else:
        about_session(
            mentor,
            session,
            _("Vous êtes sur la liste d'attente"),
            _("%(session)s : toutes les places sont prises."),
            _("Nous vous écrirons dès qu'une place se libère."),
            method=None,
        )
    return row


def leave_seat(mentor: Mentor, session: CourseSession) -> bool:
    """Give a seat or a place on the list back, until the session begins; the first who waits gets it. Whether they have none."""
    hold_row(session)
    row = registration_of(mentor, session)
    if row is None or session.is_cancelled:
        return True
    if session.has_begun:
        return False
    if row.is_seated:
        about_session(
            mentor,
            session,
            _("Votre place est rendue"),
            _("Vous ne venez plus : %(session)s."),
            method="CANCEL",
        )
    db.session.delete(row)
    db.session.flush()  # a seat is free
    fill_seats(session)
    return True


@person_withdrawn.connect
def leave_seats(person: Mentor | Mentee) -> None:
    """Whose file is closed comes to no session: who waits has their seat."""
    if isinstance(person, Mentor):
        theirs = select(Registration.session_id).where(Registration.mentor_id == person.id)
        for session in db.session.scalars(
            select(CourseSession).where(CourseSession.id.in_(theirs), *to_come()).order_by(CourseSession.id)
        ):
            hold_row(session)
            take_back(session.id, person.email)
            db.session.execute(
                delete(Registration).where(Registration.session_id == session.id, Registration.mentor_id == person.id)
            )
            fill_seats(session)


def fill_seats(session: CourseSession) -> Sequence[Registration]:
    """Give free seats to those who wait, in order, and tell them: these. The session's row is held."""
    rows = registrations_of(session, seated=False)[: seats_left(session)]
    for row in rows:
        row.is_seated, row.seated_at = True, now()
        about_session(
            row.mentor,
            session,
            _("Une place s'est libérée pour vous"),
            _("Vous avez une place : %(session)s."),
            _("Si vous ne pouvez plus venir, rendez-la depuis la page de la session."),
        )
    db.session.flush()
    return rows


def may_change(session: CourseSession) -> bool:
    """Whether a session may be changed or called off: until it begins; or, noted when it was past, until a presence is noted."""
    if session.is_cancelled:
        return False
    if session.starts_at > now():
        return True
    noted = select(Registration.id).where(Registration.session_id == session.id, Registration.attended.is_not(None))
    return session.is_of_the_past and db.session.scalar(noted.limit(1)) is None


def change(session: CourseSession, details: Mapping[str, Any]) -> int:
    """Move a session, or change its place, trainer or seats; everybody hears of what matters. Raises NotYet when it is over.

    Gives how many were written to.
    """
    hold_row(session)
    if not may_change(session):
        raise NotYet(_("Cette session est passée ou annulée : elle ne change plus."))
    moved = any(getattr(session, name) != details[name] for name in ("starts_at", "place") if name in details)
    for name, value in details.items():
        setattr(session, name, value)
    told: set[Registration] = set()
    if moved and session.starts_at > now():
        session.sequence += 1
        told.update(registrations_of(session), registrations_of(session, seated=False))
        for row in registrations_of(session):
            row.reminded, row.seated_at = None, now()
            about_session(
                row.mentor,
                session,
                _("Votre session change"),
                _("Voici ce qui est prévu maintenant : %(session)s."),
                _("Si cela ne vous convient plus, rendez votre place depuis la page de la session."),
            )
        for row in registrations_of(session, seated=False):
            about_session(
                row.mentor,
                session,
                _("La session où vous attendez une place change"),
                _("Voici ce qui est prévu maintenant : %(session)s."),
                method=None,
            )
    told.update(fill_seats(session))
    return sum(bool(row.mentor.email) for row in told)


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
                _("%(session)s n'aura pas lieu."),
                reason,
                _("Choisissez une autre date quand vous voulez."),
                method="CANCEL" if seated else None,
            )
