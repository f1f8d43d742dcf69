"""A set of rows that is stored is known by what it is: a fixture or a parameter of another test may have its name."""

import pytest

from tests.bases import wanted_by


@pytest.fixture
def at_work():
    """Another than that of the house."""


@pytest.mark.parametrize("people", ["nobody"])
def test_what_has_the_name_of_a_set_is_none(request, people, at_work, association):
    assert wanted_by(request.node) == {"association"}
