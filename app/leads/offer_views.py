"""What an association offers to the programme's orientation."""

from flask import abort, flash
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Permission
from app.database import hold_row
from app.extensions import db
from app.fields import options
from app.gate import requires
from app.tenants.models import Tenant
from app.tenants.resolve import current_tenant
from app.territory.queries import departement_choices, region_choices
from app.translation import gettext as _
from app.web import midnight, render_form, see_other, today

from .blueprint import bp
from .offer_forms import OfferForm, lacking
from .queries import sent_since


@bp.route("/a/<slug:slug>/reglages/offre", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def offer() -> ResponseReturnValue:
    """Where we are, whom we accompany, how many a month."""
    if current_tenant.is_programme:
        abort(404)
    tenant = db.session.get_one(Tenant, current_tenant.id)
    form = OfferForm.of(tenant)
    form.departements.choices, form.regions.choices = options(departement_choices()), options(region_choices())
    if form.validate_on_submit() and (changed := form.changed(hold_row(tenant, key_share=True))) is not None:
        for name, value in changed.items():
            setattr(tenant, name, value)
        flash(_("Votre offre est enregistrée : les prochaines demandes en tiennent compte."))
        for nothing in lacking(tenant):
            flash(nothing, "warning")
        return see_other("leads.offer")
    return render_form(
        "leads/offer.html", form=form, suspended_on=tenant.suspended_on, sent=sent_since(midnight(today().replace(day=1)))
    )
