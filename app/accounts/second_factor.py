"""The second factor: a code from an application on one's telephone, asked after the password or the link (RFC 6238).

A code serves once, and a recovery code too. Nothing here is mended by mail: whoever reads somebody's letters is not them yet.
"""

import hmac
import re
import secrets
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from flask import current_app, redirect, session, url_for
from flask.typing import ResponseValue
from flask_security import UserMixin
from flask_security.proxies import _security
from flask_security.tf_plugin import TfPluginBase
from flask_security.utils import login_user
from sqlalchemy import func, or_, select, update

from app.database import now
from app.extensions import db
from app.mail import Letter, send
from app.translation import gettext as _
from app.vault import Unreadable, locked, unlocked

from .models import User
from .sessions import end_other_sessions

PURPOSE = "second-factor"
DIGITS, STEP = 6, 30  # of a code, and the seconds that it is shown: what every application supposes
SKEW = (0, -1, 1)  # steps by which a telephone's clock may be wrong
RECOVERY_CODES, RECOVERY_DIGITS = 10, 12
WAITING = 10 * 60  # seconds between the password and the code
AWAITED, SINCE, THEN, NEW_SECRET = "tf_user_id", "tf_since", "tf_then", "second_factor_secret"  # what a session remembers
HOME = "/espaces"
NO_SECOND_FACTOR: dict[str, Any] = {
    "second_factor_at": None,
    "second_factor_secret": None,
    "second_factor_step": None,
    "recovery_codes": [],
}
INSIDE = re.compile(r"/(?:a/|compte|espaces)")  # the pages that ask who looks; whoever asks for a link says where it leads


class AskTheApp(TfPluginBase):
    """What Flask-Security calls after a password: whether this account has a second factor, and the page that asks for it."""

    def get_setup_methods(self, user: UserMixin) -> list[tuple[str, str]]:
        return [("authenticator", "")] if user.second_factor_at else []  # type: ignore[attr-defined]

    def tf_login(self, user: UserMixin, json_payload: dict[str, Any], next_loc: str | None) -> ResponseValue:
        session[SINCE], session[THEN] = time.time(), path_of(next_loc or HOME)
        return redirect(url_for("second_factor.code"), code=303)


def path_of(url: str) -> str:
    """Where to go once inside: a page that opens to whoever is signed in, on this site."""
    try:
        parts = urlsplit(url)
    except ValueError:  # « //[ »
        return HOME
    return urlunsplit(("", "", parts.path, parts.query, "")) if INSIDE.match(parts.path) else HOME


def enter(user: User, via: str, to: str = HOME) -> ResponseValue:
    """Open a session for somebody whose first factor is proved, or ask for the second: the door of links, invitations, examples."""
    asked: ResponseValue | None = _security.two_factor_plugins.tf_enter(user, None, via, to)
    if asked is None:
        login_user(user, authn_via=[via])
    return asked or redirect(to, code=303)


def awaited() -> User | None:
    """Who has given the first factor in this browser, less than ten minutes ago, and not the second."""
    if time.time() - session.get(SINCE, 0) > WAITING:
        return None
    return db.session.scalar(select(User).where(User.fs_uniquifier == session.get(AWAITED), User.active))


def complete(user: User, code: str) -> str | None:
    """Open the session of whoever gives the right code: the path to go to. None when the code is wrong, late or used."""
    if not proves(user, code):
        return None
    to: str = session.pop(THEN, HOME)
    session.pop(AWAITED, None)
    login_user(user, authn_via=["authenticator"])
    return to


def proves(user: User, code: str) -> bool:
    """Whether a code is the application's, or one of the recovery codes; it is used up, and of the latter a letter says so."""
    if len(code) == RECOVERY_DIGITS and uses_recovery_code(user, code):
        tell(user, "recovery")
        return True
    return len(code) == DIGITS and uses_code(user, code)


def new_secret() -> bytes:
    """The secret that this browser is about to share with an application; the same until it is confirmed."""
    if NEW_SECRET not in session:
        session[NEW_SECRET] = locked(secrets.token_bytes(20), PURPOSE).decode()
    return unlocked(session[NEW_SECRET].encode(), PURPOSE)


def uri_of(secret: bytes, email: str) -> str:
    """What an application reads from the picture, or from the link on a telephone."""
    return authenticator(secret).get_provisioning_uri(email, "Binôme")


def set_up(user: User, code: str) -> Sequence[str] | None:
    """Ask for the second factor from now on, once a code proves that the application has the secret: the recovery codes.

    What is open elsewhere gave no code, and ends. None when the code is wrong, or when it was set up meanwhile in another window.
    """
    secret = new_secret()
    step = step_of(secret, code)
    if step is None:
        return None
    values = {"second_factor_at": now(), "second_factor_secret": locked(secret, PURPOSE), "second_factor_step": step}
    first = update(User).where(User.id == user.id, User.second_factor_at.is_(None)).values(values)
    if db.session.scalar(first.returning(User.id)) is None:
        return None
    session.pop(NEW_SECRET, None)
    end_other_sessions(user)
    tell(user, "on")
    return new_recovery_codes(user)


def new_recovery_codes(user: User) -> Sequence[str]:
    """Ten codes that replace those before; they are shown once, and only their prints are kept."""
    codes = [f"{secrets.randbelow(10**RECOVERY_DIGITS):0{RECOVERY_DIGITS}}" for _rank in range(RECOVERY_CODES)]
    user.recovery_codes = [print_of(user, code) for code in codes]
    return codes


def turn_off(user: User) -> None:
    """Ask no second factor any more, and say so by mail. What is open elsewhere ends."""
    db.session.execute(update(User).where(User.id == user.id).values(**NO_SECOND_FACTOR))
    end_other_sessions(user)
    tell(user, "off")


def uses_code(user: User, code: str) -> bool:
    """Whether the application shows this code now, for the first time: of two who send it at once, one is right."""
    if user.second_factor_secret is None:
        return False
    try:
        step = step_of(unlocked(user.second_factor_secret, PURPOSE), code)
    except Unreadable:
        return False  # the site's key has changed: a recovery code does not help either, whoever runs Binôme does
    if step is None:
        return False
    later = or_(User.second_factor_step.is_(None), User.second_factor_step < step)
    mine = update(User).where(User.id == user.id, later).values(second_factor_step=step)
    return db.session.scalar(mine.returning(User.id)) is not None


def uses_recovery_code(user: User, code: str) -> bool:
    """Whether this is one of the codes that are left; it is not any more."""
    known = print_of(user, code)
    left = func.array_remove(User.recovery_codes, known)
    mine = update(User).where(User.id == user.id, User.recovery_codes.contains([known])).values(recovery_codes=left)
    return db.session.scalar(mine.returning(User.id)) is not None


def authenticator(secret: bytes) -> TOTP:
    """The algorithm that applications suppose when nothing else is said."""
    return TOTP(secret, DIGITS, SHA1(), STEP)  # noqa: S303


def step_of(secret: bytes, code: str) -> int | None:
    """The step of thirty seconds, counted from 1970, at which the application shows this code; None when it is not about now."""
    here = int(time.time()) // STEP
    for skew in SKEW:
        try:
            authenticator(secret).verify(code.encode(), (here + skew) * STEP)
        except InvalidToken:
            continue
        return here + skew
    return None


def print_of(user: User, code: str) -> str:
    """What is kept of a recovery code: nobody finds it again without the site's key."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.digest(key, f"{PURPOSE} {user.id.hex} {code}".encode(), "sha256").hex()


def tell(user: User, change: str) -> None:
    """Write to the account's address that its second factor changed, or was got round: whoever did not do it learns it."""
    send(Letter("second_factor", _("La connexion à votre compte a changé")), user.email, change=change)
