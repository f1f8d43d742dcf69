"""Making the forms known: their addresses, a poster to print, a button for the association's own site."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from app import rendering
from app.accounts.permissions import Permission
from app.colour import legible
from app.database import now
from app.gate import requires
from app.mail import absolute
from app.qr import qr_code
from app.storage import load
from app.tenants.resolve import current_tenant
from app.web import download

from .blueprint import bp

FORMS = {"jeunes": "leads.ask_for_mentor", "mentors": "leads.offer_to_mentor"}


def link_of(audience: str, source: str | None = None) -> str:
    """The address of one of this association's forms; it says where people come from."""
    values = {"source": source} if source else {}
    return absolute(FORMS[audience], slug=current_tenant.slug, **values)


@bp.route("/a/<slug:slug>/faire-connaitre")
@requires(Permission.ANSWER_LEADS)
def outreach() -> ResponseReturnValue:
    """The two forms' addresses, their posters, and what to copy into a site."""
    links = {audience: (link_of(audience), link_of(audience, "site")) for audience in FORMS}
    return render_template("leads/outreach.html", links=links, colour=legible(current_tenant.colour))


@bp.route("/a/<slug:slug>/faire-connaitre/<string:audience>/affiche")
@requires(Permission.ANSWER_LEADS)
def poster(audience: str) -> ResponseReturnValue:
    """A poster to print, with a QR code to the form."""
    if audience not in FORMS or current_tenant.is_programme:
        abort(404)
    link = link_of(audience, "affiche")
    files = {"qr": qr_code(link)}
    if current_tenant.logo_key:
        files["logo"] = load(current_tenant.logo_key)
    html = render_template(
        "documents/poster.html", audience=audience, link=link_of(audience).partition("://")[2], files=files,
        colour=legible(current_tenant.colour),
    )  # fmt: skip
    day = now().replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=None)
    return download(rendering.draw(html, (), day, files), f"affiche-{audience}.pdf", "application/pdf")
