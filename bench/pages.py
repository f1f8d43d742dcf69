"""The six pages that are measured, who opens each, and the one query that its floor runs instead."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

from app.database import unit_of_work
from app.extensions import db
from app.meetings.models import Meeting
from app.tenants.resolve import tenant_named

SPACE, PROGRAMME = "passerelle-rhone", "programme"
OPERATOR, COORDINATOR = "operatrice@example.org", "claire.morel@example.org"
MENTOR, JEUNE = "karim.trabelsi@example.org", "ines.benali@example.org"

LEADS = """
SELECT id, first_name, last_name, kind, birth_date, needs, commune_name, departement_code, requested_at, answer_by, waiting_reason
FROM leads WHERE state = %(state)s ORDER BY answer_by NULLS LAST, requested_at, id LIMIT 51
"""
PAIRS = """
SELECT p.id, p.starts_on, p.planned_months, n.first_name, n.last_name, m.first_name, m.last_name, s.first_name, s.last_name
FROM pairs p JOIN mentors m ON (m.tenant_id, m.id) = (p.tenant_id, p.mentor_id)
JOIN mentees n ON (n.tenant_id, n.id) = (p.tenant_id, p.mentee_id)
LEFT JOIN staff s ON (s.tenant_id, s.id) = (p.tenant_id, p.coordinator_id)
WHERE p.state = 'active' ORDER BY p.starts_on DESC, p.id LIMIT 51
"""
MEETINGS = """
SELECT t.id, t.starts_at, t.minutes, t.place, t."where", t.state, t.subjects, t.note, p.id, p.starts_on, p.objectives,
  n.first_name, n.last_name, m.first_name, m.last_name
FROM meetings t JOIN pairs p ON (p.tenant_id, p.id) = (t.tenant_id, t.pair_id)
JOIN mentors m ON (m.tenant_id, m.id) = (p.tenant_id, p.mentor_id)
JOIN mentees n ON (n.tenant_id, n.id) = (p.tenant_id, p.mentee_id)
WHERE {} ORDER BY t.starts_at DESC, t.id LIMIT 200
"""
OF_PAIR = MEETINGS.format("t.pair_id = %(pair_id)s")
OF_MENTOR = MEETINGS.format("m.user_id = (SELECT id FROM users WHERE lower(email) = %(email)s)")
OF_JEUNE = MEETINGS.format("n.user_id = (SELECT id FROM users WHERE lower(email) = %(email)s)")


@dataclass(frozen=True)
class Page:
    """A page: its name in the table, its path, the account that opens it, and its floor."""

    name: str
    path: str
    email: str
    tenant_id: str
    query: str
    values: dict[str, Any]

    @property
    def key(self) -> str:
        """Its name in the floor's paths."""
        return self.name.replace(" ", "-")


def find_pages(app: Flask) -> list[Page]:
    """The six pages, on what the demonstration holds."""
    with unit_of_work(app, None):
        space, programme = (tenant_named(slug) for slug in (SPACE, PROGRAMME))
        assert space is not None
        assert programme is not None
    pair_id = str(busiest_pair(app, space.id))
    home, ours = f"/a/{SPACE}", str(space.id)
    return [
        Page("programme queue", f"/a/{PROGRAMME}/orientation", OPERATOR, str(programme.id), LEADS, {"state": "waiting"}),
        Page("inbox", f"{home}/demandes", COORDINATOR, ours, LEADS, {"state": "received"}),
        Page("pairs", f"{home}/binomes", COORDINATOR, ours, PAIRS, {}),
        Page("one pair", f"{home}/binomes/{pair_id}", COORDINATOR, ours, OF_PAIR, {"pair_id": pair_id}),
        Page("mentor home", f"{home}/", MENTOR, ours, OF_MENTOR, {"email": MENTOR}),
        Page("jeune home", f"{home}/", JEUNE, ours, OF_JEUNE, {"email": JEUNE}),
    ]


def busiest_pair(app: Flask, tenant_id: UUID) -> UUID:
    """The pair with most meetings: the longest page."""
    with unit_of_work(app, tenant_id):
        statement = select(Meeting.pair_id).group_by(Meeting.pair_id).order_by(func.count().desc(), Meeting.pair_id)
        return db.session.scalars(statement.limit(1)).one()
