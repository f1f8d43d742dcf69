"""The pages of the journal."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.journal import take_list
from app.accounts.models import Act
from app.accounts.permissions import Permission
from app.gate import requires
from app.paging import paginate_by_key
from app.web import today

from . import journal
from .blueprint import bp


@bp.route("/a/<slug:slug>/journal")
@requires(Permission.MANAGE_TEAM)
def acts() -> ResponseReturnValue:
    """Who did what, the latest first."""
    filters = journal.Filters.of(request.args)
    page = paginate_by_key(filters.narrowed(), (Act.created_at, Act.id), latest_first=True)
    return render_template("privacy/journal.html", page=page, filters=filters, names=journal.names(), journal=journal)


@bp.route("/a/<slug:slug>/journal/export/<any(csv, xlsx):form>")
@requires(Permission.MANAGE_TEAM)
def acts_export(form: str) -> Response:
    """The same, as its filters narrow it, for a spreadsheet."""
    return take_list(form, f"journal-{today()}", journal.file_rows(journal.Filters.of(request.args)))
