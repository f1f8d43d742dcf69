"""What travels between the programme and an association: each job reads one space, writes in the other, and can be done twice."""

from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import delete, select

from app.database import now
from app.extensions import db
from app.jobs import every_hour, job
from app.tenants import scope
from app.tenants.models import Tenant
from app.tenants.resolve import enter_tenant

from .models import Decline, Lead, LeadDraft, LeadState, Orientation, OrientationState, PersonColumns
from .signals import lead_withdrawn

log = structlog.get_logger()
CARRIED = ("kind", "age", "source", "requested_at", "text_version", *PersonColumns.__annotations__)


def here() -> Tenant:
    """Enter the space that the job works in, and return it."""
    tenant = db.session.get_one(Tenant, scope.current_tenant_id())
    enter_tenant(tenant)
    return tenant


@job
def hand_over(programme_id: UUID, orientation_id: UUID) -> None:
    """In the association: receive the copy of a request that the programme proposes. A second time changes nothing."""
    from .actions import tell, tell_staff

    carried = read_orientation(programme_id, orientation_id)
    if carried is None:
        return  # withdrawn before it arrived
    here()
    if db.session.scalar(select(Lead.id).where(Lead.orientation_id == orientation_id)) is None and not was_declined(orientation_id):
        lead = Lead(state=LeadState.RECEIVED, orientation_id=orientation_id, **carried)
        db.session.add(lead)
        db.session.flush()  # the history names the stored row
        tell(lead, "received")
        tell_staff(lead)
    confirm_delivery.defer(tenant_id=programme_id, orientation_id=orientation_id)


def read_orientation(programme_id: UUID, orientation_id: UUID) -> dict[str, Any] | None:
    """What the programme hands over; None when the person withdrew meanwhile."""
    with scope.reading(programme_id) as session:
        orientation = session.get(Orientation, (programme_id, orientation_id))
        if orientation is None or orientation.state not in {
            OrientationState.SENT,
            OrientationState.DELIVERED,
        }:
            return None
        lead = session.get_one(Lead, (programme_id, orientation.lead_id))
        values = {name: getattr(lead, name) for name in CARRIED}
        return {**values, "answer_by": orientation.answer_by, "programme_lead_id": lead.id}


def was_declined(orientation_id: UUID) -> bool:
    return db.session.scalar(select(Decline.id).where(Decline.orientation_id == orientation_id)) is not None


@job
def confirm_delivery(orientation_id: UUID) -> None:
    """In the programme: the association has it. Withdrawn while it travelled, it is called back."""
    orientation = locked_orientation(orientation_id)
    if orientation is not None and orientation.state == OrientationState.WITHDRAWN:
        withdraw_copy.defer(tenant_id=orientation.association_id, orientation_id=orientation_id)
    elif orientation is not None and orientation.state == OrientationState.SENT:
        orientation.state, orientation.delivered_at = OrientationState.DELIVERED, now()


def locked_orientation(orientation_id: UUID) -> Orientation | None:
    return db.session.scalar(select(Orientation).where(Orientation.id == orientation_id).with_for_update())


@job
def answer(association_id: UUID, orientation_id: UUID) -> None:
    """In the programme: note the association's answer; a request that was declined goes to the next association."""
    from .actions import orient, tell

    accepted, reason = read_answer(association_id, orientation_id)
    programme = here()
    orientation = locked_orientation(orientation_id)
    if orientation is None or orientation.answered_at is not None or (not accepted and reason is None):
        return
    lead = db.session.get_one(Lead, (programme.id, orientation.lead_id), with_for_update=True)
    orientation.answered_at = now()
    if lead.state == LeadState.WITHDRAWN:
        return
    orientation.state = OrientationState.ACCEPTED if accepted else OrientationState.DECLINED
    orientation.decline_reason = reason
    if accepted:
        lead.state, lead.accepted_at = LeadState.ACCEPTED, now()
        tell(lead, "accepted", association_id=association_id)
    else:
        lead.state, lead.waiting_reason = LeadState.WAITING, "declined"
        tell(lead, "declined", association_id=association_id, reason=reason)
        db.session.flush()  # the next choice must see this refusal
        orient(lead, programme, now().astimezone(programme.zone).date())


def read_answer(association_id: UUID, orientation_id: UUID) -> tuple[bool, str | None]:
    """Whether the association accepted, and why not."""
    with scope.reading(association_id) as session:
        reason = session.scalar(select(Decline.reason).where(Decline.orientation_id == orientation_id))
        accepted_at = session.scalar(select(Lead.accepted_at).where(Lead.orientation_id == orientation_id))
    return accepted_at is not None, reason


@job
def withdraw_copy(orientation_id: UUID) -> None:
    """In the association: the person took the request back. What was not yet accepted is forgotten."""
    from .actions import tell

    here()
    lead = db.session.scalar(select(Lead).where(Lead.orientation_id == orientation_id).with_for_update())
    if lead is None or lead.state == LeadState.WITHDRAWN:
        return
    if lead.state == LeadState.RECEIVED:
        db.session.delete(lead)
        return
    lead.state, lead.withdrawn_at = LeadState.WITHDRAWN, now()
    tell(lead, "withdrawn")
    lead_withdrawn.send(lead)


@every_hour
@job
def forget_drafts() -> None:
    """Forget the forms that nobody finished."""
    result = db.session.execute(delete(LeadDraft).where(LeadDraft.expires_at < now()))
    log.info("leads.drafts_forgotten", count=result.rowcount)  # type: ignore[attr-defined]
