"""Reaching the person: attempts, and taking one back, the next date to try, the last mail, and who has the request."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select

from app.accounts.queries import roles_in_space
from app.accounts.signals import colleague_left
from app.database import AT_ONCE, now
from app.errors import DomainError
from app.extensions import db
from app.jobs import Job, job
from app.mail import Letter, send
from app.tenants import scope
from app.tenants.models import Staff
from app.tenants.resolve import current_tenant, find_programme, rules_for
from app.translation import gettext as _

from . import clock, jobs
from .actions import AlreadyAnswered, locked, tell, their_link
from .models import TO_ANSWER, UNDER_WAY, ContactAttempt, Lead, LeadEvent, LeadState
from .own import is_about
from .queries import with_joined
from .signals import lead_moved

TRIES, OVER_DAYS = 3, 10  # attempts without an answer, over so many days: the person is out of reach
LAST_MAIL_DAYS = 7  # that the person has to answer the last mail
TAKEN_BACK_WITHIN = timedelta(minutes=15)  # of noting it


class NotNow(DomainError):
    """This step of the procedure has not come yet, or is over."""


def note_attempt(lead: Lead, result: str, note: str | None, next_on: date | None, by: UUID, on: date) -> ContactAttempt:
    """Write down an attempt. The first one meets the deadline of contact, and gives the association time to decide.

    Sent twice within a minute, it is one attempt. Raises AlreadyAnswered.
    """
    lead = still_open(lead)
    said = {"lead_id": lead.id, "user_id": by, "result": result, "note": note, "next_on": next_on}
    same = select(ContactAttempt).filter_by(**said).where(ContactAttempt.created_at > now() - AT_ONCE)
    known = db.session.scalars(same).first()
    if known is not None:
        return known
    attempt = ContactAttempt(**said, before=as_it_stands(lead))
    db.session.add(attempt)
    db.session.flush()  # the job names the stored row
    lead.next_try_on, lead.assigned_to = next_on, lead.assigned_to or by
    if lead.contacted_at is None:
        lead.contacted_at = now()
        clock.extend(lead, on, rules_for(current_tenant).decision_days)
    tell(lead, "contact", id=attempt.id, user_id=by, reason=result)
    tell_programme(jobs.note_contact, lead, attempt.id)
    return attempt


def as_it_stands(lead: Lead) -> dict[str, Any]:
    """What an attempt is about to change on its request, as JSON; the first one also gives time."""
    before = {"next_try_on": iso(lead.next_try_on), "is_free": lead.assigned_to is None}
    if lead.contacted_at is None:
        before |= {"answer_by": iso(lead.answer_by), "clock_from": iso(lead.clock_from), "reminded": lead.reminded}
    return before


def iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def to_day(day: str | None) -> date | None:
    return date.fromisoformat(day) if day else None


def tell_programme(noting: Job, lead: Lead, attempt_id: UUID) -> None:
    """The programme, whose request it is, hears of an attempt, or that there was none."""
    programme = find_programme()
    if lead.orientation_id is not None and programme is not None:
        noting.defer(
            tenant_id=programme.id, association_id=current_tenant.id, attempt_id=attempt_id, orientation_id=lead.orientation_id
        )


def may_take_back(attempt: ContactAttempt, by: UUID) -> bool:
    """Whoever noted it may, for a quarter of an hour."""
    is_fresh = attempt.before is not None and attempt.created_at > now() - TAKEN_BACK_WITHIN
    return attempt.user_id == by and is_fresh


def take_back(lead: Lead, attempt_id: UUID, by: UUID) -> None:
    """An attempt was noted by mistake: the request stands as it stood before, here and at the programme, and nothing says it.

    Where another was noted since, that one keeps what it changed. Raises NotNow for somebody else's, when it is late, or taken back
    already; AlreadyAnswered.
    """
    lead = still_open(lead)
    attempt = db.session.get(ContactAttempt, (lead.tenant_id, attempt_id), populate_existing=True)
    if attempt is None or attempt.lead_id != lead.id:
        raise NotNow(_("C'est déjà retiré."))
    if attempt.user_id != by:
        raise NotNow(_("Seule la personne qui l'a noté peut le retirer."))
    if not may_take_back(attempt, by):
        raise NotNow(_("Il est trop tard pour le retirer : il fallait le faire dans le quart d'heure."))
    put_back(lead, attempt)
    db.session.delete(attempt)
    db.session.execute(delete(LeadEvent).where(LeadEvent.id == attempt.id))
    lead_moved.send(lead)
    tell_programme(forget_contact, lead, attempt.id)


def put_back(lead: Lead, attempt: ContactAttempt) -> None:
    """What an attempt changed is as it was; the one that was noted after it, if any, changed it then."""
    before = attempt.before or {}
    after = select(ContactAttempt).where(ContactAttempt.lead_id == lead.id, ContactAttempt.created_at > attempt.created_at)
    heir = db.session.scalars(after.order_by(ContactAttempt.created_at).limit(1)).first()
    if before["is_free"] and lead.assigned_to == attempt.user_id:
        lead.assigned_to = heir.user_id if heir else None
    if heir is not None:
        heir.before = {**(heir.before or {}), **before}
        return
    if lead.next_try_on == attempt.next_on:  # else the last mail has set it since
        lead.next_try_on = to_day(before["next_try_on"])
    if "answer_by" in before and lead.state == LeadState.RECEIVED:  # else the waiting list has its own clock, and was a contact
        lead.contacted_at, lead.reminded = None, before["reminded"]
        lead.answer_by, lead.clock_from = to_day(before["answer_by"]), to_day(before["clock_from"])


@job
def forget_contact(association_id: UUID, attempt_id: UUID, orientation_id: UUID) -> None:
    """In the programme: an attempt was noted by mistake. Nothing says it any more, and the deadline is the association's again."""
    lead, orientation = jobs.locked_lead_of(orientation_id), jobs.locked_orientation(orientation_id)
    db.session.execute(delete(LeadEvent).where(LeadEvent.id == attempt_id))
    if lead is None or orientation is None or orientation.state not in UNDER_WAY:
        return
    with scope.reading(association_id) as session:
        by = session.scalar(select(Lead.answer_by).where(Lead.orientation_id == orientation_id))
    theirs = LeadEvent.lead_id == lead.id, LeadEvent.association_id == association_id, LeadEvent.what == "contact"
    since = LeadEvent.created_at >= orientation.created_at
    orientation.contacted_at = db.session.scalar(select(func.min(LeadEvent.created_at)).where(*theirs, since))
    orientation.answer_by = by or orientation.answer_by


def attempts_of(lead: Lead) -> list[ContactAttempt]:
    """The attempts, those of requests that were joined to it too, the first one first."""
    theirs = select(ContactAttempt).where(with_joined(lead, ContactAttempt.lead_id)).order_by(ContactAttempt.created_at)
    return list(db.session.scalars(theirs))


def is_out_of_reach(attempts: list[ContactAttempt]) -> bool:
    """Three attempts in vain or more since the person last answered, over ten days."""
    vain: list[ContactAttempt] = []
    for attempt in attempts:
        vain = [] if attempt.result == "reached" else [*vain, attempt]
    return len(vain) >= TRIES and (vain[-1].created_at - vain[0].created_at) >= timedelta(days=OVER_DAYS)


def send_last_mail(lead: Lead, by: UUID, on: date) -> None:
    """Write to who cannot be reached, once, with a week to answer. Raises NotNow and AlreadyAnswered."""
    lead = still_open(lead)
    if not lead.mailbox or lead.last_mail_at is not None or not is_out_of_reach(attempts_of(lead)):
        raise NotNow(_("Le dernier message part après trois essais en dix jours, une seule fois."))
    lead.last_mail_at = now()
    lead.next_try_on = on + timedelta(days=LAST_MAIL_DAYS)
    tell(lead, "last_mail", user_id=by)
    letter = Letter("lead_last_try", _("Nous n'arrivons pas à vous joindre"))
    send(letter, lead.mailbox, lead=lead, tenant=current_tenant, by=lead.next_try_on, link=their_link(lead))


def assign(lead: Lead, user_id: UUID | None, by: UUID) -> None:
    """Say who has a request; None gives it back to the team. Raises NotNow for who answers none here, or whom it is about."""
    lead = still_open(lead)
    if user_id is not None and user_id not in roles_in_space():
        raise NotNow(_("Cette personne ne répond pas aux demandes ici."))
    if user_id is not None and is_about(lead, user_id):
        raise NotNow(_("Cette demande concerne cette personne ou un proche : confiez-la à quelqu'un d'autre."))
    if lead.assigned_to != user_id:
        lead.assigned_to = user_id
        tell(lead, "assigned", user_id=user_id or by, reason=None if user_id else "nobody")


@colleague_left.connect
def free_requests(card: Staff, by: UUID, never_in: str | None) -> None:
    """Who left follows no request any more: the team has those that wait for an answer."""
    theirs = select(Lead).where(Lead.assigned_to == card.user_id, Lead.state.in_(TO_ANSWER)).order_by(Lead.id)
    for lead in db.session.scalars(theirs.with_for_update(of=Lead)):
        lead.assigned_to = None
        tell(lead, "assigned", user_id=by, reason="nobody")


def still_open(lead: Lead) -> Lead:
    """The request, locked, while an answer is owed. Raises AlreadyAnswered."""
    lead = locked(lead)
    if lead.state not in TO_ANSWER:
        raise AlreadyAnswered(_("Cette demande a déjà reçu une réponse."))
    return lead
