"""What the tests of people, training and pairs share: a coordinator's browser, stored rows, and things done at one instant."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
from sqlalchemy import select

from app.database import unit_of_work
from app.extensions import db
from app.people import consent
from app.people.models import Guardianship
from tests import factories

from .situations import NADEGE, SPACE


@pytest.fixture
def stored(in_space):
    """The rows of a table in a space, the oldest first: `stored(association, Mentee)`."""

    def read(tenant, model):
        with in_space(tenant):
            return db.session.scalars(select(model).order_by(model.created_at, model.id)).all()

    return read


@pytest.fixture
def office(client, at_work):
    """A browser where a coordinator of Passerelle is signed in."""
    client.set_cookie(*at_work[1])
    return client


@pytest.fixture
def boss(app, association, in_space):
    """A browser where an admin of Passerelle is signed in."""
    with in_space(association):
        card = factories.staff(association, "admin", "Awa", "Traoré")
    return app.test_client().sign_in(card.user_id)


@pytest.fixture
def crowd(real_app):
    """An application where many can act at the same instant."""
    return real_app


@contextmanager
def space_of(app, tenant):
    """A block that works in a tenant's space of any application, and stores what it did."""
    with unit_of_work(app, tenant.id), app.test_request_context("/"):
        yield


def at_once(app, visits):
    """Send forms at the same instant, each from a browser of its own: (account or None, path, data); returns the pages.

    As many at once as the application keeps connections: more would wait for one, on a slow machine until they give up.
    """
    together = min(len(visits), app.config["SQLALCHEMY_ENGINE_OPTIONS"]["pool_size"])
    browsers = [app.test_client() for _visit in visits]
    for browser, (account, _path, _data) in zip(browsers, visits, strict=True):
        if account is not None:
            browser.sign_in(account)

    def send(browser, visit):
        _account, path, data = visit
        return browser.send(path, data)

    with ThreadPoolExecutor(together, initializer=Barrier(together).wait) as pool:
        return list(pool.map(send, browsers, visits))


def day_ago(days):
    """The date so many days before today in Paris (after it when negative), as a date field sends it."""
    return factories.Day(days)


@pytest.fixture
def minor(association, in_space, office):
    """A jeune of 16 whose mother has an address."""
    with in_space(association):
        person = factories.mentee(association, age=16, account=False, first_name="Inès", places=["remote", "home"])
    office.send(f"{SPACE}/jeunes/{person.id}/representant", NADEGE)
    return person


@pytest.fixture
def row(minor, association, stored):
    [link] = stored(association, Guardianship)
    return link


@pytest.fixture
def link(app, association, row, in_space):
    """The path that the guardian's letter leads to."""
    with in_space(association):
        return f"/autorisation/{consent.link_of(db.session.get_one(Guardianship, (association.id, row.id)))}"
