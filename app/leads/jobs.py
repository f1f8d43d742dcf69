"""What travels between the programme and an association: each job reads one space, writes in the other, and can be done twice."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Select, delete, select

from app.accounts.queries import addresses_by_user
from app.database import now, one_at_a_time
from app.extensions import db
from app.jobs import TryAgain, every_hour, job
from app.mail import Letter, absolute, send
from app.tenants import scope
from app.tenants.models import Tenant
from app.tenants.resolve import current_tenant, rules_for
from app.translation import gettext as _
from app.web import today

from .clock import start
from .models import (
    TO_ANSWER,
    UNDER_WAY,
    ContactAttempt,
    Decline,
    Lead,
    LeadDraft,
    LeadEvent,
    LeadState,
    Orientation,
    OrientationState,
    PersonColumns,
)
from .reading import mark_of_row
from .signals import guardian_answers, lead_moved, lead_withdrawn
from .words import BY_PARTNER, GUARDIAN_REFUSED, TAKEN_BACK

log = structlog.get_logger()
AGREED = ("guardian_agreed_at", "guardian_agreed_by", "guardian_text")
CORRECTED = ("first_name", "last_name", "email", "phone", "message", "places", "may_relay", "guardian_name", "guardian_email",
             "guardian_phone", *AGREED)  # fmt: skip  # what may be set right, or said, later
CARRIED = ("kind", "age", "source", "requested_at", "text_version", "may_relay", *AGREED, *PersonColumns.__annotations__)


@job
def hand_over(programme_id: UUID, orientation_id: UUID) -> None:
    """In the association: receive the copy of a request that the programme proposes. A second time changes nothing."""
    from . import alarms, doubles
    from .actions import tell, tell_staff

    found = read_orientation(programme_id, orientation_id)
    if found is None:
        return  # withdrawn before it arrived
    carried, on = found
    one_at_a_time("hand over", orientation_id)  # it may be taken back at this instant
    if db.session.scalar(select(Lead.id).where(Lead.orientation_id == orientation_id)) is None and not was_declined(orientation_id):
        lead = Lead(state=LeadState.RECEIVED, orientation_id=orientation_id, **carried)
        lead.clock_from = today()
        if lead.clock_from > on:  # it was held up: the association has its days all the same
            start(lead, lead.clock_from, rules_for(current_tenant).answer_days)
        db.session.add(lead)
        db.session.flush()  # the history names the stored row
        tell(lead, "received")
        doubles.note([lead], current_tenant)
        tell_staff(lead)
        alarms.tell([lead], current_tenant)
    confirm_delivery.defer(tenant_id=programme_id, orientation_id=orientation_id)


def read_orientation(programme_id: UUID, orientation_id: UUID) -> tuple[dict[str, Any], date] | None:
    """What the programme hands over, and the day it was decided; None when the person withdrew meanwhile."""
    with scope.reading(programme_id) as session:
        orientation = session.get(Orientation, (programme_id, orientation_id))
        if orientation is None or orientation.state not in {OrientationState.SENT, OrientationState.DELIVERED}:
            return None
        lead = session.get_one(Lead, (programme_id, orientation.lead_id))
        values = {name: getattr(lead, name) for name in CARRIED} | {
            "answer_by": orientation.answer_by,
            "programme_lead_id": lead.id,
        }
        zone = session.get_one(Tenant, programme_id).zone
        return values, orientation.created_at.astimezone(zone).date()


def was_declined(orientation_id: UUID) -> bool:
    return db.session.scalar(select(Decline.id).where(Decline.orientation_id == orientation_id)) is not None


@job
def confirm_delivery(orientation_id: UUID) -> None:
    """In the programme: the association has it. Withdrawn while it travelled, it is called back; or corrected."""
    orientation = locked_orientation(orientation_id)
    if orientation is not None and orientation.state == OrientationState.WITHDRAWN:
        withdraw_copy.defer(tenant_id=orientation.association_id, programme_id=orientation.tenant_id, orientation_id=orientation_id)
    elif orientation is not None and orientation.state == OrientationState.SENT:
        orientation.state, orientation.delivered_at = OrientationState.DELIVERED, now()
        with scope.reading(orientation.association_id) as session:
            by = session.scalar(select(Lead.answer_by).where(Lead.orientation_id == orientation_id))
        orientation.answer_by = by or orientation.answer_by
        correct_copy.defer(tenant_id=orientation.association_id, programme_id=orientation.tenant_id, orientation_id=orientation_id)


def locked_lead_of(orientation_id: UUID) -> Lead | None:
    """The request that was oriented, locked: before its orientation, as everywhere."""
    asked = select(Orientation.lead_id).where(Orientation.id == orientation_id).scalar_subquery()
    return db.session.scalar(select(Lead).where(Lead.id == asked).with_for_update())


def locked_copy_of(orientation_id: UUID) -> Lead | None:
    """In the association: the copy that an orientation brought, locked."""
    return db.session.scalar(select(Lead).where(Lead.orientation_id == orientation_id).with_for_update())


def locked_orientation(orientation_id: UUID) -> Orientation | None:
    return db.session.scalar(select(Orientation).where(Orientation.id == orientation_id).with_for_update())


@dataclass(frozen=True)
class Answer:
    """What an association says of a request that it was proposed: a state of the orientation, why, and until when."""

    state: OrientationState
    reason: str | None = None
    answer_by: date | None = None


@job
def answer(association_id: UUID, orientation_id: UUID) -> None:
    """In the programme: note where the association stands; a request that it gave back goes on."""
    said = read_answer(association_id, orientation_id)
    lead = locked_lead_of(orientation_id)
    orientation = locked_orientation(orientation_id)
    if said is None or lead is None or orientation is None or orientation.state not in UNDER_WAY:
        return
    orientation.answered_at = orientation.answered_at or now()
    if lead.state != LeadState.WITHDRAWN:
        note_answer(said, orientation, lead)


def note_answer(said: Answer, orientation: Orientation, lead: Lead) -> None:
    """Write what was said, once, and do what follows."""
    from . import guardian
    from .actions import go_on, tell, tell_person

    known = (orientation.state, orientation.answer_by)
    orientation.state, orientation.decline_reason = said.state, said.reason
    orientation.answer_by = said.answer_by or orientation.answer_by
    lead.answer_by = orientation.answer_by if said.state == OrientationState.WAITLISTED else None
    if said.reason == TAKEN_BACK:  # no refusal: the association had not answered
        orientation.state = OrientationState.WITHDRAWN
        lead.state, lead.waiting_reason = LeadState.WAITING, TAKEN_BACK if lead.may_relay else "no_relay"
        guardian.hold(lead, current_tenant, today())
        lead_moved.send(lead)
        sentence = _("Le programme a repris votre demande et s'en occupe : votre page de suivi dira la suite.")
        tell_person(lead, current_tenant, None, sentence)
    elif said.state == OrientationState.DECLINED:
        lead.state, lead.waiting_reason = LeadState.WAITING, "declined"
        tell(lead, "declined", association_id=orientation.association_id, reason=said.reason)
        db.session.flush()  # the next choice must see this refusal
        again = go_on(lead, current_tenant, said.reason or "", today())
        tell_person(lead, current_tenant, db.session.get(Tenant, again.association_id) if again else None, at_the_desk())
    elif known != (orientation.state, orientation.answer_by):
        lead.state = LeadState(said.state)
        lead.accepted_at = now() if said.state == OrientationState.ACCEPTED else None
        tell(lead, said.state, association_id=orientation.association_id)


def at_the_desk() -> str:
    """What the person reads when no association took the request after the one that gave it back."""
    return _("L'association n'a pas pu vous répondre. Le programme s'en occupe, et votre page de suivi dira la suite.")


def read_answer(association_id: UUID, orientation_id: UUID) -> Answer | None:
    """What the association says by now; None while it says nothing."""
    with scope.reading(association_id) as session:
        reason = session.scalar(select(Decline.reason).where(Decline.orientation_id == orientation_id))
        if reason is not None:
            return Answer(OrientationState.DECLINED, reason)
        found = session.execute(select(Lead.state, Lead.accepted_at, Lead.answer_by).where(Lead.orientation_id == orientation_id))
        for state, accepted_at, answer_by in found:
            if accepted_at is not None or state == LeadState.JOINED:
                return Answer(OrientationState.ACCEPTED)
            if state == LeadState.WAITLISTED:
                return Answer(OrientationState.WAITLISTED, answer_by=answer_by)
    return None


@job
def note_contact(association_id: UUID, attempt_id: UUID, orientation_id: UUID) -> None:
    """In the programme: an association tried to reach the person. The moment has the attempt's id: twice is once."""
    locked_lead_of(orientation_id)  # first: what is taken back meanwhile is not read any more
    with scope.reading(association_id) as session:
        attempt = session.get(ContactAttempt, (association_id, attempt_id))
        copy = session.get(Lead, (association_id, attempt.lead_id)) if attempt else None
        if attempt is None or copy is None:
            return  # given back meanwhile, or it was a mistake
        tried = attempt.created_at, attempt.result, copy.answer_by
    orientation = locked_orientation(orientation_id)
    if orientation is None or orientation.state not in UNDER_WAY:
        return
    orientation.contacted_at = orientation.contacted_at or tried[0]
    orientation.answer_by = tried[2] or orientation.answer_by
    if db.session.get(LeadEvent, (orientation.tenant_id, attempt_id)) is None:
        db.session.add(
            LeadEvent(id=attempt_id, lead_id=orientation.lead_id, what="contact", association_id=association_id, reason=tried[1],
                      created_at=tried[0])
        )  # fmt: skip


@job
def correct_copy(programme_id: UUID, orientation_id: UUID) -> None:
    """In the association: the person set something right. A file that was opened already is the association's own."""
    from .actions import tell

    with scope.reading(programme_id) as session:
        orientation = session.get_one(Orientation, (programme_id, orientation_id))
        lead = session.get_one(Lead, (programme_id, orientation.lead_id))
        values = {name: getattr(lead, name) for name in CORRECTED}
    copy = locked_copy_of(orientation_id)
    if copy is None or copy.erased_at is not None:
        return
    if copy.state == LeadState.ACCEPTED:  # the file is the association's own; what the guardian says is not
        values = {name: values[name] for name in AGREED}
    elif copy.state not in TO_ANSWER:
        return
    if values == {name: getattr(copy, name) for name in values}:
        return
    agreed, authorised = copy.may_relay, copy.guardian_agreed_at
    before = {name: getattr(copy, name) for name in values if name != "may_relay"}
    for name, value in values.items():
        setattr(copy, name, value)
    if authorised is None and copy.guardian_agreed_at is not None:
        tell(copy, "guardian_agreed")
    elif before != {name: values[name] for name in before}:
        tell(copy, "corrected")
    if agreed != copy.may_relay:
        tell(copy, "relay_agreed" if copy.may_relay else "relay_refused")


@job
def readdress_original(association_id: UUID, orientation_id: UUID) -> None:
    """In the programme: the association corrected how to reach somebody whom it accepted, or who represents them."""
    from .readdressing import represent

    ways = (Lead.email, Lead.phone, Lead.guardian_name, Lead.guardian_email, Lead.guardian_phone)
    with scope.reading(association_id) as session:
        said = session.execute(select(*ways).where(Lead.orientation_id == orientation_id)).first()
    lead = locked_lead_of(orientation_id)
    if said is not None and lead is not None and lead.erased_at is None:
        if lead.accepted_at is None and not any((said.email, said.phone, said.guardian_email, said.guardian_phone)):
            if lead.state == LeadState.WITHDRAWN:
                return  # it will never be
            raise TryAgain("its acceptance is not noted yet")  # only then may nobody be left to be reached
        lead.email, lead.phone, *guardian = said
        if lead.state != LeadState.WITHDRAWN:  # else it says who refused
            represent(lead, *guardian)


@job
def take_over(association_id: UUID, lead_id: UUID) -> None:
    """In the programme: take a request that an association left without an answer, and let it forget its own."""
    from . import doubles
    from .actions import go_on, tell, tell_person

    moved = f"direct:{lead_id}"
    known = db.session.scalar(select(Lead.id).where(Lead.fingerprint == moved))
    if known is None:
        with scope.reading(association_id) as session:
            lead = session.get(Lead, (association_id, lead_id))
            if lead is None or lead.state != LeadState.MOVED:
                return  # the person withdrew meanwhile
            values = {name: getattr(lead, name) for name in CARRIED}
        ours = Lead(state=LeadState.WAITING, fingerprint=moved, **values)
        db.session.add(ours)
        db.session.flush()  # history and orientation name it
        db.session.add(
            Orientation(lead_id=ours.id, association_id=association_id, kind=ours.kind, state=OrientationState.DECLINED,
                        decline_reason="late", is_direct=True, answer_by=today())
        )  # fmt: skip
        tell(ours, "declined", association_id=association_id, reason="late")
        db.session.flush()  # the next choice must see this refusal
        again = None
        if doubles.note([ours], current_tenant):
            ours.waiting_reason = "double"
        else:
            again = go_on(ours, current_tenant, "late", today())
        tell_person(ours, current_tenant, db.session.get(Tenant, again.association_id) if again else None, at_the_desk())
        known = ours.id
    let_go.defer(tenant_id=association_id, programme_id=current_tenant.id, lead_id=lead_id, moved_to=known)


@job
def let_go(programme_id: UUID, lead_id: UUID, moved_to: UUID) -> None:
    """In the association: the programme has the request now. Withdrawn in that very instant, it is withdrawn there too."""
    from .actions import forget

    lead = db.session.get(Lead, (current_tenant.id, lead_id), with_for_update=True)
    if lead is None:
        return
    if lead.state == LeadState.WITHDRAWN:
        withdraw_moved.defer(tenant_id=programme_id, association_id=current_tenant.id, asked_id=lead_id, lead_id=moved_to)
    elif lead.state == LeadState.MOVED:
        mark = mark_of_row(lead.fingerprint)
        db.session.add(Decline(lead_id=lead.id, moved_to=moved_to, kind=lead.kind, reason="late", mark=mark))
        forget(lead)


@job
def withdraw_moved(association_id: UUID, asked_id: UUID, lead_id: UUID) -> None:
    """In the programme: a request was taken back where it had been made, while it was on its way here."""
    from .actions import withdraw

    lead = db.session.get_one(Lead, (current_tenant.id, lead_id), with_for_update=True)
    if lead.state != LeadState.JOINED:  # else the same person's other request goes on, which has its own link
        withdraw(lead, why_withdrawn(association_id, select(Lead.id).where(Lead.id == asked_id)))


def why_withdrawn(tenant_id: UUID, leads: Select[UUID]) -> str:
    """Who took a request back in another space, as its history says: the person, whoever represents them, or who had sent it."""
    with scope.reading(tenant_id) as session:
        said = select(LeadEvent.what).where(LeadEvent.lead_id.in_(leads), LeadEvent.what.in_((GUARDIAN_REFUSED, BY_PARTNER)))
        return session.scalar(said.order_by(LeadEvent.created_at.desc()).limit(1)) or "withdrawn"


@job
def withdraw_copy(programme_id: UUID, orientation_id: UUID) -> None:
    """In the association: a request was taken back, by its person or who represents them; not accepted yet, it is forgotten."""
    from .actions import forget, tell

    original = select(Orientation.lead_id).where(Orientation.id == orientation_id)
    what = why_withdrawn(programme_id, original)
    with scope.reading(programme_id) as session:
        refused = session.scalar(select(Lead.guardian_email).where(Lead.id.in_(original)))
    lead = locked_copy_of(orientation_id)
    if lead is None or lead.state == LeadState.WITHDRAWN:
        return
    if what == GUARDIAN_REFUSED and False in dict(guardian_answers.send(lead, email=refused)).values():
        return  # or the file names somebody else by now, whose word it is
    if lead.state in TO_ANSWER:
        forget(lead)
        return
    lead.state, lead.withdrawn_at = LeadState.WITHDRAWN, now()
    tell(lead, what)
    lead_withdrawn.send(lead, what=what)


@job
def give_back(programme_id: UUID, orientation_id: UUID) -> None:
    """In the association: the desk takes back a request that nobody here has answered. What was answered stays as it is."""
    from . import doubles
    from .actions import decline, report_answer

    one_at_a_time("hand over", orientation_id)
    lead = locked_copy_of(orientation_id)
    if lead is not None and lead.state in TO_ANSWER:
        tell_follower(lead)
        doubles.keep_own(lead)
        decline(lead, TAKEN_BACK)
        return
    if lead is None and not was_declined(orientation_id):  # it has not arrived: it will not
        with scope.reading(programme_id) as session:
            kind = session.get_one(Orientation, (programme_id, orientation_id)).kind
        db.session.add(Decline(orientation_id=orientation_id, kind=kind, reason=TAKEN_BACK))
    report_answer(orientation_id)


def tell_follower(lead: Lead) -> None:
    """Whoever had the request in hand does not look for it."""
    address = addresses_by_user().get(lead.assigned_to) if lead.assigned_to else None
    if address:
        link = absolute("leads.inbox", slug=current_tenant.slug)
        letter = Letter("lead_taken_back", _("Le programme a repris une demande"))
        send(letter, address, tenant=current_tenant, lead=lead, link=link)


@job
def orient_next(after: UUID | None = None) -> None:
    """In the programme: a share of what waits for a place, from its beginning or after a request."""
    from .actions import orient_waiting

    orient_waiting(current_tenant, today(), after)


@every_hour
@job
def forget_drafts() -> None:
    """Forget the forms that nobody finished."""
    result = db.session.execute(delete(LeadDraft).where(LeadDraft.expires_at < now()))
    log.info("leads.drafts_forgotten", count=result.rowcount)  # type: ignore[attr-defined]
