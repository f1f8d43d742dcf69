"""The guardian of a minor who asks: written to by their own link, they agree or not, before the request goes anywhere.

Only a guardian who has an address is waited for; one who left a telephone number is called by the association. This agreement is to
the request being passed on; the authorisation to take part is another paper, that the association asks for before any meeting.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from app.accounts.links import mark_of, record_token
from app.database import now
from app.errors import DomainError
from app.extensions import db
from app.mail import Letter, absolute, send
from app.tenants.models import Tenant
from app.tenants.resolve import current_tenant
from app.territory.queries import is_same_name
from app.translation import gettext as _

from . import actions
from .models import Lead, LeadEvent, LeadState
from .queries import last_refusal
from .signals import guardian_answers
from .words import BY_HAND, FORMS, GUARDIAN_REFUSED

TEXT_VERSION = "2026-11-26"  # of what the guardian reads and agrees to
REMIND_AFTER, DESK_AFTER = timedelta(days=3), timedelta(days=10)
MOST_CORRECTIONS = 3  # of who represents a minor: each may write to an address that nobody gave us before
NEW_ADDRESS = (LeadEvent.what == "guardian_corrected", LeadEvent.reason == "address")  # in the history


class CannotCorrect(DomainError):
    """How to reach who represents this minor is not to be set right here, or no more."""


def is_awaited(lead: Lead, on: date) -> bool:
    """Whether this request needs a guardian's agreement that a link can ask for.

    Where words of a request alarm, they may be about the guardian: as one who left a telephone only, they are not written to by
    themselves nor waited for, and an association decides what comes first.
    """
    is_named = lead.is_minor_on(on) and lead.guardian_email is not None and lead.guardian_agreed_at is None
    return is_named and not lead.is_alarming


def is_asked(lead: Lead, on: date) -> bool:
    """Whether a guardian was asked, and still has days to answer: nobody decides in their place meanwhile (decision 0021)."""
    if lead.waiting_reason == "guardian_silent":
        return False
    asked = (LeadEvent.lead_id == lead.id, LeadEvent.what == "guardian_asked", LeadEvent.created_at > now() - DESK_AFTER)
    is_recent = is_awaited(lead, on) and db.session.scalar(select(LeadEvent.id).where(*asked).limit(1)) is not None
    return is_recent or lead.waiting_reason == "guardian"


def ask(lead: Lead, tenant: Tenant) -> None:
    """Ask the guardian: from this moment they have their days to answer, and their reminder."""
    actions.tell(lead, "guardian_asked")
    if tenant.is_programme:
        lead.reminded = None
    write(lead, tenant)


def write(lead: Lead, tenant: Tenant) -> None:
    """Write to the guardian, with their own link."""
    assert lead.guardian_email is not None
    subject = (
        _("%(name)s demande un mentor : votre accord", name=lead.first_name)
        if lead.is_mentee
        else _("%(name)s veut devenir mentor : votre accord", name=lead.first_name)
    )
    letter = Letter("guardian_asked", subject)
    send(letter, lead.guardian_email, lead=lead, tenant=tenant, link=answer_link(lead))


def tell_withdrawn(lead: Lead, on: date, partner: str = "") -> None:
    """The minor took the request back, or the partner who had sent it: whoever represents them, and was written to, reads it."""
    asked = select(LeadEvent.id).where(LeadEvent.lead_id == lead.id, LeadEvent.what == "guardian_asked")
    if not lead.is_minor_on(on) or lead.guardian_email is None or db.session.scalar(asked.limit(1)) is None:
        return
    if lead.accepted_at and any(said is False for _receiver, said in guardian_answers.send(lead, email=lead.guardian_email)):
        return  # the file names somebody else by now
    name = lead.first_name
    said = {"name": name, "partner": partner}
    subject = _("La demande de %(name)s est retirée", name=name) if partner else _("%(name)s a retiré sa demande", name=name)
    letter = Letter("guardian_withdrawn", subject, "note")
    lines = [
        _("%(partner)s, qui avait envoyé la demande de %(name)s, l'a retirée. Vous n'avez rien à faire.", **said)
        if partner
        else _("%(name)s a retiré sa demande de mentor. Vous n'avez rien à faire.", name=name)
        if lead.is_mentee
        else _("%(name)s ne souhaite plus devenir mentor. Vous n'avez rien à faire.", name=name)
    ]
    label, link = _("Voir la demande"), answer_link(lead)
    send(letter, lead.guardian_email, tenant=current_tenant, name=lead.guardian_name, lines=lines, label=label, link=link)


def tell_refused(lead: Lead) -> None:
    """Whoever asked reads that who represents them does not agree: nobody else will say why nothing comes."""
    lines = [
        _("La personne qui vous représente n'a pas donné son accord : votre demande de mentor s'arrête.")
        if lead.is_mentee
        else _("La personne qui vous représente n'a pas donné son accord : votre proposition de devenir mentor s'arrête."),
        _(
            "Vous pouvez en parler avec elle, ou avec une personne adulte en qui vous avez confiance. "
            "Si elle change d'avis, une nouvelle demande suffit."
        ),
    ]
    tell_stopped(lead, lead.email, lines)


def tell_stopped(lead: Lead, address: str | None, lines: list[str]) -> None:
    """Write that a request stops, why, and where another is made; to nobody where there is no address."""
    if address is None:
        return
    letter, label = Letter("lead_stopped", _("Votre demande s'arrête"), "note"), _("Faire une demande")
    send(letter, address, tenant=current_tenant, name=lead.first_name, lines=lines, label=label, link=absolute(FORMS[lead.kind]))


def answer_link(lead: Lead) -> str:
    """Their own link; once the address is corrected, it opens nothing."""
    return absolute("leads.guardian_answer", token=record_token("accord", lead.tenant_id, lead.id, mark_of(lead.guardian_email)))


def hold(lead: Lead, programme: Tenant, on: date) -> bool:
    """In the programme: ask a guardian who can be written to, and let the request wait for them. Whether it does.

    Whoever let their days pass is not asked again at each association: the desk calls, and decides (decision 0021).
    """
    awaited = is_awaited(lead, on)
    if awaited and was_silent(lead):
        lead.waiting_reason = "guardian_silent"
    elif awaited:
        lead.waiting_reason = "guardian"
        ask(lead, programme)
    return awaited


def was_silent(lead: Lead) -> bool:
    """Whether the guardian was asked over ten days ago, at this address, since the request was opened again if it was."""
    is_anew = and_(*NEW_ADDRESS) | (LeadEvent.what == "reopened")
    last_asked, last_anew = (
        func.max(LeadEvent.created_at).filter(which) for which in (LeadEvent.what == "guardian_asked", is_anew)
    )
    asked, anew = db.session.execute(select(last_asked, last_anew).where(LeadEvent.lead_id == lead.id)).one()
    return asked is not None and asked < now() - DESK_AFTER and (anew is None or anew <= asked)


def may_answer(lead: Lead, on: date) -> bool:
    """Whether the guardian's answer counts: while the request is to be answered, then while a minor's file names them."""
    if lead.state != LeadState.ACCEPTED:
        return lead.is_open
    return lead.is_minor_on(on) and all(
        said is not False for _receiver, said in guardian_answers.send(lead, email=lead.guardian_email)
    )


def may_give_phone(lead: Lead) -> bool:
    """Whether a guardian who agrees is asked for a telephone: no file is opened yet, and none is known."""
    return lead.guardian_phone is None and lead.accepted_at is None


def is_answered_in_time(lead: Lead, on: date) -> bool:
    """Whether the answer of whom the link was sent to counts, once the request is held: the address may be corrected meanwhile."""
    written_to = lead.guardian_email
    return may_answer(actions.locked(lead), on) and lead.guardian_email == written_to


def agree(lead: Lead, name: str, tenant: Tenant, on: date, phone: str | None = None) -> bool:
    """The guardian agrees: who, when, to which text, and where to call. The request goes on.

    Twice changes nothing; False when it is over, or on its way to the programme, which asks by a link of its own.
    """
    if not is_answered_in_time(lead, on) or lead.state == LeadState.MOVED:
        return False
    if lead.guardian_agreed_at is not None:
        return True
    called = {"guardian_phone": phone} if phone and may_give_phone(lead) else {}
    actions.change(lead, {"guardian_agreed_at": now(), "guardian_agreed_by": name, "guardian_text": TEXT_VERSION, **called})
    lead.reminded = None if lead.state == LeadState.WAITING else lead.reminded
    actions.tell(lead, "guardian_agreed")
    if lead.state == LeadState.WAITING and lead.waiting_reason in {"guardian", "guardian_silent"}:
        actions.go_on(lead, tenant, last_refusal(lead), on)
        tell_agreed(lead, tenant)
    return True


def tell_agreed(lead: Lead, tenant: Tenant) -> None:
    """Whoever waited for this agreement reads that it was given; not whoever gave it, whose address a child may be reached by."""
    if lead.email:
        said = _("La personne qui vous représente a donné son accord. Votre demande continue : votre page de suivi dira la suite.")
        actions.tell_person(lead, tenant, None, said)


def refuse(lead: Lead, on: date) -> bool:
    """The guardian does not agree, or no more: the request is withdrawn, and its file closes. False when it was over before."""
    if not is_answered_in_time(lead, on):
        return False
    actions.withdraw(lead, GUARDIAN_REFUSED)
    return True


def may_correct(lead: Lead, on: date) -> bool:
    """Whether how to reach the guardian may be set right: for a minor, until the guardian agreed or somebody answered."""
    return lead.guardian_name is not None and may_name(lead, on)


def may_name(lead: Lead, on: date) -> bool:
    """Whether staff may say who represents a minor, or set it right: an imported request may name nobody."""
    asked = lead.is_open and lead.state != LeadState.MOVED and lead.guardian_agreed_at is None
    return asked and lead.is_minor_on(on)


def correct(lead: Lead, named: Mapping[str, Any], tenant: Tenant, on: date, by: UUID | None = None) -> None:
    """Another name, address or number for the guardian: the link sent before ends, and a new address is written to.

    In the programme the request waits for that answer; with a telephone number only it goes on, as it would have at first.
    Raises CannotCorrect.
    """
    lead = actions.locked(lead)
    if not (may_name(lead, on) if by else may_correct(lead, on)):
        raise CannotCorrect(_("La réponse est déjà donnée : rechargez la page."))
    shown = "guardian_email" if lead.guardian_email else "guardian_phone"  # which the page asks to set right
    is_same = is_same_name(named["guardian_name"], lead.guardian_name or "") or named.get(shown) == getattr(lead, shown)
    gone = [shown] if is_same else ["guardian_email", "guardian_phone"]  # of somebody else, no way is known any more
    changed = actions.change(lead, dict.fromkeys(gone) | dict(named))
    if not changed:
        return
    has_address = "guardian_email" in changed and lead.guardian_email is not None
    if has_address and addresses_given(lead) >= MOST_CORRECTIONS:
        raise CannotCorrect(_("Cette adresse a déjà changé plusieurs fois : donnez un téléphone, et quelqu'un appellera."))
    actions.tell(lead, "guardian_corrected", reason="address" if has_address else None, user_id=by)
    if "guardian_email" in changed:
        ask_again(lead, tenant, on)


def addresses_given(lead: Lead) -> int:
    """How many addresses were given for the guardian after the first."""
    return db.session.scalar(select(func.count()).where(LeadEvent.lead_id == lead.id, *NEW_ADDRESS)) or 0


def ask_again(lead: Lead, tenant: Tenant, on: date) -> None:
    """The guardian has another address, or none any more: the request waits for them, or no longer does."""
    if tenant.is_programme and (lead.state != LeadState.WAITING or lead.waiting_reason == "double"):
        return  # an association has it and calls; or it is compared first, and asks then
    awaited = is_awaited(lead, on)
    if awaited:
        ask(lead, tenant)
    if tenant.is_programme and lead.waiting_reason in BY_HAND - {"guardian", "guardian_silent"}:
        return  # it waits for somebody's decision, whatever the guardian says
    if tenant.is_programme and awaited:
        lead.waiting_reason = "guardian"
    elif lead.waiting_reason in {"guardian", "guardian_silent"}:
        lead.reminded = None
        actions.go_on(lead, tenant, last_refusal(lead), on)


def watch(programme: Tenant) -> None:
    """In the programme, every hour: remind once after three days; after ten, the request is the desk's to call about."""
    written = select(func.max(LeadEvent.created_at)).where(LeadEvent.lead_id == Lead.id, LeadEvent.what == "guardian_asked")
    asked = func.coalesce(written.scalar_subquery(), Lead.requested_at)
    waiting = (
        select(Lead, asked)
        .where(Lead.state == LeadState.WAITING, Lead.waiting_reason == "guardian", asked < now() - REMIND_AFTER)
        .with_for_update(of=Lead, skip_locked=True)
    )
    for lead, since in db.session.execute(waiting):
        if since < now() - DESK_AFTER:
            lead.waiting_reason = "guardian_silent"
        elif lead.reminded is None:
            lead.reminded = "half"
            actions.tell(lead, "reminded", reason="guardian")
            write(lead, programme)
