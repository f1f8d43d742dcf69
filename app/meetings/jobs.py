"""What is sent by itself: reminders six times an hour, silences once an hour, by day only."""

from uuid import UUID

from app.database import now
from app.jobs import WAKING, every_hour, every_ten_minutes, job
from app.tenants.resolve import current_tenant
from app.web import local

from . import reminders, silences


@every_ten_minutes
@job
def remind(after: UUID | None = None) -> None:
    """Send the reminders that are due, a share at a time: the next share is a job of its own, stored with this one's end."""
    if current_tenant.is_programme:
        return
    following = reminders.remind(now(), after)
    if following is not None:
        remind.defer(after=following)


@every_hour
@job
def watch_silences() -> None:
    """Ask mentors at the end of the month, and tell the team of silences."""
    if current_tenant.is_programme or local(now()).hour not in WAKING:
        return
    asked, told = silences.ask_for_this_month(now()), silences.tell_team_of_silences(now())
    if reminders.SHARE in {asked, told}:
        watch_silences.defer(once=True)
