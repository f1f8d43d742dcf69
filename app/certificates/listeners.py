"""What certificates add to a pair's page and to a mentor's file."""

from flask import render_template
from markupsafe import Markup

from app.pairs.models import Pair, PairState
from app.pairs.signals import agreement_drawn, pair_shown
from app.people.models import Mentee, Mentor
from app.people.signals import person_shown
from app.tenants.resolve import current_tenant
from app.web import today

from .actions import certificates_of_pair
from .queries import certificates_of
from .sealing import current_key, current_sealer, seal


@pair_shown.connect
def certificates_panel(pair: Pair) -> tuple[str, Markup]:
    """On a pair's page, once it began: what was issued, and the way to issue one."""
    if pair.is_forming or pair.state == PairState.DROPPED:
        return "side", Markup("")
    rows = certificates_of_pair(pair.id)
    return "side", Markup(render_template("certificates/panel.html", pair=pair, certificates=rows))  # noqa: S704


@person_shown.connect
def persons_panel(person: Mentor | Mentee) -> Markup:
    """On a file: what was issued; for a mentor, the way to certify hours."""
    mentor, rows = person if isinstance(person, Mentor) else None, certificates_of(person.id)
    if mentor is None and not rows:
        return Markup("")  # a jeune's are issued from the pair's page: there is nothing to do here
    return Markup(render_template("certificates/panel.html", mentor=mentor, certificates=rows))  # noqa: S704


@agreement_drawn.connect
def seal_agreement(content: bytes) -> bytes:
    """An agreement that everybody signed is sealed as a certificate is."""
    return seal(content, current_sealer(today(), current_key()), current_tenant.name).content
