"""How an association brings people together and counts: its choices, in versions, on sensible defaults."""

from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy import Select, select

from app.database import prepared
from app.extensions import db
from app.tenants.choices import latest, put_in_force
from app.tenants.models import Tenant, TenantKind

from .models import PairSettings

MONTHS = 6  # where there is no programme
WEIGHTS = {"needs": 25, "field": 15, "interests": 15, "hours": 15, "near": 15, "waiting": 15}


@dataclass(frozen=True)
class Choices:
    """Weights of each reason (0 to 100); who is asked first; days to answer and to sign; what the count takes away; a last word."""

    weights: dict[str, int] = field(default_factory=lambda: dict(WEIGHTS))
    first: str = "mentee"
    answer_days: int = 7
    sign_days: int = 15
    deduct_pauses: bool = True
    deduct_silent: bool = True
    closing_word: str = ""  # the association's own words in the letter that ends a pair
    needed: int = MONTHS  # the programme's minimum


def settings() -> Choices:
    """Those in force with the programme's minimum of months, read once in a request by one statement."""
    if "pair_choices" not in g:
        needed, values = db.session.execute(*minimum_and_choices()).one()
        g.pair_choices = Choices(**(values or {}), needed=needed or MONTHS)
    chosen: Choices = g.pair_choices
    return chosen


@prepared
def minimum_and_choices() -> Select[int | None, dict[str, Any] | None]:
    months = select(Tenant.minimum_months).where(Tenant.kind == TenantKind.PROGRAMME).limit(1).scalar_subquery()
    return select(months, latest(PairSettings).scalar_subquery())


def choose(by: UUID, **changes: Any) -> Choices:
    """Put other choices in force; the same again make no version."""
    put_in_force(PairSettings, stored(Choices()), by, **changes)
    g.pop("pair_choices", None)
    return settings()


def stored(choices: Choices) -> dict[str, Any]:
    """What is the association's to choose."""
    return {name: value for name, value in asdict(choices).items() if name != "needed"}
