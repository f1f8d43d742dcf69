"""Many certificates at once: choose, check, start, watch, take away."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.accounts.journal import What, note
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.fields import options
from app.gate import requires
from app.paging import paginate
from app.storage import load
from app.training.queries import courses
from app.translation import gettext as _
from app.web import download, get_or_404, iso_day, render_form, see_other, today

from . import awards, batches, own, queries
from .blueprint import bp
from .forms import BatchForm, RevokeForm, StartForm
from .models import CertificateBatch, CertificateKind
from .wording import KIND_NAMES


@bp.route("/a/<slug:slug>/attestations/lots")
@requires(Permission.ISSUE_CERTIFICATES)
def batch_list() -> ResponseReturnValue:
    """The batches so far."""
    return render_template("certificates/batches.html", page=paginate(queries.batches()))


@bp.route("/a/<slug:slug>/attestations/lots/nouveau", methods=["GET", "POST"])
@requires(Permission.ISSUE_CERTIFICATES)
def new_batch() -> ResponseReturnValue:
    """Choose who gets one, check the list, then start."""
    form = choice_form()
    rows = candidates_of(form) if request.args and form.validate() else None
    start = StartForm()
    ready = [row for row in rows or () if row.excluded is None]
    start.chosen.choices = options((str(row.source_id), f"{row.label} · {row.stated}") for row in ready)
    if rows is not None and start.validate_on_submit():
        kept = set(start.chosen.data)
        chosen = [row for row in ready if str(row.source_id) in kept]
        if len(chosen) == len(kept):
            kind = CertificateKind(form.kind.data)
            batch = batches.start(kind, title_of(form), chosen, criteria_of(form), current_member.user_id, start.tells_holders.data)
            flash(_("C'est parti. Vous pouvez quitter cette page et revenir."))
            return see_other("certificates.batch", batch_id=batch.id)
        start.chosen.errors = [_("La liste a changé entre-temps : vérifiez-la, puis recommencez.")]
    if request.method == "GET" and rows is not None:
        start.chosen.data = [str(row.source_id) for row in ready]
    page = render_template("certificates/new_batch.html", form=form, start=start, rows=rows, ready=ready)
    return page, 422 if form.errors or start.errors else 200


def choice_form() -> BatchForm:
    """The choice, read from the address: the list can be shared, reloaded and gone back to."""
    day = today()
    year = {"first": date(day.year, 1, 1).isoformat(), "last": day.isoformat(), "months": "6"}
    form = BatchForm(formdata=MultiDict(year | request.args.to_dict()))
    form.course.choices = options((str(course.id), course.title) for course in courses())
    return form


def candidates_of(form: BatchForm) -> list[awards.Candidate]:
    """Who the choice is about."""
    period = batches.period_of(criteria_of(form))
    course_id = UUID(form.course.data) if form.course.data else None
    rows = awards.candidates(CertificateKind(form.kind.data), period, course_id, form.months.data or 0)
    return own.but_own(rows)


def criteria_of(form: BatchForm) -> dict[str, Any]:
    """What the worker must know of the choice."""
    if form.kind.data in awards.OF_PERIOD:
        return {"from": form.first.data.isoformat(), "to": form.last.data.isoformat()}
    return {}


def title_of(form: BatchForm) -> str:
    """What the batch is called in the list."""
    kind = str(KIND_NAMES[form.kind.data])
    if form.kind.data == CertificateKind.TRAINING:
        title = next(choice.label for choice in form.course.choices if choice.value == form.course.data)
        return f"{kind} : {title}"
    if form.kind.data in awards.OF_PERIOD:
        first, last = (iso_day(day.isoformat()) for day in (form.first.data, form.last.data))
        return _("%(kind)s, du %(first)s au %(last)s", kind=kind, first=first, last=last)
    return _("%(kind)s, binômes de %(months)s mois et plus", kind=kind, months=form.months.data or 0)


@bp.route("/a/<slug:slug>/attestations/lots/<uuid:batch_id>")
@requires(Permission.ISSUE_CERTIFICATES)
def batch(batch_id: UUID) -> ResponseReturnValue:
    """Where a batch stands."""
    row = get_or_404(CertificateBatch, batch_id)
    counts = batches.progress(row.id)
    revocable = 0 if row.is_running or row.is_being_revoked else batches.count_revocable(row.id, current_member.user_id)
    return render_template(
        "certificates/batch.html", batch=row, counts=counts, left=batches.seconds_left(row, counts),
        failures=queries.failures(row.id), made=queries.made_in(row.id),
        revocable=revocable,
    )  # fmt: skip


@bp.route("/a/<slug:slug>/attestations/lots/<uuid:batch_id>/avancement")
@requires(Permission.ISSUE_CERTIFICATES)
def batch_progress(batch_id: UUID) -> ResponseReturnValue:
    """The bar alone, asked for again and again while the batch runs."""
    row = get_or_404(CertificateBatch, batch_id)
    counts = batches.progress(row.id)
    return render_template("certificates/progress.html", batch=row, counts=counts, left=batches.seconds_left(row, counts))


@bp.route("/a/<slug:slug>/attestations/lots/<uuid:batch_id>/annulation", methods=["POST"])
@requires(Permission.ISSUE_CERTIFICATES)
def batch_cancel(batch_id: UUID) -> ResponseReturnValue:
    """Make no more; what is made stays."""
    row = get_or_404(CertificateBatch, batch_id)
    batches.cancel(row.id)
    flash(_("Le lot est arrêté. Les attestations déjà faites restent valables."))
    return see_other("certificates.batch", batch_id=row.id)


@bp.route("/a/<slug:slug>/attestations/lots/<uuid:batch_id>/reprise", methods=["POST"])
@requires(Permission.ISSUE_CERTIFICATES)
def batch_again(batch_id: UUID) -> ResponseReturnValue:
    """Try those that failed again."""
    row = get_or_404(CertificateBatch, batch_id)
    batches.try_again(row)
    return see_other("certificates.batch", batch_id=row.id)


@bp.route("/a/<slug:slug>/attestations/lots/<uuid:batch_id>/revocation", methods=["GET", "POST"])
@requires(Permission.ISSUE_CERTIFICATES)
def batch_revocation(batch_id: UUID) -> ResponseReturnValue:
    """Take every certificate of a batch back, with one reason."""
    row, form = get_or_404(CertificateBatch, batch_id), RevokeForm()
    count = batches.count_revocable(row.id, current_member.user_id)
    if row.is_running or row.is_being_revoked or not count:
        return see_other("certificates.batch", batch_id=row.id)
    if form.validate_on_submit():
        if batches.revoke_all(row, form.reason.data, current_member.user_id):
            flash(_("Les attestations de ce lot sont révoquées l'une après l'autre ; les titulaires reçoivent un message."))
        return see_other("certificates.batch", batch_id=row.id)
    return render_form("certificates/batch_revocation.html", form=form, batch=row, count=count)


@bp.route("/a/<slug:slug>/attestations/lots/<uuid:batch_id>/<any(archive,impression):which>")
@requires(Permission.ISSUE_CERTIFICATES)
def batch_file(batch_id: UUID, which: str) -> ResponseReturnValue:
    """Every file in one ZIP, or one PDF to print."""
    row = get_or_404(CertificateBatch, batch_id)
    key = row.zip_key if which == "archive" else row.print_key
    if key is None:
        abort(404)
    kind = ("zip", "application/zip") if which == "archive" else ("pdf", "application/pdf")
    name = f"attestations-{row.created_at:%Y-%m-%d}.{kind[0]}"
    note(What.LIST, file=name)
    return download(load(key), name, kind[1])
