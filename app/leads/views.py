"""The public forms, where my request stands, and the association's inbox."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from werkzeug.datastructures import MultiDict

from app.accounts.forms import ConfirmForm
from app.accounts.links import read_record_token, record_token
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.errors import DomainError
from app.extensions import db, limiter
from app.gate import public, requires
from app.tenants.models import Tenant
from app.tenants.resolve import carries_tenant, current_tenant, enter_tenant_id
from app.web import get_or_404, paginate, render_form, see_other, today

from . import actions
from .drafts import as_lead, find_draft, first_missing, forget_draft, save_answers
from .forms import DeclineForm, Step, steps_of
from .models import Lead, LeadState
from .queries import count_declines, counts_by_state, current_orientation, history_of, leads_in
from .words import TOO_OLD, YOUNGEST, LeadKind, age_on

bp = Blueprint("leads", __name__)
REJECTED = "rejected"
LONGEST_TYPED = 5_000  # characters kept of what was typed and refused


@bp.route("/trouver-un-mentor", methods=["GET", "POST"])
@bp.route("/a/<slug:slug>/trouver-un-mentor", methods=["GET", "POST"])
@public
@limiter.limit("120 per hour", methods=["POST"])
def ask_for_mentor() -> ResponseReturnValue:
    """A young person asks for a mentor."""
    return form_step(LeadKind.MENTEE)


@bp.route("/devenir-mentor", methods=["GET", "POST"])
@bp.route("/a/<slug:slug>/devenir-mentor", methods=["GET", "POST"])
@public
@limiter.limit("120 per hour", methods=["POST"])
def offer_to_mentor() -> ResponseReturnValue:
    """Somebody offers to be a mentor."""
    return form_step(LeadKind.MENTOR)


def form_step(kind: LeadKind) -> ResponseReturnValue:
    """One step of a form: show it, or keep its answers and go on. No step can be reached before those that lead to it."""
    draft = find_draft(kind, current_tenant)
    if draft is not None and draft.lead_id is not None:  # sent already: a double click, or a new request
        if request.method == "POST":
            return to_tracking(draft.lead_id)
        forget_draft(kind, current_tenant)
        draft = None
    answers = draft.answers if draft else {}
    steps = steps_of(kind, answers)
    number = min(max(1, request.args.get("etape", 1, type=int)), len(steps), first_missing(draft, kind))
    if request.method == "POST":
        form: Step = steps[number - 1]()
        return keep_step(kind, number, form, len(steps)) if form.validate() else keep_rejected(kind, number)
    form = shown_again(steps[number - 1], answers.get(REJECTED), number) or shown(steps[number - 1], answers)
    return render_form("leads/form.html", form=form, kind=kind, number=number, count=len(steps), view=view_of(kind))


def shown(step: type[Step], answers: Mapping[str, Any]) -> Step:
    """A step with what was answered before."""
    form = step(formdata=None)
    form.fill(answers)
    return form


def shown_again(step: type[Step], rejected: Mapping[str, Any] | None, number: int) -> Step | None:
    """A step with what was typed and refused, and why; None when nothing of this step was."""
    if rejected is None or rejected["step"] != number:
        return None
    form = step(formdata=MultiDict({**rejected["typed"], "csrf_token": generate_csrf()}))
    return None if form.validate() else form


def keep_rejected(kind: LeadKind, number: int) -> ResponseReturnValue:
    """Keep what was typed although it is refused, and show it on a page that « back » can reach again."""
    typed = {storable(name): [storable(value) for value in values] for name, values in request.form.lists() if name != "csrf_token"}
    save_answers(kind, current_tenant, {REJECTED: {"step": number, "typed": typed}})
    return see_other(view_of(kind), etape=number, **source_again())


def storable(typed: str) -> str:
    """What was typed, as PostgreSQL can keep it: it stores no NUL."""
    return typed.replace("\x00", "")[:LONGEST_TYPED]


def source_again() -> dict[str, str]:
    """Where the person came from stays in the address from step to step."""
    source = request.args.get("source")
    return {"source": source} if source else {}


def view_of(kind: LeadKind) -> str:
    return "leads.ask_for_mentor" if kind == LeadKind.MENTEE else "leads.offer_to_mentor"


def keep_step(kind: LeadKind, number: int, form: Step, count: int) -> ResponseReturnValue:
    """Keep what a step says; after the last one, send the request."""
    answers = form.answers()
    if kind == LeadKind.MENTEE and not age_is_ours(answers.get("birth_date")):
        forget_draft(kind, current_tenant)
        return see_other("leads.other_doors", avant=int(is_too_young(answers["birth_date"])))
    draft = save_answers(kind, current_tenant, {**answers, REJECTED: None})
    if number < count:
        return see_other(view_of(kind), etape=number + 1, **source_again())
    if draft.lead_id is None:
        lead = as_lead(draft, current_tenant)
        actions.receive(lead, current_tenant)
        actions.acknowledge(lead, current_tenant)
        draft.lead_id = lead.id
    draft.answers = {}
    return to_tracking(draft.lead_id)


def to_tracking(lead_id: UUID) -> ResponseReturnValue:
    """The page that says where the request stands; it serves as the receipt."""
    return see_other("leads.tracking", token=record_token("suivi", current_tenant.id, lead_id))


@bp.route("/autres-portes")
@bp.route("/a/<slug:slug>/autres-portes")
@public
def other_doors() -> ResponseReturnValue:
    """Before 6 and from 30 on: who else can help. Nothing was kept."""
    return render_template("leads/other_doors.html", too_young=request.args.get("avant") == "1")


def age_is_ours(born: str | None) -> bool:
    return born is None or YOUNGEST <= age_on(date.fromisoformat(born), today()) < TOO_OLD


def is_too_young(born: str) -> bool:
    return age_on(date.fromisoformat(born), today()) < YOUNGEST


def lead_of_token(token: str) -> Lead | None:
    """Enter the space that a link names, and find its request; None when the link leads nowhere."""
    found = read_record_token("suivi", token)
    if found is None:
        return None
    enter_tenant_id(found[0])
    return db.session.get(Lead, found)


@bp.route("/suivi/<token:token>")
@public
@carries_tenant
def tracking(token: str) -> ResponseReturnValue:
    """Where my request stands, in plain words."""
    lead = lead_of_token(token)
    if lead is None:
        return render_template("leads/unknown_link.html"), 404
    orientation = current_orientation(lead) if lead.is_open or lead.accepted_at else None
    association = db.session.get(Tenant, orientation.association_id) if orientation else None
    if association is None and not current_tenant.is_programme:
        association = current_tenant
    return render_template(
        "leads/tracking.html", lead=lead, orientation=orientation, association=association, history=history_of(lead),
        token=token, form=ConfirmForm(),
    )  # fmt: skip


@bp.route("/suivi/<token:token>/retrait", methods=["GET", "POST"])
@public
@carries_tenant
def withdrawal(token: str) -> ResponseReturnValue:
    """« Je retire ma demande »."""
    lead = lead_of_token(token)
    if lead is None:
        return render_template("leads/unknown_link.html"), 404
    form = ConfirmForm()
    if form.validate_on_submit():
        actions.withdraw(lead)
        flash(_("Votre demande est retirée."))
        return see_other("leads.tracking", token=token)
    return render_form("leads/withdrawal.html", form=form, lead=lead, token=token)


@bp.route("/a/<slug:slug>/demandes")
@requires(Permission.ANSWER_LEADS)
def inbox() -> ResponseReturnValue:
    """What waits for our answer, oldest day first."""
    state = request.args.get("etat", LeadState.RECEIVED)
    state = state if state in set(LeadState) else LeadState.RECEIVED
    kind = request.args.get("qui")
    kind = kind if kind in set(LeadKind) else None
    typed = request.args.get("q", "")[:80]
    page = paginate(leads_in(state, kind, typed))
    return render_template(
        "leads/inbox.html",
        page=page,
        counts=counts_by_state(),
        declines=count_declines(),
        state=state,
        kind=kind,
        typed=typed,
    )


@bp.route("/a/<slug:slug>/demandes/<uuid:lead_id>")
@requires(Permission.ANSWER_LEADS)
def show(lead_id: UUID) -> ResponseReturnValue:
    """Read a request, then answer it."""
    lead = get_or_404(Lead, lead_id)
    return render_template("leads/lead.html", lead=lead, history=history_of(lead), form=ConfirmForm())


@bp.route("/a/<slug:slug>/demandes/<uuid:lead_id>/acceptation", methods=["POST"])
@requires(Permission.ANSWER_LEADS)
def acceptance(lead_id: UUID) -> ResponseReturnValue:
    """Take a request: it becomes a file."""
    lead = get_or_404(Lead, lead_id)
    actions.accept(lead, by=current_member.user_id)
    flash(_("La demande de %(name)s est acceptée : son dossier est ouvert.", name=lead.first_name))
    return see_other("leads.show", lead_id=lead.id)


@bp.route("/a/<slug:slug>/demandes/<uuid:lead_id>/refus", methods=["GET", "POST"])
@requires(Permission.ANSWER_LEADS)
def refusal(lead_id: UUID) -> ResponseReturnValue:
    """Give a request back with a reason: the programme tries the next association."""
    lead = get_or_404(Lead, lead_id)
    if lead.state != LeadState.RECEIVED:
        abort(409)
    form = DeclineForm()
    if form.validate_on_submit():
        try:
            actions.decline(lead, form.reason.data)
        except DomainError as error:
            form.reason.errors = [str(error)]
        else:
            flash(_("La demande est rendue, sans garder les coordonnées de la personne."))
            return see_other("leads.inbox")
    return render_form("leads/refusal.html", form=form, lead=lead)
