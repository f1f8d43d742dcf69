"""An association with 20,000 pairs: their list, one with three years of history; and matching 2,000 jeunes with 2,000 mentors."""

import json
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from flask import Flask
from sqlalchemy import select, text

from app.database import unit_of_work
from app.extensions import db
from app.pairs.matching import Comparison, assign
from app.pairs.models import Pair, PairEvent
from app.pairs.pool import read_pool
from app.pairs.settings import WEIGHTS
from app.people.rules import set_rules
from app.tenants.models import Staff
from app.tenants.resolve import tenant_named
from app.web import today

from .batch import in_space
from .pages import COORDINATOR, SPACE
from .requests import Listed, listed
from .site import Site, vacuum

PAIRS, PEOPLE, SMALL = 20_000, 2_000, 300
OTHER = "tremplin-nord"
LIST = f"/a/{SPACE}/binomes"
MUNKRES = "munkres-js@1.2.2"
# Closed ones: what a list costs does not depend on the state, and the gate is not asked twenty thousand times.
FILL = (
    """
INSERT INTO mentees (tenant_id, id, state, source, agreement, first_name, last_name, birth_date, commune_code, commune_name,
  departement_code, places, slots, needs, axes)
SELECT m.tenant_id, md5('e' || n)::uuid, 'active', 'bench', 'neutral', (ARRAY['Inès', 'Noé', 'Lina', 'Adam'])[1 + n % 4],
  'Essai' || n,
  DATE '2002-01-01' + n % 2000, m.commune_code, m.commune_name, m.departement_code, m.places, m.slots, ARRAY['school'], '{}'
FROM (SELECT * FROM mentees LIMIT 1) m, generate_series(1, :count) n
""",
    """
INSERT INTO mentors (tenant_id, id, state, source, agreement, capacity, first_name, last_name, birth_date, commune_code,
  commune_name,
  departement_code, places, slots, needs, axes)
SELECT m.tenant_id, md5('o' || n)::uuid, 'active', 'bench', 'neutral', 1, (ARRAY['Karim', 'Martine', 'Paul'])[1 + n % 3],
  'Bench' || n,
  DATE '1970-01-01' + n % 9000, m.commune_code, m.commune_name, m.departement_code, m.places, m.slots, '{}', ARRAY['education']
FROM (SELECT * FROM mentors LIMIT 1) m, generate_series(1, :count) n
""",
    """
INSERT INTO pairs (tenant_id, id, mentor_id, mentee_id, coordinator_id, starts_on, planned_months, rhythm, objectives, state,
  closed_on,
  closure_reason)
SELECT s.tenant_id, gen_random_uuid(), md5('o' || n)::uuid, md5('e' || n)::uuid, s.id, CURRENT_DATE - 200 - n % 900, 6,
  'monthly', '{}',
  'closed', CURRENT_DATE - n % 200, 'planned'
FROM (SELECT * FROM staff ORDER BY phone LIMIT 1) s, generate_series(1, :count) n
""",
)
MATCHED = (
    """
INSERT INTO mentees (tenant_id, id, state, source, agreement, first_name, last_name, birth_date, commune_code, commune_name,
  departement_code, places, slots, needs, axes, languages, interests, reach, created_at, waits_since)
SELECT current_setting('app.tenant_id')::uuid, gen_random_uuid(), 'active', 'bench', 'neutral', 'Camille', 'Essai ' || n,
  DATE '2000-01-01' + n % 3000, c.code, c.name, c.departement_code, @places@, @slots@, ARRAY[(ARRAY['school', 'orientation',
  'employment'])[1 + n % 3]], '{}', ARRAY['fr'], @interests@, 'departement', now() - n % 300 * interval '1 day',
  now() - n % 300 * interval '1 day'
FROM generate_series(1, :count) n JOIN @communes@ c ON c.rank = 1 + n * 7919 % c.many
""",
    """
INSERT INTO mentors (tenant_id, id, state, source, agreement, capacity, first_name, last_name, birth_date, commune_code,
  commune_name,
  departement_code, places, slots, needs, axes, languages, interests, reach)
SELECT current_setting('app.tenant_id')::uuid, gen_random_uuid(), 'active', 'bench', 'neutral', 1, 'Dominique', 'Bench ' || n,
  DATE '1970-01-01' + n % 9000, c.code, c.name, c.departement_code, @places@, @slots@, '{}', ARRAY[(ARRAY['education',
  'employment'])[1 + n % 2]], ARRAY['fr'], @interests@, 'region'
FROM generate_series(1, :count) n JOIN @communes@ c ON c.rank = 1 + n * 6367 % c.many
""",
    """
INSERT INTO enrolments (tenant_id, id, mentor_id, course_id, version_id, moved_at, ended_at, extra_tries, reminded)
SELECT m.tenant_id, gen_random_uuid(), m.id, v.course_id, v.id, now(), now() - interval '2 days', 0, 0
FROM mentors m, course_versions v WHERE m.source = 'bench' AND v.is_current
""",
    """
INSERT INTO module_completions (tenant_id, id, mentor_id, module_id, enrolment_id, minutes, is_done, note, completed_at,
  recorded_by)
SELECT e.tenant_id, gen_random_uuid(), e.mentor_id, s.module_id, e.id, 60, true, '', e.ended_at, (SELECT user_id FROM staff LIMIT 1)
FROM enrolments e JOIN course_steps s ON s.version_id = e.version_id JOIN mentors m ON m.id = e.mentor_id WHERE m.source = 'bench'
""",
    """
INSERT INTO completions (tenant_id, id, mentor_id, course_id, version_id, enrolment_id, minutes, completed_on)
SELECT e.tenant_id, gen_random_uuid(), e.mentor_id, e.course_id, e.version_id, e.id, 120, e.ended_at::date
FROM enrolments e JOIN mentors m ON m.id = e.mentor_id WHERE m.source = 'bench'
""",
)
COMMUNES = """(SELECT code, name, departement_code, row_number() OVER (ORDER BY code) AS rank,
  count(*) OVER () AS many FROM communes WHERE departement_code IN ('59', '62', '80'))"""
VARIED = {
    "@communes@": COMMUNES,
    "@places@": "CASE n % 3 WHEN 0 THEN ARRAY['remote'] WHEN 1 THEN ARRAY['school', 'association'] "
    "ELSE ARRAY['remote', 'association'] END",
    "@slots@": "ARRAY[(ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat'])[1 + n % 6] || '_evening', "
    "(ARRAY['wed', 'sat'])[1 + n % 2] || '_afternoon']",
    "@interests@": "ARRAY[(ARRAY['sport', 'music', 'reading', 'games'])[1 + n % 4], "
    "(ARRAY['cooking', 'arts', 'travel'])[1 + n % 3]]",
}


@dataclass(frozen=True)
class Matched:
    """Seconds to read and to choose, MB more in the process, pairs chosen, and the total of points, next to a greedy choice's."""

    reading: float
    choosing: float
    memory: float
    chosen: int
    total: int
    greedy: int
    ours_small: float  # milliseconds, 300 by 300
    munkres_small: float | None


def measure_pairs(site: Site) -> list[Listed]:
    """The list in several views, a pair's page, the count."""
    with in_space(site.app):
        for statement in FILL:
            db.session.execute(text(statement), {"count": PAIRS})
        pair = db.session.scalars(select(Pair).where(Pair.state == "active").order_by(Pair.starts_on).limit(1)).one()
        old = pair.id
        grow_old(old)
    vacuum(site.app, "pairs", "mentors", "mentees", "meetings", "pair_events")
    client, cookie = site.app.test_client(use_cookies=False), site.open_session(COORDINATOR)
    paths = {
        "first page": f"{LIST}?etat=closed", "page 400": f"{LIST}?etat=closed&page=400",
        "search, some": f"{LIST}?etat=closed&q=ines+essai1999", "search, none": f"{LIST}?etat=closed&q=zzz",
        "search, many": f"{LIST}?etat=closed&q=ines+karim", "search, three words": f"{LIST}?etat=closed&q=ines+karim+essai",
        "mine": f"{LIST}?etat=closed&miens=1", "under way": LIST, "a pair, three years": f"{LIST}/{old}",
  "count": f"{LIST}/decompte",
    }  # fmt: skip
    return [listed(name, lambda path=path: client.get(path, headers={"Cookie": cookie}), site.app) for name, path in paths.items()]


def grow_old(pair_id: object) -> None:
    """Three years of meetings and of events."""
    meetings = """
    INSERT INTO meetings (tenant_id, id, pair_id, starts_at, minutes, place, "where", state, subjects, sequence, set_at)
    SELECT tenant_id, gen_random_uuid(), id, now() - n * interval '14 days', 60, 'remote', '', 'held', '{}', 0, now()
    FROM pairs, generate_series(1, 78) n WHERE id = :pair"""
    db.session.execute(text(meetings), {"pair": pair_id})
    db.session.add_all([PairEvent(pair_id=pair_id, what="changed", why=f"{number}") for number in range(150)])


def measure_matching(app: Flask) -> Matched:
    """2,000 by 2,000 from the database, then 300 by 300 next to the Hungarian algorithm of an npm package."""
    with other_space(app):
        set_rules([], "bench", db.session.scalars(select(Staff.user_id).limit(1)).one())
        for statement in MATCHED:
            db.session.execute(text(varied(statement)), {"count": PEOPLE})
        db.session.flush()
        before, began = peak(), time.perf_counter()
        pool = read_pool(today())
        read = time.perf_counter()
        compared = Comparison(pool, WEIGHTS)
        worth = np.where(compared.possible, compared.score + 1, 0)
        chosen = assign(worth, pool.room)
        ended, memory = time.perf_counter(), peak() - before
    total = sum(int(worth[row, column]) for row, column in chosen.items())
    ours, munkres = small(worth[:SMALL, :SMALL])
    return Matched(read - began, ended - read, memory, len(chosen), total, greedy(worth, pool.room), ours, munkres)


def varied(statement: str) -> str:
    """A statement with what varies from one person to the next."""
    for name, value in VARIED.items():
        statement = statement.replace(name, value)
    return statement


@contextmanager
def other_space(app: Flask) -> Iterator[None]:
    """Work in an association where nothing else was filled."""
    with unit_of_work(app, None):
        tenant = tenant_named(OTHER)
        assert tenant is not None
    with unit_of_work(app, tenant.id), app.test_request_context("/"):
        yield


def peak() -> float:
    """The most memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def greedy(worth: np.ndarray, room: np.ndarray) -> int:
    """Who comes first takes the best that is left: what one would do by hand."""
    left, total = room.copy(), 0
    for row in worth:
        column = int(np.argmax(np.where(left > 0, row, 0)))
        if row[column] > 0 and left[column] > 0:
            left[column] -= 1
            total += int(row[column])
    return total


def small(worth: np.ndarray) -> tuple[float, float | None]:
    """Milliseconds for the same 300 by 300, by ours and by munkres-js under Node; None where npm cannot fetch it."""
    began = time.perf_counter()
    mine = assign(worth, np.ones(worth.shape[1], dtype=np.int64))
    ours = (time.perf_counter() - began) * 1000
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "worth.json").write_text(json.dumps((int(worth.max()) - worth).tolist()))
        script = """
        const { computeMunkres } = require('munkres-js'), munkres = require('munkres-js');
        const costs = JSON.parse(require('fs').readFileSync('worth.json'));
        const began = process.hrtime.bigint();
        const chosen = (computeMunkres || munkres)(costs);
        console.log(JSON.stringify({ ms: Number(process.hrtime.bigint() - began) / 1e6,
          cost: chosen.reduce((sum, [row, column]) => sum + costs[row][column], 0) }));"""
        try:
            fetch = ["npm", "install", "--silent", "--no-audit", "--no-fund", MUNKRES]
            subprocess.run(fetch, cwd=place, check=True, capture_output=True, timeout=120)
            said = subprocess.run(["node", "-e", script], cwd=place, check=True, capture_output=True, text=True, timeout=300).stdout
        except (OSError, subprocess.SubprocessError):
            return ours, None
    answer = json.loads(said)
    assert int(worth.max()) * len(worth) - answer["cost"] >= sum(int(worth[r, c]) for r, c in mine.items())  # both are optimal
    return ours, float(answer["ms"])
