"""Flask-Security, with the defaults that Binôme changes."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache, wraps
from typing import Any, cast

from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security import ForgotPasswordForm, LoginForm, MailUtil, PasswordUtil, Security, SQLAlchemyUserDatastore
from flask_security.signals import password_changed, password_reset
from flask_security.utils import hash_password

from app.extensions import View, db, limiter, link_of_request, place_of_request
from app.fields import normal_email
from app.gate import public
from app.mail import Letter, absolute, has_enough, send
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import render_form

from .links import mark_of
from .models import LONGEST_PASSWORD, NoRole, User
from .sessions import delete_others, session_user

FORGOT = "security.forgot_password"
GUESSED = {"security.login", "security.reset_password", "security.verify"}
SETTINGS = {
    "SECURITY_CLI_USERS_NAME": False,  # our own commands are `flask spaces` and `flask accounts`
    "SECURITY_CLI_ROLES_NAME": False,
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_FRESHNESS": timedelta(minutes=15),
    "SECURITY_PASSWORD_SINGLE_HASH": True,  # argon2 salts by itself: a change of SECRET_KEY leaves passwords good
    # What a link carries is the digest of a salted hash: nobody can guess that, so slowness protects nothing.
    "SECURITY_HASHING_SCHEMES": ["hex_sha256"],
    "SECURITY_DEPRECATED_HASHING_SCHEMES": [],
    "SECURITY_PASSWORD_LENGTH_MIN": 12,
    "SECURITY_RESET_PASSWORD_WITHIN": timedelta(minutes=30),
    "SECURITY_LOGIN_WITHIN": timedelta(minutes=10),
    "SECURITY_TWO_FACTOR_IMPLEMENTATIONS": {"code": "app.accounts.second_factor.AskTheApp"},
    "SECURITY_WAN_ALLOW_USER_HINTS": False,
    "SECURITY_RECOVERABLE": True,
    "SECURITY_CHANGEABLE": True,
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_JOIN_USER_ROLES": False,
    "SECURITY_LOGIN_URL": "/connexion",
    "SECURITY_LOGOUT_URL": "/deconnexion",
    "SECURITY_RESET_URL": "/mot-de-passe/oubli",
    "SECURITY_CHANGE_URL": "/mot-de-passe",
    "SECURITY_VERIFY_URL": "/verification",
    "SECURITY_POST_LOGIN_VIEW": "/espaces",
    "SECURITY_POST_LOGOUT_VIEW": "/",
    "SECURITY_POST_RESET_VIEW": "/connexion",
    "SECURITY_POST_CHANGE_VIEW": "/compte",
    "SECURITY_LOGIN_USER_TEMPLATE": "accounts/login.html",
    "SECURITY_FORGOT_PASSWORD_TEMPLATE": "accounts/forgot_password.html",
    "SECURITY_RESET_PASSWORD_TEMPLATE": "accounts/reset_password.html",
    "SECURITY_CHANGE_PASSWORD_TEMPLATE": "accounts/change_password.html",
    "SECURITY_VERIFY_TEMPLATE": "accounts/verify.html",
    "SECURITY_EMAIL_SUBJECT_PASSWORD_RESET": "Choisir un nouveau mot de passe",
    "SECURITY_EMAIL_SUBJECT_PASSWORD_NOTICE": "Votre mot de passe a changé",
    "SECURITY_EMAIL_SUBJECT_PASSWORD_CHANGE_NOTICE": "Votre mot de passe a changé",
    "SECURITY_MSG_PASSWORD_RESET_REQUEST": (_l("Si un compte existe à l'adresse %(email)s, un lien vient d'y partir."), "info"),
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},  # no question to the DNS while somebody waits
    "SECURITY_EMAIL_PLAINTEXT": False,  # AccountMail writes ours
    "SECURITY_EMAIL_HTML": False,
    "SECURITY_STATIC_FOLDER": None,
    "SECURITY_CACHE_CONTROL": None,  # web.py sets it on every page
}


class SignInForm(LoginForm):
    """An address and a password: nothing remembers somebody beside their session, which is in the database and can be closed."""

    remember = None


class Datastore(SQLAlchemyUserDatastore):
    """Accounts in our own session, committed by our own unit of work."""

    def commit(self) -> None:
        self.db.session.flush()  # the one commit comes at the end of the request

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> User | None:
        uniquifier = kwargs.get("fs_uniquifier")
        known = session_user(uniquifier) if uniquifier else None
        return known or cast(User | None, super().find_user(case_insensitive=case_insensitive, **kwargs))


class Passwords(PasswordUtil):
    """Long, and not one that everybody knows: no other rule."""

    def normalize(self, password: str) -> str:
        """Cut just over the longest that we accept: hashing thousands of characters is an error, on every form that asks."""
        return super().normalize(password)[: LONGEST_PASSWORD + 1]

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        problems, password = super().validate(password, is_register, **kwargs)
        if len(password) > LONGEST_PASSWORD:
            problems = [_("Le mot de passe a 128 caractères au plus.")]
        elif not problems and is_common(password):
            problems = [_("Ce mot de passe est parmi les plus connus. Choisissez par exemple quatre mots au hasard.")]
        return problems, password


@cache
def common_passwords() -> frozenset[str]:
    """The 30,000 that are guessed first; read when a password is first chosen, for the lists take 12 MB."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def is_common(password: str) -> bool:
    """Whether a password is on the shipped list, alone, repeated, or dressed with figures and signs."""
    plain = password.lower()
    core = plain.strip("0123456789!?.*-_ ")
    repeated = any(plain == plain[:size] * (len(plain) // size) for size in range(1, len(plain) // 2 + 1))
    return not common_passwords().isdisjoint({plain, core}) or core == "" or repeated


class AccountMail(MailUtil):
    """Flask-Security's own messages, on our paper and with our receipt."""

    def send_mail(  # type: ignore[override]
        self, template: str, subject: str, recipient: str, *_args: Any, **context: Any
    ) -> None:
        link, kind = None, "password_changed"
        if template.endswith("reset_instructions"):
            link, kind = absolute("security.reset_password", token=context["reset_token"]), "password_reset"
            hash_password("not-a-password")  # as for an address that has no account: the delay tells nobody which it was
        if link is None or not has_enough(kind, str(recipient)):
            send(Letter(kind, str(subject)), str(recipient), link=link)


@password_changed.connect
@password_reset.connect
def end_old_sessions(_app: Flask, user: User, **_details: Any) -> None:
    """What a new password closes is not shown as open any more."""
    delete_others(user)


security = Security(  # init_app() would ignore these classes
    mail_util_cls=AccountMail, password_util_cls=Passwords, login_form=SignInForm
)


def init_app(app: Flask) -> None:
    """Give the application its accounts."""
    app.config.update(SETTINGS)
    app.config["SECURITY_EMAIL_SENDER"] = app.config["MAIL_DEFAULT_SENDER"]
    security.support_mfa = False  # the second factor has our own pages: the library's would have ways to be rescued by mail
    security.init_app(app, Datastore(db, User, NoRole))
    security.support_mfa = True
    only_by_session(app)
    for endpoint in [name for name in app.view_functions if name.startswith("security.")]:
        view: Any = app.view_functions[endpoint]
        if endpoint in GUESSED:
            view = app.view_functions[endpoint] = limit_guesses(view)
        elif endpoint == FORGOT:
            view = app.view_functions[endpoint] = asks_an_address(limit_letters(view))
        public(view)


def limit_guesses(view: View) -> View:
    """Ten passwords in ten minutes from one place, fifty from all: beyond them none opens the account, and its owner still comes in
    by a link, which nobody's guesses close (limit_letters).
    """
    from_here: View = limiter.limit("10 per 10 minutes", key_func=who_tries_from_here, methods=["POST"])(view)
    in_all: View = limiter.limit("50 per 10 minutes", key_func=who_tries, methods=["POST"])(from_here)
    return limit_place(in_all)


def limit_place(view: View) -> View:
    """What is sent from one place: a whole school may ask from behind one address."""
    limited: View = limiter.limit("60 per 10 minutes", methods=["POST"])(view)
    return limited


def limit_letters(view: View) -> View:
    """The same of a page that sends a link to whatever address is typed: five times an hour from one place.

    However many places ask for it, its owner is answered: beyond so many letters the last one serves (mail.has_enough).
    """
    from_here: View = limiter.limit("5 per hour", key_func=who_tries_from_here, methods=["POST"])(view)
    return limit_place(from_here)


def only_by_session(app: Flask) -> None:
    """A session alone says who asks: neither the library's cookie of a year, nor its tokens, which no sign-out would end."""
    manager: Any = app.login_manager  # type: ignore[attr-defined]
    manager._load_user_from_remember_cookie = lambda _cookie: None
    manager.request_loader(lambda _request: None)
    security.want_json(lambda _request: False)  # which gives a token to whoever asks


def asks_an_address(view: Callable[[], ResponseReturnValue]) -> Callable[[], ResponseReturnValue]:
    """The library answers whatever was typed as if it were known: what is no address is said at its field."""

    @wraps(view)
    def asked() -> ResponseReturnValue:
        if request.method == "GET" or normal_email(request.form.get("email", "").strip()):
            return view()
        form = ForgotPasswordForm()
        form.email.label.text = _("Adresse e-mail")
        form.email.errors = [_("Indiquez une adresse e-mail complète.")]
        return render_form("accounts/forgot_password.html", form=form, forgot_password_form=form)

    return asked


def who_tries_from_here() -> str:
    """The same from one place: somebody who guesses elsewhere is counted apart."""
    return f"{who_tries()} {place_of_request()}"


def who_tries() -> str:
    """Tries are counted for each account too, wherever they come from: the address that is typed, however it is written; where
    none is, the link that was opened, or who is signed in.
    """
    said = request.get_json(silent=True) if request.is_json else request.form
    typed = str(said.get("email", "") if isinstance(said, Mapping) else "").strip()[:254]
    if typed:
        return mark_of(normal_email(typed) or typed)
    return link_of_request() if "token" in (request.view_args or {}) else str(current_user.get_id())
