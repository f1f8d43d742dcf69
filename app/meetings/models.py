"""Meetings of a pair."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.database import TenantModel, foreign_key, reference
from app.pairs.models import Pair


class MeetingState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Meeting(TenantModel):
    """`minutes` is how long it lasts; once held, how long it lasted. `note` is for the association's staff only."""

    __tablename__ = "meetings"
    __table_args__ = (
        foreign_key("pair_id", "pairs"),
        CheckConstraint("state in ('planned', 'held', 'missed', 'cancelled')", name="state"),
        CheckConstraint("place in ('remote', 'home', 'school', 'association', 'company')", name="place"),
        CheckConstraint("minutes between 5 and 600", name="minutes"),
        Index("ix_meetings_pair", "tenant_id", "pair_id", "starts_at"),
        Index("ix_meetings_starts_at", "tenant_id", "starts_at"),
    )

    pair_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    place: Mapped[str]
    where: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=MeetingState.PLANNED)
    subjects: Mapped[list[str]] = mapped_column(default=list)
    note: Mapped[str | None]
    cancel_word: Mapped[str | None]
    sequence: Mapped[int] = mapped_column(default=0)
    logged_at: Mapped[datetime | None]
    logged_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    pair: Mapped[Pair] = reference("Pair", "pair_id")

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def is_planned(self) -> bool:
        return self.state == MeetingState.PLANNED

    @property
    def link(self) -> str | None:
        """The place as a link, when it is one that a browser may follow."""
        return self.where if self.where.startswith("https://") else None

    def is_to_log_at(self, moment: datetime) -> bool:
        """Begun, and nobody has said how it went."""
        return self.is_planned and self.starts_at <= moment
