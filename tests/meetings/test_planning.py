"""A mentor plans a meeting: what is stored, what is refused and with which words."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.mail import Mail
from app.meetings.forms import PlanForm
from app.meetings.models import Meeting
from app.pairs.closing import close_pair
from app.pairs.models import Pair
from app.tenants.models import Tenant
from tests import factories

from .situations import OVER, at, noted, since_long, typed


def soon(days=3):
    return factories.today() + timedelta(days=days)


def path_of(pair):
    return f"/a/passerelle/binomes/{pair.id}/rendez-vous/nouveau"


def stored(pair):
    return db.session.scalars(select(Meeting).where(Meeting.pair_id == pair.id).order_by(Meeting.starts_at)).all()


def test_the_form_proposes_a_place_that_suits_both(mentor, people):
    page = mentor.page(path_of(people.pair))

    assert page.heading == "Un rendez-vous avec Inès"
    assert page.soup.find("input", {"name": "place", "checked": True})["value"] == "remote"
    assert page.soup.find("input", {"name": "length", "checked": True})["value"] == "60"


def test_the_form_proposes_a_distance_when_nothing_suits_both(mentor, people, in_space, association):
    with in_space(association):
        db.session.get(Pair, (association.id, people.pair.id)).mentor.places = ["school"]

    page = mentor.page(path_of(people.pair))

    assert page.soup.find("input", {"name": "place", "checked": True})["value"] == "remote"


@pytest.fixture
def in_december(people, in_space, association):
    """It is noon in Paris, on the 10th of December 2026."""
    with in_space(association):
        since_long(people.pair)
    with time_machine.travel(datetime(2026, 12, 10, 11, tzinfo=UTC), tick=False):
        yield


def test_a_planned_meeting_is_in_the_mentors_list(in_december, app, people):
    mentor = mentor_again(app.test_client(), people)

    page = mentor.send(path_of(people.pair), typed(date(2026, 12, 16), length="90", place="association"))

    assert page.flashes == ["Le rendez-vous est noté. Inès reçoit un message."]
    assert page.heading == "Mes rendez-vous"
    assert "Mercredi 16 décembre, 17 h 30 avec Inès · 1 h 30 · Dans les locaux de l'association prévu" in page.text


def test_the_jeune_reads_of_it_by_mail_and_at_home(in_december, app, people, letters):
    mentor_again(app.test_client(), people).send(path_of(people.pair), typed(date(2026, 12, 16)))

    (letter,) = letters("meeting_planned")
    assert letter.subject == "Un rendez-vous avec Karim"
    assert letter.to_address == people.mentee.email
    assert "prévu mercredi 16 décembre, à 17\u00a0h\u00a030" in letter.text
    jeune = app.test_client().sign_in(people.mentee.user_id)
    assert "Mercredi 16 décembre, 17 h 30" in jeune.page("/a/passerelle/").text


def test_a_jeune_who_never_came_in_gets_no_letter(mentor, people, in_space, association, letters):
    with in_space(association):
        db.session.get(Pair, (association.id, people.pair.id)).mentee.user_id = None

    mentor.send(path_of(people.pair), typed(soon()))

    assert letters("meeting_planned") == []


def test_a_meeting_that_was_is_noted_and_not_planned(mentor, people, in_space, association):
    """November typed for December is no meeting that took place: the page says so, and leads to where one is noted."""
    page = mentor.send(path_of(people.pair), typed(soon(-1)))

    assert (page.status, page.errors) == (422, [OVER])
    assert page.soup.find("a", string="Noter une séance qui a eu lieu")["href"] == noted(people.pair)
    with in_space(association):
        assert stored(people.pair) == []


def test_a_meeting_under_way_is_planned(mentor, people):
    started = factories.noon(0)

    with at(started + timedelta(minutes=20)):
        page = mentor.send(path_of(people.pair), typed(soon(0), "12:00"))

    assert page.flashes == ["Le rendez-vous est noté."]


LONG_GONE = [
    (-61, "Cette date est trop ancienne : 60 jours au plus. Écrivez à l'association."),
    (-120, "Cette date est avant le début du binôme."),
]


@pytest.mark.parametrize(("days", "sentence"), LONG_GONE)
def test_what_was_too_long_ago_is_not_noted_either(days, sentence, mentor, people):
    page = mentor.send(noted(people.pair), typed(soon(days)) | {"outcome": "held"})

    assert (page.status, page.errors) == (422, [sentence])


REFUSED = [
    ("no such day", {"day": "2027-02-31"}, "Indiquez une date qui existe."),
    ("before calendars", {"day": "0001-01-01"}, "Cette date est à plus d'un an d'aujourd'hui : vérifiez l'année."),
    ("the end of time", {"day": "9999-12-31", "time": "23:59"}, "Cette date est à plus d'un an d'aujourd'hui : vérifiez l'année."),
    ("no day", {"day": ""}, "Indiquez une date qui existe."),
    ("no time", {"time": ""}, "Indiquez une heure."),
    ("no such time", {"time": "25:00"}, "Indiquez une heure."),
    ("bad length", {"length": "17"}, None),
    ("bad length in letters", {"length": "une heure"}, None),
    ("no place", {"place": ""}, None),
    ("unknown place", {"place": "café"}, None),
    ("long link", {"where_remote": "https://visio.example.org/" + "x" * 301}, "C'est trop long : 300 caractères au plus."),
]


@pytest.mark.parametrize(("change", "sentence"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_cannot_be_planned_is_said_at_its_field_and_stores_nothing(change, sentence, mentor, people, in_space, association):
    data = typed(soon(change.get("days", 3))) | {k: v for k, v in change.items() if k != "days"}

    page = mentor.send(path_of(people.pair), data)

    assert page.status == 422
    assert len(page.errors) == 1
    assert page.errors[0] == (sentence or page.errors[0])
    with in_space(association):
        assert stored(people.pair) == []


@pytest.mark.parametrize("change", [{"length": "17"}, {"place": "café"}])
def test_a_choice_that_does_not_exist_is_refused_in_french(change, mentor, people):
    page = mentor.send(path_of(people.pair), typed(soon()) | change)

    assert page.errors[0].startswith("Choisissez parmi les réponses proposées")


def test_a_closed_pair_plans_nothing(mentor, people, in_space, association):
    with in_space(association):
        close_pair(db.session.get(Pair, (association.id, people.pair.id)), factories.today(), "end", None)

    page = mentor.send(path_of(people.pair), typed(soon()))

    assert page.status == 422
    assert page.errors == ["Ce binôme n'est pas en cours."]
    assert page.soup.find(id="day-erreur")


def test_the_same_moment_twice_is_one_meeting_and_one_letter(mentor, people, in_space, association, letters):
    for _time in range(2):
        mentor.send(path_of(people.pair), typed(soon()))

    with in_space(association):
        assert len(stored(people.pair)) == 1
    assert len(letters("meeting_planned")) == 1


def test_the_moment_of_a_cancelled_meeting_may_be_planned_again(mentor, people, in_space, association):
    mentor.send(path_of(people.pair), typed(soon()))
    with in_space(association):
        (meeting,) = stored(people.pair)
    mentor.send(f"/a/passerelle/rendez-vous/{meeting.id}/annulation", {"word": ""})

    mentor.send(path_of(people.pair), typed(soon()))

    with in_space(association):
        assert sorted(m.state for m in stored(people.pair)) == ["cancelled", "planned"]


NO_GUARDIAN = "À domicile, il faut d'abord l'autorisation d'un parent, notée par l'association."
NOT_BOTH = "À domicile, il faut d'abord l'accord des deux, noté par l'association."
BOTH = ("mentee", "mentor")
AT_HOME = [  # the ages of jeune and mentor, who allowed or accepted it, what is said
    ("two adults", (20, 40), BOTH, None),
    ("two adults, one without", (20, 40), ("mentor",), NOT_BOTH),
    ("two adults, neither", (20, 40), (), NOT_BOTH),
    ("a minor without", (16, 40), ("mentor",), NO_GUARDIAN),
    ("a minor with", (16, 40), BOTH, None),
    ("a minor with, an adult without", (16, 40), ("mentee",), NOT_BOTH),
    ("a minor mentor without", (20, 17), ("mentee",), NO_GUARDIAN),
    ("a minor mentor with", (20, 17), BOTH, None),
    ("two minors, one with", (16, 17), ("mentee",), NO_GUARDIAN),
    ("two minors with", (16, 17), BOTH, None),
]


def pair_of(association, ages, at_home=(), **home):
    """A pair of these ages, allowed to take part; those named are allowed to meet at home."""
    mentee = factories.mentee(association, age=ages[0])
    mentor = factories.mentor(association, age=ages[1], trained=True)
    for person in (mentee, mentor):
        factories.authorisation(person)
    for person in at_home:
        factories.authorisation({"mentee": mentee, "mentor": mentor}[person], "home", **home)
    return factories.pair(mentor, mentee)


@pytest.mark.parametrize(("ages", "at_home", "refusal"), [case[1:] for case in AT_HOME], ids=[case[0] for case in AT_HOME])
def test_a_meeting_at_home_waits_for_everybodys_word(ages, at_home, refusal, app, in_space, association):
    with in_space(association):
        pair = pair_of(association, ages, at_home)

    page = app.test_client().sign_in(pair.mentor.user_id).send(path_of(pair), typed(soon(), place="home"))

    assert (page.status, page.errors) == ((422, [refusal]) if refusal else (200, []))
    assert not refusal or page.soup.find(id="place-erreur")


def test_an_authorisation_that_was_taken_back_opens_no_home(app, in_space, association):
    with in_space(association):
        pair = pair_of(association, (16, 40), BOTH, withdrawn_on=factories.today())

    page = app.test_client().sign_in(pair.mentor.user_id).send(path_of(pair), typed(soon(), place="home"))

    assert page.status == 422


CHANGES = [
    ("2026-12-16", "17:30", datetime(2026, 12, 16, 16, 30, tzinfo=UTC)),
    ("2026-07-16", "17:30", datetime(2026, 7, 16, 15, 30, tzinfo=UTC)),
    ("2026-10-24", "17:30", datetime(2026, 10, 24, 15, 30, tzinfo=UTC)),
    ("2026-10-25", "17:30", datetime(2026, 10, 25, 16, 30, tzinfo=UTC)),
    ("2026-03-28", "17:30", datetime(2026, 3, 28, 16, 30, tzinfo=UTC)),
    ("2026-03-29", "17:30", datetime(2026, 3, 29, 15, 30, tzinfo=UTC)),
]


@pytest.mark.parametrize(("day", "time", "moment"), CHANGES)
def test_an_hour_is_the_same_hour_in_summer_and_in_winter(day, time, moment, mentor, people, in_space, association):
    with in_space(association):
        met_long_ago(association, people.pair)

    with time_machine.travel(moment - timedelta(days=2), tick=False):
        text = mentor_again(mentor, people).send(path_of(people.pair), typed(date.fromisoformat(day), time)).text

    with in_space(association):
        assert [m.starts_at for m in stored(people.pair)][1:] == [moment]
    hour = time.replace(":", " h ").removeprefix("0")
    assert f", {hour} avec" in text


def met_long_ago(association, pair):
    """The pair met in January of 2026: its first meeting is over, whatever moment a test travels to."""
    row = db.session.get(Pair, (association.id, pair.id))
    row.starts_on = date(2026, 1, 1)
    factories.meeting(row, 0, "held", starts_at=datetime(2026, 1, 5, 17, tzinfo=UTC))


def mentor_again(client, people):
    """The mentor with a session of the day that it is now."""
    return client.sign_in(people.mentor.user_id)


@pytest.mark.parametrize(("day", "time"), [("2026-10-25", "01:30"), ("2026-10-25", "02:30"), ("2026-03-29", "01:30")])
def test_two_hours_across_the_change_are_two_hours(day, time, people, in_space, association):
    with in_space(association), time_machine.travel(f"{day[:8]}20T10:00:00Z", tick=False):
        form = PlanForm(MultiDict(typed(date.fromisoformat(day), time, length="120")))
        pair = db.session.get(Pair, (association.id, people.pair.id))
        met_long_ago(association, pair)

        meeting = factories.meeting(pair, starts_at=form.starts_at(factories.PARIS), minutes=120)

        assert meeting.ends_at.timestamp() - meeting.starts_at.timestamp() == 7200


def test_the_first_day_of_a_pair_is_a_day_of_its_own_clock(mentor, people, in_space, association):
    """At 0 h 30 in La Réunion it is still the day before in UTC."""
    with in_space(association):
        db.session.get(Tenant, association.id).timezone = "Indian/Reunion"
        db.session.get(Pair, (association.id, people.pair.id)).starts_on = soon(-5)

    page = mentor.send(noted(people.pair), typed(soon(-5), "00:30") | {"outcome": "held"})

    assert page.status == 200


def test_only_the_mentor_of_the_pair_plans(app, people, in_space, association):
    with in_space(association):
        other = factories.mentor(association, trained=True)

    page = app.test_client().sign_in(other.user_id).send(path_of(people.pair), typed(soon()))

    assert page.status == 404


@pytest.mark.parametrize("who", ["mentee", "coordinator"])
def test_a_jeune_and_staff_do_not_plan(who, app, people):
    client = app.test_client().sign_in(getattr(people, who).user_id)

    assert client.page(path_of(people.pair)).status == 403
    assert client.send(path_of(people.pair), typed(soon())).status == 403


def test_another_meeting_at_the_very_moment_is_moved_not_planned_again(mentor, people, in_space, association):
    mentor.send(path_of(people.pair), typed(soon()))

    page = mentor.send(path_of(people.pair), typed(soon(), place="school", where="Lycée", length="120"))

    assert page.status == 422
    assert "Un rendez-vous est déjà prévu à cette heure" in page.errors[0]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_year_that_no_clock_tells_is_refused_at_its_field(app, people, day):
    said = {"day": day, "time": "00:00", "outcome": "held", "length": "60", "place": "remote"}
    for who, end in ((people.mentor.user_id, "nouvelle"), (people.coordinator.user_id, "ajout")):
        page = app.test_client().sign_in(who).send(f"/a/passerelle/binomes/{people.pair.id}/seances/{end}", said)

        assert (page.status, page.errors) == (422, ["Vérifiez l'année."])


@pytest.mark.parametrize("has_met", [False, True])
def test_the_team_is_told_of_a_first_meeting_that_it_did_not_plan(mentor, people, in_space, association, has_met):
    if has_met:
        with in_space(association):
            factories.meeting(db.session.get(Pair, (association.id, people.pair.id)), days=-7, state="held")

    mentor.send(path_of(people.pair), typed(soon()))
    mentor.send(path_of(people.pair), typed(soon(5)))

    with in_space(association):
        told = db.session.scalars(select(Mail.text).where(Mail.subject == "Une première rencontre est prévue")).all()
        assert len({*told}) == (0 if has_met else 1)
