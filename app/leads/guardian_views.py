"""The guardian's own pages; and, set right by staff, how to reach them or the person who asks."""

from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from app.accounts.forms import ConfirmForm
from app.accounts.links import is_marked, mark_in, record_of_token
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.errors import DomainError
from app.extensions import limit_link
from app.fields import same_mailbox
from app.gate import public, requires
from app.tenants.resolve import carries_tenant, current_tenant
from app.translation import gettext as _
from app.web import get_or_404, render_form, see_other, today

from . import actions, guardian
from .blueprint import bp
from .forms import GuardianContactForm, GuardianForm, TeamContactForm
from .models import Lead
from .queries import current_orientation
from .tracking_views import association_of, unknown


def lead_of_guardian(token: str) -> Lead | None:
    """The request that a guardian's link leads to; None once it was sent to an address that was not theirs."""
    lead = record_of_token(Lead, "accord", token)
    if lead is None or not is_marked(token, "accord", lead.guardian_email):
        return None
    return lead if mark_in(token, "accord") or not guardian.addresses_given(lead) else None  # a link of before marks


@bp.route("/accord/<token:token>", methods=["GET", "POST"])
@public
@carries_tenant
@limit_link
def guardian_answer(token: str) -> ResponseReturnValue:
    """The guardian reads what is asked, and agrees."""
    lead = lead_of_guardian(token)
    if lead is None:
        return unknown(token, "accord", "leads.guardian_answer")
    form = GuardianForm(name=lead.guardian_name)
    if form.validate_on_submit():
        if guardian.agree(lead, form.name.data, current_tenant, today(), form.phone.data or None):
            flash(_("Merci. Votre accord est enregistré."))
        return see_other("leads.guardian_answer", token=token)
    return render_form(
        "leads/guardian.html", form=form, lead=lead, token=token, may_answer=guardian.may_answer(lead, today()),
        asks_phone=guardian.may_give_phone(lead), association=association_of(current_orientation(lead)),
    )  # fmt: skip


@bp.route("/accord/<token:token>/refus", methods=["GET", "POST"])
@public
@carries_tenant
@limit_link
def guardian_refusal(token: str) -> ResponseReturnValue:
    """The guardian does not agree, or no more: said once more on a page, then the request stops."""
    lead = lead_of_guardian(token)
    if lead is None:
        return unknown(token, "accord", "leads.guardian_answer")
    form = ConfirmForm()
    if not guardian.may_answer(lead, today()):
        return see_other("leads.guardian_answer", token=token)
    if form.validate_on_submit():
        guardian.refuse(lead, today())
        flash(_("C'est noté : la demande est arrêtée."))
        return see_other("leads.guardian_answer", token=token)
    return render_form("leads/guardian_refusal.html", form=form, lead=lead, token=token)


@bp.route("/a/<slug:slug>/demandes/<uuid:lead_id>/coordonnees", methods=["GET", "POST"])
@requires(Permission.ANSWER_LEADS)
def contact(lead_id: UUID) -> ResponseReturnValue:
    """In an association: a name, an address or a number set right, for a request made here that waits for its answer."""
    lead = get_or_404(Lead, lead_id)
    if not may_set_contact(lead):
        return see_other("leads.show", lead_id=lead.id)
    form = TeamContactForm.of(lead)
    form.represented = lead.is_represented_on(today())
    if form.validate_on_submit() and (changed := form.changed(lead)) is not None:
        if same_mailbox(form.email.data, lead.guardian_email):
            form.email.errors = [_("C'est l'adresse de la personne qui représente ce ou cette jeune.")]
        else:
            try:
                said = {name: value for name, value in form.details().items() if name in changed}
                actions.correct(lead, said, by=current_member.user_id)
            except DomainError as error:
                form.first_name.errors = [str(error)]
            else:
                flash(_("C'est corrigé."))
                return see_other("leads.show", lead_id=lead.id)
    return render_form("leads/contact.html", form=form, lead=lead)


def may_set_contact(lead: Lead) -> bool:
    """Whether staff set a request's contact right: one that the programme sent is set right by the person, who tells both."""
    return lead.orientation_id is None and actions.may_correct(lead)


@bp.route("/a/<slug:slug>/demandes/<uuid:lead_id>/representant", methods=["GET", "POST"])
@requires(Permission.ANSWER_LEADS)
def guardian_contact(lead_id: UUID) -> ResponseReturnValue:
    """In an association: how to reach who represents a minor, for a request made here."""
    return set_contact(get_or_404(Lead, lead_id), "leads.show")


def contact_page(lead: Lead, endpoint: str) -> str | None:
    """Where staff set that right; None where it is not theirs: for a request that the programme sent, the person does."""
    ours = lead.orientation_id is None and guardian.may_name(lead, today())
    return url_for(endpoint, lead_id=lead.id) if ours else None


def set_contact(lead: Lead, endpoint: str) -> ResponseReturnValue:
    """Set right how to reach who represents a minor; `endpoint` is the page of one request."""
    back = url_for(endpoint, lead_id=lead.id)
    if contact_page(lead, endpoint) is None:
        return redirect(back, code=303)
    form = GuardianContactForm(lead)
    if form.validate_on_submit():
        try:
            guardian.correct(lead, form.guardian(), current_tenant, today(), by=current_member.user_id)
        except guardian.CannotCorrect as error:
            form.guardian_contact.errors = [str(error)]
        else:
            flash(_("C'est corrigé."))
            return redirect(back, code=303)
    return render_form("leads/guardian_contact.html", form=form, lead=lead, back_url=back)
