"""Two requests side by side: one person's, or two people's."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.errors import DomainError
from app.gate import requires
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import get_or_404

from . import doubles
from .blueprint import bp
from .contacts import attempts_of
from .forms import CompareForm
from .models import Lead
from .queries import history_of


@bp.route("/a/<slug:slug>/demandes/<uuid:lead_id>/comparaison", methods=["GET", "POST"])
@requires(Permission.ANSWER_LEADS)
def comparison(lead_id: UUID) -> ResponseReturnValue:
    """In an association: compare a request with the one that it repeats."""
    return compare(get_or_404(Lead, lead_id), "leads.show")


def compare(lead: Lead, endpoint: str) -> ResponseReturnValue:
    """Show the two, and do what is decided; `endpoint` is the page of one request."""
    form, pair = CompareForm(), doubles.pair_of(lead)
    back = url_for(endpoint, lead_id=lead.id)
    is_said = form.validate_on_submit()
    if is_said and form.decision.data == "join" and not form.sure.data:
        form.sure.errors = [_("Cochez pour réunir.")]
        is_said = False
    if is_said:
        try:
            if form.decision.data == "join":
                kept = doubles.join(lead, form.taken.data, current_member.user_id)
                flash(_("Les deux demandes n'en font plus qu'une."))
                return redirect(url_for(endpoint, lead_id=kept.id), code=303)
            doubles.separate(lead, current_tenant, current_member.user_id)
        except DomainError as error:
            flash(str(error), "warning")
        else:
            flash(_("C'est noté : ce sont deux personnes."))
        return redirect(back, code=303)
    if pair is None:
        return redirect(back, code=303)
    kept, other = pair
    nobody = current_tenant.is_programme and not kept.is_open  # it has its answer: the programme reads its steps
    return render_template(
        "leads/comparison.html", form=form, kept=kept, other=other, back_url=back, differences=doubles.differences(kept, other),
        told=[(one, history_of(one), attempts_of(one)) for one in pair], nobody=nobody,
        is_programme=current_tenant.is_programme,
    ), 422 if form.errors else 200  # fmt: skip
