"""Reaching the person: attempts, the next date to try, the last mail, and who has the request."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from app.accounts.queries import roles_in_space
from app.accounts.signals import colleague_left
from app.database import AT_ONCE, now
from app.errors import DomainError
from app.extensions import db
from app.mail import Letter, send
from app.tenants.models import Staff
from app.tenants.resolve import current_tenant, find_programme, rules_for
from app.translation import gettext as _

from . import clock, jobs
from .actions import AlreadyAnswered, locked, tell, their_link
from .models import TO_ANSWER, ContactAttempt, Lead
from .own import is_about
from .queries import with_joined

TRIES, OVER_DAYS = 3, 10  # attempts without an answer, over so many days: the person is out of reach
LAST_MAIL_DAYS = 7  # that the person has to answer the last mail


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
    attempt = ContactAttempt(**said)
    db.session.add(attempt)
    db.session.flush()  # the job names the stored row
    lead.next_try_on, lead.assigned_to = next_on, lead.assigned_to or by
    if lead.contacted_at is None:
        lead.contacted_at = now()
        clock.extend(lead, on, rules_for(current_tenant).decision_days)
    tell(lead, "contact", user_id=by, reason=result)
    programme = find_programme()
    if lead.orientation_id is not None and programme is not None:
        jobs.note_contact.defer(
            tenant_id=programme.id, association_id=current_tenant.id, attempt_id=attempt.id, orientation_id=lead.orientation_id
        )
    return attempt


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
