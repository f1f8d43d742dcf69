"""The list of pairs: what narrows it, and what of it is taken away as a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.queries import current_staff
from app.database import each_counted, prepared
from app.extensions import db
from app.fields import french_phone
from app.people.lists import MOST_TAKEN, aged
from app.people.models import Mentee
from app.translation import gettext as _
from app.web import is_uuid, today

from .models import Pair, PairState
from .queries import NAMES, named
from .signals import days_met, notes
from .words import RHYTHMS, STATE_OF_ONE

MINE, NOBODY = "moi", "personne"


@dataclass(frozen=True)
class Filters:
    """What narrows the list; each is empty when it does not."""

    state: str
    typed: str
    follower: str  # the id of a card of the staff, or MINE, or NOBODY
    departement: str
    age: str

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Self:
        """Those of a query string; what is unknown narrows nothing."""
        state = asked.get("etat", "")
        return cls(
            state if state in set(PairState) else PairState.ACTIVE, asked.get("q", "")[:80], asked_follower(asked),
            asked.get("dep", "").strip().upper()[:3], asked.get("age", ""),
        )  # fmt: skip

    def kept(self) -> dict[str, str]:
        """The same as a query string, without what narrows nothing."""
        named = {"etat": self.state, "q": self.typed, "suivi": self.follower, "dep": self.departement, "age": self.age}
        return {name: value for name, value in named.items() if value and (name, value) != ("etat", PairState.ACTIVE)}

    @property
    def is_narrow(self) -> bool:
        return bool(self.kept().keys() - {"etat"})

    def where(self) -> list[ColumnElement[bool]]:
        """For the database, in any state; place and age are the jeune's, and who has no date of birth counts as a minor."""
        there = [Mentee.departement_code == self.departement] if self.departement else []
        return [*of_follower(self.follower), *there, *aged(Mentee, self.age)]


def asked_follower(asked: Mapping[str, str]) -> str:
    """Whose pairs a query string asks for: the id of a card of the staff, MINE or NOBODY; empty for anybody's."""
    follower = asked.get("suivi", "")
    return follower if follower in (MINE, NOBODY) or is_uuid(follower) else ""


def of_follower(follower: str) -> list[ColumnElement[bool]]:
    """For the database: the pairs that they follow."""
    if not follower:
        return []
    if follower == NOBODY:
        return [Pair.coordinator_id.is_(None)]
    card = current_staff() if follower == MINE else None
    mine = Pair.coordinator_id == card.id if card else false()
    return [mine if follower == MINE else Pair.coordinator_id == UUID(follower)]


def listed(filters: Filters, shown: Sequence[Any] = NAMES) -> Select[Any]:
    """The pairs that the filters keep, with what is shown of their people: the names alone, unless more is said."""
    here = select(Pair).join(Pair.mentor).join(Pair.mentee).where(Pair.state == filters.state, *filters.where())
    return named(here, filters.typed).options(*shown)


def elsewhere(filters: Filters) -> dict[str, int]:
    """In which other states the same filters find pairs, and how many: whoever looks for somebody need not open each tab."""
    others: Any = select(Pair.state, func.count()).select_from(Pair).join(Pair.mentor).join(Pair.mentee)
    rows = named(others.where(Pair.state != filters.state, *filters.where()), filters.typed).group_by(Pair.state)
    return {state: count for state, count in db.session.execute(rows)}


def counts() -> Mapping[str, int]:
    """How many pairs of this space are in each state: each counted in an index."""
    return dict(db.session.execute(*each_state_counted()).one()._mapping)


@prepared
def each_state_counted() -> Select[Any]:
    return each_counted(Pair.state, PairState)


def file_rows(filters: Filters) -> Iterator[list[Any]]:
    """The list as a table to take away, ten thousand rows at most."""
    whole = (contains_eager(Pair.mentor), contains_eager(Pair.mentee), joinedload(Pair.coordinator))
    latest = Pair.starts_on.desc(), Pair.id.desc()
    pairs = db.session.scalars(listed(filters, whole).order_by(*latest).limit(MOST_TAKEN)).all()
    met, said = days_met([pair.id for pair in pairs]), notes(pairs)
    yield [
        _("Nom du jeune"), _("Prénom du jeune"), _("Âge du jeune"), _("Commune du jeune"), _("Téléphone du jeune"),
        _("E-mail du jeune"), _("Nom du mentor"), _("Prénom du mentor"), _("Commune du mentor"), _("Téléphone du mentor"),
        _("E-mail du mentor"), _("Où cela en est"), _("Début"), _("Fin prévue"), _("Clôturé le"), _("Rythme"), _("Suivi par"),
        _("Jours de rencontre"), _("Dernière rencontre"), _("En quelques mots"),
    ]  # fmt: skip
    for pair in pairs:
        mentee, mentor, days = pair.mentee, pair.mentor, met.get(pair.id, [])
        yield [
            mentee.last_name, mentee.first_name, mentee.age_on(today()), mentee.commune_name, french_phone(mentee.phone),
            mentee.email,
            mentor.last_name, mentor.first_name, mentor.commune_name, french_phone(mentor.phone), mentor.email,
            str(STATE_OF_ONE[pair.state]), pair.starts_on, pair.planned_end, pair.closed_on, str(RHYTHMS[pair.rhythm]),
            pair.coordinator.full_name if pair.coordinator else "", len(days), max(days, default=None), said.get(pair.id, ""),
        ]  # fmt: skip
