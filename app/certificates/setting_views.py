"""What certificates say, who signs them, and with which seal."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.accounts.forms import ConfirmForm
from app.accounts.permissions import Permission
from app.database import AT_ONCE, now, one_at_a_time
from app.errors import DomainError
from app.extensions import db
from app.fields import options
from app.gate import requires
from app.people.models import Agreement, Mentor
from app.rendering import Unwritable
from app.storage import store
from app.tenants.images import clean_logo
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import download, get_or_404, render_form, see_other, today

from . import sealing, wording
from .actions import common_facts, verification_link
from .awards import Award
from .blueprint import bp
from .documents import as_pdf
from .forms import SealForm, SignatoryForm, WordingForm
from .models import AssociationSeal, CertificateKind, Signatory

TEXT = "/a/<slug:slug>/attestations/textes/<any(training,engagement,participation,hours,yearly):kind>"


@bp.route("/a/<slug:slug>/attestations/textes")
@requires(Permission.SET_SPACE_UP)
def wordings() -> ResponseReturnValue:
    """What each kind says here, who signs, the seal."""
    return render_template(
        "certificates/wordings.html", kinds=wording.KIND_NAMES, texts=wording.all_texts(),
        signatories=wording.signatories(), seal=db.session.scalar(select(AssociationSeal)),
    )  # fmt: skip


@bp.route(TEXT, methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def edit_wording(kind: str) -> ResponseReturnValue:
    """Change a text; its look follows while one types."""
    if request.method == "POST":
        one_at_a_time("wording", current_tenant.id)  # there may be no row of it yet
    said = as_typed(wording.text_of(kind))
    form = with_signatories(WordingForm.of(said), kind)
    if form.validate_on_submit() and (changed := form.changed(said)) is not None:
        told = vars(said) | changed
        signatory = get_or_404(Signatory, UUID(told["signatory"])).id if told["signatory"] else None
        wording.keep_wording(kind, told["title"], told["body"], signatory)
        try:
            sample_of(kind, wording.text_of(kind))
        except DomainError as error:  # a sign that no font has: better said now than on the day of the certificate
            form.body.errors = [str(error)]
        else:
            flash(_("Le texte est enregistré. Les attestations déjà faites gardent le leur."))
            return see_other("certificates.wordings")
    return render_form("certificates/wording.html", form=form, kind=kind, name=wording.KIND_NAMES[kind],
                       variables=wording.VARIABLES_OF[kind], shown=example(kind, form.title.data, form.body.data))  # fmt: skip


def as_typed(text: wording.Text) -> SimpleNamespace:
    """What the form shows of a text: who signs as a choice of the list."""
    return SimpleNamespace(title=text.title, body=text.body, signatory=str(text.signatory.id) if text.signatory else "")


def with_signatories(form: WordingForm, kind: str) -> WordingForm:
    """The form of a kind, with today's signatories."""
    form.kind = kind
    form.signatory.choices = options((str(row.id), f"{row.name}, {row.office}") for row in wording.signatories())
    return form


def example(kind: str, title: str | None, body: str | None) -> dict[str, Any] | None:
    """A text with facts that nobody did; None when it cannot be written yet."""
    facts = {**wording.EXAMPLE, "association": current_tenant.name}
    try:
        wording.check_body(kind, body or "")
        wording.check_body(kind, title or "")
    except DomainError:
        return None
    return {
        "title": wording.plain(wording.written(title or "", facts, Agreement.NEUTRAL)),
        "body": wording.as_html(wording.written(body or "", facts, Agreement.NEUTRAL)),
        "holder": facts["holder"],
    }


@bp.route(TEXT + "/apercu", methods=["POST"])
@requires(Permission.SET_SPACE_UP)
def preview(kind: str) -> ResponseReturnValue:
    """The look of what is being typed; nothing is stored."""
    form = with_signatories(WordingForm(), kind)
    valid = form.validate_on_submit()
    errors = [error for field in form for error in field.errors]
    return render_template("certificates/preview.html", shown=example(kind, form.title.data, form.body.data) if valid else None,
                           errors=errors), 200  # fmt: skip


@bp.route(TEXT + "/exemple")
@requires(Permission.SET_SPACE_UP)
def sample(kind: str) -> ResponseReturnValue:
    """The saved text as a PDF, with facts that nobody did, no number and a code that leads nowhere."""
    return download(sample_of(kind, wording.text_of(kind)), "exemple.pdf", "application/pdf")


def sample_of(kind: str, text: wording.Text) -> bytes:
    """What a text looks like on paper. Raises Unwritable."""
    nobody, day = Mentor(first_name="Camille", last_name="Exemple", agreement=Agreement.NEUTRAL), today()
    award = Award(CertificateKind(kind), nobody, wording.EXAMPLE)
    facts = wording.EXAMPLE | common_facts(award, text, day, day.year, 0, "EXEMPLE22222") | {"number": _("EXEMPLE")}
    return as_pdf(facts, current_tenant, verification_link(facts["code"]), None)


@bp.route(TEXT + "/origine", methods=["POST"])
@requires(Permission.SET_SPACE_UP)
def original_wording(kind: str) -> ResponseReturnValue:
    """Go back to the text that comes with Binôme."""
    wording.forget_wording(kind)
    flash(_("Le texte d'origine est revenu."))
    return see_other("certificates.wordings")


@bp.route("/a/<slug:slug>/attestations/signataires", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def add_signatory() -> ResponseReturnValue:
    """Add somebody who signs, perhaps with a picture of the signature, drawn again."""
    form = SignatoryForm()
    if form.validate_on_submit():
        upload = form.signature.data
        try:
            key = store(current_tenant.id, clean_logo(upload.read()), "png") if upload else None
            row = Signatory(name=form.name.data, office=form.office.data or "", signature_key=key)
            sample_of(CertificateKind.TRAINING, replace(wording.text_of(CertificateKind.TRAINING), signatory=row))
        except Unwritable as error:
            form.name.errors = [str(error)]
        except DomainError as error:
            form.signature.errors = [str(error)]
        else:
            add_once(row)
            flash(_("%(name)s peut signer.", name=form.name.data))
            return see_other("certificates.wordings")
    return render_form("certificates/signatory.html", form=form)


def add_once(row: Signatory) -> None:
    """Sent twice within a minute, it is one person who signs."""
    one_at_a_time("signatory", current_tenant.id)
    same = select(Signatory.id).filter_by(name=row.name, office=row.office, retired_at=None)
    if db.session.scalar(same.where(Signatory.created_at > now() - AT_ONCE).limit(1)) is None:
        db.session.add(row)


@bp.route("/a/<slug:slug>/attestations/signataires/<uuid:signatory_id>/retrait", methods=["POST"])
@requires(Permission.SET_SPACE_UP)
def retire_signatory(signatory_id: UUID) -> ResponseReturnValue:
    """Somebody signs no more; what they signed stays."""
    signatory = get_or_404(Signatory, signatory_id)
    wording.retire(signatory)
    flash(_("%(name)s ne signe plus.", name=signatory.name))
    return see_other("certificates.wordings")


@bp.route("/a/<slug:slug>/attestations/sceau", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def own_seal() -> ResponseReturnValue:
    """Seal with the association's own certificate."""
    form = SealForm()
    if form.validate_on_submit():
        try:
            sealing.keep_own_seal(form.pkcs12.data.read(sealing.LARGEST_PKCS12 + 1), form.passphrase.data or "")
        except DomainError as error:
            form.pkcs12.errors = [str(error)]
        else:
            flash(_("Les prochaines attestations seront scellées avec votre certificat."))
            return see_other("certificates.wordings")
    return render_form("certificates/seal.html", form=form)


@bp.route("/a/<slug:slug>/attestations/sceau/retrait", methods=["POST"])
@requires(Permission.SET_SPACE_UP)
def remove_seal() -> ResponseReturnValue:
    """Go back to the platform's seal."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        abort(422)
    sealing.remove_own_seal()
    flash(_("Les prochaines attestations seront scellées par Binôme."))
    return see_other("certificates.wordings")
