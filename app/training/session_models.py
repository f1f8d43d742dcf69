"""Live sessions, who has a seat or waits for one, and who came."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import TenantModel, foreign_key, now, reference
from app.people.models import Mentor

from .models import Module


class CourseSession(TenantModel):
    """A live module at a date and a place, or a link. `sequence` counts the changes that calendars must hear of."""

    __tablename__ = "course_sessions"
    __table_args__ = (
        foreign_key("module_id", "modules"),
        CheckConstraint("seats between 1 and 500", name="seats"),
        CheckConstraint("cancelled_at is null or cancel_reason <> ''", name="cancelled"),
        Index("ix_course_sessions_starts_at", "tenant_id", "starts_at"),
    )

    module_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    place: Mapped[str]
    trainer: Mapped[str] = mapped_column(default="")
    seats: Mapped[int]
    sequence: Mapped[int] = mapped_column(default=0)
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(default="")

    module: Mapped[Module] = reference("Module", "module_id")

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= now()

    @property
    def is_over(self) -> bool:
        return self.starts_at + timedelta(minutes=self.module.minutes) <= now()

    @property
    def is_of_the_past(self) -> bool:
        """Whether it was noted once it had taken place: nobody could register."""
        return self.starts_at <= self.created_at


class Registration(TenantModel):
    """A mentor's seat in a live session, or their place on its waiting list, in the order of `number`.

    `attended` is unknown until staff say; `minutes` is how long the mentor was there.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        foreign_key("session_id", "course_sessions", ondelete="CASCADE"),
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "session_id", "mentor_id"),
        UniqueConstraint("tenant_id", "session_id", "number"),
        CheckConstraint("is_seated or attended is null", name="seated"),
        CheckConstraint("minutes between 0 and 600", name="minutes"),
        Index("ix_registrations_mentor", "tenant_id", "mentor_id"),
    )

    session_id: Mapped[UUID]
    mentor_id: Mapped[UUID]
    number: Mapped[int]
    is_seated: Mapped[bool] = mapped_column(default=True)
    attended: Mapped[bool | None]
    minutes: Mapped[int | None]
    seated_at: Mapped[datetime | None]  # when they last heard that the seat is theirs
    reminded: Mapped[str | None]  # "week", then "day"

    mentor: Mapped[Mentor] = reference("Mentor", "mentor_id")
    session: Mapped[CourseSession] = reference("CourseSession", "session_id")

    @property
    def shown(self) -> str:
        """What a sheet shows of it: the minutes, 0 for who was not there; nothing until staff say."""
        return "" if self.attended is None else str(self.minutes or 0)


class AttendanceMark(TenantModel):
    """What staff said of somebody's presence, each time: a correction keeps what it corrects."""

    __tablename__ = "attendance_marks"
    __table_args__ = (
        foreign_key("registration_id", "registrations", ondelete="CASCADE"),
        Index("ix_attendance_marks_registration_id", "tenant_id", "registration_id"),
    )

    registration_id: Mapped[UUID]
    attended: Mapped[bool]
    minutes: Mapped[int]
    by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
