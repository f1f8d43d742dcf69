"""The jeune calls a meeting off too; the mentor the rest of a series; each is told, and calendars let it go."""

from datetime import timedelta

import pytest

from app.database import now, uuid7
from app.extensions import db
from app.meetings.models import Meeting, MeetingEvent
from app.pairs.life import pause
from app.pairs.models import Pair
from app.web import today
from tests import factories

from .situations import path, plain


@pytest.fixture
def meeting(in_space, association, people):
    """A meeting of next week."""
    with in_space(association):
        return factories.meeting(people.pair, 7)


@pytest.fixture
def series(in_space, association, people):
    """Four weekly meetings: the first was held, three are to come."""
    with in_space(association):
        name = uuid7()
        states = ((-7, "held"), (7, "planned"), (14, "planned"), (21, "planned"))
        return [factories.meeting(people.pair, days, state, series_id=name) for days, state in states]


@pytest.fixture
def states(in_space, association):
    """The states of meetings as they are stored."""

    def read(meetings):
        with in_space(association):
            return [db.session.get(Meeting, (association.id, meeting.id)).state for meeting in meetings]

    return read


def off(meeting):
    return path(meeting, "/annulation")


def test_the_jeune_who_cannot_come_says_so_with_a_word(jeune, mentor, meeting, letters, people):
    page = jeune.page(off(meeting))
    assert "Karim lira ce mot" in page.text
    assert page.soup.find("a", string="Plutôt demander un autre moment")
    assert page.soup.find("input", {"name": "rest"}) is None

    page = jeune.send(off(meeting), {"word": "J'ai un examen."})

    assert page.flashes == ["Le rendez-vous est annulé. Karim reçoit un message."]
    (letter,) = letters("meeting_cancelled")
    assert letter.to_address == people.mentor.email
    assert "Annulé par Inès." in letter.text
    (mine,) = letters("meeting_mine")
    assert "Annulé par" not in mine.text
    assert "« J'ai un examen. »" in plain(letter.text)
    assert "J'ai un examen." in mentor.page(path(meeting)).text


@pytest.mark.parametrize(("who", "other"), [("mentor", "mentee"), ("mentee", "mentor")])
def test_both_calendars_let_it_go(who, other, app, meeting, letters, people):
    app.test_client().sign_in(getattr(people, who).user_id).send(off(meeting), {"word": "Désolé"})

    told, mine = letters("meeting_cancelled"), letters("meeting_mine")
    assert [letter.to_address for letter in told] == [getattr(people, other).email]
    assert [letter.to_address for letter in mine] == [getattr(people, who).email]
    for letter in (*told, *mine):
        assert "METHOD:CANCEL" in letter.calendar
        assert f"UID:{meeting.id}@passerelle.binome" in letter.calendar.replace("\r\n ", "")
        assert "SEQUENCE:1" in letter.calendar


def test_the_history_says_who(jeune, meeting, people, in_space, association):
    jeune.send(off(meeting))

    with in_space(association):
        (event,) = db.session.query(MeetingEvent).all()
        assert (event.what, event.user_id) == ("cancelled", people.mentee.user_id)


def test_the_rest_of_a_series_is_called_off_from_one_on(mentor, series, states):
    page = mentor.send(off(series[2]), {"rest": "y", "word": "Je déménage."})

    assert page.flashes == ["2 rendez-vous sont annulés. Inès reçoit un message."]
    assert states(series) == ["held", "planned", "cancelled", "cancelled"]


def test_the_rest_of_a_series_is_called_off_in_one_letter_to_each(mentor, series, letters, people):
    mentor.send(off(series[1]), {"rest": "y", "word": "Je déménage."})

    (told,), (mine,) = letters("meeting_cancelled"), letters("meeting_mine")
    assert (told.to_address, mine.to_address) == (people.mentee.email, people.mentor.email)
    assert "« Je déménage. »" in plain(told.text)


def test_without_the_box_one_alone_is_called_off(mentor, series, states):
    assert mentor.page(off(series[1])).soup.find("input", {"name": "rest"})

    mentor.send(off(series[1]))

    assert states(series) == ["held", "cancelled", "planned", "planned"]


def test_a_jeune_calls_off_one_at_a_time_whatever_is_sent(jeune, series, states):
    jeune.send(off(series[1]), {"rest": "y"})

    assert states(series) == ["held", "cancelled", "planned", "planned"]


def test_a_series_of_brothers_is_two_series(mentor, series, people, states, in_space, association):
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        pair.mentor.capacity = 5
        db.session.flush()
        other = factories.pair(pair.mentor, factories.mentee(association, first_name="Rayan"))
        twins = [factories.meeting(other, days, series_id=series[0].series_id) for days in (7, 14)]

    mentor.send(off(series[1]), {"rest": "y"})

    assert states(twins) == ["planned", "planned"]


def test_a_meeting_without_a_series_has_no_rest(mentor, meeting, states):
    assert mentor.page(off(meeting)).soup.find("input", {"name": "rest"}) is None

    assert mentor.send(off(meeting), {"rest": "y"}).flashes == ["Le rendez-vous est annulé. Inès reçoit un message."]
    assert states([meeting]) == ["cancelled"]


PAUSES = [(timedelta(days=10), ["cancelled", "planned", "planned"]), (None, ["cancelled", "cancelled", "cancelled"])]


@pytest.mark.parametrize(("length", "expected"), PAUSES)
def test_a_pause_calls_off_what_falls_in_it_and_no_more(length, expected, series, states, people, in_space, association, letters):
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        pause(pair, "exams", today() + length if length else None, people.coordinator.user_id)

    assert states(series) == ["held", *expected]
    assert letters("meeting_cancelled") == []


@pytest.mark.parametrize("who", ["coordinator", "stranger"])
def test_nobody_else_calls_off(who, app, people, meeting, states, in_space, association):
    with in_space(association):
        user_id = people.coordinator.user_id if who == "coordinator" else factories.mentor(association).user_id

    page = app.test_client().sign_in(user_id).send(off(meeting), {"word": "x"})

    assert page.status == (403 if who == "coordinator" else 404)
    assert states([meeting]) == ["planned"]


def test_a_meeting_that_the_jeune_called_off_cannot_be_confirmed(jeune, people, in_space, association):
    with in_space(association):
        meeting = factories.meeting(people.pair, -2, "cancelled", logged_at=now())

    page = jeune.send(path(meeting, "/confirmation"), {"answer": "yes"})

    assert (page.status, "Ce rendez-vous a été annulé." in page.text) == (422, True)
