"""Requests: as the programme or an association received them, what was proposed to whom, who tried to reach them, their history."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import TenantModel, foreign_key, now, reference
from app.guard import is_alarming

from .words import ADULT, AXIS_OF_NEED, SOURCES, LeadKind, age_on, sent_by


class LeadState(StrEnum):
    """Waiting (at the desk) and oriented are the programme's; received, moved and lapsed are the association's.

    Moved: it came straight to the association, nobody answered, and it is on its way to the programme. Lapsed: the same, and the
    person did not agree to be proposed to another association; or the programme ended it, with a reason. Joined: it was the same
    person's other request (`same_as`).
    """

    WAITING = "waiting"
    ORIENTED = "oriented"
    RECEIVED = "received"
    WAITLISTED = "waitlisted"
    MOVED = "moved"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    JOINED = "joined"


OPEN_STATES = frozenset({LeadState.WAITING, LeadState.ORIENTED, LeadState.RECEIVED, LeadState.WAITLISTED, LeadState.MOVED})
TO_ANSWER = frozenset({LeadState.RECEIVED, LeadState.WAITLISTED})  # an association's, with a date by which it owes an answer


# What the inbox searches: name, without case or accents, and address.
SEARCHED = (
    r"regexp_replace(replace(replace(lower(normalize(first_name || ' ' || last_name, NFKD)), 'œ', 'oe'), 'æ', 'ae'), "
    r"'[\u0300-\u036f]', '', 'g') || ' ' || coalesce(lower(email), '')"
)


class PersonColumns:
    """What somebody says of themself when they ask; the hand-over carries exactly these."""

    first_name: Mapped[str]
    last_name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    birth_date: Mapped[date | None]
    commune_code: Mapped[str] = mapped_column(ForeignKey("communes.code"))
    commune_name: Mapped[str]
    departement_code: Mapped[str]
    places: Mapped[list[str]] = mapped_column(default=list)
    slots: Mapped[list[str]] = mapped_column(default=list)
    needs: Mapped[list[str]] = mapped_column(default=list)
    hopes: Mapped[str | None]
    situation: Mapped[str | None]
    level: Mapped[str | None]
    diploma: Mapped[str | None]
    languages: Mapped[list[str]] = mapped_column(default=list, server_default="{}")
    field_wish: Mapped[str | None]
    gender_wish: Mapped[str | None]
    axes: Mapped[list[str]] = mapped_column(default=list)
    status: Mapped[str | None]
    sector: Mapped[str | None]
    skills: Mapped[str | None]
    preferred_public: Mapped[str | None]
    message: Mapped[str | None]
    guardian_name: Mapped[str | None]
    guardian_email: Mapped[str | None]
    guardian_phone: Mapped[str | None]
    asker_name: Mapped[str | None]  # somebody who asks for another, who agrees
    asker_structure: Mapped[str | None]
    asker_contact: Mapped[str | None]


class Lead(PersonColumns, TenantModel):
    """A request in one tenant's space."""

    __tablename__ = "leads"
    __table_args__ = (
        CheckConstraint("kind in ('mentee', 'mentor')", name="kind"),
        CheckConstraint(
            "state in ('waiting', 'oriented', 'received', 'waitlisted', 'moved', 'accepted', 'withdrawn', 'lapsed', 'joined')",
            name="state",
        ),
        CheckConstraint("reminded in ('half', 'eve', 'deadline')", name="reminded"),
        CheckConstraint("num_nonnulls(email, phone, guardian_email, guardian_phone, erased_at, accepted_at) > 0", name="reachable"),
        UniqueConstraint("tenant_id", "fingerprint"),
        UniqueConstraint("tenant_id", "orientation_id"),
        CheckConstraint("state not in ('received', 'waitlisted') or answer_by is not null", name="clock"),
        Index("ix_leads_inbox", "tenant_id", "state", "answer_by", "requested_at", "id"),
        Index("ix_leads_state", "tenant_id", "state", "requested_at", "id"),
        Index("ix_leads_assigned_to", "tenant_id", "assigned_to", "state"),
        foreign_key("partner_id", "partners"),
        Index("ix_leads_email", "tenant_id", text("lower(email)")),
        Index(
            "ix_leads_guardian_email",
            "tenant_id",
            text("lower(guardian_email)"),
            postgresql_where=text("guardian_email IS NOT NULL"),
        ),
        Index("ix_leads_phone", "tenant_id", "phone"),
        Index("ix_leads_birth_date", "tenant_id", "birth_date"),
        Index("ix_leads_import", "tenant_id", "import_id", postgresql_where=text("import_id IS NOT NULL")),
        Index("ix_leads_searched", "tenant_id", "state", "searched", "id"),
    )

    kind: Mapped[str]
    state: Mapped[str]
    age: Mapped[int | None]
    source: Mapped[str] = mapped_column(default="direct")
    requested_at: Mapped[datetime] = mapped_column(default=now)
    text_version: Mapped[str]
    fingerprint: Mapped[str | None]
    waiting_reason: Mapped[str | None]
    orientation_id: Mapped[UUID | None]
    programme_lead_id: Mapped[UUID | None]
    may_relay: Mapped[bool] = mapped_column(default=True)
    answer_by: Mapped[date | None]
    clock_from: Mapped[date | None]
    reminded: Mapped[str | None]
    late_told_at: Mapped[datetime | None]
    assigned_to: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    contacted_at: Mapped[datetime | None]
    next_try_on: Mapped[date | None]
    last_mail_at: Mapped[datetime | None]
    waitlisted_at: Mapped[datetime | None]
    guardian_agreed_at: Mapped[datetime | None]
    guardian_agreed_by: Mapped[str | None]
    guardian_text: Mapped[str | None]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]  # nothing says any more who asked
    partner_id: Mapped[UUID | None]  # who sent it by machine
    import_id: Mapped[UUID | None]  # the file that it came by; no key: either may be forgotten first
    same_as: Mapped[UUID | None]  # another request of this space, perhaps the same person's; no key: either may be forgotten first
    searched: Mapped[str] = mapped_column(Computed(SEARCHED, persisted=True))

    @property
    def is_mentee(self) -> bool:
        return self.kind == LeadKind.MENTEE

    @property
    def is_alarming(self) -> bool:
        """Whether somebody must read today what the person wrote."""
        return is_alarming(self.hopes, self.message)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to answer."""
        return self.state in OPEN_STATES

    @property
    def wanted_axes(self) -> set[str]:
        """The axes that the request is about; none said means any."""
        return {AXIS_OF_NEED[need].value for need in self.needs} | set(self.axes)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def sent_by(self) -> str:
        """Who made it for them, in a sentence; empty when they made it themselves.

        The source is a partner's name, or what a file of the team says: of the public form it is whatever a link was given.
        """
        is_ours = self.partner_id or (self.import_id and self.source not in SOURCES)
        return sent_by(self.asker_name, self.asker_structure, self.source if is_ours else "")

    @property
    def short_name(self) -> str:
        """Inès B."""
        return f"{self.first_name} {self.last_name[:1]}."

    @property
    def ways(self) -> list[str]:
        """Their address and telephone; of a child who has neither, those of whoever represents them."""
        own = [way for way in (self.email, self.phone) if way]
        return own or [way for way in (self.guardian_email, self.guardian_phone) if way]

    @property
    def mailbox(self) -> str | None:
        """Where letters for them leave: their own address, or that of whoever represents a child with no way of their own."""
        return self.email or (None if self.phone else self.guardian_email)

    def age_on(self, day: date) -> int | None:
        """Age in whole years; an imported request only said an age, which is taken as it was said."""
        return age_on(self.birth_date, day) if self.birth_date else self.age

    def is_minor_on(self, day: date) -> bool:
        age = self.age_on(day)
        return age is not None and age < ADULT

    def may_be_minor_on(self, day: date) -> bool:
        """Whether it is a minor's, or of an age that nobody said."""
        return self.is_minor_on(day) or self.age_on(day) is None

    def is_represented_on(self, day: date) -> bool:
        """Whether it is a child's, who may have no way of their own to be reached: whoever represents them has one."""
        return (
            self.is_mentee and self.is_minor_on(day) and bool(self.guardian_name and (self.guardian_email or self.guardian_phone))
        )

    def is_late_on(self, day: date) -> bool:
        return self.state in TO_ANSWER and self.answer_by is not None and self.answer_by < day


class OrientationState(StrEnum):
    SENT = "sent"
    DELIVERED = "delivered"
    WAITLISTED = "waitlisted"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


UNDER_WAY = frozenset({OrientationState.SENT, OrientationState.DELIVERED, OrientationState.WAITLISTED})


class Orientation(TenantModel):
    """The programme proposes a request to an association. It stands in the programme's space."""

    __tablename__ = "orientations"
    __table_args__ = (
        foreign_key("lead_id", "leads", ondelete="CASCADE"),
        CheckConstraint("state in ('sent', 'delivered', 'waitlisted', 'accepted', 'declined', 'withdrawn')", name="state"),
        Index("ix_orientations_lead", "tenant_id", "lead_id"),
        Index("ix_orientations_state", "tenant_id", "state", "answer_by"),
        Index("ix_orientations_month", "tenant_id", "association_id", "created_at"),
        Index(
            "uq_orientations_one_open",
            "tenant_id",
            "lead_id",
            unique=True,
            postgresql_where=text("state in ('sent', 'delivered', 'waitlisted', 'accepted')"),
        ),
    )

    lead_id: Mapped[UUID]
    association_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default=OrientationState.SENT)
    reasons: Mapped[list[str]] = mapped_column(default=list)
    by_hand: Mapped[bool] = mapped_column(default=False)
    answer_by: Mapped[date]
    by_hand_reason: Mapped[str | None]
    is_direct: Mapped[bool] = mapped_column(default=False)  # the person had asked this association by themself
    delivered_at: Mapped[datetime | None]
    contacted_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    decline_reason: Mapped[str | None]

    lead: Mapped[Lead] = reference("Lead", "lead_id")


class Decline(TenantModel):
    """What an association keeps of a request that it declined: that it did, when and why; not who."""

    __tablename__ = "declines"
    __table_args__ = (
        UniqueConstraint("tenant_id", "orientation_id"),
        Index("ix_declines_lead_id", "tenant_id", "lead_id"),
        Index("ix_declines_mark", "tenant_id", "mark", postgresql_where=text("mark is not null")),
    )

    orientation_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]  # no key: the request is gone from here; the person's old link finds where it went
    moved_to: Mapped[UUID | None]
    kind: Mapped[str]
    reason: Mapped[str]
    mark: Mapped[str | None]  # of the row of a file that it came from: the same file again does not bring it back


class ContactAttempt(TenantModel):
    """Somebody of the association tried to reach the person."""

    __tablename__ = "contact_attempts"
    __table_args__ = (
        foreign_key("lead_id", "leads", ondelete="CASCADE"),
        CheckConstraint("result in ('reached', 'no_answer', 'left_message', 'emailed', 'wrong_number')", name="result"),
        Index("ix_contact_attempts_lead", "tenant_id", "lead_id", "created_at"),
    )

    lead_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    result: Mapped[str]
    note: Mapped[str | None]
    next_on: Mapped[date | None]
    before: Mapped[dict[str, Any] | None]  # what it changed on its request, for who takes it back


class SavedView(TenantModel):
    """Filters of the inbox that somebody keeps under a name, for themself."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("tenant_id", "user_id", "name"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    filters: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ImportState(StrEnum):
    """Ready: sent, its columns to be checked. Running: its rows are being taken, by shares."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class LeadImport(TenantModel):
    """A file of requests that somebody sent: how it is read, how far it is, what became of it."""

    __tablename__ = "lead_imports"
    __table_args__ = (
        CheckConstraint("state in ('ready', 'running', 'done', 'cancelled', 'failed')", name="state"),
        CheckConstraint("kind in ('mentee', 'mentor')", name="kind"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default=ImportState.READY)
    header: Mapped[list[str]]
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    file_key: Mapped[str | None]  # none once its rows are taken
    total: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)  # rows that were read and stored, or refused
    added: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    undone: Mapped[int] = mapped_column(default=0, server_default="0")  # of those that were added
    reason: Mapped[str | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    @property
    def is_running(self) -> bool:
        return self.state == ImportState.RUNNING


class ImportProblem(TenantModel):
    """A row that was refused, or a remark on one that was taken: where, why, and the row to send again."""

    __tablename__ = "import_problems"
    __table_args__ = (
        foreign_key("import_id", "lead_imports", ondelete="CASCADE"),
        Index("ix_import_problems_import", "tenant_id", "import_id", "line"),
    )

    import_id: Mapped[UUID]
    line: Mapped[int]
    column: Mapped[str]
    cause: Mapped[str]
    is_refusal: Mapped[bool]
    cells: Mapped[list[str]] = mapped_column(default=list)


class LeadEvent(TenantModel):
    """One moment of a request's history: what happened, with codes only."""

    __tablename__ = "lead_events"
    __table_args__ = (
        foreign_key("lead_id", "leads", ondelete="CASCADE"),
        Index("ix_lead_events_lead", "tenant_id", "lead_id", "created_at"),
    )

    lead_id: Mapped[UUID]
    what: Mapped[str]
    association_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenants.id"))
    reason: Mapped[str | None]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class LeadDraft(TenantModel):
    """A form under way: what was typed so far, until it is sent or four hours pass."""

    __tablename__ = "lead_drafts"
    __table_args__ = (Index("ix_lead_drafts_expires_at", "tenant_id", "expires_at"),)

    kind: Mapped[str]
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    source: Mapped[str] = mapped_column(default="direct")
    expires_at: Mapped[datetime]
    lead_id: Mapped[UUID | None]
