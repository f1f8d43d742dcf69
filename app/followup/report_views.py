"""« Bilan »: the figures of a period, and their file."""

from flask.typing import ResponseReturnValue

from app.accounts.permissions import Permission
from app.gate import requires
from app.periods import file_of_period, page_of_period

from .blueprint import SPACE, bp
from .report import report

PAGE = "followup/report.html"


@bp.route(f"{SPACE}/bilan")
@requires(Permission.FOLLOW_PAIRS)
def figures_of_period() -> ResponseReturnValue:
    """What the association did in a period, as pictures with their tables."""
    return page_of_period(PAGE, report)


@bp.route(f"{SPACE}/bilan/<any(csv, xlsx):form>")
@requires(Permission.FOLLOW_PAIRS)
def file_of_figures(form: str) -> ResponseReturnValue:
    """The same for a spreadsheet."""
    return file_of_period(form, PAGE, report)
