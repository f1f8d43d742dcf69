"""A pair pauses: its meetings are called off, both are told, and it goes on by itself on the day that was said."""

import pytest

from app.extensions import db
from app.mail import Mail
from app.meetings.models import Meeting
from app.pairs import life
from app.pairs.counting import counts
from app.pairs.models import Pair, Pause
from app.pairs.settings import choose
from app.web import iso_day, local, today
from tests import factories
from tests.people.fixtures import day_ago

from .situations import again, closing_pair, days, letters_to, paris_today, plain, proposed, story, strike

PAUSED, RESUMED = "Votre binôme est en pause", "Votre binôme reprend"


@pytest.fixture
def path(people):
    return f"/a/passerelle/binomes/{people.pair.id}/pause"


@pytest.fixture
def resume(people):
    return f"/a/passerelle/binomes/{people.pair.id}/reprise"


@pytest.fixture
def meetings(association, in_space, people):
    """Meetings planned so many days from now; what became of each, in the order of their days."""

    def plan(*when, state="planned"):
        with in_space(association):
            for count in when:
                factories.meeting(people.pair, count, state)

        def read():
            with in_space(association):
                return [meeting.state for meeting in db.session.query(Meeting).order_by(Meeting.starts_at)]

        return read

    return plan


def test_a_pause_is_said_to_both_with_its_end(office, path, pair, association, in_space, people):
    page = office.send(path, {"reason": "Examens", "back_on": day_ago(-10)})

    assert page.flashes == ["Le binôme est en pause. Les deux sont prévenus."]
    assert (pair().state, pair(story)) == ("paused", ["paused"])
    with in_space(association):
        for person, other in ((people.mentor, "Inès"), (people.mentee, "Karim")):
            [mail] = db.session.query(Mail).filter_by(to_address=person.email, calendar=None)  # beside the ends of invitations
            words = plain(mail.text)
            assert f"Votre binôme avec {other} est en pause." in words
            assert f"Reprise prévue le {iso_day(day_ago(-10))}." in words
            assert "Examens" not in words


@pytest.mark.parametrize(("back_on", "said"), [(-10, True), (None, False)])
def test_each_reads_on_their_page_that_it_is_paused_and_until_when(app, office, path, people, back_on, said):
    day = day_ago(back_on) if back_on else ""
    office.send(path, {"reason": "Examens", "back_on": day})

    pages = {
        who: app.test_client().sign_in(getattr(people, who).user_id).page("/a/passerelle/").text for who in ("mentor", "mentee")
    }
    team = office.page(path.removesuffix("/pause")).text

    assert "en pause" in pages["mentor"]
    assert "Votre binôme avec Karim est en pause" in pages["mentee"]
    assert all("reprend le " in text for text in pages.values()) is said
    assert "Examens" in team
    assert ("jusqu'au" in team.split("En pause")[1][:80]) is said
    assert not any("Examens" in text for text in pages.values())


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"reason": ""}, ["À remplir."]),
        ({"back_on": day_ago(0)}, ["Indiquez une date à venir."]),
        ({"back_on": day_ago(3)}, ["Indiquez une date à venir."]),
        ({"reason": "a" * 201}, ["C'est trop long : 200 caractères au plus."]),
    ],
)
def test_a_pause_that_cannot_be_right_is_refused_at_its_field(office, path, pair, typed, errors):
    page = office.send(path, {"reason": "Examens", **typed})

    assert (page.status, page.errors) == (422, errors)
    assert pair().state == "active"


def test_meetings_planned_in_the_pause_are_called_off_and_no_other(office, path, meetings):
    read = meetings(-3, 2, 9, 10, 20)

    office.send(path, {"reason": "Examens", "back_on": day_ago(-10)})

    assert read() == ["planned", "cancelled", "cancelled", "planned", "planned"]


def test_without_an_end_every_meeting_to_come_is_called_off(office, path, meetings):
    read = meetings(-3, 2, 90)

    office.send(path, {"reason": "Examens"})

    assert read() == ["planned", "cancelled", "cancelled"]


@pytest.mark.parametrize(("when", "said"), [(5, True), (40, False)])
def test_both_read_that_meetings_are_called_off_when_some_are(office, path, meetings, association, in_space, people, when, said):
    meetings(when)

    office.send(path, {"reason": "Examens", "back_on": day_ago(-10)})

    with in_space(association):
        for person in (people.mentor, people.mentee):
            [mail] = db.session.query(Mail).filter_by(to_address=person.email, calendar=None)  # beside the ends of invitations
            assert ("Les rendez-vous prévus pendant la pause sont annulés." in plain(mail.text)) is said


def test_nothing_is_planned_during_a_pause(app, office, path, people):
    office.send(path, {"reason": "Examens"})

    page = app.test_client().sign_in(people.mentor.user_id).send(
        f"/a/passerelle/binomes/{people.pair.id}/rendez-vous/nouveau",
        {"day": day_ago(-3), "time": "17:00", "length": "60", "place": "remote", "where_remote": "https://x.example.org"},
    )  # fmt: skip

    assert page.status in {404, 422}
    assert "Rendez-vous prévu" not in " ".join(page.flashes)


def test_it_goes_on_by_itself_on_the_day_and_once(app, office, path, pair, association, in_space, people):
    office.send(path, {"reason": "Examens", "back_on": day_ago(-10)})
    seen = []
    for after in (9, 10, 10, 11):
        strike(app, association, paris_today() + days(after))
        seen.append(pair().state)

    assert seen == ["paused", "active", "active", "active"]
    assert pair(story) == ["paused", "resumed"]
    with in_space(association):
        [pause] = db.session.query(Pause)
        assert (pause.since, pause.until) == (paris_today(), paris_today() + days(10))
        assert letters_to(people.mentor.email) == [PAUSED, RESUMED]


def test_without_a_day_it_waits_for_the_team(app, office, path, resume, pair, association):
    office.send(path, {"reason": "Examens"})
    strike(app, association, paris_today() + days(400))
    waited = pair().state

    page = office.send(resume)

    assert (waited, pair().state) == ("paused", "active")
    assert page.flashes == ["La pause est terminée. Les deux sont prévenus."]


@pytest.mark.parametrize("hour", [7, 20])
def test_it_does_not_go_on_at_night(app, office, path, pair, association, hour):
    office.send(path, {"reason": "Examens", "back_on": day_ago(-10)})

    strike(app, association, paris_today() + days(10), hour)

    assert pair().state == "paused"


def test_pausing_twice_is_once(office, path, pair, association, in_space, people):
    for reason in ("Examens", "Voyage"):
        office.send(path, {"reason": reason})

    with in_space(association):
        assert [pause.reason for pause in db.session.query(Pause)] == ["Examens"]
        assert letters_to(people.mentor.email) == [PAUSED]
    assert pair(story) == ["paused"]


def test_resuming_twice_is_once(app, office, path, resume, pair, association, in_space, people):
    office.send(path, {"reason": "Examens"})
    for _time in range(2):
        office.send(resume)

    assert pair(story) == ["paused", "resumed"]
    with in_space(association):
        assert letters_to(people.mentee.email) == [PAUSED, RESUMED]


def test_a_pause_of_no_day_is_none(office, path, resume, association, in_space):
    office.send(path, {"reason": "Examens"})
    office.send(resume)

    with in_space(association):
        assert db.session.query(Pause).count() == 0


def test_two_pauses_follow_each_other(app, office, path, association, in_space):
    office.send(path, {"reason": "Examens", "back_on": day_ago(-10)})
    strike(app, association, paris_today() + days(10))
    office.send(path, {"reason": "Voyage", "back_on": day_ago(-20)})

    with in_space(association):
        pauses = {pause.reason: pause.until is None for pause in db.session.query(Pause)}
    assert pauses == {"Examens": False, "Voyage": True}


def test_a_pause_shows_on_the_page_and_the_story(office, path):
    page = office.send(path, {"reason": "Examens de juin"})

    for words in ("en pause", "Terminer la pause", "Mis en pause", "Examens de juin"):
        assert words in page.text
    assert page.soup.find("a", string="Mettre en pause") is None


@pytest.mark.parametrize("state", ["proposed", "closing", "closed"])
def test_only_a_pair_under_way_is_paused(office, association, in_space, people, state):
    with in_space(association):
        pair = proposed(association) if state == "proposed" else again(association, people.pair)
        if state != "proposed":
            closing_pair(association, pair)
        if state == "closed":
            pair.state, pair.closed_on = "closed", local(factories.now()).date()

    page = office.send(f"/a/passerelle/binomes/{pair.id}/pause", {"reason": "Examens"})

    assert (page.status, page.errors) == (422, ["Seul un binôme en cours peut être mis en pause."])
    with in_space(association):
        assert again(association, pair).state == state
        assert db.session.query(Pause).count() == 0


def test_a_closure_ends_the_pause(office, path, pair, association, in_space, people):
    with in_space(association):
        life.pause(again(association, people.pair), "Examens", None, factories.user().id)
        db.session.query(Pause).update({"since": local(factories.now()).date() - days(5)})
        closing_pair(association, people.pair)

        assert [pause.until for pause in db.session.query(Pause)] == [paris_today()]


def test_a_pause_does_not_ask_the_gate_again(office, path, resume, pair, association, in_space, people):
    office.send(path, {"reason": "Examens"})
    with in_space(association):
        again(association, people.pair).mentor.capacity = 0

    office.send(resume)

    assert pair().state == "active"


@pytest.mark.parametrize("address", ["pause", "reprise", "debut", "abandon", "reouverture", "referent"])
def test_a_pair_elsewhere_is_not_found(office, elsewhere, in_space, stored, address):
    with in_space(elsewhere):
        pair = factories.pair(factories.mentor(elsewhere, trained=True), factories.mentee(elsewhere))

    assert office.send(f"/a/passerelle/binomes/{pair.id}/{address}", {"reason": "x"}).status == 404
    assert stored(elsewhere, Pair)[0].state == "active"


def test_a_pause_that_should_have_ended_is_counted_as_long_as_it_lasts(association, in_space):
    with in_space(association):
        mentor, mentee = factories.mentor(association, trained=True), factories.mentee(association)
        pair = factories.pair(mentor, mentee, starts_on=today() - days(300))
        pair.state = "paused"
        db.session.add(Pause(pair_id=pair.id, since=today() - days(270), back_on=today() - days(240), reason="Stage"))
        choose(factories.user().id, deduct_silent=False)
        db.session.flush()

        counted = counts([pair], today())[pair.id]

        assert not counted.counts
        assert [part.until for part in counted.deducted] == [today()]
