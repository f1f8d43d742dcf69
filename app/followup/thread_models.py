"""Messages: one thread for each person of a pair with the team; one for both with each other, where the association opens it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import TenantModel, foreign_key, reference
from app.pairs.models import Pair


class Thread(TenantModel):
    """What one person of a pair and the team write to each other. It follows the pair: whoever follows the pair reads it."""

    __tablename__ = "threads"
    __table_args__ = (
        foreign_key("pair_id", "pairs", ondelete="CASCADE"),
        CheckConstraint("side in ('mentor', 'mentee', 'guardian', 'both')", name="side"),
        UniqueConstraint("tenant_id", "pair_id", "side"),
        Index("ix_threads_waiting", "tenant_id", "waiting_since", postgresql_where=text("waiting_since is not null")),
        Index("ix_threads_last", "tenant_id", "last_at", "id"),
    )

    pair_id: Mapped[UUID]
    side: Mapped[str]
    last_at: Mapped[datetime]
    waiting_since: Mapped[datetime | None]  # the first word that the team has not answered
    is_urgent: Mapped[bool] = mapped_column(default=False)
    urgent_since: Mapped[datetime | None]
    team_read_at: Mapped[datetime | None]
    read_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    settled_at: Mapped[datetime | None]  # dealt with otherwise than in writing
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    escalated_at: Mapped[datetime | None]

    pair: Mapped[Pair] = reference("Pair", "pair_id")


class Message(TenantModel):
    """One message of a thread; with a file, checked and cleaned, if there is one."""

    __tablename__ = "messages"
    __table_args__ = (
        foreign_key("thread_id", "threads", ondelete="CASCADE"),
        CheckConstraint("author in ('team', 'mentor', 'mentee', 'guardian')", name="author"),
        Index("ix_messages_thread", "tenant_id", "thread_id", "created_at"),
        Index("uq_messages_once", "tenant_id", "thread_id", "once", unique=True),
        Index("ix_messages_urgent", "tenant_id", "created_at", postgresql_where=text("is_urgent")),
    )

    thread_id: Mapped[UUID]
    author: Mapped[str]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))  # None: a guardian, by their link
    guardian: Mapped[str | None]  # in a guardian's thread: the name of whom it is with, for another may follow
    guardian_mark: Mapped[str | None]  # and what is kept of their address: their link opens what is theirs
    body: Mapped[str]
    is_urgent: Mapped[bool] = mapped_column(default=False)
    file_key: Mapped[str | None]
    file_name: Mapped[str | None]
    media_type: Mapped[str | None]
    once: Mapped[str]  # what the form was opened with: sent twice, it is one message

    thread: Mapped[Thread] = reference("Thread", "thread_id")
