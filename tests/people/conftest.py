"""The fixtures of these tests."""

import pytest

from tests import factories
from tests.people.fixtures import boss, crowd, link, minor, office, row, stored  # noqa: F401

from . import situations


@pytest.fixture
def mentor(association, in_space):
    """A mentor of 40, with an account, whose candidature has just come."""
    with in_space(association):
        return factories.mentor(association, first_name="Karim", last_name="Benali")


@pytest.fixture
def stranger(elsewhere, in_space):
    """A mentor of another association."""
    with in_space(elsewhere):
        return factories.mentor(elsewhere)


@pytest.fixture
def hour(app, association, in_space):
    """Do what is done every hour, at a moment."""
    return situations.hourly(app, association, in_space)
