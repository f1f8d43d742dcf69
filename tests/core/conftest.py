"""Jobs of the tests' own application."""

import pytest

from app.jobs import init_app


@pytest.fixture(autouse=True)
def jobs_of_this_app(app):
    """Jobs run for the tests' application, whatever application another test made."""
    init_app(app)
    yield
    init_app(app)
