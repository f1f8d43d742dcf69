"""Files of mentors and mentees, and the authorisations given for them."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.database import TenantModel, collection, foreign_key, reference
from app.leads.models import PersonColumns
from app.leads.words import ADULT, ALONE, age_on

# Without case, accents or ligatures: Émile stands before Ezra, and « koenig » finds Kœnig.
PLAIN = r"regexp_replace(replace(replace(lower(normalize({}, NFKD)), 'œ', 'oe'), 'æ', 'ae'), '[\u0300-\u036f]', '', 'g')"
SORT = PLAIN.format("last_name || ' ' || first_name")
SEARCH = PLAIN.format("first_name || ' ' || last_name")


class FileState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"


class Agreement(StrEnum):
    """How words agree with a person in what is written of them: as they choose, neutral until they do."""

    NEUTRAL = "neutral"
    FEMININE = "feminine"
    MASCULINE = "masculine"


class Person(PersonColumns, TenantModel):
    """What the files of a mentor and of a mentee share."""

    __abstract__ = True

    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    lead_id: Mapped[UUID | None]
    source: Mapped[str] = mapped_column(default="direct")
    state: Mapped[str] = mapped_column(default=FileState.ACTIVE)
    paused_until: Mapped[date | None]
    withdrawn_at: Mapped[datetime | None]
    invited_at: Mapped[datetime | None]
    agreement: Mapped[str] = mapped_column(default=Agreement.NEUTRAL, server_default=Agreement.NEUTRAL)

    @declared_attr.directive
    @classmethod
    def sort_name(cls) -> Mapped[str]:
        return mapped_column(Computed(SORT, persisted=True))

    @declared_attr.directive
    @classmethod
    def search_name(cls) -> Mapped[str]:
        return mapped_column(Computed(SEARCH, persisted=True))

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def short_name(self) -> str:
        """Inès B."""
        return f"{self.first_name} {self.last_name[:1]}."

    def age_on(self, day: date) -> int | None:
        return age_on(self.birth_date, day) if self.birth_date else None

    def is_minor_on(self, day: date) -> bool:
        """Under 18; somebody whose date of birth is unknown is treated as a minor."""
        age = self.age_on(day)
        return age is None or age < ADULT

    def needs_own_agreement_on(self, day: date) -> bool:
        """Under 15, the child agrees together with a parent."""
        age = self.age_on(day)
        return age is None or age < ALONE


class Mentor(Person):
    """Somebody who gives one to two hours a month."""

    __tablename__ = "mentors"
    __table_args__ = (
        CheckConstraint("state in ('active', 'paused', 'withdrawn')", name="state"),
        CheckConstraint("agreement in ('neutral', 'feminine', 'masculine')", name="agreement"),
        CheckConstraint("capacity between 0 and 10", name="capacity"),
        UniqueConstraint("tenant_id", "lead_id"),
        UniqueConstraint("tenant_id", "user_id"),
        Index("ix_mentors_sort", "tenant_id", "sort_name"),
    )

    capacity: Mapped[int] = mapped_column(default=1)

    authorisations: Mapped[list["Authorisation"]] = collection(
        "Authorisation", "mentor_id", order_by="Authorisation.given_on.desc(), Authorisation.id.desc()"
    )


class Mentee(Person):
    """A young person under 30."""

    __tablename__ = "mentees"
    __table_args__ = (
        CheckConstraint("state in ('active', 'paused', 'withdrawn')", name="state"),
        CheckConstraint("agreement in ('neutral', 'feminine', 'masculine')", name="agreement"),
        UniqueConstraint("tenant_id", "lead_id"),
        UniqueConstraint("tenant_id", "user_id"),
        Index("ix_mentees_sort", "tenant_id", "sort_name"),
    )

    authorisations: Mapped[list["Authorisation"]] = collection(
        "Authorisation", "mentee_id", order_by="Authorisation.given_on.desc(), Authorisation.id.desc()"
    )


class AuthorisationKind(StrEnum):
    PARTICIPATION = "participation"
    OWN_AGREEMENT = "own_agreement"
    HOME = "home"


class Authorisation(TenantModel):
    """Somebody allowed something for a minor: who, when, how, on which text; and when it was taken back."""

    __tablename__ = "authorisations"
    __table_args__ = (
        foreign_key("mentee_id", "mentees", ondelete="CASCADE"),
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        CheckConstraint("(mentee_id is null) <> (mentor_id is null)", name="one_person"),
        CheckConstraint("kind in ('participation', 'own_agreement', 'home')", name="kind"),
        CheckConstraint("how in ('paper', 'in_person', 'mail')", name="how"),
        Index("ix_authorisations_mentee", "tenant_id", "mentee_id"),
        Index("ix_authorisations_mentor", "tenant_id", "mentor_id"),
    )

    mentee_id: Mapped[UUID | None]
    mentor_id: Mapped[UUID | None]
    kind: Mapped[str]
    given_by: Mapped[str]
    given_on: Mapped[date]
    how: Mapped[str]
    text_version: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    withdrawn_on: Mapped[date | None]

    mentee: Mapped[Mentee | None] = reference("Mentee", "mentee_id")
    mentor: Mapped[Mentor | None] = reference("Mentor", "mentor_id")

    def holds_on(self, day: date) -> bool:
        return self.given_on <= day and (self.withdrawn_on is None or day < self.withdrawn_on)


class SensitiveFact(TenantModel):
    """Something about a jeune that only named roles read, apart from the file: that child protection (ASE) looks after them."""

    __tablename__ = "sensitive_facts"
    __table_args__ = (
        foreign_key("mentee_id", "mentees", ondelete="CASCADE"),
        CheckConstraint("kind in ('ase')", name="kind"),
        UniqueConstraint("tenant_id", "mentee_id", "kind"),
    )

    mentee_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(default="ase")
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


class FactReading(TenantModel):
    """Who opened the page of a jeune's sensitive facts, or changed them, and when."""

    __tablename__ = "fact_readings"
    __table_args__ = (
        foreign_key("mentee_id", "mentees", ondelete="CASCADE"),
        Index("ix_fact_readings_mentee", "tenant_id", "mentee_id", "created_at"),
    )

    mentee_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    what: Mapped[str]
