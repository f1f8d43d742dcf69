"""The fixtures of these tests."""

import pytest
import time_machine

from app.privacy.jobs import erase_old, erase_old_requests, forget_old_deliveries, forget_old_letters
from tests.people.fixtures import boss, office, stored  # noqa: F401


@pytest.fixture
def night(app, association, run_jobs):
    """Do what is done every hour to what was kept long enough, at a moment, and all that follows."""

    def pass_by(moment, tenant=association):
        with time_machine.travel(moment, tick=False), app.app_context():
            for job in (erase_old, erase_old_requests, forget_old_deliveries, forget_old_letters):
                job.run(tenant_id=str(tenant.id))
            run_jobs()

    return pass_by
