"""Follow-up: contacts of the team with the people of a pair, whom to call and why, how pairs fared day by day, choices."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import TenantModel, foreign_key, reference, uuid7
from app.pairs.models import Pair

SIDES = "side in ('mentor', 'mentee', 'guardian')"


class Contact(TenantModel):
    """The team spoke with somebody of a pair, or tried to: when, how, what was said, what comes next. Never shown to the pair."""

    __tablename__ = "contacts"
    __table_args__ = (
        foreign_key("pair_id", "pairs", ondelete="CASCADE"),
        CheckConstraint(SIDES, name="side"),
        CheckConstraint("how in ('phone', 'visit', 'mail', 'message')", name="how"),
        CheckConstraint("minutes between 0 and 600", name="minutes"),
        Index("ix_contacts_pair", "tenant_id", "pair_id", "held_at"),
        Index("uq_contacts_once", "tenant_id", "pair_id", "once", unique=True),
    )

    pair_id: Mapped[UUID]
    side: Mapped[str]
    how: Mapped[str]
    held_at: Mapped[datetime]
    minutes: Mapped[int] = mapped_column(default=0)
    reached: Mapped[bool]
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)  # question -> "good", "watch" or "bad"
    note: Mapped[str] = mapped_column(default="")
    next_step: Mapped[str] = mapped_column(default="")
    next_on: Mapped[date | None]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    once: Mapped[str] = mapped_column(default=lambda: uuid7().hex)  # what the form was opened with: sent twice, it is one contact


class Call(TenantModel):
    """A reason to call somebody of a pair, since a day, until it is dealt with. Of a kind and a side there is one at a time."""

    __tablename__ = "calls"
    __table_args__ = (
        foreign_key("pair_id", "pairs", ondelete="CASCADE"),
        CheckConstraint(SIDES, name="side"),
        Index("uq_calls_one_open", "tenant_id", "pair_id", "kind", "side", unique=True, postgresql_where=text("ended_at is null")),
        Index("ix_calls_open", "tenant_id", "rank", "since", postgresql_where=text("ended_at is null")),
    )

    pair_id: Mapped[UUID]
    kind: Mapped[str]
    side: Mapped[str]  # whom to call
    since: Mapped[date]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    rank: Mapped[int]
    snoozed_until: Mapped[date | None]
    snoozed_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]

    pair: Mapped[Pair] = reference("Pair", "pair_id")


class HealthDay(TenantModel):
    """How many pairs under way were well, to watch or in danger on a day."""

    __tablename__ = "health_days"
    __table_args__ = (UniqueConstraint("tenant_id", "on_day"),)

    on_day: Mapped[date]
    well: Mapped[int]
    watch: Mapped[int]
    danger: Mapped[int]


class FollowUpSettings(TenantModel):
    """How an association follows its pairs: the last number is in force, the others stay readable."""

    __tablename__ = "followup_settings"
    __table_args__ = (UniqueConstraint("tenant_id", "number"),)

    number: Mapped[int]
    values: Mapped[dict[str, Any]]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class Digest(TenantModel):
    """The week's letter to somebody of the team was sent: once a week each."""

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("tenant_id", "user_id", "week"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    week: Mapped[date]  # its Monday
