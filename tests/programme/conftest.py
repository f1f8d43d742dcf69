"""Who works at the programme's desk."""

import pytest

from tests import factories


@pytest.fixture
def operator(app, in_space, programme):
    """The operator, signed in."""
    with in_space(programme):
        person = factories.staff(programme, "operator", "Margaux", "Vidal")
    return app.test_client().sign_in(person.user_id)
