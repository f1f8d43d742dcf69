"""The end of a pair, step by step."""

from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.forms import ConfirmForm
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.errors import DomainError
from app.gate import requires
from app.translation import gettext as _
from app.web import form_written, get_or_404, render_form, see_other, today

from . import closing
from .blueprint import SPACE, bp
from .forms import BEFORE_START, ClosingForm, EndForm, StepForm
from .models import Closure, Pair, PairState
from .queries import closure_of, pairs_of_mentor, with_people
from .signals import still_open
from .words import CLOSURE_REASONS, CONTACT_RULES, DEATH, FREE, KINDS, PLAN_AGAIN, SAFETY, STATE_OF_ONE, STEPS


@bp.route(f"{SPACE}/<uuid:pair_id>/cloture", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def closure(pair_id: UUID) -> ResponseReturnValue:
    """Say how and why it ends; then the list of what is to do; then, closed, what was done."""
    pair, form = get_or_404(Pair, pair_id, options=with_people()), ClosingForm()
    if pair.is_open and form.validate_on_submit():
        closing.begin_closing(pair, form.kind.data, form.reason.data, current_member.user_id)
        flash_untold(pair)
        flash(_("La clôture a commencé : voici ce qu'il reste à faire."))
        return see_other("pairs.closure", pair_id=pair.id)
    current = closure_of(pair)
    if current is not None and not (pair.is_open and pair.state != PairState.CLOSING) and current.reason != DEATH:
        return steps_page(pair, current, step_forms(pair, current))
    if not pair.is_open:
        return see_other("pairs.show", pair_id=pair.id)
    return render_form("pairs/closure.html", form=form, pair=pair, kinds=KINDS, still_open=still_open(pair))


def step_forms(pair: Pair, current: Closure) -> dict[str, StepForm]:
    """One small form for each step, with what is noted, or typed."""
    typed = request.form if request.method == "POST" else None
    return {step: StepForm(typed, step, current.steps.get(step, {}), pair.starts_on) for step in closing.steps_for(current)}


def steps_page(pair: Pair, current: Closure, forms: dict[str, StepForm]) -> ResponseReturnValue:
    """What is left to do; after a precaution, the mentor's other jeunes too: their pairs go on until somebody stops them."""
    others = pairs_of_mentor(pair.mentor_id) if current.reason == SAFETY else ()
    page = render_template(
        "pairs/closure_steps.html",
        pair=pair,
        closure=current,
        forms=forms,
        words=STEPS,
        left=closing.left(current),
        kinds=KINDS,
        reasons=CLOSURE_REASONS,
        rules=CONTACT_RULES,
        confirm=ConfirmForm(),
        others=[other for other in others if other.is_live and other.id != pair.id],
        states=STATE_OF_ONE,
        still_open=still_open(pair) if pair.state == PairState.CLOSING else [],
    )
    return (page, 422) if any(form.errors for form in forms.values()) else page


@bp.route(f"{SPACE}/<uuid:pair_id>/cloture/etape", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def closure_step(pair_id: UUID) -> ResponseReturnValue:
    """Steps were done, or were not and why: all that was typed is noted, or nothing is."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    current = closure_of(pair)
    if current is None or pair.state != PairState.CLOSING:
        return closed_meanwhile(pair)
    forms = step_forms(pair, current)
    errors = [error for form in forms.values() if not form.validate() for error in form.errors]
    if errors:
        return steps_page(pair, current, forms)
    for step, form in forms.items():
        if form.is_new and not closing.mark_step(current, step, form.done_on.data, form.why.data or ""):
            return closed_meanwhile(pair)
    flash(_("C'est noté."))
    return see_other("pairs.closure", pair_id=pair.id)


def closed_meanwhile(pair: Pair) -> ResponseReturnValue:
    """Somebody else ended the closure, or gave it up."""
    flash(_("Ce binôme n'est plus en cours de clôture : rien n'a été noté."), "warning")
    return see_other("pairs.closure", pair_id=pair.id)


@bp.route(f"{SPACE}/<uuid:pair_id>/cloture/fin", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def closure_end(pair_id: UUID) -> ResponseReturnValue:
    """The last answers, and the pair is closed."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    current, form = closure_of(pair), EndForm(data={"closed_on": today()})
    if current is None or pair.state != PairState.CLOSING:
        return closed_meanwhile(pair) if request.method == "POST" else see_other("pairs.show", pair_id=pair.id)
    if request.method == "GET" and closing.left(current):
        return see_other("pairs.closure", pair_id=pair.id)  # which says what is left
    if current.reason == SAFETY:
        form.contact_rule.choices = [choice for choice in form.contact_rule.choices if choice.value != FREE]
    if form.validate_on_submit() and is_after_start(form, pair):
        try:
            is_closed = closing.close(current, form.closed_on.data, form.answers, current_member.user_id)
        except DomainError as error:
            form.closed_on.errors = [str(error)]
        else:
            if not is_closed:
                return closed_meanwhile(pair)
            flash(_("Le binôme est clôturé. Les deux reçoivent un message."))
            return form_written(see_other("pairs.closure" if current.rematch_mentee else "pairs.show", pair_id=pair.id))
    return render_form("pairs/closure_end.html", form=form, pair=pair, still_open=still_open(pair))


def is_after_start(form: EndForm, pair: Pair) -> bool:
    if form.closed_on.data < min(pair.starts_on, today()):
        form.closed_on.errors = [str(BEFORE_START)]
        return False
    return True


@bp.route(f"{SPACE}/<uuid:pair_id>/cloture/precaution", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def closure_as_a_precaution(pair_id: UUID) -> ResponseReturnValue:
    """Something grave comes to light while the pair ends: from now on its end is a precaution."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    current = closure_of(pair)
    if current is None or not closing.make_precaution(current, current_member.user_id):
        return closed_meanwhile(pair)
    flash(_("C'est noté : ce binôme se termine par précaution, et plus rien n'est prévu entre eux."))
    flash_untold(pair)
    return see_other("pairs.closure", pair_id=pair.id)


def flash_untold(pair: Pair) -> None:
    """A precaution is told at once: say whom no letter reaches."""
    current = closure_of(pair)
    if current is not None and current.reason == SAFETY and (said := closing.said_untold(pair)):
        flash(said, "warning")


@bp.route(f"{SPACE}/<uuid:pair_id>/cloture/abandon", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def closure_given_up(pair_id: UUID) -> ResponseReturnValue:
    """The pair goes on after all."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    current = closure_of(pair)
    if current is not None and closing.give_up(current, current_member.user_id):
        flash(_("La clôture est abandonnée : le binôme continue.") + f" {PLAN_AGAIN}")
    return see_other("pairs.show", pair_id=pair.id)
