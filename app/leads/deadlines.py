"""What the clock does every hour: reminders in an association, relays, and in the programme nothing that stays on the way."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import load_only

from app.accounts.permissions import STAFF_ROLES, Role
from app.accounts.queries import addresses_by_user, roles_in_space
from app.database import now
from app.extensions import db
from app.jobs import WAKING, every_hour, job
from app.mail import Letter, absolute, send
from app.tenants.models import Tenant
from app.tenants.resolve import current_tenant, find_programme, rules_for
from app.translation import gettext as _
from app.web import local, today

from . import actions, clock, guardian, jobs
from .clock import Duty
from .models import TO_ANSWER, UNDER_WAY, Lead, LeadState, Orientation, OrientationState
from .own import is_about

STUCK_AFTER = timedelta(hours=1)  # of a hand-over that did not arrive


@every_hour
@job
def watch_deadlines() -> None:
    """Do what is due today for each request of this space. Done again the same day, nothing is done twice."""
    tenant, is_day = current_tenant, local(now()).hour in WAKING  # nobody is reminded in the night
    if tenant.is_programme:
        watch_orientations(today())
        if is_day:
            guardian.watch(tenant)
        actions.orient_waiting(tenant, today())
    elif is_day:
        watch_answers(tenant, today())


# In an association.


def watch_answers(tenant: Tenant, on: date) -> None:
    """Remind whoever owes an answer; let go on what is overdue."""
    told: dict[Duty, list[Lead]] = defaultdict(list)
    for row in owed(on):
        lead = db.session.scalar(
            select(Lead).where(Lead.id == row.id).with_for_update(skip_locked=True).execution_options(populate_existing=True)
        )
        duty = clock.due(lead, on) if lead is not None else None
        if lead is None or duty is None:
            continue
        if duty == Duty.OVERDUE:
            pass_on(lead, tenant, on)
        else:
            lead.reminded = duty
            actions.tell(lead, "reminded", reason=duty)
            told[duty].append(lead)
    remind(tenant, told)
    move_again(tenant)


def move_again(tenant: Tenant) -> None:
    """Ask the programme once more to take what has been on its way to it for an hour."""
    programme = find_programme()
    stuck = select(Lead.id).where(Lead.state == LeadState.MOVED, Lead.updated_at < now() - STUCK_AFTER)
    if programme is None:
        return
    for lead_id in db.session.scalars(stuck).all():
        jobs.take_over.defer(tenant_id=programme.id, once=True, association_id=tenant.id, lead_id=lead_id)


def owed(on: date) -> Sequence[Lead]:
    """The requests for which something is due, only what the clock reads."""
    rows = db.session.scalars(
        select(Lead)
        .where(Lead.state.in_(TO_ANSWER), Lead.answer_by.is_not(None), or_(Lead.clock_from.is_(None), Lead.clock_from <= on))
        .options(load_only(Lead.state, Lead.answer_by, Lead.clock_from, Lead.reminded, Lead.departement_code))
        .order_by(Lead.answer_by)
    )
    return [row for row in rows if clock.due(row, on)]


def remind(tenant: Tenant, told: dict[Duty, list[Lead]]) -> None:
    """One letter for each person who is reminded, whatever the number of requests: how many, and how urgent; no name."""
    addresses = addresses_by_user()
    roles = {user: held for user, held in roles_in_space().items() if user in addresses}
    admins = [user for user, held in roles.items() if Role.ADMIN in held]
    answering = [user for user, held in roles.items() if held & STAFF_ROLES]
    letters: dict[UUID, Counter[str]] = defaultdict(Counter)
    for duty, leads in told.items():
        for lead in leads:
            has_it = lead.assigned_to if lead.assigned_to in roles and not is_about(lead, lead.assigned_to) else None
            whom = [has_it] if has_it else answering
            for user in admins if duty == Duty.DEADLINE else whom:
                letters[user][duty] += 1
    link = absolute("leads.inbox", slug=tenant.slug)
    for user, counts in letters.items():
        letter = Letter("leads_due", _("Des demandes attendent votre réponse"))
        send(letter, addresses[user], counts=counts, tenant=tenant, link=link)


def pass_on(lead: Lead, tenant: Tenant, on: date) -> None:
    """The day has passed: the request goes on without this association."""
    if lead.orientation_id is not None:
        actions.decline(lead, "late")
        return
    programme = find_programme()
    if lead.may_relay and programme is not None:
        lead.state = LeadState.MOVED
        actions.tell(lead, "moved")
        jobs.take_over.defer(tenant_id=programme.id, association_id=tenant.id, lead_id=lead.id)
    elif lead.late_told_at is None:
        lead.late_told_at = now()
        clock.start(lead, on, rules_for(tenant).answer_days)
        actions.tell(lead, "late_told")
        write(lead, "lead_late", _("Votre demande attend encore"), tenant)
    else:
        lead.state = LeadState.LAPSED
        actions.tell(lead, "lapsed")
        write(lead, "lead_lapsed", _("Votre demande n'a pas eu de réponse"), tenant)


def write(lead: Lead, kind: str, subject: str, tenant: Tenant) -> None:
    """An honest word to the person, when they have an address."""
    if lead.mailbox:
        send(Letter(kind, subject), lead.mailbox, lead=lead, tenant=tenant, link=actions.tracking_link(lead))


# In the programme.


def watch_orientations(on: date) -> None:
    """Send again what did not arrive; ask again where an answer is overdue: the association's own clock has decided by then."""
    late = on - timedelta(days=1)
    rows = db.session.scalars(
        select(Orientation).where(
            Orientation.state.in_(UNDER_WAY),
            or_(
                (Orientation.state == OrientationState.SENT) & (Orientation.created_at < now() - STUCK_AFTER),
                Orientation.answer_by < late,
            ),
        )
    )
    for row in rows:
        if row.state == OrientationState.SENT:
            jobs.hand_over.defer(tenant_id=row.association_id, once=True, programme_id=current_tenant.id, orientation_id=row.id)
        else:
            jobs.answer.defer(tenant_id=current_tenant.id, once=True, association_id=row.association_id, orientation_id=row.id)
