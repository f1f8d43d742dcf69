"""The models' common base and the unit of work: the one commit of a request or a job."""

import math
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property, wraps
from inspect import signature
from typing import Any, ClassVar, ParamSpec, TypeVar
from uuid import UUID

import psycopg
from flask import Flask, Response, g
from sqlalchemy import (
    Date,
    DateTime,
    Executable,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    MetaData,
    Select,
    Text,
    Uuid,
    bindparam,
    event,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DBAPIError, DisconnectionError, InvalidRequestError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, mapped_column, relationship
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import ConnectionPoolEntry, Pool

Values = ParamSpec("Values")
Statement = TypeVar("Statement", bound=Executable)
Row = TypeVar("Row", bound="Base")
FIRST_ERROR = 400
FROZEN_AFTER = 300  # seconds without a statement within a transaction: making a batch's files takes one
AT_ONCE = timedelta(minutes=1)  # within which the same form is the same click
REST = 1.0  # seconds after which a connection of the pool is asked whether it lives


def uuid7() -> UUID:
    """A UUID version 7 (RFC 9562): milliseconds, the fraction of one in 12 bits (method 3 of its section 6.2), then chance.

    The fraction is a quarter of a microsecond: keys that a process makes one after the other follow each other.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = (rest << 12) // 1_000_000
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | secrets.randbits(62))


def now() -> datetime:
    """This instant, in UTC: the only clock that models read."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """Every table's base: names of constraints that migrations can count on, PostgreSQL's own types."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        date: Date,
        str: Text,
        bytes: LargeBinary,
        list[str]: ARRAY(Text),
        dict[str, Any]: JSONB,
        UUID: Uuid,
    }


class Timestamps:
    """When a row was written and last changed."""

    created_at: Mapped[datetime] = mapped_column(default=now, server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now, server_default=func.now())


class TenantModel(Base, Timestamps):
    """A row that belongs to one tenant: key (tenant_id, id), and row level security on its table."""

    __abstract__ = True

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True, sort_order=-2)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-1)


def foreign_key(column: str, table: str, **options: Any) -> ForeignKeyConstraint:
    """A foreign key inside one tenant: (tenant_id, column) -> (tenant_id, id)."""
    return ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"], **options)


def reference(target: str, column: str, **options: Any) -> Any:
    """A relationship to a row of the same tenant, by the composite key (tenant_id, <column>).

    Only `column` is written through the relationship: the tenant of a row is never copied from another one.
    """

    def join(owner: type[TenantModel]) -> Any:
        return (
            f"and_({owner.__name__}.tenant_id == remote({target}.tenant_id), "
            f"foreign({owner.__name__}.{column}) == remote({target}.id))"
        )

    return _Reference(target, join, options)


def collection(target: str, column: str, **options: Any) -> Any:
    """The rows of the same tenant whose `column` names this one, read once for each object and never written through it."""

    def join(owner: type[TenantModel]) -> Any:
        return (
            f"and_({owner.__name__}.tenant_id == remote(foreign({target}.tenant_id)), "
            f"{owner.__name__}.id == remote(foreign({target}.{column})))"
        )

    return _Reference(target, join, {"viewonly": True, "uselist": True, **options})


class _Reference:
    """Builds the relationship once the class that owns it has its name."""

    def __init__(self, target: str, join: Callable[[type[TenantModel]], str], options: dict[str, Any]) -> None:
        self.target, self.join, self.options = target, join, options

    def __set_name__(self, owner: type[TenantModel], name: str) -> None:
        setattr(
            owner,
            name,
            relationship(self.target, primaryjoin=self.join(owner), **self.options),
        )


def prepared(write: Callable[Values, Statement]) -> Callable[Values, tuple[Statement, dict[str, Any]]]:
    """A statement that is put together once, for pages that are opened all day: `db.session.scalars(*of_mentor(mentor_id))`.

    `write` gets a bound parameter for each of its arguments: it may compare them, and never ask what is in them. It is called
    where no request is known, so that nothing of the first who asks (their tenant, their day) stays in what others are answered.
    It reads no clock, which would stop at the first call: a moment is an argument.
    """
    shape = signature(write)
    with_parameters: Callable[..., Statement] = write

    @cache
    def written() -> Statement:
        return Context().run(with_parameters, **{name: bindparam(name) for name in shape.parameters})

    @wraps(write)
    def with_values(*values: Values.args, **named: Values.kwargs) -> tuple[Statement, dict[str, Any]]:
        return written(), shape.bind(*values, **named).arguments

    return with_values


def each_counted(column: InstrumentedAttribute[str], values: Iterable[str]) -> Select[Any]:
    """How many rows have each of these values, by its name: each counted in an index, for there may be many."""
    return select(*(select(func.count()).where(column == value).scalar_subquery().label(value) for value in values))


def one_at_a_time(what: str, whose: UUID) -> None:
    """Of those who do the same for one space, person or row at the same instant, the others wait until this transaction ends."""
    from .extensions import db

    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(what), func.hashtext(str(whose)))))


def hold_row(row: Row, key_share: bool = False) -> Row:
    """The row as it is now, what was changed here included, whatever was read of it before; kept so until the transaction ends.

    Rows that name it wait too, unless its key alone is shared with them: a whole space is named by all that is in it.
    Raises StaleDataError when it is there no more.
    """
    from .extensions import db

    db.session.flush()
    try:
        db.session.refresh(row, with_for_update={"of": type(row), "key_share": key_share})
    except InvalidRequestError as error:  # somebody has just deleted it
        raise StaleDataError(str(error)) from error
    return row


@contextmanager
def attempt(refused: Callable[[DBAPIError], Exception]) -> Iterator[None]:
    """Store what this block does, or nothing of it: what the database refuses is raised as `refused` says it."""
    from .extensions import db

    try:
        with db.session.begin_nested():
            yield
            db.session.flush()
    except DBAPIError as error:
        raise refused(error) from error


def on_commit(action: Callable[..., None], *ids: UUID | str) -> None:
    """Run an action with ids, never models, once what this request or job did is safely stored."""
    if not all(isinstance(value, UUID | str) for value in ids):
        raise TypeError("on_commit takes ids: a model would be stale by then")
    g.setdefault("on_commit", []).append((action, ids))


def commit() -> None:
    """THE commit. Requests and jobs reach it through the unit of work; nothing else calls it."""
    from .extensions import db

    db.session.commit()
    for action, ids in g.pop("on_commit", []):
        action(*ids)


def rollback() -> None:
    """Forget what this request or job did."""
    from .extensions import db

    db.session.rollback()
    g.pop("on_commit", None)


def close_request(response: Response) -> Response:
    """Store what the request did when its answer is below 400; else forget it."""
    if response.status_code < FIRST_ERROR:
        commit()
    else:
        rollback()
    return response


@contextmanager
def unit_of_work(app: Flask, tenant_id: UUID | None) -> Iterator[None]:
    """What a job or a command does, for one tenant, or for none: stored whole at the end, or not at all."""
    from .extensions import db
    from .tenants import scope

    with app.app_context():
        if tenant_id is not None:
            scope.enter(db.session(), tenant_id)
        try:
            yield
            commit()
        except BaseException:
            rollback()
            raise


class Columns(Sequence[psycopg.Column]):
    """What a cursor's columns are, looked up when asked: SQLAlchemy knows those of a statement that it has seen before."""

    def __init__(self, look_up: Callable[[], list[psycopg.Column] | None]) -> None:
        self.look_up = look_up

    @cached_property
    def found(self) -> list[psycopg.Column]:
        return self.look_up() or []

    def __getitem__(self, place: Any) -> Any:
        return self.found[place]

    def __len__(self) -> int:
        return len(self.found)


class Cursor(psycopg.Cursor[Any]):
    """A cursor that describes its columns when asked: psycopg makes an object for each, a twentieth of what a page costs."""

    @property
    def description(self) -> Any:
        result = self.pgresult
        return Columns(lambda: super(Cursor, self).description) if result and result.nfields else super().description


@event.listens_for(Pool, "connect")
def prepare_connection(connection: Any, _record: ConnectionPoolEntry) -> None:
    """Every connection's cursors are ours; what a process that stands still holds is let go, for others wait for it."""
    connection.cursor_factory = Cursor
    connection.execute(f"SET idle_in_transaction_session_timeout = {FROZEN_AFTER * 1000}")
    connection.commit()


@event.listens_for(Pool, "checkin")
def note_rest(_connection: Any, record: ConnectionPoolEntry) -> None:
    """Remember when a connection was given back."""
    record.info["resting_since"] = time.monotonic()


@event.listens_for(Pool, "checkout")
def ping_after_rest(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Ask a connection that rested whether its server is still there. Under load none rests, and nobody pays for asking."""
    if time.monotonic() - record.info.get("resting_since", math.inf) > REST:
        try:
            connection.execute("")
            connection.rollback()
        except psycopg.OperationalError as error:
            raise DisconnectionError from error


def init_app(app: Flask) -> None:
    """Close each request with its one commit. Registered first, so it runs last."""
    app.after_request(close_request)
