"""The association's inbox: who waits for an answer, who has the request, reaching the person, answering."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.accounts.forms import ConfirmForm
from app.accounts.permissions import Permission
from app.accounts.queries import current_member, roles_in_space, staff_of_space
from app.errors import DomainError
from app.extensions import db
from app.gate import refuse_own, requires
from app.mail import refusals
from app.paging import paginate_by_key
from app.tenants.models import Staff
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import day, find, flash_done, get_or_404, is_uuid, render_form, see_other, today

from . import (
    actions,
    alarms,
    clock,
    contacts,
    deadlines,
    double_views,
    doubles,
    entry_views,
    form_views,
    guardian_views,
    import_views,
    lost_views,
    offer_views,
    outreach_views,
    tracking_views,
)
from .answer_forms import AttemptForm, DeclineForm, SaveViewForm, WaitlistForm
from .blueprint import bp
from .models import TO_ANSWER, Lead, LeadState, SavedView
from .offer_forms import lacking
from .own import is_about, own_among
from .queries import NOBODY, Filters, count_declines, counts_by_state, elsewhere, history_of, leads_in, order_of, views_of
from .words import LeadKind

__all__ = [
    "bp",
    "deadlines",
    "double_views",
    "entry_views",
    "form_views",
    "guardian_views",
    "import_views",
    "lost_views",
    "offer_views",
    "outreach_views",
    "tracking_views",
]  # fmt: skip
TABS = {
    LeadState.RECEIVED.value: _l("À répondre"), LeadState.WAITLISTED.value: _l("Liste d'attente"),
    LeadState.ACCEPTED.value: _l("Acceptées"), LeadState.WITHDRAWN.value: _l("Retirées"),
    LeadState.LAPSED.value: _l("Sans réponse"),
}  # fmt: skip
KEPT = ("etat", "qui", "chez", "tard", "essai")  # what a view keeps: what was typed names somebody
FILTERS = (*KEPT, "q")  # what the address of the inbox says
MOST_AT_ONCE = 200


def filters_of(args: Mapping[str, str], staff: Sequence[Staff]) -> Filters:
    """What the address says; what it says wrongly is left out."""
    state = args["etat"] if args.get("etat") in TABS else LeadState.RECEIVED
    kind, held = args.get("qui"), args.get("chez", "")
    whose = {"moi": current_member.user_id, "personne": NOBODY}
    return Filters(
        state=state,
        kind=kind if kind in set(LeadKind) else None,
        typed=args.get("q", "")[:80],
        held_by=whose.get(held) or next((one.user_id for one in staff if str(one.user_id) == held), None),
        is_late=state in TO_ANSWER and args.get("tard") == "1",
        to_try=state in TO_ANSWER and args.get("essai") == "1",
    )


@bp.route("/a/<slug:slug>/demandes")
@requires(Permission.ANSWER_LEADS)
def inbox() -> ResponseReturnValue:
    """What waits for our answer, the most urgent first."""
    staff = staff_of_space()
    filters, answering = filters_of(request.args, staff), roles_in_space()
    page = paginate_by_key(leads_in(filters), order_of(filters.state))
    return render_template(
        "leads/inbox.html",
        reasons=DeclineForm.REASONS,
        nothing=lacking(current_tenant),
        page=page,
        elsewhere=elsewhere(filters, TABS) if filters.typed and not page.rows else {},
        tabs_of=TABS,
        filters=filters,
        kept=kept_filters(),
        counts=counts_by_state(),
        unheard=alarms.unheard(current_member.user_id),
        declines=count_declines() if filters.state == LeadState.RECEIVED else {},
        staff=[one for one in staff if one.user_id in answering],
        names={one.user_id: one.full_name for one in staff},
        views=views_of(current_member.user_id),
        save_form=SaveViewForm(formdata=None),
        is_answerable=filters.state in TO_ANSWER,
    )


@bp.route("/a/<slug:slug>/demandes/vues", methods=["POST"])
@requires(Permission.ANSWER_LEADS)
def save_view() -> ResponseReturnValue:
    """Keep the filters of the list under a name; the same name again replaces them."""
    kept = {name: request.args[name][:80] for name in KEPT if request.args.get(name)}
    form = SaveViewForm()
    if not form.validate_on_submit():
        flash(str(next(iter(form.name.errors), _("Donnez un nom à cette vue."))), "warning")
        return back_to_list()
    known = db.session.scalar(
        select(SavedView).where(SavedView.user_id == current_member.user_id, SavedView.name == form.name.data)
    )
    if known is None:
        db.session.add(SavedView(user_id=current_member.user_id, name=form.name.data, filters=kept))
    else:
        known.filters = kept
    flash(_("La vue « %(name)s » est gardée.", name=form.name.data))
    return see_other("leads.inbox", **kept)


@bp.route("/a/<slug:slug>/demandes/vues/<uuid:view_id>/oubli", methods=["POST"])
@requires(Permission.ANSWER_LEADS)
def forget_view(view_id: UUID) -> ResponseReturnValue:
    """Forget one of my own views."""
    view = get_or_404(SavedView, view_id)
    if view.user_id != current_member.user_id:
        abort(404)
    db.session.delete(view)
    flash(_("La vue « %(name)s » est oubliée.", name=view.name))
    return see_other("leads.inbox")


@bp.route("/a/<slug:slug>/demandes/lot", methods=["POST"])
@requires(Permission.ANSWER_LEADS)
def bulk() -> ResponseReturnValue:
    """Assign, accept, or give back with a reason, every request that is ticked; those that somebody answered meanwhile are left.

    Whoever is accepted is invited, and what is given back is gone from here: a page asks first.
    """
    ticked = [UUID(value) for value in request.form.getlist("demande")[:MOST_AT_ONCE] if is_uuid(value)]
    act = bulk_action(request.form.get("action", ""))
    leads = db.session.scalars(select(Lead).where(Lead.id.in_(ticked), Lead.state.in_(TO_ANSWER)).order_by(Lead.id)).all()
    if act is None or not leads:
        flash(_("Cochez des demandes, puis choisissez ce qu'il faut en faire."), "warning")
        return back_to_list()
    verb, _colon, reason = request.form["action"].partition(":")
    if verb != "assign" and "sure" not in request.form:
        return render_template(
            "leads/answering.html", leads=leads, action=request.form["action"], reason=reason, kept=kept_filters()
        )
    done, refused = 0, ""
    own = own_among(leads, current_member.user_id)
    for lead in leads:  # always in the same order: two people who tick the same ones wait for each other, not in a ring
        try:
            refuse_own(lead.id in own)
            act(lead)
        except DomainError as error:
            refused = str(error)
        else:
            done += 1
    if done:
        flash(_("Demandes traitées : %(count)s.", count=done))
    if refused:
        flash(refused, "warning")
    return back_to_list()


def bulk_action(chosen: str) -> Callable[[Lead], None] | None:
    """What « assign:<account> », « accept: » or « decline:<reason> » does to a request; None when it is none of them."""
    verb, colon, what = chosen.partition(":")
    if chosen == "accept:":
        return lambda lead: actions.accept(lead, by=current_member.user_id)
    if verb == "assign" and colon and (not what or is_uuid(what)):
        return lambda lead: contacts.assign(lead, UUID(what) if what else None, current_member.user_id)
    if verb == "decline" and what in DeclineForm.REASONS:
        return lambda lead: actions.decline(lead, what)
    return None


def back_to_list() -> ResponseReturnValue:
    return see_other("leads.inbox", **kept_filters())


def kept_filters() -> dict[str, str]:
    """What the address of the list says."""
    return {name: request.args[name] for name in FILTERS if request.args.get(name)}


@bp.route("/a/<slug:slug>/demandes/<uuid:lead_id>")
@requires(Permission.ANSWER_LEADS)
def show(lead_id: UUID) -> ResponseReturnValue:
    """Read a request, reach the person, answer."""
    lead = get_or_404(Lead, lead_id)
    return show_lead(lead, AttemptForm(formdata=None))


def show_lead(lead: Lead, form: AttemptForm) -> ResponseReturnValue:
    first, joined = doubles.first_of(lead), doubles.joined_to(lead)
    repeated = find(Lead, lead.same_as) if lead.same_as else None
    is_own = is_about(lead, current_member.user_id, by_name=False, around=[*joined, *([repeated] if repeated else ())])
    attempts = [] if is_own else contacts.attempts_of(lead)
    staff, answering = staff_of_space(), roles_in_space()
    return render_form(
        "leads/lead.html", form=form, lead=lead, history=history_of(lead), attempts=attempts,
        staff=[one for one in staff if one.user_id in answering],
        names={one.user_id: one.full_name for one in staff}, out_of_reach=contacts.is_out_of_reach(attempts), confirm=ConfirmForm(),
        may_take_back=contacts.may_take_back,
        refusals=refusals([lead.email, lead.guardian_email]),
        first=first, has_left=first is not None and doubles.has_left(first), joined=joined,
        correct_guardian=guardian_views.contact_page(lead, "leads.guardian_contact"),
        may_set_contact=guardian_views.may_set_contact(lead),
    )  # fmt: skip


@bp.route("/a/<slug:slug>/demandes/<uuid:lead_id>/contacts", methods=["POST"])
@requires(Permission.ANSWER_LEADS)
def note_attempt(lead_id: UUID) -> ResponseReturnValue:
    """Write down that somebody tried to reach the person."""
    lead, form = get_or_404(Lead, lead_id), AttemptForm()
    if not form.validate_on_submit():
        return show_lead(lead, form)
    was_first = lead.contacted_at is None
    contacts.note_attempt(lead, form.result.data, form.note.data or None, form.next_on.data, current_member.user_id, today())
    done = [_("C'est noté, et la page de suivi de %(name)s le dit.", name=lead.first_name)]
    if was_first and lead.answer_by is not None:
        done.append(_("Vous avez jusqu'au %(day)s pour répondre.", day=day(lead.answer_by)))
    flash(" ".join([*done, _("Une erreur ? Retirez-le ci-dessous, dans le quart d'heure.")]))
    return see_other("leads.show", lead_id=lead.id)


@bp.route("/a/<slug:slug>/demandes/<uuid:lead_id>/contacts/<uuid:contact_attempt_id>/retrait", methods=["POST"])
@requires(Permission.ANSWER_LEADS)
def attempt_removal(lead_id: UUID, contact_attempt_id: UUID) -> ResponseReturnValue:
    """Take back an attempt that I have just noted, of another request for instance."""
    lead = get_or_404(Lead, lead_id)
    flash_done(
        lambda: contacts.take_back(lead, contact_attempt_id, current_member.user_id),
        _("C'est retiré : la demande est comme avant, et la page de suivi n'en dit plus rien."),
    )
    return see_other("leads.show", lead_id=lead.id)


@bp.route("/a/<slug:slug>/demandes/<uuid:lead_id>/dernier-message", methods=["POST"])
@requires(Permission.ANSWER_LEADS)
def last_mail(lead_id: UUID) -> ResponseReturnValue:
    """Write a last time to who cannot be reached."""
    lead = get_or_404(Lead, lead_id)
    contacts.send_last_mail(lead, current_member.user_id, today())
    flash(_("Le dernier message est parti. Sans réponse dans sept jours, rendez la demande."))
    return see_other("leads.show", lead_id=lead.id)


@bp.route("/a/<slug:slug>/demandes/<uuid:lead_id>/suivi-par", methods=["POST"])
@requires(Permission.ANSWER_LEADS)
def assignment(lead_id: UUID) -> ResponseReturnValue:
    """Say who has this request."""
    lead, chosen = get_or_404(Lead, lead_id), request.form.get("qui", "")
    if chosen and not is_uuid(chosen):
        abort(400)
    contacts.assign(lead, UUID(chosen) if chosen else None, current_member.user_id)
    flash(_("C'est noté."))
    return see_other("leads.show", lead_id=lead.id)


@bp.route("/a/<slug:slug>/demandes/<uuid:lead_id>/acceptation", methods=["POST"])
@requires(Permission.ANSWER_LEADS)
def acceptance(lead_id: UUID) -> ResponseReturnValue:
    """Take a request: it becomes a file."""
    lead = get_or_404(Lead, lead_id)
    actions.accept(lead, by=current_member.user_id)
    flash(_("La demande de %(name)s est acceptée : son dossier est ouvert.", name=lead.first_name))
    return see_other("leads.show", lead_id=lead.id)


def owed_or_409(lead_id: UUID) -> Lead:
    """A request of this space that still waits for an answer."""
    lead = get_or_404(Lead, lead_id)
    return lead if lead.state in TO_ANSWER else abort(409)


@bp.route("/a/<slug:slug>/demandes/<uuid:lead_id>/liste-d-attente", methods=["GET", "POST"])
@requires(Permission.ANSWER_LEADS)
def waiting_list(lead_id: UUID) -> ResponseReturnValue:
    """Put a request on the waiting list, or confirm that it still is, with a message to the person."""
    lead = owed_or_409(lead_id)
    form = WaitlistForm(lead)
    if form.validate_on_submit():
        try:
            actions.waitlist(lead, form.message.data, current_member.user_id, today())
        except DomainError as error:
            form.message.errors = [str(error)]
        else:
            flash(_("%(name)s est sur la liste d'attente, et le sait.", name=lead.first_name))
            return see_other("leads.show", lead_id=lead.id)
    return render_form("leads/waiting_list.html", form=form, lead=lead, by=clock.waits_until(lead, today()))


@bp.route("/a/<slug:slug>/demandes/<uuid:lead_id>/refus", methods=["GET", "POST"])
@requires(Permission.ANSWER_LEADS)
def refusal(lead_id: UUID) -> ResponseReturnValue:
    """Give a request back with a reason: the programme tries the next association."""
    lead = owed_or_409(lead_id)
    form, said = DeclineForm(), _("La demande est rendue.") if lead.orientation_id else _("La demande est déclinée.")
    if form.validate_on_submit():
        try:
            actions.decline(lead, form.reason.data)
        except DomainError as error:
            form.reason.errors = [str(error)]
        else:
            flash(said + " " + _("Il ne reste ici que la raison et la trace des messages partis."))
            return see_other("leads.inbox")
    return render_form("leads/refusal.html", form=form, lead=lead, tries=len(contacts.attempts_of(lead)))
