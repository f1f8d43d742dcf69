"""A guardian who was told that their child goes out is told that they do not, and when it is all over."""

import pytest

from app.extensions import db
from app.meetings.actions import Spot, move, plan, plan_all
from app.meetings.calling_off import cancel_rest
from app.meetings.models import Meeting
from app.pairs import life
from app.pairs.closing import close_pair
from app.web import today
from tests import factories
from tests.pairs.situations import proposed

from .situations import situation

ADDRESS = "nadege@example.org"
HERE = Spot(60, "association", "12 rue des Écoles")


@pytest.fixture(autouse=True)
def minor(change):
    change("mentee", birth_date=factories.birth_date(16), guardian_name="Nadège Parent", guardian_email=ADDRESS)


@pytest.fixture
def read(in_space, association, people, letters):
    """Do something of the pair, after four weekly meetings were planned; give what the guardian read of it."""

    def act(what, spot=HERE, times=4):
        with in_space(association):
            pair = situation(association, people.pair)
            factories.authorisation(pair.mentee, "participation")
            starts = [factories.noon(3 + 7 * week) for week in range(times)]
            planned = plan_all([pair], starts, spot, pair.mentor.user_id)
        before = len(letters(to=ADDRESS))
        with in_space(association):
            what(situation(association, people.pair), [meeting.id for meeting in planned])
        return [letter.text for letter in letters(to=ADDRESS)[before:]]

    return act


def meetings_of(pair, ids):
    return [db.session.get(Meeting, (pair.tenant_id, one)) for one in ids]


def test_a_series_is_told_whole(read, letters):
    read(lambda _pair, _ids: None)

    [letter] = letters(to=ADDRESS)
    assert letter.subject == "Des rendez-vous d'Inès sont prévus"
    assert "Des rendez-vous d'Inès avec son mentor sont prévus" in letter.text
    assert letter.text.count("à ") >= 4


@pytest.mark.parametrize("end", ["pause", "closure", "mistake"])
def test_a_series_that_is_called_off_is_told_whole(read, people, end):
    by = people.coordinator.user_id
    ends = {
        "pause": lambda pair, _ids: life.pause(pair, "Examens", None, by),
        "closure": lambda pair, _ids: close_pair(pair, today(), "planned", None, by),
        "mistake": lambda pair, _ids: life.undo(pair, by),
    }
    told = "\n".join(read(ends[end]))

    assert "Ces rendez-vous d'Inès avec son mentor n'auront pas lieu" in told
    assert ("L'accompagnement d'Inès par son mentor s'est terminé le" in told) is (end == "closure")
    assert ("que nous vous avions annoncé, n'a pas lieu" in told) is (end == "mistake")


def test_the_rest_of_a_series_is_told_whole(read, people):
    [told] = read(lambda pair, ids: cancel_rest(meetings_of(pair, ids)[1], "", people.mentor.user_id))

    assert "n'auront pas lieu" in told
    assert told.count(" à ") >= 3


def test_a_meeting_that_becomes_remote_is_told(read, people):
    def act(pair, ids):
        [meeting] = meetings_of(pair, ids)
        move(meeting, meeting.starts_at, Spot(60, "remote", "https://visio.example.org/x"), "", people.mentor.user_id)

    [told] = read(act, times=1)

    assert "se fera à distance" in told


def test_what_was_at_a_distance_is_not_told(read, people):
    assert read(lambda pair, _ids: life.pause(pair, "Examens", None, people.coordinator.user_id), Spot(60, "remote", "")) == []


def test_a_pair_that_goes_on_after_all_is_told(read, people):
    def act(pair, _ids):
        close_pair(pair, today(), "planned", None, people.coordinator.user_id)
        life.reopen(pair, people.coordinator.user_id)

    assert "L'accompagnement d'Inès par son mentor continue." in read(act)[-1]


def test_what_had_not_begun_does_not_end(in_space, association, letters, change):
    with in_space(association):
        mentee = factories.mentee(association, 16, guardian_name="Nadège Parent", guardian_email=ADDRESS)
        factories.authorisation(mentee)
        life.drop(proposed(association, mentee=mentee), "staff")

    assert [letter for letter in letters(to=ADDRESS) if "accompagnement" in letter.text] == []


def test_one_meeting_is_told_alone(in_space, association, people, letters):
    with in_space(association):
        pair = situation(association, people.pair)
        factories.authorisation(pair.mentee, "participation")
        plan(pair, factories.noon(3), 60, "association", "12 rue des Écoles", by=pair.mentor.user_id)

    [told] = letters(to=ADDRESS)
    assert "Un rendez-vous d'Inès avec son mentor est prévu" in told.text
