"""Pairs: the list, forming one, its page, its closure."""

from uuid import UUID

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.permissions import Permission
from app.accounts.queries import current_staff
from app.errors import DomainError
from app.fields import options
from app.gate import requires
from app.paging import paginate
from app.people.models import Mentee, Mentor
from app.tenants.resolve import find_programme
from app.web import get_or_404, render_form, see_other, today

from . import actions, listeners, signals
from .conditions import missing
from .forms import CLOSURE_REASONS, RHYTHMS, ClosureForm, PairForm
from .models import Pair, PairState
from .queries import mentors_with_room, pairs, waiting_mentees, with_people

bp = Blueprint("pairs", __name__, url_prefix="/a/<slug:slug>/binomes")
listeners_connected = listeners  # imported for its signals


@bp.route("")
@requires(Permission.FOLLOW_PAIRS)
def index() -> ResponseReturnValue:
    """All the pairs of the association, or mine."""
    state = request.args.get("etat", PairState.ACTIVE)
    state = state if state in set(PairState) else PairState.ACTIVE
    typed, mine = request.args.get("q", "")[:80], "miens" in request.args
    staff = current_staff() if mine else None
    page = paginate(pairs(state, typed, staff.id if staff else None))
    return render_template("pairs/index.html", page=page, state=state, typed=typed, mine=mine, notes=signals.notes(page.rows))


@bp.route("/nouveau", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def new() -> ResponseReturnValue:
    """Form a pair. What is missing is said before, and the database says it again."""
    form = PairForm()
    mentees, mentors = waiting_mentees(), mentors_with_room()
    form.mentee.choices = options((str(m.id), f"{m.full_name}, {m.commune_name}") for m in mentees)
    form.mentor.choices = options(
        (str(m.id), f"{m.full_name}, {m.commune_name}" + ("" if ready else _(" · formation à terminer"))) for m, ready in mentors
    )
    if form.validate_on_submit():
        try:
            pair = actions.form_pair(
                get_or_404(Mentee, UUID(form.mentee.data)), get_or_404(Mentor, UUID(form.mentor.data)), form.plan,
                current_staff(),
            )  # fmt: skip
        except DomainError as error:
            form.mentor.errors = [str(error)]
        else:
            flash(_("Le binôme est formé. Les deux personnes reçoivent un message."))
            return see_other("pairs.show", pair_id=pair.id)
    if request.method == "GET":
        programme = find_programme()
        form.starts_on.data, form.planned_months.data = today(), programme.minimum_months if programme else 6
        form.mentee.data, form.mentor.data = request.args.get("jeune"), request.args.get("mentor")
    return render_form("pairs/new.html", form=form, mentees=mentees, mentors=mentors, obstacles=chosen_obstacles(form))


def chosen_obstacles(form: PairForm) -> list[str]:
    """What is missing for the two that are chosen in the form."""
    ids = {choice.value for choice in (*form.mentee.choices, *form.mentor.choices)}
    if form.mentee.data not in ids or form.mentor.data not in ids:
        return []
    mentee, mentor = get_or_404(Mentee, UUID(form.mentee.data)), get_or_404(Mentor, UUID(form.mentor.data))
    return [obstacle.sentence for obstacle in missing(mentor, mentee, today())]


@bp.route("/<uuid:pair_id>")
@requires(Permission.FOLLOW_PAIRS)
def show(pair_id: UUID) -> ResponseReturnValue:
    """A pair: who, since when, towards what, and their meetings."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    return render_template("pairs/pair.html", pair=pair, rhythms=RHYTHMS, reasons=CLOSURE_REASONS, panels=signals.panels(pair))


@bp.route("/<uuid:pair_id>/cloture", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def closure(pair_id: UUID) -> ResponseReturnValue:
    """Close a pair: why, and when the last day was."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    form = ClosureForm(data={"closed_on": today()})
    if form.validate_on_submit() and is_after_start(form, pair):
        actions.close_pair(pair, form.closed_on.data, form.reason.data, form.note.data or None)
        flash(_("Le binôme est clôturé."))
        return see_other("pairs.show", pair_id=pair.id)
    return render_form("pairs/closure.html", form=form, pair=pair)


def is_after_start(form: ClosureForm, pair: Pair) -> bool:
    if form.closed_on.data < pair.starts_on:
        form.closed_on.errors = [_("Cette date est avant le début du binôme.")]
        return False
    return True
