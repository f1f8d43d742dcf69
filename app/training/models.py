"""Courses and their versions, what each mentor has done, training followed elsewhere, exceptions, the programme's models."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantModel, Timestamps, foreign_key, reference
from app.people.models import Mentor


class ModuleKind(StrEnum):
    TEXT = "text"
    MEDIA = "media"
    QUIZ = "quiz"
    LIVE = "live"
    INTERVIEW = "interview"
    ELSEWHERE = "elsewhere"


class Audience(StrEnum):
    """Whom a course is required for: mentors of these young people."""

    ALL = "all"
    MINORS = "minors"
    ASE = "ase"
    EDUCATION = "education"
    EMPLOYMENT = "employment"


class Course(TenantModel):
    """What mentors of an association follow. `required_for` says for whom; `valid_months` for how long (0: for ever)."""

    __tablename__ = "courses"
    __table_args__ = (
        foreign_key("renews_id", "courses"),
        CheckConstraint("required_for <@ array['all', 'minors', 'ase', 'education', 'employment']", name="required_for"),
        CheckConstraint("valid_months between 0 and 120", name="valid_months"),
        CheckConstraint("renews_id <> id", name="renews_another"),
    )

    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    required_for: Mapped[list[str]] = mapped_column(default=list)
    valid_months: Mapped[int] = mapped_column(default=0)
    renews_id: Mapped[UUID | None]  # the course that this one, shorter, renews
    certifies: Mapped[bool] = mapped_column(default=True)
    model_key: Mapped[str | None]
    model_number: Mapped[int | None]

    @property
    def is_required(self) -> bool:
        return bool(self.required_for)


class CourseVersion(TenantModel):
    """A course as it was published. Whoever began a version ends it; `counts` says whether that still counts, and why."""

    __tablename__ = "course_versions"
    __table_args__ = (
        foreign_key("course_id", "courses", ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "course_id", "number"),
        CheckConstraint("not is_current or published_at is not null", name="current"),
        Index("uq_course_versions_current", "tenant_id", "course_id", unique=True, postgresql_where=text("is_current")),
        Index("uq_course_versions_draft", "tenant_id", "course_id", unique=True, postgresql_where=text("published_at is null")),
    )

    course_id: Mapped[UUID]
    number: Mapped[int]
    notes: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime | None]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    is_current: Mapped[bool] = mapped_column(default=False)
    counts: Mapped[bool] = mapped_column(default=True)
    counts_reason: Mapped[str] = mapped_column(default="")

    course: Mapped[Course] = reference("Course", "course_id")


class CourseFile(TenantModel):
    """A picture, a video, a sound or a PDF that modules show: read and cleaned when it came, served as nothing else."""

    __tablename__ = "course_files"

    name: Mapped[str]
    media_type: Mapped[str]
    key: Mapped[str]
    size: Mapped[int]
    added_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


class Module(TenantModel):
    """One part of a course. `minutes` is how long it counts for. Once published it stays: an edit makes another of its root."""

    __tablename__ = "modules"
    __table_args__ = (
        foreign_key("course_id", "courses", ondelete="CASCADE"),
        foreign_key("file_id", "course_files"),
        CheckConstraint("kind in ('text', 'media', 'quiz', 'live', 'interview', 'elsewhere')", name="kind"),
        CheckConstraint("minutes between 1 and 600", name="minutes"),
        CheckConstraint("pass_mark between 0 and 100 and attempts between 0 and 20 and draw between 0 and 200", name="quiz"),
    )

    course_id: Mapped[UUID]
    root_id: Mapped[UUID]  # the first of its line
    kind: Mapped[str]
    title: Mapped[str]
    body: Mapped[str] = mapped_column(default="")
    minutes: Mapped[int]
    link: Mapped[str | None]
    file_id: Mapped[UUID | None]
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)  # as questions.py reads them
    pass_mark: Mapped[int] = mapped_column(default=80)  # percent
    attempts: Mapped[int] = mapped_column(default=0)  # 0: as many as one wishes
    draw: Mapped[int] = mapped_column(default=0)  # 0: every question

    course: Mapped[Course] = reference("Course", "course_id")
    file: Mapped[CourseFile | None] = reference("CourseFile", "file_id")

    @property
    def is_live(self) -> bool:
        return self.kind == ModuleKind.LIVE


class Step(TenantModel):
    """A module in its place in a version. `after` names the roots of the modules to do first; null: all those before it."""

    __tablename__ = "course_steps"
    __table_args__ = (
        foreign_key("version_id", "course_versions", ondelete="CASCADE"),
        foreign_key("module_id", "modules"),
        UniqueConstraint("tenant_id", "version_id", "module_id"),
    )

    version_id: Mapped[UUID]
    module_id: Mapped[UUID]
    position: Mapped[int]
    after: Mapped[list[str] | None]

    module: Mapped[Module] = reference("Module", "module_id")


class Enrolment(TenantModel):
    """A mentor follows a version of a course, from the first step to the last; one at a time for a course."""

    __tablename__ = "enrolments"
    __table_args__ = (
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        foreign_key("course_id", "courses"),
        foreign_key("version_id", "course_versions"),
        Index("uq_enrolments_open", "tenant_id", "mentor_id", "course_id", unique=True, postgresql_where=text("ended_at is null")),
        Index("ix_enrolments_moved_at", "tenant_id", "ended_at", "moved_at"),
    )

    mentor_id: Mapped[UUID]
    course_id: Mapped[UUID]
    version_id: Mapped[UUID]
    moved_at: Mapped[datetime]  # the last step
    ended_at: Mapped[datetime | None]
    enrolled_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))  # staff; null: the mentor began alone
    extra_tries: Mapped[int] = mapped_column(default=0)  # at each quiz, that staff gave
    told_at: Mapped[datetime | None]  # the last reminder, by itself or in one click
    reminded: Mapped[int] = mapped_column(default=0)  # days of silence that were answered

    mentor: Mapped[Mentor] = reference("Mentor", "mentor_id")
    course: Mapped[Course] = reference("Course", "course_id")
    version: Mapped[CourseVersion] = reference("CourseVersion", "version_id")


class ModuleCompletion(TenantModel):
    """A mentor has done a module; or, when `is_done` is false, was there for a part, whose minutes count all the same.

    What staff took back is not done either, and has no minutes: its note says why.
    """

    __tablename__ = "module_completions"
    __table_args__ = (
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        foreign_key("module_id", "modules"),
        foreign_key("enrolment_id", "enrolments", ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "enrolment_id", "module_id"),
        Index("ix_module_completions_mentor", "tenant_id", "mentor_id"),
        CheckConstraint("minutes between 0 and 6000", name="minutes"),
    )

    mentor_id: Mapped[UUID]
    module_id: Mapped[UUID]
    enrolment_id: Mapped[UUID]
    minutes: Mapped[int]  # 0 when carried over from an earlier version, where they were counted
    is_done: Mapped[bool] = mapped_column(default=True)
    note: Mapped[str] = mapped_column(default="")
    completed_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


class Completion(TenantModel):
    """A mentor has done a whole version of a course. The database lets no pair start without those of the required courses."""

    __tablename__ = "completions"
    __table_args__ = (
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        foreign_key("course_id", "courses"),
        foreign_key("version_id", "course_versions"),
        foreign_key("enrolment_id", "enrolments"),
        UniqueConstraint("tenant_id", "enrolment_id"),
        Index("ix_completions_mentor", "tenant_id", "mentor_id", "course_id"),
        Index("ix_completions_course", "tenant_id", "course_id", "completed_on"),
    )

    mentor_id: Mapped[UUID]
    course_id: Mapped[UUID]
    version_id: Mapped[UUID]
    enrolment_id: Mapped[UUID]
    minutes: Mapped[int]
    completed_on: Mapped[date]
    end_told: Mapped[date | None]  # the last day that staff were told of

    mentor: Mapped[Mentor] = reference("Mentor", "mentor_id")
    course: Mapped[Course] = reference("Course", "course_id")
    version: Mapped[CourseVersion] = reference("CourseVersion", "version_id")


class AttemptState(StrEnum):
    OPEN = "open"
    TO_MARK = "to_mark"
    PASSED = "passed"
    FAILED = "failed"


class QuizAttempt(TenantModel):
    """One try at a quiz: the questions that were drawn, what was answered, and the score in percent."""

    __tablename__ = "quiz_attempts"
    __table_args__ = (
        foreign_key("enrolment_id", "enrolments", ondelete="CASCADE"),
        foreign_key("module_id", "modules"),
        CheckConstraint("state in ('open', 'to_mark', 'passed', 'failed')", name="state"),
        CheckConstraint("score between 0 and 100", name="score"),
        UniqueConstraint("tenant_id", "enrolment_id", "module_id", "number"),
        Index("ix_quiz_attempts_state", "tenant_id", "state"),
        Index(
            "uq_quiz_attempts_open",
            "tenant_id",
            "enrolment_id",
            "module_id",
            unique=True,
            postgresql_where=text("state in ('open', 'to_mark')"),
        ),
    )

    enrolment_id: Mapped[UUID]
    module_id: Mapped[UUID]
    number: Mapped[int]
    drawn: Mapped[list[str]]  # ids of questions, in the order shown
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    marks: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=dict
    )  # whether each answer is right; a free one when staff have said
    state: Mapped[str] = mapped_column(default=AttemptState.OPEN)
    score: Mapped[int | None]
    submitted_at: Mapped[datetime | None]
    marked_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    enrolment: Mapped[Enrolment] = reference("Enrolment", "enrolment_id")
    module: Mapped[Module] = reference("Module", "module_id")


class OutsideState(StrEnum):
    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class OutsideTraining(TenantModel):
    """Training followed elsewhere, as the mentor declares it; staff accept or refuse it, with a reason."""

    __tablename__ = "outside_trainings"
    __table_args__ = (
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        foreign_key("module_id", "modules"),
        CheckConstraint("state in ('sent', 'accepted', 'refused')", name="state"),
        CheckConstraint("minutes between 1 and 6000", name="minutes"),
        CheckConstraint("state <> 'refused' or reason <> ''", name="reason"),
        Index("ix_outside_trainings_mentor", "tenant_id", "mentor_id"),
        Index("ix_outside_trainings_state", "tenant_id", "state"),
    )

    mentor_id: Mapped[UUID]
    module_id: Mapped[UUID | None]  # the step that it stands for; null: hours alone
    title: Mapped[str]
    body: Mapped[str]  # who gave it
    done_on: Mapped[date]
    minutes: Mapped[int]
    evidence: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=OutsideState.SENT)
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]

    mentor: Mapped[Mentor] = reference("Mentor", "mentor_id")
    module: Mapped[Module | None] = reference("Module", "module_id")


class TrainingException(TenantModel):
    """Staff let a mentor begin without a course, or without the hours when `course_id` is null: why, who, and until when."""

    __tablename__ = "training_exceptions"
    __table_args__ = (
        foreign_key("mentor_id", "mentors", ondelete="CASCADE"),
        foreign_key("course_id", "courses"),
        CheckConstraint("reason <> ''", name="reason"),
        Index("ix_training_exceptions_mentor", "tenant_id", "mentor_id"),
    )

    mentor_id: Mapped[UUID]
    course_id: Mapped[UUID | None]
    reason: Mapped[str]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    until: Mapped[date]
    withdrawn_at: Mapped[datetime | None]

    mentor: Mapped[Mentor] = reference("Mentor", "mentor_id")
    course: Mapped[Course | None] = reference("Course", "course_id")

    def holds_on(self, day: date) -> bool:
        """Whether it opens anything on a day."""
        return self.withdrawn_at is None and day <= self.until


class ModelCourse(Base, Timestamps):
    """A course that the programme offers to every association, as data that is nobody's. Only the programme's space writes here."""

    __tablename__ = "model_courses"

    key: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
