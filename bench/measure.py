"""Measure the pages: how long, how many statements, how much processor time, next to the floor's."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles

from sqlalchemy import event
from sqlalchemy.engine import make_url

from app.extensions import db

from .load import Load, Target, at_once, one_by_one, size_of
from .pages import Page, find_pages
from .site import INSTANCE, Server, Site, free_port, running_server

CONNECTIONS = 8
SEQUENTIAL, SEQUENTIAL_SECONDS = 100, 1.5  # whichever comes first
WARM_UP = 80
ROUNDS = 3  # the site and its floor take turns, so that a busy minute weighs on both
SITE_REQUESTS, SITE_SECONDS = 200, 1.0  # a round
FLOOR_REQUESTS, FLOOR_SECONDS = 400, 0.7


@dataclass(frozen=True)
class Measured:
    """A page in figures: milliseconds, bytes, statements, requests a second."""

    name: str
    size: int
    median: float
    late: float
    statements: int
    rate: float
    cpu: float
    floor_cpu: float

    @property
    def ratio(self) -> float:
        """The page's processor time, in times the floor's."""
        return self.cpu / self.floor_cpu


@dataclass
class Tally:
    """What a server did over several rounds."""

    count: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def cpu(self) -> float:
        """Milliseconds of processor time for one request."""
        return self.cpu_seconds / self.count * 1000

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    def add(self, load: Load, cpu_seconds: float) -> None:
        self.count += load.count
        self.seconds += load.seconds
        self.cpu_seconds += cpu_seconds


def measure_pages(site: Site) -> list[Measured]:
    """Each page next to its floor."""
    pages = find_pages(site.app)
    cookies = {email: site.open_session(email) for email in sorted({page.email for page in pages})}
    targets = [Target(site.server.port, page.path, None, {"Cookie": cookies[page.email]}) for page in pages]
    sizes = [size_of(target) for target in targets]
    with running_floor(site, pages, sizes) as floor:
        return [
            measure(site, floor, page, Target(target.port, target.path, size, target.headers))
            for page, target, size in zip(pages, targets, sizes, strict=True)
        ]


@contextmanager
def running_floor(site: Site, pages: list[Page], sizes: list[int]) -> Iterator[Server]:
    """The floor's server, on the same database with the same role."""
    settings = {
        "database": make_url(site.urls.application).set(drivername="postgresql").render_as_string(hide_password=False),
        "pages": {
            page.key: {"tenant_id": page.tenant_id, "query": page.query, "values": page.values, "size": size}
            for page, size in zip(pages, sizes, strict=True)
        },
    }
    path = INSTANCE / "floor.json"
    path.write_text(json.dumps(settings))
    os.environ["BENCH_FLOOR"] = str(path)
    with running_server("bench.floor:application", free_port()) as server:
        yield server


def measure(site: Site, floor: Server, page: Page, target: Target) -> Measured:
    """One page."""
    bare = Target(floor.port, f"/{page.key}", target.size)
    assert target.size is not None
    for warmed in (target, bare):
        at_once(warmed, WARM_UP, CONNECTIONS, SITE_SECONDS)
    times = one_by_one(target, SEQUENTIAL, SEQUENTIAL_SECONDS)
    real, least = Tally(), Tally()
    for _round in range(ROUNDS):
        real.add(*load(site.server, target, SITE_REQUESTS, SITE_SECONDS))
        least.add(*load(floor, bare, FLOOR_REQUESTS, FLOOR_SECONDS))
    return Measured(
        page.name,
        target.size,
        median(times),
        quantiles(times, n=20)[-1],
        statements_of(site, target),
        real.rate,
        real.cpu,
        least.cpu,
    )


def load(server: Server, target: Target, count: int, seconds: float) -> tuple[Load, float]:
    """One round: what was answered, and the workers' processor time. Raises RuntimeError when a worker was replaced meanwhile."""
    workers, before = server.workers, server.cpu_seconds()
    done = at_once(target, count, CONNECTIONS, seconds)
    if server.workers != workers:
        raise RuntimeError(f"{target.path}: a worker ended, and its processor time with it.")
    return done, server.cpu_seconds() - before


def statements_of(site: Site, target: Target) -> int:
    """How many statements the page sends, in this process, once everything that is read once has been read."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    client = site.app.test_client(use_cookies=False)
    client.get(target.path, headers=dict(target.headers or {}))
    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        response = client.get(target.path, headers=dict(target.headers or {}))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert response.status_code == 200, f"{target.path}: {response.status_code}"
    return len(seen)
