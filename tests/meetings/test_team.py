"""The team moves a pair's meeting, or calls it off, when somebody rings: both are told; what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from app.database import now, uuid7
from app.extensions import db
from app.meetings.models import Meeting, MeetingEvent
from app.meetings.notice_models import NoticeRefusal
from app.pairs.models import Pair
from tests import factories

from .situations import PARIS, SPACE, VIDEO, brother, plain, soon, typed

BEGUN = "Ce rendez-vous a déjà commencé : dites plutôt comment il s'est passé."


@pytest.fixture
def meeting(in_space, association, people):
    """A meeting of next week, at 17:30 in Paris."""
    starts_at = datetime.combine(soon(7), datetime.min.time(), tzinfo=PARIS).replace(hour=17, minute=30)
    with in_space(association):
        return factories.meeting(people.pair, starts_at=starts_at)


def path(meeting, page):
    return f"{SPACE}/binomes/{meeting.pair_id}/rendez-vous/{meeting.id}/{page}"


def read(in_space, association, meeting):
    """The meeting as it is stored, and who did what to it."""
    with in_space(association):
        events = db.session.query(MeetingEvent).filter_by(meeting_id=meeting.id).order_by(MeetingEvent.created_at)
        return db.session.get(Meeting, (association.id, meeting.id)), [(event.what, event.user_id) for event in events]


def test_the_pair_s_page_leads_there(coordinator, meeting):
    page = coordinator.page(f"{SPACE}/binomes/{meeting.pair_id}")

    for name, target in (("Déplacer", "deplacement"), ("Annuler", "annulation")):
        assert page.soup.find("a", string=name, href=path(meeting, target))


def test_both_are_told_that_it_moves(coordinator, meeting, people, letters, in_space, association):
    shown = coordinator.page(path(meeting, "deplacement"))
    assert (shown.value("day"), shown.value("time"), shown.value("where_remote")) == (soon(7).isoformat(), "17:30", VIDEO)
    assert "L'heure est celle de Karim." in shown.text

    page = coordinator.send(path(meeting, "deplacement"), typed(soon(9), "18:00", word="Karim est malade."))

    assert page.flashes == ["Le rendez-vous a changé. Les deux reçoivent un message."]
    assert {letter.to_address for letter in letters("meeting_moved")} == {people.mentor.email, people.mentee.email}
    assert all("« Karim est malade. »" in plain(letter.text) for letter in letters("meeting_moved"))
    stored, events = read(in_space, association, meeting)
    assert (stored.starts_at.astimezone(PARIS).hour, events) == (18, [("moved", people.coordinator.user_id)])


def test_both_are_told_that_it_is_called_off_even_who_refuses_letters_about_their_own_acts(
    coordinator, meeting, people, letters, in_space, association
):
    with in_space(association):
        db.session.add_all(NoticeRefusal(user_id=person.user_id, kind="meeting_mine") for person in (people.mentor, people.mentee))

    page = coordinator.send(path(meeting, "annulation"), {"word": "Karim est malade."})

    assert page.flashes == ["Le rendez-vous est annulé. Les deux reçoivent un message."]
    assert {letter.to_address for letter in letters("meeting_cancelled")} == {people.mentor.email, people.mentee.email}
    assert all("METHOD:CANCEL" in letter.calendar for letter in letters("meeting_cancelled"))
    stored, events = read(in_space, association, meeting)
    assert (stored.state, stored.cancel_word, events) == (
        "cancelled", "Karim est malade.", [("cancelled", people.coordinator.user_id)]
    )  # fmt: skip


def test_the_rest_of_a_series_goes_with_it(coordinator, people, in_space, association, letters):
    series = uuid7()
    with in_space(association):
        rows = [factories.meeting(people.pair, days=days, series_id=series) for days in (7, 14, 21)]

    page = coordinator.send(path(rows[1], "annulation"), {"rest": "1"})

    assert page.flashes == ["2 rendez-vous sont annulés. Les deux reçoivent un message."]
    assert [read(in_space, association, row)[0].state for row in rows] == ["planned", "cancelled", "cancelled"]
    assert len(letters("meeting_cancelled")) == 2


def test_another_meeting_at_the_same_time_is_asked_about(coordinator, meeting, people, in_space, association):
    with in_space(association):
        other = brother(association, people.pair)
        starts_at = datetime.combine(soon(9), datetime.min.time(), tzinfo=PARIS).replace(hour=18)
        factories.meeting(other, starts_at=starts_at)

    asked = coordinator.send(path(meeting, "deplacement"), typed(soon(9), "18:15"))
    sure = coordinator.send(path(meeting, "deplacement"), typed(soon(9), "18:15", anyway="1"))

    assert asked.errors == ["Un autre rendez-vous est prévu à ce moment."]
    assert sure.flashes == ["Le rendez-vous a changé. Les deux reçoivent un message."]


@pytest.mark.parametrize("sent", [typed(soon(-2)), typed(soon(5), place="home", where="")], ids=["past", "home"])
def test_it_moves_to_no_moment_that_is_past_nor_home_without_an_agreement(sent, coordinator, meeting, in_space, association):
    answer = coordinator.send(path(meeting, "deplacement"), sent)

    assert (answer.status, len(answer.errors)) == (422, 1)
    assert read(in_space, association, meeting)[0].starts_at == meeting.starts_at


def test_what_has_begun_is_not_called_off(coordinator, people, in_space, association):
    with in_space(association):
        begun = factories.meeting(people.pair, starts_at=now() - timedelta(minutes=5))

    assert coordinator.send(path(begun, "annulation"), {}).errors == [BEGUN]


def test_nobody_else_does_it(app, client, mentor, coordinator, meeting, people, in_space, association):
    for who in (mentor, app.test_client().sign_in(people.mentee.user_id)):
        assert who.get(path(meeting, "annulation")).status_code == 403
    with in_space(association):
        other = brother(association, people.pair)
        db.session.get(Pair, (association.id, meeting.pair_id)).mentor.user_id = people.coordinator.user_id
    assert coordinator.get(f"{SPACE}/binomes/{other.id}/rendez-vous/{meeting.id}/annulation").status_code == 404
    assert coordinator.get(path(meeting, "annulation")).status_code == 404  # their own pair


def test_what_nobody_logged_is_listed_with_whom_to_ask(coordinator, people, in_space, association):
    with in_space(association):
        past = factories.meeting(people.pair, -2)
        factories.meeting(people.pair, -9, "held")
        factories.meeting(people.pair, 2)
        db.session.get(Pair, (association.id, people.pair.id)).mentor.phone = "+33612345678"

    page = coordinator.page(f"{SPACE}/rendez-vous/a-noter")

    [row] = page.soup.select(".rows li")
    assert row.find("a", string="Noter à sa place")["href"] == f"{SPACE}/binomes/{past.pair_id}/seances/{past.id}?liste=1"
    assert row.find("a", href="tel:+33612345678")
    home = coordinator.page(f"{SPACE}/?tous=1")
    assert home.soup.find("a", href=f"{SPACE}/rendez-vous/a-noter")


def test_when_all_is_logged_it_says_so(coordinator):
    assert "Tout est noté." in coordinator.page(f"{SPACE}/rendez-vous/a-noter").text


# Planned by the team, for a mentor who would rather not.


def plan_path(pair):
    return f"{SPACE}/binomes/{pair.id}/rendez-vous/prevu-par-l-equipe"


def test_the_team_plans_for_a_pair_and_both_are_told(coordinator, people, letters, in_space, association):
    pair_page = coordinator.page(f"{SPACE}/binomes/{people.pair.id}")
    where = pair_page.soup.find("a", string="Prévoir un rendez-vous pour eux")["href"]
    assert "L'heure est celle de Karim." in coordinator.page(where).text

    page = coordinator.send(where, typed(soon(9), "18:00"))

    assert page.flashes == ["Le rendez-vous est noté."]
    with in_space(association):
        [row] = db.session.query(Meeting).all()
        [event] = db.session.query(MeetingEvent).all()
        assert (row.starts_at.astimezone(PARIS).hour, event.user_id) == (18, people.coordinator.user_id)
    told = {letter.to_address for kind in ("meeting_planned", "meeting_mine") for letter in letters(kind)}
    assert told == {people.mentor.email, people.mentee.email}


def test_the_team_plans_a_series_and_is_asked_about_another_meeting(coordinator, people, meeting, in_space, association):
    clash = coordinator.send(plan_path(people.pair), typed(soon(7), "18:00"))
    assert (clash.status, "Le mentor a déjà un rendez-vous à ce moment" in clash.text) == (422, True)

    page = coordinator.send(plan_path(people.pair), typed(soon(8), every="1", until=soon(22).isoformat()))

    assert page.flashes == ["3 rendez-vous sont notés."]


def test_a_pair_that_does_not_meet_is_not_planned_for(coordinator, people, in_space, association):
    with in_space(association):
        row = db.session.get(Pair, (people.pair.tenant_id, people.pair.id))
        row.state, row.closed_on, row.closure_reason = "closed", factories.today(), "planned"

    page = coordinator.send(plan_path(people.pair), typed(soon(9)))

    assert (page.status, page.errors) == (422, ["Ce binôme n'est pas en cours."])


def test_a_session_noted_for_the_mentor_says_whose_and_with_whom_another_was(coordinator, people, in_space, association):
    with in_space(association):
        factories.meeting(brother(association, people.pair), state="held", starts_at=now() - timedelta(days=3, minutes=20))
    url = f"{SPACE}/binomes/{people.pair.id}/seances/ajout"
    page = coordinator.page(url)
    assert page.heading == "Une séance de Karim avec Inès"
    assert "L'heure est celle de Karim." in page.text
    assert page.soup.select_one("main .back")["href"] == f"{SPACE}/binomes/{people.pair.id}"

    moment = (now() - timedelta(days=3)).astimezone(PARIS)
    page = coordinator.send(url, {"day": moment.date().isoformat(), "time": f"{moment:%H:%M}", "outcome": "held", "length": "60",
                                  "place": "remote"})  # fmt: skip

    assert page.status == 422
    assert "Une autre séance est déjà notée à ce moment, avec Rayan" in page.errors[0]


def test_the_team_reads_a_session_on_the_clock_on_which_it_types_it(coordinator, people, in_space, association):
    with in_space(association):
        pair = db.session.merge(people.pair)
        pair.mentor.departement_code = "974"  # two or three hours later than Paris
        meeting = factories.meeting(pair, -2, "held", starts_at=datetime(2026, 11, 10, 13, 30, tzinfo=UTC))
    own = f"{SPACE}/binomes/{people.pair.id}/seances/{meeting.id}"

    page, moved = coordinator.page(own), coordinator.page(f"{own}/autre-moment")

    assert ("17 h 30" in page.heading, "Les heures de cette page sont celles de Karim." in page.text) == (True, True)
    assert (moved.value("time"), "L'heure est celle de Karim." in moved.text) == ("17:30", True)
