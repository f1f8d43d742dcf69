"""What the tests of requests share: a coordinator at work, a request received, reading what was stored."""

import pytest
from sqlalchemy import select

from app.extensions import db
from tests import factories


@pytest.fixture
def stored(in_space):
    """The rows of a table in a tenant's space, the oldest first: `stored(programme, Lead)`."""

    def read(tenant, model):
        with in_space(tenant):
            return db.session.scalars(select(model).order_by(model.id)).all()

    return read


@pytest.fixture
def staff(client, association, in_space):
    """A coordinator of Passerelle, signed in."""
    with in_space(association):
        card = factories.staff(association)
    client.sign_in(card.user_id)
    return card


@pytest.fixture
def colleague(association, in_space):
    """Somebody else who answers requests at Passerelle."""
    with in_space(association):
        return factories.staff(association, first_name="Sacha", last_name="Le Bihan")


@pytest.fixture
def make(association, in_space):
    """A request received by Passerelle."""

    def lead(**changes):
        with in_space(association):
            return factories.lead(**changes)

    return lead
