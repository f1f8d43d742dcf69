"""Signed links: what a mail carries so that somebody can come in, or see where a request stands."""

import hashlib
import hmac
from typing import Any, TypeVar
from uuid import UUID

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer

from app.database import TenantModel
from app.extensions import db
from app.tenants.resolve import enter_tenant_id

from .models import Membership, User
from .permissions import Role

Row = TypeVar("Row", bound=TenantModel)
SIGN_IN_LIFE = 10 * 60  # seconds
INVITATION_LIFE = 14 * 24 * 3600  # seconds


def timed(salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=salt)


def record_token(kind: str, tenant_id: UUID, record_id: UUID, mark: str = "") -> str:
    """A lasting link to one record, that cannot be made without the site's key: its tenant, and a mark of whom it was sent to."""
    parts = [tenant_id.hex, record_id.hex, *([mark] if mark else [])]
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=kind).dumps(parts)


def mark_of(address: str | None) -> str:
    """What a link keeps of the address or number that it was sent to: enough to know it again, and nobody else can try them all."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.digest(key, f"mark {(address or '').lower()}".encode(), "sha256").hex()[:12]


def marks_of(address: str | None) -> tuple[str, str]:
    """That, and what was kept without the site's key before December 2026, in letters and beside guardians' messages."""
    before = hashlib.sha256((address or "").lower().encode()).hexdigest()[:12]  # until December 2029: few files live longer
    return mark_of(address), before


def mark_in(token: str, kind: str) -> str:
    """What a link says of whom it was sent to; empty when it says nothing."""
    return "".join(URLSafeSerializer(current_app.config["SECRET_KEY"], salt=kind).loads(token)[2:])


def is_marked(token: str, kind: str, address: str | None) -> bool:
    """Whether a link was sent to this address; once the address is corrected, the link that went elsewhere opens nothing."""
    mark = mark_in(token, kind)
    return not mark or any(hmac.compare_digest(mark, known) for known in marks_of(address))


def read_record_token(kind: str, token: str) -> tuple[UUID, UUID] | None:
    """Tenant and record of such a link; None when it is not one of ours."""
    try:
        tenant, record, *_mark = URLSafeSerializer(current_app.config["SECRET_KEY"], salt=kind).loads(token)
        return UUID(tenant), UUID(record)
    except (BadData, ValueError, TypeError):
        return None


def record_of_token(model: type[Row], kind: str, token: str, **options: Any) -> Row | None:
    """Enter the space that such a link names, and find its record; None when it leads nowhere."""
    found = read_record_token(kind, token)
    if found is None:
        return None
    enter_tenant_id(found[0])
    return db.session.get(model, found, **options)


def sign_in_token(user: User) -> str:
    """A link that signs in within ten minutes, and leads to the page that was asked for with it.

    Used, it ends itself and the others, and so does another password, or signing out everywhere; asking for another link does not,
    for anybody may ask.
    """
    return timed("sign-in").dumps([user.id.hex, sent_while(user), user.link_then])


def sent_while(user: User) -> str:
    """When the link left, and what the account was then: it has another mark once its sessions are ended."""
    return f"{user.link_sent_at.isoformat() if user.link_sent_at else ''}/{mark_of(user.fs_uniquifier)}"


def user_of_sign_in(token: str) -> tuple[User, str] | None:
    """The account of a sign-in link, and the page where it leads; None when it is late, used or forged."""
    try:
        user_id, sent, then = timed("sign-in").loads(token, max_age=SIGN_IN_LIFE)
        user = db.session.get(User, UUID(user_id))
    except (BadData, ValueError, TypeError):
        return None
    if user is None or not user.active or user.link_sent_at is None or sent_while(user) != sent:
        return None
    return user, then


def invitation_token(membership: Membership) -> str:
    """A link to a place in a space, good for fourteen days, until the account has been used."""
    return timed("invitation").dumps([membership.tenant_id.hex, membership.user_id.hex, membership.role])


def membership_of_invitation(token: str, hold: bool = False) -> Membership | None:
    """The membership that an invitation opens; None when it is late, ended or forged. Held, nobody ends it meanwhile."""
    try:
        tenant, user, role = timed("invitation").loads(token, max_age=INVITATION_LIFE)
        key = (UUID(tenant), UUID(user), Role(role).value)
    except (BadData, ValueError, TypeError):
        return None
    membership = db.session.get(Membership, key, with_for_update={"key_share": True} if hold else None)
    return membership if membership is not None and membership.ended_at is None else None
