"""Two requests side by side: one person's, or two people's."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, RadioField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.errors import DomainError
from app.fields import CHOOSE_ONE, Choices
from app.gate import requires
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import get_or_404

from . import doubles
from .blueprint import bp
from .contacts import attempts_of
from .forms import TAKEN
from .models import Lead
from .own import own_among
from .queries import history_of


class CompareForm(FlaskForm):
    """Whether two requests are one person's, and what to take from the one that is joined."""

    taken = Choices(_l("Prendre de la demande réunie"), choices=[SelectChoice(name, name) for name in TAKEN])
    decision = RadioField(_l("Décision"), choices=[SelectChoice(value, value) for value in ("join", "separate")],
                          validators=[InputRequired(CHOOSE_ONE)])  # fmt: skip
    sure = BooleanField(_l("C'est bien une seule personne : les réunir ne se défait pas"))

    def validate_sure(self, field: Field) -> None:
        if self.decision.data == "join" and not field.data:
            raise ValidationError(_("Cochez pour réunir."))


@bp.route("/a/<slug:slug>/demandes/<uuid:lead_id>/comparaison", methods=["GET", "POST"])
@requires(Permission.ANSWER_LEADS)
def comparison(lead_id: UUID) -> ResponseReturnValue:
    """In an association: compare a request with the one that it repeats."""
    return compare(get_or_404(Lead, lead_id), "leads.show")


def compare(lead: Lead, endpoint: str) -> ResponseReturnValue:
    """Show the two, and do what is decided; `endpoint` is the page of one request."""
    form, pair = CompareForm(), doubles.pair_of(lead)
    back = url_for(endpoint, lead_id=lead.id)
    if form.validate_on_submit():
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
    is_own = bool(own_among(pair, current_member.user_id, by_name=False))
    nobody = current_tenant.is_programme and not kept.is_open  # it has its answer: the programme reads its steps
    return render_template(
        "leads/comparison.html", form=form, kept=kept, other=other, back_url=back, differences=doubles.differences(kept, other),
        told=[(one, history_of(one), [] if is_own else attempts_of(one)) for one in pair], nobody=nobody,
        is_programme=current_tenant.is_programme, has_left=doubles.has_left(kept),
    ), 422 if form.errors else 200  # fmt: skip
