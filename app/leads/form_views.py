"""The two public forms, step by step."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import current_app, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from werkzeug.datastructures import MultiDict

from app.database import now
from app.extensions import limiter
from app.gate import public
from app.guard import flash_danger
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import render_form, see_other, today

from . import actions
from .blueprint import bp
from .drafts import READ, RECEIPT, as_lead, find_draft, first_missing, forget_draft, number_of, save_answers
from .for_other import speak_of_other
from .forms import Step, steps_of
from .letter_boxes import takes
from .models import LeadDraft
from .words import FORMS, TOO_OLD, YOUNGEST, LeadKind, age_on

TYPED = "typed"  # what a step was last sent or left with: refused, or not sent yet
STEPS_FROM_HERE = "1200 per hour"  # six make a request, and a whole school may ask from behind one address
HASTE = "looked_at"  # whether a form that came too quickly was shown once more
MOST_TYPED = 20_000  # characters kept of a step
LONGEST_TYPED = 5_000  # characters kept of what was typed and refused


@bp.route("/trouver-un-mentor", methods=["GET", "POST"])
@bp.route("/a/<slug:slug>/trouver-un-mentor", methods=["GET", "POST"])
@public
@limiter.limit(STEPS_FROM_HERE, methods=["POST"])
def ask_for_mentor() -> ResponseReturnValue:
    """A young person asks for a mentor."""
    return form_step(LeadKind.MENTEE)


@bp.route("/devenir-mentor", methods=["GET", "POST"])
@bp.route("/a/<slug:slug>/devenir-mentor", methods=["GET", "POST"])
@public
@limiter.limit(STEPS_FROM_HERE, methods=["POST"])
def offer_to_mentor() -> ResponseReturnValue:
    """Somebody offers to be a mentor."""
    return form_step(LeadKind.MENTOR)


@bp.route("/brouillon/<any(mentee, mentor):lead_kind>", methods=["POST"])
@bp.route("/a/<slug:slug>/brouillon/<any(mentee, mentor):lead_kind>", methods=["POST"])
@public
@limiter.limit(STEPS_FROM_HERE)
def keep_draft(lead_kind: str) -> ResponseReturnValue:
    """Keep what is typed before it is sent: a closed tab or a lost connection loses nothing. A form that was sent is left alone."""
    kind, number = LeadKind(lead_kind), request.args.get("etape", 0, type=int)
    draft = find_draft(kind, current_tenant, lock=True)  # it may be being sent at this instant
    if draft is None or draft.lead_id is None:
        steps = steps_of(kind, draft.answers if draft else {})
        if 1 <= number <= min(len(steps), first_missing(draft, kind)):
            keep_typed(kind, number, refused=False)
    return "", 204


def form_step(kind: LeadKind) -> ResponseReturnValue:
    """One step of a form: show it, or keep its answers and go on. No step can be reached before those that lead to it."""
    draft = find_draft(kind, current_tenant)
    if draft is not None and draft.lead_id is not None:  # sent already: a double click, an answer that was lost, or a new request
        if request.method == "POST":
            return to_tracking(draft)
        if READ not in draft.answers and "autre" not in request.args:
            return render_template("leads/sent.html", view=FORMS[kind], token=draft.answers[RECEIPT])
        forget_draft(kind, current_tenant)
        draft = None
    answers = draft.answers if draft else {}
    steps = steps_of(kind, answers)
    number = min(max(1, request.args.get("etape", 1, type=int)), len(steps), first_missing(draft, kind))
    if request.method == "POST":
        form: Step = steps[number - 1]()
        return keep_step(kind, number, form) if form.validate() else keep_rejected(kind, number)
    number_of(kind, current_tenant)
    form = shown_again(steps[number - 1], answers.get(TYPED), number) or shown(steps[number - 1], answers)
    is_other = bool(answers.get("for_other"))
    if is_other:
        speak_of_other(form)
    return render_form(
        "leads/form.html", form=form, kind=kind, number=number, count=len(steps), view=FORMS[kind], is_other=is_other
    )


def shown(step: type[Step], answers: Mapping[str, Any]) -> Step:
    """A step with what was answered before."""
    form = step(formdata=None)
    form.fill(answers)
    return form


def shown_again(step: type[Step], left: Mapping[str, Any] | None, number: int) -> Step | None:
    """A step as it was left: with what was refused and why, or with what was typed and not sent yet; None when nothing was."""
    if left is None or left["step"] != number:
        return None
    form = step(formdata=MultiDict({**left["typed"], "csrf_token": generate_csrf()}))
    return None if left["refused"] and form.validate() else form


def keep_rejected(kind: LeadKind, number: int) -> ResponseReturnValue:
    """Keep what was typed although it is refused, and show it on a page that « back » can reach again."""
    keep_typed(kind, number, refused=True)
    return see_other(FORMS[kind], etape=number, **source_again())


def keep_typed(kind: LeadKind, number: int, refused: bool) -> None:
    """Keep in the draft what a step was sent or left with."""
    typed, room = dict[str, list[str]](), MOST_TYPED
    for name, values in request.form.lists():
        kept = [storable(value) for value in values]
        room -= len(name) + sum(map(len, kept))
        if room < 0:  # nobody types so much: what no field asked for is not kept either
            break
        if name != "csrf_token":
            typed[storable(name)] = kept
    save_answers(kind, current_tenant, {TYPED: {"step": number, "typed": typed, "refused": refused}})


def storable(typed: str) -> str:
    """What was typed, as PostgreSQL can keep it: it stores no NUL."""
    return typed.replace("\x00", "")[:LONGEST_TYPED]


def source_again() -> dict[str, str]:
    """Where the person came from stays in the address from step to step."""
    source = request.args.get("source")
    return {"source": source} if source else {}


def keep_step(kind: LeadKind, number: int, form: Step) -> ResponseReturnValue:
    """Keep what a step says; after the last one, send the request."""
    answers = form.answers()
    if kind == LeadKind.MENTEE and not age_is_ours(answers.get("birth_date")):
        forget_draft(kind, current_tenant)
        return see_other("leads.other_doors", avant=int(is_too_young(answers["birth_date"])))
    draft = save_answers(kind, current_tenant, {**answers, TYPED: None})
    count = len(steps_of(kind, draft.answers))  # what was just said may ask for one step more
    if number < count:
        return see_other(FORMS[kind], etape=number + 1, **source_again())
    if draft.lead_id is None:
        if is_too_quick(draft):
            flash(_("C'était très rapide : relisez vos réponses, puis envoyez encore une fois."))
            return see_other(FORMS[kind], etape=number, **source_again())
        lead = as_lead(draft)
        if not takes(lead.email, lead.guardian_email):
            flash(
                _("Trop de demandes aujourd'hui avec cette adresse e-mail : donnez-en une autre, un téléphone, ou revenez demain.")
            )
            return see_other(FORMS[kind], etape=number, **source_again())
        actions.receive(lead, current_tenant)
        actions.acknowledge(lead, current_tenant)
        flash_danger(lead.hopes, lead.message)
        draft.lead_id, draft.answers = lead.id, {RECEIPT: actions.tracking_token(lead)}
    draft.answers = {RECEIPT: draft.answers[RECEIPT]}
    return to_tracking(draft)


def is_too_quick(draft: LeadDraft) -> bool:
    """Whether a whole form was filled faster than anybody reads it: a robot, or somebody who is asked to look once more."""
    if draft.answers.get(HASTE):
        return False
    draft.answers = {**draft.answers, HASTE: True}
    return now() - draft.created_at < timedelta(seconds=current_app.config["BINOME"].shortest_form)


def to_tracking(draft: LeadDraft) -> ResponseReturnValue:
    """The page that says where the request stands; it serves as the receipt, until somebody else corrects how to reach them."""
    return see_other("leads.tracking", token=draft.answers[RECEIPT])


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
