"""20,000 pairs under way in one association: a coordinator's day, every call computed, a month's form, 20,000 reminders sent."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from flask import Flask
from sqlalchemy import create_engine, func, select, text

from app import create_app
from app.database import unit_of_work
from app.extensions import db
from app.followup.models import Call
from app.followup.rules import refresh
from app.mail import Mail, MailState, deliver_waiting
from app.meetings import reminders
from app.web import midnight, today

from .batch import in_space
from .pages import COORDINATOR, MENTOR, SPACE
from .requests import Listed, listed
from .site import Site, vacuum

MINE, REMINDED = 120, 20_000
HOME = f"/a/{SPACE}/"
SERVER = """
import time
from tests.core import post_office
post_office.message_from_bytes = lambda content, policy: None  # a real one does not read before it answers
with post_office.post_office() as office:
    print(office.port, flush=True)
    while True:
        time.sleep(1)
"""
# The gate is not asked 20,000 times: what is measured begins after it.
BEGIN = (
    "UPDATE pairs SET state = 'active', closed_on = NULL, closure_reason = NULL, coordinator_id = (SELECT id FROM staff "
    "ORDER BY phone DESC LIMIT 1) WHERE mentor_id IN (SELECT id FROM mentors WHERE source = 'bench')",
    "UPDATE pairs SET coordinator_id = (SELECT id FROM staff ORDER BY phone LIMIT 1) WHERE id IN "
    "(SELECT id FROM pairs WHERE state = 'active' ORDER BY id LIMIT :mine)",
)
FILL = (
    # Four months of meetings twice a month, one missed in seven, one pair in five silent for a month or more.
    """
INSERT INTO meetings (tenant_id, id, pair_id, starts_at, minutes, place, "where", state, subjects, sequence, set_at, logged_at,
  first_logged_at)
SELECT p.tenant_id, gen_random_uuid(), p.id, t.at, 60, 'remote', '', CASE (p.n + k) % 7 WHEN 0 THEN 'missed' ELSE 'held' END, '{}',
  0, t.at, t.at, t.at
FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM pairs WHERE state = 'active') p, generate_series(1, 8) k,
  LATERAL (SELECT now() - (k * 15 + CASE p.n % 5 WHEN 0 THEN 20 + p.n % 40 ELSE 0 END) * interval '1 day' AS at) t
""",
    """
INSERT INTO confirmations (tenant_id, id, meeting_id, was_held, face)
SELECT tenant_id, gen_random_uuid(), id, state = 'held' OR abs(hashtext(id::text)) % 9 = 0, 1 + abs(hashtext(id::text)) % 4
FROM meetings WHERE state <> 'planned' AND abs(hashtext(id::text)) % 2 = 0 ON CONFLICT DO NOTHING
""",
    """
INSERT INTO contacts (tenant_id, id, pair_id, side, how, held_at, minutes, reached, answers, note, next_step, user_id, once)
SELECT p.tenant_id, gen_random_uuid(), p.id, s.side, 'phone', now() - (p.n % 45 + 30 * k) * interval '1 day', 10, true, '{}',
  'Bien', '', (SELECT user_id FROM staff LIMIT 1), gen_random_uuid()::text
FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM pairs WHERE state = 'active') p,
  (VALUES ('mentor'), ('mentee')) s(side), generate_series(0, 3) k
""",
)
ACCOUNTS = (
    """
INSERT INTO users (id, email, password, active, fs_uniquifier, confirmed_at)
SELECT id, id || '@example.org', '', true, id, now()
FROM (SELECT @whose@_id AS id FROM pairs WHERE state = 'active' ORDER BY pairs.id LIMIT :half) x ON CONFLICT DO NOTHING
""",
    "UPDATE @whose@s SET user_id = id, email = id || '@example.org' WHERE id IN (SELECT id FROM users) AND user_id IS NULL",
)
SOON = """
INSERT INTO meetings (tenant_id, id, pair_id, starts_at, minutes, place, "where", state, subjects, sequence, set_at)
SELECT tenant_id, gen_random_uuid(), id, :at, 60, 'remote', '', 'planned', '{}', 0, now() - interval '9 days'
FROM (SELECT * FROM pairs WHERE state = 'active' ORDER BY id LIMIT :half) p
"""


@dataclass(frozen=True)
class Followed:
    """Pages; calls that are open, and seconds to compute them; reminders sent, seconds to write and to hand them over."""

    pages: list[Listed]
    calls: int
    computing: float
    sent: int
    writing: float
    sending: float


def measure_following(site: Site) -> Followed:
    """After the pairs, which it puts under way."""
    fill(site.app)
    with in_space(site.app):
        refresh()  # the first time writes them all; later ones compare
    with in_space(site.app):
        began = time.perf_counter()
        refresh()
        computing = time.perf_counter() - began
        calls = db.session.scalar(select(func.count()).select_from(Call).where(Call.ended_at.is_(None))) or 0
    vacuum(site.app, "calls")
    client, cookie = site.app.test_client(use_cookies=False), site.open_session(COORDINATOR)
    pages = [
        listed(name, lambda path=path: client.get(path, headers={"Cookie": cookie}), site.app)
        for name, path in {"today's page, 120 pairs": HOME, "the whole team's": f"{HOME}?tous=1"}.items()
    ]
    pages.append(a_month(site))
    return Followed(pages, calls, computing, *remind(site.app))


def fill(app: Flask) -> None:
    """The pairs under way, with what was said of them."""
    owner = create_engine(app.config["BINOME"].database_owner_url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("ALTER TABLE pairs DISABLE TRIGGER USER"))
    try:
        for statement in (*BEGIN, *FILL):
            with in_space(app):
                db.session.execute(text(statement), {"mine": MINE} if ":mine" in statement else {})
            vacuum(app, "pairs", "meetings", "contacts", "confirmations")  # the checks of keys read what was just filled
    finally:
        with owner.connect() as connection:
            connection.execute(text("ALTER TABLE pairs ENABLE TRIGGER USER"))
        owner.dispose()
    vacuum(app, "mentees", "mentors")


def a_month(site: Site) -> Listed:
    """A mentor's form for a whole month."""
    client, cookie = site.app.test_client(use_cookies=False), site.open_session(MENTOR)
    with in_space(site.app):
        path = f"{HOME}seances/{today():%Y/%-m}"
    return listed("a month's form", lambda: client.get(path, headers={"Cookie": cookie}), site.app)


@contextmanager
def a_server() -> Iterator[int]:
    """A mail server in a process of its own; gives its port."""
    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def remind(app: Flask) -> tuple[int, float, float]:
    """Write the reminders of two days before, then hand them over to a mail server in a process of its own."""
    with in_space(app) as tenant_id:
        moment = midnight(today()) + timedelta(hours=12)
        for whose in ("mentor", "mentee"):
            for statement in ACCOUNTS:
                db.session.execute(
                    text(statement.replace("@whose@", whose)), {"half": REMINDED // 2} if ":half" in statement else {}
                )
        db.session.execute(text(SOON), {"at": moment + timedelta(hours=47), "half": REMINDED // 2})
        before = sent()
    vacuum(app, "meetings", "mentors", "mentees")
    began, after, first = time.perf_counter(), None, True
    while first or after:
        with in_space(app):
            after, first = reminders.remind(moment, after), False
    written = time.perf_counter()
    with a_server() as port:
        real = create_app(replace(app.config["BINOME"], demo=False, mail_port=port))
        with unit_of_work(real, tenant_id):
            deliver_waiting.function()
    handed = time.perf_counter()
    with in_space(app):
        return sent() - before, written - began, handed - written


def sent() -> int:
    """Messages with a receipt."""
    return db.session.scalar(select(func.count()).select_from(Mail).where(Mail.state == MailState.SENT)) or 0
