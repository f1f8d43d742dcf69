"""Issuing, holding and verifying certificates."""

from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.forms import ConfirmForm
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.errors import DomainError
from app.extensions import db, limiter
from app.gate import public, requires
from app.pairs.models import Pair
from app.pairs.queries import with_people
from app.people.queries import mentor_of
from app.storage import load
from app.tenants.resolve import carries_tenant, enter_tenant_id
from app.web import get_or_404, paginate, render_form, see_other

from . import actions, listeners
from .forms import RevokeForm, VerifyForm
from .jobs import send_to_holder
from .models import Certificate
from .queries import certificates, certificates_of

bp = Blueprint("certificates", __name__)
listeners_connected = listeners  # imported for its signals


@bp.route("/a/<slug:slug>/attestations")
@requires(Permission.ISSUE_CERTIFICATES)
def index() -> ResponseReturnValue:
    """Everything that was issued."""
    typed = request.args.get("q", "")[:80]
    return render_template("certificates/index.html", page=paginate(certificates(typed)), typed=typed)


@bp.route("/a/<slug:slug>/binomes/<uuid:pair_id>/attestation", methods=["GET", "POST"])
@requires(Permission.ISSUE_CERTIFICATES)
def issue(pair_id: UUID) -> ResponseReturnValue:
    """Issue the mentor's certificate of engagement."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    form, refusal = ConfirmForm(), None
    if form.validate_on_submit():
        try:
            before = {c.id for c in actions.certificates_of_pair(pair.id)}
            certificate = actions.issue_for_engagement(pair, by=current_member.user_id)
        except DomainError as error:
            refusal = str(error)
        else:
            if certificate.id not in before:
                send_to_holder(certificate)
            flash(_("L'attestation %(number)s est prête.", number=certificate.reference_number))
            return see_other("certificates.show", certificate_id=certificate.id)
    page = render_template("certificates/issue.html", pair=pair, form=form, refusal=refusal, **actions.preview(pair))
    return page, 422 if refusal else 200


@bp.route("/a/<slug:slug>/attestations/<uuid:certificate_id>")
@requires(Permission.ISSUE_CERTIFICATES)
def show(certificate_id: UUID) -> ResponseReturnValue:
    """One certificate: what it states, its file, its code."""
    certificate = get_or_404(Certificate, certificate_id)
    link = actions.verification_link(certificate.shown_code)
    return render_template("certificates/certificate.html", certificate=certificate, link=link)


@bp.route("/a/<slug:slug>/attestations/<uuid:certificate_id>/revocation", methods=["GET", "POST"])
@requires(Permission.ISSUE_CERTIFICATES)
def revocation(certificate_id: UUID) -> ResponseReturnValue:
    """Take a certificate back, with a reason."""
    certificate, form = get_or_404(Certificate, certificate_id), RevokeForm()
    if form.validate_on_submit():
        actions.revoke(certificate, form.reason.data)
        flash(_("L'attestation est révoquée."))
        return see_other("certificates.show", certificate_id=certificate.id)
    return render_form("certificates/revocation.html", form=form, certificate=certificate)


@bp.route("/a/<slug:slug>/attestations/<uuid:certificate_id>/fichier")
@requires(Permission.ISSUE_CERTIFICATES)
def file(certificate_id: UUID) -> ResponseReturnValue:
    """The file, for staff."""
    return as_download(get_or_404(Certificate, certificate_id))


@bp.route("/a/<slug:slug>/mes-attestations")
@requires(Permission.SEE_OWN_CERTIFICATES)
def mine() -> ResponseReturnValue:
    """What I hold."""
    mentor = mentor_of(current_member.user_id) or abort(404)
    return render_template("certificates/mine.html", certificates=certificates_of(mentor.id))


@bp.route("/a/<slug:slug>/mes-attestations/<uuid:certificate_id>/fichier")
@requires(Permission.SEE_OWN_CERTIFICATES)
def my_file(certificate_id: UUID) -> ResponseReturnValue:
    """My file."""
    mentor = mentor_of(current_member.user_id) or abort(404)
    certificate = get_or_404(Certificate, certificate_id)
    return as_download(certificate) if certificate.mentor_id == mentor.id else abort(404)


def as_download(certificate: Certificate) -> Response:
    """The stored bytes, under a name that says nothing of the holder."""
    name = f"attestation-{certificate.reference_number}.pdf"
    return Response(
        load(certificate.file_key),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@bp.route("/verifier", methods=["GET", "POST"])
@public
@carries_tenant
@limiter.limit("30 per minute", methods=["POST"])
def ask_code() -> ResponseReturnValue:
    """Type the code that stands on a certificate."""
    form = VerifyForm()
    if form.validate_on_submit():
        code = "".join(c for c in form.code.data if c.isascii() and c.isalnum()) or "0"
        return redirect(url_for("certificates.verify", code=code), code=303)
    return render_form("certificates/ask_code.html", form=form)


@bp.route("/verifier/<code:code>")
@public
@carries_tenant
@limiter.limit("60 per minute")
def verify(code: str) -> ResponseReturnValue:
    """Whether a certificate is valid; of the jeune, nothing."""
    found = actions.find_by_code(code)
    if found is None:
        return render_template("certificates/unknown_code.html", form=VerifyForm()), 404
    enter_tenant_id(found[0])
    certificate = db.session.get_one(Certificate, found)
    return render_template(
        "certificates/verify.html",
        certificate=certificate,
        holder=actions.masked(certificate.facts["holder"]),
    )
