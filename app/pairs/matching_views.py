"""Matching: start a run, read its proposals side by side, decide; and the weights of each reason."""

from types import SimpleNamespace
from typing import Any, Self
from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, RadioField
from wtforms.validators import InputRequired, NumberRange

from app.accounts.forms import ConfirmForm
from app.accounts.permissions import Permission
from app.accounts.queries import current_member, current_staff
from app.errors import DomainError
from app.fields import CHOOSE_ONE, Text, WholeNumber, options
from app.gate import requires
from app.late import RowForm
from app.leads.words import NEEDS_SHORT
from app.paging import paginate
from app.people.words import INTERESTS
from app.tenants.choices import hold
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import get_or_404, render_form, see_other, today

from . import interest, proposals, settings
from .actions import kept_apart
from .blueprint import SPACE, bp
from .conditions import missing
from .forms import PlanForm, ReasonForm
from .matching_models import MatchRun, Proposal, ProposalState
from .models import PairSettings
from .reasons import CONDITIONS, WEIGHT_WORDS, said_against, said_reasons

DECISIONS = ("approve", "dismiss", "pin", "unpin")


class SettingsForm(RowForm):
    """How much each reason weighs, who is asked first, how long, and what the count takes away."""

    first = RadioField(
        _l("Qui est sollicité en premier ?"),
        choices=options({"mentee": _l("Le ou la jeune"), "mentor": _l("Le mentor ou la mentore")}),
        validators=[InputRequired(CHOOSE_ONE)],
    )
    answer_days = WholeNumber(
        _l("Jours pour répondre"), validators=[InputRequired(_l("Un nombre de jours.")), NumberRange(2, 30, _l("De 2 à 30."))]
    )
    sign_days = WholeNumber(
        _l("Jours pour signer la convention"),
        validators=[InputRequired(_l("Un nombre de jours.")), NumberRange(2, 60, _l("De 2 à 60."))],
    )
    deduct_pauses = BooleanField(_l("Déduire les pauses du décompte"))
    closing_word = Text(_l("Vos mots dans le message de fin, envoyé aux deux (facultatif)"), longest=600)
    deduct_silent = BooleanField(_l("Ne pas compter un mois sans rendez-vous"))

    @classmethod
    def of(cls, row: settings.Choices) -> Self:
        """The form of the choices in force, filled with what they say."""
        return super().of(as_typed(row))

    @property
    def weights(self) -> dict[str, Any]:
        """How much each reason weighs on the page."""
        return {name: self[name].data for name in WEIGHT_WORDS}

    def changed(self, row: settings.Choices) -> dict[str, Any] | None:
        """What was changed on the page; None where somebody else changed the same."""
        found = super().changed(as_typed(row))
        if found is None:
            return None
        weights = {name: found.pop(name) for name in WEIGHT_WORDS if name in found}
        return {**found, **({"weights": row.weights | weights} if weights else {})}


def as_typed(choices: settings.Choices) -> SimpleNamespace:
    """What the form shows of the choices: each weight in a field of its own."""
    return SimpleNamespace(**settings.stored(choices), **choices.weights)


for _name, _words in WEIGHT_WORDS.items():
    setattr(
        SettingsForm,
        _name,
        WholeNumber(_words, validators=[InputRequired(_l("Un nombre de 0 à 100.")), NumberRange(0, 100, _l("De 0 à 100."))]),
    )


@bp.route(f"{SPACE}/rapprochements", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def matching() -> ResponseReturnValue:
    """The runs; start one."""
    if ConfirmForm().validate_on_submit():
        run = proposals.start_run(current_member.user_id)
        return see_other("pairs.match_run", run_id=run.id)
    return render_template(
        "pairs/matching.html",
        runs=proposals.last_runs(),
        form=ConfirmForm(),
        weights=settings.settings().weights,
        words=WEIGHT_WORDS,
    )


@bp.route(f"{SPACE}/rapprochements/<uuid:run_id>")
@requires(Permission.FOLLOW_PAIRS)
def match_run(run_id: UUID) -> ResponseReturnValue:
    """How far a run is, then its proposals."""
    run = get_or_404(MatchRun, run_id)
    page = paginate(proposals.proposals_of(run))
    said = {row.id: said_reasons(row.reasons, short=True) for row in page.rows}
    return render_template("pairs/match_run.html", run=run, page=page, said=said)


@bp.route(f"{SPACE}/rapprochements/<uuid:run_id>/avancement")
@requires(Permission.FOLLOW_PAIRS)
def match_progress(run_id: UUID) -> ResponseReturnValue:
    """The part of the page that moves."""
    return render_template("pairs/match_progress.html", run=get_or_404(MatchRun, run_id))


@bp.route(f"{SPACE}/rapprochements/<uuid:run_id>/sans-proposition")
@requires(Permission.FOLLOW_PAIRS)
def without_match(run_id: UUID) -> ResponseReturnValue:
    """Who has no proposal, and why."""
    run = get_or_404(MatchRun, run_id)
    return render_template("pairs/without_match.html", run=run, rows=proposals.without_one(run), conditions=CONDITIONS)


@bp.route(f"{SPACE}/propositions/<uuid:proposal_id>", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def proposal(proposal_id: UUID) -> ResponseReturnValue:
    """Two people side by side, with reasons for and against, and the next best; approve, dismiss or pin."""
    row = get_or_404(Proposal, proposal_id)
    decision, refusal = request.form.get("decision"), ""
    form = PlanForm() if decision in {None, "approve"} else PlanForm(formdata=None)
    dismissal = ReasonForm(prefix="ecart") if decision == "dismiss" else ReasonForm(prefix="ecart", formdata=None)
    if decision in DECISIONS:
        try:
            done = decide(row, decision, form, dismissal)
        except DomainError as error:
            refusal = str(error)
        else:
            if done is not None:
                return done
    if form.starts_on.data is None and decision != "approve":
        form.starts_on.data, form.planned_months.data, form.rhythm.data = today(), settings.settings().needed, "fortnightly"
    page = proposal_page(row, form, dismissal, refusal)
    return (page, 422) if refusal or form.errors or dismissal.errors else page


def proposal_page(row: Proposal, form: PlanForm, dismissal: ReasonForm, refusal: str) -> str:
    """The two side by side; what nothing can gather is said first, and they cannot be approved."""
    around = proposals.around(row)
    lacking = missing(row.mentor, row.mentee, today()) if row.state != ProposalState.APPROVED else []
    apart = kept_apart(row.mentor, row.mentee) if row.state != ProposalState.APPROVED else []
    barred = " ".join([*(piece.sentence for piece in lacking if piece.bars_asking), *apart])
    return render_template(
        "pairs/proposal.html",
        form=form,
        dismissal=dismissal,
        row=row,
        around=around,
        wish=proposals.wish_of(row.mentee_id, row.mentor_id),
        said=said_reasons(row.reasons),
        against=said_against(row, lacking),
        refusal=refusal or barred,
        is_barred=bool(barred),
        is_apart=bool(apart),
        others={other.id: said_reasons(other.reasons, short=True) for other in around},
        needs=NEEDS_SHORT,
        interests=INTERESTS,
        is_draft=row.state == ProposalState.DRAFT,
    )


def decide(row: Proposal, decision: str, form: PlanForm, dismissal: ReasonForm) -> ResponseReturnValue | None:
    """Do what was decided; None when the form has to be shown again."""
    by = current_member.user_id
    if decision == "approve" and form.validate_on_submit():
        pair = proposals.approve(row, form.plan, current_staff(), by)
        flash(_("Approuvé.") + " " + interest.said_of_question(pair))
        return see_other("pairs.show", pair_id=pair.id)
    if decision == "dismiss" and dismissal.validate_on_submit():
        proposals.dismiss(row, dismissal.reason.data, by)
        flash(_("Écarté : ces deux personnes ne seront plus proposées ensemble."))
        return see_other("pairs.match_run", run_id=row.run_id)
    if decision in {"pin", "unpin"} and ConfirmForm().validate_on_submit():
        if decision == "pin":
            proposals.wish(row.mentee, row.mentor, True, "", by)
            flash(_("Épinglé : le prochain calcul les rapprochera."))
        else:
            proposals.unwish(row.mentee_id, row.mentor_id)
            flash(_("L'épingle est retirée."))
        return see_other("pairs.proposal", proposal_id=row.id)
    return None


@bp.route(f"{SPACE}/reglages", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def pair_settings() -> ResponseReturnValue:
    """How people are brought together and counted here; with a preview of what other weights would change."""
    is_preview = "preview" in request.form
    if request.method == "POST" and not is_preview:
        hold(PairSettings)
    form = SettingsForm.of(settings.settings())
    preview = None
    if form.validate_on_submit():
        if is_preview:
            try:
                preview = proposals.preview(form.weights)
            except DomainError as error:
                form.first.errors = [str(error)]
        elif (changed := form.changed(settings.settings())) is not None:
            settings.choose(current_member.user_id, **changed)
            flash(_("Les réglages sont enregistrés. Ils valent à partir de maintenant."))
            return see_other("pairs.pair_settings")
    return render_form("pairs/settings.html", form=form, words=WEIGHT_WORDS, preview=preview)
