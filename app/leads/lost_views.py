"""« Retrouver ma demande »: the link of a request, sent again."""

from flask import render_template
from flask.typing import ResponseReturnValue

from app.accounts.forms import SignInLinkForm
from app.accounts.security import limit_letters
from app.gate import public
from app.tenants.resolve import current_tenant
from app.web import render_form

from .blueprint import bp
from .lost import send_links


@bp.route("/retrouver-ma-demande", methods=["GET", "POST"])
@bp.route("/a/<slug:slug>/retrouver-ma-demande", methods=["GET", "POST"])
@public
@limit_letters
def find_again() -> ResponseReturnValue:
    """Whoever asks reads the same, whether a request has this address or none."""
    form = SignInLinkForm()
    if form.validate_on_submit():
        send_links(form.email.data, current_tenant)
        return render_template("leads/link_sent.html", email=form.email.data)
    return render_form("leads/find_again.html", form=form)
