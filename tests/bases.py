"""Rows that several tests begin with, each set stored once, in a database of its own: what a test adds to it is rolled back."""

import pickle
from collections.abc import Callable, Collection

import pytest
from psycopg._preparing import PrepareManager
from sqlalchemy import Engine, create_engine, event

from app.extensions import db

from . import databases, factories

MAKERS: dict[str, Callable] = {}  # what makes each set, by its fixture's name; those that others need come first
BASES: dict[str, str] = {}  # the set whose database each begins with a copy of
COUNTED: set[str] = set()  # those with many rows, whose tables have statistics as they would in use


def stored(on: str = "", is_counted: bool = False) -> Callable:
    """Make a fixture of a function that is given the application and stores rows; each test gets fresh copies of what it returns.

    It runs once for each process, in a copy of the database of the set `on` which it stands; of other sets it asks by `begun`.
    """

    def declare(make):
        MAKERS[make.__name__], BASES[make.__name__] = make, on
        if is_counted:
            COUNTED.add(make.__name__)

        def fixture(app):
            return begun(app, make.__name__)

        fixture.is_stored = True
        return pytest.fixture(name=make.__name__)(fixture)

    return declare


def wanted_by(item: pytest.Item) -> set[str]:
    """The sets that a test names; a fixture or a parameter of its own may have the same name."""
    return {name for name, found in item._fixtureinfo.name2fixturedefs.items() if getattr(found[-1].func, "is_stored", False)}


def begun(app, name: str):
    """A set of rows: the copy that waits in the database at work, or made now in it."""
    if name not in app.test_rows:
        if BASES[name]:
            begun(app, BASES[name])
        app.test_rows[name] = MAKERS[name](app)
    return app.test_rows[name]


class Kept(PrepareManager):
    """Prepared statements that outlive a rollback, where psycopg forgets them: what a test asks, others asked before."""

    prepared_max = 1000

    def clear(self):
        return False

    def _should_discard(self, *_what):
        return False


def keep_prepared(engine: Engine) -> Engine:
    """The engine, whose connections keep what they prepared, and say what they had to say before the next statement."""

    @event.listens_for(engine, "connect")
    def keep(connection, _record):
        connection._prepared = Kept()

    @event.listens_for(engine, "before_cursor_execute")
    def say(connection, *_statement):
        if before := connection.info.get("before"):
            connection.connection.driver_connection.execute("; ".join(before))
            before.clear()

    return engine


class Bases:
    """The databases of one process, made when a test first wants them: an engine for each, and its rows by the fixture's name."""

    def __init__(self, app, server):
        self.app, self.server, self.day = app, server, factories.today()
        with app.app_context():
            self.made = {"": (keep_prepared(db.engine), pickle.dumps({}))}

    def choose(self, wanted: Collection[str]) -> tuple[Engine, dict]:
        """The engine of the database of the last set that is wanted, and fresh copies of its rows.

        Rows are of a day: after midnight each test makes its own.
        """
        name = next((name for name in reversed(MAKERS) if name in wanted), "") if factories.today() == self.day else ""
        return self.take(name)

    def take(self, name: str) -> tuple[Engine, dict]:
        """An engine, and fresh copies of the rows of its database."""
        if name not in self.made:
            self.make(name)
        engine, rows = self.made[name]
        return engine, pickle.loads(rows)  # noqa: S301  (ours)

    def make(self, name: str) -> None:
        """Make a database: a copy of the one that its set stands on, and the rows that this adds."""
        engine, self.app.test_rows = self.take(BASES[name])
        engine.dispose()  # nobody may be at work in what is copied
        database = f"{self.made[''][0].url.database}_{name}"
        databases.clone(self.server, database, engine.url.database)
        fresh = keep_prepared(create_engine(engine.url.set(database=database)))
        fresh.dialect, fresh._compiled_cache = engine.dialect, engine._compiled_cache  # a statement is compiled once for all
        with self.app.app_context():
            engines = db.engines
        usual, engines[None] = engines[None], fresh
        begun(self.app, name)
        engines[None] = usual
        if name in COUNTED:
            databases.count(self.server, database)
        self.made[name] = fresh, pickle.dumps(self.app.test_rows)

    def drop(self) -> None:
        """Remove them; the first is not ours."""
        for name, (engine, _rows) in self.made.items():
            engine.dispose()
            if name:
                databases.drop(self.server, engine.url.database)
