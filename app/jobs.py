"""Jobs: deferred in the transaction that wants them, run in their tenant's scope, tried again, idempotent.

The queue lives in PostgreSQL (Procrastinate). A job carries ids only, for the queue's tables have no policies.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

import structlog
from flask import Flask, current_app, g, has_request_context
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy, SyncPsycopgConnector
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Status
from procrastinate.types import JSONDict, TimeDeltaParams
from sqlalchemy.engine import make_url

from .database import unit_of_work
from .extensions import db
from .tenants import scope

log = structlog.get_logger()
MOST_TRIES = 8  # then it is given up, and taken up every hour
RETRIES = RetryStrategy(max_attempts=MOST_TRIES, exponential_wait=3)
WAKING = range(8, 20)  # hours of a space's own clock at which people are written to
STALLED_AFTER = 30  # seconds without a heartbeat
GIVEN_UP = """
SELECT job.id FROM procrastinate_jobs job WHERE job.status = 'failed' AND job.args ? 'tenant_id' AND EXISTS (
  SELECT 1 FROM procrastinate_events event
  WHERE event.job_id = job.id AND event.type = 'deferred' AND event.at > now() - interval '7 days')
ORDER BY job.id LIMIT 1000
"""

# Only ever used with a session's own connection, so it is never opened.
transactional = SyncPsycopgConnector()
queue = App(connector=transactional)


_made: list[Flask] = []
_hourly: list["Job"] = []
_often: list["Job"] = []


class TryAgain(Exception):
    """A job failed in a way that it has noted: what it wrote is stored, and the queue tries again later."""


class Job:
    """A function that a worker runs later, in one tenant's scope."""

    def __init__(self, function: Callable[..., None], name: str) -> None:
        self.function = function
        self.name = name
        self.task = queue.task(name=name, retry=RETRIES)(self.run)

    def run(self, *, tenant_id: str, request_id: str | None = None, **ids: str) -> None:
        """What the worker calls: open the scope, do the work, store it whole."""
        failure = None
        with unit_of_work(application(), UUID(tenant_id)):
            g.request_id = request_id
            try:
                self.function(**{name: UUID(value) for name, value in ids.items()})
            except TryAgain as again:
                failure = again
        if failure is not None:
            raise failure

    def defer(self, *, tenant_id: UUID | None = None, once: bool = False, in_seconds: int = 0, **ids: UUID) -> None:
        """Enqueue in the current transaction, to be done so many seconds later; by default at once, for the current tenant.

        With `once`, no second job is added while the same one waits. Takes ids only; raises TypeError otherwise.
        """
        if not all(isinstance(value, UUID) for value in ids.values()):
            raise TypeError("Un travail ne transporte que des identifiants.")
        tenant_id = tenant_id or scope.current_tenant_id()
        values = self.arguments(tenant_id, ids)
        lock = f"{self.name}:{'/'.join(map(str, (tenant_id, *ids.values())))}" if once else None
        try:
            with db.session.begin_nested():  # a refused lock would end the whole transaction
                driver = db.session.connection().connection.driver_connection  # asked for here: this is what opens the savepoint
                later: TimeDeltaParams | None = {"seconds": in_seconds} if in_seconds else None
                self.task.configure(connection=driver, queueing_lock=lock, schedule_in=later).defer(**values)
        except AlreadyEnqueued:
            log.info("job.already_enqueued", job=self.name)

    def defer_many(self, jobs: Iterable[tuple[UUID, Mapping[str, UUID]]]) -> None:
        """Enqueue many, each for a tenant and with its ids, by one statement in the current transaction."""
        values = [self.arguments(tenant_id, ids) for tenant_id, ids in jobs]
        if values:
            driver = db.session.connection().connection.driver_connection
            self.task.configure(connection=driver).batch_defer(*values)

    @staticmethod
    def arguments(tenant_id: UUID, ids: Mapping[str, UUID]) -> JSONDict:
        """What a job carries, as JSON."""
        values: JSONDict = {name: str(value) for name, value in ids.items()}
        values["tenant_id"] = str(tenant_id)
        if has_request_context() and g.get("request_id"):
            values["request_id"] = g.request_id
        return values


def application() -> Flask:
    """The application that a job works for: the current one, else the one made last."""
    return cast(Flask, current_app._get_current_object()) if current_app else _made[-1]  # type: ignore[attr-defined]


def job(function: Callable[..., None]) -> Job:
    """Declare a job; its name is its package's and its own: leads.hand_over, mail.deliver."""
    package = function.__module__.removeprefix("app.").removesuffix(".jobs")
    return Job(function, f"{package}.{function.__name__}")


def last(job: Job) -> Job:
    """Have a job done after the others, as a letter is: it waits for a server elsewhere, and keeps none of them waiting."""
    job.task.priority = -1
    return job


def after_letters(job: Job) -> Job:
    """Have a job done when nothing else can be, not even a letter: it asks somebody else's server, which may say nothing."""
    job.task.priority = -2
    return job


@queue.periodic(cron="* * * * *")
@queue.task(name="jobs.sweep", queueing_lock="jobs.sweep", pass_context=True)
async def sweep(context: JobContext, timestamp: int) -> None:
    """Give back to the queue what a dead worker was doing."""
    await retry_stalled(context.app)


async def retry_stalled(app: App) -> None:
    """Retry each job whose worker gives no sign of life, so many times at most.

    The jobs are idempotent: doing one again changes nothing.
    """
    manager = app.job_manager
    for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        if stalled.attempts >= MOST_TRIES:  # it may be what kills them
            await manager.finish_job(stalled, Status.FAILED, delete_job=False)
            continue
        try:
            await manager.retry_job(stalled)
        except UniqueViolation:  # the same waits already, and will do what this one was doing
            await manager.finish_job(stalled, Status.ABORTED, delete_job=True)


def every_hour(job: Job) -> Job:
    """Have a job done in every space, once an hour."""
    _hourly.append(job)
    return job


@queue.periodic(cron="17 * * * *")
@queue.task(name="jobs.hourly", queueing_lock="jobs.hourly", pass_context=True)
async def hourly(context: JobContext, timestamp: int) -> None:
    """Enqueue what is done every hour in every space, take up what was given up, forget the browsers' sessions that are over."""
    await context.app.connector.execute_query_async("DELETE FROM web_sessions WHERE expires_at < now()")
    await take_up(context.app)
    await everywhere(context.app, _hourly)


async def take_up(app: App) -> None:
    """Try again, for a week, each job that failed as often as it may: a full disk, a silent server last over an hour."""
    for row in await app.connector.execute_query_all_async(GIVEN_UP):
        with suppress(UniqueViolation):  # the same waits already
            await app.job_manager.retry_job_by_id_async(row["id"], retry_at=datetime.now(UTC))


async def everywhere(app: App, jobs: Iterable[Job]) -> None:
    """Enqueue these jobs in every space."""
    for tenant in await app.connector.execute_query_all_async("SELECT id FROM tenants"):
        for job in jobs:
            await app.configure_task(job.name).defer_async(tenant_id=str(tenant["id"]))


def every_ten_minutes(job: Job) -> Job:
    """Have a job done in every space, six times an hour."""
    _often.append(job)
    return job


@queue.periodic(cron="*/10 * * * *")
@queue.task(name="jobs.often", queueing_lock="jobs.often", pass_context=True)
async def often(context: JobContext, timestamp: int) -> None:
    """Enqueue what is done six times an hour in every space."""
    await everywhere(context.app, _often)


class WorkerConnector(PsycopgConnector):
    """The worker's own connections, for fetching and finishing; what its jobs defer still goes through their session."""

    def get_sync_connector(self) -> BaseConnector:
        return transactional


async def work(app: App, concurrency: int = 2, wait: bool = True) -> None:
    """Run jobs until told to stop; first of all what an earlier worker left half done."""
    async with app.open_async():
        await retry_stalled(app)
        await app.run_worker_async(
            concurrency=concurrency,
            wait=wait,
            fetch_job_polling_interval=1,
            update_heartbeat_interval=5,
            stalled_worker_timeout=STALLED_AFTER,
            shutdown_graceful_timeout=20,
            delete_jobs="successful",
        )


def run_worker(wait: bool = True) -> None:
    """Run a worker in this process."""
    url = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"]).set(drivername="postgresql")
    connector = WorkerConnector(conninfo=url.render_as_string(hide_password=False))
    with queue.replace_connector(connector) as app:
        asyncio.run(work(app, wait=wait))


def init_app(app: Flask) -> None:
    """Remember the application, for jobs that run outside any."""
    _made[:] = [app]
