"""The fixtures of these tests."""

from tests.people.fixtures import crowd, office, stored  # noqa: F401
