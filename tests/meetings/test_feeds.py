"""A secret address that a calendar program reads: what it gives, to whom, until when; and never more than the page does."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.links import record_token
from app.accounts.models import Membership
from app.database import now, uuid7
from app.extensions import db
from app.meetings.notice_models import CalendarFeed
from app.meetings.settings import choose
from app.pairs.models import Pair
from app.people.models import Mentor
from tests import factories

from .calendars import read
from .situations import SPACE, VIDEO, a_meeting, brother, path, plan_path, soon, typed

ADDRESS = re.compile(r"http://localhost/agenda/[A-Za-z0-9_.\-]+\.ics")


@pytest.fixture
def subscribed(app, people):
    """Open an address as somebody, and give its path."""

    def open_one(side):
        browser = app.test_client().sign_in(getattr(people, side).user_id)
        page = browser.send(f"{SPACE}/mon-agenda")
        assert ADDRESS.fullmatch(page.soup.find(id="adresse")["value"])
        return page.soup.find(id="adresse")["value"].removeprefix("http://localhost")

    return open_one


@pytest.fixture
def feed(client):
    """What a calendar program reads at an address."""

    def fetch(where):
        response = client.get(where)
        assert (response.status_code, response.content_type) == (200, "text/calendar; charset=utf-8")
        return read(response.data)[1]

    return fetch


SIDES = pytest.mark.parametrize("side", ["mentor", "mentee"])


@SIDES
def test_it_follows_a_meeting_through_its_life(side, mentor, people, subscribed, feed, in_space, association):
    where = subscribed(side)
    assert feed(where) == []

    mentor.send(plan_path(people.pair), typed(soon(7)))
    (planned,) = feed(where)
    meeting_id = planned.uid.partition("@")[0]
    mentor.send(f"{SPACE}/rendez-vous/{meeting_id}/deplacement", typed(soon(8), "18:00"))
    (moved,) = feed(where)
    mentor.send(f"{SPACE}/rendez-vous/{meeting_id}/annulation", {"word": "Malade"})
    (cancelled,) = feed(where)

    assert planned.uid == moved.uid == cancelled.uid
    assert (planned.sequence, moved.sequence, cancelled.sequence) == (0, 1, 2)
    assert (planned.status, moved.status, cancelled.status) == ("CONFIRMED", "CONFIRMED", "CANCELLED")
    assert planned.starts_at < moved.starts_at == cancelled.starts_at


@SIDES
def test_it_is_the_same_meeting_as_in_the_invitation(side, mentor, people, subscribed, feed, letters):
    mentor.send(plan_path(people.pair), typed(soon(7)))

    (letter,) = letters("meeting_planned" if side == "mentee" else "meeting_mine")

    assert feed(subscribed(side)) == read(letter.calendar)[1]


def test_a_mentor_of_several_reads_all_and_each_jeune_their_own(people, subscribed, feed, in_space, association):
    with in_space(association):
        other = brother(association, people.pair)
        for days, pair in ((3, people.pair), (4, other), (-3, people.pair)):
            a_meeting(pair, days)

    assert sorted(event.summary for event in feed(subscribed("mentor"))) == ["Mentorat avec Inès"] * 2 + ["Mentorat avec Rayan"]
    assert [event.summary for event in feed(subscribed("mentee"))] == ["Mentorat avec Karim"] * 2


@SIDES
def test_it_shows_of_the_other_at_most_what_the_page_does(side, app, people, subscribed, client, in_space, association):
    with in_space(association):
        meeting = a_meeting(people.pair, 7, note="Il boite un peu.", subjects=["cv"])
    text = client.get(subscribed(side)).get_data(as_text=True).replace("\r\n ", "")
    page = app.test_client().sign_in(getattr(people, side).user_id).page(path(meeting))

    other = people.mentee if side == "mentor" else people.mentor
    for word in (other.last_name, other.email, other.phone, other.commune_name, "Il boite", "CV"):
        assert word not in text
    assert (VIDEO in text, VIDEO in page.html) == (True, True)
    names = {line.partition(":")[0].partition(";")[0] for line in text.splitlines()}
    assert names <= {
        "BEGIN", "END", "PRODID", "VERSION", "METHOD", "NAME", "X-WR-CALNAME", "REFRESH-INTERVAL", "TZID", "TZNAME", "TZOFFSETFROM",
        "TZOFFSETTO", "RRULE", "RDATE", "COMMENT", "SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "SEQUENCE", "LAST-MODIFIED",
        "LOCATION", "STATUS", "URL",
    }  # fmt: skip


LOGGED = [{"outcome": "held", "length": "120"}, {"outcome": "missed"}, {"outcome": "cancelled"}]


@pytest.mark.parametrize("data", LOGGED, ids=["held", "missed", "cancelled"])
def test_what_the_mentor_logs_changes_nothing_in_the_jeunes_calendar(data, mentor, people, subscribed, feed, in_space, association):
    with in_space(association):
        meeting = a_meeting(people.pair)
    where = subscribed("mentee")
    before = feed(where)

    mentor.send(path(meeting, "/compte-rendu"), data)

    assert feed(where) == before


def test_there_is_none_until_somebody_wants_one(mentor):
    page = mentor.page(f"{SPACE}/rappels")

    assert page.soup.find(id="adresse") is None
    assert page.soup.find("button", string="Créer mon adresse")


def test_another_address_ends_the_one_before(subscribed, client):
    old, new = subscribed("mentor"), subscribed("mentor")

    assert old != new
    assert [client.get(where).status_code for where in (old, new)] == [404, 200]


def test_an_address_that_was_taken_back_reads_nothing(mentor, subscribed, client):
    where = subscribed("mentor")

    page = mentor.send(f"{SPACE}/mon-agenda/fin")

    assert page.flashes == ["L'adresse ne donne plus rien."]
    assert client.get(where).status_code == 404
    assert page.soup.find(id="adresse") is None
    assert mentor.send(f"{SPACE}/mon-agenda/fin").status == 200  # twice is once


@SIDES
def test_who_left_the_space_reads_nothing(side, people, subscribed, client, in_space, association):
    where = subscribed(side)
    with in_space(association):
        membership = select(Membership).where(Membership.user_id == getattr(people, side).user_id)
        db.session.scalars(membership).one().ended_at = now()

    assert client.get(where).status_code == 404


@SIDES
def test_ending_ones_other_sessions_ends_the_address_that_was_copied(side, app, people, subscribed, client, feed):
    """Whoever held an open session for a minute would go on reading where a minor is met."""
    where, browser = subscribed(side), app.test_client().sign_in(getattr(people, side).user_id)

    browser.send("/compte/sessions/fin")
    another = browser.page(f"{SPACE}/rappels").soup.find(id="adresse")["value"].removeprefix("http://localhost")

    assert client.get(where).status_code == 404
    assert feed(another) == []


FORGED = [
    ("nothing", lambda _token, _row: "x"),
    ("cut", lambda token, _row: token[:-6] + ".ics"),
    ("changed", lambda token, _row: ("A" if token[0] != "A" else "B") + token[1:]),
    ("of another kind", lambda _token, row: record_token("seance", row.tenant_id, row.id)),
    ("of no account", lambda _token, row: record_token("agenda", row.tenant_id, row.id)),
    ("of nobody", lambda _token, row: record_token("agenda", row.tenant_id, uuid7())),
    ("of no space", lambda _token, row: record_token("agenda", uuid7(), row.id)),
]


@pytest.mark.parametrize("forge", [case[1] for case in FORGED], ids=[case[0] for case in FORGED])
def test_no_other_address_reads_anything(forge, app, subscribed, client, in_space, association):
    where = subscribed("mentor")
    with in_space(association):
        row = db.session.scalars(select(CalendarFeed)).one()
        address = forge(where.removeprefix("/agenda/"), row)

    assert client.get(f"/agenda/{address}").status_code == 404


def test_a_calendar_of_another_association_is_not_read_through_ours(subscribed, client, in_space, elsewhere, people):
    with in_space(elsewhere):
        mentor = factories.mentor(elsewhere, trained=True)
        a_meeting(factories.pair(mentor, factories.mentee(elsewhere, first_name="Zoé")), 3)

    assert "Zoé" not in client.get(subscribed("mentor")).get_data(as_text=True)


def test_a_room_of_the_associations_server_is_in_it(mentor, people, subscribed, feed, in_space, association):
    with in_space(association):
        choose(people.admin.user_id, video_server="https://visio.example.org")
    mentor.send(plan_path(people.pair), typed(soon(7), where=""))

    (event,) = feed(subscribed("mentee"))

    assert event.location.startswith("https://visio.example.org/binome-")


def test_staff_have_no_calendar_of_their_own(coordinator):
    assert coordinator.page(f"{SPACE}/rappels").status == 403
    assert coordinator.send(f"{SPACE}/mon-agenda").status == 403


def test_forty_meetings_ask_no_more_of_the_database_than_one(mentor, people, subscribed, feed, statements, in_space, association):
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        first = factories.meeting(pair, 3).starts_at
    where = subscribed("mentor")
    with statements() as one:
        feed(where)
    with in_space(association):
        for rank in range(1, 40):
            a_meeting(people.pair, starts_at=first + timedelta(hours=2 * rank))

    with statements() as many:
        assert len(feed(where)) == 40

    assert len(many) == len(one)


def test_who_mentors_here_and_is_mentored_there_reads_both(app, people, subscribed, feed, in_space, association):
    """One account, two files: in each meeting it is the other one who is named."""
    with in_space(association):
        both = factories.mentor(association, trained=True, account=False)
        both.user_id = people.mentee.user_id
        a_meeting(factories.pair(both, factories.mentee(association, first_name="Nadia")), 4)
        a_meeting(people.pair, 3)

    assert [event.summary for event in feed(subscribed("mentee"))] == ["Mentorat avec Karim", "Mentorat avec Nadia"]


def test_a_mentor_who_left_reads_their_meetings_no_more_whatever_else_they_are_here(
    mentor, people, subscribed, client, in_space, association
):
    """Their account is a jeune's too: the place keeps the address open, and nothing of the pair is in it."""
    where = subscribed("mentor")
    with in_space(association):
        a_meeting(people.pair, starts_at=now() - timedelta(days=3), state="held", place="home", where="12 rue des Lilas")
        young = factories.mentee(association, account=False)
        young.user_id = people.mentor.user_id
        factories.place(association.id, people.mentor.user_id, "jeune")
    assert b"rue des Lilas" in client.get(where).data

    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        pair.state, pair.closed_on = "closed", factories.today()
    assert b"rue des Lilas" not in client.get(where).data, "nobody goes there any more"

    with in_space(association):
        db.session.get(Mentor, (association.id, people.mentor.id)).state = "withdrawn"
    assert b"BEGIN:VEVENT" not in client.get(where).data
