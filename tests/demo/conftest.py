"""The demonstration, loaded once for all the tests that read it."""

import os
from contextlib import contextmanager

import pytest

from app import create_app
from app.demo.load import load_demonstration
from app.extensions import db
from tests import databases
from tests.client import Client
from tests.conftest import settings_for


@pytest.fixture(scope="session")
def demo_database(server):
    """A database of its own for the demonstration."""
    with databases.cloned(server, f"demo_{os.getpid()}") as name:
        yield name


@contextmanager
def loaded(server, name, folder):
    """An application whose demonstration is loaded."""
    site = create_app(settings_for(server, name, folder, demo=True))
    site.config["WTF_CSRF_ENABLED"] = False
    site.test_client_class = Client
    load_demonstration(site)
    yield site
    with site.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def demo_site(server, demo_database, tmp_path_factory):
    """An application whose demonstration is loaded; its rows are read, never counted on to be untouched."""
    with loaded(server, demo_database, tmp_path_factory.mktemp("demo")) as site:
        yield site


@pytest.fixture(scope="session")
def oldest_site(tmp_path_factory):
    """Another one, on the oldest PostgreSQL that must work."""
    server = databases.place(databases.OLDEST)
    with databases.cloned(server, f"oldest_{os.getpid()}") as name, loaded(server, name, tmp_path_factory.mktemp("oldest")) as site:
        yield site


@pytest.fixture
def visitor(demo_site):
    return demo_site.test_client()
