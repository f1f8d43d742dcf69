"""Certificates, their numbers without holes, the codes that strangers type, and what an association makes them say."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, exists, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, aliased, column_property, mapped_column

from app.database import Base, TenantModel, foreign_key, now, reference
from app.people.models import Mentee, Mentor, Person


class CertificateKind(StrEnum):
    TRAINING = "training"
    ENGAGEMENT = "engagement"
    PARTICIPATION = "participation"
    HOURS = "hours"
    YEARLY = "yearly"


KINDS = "kind in ('training', 'engagement', 'participation', 'hours', 'yearly')"


class Certificate(TenantModel):
    """What was stated, frozen; the file that states it, and its SHA-256. Nothing here is rewritten: it may only be revoked.

    `rendered_sha256` is the digest before sealing: the same facts give it again. `sealed_by` names the key.
    """

    __tablename__ = "certificates"
    __table_args__ = (
        foreign_key("mentor_id", "mentors"),
        foreign_key("mentee_id", "mentees"),
        foreign_key("pair_id", "pairs"),
        foreign_key("completion_id", "completions"),
        foreign_key("replaces_id", "certificates"),
        foreign_key("batch_id", "certificate_batches"),
        CheckConstraint(KINDS, name="kind"),
        CheckConstraint("num_nonnulls(mentor_id, mentee_id) = 1", name="holder"),
        UniqueConstraint("tenant_id", "year", "number"),
        UniqueConstraint("tenant_id", "replaces_id"),
        Index("uq_certificates_completion", "tenant_id", "completion_id", unique=True, postgresql_where=text("revoked_at is null")),
        Index("ix_certificates_mentor", "tenant_id", "mentor_id"),
        Index("ix_certificates_mentee", "tenant_id", "mentee_id"),
        Index("ix_certificates_pair", "tenant_id", "pair_id"),
    )

    kind: Mapped[str]
    year: Mapped[int]
    number: Mapped[int]
    code: Mapped[str]
    mentor_id: Mapped[UUID | None]
    mentee_id: Mapped[UUID | None]
    pair_id: Mapped[UUID | None]
    completion_id: Mapped[UUID | None]
    replaces_id: Mapped[UUID | None]
    batch_id: Mapped[UUID | None]
    facts: Mapped[dict[str, Any]]
    file_key: Mapped[str]
    sha256: Mapped[str]
    rendered_sha256: Mapped[str]
    sealed_by: Mapped[str]
    issued_on: Mapped[date]
    issued_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    revocation_reason: Mapped[str | None]
    share_key: Mapped[str | None]

    mentor: Mapped[Mentor | None] = reference("Mentor", "mentor_id")
    mentee: Mapped[Mentee | None] = reference("Mentee", "mentee_id")

    if TYPE_CHECKING:
        is_replaced: Mapped[bool]  # below: whether another one corrects it

    just_made = False  # true on what issue() has just made: who asks twice gets the same one, and one letter

    @property
    def holder(self) -> Person:
        """Whose it is."""
        person = self.mentor or self.mentee
        assert person is not None
        return person

    @property
    def holder_id(self) -> UUID:
        found = self.mentor_id or self.mentee_id
        assert found is not None
        return found

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None

    @property
    def is_erased(self) -> bool:
        """Whether nothing says any more whose it was: what it counts stays, and the print of its file."""
        return not self.file_key

    @property
    def reference_number(self) -> str:
        """PR-2026-00042."""
        return str(self.facts["number"])

    @property
    def shown_code(self) -> str:
        """7KQ2-M4XD-9TPA."""
        return "-".join(self.code[start : start + 4] for start in (0, 4, 8))


_another = aliased(Certificate)
Certificate.is_replaced = column_property(
    exists().where(_another.tenant_id == Certificate.tenant_id, _another.replaces_id == Certificate.id).correlate_except(_another)
)


class CertificateCounter(TenantModel):
    """The last number given by an association in a year; its row is locked while one is given.

    `freed` holds numbers that a batch had taken and did not use: they are given first, so that no hole stays.
    """

    __tablename__ = "certificate_counters"
    __table_args__ = (UniqueConstraint("tenant_id", "year"),)

    year: Mapped[int]
    last: Mapped[int]
    freed: Mapped[list[int]] = mapped_column(ARRAY(Integer), default=list, server_default="{}")


class CertificateCode(Base):
    """Whose certificate a code is. Shared by all tenants, for a stranger has the code only; it says nothing of anybody."""

    __tablename__ = "certificate_codes"

    code: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    certificate_id: Mapped[UUID]


class Signatory(TenantModel):
    """Somebody who signs for the association: name, office, and perhaps a picture of the signature."""

    __tablename__ = "signatories"

    name: Mapped[str]
    office: Mapped[str] = mapped_column(default="")
    signature_key: Mapped[str | None]
    retired_at: Mapped[datetime | None]


class Wording(TenantModel):
    """What the certificates of a kind say in this association, with variables in braces; and who signs them."""

    __tablename__ = "certificate_wordings"
    __table_args__ = (
        foreign_key("signatory_id", "signatories"),
        UniqueConstraint("tenant_id", "kind"),
        CheckConstraint(KINDS, name="kind"),
    )

    kind: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    signatory_id: Mapped[UUID | None]

    signatory: Mapped[Signatory | None] = reference("Signatory", "signatory_id")


class SigningKey(Base):
    """A key of the platform. One seals at a time; those before it stay, so that what they sealed can be verified.

    Shared by all tenants: it says nothing of anybody. The private part is encrypted at rest.
    """

    __tablename__ = "signing_keys"
    __table_args__ = (
        Index("uq_signing_keys_current", text("(retired_at is null)"), unique=True, postgresql_where=text("retired_at is null")),
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    certificate: Mapped[bytes]
    private_key: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    retired_at: Mapped[datetime | None]


class AssociationSeal(TenantModel):
    """An association's own certificate, with which its documents are sealed instead of with the platform's key."""

    __tablename__ = "association_seals"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    subject: Mapped[str]
    not_after: Mapped[date]
    pkcs12: Mapped[bytes]
    passphrase: Mapped[bytes]


class BatchState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class CertificateBatch(TenantModel):
    """Many certificates of one kind, made by the worker while nobody waits."""

    __tablename__ = "certificate_batches"
    __table_args__ = (
        CheckConstraint("state in ('running', 'done', 'cancelled')", name="state"),
        CheckConstraint(KINDS, name="kind"),
        Index("ix_certificate_batches_created_at", "tenant_id", "created_at"),
    )

    kind: Mapped[str]
    title: Mapped[str]
    year: Mapped[int]
    criteria: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default=BatchState.RUNNING)
    tells_holders: Mapped[bool] = mapped_column(default=False)
    started_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    finished_at: Mapped[datetime | None]
    zip_key: Mapped[str | None]
    print_key: Mapped[str | None]

    @property
    def is_running(self) -> bool:
        return self.state == BatchState.RUNNING

    @property
    def is_being_revoked(self) -> bool:
        """Whether all of it is being taken back: nothing else is done of it meanwhile."""
        return "revocation" in self.criteria


class ItemState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BatchItem(TenantModel):
    """One certificate of a batch: for what (`source_id`: a completion, a pair or a mentor, after its kind), and its fate."""

    __tablename__ = "certificate_batch_items"
    __table_args__ = (
        foreign_key("batch_id", "certificate_batches"),
        foreign_key("certificate_id", "certificates"),
        UniqueConstraint("tenant_id", "batch_id", "source_id"),
        CheckConstraint("state in ('waiting', 'done', 'failed', 'cancelled')", name="state"),
        Index("ix_certificate_batch_items_state", "tenant_id", "batch_id", "state"),
    )

    batch_id: Mapped[UUID]
    position: Mapped[int]
    source_id: Mapped[UUID]
    holder: Mapped[str]
    number: Mapped[int | None]
    state: Mapped[str] = mapped_column(default=ItemState.WAITING)
    reason: Mapped[str | None]
    certificate_id: Mapped[UUID | None]
    finished_at: Mapped[datetime | None]
