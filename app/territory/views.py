"""The list of communes that a form proposes while one types."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.gate import public

from .queries import search_communes

bp = Blueprint("territory", __name__)


@bp.route("/communes")
@public
def communes() -> ResponseReturnValue:
    """The lines to pick from, as the form itself shows them."""
    typed = request.args.get("q", "")[:80]
    return render_template("territory/choices.html", name="commune", choices=search_communes(typed), picked="", typed=typed)
