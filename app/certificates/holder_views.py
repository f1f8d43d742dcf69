"""The holder's pages: mine, my files, whom I show them to, how they agree with me."""

from urllib.parse import urlencode
from uuid import UUID

from flask import abort, flash, render_template
from flask.typing import ResponseReturnValue

from app.accounts.forms import ConfirmForm
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.database import hold_row
from app.gate import requires
from app.pairs.queries import pairs_of
from app.people.models import Mentee, Mentor, Person
from app.people.queries import mentee_of, mentor_of
from app.translation import gettext as _
from app.web import get_or_404, see_other, today

from . import actions
from .blueprint import bp
from .documents import as_download
from .forms import AgreementForm
from .models import Certificate
from .public_views import shared_link
from .queries import certificates_of

LINKEDIN_AGE = 16


def my_files() -> list[Mentor | Mentee]:
    """My file here as a mentor, as a jeune, or both."""
    found = mentor_of(current_member.user_id), mentee_of(current_member.user_id)
    return [person for person in found if person is not None] or abort(404)


def mine_or_404(certificate_id: UUID) -> Certificate:
    """A certificate of mine; somebody else's is not found."""
    certificate, user_id = get_or_404(Certificate, certificate_id), current_member.user_id
    return certificate if certificate.holder.user_id == user_id else abort(404)


@bp.route("/a/<slug:slug>/mes-attestations")
@requires(Permission.SEE_OWN_CERTIFICATES)
def mine() -> ResponseReturnValue:
    """What I hold."""
    people = my_files()
    rows = certificates_of(*(person.id for person in people))
    return render_template(
        "certificates/mine.html", certificates=rows, form=AgreementForm(obj=people[0]), confirm=ConfirmForm(),
        links={row.id: shared_link(row) for row in rows if row.share_key},
        linkedin={row.id: linkedin_link(row) for row in rows if may_be_on_linkedin(row.holder)},
        last=next((pair for pair in pairs_of(people[0]) if pair.is_known), None),
    )  # fmt: skip


@bp.route("/a/<slug:slug>/mes-attestations/accord", methods=["POST"])
@requires(Permission.SEE_OWN_CERTIFICATES)
def agreement() -> ResponseReturnValue:
    """How the next ones will agree with me."""
    people, form = my_files(), AgreementForm()
    if not form.validate_on_submit():
        abort(422)
    for person in people:
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
    if hold_row(certificate).is_valid:  # whoever revokes it at this instant is waited for
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


def may_be_on_linkedin(person: Person) -> bool:
    """From 16 on (LinkedIn, User Agreement, 2.1); a mentor whose age is unknown is grown up."""
    age = person.age_on(today())
    return isinstance(person, Mentor) if age is None else age >= LINKEDIN_AGE


def linkedin_link(certificate: Certificate) -> str:
    """LinkedIn's own form, filled: following it tells LinkedIn the title, the association and the code."""
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
