"""The fixtures of these tests."""

import pytest

from tests import factories
from tests.people.fixtures import crowd, office, stored  # noqa: F401

from .situations import again


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
