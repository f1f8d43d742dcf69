"""« Bilan »: the figures of a period, and their file."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Permission
from app.gate import requires
from app.periods import period
from app.sheets import as_file

from .blueprint import SPACE, bp
from .report import report


@bp.route(f"{SPACE}/bilan")
@requires(Permission.FOLLOW_PAIRS)
def figures_of_period() -> ResponseReturnValue:
    """What the association did in a period, as pictures with their tables."""
    form = period()
    found = report(form.du.data, form.au.data) if form.validate() else None
    page = render_template("followup/report.html", form=form, report=found)
    return page, 422 if form.errors else 200


@bp.route(f"{SPACE}/bilan/<any(csv, xlsx):form>")
@requires(Permission.FOLLOW_PAIRS)
def file_of_period(form: str) -> Response | ResponseReturnValue:
    """The same for a spreadsheet."""
    asked = period()
    if not asked.validate():
        return render_template("followup/report.html", form=asked, report=None), 422
    return as_file(form, f"bilan-{asked.du.data}-{asked.au.data}", report(asked.du.data, asked.au.data).rows())
