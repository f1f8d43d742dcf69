"""The application of somebody who wants to mentor: the interview and its grid, the references, the decision."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.database import TenantModel, foreign_key, reference

from .models import Mentor


class InterviewGrid(TenantModel):
    """What an association asks in an interview, and the criteria by which it decides; the last number is in use."""

    __tablename__ = "interview_grids"
    __table_args__ = (UniqueConstraint("tenant_id", "number"),)

    number: Mapped[int]
    questions: Mapped[list[str]]
    criteria: Mapped[list[str]]
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class Interview(TenantModel):
    """A talk with somebody who wants to mentor: planned, then held, with a note on each question of the grid of that day."""

    __tablename__ = "interviews"
    __table_args__ = (
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        CheckConstraint("colour in ('green', 'orange', 'red')", name="colour"),
        CheckConstraint("(held_on is null) = (colour is null)", name="held"),
        Index("ix_interviews_mentor", "tenant_id", "mentor_id"),
    )

    mentor_id: Mapped[UUID]
    planned_at: Mapped[datetime]
    place: Mapped[str]
    with_user: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    held_on: Mapped[date | None]
    notes: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list)  # question and note, in the order of the grid
    colour: Mapped[str | None]
    summary: Mapped[str] = mapped_column(default="")
    cancelled_at: Mapped[datetime | None]

    mentor: Mapped[Mentor] = reference("Mentor", "mentor_id")


class Reference(TenantModel):
    """Somebody who knows the person is asked what they think, by a mail link."""

    __tablename__ = "person_references"
    __table_args__ = (
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        CheckConstraint("state in ('asked', 'answered', 'declined')", name="state"),
        CheckConstraint("advice in ('yes', 'reserved', 'no')", name="advice"),
        CheckConstraint("(state = 'answered') = (advice is not null)", name="answered"),
        Index("ix_person_references_mentor", "tenant_id", "mentor_id"),
    )

    mentor_id: Mapped[UUID]
    name: Mapped[str]
    email: Mapped[str]
    relation: Mapped[str]
    state: Mapped[str] = mapped_column(default="asked")
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    expires_on: Mapped[date]
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    set_aside_at: Mapped[datetime | None]  # asked of the wrong person: its link leads nowhere, its answer counts for nothing
    known_for: Mapped[str] = mapped_column(default="")
    advice: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")

    mentor: Mapped[Mentor] = reference("Mentor", "mentor_id")


class Decision(TenantModel):
    """Somebody of the association said yes or no, by the written criteria of that day."""

    __tablename__ = "decisions"
    __table_args__ = (
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        CheckConstraint("is_accepted or reason <> ''", name="reason"),
        Index("ix_decisions_mentor", "tenant_id", "mentor_id"),
    )

    mentor_id: Mapped[UUID]
    is_accepted: Mapped[bool]
    criteria: Mapped[list[str]]  # those that are met
    reason: Mapped[str]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    taken_back_at: Mapped[datetime | None]  # it was a mistake: it counts no more, and stays readable

    mentor: Mapped[Mentor] = reference("Mentor", "mentor_id")
