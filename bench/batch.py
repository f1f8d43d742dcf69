"""A thousand certificates of engagement made by the worker: `measure_batch` fills a space, starts the batch, waits for its end."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import Text, Uuid, cast, func, null, select, text, true

from app.accounts.models import Membership
from app.certificates import awards, batches
from app.certificates.models import BatchItem, Certificate, CertificateBatch, CertificateKind, ItemState
from app.database import unit_of_work
from app.extensions import db
from app.meetings.models import Meeting
from app.pairs.models import Pair
from app.people.check_models import CharterSignature, Check
from app.people.models import Authorisation, Mentee, Mentor
from app.tenants.resolve import tenant_named
from app.training.models import Completion, Enrolment, ModuleCompletion

from .pages import SPACE

COUNT = 1000
WORKERS = 2  # each with one process that draws
LONGEST = 900  # seconds


@dataclass(frozen=True)
class Batched:
    """Certificates made; seconds; the most memory, in MB, of a process that draws and of a worker; whether numbers have no hole."""

    count: int
    seconds: float
    drawing: float
    working: float
    consecutive: bool


def measure_batch(app: Flask, count: int = COUNT) -> Batched:
    """Make them with two workers that wait for work, each with a process that draws."""
    fill(app, count)
    with running_workers(app) as workers:
        with in_space(app) as tenant_id:
            chosen = [row for row in awards.candidates(CertificateKind.ENGAGEMENT, months=0) if row.excluded is None][:count]
            by = db.session.scalars(select(Membership.user_id).where(Membership.tenant_id == tenant_id).limit(1)).one()
            began = time.perf_counter()
            batch_id = batches.start(CertificateKind.ENGAGEMENT, "Bench", chosen, {}, by, tells_holders=False).id
        drawing = working = 0.0
        while left(app, batch_id) and time.perf_counter() - began < LONGEST:
            drawing = max(drawing, *(resident(child) for worker in workers for child in children(worker.pid)), 0.0)
            working = max(working, *(resident(worker.pid) for worker in workers))
            time.sleep(0.5)
        seconds = time.perf_counter() - began
    with in_space(app):
        numbers = db.session.scalars(
            select(Certificate.number).where(Certificate.batch_id == batch_id).order_by(Certificate.number)
        ).all()
    consecutive = list(numbers) == list(range(numbers[0], numbers[0] + len(numbers)))
    return Batched(len(numbers), seconds, drawing, working, consecutive)


@contextmanager
def running_workers(app: Flask) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two workers that are ready."""
    environment = {**os.environ, "RENDER_WORKERS": "1"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    quiet = subprocess.DEVNULL
    workers = [subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) for _number in range(WORKERS)]
    try:
        while ready(app) < WORKERS:
            time.sleep(0.1)
        yield workers
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(120)  # it puts the files together first


def ready(app: Flask) -> int:
    """How many workers say that they are alive."""
    with app.app_context():
        return db.session.scalar(text("SELECT count(*) FROM procrastinate_workers")) or 0


@contextmanager
def in_space(app: Flask) -> Iterator[UUID]:
    """Work in the space that is measured."""
    with unit_of_work(app, None):
        tenant = tenant_named(SPACE)
        assert tenant is not None
    with unit_of_work(app, tenant.id), app.test_request_context("/"):
        yield tenant.id


def left(app: Flask, batch_id: UUID) -> int:
    """How many still wait."""
    with in_space(app):
        waiting = select(func.count()).where(BatchItem.batch_id == batch_id, BatchItem.state == ItemState.WAITING)
        assert db.session.scalar(select(CertificateBatch.kind).where(CertificateBatch.id == batch_id))
        return db.session.scalar(waiting) or 0


def fill(app: Flask, count: int) -> None:
    """So many more pairs, each a copy of one of the demonstration's, with its meetings and its mentor's training."""
    with in_space(app):
        pair = db.session.scalars(
            select(Pair).join(Meeting, Meeting.pair_id == Pair.id).where(Meeting.state == "held").limit(1)
        ).one()
        only = {
            Mentor: Mentor.id == pair.mentor_id,
            Mentee: Mentee.id == pair.mentee_id,
            Authorisation: Authorisation.mentee_id == pair.mentee_id,
            Enrolment: Enrolment.mentor_id == pair.mentor_id,
            ModuleCompletion: ModuleCompletion.mentor_id == pair.mentor_id,
            Completion: Completion.mentor_id == pair.mentor_id,
            Check: Check.mentor_id == pair.mentor_id,
            CharterSignature: CharterSignature.mentor_id == pair.mentor_id,
            Pair: Pair.id == pair.id,
            Meeting: Meeting.pair_id == pair.id,
        }
        copied = {f"{model.__tablename__}.id" for model in only}
        for model, condition in only.items():
            table: Any = model.__table__
            rank = func.generate_series(1, count).table_valued("copy", name="copies").render_derived()

            def value(column: Any, rank: Any = rank) -> Any:
                if column.name in {"user_id", "lead_id"}:
                    return null()
                if column.name == "id" or copied & {key.target_fullname for key in column.foreign_keys}:
                    return func.md5(cast(column, Text).concat("/").concat(cast(rank.c.copy, Text))).cast(Uuid)
                return column

            columns = [column for column in table.c if column.computed is None]
            rows = select(*map(value, columns)).select_from(table.join(rank, true())).where(condition)
            db.session.execute(table.insert().from_select([column.name for column in columns], rows))


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    path = Path(f"/proc/{pid}/task")
    return [int(child) for task in path.glob("*/children") for child in task.read_text().split()] if path.exists() else []


def resident(pid: int) -> float:
    """Its memory, in MB; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
