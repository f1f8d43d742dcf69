"""The links of the evening: one meeting, one side, two weeks, without signing in; forged, old and foreign ones lead nowhere."""

import re
from datetime import timedelta

import pytest

from app.accounts.links import mark_of, record_token
from app.database import uuid7
from app.extensions import db
from app.meetings.models import Confirmation, MeetingEvent
from app.pairs.models import Pair
from tests import factories

from .situations import DAY, HOUR, NOON, a_meeting, at, brother, since_long, stored

LOG, CONFIRM = "seance", "presence"
OVER = "Ce lien ne sert plus"
HELD = {"outcome": "held", "length": "60"}
YES = {"answer": "face4"}
KINDS = pytest.mark.parametrize(("kind", "side", "data"), [(LOG, "mentor", HELD), (CONFIRM, "mentee", YES)], ids=["log", "confirm"])


@pytest.fixture
def meeting(people, in_space, association):
    """A meeting of an hour, at noon on the 10th of March 2027."""
    with in_space(association):
        since_long(people.pair)
        return a_meeting(people.pair, starts_at=NOON)


@pytest.fixture(autouse=True)
def that_evening(meeting):
    """It is that evening."""
    with at(NOON + 8 * HOUR) as clock:
        yield clock


@pytest.fixture
def link(app, people, meeting):
    """The address that a letter carried; parts of it may be others'."""

    def make(kind, side, tenant_id=None, meeting_id=None, address=None, salt=None):
        with app.app_context():
            mark = mark_of(address or getattr(people, side).email)
            return f"/{kind}/{record_token(salt or kind, tenant_id or meeting.tenant_id, meeting_id or meeting.id, mark)}"

    return make


@pytest.fixture
def written(people, in_space, association):
    """What was written: the states of the pair's meetings, and what the jeune said."""

    def read():
        with in_space(association):
            said = [(c.was_held, c.face) for c in db.session.query(Confirmation)]
            return [m.state for m in stored(people.pair)], said

    return read


def test_the_letters_of_the_evening_carry_these_links(app, people, in_space, association, letters, client):
    from app.meetings.jobs import remind

    with app.app_context():
        remind.run(tenant_id=str(association.id))

    for letter in letters("reminder_evening"):
        (where,) = [
            word for word in letter.text.split() if word.startswith(("http://localhost/seance/", "http://localhost/presence/"))
        ]
        assert client.page(where.removeprefix("http://localhost")).status == 200
        assert ("/seance/" in where) is (letter.to_address == people.mentor.email)
    assert len(letters("reminder_evening")) == 2


def test_the_mentor_logs_in_one_tap_and_may_correct(client, link, written, people, in_space, association):
    page = client.page(link(LOG, "mentor"))
    assert page.heading == "Séance avec Inès, mercredi 10 mars"
    assert [field["value"] for field in page.soup.find_all("input", {"name": ("outcome", "length"), "checked": True})] == [
        "held",
        "60",
    ]

    page = client.send(link(LOG, "mentor"), HELD)
    assert page.flashes == ["C'est noté, merci."]
    assert "Cette séance est notée. Vous pouvez encore corriger." in page.text
    client.send(link(LOG, "mentor"), HELD)
    client.send(link(LOG, "mentor"), {"outcome": "missed"})

    assert written() == (["missed"], [])
    with in_space(association):
        events = db.session.query(MeetingEvent).order_by(MeetingEvent.created_at).all()
        assert [(event.what, event.user_id) for event in events] == [
            ("logged", people.mentor.user_id), ("corrected", people.mentor.user_id),
        ]  # fmt: skip


def test_the_jeune_answers_in_one_tap_and_the_last_answer_counts(client, link, written):
    page = client.page(link(CONFIRM, "mentee"))
    assert "L'association lit votre réponse ; Karim ne la voit pas." in page.text

    for answer in ("face4", "no", "yes", "face2"):
        page = client.send(link(CONFIRM, "mentee"), {"answer": answer})
        assert "Merci, c'est noté." in page.text

    assert written() == (["planned"], [(True, 2)])


def test_who_says_by_the_link_that_it_went_badly_reads_whom_to_call(client, link):
    page = client.send(link(CONFIRM, "mentee"), {"answer": "face1"})

    assert "Merci de l'avoir dit." in page.text
    assert [one["href"] for one in page.soup.main.find_all("a", href=re.compile("^(tel|sms):"))][-7:] == [
        "tel:119", "tel:3018", "tel:3114", "tel:17", "tel:15", "tel:112", "sms:114",
    ]  # fmt: skip
    assert not client.page(link(CONFIRM, "mentee")).soup.find("a", href="tel:119"), "a link in a mail shows nothing that was said"


@KINDS
@pytest.mark.parametrize(("later", "status"), [(timedelta(), 200), (timedelta(seconds=1), 404)])
def test_a_link_is_good_for_two_weeks_after_the_end(later, status, kind, side, data, client, link, that_evening, written):
    where = link(kind, side)
    that_evening.move_to(NOON + HOUR + 14 * DAY + later)

    assert client.page(where).status == status
    page = client.send(where, data)

    assert page.status == status
    assert (OVER in page.text) is (status == 404)
    assert (written() == (["planned"], [])) is (status == 404)


FORGED = [
    ("another meeting's", lambda link, meeting, kind, side: link(kind, side, meeting_id=uuid7())),
    ("another association's", lambda link, meeting, kind, side: link(kind, side, tenant_id=uuid7())),
    ("the other side's", lambda link, meeting, kind, side: link(kind, side, salt=CONFIRM if kind == LOG else LOG)),
    ("sent to an address that was wrong", lambda link, meeting, kind, side: link(kind, side, address="perdu@example.org")),
    ("cut", lambda link, meeting, kind, side: link(kind, side)[:-1]),
    ("lengthened", lambda link, meeting, kind, side: link(kind, side) + "A"),
    ("a bare id", lambda link, meeting, kind, side: f"/{kind}/{meeting.id}"),
    ("a calendar's", lambda link, meeting, kind, side: link(kind, side, salt="agenda")),
]


@KINDS
@pytest.mark.parametrize("forge", [case[1] for case in FORGED], ids=[case[0] for case in FORGED])
def test_no_other_link_opens_it(forge, kind, side, data, client, link, meeting, written):
    where = forge(link, meeting, kind, side)

    assert client.page(where).status == 404
    assert client.send(where, data).status == 404
    assert written() == (["planned"], [])


@KINDS
def test_it_opens_that_meeting_and_no_other_page(kind, side, data, app, link, meeting):
    browser = app.test_client()
    browser.page(link(kind, side))

    assert browser.page(f"/a/passerelle/rendez-vous/{meeting.id}").response.request.path == "/connexion"
    assert browser.get(f"/a/passerelle/rendez-vous/{meeting.id}/agenda").status_code in {302, 303}


@KINDS
def test_once_the_address_is_corrected_what_went_to_the_other_one_opens_nothing(
    kind, side, data, client, link, people, in_space, association
):
    where = link(kind, side)
    with in_space(association):
        getattr(db.session.get(Pair, (association.id, people.pair.id)), side).email = "juste@example.org"

    assert client.page(where).status == 404


@pytest.mark.parametrize(("kind", "side"), [(LOG, "mentor"), (CONFIRM, "mentee")])
def test_an_empty_answer_is_asked_again(kind, side, client, link, written):
    page = client.send(link(kind, side), {})

    assert (page.status, written()) == (422, (["planned"], []))


@KINDS
def test_a_meeting_that_was_moved_to_come_is_not_answered_yet(
    kind, side, data, client, link, people, in_space, association, written
):
    where = link(kind, side)
    with in_space(association):
        (meeting,) = stored(people.pair)
        meeting.starts_at = NOON + 9 * DAY

    assert client.send(where, data).status == 422
    assert written() == (["planned"], [])


def test_the_jeune_does_not_learn_there_what_the_mentor_said(client, link):
    before = client.page(link(CONFIRM, "mentee")).text
    for data in ({"outcome": "held", "length": "90"}, {"outcome": "missed"}, {"outcome": "cancelled"}):
        client.send(link(LOG, "mentor"), data)

        assert client.page(link(CONFIRM, "mentee")).text == before


@pytest.mark.parametrize("together", [True, False])
def test_a_brother_is_logged_too_when_they_were_to_be_met_at_once(together, client, link, people, in_space, association):
    with in_space(association):
        other, visit = brother(association, people.pair), uuid7()
        for meeting in (*stored(people.pair), a_meeting(other, starts_at=NOON)) if together else ():
            meeting.visit_id = visit

    page = client.send(link(LOG, "mentor"), {**HELD, "also": [str(other.id)]})

    assert page.status == (200 if together else 422)
    with in_space(association):
        assert {m.state for m in stored(people.pair, other)} == {"held" if together else "planned"}


def test_a_stranger_is_not_logged(client, link, in_space, association):
    with in_space(association):
        other = factories.mentee(association)

    assert client.send(link(LOG, "mentor"), {**HELD, "also": [str(other.id)]}).status == 422


def test_correcting_there_keeps_the_word_to_the_team_and_does_not_show_it(
    app, client, link, meeting, people, in_space, association
):
    mentor = app.test_client().sign_in(people.mentor.user_id)
    mentor.send(f"/a/passerelle/rendez-vous/{meeting.id}/compte-rendu", {**HELD, "note": "Elle va mieux."})

    assert "Elle va mieux." not in client.page(link(LOG, "mentor")).html
    client.send(link(LOG, "mentor"), {"outcome": "held", "length": "90", "note": ""})

    with in_space(association):
        (kept,) = stored(people.pair)
        assert (kept.minutes, kept.note) == (90, "Elle va mieux.")


@KINDS
def test_it_ends_with_the_file_of_whom_it_was_sent_to(kind, side, data, client, people, in_space, association, link, written):
    with in_space(association):
        db.session.get(type(getattr(people, side)), (association.id, getattr(people, side).id)).state = "withdrawn"

    assert client.page(link(kind, side)).heading == OVER
    assert client.send(link(kind, side), data).status == 404
    assert written() == (["planned"], [])


def test_what_was_logged_of_a_pair_that_is_over_stands(client, people, in_space, association, link, written):
    client.send(link(LOG, "mentor"), HELD)
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        pair.state, pair.closed_on, pair.closure_reason = "closed", NOON.date(), "planned"

    page = client.send(link(LOG, "mentor"), {"outcome": "missed", "length": "60"})

    assert (page.status, written()[0]) == (404, ["held"])
