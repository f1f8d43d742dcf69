"""probe"""
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from app.database import now
from app.extensions import db
from app.leads import actions, deadlines, jobs
from app.leads.models import Lead, Orientation
from app.people.models import Mentee
from tests import factories
from tests.people.fixtures import space_of


def hourly(app, t):
    with app.app_context():
        deadlines.watch_deadlines.run(tenant_id=str(t.id))


def test_refuse_relay_while_waiting(app, programme, association, in_space, run_jobs, stored):
    with in_space(programme):
        lead = factories.lead(state="waiting", answer_by=None)
        actions.orient(lead, programme, now().date())
    run_jobs()
    with in_space(association):
        [copy] = db.session.query(Lead).all()
        actions.decline(copy, "age")
    run_jobs()
    with in_space(programme):
        [lead] = db.session.query(Lead).all()
        assert lead.state == "waiting" and lead.waiting_reason == "declined"
        actions.correct(lead, {"may_relay": False})
    factories.association(app, "seconde", "Seconde", ["69"])
    hourly(app, programme)
    [lead] = stored(programme, Lead)
    assert lead.state == "waiting", (lead.state, lead.may_relay)


def test_agree_beyond_relays(app, programme, association, in_space, run_jobs, stored):
    with in_space(programme):
        from app.tenants.models import Tenant
        db.session.get(Tenant, programme.id).relays = 0
        lead = factories.lead(state="waiting", answer_by=None, may_relay=False)
        actions.orient(lead, programme, now().date())
    factories.association(app, "seconde", "Seconde", ["69"])
    run_jobs()
    with in_space(association):
        for copy in db.session.query(Lead).all():
            actions.decline(copy, "unreachable")
    run_jobs()
    with in_space(programme):
        [lead] = db.session.query(Lead).all()
        print(lead.waiting_reason)
        actions.correct(lead, {"may_relay": True})
    [lead] = stored(programme, Lead)
    assert lead.state == "waiting", (lead.state, lead.may_relay)


def test_moved_stuck(app, programme, association, in_space, run_jobs, stored, rolled_back):
    with in_space(association):
        factories.lead(state="received", answer_by=now().date() - timedelta(days=1))
    with time_machine.travel("2026-11-25T10:00Z", tick=False):
        hourly(app, association)
    rolled_back.execute(text("DELETE FROM procrastinate_jobs"))
    for d in range(5):
        with time_machine.travel(f"2026-11-{26+d}T10:00Z", tick=False):
            hourly(app, association); hourly(app, programme)
            run_jobs()
    assert [l.state for l in stored(association, Lead)] == [], [l.state for l in stored(association, Lead)]


def test_message(app, programme, association, in_space):
    for st in ("moved", "lapsed"):
        with in_space(association):
            l = factories.lead(state=st)
            try:
                actions.accept(l, by=factories.user().id)
            except actions.AlreadyAnswered as e:
                print(st, e)
    assert 0


@pytest.mark.committed
def test_withdraw_vs_orient_waiting(real_app):
    app = real_app
    programme = factories.programme(app)
    a = factories.association(app, "passerelle", "Passerelle", ["69"])
    with space_of(app, programme):
        lead_id = factories.lead(state="waiting", answer_by=None, waiting_reason="capacity").id
    oriented = threading.Event()

    def orient():
        with space_of(app, programme):
            actions.orient_waiting(programme, now().date())
            oriented.set()
            import time; time.sleep(1.5)

    def withdraw():
        oriented.wait(10)
        with space_of(app, programme):
            actions.withdraw(db.session.get(Lead, (programme.id, lead_id)))

    with ThreadPoolExecutor(2) as pool:
        [f.result() for f in [pool.submit(orient), pool.submit(withdraw)]]
    with space_of(app, programme):
        print([l.state for l in db.session.query(Lead)], [o.state for o in db.session.query(Orientation)])
        [o] = db.session.query(Orientation)
        assert o.state == "withdrawn"


@pytest.mark.committed
def test_withdraw_vs_accept(real_app):
    app = real_app
    programme = factories.programme(app)
    a = factories.association(app, "passerelle", "Passerelle", ["69"])
    with space_of(app, a):
        lead_id = factories.lead().id
        by = factories.staff(a).user_id
    accepted = threading.Event()

    def accept():
        with space_of(app, a):
            actions.accept(db.session.get(Lead, (a.id, lead_id)), by)
            db.session.flush()
            accepted.set()
            import time; time.sleep(1.5)

    def withdraw():
        accepted.wait(10)
        with space_of(app, a):
            actions.withdraw(db.session.get(Lead, (a.id, lead_id)))

    with ThreadPoolExecutor(2) as pool:
        [f.result() for f in [pool.submit(accept), pool.submit(withdraw)]]
    with space_of(app, a):
        got = [l.state for l in db.session.query(Lead)], [o.state for o in db.session.query(Mentee)]
        assert got == (["withdrawn"], ["withdrawn"]), got


@pytest.mark.committed
def test_withdraw_vs_decline(real_app):
    app = real_app
    programme = factories.programme(app)
    a = factories.association(app, "passerelle", "Passerelle", ["69"])
    with space_of(app, a):
        lead_id = factories.lead().id
        by = factories.staff(a).user_id
    accepted = threading.Event()

    def accept():
        with space_of(app, a):
            actions.decline(db.session.get(Lead, (a.id, lead_id)), "age")
            db.session.flush()
            accepted.set()
            import time; time.sleep(1.5)

    def withdraw():
        accepted.wait(10)
        with space_of(app, a):
            actions.withdraw(db.session.get(Lead, (a.id, lead_id)))

    with ThreadPoolExecutor(2) as pool:
        [f.result() for f in [pool.submit(accept), pool.submit(withdraw)]]
