"""A mentor moves a meeting: both are told, the history says from where, calendars follow; what is refused."""

from datetime import datetime

import pytest

from app.database import uuid7
from app.extensions import db
from app.meetings.models import Meeting, MeetingEvent
from app.pairs.life import pause
from app.pairs.models import Pair
from tests import factories

from .situations import PARIS, VIDEO, path, plain, soon, typed


@pytest.fixture
def meeting(in_space, association, people):
    """A meeting of next week, at 17:30 in Paris."""
    starts_at = datetime.combine(soon(7), datetime.min.time(), tzinfo=PARIS).replace(hour=17, minute=30)
    with in_space(association):
        return factories.meeting(people.pair, starts_at=starts_at)


@pytest.fixture
def again(in_space, association):
    """The meeting as it is stored, and what its history says."""

    def read(meeting):
        with in_space(association):
            events = db.session.query(MeetingEvent).filter_by(meeting_id=meeting.id).order_by(MeetingEvent.created_at).all()
            return db.session.get(Meeting, (association.id, meeting.id)), events

    return read


def moving(meeting):
    return path(meeting, "/deplacement")


def test_the_form_shows_what_is_planned(mentor, meeting):
    page = mentor.page(moving(meeting))

    assert page.heading.startswith("Déplacer le rendez-vous du ")
    assert (page.value("day"), page.value("time"), page.value("where_remote")) == (soon(7).isoformat(), "17:30", VIDEO)
    assert page.soup.find("input", {"name": "place", "checked": True})["value"] == "remote"


def test_both_are_told_each_with_what_moves_it_in_their_calendar(mentor, meeting, people, letters):
    page = mentor.send(moving(meeting), typed(soon(9), "18:00", word="Mon train a changé."))

    assert page.flashes == ["Le rendez-vous a changé. Inès reçoit un message."]
    moved = letters("meeting_moved")
    assert {letter.to_address for letter in moved} == {people.mentor.email, people.mentee.email}
    for letter in moved:
        assert ", à 17 h 30, est maintenant prévu" in plain(letter.text)
        assert "18 h" in plain(letter.text)
        assert "« Mon train a changé. »" in plain(letter.text)
        assert "METHOD:REQUEST" in letter.calendar
        assert "SEQUENCE:1" in letter.calendar


def test_the_history_keeps_where_and_when_it_was(mentor, meeting, people, again):
    before = meeting.starts_at

    mentor.send(moving(meeting), typed(soon(9), "18:00", length="90", place="association", where="Salle 3"))

    stored, (event,) = again(meeting)
    assert (stored.minutes, stored.place, stored.where, stored.sequence) == (90, "association", "Salle 3", 1)
    assert (event.what, event.user_id) == ("moved", people.mentor.user_id)
    assert datetime.fromisoformat(event.before["starts_at"]) == before
    assert (event.before["minutes"], event.before["place"], event.before["where"]) == (60, "remote", VIDEO)


def test_moving_to_where_it_is_changes_and_says_nothing(mentor, meeting, again, letters):
    mentor.send(moving(meeting), typed(soon(7)))

    stored, events = again(meeting)
    assert (stored.sequence, events, letters("meeting_moved")) == (0, [], [])


def test_the_same_move_twice_is_one(mentor, meeting, again, letters):
    for _time in range(2):
        mentor.send(moving(meeting), typed(soon(9)))

    stored, events = again(meeting)
    assert (stored.sequence, len(events), len(letters("meeting_moved"))) == (1, 1, 2)


@pytest.mark.parametrize(("change", "renewed"), [({"hour": "18:00"}, True), ({"place": "association"}, False)])
def test_another_time_makes_reminders_anew_and_another_place_does_not(change, renewed, mentor, meeting, again):
    mentor.send(moving(meeting), typed(soon(7), **change))

    stored, _events = again(meeting)
    assert (stored.set_at > meeting.set_at) is renewed


@pytest.mark.parametrize("state", ["held", "missed", "cancelled"])
def test_what_is_not_planned_any_more_is_not_moved(state, mentor, people, in_space, association, again, letters):
    with in_space(association):
        meeting = factories.meeting(people.pair, 7 if state == "cancelled" else -7, state)

    page = mentor.send(moving(meeting), typed(soon(9)))

    assert (page.status, page.errors) == (422, ["Ce rendez-vous n'est plus prévu : il a été annulé, ou il a eu lieu."])
    assert again(meeting)[0].starts_at == meeting.starts_at
    assert letters("meeting_moved") == []


REFUSED = [
    (-1, "Choisissez un moment à venir."),
    (-120, "Choisissez un moment à venir."),
    (400, "Cette date est à plus d'un an d'aujourd'hui : vérifiez l'année."),
]


@pytest.mark.parametrize(("days", "sentence"), REFUSED)
def test_a_day_that_cannot_be_is_said_at_its_field(days, sentence, mentor, meeting, again):
    page = mentor.send(moving(meeting), typed(soon(days)))

    assert (page.status, page.errors) == (422, [sentence])
    assert page.soup.find(id="day-erreur")
    assert again(meeting)[0].sequence == 0


def test_a_pair_that_paused_moves_nothing(mentor, meeting, people, in_space, association):
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        pause(pair, "exams", None, people.coordinator.user_id)

    assert mentor.send(moving(meeting), typed(soon(9))).status == 422


@pytest.mark.parametrize(("who", "status"), [("mentee", 403), ("coordinator", 403)])
def test_only_the_mentor_moves(who, status, app, people, meeting):
    client = app.test_client().sign_in(getattr(people, who).user_id)

    assert client.page(moving(meeting)).status == status
    assert client.send(moving(meeting), typed(soon(9))).status == status


def test_one_meeting_of_a_series_moves_alone(mentor, people, in_space, association):
    series = uuid7()
    with in_space(association):
        meetings = [factories.meeting(people.pair, 7 * week, series_id=series) for week in (1, 2, 3)]

    mentor.send(moving(meetings[1]), typed(soon(15)))

    with in_space(association):
        found = [db.session.get(Meeting, (association.id, meeting.id)) for meeting in meetings]
        assert [m.starts_at == known.starts_at for m, known in zip(found, meetings, strict=True)] == [True, False, True]
