"""An association with 5,000 mentors and 12 courses: the staff's table of who is trained, and everybody's readiness at once."""

import time
from dataclasses import dataclass
from statistics import median

from flask import Flask
from sqlalchemy import select, text

from app.accounts.models import Membership
from app.extensions import db
from app.people.models import Mentor
from app.tenants.scope import current_tenant_id
from app.training.courses import add_module, publish, write_course
from app.training.models import Course
from app.training.queries import published_courses
from app.training.status import training_statuses

from .batch import in_space
from .pages import COORDINATOR, SPACE
from .requests import TIMES, Listed, listed, timed_statements
from .site import Site, vacuum

MENTORS, COURSES = 5_000, 12
TABLE = f"/a/{SPACE}/formation/mentors"
# Two thirds have each course, a sixth follow it, a sixth have never begun.
FILL = (
    """
INSERT INTO mentors (tenant_id, id, state, source, agreement, capacity, first_name, last_name, email, birth_date, commune_code,
  commune_name, departement_code, places, slots, needs, axes)
SELECT m.tenant_id, gen_random_uuid(), 'active', 'bench', 'neutral', 1, m.first_name, m.last_name || ' ' || n,
  'm' || n || '@example.org',
  m.birth_date, m.commune_code, m.commune_name, m.departement_code, m.places, m.slots, m.needs, m.axes
FROM (SELECT * FROM mentors LIMIT 1) m, generate_series(1, :mentors) n
""",
    """
INSERT INTO enrolments (tenant_id, id, mentor_id, course_id, version_id, moved_at, ended_at, extra_tries, reminded)
SELECT m.tenant_id, gen_random_uuid(), m.id, v.course_id, v.id, now() - r.rank % 40 * interval '1 day',
  CASE WHEN (r.rank + v.place) % 6 < 4 THEN now() - r.rank % 400 * interval '1 day' END, 0, 0
FROM mentors m JOIN (SELECT id, row_number() OVER (ORDER BY id) AS rank FROM mentors WHERE source = 'bench') r ON r.id = m.id,
  (SELECT id, course_id, row_number() OVER (ORDER BY id) AS place FROM course_versions WHERE is_current) v
WHERE (r.rank + v.place) % 6 < 5
""",
    """
INSERT INTO module_completions (tenant_id, id, mentor_id, module_id, enrolment_id, minutes, is_done, note, completed_at,
  recorded_by)
SELECT e.tenant_id, gen_random_uuid(), e.mentor_id, s.module_id, e.id, 60, true, '', e.ended_at, (SELECT user_id FROM staff LIMIT 1)
FROM enrolments e JOIN course_steps s ON s.version_id = e.version_id JOIN mentors m ON m.id = e.mentor_id
WHERE e.ended_at IS NOT NULL AND m.source = 'bench'
""",
    """
INSERT INTO completions (tenant_id, id, mentor_id, course_id, version_id, enrolment_id, minutes, completed_on)
SELECT e.tenant_id, gen_random_uuid(), e.mentor_id, e.course_id, e.version_id, e.id, 120, e.ended_at::date
FROM enrolments e JOIN mentors m ON m.id = e.mentor_id WHERE e.ended_at IS NOT NULL AND m.source = 'bench'
""",
)


@dataclass(frozen=True)
class Statuses:
    """Mentors, milliseconds and statements to know who is ready, and how many are."""

    count: int
    ms: float
    statements: int
    ready: int


def measure_training(site: Site) -> tuple[list[Listed], Statuses]:
    """The table in several views, warm; then everybody's status."""
    fill(site.app)
    client, cookie = site.app.test_client(use_cookies=False), site.open_session(COORDINATOR)
    with in_space(site.app):
        course = db.session.scalars(select(Course.id).order_by(Course.created_at).limit(1)).one()
    paths = {
        "first page": TABLE, "search": f"{TABLE}?q=bouzid", "one course, late": f"{TABLE}?parcours={course}&etat=late",
        "one course, missing": f"{TABLE}?parcours={course}&etat=missing",
        "ready": f"{TABLE}?pour=prets", "blocked": f"{TABLE}?pour=bloques",
    }  # fmt: skip
    pages = [listed(name, lambda path=path: client.get(path, headers={"Cookie": cookie}), site.app) for name, path in paths.items()]
    return pages, measure_statuses(site.app)


def measure_statuses(app: Flask) -> Statuses:
    """Who is ready among all: what pairs and lists ask, for everybody."""
    with in_space(app):
        ids = db.session.scalars(select(Mentor.id)).all()
        times = []
        for _time in range(TIMES):
            with timed_statements(app) as seen:
                began = time.perf_counter()
                statuses = training_statuses(ids)
                times.append((time.perf_counter() - began) * 1000)
        return Statuses(len(ids), median(times), len(seen), sum(status.is_ready for status in statuses.values()))


def fill(app: Flask) -> None:
    """The courses, published and two of them required, then the mentors and what they did."""
    with in_space(app):
        by = db.session.scalars(select(Membership.user_id).where(Membership.tenant_id == current_tenant_id()).limit(1)).one()
        for rank in range(COURSES - len(published_courses())):
            course = write_course(f"Parcours {rank}", "")
            for place in (1, 2):
                add_module(course, {"kind": "text", "title": f"Module {place}", "minutes": 60, "body": "Lire"})
            publish(course, by, "", True, "")
            course.valid_months = 12 * (rank % 2)
        for statement in FILL:
            db.session.execute(text(statement), {"mentors": MENTORS} if ":mentors" in statement else {})
    vacuum(app, "mentors", "enrolments", "module_completions", "completions")
