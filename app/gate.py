"""The gate: a page without a declared permission does not open.

Each route carries one of @public, @signed_in or @requires(Permission.X); one before_request holds them all to it. Whoever works for
an association and mentors in it too does not decide about themself: packages say here whom a path is about.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm

from .accounts.permissions import Permission
from .accounts.queries import current_member, invited_to, note_entry
from .errors import DomainError
from .tenants.models import Tenant
from .translation import gettext as _
from .web import OPEN_FILES

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
Concerned = Callable[[Mapping[str, Any]], bool]  # the values of a path -> whether it is about who asks
PUBLIC = "public"
SIGNED_IN = "signed_in"
ABOUT_PEOPLE = frozenset({
    Permission.FOLLOW_PEOPLE, Permission.READ_SENSITIVE_FACTS, Permission.RUN_TRAINING, Permission.FOLLOW_PAIRS,
    Permission.ISSUE_CERTIFICATES, Permission.SET_SPACE_UP, Permission.MANAGE_TEAM, Permission.ANSWER_RIGHTS,
    Permission.ANSWER_LEADS,
})  # fmt: skip
SAID_OF_ONE = {  # pages of what others said of somebody, which they do not read here
    "people.application", "people.interview", "people.decision", "pairs.closure", "pairs.closure_end", "pairs.review",
    "pairs.proposal", "training.mentor",
}  # fmt: skip
_concerned: list[Concerned] = []


class OwnFile(DomainError):
    """Somebody else of the team does this: it is about the one who asks."""


def public(view: View) -> View:
    """Open to everybody."""
    view.gate = PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Open to everybody who has an account, about their own account only."""
    view.gate = SIGNED_IN  # type: ignore[attr-defined]
    return view


def requires(permission: Permission) -> Callable[[View], View]:
    """Open to members of this space whose role gives the permission."""

    def declare(view: View) -> View:
        view.gate = permission  # type: ignore[attr-defined]
        return view

    return declare


def concerns(function: Concerned) -> Concerned:
    """Let a package say whether a path is about who asks (people/own.py says what that is)."""
    _concerned.append(function)
    return function


def is_about_reader() -> bool:
    """Whether this page is about who asks for it."""
    values = request.view_args or {}
    return any(function(values) for function in _concerned)


def refuse_own(is_own: bool) -> None:
    """What is written about oneself, or about whom one accompanies or represents, is a colleague's. Raises OwnFile."""
    if is_own:
        raise OwnFile(_("Cela vous concerne, vous, votre binôme ou un proche : une autre personne de l'équipe doit le faire."))


def declared(endpoint: str) -> str | Permission | None:
    """What a route declares; None when it declares nothing."""
    if endpoint in OPEN_FILES:
        return PUBLIC
    return getattr(current_app.view_functions[endpoint], "gate", None)


def hold_gate() -> ResponseReturnValue | None:
    """Let through, ask to sign in, or refuse.

    Nothing declared: 403. Nobody signed in: the sign-in page, which leads back here. Not a member of this space: 404, for a
    stranger learns nothing of it. Somebody of the team without the second factor that their space asks for: where it is set up.
    A member without the permission: 403. Whoever was invited to the team, a stranger or a mentor: where it is accepted.
    """
    if request.endpoint is None:
        return None
    needed = declared(request.endpoint)
    if needed == PUBLIC:
        return None
    if needed is None:
        abort(403)
    if not current_user.is_authenticated:
        return redirect(url_for("security.login", next=path_back()))
    if needed == SIGNED_IN:
        return None
    if not current_member:
        return to_acceptance() or abort(404)
    if current_member.is_staff and g.tenant.asks_second_factor and current_user.second_factor_at is None:
        return redirect(url_for("second_factor.index"), code=303)
    if needed not in current_member.permissions:
        return to_acceptance() or abort(403)
    if needed in ABOUT_PEOPLE and (request.method == "POST" or request.endpoint in SAID_OF_ONE):
        refuse_own(is_about_reader())
    note_entry()
    return None


def to_acceptance() -> ResponseReturnValue | None:
    """Where a place in this space's team is accepted, for whoever was given one."""
    return redirect(url_for("accounts.acceptance", slug=g.tenant.slug)) if invited_to(g.tenant) else None


def locks_out(form: FlaskForm, tenant: Tenant) -> bool:
    """Whether asking for a second factor would close the space to who asks, who has none; the field says so."""
    asks = form.asks_second_factor.data and not tenant.asks_second_factor and current_user.second_factor_at is None
    if asks:
        form.asks_second_factor.errors = [
            _("Mettez d'abord le vôtre en place, depuis « Mon compte » : sans lui, cette page se fermerait.")
        ]
    return bool(asks)


def path_back() -> str | None:
    """Where to come back to after signing in: only pages that can be read, only on this site."""
    return urlsplit(request.full_path.rstrip("?")).geturl() if request.method == "GET" else None


def init_app(app: Flask) -> None:
    """Hold the gate, after the tenant is known."""
    app.before_request(hold_gate)
