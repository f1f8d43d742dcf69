"""Brothers and sisters met at once: logged for each, counted once; and meetings that cannot both have been held."""

import pytest

from app.accounts.links import mark_of, record_token
from app.database import now, uuid7
from app.meetings.queries import held_by_mentor
from tests import factories

from .situations import DAY, HOUR, PARIS, SPACE, a_meeting, brother, on_clock, path, plan_path, soon, stored, typed

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


def test_brothers_met_on_two_days_are_two_meetings_of_the_mentors_time(mentor, people, in_space, association):
    """Planned as one visit, one of the two was moved to another day."""
    with in_space(association):
        other = brother(association, people.pair)
    mentor.send(plan_path(people.pair), typed(soon(3), also=[str(other.id)]))
    with in_space(association):
        (meeting,) = stored(other)
    mentor.send(path(meeting, "/deplacement"), typed(soon(5)))
    with in_space(association):
        for one in stored(people.pair, other):
            one.state, one.first_logged_at = "held", now()
        held = held_by_mentor([people.mentor.id], now(), now() + 9 * DAY)[people.mentor.id]

    assert (held.count, held.minutes) == (2, 120)


@pytest.fixture
def clash(people, in_space, association):
    """A meeting of last week that is still to log, and a brother's that was held at the same moment."""
    with in_space(association):
        meeting = a_meeting(people.pair)
        a_meeting(brother(association, people.pair), state="held", starts_at=meeting.starts_at, first_logged_at=now())
    return meeting


def test_an_overlap_is_asked_about_by_the_link_of_the_evening_too(app, people, clash, association):
    with app.app_context():
        token = record_token("seance", association.id, clash.id, mark_of(people.mentor.email))

    page = app.test_client().send(f"/seance/{token}", HELD)

    assert (page.status, "Une autre séance est déjà notée à ce moment." in page.text) == (422, True)
    assert app.test_client().send(f"/seance/{token}", {**HELD, "anyway": "y"}).status == 200


@pytest.mark.parametrize("blank", [{"length": " "}, {"place": "\t"}])
def test_a_blank_is_no_length_nor_place(app, people, clash, association, blank):
    with app.app_context():
        token = record_token("seance", association.id, clash.id, mark_of(people.mentor.email))

    page = app.test_client().send(f"/seance/{token}", {**HELD, "anyway": "y", **blank})

    assert (page.status, len(page.errors)) == (422, 1)


def test_an_overlap_is_asked_about_in_the_month_too(mentor, clash):
    here = clash.starts_at.astimezone(PARIS)

    page = mentor.send(f"{SPACE}/seances/{here.year}/{here.month}", {f"outcome_{clash.id}": "held", f"minutes_{clash.id}": "60"})

    assert page.status == 422


def test_an_overlap_is_asked_about_of_what_was_not_planned_too(mentor, people, in_space, association):
    with in_space(association):
        starts_at = on_clock("Europe/Paris", soon(-2), "10:00")
        a_meeting(brother(association, people.pair), state="held", starts_at=starts_at, first_logged_at=now())
    where = f"{SPACE}/binomes/{people.pair.id}/seances/nouvelle"
    data = {**HELD, "place": "remote", "day": soon(-2).isoformat(), "time": "10:30"}

    assert mentor.send(where, data).status == 422
    assert mentor.send(where, {**data, "anyway": "y"}).status == 200
