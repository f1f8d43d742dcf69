"""What training writes to mentors and to staff, with the invitations that calendars keep up to date."""

from collections.abc import Sequence
from datetime import datetime

from app import calendars
from app.mail import absolute, take_back
from app.people import letters
from app.people.models import FileState, Mentor
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import clock, day

from .session_models import CourseSession

KIND = "training"


def write(
    mentor: Mentor,
    subject: str,
    lines: Sequence[str],
    link: str,
    label: str,
    calendar: str | None = None,
    until: datetime | None = None,
) -> None:
    """Write to a mentor, until a moment; nothing happens when no address is known, or once their file is closed."""
    if mentor.state == FileState.WITHDRAWN:
        return
    letters.write_to(KIND, mentor.email, mentor.first_name, subject, lines, link, label, calendar, until)


def write_staff(subject: str, lines: Sequence[str], link: str, label: str) -> None:
    """Write to everybody who works here."""
    letters.write_staff(KIND, subject, lines, link, label)


def about_session(
    mentor: Mentor,
    session: CourseSession,
    subject: str,
    *lines: str,
    method: str | None = "REQUEST",
    until: datetime | None = None,
) -> None:
    """Write about a live session, with its invitation, its update or its end; without any when the method is None.

    A line says which by « %(session)s », its hour on the clock of whoever reads. It leaves before the session begins, and what was
    written of it before and has not left yet does not leave any more. A reminder says until when it leaves, and replaces nothing.
    """
    if until is None:
        take_back(session.id, mentor.email)
    with letters.clock_for(mentor):
        words = said(session)
    lines = tuple(line.replace("%(session)s", words) for line in lines)
    link = absolute("training.my_module", slug=current_tenant.slug, module_id=session.module_id, _anchor=str(session.id))
    calendar = invitation(session, mentor, method, link) if method and mentor.email else None
    write(mentor, subject, lines, link, _("Voir la session"), calendar, until or session.starts_at)


def said(session: CourseSession) -> str:
    """« Ensemble, en direct », mardi 1er décembre à 18 h, 12 rue des Lilas."""
    return _(
        "« %(title)s », %(day)s à %(time)s, %(place)s",
        title=session.module.title,
        day=day(session.starts_at),
        time=clock(session.starts_at),
        place=session.place,
    )


def invitation(session: CourseSession, mentor: Mentor, method: str, link: str) -> str:
    """One event for one person: REQUEST to add or move it, CANCEL to take it away."""
    module, zone = session.module, current_tenant.zone
    event = calendars.event(session.id, session.starts_at, module.minutes, zone, session.sequence, method == "CANCEL")
    event.add("summary", module.title)
    event.add("location", session.place)
    event.add("url", link)
    return calendars.invitation(event, mentor.email or "", mentor.full_name, method)
