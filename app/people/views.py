"""Lists of mentors and mentees, and their files."""

from uuid import UUID

from flask import Response, abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.actions import ask_for_sign_in_link
from app.accounts.forms import ConfirmForm
from app.accounts.journal import take_list
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.errors import DomainError
from app.extensions import db
from app.gate import requires
from app.mail import refusals
from app.paging import paginate
from app.translation import gettext as _
from app.web import flash_done, form_written, get_or_404, render_form, see_other, today

from . import (
    actions,
    application_views,
    authorising,
    check_views,
    consent,
    consent_views,
    facts,
    guardians,
    jobs,
    lists,
    message_views,
    notes,
    own,
    rule_views,
    signals,
)
from .blueprint import SPACE, bp
from .finding import find_mentee, find_person, to_file
from .forms import (
    AuthorisationForm,
    ClosingForm,
    FileNoteForm,
    GuardianForm,
    MenteeProfileForm,
    MentorForm,
    MentorProfileForm,
    PauseForm,
    PersonForm,
    ProtectedForm,
)
from .lists import Filters
from .models import Authorisation, AuthorisationKind, FileState, Guardianship, Mentee, Mentor, PersonNote
from .words import AUTHORISATIONS, HOW, INTERESTS, PROTECTED, REACHES, RELATIONS, SENSITIVE, STAGES

connected = (
    application_views,
    check_views,
    consent_views,
    jobs,
    message_views,
    own,
    rule_views,
)  # imported for their routes, and what the gate asks


@bp.route(f"{SPACE}/jeunes")
@requires(Permission.FOLLOW_PEOPLE)
def mentees() -> ResponseReturnValue:
    """The jeunes of this association."""
    return list_page(Mentee)


@bp.route(f"{SPACE}/mentors")
@requires(Permission.FOLLOW_PEOPLE)
def mentors() -> ResponseReturnValue:
    """The mentors of this association."""
    return list_page(Mentor)


def list_page(kind: type[Mentor] | type[Mentee]) -> ResponseReturnValue:
    """A page of a list, as its filters narrow it."""
    filters = Filters.of(request.args)
    statement = lists.listed(kind, filters)
    page = paginate(statement)
    count = lists.counted(statement) if page.has_next or page.has_previous else len(page.rows)
    return render_template(
        "people/list.html", page=page, count=count, filters=filters, is_mentee=kind is Mentee,
        elsewhere=lists.elsewhere(kind, filters) if filters.is_narrow and not page.rows else {}, notes=signals.notes(page.rows),
        departements=lists.departements_of(kind), subjects=lists.subjects_of(kind), is_line=filters.is_line(kind),
    )  # fmt: skip


@bp.route(f"{SPACE}/<any(jeunes, mentors):crowd>/export/<any(csv, xlsx):form>")
@requires(Permission.FOLLOW_PEOPLE)
def export(crowd: str, form: str) -> Response:
    """The list, as its filters narrow it, for a spreadsheet."""
    who: type[Mentor] | type[Mentee] = Mentee if crowd == "jeunes" else Mentor
    rows = lists.file_rows(who, Filters.of(request.args))
    return take_list(form, f"{crowd}-{today()}", rows)


@bp.route(f"{SPACE}/demandes/<uuid:lead_id>/dossier")
@requires(Permission.FOLLOW_PEOPLE)
def of_lead(lead_id: UUID) -> ResponseReturnValue:
    """The file that was opened when a request was accepted."""
    mentee = db.session.scalar(select(Mentee).where(Mentee.lead_id == lead_id))
    mentor = db.session.scalar(select(Mentor).where(Mentor.lead_id == lead_id))
    return to_file(mentee or mentor or abort(404))


@bp.route(f"{SPACE}/jeunes/<uuid:mentee_id>")
@requires(Permission.FOLLOW_PEOPLE)
def mentee(mentee_id: UUID) -> ResponseReturnValue:
    """The file of a jeune."""
    return file_page(get_or_404(Mentee, mentee_id, options=[joinedload(Mentee.authorisations), joinedload(Mentee.place)]))


@bp.route(f"{SPACE}/jeunes/<uuid:mentee_id>/situation", methods=["POST"])
@requires(Permission.READ_SENSITIVE_FACTS)
def situation(mentee_id: UUID) -> ResponseReturnValue:
    """What stands apart from the file: asked for by a button, since every reading is noted; and changed here."""
    mentee = find_mentee(mentee_id)
    if "save" in request.form:
        facts.set_facts(mentee, request.form.getlist("shown"), request.form.getlist("facts"), current_member.user_id)
        flash(_("C'est noté, à votre nom."))
        return see_other("people.mentee", mentee_id=mentee.id)
    known = facts.read_facts(mentee, current_member.user_id)
    return render_template(
        "people/situation.html", mentee=mentee, known=known, words={**SENSITIVE, **PROTECTED}, facts=SENSITIVE, kinds=PROTECTED,
        pieces=facts.pieces_of(mentee), hows=HOW, readings=facts.readings_of(mentee), moment=today(),
    )  # fmt: skip


@bp.route(f"{SPACE}/jeunes/<uuid:mentee_id>/situation/piece", methods=["GET", "POST"])
@requires(Permission.READ_SENSITIVE_FACTS)
def protected_piece(mentee_id: UUID) -> ResponseReturnValue:
    """Note one of the pieces that child protection asks for. This page says nothing of what is noted already."""
    mentee, form = find_mentee(mentee_id), ProtectedForm()
    if form.validate_on_submit():
        kind = AuthorisationKind(form.kind.data)
        try:
            authorising.authorise(mentee, kind, form.given_by.data, form.given_on.data, form.how.data, by=current_member.user_id)
        except authorising.NotTheirs as error:
            form.given_on.errors = [str(error)]
        else:
            facts.note(mentee, "set", kind, current_member.user_id)
            flash(_("La pièce est notée."))
            return see_other("people.mentee", mentee_id=mentee.id)
    return render_form("people/protected_piece.html", form=form, mentee=mentee)


@bp.route(f"{SPACE}/mentors/<uuid:mentor_id>")
@requires(Permission.FOLLOW_PEOPLE)
def mentor(mentor_id: UUID) -> ResponseReturnValue:
    """The file of a mentor."""
    return file_page(get_or_404(Mentor, mentor_id, options=[joinedload(Mentor.authorisations), joinedload(Mentor.place)]))


def file_page(person: Mentor | Mentee, note: FileNoteForm | None = None) -> ResponseReturnValue:
    """Everything that the team knows of somebody; what is sensitive stands on a page of its own.

    Whoever works here and whom it is about does not read there what colleagues wrote: they ask for their copy.
    """
    is_mentee = isinstance(person, Mentee)
    is_young = is_mentee or person.is_minor_on(today())
    represented = guardians.guardians_of(person) if is_young else []
    page = render_template(
        "people/file.html",
        person=person,
        is_mentee=is_mentee,
        obstacle=actions.invitation_obstacle(person),
        entered=person.entered_at,
        kinds=AUTHORISATIONS,
        authorisations=[row for row in person.authorisations if row.kind in AUTHORISATIONS],
        hows=HOW,
        form=ConfirmForm(),
        guardians=represented,
        refusals=refusals([None if person.entered_at else person.email, *(row.guardian.email for row in represented)]),
        is_refused=guardians.refused_by_guardian(person),
        agreed=guardians.agreed_to_request(person) if is_young and not person.authorisations else None,
        relations=RELATIONS,
        may_be_asked=consent.may_be_asked,
        told=consent.TOLD,
        reaches=REACHES,
        interests=INTERESTS,
        stages=STAGES,
        panels=signals.panels(person),
        noted=notes.notes_of(person, current_member.user_id),
        note=note or FileNoteForm(formdata=None, reached="appel" in request.args),
        may_remove=notes.may_remove,
    )
    return page, 422 if note else 200


@bp.route(f"{SPACE}/<any(jeunes, mentors):kind>/<uuid:person_id>/notes", methods=["POST"])
@requires(Permission.FOLLOW_PEOPLE)
def note(kind: str, person_id: UUID) -> ResponseReturnValue:
    """Write on a file."""
    person, form = find_person(kind, person_id), FileNoteForm()
    if not form.validate_on_submit() or form.warn(form.body):
        return file_page(person, form)
    try:
        notes.add_note(person, form.body.data, current_member.user_id, form.reached.data)
    except DomainError as error:
        form.body.errors = [str(error)]
        return file_page(person, form)
    flash(_("C'est noté."))
    return form_written(to_file(person))


@bp.route(f"{SPACE}/notes/<uuid:person_note_id>/retrait", methods=["POST"])
@requires(Permission.FOLLOW_PEOPLE)
def note_removal(person_note_id: UUID) -> ResponseReturnValue:
    """Take back what I wrote on a file."""
    row = get_or_404(PersonNote, person_note_id)
    person = guardians.person_of(row)
    flash_done(lambda: notes.remove_note(row, current_member.user_id), _("La note est retirée."))
    return to_file(person)


@bp.route(f"{SPACE}/<any(jeunes, mentors):kind>/<uuid:person_id>/coordonnees", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PEOPLE)
def edit(kind: str, person_id: UUID) -> ResponseReturnValue:
    """Correct a name, a contact, a date of birth."""
    person = find_person(kind, person_id)
    form = MentorForm.of(person) if isinstance(person, Mentor) else PersonForm.of(person)
    if form.validate_on_submit() and (changed := form.changed(actions.held(person))) is not None:
        is_invited = actions.correct(person, changed)
        invited = _("Une invitation part à %(address)s.", address=person.email) if is_invited else ""
        flash(" ".join((_("Le dossier est à jour."), invited)).strip())
        return to_file(person)
    return render_form("people/edit.html", form=form, person=person, kind=kind)


@bp.route(f"{SPACE}/<any(jeunes, mentors):kind>/<uuid:person_id>/profil", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PEOPLE)
def profile(kind: str, person_id: UUID) -> ResponseReturnValue:
    """What helps to bring two people together: places, week, languages, interests, needs or skills."""
    person = find_person(kind, person_id)
    form = MentorProfileForm.of(person) if isinstance(person, Mentor) else MenteeProfileForm.of(person)
    if form.validate_on_submit() and (changed := form.changed(actions.held(person))) is not None:
        actions.correct_profile(person, changed)
        flash(_("Le profil est à jour."))
        return to_file(person)
    return render_form("people/profile.html", form=form, person=person, kind=kind)


@bp.route(f"{SPACE}/<any(jeunes, mentors):kind>/<uuid:person_id>/pause", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PEOPLE)
def pause(kind: str, person_id: UUID) -> ResponseReturnValue:
    """No new pair for a while; or the pause is over."""
    person = find_person(kind, person_id)
    form = PauseForm(until=person.paused_until)
    if person.state == FileState.WITHDRAWN:
        return to_file(person)
    if form.validate_on_submit():
        if "resume" in request.form:
            actions.let_back(person)
            flash(_("La pause est terminée."))
        else:
            actions.keep_out(person, form.until.data)
            flash(_("La personne est en pause : elle n'est plus proposée."))
        return to_file(person)
    return render_form("people/pause.html", form=form, person=person, kind=kind)


@bp.route(f"{SPACE}/<any(jeunes, mentors):kind>/<uuid:person_id>/representant", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PEOPLE)
def guardian(kind: str, person_id: UUID) -> ResponseReturnValue:
    """Note who represents a minor; brothers and sisters share one."""
    person = find_person(kind, person_id)
    form = GuardianForm(person=person, data={"relation": "parent"})
    if form.validate_on_submit():
        values = (form.name.data, form.email.data or None, form.phone.data or None, form.relation.data)
        row = guardians.name_guardian(person, *values)
        others = guardians.represented_by(row, person)
        flash(
            _("C'est noté. Cette personne représente aussi %(names)s.", names=", ".join(o.full_name for o in others))
            if others
            else _("C'est noté.")
        )
        return to_file(person)
    return render_form("people/guardian.html", form=form, person=person, kind=kind)


@bp.route(f"{SPACE}/representants/<uuid:guardianship_id>/retrait", methods=["POST"])
@requires(Permission.FOLLOW_PEOPLE)
def guardian_withdrawal(guardianship_id: UUID) -> ResponseReturnValue:
    """Somebody does not represent this person any more."""
    row = get_or_404(Guardianship, guardianship_id)
    person = guardians.person_of(row)
    guardians.hold_requests(person)
    consent.take_all_back(row)
    guardians.forget_guardian(row)
    flash(_("C'est noté."))
    return to_file(person)


@bp.route(f"{SPACE}/<any(jeunes, mentors):kind>/<uuid:person_id>/autorisation", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PEOPLE)
def authorisation(kind: str, person_id: UUID) -> ResponseReturnValue:
    """Record an authorisation."""
    person = find_person(kind, person_id)
    asked = {"majority": AuthorisationKind.OWN_AGREEMENT.value}.get(request.args.get("pour", ""), request.args.get("pour"))
    is_own = asked == AuthorisationKind.OWN_AGREEMENT or not person.is_minor_on(today())
    form = AuthorisationForm(data={"given_by": person.full_name if is_own else person.guardian_name, "kind": asked})
    if form.validate_on_submit():
        given = AuthorisationKind(form.kind.data)
        try:
            authorising.authorise(person, given, form.given_by.data, form.given_on.data, form.how.data, by=current_member.user_id)
        except authorising.NotTheirs as error:
            form.given_by.errors = [str(error)]
        else:
            flash(_("L'autorisation est notée."))
            return to_file(person)
    names = guardians.names_of_guardians(person)
    asks = [row for row in guardians.guardians_of(person) if consent.may_be_asked(row, today())]
    return render_form("people/authorisation.html", form=form, person=person, kind=kind, names=names, asks=asks)


@bp.route(f"{SPACE}/autorisations/<uuid:authorisation_id>/retrait", methods=["POST"])
@requires(Permission.FOLLOW_PEOPLE)
def authorisation_withdrawal(authorisation_id: UUID) -> ResponseReturnValue:
    """An authorisation is taken back."""
    row = get_or_404(Authorisation, authorisation_id)
    kind = AuthorisationKind(row.kind)
    if kind.is_protected and row.mentee is not None and row.withdrawn_on is None:
        if not current_member.can(Permission.READ_SENSITIVE_FACTS):
            abort(403)
        facts.note(row.mentee, "removed", kind, current_member.user_id)
    authorising.take_back(row, today())
    flash(_("Le retrait de l'autorisation est noté. Les rencontres à venir qu'elle permettait sont annulées."))
    return to_file(guardians.person_of(row))


@bp.route(f"{SPACE}/<any(jeunes, mentors):kind>/<uuid:person_id>/invitation", methods=["POST"])
@requires(Permission.FOLLOW_PEOPLE)
def invitation(kind: str, person_id: UUID) -> ResponseReturnValue:
    """Invite somebody, or send the invitation again; whoever has come in already gets a link to come in again."""
    person = find_person(kind, person_id)
    if person.email and person.entered_at and actions.invitation_obstacle(person) is None:
        ask_for_sign_in_link(person.email, once=True)
        flash(_("Un lien pour entrer part à %(address)s.", address=person.email))
    else:
        actions.invite_again(person)
        flash(_("L'invitation est partie à %(address)s.", address=person.email))
    return to_file(person)


@bp.route(f"{SPACE}/<any(jeunes, mentors):kind>/<uuid:person_id>/reouverture", methods=["POST"])
@requires(Permission.FOLLOW_PEOPLE)
def reopening(kind: str, person_id: UUID) -> ResponseReturnValue:
    """Open a closed file again: the person comes back, with their history."""
    person = find_person(kind, person_id)
    actions.reopen_file(person)
    invited = _("L'invitation est partie à %(address)s.", address=person.email) if person.invited_at else ""
    rests = _("La personne reste en pause, comme à la fin de son binôme.") if person.state == FileState.PAUSED else ""
    flash(" ".join(filter(None, (_("Le dossier est rouvert."), invited, rests))))
    return to_file(person)


@bp.route(f"{SPACE}/<any(jeunes, mentors):kind>/<uuid:person_id>/retrait", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PEOPLE)
def withdrawal(kind: str, person_id: UUID) -> ResponseReturnValue:
    """Close a file."""
    person, form = find_person(kind, person_id), ClosingForm()
    if form.validate_on_submit():
        actions.close_file(person, current_member.user_id if form.died.data else None)
        to_call = _("Aucun message n'est parti : appelez la famille et, s'il y avait un binôme, l'autre personne.")
        flash(" ".join([_("Le dossier est fermé."), *([to_call] if form.died.data else [])]))
        return to_file(person)
    return render_form("people/withdrawal.html", form=form, person=person, kind=kind)
