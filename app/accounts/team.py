"""The team of a space: who works here, inviting a colleague, ending a place."""

from uuid import UUID

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import RadioField
from wtforms.validators import DataRequired, Email, InputRequired

from app.errors import DomainError
from app.extensions import db
from app.fields import Line, options, person_name, phone
from app.gate import requires
from app.tenants.models import Staff
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import get_or_404, render_form, see_other

from .actions import end_membership, invite
from .forms import ConfirmForm
from .models import User
from .permissions import Permission, Role
from .queries import current_member, last_role, lock_staff, roles_in_space, staff_of_space, with_second_factor

bp = Blueprint("team", __name__, url_prefix="/a/<slug:slug>/equipe")
ROLES = {
    Role.COORDINATOR.value: _l("Chargé ou chargée de mentorat"),
    Role.ADMIN.value: _l("Responsable de l'espace"),
}


class LastAdmin(DomainError):
    """A space keeps at least one person who sets it up."""


class ColleagueForm(FlaskForm):  # type: ignore[misc]
    """Somebody to invite."""

    first_name = Line(_l("Prénom"), validators=[DataRequired(_l("À remplir.")), person_name])
    last_name = Line(_l("Nom"), validators=[DataRequired(_l("À remplir.")), person_name])
    email = Line(
        _l("Adresse e-mail"),
        longest=254,
        validators=[DataRequired(_l("À remplir.")), Email(_l("Adresse incomplète."))],
    )
    phone = Line(_l("Téléphone"), longest=30, validators=[phone])
    office = Line(_l("Fonction"), longest=80)
    role = RadioField(_l("Rôle"), choices=options(ROLES), validators=[InputRequired(_l("Choisissez."))])


@bp.route("")
@requires(Permission.SET_SPACE_UP)
def index() -> ResponseReturnValue:
    """Who works here."""
    roles = roles_in_space()
    guarded = with_second_factor(roles)
    return render_template("accounts/team.html", staff=staff_of_space(), roles=roles, guarded=guarded, words=ROLES)


@bp.route("/nouveau", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def new() -> ResponseReturnValue:
    """Invite a colleague."""
    form = ColleagueForm()
    if form.validate_on_submit():
        membership = invite(form.email.data, Role(form.role.data), current_tenant, form.first_name.data)
        card = db.session.scalar(select(Staff).where(Staff.user_id == membership.user_id))
        card = card or Staff(user_id=membership.user_id)
        card.first_name, card.last_name = form.first_name.data, form.last_name.data
        card.office, card.phone = form.office.data or "", form.phone.data or ""
        db.session.add(card)
        flash(_("L'invitation est partie."))
        return see_other("team.index")
    return render_form("accounts/new_colleague.html", form=form)


@bp.route("/<uuid:staff_id>/fin", methods=["GET", "POST"])
@requires(Permission.SET_SPACE_UP)
def end(staff_id: UUID) -> ResponseReturnValue:
    """End a colleague's place here, once that is said on a page."""
    card, form = get_or_404(Staff, staff_id), ConfirmForm()
    if not form.validate_on_submit():
        return render_form("accounts/end_of_place.html", form=form, card=card)
    lock_staff(current_tenant.id)  # two who end each other's place at the same instant: one is left
    admins = [user for user, roles in roles_in_space().items() if Role.ADMIN in roles]
    if admins == [card.user_id] or card.user_id == current_member.user_id:
        raise LastAdmin(_("Une autre personne responsable de l'espace doit le faire."))
    for role in (Role.COORDINATOR, Role.ADMIN):  # the last to end is the one to give back
        end_membership(current_tenant.id, card.user_id, role)
    flash(_("%(name)s n'a plus accès à cet espace.", name=card.full_name))
    return see_other("team.index")


@bp.route("/<uuid:staff_id>/retour", methods=["POST"])
@requires(Permission.SET_SPACE_UP)
def back(staff_id: UUID) -> ResponseReturnValue:
    """Give a colleague who left, or whose place was ended by mistake, the place that they had last."""
    card = get_or_404(Staff, staff_id)
    role = last_role(current_tenant.id, card.user_id)
    if role is not None:
        account = db.session.get_one(User, card.user_id)
        invite(account.email, role, current_tenant, card.first_name)
        flash(_("%(name)s a de nouveau accès à cet espace, et reçoit un message.", name=card.full_name))
    return see_other("team.index")
