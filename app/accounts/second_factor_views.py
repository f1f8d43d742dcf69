"""The pages of the second factor: giving its code at the door, setting it up, its recovery codes, turning it off."""

import base64
import re
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, cast

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms.validators import DataRequired, Regexp

from app.extensions import db, limiter, place_of_request
from app.fields import Line
from app.gate import public, signed_in
from app.qr import qr_code
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import render_form, see_other

from . import second_factor
from .models import User
from .queries import spaces_that_ask
from .second_factor import AWAITED

bp = Blueprint("second_factor", __name__)
Given = TypeVar("Given")
View = TypeVar("View", bound=Callable[..., Any])
FRESH = 15 * 60  # seconds since the password or the link, to change how one comes in


class Figures(Line):
    """What applications and papers show in groups."""

    @staticmethod
    def clean(value: str | None) -> str | None:
        return re.sub(r"[\s-]", "", Line.clean(value) or "")


class CodeForm(FlaskForm):
    """Six figures that an application shows, or the twelve of a recovery code."""

    code = Figures(
        _l("Code"),
        validators=[
            DataRequired(_l("Tapez le code.")),
            Regexp(r"([0-9]{6}|[0-9]{12})\Z", message=_l("Un code a six chiffres ; un code de secours en a douze.")),
        ],
    )

    def gives(self, right: Callable[[str], Given | None]) -> Given | None:
        """What the code that was sent gives; nothing without one, and a wrong one is said at its field."""
        if not self.validate_on_submit():
            return None
        given = right(self.code.data)
        if not given:
            self.code.errors = [_("Ce n'est pas le bon code, ou il a déjà servi. Attendez que l'application en montre un autre.")]
        return given


def whose_code() -> str:
    """Tries are counted for each account: its key alone stands in the session. At the door, it is that of who waits there."""
    at_the_door = (request.endpoint or "").endswith(".code")
    return str((session.get(AWAITED) if at_the_door else None) or current_user.get_id())


def whose_code_from_here() -> str:
    """The same from one place: who guesses elsewhere keeps nobody out."""
    return f"{whose_code()} {place_of_request()}"


def limit(view: View) -> View:
    """Ten tries in ten minutes and forty a day from one place, whatever the page; some more from all of them together."""
    scope: dict[str, Any] = {"scope": "second_factor", "methods": ["POST"]}
    from_here = limiter.shared_limit("10 per 10 minutes; 40 per day", key_func=whose_code_from_here, **scope)
    in_all = limiter.shared_limit("200 per day", key_func=whose_code, **scope)
    return cast(View, in_all(from_here(view)))


@bp.route("/connexion/code", methods=["GET", "POST"])
@public
@limit
def code() -> ResponseReturnValue:
    """After the password or the link: the code."""
    user = second_factor.awaited()
    if user is None:
        return redirect(url_for("security.login"))
    form = CodeForm()
    if to := form.gives(partial(second_factor.complete, user)):
        return redirect(to, code=303)
    return render_form("accounts/code.html", form=form)


@bp.route("/compte/second-facteur", methods=["GET", "POST"])
@signed_in
@limit
def index() -> ResponseReturnValue:
    """Set the second factor up, or what can be done with it. Only for who has come in a moment ago."""
    if time.time() - session.get("fs_paa", 0) > FRESH:
        return come_in_again()
    account, form = db.session.get_one(User, current_user.id), CodeForm()
    if account.second_factor_at is not None:
        return render_template("accounts/second_factor.html", account=account, spaces=spaces_that_ask(account))
    if codes := form.gives(partial(second_factor.set_up, account)):
        return render_template("accounts/recovery_codes.html", codes=codes, is_new=True)
    secret = second_factor.new_secret()
    uri = second_factor.uri_of(secret, account.email)
    picture = base64.b64encode(qr_code(uri)).decode()
    key = base64.b32encode(secret).decode()
    asked = spaces_that_ask(account)
    return render_form("accounts/second_factor_setup.html", form=form, uri=uri, picture=picture, key=key, spaces=asked)


def come_in_again() -> ResponseReturnValue:
    """Whoever finds a screen left open does not change how its owner comes in."""
    if current_user.password:
        return redirect(url_for("security.verify", next=url_for("second_factor.index")))
    return render_template("accounts/come_in_again.html")


@bp.route("/compte/second-facteur/codes", methods=["GET", "POST"])
@signed_in
@limit
def recovery_codes() -> ResponseReturnValue:
    """Ten new recovery codes, for whoever shows that the second factor is theirs; those before are worth nothing any more."""
    account, form = db.session.get_one(User, current_user.id), CodeForm()
    if account.second_factor_at is None:
        return see_other("second_factor.index")
    if form.gives(partial(second_factor.proves, account)):
        return render_template("accounts/recovery_codes.html", codes=second_factor.new_recovery_codes(account), is_new=False)
    return render_form("accounts/new_recovery_codes.html", form=form)


@bp.route("/compte/second-facteur/fin", methods=["GET", "POST"])
@signed_in
@limit
def off() -> ResponseReturnValue:
    """Turn it off, for whoever shows that it is theirs."""
    account, form = db.session.get_one(User, current_user.id), CodeForm()
    if account.second_factor_at is None:
        return see_other("second_factor.index")
    if form.gives(partial(second_factor.proves, account)):
        second_factor.turn_off(account)
        flash(_("Le code n'est plus demandé : votre mot de passe ou un lien suffit de nouveau."))
        return see_other("accounts.account")
    return render_form("accounts/second_factor_off.html", form=form, spaces=spaces_that_ask(account))
