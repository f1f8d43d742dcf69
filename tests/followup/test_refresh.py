"""The calls follow the rules: one at a time of a kind and a side, ended when no rule gives it, of one space only."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from app.database import now, unit_of_work
from app.extensions import db
from app.followup import rules
from app.followup.jobs import follow
from app.followup.models import Call
from app.meetings.logs import confirm
from app.pairs.closing import close_pair
from app.pairs.life import pause
from app.web import today
from tests import factories

from .situations import DAY, HELD, contact, kinds, message, moment, situation

START = date(2027, 3, 1)


@pytest.fixture
def rows(in_space, association):
    """Every call that there ever was, the oldest first."""

    def read():
        with in_space(association):
            return db.session.scalars(select(Call).order_by(Call.created_at, Call.rank, Call.side)).all()

    return read


def test_doing_it_again_changes_nothing(refreshed, rows, people):
    refreshed()
    before = [(row.id, row.updated_at, row.facts) for row in rows()]

    refreshed()

    assert len(before) >= 3
    assert [(row.id, row.updated_at, row.facts) for row in rows()] == before


def test_a_call_that_goes_on_stays_the_same_and_its_facts_follow(change, refreshed, rows, in_space, association, people):
    change(starts_on=START)
    refreshed(moment(START + 40 * DAY))
    (before,) = [row for row in rows() if row.kind == "no_meeting"]
    with in_space(association):
        factories.meeting(situation(association, people.pair), state="held", starts_at=moment(START + 5 * DAY))

    refreshed(moment(START + 41 * DAY))

    (after,) = [row for row in rows() if row.kind == "no_meeting"]
    assert (after.id, before.since, after.since, after.ended_at) == (before.id, START, START + 5 * DAY, None)
    assert after.facts["met"] == "2027-03-06"


def test_a_call_that_ended_and_is_due_again_is_another(change, refreshed, spoken, rows):
    change(starts_on=START)
    refreshed(moment(START + 40 * DAY))
    spoken("mentor", moment(START + 41 * DAY))
    refreshed(moment(START + 42 * DAY))
    refreshed(moment(START + 80 * DAY))

    found = [row for row in rows() if (row.kind, row.side) == ("contact", "mentor")]

    assert [row.ended_at is None for row in sorted(found, key=lambda row: row.since)] == [False, True]


def test_a_silence_that_lasts_becomes_a_danger(change, refreshed, rows):
    change(starts_on=START)
    refreshed(moment(START + 59 * DAY))
    refreshed(moment(START + 60 * DAY))

    found = {row.kind: row.ended_at is None for row in rows() if row.kind in {"no_meeting", "long_silence"}}

    assert found == {"no_meeting": False, "long_silence": True}


def test_every_call_has_its_rank(refreshed, rows, people):
    refreshed()

    ranks = {row.kind: row.rank for row in rows()}
    assert len(ranks) >= 2
    assert ranks == {kind: rules.RANKS[kind] for kind in ranks}
    assert set(rules.RANKS) == set(rules.RULES)
    assert set(rules.RANKS) >= rules.DANGER | rules.WATCH
    assert not rules.DANGER & rules.WATCH


def test_what_the_mentor_logs_and_the_jeune_says_counts_at_once(refreshed, met, calls):
    refreshed()
    assert "long_silence" in kinds(calls())

    met(-1, HELD)
    assert "long_silence" not in kinds(calls())

    met(-2, HELD, False)
    assert "disagreement" in kinds(calls())


def test_some_pairs_alone_are_looked_at(in_space, association, people, calls):
    with in_space(association):
        other = factories.pair(factories.mentor(association, trained=True), factories.mentee(association))
        rules.refresh([other.id])
        rules.refresh([])

    assert {row[2] for row in calls(None, "pair_id")} == {other.id}

    with in_space(association):
        contact(people.pair, people.admin.user_id)
        contact(other, people.admin.user_id)
        rules.refresh([people.pair.id])

    assert ("contact", "mentor", other.id) in calls("contact", "pair_id")
    assert ("contact", "mentor", people.pair.id) not in calls("contact", "pair_id")


# A pair that rests, one that is over, one that did not begin.


@pytest.mark.parametrize("state", ["proposed", "confirmed", "signing"])
def test_nobody_is_called_for_a_pair_that_did_not_begin(state, refreshed, calls, in_space, association, people):
    with in_space(association):
        close_pair(situation(association, people.pair), today(), "planned", None)
        factories.pair(factories.mentor(association, trained=True), factories.mentee(association), state=state)

    refreshed()

    assert calls() == []


def test_nobody_is_called_for_a_pair_that_is_over(refreshed, calls, in_space, association, people):
    refreshed()
    assert calls()

    with in_space(association):
        close_pair(situation(association, people.pair), today(), "planned", None)

    assert calls() == []
    refreshed()
    assert calls() == []


def test_a_call_for_help_outlives_the_pair(refreshed, calls, admin, in_space, association, people):
    with in_space(association):
        message(association, people.pair, "mentee", urgent=True)
        close_pair(situation(association, people.pair), today(), "planned", None)

    refreshed()

    assert calls() == [("help", "mentee")]
    assert "Demande d'aide, le" in admin.page("/a/passerelle/").text


def test_a_pair_that_rests_is_called_for_what_cannot_wait(refreshed, calls, in_space, association, people):
    refreshed()
    with in_space(association):
        pair = situation(association, people.pair)
        confirm(factories.meeting(pair, -2, "held", first_logged_at=now()), False)
        message(association, people.pair, "mentee", urgent=True)
        pause(pair, "exams", None, people.admin.user_id)

    refreshed()

    assert kinds(calls()) == ["help", "disagreement"]


# Another association.


def test_the_pairs_of_another_association_are_never_touched(refreshed, in_space, association, elsewhere, rows):
    with in_space(elsewhere):
        other = factories.pair(factories.mentor(elsewhere, trained=True), factories.mentee(elsewhere))
        rules.refresh()
        before = [(row.id, row.updated_at) for row in db.session.scalars(select(Call))]
        kept = Call(pair_id=other.id, kind="help", side="mentor", since=today(), rank=0)  # no rule gives it
        db.session.add(kept)

    refreshed()
    with in_space(association):
        rules.refresh([other.id])

    assert other.id not in {row.pair_id for row in rows()}
    with in_space(elsewhere):
        stored = db.session.scalars(select(Call).where(Call.ended_at.is_(None))).all()
        assert {row.id for row in stored} == {key for key, _at in before} | {kept.id}


def test_the_programme_follows_nobody(app, programme, in_space):
    with app.app_context():
        follow.run(tenant_id=str(programme.id))

    with in_space(programme):
        assert db.session.scalar(select(func.count()).select_from(Call)) == 0


# By itself, every hour.


def test_the_hour_lets_the_calls_follow_and_forgets_the_old_ones(app, association, rows, people, in_space):
    with in_space(association):
        for days in (390, 400):
            values = {"side": "mentor", "since": today() - timedelta(500), "rank": 90, "ended_at": now() - timedelta(days)}
            db.session.add(Call(pair_id=people.pair.id, kind=f"old {days}", **values))

    for _time in range(2):
        with app.app_context():
            follow.run(tenant_id=str(association.id))

    found = [row.kind for row in rows()]
    assert ("old 390" in found, "old 400" in found, "long_silence" in found) == (True, False, True)


# At the same instant.


@pytest.mark.committed
def test_refreshing_at_the_same_instant_is_refreshing_once(real_app):
    factories.programme(real_app)
    tenant = factories.association(real_app, "passerelle", "Passerelle", ["69"])

    def in_the_space(act):
        with unit_of_work(real_app, tenant.id), real_app.test_request_context("/"):
            return act()

    def make():
        return [factories.pair(factories.mentor(tenant, trained=True), factories.mentee(tenant)).id for _each in range(12)]

    ids = in_the_space(make)
    barrier = Barrier(4)

    def run(some):
        barrier.wait(timeout=30)
        in_the_space(lambda: rules.refresh(some))

    def together():
        with ThreadPoolExecutor(4) as pool:
            for future in [pool.submit(run, some) for some in (None, ids, ids[::-1], None)]:
                future.result(timeout=60)

    def found():
        return sorted((row.pair_id, row.kind, row.side) for row in db.session.scalars(select(Call).where(Call.ended_at.is_(None))))

    def speak():
        for one in ids:
            contact(SimpleNamespace(id=one), factories.user().id)

    together()
    first = in_the_space(found)
    in_the_space(speak)  # a call of each pair is to end, and the facts of the others stay
    together()

    assert len(first) == len(set(first)) >= 36
    assert in_the_space(found) == [row for row in first if row[1:] != ("contact", "mentor")]
