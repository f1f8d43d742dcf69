"""Selects for the programme's queue and the association's inbox."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, func, literal_column, or_, select
from sqlalchemy.orm import load_only

from app.extensions import db
from app.tenants.models import Tenant, TenantKind
from app.tenants.resolve import current_tenant
from app.territory.queries import plain
from app.web import midnight

from .models import Decline, Lead, LeadEvent, Orientation, OrientationState
from .orientation import Load

# The name without case or accents, as it is searched.
NAME = literal_column(
    r"regexp_replace(lower(normalize(leads.first_name || ' ' || leads.last_name, NFKD)), '[\u0300-\u036f]', '', 'g')", Text
)

# What a list shows of a request; asking a row of a list for anything else is an error.
LISTED = load_only(
    Lead.kind, Lead.state, Lead.first_name, Lead.last_name, Lead.birth_date, Lead.age, Lead.needs, Lead.commune_name,
    Lead.departement_code, Lead.requested_at, Lead.answer_by, Lead.waiting_reason, Lead.withdrawn_at, raiseload=True,
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
    return {association: Load(count, last.astimezone(current_tenant.zone).date()) for association, count, last in rows}


def declined_by(lead: Lead) -> set[UUID]:
    """The associations that declined this request."""
    return set(
        db.session.scalars(
            select(Orientation.association_id).where(Orientation.lead_id == lead.id, Orientation.state == OrientationState.DECLINED)
        )
    )


def leads_in(state: str, kind: str | None, typed: str) -> Select[Any]:
    """The requests of a list: what must be answered first comes first."""
    statement = select(Lead).where(Lead.state == state).options(LISTED)
    if kind:
        statement = statement.where(Lead.kind == kind)
    for word in plain(typed).split():
        email = func.lower(Lead.email)
        statement = statement.where(or_(NAME.contains(word, autoescape=True), email.contains(word, autoescape=True)))
    return statement.order_by(Lead.answer_by.asc().nulls_last(), Lead.requested_at, Lead.id)


def counts_by_state() -> Mapping[str, int]:
    """How many requests of this space are in each state."""
    return {state: count for state, count in db.session.execute(select(Lead.state, func.count()).group_by(Lead.state))}


def history_of(lead: Lead) -> Sequence[LeadEvent]:
    """What happened to a request, first things first."""
    return db.session.scalars(
        select(LeadEvent).where(LeadEvent.lead_id == lead.id).order_by(LeadEvent.created_at, LeadEvent.id)
    ).all()


def orientations_of(leads: Sequence[Lead]) -> Mapping[UUID, Orientation]:
    """The latest orientation of each request."""
    rows = db.session.scalars(
        select(Orientation).where(Orientation.lead_id.in_([lead.id for lead in leads])).order_by(Orientation.created_at)
    )
    return {row.lead_id: row for row in rows}


def current_orientation(lead: Lead) -> Orientation | None:
    """The orientation that is open, or was accepted."""
    return db.session.scalar(
        select(Orientation).where(
            Orientation.lead_id == lead.id,
            Orientation.state.in_([OrientationState.SENT, OrientationState.DELIVERED, OrientationState.ACCEPTED]),
        )
    )


def tenant_names() -> Mapping[UUID, Tenant]:
    """Every association by its id: a history names them."""
    return {tenant.id: tenant for tenant in associations()}


def count_declines() -> Mapping[str, int]:
    """How many requests this association declined, by reason."""
    return {r: n for r, n in db.session.execute(select(Decline.reason, func.count()).group_by(Decline.reason))}


def figures_by_association(month: date) -> Mapping[UUID, Mapping[str, int]]:
    """For each association, its orientations of the month by state: counts, never people."""
    figures: dict[UUID, dict[str, int]] = {}
    for association, state, count in db.session.execute(
        select(Orientation.association_id, Orientation.state, func.count())
        .where(Orientation.created_at >= midnight(month.replace(day=1)))
        .group_by(Orientation.association_id, Orientation.state)
    ):
        figures.setdefault(association, {})[state] = count
    return figures
