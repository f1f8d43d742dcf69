"""What certificates add to a pair's page."""

from flask import render_template
from markupsafe import Markup

from app.pairs.models import Pair
from app.pairs.signals import pair_shown

from .actions import certificates_of_pair


@pair_shown.connect
def certificates_panel(pair: Pair) -> tuple[str, Markup]:
    """On a pair's page: what was issued, and the way to issue one."""
    rows = certificates_of_pair(pair.id)
    return "side", Markup(render_template("certificates/panel.html", pair=pair, certificates=rows))  # noqa: S704
