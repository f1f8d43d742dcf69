"""The holder's pages: mine, my files, whom I show them to, how they agree with me."""

from urllib.parse import urlencode
from uuid import UUID

from flask import abort, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.forms import ConfirmForm
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.gate import requires
from app.people.models import Mentee, Mentor
from app.people.queries import mentee_of, mentor_of
from app.web import get_or_404, see_other

from . import actions
from .blueprint import bp
from .documents import as_download
from .forms import AgreementForm
from .models import Certificate
from .public_views import shared_link
from .queries import certificates_of


def me() -> Mentor | Mentee:
    """My file here, a mentor's first."""
    user_id = current_member.user_id
    return mentor_of(user_id) or mentee_of(user_id) or abort(404)


def mine_or_404(certificate_id: UUID) -> Certificate:
    """A certificate of mine; somebody else's is not found."""
    certificate, user_id = get_or_404(Certificate, certificate_id), current_member.user_id
    return certificate if certificate.holder.user_id == user_id else abort(404)


@bp.route("/a/<slug:slug>/mes-attestations")
@requires(Permission.SEE_OWN_CERTIFICATES)
def mine() -> ResponseReturnValue:
    """What I hold."""
    person = me()
    rows = certificates_of(person.id)
    return render_template(
        "certificates/mine.html", certificates=rows, form=AgreementForm(obj=person), confirm=ConfirmForm(),
        links={row.id: shared_link(row) for row in rows if row.share_key}, linkedin=linkedin_link,
    )  # fmt: skip


@bp.route("/a/<slug:slug>/mes-attestations/accord", methods=["POST"])
@requires(Permission.SEE_OWN_CERTIFICATES)
def agreement() -> ResponseReturnValue:
    """How the next ones will agree with me."""
    person, form = me(), AgreementForm()
    if not form.validate_on_submit():
        abort(422)
    person.agreement = form.agreement.data
    flash(_("C'est noté pour vos prochaines attestations."))
    return see_other("certificates.mine")


@bp.route("/a/<slug:slug>/mes-attestations/<uuid:certificate_id>/fichier")
@requires(Permission.SEE_OWN_CERTIFICATES)
def my_file(certificate_id: UUID) -> ResponseReturnValue:
    """My file."""
    return as_download(mine_or_404(certificate_id))


@bp.route("/a/<slug:slug>/mes-attestations/<uuid:certificate_id>/partage", methods=["POST"])
@requires(Permission.SEE_OWN_CERTIFICATES)
def sharing(certificate_id: UUID) -> ResponseReturnValue:
    """Make a link that shows it with my name."""
    certificate = mine_or_404(certificate_id)
    if certificate.is_valid:
        actions.share(certificate)
        flash(_("Le lien de partage est prêt : qui l'a voit votre attestation et votre nom."))
    return see_other("certificates.mine")


@bp.route("/a/<slug:slug>/mes-attestations/<uuid:certificate_id>/fin-de-partage", methods=["POST"])
@requires(Permission.SEE_OWN_CERTIFICATES)
def end_of_sharing(certificate_id: UUID) -> ResponseReturnValue:
    """Take the link back."""
    actions.stop_sharing(mine_or_404(certificate_id))
    flash(_("Le lien ne montre plus rien."))
    return see_other("certificates.mine")


def linkedin_link(certificate: Certificate) -> str:
    """LinkedIn's own form, filled: nothing is sent until the holder says so there."""
    facts = certificate.facts
    return "https://www.linkedin.com/profile/add?" + urlencode({
        "startTask": "CERTIFICATION_NAME",
        "name": facts["title"],
        "organizationName": facts["association"],
        "issueYear": certificate.issued_on.year,
        "issueMonth": certificate.issued_on.month,
        "certUrl": actions.verification_link(certificate.code),
        "certId": certificate.shown_code,
    })  # fmt: skip
