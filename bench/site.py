"""The site that is measured: a PostgreSQL of its own, the demonstration, gunicorn as `make run` starts it; and its floor."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, text

from app import create_app, embedded, schema
from app.accounts.models import WebSession
from app.accounts.queries import find_user
from app.accounts.sessions import digest
from app.database import now, unit_of_work
from app.demo.load import load_demonstration
from app.extensions import db
from app.serve import start, stop, wait_for

FOLDER = Path(__file__).resolve().parent.parent / "instance" / "bench"
INSTANCE = FOLDER / "site"
# What an operator may have set for another site.
FOREIGN = ("DATABASE_URL", "DATABASE_OWNER_URL", "SECRET_KEY", "STORAGE_URL", "LIMITER_STORAGE", "BENCH_FLOOR")
WORKERS = 2
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A gunicorn that answers on a port."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def workers(self) -> list[int]:
        """The processes that answer."""
        master = self.process.pid
        return sorted(map(int, Path(f"/proc/{master}/task/{master}/children").read_text().split()))

    def cpu_seconds(self) -> float:
        """Processor time of the workers so far, theirs and the system's for them; not the master's."""
        return sum(ticks_of(pid) for pid in self.workers) / TICKS


def ticks_of(pid: int) -> int:
    """utime and stime of a process and all its threads (proc(5): fields 14 and 15; the name may hold spaces)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@dataclass(frozen=True)
class Site:
    """What runs: the same application in this process and behind gunicorn, on one database."""

    app: Flask
    urls: embedded.Urls
    server: Server

    def open_session(self, email: str) -> str:
        """Sign an account in, as tests/client.py does; returns the Cookie header."""
        key = secrets.token_urlsafe(32)
        with unit_of_work(self.app, None):
            user = find_user(email)
            assert user is not None, f"{email} is not in the demonstration"
            data = {"_user_id": user.fs_uniquifier, "_fresh": True, "fs_cc": "set", "fs_paa": time.time()}
            life = self.app.permanent_session_lifetime
            db.session.add(WebSession(key_hash=digest(key), user_id=user.id, data=data, expires_at=now() + life))
        return f"{self.app.config['SESSION_COOKIE_NAME']}={key}"


@contextmanager
def running_site() -> Iterator[Site]:
    """Start all of it, one bench at a time; stop and remove all of it at the end, whatever happens."""
    with embedded.locked(FOLDER), ExitStack() as cleaning:
        remove_instance()  # what a killed bench left
        cleaning.callback(remove_instance)
        INSTANCE.mkdir(parents=True)
        port = free_port()
        for name in FOREIGN:
            os.environ.pop(name, None)
        os.environ.update(BINOME_DEMO="1", BINOME_INSTANCE=str(INSTANCE), PORT=str(port), PUBLIC_URL=f"http://127.0.0.1:{port}")
        urls = embedded.start(INSTANCE)
        schema.upgrade(urls.owner)
        with redirect_stderr(cleaning.enter_context((INSTANCE / "bench.log").open("a"))):
            app = create_app()
        load_demonstration(app)
        cleaning.callback(close_database, app)
        server = cleaning.enter_context(running_server("wsgi:application", port))
        yield Site(app, urls, server)


@contextmanager
def running_server(application: str, port: int) -> Iterator[Server]:
    """A gunicorn set up as app/serve.py does, its log in the instance."""
    log = INSTANCE / f"{application.partition(':')[0]}.log"
    command = (
        sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--preload", "--workers", str(WORKERS),
        "--threads", "4", "--log-level", "warning", "--graceful-timeout", "10", "--no-control-socket",
    )  # fmt: skip
    with log.open("ab") as output, standard_error(output.fileno()):
        process = start(*command)
    try:
        server = Server(port, process)
        try:
            wait_for(port, [process])
            wait_for_workers(server)
        except RuntimeError as error:
            raise RuntimeError(f"{application} did not start:\n{log.read_text()[-2000:]}") from error
        yield server
    finally:
        stop([process])


def wait_for_workers(server: Server) -> None:
    """Return when every worker is there. Raises RuntimeError when one is missing after a while."""
    deadline = time.monotonic() + 20
    while len(server.workers) < WORKERS:
        if time.monotonic() > deadline:
            raise RuntimeError("A worker is missing.")
        time.sleep(0.05)


@contextmanager
def standard_error(descriptor: int) -> Iterator[None]:
    """What starts here writes its log there: one line a request has no place between tables."""
    kept = os.dup(2)
    os.dup2(descriptor, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def vacuum(app: Flask, *tables: str) -> None:
    """As autovacuum does soon after much was written: what is measured is planned by true figures."""
    owner = create_engine(app.config["BINOME"].database_owner_url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        for table in tables:
            connection.execute(text(f"VACUUM ANALYZE {table}"))
    owner.dispose()


def close_database(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


def remove_instance() -> None:
    """Stop this bench's PostgreSQL and remove its folders, wherever app/embedded.py put them."""
    if not INSTANCE.exists():
        return
    place = embedded.find_place(INSTANCE, 18)
    embedded.stop(INSTANCE)
    shutil.rmtree(place.sockets, ignore_errors=True)
    if place.home.parent != INSTANCE:  # as root, with an instance that PostgreSQL's user cannot reach
        shutil.rmtree(place.home.parent)
    shutil.rmtree(INSTANCE)
