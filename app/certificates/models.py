"""Certificates, their numbers without holes, and the codes that strangers type."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantModel, foreign_key, reference
from app.people.models import Mentor


class CertificateKind(StrEnum):
    TRAINING = "training"
    ENGAGEMENT = "engagement"


class Certificate(TenantModel):
    """What was stated, frozen; the file that states it, and its SHA-256. Nothing here is rewritten: it may only be revoked."""

    __tablename__ = "certificates"
    __table_args__ = (
        foreign_key("mentor_id", "mentors"),
        foreign_key("pair_id", "pairs"),
        foreign_key("completion_id", "completions"),
        CheckConstraint("kind in ('training', 'engagement')", name="kind"),
        UniqueConstraint("tenant_id", "year", "number"),
        Index("uq_certificates_completion", "tenant_id", "completion_id", unique=True),
        Index("ix_certificates_mentor", "tenant_id", "mentor_id"),
    )

    kind: Mapped[str]
    year: Mapped[int]
    number: Mapped[int]
    code: Mapped[str]
    mentor_id: Mapped[UUID]
    pair_id: Mapped[UUID | None]
    completion_id: Mapped[UUID | None]
    facts: Mapped[dict[str, Any]]
    file_key: Mapped[str]
    sha256: Mapped[str]
    issued_on: Mapped[date]
    issued_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    revoked_at: Mapped[datetime | None]
    revocation_reason: Mapped[str | None]

    mentor: Mapped[Mentor] = reference("Mentor", "mentor_id")

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None

    @property
    def reference_number(self) -> str:
        """PR-2026-00042."""
        return str(self.facts["number"])

    @property
    def shown_code(self) -> str:
        """7KQ2-M4XD-9TPA."""
        return "-".join(self.code[start : start + 4] for start in (0, 4, 8))


class CertificateCounter(TenantModel):
    """The last number given by an association in a year; its row is locked while one is given."""

    __tablename__ = "certificate_counters"
    __table_args__ = (UniqueConstraint("tenant_id", "year"),)

    year: Mapped[int]
    last: Mapped[int]


class CertificateCode(Base):
    """Whose certificate a code is. Shared by all tenants, for a stranger has the code only; it says nothing of anybody."""

    __tablename__ = "certificate_codes"

    code: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    certificate_id: Mapped[UUID]
