"""What follow-up does by itself: calls, the day's count and letters once an hour; calls for help six times an hour."""

from app.database import now
from app.jobs import WAKING, every_hour, every_ten_minutes, job
from app.pairs.signals import gate_asked
from app.tenants.resolve import current_tenant
from app.web import local, today

from . import calls, digest, health, rules, threads, waits
from .settings import settings

MONDAY = 0


@every_hour
@job
def follow() -> None:
    """Let the calls follow the rules, keep the day's count; write to who waits; on Monday morning, to each of the team."""
    if current_tenant.is_programme:
        return
    rules.refresh()
    for pair in calls.stopped():  # by a rule that changed, or a day that came: what nobody noted on a file
        gate_asked.send(pair)
    rules.forget_old()
    health.note_day(today())
    moment = local(now())
    waits.reassure(moment)
    if settings().digest and moment.weekday() == MONDAY and moment.hour in WAKING:
        digest.send_digests(today())


@every_ten_minutes
@job
def watch_help() -> None:
    """A call for help that nobody opened goes to the administrators, at any hour."""
    threads.escalate(now())
