"""Partners, their keys, the calls that are remembered, and what their own server was told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import TenantModel, foreign_key, reference

WRITE, READ = "leads:write", "leads:read"
SCOPES = (WRITE, READ)


class Partner(TenantModel):
    """Somebody else's system that sends requests to this space; its name is the source of what it sends."""

    __tablename__ = "partners"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    name: Mapped[str]
    scopes: Mapped[list[str]]
    webhook_url: Mapped[str | None]
    webhook_secret: Mapped[bytes | None]  # encrypted at rest
    webhook_stopped_at: Mapped[datetime | None]  # their server said 410, or staff stopped it


class ApiKey(TenantModel):
    """A key of a partner: only its digest is kept. Two are alive at once at most, so that one is replaced without a break."""

    __tablename__ = "api_keys"
    __table_args__ = (foreign_key("partner_id", "partners", ondelete="CASCADE"), UniqueConstraint("tenant_id", "digest"))

    partner_id: Mapped[UUID]
    digest: Mapped[str]
    hint: Mapped[str]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    partner: Mapped[Partner] = reference("Partner", "partner_id")


class ApiCall(TenantModel):
    """A request that a partner posted under an idempotency key, and what it was answered: the same key gets the same answer."""

    __tablename__ = "api_calls"
    __table_args__ = (
        foreign_key("partner_id", "partners", ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "partner_id", "key"),
        Index("ix_api_calls_lead", "tenant_id", "lead_id"),
    )

    partner_id: Mapped[UUID]
    key: Mapped[str]  # a digest: the partner's own words may name somebody
    fingerprint: Mapped[str]  # of the body
    lead_id: Mapped[UUID]
    answer: Mapped[dict[str, Any]]
    told: Mapped[str]  # the last status that they know


class Delivery(TenantModel):
    """One word to a partner's server: what was said, how often it was tried, how it ended."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        foreign_key("partner_id", "partners", ondelete="CASCADE"),
        CheckConstraint("state in ('waiting', 'delivered', 'failed')", name="state"),
        Index("ix_webhook_deliveries_partner", "tenant_id", "partner_id", "created_at"),
    )

    partner_id: Mapped[UUID]
    lead_id: Mapped[UUID | None]
    body: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    code: Mapped[int | None]  # the last HTTP status
    error: Mapped[str | None]  # why there was none
    tried_at: Mapped[datetime | None]  # when their server was asked last

    partner: Mapped[Partner] = reference("Partner", "partner_id")
