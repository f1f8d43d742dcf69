"""What every test stands on: the application, a database that forgets, a client, and two associations."""

import os
import socket
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, event, text

from app import create_app, jobs
from app.config import Settings
from app.database import unit_of_work
from app.extensions import db, limiter
from app.jobs import queue
from app.tenants.resolve import enter_tenant

from . import databases, factories
from .client import Client


@pytest.fixture(scope="session")
def server():
    """The tests' PostgreSQL."""
    return databases.place()


@pytest.fixture(scope="session")
def database_name(server):
    """The database of this process, a clone of the migrated template."""
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}_{os.getpid()}"
    databases.clone(server, name)
    yield name
    databases.drop(server, name)


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


@pytest.fixture(scope="session")
def app(server, database_name, tmp_path_factory):
    """The application, on this process's database."""
    app = create_app(settings_for(server, database_name, tmp_path_factory.mktemp("instance")))
    app.config["WTF_CSRF_ENABLED"] = False  # tests/house/test_forms.py turns it on
    app.test_client_class = Client
    db.session.session_factory.configure(join_transaction_mode="create_savepoint")

    @app.teardown_appcontext
    def forget_tenant(_error):
        connection = getattr(app, "test_connection", None)
        if connection is not None and connection.get_transaction() and connection.get_transaction().is_active:
            connection.execute(text("SELECT set_config('app.tenant_id', '', true)"))

    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(autouse=True)
def rolled_back(request):
    """Everything that a test does happens in one transaction that is rolled back."""
    if "committed" in request.keywords or "browser" in request.keywords or "no_database" in request.keywords:
        yield None
        return
    app = request.getfixturevalue("app")
    with app.app_context():
        engines = db.engines
        engine = engines[None]
    with engine.connect() as connection:
        transaction = connection.begin()
        engines[None] = app.test_connection = connection
        jobs.init_app(app)  # whatever application another test made
        try:
            yield connection
        finally:
            engines[None], app.test_connection = engine, None
            transaction.rollback()


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
    from contextlib import contextmanager

    @contextmanager
    def enter(tenant):
        with unit_of_work(app, tenant.id), app.test_request_context("/"):
            enter_tenant(tenant)
            yield

    return enter


@pytest.fixture
def statements(rolled_back):
    """A block that counts the statements sent: `with statements() as seen: ...; len(seen)`."""
    from contextlib import contextmanager

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


@pytest.fixture
def programme(app):
    """The programme."""
    return factories.programme(app)


@pytest.fixture
def association(app, programme):
    """Passerelle: an association in the Rhône, with its required course."""
    return factories.association(app, "passerelle", "Passerelle", ["69", "38"])


@pytest.fixture
def elsewhere(app, programme):
    """Another association, whose data must never be seen."""
    return factories.association(app, "ailleurs", "Ailleurs", ["59"])


@pytest.fixture
def people(app, in_space, association):
    """A small association: staff, a trained mentor and a jeune in a pair, each with an account."""
    with in_space(association):
        coordinator = factories.staff(association, "coordinator")
        admin = factories.staff(association, "admin")
        mentor, mentee = factories.mentor(association, trained=True), factories.mentee(association)
        pair = factories.pair(mentor, mentee)
    return SimpleNamespace(coordinator=coordinator, admin=admin, mentor=mentor, mentee=mentee, pair=pair)


@pytest.fixture
def fresh_database(server, request):
    """A database of its own, where commits are real; dropped at the end."""
    name = f"own_{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**8}"
    databases.clone(server, name)
    yield name
    databases.drop(server, name)


@pytest.fixture
def real_app(server, fresh_database, tmp_path):
    """An application whose commits are real, for what happens at the same instant."""
    app = create_app(settings_for(server, fresh_database, tmp_path))
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = Client
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def limited(real_app):
    """A site that counts tries."""
    factories.programme(real_app)
    real_app.config["RATELIMIT_ENABLED"] = True
    limiter.init_app(real_app)
    limiter.enabled = True
    yield real_app.test_client()
    limiter.reset()
    limiter.enabled = False


@pytest.fixture
def owner(server, database_name):
    """A connection as the owner of the schema."""
    engine = create_engine(server.url("binome_owner", database_name))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


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
