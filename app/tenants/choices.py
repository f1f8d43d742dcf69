"""Choices of a space in versions: the last number is in force, the others stay readable."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from app.database import one_at_a_time
from app.extensions import db

from .scope import current_tenant_id


def in_force(model: Any) -> Mapping[str, Any]:
    """What was chosen last; nothing when nobody chose."""
    return db.session.scalar(latest(model)) or {}


@cache
def latest(model: Any) -> Select[dict[str, Any]]:
    """The choices that were made last, whoever asks."""
    return select(model.values).order_by(model.number.desc()).limit(1)


def hold(model: Any) -> None:
    """Whoever chooses meanwhile waits until the transaction ends: what is read from here on is what is in force."""
    one_at_a_time(model.__tablename__, current_tenant_id())


def put_in_force(model: Any, defaults: Mapping[str, Any], by: UUID, **changes: Any) -> None:
    """Choose otherwise; the same again make no version."""
    hold(model)  # two at once make two versions, the first one too
    last = db.session.scalars(select(model).order_by(model.number.desc()).limit(1)).first()
    before = {**defaults, **(last.values if last else {})}
    values = {**before, **changes}
    if values != before:
        db.session.add(model(number=last.number + 1 if last else 1, values=values, made_by=by))
        db.session.flush()  # what follows reads it
