"""Courses, their modules, live sessions, and what each mentor has completed."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import TenantModel, foreign_key, reference
from app.people.models import Mentor


class ModuleKind(StrEnum):
    TEXT = "text"
    LIVE = "live"


class Course(TenantModel):
    """What mentors of an association follow. A mentor is trained once every required course is complete."""

    __tablename__ = "courses"

    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    is_required: Mapped[bool] = mapped_column(default=True)


class Module(TenantModel):
    """One part of a course: a text to read, or a live session to attend. `minutes` is how long it counts for."""

    __tablename__ = "modules"
    __table_args__ = (
        foreign_key("course_id", "courses", ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "course_id", "position"),
        CheckConstraint("kind in ('text', 'live')", name="kind"),
        CheckConstraint("minutes between 1 and 600", name="minutes"),
    )

    course_id: Mapped[UUID]
    position: Mapped[int]
    kind: Mapped[str]
    title: Mapped[str]
    body: Mapped[str] = mapped_column(default="")
    minutes: Mapped[int]

    course: Mapped[Course] = reference("Course", "course_id")

    @property
    def is_live(self) -> bool:
        return self.kind == ModuleKind.LIVE


class CourseSession(TenantModel):
    """A live module at a date and a place, or a link."""

    __tablename__ = "course_sessions"
    __table_args__ = (
        foreign_key("module_id", "modules"),
        CheckConstraint("seats between 1 and 500", name="seats"),
        Index("ix_course_sessions_starts_at", "tenant_id", "starts_at"),
    )

    module_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    place: Mapped[str]
    trainer: Mapped[str] = mapped_column(default="")
    seats: Mapped[int]

    module: Mapped[Module] = reference("Module", "module_id")

    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.module.minutes)


class Registration(TenantModel):
    """A mentor's seat in a live session; `attended` is unknown until staff say."""

    __tablename__ = "registrations"
    __table_args__ = (
        foreign_key("session_id", "course_sessions", ondelete="CASCADE"),
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "session_id", "mentor_id"),
    )

    session_id: Mapped[UUID]
    mentor_id: Mapped[UUID]
    attended: Mapped[bool | None]

    mentor: Mapped[Mentor] = reference("Mentor", "mentor_id")
    session: Mapped[CourseSession] = reference("CourseSession", "session_id")


class ModuleCompletion(TenantModel):
    """A mentor has done a module."""

    __tablename__ = "module_completions"
    __table_args__ = (
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        foreign_key("module_id", "modules"),
        UniqueConstraint("tenant_id", "mentor_id", "module_id"),
    )

    mentor_id: Mapped[UUID]
    module_id: Mapped[UUID]
    minutes: Mapped[int]
    completed_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


class Completion(TenantModel):
    """A mentor has done a whole course. The database lets no pair start without those of the required courses."""

    __tablename__ = "completions"
    __table_args__ = (
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        foreign_key("course_id", "courses"),
        UniqueConstraint("tenant_id", "mentor_id", "course_id"),
    )

    mentor_id: Mapped[UUID]
    course_id: Mapped[UUID]
    minutes: Mapped[int]
    completed_on: Mapped[date]

    mentor: Mapped[Mentor] = reference("Mentor", "mentor_id")
    course: Mapped[Course] = reference("Course", "course_id")
