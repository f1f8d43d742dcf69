"""Where my request stands: read it, set it right, agree to another association, take it back."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.accounts.forms import ConfirmForm
from app.accounts.links import is_marked, mark_in, read_record_token, record_of_token, record_token
from app.errors import DomainError
from app.extensions import db, limit_link
from app.gate import public
from app.tenants.models import Tenant
from app.tenants.resolve import carries_tenant, current_tenant, find_programme
from app.translation import gettext as _
from app.web import leads_nowhere, render_form, see_other, today

from . import actions, guardian
from .blueprint import bp
from .drafts import note_read
from .forms import CorrectForm, MinorCorrectForm
from .letter_boxes import takes_changed
from .models import Decline, Lead, Orientation
from .queries import current_orientation, history_of, usual_wait


def own_lead(token: str) -> Lead | None:
    """The request that somebody's own link leads to; None too when their address was corrected since it was sent."""
    lead = record_of_token(Lead, "suivi", token)
    return lead if lead is not None and is_theirs(token, lead) else None


def is_theirs(token: str, lead: Lead) -> bool:
    """Whether a link is of a way to reach them that the request still gives."""
    return any(is_marked(token, "suivi", way) for way in lead.ways)


def association_of(orientation: Orientation | None) -> Tenant | None:
    """Who has a request: whom the programme asked, or the association that it came to."""
    if orientation is not None:
        return db.session.get(Tenant, orientation.association_id)
    return None if current_tenant.is_programme else current_tenant


def unknown(token: str, kind: str = "suivi", page: str = "leads.tracking") -> ResponseReturnValue:
    """A link that leads nowhere, unless the request went on to the programme: then it leads to its page there."""
    found, programme = read_record_token(kind, token), find_programme()
    if found is not None and programme is not None:
        moved_to = db.session.scalar(select(Decline.moved_to).where(Decline.lead_id == found[1]))
        if moved_to is not None:
            moved = record_token(kind, programme.id, moved_to, mark_in(token, kind))
            return redirect(url_for(page, token=moved), code=303)
    return leads_nowhere()


@bp.route("/suivi/<token:token>")
@public
@carries_tenant
def tracking(token: str) -> ResponseReturnValue:
    """Where my request stands, in plain words."""
    lead = own_lead(token)
    if lead is None:
        return unknown(token)
    note_read(lead, current_tenant)
    orientation = current_orientation(lead) if lead.is_open or lead.accepted_at else None
    association, history = association_of(orientation), history_of(lead)
    return render_template(
        "leads/tracking.html", lead=lead, orientation=orientation, association=association, history=history,
        wait=usual_wait(lead) if lead.is_open else None, token=token, form=ConfirmForm(),
        ended=next((event.reason for event in reversed(history) if event.what == "ended"), None),
    )  # fmt: skip


@bp.route("/suivi/<token:token>/corrections", methods=["GET", "POST"])
@public
@carries_tenant
@limit_link
def corrections(token: str) -> ResponseReturnValue:
    """« Je corrige mes coordonnées »: how to reach me, and whether another association may be asked."""
    lead = own_lead(token)
    if lead is None:
        return unknown(token)
    if not actions.may_correct(lead):
        flash(actions.answered_sentence(), "warning")
        return see_other("leads.tracking", token=token)
    minor = guardian.may_correct(lead, today())
    form = (
        MinorCorrectForm(obj=lead, guardian_contact=lead.guardian_email or lead.guardian_phone) if minor else CorrectForm(obj=lead)
    )
    form.represented = lead.is_represented_on(today())
    if not (lead.email or lead.phone):
        del form.message  # this link is a parent's: what a child wrote is not read by it
    if form.validate_on_submit() and takes_changed(*(form[name] for name in ("email", "guardian_contact") if name in form)):
        try:
            if minor:  # first: a guardian who can be reached now is waited for, whatever else would let the request go on
                guardian.correct(lead, form.guardian(), current_tenant, today())
            actions.correct(lead, form.details())
        except guardian.CannotCorrect as error:
            form.guardian_contact.errors = [str(error)]
        except DomainError as error:
            form.first_name.errors = [str(error)]
        else:
            flash(_("C'est corrigé."))
            if not is_theirs(token, lead):  # they came by a letter to the address that they corrected
                token = actions.tracking_token(lead)
            return see_other("leads.tracking", token=token)
    return render_form("leads/corrections.html", form=form, token=token)


@bp.route("/suivi/<token:token>/retrait", methods=["GET", "POST"])
@public
@carries_tenant
def withdrawal(token: str) -> ResponseReturnValue:
    """« Je retire ma demande »."""
    lead = own_lead(token)
    if lead is None:
        return unknown(token)
    form = ConfirmForm()
    if form.validate_on_submit():
        actions.withdraw(lead)
        flash(_("Votre demande est retirée."))
        return see_other("leads.tracking", token=token)
    association = association_of(current_orientation(lead)) if lead.accepted_at else None
    return render_form("leads/withdrawal.html", form=form, lead=lead, token=token, association=association)
