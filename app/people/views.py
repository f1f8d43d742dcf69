"""Lists of mentors and mentees, and their files."""

from typing import cast
from uuid import UUID

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.forms import ConfirmForm
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.gate import requires
from app.paging import paginate
from app.web import get_or_404, render_form, see_other, today

from . import actions, facts, signals
from .forms import AUTHORISATIONS, HOW, AuthorisationForm, MentorForm, PersonForm
from .models import Authorisation, AuthorisationKind, FileState, Mentee, Mentor
from .queries import people

bp = Blueprint("people", __name__, url_prefix="/a/<slug:slug>")


@bp.route("/jeunes")
@requires(Permission.FOLLOW_PEOPLE)
def mentees() -> ResponseReturnValue:
    """The jeunes of this association."""
    state, typed = asked_state(), request.args.get("q", "")[:80]
    page = paginate(people(Mentee, state, typed))
    return render_template("people/mentees.html", page=page, state=state, typed=typed, notes=signals.notes(page.rows))


@bp.route("/mentors")
@requires(Permission.FOLLOW_PEOPLE)
def mentors() -> ResponseReturnValue:
    """The mentors of this association."""
    state, typed = asked_state(), request.args.get("q", "")[:80]
    page = paginate(people(Mentor, state, typed))
    return render_template("people/mentors.html", page=page, state=state, typed=typed, notes=signals.notes(page.rows))


def asked_state() -> str:
    state = request.args.get("etat", FileState.ACTIVE)
    return state if state in set(FileState) else FileState.ACTIVE


@bp.route("/jeunes/<uuid:mentee_id>")
@requires(Permission.FOLLOW_PEOPLE)
def mentee(mentee_id: UUID) -> ResponseReturnValue:
    """The file of a jeune."""
    return file_page(get_or_404(Mentee, mentee_id))


@bp.route("/jeunes/<uuid:mentee_id>/situation", methods=["POST"])
@requires(Permission.READ_SENSITIVE_FACTS)
def situation(mentee_id: UUID) -> ResponseReturnValue:
    """What stands apart from the file: asked for by a button, since every reading is noted; and changed here."""
    mentee = get_or_404(Mentee, mentee_id)
    wish = request.form.get("ase")
    if wish in {"oui", "non"}:
        facts.set_ase(mentee, wish == "oui", current_member.user_id)
        flash(_("C'est noté, à votre nom."))
        return see_other("people.mentee", mentee_id=mentee.id)
    is_ase = facts.read_ase(mentee, current_member.user_id)
    return render_template("people/situation.html", mentee=mentee, is_ase=is_ase, readings=facts.readings_of(mentee))


@bp.route("/mentors/<uuid:mentor_id>")
@requires(Permission.FOLLOW_PEOPLE)
def mentor(mentor_id: UUID) -> ResponseReturnValue:
    """The file of a mentor."""
    return file_page(get_or_404(Mentor, mentor_id))


def file_page(person: Mentor | Mentee) -> ResponseReturnValue:
    return render_template(
        "people/file.html", person=person, is_mentee=isinstance(person, Mentee), authorisations=person.authorisations,
        obstacle=actions.invitation_obstacle(person), kinds=AUTHORISATIONS, hows=HOW, form=ConfirmForm(),
        panels=signals.panels(person),
    )  # fmt: skip


def find_person(kind: str, person_id: UUID) -> Mentor | Mentee:
    """The file that a path like /jeunes/<id> names."""
    return get_or_404(Mentee, person_id) if kind == "jeunes" else get_or_404(Mentor, person_id)


def to_file(person: Mentor | Mentee) -> ResponseReturnValue:
    if isinstance(person, Mentee):
        return see_other("people.mentee", mentee_id=person.id)
    return see_other("people.mentor", mentor_id=person.id)


@bp.route("/<any(jeunes, mentors):kind>/<uuid:person_id>/coordonnees", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PEOPLE)
def edit(kind: str, person_id: UUID) -> ResponseReturnValue:
    """Correct a name, a contact, a date of birth."""
    person = find_person(kind, person_id)
    form = MentorForm(obj=person) if isinstance(person, Mentor) else PersonForm(obj=person)
    if form.validate_on_submit():
        actions.correct(person, form.data)
        flash(_("Le dossier est à jour."))
        return to_file(person)
    return render_form("people/edit.html", form=form, person=person, kind=kind)


@bp.route("/<any(jeunes, mentors):kind>/<uuid:person_id>/autorisation", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PEOPLE)
def authorisation(kind: str, person_id: UUID) -> ResponseReturnValue:
    """Record an authorisation."""
    person = find_person(kind, person_id)
    form = AuthorisationForm(data={"given_by": person.guardian_name})
    if form.validate_on_submit():
        given = AuthorisationKind(form.kind.data)
        actions.authorise(person, given, form.given_by.data, form.given_on.data, form.how.data, by=current_member.user_id)
        flash(_("L'autorisation est notée."))
        return to_file(person)
    return render_form("people/authorisation.html", form=form, person=person, kind=kind)


@bp.route("/autorisations/<uuid:authorisation_id>/retrait", methods=["POST"])
@requires(Permission.FOLLOW_PEOPLE)
def authorisation_withdrawal(authorisation_id: UUID) -> ResponseReturnValue:
    """An authorisation is taken back."""
    row = get_or_404(Authorisation, authorisation_id)
    actions.take_back(row, today())
    flash(_("Le retrait de l'autorisation est noté."))
    return to_file(cast(Mentee | Mentor, row.mentee or row.mentor))


@bp.route("/<any(jeunes, mentors):kind>/<uuid:person_id>/invitation", methods=["POST"])
@requires(Permission.FOLLOW_PEOPLE)
def invitation(kind: str, person_id: UUID) -> ResponseReturnValue:
    """Invite somebody, or send the invitation again."""
    person = find_person(kind, person_id)
    actions.invite_person(person)
    flash(_("L'invitation est partie à %(address)s.", address=person.email))
    return to_file(person)


@bp.route("/<any(jeunes, mentors):kind>/<uuid:person_id>/retrait", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PEOPLE)
def withdrawal(kind: str, person_id: UUID) -> ResponseReturnValue:
    """Close a file."""
    person = find_person(kind, person_id)
    form = ConfirmForm()
    if form.validate_on_submit():
        actions.close_file(person)
        flash(_("Le dossier est fermé."))
        return to_file(person)
    return render_form("people/withdrawal.html", form=form, person=person, kind=kind)
