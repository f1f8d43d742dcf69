"""What the tests of deadlines share: days of one autumn, asking, and the hour that strikes in a space."""

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import time_machine
from sqlalchemy import select

from app.database import now
from app.extensions import db
from app.jobs import WAKING
from app.leads import actions, deadlines
from app.leads.models import Lead, LeadEvent
from tests import factories

PARIS = ZoneInfo("Europe/Paris")

# A request that arrives on a Tuesday, when five working days are given.
ASKED, HALF, EVE, LAST, LATE = (date(2026, 11, 24), date(2026, 11, 26), date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 2))


def moment(day: date, hour: int = 10, minute: int = 0, zone: ZoneInfo = PARIS) -> datetime:
    """That day, at that hour on a space's clock."""
    return datetime.combine(day, time(hour, minute), zone)


def on(day: date, hour: int = 10, minute: int = 0, zone: ZoneInfo = PARIS) -> time_machine.travel:
    """A block in which it is that day, at that hour, and time stands still."""
    return time_machine.travel(moment(day, hour, minute, zone), tick=False)


def ask(tenant, **changes) -> Lead:
    """Ask a tenant, in its space: the programme orients the request, an association owes an answer."""
    if tenant.is_programme:
        changes["answer_by"] = None
    lead = factories.lead(state="waiting", **changes)
    actions.receive(lead, tenant)
    return lead


def strike(app, *tenants) -> None:
    """Let the hour strike in these spaces."""
    for tenant in tenants:
        with app.app_context():
            deadlines.watch_deadlines.run(tenant_id=str(tenant.id))


def strike_by_day(app, *tenants) -> None:
    """The same, tomorrow morning when it is night: nobody is reminded of anything then."""
    here = now().astimezone(PARIS)
    awake = here if here.hour in WAKING else moment(here.date() + timedelta(days=here.hour >= WAKING.stop))
    with time_machine.travel(awake, tick=False):
        strike(app, *tenants)


def history(lead_id: UUID) -> list[tuple[str, str | None]]:
    """What happened to a request of the space that is open: (what, reason), in no order within one instant."""
    events = db.session.scalars(select(LeadEvent).where(LeadEvent.lead_id == lead_id).order_by(LeadEvent.created_at))
    return [(event.what, event.reason) for event in events]
