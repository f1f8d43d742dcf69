"""The programme's desk: a request that nobody can serve ends with a word, opens again, or is taken back from an association.

Taking back is asked here and decided there: an association that accepts at that instant keeps the person.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select

from app.errors import DomainError
from app.extensions import db
from app.mail import Letter, send
from app.tenants.models import Tenant
from app.translation import gettext as _

from . import actions, doubles, guardian, jobs
from .models import UNDER_WAY, Lead, LeadEvent, LeadState, Orientation
from .queries import current_orientation, last_refusal


class CannotEnd(DomainError):
    """This request is not to be ended, or opened again, as it stands."""


class CannotTakeBack(DomainError):
    """No association has this request any more, or it has answered."""


def not_waiting() -> str:
    """Why a request is not ended here any more."""
    return _("Cette demande n'attend plus ici : une association l'a, ou la personne l'a retirée.")


def end(lead: Lead, reason: str, programme: Tenant, by: UUID) -> None:
    """Close a request that waits, with a reason that the person is written. Twice is once. Raises CannotEnd."""
    lead = actions.locked(lead)
    if lead.state == LeadState.LAPSED:
        return
    if lead.state != LeadState.WAITING:
        raise CannotEnd(not_waiting())
    if lead.waiting_reason == "double":
        raise CannotEnd(_("Comparez d'abord cette demande avec celle de la même personne."))
    lead.state, lead.waiting_reason, lead.reminded = LeadState.LAPSED, None, None
    actions.tell(lead, "ended", user_id=by, reason=reason)
    if lead.mailbox:
        letter = Letter("lead_ended", _("Votre demande s'arrête"))
        send(letter, lead.mailbox, lead=lead, tenant=programme, reason=reason, link=actions.tracking_link(lead))


def reopen(lead: Lead, programme: Tenant, on: date, by: UUID) -> None:
    """A request that was ended looks for an association again, and the person is told. Twice is once. Raises CannotEnd."""
    lead = actions.locked(lead)
    if lead.state in {LeadState.WAITING, LeadState.ORIENTED}:
        return
    if lead.state != LeadState.LAPSED or lead.erased_at is not None:
        raise CannotEnd(_("Cette demande ne se rouvre plus : la personne l'a retirée, ou ses données sont effacées."))
    lead.state, lead.waiting_reason = LeadState.WAITING, "new"
    actions.tell(lead, "reopened", user_id=by)
    went = look_again(lead, programme, on)
    association = db.session.get(Tenant, went.association_id) if went else None
    actions.tell_person(lead, programme, association, _("Le programme cherche de nouveau une association pour vous."))


def look_again(lead: Lead, programme: Tenant, on: date) -> Orientation | None:
    """What happens to a request that comes back to the desk, as if it had just arrived; to whom it went, if it did."""
    same = doubles.same_person(lead)
    if same is not None:
        lead.waiting_reason, lead.same_as = "double", same.id
        return None
    if guardian.hold(lead, programme, on):
        return None
    return actions.go_on(lead, programme, last_refusal(lead), on)


def take_back(lead: Lead, by: UUID) -> None:
    """Ask an association for a request that it has not answered: it forgets it, and the request waits at the desk.

    Asked twice, it is asked once. Raises CannotTakeBack when the answer is known.
    """
    lead = actions.locked(lead)
    orientation = current_orientation(lead, lock=True)
    if orientation is None or orientation.state not in UNDER_WAY:
        raise CannotTakeBack(_("Cette demande a déjà reçu une réponse, ou la personne l'a retirée."))
    if not is_taken_back(orientation):
        actions.tell(lead, "taken_back", association_id=orientation.association_id, user_id=by)
        jobs.give_back.defer(tenant_id=orientation.association_id, programme_id=lead.tenant_id, orientation_id=orientation.id)


def is_taken_back(orientation: Orientation) -> bool:
    """Whether the desk has asked for the request since it went to that association."""
    asked = select(LeadEvent.id).where(
        LeadEvent.lead_id == orientation.lead_id, LeadEvent.what == "taken_back", LeadEvent.created_at >= orientation.created_at
    )
    return db.session.scalar(asked.limit(1)) is not None


def ends_of(leads: Sequence[Lead]) -> Mapping[UUID, LeadEvent]:
    """When and why each of these requests was ended the last time."""
    rows = select(LeadEvent).where(LeadEvent.lead_id.in_([lead.id for lead in leads]), LeadEvent.what == "ended")
    return {event.lead_id: event for event in db.session.scalars(rows.order_by(LeadEvent.created_at))}


def last_end() -> ScalarSelect[str | None]:
    """A column beside requests: why each was ended the last time."""
    ends = select(LeadEvent.reason).where(
        LeadEvent.tenant_id == Lead.tenant_id, LeadEvent.lead_id == Lead.id, LeadEvent.what == "ended"
    )
    return ends.order_by(LeadEvent.created_at.desc()).limit(1).scalar_subquery()


def ends_by_reason() -> Mapping[str, int]:
    """Why the requests that were ended here were, the commonest reason first: counts, never people."""
    ended = select(last_end().label("reason")).where(Lead.state == LeadState.LAPSED).subquery()
    counted = select(ended.c.reason, func.count()).where(ended.c.reason.is_not(None)).group_by(ended.c.reason)
    return {reason: count for reason, count in db.session.execute(counted.order_by(func.count().desc(), ended.c.reason))}
