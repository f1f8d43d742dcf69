"""The fixtures of these tests."""

import pytest

from app.storage import load, store_as
from tests import bases, factories
from tests.people.fixtures import crowd, office, stored  # noqa: F401

from .matched import to_sign
from .situations import again


@bases.stored(on="association")
def asked_to_sign(app):
    """An agreement that Inès, Karim and the association are asked to sign, and its file."""
    association = bases.begun(app, "association")
    with factories.in_space(app, association):
        row = to_sign(association, factories.staff(association).user_id)
        return row, load(row.file_key)


@pytest.fixture
def drawn(asked_to_sign, in_space, association):
    """That agreement, and its file as it was, whatever another test did to it."""
    row, content = asked_to_sign
    with in_space(association):
        tenant_id, name = row.file_key.split("/", 1)
        store_as(tenant_id, name, content)
    return row


@pytest.fixture
def pair(association, in_space, people):
    """The pair as it is stored, in a space of its own: `pair()`, or what is asked of it, `pair(lambda row: row.state)`."""

    def read(what=lambda row: row):
        with in_space(association):
            return what(again(association, people.pair))

    return read


@pytest.fixture
def boss(association, in_space):
    """The coordinator who follows the pair."""
    with in_space(association):
        return factories.staff(association, first_name="Sonia", last_name="Petit")


@pytest.fixture
def by(association, in_space):
    """The account of a coordinator, not of the one of `people`."""
    with in_space(association):
        return factories.staff(association).user_id
