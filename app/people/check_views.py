"""Checks of a mentor, the charter that they sign, and exceptions to what the association asks."""

from collections.abc import Sequence
from uuid import UUID

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.errors import DomainError
from app.fields import options
from app.gate import requires
from app.markdown import as_html
from app.translation import gettext as _
from app.web import flash_done, get_or_404, render_form, see_other, today

from . import checks, rules, signals
from .blueprint import SPACE, bp
from .check_models import Check, CheckKind, GateException
from .checks import Seen
from .finding import find_mentor
from .forms import CheckForm, ExceptionForm, SignCharterForm
from .models import FileState, Mentor
from .own import own_files
from .queries import mentor_of
from .signals import Excepted
from .words import CHECKS, PIECES


class NoDocument(DomainError):
    """Somebody sent a document that must not be kept."""


def panels(mentor: Mentor, exceptions: Sequence[tuple[GateException, str]]) -> list[Markup]:
    """On a mentor's application: the checks, the charter, the exceptions."""
    charter = checks.standing(mentor)
    panel = render_template(
        "people/checks_panel.html",
        mentor=mentor,
        checks=checks.checks_of(mentor.id),
        renewals=checks.renewals(rules.rules_in_force()),
        words=CHECKS,
        pieces=PIECES,
        moment=today(),
        charter=charter,
        exceptions=exceptions,
    )
    return [Markup(panel)]  # noqa: S704  (a rendered template)


@bp.route(f"{SPACE}/mentors/<uuid:mentor_id>/verification", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PEOPLE)
def new_check(mentor_id: UUID) -> ResponseReturnValue:
    """Note what was seen. A file sent here is refused whatever the form says: Binôme keeps no such document."""
    mentor, form = find_mentor(mentor_id), CheckForm(data={"seen_on": today(), "kind": request.args.get("piece")})
    if request.files:
        raise NoDocument(_("Binôme ne garde aucun document de vérification : notez seulement ce que vous avez vu."))
    if mentor.state == FileState.WITHDRAWN:
        return see_other("people.application", mentor_id=mentor.id)
    if form.validate_on_submit():
        seen = Seen(CheckKind(form.kind.data), form.document_on.data, form.seen_on.data, form.result.data == "clear")
        try:
            checks.note_check(mentor, seen, current_member.user_id)
        except DomainError as error:
            form.document_on.errors = [str(error)]
        else:
            flash(_("La vérification est notée, à votre nom."))
            return see_other("people.application", mentor_id=mentor.id)
    return render_form("people/new_check.html", form=form, mentor=mentor, rules=rules.rules_in_force(), words=CHECKS)


@bp.route(f"{SPACE}/verifications/<uuid:check_id>/annulation", methods=["POST"])
@requires(Permission.FOLLOW_PEOPLE)
def check_cancelled(check_id: UUID) -> ResponseReturnValue:
    """It was noted by mistake."""
    check = get_or_404(Check, check_id)
    checks.cancel_check(check, current_member.user_id)
    flash(_("La vérification est annulée."))
    return see_other("people.application", mentor_id=check.mentor_id)


@bp.route(f"{SPACE}/mentors/<uuid:mentor_id>/charte", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PEOPLE)
def charter_signature(mentor_id: UUID) -> ResponseReturnValue:
    """The mentor signed on paper, before somebody of the team."""
    mentor, charter = find_mentor(mentor_id), checks.current_charter()
    if charter is None:
        flash(_("La charte n'est pas encore écrite : elle s'écrit dans les réglages."), "warning")
        return see_other("people.application", mentor_id=mentor.id)
    form = SignCharterForm.of(charter)
    if form.validate_on_submit():
        checks.sign_charter(mentor, charter, "paper", current_member.user_id)
        flash(_("La signature est notée."))
        return see_other("people.application", mentor_id=mentor.id)
    return render_form("people/charter_paper.html", form=form, mentor=mentor, body=as_html(charter.body))


@bp.route(f"{SPACE}/mentors/<uuid:mentor_id>/charte/annulation", methods=["POST"])
@requires(Permission.FOLLOW_PEOPLE)
def charter_signature_cancelled(mentor_id: UUID) -> ResponseReturnValue:
    """It was noted of the wrong mentor."""
    mentor = find_mentor(mentor_id)
    flash_done(lambda: checks.cancel_signature(mentor, current_member.user_id), _("La signature est annulée."))
    return see_other("people.application", mentor_id=mentor.id)


@bp.route(f"{SPACE}/ma-charte", methods=["GET", "POST"])
@requires(Permission.FOLLOW_TRAINING)
def my_charter() -> ResponseReturnValue:
    """The mentor reads the charter, and signs it."""
    mentor = mentor_of(current_member.user_id) or abort(404)
    stands, signature = checks.standing(mentor) or abort(404), checks.signature_of(mentor)
    charter, to_sign = stands.charter, stands.is_to_sign
    form = SignCharterForm.of(charter)
    if to_sign and form.validate_on_submit():
        checks.sign_charter(mentor, charter, "online", current_member.user_id)
        flash(_("Merci, votre engagement est enregistré."))
        return see_other("people.my_charter")
    return render_form(
        "people/my_charter.html", form=form, charter=charter, body=as_html(charter.body), signature=signature, to_sign=to_sign
    )


@bp.route(f"{SPACE}/mentors/<uuid:mentor_id>/exception", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def new_exception(mentor_id: UUID) -> ResponseReturnValue:
    """Open the gate without a piece that the association asks for by itself."""
    mentor, form = find_mentor(mentor_id), ExceptionForm()
    opposed = checks.against(mentor.id, today())
    asked = {rule.piece for rule in rules.rules_in_force() if not rule.firm and rule.piece != "agreement"} - opposed
    form.piece.choices = options({piece: PIECES[piece] for piece in PIECES if piece in asked})
    if form.validate_on_submit():
        try:
            rules.make_exception(mentor, None, form.piece.data, form.reason.data, form.until.data, current_member.user_id)
        except DomainError as error:
            form.until.errors = [str(error)]
        else:
            flash(_("L'exception est notée, à votre nom."))
            return see_other("people.application", mentor_id=mentor.id)
    return render_form("people/new_exception.html", form=form, mentor=mentor, asked=asked)


@bp.route(f"{SPACE}/exceptions")
@requires(Permission.SET_SPACE_UP)
def exceptions() -> ResponseReturnValue:
    """Every exception of the association: to what, for whom, why, by whom, until when."""
    ours = [
        Excepted(
            row,
            email,
            str(PIECES[row.piece]),
            url_for("people.mentor", mentor_id=row.mentor_id),
            url_for("people.exception_withdrawal", gate_exception_id=row.id),
        )
        for row, email in rules.exceptions(but=own_files(current_member.user_id))
    ]
    groups = [(_("Pièces demandées par l'association"), ours), *signals.more_exceptions()]
    return render_template("people/exceptions.html", groups=groups, moment=today())


@bp.route(f"{SPACE}/exceptions/<uuid:gate_exception_id>/retrait", methods=["POST"])
@requires(Permission.SET_SPACE_UP)
def exception_withdrawal(gate_exception_id: UUID) -> ResponseReturnValue:
    """It no longer opens anything."""
    row = get_or_404(GateException, gate_exception_id)
    rules.withdraw_exception(row, current_member.user_id)
    flash(_("L'exception est retirée."))
    return see_other("people.exceptions")
