"""Who a tenant is, what an association offers, and who works there."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantModel, Timestamps, uuid7


class TenantKind(StrEnum):
    ASSOCIATION = "association"
    PROGRAMME = "programme"


class Tenant(Base, Timestamps):
    """An association or the programme. What stands here is public: it holds nobody's data."""

    __tablename__ = "tenants"
    __table_args__ = (
        CheckConstraint("kind in ('association', 'programme')", name="kind"),
        CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="slug"),
        CheckConstraint("min_age between 6 and max_age and max_age <= 29", name="ages"),
        CheckConstraint("mentee_capacity >= 0 and mentor_capacity >= 0", name="capacity"),
        CheckConstraint("training_minutes between 0 and 6000", name="training_minutes"),
        CheckConstraint(
            "answer_days between 1 and 30 and decision_days between 1 and 60 and relays between 0 and 10", name="deadlines"
        ),
        Index("uq_tenants_one_programme", "kind", unique=True, postgresql_where=text("kind = 'programme'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[str] = mapped_column(default=TenantKind.ASSOCIATION)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    initials: Mapped[str]
    city: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="", server_default="")  # of its premises, as on an envelope
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    colour: Mapped[str] = mapped_column(default="#0b5e63")
    logo_key: Mapped[str | None]
    signatory_name: Mapped[str] = mapped_column(default="")
    signatory_office: Mapped[str] = mapped_column(default="")
    training_minutes: Mapped[int] = mapped_column(default=120, server_default="120")  # that a mentor has before any contact
    timezone: Mapped[str] = mapped_column(default="Europe/Paris")
    asks_second_factor: Mapped[bool] = mapped_column(default=False, server_default=false())  # of whoever works here

    # What an association offers, read by the programme's orientation.
    departements: Mapped[list[str]] = mapped_column(default=list)
    regions: Mapped[list[str]] = mapped_column(default=list, server_default="{}")
    communes: Mapped[list[str]] = mapped_column(default=list, server_default="{}")
    all_france: Mapped[bool] = mapped_column(default=False)
    axes: Mapped[list[str]] = mapped_column(default=list)
    publics: Mapped[list[str]] = mapped_column(default=list, server_default="{}")  # situations; none said means all
    places: Mapped[list[str]] = mapped_column(default=list, server_default="{}")  # none said means all
    languages: Mapped[list[str]] = mapped_column(default=list, server_default="{}")
    min_age: Mapped[int] = mapped_column(default=6)
    max_age: Mapped[int] = mapped_column(default=29)
    mentee_capacity: Mapped[int] = mapped_column(default=0)
    mentor_capacity: Mapped[int] = mapped_column(default=0)
    paused_until: Mapped[date | None]
    suspended_on: Mapped[date | None]  # by the programme: nothing more is sent there

    # What the programme sets for all.
    answer_days: Mapped[int] = mapped_column(default=5)
    decision_days: Mapped[int] = mapped_column(default=15)
    relays: Mapped[int] = mapped_column(default=3)
    minimum_months: Mapped[int] = mapped_column(default=6)

    @property
    def is_programme(self) -> bool:
        return self.kind == TenantKind.PROGRAMME

    @property
    def zone(self) -> ZoneInfo:
        """The clock that this space's pages show."""
        return ZoneInfo(self.timezone)

    def is_paused(self, on: date) -> bool:
        """Whether the association receives nothing new that day; it does again from the date given on."""
        return self.suspended_on is not None or (self.paused_until is not None and on < self.paused_until)


class Staff(TenantModel):
    """Somebody who works for this association or for the programme."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("tenant_id", "user_id"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    first_name: Mapped[str]
    last_name: Mapped[str]
    office: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    left_at: Mapped[datetime | None]  # since then without access

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"
