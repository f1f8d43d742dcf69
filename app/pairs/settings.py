"""How an association brings people together and counts: its choices, in versions, on sensible defaults."""

from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy import select

from app.extensions import db

from .models import PairSettings

WEIGHTS = {"needs": 25, "field": 15, "interests": 15, "hours": 15, "near": 15, "waiting": 15}


@dataclass(frozen=True)
class Choices:
    """Weights of each reason (0 to 100); who is asked first; days to answer and to sign; what the count takes away."""

    weights: dict[str, int] = field(default_factory=lambda: dict(WEIGHTS))
    first: str = "mentee"
    answer_days: int = 7
    sign_days: int = 15
    deduct_pauses: bool = True
    deduct_silent: bool = True


def settings() -> Choices:
    """Those in force, read once in a request."""
    if "pair_choices" not in g:
        last = last_version()
        g.pair_choices = Choices(**last.values) if last else Choices()
    chosen: Choices = g.pair_choices
    return chosen


def last_version() -> PairSettings | None:
    return db.session.scalars(select(PairSettings).order_by(PairSettings.number.desc()).limit(1)).first()


def choose(by: UUID, **changes: Any) -> Choices:
    """Put other choices in force; the same again make no version."""
    last = db.session.scalars(select(PairSettings).order_by(PairSettings.number.desc()).limit(1).with_for_update()).first()
    before = Choices(**last.values) if last else Choices()
    chosen = Choices(**{**asdict(before), **changes})
    if chosen != before:
        db.session.add(PairSettings(number=last.number + 1 if last else 1, values=asdict(chosen), made_by=by))
        db.session.flush()
    g.pair_choices = chosen
    return chosen
