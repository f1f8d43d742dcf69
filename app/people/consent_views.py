"""A guardian's authorisation: their page behind a link, and what the team sends or prints for it."""

from uuid import UUID

from flask import abort, flash
from flask.typing import ResponseReturnValue

from app.accounts.forms import ConfirmForm
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.errors import DomainError
from app.extensions import limit_link
from app.gate import public, requires
from app.tenants.resolve import carries_tenant, current_tenant
from app.translation import gettext as _
from app.web import download, flash_done, get_or_404, leads_nowhere, render_form, see_other, today

from . import consent as consents
from . import guardians
from .blueprint import SPACE, bp
from .finding import find_person, to_file
from .forms import ConsentForm
from .letters import readers, whether_told
from .models import AuthorisationKind, Guardianship, Mentee
from .queries import mentee_of
from .words import AUTHORISATIONS


@bp.route("/autorisation/<token:token>", methods=["GET", "POST"])
@public
@carries_tenant
@limit_link
def consent(token: str) -> ResponseReturnValue:
    """The guardian reads what is asked, allows it, and sees what they allowed."""
    row = consents.guardianship_of(token) or leads_nowhere()
    person = guardians.person_of(row)
    given, offered = consents.in_force(person), consents.offered(person)
    asked = [kind for kind in offered if kind not in given] if consents.may_be_asked(row, today()) else []
    form = ConsentForm(asked, person.first_name, row.guardian.name)
    if form.validate_on_submit():
        try:
            is_noted = consents.give(row, [AuthorisationKind(kind) for kind in form.kinds.data or []], form.name.data)
        except DomainError as error:
            form.name.errors = [str(error)]
        else:
            if is_noted:
                flash(_("Merci. Votre autorisation est enregistrée."))
            else:
                flash(_("Merci. L'association doit d'abord vous parler : rien n'est autorisé pour l'instant."), "warning")
            return see_other("people.consent", token=token)
    return render_form(
        "people/consent.html", form=form, person=person, is_mentee=isinstance(person, Mentee), given=given, token=token,
        refused_at=row.refused_at if row.says_no else None, took_back=guardians.took_back(row),
        tenant=current_tenant, kinds=AUTHORISATIONS,
    )  # fmt: skip


@bp.route("/autorisation/<token:token>/refus", methods=["POST"])
@public
@carries_tenant
@limit_link
def consent_refusal(token: str) -> ResponseReturnValue:
    """The guardian does not authorise."""
    row = consents.guardianship_of(token) or leads_nowhere()
    if ConfirmForm().validate_on_submit():
        told = _("C'est noté : vous n'autorisez pas.") + " " + whether_told(readers(guardians.person_of(row)))
        flash_done(lambda: consents.refuse(row), told)
    return see_other("people.consent", token=token)


@bp.route("/autorisation/<token:token>/retrait/<any(participation, home, image):allowed>", methods=["POST"])
@public
@carries_tenant
@limit_link
def consent_withdrawal(token: str, allowed: str) -> ResponseReturnValue:
    """The guardian takes something back."""
    row = consents.guardianship_of(token) or leads_nowhere()
    if ConfirmForm().validate_on_submit():
        consents.withdraw(row, AuthorisationKind(allowed))
        flash(_("C'est noté : ce n'est plus autorisé.") + " " + whether_told(readers(guardians.person_of(row))))
    return see_other("people.consent", token=token)


@bp.route(f"{SPACE}/representants/<uuid:guardianship_id>/demande", methods=["POST"])
@requires(Permission.FOLLOW_PEOPLE)
def consent_asked(guardianship_id: UUID) -> ResponseReturnValue:
    """Send the link to a guardian."""
    row = get_or_404(Guardianship, guardianship_id)
    flash_done(lambda: consents.ask(row), _("Le lien est parti à %(address)s.", address=row.guardian.email or ""))
    return to_file(guardians.person_of(row))


@bp.route(f"{SPACE}/<any(jeunes, mentors):kind>/<uuid:person_id>/autorisation/formulaire")
@requires(Permission.FOLLOW_PEOPLE)
def consent_sheet(kind: str, person_id: UUID) -> ResponseReturnValue:
    """The sheet to print and sign."""
    person = find_person(kind, person_id)
    if not person.is_minor_on(today()):
        abort(404)
    return download(consents.sheet(person, guardians.names_of_guardians(person)), "autorisation.pdf", "application/pdf")


@bp.route(f"{SPACE}/mon-accord", methods=["GET", "POST"])
@requires(Permission.WRITE_TO_TEAM)
def my_agreement() -> ResponseReturnValue:
    """The jeune's own agreement, where it is asked for or was given: read it, give it."""
    person, form = mentee_of(current_member.user_id) or abort(404), ConfirmForm()
    given, is_asked = consents.agreement_of(person, today()), consents.asks_agreement(person, today())
    if not (given or is_asked):
        abort(404)
    if is_asked and form.validate_on_submit():
        consents.agree(person)
        flash(_("Merci. Votre accord est enregistré."))
        return see_other("followup.home")
    return render_form(
        "people/my_agreement.html",
        form=form,
        person=person,
        given=None if is_asked else given,
        is_minor=person.is_minor_on(today()),
    )


@bp.route(f"{SPACE}/mon-accord/retrait", methods=["POST"])
@requires(Permission.WRITE_TO_TEAM)
def my_agreement_withdrawal() -> ResponseReturnValue:
    """The jeune takes it back."""
    consents.disagree(mentee_of(current_member.user_id) or abort(404))
    flash(_("C'est noté. Les rencontres prévues sont annulées, et l'association en parle avec vous."))
    return see_other("followup.home")
