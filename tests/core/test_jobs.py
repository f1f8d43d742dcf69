"""Jobs: in the transaction that wants them, with ids only, once when asked, found again when a worker died."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import g
from sqlalchemy import select, text

from app.accounts.models import WebSession
from app.checks import jobs_given_up
from app.database import now, unit_of_work, uuid7
from app.extensions import db
from app.jobs import job, queue, run_worker
from app.leads.models import LeadDraft
from app.tenants import scope
from app.tenants.resolve import enter_tenant
from tests import factories

SEEN = []


@job
def remember(who: UUID) -> None:
    """Note in which space, for which request and about whom it ran."""
    SEEN.append((scope.current_tenant_id(), g.request_id, who))


@job
def relay(who: UUID) -> None:
    """A job that wants another one."""
    remember.defer(who=who)


@pytest.fixture(autouse=True)
def nothing_seen():
    SEEN.clear()


def waiting(connection):
    return connection.execute(text("SELECT task_name, args FROM procrastinate_jobs WHERE status = 'todo'")).all()


def test_a_job_runs_in_its_tenants_space(in_space, association, run_jobs):
    who = uuid7()
    with in_space(association):
        remember.defer(who=who)

    assert run_jobs() == [remember.name]
    assert [(association.id, None, who)] == SEEN


def test_a_job_may_be_for_another_tenant(in_space, association, elsewhere, run_jobs):
    who = uuid7()
    with in_space(association):
        remember.defer(tenant_id=elsewhere.id, who=who)
    run_jobs()

    assert [(elsewhere.id, None, who)] == SEEN


def test_a_job_carries_the_number_of_the_request_that_wanted_it(app, association, run_jobs):
    who = uuid7()
    with app.test_request_context("/"):
        g.request_id = "abc123"
        enter_tenant(association)
        remember.defer(who=who)
        db.session.commit()
    run_jobs()

    assert [(association.id, "abc123", who)] == SEEN


@pytest.mark.parametrize("value", ["ines@example.org", 12, None, {"name": "Inès"}, "0192f0c1-0000-7000-8000-000000000000"])
def test_a_job_carries_ids_only(value, in_space, association, rolled_back):
    with in_space(association), pytest.raises(TypeError, match="identifiants"):
        remember.defer(who=value)

    assert waiting(rolled_back) == []


def test_a_job_without_a_space_is_refused(app, rolled_back):
    with app.app_context(), pytest.raises(scope.NoTenant):
        remember.defer(who=uuid7())


def test_once_is_once_while_it_waits(in_space, association, rolled_back, run_jobs):
    who, other = uuid7(), uuid7()
    with in_space(association):
        for person in (who, who, other, who):
            remember.defer(once=True, who=person)
        assert db.session.scalar(text("SELECT 1")) == 1  # the refusal did not end the transaction

    assert len(waiting(rolled_back)) == 2
    run_jobs()
    assert sorted(seen[2] for seen in SEEN) == sorted([who, other])


def test_once_may_be_asked_again_when_it_is_done(in_space, association, run_jobs):
    for _time in range(2):
        with in_space(association):
            remember.defer(once=True, who=association.id)
        run_jobs()

    assert len(SEEN) == 2


def test_what_is_rolled_back_leaves_no_job(in_space, association, rolled_back):
    with pytest.raises(ZeroDivisionError), in_space(association):  # noqa: PT012
        remember.defer(who=uuid7())
        raise ZeroDivisionError

    assert waiting(rolled_back) == []


@pytest.fixture
def tenant(real_app):
    """An association on a database of its own."""
    factories.programme(real_app)
    return factories.association(real_app, "passerelle", "Passerelle", ["69"])


def left_by_a_dead_worker(app, tenant, who, heartbeat, attempts=0):
    """A job that a worker began, for the first time or after so many, whose last sign of life is so old."""
    with unit_of_work(app, None):
        worker = db.session.scalar(
            text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - CAST(:age AS interval)) RETURNING id"),
            {"age": heartbeat},
        )
        db.session.execute(
            text("INSERT INTO procrastinate_jobs (task_name, queue_name, status, worker_id, attempts, args)"
                 " VALUES (:name, 'default', 'doing', :worker, :attempts,"
                 " jsonb_build_object('tenant_id', CAST(:tenant AS text), 'who', CAST(:who AS text)))"),
            {"name": remember.name, "tenant": str(tenant.id), "who": str(who), "worker": worker, "attempts": attempts},
        )  # fmt: skip


def work(app):
    """Run a worker until nothing waits: one that does not wait may leave before what its last job enqueued."""
    with app.app_context():
        for _round in range(5):
            run_worker(wait=False)
            waiting = db.session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"))
            db.session.rollback()
            if not waiting:
                return


@pytest.mark.committed
@pytest.mark.parametrize(("heartbeat", "again"), [("2 minutes", True), ("5 seconds", False)])
def test_what_a_dead_worker_was_doing_is_done_again(heartbeat, again, real_app, tenant):
    who = uuid7()
    left_by_a_dead_worker(real_app, tenant, who, heartbeat)

    work(real_app)

    assert [seen[2] for seen in SEEN] == ([who] if again else [])


@pytest.mark.committed
def test_a_job_whose_workers_always_die_is_given_up_like_another(real_app, tenant):
    left_by_a_dead_worker(real_app, tenant, uuid7(), "2 minutes", attempts=8)

    work(real_app)

    assert SEEN == []
    with unit_of_work(real_app, None):
        assert jobs_given_up() == 1


@pytest.mark.committed
def test_what_a_dead_worker_was_doing_and_waits_again_stops_no_worker(real_app, tenant):
    """The same job was asked for once more meanwhile: the lock is taken, and the worker starts all the same."""
    who, other = uuid7(), uuid7()
    left_by_a_dead_worker(real_app, tenant, who, "2 minutes")
    left_by_a_dead_worker(real_app, tenant, other, "2 minutes")
    with unit_of_work(real_app, tenant.id):
        remember.defer(who=who, once=True)
        lock = "UPDATE procrastinate_jobs SET queueing_lock = :lock WHERE status = 'doing' AND args ->> 'who' = :who"
        db.session.execute(text(lock), {"lock": f"{remember.name}:{tenant.id}/{who}", "who": str(who)})

    work(real_app)

    assert sorted(seen[2] for seen in SEEN) == sorted([who, other]), "each once, and what stood behind it too"
    with unit_of_work(real_app, None):
        assert db.session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'")) == 0


@pytest.mark.committed
def test_what_is_to_be_done_later_waits(real_app, tenant):
    with unit_of_work(real_app, tenant.id):
        remember.defer(who=uuid7(), in_seconds=60)

    with real_app.app_context():
        run_worker(wait=False)

    assert SEEN == []


@pytest.mark.committed
def test_a_worker_empties_the_queue_and_forgets_what_succeeded(real_app, tenant):
    with unit_of_work(real_app, tenant.id):
        for _rank in range(5):
            remember.defer(who=uuid7())

    work(real_app)

    assert len(SEEN) == 5
    with unit_of_work(real_app, None):
        left = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = :name")
        assert db.session.scalar(left, {"name": remember.name}) == 0


@pytest.mark.committed
def test_the_command_works_until_the_queue_is_empty(real_app, tenant):
    with unit_of_work(real_app, tenant.id):
        remember.defer(who=uuid7())

    result = real_app.test_cli_runner().invoke(args=["worker", "--once"])

    assert (result.exit_code, len(SEEN)) == (0, 1)


@pytest.mark.committed
def test_what_a_job_enqueues_is_done_by_the_same_worker(real_app, tenant):
    who = uuid7()
    with unit_of_work(real_app, tenant.id):
        relay.defer(who=who)

    work(real_app)

    assert [seen[2] for seen in SEEN] == [who]


@pytest.mark.no_database
def test_what_is_done_by_itself_is_planned():
    assert [(p.cron, p.task.name) for p in queue.periodic_registry.periodic_tasks.values()] == [
        ("* * * * *", "jobs.sweep"),
        ("17 * * * *", "jobs.hourly"),
        ("*/10 * * * *", "jobs.often"),
    ]


@pytest.mark.committed
def test_a_sweep_leaves_nothing_failed_behind(real_app, tenant):
    with unit_of_work(real_app, None):
        db.session.execute(
            text("INSERT INTO procrastinate_jobs (task_name, queue_name, args)"
                 " VALUES ('jobs.sweep', 'default', '{\"timestamp\": 0}')")
        )  # fmt: skip

    work(real_app)

    with unit_of_work(real_app, None):
        assert db.session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")) == 0


@pytest.mark.committed
def test_every_hour_unfinished_forms_and_old_sessions_are_forgotten(real_app, tenant):
    with unit_of_work(real_app, tenant.id):
        db.session.add(LeadDraft(kind="mentee", expires_at=now() - timedelta(hours=1)))
        db.session.add(WebSession(key_hash=b"old", expires_at=now() - timedelta(hours=1)))

    an_hour_passes(real_app)

    with unit_of_work(real_app, tenant.id):
        assert db.session.scalars(select(LeadDraft)).all() == []
        assert db.session.scalars(select(WebSession)).all() == []


def failed(app, tenant, who, deferred, lock=None):
    """A job that failed as often as it may, asked for so long ago."""
    with unit_of_work(app, None):
        job = db.session.scalar(
            text("INSERT INTO procrastinate_jobs (task_name, queue_name, args, attempts, queueing_lock) VALUES (:name, 'default',"
                 " jsonb_build_object('tenant_id', CAST(:tenant AS text), 'who', CAST(:who AS text)), 8, :lock) RETURNING id"),
            {"name": remember.name, "tenant": str(tenant.id), "who": str(who), "lock": lock},
        )  # fmt: skip
        values = {"job": job, "ago": deferred}
        db.session.execute(text("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = :job"), values)
        aged = "UPDATE procrastinate_events SET at = now() - CAST(:ago AS interval) WHERE job_id = :job AND type = 'deferred'"
        db.session.execute(text(aged), values)


def an_hour_passes(app):
    with unit_of_work(app, None):
        db.session.execute(
            text("INSERT INTO procrastinate_jobs (task_name, queue_name, args)"
                 " VALUES ('jobs.hourly', 'default', '{\"timestamp\": 0}')")
        )  # fmt: skip
    work(app)


@pytest.mark.committed
@pytest.mark.parametrize(("deferred", "again"), [("2 hours", True), ("6 days", True), ("8 days", False)])
def test_what_was_given_up_is_tried_again_for_a_week(deferred, again, real_app, tenant):
    who = uuid7()
    failed(real_app, tenant, who, deferred)

    an_hour_passes(real_app)

    assert [seen[2] for seen in SEEN] == ([who] if again else [])


@pytest.mark.committed
def test_of_two_that_are_the_same_one_is_taken_up(real_app, tenant):
    who = uuid7()
    for _time in range(2):
        failed(real_app, tenant, who, "2 hours", lock="the same")

    an_hour_passes(real_app)

    assert {seen[2] for seen in SEEN} == {who}
