"""Meetings of a pair: planned, moved, held; what was said of each, its history, the times that one proposes to the other."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, DateTime, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import TenantModel, foreign_key, now, reference
from app.pairs.models import Pair

LATE = timedelta(days=60)  # how long the mentor may say how it went
SOON = timedelta(hours=2)  # how long before a meeting one of the two may say that they will be late,
LATE_BY = (10, 20, 30)  # and by how many minutes: longer is another hour, or another day
PLACES = "place in ('remote', 'home', 'school', 'association', 'company')"


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
        CheckConstraint(PLACES, name="place"),
        CheckConstraint("minutes between 5 and 600", name="minutes"),
        CheckConstraint("mentor_late between 1 and 60", name="mentor_late"),
        CheckConstraint("mentee_late between 1 and 60", name="mentee_late"),
        Index("ix_meetings_pair", "tenant_id", "pair_id", "starts_at"),
        Index("ix_meetings_starts_at", "tenant_id", "starts_at"),
        Index("ix_meetings_planned", "tenant_id", "starts_at", postgresql_where=text("state = 'planned'")),
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
    set_at: Mapped[datetime] = mapped_column(default=now)  # when its time was last chosen
    logged_at: Mapped[datetime | None]
    logged_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    first_logged_at: Mapped[datetime | None]
    series_id: Mapped[UUID | None]  # shared by those that were planned together
    visit_id: Mapped[UUID | None]  # shared by brothers and sisters who are met at once: the mentor's time counts once
    planned_minutes: Mapped[int | None]  # what was planned, once the mentor has said how it went: the jeune reads this
    planned_place: Mapped[str | None]
    mentor_late: Mapped[int | None]  # minutes, as they said before it or while they were waited for
    mentee_late: Mapped[int | None]

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

    @property
    def late(self) -> dict[str, int | None]:
        """How many minutes late each of the two said they would be, by side."""
        return {"mentor": self.mentor_late, "mentee": self.mentee_late}

    @property
    def as_planned(self) -> tuple[int, str]:
        """Minutes and place as the jeune knows them: what the mentor said of the meeting is not shown to them."""
        return self.planned_minutes or self.minutes, self.planned_place or self.place

    @property
    def is_called_off(self) -> bool:
        """Cancelled before it took place; « cancelled » is also what a mentor may say afterwards."""
        return self.state == MeetingState.CANCELLED and self.first_logged_at is None

    def late_by_at(self, moment: datetime, side: str) -> Sequence[int]:
        """How many minutes late one of the two may say they will be: more than they said, while they set out or are waited for."""
        is_awaited = self.is_planned and self.starts_at - SOON <= moment < self.ends_at
        return [minutes for minutes in LATE_BY if is_awaited and minutes > (self.late[side] or 0)]

    def is_under_way_at(self, moment: datetime) -> bool:
        """Begun, not over, and nobody has said how it went."""
        return self.is_planned and self.starts_at <= moment < self.ends_at

    def is_to_log_at(self, moment: datetime) -> bool:
        """Begun, and nobody has said how it went, while its mentor still may."""
        return self.is_planned and moment - LATE <= self.starts_at <= moment


class MeetingEvent(TenantModel):
    """One moment of a meeting's history: what was done, what it said before, who did it."""

    __tablename__ = "meeting_events"
    __table_args__ = (
        foreign_key("meeting_id", "meetings", ondelete="CASCADE"),
        Index("ix_meeting_events_meeting", "tenant_id", "meeting_id", "created_at"),
    )

    meeting_id: Mapped[UUID]
    what: Mapped[str]
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class Confirmation(TenantModel):
    """What the jeune says of a meeting: whether it took place and, if they like, how it felt, from 1 (hard) to 4 (very good).

    Only the association's staff read it next to what the mentor says.
    """

    __tablename__ = "confirmations"
    __table_args__ = (
        foreign_key("meeting_id", "meetings", ondelete="CASCADE"),
        CheckConstraint("face between 1 and 4", name="face"),
        UniqueConstraint("tenant_id", "meeting_id"),
    )

    meeting_id: Mapped[UUID]
    was_held: Mapped[bool]
    face: Mapped[int | None]


class Offer(TenantModel):
    """Times that one of the two proposes, for the other to choose; or, without any, a wish for another time."""

    __tablename__ = "offers"
    __table_args__ = (
        foreign_key("pair_id", "pairs", ondelete="CASCADE"),
        foreign_key("instead_of", "meetings", ondelete="CASCADE"),
        foreign_key("chosen_id", "meetings", ondelete="CASCADE"),
        CheckConstraint("side in ('mentor', 'mentee')", name="side"),
        CheckConstraint("state in ('open', 'chosen', 'ended')", name="state"),
        CheckConstraint(PLACES, name="place"),
        CheckConstraint("minutes between 5 and 600", name="minutes"),
        Index("ix_offers_pair", "tenant_id", "pair_id", "state"),
    )

    pair_id: Mapped[UUID]
    side: Mapped[str]  # who proposes
    starts: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)), default=list)
    minutes: Mapped[int]
    place: Mapped[str]
    where: Mapped[str] = mapped_column(default="")
    word: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="open")
    instead_of: Mapped[UUID | None]
    chosen_id: Mapped[UUID | None]

    pair: Mapped[Pair] = reference("Pair", "pair_id")
