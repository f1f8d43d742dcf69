"""What was written of a meeting and waits, while a mail server is down, does not leave once it is not true any more."""

import re

import pytest

from app.database import now
from app.extensions import db
from app.meetings.actions import Spot, move, plan, plan_all
from app.meetings.calling_off import cancel, cancel_rest
from app.meetings.lateness import announce
from app.meetings.models import Meeting
from app.pairs.closing import close_pair
from app.pairs.models import Pair
from app.web import today
from tests import factories

from .situations import DAY, HOUR, at, brother, plain

PARENT = "nadege@example.org"
HERE, THERE = Spot(60, "association", "12 rue des Écoles"), Spot(60, "association", "4 place du Pont")
START = factories.noon(3)


@pytest.fixture
def act(in_space, association, people):
    """Do something of a meeting, in a block of its own."""

    def do(what, meeting, *values):
        with in_space(association):
            return what(db.session.get(Meeting, (association.id, meeting.id)), *values, people.mentor.user_id)

    return do


@pytest.fixture
def planned(in_space, association, people):
    """A meeting in three days, or a weekly series from then on."""

    def make(times=1, **changes):
        with in_space(association):
            pair = db.session.get(Pair, (association.id, people.pair.id))
            for name, value in changes.items():
                setattr(pair.mentee, name, value)
            if changes:
                factories.authorisation(pair.mentee, "participation")
            return plan_all([pair], [START + 7 * week * DAY for week in range(times)], HERE, people.mentor.user_id)

    return make


def test_the_last_letter_about_a_meeting_leaves_alone_and_before_it_begins(planned, act, leaving, letters, people):
    [meeting] = planned()
    assert {letter.valid_until for letter in letters("meeting_planned")} == {START}

    for days in (1, 2):
        act(move, meeting, START + days * DAY, HERE, "")

    both = sorted([people.mentor.email, people.mentee.email])
    assert leaving() == [("meeting_moved", address) for address in both]
    assert letters("meeting_moved")[-1].valid_until == START + 2 * DAY
    act(cancel, meeting, "")
    assert leaving() == [("meeting_cancelled", people.mentee.email), ("meeting_mine", people.mentor.email)]


def test_who_never_read_of_a_move_reads_that_the_first_moment_does_not_count(planned, act, letters):
    [meeting] = planned()
    act(move, meeting, START + DAY, HERE, "")
    act(move, meeting, START + 2 * DAY, THERE, "")
    act(cancel, meeting, "")

    moved = [plain(letter.text) for letter in letters("meeting_moved")]
    first, second = (re.search("qui était prévu (.+?), est maintenant", moved[rank])[1] for rank in (0, -1))
    assert "ne compte plus" not in moved[0]
    assert f"Ce qui était prévu avant ne compte plus : {first}." in moved[-1]
    assert f"ne compte plus : {first} ; {second}." in plain(letters("meeting_cancelled")[0].text)


def test_a_moment_that_is_past_or_counts_again_is_not_named(planned, act, letters):
    [meeting] = planned()
    act(move, meeting, START + DAY, HERE, "")
    act(move, meeting, START, HERE, "")
    with at(START + HOUR - DAY):
        act(move, meeting, START + 2 * DAY, HERE, "")
    with at(START + DAY + HOUR):
        act(cancel, meeting, "")

    texts = [letter.text for letter in (*letters("meeting_moved"), *letters("meeting_cancelled"))]
    assert ["ne compte plus" in text for text in texts] == [False] * 4 + [True] * 2 + [False]


def test_what_is_about_another_meeting_still_leaves(planned, act, leaving, in_space, association, people):
    [meeting] = planned()
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        plan(pair, START + 9 * DAY, 60, "association", "12 rue", people.mentor.user_id)

    act(cancel, meeting, "")

    assert [kind for kind, to in leaving() if to == people.mentee.email] == ["meeting_cancelled", "meeting_planned"]


def test_a_series_is_announced_until_none_of_it_is_left(planned, act, leaving, letters, people):
    first, second, last = planned(times=3)
    assert {letter.valid_until for letter in letters("meeting_planned")} == {last.starts_at}
    announced = ("meeting_planned", people.mentee.email)

    act(cancel, first, "")
    assert announced in leaving()

    act(cancel_rest, second, "")
    assert announced not in leaving()
    assert leaving().count(("meeting_cancelled", people.mentee.email)) == 2


def test_a_series_with_a_brother_stays_announced_when_only_one_of_them_comes_no_more(in_space, association, people, act, leaving):
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        rows = plan_all([pair, brother(association, pair)], [START, START + 7 * DAY], HERE, people.mentor.user_id)
        [first, *_more] = sorted((row for row in rows if row.pair_id == pair.id), key=lambda row: row.starts_at)
    assert leaving().count(("meeting_mine", people.mentor.email)) == 2

    act(cancel_rest, first, "")

    assert leaving().count(("meeting_mine", people.mentor.email)) == 2  # the brother's, and the end of the others
    assert ("meeting_planned", people.mentee.email) not in leaving()


@pytest.mark.parametrize("end", ["move", "cancel"])
def test_nobody_reads_of_a_delay_at_a_meeting_that_is_not_then(end, in_space, association, people, act, leaving):
    with in_space(association):
        meeting = factories.meeting(people.pair, starts_at=now() + HOUR, state="planned")
    act(announce, meeting, "mentor", 20)
    assert [kind for kind, _to in leaving()] == ["meeting_late"]

    act(move, meeting, START, HERE, "") if end == "move" else act(cancel, meeting, "")

    assert "meeting_late" not in [kind for kind, _to in leaving()]


MINOR = {"birth_date": factories.birth_date(16), "guardian_name": "Nadège Parent", "guardian_email": PARENT}


def test_a_parent_reads_the_last_word_alone(planned, act, leaving, letters):
    [meeting] = planned(**MINOR)
    act(move, meeting, START + DAY, THERE, "")
    assert [kind for kind, to in leaving() if to == PARENT] == ["meeting_moved"]

    act(cancel, meeting, "")

    assert [kind for kind, to in leaving() if to == PARENT] == ["meeting_cancelled"]
    [told] = [letter for letter in letters("meeting_cancelled") if letter.to_address == PARENT]
    assert "Ce qui était prévu avant ne compte plus : " in plain(told.text)
    assert told.valid_until == START + DAY


@pytest.mark.parametrize("times", [1, 2])
def test_after_a_death_nothing_that_was_announced_leaves(times, planned, leaving, in_space, association, people):
    planned(times, **MINOR)

    with in_space(association):
        close_pair(db.session.get(Pair, (association.id, people.pair.id)), today(), "death", None, people.coordinator.user_id)

    assert [kind for kind, _to in leaving() if kind in {"meeting_planned", "meeting_mine"}] == []
