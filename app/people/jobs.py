"""What happens to files by itself, every hour and by day only: references and authorisations chased, pauses and checks that end."""

from collections.abc import Sequence

from sqlalchemy import select

from app.database import now
from app.extensions import db
from app.jobs import WAKING, every_hour, job
from app.translation import gettext as _
from app.web import local, today

from . import applications, checks, consent
from .actions import resume_when_due
from .letters import space_link, write_staff
from .models import FileState, Mentee, Mentor
from .queries import Kind
from .words import CHECKS


@every_hour
@job
def watch_people() -> None:
    """Remind, resume, tell."""
    if local(now()).hour not in WAKING:
        return
    applications.watch()
    consent.watch()
    for mentor in back_today(Mentor):
        resume_when_due(mentor)
    for mentee in back_today(Mentee):
        resume_when_due(mentee)
    tell_ends()


def back_today(model: type[Kind]) -> Sequence[Kind]:
    """Whoever said that they would be back by now."""
    return db.session.scalars(select(model).where(model.state == FileState.PAUSED, model.paused_until <= today())).all()


def tell_ends() -> None:
    """Checks that end within sixty days: the team learns each once."""
    rows = checks.ending_soon()
    for row, _end in rows:
        row.told_on = today()
    if rows:
        lines = [_("Elles ne compteront bientôt plus :"), *(checks.said_end(row, str(CHECKS[row.kind]), end) for row, end in rows)]
        write_staff("checks", _("Des vérifications sont à refaire"), lines, space_link("people.mentors"), _("Voir les mentors"))
