"""What a stranger may see: whether a certificate is valid, what a holder shares, and the keys that seal."""

import hashlib
import hmac
import re

from flask import abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.extensions import db, limiter
from app.gate import public
from app.mail import absolute
from app.tenants.resolve import carries_tenant, enter_tenant_id
from app.territory.queries import is_same_name, words_of
from app.translation import gettext as _
from app.web import render_form

from . import actions
from .blueprint import LARGEST_PAPER, bp
from .documents import as_download
from .forms import NameForm, PaperForm, VerifyForm
from .models import Certificate
from .queries import NUMBERED
from .sealing import as_jwk, public_keys

CIVILITY = re.compile(r"^(?:m\.|mr|mme|mlle|monsieur|madame|mademoiselle)\s+(?=\S)", re.IGNORECASE)


@bp.route("/verifier", methods=["GET", "POST"])
@public
@carries_tenant
@limiter.limit("30 per minute", methods=["POST"])
def ask_code() -> ResponseReturnValue:
    """Type the code that stands on a certificate."""
    form = VerifyForm()
    if form.validate_on_submit():
        typed = form.code.data.rstrip("/").rpartition("/")[2]
        code = "".join(c for c in typed if c.isascii() and c.isalnum())
        if actions.find_by_code(code) is None:
            return unknown(form, code)
        return redirect(url_for("certificates.verify", code=code), code=303)
    return render_form("certificates/ask_code.html", form=form)


def unknown(form: VerifyForm, code: str) -> ResponseReturnValue:
    """The form again with what was typed: it is the number, it has not the length of a code, or no certificate has it."""
    length = sum(character.isalnum() for character in code)
    return render_template(
        "certificates/unknown_code.html", form=form, is_number=bool(NUMBERED.fullmatch(code)), length=length,
        needed=actions.CODE_LENGTH,
    ), 404  # fmt: skip


def of_code(code: str) -> Certificate | None:
    """The certificate of a code, in its own space, which the request enters; None when no certificate has it."""
    found = actions.find_by_code(code)
    if found is None:
        return None
    enter_tenant_id(found[0])
    return db.session.get_one(Certificate, found)


@bp.route("/verifier/<code:code>", methods=["GET", "POST"])
@public
@carries_tenant
@limiter.limit("60 per minute")
@limiter.limit("20 per 10 minutes", methods=["POST"])
def verify(code: str) -> ResponseReturnValue:
    """Whether a certificate is valid; of the jeune, nothing. The name shows once the visitor has typed it."""
    certificate = of_code(code)
    if certificate is None:
        return unknown(VerifyForm(formdata=None, code=code), code)
    form, paper = NameForm(prefix="nom"), PaperForm(prefix="fichier")
    holder = _("un nom effacé") if certificate.is_erased else actions.masked(certificate.facts["holder"])
    same_file: bool | None = None
    same_name: bool | None = None
    if "fichier-paper" in request.files:
        if paper.validate_on_submit():
            same_file = is_this_file(certificate, paper.paper.data.read(LARGEST_PAPER + 1))
    elif form.validate_on_submit():
        typed, known = CIVILITY.sub("", form.name.data), certificate.facts["holder"]
        if not certificate.is_erased:  # else the page cannot know
            same_name = is_same_name(typed, known) and bool(words_of(typed))
            holder = known if same_name else holder
    page = render_template(
        "certificates/verify.html", certificate=certificate, holder=holder, form=form, paper=paper, same_file=same_file,
        same_name=same_name,
        replaced_by=None if certificate.is_valid else actions.last_of(certificate),
    )  # fmt: skip
    return page, 422 if form.errors or paper.errors else 200


def is_this_file(certificate: Certificate, content: bytes) -> bool:
    """Whether not a byte changed; what was sent is not kept."""
    return hmac.compare_digest(hashlib.sha256(content).hexdigest(), certificate.sha256)


@bp.route("/verifier/<code:code>/donnees")
@public
@carries_tenant
@limiter.limit("60 per minute")
def data(code: str) -> ResponseReturnValue:
    """The same as JSON, for who verifies by machine: no name."""
    certificate = of_code(code)
    if certificate is None:
        return jsonify({"status": "unknown"}), 404
    replaced_by = None if certificate.is_valid else actions.last_of(certificate)
    status = "valid" if certificate.is_valid else "replaced" if replaced_by and replaced_by.is_valid else "revoked"
    holder = None if certificate.is_erased else actions.masked(certificate.facts["holder"])
    answer = {
        "status": status, "code": certificate.shown_code, "holder": holder,
        "sha256": certificate.sha256, "sealed_by": certificate.sealed_by, **actions.stated_by(certificate.facts),
    }  # fmt: skip
    if certificate.revoked_at:
        answer["revoked_at"] = certificate.revoked_at.isoformat()
    if replaced_by:
        answer["replaced_by"] = replaced_by.reference_number
    return jsonify(answer)


@bp.route("/verifier/cles")
@public
@carries_tenant
def keys() -> ResponseReturnValue:
    """Every key that ever sealed, as a JSON Web Key Set (RFC 7517)."""
    return jsonify({"keys": [as_jwk(key) for key in public_keys()]})


@bp.route("/verifier/cles/<code:name>")
@public
@carries_tenant
def key(name: str) -> ResponseReturnValue:
    """One key: what a credential names as its `kid`."""
    return jsonify(as_jwk(next((key for key in public_keys() if key.name == name), None) or abort(404)))


def shared_link(certificate: Certificate) -> str:
    """The address that shows a certificate to whom its holder gives it."""
    return absolute("certificates.shared", code=certificate.code, key=certificate.share_key)


def shared_or_404(code: str, key: str) -> Certificate:
    """The certificate of a share link that its holder has not taken back, while it is valid."""
    certificate = of_code(code) or abort(404)
    key_now = certificate.share_key if certificate.is_valid else None
    if not key_now or not hmac.compare_digest(key_now.encode(), key.encode()):
        abort(404)
    return certificate


@bp.route("/attestation/<code:code>/<token:key>")
@public
@carries_tenant
@limiter.limit("60 per minute")
def shared(code: str, key: str) -> ResponseReturnValue:
    """What a holder shows, with their name."""
    return render_template("certificates/shared.html", certificate=shared_or_404(code, key))


@bp.route("/attestation/<code:code>/<token:key>/fichier")
@public
@carries_tenant
@limiter.limit("60 per minute")
def shared_file(code: str, key: str) -> ResponseReturnValue:
    """The file that a holder shows."""
    return as_download(shared_or_404(code, key))
