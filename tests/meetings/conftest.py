"""The people of a pair, signed in, and the letters that were written."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.mail import Mail


@pytest.fixture
def mentor(app, people):
    return app.test_client().sign_in(people.mentor.user_id)


@pytest.fixture
def jeune(app, people):
    return app.test_client().sign_in(people.mentee.user_id)


@pytest.fixture
def coordinator(app, people):
    return app.test_client().sign_in(people.coordinator.user_id)


@pytest.fixture
def letters(in_space, association):
    """The letters of a kind, in words."""

    def written(kind):
        with in_space(association):
            return list(db.session.scalars(select(Mail).where(Mail.kind == kind).order_by(Mail.created_at)))

    return written
