"""What the team said with the people of a pair: noted, read, set right by who noted it."""

import secrets
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import UUID

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.forms import ConfirmForm
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.database import now
from app.errors import DomainError
from app.gate import requires
from app.pairs.models import Pair
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import form_written, get_or_404, local, render_form, see_other, short_day, today

from .blueprint import SPACE, bp, followed
from .contacts import (
    Said,
    contacts_of,
    correct_contact,
    may_be_with_guardian,
    may_change,
    note_contact,
    open_and_said,
    remove_contact,
)
from .forms import ContactForm, contact_form, filled
from .models import Contact
from .settings import settings
from .words import HOWS, SIDES, TONES, why

WHO = {"mentor": "mentor", "jeune": "mentee", "parent": "guardian"}


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/echanges/nouveau", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def new_contact(pair_id: UUID) -> ResponseReturnValue:
    """Note what was said with one of a pair, with the grid of questions ready."""
    pair = followed(pair_id)
    who = request.args.get("qui", "mentor")
    side = WHO.get(who) or abort(404)
    if side == "guardian" and not may_be_with_guardian(pair):
        abort(404)
    questions = settings().grids[side]
    form = contact_form(questions)
    if form.validate_on_submit() and not any([form.warn(form.note), form.warn(form.next_step)]):
        try:
            note_contact(pair, said_in(form, side, questions), current_member.user_id)
        except DomainError as error:
            form.day.errors = [str(error)]
        else:
            flash(_("L'échange est noté.") if form.reached else said_in_vain(form.next_on.data))
            return form_written(see_other("followup.home"))
    if request.method == "GET":
        form.day.data, form.time.data = today(), local(now()).time().replace(second=0, microsecond=0)
        form.once.data = secrets.token_urlsafe(16)
    return grid_page(form, pair, side, questions)


def said_in_vain(again_on: date | None) -> str:
    """What becomes of somebody who was tried in vain: they are to be called another day."""
    day = short_day(again_on or today() + timedelta(days=1))
    return _("C'est noté : sans réponse. Cette personne revient dans « À appeler aujourd'hui » le %(day)s.", day=day)


def grid_page(
    form: ContactForm, pair: Pair, side: str, questions: list[str], contact: Contact | None = None
) -> ResponseReturnValue:
    """The grid of one side, to note a contact or to set one right, beside the last ones."""
    calls, before = open_and_said(pair)
    reasons = [(call.side, why(call.kind, call.facts, call.since)) for call in calls]
    return render_form(
        "followup/new_contact.html", form=form, pair=pair, side=side, questions=questions, contact=contact, sides=SIDES,
        hows=HOWS, before=before, reasons=reasons, others=[] if contact else others(pair, side),
    )  # fmt: skip


def others(pair: Pair, side: str) -> list[tuple[str, str]]:
    """With whom else it may have been, by the word of the address: the page opened on one of them."""
    names = {"jeune": pair.mentee.first_name, "mentor": pair.mentor.first_name}
    if may_be_with_guardian(pair):
        names["parent"] = pair.mentee.guardian_name or _("son représentant légal")
    return [(who, name) for who, name in names.items() if WHO[who] != side]


def said_in(form: ContactForm, side: str, questions: list[str]) -> Said:
    """What was typed; without an hour, noon, or now on the same day."""
    at = datetime.combine(form.day.data, form.time.data or time(12), tzinfo=current_tenant.zone)
    return Said(
        side=side, how=form.how.data, held_at=min(at, now()) if form.day.data == today() else at, reached=form.reached,
        minutes=int(form.length.data), answers=form.answers(questions), note=form.note.data or "",
        next_step=form.next_step.data or "", next_on=form.next_on.data, once=form.once.data or secrets.token_urlsafe(16),
    )  # fmt: skip


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/echanges")
@requires(Permission.FOLLOW_PAIRS)
def contact_list(pair_id: UUID) -> ResponseReturnValue:
    """Every contact of the team with a pair."""
    pair = followed(pair_id)
    return render_template(
        "followup/contacts.html", pair=pair, contacts=contacts_of(pair, 200), hows=HOWS, sides=SIDES, tones=TONES,
        may_change=partial(may_change, by=current_member.user_id),
    )  # fmt: skip


def own_contact(pair_id: UUID, contact_id: UUID) -> tuple[Pair, Contact]:
    """A contact that the reader noted lately, and its pair; not found for others."""
    pair, contact = followed(pair_id), get_or_404(Contact, contact_id)
    if contact.pair_id != pair.id or not may_change(contact, current_member.user_id):
        abort(404)
    return pair, contact


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/echanges/<uuid:contact_id>", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def contact(pair_id: UUID, contact_id: UUID) -> ResponseReturnValue:
    """Set right what I noted."""
    pair, contact = own_contact(pair_id, contact_id)
    questions = list(dict.fromkeys([*settings().grids[contact.side], *contact.answers]))
    form = contact_form(questions, **filled(contact, questions))
    form.kept_on = contact.next_on
    if form.validate_on_submit() and not any([form.warn(form.note), form.warn(form.next_step)]):
        try:
            correct_contact(contact, said_in(form, contact.side, questions))
        except DomainError as error:
            form.day.errors = [str(error)]
        else:
            flash(_("L'échange est corrigé."))
            return form_written(see_other("followup.contact_list", pair_id=pair.id))
    return grid_page(form, pair, contact.side, questions, contact)


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/echanges/<uuid:contact_id>/retrait", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def contact_removal(pair_id: UUID, contact_id: UUID) -> ResponseReturnValue:
    """Take back what I noted, of another pair for instance."""
    pair, contact = own_contact(pair_id, contact_id)
    if ConfirmForm().validate_on_submit():
        remove_contact(contact)
        flash(_("L'échange est retiré."))
    return see_other("followup.contact_list", pair_id=pair.id)
