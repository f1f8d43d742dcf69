"""Keys: who calls. A key names its space and holds a secret; only the secret's digest is kept."""

import hashlib
import re
import secrets
from datetime import timedelta
from uuid import UUID

from flask import request
from sqlalchemy import func, select

from app.database import now
from app.errors import DomainError
from app.extensions import db, place_of_request
from app.tenants.models import Tenant
from app.tenants.resolve import enter_tenant
from app.translation import gettext as _

from .models import ApiKey, Partner
from .problems import Problem

FORM = re.compile(r"binome_([0-9a-f]{32})_([A-Za-z0-9_-]{43})\Z")
MOST_ALIVE = 2
FIRST = "aucune"  # what a page names as the last key, where there is none
SEEN_EVERY = timedelta(hours=1)  # how often a key's last use is written


class TooManyKeys(DomainError):
    """Two keys of a partner are alive already."""


class MadeMeanwhile(DomainError):
    """Another key was made since the page was shown."""


def make_key(partner: Partner, by: UUID, after: str | None = None) -> str:
    """A new key, told once. Raises TooManyKeys when two are alive already, MadeMeanwhile when `after` is not the last."""
    db.session.execute(select(Partner.id).where(Partner.id == partner.id).with_for_update())
    made = select(ApiKey.id).where(ApiKey.partner_id == partner.id).order_by(ApiKey.created_at.desc()).limit(1)
    if after is not None and after != str(db.session.scalar(made) or FIRST):
        raise MadeMeanwhile(_("Une clé vient d'être faite. Si vous ne l'avez pas copiée, révoquez-la, puis faites-en une autre."))
    alive = select(func.count()).where(ApiKey.partner_id == partner.id, ApiKey.revoked_at.is_(None))
    if (db.session.scalar(alive) or 0) >= MOST_ALIVE:
        raise TooManyKeys(_("Deux clés sont déjà actives : révoquez-en une avant d'en faire une autre."))
    secret = secrets.token_urlsafe(32)
    db.session.add(ApiKey(partner_id=partner.id, digest=digest(secret), hint=secret[-4:], made_by=by))
    db.session.flush()  # counted from now on
    return f"binome_{partner.tenant_id.hex}_{secret}"


def digest(secret: str) -> str:
    """What is kept of a key: 256 bits at random need no slow hash. It recognises other words too, without keeping them."""
    return hashlib.sha256(secret.encode()).hexdigest()


def revoke(key: ApiKey) -> None:
    """The key opens nothing any more. Twice changes nothing."""
    key.revoked_at = key.revoked_at or now()


def sent_key() -> re.Match[str] | None:
    """The space and the secret that the caller shows, however the header is spelt; None when there is no key in it."""
    kind, _space, sent = request.headers.get("Authorization", "").partition(" ")
    return FORM.match(sent.strip()) if kind.lower() == "bearer" else None


def caller(scope: str) -> Partner:
    """The partner who calls; from here on the request works in their space. Raises Problem."""
    match = sent_key()
    tenant = db.session.get(Tenant, UUID(match[1])) if match else None
    if match is None or tenant is None:
        raise Problem("unauthorized")
    enter_tenant(tenant)
    key = db.session.scalar(select(ApiKey).where(ApiKey.digest == digest(match[2]), ApiKey.revoked_at.is_(None)))
    if key is None:
        raise Problem("unauthorized")
    if key.used_at is None or now() - key.used_at > SEEN_EVERY:
        key.used_at = now()
    if scope not in key.partner.scopes:
        raise Problem("forbidden")
    return key.partner


def budget() -> str:
    """Whose calls are counted together: a key's, or an address's."""
    match = sent_key()
    return f"key:{digest(match[2])}" if match else f"address:{place_of_request()}"
