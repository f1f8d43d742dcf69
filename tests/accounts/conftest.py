"""What the tests of accounts share: somebody with a password, and what was stored."""

import pytest
from flask_security import hash_password
from sqlalchemy import select

from app.database import unit_of_work
from app.extensions import db
from app.mail import Mail
from tests import factories
from tests.people.fixtures import crowd  # noqa: F401

PASSWORD = "quatre mots au hasard"


@pytest.fixture
def claire(in_space, association):
    """A coordinator of Passerelle who has a password."""
    with in_space(association):
        card = factories.staff(association)
        account = db.session.get(factories.User, card.user_id)
        account.email, account.password = "claire@example.org", hash_password(PASSWORD)
    return account


@pytest.fixture
def mails(in_space):
    """The messages written in a space, the oldest first."""

    def read(tenant):
        with in_space(tenant):
            return db.session.scalars(select(Mail).order_by(Mail.id)).all()

    return read


@pytest.fixture
def again(app):
    """A row read afresh, by its class and key."""

    def read(model, key):
        with unit_of_work(app, None):
            return db.session.get(model, key)

    return read


@pytest.fixture
def cookie(app):
    """The session key that a browser holds."""
    return lambda client: getattr(client.get_cookie(app.config["SESSION_COOKIE_NAME"]), "value", None)


@pytest.fixture
def browser(app):
    """Another browser, perhaps with a cookie that was kept."""

    def open_one(key=None):
        other = app.test_client()
        if key:
            other.set_cookie(app.config["SESSION_COOKIE_NAME"], key)
        return other

    return open_one


def link_in(mail, start="http://localhost"):
    """The path of the link that a message carries."""
    line = next(line for line in mail.text.splitlines() if line.startswith(start))
    return line.removeprefix("http://localhost")
