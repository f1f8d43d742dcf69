"""The space's settings, and its logo."""

from flask import Blueprint, Response, abort, flash
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Permission
from app.database import hold_row
from app.errors import DomainError
from app.extensions import db
from app.gate import locks_out, public, requires
from app.storage import load, store
from app.translation import gettext as _
from app.web import render_form, see_other

from .forms import CardForm, SettingsForm
from .images import clean_logo
from .models import Tenant
from .resolve import current_tenant

bp = Blueprint("tenants", __name__, url_prefix="/a/<slug:slug>")


@bp.route("/reglages", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def settings() -> ResponseReturnValue:
    """The association's card."""
    tenant = db.session.get_one(Tenant, current_tenant.id)
    form = SettingsForm.of(tenant)
    if form.validate_on_submit() and not locks_out(form, tenant) and saved(form, tenant):
        flash(_("Les réglages sont enregistrés."))
        return see_other("tenants.settings")
    return render_form("tenants/settings.html", form=form)


@bp.route("/carte", methods=["GET", "POST"])
@requires(Permission.SET_RULES)
def card() -> ResponseReturnValue:
    """How the programme presents itself, and where it is written to."""
    tenant = db.session.get_one(Tenant, current_tenant.id)
    form = CardForm.of(tenant)
    if form.validate_on_submit() and saved(form, tenant):
        flash(_("Les réglages sont enregistrés."))
        return see_other("tenants.card")
    return render_form("tenants/card.html", form=form)


def saved(form: CardForm, tenant: Tenant) -> bool:
    """Whether a card could be written; else a field says why not."""
    upload = form.logo.data
    try:
        key = store(tenant.id, clean_logo(upload.read()), "png") if upload else None  # before anybody waits for the row
    except DomainError as error:
        form.logo.errors = [str(error)]
        return False
    changed = form.changed(hold_row(tenant, key_share=True))
    if changed is None:
        return False
    if key or form.without_logo.data:
        tenant.logo_key = key
    for name, value in changed.items():
        setattr(tenant, name, value)
    tenant.initials = tenant.initials.upper()
    return True


@bp.route("/logo")
@public
def logo() -> ResponseReturnValue:
    """The association's logo, as it was drawn again at upload."""
    if not current_tenant.logo_key:
        abort(404)
    return Response(load(current_tenant.logo_key), mimetype="image/png")
