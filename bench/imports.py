"""A file of 10,000 requests, taken by the worker while nobody waits."""

import time
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select, text

from app.accounts.models import Membership
from app.database import unit_of_work
from app.extensions import db
from app.leads import imports
from app.leads.models import ImportState, LeadImport
from app.leads.titles import guess
from app.leads.words import LeadKind

from .batch import resident, running_workers
from .requests import programme_id

ROWS = 10_000
LONGEST = 300  # seconds
HEADER = "Date de création;Nom;Prénom;Âge;Téléphone;Email;Ville;Code postal"
PLACES = (("Lyon", "69001"), ("Nantes", "44000"), ("Lille", "59000"), ("Le Pont-de-Claix", "38800"), ("Saint-Denis", "97400"))


@dataclass(frozen=True)
class Imported:
    """Rows taken, seconds until the last one is stored, and the most memory of a worker, in MB."""

    added: int
    seconds: float
    memory: float


def big_file() -> bytes:
    """Ten thousand people whom nobody knows yet."""
    rows = (
        f"2026-11-0{1 + n % 9}T10:00:{n % 60:02}.000Z;Essai;Camille;{16 + n % 14};06{n:08};fichier{n}@example.org;"
        f"{PLACES[n % len(PLACES)][0]};{PLACES[n % len(PLACES)][1]}"
        for n in range(ROWS)
    )
    return "\n".join([HEADER, *rows]).encode()


def measure_import(app: Flask) -> Imported:
    """Send the file, start it, wait until its last row is stored; two workers are there."""
    home = programme_id(app)
    drain(app)
    with running_workers(app) as workers:
        with unit_of_work(app, home), app.test_request_context("/"):
            by = db.session.scalars(select(Membership.user_id).where(Membership.tenant_id == home).limit(1)).one()
            began = time.perf_counter()
            row, _notes = imports.receive_file("bench.csv", big_file(), LeadKind.MENTEE, by)
            imports.start(row, guess(row.header))
            import_id = row.id
        memory, state = 0.0, str(ImportState.RUNNING)
        while state == ImportState.RUNNING and time.perf_counter() - began < LONGEST:
            time.sleep(0.25)
            memory = max(memory, *(resident(worker.pid) for worker in workers))
            with unit_of_work(app, home):
                added, state = db.session.execute(
                    select(LeadImport.added, LeadImport.state).where(LeadImport.id == import_id)
                ).one()
        seconds = time.perf_counter() - began
        drain(app)
    return Imported(added, seconds, memory)


def drain(app: Flask) -> None:
    """Take away what an orientation left to carry, before and after: it is measured by itself."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs WHERE status = 'todo'"))
