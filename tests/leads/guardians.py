"""A minor who asked the programme and named a guardian, and the links that were sent."""

import pytest
from sqlalchemy import select

from app.accounts.links import record_token
from app.extensions import db
from app.leads.models import Lead
from tests import bases, factories

from .answers import GUARDIAN, of_mentee, walk

FIND = "/trouver-un-mentor"


@bases.stored(on="association")
def asked(app):
    """A jeune of 16 asked the programme, and named a guardian with an address."""
    walk(app.test_client(), FIND, of_mentee(16, **GUARDIAN))
    with factories.in_space(app, bases.begun(app, "programme")):
        return db.session.scalars(select(Lead)).one()


@pytest.fixture
def accord(app):
    def path(lead):
        with app.app_context():
            return f"/accord/{record_token('accord', lead.tenant_id, lead.id)}"

    return path


def only(stored, tenant, model=Lead):
    [row] = stored(tenant, model)
    return row
