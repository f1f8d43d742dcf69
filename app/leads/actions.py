"""The life of a request: received, oriented, handed over, answered, withdrawn.

Between the programme and an association only jobs travel. Each side writes in its own space, and each job can be done again.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select, text

from app.accounts.links import record_token
from app.accounts.queries import staff_addresses
from app.database import now
from app.errors import DomainError
from app.extensions import db
from app.mail import Letter, absolute, send
from app.tenants.models import Tenant
from app.tenants.resolve import current_tenant, find_programme

from . import jobs
from .calendar import add_working_days
from .models import Decline, Lead, LeadEvent, LeadState, Orientation, OrientationState
from .orientation import Candidate, examine, waiting_reason
from .queries import associations, current_orientation, declined_by, loads_of
from .signals import lead_accepted, lead_withdrawn


class CannotOrient(DomainError):
    """This request cannot go to that association now."""


class AlreadyAnswered(DomainError):
    """Somebody answered, or the person withdrew, a moment ago."""


def tell(lead: Lead, what: str, **details: UUID | str | None) -> None:
    """Write one moment of a request's history."""
    db.session.add(LeadEvent(lead_id=lead.id, what=what, **details))


def tracking_link(lead: Lead) -> str:
    """The person's own link to where their request stands."""
    return absolute("leads.tracking", token=record_token("suivi", lead.tenant_id, lead.id))


def receive(lead: Lead, tenant: Tenant) -> None:
    """A request arrives by a form or a file. The programme orients it at once; an association has to answer it."""
    today = now().astimezone(tenant.zone).date()
    if tenant.is_programme:
        lead.state, lead.waiting_reason = LeadState.WAITING, "new"
    else:
        lead.state, lead.answer_by = LeadState.RECEIVED, add_working_days(today, tenant.answer_days)
    db.session.add(lead)
    db.session.flush()  # history, links and jobs name the stored row
    tell(lead, "received")
    if tenant.is_programme:
        orient(lead, tenant, today)
    else:
        tell_staff(lead)


def acknowledge(lead: Lead, tenant: Tenant) -> None:
    """Write to the person with their link; with a telephone only, the page they see is the receipt."""
    if lead.email:
        letter = Letter("lead_received", _("Nous avons bien reçu votre demande"))
        send(letter, lead.email, lead=lead, tenant=tenant, link=tracking_link(lead))


def tell_staff(lead: Lead) -> None:
    """Write to those who answer requests here, without a name: the inbox has it."""
    letter = Letter("lead_to_answer", _("Une demande attend votre réponse"))
    for address in staff_addresses():
        link = absolute("leads.show", slug=current_tenant.slug, lead_id=lead.id)
        send(letter, address, lead=lead, tenant=current_tenant, link=link)


# In the programme's space.


def candidates_for(lead: Lead, on: date) -> list[Candidate]:
    """Every association for this request, the best first, with reasons."""
    return examine(lead, associations(), loads_of(lead.kind, on), declined_by(lead), on)


def orient(lead: Lead, programme: Tenant, on: date) -> Orientation | None:
    """Propose a request to the association that should receive it, or say why it waits.

    One orientation at a time in the programme: two at once would both take the last place of the month.
    """
    db.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('orientation'), hashtext(:id))"),
        {"id": str(programme.id)},
    )
    candidates = candidates_for(lead, on)
    if not candidates or not candidates[0].fits:
        lead.waiting_reason = waiting_reason(lead, candidates, on)
        return None
    return send_to(candidates[0], lead, programme, on, by_hand=None)


def waiting_leads() -> Sequence[Lead]:
    """The requests that wait, the oldest first."""
    return db.session.scalars(
        select(Lead).where(Lead.state == LeadState.WAITING).order_by(Lead.requested_at, Lead.id).limit(1000)
    ).all()


def orient_by_hand(lead: Lead, association_id: UUID, programme: Tenant, on: date, by: UUID) -> Orientation:
    """The operator chooses. Raises CannotOrient when the request is not waiting, or the association cannot take it.

    Only two obstacles may be overruled by hand: a capacity that is used up, and an association that declined before.
    """
    if lead.state != LeadState.WAITING:
        raise CannotOrient(_("Cette demande n'attend plus : une association l'a, ou la personne l'a retirée."))
    chosen = next((c for c in candidates_for(lead, on) if c.tenant.id == association_id), None)
    if chosen is None or chosen.obstacle not in {None, "capacity", "declined"}:
        raise CannotOrient(_("Cette association ne peut pas recevoir cette demande."))
    return send_to(chosen, lead, programme, on, by_hand=by)


def send_to(chosen: Candidate, lead: Lead, programme: Tenant, on: date, by_hand: UUID | None) -> Orientation:
    """Record the intent and enqueue the hand-over, in one transaction."""
    orientation = Orientation(
        lead_id=lead.id,
        association_id=chosen.tenant.id,
        kind=lead.kind,
        reasons=list(chosen.reasons),
        by_hand=by_hand is not None,
        answer_by=add_working_days(on, programme.answer_days),
    )
    lead.state, lead.waiting_reason = LeadState.ORIENTED, None
    db.session.add(orientation)
    db.session.flush()  # the job names the stored row; the next orientation counts it
    tell(lead, "oriented", association_id=chosen.tenant.id, user_id=by_hand)
    jobs.hand_over.defer(tenant_id=chosen.tenant.id, programme_id=programme.id, orientation_id=orientation.id)
    return orientation


def withdraw(lead: Lead) -> None:
    """The person takes the request back, in one click; doing it twice changes nothing."""
    if lead.state == LeadState.WITHDRAWN:
        return
    accepted = lead.state == LeadState.ACCEPTED
    orientation = current_orientation(lead) if not lead.orientation_id else None
    lead.state, lead.withdrawn_at, lead.waiting_reason = LeadState.WITHDRAWN, now(), None
    tell(lead, "withdrawn")
    if orientation is not None:
        orientation.state = OrientationState.WITHDRAWN
        jobs.withdraw_copy.defer(tenant_id=orientation.association_id, orientation_id=orientation.id)
    elif accepted:
        lead_withdrawn.send(lead)


# In the association's space.


def accept(lead: Lead, by: UUID) -> None:
    """Take a request: it becomes a file. Raises AlreadyAnswered unless it was waiting for an answer."""
    lead = locked(lead)
    if lead.state == LeadState.ACCEPTED:
        return
    if lead.state != LeadState.RECEIVED:
        raise AlreadyAnswered(_("La personne a retiré sa demande."))
    lead.state, lead.accepted_at = LeadState.ACCEPTED, now()
    tell(lead, "accepted", user_id=by)
    report_answer(lead.orientation_id)
    lead_accepted.send(lead)


def decline(lead: Lead, reason: str) -> None:
    """Give a request back with a reason: the association keeps the count, not the person.

    A request that came straight to the association is told to the person by mail. Raises AlreadyAnswered.
    """
    lead = locked(lead)
    if lead.state != LeadState.RECEIVED:
        raise AlreadyAnswered(_("Cette demande a déjà sa réponse."))
    db.session.add(Decline(orientation_id=lead.orientation_id, kind=lead.kind, reason=reason))
    if lead.orientation_id is None and lead.email:
        send(Letter("lead_declined", _("Votre demande")), lead.email, lead=lead, tenant=current_tenant)
    report_answer(lead.orientation_id)
    db.session.delete(lead)


def report_answer(orientation_id: UUID | None) -> None:
    """Tell the programme, by a job, that an orientation has its answer."""
    programme = find_programme()
    if orientation_id is not None and programme is not None:
        jobs.answer.defer(tenant_id=programme.id, association_id=current_tenant.id, orientation_id=orientation_id)


def locked(lead: Lead) -> Lead:
    """The request as it stands now, for nobody else to answer meanwhile. Raises AlreadyAnswered when it is gone."""
    fresh = db.session.scalar(select(Lead).where(Lead.id == lead.id).with_for_update().execution_options(populate_existing=True))
    if fresh is None:
        raise AlreadyAnswered(_("Cette demande a déjà sa réponse, ou la personne l'a retirée."))
    return fresh
