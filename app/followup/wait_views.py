"""The page of somebody who waits for a pair, behind the link of their letter: since when, what comes next, the way out."""

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from app.accounts.forms import ConfirmForm
from app.errors import DomainError
from app.extensions import limit_link
from app.gate import public
from app.people.models import Mentor
from app.tenants.resolve import carries_tenant, current_tenant
from app.translation import gettext as _
from app.web import leads_nowhere, see_other

from . import waits
from .blueprint import bp


@bp.route("/attente/<token:token>", methods=["GET", "POST"])
@public
@carries_tenant
@limit_link
def wait(token: str) -> ResponseReturnValue:
    """They read what comes next, or say that they need nobody any more."""
    person = waits.of_link(token) or leads_nowhere()
    if ConfirmForm().validate_on_submit():
        try:
            waits.need_nobody(person)
        except DomainError:  # a pair is on its way: the page says so
            flash(_("Un binôme est en cours ou en préparation : appelez l'association."), "warning")
        return see_other("followup.wait", token=token)
    return render_template(
        "followup/wait.html", person=person, is_mentor=isinstance(person, Mentor), tenant=current_tenant,
        token=token, where=waits.where(person), lacks=waits.lacks(person),
    )  # fmt: skip
