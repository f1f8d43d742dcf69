"""Selects for the programme's queue and the association's inbox."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Label, Select, case, func, literal, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, load_only

from app.accounts.signals import colleague_asked
from app.database import each_counted, now, prepared
from app.extensions import db
from app.fields import normal_phone
from app.tenants.models import Tenant, TenantKind
from app.tenants.resolve import current_tenant
from app.territory.queries import words_of
from app.web import local, midnight, today

from .models import OPEN_STATES, TO_ANSWER, UNDER_WAY, Decline, Lead, LeadEvent, LeadState, Orientation, OrientationState, SavedView
from .orientation import Load
from .words import BY_HAND, DOUBLE, LATE, TAKEN_BACK, LeadKind, said_reason

# What a list shows of a request; asking a row of a list for anything else is an error.
LISTED = load_only(
    Lead.kind, Lead.state, Lead.first_name, Lead.last_name, Lead.birth_date, Lead.age, Lead.needs, Lead.commune_name,
    Lead.departement_code, Lead.requested_at, Lead.answer_by, Lead.waiting_reason, Lead.withdrawn_at, Lead.assigned_to,
    Lead.contacted_at, Lead.next_try_on, Lead.same_as, raiseload=True,
)  # fmt: skip


def associations() -> Sequence[Tenant]:
    """Every association, by name."""
    return db.session.scalars(select(Tenant).where(Tenant.kind == TenantKind.ASSOCIATION).order_by(Tenant.name)).all()


def loads_of(kind: str, month: date) -> Mapping[UUID, Load]:
    """How many requests of a kind each association was sent since the first of the month, declined ones not counted."""
    rows = db.session.execute(
        select(Orientation.association_id, func.count(), func.max(Orientation.created_at))
        .where(
            Orientation.kind == kind,
            Orientation.created_at >= midnight(month.replace(day=1)),
            Orientation.state.not_in([OrientationState.DECLINED, OrientationState.WITHDRAWN]),
        )
        .group_by(Orientation.association_id)
    )
    return {association: Load(count, local(last).date()) for association, count, last in rows}


def sent_since(moment: datetime) -> Mapping[str, int]:
    """In an association: how many requests of each kind the programme sent it since a moment, but those that it gave back."""
    came = Lead.orientation_id.isnot(None), Lead.created_at >= moment
    rows = db.session.execute(select(Lead.kind, func.count()).where(*came).group_by(Lead.kind))
    return {kind: count for kind, count in rows}


def declined_by(lead: Lead) -> set[UUID]:
    """The associations that declined this request, or from which it was taken back."""
    return declined_among([lead.id]).get(lead.id, set())


def declined_among(lead_ids: Sequence[UUID]) -> Mapping[UUID, set[UUID]]:
    """The same for many requests at once."""
    found: dict[UUID, set[UUID]] = {}
    rows = select(Orientation.lead_id, Orientation.association_id).where(
        Orientation.lead_id.in_(lead_ids),
        or_(Orientation.state == OrientationState.DECLINED, Orientation.decline_reason == TAKEN_BACK),
    )
    for lead_id, association_id in db.session.execute(rows):
        found.setdefault(lead_id, set()).add(association_id)
    return found


def refusals_of(lead: Lead) -> int:
    """How many associations declined this request; what the desk took back is no refusal."""
    declined = Orientation.lead_id == lead.id, Orientation.state == OrientationState.DECLINED
    return db.session.scalar(select(func.count(Orientation.association_id.distinct())).where(*declined)) or 0


@dataclass(frozen=True)
class Filters:
    """What a list of requests is narrowed to; `held_by` is an account, or NOBODY, `proposed_to` an association."""

    state: str
    kind: str | None = None
    typed: str = ""
    held_by: UUID | None = None
    is_late: bool = False
    to_try: bool = False
    departement: str = ""
    reason: str = ""  # why it waits
    proposed_to: UUID | None = None


NOBODY = UUID(int=0)


def order_of(state: str) -> tuple[InstrumentedAttribute[Any], ...]:
    """What comes first: where an answer is owed, what is due first; elsewhere, what is oldest."""
    return (Lead.answer_by, Lead.requested_at, Lead.id) if state in TO_ANSWER else (Lead.requested_at, Lead.id)


def leads_in(filters: Filters) -> Select[Any]:
    """The requests of a list, in no order yet."""
    return narrowed(select(Lead).options(LISTED), filters, Lead.state == filters.state)


def found_in(filters: Filters, states: Collection[str]) -> Select[Any]:
    """The requests in any of these states that the filters keep, the latest first."""
    found = narrowed(select(Lead).options(LISTED), filters, Lead.state.in_(states))
    return found.order_by(Lead.requested_at.desc(), Lead.id)


def elsewhere(filters: Filters, states: Collection[str]) -> Mapping[str, int]:
    """In which of these states, but its own, the same filters find requests, and how many."""
    counted: Any = select(Lead.state, func.count())
    rows = narrowed(counted, filters, Lead.state.in_(set(states) - {filters.state})).group_by(Lead.state)
    return {state: count for state, count in db.session.execute(rows)}


def narrowed(statement: Select[Any], filters: Filters, in_state: ColumnElement[bool]) -> Select[Any]:
    """Only the requests in these states that the filters keep."""
    statement = statement.where(in_state)
    if filters.kind:
        statement = statement.where(Lead.kind == filters.kind)
    if filters.held_by:
        statement = statement.where(
            Lead.assigned_to.is_(None) if filters.held_by == NOBODY else Lead.assigned_to == filters.held_by
        )
    if filters.is_late:
        statement = statement.where(Lead.answer_by < today())
    if filters.to_try:
        statement = statement.where(Lead.next_try_on <= today())
    if filters.departement:
        statement = statement.where(Lead.departement_code == filters.departement)
    if filters.reason:
        statement = statement.where(func.coalesce(Lead.waiting_reason, "new") == filters.reason)
    if filters.proposed_to:
        there = Orientation.association_id == filters.proposed_to, Orientation.state.in_([*UNDER_WAY, OrientationState.ACCEPTED])
        statement = statement.where(Lead.id.in_(select(Orientation.lead_id).where(*there)))
    phone = normal_phone(filters.typed)
    words = words_of(filters.typed) if "@" not in filters.typed else [filters.typed.strip().lower()]
    if phone:
        statement = statement.where(or_(Lead.phone == phone, Lead.guardian_phone == phone))
    elif words:  # read from the index alone, whatever the planner thinks; then the rows that match
        has_words = [Lead.searched.contains(word, autoescape=True) for word in words]
        found = select(Lead.id).where(in_state, *has_words).cte("found").prefix_with("MATERIALIZED")
        statement = statement.where(Lead.id.in_(select(found.c.id)))
    return statement


def counts_by_state() -> Mapping[str, int]:
    """How many requests of this space are in each state: each counted in an index, for there may be many."""
    return {state: count for state, count in db.session.execute(*each_state_counted()).one()._mapping.items() if count}


@prepared
def each_state_counted() -> Select[Any]:
    return each_counted(Lead.state, LeadState)


def joined_to(lead: Lead) -> Select[Any]:
    """The requests that were made one with this one."""
    return select(Lead).where(Lead.same_as == lead.id, Lead.state == LeadState.JOINED).order_by(Lead.requested_at)


def with_joined(lead: Lead, column: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Whether a row is of this request, or of one that was joined to it."""
    return or_(column == lead.id, column.in_(joined_to(lead).with_only_columns(Lead.id).order_by(None)))


def history_of(lead: Lead) -> Sequence[LeadEvent]:
    """What happened to a request, and to those that were joined to it, first things first."""
    return db.session.scalars(
        select(LeadEvent).where(with_joined(lead, LeadEvent.lead_id)).order_by(LeadEvent.created_at, LeadEvent.id)
    ).all()


def orientations_of(leads: Sequence[Lead]) -> Mapping[UUID, Orientation]:
    """The latest orientation of each request."""
    rows = db.session.scalars(
        select(Orientation).where(Orientation.lead_id.in_([lead.id for lead in leads])).order_by(Orientation.created_at)
    )
    return {row.lead_id: row for row in rows}


def current_orientation(lead: Lead, lock: bool = False) -> Orientation | None:
    """The orientation that is open, or was accepted; locked, it is read as it is now, after its request."""
    statement = select(Orientation).where(
        Orientation.lead_id == lead.id, Orientation.state.in_([*UNDER_WAY, OrientationState.ACCEPTED])
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(statement)


def last_refusal(lead: Lead) -> str | None:
    """Why the last association has it no more; None when none had it, or for a double, which is settled before it goes on."""
    reason = db.session.scalar(
        select(Orientation.decline_reason)
        .where(Orientation.lead_id == lead.id, Orientation.decline_reason.is_not(None))
        .order_by(Orientation.created_at.desc())
        .limit(1)
    )
    return None if reason == DOUBLE else reason


@dataclass(frozen=True)
class Wait:
    """How requests like this one fared over 90 days: how many, how many were accepted, half of those within how many days."""

    asked: int
    accepted: int
    days: int


WAIT_DAYS, ENOUGH = 90, 5
NOT_COUNTED = LeadState.WITHDRAWN, LeadState.JOINED  # taken back, or the same person's again


def usual_wait(lead: Lead) -> Wait | None:
    """What is honest to say of the wait: requests of the same kind in the same département; None where they are too few."""
    days = func.extract("epoch", Lead.accepted_at - Lead.requested_at) / 86400
    row = db.session.execute(
        select(
            func.count(), func.count(Lead.accepted_at),
            func.percentile_cont(0.5).within_group(days.asc()).filter(Lead.accepted_at.is_not(None)),
        ).where(
            Lead.kind == lead.kind, Lead.departement_code == lead.departement_code, Lead.id != lead.id,
            Lead.state.not_in(NOT_COUNTED), Lead.requested_at >= now() - timedelta(days=WAIT_DAYS),
        )
    ).one()  # fmt: skip
    return Wait(row[0], row[1], max(1, round(row[2]))) if row[1] >= ENOUGH else None


def why_chosen(lead: Lead, in_words: bool) -> Mapping[UUID, str]:
    """Why each association was chosen for this request: the operator's sentence, if it is to be read, or the rules' reasons."""
    rows = select(Orientation.association_id, Orientation.by_hand_reason, Orientation.reasons).where(Orientation.lead_id == lead.id)
    return {
        association: (in_words and by_hand) or ", ".join(map(said_reason, reasons))
        for association, by_hand, reasons in db.session.execute(rows)
    }


def association_names() -> Mapping[UUID, str]:
    """Each association's name in a table; two of one name are told apart by their city, or by their address."""
    known = tenant_names()
    named = Counter(one.name for one in known.values())
    placed = Counter((one.name, one.city) for one in known.values())
    where = {key: one.city if one.city and placed[one.name, one.city] == 1 else one.slug for key, one in known.items()}
    return {key: f"{one.name} ({where[key]})" if named[one.name] > 1 else one.name for key, one in known.items()}


def tenant_names() -> Mapping[UUID, Tenant]:
    """Every association by its id: a history names them."""
    return {tenant.id: tenant for tenant in associations()}


def count_declines() -> Mapping[str, int]:
    """How many requests this association declined, by reason."""
    return {r: n for r, n in db.session.execute(*declines_counted())}


@prepared
def declines_counted() -> Select[str, int]:
    return select(Decline.reason, func.count()).group_by(Decline.reason)


def became() -> Label[str]:
    """What became of an orientation, beside its request: one that was taken back after the association accepted it was accepted."""
    was_accepted = Lead.accepted_at.is_not(None) & Orientation.decline_reason.is_(None)
    state = case(((Orientation.state == OrientationState.WITHDRAWN) & was_accepted, "accepted"), else_=Orientation.state)
    return state.label("became")


def figures_by_association(month: date) -> Mapping[UUID, Mapping[str, int]]:
    """For each association, its orientations of the month by state: counts, never people."""
    figures: dict[UUID, dict[str, int]] = {}
    for association, state, count in db.session.execute(
        select(Orientation.association_id, what := became(), func.count())
        .join(Orientation.lead)
        .where(Orientation.created_at >= midnight(month.replace(day=1)), Orientation.is_direct.is_(False))
        .group_by(Orientation.association_id, what)
    ):
        figures.setdefault(association, {})[state] = count
    return figures


@colleague_asked.connect
def is_of_a_jeune_who_asks(address: str) -> bool:
    """Whether a jeune who asks here has this address: it is not one to give the team's pages to.

    Once accepted, their file says it; the programme has none, and goes by what was asked.
    """
    states = set(LeadState) - {LeadState.WITHDRAWN} if current_tenant.is_programme else OPEN_STATES
    theirs = func.lower(Lead.email) == address.strip().lower(), Lead.kind == LeadKind.MENTEE, Lead.state.in_(states)
    return db.session.scalar(select(Lead.id).where(*theirs).limit(1)) is not None


def waiting_leads(most: int, after: UUID | None = None) -> Sequence[Lead]:
    """The requests that a free place would move, the oldest first, so many at most; those after a request where one is given."""
    statement = select(Lead).where(Lead.state == LeadState.WAITING, func.coalesce(Lead.waiting_reason, "").not_in(BY_HAND))
    if after is not None:
        asked = db.session.scalar(select(Lead.requested_at).where(Lead.id == after))
        if asked is None:  # taken back between two shares: those left begin again
            return waiting_leads(most)
        mark = tuple_(literal(asked, Lead.requested_at.type), literal(after, Lead.id.type))
        statement = statement.where(tuple_(Lead.requested_at, Lead.id) > mark)
    rows = statement.order_by(Lead.requested_at, Lead.id).limit(most).with_for_update(skip_locked=True)
    return db.session.scalars(rows).all()


def views_of(user_id: UUID) -> Sequence[SavedView]:
    """The filters that somebody keeps, by name."""
    return db.session.scalars(*views_kept(user_id)).all()


@prepared
def views_kept(user_id: UUID) -> Select[SavedView]:
    return select(SavedView).where(SavedView.user_id == user_id).order_by(SavedView.name)


@dataclass(frozen=True)
class Pace:
    """An association's answers over 90 days: median days to the first contact or answer, and the share that came in time."""

    days: float | None
    in_time: float | None


def answer_pace() -> Mapping[UUID, Pace]:
    """How each association answers: figures, never people."""
    spoke = case((func.coalesce(Orientation.decline_reason, "") != LATE, Orientation.answered_at))
    first = func.least(Orientation.contacted_at, spoke)
    days = func.extract("epoch", first - Orientation.created_at) / 86400
    ended = or_(first.is_not(None), Orientation.answer_by < today(), Orientation.decline_reason == LATE)
    in_time = func.coalesce(Orientation.decline_reason, "") != LATE
    rows = db.session.execute(
        select(
            Orientation.association_id,
            func.percentile_cont(0.5).within_group(days.asc()).filter(first.is_not(None)),
            func.avg(case((first.is_not(None) & in_time, 1.0), else_=0.0)).filter(ended),
        )
        .join(Orientation.lead)
        .where(
            Orientation.created_at >= now() - timedelta(days=WAIT_DAYS),
            Orientation.is_direct.is_(False),  # of those made to the association itself, the programme sees only the late ones
            became() != OrientationState.WITHDRAWN,
        )
        .group_by(Orientation.association_id)
    )
    return {association: Pace(median, float(share) if share is not None else None) for association, median, share in rows}


@dataclass(frozen=True)
class Need:
    """A département over 90 days: requests of jeunes and of mentors; and how many wait at the desk, since whenever."""

    code: str
    mentees: int
    mentors: int
    waiting: int


def needs_by_departement() -> Sequence[Need]:
    """Where people ask and where they offer: counts of the programme's own requests, the most asked for first."""
    is_recent = Lead.requested_at >= now() - timedelta(days=WAIT_DAYS)
    mentees, mentors = (func.count().filter(Lead.kind == kind, is_recent) for kind in ("mentee", "mentor"))
    rows = db.session.execute(
        select(Lead.departement_code, mentees, mentors, func.count().filter(Lead.state == LeadState.WAITING))
        .where(is_recent | (Lead.state == LeadState.WAITING), Lead.state.not_in(NOT_COUNTED))
        .group_by(Lead.departement_code)
        .order_by(mentees.desc(), Lead.departement_code)
    )
    return [Need(*row) for row in rows]
