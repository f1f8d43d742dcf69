"""The operator's desk: requests, orientation by hand, associations in figures."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import Blueprint, abort, flash, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.forms import ConfirmForm
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.database import hold_row
from app.errors import DomainError
from app.extensions import db
from app.fields import options
from app.gate import locks_out, requires
from app.leads import actions, alarms, desk, doubles
from app.leads.double_views import compare
from app.leads.guardian_views import contact_page, set_contact
from app.leads.models import Lead, LeadState
from app.leads.offer_forms import lacking
from app.leads.orientation import departements_served
from app.leads.queries import (
    Filters,
    Need,
    answer_pace,
    associations,
    counts_by_state,
    current_orientation,
    elsewhere,
    figures_by_association,
    history_of,
    leads_in,
    loads_of,
    needs_by_departement,
    order_of,
    orientations_of,
    tenant_names,
    why_chosen,
)
from app.leads.words import ENDS, OBSTACLES, WAITING_REASONS, LeadKind
from app.mail import refusals
from app.paging import paginate_by_key
from app.people import rules as gate
from app.people.forms import chosen_rules, rule_forms
from app.people.words import AUDIENCES, CHECKS, PIECES
from app.periods import file_of_period, page_of_period
from app.sheets import as_file
from app.tenants.models import Tenant
from app.tenants.resolve import current_tenant
from app.territory.queries import departement_names, fold, region_choices
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.translation import ngettext
from app.web import flash_done, get_or_404, is_uuid, render_form, see_other, today

from . import gathering
from .activity import report as activity_report
from .forms import EndForm, MinimumForm, OrientForm, RulesForm
from .report import report

bp = Blueprint("programme", __name__, url_prefix="/a/<slug:slug>")
connected = (gathering,)  # imported for its jobs
STATES = {
    LeadState.WAITING: _l("En attente"), LeadState.ORIENTED: _l("Orientées"), LeadState.WAITLISTED: _l("En liste d'attente"),
    LeadState.ACCEPTED: _l("Acceptées"), LeadState.LAPSED: _l("Arrêtées"), LeadState.WITHDRAWN: _l("Retirées"),
    LeadState.JOINED: _l("Réunies"),
}  # fmt: skip
# Of the others the programme reads figures, nobody. Who was ended is still to be told, or to be found again.
SENT = frozenset({LeadState.ORIENTED, LeadState.WAITLISTED, LeadState.ACCEPTED})
NAMED = (LeadState.WAITING, LeadState.ORIENTED, LeadState.WAITLISTED, LeadState.LAPSED)


@bp.route("/orientation")
@requires(Permission.ORIENT_LEADS)
def queue() -> ResponseReturnValue:
    """The public's requests: what waits, and why."""
    filters = filters_of(request.args)
    state, kept = filters.state, kept_of(filters)
    page = paginate_by_key(leads_in(filters), order_of(state))
    sent = state in SENT
    return render_template(
        "programme/queue.html", page=page, counts=counts_by_state(), state=state, filters=filters, kept=kept,
        is_named=state in NAMED, elsewhere=elsewhere(filters, NAMED) if kept and not page.rows else {}, tabs_of=STATES,
        ended=desk.ends_by_reason() if state == LeadState.LAPSED else {},
        ends_of=desk.ends_of(page.rows) if state == LeadState.LAPSED else {},
        unheard=alarms.unheard(current_member.user_id) if state == LeadState.WAITING else (),
        orientations=orientations_of(page.rows) if sent else {}, tenants=tenant_names() if sent else {}, form=ConfirmForm(),
    )  # fmt: skip


def filters_of(asked: Mapping[str, str]) -> Filters:
    """What the address says; what it says wrongly, or of people whom the programme does not read, is left out."""
    state, kind = asked.get("etat"), asked.get("qui")
    state = state if state in STATES else LeadState.WAITING
    reason, association = asked.get("motif", ""), asked.get("chez", "")
    return Filters(
        state,
        kind if kind in set(LeadKind) else None,
        asked.get("q", "")[:80] if state in NAMED else "",
        departement=departement_of(asked.get("dep", "")),
        reason=reason if state == LeadState.WAITING and reason in WAITING_REASONS else "",
        proposed_to=UUID(association) if state in SENT and is_uuid(association) else None,
    )


def departement_of(typed: str) -> str:
    """The code of a département, typed as a number or by its name."""
    name = fold(typed)
    if name.isdigit() or len(name) < 3:
        return name.upper().zfill(2) if name else ""
    return next((code for code, known in departement_names() if fold(known) == name), name.upper()[:3])


def kept_of(filters: Filters) -> dict[str, str]:
    """The same as a query string, without the state and what narrows nothing."""
    said = {
        "qui": filters.kind,
        "q": filters.typed,
        "dep": filters.departement,
        "motif": filters.reason,
        "chez": filters.proposed_to,
    }
    return {name: str(value) for name, value in said.items() if value}


@bp.route("/orientation/reprise", methods=["POST"])
@requires(Permission.ORIENT_LEADS)
def retry() -> ResponseReturnValue:
    """Try again to orient what waits: an association may have opened, or a month begun."""
    count = actions.orient_waiting(current_tenant, today())
    if count:
        flash(_("Demandes orientées : %(count)s.", count=count))
    else:
        flash(
            _(
                "Rien n'est parti à l'instant : la raison est écrite sur chaque ligne. Quand la file est longue, la suite est "
                "essayée dans les minutes qui viennent."
            ),
            "warning",
        )
    return see_other("programme.queue")


@bp.route("/orientation/<uuid:lead_id>", methods=["GET", "POST"])
@requires(Permission.ORIENT_LEADS)
def lead(lead_id: UUID) -> ResponseReturnValue:
    """One request: its history, who could take it and why, and orienting it by hand. Answered, nothing says who asked."""
    lead, form = get_or_404(Lead, lead_id), OrientForm()
    if request.method == "POST" and lead.state != LeadState.WAITING:  # a page that was open before somebody else did it
        flash(_("Cette demande n'attend plus : voici où elle en est."), "warning")
        return see_other("programme.lead", lead_id=lead.id)
    orientation = current_orientation(lead) if lead.state in {LeadState.ORIENTED, LeadState.WAITLISTED} else None
    candidates = actions.candidates_for(lead, today()) if lead.state == LeadState.WAITING else []
    form.association.choices = options(
        (str(c.tenant.id), f"{c.tenant.name} ({OBSTACLES[c.said]})" if c.said else c.tenant.name) for c in candidates if c.may_agree
    )
    if form.validate_on_submit():
        try:
            actions.orient_by_hand(
                lead, UUID(form.association.data), current_tenant, today(), by=current_member.user_id, reason=form.reason.data
            )
        except DomainError as error:
            form.association.errors = [str(error)]
        else:
            flash(_("La demande part vers l'association."))
            return see_other("programme.lead", lead_id=lead.id)
    return render_form(
        "programme/lead.html",
        form=form,
        lead=lead,
        is_named=lead.state in NAMED,
        orientation=orientation,
        taken_back=orientation is not None and desk.is_taken_back(orientation),
        candidates=candidates,
        history=history_of(lead),
        refusals=refusals([lead.email, lead.guardian_email]) if lead.state in NAMED else {},
        why=why_chosen(lead, in_words=lead.state in NAMED),
        first=doubles.first_of(lead),
        joined=doubles.joined_to(lead),
        correct_guardian=contact_page(lead, "programme.guardian_contact"),
        confirm=ConfirmForm(),
        tenants=tenant_names(),
    )


@bp.route("/orientation/<uuid:lead_id>/representant", methods=["GET", "POST"])
@requires(Permission.ORIENT_LEADS)
def guardian_contact(lead_id: UUID) -> ResponseReturnValue:
    """How to reach who represents a minor, while they have not agreed."""
    return set_contact(get_or_404(Lead, lead_id), "programme.lead")


@bp.route("/orientation/<uuid:lead_id>/comparaison", methods=["GET", "POST"])
@requires(Permission.ORIENT_LEADS)
def comparison(lead_id: UUID) -> ResponseReturnValue:
    """Compare a request with the one that it repeats."""
    return compare(get_or_404(Lead, lead_id), "programme.lead")


@bp.route("/orientation/<uuid:lead_id>/distincte", methods=["POST"])
@requires(Permission.ORIENT_LEADS)
def distinct(lead_id: UUID) -> ResponseReturnValue:
    """Let a request go its own way: the one that it repeated is over, or was somebody else's."""
    doubles.separate(get_or_404(Lead, lead_id), current_tenant, current_member.user_id)
    flash(_("La demande continue."))
    return see_other("programme.lead", lead_id=lead_id)


@bp.route("/orientation/<uuid:lead_id>/fin", methods=["GET", "POST"])
@requires(Permission.ORIENT_LEADS)
def ending(lead_id: UUID) -> ResponseReturnValue:
    """End a request that nobody can serve, with a reason that the person reads."""
    lead, form = get_or_404(Lead, lead_id), EndForm()
    form.reason.choices = options({code: words for code, words in ENDS.items() if code != "guardian" or lead.is_minor_on(today())})
    if lead.state != LeadState.WAITING:  # it may be somebody whom the programme does not read any more
        if lead.state != LeadState.LAPSED:
            flash(desk.not_waiting(), "warning")
        return see_other("programme.lead", lead_id=lead.id)
    if form.validate_on_submit():
        try:
            desk.end(lead, form.reason.data, current_tenant, current_member.user_id)
        except DomainError as error:
            form.reason.errors = [str(error)]
        else:
            flash(
                _("La demande est arrêtée, et la personne le sait.")
                if lead.mailbox
                else _("La demande est arrêtée : prévenez la personne.")
            )
            return see_other("programme.lead", lead_id=lead.id)
    return render_form("programme/ending.html", form=form, lead=lead)


@bp.route("/orientation/<uuid:lead_id>/reouverture", methods=["POST"])
@requires(Permission.ORIENT_LEADS)
def reopening(lead_id: UUID) -> ResponseReturnValue:
    """A request that was ended looks for an association again."""
    flash_done(
        lambda: desk.reopen(get_or_404(Lead, lead_id), current_tenant, today(), current_member.user_id),
        _("La demande est rouverte."),
    )
    return see_other("programme.lead", lead_id=lead_id)


@bp.route("/orientation/<uuid:lead_id>/rappel", methods=["POST"])
@requires(Permission.ORIENT_LEADS)
def taking_back(lead_id: UUID) -> ResponseReturnValue:
    """Take a request back from an association that has not answered."""
    flash_done(
        lambda: desk.take_back(get_or_404(Lead, lead_id), current_member.user_id),
        _("La demande revient dans votre file dans un instant, sauf si l'association l'accepte avant."),
    )
    return see_other("programme.lead", lead_id=lead_id)


@bp.route("/territoires")
@requires(Permission.SEE_ASSOCIATIONS)
def territories() -> ResponseReturnValue:
    """Where people ask, where they offer, and who serves the place: a picture and its table, where most wait first."""
    return render_template("programme/territories.html", needs=by_waiting(), served=who_serves(), names=dict(departement_names()))


@bp.route("/territoires/export/<any(csv, xlsx):form>")
@requires(Permission.SEE_ASSOCIATIONS)
def territories_file(form: str) -> ResponseReturnValue:
    """The same for a spreadsheet."""
    served, names = who_serves(), dict(departement_names())
    head = [_("Code"), _("Département"), _("Jeunes"), _("Mentors"), _("Attendent"), _("Associations")]
    rows = (
        [need.code, names.get(need.code, ""), need.mentees, need.mentors, need.waiting, ", ".join(served.get(need.code, []))]
        for need in by_waiting()
    )
    return as_file(form, f"territoires-{today()}", [head, *rows])


def by_waiting() -> Sequence[Need]:
    """What each département asks and offers, where most wait first."""
    return sorted(needs_by_departement(), key=lambda need: -need.waiting)


def who_serves() -> dict[str, list[str]]:
    """The associations to which something can be sent, by the départements that they serve."""
    serving: dict[str, list[str]] = {}
    for association in associations():
        for code in () if association.is_paused(today()) or lacking(association) else departements_served(association):
            serving.setdefault(code, []).append(association.name)
    return serving


@bp.route("/regles", methods=["GET", "POST"])
@requires(Permission.SET_RULES)
def rules() -> ResponseReturnValue:
    """The deadlines that hold for every association; requests that are already on their way keep theirs."""
    tenant = db.session.get_one(Tenant, current_tenant.id)
    form = RulesForm.of(tenant)
    is_right = form.validate_on_submit() and not locks_out(form, tenant)
    if is_right and (changed := form.changed(hold_row(tenant, key_share=True))) is not None:
        for name, value in changed.items():
            setattr(tenant, name, value)
        flash(_("Les règles sont enregistrées."))
        return see_other("programme.rules")
    return render_form("programme/rules.html", form=form)


@bp.route("/regles/avant-rencontre", methods=["GET", "POST"])
@requires(Permission.SET_RULES)
def minimum() -> ResponseReturnValue:
    """What every association asks of its mentors before a first meeting, from now on; what the law asks stays."""
    if request.method == "POST":
        gate.hold_rules()
    now = gate.minimum()
    current = gate.rules_of(now.rules)
    forms, note = rule_forms(current), MinimumForm.of(now.number)
    if request.method == "POST" and all([form.validate() for form in forms.values()] + [note.validate()]):
        made = gate.set_minimum(chosen_rules(forms, current), note.note.data)
        flash(_("Ce minimum vaut dès maintenant dans chaque association.") if made else _("Rien n'a changé."))
        return see_other("programme.minimum")
    page = render_template(
        "programme/minimum.html",
        forms=forms,
        note=note,
        words=PIECES,
        dated=CHECKS,
        number=now.number,
        past=gate.minimums(),
        audiences=AUDIENCES,
    )
    return (page, 422) if note.errors or any(form.errors for form in forms.values()) else page


@bp.route("/associations/bilan")
@requires(Permission.SEE_ASSOCIATIONS)
def figures_of_period() -> ResponseReturnValue:
    """What the public asked in a period and what became of it, as pictures with their tables."""
    return page_of_period("programme/report.html", report)


@bp.route("/associations/bilan/<any(csv, xlsx):form>")
@requires(Permission.SEE_ASSOCIATIONS)
def file_of_figures(form: str) -> ResponseReturnValue:
    """The same for a spreadsheet."""
    return file_of_period(form, "programme/report.html", report)


@bp.route("/associations/activite")
@requires(Permission.SEE_ASSOCIATIONS)
def activity() -> ResponseReturnValue:
    """What the associations did in the months of a period."""
    return page_of_period("programme/activity.html", activity_report, by_month=True)


@bp.route("/associations/activite/<any(csv, xlsx):form>")
@requires(Permission.SEE_ASSOCIATIONS)
def file_of_activity(form: str) -> ResponseReturnValue:
    """The same for a spreadsheet."""
    return file_of_period(form, "programme/activity.html", activity_report, "activite", by_month=True)


@bp.route("/associations")
@requires(Permission.SEE_ASSOCIATIONS)
def index() -> ResponseReturnValue:
    """Each association in figures: what it was sent this month, what it answered, what room is left."""
    rows, day = associations(), today()
    return render_template(
        "programme/associations.html", associations=rows, figures=figures_by_association(day), pace=answer_pace(),
        territories={row.id: territory_of(row) for row in rows},
        sent={kind: loads_of(kind, day) for kind in LeadKind},
    )  # fmt: skip


@bp.route("/associations/suspension", methods=["POST"])
@requires(Permission.SET_RULES)
def suspension() -> ResponseReturnValue:
    """Send nothing more to an association, or again; what it has already stays there until it is taken back."""
    asked = request.args.get("association", "")
    one = next((one for one in associations() if str(one.id) == asked), None) or abort(404)
    one = hold_row(one, key_share=True)
    one.suspended_on = None if request.args.get("reprise") else one.suspended_on or today()
    said = {"name": one.name}
    flash(
        _("Rien n'est plus confié à %(name)s. Ce qui lui a été confié y reste : reprenez-le demande par demande.", **said)
        if one.suspended_on
        else _("%(name)s reçoit de nouveau des demandes.", **said)
    )
    return see_other("programme.index")


def territory_of(association: Tenant) -> list[str]:
    """Where an association is, in words: départements by their codes, regions by their names, how many communes."""
    names = dict(region_choices())
    served = [*association.departements, *(names.get(code, code) for code in association.regions)]
    if number := len(association.communes):
        served.append(ngettext("%(num)d commune", "%(num)d communes", number))
    return [*served, *([_("toute la France à distance")] if association.all_france else [])]
