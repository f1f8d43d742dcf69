"""The team of a space: who works here, inviting a colleague, ending a place."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from wtforms import BooleanField, Field, RadioField, ValidationError
from wtforms.validators import DataRequired, InputRequired

from app.database import hold_row, now
from app.errors import DomainError
from app.extensions import db
from app.fields import CHOOSE_ONE, TO_FILL, Line, email, options, person_name, phone
from app.gate import requires
from app.late import RowForm
from app.tenants.models import Staff
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import get_or_404, render_form, see_other

from .actions import change_role, end_membership, forget_account, invite, send_invitation
from .forms import ConfirmForm
from .journal import What, note
from .models import Membership, User
from .permissions import STAFF_ROLES, Permission, Role
from .queries import (
    addresses_by_user,
    current_member,
    just_invited,
    last_role,
    lock_staff,
    never_in,
    roles_in_space,
    roles_of_address,
    staff_of_space,
    with_second_factor,
)
from .signals import colleague_asked, colleague_left
from .words import OF_ASSOCIATIONS, ROLES

bp = Blueprint("team", __name__, url_prefix="/a/<slug:slug>/equipe")


class JeunesAddress(DomainError):
    """The team's pages do not open to whom it accompanies."""


def refuse_a_jeune(email: str) -> None:
    """Raise JeunesAddress for the address of somebody accompanied here, or who asks to be: a wrong one would open every file."""
    if Role.JEUNE in roles_of_address(email) or any(answer for _receiver, answer in colleague_asked.send(email)):
        raise JeunesAddress(_("C'est l'adresse d'un jeune, suivi ou en attente : elle n'ouvre pas l'espace de l'équipe."))


class LastAdmin(DomainError):
    """A space keeps at least one person who answers for it."""


class CardForm(RowForm):
    """What is read of a colleague, and what they may do here."""

    first_name = Line(_l("Prénom"), validators=[DataRequired(TO_FILL), person_name])
    last_name = Line(_l("Nom"), validators=[DataRequired(TO_FILL), person_name])
    phone = Line(_l("Téléphone"), longest=30, validators=[phone])
    office = Line(_l("Fonction"), longest=80)
    role = RadioField(_l("Rôle"), choices=options(OF_ASSOCIATIONS), validators=[InputRequired(CHOOSE_ONE)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if current_tenant.is_programme:
            del self.role

    @property
    def chosen(self) -> Role:
        """The role to give."""
        return Role(self.role.data) if "role" in self else Role.OPERATOR

    def fill(self, card: Staff) -> None:
        """Write what was typed on a card."""
        card.first_name, card.last_name = self.first_name.data, self.last_name.data
        card.office, card.phone = self.office.data or "", self.phone.data or ""


class ColleagueForm(CardForm):
    """Somebody to invite."""

    email = Line(
        _l("Adresse e-mail"),
        longest=254,
        validators=[DataRequired(TO_FILL), email],
    )
    anyway = BooleanField(_l("Oui, cette personne travaille aussi dans l'association"))
    asks_anyway = False  # once the address is seen to be a mentor's

    def validate_email(self, field: Field) -> None:
        """Nobody who works here already, nor a jeune: an address that is wrong would open every file to them."""
        roles = roles_of_address(field.data)
        if roles & STAFF_ROLES:
            raise ValidationError(_("Cette personne travaille déjà ici : corrigez sa fiche depuis la liste de l'équipe."))
        try:
            refuse_a_jeune(field.data)
        except JeunesAddress as error:
            raise ValidationError(str(error)) from error
        self.asks_anyway = Role.MENTOR in roles
        if self.asks_anyway and not self.anyway.data:
            raise ValidationError(_("C'est l'adresse d'un mentor de votre association. Si c'est voulu, cochez la case."))


@bp.route("")
@requires(Permission.MANAGE_TEAM)
def index() -> ResponseReturnValue:
    """Who works here, and who left, until their account is forgotten. Of somebody who has not come in, nothing is known."""
    roles, cards = roles_in_space(), staff_of_space()
    awaited, gone = never_in(roles), [card for card in cards if card.user_id not in roles]
    known = set(db.session.scalars(select(User.id).where(User.id.in_([card.user_id for card in gone]), User.active)))
    return render_template(
        "accounts/team.html", staff=[card for card in cards if card.user_id in roles],
        gone=[card for card in gone if card.user_id in known], roles=roles, guarded=with_second_factor(roles.keys() - awaited),
        awaited=awaited, words=ROLES, addresses=addresses_by_user(with_invited=True),
    )  # fmt: skip


@bp.route("/nouveau", methods=["GET", "POST"])
@requires(Permission.MANAGE_TEAM)
def new() -> ResponseReturnValue:
    """Invite a colleague."""
    if request.method == "POST":
        lock_staff(current_tenant.id)  # of two who send the same form, the second is told that it is done
    form = ColleagueForm()
    if form.validate_on_submit():
        membership = invite(form.email.data, form.chosen, current_tenant, form.first_name.data)
        card = db.session.scalar(select(Staff).where(Staff.user_id == membership.user_id))
        card = card or Staff(user_id=membership.user_id)
        form.fill(card)
        card.left_at = None
        db.session.add(card)
        note(What.INVITED, name=card.full_name, role=form.chosen.value)
        flash(_("L'invitation est partie."))
        return see_other("team.index")
    if list(form.errors) == ["email"] and (known := just_invited(form.email.data, form.chosen)) is not None:
        form.fill(known)
        flash(_("L'invitation est partie."))
        return see_other("team.index")
    return render_form("accounts/new_colleague.html", form=form)


@bp.route("/<uuid:staff_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_TEAM)
def edit(staff_id: UUID) -> ResponseReturnValue:
    """A colleague's card: name, telephone, office, role."""
    card = get_or_404(Staff, staff_id)
    if request.method == "POST":
        lock_staff(current_tenant.id)  # a place that somebody ends at this instant is not given back
        hold_row(card, key_share=True)
    held = roles_in_space().get(card.user_id) or abort(404)
    said = as_typed(card, held)
    form = CardForm.of(said)
    if form.validate_on_submit() and (changed := form.changed(said)) is not None:
        try:
            if Role.ADMIN in held and changed.get("role", Role.ADMIN) != Role.ADMIN:
                refuse_last_admin(card)
        except DomainError as error:
            form.role.errors = [str(error)]
        else:
            flash(_("La fiche est corrigée."))
            correct(card, held, changed)
            return see_other("team.index")
    return render_form("accounts/colleague.html", form=form, card=card)


def as_typed(card: Staff, held: set[Role]) -> SimpleNamespace:
    """What the form shows of a colleague: their card, and the first of their roles."""
    said = {name: getattr(card, name) for name in ("first_name", "last_name", "phone", "office")}
    return SimpleNamespace(**said, role=(Role.ADMIN if Role.ADMIN in held else Role.COORDINATOR).value)


def correct(card: Staff, held: set[Role], changed: Mapping[str, Any]) -> None:
    """Write what was changed of a colleague's card, and give the role that was chosen; one that was left alone stays."""
    for name in changed.keys() - {"role"}:
        setattr(card, name, changed[name] or "")
    if "role" not in changed or held == {changed["role"]}:
        return
    place = change_role(card.user_id, Role(changed["role"]))
    note(What.ROLE, name=card.full_name, role=changed["role"])
    if never_in([card.user_id]):  # the link that left was to the other place
        send_invitation(place, card.first_name)
        flash(_("Une nouvelle invitation est partie : celle d'avant n'ouvre plus rien."))


@bp.route("/<uuid:staff_id>/renvoi", methods=["POST"])
@requires(Permission.MANAGE_TEAM)
def again(staff_id: UUID) -> ResponseReturnValue:
    """Send the invitation once more to a colleague who has not come in."""
    card = get_or_404(Staff, staff_id)
    roles = roles_in_space().get(card.user_id, set())
    if roles and never_in([card.user_id]):
        place = db.session.get_one(Membership, (current_tenant.id, card.user_id, min(roles).value))
        send_invitation(place, card.first_name)
        flash(_("L'invitation est repartie à %(address)s.", address=place.user.email))
    return see_other("team.index")


def refuse_last_admin(card: Staff) -> None:
    """Raise LastAdmin when nobody else would answer for the space, or when it is one's own place.

    Two who end each other's place at the same instant wait for each other: one is left.
    """
    lock_staff(current_tenant.id)
    answers = Role.OPERATOR if current_tenant.is_programme else Role.ADMIN
    admins = [user for user, roles in roles_in_space().items() if answers in roles]
    if admins == [card.user_id] or card.user_id == current_member.user_id:
        raise LastAdmin(_("Une autre personne responsable de l'espace doit le faire."))


@bp.route("/<uuid:staff_id>/fin", methods=["GET", "POST"])
@requires(Permission.MANAGE_TEAM)
def end(staff_id: UUID) -> ResponseReturnValue:
    """End a colleague's place here, once that is said on a page."""
    card, form = get_or_404(Staff, staff_id), ConfirmForm()
    if request.method == "POST":
        lock_staff(current_tenant.id)  # whoever accepts the invitation at this instant has come in
    is_awaited = bool(never_in([card.user_id]))
    if not form.validate_on_submit():
        return render_form("accounts/end_of_place.html", form=form, card=card, is_awaited=is_awaited)
    refuse_last_admin(card)
    for role in (Role.COORDINATOR, Role.ADMIN, Role.OPERATOR):  # the last to end is the one to give back
        end_membership(current_tenant.id, card.user_id, role)
    card.left_at = now()
    address = db.session.get_one(User, card.user_id).email if is_awaited else None
    colleague_left.send(card, by=current_member.user_id, never_in=address)
    note(What.ENDED, name=card.full_name)
    flash(_("%(name)s n'a plus accès à cet espace.", name=card.full_name))
    if is_awaited:
        forget_account(card.user_id)
        forget_card(card)
    return see_other("team.index")


def forget_card(card: Staff) -> None:
    """Nothing is kept of somebody who never came in: the address may have been wrong. Whose pairs a card follows keeps it."""
    try:
        with db.session.begin_nested():
            db.session.delete(card)
    except IntegrityError:
        return


@bp.route("/<uuid:staff_id>/retour", methods=["POST"])
@requires(Permission.MANAGE_TEAM)
def back(staff_id: UUID) -> ResponseReturnValue:
    """Give a colleague who left, or whose place was ended by mistake, the place that they had last."""
    card = get_or_404(Staff, staff_id)
    role = last_role(current_tenant.id, card.user_id)
    account = db.session.get_one(User, card.user_id)
    if not account.active:
        flash(_("Ce compte n'existe plus : invitez cette personne de nouveau."), "warning")
    elif role is not None:
        refuse_a_jeune(account.email)
        invite(account.email, role, current_tenant, card.first_name)
        card.left_at = None
        note(What.BACK, name=card.full_name)
        flash(_("%(name)s a de nouveau accès à cet espace, et reçoit un message.", name=card.full_name))
    return see_other("team.index")
