"""Several meetings in one go: a series, a visit to brothers and sisters, or both; and what else stands at that moment."""

from datetime import date, datetime
from itertools import groupby

import pytest

from app.extensions import db
from app.meetings.models import MeetingEvent
from app.pairs.models import Pair
from tests import factories

from .situations import DAY, NOON, PARIS, SPACE, at, brother, path, plain, plan_path, since_long, stored, typed

FIRST = date(2027, 3, 12)


@pytest.fixture
def strangers(in_space, association):
    """A pair of somebody else."""
    with in_space(association):
        return factories.pair(factories.mentor(association, trained=True), factories.mentee(association))


@pytest.fixture(autouse=True)
def in_march(people, strangers, in_space, association):
    """It is noon in Paris, on the 10th of March 2027."""
    with in_space(association):
        since_long(people.pair)
    with at(NOON):
        yield


def series(every="1", until=date(2027, 4, 2), **changes):
    return typed(FIRST, every=every, until=until.isoformat() if until else "", **changes)


@pytest.fixture
def planned(people, in_space, association):
    """The moments of Paris of what is planned in the pair."""

    def read(*pairs):
        with in_space(association):
            return [m.starts_at.astimezone(PARIS) for m in stored(*(pairs or (people.pair,)))]

    return read


def test_a_series_is_planned_at_once_and_said_in_one_letter_to_each(mentor, people, planned, letters):
    page = mentor.send(plan_path(people.pair), series())

    assert page.flashes == ["4 rendez-vous sont notés. Inès reçoit un message."]
    assert planned() == [datetime(2027, month, day, 17, 30, tzinfo=PARIS) for month, day in ((3, 12), (3, 19), (3, 26), (4, 2))]
    for kind, who in (("meeting_planned", people.mentee), ("meeting_mine", people.mentor)):
        (letter,) = letters(kind)
        assert letter.to_address == who.email
        assert letter.calendar is None
        for day in ("vendredi 12 mars", "vendredi 19 mars", "vendredi 26 mars", "vendredi 2 avril"):
            assert f"{day}, à 17 h 30" in plain(letter.text)


def test_a_series_shares_a_name_and_each_meeting_has_its_history(mentor, people, in_space, association):
    mentor.send(plan_path(people.pair), series(every="2"))

    with in_space(association):
        meetings = stored(people.pair)
        assert len(meetings) == 2
        assert len({meeting.series_id for meeting in meetings} - {None}) == 1
        events = db.session.query(MeetingEvent).all()
        assert sorted((e.meeting_id, e.what, e.user_id) for e in events) == sorted(
            (m.id, "planned", people.mentor.user_id) for m in meetings
        )


def test_the_same_series_again_adds_nothing(mentor, people, planned, letters):
    for _time in range(2):
        mentor.send(plan_path(people.pair), series())

    assert len(planned()) == 4
    assert len(letters("meeting_planned")) == 1


def test_a_longer_series_adds_what_was_not_there(mentor, people, planned):
    mentor.send(plan_path(people.pair), series())
    mentor.send(plan_path(people.pair), series(until=date(2027, 4, 16)))

    assert [moment.day for moment in planned()] == [12, 19, 26, 2, 9, 16]


def test_holidays_of_the_jeunes_zone_are_skipped_when_asked(mentor, people, planned):
    """Spring holidays of 2027 in zone A: from 10 April to 26 April."""
    mentor.send(plan_path(people.pair), series(until=date(2027, 4, 30), skip="y"))

    days = [(moment.month, moment.day) for moment in planned()]
    assert {(4, 16), (4, 23)}.isdisjoint(days)
    assert {(3, 12), (4, 2), (4, 30)} <= set(days)


def test_a_series_in_holidays_alone_is_asked_again(mentor, people, planned):
    data = typed(date(2027, 7, 14), every="1", until="2027-07-28", skip="y")

    page = mentor.send(plan_path(people.pair), data)

    assert (page.status, page.errors) == (422, ["Toutes ces dates tombent pendant les vacances scolaires."])
    assert planned() == []


WRONG = [
    ("no end", None, "Indiquez jusqu'à quand."),
    ("the end before the first", date(2027, 3, 11), "Choisissez une date après la première, et dans l'année qui suit."),
    ("over a year", date(2028, 3, 14), "Choisissez une date après la première, et dans l'année qui suit."),
]


@pytest.mark.parametrize(("until", "sentence"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_series_has_an_end_within_a_year(until, sentence, mentor, people, planned):
    page = mentor.send(plan_path(people.pair), series(until=until))

    assert (page.status, page.errors) == (422, [sentence])
    assert planned() == []


def test_the_longest_series_is_of_53_meetings(mentor, people, planned):
    page = mentor.send(plan_path(people.pair), series(until=date(2028, 3, 12)))

    assert page.flashes[0].startswith("53 rendez-vous sont notés.")
    assert {(moment.hour, moment.minute, moment.weekday()) for moment in planned()} == {(17, 30, 4)}


def test_where_the_school_calendar_is_unknown_the_form_does_not_offer_to_skip(mentor, people, in_space, association):
    assert mentor.page(plan_path(people.pair)).soup.find("input", {"name": "skip"})
    with in_space(association):
        db.session.get(Pair, (association.id, people.pair.id)).mentee.departement_code = "974"

    assert mentor.page(plan_path(people.pair)).soup.find("input", {"name": "skip"}) is None


def test_brothers_are_met_at_once_and_each_is_told(mentor, people, in_space, association, letters):
    with in_space(association):
        other = brother(association, people.pair)

    page = mentor.send(plan_path(people.pair), series(also=[str(other.id)]))

    assert page.flashes == ["4 rendez-vous sont notés. Inès reçoit un message."]
    with in_space(association):
        visits = [list(group) for _key, group in groupby(stored(people.pair, other), key=lambda m: m.starts_at)]
        assert [len(visit) for visit in visits] == [2, 2, 2, 2]
        assert all(len({m.visit_id for m in visit} - {None}) == 1 for visit in visits)
        assert len({visit[0].visit_id for visit in visits}) == 4
    assert {letter.to_address for letter in letters("meeting_planned")} == {people.mentee.email, other.mentee.email}


def test_only_ones_own_open_pairs_are_met_at_once(mentor, people, strangers, in_space, association):
    with in_space(association):
        paused = brother(association, people.pair, "Nadia", state="paused")
        another = brother(association, people.pair, "Rayan")

    offered = [field["value"] for field in mentor.page(plan_path(people.pair)).soup.find_all("input", {"name": "also"})]

    assert offered == [str(another.id)]
    for pair in (paused, strangers):
        page = mentor.send(plan_path(people.pair), typed(FIRST, also=[str(pair.id)]))
        assert page.status == 422
        with in_space(association):
            assert stored(people.pair, pair) == []


CLASHES = [
    ("before it", "16:31", "60", True),
    ("just before it", "16:30", "60", False),
    ("the same moment", "17:30", "60", True),
    ("inside it", "17:45", "30", True),
    ("around it", "17:00", "120", True),
    ("just after it", "18:30", "60", False),
    ("at its last minute", "18:29", "60", True),
]


@pytest.mark.parametrize(("hour", "length", "asked"), [case[1:] for case in CLASHES], ids=[case[0] for case in CLASHES])
def test_a_meeting_at_the_moment_of_another_jeunes_is_asked_about(hour, length, asked, mentor, people, in_space, association):
    with in_space(association):
        other = brother(association, people.pair)
    mentor.send(plan_path(other), typed(FIRST))

    page = mentor.send(plan_path(people.pair), typed(FIRST, hour, length=length))

    assert (page.status == 422, "Un autre rendez-vous est prévu à ce moment." in page.errors) == (asked, asked)
    assert not asked or "Vendredi 12 mars, 17 h 30, avec Rayan (1 h)" in page.text
    with in_space(association):
        assert len(stored(people.pair)) == (0 if asked else 1)


def test_who_means_it_keeps_both(mentor, people, planned, in_space, association):
    with in_space(association):
        other = brother(association, people.pair)
    mentor.send(plan_path(other), typed(FIRST))

    page = mentor.send(plan_path(people.pair), typed(FIRST, "18:00", anyway="y"))

    assert page.flashes == ["Le rendez-vous est noté. Inès reçoit un message."]
    assert len(planned()) == 1


def test_each_meeting_of_a_series_is_looked_at(mentor, people, planned, in_space, association):
    with in_space(association):
        other = brother(association, people.pair)
    mentor.send(plan_path(other), typed(date(2027, 3, 26), "18:00"))

    page = mentor.send(plan_path(people.pair), series())

    assert page.errors == ["Un autre rendez-vous est prévu à ce moment."]
    assert planned() == []


@pytest.mark.parametrize("how", ["cancelled", "another mentor's"])
def test_what_does_not_take_place_or_is_somebody_elses_is_no_clash(how, mentor, people, strangers, in_space, association):
    with in_space(association):
        other, state = (brother(association, people.pair), "cancelled") if how == "cancelled" else (strangers, "planned")
        factories.meeting(db.session.merge(other), state=state, starts_at=datetime(2027, 3, 12, 17, 45, tzinfo=PARIS))

    assert mentor.send(plan_path(people.pair), typed(FIRST)).status == 200


def test_moving_asks_too_and_does_not_ask_about_itself(mentor, people, in_space, association):
    with in_space(association):
        other = brother(association, people.pair)
    mentor.send(plan_path(other), typed(FIRST))
    mentor.send(plan_path(people.pair), typed((NOON + 3 * DAY).date()))
    with in_space(association):
        (meeting,) = stored(people.pair)

    itself = mentor.send(path(meeting, "/deplacement"), typed((NOON + 3 * DAY).date(), "17:45"))
    clash = mentor.send(path(meeting, "/deplacement"), typed(FIRST, "18:00"))

    assert itself.status == 200
    assert clash.errors == ["Un autre rendez-vous est prévu à ce moment."]
    assert mentor.send(path(meeting, "/deplacement"), typed(FIRST, "18:00", anyway="y")).status == 200
    assert "18 h avec Inès" in mentor.page(f"{SPACE}/rendez-vous").text
