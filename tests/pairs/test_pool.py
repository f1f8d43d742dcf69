"""Who waits and who has room, as matching reads them from the database."""

from datetime import date, datetime, timedelta
from itertools import product

import pytest

from app.database import uuid7
from app.extensions import db
from app.pairs.conditions import gate
from app.pairs.matching_models import MatchWish
from app.pairs.models import OVER, PairState
from app.pairs.pool import read_pool
from app.people.check_models import Check, GateException
from app.people.models import SensitiveFact
from app.people.rules import Rule, make_exception, set_rules
from app.territory.models import Commune
from app.web import today
from tests import factories

from .matched import available, waiting

FREE = {state: state in OVER for state in PairState}


def pair_in(state, mentor, mentee):
    """A pair of these two, in one of its states."""
    over = {"closed_on": today()} if state in OVER else {}
    return factories.pair(mentor, mentee, state=state, starts_on=today(), **over)


@pytest.mark.parametrize("state", FREE)
def test_a_jeune_waits_and_a_mentor_has_room_unless_a_pair_takes_them(association, in_space, state):
    with in_space(association):
        (mentee,), (mentor,) = waiting(association), available(association)
        pair_in(state, mentor, mentee)

        pool = read_pool(today())

    assert pool.mentees.ids == ([mentee.id] if FREE[state] else [])
    assert pool.mentors.ids == ([mentor.id] if FREE[state] else [])


@pytest.mark.parametrize("changes", [{"state": "paused"}, {"state": "withdrawn"}, {"birth_date": None}])
def test_who_is_away_or_of_unknown_age_is_left_out(association, in_space, changes):
    with in_space(association):
        waiting(association, **changes)
        available(association, **changes)

        pool = read_pool(today())

    assert (pool.mentees.ids, pool.mentors.ids) == ([], [])
    assert pool.fits.shape == (0, 0)


@pytest.mark.parametrize(
    ("birthday", "expected"), [("2000-03-10", 0), ("2000-03-11", 1), ("2011-03-10", 1), ("2011-03-11", 0), ("2004-02-29", 1)]
)
def test_the_ages_that_the_association_takes_count_to_the_day(app, programme, in_space, birthday, expected):
    tenant = factories.association(app, "jalons", "Jalons", ["69"], min_age=15, max_age=25)
    with in_space(tenant):
        waiting(tenant, birth_date=date.fromisoformat(birthday))

        assert len(read_pool(date(2026, 3, 10)).mentees.ids) == expected


def test_who_is_born_on_a_leap_day_turns_thirty_on_the_first_of_march(association, in_space):
    with in_space(association):
        waiting(association, birth_date=date(1996, 2, 29))

        assert [len(read_pool(date(2026, *day)).mentees.ids) for day in ((2, 28), (3, 1))] == [1, 0]


def test_live_pairs_take_places_and_ended_ones_give_them_back(association, in_space):
    with in_space(association):
        (mentor,) = available(association, capacity=4)
        available(association, capacity=0)
        for state in (PairState.ACTIVE, PairState.PROPOSED, PairState.CLOSED, PairState.DROPPED):
            pair_in(state, mentor, *waiting(association))

        pool = read_pool(today())

    assert (pool.mentors.ids, pool.room.tolist()) == ([mentor.id], [2])


def test_who_waits_longest_comes_first_and_days_are_those_of_the_associations_clock(association, in_space):
    with in_space(association):
        late, early, night = waiting(association, 3, birth_date=date(2006, 1, 1))
        late.waits_since, early.waits_since = (datetime.fromisoformat(f"2026-0{month}-10T12:00+00:00") for month in (3, 2))
        night.waits_since = datetime.fromisoformat("2026-03-09T23:30+00:00")  # half past midnight of the tenth, in Paris
        db.session.flush()

        pool = read_pool(date(2026, 3, 12))

    assert pool.mentees.ids == [early.id, night.id, late.id]
    assert pool.waited.tolist() == [30, 2, 2]


def test_what_each_said_is_compared(association, in_space):
    said = {"places": ["remote", "school"], "slots": ["mon_morning"], "languages": ["bm"], "interests": ["arts"], "reach": "epci"}
    with in_space(association):
        waiting(association, needs=["employment"], first_in_line=True, field_wish="Santé", **said)
        available(association, axes=["employment"], sector="Sante", commune_code="69266", **said)

        pool = read_pool(today())

    for what in ("places", "slots", "languages", "interests", "reach", "axes", "words"):
        assert getattr(pool.mentees, what)[0] == getattr(pool.mentors, what)[0], what
    assert (pool.mentees.map[0] == pool.mentors.map[0]).tolist() == [False, True, True, True, True]
    assert (pool.mentees.first.tolist(), pool.mentors.first.tolist()) == ([True], [False])


def test_a_commune_of_any_part_of_the_country_is_read(association, in_space):
    with in_space(association):
        rows = db.session.query(Commune).order_by(Commune.epci.nulls_first(), Commune.arrondissement.nulls_first()).limit(30)
        for commune in rows:
            waiting(association, commune_code=commune.code)

        assert len(read_pool(today()).mentees.ids) == 30


def test_former_pairs_and_those_set_aside_are_unwanted_and_a_pin_overrules_both(association, in_space):
    with in_space(association):
        (mentee,), mentors = waiting(association), available(association, 4)
        former, dropped, aside, pinned = mentors
        for state, mentor in ((PairState.CLOSED, former), (PairState.DROPPED, dropped), (PairState.CLOSED, pinned)):
            pair_in(state, mentor, mentee)
        for mentor, is_pin in ((aside, False), (pinned, True)):
            db.session.add(MatchWish(id=uuid7(), mentor_id=mentor.id, mentee_id=mentee.id, is_pin=is_pin, reason="Vus"))
        db.session.flush()

        pool = read_pool(today())

    unwanted = {mentor for mentor, out in zip(pool.mentors.ids, pool.unwanted[0], strict=True) if out}
    assert unwanted == {former.id, dropped.id, aside.id}
    assert [pool.mentors.ids[rank] for rank in pool.pinned[0].nonzero()[0]] == [pinned.id]


@pytest.mark.parametrize(("reason", "is_pinned"), [("safety", False), ("planned", True)])
def test_no_pin_brings_two_together_again_after_a_precaution(association, in_space, reason, is_pinned):
    with in_space(association):
        (mentee,), (mentor,) = waiting(association), available(association)
        pair_in(PairState.CLOSED, mentor, mentee).closure_reason = reason
        db.session.add(MatchWish(id=uuid7(), mentor_id=mentor.id, mentee_id=mentee.id, is_pin=True))
        db.session.flush()

        pool = read_pool(today())

    assert (pool.pinned[0, 0], pool.unwanted[0, 0]) == (is_pinned, not is_pinned)


def test_another_associations_people_are_never_read(association, elsewhere, in_space):
    with in_space(elsewhere):
        waiting(elsewhere)
        available(elsewhere)

    with in_space(association):
        pool = read_pool(today())

    assert (pool.mentees.ids, pool.mentors.ids) == ([], [])


def fits(pool):
    """Who is ready for whom, by id."""
    couples = product(enumerate(pool.mentees.ids), enumerate(pool.mentors.ids))
    return {(mentee, mentor): bool(pool.fits[row, column]) for (row, mentee), (column, mentor) in couples}


UNGATHERABLE = {"closed", "paused", "too_old", "capacity", "paired", "self"}  # who has one of these is not in the pool


def by_the_gate(pool):
    """The same as the gate itself says it, of each two."""
    told = {}
    for mentee, mentor in product(pool.mentees.ids, pool.mentors.ids):
        codes = gate(mentor, mentee, today())
        told[mentee, mentor] = not [code for code, side in codes if side == "mentor" and code not in UNGATHERABLE]
    return told


def protected(mentee):
    """A jeune whom child protection looks after."""
    db.session.add(SensitiveFact(mentee_id=mentee.id, kind="ase", noted_by=factories.user().id))
    db.session.flush()


def publics(association):
    """A jeune of each public: adult or minor, of child protection or not, with each need."""
    rows = [
        waiting(association, age=age, needs=needs)[0]
        for age, needs in product((14, 16, 20), ([], ["school"], ["employment"], ["school", "employment"]))
    ]
    for mentee in rows[::5]:
        protected(mentee)
    return rows


@pytest.mark.parametrize("audience", ["minors", "ase", "education", "employment"])
@pytest.mark.parametrize("first", [0, 5, 11])
def test_training_for_a_public_is_asked_for_that_public_only(association, in_space, audience, first):
    with in_space(association):
        rows = publics(association)
        available(association, 2)
        factories.required_course("Le public", [audience])
        available(association, 2)
        rows[first].created_at -= timedelta(days=9)  # whoever waits longest is the example of its public
        db.session.flush()

        pool = read_pool(today())

        assert fits(pool) == by_the_gate(pool)
        assert len(set(fits(pool).values())) == 2


def seen(mentor, kind, days=1, is_clear=True):
    """Somebody saw a document so many days ago."""
    day = today() - timedelta(days=days)
    db.session.add(
        Check(mentor_id=mentor.id, kind=kind, document_on=day, seen_on=day, is_clear=is_clear, seen_by=factories.user().id)
    )
    db.session.flush()


@pytest.mark.parametrize("audience", ["all", "minors", "ase"])
def test_the_pieces_that_the_rules_ask_for_are_asked_for_their_public(association, in_space, audience):
    with in_space(association):
        publics(association)
        set_rules([Rule("record", audience, fresh=3, renew=12)], "", factories.user().id)
        with_it, old, bad, _without = available(association, 4)
        for mentor, days, is_clear in ((with_it, 1, True), (old, 400, True), (bad, 1, False)):
            seen(mentor, "record", days, is_clear)
            seen(mentor, "honorability")

        pool = read_pool(today())

        assert fits(pool) == by_the_gate(pool)
        assert {mentor for (_jeune, mentor), fit in fits(pool).items() if fit} >= {with_it.id}


def test_the_agreement_that_the_rules_ask_for_is_signed_later(association, in_space):
    with in_space(association):
        waiting(association)
        available(association)
        set_rules([Rule("agreement", "all")], "", factories.user().id)

        assert read_pool(today()).fits.tolist() == [[True]]


def excepted(mentor, mentee=None, days=10, **changes):
    """An exception to the bulletin n° 3, until so many days from now."""
    row = make_exception(mentor, mentee, "record", "Demandé le 3", today() + timedelta(days=max(days, 0)), factories.user().id)
    row.until = today() + timedelta(days=days)
    for name, value in changes.items():
        setattr(row, name, value)
    db.session.flush()


def test_an_exception_opens_until_its_last_day_and_for_whom_it_was_made(association, in_space):
    with in_space(association):
        set_rules([Rule("record", "all")], "", factories.user().id)
        (one, _other), mentors = waiting(association, 2), available(association, 5)
        excepted(mentors[0])
        excepted(mentors[1], days=0)
        excepted(mentors[2], days=-1)
        excepted(mentors[3], withdrawn_at=factories.now())
        excepted(mentors[4], one)

        pool = read_pool(today())

        assert fits(pool) == by_the_gate(pool)
        assert pool.fits.tolist() == [[True, True, False, False, True], [True, True, False, False, False]]


def test_what_the_programme_asks_is_open_to_no_exception(association, in_space):
    with in_space(association):
        (mentee,), (mentor,) = waiting(association), available(association)
        protected(mentee)
        by = factories.user().id
        db.session.add(GateException(mentor_id=mentor.id, piece="honorability", reason="Vite", until=today(), made_by=by))
        db.session.flush()

        assert read_pool(today()).fits.tolist() == [[False]]


@pytest.mark.parametrize(("age", "allowed", "expected"), [(16, False, False), (16, True, True), (18, False, True)])
def test_a_minor_mentor_is_ready_once_their_own_parent_agrees(association, in_space, age, allowed, expected):
    with in_space(association):
        (mentor,) = available(association, age=age)
        waiting(association)
        if allowed:
            factories.authorisation(mentor)

        pool = read_pool(today())

        assert pool.fits.tolist() == [[expected]]
        assert fits(pool) == by_the_gate(pool)


def test_a_mentor_without_the_required_training_is_not_ready(association, in_space):
    with in_space(association):
        waiting(association)
        available(association, trained=False)

        assert read_pool(today()).fits.tolist() == [[False]]


def test_what_is_still_to_gather_of_a_jeune_keeps_nobody_out(association, in_space):
    with in_space(association):
        waiting(association, age=14)
        available(association)

        assert read_pool(today()).fits.tolist() == [[True]]


def test_more_people_ask_nothing_more_of_the_database(association, in_space, statements):
    with in_space(association):
        waiting(association, 2)
        available(association, 2)
        with statements() as few:
            read_pool(today())
        waiting(association, 20)
        available(association, 20)
        db.session.expunge_all()

        with statements() as many:
            assert len(read_pool(today()).mentees.ids) == 22

    assert len(many) <= len(few) + 1
