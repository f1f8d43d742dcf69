"""What every test stands on: the application, a database that forgets, a client, and two associations."""

import gc
import os
import socket
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from types import SimpleNamespace

import jinja2
import pytest
from flask import Flask
from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import NullPool

from app import create_app, embedded, jobs
from app.config import Settings
from app.extensions import db, limiter, mailer
from app.jobs import queue

from . import databases, factories
from .bases import Bases, begun, stored, wanted_by
from .client import Client, session_of


@pytest.hookimpl(trylast=True)  # they are shuffled before
def pytest_collection_modifyitems(items):
    """What reads the demonstration first: the process that has the beginning of the list loads it, and no other. Then journeys."""
    items.sort(key=lambda item: (not item.nodeid.startswith("tests/demo/"), "browser" not in item.keywords))


def pytest_collection_finish():
    """What is loaded by now stays: looking through it for garbage finds none."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


class CompiledTemplates(jinja2.BytecodeCache):
    """Every application of this process takes its templates from here: each is compiled once."""

    def __init__(self):
        self.compiled = {}

    def load_bytecode(self, bucket):
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket):
        self.compiled[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}


@pytest.fixture(scope="session")
def server():
    """The tests' PostgreSQL."""
    return databases.place()


@pytest.fixture(scope="session")
def database_name(server):
    """The database of this process, a clone of the migrated template."""
    with databases.cloned(server, f"test_{os.getpid()}") as name:
        yield name


def settings_for(server, name, folder, **changes):
    """Settings of an application on one of the tests' databases."""
    values = {
        "database_url": server.url("binome_app", name),
        "database_owner_url": server.url("binome_owner", name),
        "secret_key": "x" * 40,
        "shortest_form": 0,
        "testing": True,
        "instance": folder,
        "public_url": "http://localhost",
    }
    return Settings(**{**values, **changes})


def say_savepoints_plainly(dialect):
    """One statement in four is about a savepoint: SQLAlchemy would compile it each time.

    In a transaction that is rolled back, nobody can tell when a savepoint is released, or the tenant of who has left forgotten,
    as long as it is before the next statement: that is said in one message with the next savepoint.
    """

    def say(connection, words):
        connection.connection.driver_connection.execute(words)

    def begin(connection, name):
        before = connection.info.get("before", [])
        say(connection, "; ".join([*before, f"SAVEPOINT {name}"]))
        before.clear()

    def release(connection, name):
        if "before" in connection.info:
            connection.info["before"].append(f"RELEASE SAVEPOINT {name}")
        else:
            say(connection, f"RELEASE SAVEPOINT {name}")

    def go_back(connection, name):
        connection.info.get("before", []).clear()  # all that is after this one
        say(connection, f"ROLLBACK TO SAVEPOINT {name}")

    dialect.do_savepoint, dialect.do_release_savepoint, dialect.do_rollback_to_savepoint = begin, release, go_back


@pytest.fixture(scope="session")
def app(server, database_name, tmp_path_factory):
    """The application, on this process's database."""
    app = create_app(settings_for(server, database_name, tmp_path_factory.mktemp("instance")))
    app.config["WTF_CSRF_ENABLED"] = False  # tests/house/test_responses.py turns it on
    app.test_client_class = Client
    db.session.session_factory.configure(join_transaction_mode="create_savepoint")
    with app.app_context():
        say_savepoints_plainly(db.engine.dialect)

    @app.teardown_appcontext
    def forget_tenant(_error):
        """As the end of its transaction would: the test's own goes on."""
        connection = getattr(app, "test_connection", None)
        if (
            db.session.registry.has()
            and "tenant_id" in db.session().info
            and connection is not None
            and connection.in_transaction()
        ):
            connection.info["before"].append("SELECT set_config('app.tenant_id', '', true)")

    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def bases(app, server):
    """The databases where what most tests begin with is there already."""
    bases = Bases(app, server)
    yield bases
    bases.drop()


@pytest.fixture(autouse=True)
def rolled_back(request):
    """Everything that a test does happens in one transaction that is rolled back."""
    if "committed" in request.keywords or "browser" in request.keywords or "no_database" in request.keywords:
        yield None
        return
    app, bases = request.getfixturevalue("app"), request.getfixturevalue("bases")
    with app.app_context():
        engines = db.engines
        usual = engines[None]
    engine, app.test_rows = bases.choose(wanted_by(request.node))
    with engine.connect() as connection:
        transaction = connection.begin()
        connection.info["before"] = []
        engines[None] = app.test_connection = connection
        jobs.init_app(app)  # whatever application another test made
        try:
            yield connection
        finally:
            engines[None], app.test_connection = usual, None
            transaction.rollback()
            del connection.info["before"]


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def run_jobs(app, rolled_back):
    """Do what is in the queue, and what that enqueues, until it is empty; returns the names of what was done."""

    def run():
        done = []
        while True:
            row = rolled_back.execute(
                text("SELECT id, task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id LIMIT 1")
            ).first()
            if row is None:
                return done
            rolled_back.execute(text("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = :id"), {"id": row.id})
            with app.app_context():
                queue.tasks[row.task_name].func(**row.args)
            done.append(row.task_name)

    return run


@pytest.fixture
def in_space(app):
    """A block that works in a tenant's space and stores what it did: `with in_space(association): ...`."""
    return partial(factories.in_space, app)


@pytest.fixture
def statements(rolled_back):
    """A block that counts the statements sent: `with statements() as seen: ...; len(seen)`."""

    @contextmanager
    def count():
        seen = []

        def note(_connection, _cursor, statement, *_rest):
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK TO", "SELECT set_config('app.tenant_id', ''")):
                seen.append(statement)

        event.listen(rolled_back, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(rolled_back, "before_cursor_execute", note)

    return count


@stored()
def programme(app):
    return factories.programme(app)


@stored(on="programme")
def elsewhere(app):
    """Another association, whose data must never be seen."""
    return factories.association(app, "ailleurs", "Ailleurs", ["59"])


@stored(on="programme")
def association(app):
    """Passerelle: an association in the Rhône, with its required course."""
    return factories.association(app, "passerelle", "Passerelle", ["69", "38"])


@stored(on="association")
def at_work(app):
    """Claire Morel, a coordinator of Passerelle, and the cookie of a browser where she is signed in."""
    tenant = begun(app, "association")
    with factories.in_space(app, tenant):
        card = factories.staff(tenant)
    return card, session_of(app, card.user_id)


@stored(on="association")
def people(app):
    """A small association: staff, a trained mentor and a jeune in a pair, each with an account."""
    tenant = begun(app, "association")
    with factories.in_space(app, tenant):
        coordinator = factories.staff(tenant, "coordinator")
        admin = factories.staff(tenant, "admin")
        mentor, mentee = factories.mentor(tenant, trained=True), factories.mentee(tenant)
        pair = factories.pair(mentor, mentee)
    return SimpleNamespace(coordinator=coordinator, admin=admin, mentor=mentor, mentee=mentee, pair=pair)


@pytest.fixture(scope="session")
def second_database(server):
    """Another database of this process, where commits are real."""
    with databases.cloned(server, f"real_{os.getpid()}") as name:
        yield name


@pytest.fixture(scope="session")
def administrator(server, second_database):
    """The superuser's connection to it, which empties it."""
    with embedded.administrator(server, second_database) as connection:
        yield connection


@pytest.fixture
def fresh_database(administrator, second_database):
    """A database where commits are real, with nothing in it but what the migrations put there. Its schema stays as it is."""
    databases.empty(administrator)
    return second_database


@pytest.fixture
def own_database(server, request):
    """A database for a test that changes the schema, or drops it; dropped at the end."""
    with databases.cloned(server, f"own_{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**8}") as name:
        yield name


@pytest.fixture(scope="session")
def lasting_app(server, second_database, tmp_path_factory):
    """The application of `real_app`, made once."""
    app = create_app(settings_for(server, second_database, tmp_path_factory.mktemp("real")))
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = Client
    return app


@contextmanager
def borrowed(app, folder, **settings):
    """An application made once, with files in this folder and other settings, for one test. What the test changes is put back."""
    config, views = dict(app.config), dict(app.view_functions)
    app.config |= replace(app.config["BINOME"], instance=folder, **settings).flask()
    mailer.init_app(app)
    jobs.init_app(app)
    try:
        yield app
    finally:
        with app.app_context():
            db.engine.dispose()
        app.config.clear()
        app.config.update(config)
        app.view_functions.update(views)
        mailer.init_app(app)


@pytest.fixture
def real_app(lasting_app, fresh_database, tmp_path):
    """An application whose commits are real, for what happens at the same instant."""
    with borrowed(lasting_app, tmp_path) as app:
        yield app


@pytest.fixture(scope="session")
def counting_app(server, second_database, tmp_path_factory):
    """The application of `limited`, made once."""
    app = create_app(settings_for(server, second_database, tmp_path_factory.mktemp("limited")))
    app.config |= {"WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": True}
    app.test_client_class = Client
    limiter.init_app(app)
    return app


@pytest.fixture
def limited(counting_app, fresh_database, tmp_path):
    """A site that counts tries."""
    with borrowed(counting_app, tmp_path) as app:
        factories.programme(app)
        limiter.enabled = True
        yield app.test_client()
        limiter.reset()
        limiter.enabled = False


@pytest.fixture
def owner(server, rolled_back):
    """A connection as the owner of the schema, to the database that the test works in."""
    engine = owner_engine(server.url("binome_owner", rolled_back.engine.url.database))
    with engine.connect() as connection:
        yield connection


@cache
def owner_engine(url):
    return create_engine(url, poolclass=NullPool)  # nobody stays at work in a database that may be copied


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure():
    """What is left is looked through once: pytest does it again and again for objects that complain as they go."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def closed_network():
    """No test reaches further than this machine."""
    connect = socket.socket.connect

    def local_only(self, address):
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise RuntimeError(f"A test reached for {address}")
        return connect(self, address)

    socket.socket.connect = local_only
    yield
    socket.socket.connect = connect
