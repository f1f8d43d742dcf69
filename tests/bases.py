"""Rows that most tests begin with, each set stored once, in a database of its own: what a test adds to it is rolled back."""

import pickle
from collections.abc import Collection
from types import SimpleNamespace

from sqlalchemy import create_engine

from app.database import unit_of_work
from app.extensions import db
from app.tenants.resolve import enter_tenant

from . import databases, factories


def programme(app, _rows):
    """The programme."""
    return factories.programme(app)


def association(app, _rows):
    """Passerelle: an association in the Rhône, with its required course."""
    return factories.association(app, "passerelle", "Passerelle", ["69", "38"])


def people(app, rows):
    """A small association: staff, a trained mentor and a jeune in a pair, each with an account."""
    tenant = rows["association"]
    with unit_of_work(app, tenant.id), app.test_request_context("/"):
        enter_tenant(tenant)
        coordinator = factories.staff(tenant, "coordinator")
        admin = factories.staff(tenant, "admin")
        mentor, mentee = factories.mentor(tenant, trained=True), factories.mentee(tenant)
        pair = factories.pair(mentor, mentee)
    return SimpleNamespace(coordinator=coordinator, admin=admin, mentor=mentor, mentee=mentee, pair=pair)


MAKERS = (programme, association, people)  # each on the rows of those before it


class Bases:
    """The databases of one process, made when a test first wants them: an engine for each, and its rows by the fixture's name."""

    def __init__(self, app, server):
        self.app, self.server, self.day = app, server, factories.today()
        with app.app_context():
            self.made = [(db.engine, pickle.dumps({}))]

    def choose(self, wanted: Collection[str]):
        """The engine of the smallest database that holds every set of rows that is wanted, and fresh copies of its rows.

        Rows are of a day: after midnight each test makes its own.
        """
        size = max((rank for rank, make in enumerate(MAKERS, start=1) if make.__name__ in wanted), default=0)
        if factories.today() != self.day:
            size = 0
        while len(self.made) <= size:
            self.grow(MAKERS[len(self.made) - 1])
        return self.take(size)

    def take(self, size: int):
        """An engine, and fresh copies of the rows of its database."""
        engine, rows = self.made[size]
        return engine, pickle.loads(rows)  # noqa: S301  (ours)

    def grow(self, make):
        """Make the next database: a copy of the last one, and the rows that this adds."""
        engine, rows = self.take(-1)
        engine.dispose()  # nobody may be at work in what is copied
        name = f"{self.made[0][0].url.database}_{make.__name__}"
        databases.clone(self.server, name, engine.url.database)
        fresh = create_engine(engine.url.set(database=name))
        with self.app.app_context():
            engines = db.engines
        usual, engines[None] = engines[None], fresh
        rows[make.__name__] = make(self.app, rows)
        engines[None] = usual
        self.made.append((fresh, pickle.dumps(rows)))

    def drop(self):
        """Remove them; the first is not ours."""
        for engine, _rows in self.made[1:]:
            engine.dispose()
            databases.drop(self.server, engine.url.database)
