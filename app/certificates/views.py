"""Staff's pages: what was issued, issuing one, correcting it, taking it back."""

from datetime import date
from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.database import now
from app.errors import DomainError
from app.fields import options
from app.gate import requires
from app.meetings.queries import Held, held_by_pair, planned_in
from app.paging import paginate
from app.pairs.models import Pair
from app.pairs.queries import with_people
from app.people.models import Mentor
from app.training.queries import minutes_by_mentor
from app.translation import gettext as _
from app.web import get_or_404, render_form, see_other, today

from . import actions, batch_views, holder_views, listeners, own, public_views, setting_views
from .awards import Period
from .blueprint import bp
from .documents import as_download
from .forms import CorrectForm, PairAwardForm, PeriodForm, RevokeForm
from .jobs import send_to_holder, tell_revoked
from .models import Certificate, CertificateKind
from .queries import certificates, current_state
from .wording import KIND_NAMES, signs, text_of

doors = (batch_views, holder_views, listeners, own, public_views, setting_views)  # imported for their routes, signals, and the gate


@bp.route("/a/<slug:slug>/attestations")
@requires(Permission.ISSUE_CERTIFICATES)
def index() -> ResponseReturnValue:
    """Everything that was issued."""
    typed, kind, state = request.args.get("q", "")[:80], request.args.get("nature"), current_state(request.args.get("etat"))
    kind = kind if kind in KIND_NAMES else None
    return render_template("certificates/index.html", page=paginate(certificates(typed, kind, state)), typed=typed, kind=kind,
                           state=state, kinds=KIND_NAMES)  # fmt: skip


@bp.route("/a/<slug:slug>/binomes/<uuid:pair_id>/attestation", methods=["GET", "POST"])
@requires(Permission.ISSUE_CERTIFICATES)
def issue(pair_id: UUID) -> ResponseReturnValue:
    """Issue the mentor's engagement."""
    return issue_for_pair(pair_id, CertificateKind.ENGAGEMENT)


@bp.route("/a/<slug:slug>/binomes/<uuid:pair_id>/participation", methods=["GET", "POST"])
@requires(Permission.ISSUE_CERTIFICATES)
def participation(pair_id: UUID) -> ResponseReturnValue:
    """Issue the jeune's participation, with the objectives that were reached if they agree."""
    return issue_for_pair(pair_id, CertificateKind.PARTICIPATION)


def issue_for_pair(pair_id: UUID, kind: CertificateKind) -> ResponseReturnValue:
    """Say what it would state; then issue it."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    form, refusal = PairAwardForm(), None
    form.objectives.choices = options((goal, goal) for goal in pair.objectives)
    if form.validate_on_submit():
        try:
            shown = form.objectives.data if kind == CertificateKind.PARTICIPATION and form.agreed.data else None
            certificate = actions.issue_for_pair(kind, pair, current_member.user_id, shown)
        except DomainError as error:
            refusal = str(error)
        else:
            return issued(certificate)
    page = render_template(
        "certificates/issue.html", pair=pair, form=form, refusal=refusal, kind=kind,
        person=pair.mentor if kind == CertificateKind.ENGAGEMENT else pair.mentee,
        held=held_by_pair([pair.id]).get(pair.id, Held()), signs=signs(text_of(kind)),
        training_minutes=minutes_by_mentor([pair.mentor_id]).get(pair.mentor_id, 0),
        to_log=[meeting for meeting in planned_in([pair]) if meeting.starts_at <= now()],
    )  # fmt: skip
    return page, 422 if refusal or form.errors else 200


def issued(certificate: Certificate) -> ResponseReturnValue:
    """Tell its holder once, and show it."""
    if certificate.just_made:
        send_to_holder(certificate)
    flash(_("L'attestation %(number)s est prête.", number=certificate.reference_number))
    return see_other("certificates.show", certificate_id=certificate.id)


@bp.route("/a/<slug:slug>/mentors/<uuid:mentor_id>/attestation", methods=["GET", "POST"])
@requires(Permission.ISSUE_CERTIFICATES)
def issue_hours(mentor_id: UUID) -> ResponseReturnValue:
    """Issue a mentor's hours over a period, or the year's."""
    mentor, day = get_or_404(Mentor, mentor_id), today()
    form = PeriodForm(data={"kind": CertificateKind.HOURS.value, "first": date(day.year, 1, 1), "last": day})
    if form.validate_on_submit():
        try:
            period = Period(form.first.data, form.last.data)
            certificate = actions.issue_for_period(CertificateKind(form.kind.data), mentor, period, current_member.user_id)
        except DomainError as error:
            form.last.errors = [str(error)]
        else:
            return issued(certificate)
    return render_form("certificates/issue_hours.html", form=form, mentor=mentor)


@bp.route("/a/<slug:slug>/attestations/<uuid:certificate_id>")
@requires(Permission.ISSUE_CERTIFICATES)
def show(certificate_id: UUID) -> ResponseReturnValue:
    """One certificate: what it states, its file, its code, what corrected it."""
    certificate = get_or_404(Certificate, certificate_id)
    return render_template(
        "certificates/certificate.html", certificate=certificate, link=actions.verification_link(certificate.shown_code),
        replaced_by=None if certificate.is_valid else actions.replacement_of(certificate), kinds=KIND_NAMES,
    )  # fmt: skip


@bp.route("/a/<slug:slug>/attestations/<uuid:certificate_id>/fin-de-partage", methods=["POST"])
@requires(Permission.ISSUE_CERTIFICATES)
def sharing_ended(certificate_id: UUID) -> ResponseReturnValue:
    """Take back the link by which it is shown, for a holder who left and asks."""
    certificate = get_or_404(Certificate, certificate_id)
    actions.stop_sharing(certificate)
    flash(_("Le lien ne montre plus rien."))
    return see_other("certificates.show", certificate_id=certificate.id)


@bp.route("/a/<slug:slug>/attestations/<uuid:certificate_id>/correction", methods=["GET", "POST"])
@requires(Permission.ISSUE_CERTIFICATES)
def correction(certificate_id: UUID) -> ResponseReturnValue:
    """Revoke it with a reason, and issue another that names it."""
    certificate = get_or_404(Certificate, certificate_id)
    form = correct_form(certificate)
    if form.validate_on_submit():
        try:
            another = actions.correct(certificate, form.reason.data, current_member.user_id, form.objectives.data)
        except DomainError as error:
            form.reason.errors = [str(error)]
        else:
            return issued(another)
    return render_form("certificates/correction.html", form=form, certificate=certificate)


def correct_form(certificate: Certificate) -> CorrectForm:
    """The form, with the objectives that a jeune's certificate cites and could cite."""
    cited = certificate.facts.get("objectives", [])
    pair = get_or_404(Pair, certificate.pair_id) if certificate.mentee_id and certificate.pair_id else None
    form = CorrectForm(data={"objectives": cited, "agreed": bool(cited)})
    form.objectives.choices = options((goal, goal) for goal in dict.fromkeys([*cited, *(pair.objectives if pair else ())]))
    return form


@bp.route("/a/<slug:slug>/attestations/<uuid:certificate_id>/revocation", methods=["GET", "POST"])
@requires(Permission.ISSUE_CERTIFICATES)
def revocation(certificate_id: UUID) -> ResponseReturnValue:
    """Take a certificate back, with a reason."""
    certificate, form = get_or_404(Certificate, certificate_id), RevokeForm()
    if form.validate_on_submit():
        if actions.revoke_for_good(certificate, form.reason.data, current_member.user_id):
            tell_revoked(certificate, form.reason.data)
        elif (last := actions.last_of(certificate)) is not None and last.is_valid:  # a colleague corrected it meanwhile
            said = _("Cette attestation vient d'être corrigée : %(number)s, que voici, la remplace et reste valable. Si elle est "
                     "fausse aussi, révoquez-la.", number=last.reference_number)  # fmt: skip
            flash(said, "warning")
            return see_other("certificates.show", certificate_id=last.id)
        flash(_("L'attestation est révoquée."))
        return see_other("certificates.show", certificate_id=certificate.id)
    return render_form("certificates/revocation.html", form=form, certificate=certificate)


@bp.route("/a/<slug:slug>/attestations/<uuid:certificate_id>/fichier")
@requires(Permission.ISSUE_CERTIFICATES)
def file(certificate_id: UUID) -> ResponseReturnValue:
    """The file, for staff."""
    return as_download(get_or_404(Certificate, certificate_id))
