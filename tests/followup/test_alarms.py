"""What the two say that calls for a call: they disagree, the jeune had a bad time, they missed two meetings in a row."""

from datetime import timedelta

import pytest

from app.database import now
from app.extensions import db
from app.followup import rules
from app.meetings.logs import confirm
from app.meetings.models import Confirmation
from app.meetings.queries import meetings_of
from app.web import iso_day
from tests import factories

from .situations import DAY, HELD, MINUTE, MISSED, kinds, situation

# The two do not say the same.


@pytest.mark.parametrize(
    ("account", "answer", "is_said"), [(HELD, False, True), (MISSED, True, True), (HELD, True, False), (MISSED, False, False)]
)
def test_a_disagreement_is_to_be_cleared_up_with_the_mentor(account, answer, is_said, met, calls):
    starts_at = met(-3, account, answer)

    day = starts_at.astimezone(factories.PARIS).date().isoformat()
    assert calls("disagreement", "facts") == ([("disagreement", "mentor", {"day": day})] if is_said else [])


# What the mentor writes.


@pytest.mark.parametrize(
    ("note", "is_said"),
    [("Elle a parlé d'IDÉES NOIRES", True), ("idees noires", True), ("il dit qu'il veut mourir", True),
     ("son père l'a frappée", True),
     ("harcèlement au collège", True), ("Il a fugué mardi", True), ("elle a été violée.", True),
     ("un viol", True), ("Belle séance de violon", False), ("un viol\nhier", True), ("viol\u00a0!", True), ("violé\npuis", True),
     ("il voulait la violer", True), ("des fleurs violettes", False),
     ("Nous avons lu « Le Petit Prince »", False), (None, False)],
)  # fmt: skip
def test_a_word_that_alarms_is_to_be_read_at_once(note, is_said, in_space, association, people, refreshed, calls):
    with in_space(association):
        factories.meeting(people.pair, -2, "held", note=note, logged_at=now() - DAY)
    refreshed()

    assert [side for _kind, side in calls("alarming")] == (["mentor"] if is_said else [])


@pytest.fixture
def closed(change):
    """The pair was closed some days ago, for a reason."""
    return lambda days=1, reason="planned": change(
        state="closed", closed_on=factories.today() - timedelta(days), closure_reason=reason
    )


@pytest.mark.parametrize(
    ("days", "reason", "is_said"), [(1, "planned", True), (59, "planned", True), (60, "planned", False), (1, "death", False)]
)
def test_it_is_read_after_the_end_too(days, reason, is_said, closed, met, refreshed, calls, admin):
    closed(days, reason)
    met(-2, state="held", note="Elle a été menacée", logged_at=now())
    refreshed()

    assert calls() == ([("alarming", "mentor")] if is_said else [])
    met_on = iso_day((factories.today() - 2 * DAY).isoformat())
    assert (f"A écrit sur la séance du {met_on} un mot à lire tout de suite" in admin.page("/a/passerelle/").text) is is_said


def test_so_is_what_the_jeune_says(closed, met, calls, admin):
    closed()
    met(-3, HELD, False)
    met(-2, HELD, True, 1)

    assert calls() == [("disagreement", "mentor"), ("low_face", "mentee")]
    assert "A mal vécu la séance" in admin.page("/a/passerelle/").text


@pytest.mark.parametrize(("side", "ends"), [("mentor", True), ("mentee", False)])
def test_it_ends_when_somebody_spoke_with_the_mentor(side, ends, in_space, association, people, spoken, refreshed, calls):
    with in_space(association):
        factories.meeting(people.pair, -2, "held", note="Elle a été menacée", logged_at=now() - DAY)
    spoken(side, now() - MINUTE)
    refreshed()

    assert (calls("alarming") == []) is ends


@pytest.mark.parametrize(("note", "is_told"), [("Elle a des idées noires", True), ("Bonne séance", False)])
def test_the_mentor_reads_what_goes_faster_than_a_word(note, is_told, in_space, association, people, signed):
    with in_space(association):
        meeting = factories.meeting(people.pair, -1)

    page = signed("mentor").send(f"/a/passerelle/rendez-vous/{meeting.id}/compte-rendu",
                                 {"outcome": "held", "length": "60", "place": "remote", "note": note})  # fmt: skip

    assert ["Enfant en danger\u00a0: le 119" in said for said in page.flashes] == ([False, True] if is_told else [False])


@pytest.mark.parametrize("answer", [True, False])
def test_a_meeting_that_nobody_logged_is_no_disagreement(answer, met, calls):
    met(-3, None, answer)

    assert calls("disagreement") == []


@pytest.mark.parametrize("side", ["mentor", "mentee", "guardian"])
def test_a_disagreement_ends_when_somebody_spoke_with_the_pair(side, met, spoken, refreshed, calls):
    met(-3, HELD, False)

    spoken(side, now() + MINUTE)
    refreshed()

    assert calls("disagreement") == []


@pytest.mark.parametrize("values", [{"reached": False}, {"held_at": now() - 9 * DAY}], ids=["in vain", "before"])
def test_a_disagreement_does_not_end_by(values, met, spoken, refreshed, calls):
    met(-3, HELD, False)

    spoken(**{"side": "mentor", "held_at": now() + MINUTE, **values})
    refreshed()

    assert kinds(calls("disagreement")) == ["disagreement"]


def test_a_disagreement_ends_when_one_corrects_what_they_said(met, calls, in_space, association, people):
    met(-3, HELD, False)
    assert kinds(calls("disagreement")) == ["disagreement"]

    with in_space(association):
        confirm(meetings_of(people.pair.id)[0], True)

    assert calls("disagreement") == []


@pytest.mark.parametrize(("days", "is_said"), [(-89, True), (-91, False)])
def test_an_old_disagreement_is_let_be(days, is_said, met, refreshed, calls, change, in_space, association, people):
    change(starts_on=factories.today() - timedelta(200))
    with in_space(association):
        meeting = factories.meeting(
            situation(association, people.pair), days, "held", first_logged_at=now() - 2 * DAY, logged_at=now() - 2 * DAY
        )
        db.session.add(Confirmation(meeting_id=meeting.id, was_held=False))

    refreshed()

    assert bool(calls("disagreement")) is is_said


# How it felt.

FACES = [
    ([1], True),
    ([2], False),
    ([2, 2], True),
    ([2, 1], True),
    ([1, 2], True),
    ([1, 3], False),  # the last went better
    ([3, 2], False),
    ([3, 1], True),
    ([1, 1, 4], False),
    ([2, 4, 2], False),
    ([2, None, 2], True),  # one without a face in between
]


@pytest.mark.parametrize(("faces", "is_said"), FACES)
def test_a_jeune_for_whom_it_goes_badly_is_to_be_called(faces, is_said, met, calls):
    for rank, face in enumerate(faces):
        met(rank - len(faces), HELD, True, face)

    assert [side for _kind, side in calls("low_face")] == (["mentee"] if is_said else [])


@pytest.mark.parametrize(("side", "ends"), [("mentee", True), ("mentor", False), ("guardian", False)])
def test_a_bad_face_ends_when_somebody_spoke_with_the_jeune(side, ends, met, spoken, refreshed, calls):
    met(-3, HELD, True, 1)

    spoken(side, now() + MINUTE)
    refreshed()

    assert (calls("low_face") == []) is ends


# Meetings missed.

STATES = [
    ("missed missed", True),
    ("missed", False),
    ("missed held", False),
    ("held missed", False),
    ("missed held missed", False),
    ("held missed missed", True),
    ("missed cancelled missed", True),  # what was called off is neither
    ("missed missed planned", True),
]


@pytest.mark.parametrize(("states", "is_said"), STATES)
def test_two_meetings_missed_in_a_row(states, is_said, met, refreshed, calls):
    for rank, state in enumerate(states.split()):
        met(3 * rank - 20, state=state)

    refreshed()

    assert [side for _kind, side in calls("two_missed")] == (["mentor"] if is_said else [])


def test_two_missed_end_when_somebody_was_spoken_with_and_begin_again(met, spoken, refreshed, calls):
    met(-9, state="missed")
    met(-6, state="missed")
    spoken("mentee", now() - 5 * DAY)
    refreshed()
    assert calls("two_missed") == []

    met(-2, state="missed")
    refreshed()

    assert kinds(calls("two_missed")) == ["two_missed"]


@pytest.mark.parametrize(
    ("answers", "kind", "state"),
    [({"Ça va ?": "bad", "Et ça ?": "good"}, "said_bad", "danger"), ({"Ça va ?": "watch", "Et ça ?": "bad"}, "said_bad", "danger"),
     ({"Ça va ?": "watch"}, "said_watch", "watch"), ({"Ça va ?": "good"}, None, None), ({}, None, None)],
)  # fmt: skip
@pytest.mark.parametrize("side", ["mentee", "mentor", "guardian"])
def test_what_somebody_answers_the_team_is_not_forgotten(spoken, calls, refreshed, answers, kind, state, side):
    spoken(side, now() - timedelta(days=2), answers={"Avant ?": "bad"})
    spoken(side, now() - timedelta(days=1), answers=answers)
    spoken(side, now(), reached=False)
    refreshed()

    said = [row for row in calls() if row[0] in {"said_bad", "said_watch"}]
    assert said == ([(kind, side)] if kind else [])
    assert state is None or kind in {"danger": rules.DANGER, "watch": rules.WATCH}[state]

    spoken(side, now() + timedelta(seconds=1))
    refreshed()
    assert not calls("said_bad")
    assert not calls("said_watch")
