"""Doors that only the demonstration has: accounts in one click, and the letter box."""

from uuid import UUID

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_security.utils import logout_user
from sqlalchemy import select

from app.accounts.forms import ConfirmForm
from app.accounts.models import User
from app.accounts.second_factor import enter as open_session
from app.extensions import db
from app.gate import public
from app.mail import Mail
from app.tenants import scope
from app.tenants.models import Tenant

from .people import ACCOUNTS, PASSWORD

bp = Blueprint("demo", __name__, url_prefix="/demonstration")


@bp.route("")
@public
def accounts() -> ResponseReturnValue:
    """Who one can be."""
    users = {u.email: u for u in db.session.scalars(select(User).where(User.email.in_([a.email for a in ACCOUNTS])))}
    known = [(account, users[account.email]) for account in ACCOUNTS if account.email in users]
    return render_template("demo/accounts.html", accounts=known, password=PASSWORD, form=ConfirmForm())


@bp.route("/entrer/<uuid:user_id>", methods=["POST"])
@public
def enter(user_id: UUID) -> ResponseReturnValue:
    """Be one of the listed accounts; no other can be entered so."""
    user = db.session.get(User, user_id)
    if user is None or user.email not in {account.email for account in ACCOUNTS}:
        abort(404)
    logout_user()
    return open_session(user, "demonstration")


@bp.route("/boite-aux-lettres")
@public
def letter_box() -> ResponseReturnValue:
    """What was sent, to invented addresses, by each space in turn: each is read in its own scope."""
    wanted = request.args.get("a", "")[:254].strip()
    letters: list[tuple[Tenant, Mail]] = []
    for tenant in db.session.scalars(select(Tenant)):
        with scope.reading(tenant.id) as session:
            statement = select(Mail).order_by(Mail.created_at.desc()).limit(60)
            if wanted:
                statement = statement.where(Mail.to_address.icontains(wanted, autoescape=True))
            letters += [(tenant, mail) for mail in session.scalars(statement)]
    letters.sort(key=lambda letter: letter[1].created_at, reverse=True)
    return render_template("demo/letter_box.html", letters=letters[:60], wanted=wanted)
