"""Pairs: who, since when, for how long, towards what; what happened to each, its pauses, its closure, what counts."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.database import TenantModel, collection, foreign_key, reference
from app.leads.calendar import add_months
from app.people.models import Mentee, Mentor
from app.tenants.models import Staff


class PairState(StrEnum):
    """Proposed: both are asked. Confirmed: both said yes. Signing: the agreement waits for signatures. Dropped: it never began."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    SIGNING = "signing"
    ACTIVE = "active"
    PAUSED = "paused"
    CLOSING = "closing"
    CLOSED = "closed"
    DROPPED = "dropped"


FORMING = frozenset({PairState.PROPOSED, PairState.CONFIRMED, PairState.SIGNING})
OPEN = frozenset({PairState.ACTIVE, PairState.PAUSED, PairState.CLOSING})
STARTED = OPEN | {PairState.CLOSED}
LIVE = FORMING | OPEN  # both people are taken
OVER = frozenset({PairState.CLOSED, PairState.DROPPED})


class Pair(TenantModel):
    """A mentor and a jeune. The database refuses to start one whose gate is closed (function pair_gate)."""

    __tablename__ = "pairs"
    __table_args__ = (
        foreign_key("mentor_id", "mentors"),
        foreign_key("mentee_id", "mentees"),
        foreign_key("coordinator_id", "staff"),
        CheckConstraint(
            "state in ('proposed', 'confirmed', 'signing', 'active', 'paused', 'closing', 'closed', 'dropped')", name="state"
        ),
        CheckConstraint("rhythm in ('weekly', 'fortnightly', 'monthly')", name="rhythm"),
        CheckConstraint("planned_months between 1 and 60", name="planned_months"),
        CheckConstraint("(state in ('closed', 'dropped')) = (closed_on is not null)", name="closed_on"),
        CheckConstraint("state = 'dropped' or closed_on >= starts_on", name="dates"),
        Index(
            "uq_pairs_one_open",
            "tenant_id",
            "mentee_id",
            unique=True,
            postgresql_where=text("state not in ('closed', 'dropped')"),
        ),
        Index("ix_pairs_open", "tenant_id", postgresql_where=text("state in ('active', 'paused', 'closing')")),
        Index("ix_pairs_mentor", "tenant_id", "mentor_id"),
        Index("ix_pairs_mentee", "tenant_id", "mentee_id"),
        Index("ix_pairs_list", "tenant_id", "state", "starts_on", "id"),
        Index("ix_pairs_coordinator", "tenant_id", "coordinator_id", "state", "starts_on", "id"),
    )

    mentor_id: Mapped[UUID]
    mentee_id: Mapped[UUID]
    coordinator_id: Mapped[UUID | None]
    starts_on: Mapped[date]
    planned_months: Mapped[int]
    rhythm: Mapped[str]
    objectives: Mapped[list[str]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(default=PairState.ACTIVE)
    why: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")  # the reasons for this match
    closed_on: Mapped[date | None]
    closure_reason: Mapped[str | None]
    closure_note: Mapped[str | None]

    mentor: Mapped[Mentor] = reference("Mentor", "mentor_id")
    mentee: Mapped[Mentee] = reference("Mentee", "mentee_id")
    coordinator: Mapped[Staff | None] = reference("Staff", "coordinator_id")
    pauses: Mapped[list["Pause"]] = collection("Pause", "pair_id", order_by="Pause.since")

    if TYPE_CHECKING:
        reviewed: Mapped[dict[str, Any] | None]  # below: what the latest review says of each objective

    @property
    def referent(self) -> Staff | None:
        """Whom the two may call: who follows the pair, while they are of the team."""
        return self.coordinator if self.coordinator is not None and self.coordinator.left_at is None else None

    @property
    def is_open(self) -> bool:
        """Under way: it began, and it is not closed."""
        return self.state in OPEN

    @property
    def is_forming(self) -> bool:
        """On its way to a first meeting."""
        return self.state in FORMING

    @property
    def is_live(self) -> bool:
        """Not over: both people are taken."""
        return self.state in LIVE

    @property
    def is_known(self) -> bool:
        """Both know of it: they said yes, or the team formed it by itself. Of one that was dropped, its story says it."""
        return self.state not in {PairState.PROPOSED, PairState.DROPPED}

    @property
    def may_meet(self) -> bool:
        """Whether meetings may be planned."""
        return self.state in {PairState.ACTIVE, PairState.CLOSING}

    @property
    def title(self) -> str:
        """Inès B. et Karim T."""
        return f"{self.mentee.short_name} et {self.mentor.short_name}"

    @property
    def rest(self) -> "Pause | None":
        """The pause that is not over."""
        return next((pause for pause in self.pauses if pause.until is None), None)

    def has_reached(self, objective: str) -> bool:
        """Whether the latest review notes this objective as reached."""
        return (self.reviewed or {}).get(objective) == "reached"

    @property
    def planned_end(self) -> date:
        """The same day of the month, `planned_months` later; the month's last day when it has no such day."""
        return add_months(self.starts_on, self.planned_months)

    def person(self, side: str) -> Mentor | Mentee:
        """Whose file a side is about: the mentor's own; the jeune's for theirs, their guardian's and what is common."""
        return self.mentor if side == "mentor" else self.mentee

    def side_of(self, user_id: UUID) -> str:
        """Which of the two an account is: "mentor" or "mentee"."""
        return "mentor" if self.mentor.user_id == user_id else "mentee"

    def belongs_to(self, user_id: UUID) -> bool:
        """Whether an account is one of the two."""
        return user_id in {self.mentor.user_id, self.mentee.user_id}


def other_side(side: str) -> str:
    """The other of the two."""
    return "mentee" if side == "mentor" else "mentor"


class PairEvent(TenantModel):
    """One moment of a pair's story: what happened, who did it (None: by itself), and a word about it."""

    __tablename__ = "pair_events"
    __table_args__ = (
        foreign_key("pair_id", "pairs", ondelete="CASCADE"),
        Index("ix_pair_events_pair", "tenant_id", "pair_id", "created_at"),
    )

    pair_id: Mapped[UUID]
    what: Mapped[str]
    why: Mapped[str] = mapped_column(default="")
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class PairAnswer(TenantModel):
    """One of the two is asked whether they are interested, and answers by the link of the mail."""

    __tablename__ = "pair_answers"
    __table_args__ = (
        foreign_key("pair_id", "pairs", ondelete="CASCADE"),
        CheckConstraint("side in ('mentor', 'mentee')", name="side"),
        UniqueConstraint("tenant_id", "pair_id", "side"),
        Index("ix_pair_answers_due", "tenant_id", "answer_by"),
    )

    pair_id: Mapped[UUID]
    side: Mapped[str]
    answer_by: Mapped[date]  # the last day
    reminded_on: Mapped[date | None]
    sent_mark: Mapped[str | None]  # of the address to which the question last went; None before December 2026
    is_yes: Mapped[bool | None]
    answered_at: Mapped[datetime | None]
    word: Mapped[str] = mapped_column(default="")

    pair: Mapped[Pair] = reference("Pair", "pair_id")


class Pause(TenantModel):
    """A pair does not meet for a while: from a day, until the day on which it goes on."""

    __tablename__ = "pauses"
    __table_args__ = (
        foreign_key("pair_id", "pairs", ondelete="CASCADE"),
        CheckConstraint("until > since", name="dates"),
        Index("ix_pauses_pair", "tenant_id", "pair_id"),
        Index("uq_pauses_one_open", "tenant_id", "pair_id", unique=True, postgresql_where=text("until is null")),
    )

    pair_id: Mapped[UUID]
    since: Mapped[date]
    until: Mapped[date | None]
    back_on: Mapped[date | None]  # when it was thought to go on
    reason: Mapped[str]


class ObjectiveReview(TenantModel):
    """What has become of each objective after some months, said together."""

    __tablename__ = "objective_reviews"
    __table_args__ = (
        foreign_key("pair_id", "pairs", ondelete="CASCADE"),
        CheckConstraint("month between 1 and 60", name="month"),
        UniqueConstraint("tenant_id", "pair_id", "month"),
    )

    pair_id: Mapped[UUID]
    month: Mapped[int]
    held_on: Mapped[date]
    states: Mapped[dict[str, Any]]  # objective -> "reached", "under_way" or "left"
    note: Mapped[str] = mapped_column(default="")
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


LATEST = select(ObjectiveReview.states).where(ObjectiveReview.tenant_id == Pair.tenant_id, ObjectiveReview.pair_id == Pair.id)
Pair.reviewed = column_property(
    LATEST.order_by(ObjectiveReview.month.desc()).limit(1).correlate_except(ObjectiveReview).scalar_subquery(), deferred=True
)


class Closure(TenantModel):
    """The end of a pair as a file of its own: what is to do, what was done, what was not and why."""

    __tablename__ = "closures"
    __table_args__ = (
        foreign_key("pair_id", "pairs", ondelete="CASCADE"),
        CheckConstraint("kind in ('foreseen', 'unforeseen', 'absent')", name="kind"),
        Index("ix_closures_pair", "tenant_id", "pair_id"),
        Index("uq_closures_one_open", "tenant_id", "pair_id", unique=True, postgresql_where=text("reopened_on is null")),
    )

    pair_id: Mapped[UUID]
    kind: Mapped[str]
    reason: Mapped[str]
    begun_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    steps: Mapped[dict[str, Any]] = mapped_column(default=dict)  # step -> {"done_on": day} or {"why": why it was not done}
    went_well: Mapped[str] = mapped_column(default="")
    contact_rule: Mapped[str | None]  # whether the two may stay in touch
    rematch_mentee: Mapped[bool | None]
    rematch_mentor: Mapped[bool | None]
    rested: Mapped[list[str]] = mapped_column(default=list, server_default="{}")  # sides that this end put to rest
    capacity_before: Mapped[int | None]  # of a mentor whose other pairs go on, and who has room for these only since
    closed_on: Mapped[date | None]
    reopened_on: Mapped[date | None]

    pair: Mapped[Pair] = reference("Pair", "pair_id")

    @property
    def wishes(self) -> Sequence[tuple[str, Mentee | Mentor, bool | None]]:
        """Each side, who it is, and whether they wish another pair; None when it was not asked."""
        return ("mentee", self.pair.mentee, self.rematch_mentee), ("mentor", self.pair.mentor, self.rematch_mentor)


class PairSettings(TenantModel):
    """How an association brings people together and counts: the last number is in force, the others stay readable."""

    __tablename__ = "pair_settings"
    __table_args__ = (UniqueConstraint("tenant_id", "number"),)

    number: Mapped[int]
    values: Mapped[dict[str, Any]]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class CountSnapshot(TenantModel):
    """What a pair counted for on a day, frozen: the database refuses to change or remove it."""

    __tablename__ = "count_snapshots"
    __table_args__ = (
        foreign_key("pair_id", "pairs"),
        UniqueConstraint("tenant_id", "pair_id", "on_day"),
        Index("ix_count_snapshots_day", "tenant_id", "on_day"),
    )

    pair_id: Mapped[UUID]
    on_day: Mapped[date]
    counts: Mapped[bool]
    facts: Mapped[dict[str, Any]]
    frozen_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


class GateNotice(TenantModel):
    """The team was told, so many days before, that a piece of a pair ends: each end is told once at each distance."""

    __tablename__ = "gate_notices"
    __table_args__ = (
        foreign_key("pair_id", "pairs", ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "pair_id", "piece", "side", "ends_on", "days"),
    )

    pair_id: Mapped[UUID]
    piece: Mapped[str]
    side: Mapped[str]
    ends_on: Mapped[date]
    days: Mapped[int]
