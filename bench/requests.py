"""Many requests: the inbox of an association that has 50,000, and the orientation of 10,000 among 300 associations."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import event, func, select, text

from app.database import now, unit_of_work, uuid7
from app.extensions import db
from app.leads import actions
from app.leads.models import Lead, Orientation
from app.leads.queries import waiting_leads
from app.tenants.models import Tenant
from app.tenants.resolve import enter_tenant, tenant_named
from app.territory.models import Commune
from app.web import today

from .batch import in_space
from .pages import COORDINATOR, PROGRAMME, SPACE
from .site import Site, vacuum

HELD, WAITING, ASSOCIATIONS = 50_000, 10_000, 300
TIMES = 7  # each page; the median is kept
INBOX = f"/a/{SPACE}/demandes"
# Half of the requests are answered; the others are spread over days, people and coordinators.
FILL = """
INSERT INTO leads (id, kind, state, age, source, requested_at, text_version, may_relay, answer_by, accepted_at, first_name,
  last_name, email, birth_date, commune_code, commune_name, departement_code, places, slots, needs, axes)
SELECT gen_random_uuid(), CASE WHEN n % 5 = 0 THEN 'mentor' ELSE 'mentee' END,
  CASE WHEN n % 2 = 0 OR :waiting THEN :state ELSE 'accepted' END, 20, 'direct', now() - n * interval '3 minutes', '2026-11', true,
  CASE WHEN :waiting THEN NULL ELSE CURRENT_DATE + (n % 30) END, CASE WHEN n % 2 = 0 OR :waiting THEN NULL ELSE now() END,
  'Camille', 'Essai ' || n, 'essai' || n || '@example.org', DATE '2000-01-01' + n % 2900, c.code, c.name, c.departement_code,
  ARRAY['remote'], ARRAY['sat_morning'], ARRAY['school'], ARRAY[]::text[]
FROM generate_series(1, :count) AS n
JOIN (SELECT code, name, departement_code, row_number() OVER (ORDER BY code) AS rank, count(*) OVER () AS many FROM communes
  WHERE code ~ '^[0-9]+$') AS c ON c.rank = 1 + (n * 7919) % c.many
"""


@dataclass(frozen=True)
class Listed:
    """A page of the inbox: its name, milliseconds, statements, and the milliseconds of its slowest statement."""

    name: str
    ms: float
    statements: int
    slowest: float


@dataclass(frozen=True)
class Oriented:
    """Requests oriented, those that wait, seconds, and how many associations were given more than they can take."""

    sent: int
    left: int
    seconds: float
    over: int


def measure_inbox(site: Site) -> list[Listed]:
    """Its first page, one in the middle, the last one, and two searches, with 50,000 requests."""
    fill(site.app, SPACE, HELD, "received")
    client, cookie = site.app.test_client(use_cookies=False), site.open_session(COORDINATOR)
    with in_space(site.app):
        rows = db.session.execute(
            select(Lead.answer_by, Lead.requested_at, Lead.id)
            .where(Lead.state == "received")
            .order_by(Lead.answer_by, Lead.requested_at, Lead.id)
        ).all()
    middle, last = (f"{by}~{asked.isoformat()}~{key}".replace("+", "%2B") for by, asked, key in (rows[len(rows) // 2], rows[-51]))
    paths = {
        "first page": INBOX, "middle": f"{INBOX}?apres={middle}", "last page": f"{INBOX}?apres={last}",
        "search, one found": f"{INBOX}?q=essai4242@", "search, none": f"{INBOX}?q=zzz", "mine": f"{INBOX}?chez=moi",
        "accepted": f"{INBOX}?etat=accepted",
    }  # fmt: skip
    return [listed(name, lambda path=path: client.get(path, headers={"Cookie": cookie}), site.app) for name, path in paths.items()]


def listed(name: str, get: Callable[..., Any], app: Flask) -> Listed:
    """A page, warm."""
    assert get().status_code == 200, name
    whole, slowest, count = [], [], 0
    for _time in range(TIMES):
        with timed_statements(app) as seen:
            began = time.perf_counter()
            get()
            whole.append((time.perf_counter() - began) * 1000)
        count = len(seen)
        slowest.append(max(seen))
    return Listed(name, median(whole), count, median(slowest))


@contextmanager
def timed_statements(app: Flask) -> Iterator[list[float]]:
    """The milliseconds of each statement that is sent meanwhile, on the client's side."""
    seen, began = list[float](), dict[int, float]()

    def before(connection: Any, *_rest: Any) -> None:
        began[id(connection)] = time.perf_counter()

    def after(connection: Any, *_rest: Any) -> None:
        seen.append((time.perf_counter() - began[id(connection)]) * 1000)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)


def measure_orientation(app: Flask) -> Oriented:
    """Orient 10,000 waiting requests, a thousand in each transaction, as the hourly job does."""
    open_associations(app)
    fill(app, PROGRAMME, WAITING, "waiting")
    began, sent, after, home = time.perf_counter(), 0, None, programme_id(app)
    for _share in range(WAITING // actions.WAITING_SHARE):
        with unit_of_work(app, home), app.test_request_context("/"):
            programme = db.session.get_one(Tenant, home)
            enter_tenant(programme)
            leads = waiting_leads(actions.WAITING_SHARE, after)
            after = leads[-1].id if leads else None
            sent += len(actions.orient_all(leads, programme, today()))
    seconds = time.perf_counter() - began
    with unit_of_work(app, programme_id(app)):
        left = db.session.scalar(select(func.count()).where(Lead.state == "waiting")) or 0
        given = Counter({row[:2]: row[2] for row in db.session.execute(
            select(Orientation.association_id, Orientation.kind, func.count()).where(Orientation.created_at >= now().replace(day=1))
            .group_by(Orientation.association_id, Orientation.kind)
        )})  # fmt: skip
        room = {(row.id, kind): getattr(row, f"{kind}_capacity") for row in db.session.scalars(select(Tenant))
                for kind in ("mentee", "mentor")}  # fmt: skip
    return Oriented(sent, left, seconds, sum(count > room[key] for key, count in given.items()))


def programme_id(app: Flask) -> UUID:
    return space_of(app, PROGRAMME)


def space_of(app: Flask, slug: str) -> UUID:
    """The tenant of a slug."""
    with unit_of_work(app, None):
        tenant = tenant_named(slug)
    assert tenant is not None
    return tenant.id


def open_associations(app: Flask) -> None:
    """Three hundred, each in three départements, with room for forty requests a month."""
    with unit_of_work(app, None):
        codes = db.session.scalars(select(Commune.departement_code).distinct().order_by(Commune.departement_code)).all()
        db.session.add_all(
            Tenant(id=uuid7(), slug=f"essai-{rank}", name=f"Essai {rank}", initials="E", axes=["education", "employment"],
                   departements=[codes[(rank + step) % len(codes)] for step in range(3)], all_france=rank % 10 == 0,
                   mentee_capacity=30, mentor_capacity=10)
            for rank in range(ASSOCIATIONS)
        )  # fmt: skip


def fill(app: Flask, slug: str, count: int, state: str) -> None:
    """So many requests in a space."""
    with unit_of_work(app, space_of(app, slug)):
        db.session.execute(text(FILL), {"count": count, "state": state, "waiting": state == "waiting"})
    vacuum(app, "leads")
