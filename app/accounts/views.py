"""The door: sign in by link, invitations, my spaces, my account."""

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.database import now
from app.gate import public, signed_in
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import render_form, see_other

from . import sessions
from .actions import accept_invitation, ask_for_sign_in_link, use_link
from .forms import ConfirmForm, SignInLinkForm
from .links import membership_of_invitation, user_of_sign_in
from .models import Membership
from .queries import current_member, invited_to, open_sessions, spaces_left
from .second_factor import HOME, enter, path_of
from .security import limit_letters

bp = Blueprint("accounts", __name__)


@bp.route("/connexion/lien", methods=["GET", "POST"])
@public
@limit_letters
def ask_link() -> ResponseReturnValue:
    """Ask for a link by mail instead of a password."""
    form = SignInLinkForm()
    if form.validate_on_submit():
        ask_for_sign_in_link(form.email.data, path_of(request.args.get("next", "")))
        return render_template("accounts/link_sent.html", email=form.email.data)
    return render_form("accounts/ask_link.html", form=form)


@bp.route("/connexion/lien/<token:token>", methods=["GET", "POST"])
@public
def sign_in_link(token: str) -> ResponseReturnValue:
    """A page with a button: mail scanners follow links, they do not press buttons."""
    found = user_of_sign_in(token)
    if found is None:
        return render_template("accounts/link_expired.html"), 410
    form, (user, then) = ConfirmForm(), found
    if form.validate_on_submit():
        if not use_link(user):
            return render_template("accounts/link_expired.html"), 410
        return enter(user, "email", then or HOME)
    return render_form("accounts/sign_in_link.html", form=form)


@bp.route("/invitation/<token:token>", methods=["GET", "POST"])
@public
def invitation(token: str) -> ResponseReturnValue:
    """Come in for the first time. Whoever has come in before signs in as usual."""
    membership = membership_of_invitation(token, hold=request.method == "POST")  # the place before the account, as who ends it
    if membership is None:
        return render_template("accounts/link_expired.html"), 410
    form, home = ConfirmForm(), f"/a/{membership.tenant.slug}/"
    if membership.user.is_used or (form.validate_on_submit() and not accept_invitation(membership)):
        then = home if membership.is_open else url_for("accounts.acceptance", slug=membership.tenant.slug)
        if current_user.is_authenticated:
            return redirect(then, code=303)
        flash(_("Vous avez déjà un compte : connectez-vous, par un lien ou par mot de passe, et votre espace s'ouvre."))
        return redirect(url_for("security.login", next=then))
    if form.is_submitted() and not form.errors:
        return enter(membership.user, "email", home)
    return render_form("accounts/invitation.html", form=form, tenant=membership.tenant)


@bp.route("/espaces/<slug:slug>/invitation", methods=["GET", "POST"])
@signed_in
def acceptance() -> ResponseReturnValue:
    """Accept a place in a team, from an account that one has already. Somebody who was not invited reads nothing of the space."""
    places, form = invited_to(current_tenant), ConfirmForm()
    if not places and not current_member:
        abort(404)
    if form.validate_on_submit():
        for place in places:
            place.entered_at = now()
    if not places or (form.is_submitted() and not form.errors):
        return redirect(f"/a/{current_tenant.slug}/", code=303)
    return render_form("accounts/invitation.html", form=form, tenant=current_tenant)


@bp.route("/espaces")
@signed_in
def spaces() -> ResponseReturnValue:
    """Choose a space, or accept an invitation; with one only, go there."""
    doors = dict[tuple[UUID, bool], list[Membership]]()
    for place in current_user.memberships:
        doors.setdefault((place.tenant_id, place.is_open), []).append(place)
    if len(doors) == 1 and "choisir" not in request.args:
        return redirect(f"/a/{current_user.memberships[0].tenant.slug}/", code=303)
    return render_template("accounts/spaces.html", doors=doors.values(), left=[] if doors else spaces_left(current_user))


@bp.route("/compte")
@signed_in
def account() -> ResponseReturnValue:
    """My account: how I sign in, and where I am signed in."""
    return render_template(
        "accounts/account.html",
        sessions=open_sessions(current_user),
        current_id=sessions.current_session_id(),
        form=ConfirmForm(),
    )


@bp.route("/compte/sessions/<uuid:session_id>/fin", methods=["POST"])
@signed_in
def end_session(session_id: UUID) -> ResponseReturnValue:
    """Sign out one of my other devices."""
    sessions.end_session(session_id, current_user)
    flash(_("Cet appareil est déconnecté."))
    return see_other("accounts.account")


@bp.route("/compte/sessions/fin", methods=["POST"])
@signed_in
def end_other_sessions() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    sessions.end_other_sessions(current_user)
    flash(_("Tous vos autres appareils sont déconnectés."))
    return see_other("accounts.account")
