"""Matching: a run over everybody who waits, the proposals that it made, what coordinators pinned or set aside."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.database import TenantModel, foreign_key, reference
from app.people.models import Mentee, Mentor


class RunState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class MatchRun(TenantModel):
    """Everybody who waits and every mentor with room, compared at once."""

    __tablename__ = "match_runs"
    __table_args__ = (
        CheckConstraint("state in ('running', 'done', 'failed')", name="state"),
        Index("uq_match_runs_one_running", "tenant_id", unique=True, postgresql_where=text("state = 'running'")),
        Index("ix_match_runs_created", "tenant_id", "created_at"),
    )

    state: Mapped[str] = mapped_column(default=RunState.RUNNING)
    started_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    weights: Mapped[dict[str, Any]]
    step: Mapped[str] = mapped_column(default="waiting")  # waiting, comparing, done
    share: Mapped[int] = mapped_column(default=0)  # per cent done
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)  # waiting, mentors, places, proposed, why the others are not
    finished_at: Mapped[datetime | None]

    @property
    def is_running(self) -> bool:
        return self.state == RunState.RUNNING


class ProposalState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    DISMISSED = "dismissed"


class Proposal(TenantModel):
    """These two, in a run: the one chosen for the jeune (rank 0), or one of the three next best."""

    __tablename__ = "proposals"
    __table_args__ = (
        foreign_key("run_id", "match_runs", ondelete="CASCADE"),
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        foreign_key("mentee_id", "mentees", ondelete="CASCADE"),
        foreign_key("pair_id", "pairs", ondelete="CASCADE"),
        CheckConstraint("state in ('draft', 'approved', 'dismissed')", name="state"),
        CheckConstraint("(state = 'approved') = (pair_id is not null)", name="approved"),
        CheckConstraint("state <> 'dismissed' or reason <> ''", name="reason"),
        UniqueConstraint("tenant_id", "run_id", "mentee_id", "mentor_id"),
        Index("ix_proposals_run", "tenant_id", "run_id", "rank", "score"),
        Index("uq_proposals_pair", "tenant_id", "pair_id", unique=True),
    )

    run_id: Mapped[UUID]
    mentee_id: Mapped[UUID]
    mentor_id: Mapped[UUID]
    rank: Mapped[int]
    score: Mapped[int]  # points, of 1,000
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(default=ProposalState.DRAFT)
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    pair_id: Mapped[UUID | None]

    run: Mapped[MatchRun] = reference("MatchRun", "run_id")
    mentor: Mapped[Mentor] = reference("Mentor", "mentor_id")
    mentee: Mapped[Mentee] = reference("Mentee", "mentee_id")


class MatchWish(TenantModel):
    """What somebody said of two people: bring them together (a pin), or never again, with the reason."""

    __tablename__ = "match_wishes"
    __table_args__ = (
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        foreign_key("mentee_id", "mentees", ondelete="CASCADE"),
        CheckConstraint("is_pin or reason <> ''", name="reason"),
        UniqueConstraint("tenant_id", "mentee_id", "mentor_id"),
    )

    mentor_id: Mapped[UUID]
    mentee_id: Mapped[UUID]
    is_pin: Mapped[bool]
    reason: Mapped[str] = mapped_column(default="")
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))  # None: one of the two said no
