"""The life of requests, whatever anybody does and whenever: none is lost, doubled, or left without an end.

LIFE_RUNS=500 makes 500 runs of 50 steps at most, instead of eight of 20.
"""

import os
import random
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.database import unit_of_work
from app.errors import DomainError
from app.extensions import db
from app.jobs import queue
from app.leads import actions, contacts, desk
from app.leads.calendar import is_working_day
from app.leads.models import Lead
from app.leads.words import CONTACT_RESULTS, DECLINE_REASONS, ENDS
from app.tenants.models import Tenant
from app.tenants.resolve import current_tenant
from tests import factories

from .requests_at_work import ASKED, ask, moment, on, strike

RUNS = int(os.environ.get("LIFE_RUNS", "8"))
STEPS = 50 if "LIFE_RUNS" in os.environ else 20
AT_MOST = 90  # working days until every request has come to its end, when nobody does anything
OPEN = {"received", "waitlisted"}
UNDER_WAY = {"sent", "delivered", "waitlisted", "accepted"}
REFUSALS = sorted(DECLINE_REASONS)


@dataclass(frozen=True)
class Seen:
    """A request as one space has it; `source` names it in every space."""

    tenant: UUID
    id: UUID
    source: str
    state: str
    orientation_id: UUID | None
    reason: str | None
    events: int


class World:
    """One programme and its associations, what was asked there, and what each person or team may do next."""

    def __init__(self, app: Any, connection: Any, site: SimpleNamespace, clock: Any) -> None:
        self.app, self.connection, self.site, self.clock = app, connection, site, clock
        self.tenants = [site.programme, *site.associations]
        self.asked, self.declined, self.day = list[str](), set[str](), ASKED
        self.seen, self.orientations, self.events = list[Seen](), list[Any](), dict[UUID, int]()

    @contextmanager
    def space(self, tenant_id: UUID):
        """Work in a space, as a job does."""
        with unit_of_work(self.app, tenant_id), self.app.test_request_context("/"):
            yield current_tenant

    def read(self, tenant: Tenant, statement: str) -> list[Any]:
        """Rows of one space."""
        self.connection.execute(text("SELECT set_config('app.tenant_id', :id, true)"), {"id": str(tenant.id)})
        return self.connection.execute(text(statement)).all()

    def look(self) -> None:
        """Read how everything stands."""
        statement = """SELECT tenant_id, id, source, state, orientation_id, waiting_reason,
            (SELECT count(*) FROM lead_events e WHERE e.lead_id = leads.id) FROM leads ORDER BY source, id"""
        self.seen = [Seen(*row) for tenant in self.tenants for row in self.read(tenant, statement)]
        self.orientations = self.read(
            self.site.programme, "SELECT id, lead_id, association_id, kind, state, by_hand, created_at FROM orientations"
        )

    # What can happen.

    def choose(self, rank: int, rows: list[Any]) -> Any:
        return rows[rank % len(rows)] if rows else None

    def copies(self) -> list[Seen]:
        """The requests that an association may answer."""
        return [row for row in self.seen if row.state in OPEN and row.tenant != self.site.programme.id]

    def persons(self, source: str) -> Seen:
        """The request to which the person's link leads: where they asked, or the programme once it moved."""
        rows = [row for row in self.seen if row.source == source and row.orientation_id is None]
        return max(rows, key=lambda row: row.tenant != self.site.programme.id, default=None)

    def ask(self, rank: int, more: int) -> None:
        """Somebody asks the programme, half of the time, or an association."""
        tenant = self.tenants[max(0, rank % 6 - 2)]
        source = f"demande-{len(self.asked):03}"
        self.asked.append(source)
        with self.space(tenant.id) as here:
            ask(
                here, source=source, may_relay=more % 3 != 0, departement_code="59" if more % 5 == 0 else "69",
                kind="mentor" if more % 7 == 0 else "mentee",
            )  # fmt: skip

    def work(self, rank: int, more: int) -> None:
        """Do some of the jobs, in any order; some will be done again."""
        chance = random.Random(rank * 1000 + more)  # noqa: S311 - Hypothesis chooses
        waiting = self.jobs()
        for job in chance.sample(waiting, chance.randint(0, len(waiting))):
            self.do(job, again=chance.random() < 0.2)

    def jobs(self) -> list[Any]:
        """The jobs that wait; the mail is not sent here."""
        self.connection.execute(text("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE task_name LIKE '%mail.deliver'"))
        return self.connection.execute(
            text("SELECT id, task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
        ).all()

    def do(self, job: Any, again: bool = False) -> None:
        if not again:
            self.connection.execute(text("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = :id"), {"id": job.id})
        with self.app.app_context():
            queue.tasks[job.task_name].func(**job.args)

    def answer(self, rank: int, act: Any) -> None:
        """Let the association that has a request do something with it."""
        copy = self.choose(rank, self.copies())
        if copy is not None:
            with self.space(copy.tenant):
                act(db.session.get(Lead, (copy.tenant, copy.id)), self.site.staff[copy.tenant])

    def accept(self, rank: int, more: int) -> None:
        self.answer(rank, actions.accept)

    def decline(self, rank: int, more: int) -> None:
        def give_back(lead, _by):
            if lead.orientation_id is None:
                self.declined.add(lead.source)
            actions.decline(lead, REFUSALS[more % len(REFUSALS)])

        self.answer(rank, give_back)

    def waitlist(self, rank: int, more: int) -> None:
        self.answer(rank, lambda lead, by: actions.waitlist(lead, "Bientôt", by, self.day))

    def attempt(self, rank: int, more: int) -> None:
        result = sorted(CONTACT_RESULTS)[more % len(CONTACT_RESULTS)]
        self.answer(rank, lambda lead, by: contacts.note_attempt(lead, result, None, None, by, self.day))

    def person(self, rank: int, act: Any) -> None:
        """Let a person do something on their page; what is too late is refused with a sentence."""
        row = self.persons(self.choose(rank, self.asked)) if self.asked else None
        if row is not None:
            try:
                with self.space(row.tenant):
                    act(db.session.get(Lead, (row.tenant, row.id)))
            except DomainError:
                assert row.state not in {"waiting", "oriented", *OPEN}

    def withdraw(self, rank: int, more: int) -> None:
        self.person(rank, actions.withdraw)

    def correct(self, rank: int, more: int) -> None:
        self.person(rank, lambda lead: actions.correct(lead, {"phone": f"+3361234{more:04}"}))

    def relay(self, rank: int, more: int) -> None:
        self.person(rank, lambda lead: actions.correct(lead, {"may_relay": more % 2 == 0}))

    def at_the_desk(self, rank: int, states: set[str], act: Any) -> None:
        """Let the programme do something with a request that stands so; what came first is refused with a sentence."""
        row = self.choose(rank, [row for row in self.seen if row.tenant == self.site.programme.id and row.state in states])
        if row is not None:
            try:
                with self.space(row.tenant) as here:
                    act(db.session.get(Lead, (row.tenant, row.id)), here)
            except DomainError:
                assert row.reason == "double"

    def stop(self, rank: int, more: int) -> None:
        reason = sorted(ENDS)[more % len(ENDS)]
        self.at_the_desk(rank, {"waiting"}, lambda lead, here: desk.end(lead, reason, here, self.site.operator))

    def reopen(self, rank: int, more: int) -> None:
        self.at_the_desk(rank, {"lapsed"}, lambda lead, here: desk.reopen(lead, here, self.day, self.site.operator))

    def take_back(self, rank: int, more: int) -> None:
        self.at_the_desk(rank, {"oriented", "waitlisted"}, lambda lead, _here: desk.take_back(lead, self.site.operator))

    def wait(self, rank: int, more: int) -> None:
        """Some days pass, then the hour strikes everywhere."""
        self.day += timedelta(days=1 + rank % 8)
        self.clock.move_to(moment(self.day))
        strike(self.app, *self.tenants)

    # What must hold at every moment.

    def check(self) -> None:
        """Look, and find nothing wrong."""
        self.look()
        self.check_programme()
        self.check_associations()
        events = {row.id: row.events for row in self.seen}
        assert all(events.get(lead, count) >= count for lead, count in self.events.items()), "a history shrank"
        self.events = events

    def check_programme(self) -> None:
        """One open orientation at most, and the request says the same; nobody was sent more than their capacity of a month."""
        open_ones: dict[UUID, list[str]] = {}
        for row in self.orientations:
            if row.state in UNDER_WAY:
                open_ones.setdefault(row.lead_id, []).append(row.state)
        for lead in (row for row in self.seen if row.tenant == self.site.programme.id):
            expected = {"oriented": [["sent"], ["delivered"]], "waitlisted": [["waitlisted"]], "accepted": [["accepted"]]}
            assert open_ones.get(lead.id, []) in expected.get(lead.state, [[]]), lead
        sent = Counter(
            (row.association_id, row.kind, row.created_at.astimezone(self.site.programme.zone).strftime("%Y-%m"))
            for row in self.orientations
            if row.state in UNDER_WAY and not row.by_hand
        )
        for (tenant, kind, _month), count in sent.items():
            assert count <= self.site.capacities[tenant][kind]

    def check_associations(self) -> None:
        """A request is open in one association at most, or accepted in one; it stands somewhere, or was declined where it came."""
        for source in self.asked:
            rows = [row for row in self.seen if row.source == source]
            there = [row for row in rows if row.tenant != self.site.programme.id]
            accepted = [row for row in there if row.state == "accepted"]
            assert len([row for row in there if row.state in OPEN]) + len(accepted) <= 1, rows
            assert len([row for row in rows if row.tenant == self.site.programme.id]) <= 1, rows
            assert rows or source in self.declined, f"{source} is lost"
        assert {row.source for row in self.seen} <= set(self.asked)

    # And in the end.

    def end(self) -> int:
        """Let days pass without anybody doing anything, until each request has come to its end; returns the working days."""
        for count in range(AT_MOST + 1):
            while waiting := self.jobs():
                for job in waiting:
                    self.do(job)
            self.check()
            if all(self.is_settled(source) for source in self.asked):
                self.check_ends()
                return count
            self.day += timedelta(days=1)
            while not is_working_day(self.day):
                self.day += timedelta(days=1)
            self.clock.move_to(moment(self.day))
            busy = {row.tenant for row in self.copies()}
            strike(self.app, *[tenant for tenant in self.tenants if tenant.is_programme or tenant.id in busy])
        raise AssertionError([row for row in self.seen if not self.is_settled(row.source)])

    def is_settled(self, source: str) -> bool:
        return all(row.state in {"accepted", "withdrawn", "lapsed", "waiting"} for row in self.seen if row.source == source)

    def check_ends(self) -> None:
        """As many ends as requests, and the associations agree with the programme."""
        for source in self.asked:
            rows = [row for row in self.seen if row.source == source]
            ours = [row for row in rows if row.tenant == self.site.programme.id]
            asked_there = [row for row in rows if row not in ours and row.orientation_id is None]
            copies = [row.state for row in rows if row.orientation_id is not None]
            if not ours:
                assert len(asked_there) == (source not in self.declined), rows
                assert copies == [], rows
            elif ours[0].state == "accepted":
                assert (copies.count("accepted"), set(copies) - {"accepted", "withdrawn"}) == (1, set()), rows
            else:
                assert set(copies) <= {"withdrawn"}, rows
            if ours:
                assert {row.state for row in asked_there} <= {"withdrawn"} & {ours[0].state}, rows
            event(f"ends {rows[0].state if rows else 'declined'}")


WEIGHTS = {
    "ask": 5, "work": 6, "accept": 1, "decline": 3, "waitlist": 2, "attempt": 2, "withdraw": 1, "correct": 1, "relay": 2, "wait": 4,
    "stop": 1, "reopen": 1, "take_back": 2,
}  # fmt: skip
steps = st.tuples(
    st.sampled_from([name for name, weight in WEIGHTS.items() for _each in range(weight)]), st.integers(0, 99), st.integers(0, 99)
)


@pytest.fixture
def site(app, programme, in_space):
    """The programme, two small associations in the Rhône, one in the Nord that also accompanies at a distance."""
    with on(ASKED - timedelta(days=1)):
        houses = [
            factories.association(app, "petite", "Petite", ["69"], course=False, mentee_capacity=1, mentor_capacity=1),
            factories.association(app, "moyenne", "Moyenne", ["69"], course=False, mentee_capacity=2, mentor_capacity=0),
            factories.association(app, "lointaine", "Lointaine", ["59"], course=False, mentee_capacity=2, all_france=True),
        ]
        staff = {}
        for house in houses:
            with in_space(house):
                staff[house.id] = factories.member(house, "admin").id
    with in_space(programme):
        operator = factories.member(programme, "operator").id
    capacities = {house.id: {"mentee": house.mentee_capacity, "mentor": house.mentor_capacity} for house in houses}
    return SimpleNamespace(programme=programme, associations=houses, staff=staff, operator=operator, capacities=capacities)


@settings(
    max_examples=RUNS,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(relays=st.sampled_from([0, 1, 3]), life=st.lists(steps, min_size=STEPS // 2, max_size=STEPS))
def test_no_request_is_lost_doubled_or_left_without_an_end(app, rolled_back, site, relays, life):
    savepoint = rolled_back.begin_nested()
    try:
        with on(ASKED) as clock:
            world = World(app, rolled_back, site, clock)
            with world.space(site.programme.id) as here:
                here.relays = relays
            for name, rank, more in [("ask", 0, 1), *life]:
                getattr(world, name)(rank, more)
                world.check()
            world.end()
    finally:
        savepoint.rollback()
