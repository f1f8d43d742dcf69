"""The team's day: putting a call off, how pairs fare, handing a portfolio over, the association's choices."""

from collections.abc import Sequence
from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement

from app.accounts.permissions import Permission
from app.accounts.queries import current_member, current_staff, staff_of_space
from app.errors import DomainError
from app.extensions import db
from app.fields import options
from app.gate import requires
from app.paging import paginate
from app.pairs.models import Pair
from app.pairs.queries import team
from app.tenants.choices import hold
from app.tenants.models import Staff
from app.translation import gettext as _
from app.translation import ngettext
from app.web import get_or_404, is_uuid, iso_day, render_form, see_other, today

from . import calls, health
from .blueprint import SPACE, bp, followed
from .forms import FollowUpForm, PortfolioForm, SnoozeForm
from .models import Call, FollowUpSettings
from .portfolio import followed_by, given_by, going, hand_portfolio, sizes, told
from .settings import choose, settings
from .words import HEALTH, HEALTH_TONES

NOBODY = "personne"


@bp.route(f"{SPACE}/appels/<uuid:call_id>/report", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def snooze(call_id: UUID) -> ResponseReturnValue:
    """Put a call off."""
    call, form = get_or_404(Call, call_id), SnoozeForm()
    followed(call.pair_id)
    if form.validate_on_submit():
        try:
            until = calls.snooze(call, int(form.days.data), current_member.user_id, form.seen.data)
        except DomainError as error:
            flash(str(error), "warning")
        else:
            flash(_("C'est reporté au %(day)s.", day=iso_day(until.isoformat())))
    return see_other("followup.home")


@bp.route(f"{SPACE}/appels/<uuid:call_id>/retour", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def bring_back(call_id: UUID) -> ResponseReturnValue:
    """A call that was put off is for today after all."""
    call = get_or_404(Call, call_id)
    followed(call.pair_id)
    calls.bring_back(call)
    flash(_("C'est de nouveau à faire aujourd'hui."))
    return see_other("followup.home", reportes=1, **({"tous": 1} if "tous" in request.args else {}))


@bp.route(f"{SPACE}/sante-des-binomes")
@requires(Permission.FOLLOW_PAIRS)
def health_page() -> ResponseReturnValue:
    """How the pairs fare, now and week after week, as a picture with its table; and which they are."""
    counted = health.counted(current_member.user_id)
    worst = next((state for state in ("danger", "watch", "well") if counted.get(state)), "danger")
    state = request.args.get("etat", worst)
    state = state if state in HEALTH else worst
    page = paginate(health.pairs_in(state, current_member.user_id))
    return render_template(
        "followup/health.html", counted=counted, weeks=health.evolution(today()), state=state, words=HEALTH,
        tones=HEALTH_TONES, page=page, reasons=health.reasons(page.rows),
    )  # fmt: skip


@bp.route(f"{SPACE}/portefeuilles", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def portfolios() -> ResponseReturnValue:
    """Give all the pairs of somebody to a colleague, in one action, or those that are ticked; the page says first what leaves.

    Whoever sets the space up gives anybody's pairs, the others their own.
    """
    anybodys = current_member.can(Permission.SET_SPACE_UP)
    given = given_by(current_member.user_id, anybodys)
    form, held, everybody = PortfolioForm(), sizes(given), staff_of_space()
    givers = [(str(one.id), f"{one.full_name} ({held[one.id]})") for one in everybody if held.get(one.id)]
    if held.get(None):
        givers.append((NOBODY, _("Personne (%(count)s)", count=held[None])))
    form.giver.choices = options(givers)
    form.receiver.choices = options((str(one.id), one.full_name) for one in team() if anybodys or one != current_staff())
    if not form.is_submitted() and len(givers) == 1:
        form.giver.data = givers[0][0]
    theirs = pairs_to_choose(form, given)
    if form.validate_on_submit() and not form.choose.data:
        giver, receiver = giver_of(form), get_or_404(Staff, UUID(form.receiver.data))
        only = {UUID(key) for key in form.pairs.data or []} if form.is_chosen.data else None
        try:
            pairs = going(giver, receiver, given, only)
        except DomainError as error:
            form.receiver.errors = [str(error)]
        else:
            return handed(form, pairs, receiver, held[giver.id if giver else None] if only is None else len(only))
    return render_form("followup/portfolios.html", form=form, anybodys=anybodys, is_choosing=bool(theirs))


def handed(form: PortfolioForm, pairs: Sequence[Pair], receiver: Staff, asked: int) -> ResponseReturnValue:
    """Say what leaves, and to how many; then, where that was read, hand these pairs over. `asked`: how many were to go."""
    if "sure" not in request.form:
        return render_template(
            "followup/portfolio_sure.html",
            form=form,
            pairs=pairs,
            receiver=receiver,
            told=len(told(pairs)),
            staying=asked - len(pairs),
        )
    hand_portfolio(pairs, receiver, current_member.user_id)
    flash(ngettext("%(num)d binôme est confié.", "%(num)d binômes sont confiés.", len(pairs)))
    return see_other("followup.portfolios")


def giver_of(form: PortfolioForm) -> Staff | None:
    """Whose pairs go; None: those of nobody."""
    return get_or_404(Staff, UUID(form.giver.data)) if is_uuid(form.giver.data) else None


def pairs_to_choose(form: PortfolioForm, given: ColumnElement[bool]) -> bool:
    """Offer the pairs of the giver, all ticked at first, where one asks to choose. Whether there are some to choose from."""
    asked = form.choose.data or form.is_chosen.data
    if not asked or form.giver.data not in {choice.value for choice in form.giver.choices}:
        return False
    rows = db.session.scalars(followed_by(giver_of(form), given)).all()
    form.pairs.choices = options((str(pair.id), pair.title) for pair in rows)
    if form.choose.data:
        form.pairs.data = [str(pair.id) for pair in rows]
    form.is_chosen.data = "1"
    return bool(rows)


@bp.route(f"{SPACE}/reglages/suivi", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def follow_up_rules() -> ResponseReturnValue:
    """The association's rhythms, grids and ready answers."""
    if request.method == "POST":
        hold(FollowUpSettings)
    form = FollowUpForm.of(settings())
    if form.validate_on_submit() and (changed := form.changed(settings())) is not None:
        choose(current_member.user_id, **changed)
        flash(_("C'est noté. Les appels suivent ces règles à la prochaine heure."))
        return see_other("followup.follow_up_rules")
    return render_form("followup/settings.html", form=form)
