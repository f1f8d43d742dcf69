"""The agreement of a pair: the association's template, the document that was drawn from it, who signed."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import TenantModel, foreign_key, reference

from .models import Pair


class AgreementState(StrEnum):
    """Open: signatures are awaited. Void: the document was replaced, or the pair did not go on."""

    OPEN = "open"
    SIGNED = "signed"
    REFUSED = "refused"
    LAPSED = "lapsed"
    VOID = "void"


class AgreementTemplate(TenantModel):
    """The association's text, with variables; the last number is used for the next agreement."""

    __tablename__ = "agreement_templates"
    __table_args__ = (UniqueConstraint("tenant_id", "number"),)

    number: Mapped[int]
    body: Mapped[str]
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class Agreement(TenantModel):
    """A document as it was drawn, its SHA-256, and until when it can be signed. It never changes."""

    __tablename__ = "agreements"
    __table_args__ = (
        foreign_key("pair_id", "pairs", ondelete="CASCADE"),
        CheckConstraint("state in ('open', 'signed', 'refused', 'lapsed', 'void')", name="state"),
        Index("ix_agreements_pair", "tenant_id", "pair_id"),
        Index("uq_agreements_one_open", "tenant_id", "pair_id", unique=True, postgresql_where=text("state in ('open', 'signed')")),
        Index("ix_agreements_ends", "tenant_id", "state", "sign_by"),
    )

    pair_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(default=AgreementState.OPEN)
    template: Mapped[int]
    body: Mapped[str]  # the text as filled
    file_key: Mapped[str]
    digest: Mapped[str]
    sign_by: Mapped[date]  # the last day
    sealed_key: Mapped[str | None]  # the signed copy

    pair: Mapped[Pair] = reference("Pair", "pair_id")


class Signature(TenantModel):
    """One person's signature under an agreement: awaited, given or refused; whose, when, of which document."""

    __tablename__ = "signatures"
    __table_args__ = (
        foreign_key("agreement_id", "agreements", ondelete="CASCADE"),
        CheckConstraint("role in ('mentor', 'mentee', 'guardian', 'mentor_guardian', 'association')", name="role"),
        CheckConstraint("digest is null or signed_at is not null", name="digest"),
        CheckConstraint("signed_at is null or refused_at is null", name="one_answer"),
        UniqueConstraint("tenant_id", "agreement_id", "role"),
    )

    agreement_id: Mapped[UUID]
    role: Mapped[str]
    name: Mapped[str]
    email: Mapped[str | None]
    signed_at: Mapped[datetime | None]
    digest: Mapped[str | None]
    how: Mapped[str | None]  # "link"; "paper" when staff noted it; "association" when staff signed for it
    noted_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    refused_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    reminded_on: Mapped[date | None]

    agreement: Mapped[Agreement] = reference("Agreement", "agreement_id")
