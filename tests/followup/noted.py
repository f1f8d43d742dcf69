"""Noting a contact as the admin's page does, and what was noted."""

import pytest
from sqlalchemy import select

from app.database import uuid7
from app.extensions import db
from app.followup.models import Contact
from tests import factories

from .situations import pair_path

BAD = [
    ("how", ""), ("how", "pigeon"), ("length", ""), ("length", "7"), ("day", ""), ("day", "2027-02-30"), ("grid_0", "superbe"),
    ("note", "x" * 4001), ("next_step", "x" * 201), ("time", "25:00"), ("once", "x" * 65),
]  # fmt: skip


@pytest.fixture
def noting(admin, people):
    """Note a contact, as the admin's page does: `note("jeune", note="…")`."""

    def send(who="mentor", client=admin, **values):
        form = {"how": "phone", "day": factories.today().isoformat(), "length": "10", "once": uuid7().hex, **values}
        return client.send(pair_path(people.pair, f"/echanges/nouveau?qui={who}"), form)

    return send


@pytest.fixture
def noted(in_space, association):
    """Every contact, the oldest first."""

    def read():
        with in_space(association):
            return db.session.scalars(select(Contact).order_by(Contact.created_at)).all()

    return read
