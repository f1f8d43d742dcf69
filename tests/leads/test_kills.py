"""The worker killed at any instant while requests travel: each arrives, once. `KILLS=50 REQUESTS=500` for the whole proof."""

import os
import random
import time
from collections import Counter

import pytest
from sqlalchemy import select, text

from app.database import unit_of_work
from app.extensions import db
from app.leads import actions
from app.leads.models import Lead, Orientation
from app.tenants.models import Tenant
from app.tenants.resolve import enter_tenant
from tests import factories, processes

pytestmark = pytest.mark.waits

KILLS, REQUESTS = int(os.environ.get("KILLS", "2")), int(os.environ.get("REQUESTS", "60"))
LONGEST = 240  # seconds for the last worker, which is not killed


@pytest.fixture
def worker(real_app, server, fresh_database, tmp_path):
    """Start a worker process on this database; all are ended."""
    with processes.workers(server, fresh_database, tmp_path) as start:
        yield start


def waiting(app):
    """Hand-overs and their answers that are still to do."""
    with app.app_context(), db.engine.connect() as connection:
        todo = (
            "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND task_name ~ 'hand_over|confirm_delivery'"
        )
        return connection.scalar(text(todo))


def an_hour_passes(app):
    """What the killed worker was doing is taken up again once nobody has heard of it for a while."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"))


def until(condition, seconds):
    """Wait for something, not for ever."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert condition()


def test_each_request_arrives_once_whenever_the_worker_is_killed(real_app, worker):
    programme = factories.programme(real_app)
    houses = [factories.association(real_app, f"maison-{n}", f"Maison {n}", ["69"]) for n in range(3)]
    with unit_of_work(real_app, None):
        for house in houses:
            db.session.get(Tenant, house.id).mentee_capacity = REQUESTS
    with unit_of_work(real_app, programme.id), real_app.test_request_context("/"):
        tenant = db.session.get(Tenant, programme.id)
        enter_tenant(tenant)
        leads = [
            factories.lead(state="waiting", answer_by=None, last_name=f"Essai {'x' * (n % 90)}", email=f"essai{n}@example.org")
            for n in range(REQUESTS)
        ]
        assert len(actions.orient_all(leads, tenant, factories.today())) == REQUESTS

    chance = random.Random(20261124)  # noqa: S311  (instants, the same each time)
    for _kill in range(KILLS):
        before, process = waiting(real_app), worker()
        until(lambda before=before: waiting(real_app) < before or not waiting(real_app), 60)  # it works
        time.sleep(chance.uniform(0, 0.4))
        process.kill()
        process.join()
        an_hour_passes(real_app)
    worker()
    until(lambda: not waiting(real_app), LONGEST)

    arrived = Counter()
    for house in houses:
        with unit_of_work(real_app, house.id):
            arrived.update(db.session.scalars(select(Lead.programme_lead_id)))
    with unit_of_work(real_app, programme.id):
        states = Counter(db.session.scalars(select(Orientation.state)))
    assert set(arrived) == {lead.id for lead in leads}
    assert set(arrived.values()) == {1}
    assert states == {"delivered": REQUESTS}
