"""Which tenant a request is for: the space named in its path, or the programme."""

from collections.abc import Callable
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import Flask, abort, current_app, g, request
from sqlalchemy import Select, select
from werkzeug.local import LocalProxy

from app.database import prepared
from app.extensions import db

from . import scope
from .models import Tenant, TenantKind

View = TypeVar("View", bound=Callable[..., Any])
UNSCOPED = {"static", "bootstrap.static", "house.health", "house.ready"}


def find_programme() -> Tenant | None:
    """The one programme of this site."""
    return db.session.scalars(*programmes()).first()


@prepared
def programmes() -> Select[Tenant]:
    return select(Tenant).where(Tenant.kind == TenantKind.PROGRAMME)


def rules_for(tenant: Tenant) -> Tenant:
    """Whose deadlines hold: the programme's; on a site without one, the association's own."""
    return find_programme() or tenant


def tenant_named(slug: str) -> Tenant | None:
    """The space of that name. The spaces of who is here were read with the session: no second statement for them."""
    for row in db.session().identity_map.values():
        if isinstance(row, Tenant) and row.slug == slug:
            return row
    return db.session.scalar(select(Tenant).where(Tenant.slug == slug))


def enter_tenant(tenant: Tenant) -> None:
    """Let this request work for a tenant, from here to its end."""
    scope.enter(db.session(), tenant.id)
    g.tenant = tenant


def enter_tenant_id(tenant_id: UUID) -> None:
    """The same for a link that carries its tenant. 404 when there is no such tenant."""
    enter_tenant(db.session.get(Tenant, tenant_id) or abort(404))


def resolve_tenant() -> None:
    """Find the tenant of this request; an unknown space is not found.

    A view whose link carries its tenant (`carries_tenant`) enters it by itself.
    """
    if request.endpoint is None or request.endpoint in UNSCOPED or carries_its_tenant(request.endpoint):
        return
    slug = (request.view_args or {}).pop("slug", None)
    tenant = tenant_named(slug) if slug else find_programme()
    if tenant is None:
        abort(404 if slug else 503)
    g.slug = slug
    enter_tenant(tenant)


def carries_tenant(view: View) -> View:
    """Mark a view whose link names its own tenant: it enters it by itself."""
    view.carries_tenant = True  # type: ignore[attr-defined]
    return view


def carries_its_tenant(endpoint: str) -> bool:
    return getattr(current_app.view_functions[endpoint], "carries_tenant", False)


def inject_slug(endpoint: str, values: dict[str, object]) -> None:
    """Inside a space, links stay inside it."""
    if "slug" not in values and g.get("slug") and current_app.url_map.is_endpoint_expecting(endpoint, "slug"):
        values["slug"] = g.slug


def _current_tenant() -> Tenant:
    """The space of this request, or the one that a job works in, read when it is first asked for."""
    try:
        return cast(Tenant, g.tenant)
    except AttributeError:
        g.tenant = db.session.get_one(Tenant, scope.current_tenant_id())
        return cast(Tenant, g.tenant)


current_tenant = cast(Tenant, LocalProxy(_current_tenant))


def init_app(app: Flask) -> None:
    """Resolve the tenant before anything else of a request."""
    app.before_request(resolve_tenant)
    app.url_defaults(inject_slug)
