"""What follow-up does by itself: calls, the day's count and letters once an hour; calls for help six times an hour."""

from uuid import UUID

from app.database import now
from app.extensions import db
from app.jobs import WAKING, every_hour, every_ten_minutes, job
from app.pairs.life import locked
from app.pairs.models import Pair
from app.pairs.queries import with_people
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
        ask_gate.defer(pair_id=pair.id, once=True)
    rules.forget_old()
    health.note_day(today())
    moment = local(now())
    waits.reassure(moment)
    if settings().digest and moment.weekday() == MONDAY and moment.hour in WAKING:
        digest.send_digests(today())


@job
def ask_gate(pair_id: UUID) -> None:
    """What the gate does not allow any more is called off, of the pair as it is when nobody else moves or cancels in it."""
    pair = db.session.get(Pair, (current_tenant.id, pair_id), options=with_people())
    if pair is not None:
        gate_asked.send(locked(pair))


@every_ten_minutes
@job
def watch_help() -> None:
    """A call for help that nobody opened goes to the administrators, at any hour."""
    threads.escalate(now())
