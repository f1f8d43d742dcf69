"""What an association verifies of a mentor, the charter that a mentor signs, and the rules that ask for them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantModel, Timestamps, foreign_key, reference
from app.leads.calendar import add_months

from .models import Mentee, Mentor


class CheckKind(StrEnum):
    """What can be verified of a mentor. The document itself is never kept: who saw it, when, and its date are."""

    IDENTITY = "identity"
    HONORABILITY = "honorability"  # attestation d'honorabilité, asked of whoever meets a jeune of child protection
    RECORD = "record"  # bulletin n° 3 of the criminal record


class GateMinimum(Base, Timestamps):
    """What the programme asks of every association before a first meeting; the last number is in force."""

    __tablename__ = "gate_minimums"

    number: Mapped[int] = mapped_column(primary_key=True)
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    note: Mapped[str]


class GateVersion(TenantModel):
    """What an association asks on top of the programme's minimum; the last number is in force, the others stay readable."""

    __tablename__ = "gate_versions"
    __table_args__ = (UniqueConstraint("tenant_id", "number"),)

    number: Mapped[int]
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    note: Mapped[str]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


class Check(TenantModel):
    """Somebody saw a document of a mentor: its date, when it was seen and by whom, the result, when it is due again."""

    __tablename__ = "checks"
    __table_args__ = (
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        CheckConstraint("kind in ('identity', 'honorability', 'record')", name="kind"),
        CheckConstraint("document_on <= seen_on", name="dates"),
        CheckConstraint("due_on > document_on", name="due"),
        Index("ix_checks_mentor", "tenant_id", "mentor_id", "kind"),
        Index("ix_checks_due", "tenant_id", "due_on"),
    )

    mentor_id: Mapped[UUID]
    kind: Mapped[str]
    document_on: Mapped[date]
    seen_on: Mapped[date]
    seen_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    is_clear: Mapped[bool]
    due_on: Mapped[date | None]
    told_on: Mapped[date | None]  # when staff were told that it ends
    cancelled_at: Mapped[datetime | None]  # noted by mistake; the row stays
    cancelled_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    mentor: Mapped[Mentor] = reference("Mentor", "mentor_id")

    def ends_on(self, renew: int | None) -> date | None:
        """The first day on which it is to be seen again: as was asked when it was noted, or after these months, asked now."""
        return min((end for end in (self.due_on, add_months(self.document_on, renew) if renew else None) if end), default=None)

    def holds_on(self, day: date, renew: int | None) -> bool:
        """Whether it counts on a day, as far as its dates go (gate_holds)."""
        end = self.ends_on(renew)
        return self.is_clear and self.cancelled_at is None and self.seen_on <= day and (end is None or day < end)


class Charter(TenantModel):
    """What an association asks its mentors to commit to; the last number is the one to sign."""

    __tablename__ = "charters"
    __table_args__ = (UniqueConstraint("tenant_id", "number"),)

    number: Mapped[int]
    body: Mapped[str]
    asks_again: Mapped[bool] = mapped_column(default=False)  # who signed an earlier one signs again
    written_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


class CharterSignature(TenantModel):
    """A mentor signed the charter: in their space, or on paper before a member of staff."""

    __tablename__ = "charter_signatures"
    __table_args__ = (
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        foreign_key("charter_id", "charters"),
        CheckConstraint("how in ('online', 'paper')", name="how"),
        Index(
            "uq_charter_signatures_standing",
            "tenant_id",
            "mentor_id",
            "charter_id",
            unique=True,
            postgresql_where=text("cancelled_at is null"),
        ),
    )

    mentor_id: Mapped[UUID]
    charter_id: Mapped[UUID]
    how: Mapped[str]
    signed_on: Mapped[date]
    digest: Mapped[str]  # SHA-256 of the text that was signed
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    cancelled_at: Mapped[datetime | None]  # noted by mistake; the row stays
    cancelled_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    mentor: Mapped[Mentor] = reference("Mentor", "mentor_id")
    charter: Mapped[Charter] = reference("Charter", "charter_id")


class GateException(TenantModel):
    """The gate opens without a piece that the association asks for by itself, until a date: why, and who decided."""

    __tablename__ = "gate_exceptions"
    __table_args__ = (
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        foreign_key("mentee_id", "mentees", ondelete="CASCADE"),
        CheckConstraint("reason <> ''", name="reason"),
        Index("ix_gate_exceptions_mentor", "tenant_id", "mentor_id", "piece"),
    )

    mentor_id: Mapped[UUID]
    mentee_id: Mapped[UUID | None]  # for one jeune only; None: whoever it is
    piece: Mapped[str]
    reason: Mapped[str]
    until: Mapped[date]  # the last day
    made_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    mentor: Mapped[Mentor] = reference("Mentor", "mentor_id")
    mentee: Mapped[Mentee | None] = reference("Mentee", "mentee_id")

    def holds_on(self, day: date) -> bool:
        return self.withdrawn_at is None and day <= self.until
