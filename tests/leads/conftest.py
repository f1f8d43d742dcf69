"""What the tests of requests share: a coordinator at work, requests received, reading what was stored."""

import pytest
import time_machine
from sqlalchemy import select

from app.extensions import db
from app.leads import actions
from app.leads.models import Lead
from app.tenants.models import Tenant
from tests import factories

from .guardians import accord, asked  # noqa: F401
from .imported import import_file, that_week  # noqa: F401
from .sent import operator, send, take  # noqa: F401

MONDAY = "2026-11-02T10:00:00Z"


@pytest.fixture
def stored(in_space):
    """The rows of a table in a tenant's space, the oldest first: `stored(programme, Lead)`."""

    def read(tenant, model):
        with in_space(tenant):
            return db.session.scalars(select(model).order_by(model.id)).all()

    return read


@pytest.fixture
def staff(client, at_work):
    """A coordinator of Passerelle, signed in."""
    card, cookie = at_work
    client.set_cookie(*cookie)
    return card


@pytest.fixture
def colleague(association, in_space):
    """Somebody else who answers requests at Passerelle."""
    with in_space(association):
        return factories.staff(association, first_name="Sacha", last_name="Le Bihan")


@pytest.fixture
def make(association, in_space):
    """A request received by Passerelle."""

    def lead(**changes):
        with in_space(association):
            return factories.lead(**changes)

    return lead


@pytest.fixture
def proposed(app, programme, association, staff, in_space, stored, run_jobs):
    """A request that the programme proposed on a Monday: Passerelle's copy. The programme answers in 5 working days."""
    with time_machine.travel(MONDAY, tick=False):
        with in_space(programme):
            actions.receive(
                factories.lead(state="waiting", answer_by=None, email="noe@example.org"), db.session.get(Tenant, programme.id)
            )
        run_jobs()
    return stored(association, Lead)[0]


@pytest.fixture
def link(app, in_space):
    """The path of a request's tracking page."""

    def path(lead):
        with app.test_request_context("/"):
            return actions.tracking_link(lead).removeprefix("http://localhost")

    return path
