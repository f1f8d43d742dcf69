"""A minor who asked the programme and named a guardian, and the links that were sent."""

import pytest

from app.accounts.links import record_token
from app.leads.models import Lead

from .answers import GUARDIAN, of_mentee, walk

FIND = "/trouver-un-mentor"


@pytest.fixture
def asked(client, association, programme, stored):
    """A jeune of 16 asked the programme, and named a guardian with an address; the guardian's link."""
    walk(client, FIND, of_mentee(16, **GUARDIAN))
    [lead] = stored(programme, Lead)
    return lead


@pytest.fixture
def accord(app):
    def path(lead):
        with app.app_context():
            return f"/accord/{record_token('accord', lead.tenant_id, lead.id)}"

    return path


def only(stored, tenant, model=Lead):
    [row] = stored(tenant, model)
    return row
