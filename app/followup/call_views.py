"""The team's day: noting a contact, putting a call off, how pairs fare, handing a portfolio over, the association's choices."""

import secrets
from dataclasses import asdict
from datetime import datetime, time
from uuid import UUID

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.permissions import Permission
from app.accounts.queries import current_member, staff_of_space
from app.database import now
from app.errors import DomainError
from app.fields import lines_of, options
from app.gate import requires
from app.paging import paginate
from app.pairs.queries import team
from app.tenants.models import Staff
from app.tenants.resolve import current_tenant
from app.translation import ngettext
from app.web import get_or_404, is_uuid, iso_day, local, render_form, see_other, today

from . import calls, health
from .blueprint import SPACE, bp, followed
from .contacts import Said, contacts_of, note_contact
from .forms import ContactForm, FollowUpForm, PortfolioForm, SnoozeForm, blocks, contact_form
from .models import Call
from .portfolio import hand_portfolio, sizes
from .settings import choose, settings
from .words import HEALTH, HEALTH_TONES, HOWS, SIDES, TONES

WHO = {"mentor": "mentor", "jeune": "mentee", "parent": "guardian"}
NOBODY = "personne"


@bp.route(f"{SPACE}/binomes/<uuid:pair_id>/echanges/nouveau", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def new_contact(pair_id: UUID) -> ResponseReturnValue:
    """Note what was said with one of a pair, with the grid of questions ready."""
    pair = followed(pair_id)
    who = request.args.get("qui", "mentor")
    side = WHO.get(who) or abort(404)
    if side == "guardian" and not pair.mentee.is_minor_on(today()):
        abort(404)
    questions = settings().grids[side]
    form = contact_form(questions)
    if form.validate_on_submit() and not any([form.warn(form.note), form.warn(form.next_step)]):
        try:
            note_contact(pair, said_in(form, side, questions), current_member.user_id)
        except DomainError as error:
            form.day.errors = [str(error)]
        else:
            flash(_("L'échange est noté."))
            return see_other("followup.home")
    if request.method == "GET":
        form.day.data, form.time.data = today(), local(now()).time().replace(second=0, microsecond=0)
        form.once.data = secrets.token_urlsafe(16)
    return render_form(
        "followup/new_contact.html", form=form, pair=pair, side=side, who=who, questions=questions, sides=SIDES,
        before=contacts_of(pair, 3), hows=HOWS, tones=TONES,
    )  # fmt: skip


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
        "followup/contacts.html", pair=pair, contacts=contacts_of(pair, 200), hows=HOWS, sides=SIDES, tones=TONES
    )


@bp.route(f"{SPACE}/appels/<uuid:call_id>/report", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def snooze(call_id: UUID) -> ResponseReturnValue:
    """Put a call off."""
    call, form = get_or_404(Call, call_id), SnoozeForm()
    followed(call.pair_id)
    if form.validate_on_submit():
        try:
            until = calls.snooze(call, int(form.days.data), current_member.user_id)
        except DomainError as error:
            flash(str(error), "warning")
        else:
            flash(_("C'est reporté au %(day)s.", day=iso_day(until.isoformat())))
    return see_other("followup.home")


@bp.route(f"{SPACE}/sante-des-binomes")
@requires(Permission.FOLLOW_PAIRS)
def health_page() -> ResponseReturnValue:
    """How the pairs fare, now and week after week, as a picture with its table; and which they are."""
    state = request.args.get("etat", "danger")
    state = state if state in HEALTH else "danger"
    page = paginate(health.pairs_in(state, current_member.user_id))
    return render_template(
        "followup/health.html", counted=health.counted(), weeks=health.evolution(today()), state=state, words=HEALTH,
        tones=HEALTH_TONES, page=page, reasons=health.reasons(page.rows),
    )  # fmt: skip


@bp.route(f"{SPACE}/portefeuilles", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def portfolios() -> ResponseReturnValue:
    """Give all the pairs of somebody to a colleague, in one action."""
    form, held, everybody, colleagues = PortfolioForm(), sizes(), staff_of_space(), team()
    givers = [(str(one.id), f"{one.full_name} ({held[one.id]})") for one in everybody if held.get(one.id)]
    if held.get(None):
        givers.append((NOBODY, _("Personne (%(count)s)", count=held[None])))
    form.giver.choices = options(givers)
    form.receiver.choices = options((str(one.id), one.full_name) for one in colleagues)
    if form.validate_on_submit():
        giver = get_or_404(Staff, UUID(form.giver.data)) if is_uuid(form.giver.data) else None
        receiver = get_or_404(Staff, UUID(form.receiver.data))
        try:
            count = hand_portfolio(giver, receiver, current_member.user_id)
        except DomainError as error:
            form.receiver.errors = [str(error)]
        else:
            flash(ngettext("%(num)d binôme change de référent.", "%(num)d binômes changent de référent.", count))
            return see_other("followup.portfolios")
    return render_form("followup/portfolios.html", form=form, held=held, everybody=everybody)


@bp.route(f"{SPACE}/reglages/suivi", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def follow_up_rules() -> ResponseReturnValue:
    """The association's rhythms, grids and ready answers."""
    chosen = settings()
    grids = {f"{side}_grid": "\n".join(lines) for side, lines in chosen.grids.items()}
    form = FollowUpForm(data=asdict(chosen) | grids | {"canned": "\n\n".join(chosen.canned)})
    if form.validate_on_submit():
        choose(
            current_member.user_id,
            grids={side: list(dict.fromkeys(lines_of(form[f"{side}_grid"].data))) for side in chosen.grids},
            canned=blocks(form.canned.data),
            **{name: form[name].data for name in ("contact_days", "meeting_days", "answer_days", "both_write", "digest")},
        )
        flash(_("C'est noté. Les appels suivent ces règles à la prochaine heure."))
        return see_other("followup.follow_up_rules")
    return render_form("followup/settings.html", form=form)
