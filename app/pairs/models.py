"""Pairs: who, since when, for how long, towards what, and how it ended."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import TenantModel, foreign_key, reference
from app.leads.calendar import add_months
from app.people.models import Mentee, Mentor
from app.tenants.models import Staff


class PairState(StrEnum):
    ACTIVE = "active"
    CLOSED = "closed"


class Pair(TenantModel):
    """A mentor and a jeune. The database refuses to start one whose gate is closed (migration 0008, function pair_gate)."""

    __tablename__ = "pairs"
    __table_args__ = (
        foreign_key("mentor_id", "mentors"),
        foreign_key("mentee_id", "mentees"),
        foreign_key("coordinator_id", "staff"),
        CheckConstraint("state in ('active', 'closed')", name="state"),
        CheckConstraint("rhythm in ('weekly', 'fortnightly', 'monthly')", name="rhythm"),
        CheckConstraint("planned_months between 1 and 60", name="planned_months"),
        CheckConstraint("(state = 'closed') = (closed_on is not null)", name="closed_on"),
        CheckConstraint("closed_on >= starts_on", name="dates"),
        Index(
            "uq_pairs_one_open",
            "tenant_id",
            "mentee_id",
            unique=True,
            postgresql_where=text("state = 'active'"),
        ),
        Index("ix_pairs_mentor", "tenant_id", "mentor_id"),
        Index("ix_pairs_list", "tenant_id", "state", "starts_on"),
    )

    mentor_id: Mapped[UUID]
    mentee_id: Mapped[UUID]
    coordinator_id: Mapped[UUID | None]
    starts_on: Mapped[date]
    planned_months: Mapped[int]
    rhythm: Mapped[str]
    objectives: Mapped[list[str]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(default=PairState.ACTIVE)
    closed_on: Mapped[date | None]
    closure_reason: Mapped[str | None]
    closure_note: Mapped[str | None]

    mentor: Mapped[Mentor] = reference("Mentor", "mentor_id")
    mentee: Mapped[Mentee] = reference("Mentee", "mentee_id")
    coordinator: Mapped[Staff | None] = reference("Staff", "coordinator_id")

    @property
    def is_open(self) -> bool:
        return self.state == PairState.ACTIVE

    @property
    def title(self) -> str:
        """Inès B. et Karim T."""
        return f"{self.mentee.short_name} et {self.mentor.short_name}"

    @property
    def planned_end(self) -> date:
        """The same day of the month, `planned_months` later; the month's last day when it has no such day."""
        return add_months(self.starts_on, self.planned_months)

    def belongs_to(self, user_id: UUID) -> bool:
        """Whether an account is one of the two."""
        return user_id in {self.mentor.user_id, self.mentee.user_id}

    def close(self, on: date, reason: str, note: str | None) -> None:
        """End the pair; closing a closed pair changes nothing."""
        if self.is_open:
            self.state, self.closed_on, self.closure_reason, self.closure_note = (
                PairState.CLOSED,
                on,
                reason,
                note,
            )
