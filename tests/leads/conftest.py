"""What the tests of requests share: reading what was stored."""

import pytest
from sqlalchemy import select

from app.extensions import db


@pytest.fixture
def stored(in_space):
    """The rows of a table in a tenant's space, the oldest first: `stored(programme, Lead)`."""

    def read(tenant, model):
        with in_space(tenant):
            return db.session.scalars(select(model).order_by(model.id)).all()

    return read
