"""The life of pairs against a small model: whatever anybody does, a verb does what it says, once, or refuses and changes nothing.

LIFE_RUNS=500 makes 500 runs of 50 steps at most, instead of ten of 25.
"""

import os
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.database import unit_of_work
from app.errors import DomainError
from app.extensions import db
from app.pairs import actions, closing, interest, jobs, life
from app.pairs.models import Pair
from app.pairs.queries import closure_of
from app.people.models import Mentee, Mentor
from tests import factories

from .situations import ANSWERS, at, days, do_all, moment, paris_today, plan

RUNS = int(os.environ.get("LIFE_RUNS", "10"))
STEPS = 50 if "LIFE_RUNS" in os.environ else 25
FORMING, OPEN = {"proposed", "confirmed"}, {"active", "paused", "closing"}
LIVE = FORMING | OPEN
CAPACITIES = (1, 2, 3)
READ = {
    "pairs": "id, state, starts_on, closed_on, closure_reason, mentor_id, mentee_id",
    "pair_events": "pair_id, what",
    "pauses": "pair_id, since, until",
    "closures": "pair_id, kind, reason, steps::text, closed_on, reopened_on",
    "pair_answers": "pair_id, side, is_yes, answer_by",
    "mentors": "id, first_in_line, state, capacity",
    "mentees": "id, first_in_line, state",
    "match_wishes": "mentor_id, mentee_id, is_pin",
    "mails": "to_address, subject",
}


@dataclass
class Told:
    """What a pair should be: its state, who answered what, its story, and the days that matter."""

    id: object
    mentor: int
    mentee: int
    state: str = "proposed"
    answers: dict = field(default_factory=dict)  # side -> None, True or False
    answer_by: dict = field(default_factory=dict)
    story: Counter = field(default_factory=Counter)
    starts_on: object = None
    closed_on: object = None
    back_on: object = None
    steps_done: bool = False
    rested: set = field(default_factory=set)  # sides that its end put to rest, and that nothing has called back
    room_before: int = 0  # places of the mentor, before its end left room for their other pairs only

    def tell(self, *whats):
        self.story.update(whats)


class World:
    """One association, its mentors and jeunes, its pairs and what they should be; and what anybody may do next."""

    def __init__(self, app, connection, site, clock):
        self.app, self.connection, self.site, self.clock = app, connection, site, clock
        self.day, self.pairs, self.first = paris_today(), list[Told](), {"mentor": set(), "mentee": set()}
        self.resting = {"mentor": set(), "mentee": set()}  # who is paused, for they wished no other pair and have none
        self.room = list(CAPACITIES)

    @contextmanager
    def space(self):
        with unit_of_work(self.app, self.site.tenant.id), self.app.test_request_context("/"):
            yield

    def look(self):
        """Everything that is stored, as sorted rows of each table."""
        self.connection.execute(text("SELECT set_config('app.tenant_id', :id, true)"), {"id": str(self.site.tenant.id)})
        tables = {name: self.connection.execute(text(f"SELECT {READ[name]} FROM {name}")).all() for name in READ}
        return {name: sorted(rows, key=str) for name, rows in tables.items()}

    def live(self, side, rank, but=None):
        return sum(getattr(told, side) == rank and told.state in LIVE for told in self.pairs if told is not but)

    def is_free(self, told):
        """Whether the gate is open to a pair, as far as places go, and the jeune's papers."""
        fits = self.live("mentor", told.mentor, told) < self.room_for(told) and not self.live("mentee", told.mentee, told)
        return fits and told.mentee not in self.site.without_papers

    def room_for(self, told):
        """How many pairs its mentor may be in, once it goes on."""
        if "mentor" not in told.rested:
            return self.room[told.mentor]
        resting = [other for other in self.pairs if other.mentor == told.mentor and "mentor" in other.rested]
        return max(self.room[told.mentor], *(other.room_before for other in resting))

    def rests(self, side, who):
        """Whether an end keeps somebody from being proposed."""
        return any(getattr(told, side) == who and side in told.rested for told in self.pairs)

    def rest(self, side, who, told=None):
        """Nobody is proposed to them: paused, or with room for their other pairs only."""
        if who in self.resting[side]:
            return
        others = self.live(side, who)
        if told:
            told.rested.add(side)
            told.room_before = self.room[who] if side == "mentor" and others and not told.room_before else told.room_before
        if not others:
            self.resting[side].add(who)
        elif side == "mentor":
            self.room[who] = min(self.room[who], others)

    def keep_at_rest(self, told):
        """One pair less, or one that goes on: who rests has room for their pairs only."""
        for side in ("mentor", "mentee"):
            if self.rests(side, getattr(told, side)):
                self.rest(side, getattr(told, side))

    def overlaps(self, told):
        """Whether a pair, begun again, would stand on another one of the jeune, or on too many of the mentor."""
        others = [t for t in self.pairs if t is not told and t.state != "dropped"]
        later = [t for t in others if t.closed_on is None or t.closed_on > told.starts_on]
        same_mentor = sum(t.mentor == told.mentor for t in later)
        return any(t.mentee == told.mentee for t in later) or same_mentor >= self.room_for(told)

    def do(self, verb, allowed):
        """Do something that the model allows or not. Refused, it changes nothing; allowed, the same again changes nothing more."""
        before = self.look()
        refused = self.attempt(verb)
        assert refused is not allowed, (verb, refused)
        after = self.look()
        if refused:
            assert after == before, "a refused verb changed something"
        else:
            self.attempt(verb)
            assert self.look() == after, "the same again did something"
        event(f"{verb.__name__} {'refused' if refused else 'done' if after != before else 'nothing to do'}")

    def attempt(self, verb):
        """Do something as a page does, which keeps what was done before a refusal; gives whether it was refused."""
        with self.space():
            try:
                verb()
            except DomainError:
                return True
            return False

    def pair(self, told):
        return db.session.get(Pair, (self.site.tenant.id, told.id))

    def on_one(self, rank, act, *states):
        """Do something to one of the pairs, rather to one in these states."""
        likely = [told for told in self.pairs if told.state in states]
        among = likely if likely and rank % 3 else self.pairs[-5:]
        if among:
            act(among[rank // 3 % len(among)])

    def propose(self, rank, more):
        """Ask about two people; a jeune has one pair, a mentor as many as they have places."""
        mentor, mentee = rank % len(CAPACITIES), more % len(self.site.mentees)
        rests = mentor in self.resting["mentor"] or mentee in self.resting["mentee"]
        allowed = self.live("mentor", mentor) < self.room[mentor] and not self.live("mentee", mentee) and not rests
        allowed = allowed and mentee not in self.site.without_papers
        made = []

        def propose():
            if not made:
                made.append(actions.propose(self.who("mentee", mentee), self.who("mentor", mentor), plan(), None).id)

        self.do(propose, allowed)
        if allowed:
            told = Told(
                made[0], mentor, mentee, answers={"mentee": None}, answer_by={"mentee": self.day + days(7)}, starts_on=self.day
            )
            told.tell("proposed", "asked_mentee")
            self.pairs.append(told)

    def who(self, side, rank):
        row = (self.site.mentors if side == "mentor" else self.site.mentees)[rank]
        return db.session.get(Mentor if side == "mentor" else Mentee, (self.site.tenant.id, row))

    def answer(self, rank, more):
        """One of the two says yes, or rarely no, in time or not; rather the one whose answer is awaited."""

        def act(told):
            awaited = [side for side, known in told.answers.items() if known is None]
            side = awaited[0] if awaited and more % 4 else ("mentee", "mentor")[more // 4 % 2]
            self.answer_one(told, side, more % 7 != 0)

        self.on_one(rank, act, "proposed")

    def answer_one(self, told, side, is_yes):
        if side not in told.answers:
            return  # no link was sent
        known = told.answers[side]
        in_time = told.state == "proposed" and told.answer_by[side] >= self.day
        counts = (known is None and in_time) or (known is True and not is_yes and told.state == "proposed")

        def answer():
            interest.answer(interest.answer_of(self.pair(told), side), is_yes)

        self.do(answer, known is is_yes or counts)
        if counts:
            told.answers[side] = is_yes
            told.tell(f"{'yes' if is_yes else 'no'}_{side}")
            self.after(told, side, is_yes)

    def after(self, told, side, is_yes):
        """What follows from an answer: the other is asked, or both agreed, or it ends."""
        other = "mentor" if side == "mentee" else "mentee"
        if not is_yes:
            self.end(told, other)
        elif other not in told.answers:
            told.answers[other], told.answer_by[other] = None, self.day + days(7)
            told.tell(f"asked_{other}")
        elif told.answers[other]:
            told.state = "confirmed"
            told.tell("confirmed")

    def end(self, told, other):
        told.state, told.closed_on = "dropped", self.day
        told.tell("dropped")
        if not self.rests(other, getattr(told, other)):
            self.first[other].add(getattr(told, other))
        self.keep_at_rest(told)

    def begin(self, rank, more):
        def act(told):
            allowed = told.state in OPEN or (told.state == "confirmed" and self.is_free(told))

            def begin():
                life.begin(self.pair(told))

            self.do(begin, allowed)
            if allowed and told.state == "confirmed":
                told.state, told.starts_on = "active", self.day
                told.tell("begun")
                self.first["mentor"].discard(told.mentor)
                self.first["mentee"].discard(told.mentee)

        self.on_one(rank, act, "confirmed")

    def pause(self, rank, more):
        def act(told):
            back_on = self.day + days(1 + more) if more % 2 else None

            def pause():
                life.pause(self.pair(told), "Examens", back_on, self.site.by)

            self.do(pause, told.state in {"active", "paused"})
            if told.state == "active":
                told.state, told.back_on = "paused", back_on
                told.tell("paused")

        self.on_one(rank, act, "active")

    def resume(self, rank, more):
        def act(told):
            def resume():
                life.resume(self.pair(told), self.site.by)

            self.do(resume, True)
            self.resumed(told)

        self.on_one(rank, act, "paused")

    def resumed(self, told):
        if told.state == "paused":
            told.state = "active"
            told.tell("resumed")

    def begin_closing(self, rank, more):
        def act(told):
            kind = ("foreseen", "unforeseen", "absent")[more % 3]

            def begin_closing():
                closing.begin_closing(self.pair(told), kind, "planned", self.site.by)

            self.do(begin_closing, True)
            if told.state in {"active", "paused"}:
                told.state, told.steps_done = "closing", False
                told.tell("closing")

        self.on_one(rank, act, "active", "paused")

    def on_closure(self, rank, act):
        """Do something to the closure of a pair that has one."""
        self.on_one(rank, lambda told: act(told) if told.state in {"closing", "closed"} else None, "closing")

    def give_up(self, rank, more):
        def act(told):
            def give_up():
                closure = closure_of(self.pair(told))
                if closure is not None:
                    closing.give_up(closure, self.site.by)

            self.do(give_up, True)
            if told.state == "closing":
                told.state = "active"
                told.tell("kept")

        if more % 4 == 0:
            self.on_closure(rank, act)

    def mark(self, rank, more):
        def act(told):
            if told.state == "closing":
                with self.space():
                    do_all(closure_of(self.pair(told)), why="Injoignable" if more % 2 else "")
                told.steps_done = True

        self.on_closure(rank, act)

    def close(self, rank, more):
        def act(told):
            answers = {**ANSWERS, "rematch_mentee": more % 2 == 0, "rematch_mentor": more % 3 == 0}

            def close():
                closing.close(closure_of(self.pair(told)), self.day, answers, self.site.by)

            self.do(close, told.state == "closed" or told.steps_done)
            if told.state == "closing" and told.steps_done:
                told.state, told.closed_on = "closed", self.day
                told.tell("closed")
                told.rested, told.room_before = set(), 0
                wishes = {"mentee": more % 2 == 0, "mentor": more % 3 == 0}
                for other in self.pairs:  # a yes of today outweighs a no of before
                    other.rested -= {
                        side for side, again in wishes.items() if again and getattr(other, side) == getattr(told, side)
                    }
                for side, again in wishes.items():
                    who = getattr(told, side)
                    (self.first[side].add if again else self.first[side].discard)(who)
                    if not again:
                        self.rest(side, who, told)
                self.keep_at_rest(told)

        self.on_closure(rank, act)

    def reopen(self, rank, more):
        def act(told):
            in_time = told.state == "closed" and self.day - told.closed_on <= days(30)
            rests = any(getattr(told, side) in self.resting[side] and side not in told.rested for side in self.resting)
            may = in_time and self.is_free(told) and not self.overlaps(told) and not rests

            def reopen():
                life.reopen(self.pair(told), self.site.by)

            self.do(reopen, told.state != "closed" or may)
            if may:
                told.state, told.closed_on, self.room[told.mentor] = "active", None, self.room_for(told)
                told.tell("reopened")
                for side in ("mentor", "mentee"):
                    self.first[side].discard(getattr(told, side))
                    self.resting[side].discard(getattr(told, side))
                told.rested = set()
                self.keep_at_rest(told)

        self.on_one(rank, act, "closed")

    def drop(self, rank, more):
        def act(told):
            def drop():
                life.drop(self.pair(told), "staff", self.site.by)

            self.do(drop, True)
            if told.state in FORMING:
                told.state, told.closed_on = "dropped", self.day
                told.tell("dropped")
                self.keep_at_rest(told)

        if more % 4 == 0:
            self.on_one(rank, act)

    def wait(self, rank, more):
        """What was written leaves and some days pass, then the hour strikes, twice."""
        with self.space():
            db.session.execute(text("update mails set state = 'sent'"))
        self.day += days(1 + (more % 40 if rank % 8 == 0 else more % 3))
        self.clock.move_to(moment(self.day))
        for _time in range(2):
            jobs.watch_pairs.run(tenant_id=str(self.site.tenant.id))
        for told in self.pairs:
            late = [s for s, answer in told.answers.items() if answer is None and told.answer_by[s] < self.day]
            if told.state == "proposed" and late:
                told.tell(f"silent_{late[0]}")
                self.end(told, "mentor" if late[0] == "mentee" else "mentee")
            if told.state == "paused" and told.back_on and told.back_on <= self.day:
                self.resumed(told)

    def check(self):
        """The database says what the model says; nobody is in more pairs than they may; every change was told."""
        seen = self.look()
        rows = {row.id: row for row in seen["pairs"]}
        assert {told.id: (told.state, told.closed_on) for told in self.pairs} == {
            row.id: (row.state, row.closed_on) for row in rows.values()
        }
        for told in self.pairs:
            assert Counter(row.what for row in seen["pair_events"] if row.pair_id == told.id) == told.story
        live = [row for row in rows.values() if row.state in LIVE]
        assert max(Counter(row.mentee_id for row in live).values(), default=0) <= 1
        mentors = Counter(row.mentor_id for row in live)
        assert all(mentors[key] <= capacity for key, capacity in zip(self.site.mentors, CAPACITIES, strict=True))
        open_pauses = {row.pair_id for row in seen["pauses"] if row.until is None}
        assert open_pauses == {told.id for told in self.pairs if told.state == "paused"}
        for side, keys in (("mentor", self.site.mentors), ("mentee", self.site.mentees)):
            assert {keys.index(row.id) for row in seen[f"{side}s"] if row.first_in_line} == self.first[side], side
            assert {keys.index(row.id) for row in seen[f"{side}s"] if row.state == "paused"} == self.resting[side], side
        assert [row.capacity for key in self.site.mentors for row in seen["mentors"] if row.id == key] == self.room


WEIGHTS = {
    "propose": 4, "answer": 8, "begin": 4, "pause": 2, "resume": 1, "begin_closing": 3, "mark": 3, "give_up": 1, "close": 3,
    "reopen": 2, "drop": 1, "wait": 2,
}  # fmt: skip
steps = st.tuples(
    st.sampled_from([name for name, weight in WEIGHTS.items() for _each in range(weight)]), st.integers(0, 59), st.integers(0, 59)
)


@pytest.fixture
def site(association, in_space):
    """Mentors with one, two and three places; four jeunes, of whom one is a minor without a parent's authorisation."""
    with in_space(association):
        mentors = [factories.mentor(association, trained=True, capacity=count).id for count in CAPACITIES]
        mentees = [factories.mentee(association, age=age).id for age in (20, 21, 22, 16)]
        by = factories.member(association, "coordinator").id
    return SimpleNamespace(tenant=association, mentors=mentors, mentees=mentees, without_papers={3}, by=by)


@settings(
    max_examples=RUNS,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(story=st.lists(steps, min_size=STEPS // 2, max_size=STEPS))
def test_every_verb_does_what_it_says_once_or_changes_nothing(app, rolled_back, site, story):
    savepoint = rolled_back.begin_nested()
    try:
        with at(paris_today()) as clock:
            world = World(app, rolled_back, site, clock)
            for name, rank, more in [("propose", 1, 0), ("answer", 1, 1), ("answer", 1, 1), ("begin", 1, 1), *story]:
                getattr(world, name)(rank, more)
                world.check()
    finally:
        savepoint.rollback()
