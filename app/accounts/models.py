"""Accounts, the sessions that are open on them, and memberships."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_security import RoleMixin, UserMixin
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, TenantModel, Timestamps, now, uuid7
from app.tenants.models import Tenant

from .permissions import STAFF_ROLES, Role

LONGEST_PASSWORD = 128  # characters


class User(Base, Timestamps, UserMixin):
    """One person's account: an address and a way to prove it is theirs. It says nothing of any space."""

    __tablename__ = "users"
    __table_args__ = (Index("uq_users_email", text("lower(email)"), unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)  # type: ignore[assignment]
    email: Mapped[str]
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    confirmed_at: Mapped[datetime | None]
    link_sent_at: Mapped[datetime | None]  # the first of those sent since one was used
    link_then: Mapped[str] = mapped_column(default="", server_default="")  # the page to which that link leads
    second_factor_at: Mapped[datetime | None]  # asked since then
    second_factor_secret: Mapped[bytes | None]  # encrypted at rest
    second_factor_step: Mapped[int | None] = mapped_column(BigInteger)  # of the last code that was used
    recovery_codes: Mapped[list[str]] = mapped_column(default=list, server_default="{}")  # prints of those that are left

    memberships: Mapped[list["Membership"]] = relationship(
        primaryjoin="and_(Membership.user_id == User.id, Membership.ended_at.is_(None))",
        order_by="Membership.tenant_id",
        viewonly=True,
    )

    @property
    def is_used(self) -> bool:
        """Whether somebody has come in with it: by a link, or by a password that they chose. An invitation opens it no more."""
        return self.confirmed_at is not None or self.password is not None

    @property
    def roles(self) -> list[RoleMixin]:  # type: ignore[override]
        """Flask-Security's global roles: Binôme has none, a role is always in one space."""
        return []


class NoRole(RoleMixin):
    """What Flask-Security asks for and Binôme does not use."""

    name = ""


class WebSession(Base):
    """A browser's session. The cookie holds a random key; here stands its hash, so that this table opens no door."""

    __tablename__ = "web_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    device: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    user: Mapped[User | None] = relationship()


class Act(TenantModel):
    """What somebody of a team did with people's data, or with who may read it. The database lets nobody change it."""

    __tablename__ = "acts"
    __table_args__ = (Index("ix_acts_latest", "tenant_id", "created_at", "id"),)

    what: Mapped[str]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    facts: Mapped[dict[str, Any]]


class Membership(Base, Timestamps):
    """A role of an account in a space. An ended membership opens nothing any more."""

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint("role in ('operator', 'admin', 'coordinator', 'mentor', 'jeune')", name="role"),
        Index("ix_memberships_user", "user_id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime | None]
    entered_at: Mapped[datetime | None]  # when it was first used since it was given; of the team, when the invitation was accepted

    tenant: Mapped[Tenant] = relationship()
    user: Mapped[User] = relationship()

    @property
    def as_role(self) -> Role:
        return Role(self.role)

    @property
    def is_open(self) -> bool:
        """Whether it opens the space: a place in the team, which opens everybody's file, only once it was accepted."""
        return self.as_role not in STAFF_ROLES or self.entered_at is not None
