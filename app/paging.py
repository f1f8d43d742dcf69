"""The page of a long list that the query string asks for: by number, or by key where a list may be very long."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy import Select, literal, tuple_

from .extensions import db


@dataclass(frozen=True)
class Page:
    """A slice of a list, and whether there is more."""

    rows: Sequence[Any]
    number: int
    has_next: bool

    @property
    def has_previous(self) -> bool:
        return self.number > 1


def paginate(statement: Select[Any], size: int = 50) -> Page:
    """The page of a list that the query string asks for; one row more is read to know whether there is a next."""
    number = asked_number()
    rows = db.session.scalars(statement.limit(size + 1).offset((number - 1) * size)).all()
    return Page(rows[:size], number, len(rows) > size)


def slice_of(rows: Sequence[Any], size: int = 50) -> Page:
    """The same of a list that is read whole already."""
    number = asked_number()
    start = (number - 1) * size
    return Page(rows[start : start + size], number, len(rows) > start + size)


def asked_number() -> int:
    """Which page the query string asks for."""
    return max(1, min(request.args.get("page", 1, type=int), 10_000))


@dataclass(frozen=True)
class KeyPage:
    """A slice of a list that is read by key: as quick at its end as at its beginning, however long it is."""

    rows: Sequence[Any]
    before: str | None
    after: str | None


def paginate_by_key(statement: Select[Any], keys: Sequence[Any], size: int = 50, latest_first: bool = False) -> KeyPage:
    """The page that comes after or before the row that the query string names; the keys are never null, and unique together.

    The rows come in the order of the keys, or in the contrary one.
    """
    after = read_keys(request.args.get("apres", ""), keys)
    before = [] if after else read_keys(request.args.get("avant", ""), keys)
    backwards = bool(before) != latest_first
    order = [key.desc() for key in keys] if backwards else list(keys)
    if after or before:
        row, mark = tuple_(*keys), tuple_(*(after or before or ()))
        statement = statement.where(row < mark if backwards else row > mark)
    rows = list(db.session.scalars(statement.order_by(*order).limit(size + 1)))
    more, rows = len(rows) > size, rows[:size]
    if before:
        rows.reverse()
    has_before, has_after = (more, True) if before else (bool(after), more)
    first, last = (written_keys(rows[place], keys) if rows else None for place in (0, -1))
    return KeyPage(rows, first if has_before else None, last if has_after else None)


def written_keys(row: Any, keys: Sequence[Any]) -> str:
    """Where a row stands, for the address of the next page."""
    values = [getattr(row, key.key) for key in keys]
    return "~".join(value.isoformat() if isinstance(value, date) else str(value) for value in values)


def read_keys(written: str, keys: Sequence[Any]) -> list[Any]:
    """The same, read back; empty when it is no such thing, and the list then begins at its beginning."""
    readers: dict[type, Callable[[str], Any]] = {str: str, date: date.fromisoformat, datetime: datetime.fromisoformat, UUID: UUID}
    parts = written.split("~")
    try:
        values = [readers[key.type.python_type](part) for key, part in zip(keys, parts, strict=True)]
    except ValueError:
        return []
    if any(isinstance(value, datetime) and value.tzinfo is None for value in values):
        return []
    return [literal(value, key.type) for key, value in zip(keys, values, strict=True)]
