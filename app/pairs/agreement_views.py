"""The agreement: prepared by the team, signed by each behind a personal link, kept for all."""

from types import SimpleNamespace
from uuid import UUID

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField
from wtforms.validators import DataRequired

from app.accounts.forms import ConfirmForm
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.errors import DomainError
from app.extensions import limit_link
from app.fields import TO_FILL, Line, Text
from app.gate import public, requires
from app.late import RowForm
from app.markdown import as_html
from app.people.letters import whether_told
from app.storage import load
from app.tenants.resolve import carries_tenant
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import download, flash_done, form_written, get_or_404, leads_nowhere, render_form, see_other

from . import agreement as papers
from .agreement_models import Agreement, AgreementState, Signature
from .agreement_text import LONGEST, VARIABLES, check
from .blueprint import SPACE, bp
from .interest import followers
from .models import Pair, PairState
from .own import is_own_pair
from .queries import with_people
from .words import ROLES

PDF = "application/pdf"


class SignForm(FlaskForm):
    """An explicit yes, to the document that was shown."""

    consent = BooleanField(_l("J'ai lu cette convention et je la signe"), validators=[DataRequired(_l("Cochez pour signer."))])
    digest = HiddenField(filters=[Line.clean])


class RefusalForm(FlaskForm):
    """No, with a reason if one likes."""

    reason = Line(_l("Pourquoi ? (facultatif)"), longest=300)


class TemplateForm(RowForm):
    """The association's text."""

    body = Text(_l("Texte de la convention"), longest=LONGEST, validators=[DataRequired(TO_FILL)])


@bp.route(f"{SPACE}/<uuid:pair_id>/convention", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def agreement(pair_id: UUID) -> ResponseReturnValue:
    """Where the agreement stands: prepare it, see who signed."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    if ConfirmForm().validate_on_submit():
        try:
            made = papers.prepare(pair, current_member.user_id, request.form.get("again", ""))
        except DomainError as error:
            flash(str(error), "warning")
        else:
            is_new = made.state == AgreementState.OPEN
            ready = _("La convention est prête. Chacun reçoit son lien pour la lire et la signer.")
            flash(ready if is_new else _("Tout le monde a déjà signé : la convention reste celle-ci."))
        return see_other("pairs.agreement", pair_id=pair.id)
    current = papers.agreement_of(pair)
    return render_template(
        "pairs/agreement.html",
        pair=pair,
        is_own=is_own_pair(pair),
        agreement=current,
        roles=ROLES,
        form=ConfirmForm(),
        signatures=papers.signatures_of(current) if current else [],
        is_outgrown=papers.is_outgrown,
        who_signs=papers.who_signs(pair) if pair.state in {PairState.CONFIRMED, PairState.SIGNING} else [],
    )


@bp.route(f"{SPACE}/signatures/<uuid:signature_id>", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def noted_signature(signature_id: UUID) -> ResponseReturnValue:
    """Signed on paper before the team, or by the association itself."""
    row = get_or_404(Signature, signature_id)
    how = "association" if row.role == "association" else "paper"
    flash_done(lambda: papers.sign(row, row.agreement.digest, how, current_member.user_id), _("La signature est notée."))
    has_begun = row.agreement.state == AgreementState.SIGNED and row.agreement.pair.is_open
    if has_begun:
        flash(_("Tout le monde a signé : le binôme a commencé. Il reste à prévoir la première rencontre."))
    return see_other("pairs.show" if has_begun else "pairs.agreement", pair_id=row.agreement.pair_id)


@bp.route(f"{SPACE}/signatures/<uuid:signature_id>/renvoi", methods=["POST"])
@requires(Permission.FOLLOW_PAIRS)
def signature_again(signature_id: UUID) -> ResponseReturnValue:
    """Send the link to sign once more."""
    row = get_or_404(Signature, signature_id)
    try:
        papers.invite_again(row)
    except DomainError as error:
        flash(str(error), "warning")
    else:
        flash(_("Le lien est reparti à %(address)s.", address=row.email))
    return see_other("pairs.agreement", pair_id=row.agreement.pair_id)


@bp.route(f"{SPACE}/conventions/<uuid:agreement_id>")
@requires(Permission.FOLLOW_PAIRS)
def agreement_file(agreement_id: UUID) -> ResponseReturnValue:
    """The document: sealed once everybody signed."""
    row = get_or_404(Agreement, agreement_id)
    return download(load(row.sealed_key or row.file_key), "convention.pdf", PDF)


@bp.route(f"{SPACE}/<uuid:pair_id>/convention/projet")
@requires(Permission.FOLLOW_PAIRS)
def agreement_draft(pair_id: UUID) -> ResponseReturnValue:
    """The document as it would be sent, to be read before."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    if pair.state not in {PairState.CONFIRMED, PairState.SIGNING}:
        abort(404)
    return download(papers.draft(pair)[2], "projet-de-convention.pdf", PDF)


@bp.route(f"{SPACE}/convention-type", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def agreement_template() -> ResponseReturnValue:
    """Write the association's text; the variables are checked."""
    number, body = papers.current_template()
    text = SimpleNamespace(body=body)
    form = TemplateForm.of(text)
    if form.validate_on_submit() and (changed := form.changed(text)) is not None:
        try:
            check(form.body.data)
        except DomainError as error:
            form.body.errors = [str(error)]
        else:
            papers.write_template(changed.get("body", body), current_member.user_id)
            flash(_("Ce texte sert aux prochaines conventions."))
            return form_written(see_other("pairs.agreement_template"))
    return render_form(
        "pairs/agreement_template.html",
        form=form,
        number=number,
        variables=VARIABLES,
        shown=as_html((form.body.data or "")[:LONGEST]),
    )


@bp.route("/convention/<token:token>", methods=["GET", "POST"])
@public
@carries_tenant
@limit_link
def signature(token: str) -> ResponseReturnValue:
    """Read the agreement, then sign it or say why not."""
    row = papers.signature_of_token(token) or leads_nowhere()
    form, refusal = SignForm(), RefusalForm(prefix="refus")
    try:
        if "refus-reason" in request.form and refusal.validate_on_submit():
            papers.refuse(row, refusal.reason.data or "")
            flash(_("C'est noté.") + " " + whether_told(followers(row.agreement.pair)))
            return see_other("pairs.signature", token=token)
        if "refus-reason" not in request.form and form.validate_on_submit():
            papers.sign(row, form.digest.data or "")
            flash(_("Merci, votre signature est enregistrée."))
            return see_other("pairs.signature", token=token)
    except DomainError as error:
        form.consent.errors = [str(error)]
    page = render_template(
        "pairs/signature.html",
        form=form,
        refusal=refusal,
        row=row,
        agreement=row.agreement,
        token=token,
        whose=papers.represented(row),
        body=as_html(row.agreement.body),
        is_open=row.agreement.state == AgreementState.OPEN,
    )
    return (page, 422) if form.errors or refusal.errors else page


@bp.route("/convention/<token:token>/document")
@public
@carries_tenant
def signature_file(token: str) -> ResponseReturnValue:
    """The document behind the link, while it can be signed or once it is; another one is not given any more."""
    row = papers.signature_of_token(token)
    if row is None or row.agreement.state not in {AgreementState.OPEN, AgreementState.SIGNED}:
        abort(404)
    return download(load(row.agreement.sealed_key or row.agreement.file_key), "convention.pdf", PDF)
