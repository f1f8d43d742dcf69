"""What is sent of meetings: the association's choices, what somebody does not want, what was said already, calendar feeds."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import TenantModel, foreign_key


class MeetingSettings(TenantModel):
    """How an association plans and reminds: the last number is in force, the others stay readable."""

    __tablename__ = "meeting_settings"
    __table_args__ = (UniqueConstraint("tenant_id", "number"),)

    number: Mapped[int]
    values: Mapped[dict[str, Any]]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class Notice(TenantModel):
    """A reminder that was sent: its kind, about which meeting or pair, to which side, for which moment. The key keeps it single."""

    __tablename__ = "notices"
    __table_args__ = (
        foreign_key("pair_id", "pairs", ondelete="CASCADE"),
        foreign_key("mail_id", "mails"),
        CheckConstraint("side in ('mentor', 'mentee', 'team')", name="side"),
        UniqueConstraint("tenant_id", "kind", "about", "side", "mark"),
        Index("ix_notices_pair", "tenant_id", "pair_id", "created_at"),
        Index("ix_notices_about", "tenant_id", "about"),
        Index("ix_notices_mail_id", "tenant_id", "mail_id"),  # a letter that is deleted looks for what names it
    )

    kind: Mapped[str]
    about: Mapped[UUID]  # the meeting, or the pair
    pair_id: Mapped[UUID]
    side: Mapped[str]
    mark: Mapped[str]  # the moment that the reminder is about: when that moves, it may be said again
    mail_id: Mapped[UUID | None]  # the receipt


class NoticeRefusal(TenantModel):
    """A kind of reminder that somebody does not want."""

    __tablename__ = "notice_refusals"
    __table_args__ = (UniqueConstraint("tenant_id", "user_id", "kind"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str]


class CalendarFeed(TenantModel):
    """A secret address where a calendar program reads somebody's meetings, until it is taken back."""

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        Index("uq_calendar_feeds_one", "tenant_id", "user_id", unique=True, postgresql_where=text("revoked_at is null")),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    revoked_at: Mapped[datetime | None]
