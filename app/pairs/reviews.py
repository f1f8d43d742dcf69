"""Objectives, set together and looked at again: at three months, at six, and when one likes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.database import uuid7
from app.extensions import db
from app.fields import lines_of
from app.leads.calendar import add_months
from app.tenants.scope import current_tenant_id
from app.web import local, today

from .life import note
from .models import ObjectiveReview, Pair, PairEvent, PairState

DUE = (3, 6)  # months


def month_of(pair: Pair) -> int:
    """Which month of the pair this is, counted from 1."""
    return next(month for month in range(1, 61) if add_months(pair.starts_on, month) > today() or month == 60)


def due(pair: Pair, story: Iterable[tuple[PairEvent, str | None]]) -> int | None:
    """The month of the review that should have been held by now and is not in the pair's story; None also while the pair closes."""
    if pair.state == PairState.CLOSING:
        return None
    begun = [month for month in DUE if add_months(pair.starts_on, month) <= today()]
    if not begun:
        return None
    since = add_months(pair.starts_on, begun[-1] - 1)
    held = any(event.what == "reviewed" and local(event.created_at).date() >= since for event, _email in story)
    return None if held else begun[-1]


def review(pair: Pair, answers: Mapping[str, Any], by: UUID) -> None:
    """Note what became of each objective, and the objectives from now on; a second one in the same month replaces the first."""
    states = {goal: answers[f"goal_{rank}"] for rank, goal in enumerate(pair.objectives)}
    values = {"held_on": today(), "states": states, "note": answers["note"] or "", "noted_by": by}
    row = {"tenant_id": current_tenant_id(), "id": uuid7(), "pair_id": pair.id, "month": month_of(pair), **values}
    statement = insert(ObjectiveReview).values(**row)
    db.session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "pair_id", "month"], set_=values))
    pair.objectives = lines_of(answers["objectives"])
    note(pair, "reviewed", by)


def reviews_of(pair: Pair) -> Sequence[ObjectiveReview]:
    """The latest first."""
    return db.session.scalars(
        select(ObjectiveReview).where(ObjectiveReview.pair_id == pair.id).order_by(ObjectiveReview.month.desc())
    ).all()
