"""The life of a request: received, oriented, handed over, answered, withdrawn.

Between the programme and an association only jobs travel. Each side writes in its own space, and each job can be done again.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.links import mark_of, record_token
from app.accounts.queries import staff_addresses
from app.database import AT_ONCE, now, one_at_a_time, uuid7
from app.errors import DomainError
from app.extensions import db
from app.mail import Letter, Mail, absolute, send
from app.tenants.models import Tenant
from app.tenants.resolve import current_tenant, find_programme, rules_for
from app.translation import gettext as _
from app.web import today

from . import alarms, clock, doubles, guardian, jobs, queries
from .calendar import add_working_days
from .models import TO_ANSWER, Decline, Lead, LeadEvent, LeadState, Orientation, OrientationState
from .orientation import Candidate, Market, examine
from .queries import associations, current_orientation, declined_among, declined_by, last_refusal, loads_of, waiting_leads
from .reading import mark_of_row
from .signals import lead_accepted, lead_moved, lead_withdrawn
from .words import BY_HAND, DOUBLE, FORMS, GUARDIAN_REFUSED, HELD, TAKEN_BACK

WAITING_SHARE = 1000  # requests that are oriented in one transaction


class CannotOrient(DomainError):
    """This request cannot go to that association now."""


class AlreadyAnswered(DomainError):
    """Somebody answered, or the person withdrew, a moment ago."""


def tell(lead: Lead, what: str, **details: UUID | str | None) -> None:
    """Write one moment of a request's history."""
    db.session.add(LeadEvent(lead_id=lead.id, what=what, **details))
    lead_moved.send(lead)


def tracking_link(lead: Lead) -> str:
    """The person's own link to where their request stands, for a letter."""
    return absolute("leads.tracking", token=tracking_token(lead))


def tracking_token(lead: Lead) -> str:
    """What that link carries: once the address that it was sent to is corrected, or else the telephone, it opens nothing."""
    return record_token("suivi", lead.tenant_id, lead.id, mark_of(next(iter(lead.ways), None)))


def their_link(lead: Lead) -> str | None:
    """The person's own page, when it is here: an oriented request's is the programme's."""
    return tracking_link(lead) if lead.orientation_id is None else None


def receive(lead: Lead, tenant: Tenant) -> None:
    """A request arrives by a form. The programme orients it at once; an association has to answer it."""
    store_all([lead], tenant)
    compare_all([lead], tenant)
    go_on_all([lead], tenant)


def store_all(leads: Sequence[Lead], tenant: Tenant) -> None:
    """Requests arrive, one or a file of them. Those who answer are told of words that speak of a danger."""
    on, days = today(), rules_for(tenant).answer_days
    for lead in leads:
        if tenant.is_programme:
            lead.state, lead.waiting_reason = LeadState.WAITING, "new"
        else:
            clock.start(lead, on, days)
            lead.state = LeadState.RECEIVED
    db.session.add_all(leads)
    db.session.flush()  # history, links and jobs name the stored rows
    for lead in leads:
        tell(lead, "received")
    alarms.tell(leads, tenant)


def compare_all(leads: Sequence[Lead], tenant: Tenant) -> None:
    """Say which of those that have just arrived repeat another, and ask who represents a minor; what comes meanwhile waits."""
    on, same = today(), doubles.note(leads, tenant)
    for lead in leads:
        awaited = guardian.is_awaited(lead, on) and lead.id not in same
        if awaited:
            guardian.ask(lead, tenant)
        if tenant.is_programme and (lead.id in same or awaited):
            lead.waiting_reason = "guardian" if awaited else "double"


def go_on_all(leads: Sequence[Lead], tenant: Tenant) -> None:
    """What has just arrived goes on: to an association, unless something is awaited first; to the staff who have to answer."""
    if tenant.is_programme:
        orient_all([lead for lead in leads if lead.waiting_reason == "new"], tenant, today())
    elif leads:
        tell_staff(leads[0], len(leads))


def acknowledge(lead: Lead, tenant: Tenant) -> None:
    """Write to the person with their link; with a telephone only, the page they see is the receipt."""
    if lead.mailbox:
        letter = Letter("lead_received", _("Nous avons bien reçu votre demande"))
        send(letter, lead.mailbox, lead=lead, tenant=tenant, link=tracking_link(lead))


def tell_staff(lead: Lead, count: int = 1) -> None:
    """Write once to those who answer requests here, without a name: the inbox has it. Of many that come together, once."""
    lately = select(Mail.id).where(Mail.kind == "lead_to_answer", Mail.created_at > now() - timedelta(minutes=5)).limit(1)
    if db.session.scalar(lately) is not None:
        return
    slug = current_tenant.slug
    link = absolute("leads.show", slug=slug, lead_id=lead.id) if count == 1 else absolute("leads.inbox", slug=slug)
    letter = Letter("lead_to_answer", _("Une demande attend votre réponse") if count == 1 else _("Des demandes attendent"))
    for address in staff_addresses():
        send(letter, address, lead=lead, count=count, tenant=current_tenant, link=link)


# In the programme's space.


def candidates_for(lead: Lead, on: date) -> list[Candidate]:
    """Every association for this request, the best first, with reasons."""
    return examine(lead, associations(), loads_of(lead.kind, on), declined_by(lead), on)


def orient(lead: Lead, programme: Tenant, on: date) -> Orientation | None:
    """Propose a request to the association that should receive it, or say why it waits."""
    return next(iter(orient_all([lead], programme, on)), None)


def orient_all(leads: Sequence[Lead], programme: Tenant, on: date) -> list[Orientation]:
    """Propose each request to the association that should receive it, in this order; the others say why they wait.

    One transaction at a time does this in the programme: two at once would both take the last place of the month.
    """
    if not leads:
        return []
    one_at_a_time("orientation", programme.id)
    market = Market(associations(), {kind: dict(loads_of(kind, on)) for kind in {lead.kind for lead in leads}}, on)
    declined, made = declined_among([lead.id for lead in leads]), list[Orientation]()
    for lead in leads:
        chosen, reason = market.choose(lead, declined.get(lead.id, set()))
        if chosen is None:
            lead.waiting_reason = reason
        else:
            market.note(lead, chosen.tenant.id)
            made.append(intend(chosen, lead, programme, on))
    db.session.flush()  # the jobs name stored rows; the next orientation counts them
    jobs.hand_over.defer_many(
        (orientation.association_id, {"programme_id": programme.id, "orientation_id": orientation.id}) for orientation in made
    )
    return made


def orient_waiting(programme: Tenant, on: date, after: UUID | None = None) -> int:
    """Try again a share of what waits for a place, the oldest first, from a request on; what the rules leave to a person stays.

    A job goes on with the next share, in a transaction of its own. Returns how many of this one went.
    """
    leads = waiting_leads(WAITING_SHARE, after)
    if len(leads) == WAITING_SHARE:
        jobs.orient_next.defer(once=True, after=leads[-1].id)
    return len(orient_all(leads, programme, on))


def orient_by_hand(
    lead: Lead, association_id: UUID, programme: Tenant, on: date, by: UUID, reason: str | None = None
) -> Orientation:
    """The operator chooses, and says why. Raises CannotOrient when the request is not waiting, or the association cannot take it.

    An association that was asked may agree to more than it offers: further than its territory, above its capacity. Not while it is
    paused, nor to a kind of request or an age that it does not receive.
    """
    lead = locked(lead)
    if lead.state != LeadState.WAITING:
        raise CannotOrient(_("Cette demande n'attend plus : une association l'a, ou la personne l'a retirée."))
    if lead.waiting_reason == "double":
        raise CannotOrient(_("Comparez d'abord cette demande avec celle de la même personne."))
    if guardian.is_asked(lead, on):
        raise CannotOrient(_("L'accord de la personne qui représente ce jeune est attendu."))
    chosen = next((c for c in candidates_for(lead, on) if c.tenant.id == association_id), None)
    if chosen is None or not chosen.may_agree:
        raise CannotOrient(_("Cette association ne peut pas recevoir cette demande."))
    orientation = intend(chosen, lead, programme, on, by_hand=by)
    orientation.by_hand_reason = reason
    db.session.flush()  # the job names the stored row
    jobs.hand_over.defer(tenant_id=chosen.tenant.id, programme_id=programme.id, orientation_id=orientation.id)
    return orientation


def intend(chosen: Candidate, lead: Lead, programme: Tenant, on: date, by_hand: UUID | None = None) -> Orientation:
    """Record what is proposed to whom, and why."""
    orientation = Orientation(
        id=uuid7(),
        lead_id=lead.id,
        association_id=chosen.tenant.id,
        kind=lead.kind,
        reasons=list(chosen.reasons),
        by_hand=by_hand is not None,
        answer_by=add_working_days(on, programme.answer_days, lead.departement_code),
    )
    lead.state, lead.waiting_reason = LeadState.ORIENTED, None
    db.session.add(orientation)
    tell(lead, "oriented", association_id=chosen.tenant.id, user_id=by_hand)
    return orientation


def withdraw(lead: Lead, what: str = "withdrawn", by: UUID | None = None) -> None:
    """The person takes the request back, in one click, or who sent it, or who represents them refuses; or it is erased while it
    waits, which is told to nobody (`what`, in its history).

    Doing it twice changes nothing. Raises AlreadyAnswered when it is gone.
    """
    lead = locked(lead)
    if lead.state == LeadState.WITHDRAWN:
        return
    if lead.state == LeadState.JOINED:
        raise AlreadyAnswered(_("Cette demande a rejoint celle que vous aviez déjà : retirez-la depuis son propre lien."))
    accepted = lead.state == LeadState.ACCEPTED
    orientation = current_orientation(lead, lock=True) if not lead.orientation_id else None
    lead.state, lead.withdrawn_at, lead.waiting_reason = LeadState.WITHDRAWN, now(), None
    tell(lead, what, user_id=by)
    if what == "withdrawn":
        guardian.tell_withdrawn(lead, today())
    elif what == GUARDIAN_REFUSED and not accepted:
        guardian.tell_refused(lead)
    if orientation is not None:
        orientation.state = OrientationState.WITHDRAWN
        jobs.withdraw_copy.defer(tenant_id=orientation.association_id, programme_id=lead.tenant_id, orientation_id=orientation.id)
    elif accepted:
        lead_withdrawn.send(lead, what=what)


def may_correct(lead: Lead) -> bool:
    """Whether the person may still set their request right: from its answer on, nothing of it is shown to a link."""
    return lead.is_open and lead.state != LeadState.MOVED


def answered_sentence() -> str:
    """Why a request is not set right here any more."""
    return _("Votre demande a sa réponse : dites-le directement à l'association.")


def correct(lead: Lead, details: Mapping[str, Any], by: UUID | None = None) -> None:
    """The person, or staff, sets right how to reach them, where to meet, or whether another association may be asked.

    Whoever has the request learns it; one that waits may go on by it.

    Raises AlreadyAnswered once a file was opened: from then on the association keeps it.
    """
    lead = locked(lead)
    if not may_correct(lead):
        raise AlreadyAnswered(answered_sentence())
    changed = change(lead, details)
    if changed - {"may_relay"}:
        tell(lead, "corrected", user_id=by)
    if "may_relay" in changed:
        tell(lead, "relay_agreed" if lead.may_relay else "relay_refused")
    if "may_relay" in changed and lead.state == LeadState.WAITING:
        follow_choice(lead)
    if "places" in changed and lead.state == LeadState.WAITING and lead.waiting_reason not in BY_HAND:
        orient(lead, current_tenant, today())


def change(lead: Lead, details: Mapping[str, Any]) -> set[str]:
    """Set some of what a request says, here and in the association that has it. Gives the names of what is new.

    A new address is written to, with its own link; the same in capitals is no new one.
    """
    written_to = (lead.email or "").lower()
    changed = {name: value for name, value in details.items() if getattr(lead, name) != value}
    for name, value in changed.items():
        setattr(lead, name, value)
    orientation = current_orientation(lead) if changed and not lead.orientation_id else None
    if orientation is not None:
        jobs.correct_copy.defer(tenant_id=orientation.association_id, programme_id=lead.tenant_id, orientation_id=orientation.id)
    if (lead.email or "").lower() != written_to and not lead.orientation_id:
        acknowledge(lead, current_tenant)
    return set(changed)


def follow_choice(lead: Lead) -> None:
    """In the programme: the person changed their mind about other associations while their request waits; not while it is held."""
    if not lead.may_relay and lead.waiting_reason not in HELD and declined_by(lead):
        lead.waiting_reason = "no_relay"
    elif lead.may_relay and lead.waiting_reason == "no_relay":
        go_on(lead, current_tenant, last_refusal(lead), today())


def go_on(lead: Lead, programme: Tenant, reason: str | None, on: date) -> Orientation | None:
    """To the next association, or to the desk when the person, the rules or the reason why it was given back say so."""
    if declined_by(lead) and not lead.may_relay:
        lead.waiting_reason = "no_relay"
    elif reason == DOUBLE:
        same = doubles.same_person(lead)
        lead.waiting_reason, lead.same_as = "double", same.id if same else None
    elif guardian.hold(lead, programme, on):  # named since it left, or given an address
        pass
    elif reason in ("unreachable", TAKEN_BACK):
        lead.waiting_reason = reason
    elif queries.refusals_of(lead) > programme.relays:
        lead.waiting_reason = "relays"
    else:
        return orient(lead, programme, on)
    return None


def tell_person(lead: Lead, tenant: Tenant, association: Tenant | None, otherwise: str) -> None:
    """Write to the person that their request goes on: to whom, or this sentence while it is at the programme's desk."""
    if lead.mailbox:
        letter, link = Letter("lead_goes_on", _("Votre demande continue")), tracking_link(lead)
        send(letter, lead.mailbox, lead=lead, tenant=tenant, association=association, otherwise=otherwise, link=link)


# In the association's space.


def accept(lead: Lead, by: UUID) -> None:
    """Take a request: it becomes a file. Raises AlreadyAnswered unless it waits for one, Undecided."""
    lead = locked(lead)
    if lead.state == LeadState.ACCEPTED:
        return
    if lead.state not in TO_ANSWER:
        gone = {LeadState.MOVED: _("Le délai est passé : la demande part vers le programme."),
                LeadState.LAPSED: _("Le délai est passé : la demande s'est arrêtée.")}  # fmt: skip
        raise AlreadyAnswered(gone.get(LeadState(lead.state), _("La personne a retiré sa demande.")))
    doubles.refuse_undecided(lead)
    lead.state, lead.accepted_at, lead.next_try_on = LeadState.ACCEPTED, now(), None
    tell(lead, "accepted", user_id=by)
    report_answer(lead.orientation_id)
    lead_accepted.send(lead)


def waitlist(lead: Lead, message: str, by: UUID, on: date) -> None:
    """Tell the person, in the association's own words, that they are on the waiting list; again, to say that they still are.

    A waiting list is not silent: 20 working days later it is confirmed again, answered, or the request goes on.
    Sent twice within a minute, it is one letter. Raises AlreadyAnswered.
    """
    lead = locked(lead)
    if lead.state not in TO_ANSWER:
        raise AlreadyAnswered(_("Cette demande a déjà reçu une réponse."))
    just_now = (LeadEvent.lead_id == lead.id, LeadEvent.what == "waitlisted", LeadEvent.created_at > now() - AT_ONCE)
    if db.session.scalar(select(LeadEvent.id).where(*just_now).limit(1)) is not None:
        return
    lead.state, lead.waitlisted_at = LeadState.WAITLISTED, lead.waitlisted_at or now()
    lead.contacted_at = lead.contacted_at or now()
    clock.start(lead, on, clock.WAITLIST_DAYS)
    tell(lead, "waitlisted", user_id=by)
    if lead.mailbox:
        letter = Letter("lead_waitlisted", _("Vous êtes sur notre liste d'attente"))
        send(letter, lead.mailbox, lead=lead, tenant=current_tenant, message=message, link=tracking_link(lead))
    report_answer(lead.orientation_id)


def decline(lead: Lead, reason: str) -> None:
    """Give a request back with a reason: the association keeps the count, not the person.

    A request that came straight to the association is told to the person by mail. Raises AlreadyAnswered.
    """
    lead = locked(lead)
    if lead.state not in TO_ANSWER:
        raise AlreadyAnswered(_("Cette demande a déjà reçu une réponse."))
    kept = {"kind": lead.kind, "reason": reason, "mark": mark_of_row(lead.fingerprint)}
    db.session.add(Decline(orientation_id=lead.orientation_id, lead_id=lead.id, **kept))
    if lead.orientation_id is None and lead.mailbox:
        form = absolute(FORMS[lead.kind])
        send(Letter("lead_declined", _("Notre réponse à votre demande")), lead.mailbox, lead=lead, tenant=current_tenant, link=form)
    report_answer(lead.orientation_id)
    forget(lead)


def forget(lead: Lead) -> None:
    """Keep nothing here of a request that goes on elsewhere, nor of those that were joined to it."""
    for gone in [*doubles.joined_to(lead), lead]:
        lead_moved.send(gone)
        db.session.delete(gone)


def report_answer(orientation_id: UUID | None) -> None:
    """Tell the programme, by a job, where an orientation stands here."""
    programme = find_programme()
    if orientation_id is not None and programme is not None:
        jobs.answer.defer(tenant_id=programme.id, association_id=current_tenant.id, orientation_id=orientation_id)


def locked(lead: Lead) -> Lead:
    """The request as it stands now, for nobody else to answer meanwhile. Raises AlreadyAnswered when it is gone."""
    fresh = db.session.scalar(select(Lead).where(Lead.id == lead.id).with_for_update().execution_options(populate_existing=True))
    if fresh is None:
        raise AlreadyAnswered(_("Cette demande a déjà reçu une réponse, ou la personne l'a retirée."))
    return fresh
