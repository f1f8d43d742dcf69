"""Import a file of requests by the web: send it, check its columns, watch it, take back what was refused."""

from uuid import UUID

from flask import Response, flash, render_template
from flask.typing import ResponseReturnValue

from app.accounts.journal import What, note
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.errors import DomainError
from app.gate import requires
from app.sheets import as_file
from app.translation import gettext as _
from app.translation import ngettext
from app.web import download, get_or_404, local, render_form, see_other

from . import imports as files
from .blueprint import bp
from .import_forms import ImportForm, MappingForm, unread
from .models import ImportState, LeadImport
from .title_words import FIELDS
from .words import LeadKind

EITHER = {"full_name", "age", "requested_at", "source"}  # said in another column, or by whoever sends the file


@bp.route("/a/<slug:slug>/imports", methods=["GET", "POST"])
@requires(Permission.IMPORT_LEADS)
def imports() -> ResponseReturnValue:
    """Send a file; the last ones."""
    form = ImportForm()
    if form.validate_on_submit():
        sent = form.file.data
        try:
            row, notes = files.receive_file(sent.filename or "", sent.read(), LeadKind(form.kind.data), current_member.user_id)
        except DomainError as error:
            form.file.errors = [str(error)]
        else:
            for sentence in notes:
                flash(sentence)
            return see_other("leads.one_import", import_id=row.id)
    return render_form("leads/imports.html", form=form, recent=files.recent(), landing=files.landing())


@bp.route("/a/<slug:slug>/imports/modele")
@requires(Permission.IMPORT_LEADS)
def import_model() -> Response:
    """A workbook with nothing but its titles, all of which are known: for whoever begins with a blank page."""
    return as_file("xlsx", "modele-demandes", [[str(words) for name, (words, _others) in FIELDS.items() if name not in EITHER]])


@bp.route("/a/<slug:slug>/imports/<uuid:import_id>", methods=["GET", "POST"])
@requires(Permission.IMPORT_LEADS)
def one_import(import_id: UUID) -> ResponseReturnValue:
    """Check the columns, then watch the rows being taken."""
    row = get_or_404(LeadImport, import_id)
    if row.state != ImportState.READY:
        return render_template("leads/import.html", row=row, groups=files.shown_problems(row), may_undo=files.may_undo(row))
    form = MappingForm.of(row.header, row.mapping, row.kind)
    is_other_kind = form.is_submitted() and form.kind.data in set(LeadKind) - {row.kind}
    if is_other_kind or form.validate_on_submit():
        try:
            if is_other_kind or form.look.data:
                files.look(row, form.mapping(), LeadKind(form.kind.data or row.kind))
            else:
                files.start(row, form.mapping())
        except DomainError as error:
            form.last_name.errors = [str(error)]
        else:
            return see_other("leads.one_import", import_id=row.id)
    mapping = form.mapping() if form.is_submitted() else row.mapping
    return render_form("leads/import_columns.html", form=form, row=row, preview=files.preview(row, mapping), fields=FIELDS,
                       unread=unread(row.header, files.reading_of(row, mapping).places))  # fmt: skip


@bp.route("/a/<slug:slug>/imports/<uuid:import_id>/avancement")
@requires(Permission.IMPORT_LEADS)
def import_progress(import_id: UUID) -> ResponseReturnValue:
    """The bar alone, asked for again and again while the rows are taken."""
    return render_template("leads/import_progress.html", row=get_or_404(LeadImport, import_id))


@bp.route("/a/<slug:slug>/imports/<uuid:import_id>/arret", methods=["POST"])
@requires(Permission.IMPORT_LEADS)
def import_cancel(import_id: UUID) -> ResponseReturnValue:
    """Take no more rows; those that are taken stay."""
    row = get_or_404(LeadImport, import_id)
    begun = row.started_at is not None
    if files.cancel(row):
        flash(
            _("L'import est arrêté. Les demandes déjà ajoutées restent.")
            if begun
            else _("Ce fichier est abandonné : rien n'en a été pris.")
        )
    return see_other("leads.one_import", import_id=row.id) if begun else see_other("leads.imports")


@bp.route("/a/<slug:slug>/imports/<uuid:import_id>/retour", methods=["POST"])
@requires(Permission.IMPORT_LEADS)
def import_undone(import_id: UUID) -> ResponseReturnValue:
    """Take back what the file added, where nobody has touched it."""
    gone, left = files.undo(get_or_404(LeadImport, import_id))
    if gone:
        flash(ngettext("%(num)s demande est retirée.", "%(num)s demandes sont retirées.", gone))
    if left:
        flash(
            ngettext(
                "%(num)s demande reste : une association l'a reçue, ou quelqu'un s'en occupe.",
                "%(num)s demandes restent : des associations les ont reçues, ou quelqu'un s'en occupe.",
                left,
            ),
            "warning",
        )
    return see_other("leads.one_import", import_id=import_id)


@bp.route("/a/<slug:slug>/imports/<uuid:import_id>/lignes-refusees")
@requires(Permission.IMPORT_LEADS)
def import_refused(import_id: UUID) -> ResponseReturnValue:
    """The refused rows, to correct and send again."""
    row = get_or_404(LeadImport, import_id)
    name = f"lignes-refusees-{local(row.created_at):%Y-%m-%d}.csv"
    note(What.LIST, file=name, rows=row.refused)
    return download(files.refused_rows(row), name, "text/csv")


@bp.route("/a/<slug:slug>/imports/<uuid:import_id>/remarques")
@requires(Permission.IMPORT_LEADS)
def import_remarks(import_id: UUID) -> ResponseReturnValue:
    """What was left aside of the rows that were taken."""
    row = get_or_404(LeadImport, import_id)
    return download(files.remarks_file(row), f"remarques-{local(row.created_at):%Y-%m-%d}.csv", "text/csv")
