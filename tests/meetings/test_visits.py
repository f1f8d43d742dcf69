"""Brothers and sisters met at once: logged for each, counted once; and meetings that cannot both have been held."""

import pytest

from app.database import now, uuid7
from app.meetings.queries import held_by_mentor
from tests import factories

from .situations import DAY, HOUR, a_meeting, brother, path, stored

HELD = {"outcome": "held", "length": "60"}


def log(meeting):
    return path(meeting, "/compte-rendu")


def visit(association, pair, planned):
    """A meeting of yesterday and, of the same visit when it was planned, a brother's; gives it and the brother's pair."""
    other = brother(association, pair)
    name = uuid7() if planned else None
    meeting = a_meeting(pair, -1, visit_id=name)
    if planned:
        a_meeting(other, starts_at=meeting.starts_at, visit_id=name)
    return meeting, other


@pytest.mark.parametrize("planned", [True, False])
def test_a_visit_is_logged_for_each_and_counts_once(planned, mentor, people, in_space, association):
    with in_space(association):
        meeting, other = visit(association, people.pair, planned)

    page = mentor.send(log(meeting), {"outcome": "held", "length": "90", "subjects": ["lessons"], "also": [str(other.id)]})

    assert page.status == 200
    with in_space(association):
        both = stored(people.pair, other)
        assert [(m.state, m.minutes, m.subjects) for m in both] == [("held", 90, ["lessons"])] * 2
        assert len({m.visit_id for m in both} - {None}) == 1
        held = held_by_mentor([people.mentor.id], now() - 9 * DAY, now())[people.mentor.id]
        assert (held.count, held.minutes) == (1, 90)


def test_the_same_visit_again_adds_nothing(mentor, people, in_space, association):
    with in_space(association):
        meeting, other = visit(association, people.pair, planned=False)

    for _time in range(2):
        mentor.send(log(meeting), {**HELD, "also": [str(other.id)]})

    with in_space(association):
        assert len(stored(people.pair, other)) == 2


def test_who_was_not_there_stays_planned(mentor, people, in_space, association):
    with in_space(association):
        meeting, other = visit(association, people.pair, planned=True)

    mentor.send(log(meeting), HELD)

    with in_space(association):
        assert {m.pair_id: m.state for m in stored(people.pair, other)} == {people.pair.id: "held", other.id: "planned"}


def test_a_planned_meeting_of_that_day_is_the_brothers(mentor, people, in_space, association):
    """The brother's was planned for another hour of the same day: it is that one which took place."""
    with in_space(association):
        meeting, other = visit(association, people.pair, planned=False)
        starts_at = meeting.starts_at
        day = factories.today() - DAY
        hour = 10 if starts_at.hour != 10 else 11
        a_meeting(other, starts_at=starts_at.replace(year=day.year, month=day.month, day=day.day, hour=hour, minute=1))

    mentor.send(log(meeting), {**HELD, "also": [str(other.id)]})

    with in_space(association):
        assert [m.state for m in stored(other)] == ["held"]


OVERLAPS = [("held", 45, True), ("held", 60, False), ("planned", 45, False), ("missed", 45, False), ("cancelled", 45, False)]


@pytest.mark.parametrize(("state", "later", "asked"), OVERLAPS)
def test_two_meetings_held_at_once_are_asked_about(state, later, asked, mentor, people, in_space, association):
    with in_space(association):
        meeting = a_meeting(people.pair)
        other = brother(association, people.pair)
        a_meeting(other, state=state, starts_at=meeting.starts_at + later * HOUR / 60)

    page = mentor.send(log(meeting), HELD)

    assert (page.status == 422, "Une autre séance est déjà notée à ce moment." in page.text) == (asked, asked)
    assert mentor.send(log(meeting), {**HELD, "anyway": "y"}).status == 200


def test_a_meeting_that_was_missed_overlaps_nothing(mentor, people, in_space, association):
    with in_space(association):
        meeting = a_meeting(people.pair)
        a_meeting(brother(association, people.pair), state="held", starts_at=meeting.starts_at)

    assert mentor.send(log(meeting), {"outcome": "missed"}).status == 200
