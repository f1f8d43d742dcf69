"""What is asked of a mentor before a first meeting, beyond what the law asks of all: rules as data, in versions.

The programme sets a minimum for everybody, an association adds its own. The database reads the same rows (function gate_rules,
migration 0018): the stricter of two figures counts, and what the programme asks is open to no exception.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Integer, TableValuedAlias, Text, column, func, select, true
from sqlalchemy.orm import joinedload

from app.accounts.queries import author_of
from app.database import now, one_at_a_time
from app.errors import DomainError
from app.extensions import db
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _
from app.web import today

from .check_models import GateException, GateMinimum, GateVersion
from .erased import refuse_erased
from .models import Mentee, Mentor
from .signals import gate_changed

LAW = ("honorability", "ase")  # cannot be taken out of the programme's minimum
LONGEST = timedelta(days=183)  # of an exception


class CannotExcept(DomainError):
    """No exception opens this; the sentence says why."""


@dataclass(frozen=True)
class Rule:
    """A piece that is asked for, and for whom; a document is seen within `fresh` months of its date, again after `renew` months."""

    piece: str
    audience: str
    fresh: int | None = None
    renew: int | None = None
    firm: bool = False

    @property
    def as_data(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "firm" and value is not None}


def rules_table() -> TableValuedAlias:
    """What the database reads: the programme's rules and the association's together, with the columns of Rule."""
    names = ("piece", Text), ("audience", Text), ("fresh", Integer), ("renew", Integer), ("firm", Boolean)
    return func.gate_rules(current_tenant_id()).table_valued(*(column(name, kind) for name, kind in names))


def rules_in_force() -> list[Rule]:
    """The same as rules, by piece."""
    asked = rules_table()
    rows = db.session.execute(select(*asked.c).order_by(asked.c.piece, asked.c.audience))
    return [Rule(*row) for row in rows]


def rules_of(data: Sequence[dict[str, Any]], firm: bool = False) -> list[Rule]:
    """Rules as they were stored."""
    return [Rule(firm=firm, **rule) for rule in data]


def minimum() -> GateMinimum:
    """What the programme asks of all, now."""
    return db.session.scalars(select(GateMinimum).order_by(GateMinimum.number.desc()).limit(1)).one()


def minimums() -> Sequence[GateMinimum]:
    """Every version of what the programme asks, the one in force first."""
    return db.session.scalars(select(GateMinimum).order_by(GateMinimum.number.desc()).limit(50)).all()


def versions() -> Sequence[tuple[GateVersion, str]]:
    """Every version of the association's own rules with who made it, the one in force first."""
    return db.session.execute(
        select(GateVersion, author_of(GateVersion.made_by)).order_by(GateVersion.number.desc()).limit(50)
    ).all()


def hold_rules() -> None:
    """Whoever writes rules waits for whoever is writing them: the version that one read is the last."""
    one_at_a_time("gate rules", current_tenant_id())


def set_rules(rules: Collection[Rule], note: str, by: UUID) -> GateVersion | None:
    """Put a new version in force from now on; the same rules again make none."""
    hold_rules()
    last = db.session.scalars(select(GateVersion).order_by(GateVersion.number.desc()).limit(1)).first()
    data = stored(rules)
    if data == (last.rules if last else []):
        return None
    version = GateVersion(number=last.number + 1 if last else 1, rules=data, note=note, made_by=by)
    db.session.add(version)
    db.session.flush()
    return version


def set_minimum(rules: Collection[Rule], note: str) -> GateMinimum | None:
    """The programme's: in force in every association from now on. What the law asks stays in it."""
    hold_rules()
    last = minimum()
    kept = {(rule.piece, rule.audience): rule for rule in rules_of(last.rules)}
    given = {(rule.piece, rule.audience): rule for rule in rules}
    law, asked = kept[LAW], given.get(LAW, kept[LAW])
    given[LAW] = Rule(*LAW, fresh=stricter(asked.fresh, law.fresh), renew=stricter(asked.renew, law.renew))
    data = stored(given.values())
    if data == last.rules:
        return None
    version = GateMinimum(number=last.number + 1, rules=data, note=note)
    db.session.add(version)
    db.session.flush()
    return version


def stricter(asked: int | None, least: int | None) -> int | None:
    """The shorter of two delays in months; None is no delay at all."""
    return min((months for months in (asked, least) if months), default=None)


def stored(rules: Collection[Rule]) -> list[dict[str, Any]]:
    """Rules as they are stored, in one order."""
    return [rule.as_data for rule in sorted(rules, key=lambda rule: (rule.piece, rule.audience))]


def make_exception(mentor: Mentor, mentee: Mentee | None, piece: str, reason: str, until: date, by: UUID) -> GateException:
    """Open the gate without a piece that the association asks by itself, until a day. Raises CannotExcept or Erased.

    Never for what the law or the programme asks: authorisations, child protection, training (which has exceptions of its own).
    """
    refuse_erased(mentor)
    asked = [rule for rule in rules_in_force() if rule.piece == piece]
    if not asked or piece == "agreement":
        raise CannotExcept(_("Cette pièce n'est pas demandée par l'association : il n'y a rien à ouvrir."))
    if all(rule.firm for rule in asked):
        raise CannotExcept(_("Cette pièce est demandée par le programme ou par la loi : aucune exception n'est possible."))
    if not today() <= until <= today() + LONGEST:
        raise CannotExcept(_("Une exception dure six mois au plus, à partir d'aujourd'hui."))
    row = GateException(
        mentor_id=mentor.id,
        mentor=mentor,
        mentee_id=mentee.id if mentee else None,
        mentee=mentee,
        piece=piece,
        reason=reason,
        until=until,
        made_by=by,
    )
    db.session.add(row)
    db.session.flush()
    return row


def withdraw_exception(row: GateException, by: UUID) -> None:
    """It no longer opens anything; that it did stays readable. Twice is once."""
    if row.withdrawn_at is None:
        row.withdrawn_at, row.withdrawn_by = now(), by
        gate_changed.send(row.mentor)


def exceptions(but: Collection[UUID] = ()) -> Sequence[tuple[GateException, str]]:
    """Those of the whole association but some files, with who made each, the latest first."""
    statement = (
        select(GateException, author_of(GateException.made_by))
        .where(GateException.mentor_id.not_in(but), func.coalesce(GateException.mentee_id.not_in(but), true()))
        .options(joinedload(GateException.mentor), joinedload(GateException.mentee))
        .order_by(GateException.created_at.desc(), GateException.id.desc())
        .limit(200)
    )
    return db.session.execute(statement).all()
