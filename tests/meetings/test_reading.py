"""Who reads what of a meeting: the two of the pair, the staff, nobody else; the note is never the jeune's to read."""

import re
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy.exc import IntegrityError

from app.database import now
from app.extensions import db
from app.meetings.models import Meeting
from app.people.applications import plan_interview
from app.people.models import Mentor
from app.tenants.models import Tenant
from tests import factories
from tests.training.situations import live_session, modules, seat

NOTE = "Inès m'a semblé fatiguée."


@pytest.fixture
def held(in_space, association, people):
    """A meeting that was held, with subjects and a note."""
    with in_space(association):
        return factories.meeting(people.pair, state="held", note=NOTE, subjects=["cv", "interview"], logged_at=now())


@pytest.fixture
def coming(in_space, association, people):
    """A meeting of next week that somehow has a note already."""
    with in_space(association):
        return factories.meeting(people.pair, 7, note=NOTE)


def paths(*meetings):
    for meeting in meetings:
        yield f"/a/passerelle/rendez-vous/{meeting.id}"
        yield f"/a/passerelle/rendez-vous/{meeting.id}/agenda"
    yield from ("/a/passerelle/", "/a/passerelle/rendez-vous")


def test_the_jeune_reads_the_note_nowhere(jeune, held, coming):
    for path in paths(held, coming):
        response = jeune.get(path)

        assert response.status_code == 200, path
        assert "fatiguée" not in response.get_data(as_text=True), path


def test_the_jeune_does_not_read_the_subjects(jeune, held):
    page = jeune.page(f"/a/passerelle/rendez-vous/{held.id}")

    assert "Entretien" not in page.text
    assert "Avec Karim" in page.text


def test_the_mentor_reads_the_subjects_and_finds_the_note_when_correcting(mentor, held):
    page = mentor.page(f"/a/passerelle/rendez-vous/{held.id}")

    assert "Sujets CV, Entretien" in page.text
    assert page.soup.find("a", string="Corriger")
    assert mentor.page(f"/a/passerelle/rendez-vous/{held.id}/compte-rendu").value("note").strip() == NOTE


def test_staff_read_the_note_on_the_page_of_the_pair(coordinator, held, people):
    page = coordinator.page(f"/a/passerelle/binomes/{people.pair.id}")

    assert f"« {NOTE} »" in page.text
    assert "CV, Entretien" in page.text
    assert "1 séance tenue, 1 h en tout." in page.text


def test_a_pair_that_has_not_met_says_what_happens_next(coordinator, people):
    page = coordinator.page(f"/a/passerelle/binomes/{people.pair.id}")

    assert "Personne de l'équipe n'est encore annoncé à la première rencontre." in page.text
    assert page.soup.find("a", string="Prévoir la première rencontre")


NOTES = [
    ((), "Pas encore de séance"),
    ((("held", 60),), "1 séance, 1 h, le "),
    ((("held", 60), ("held", 45), ("missed", 60), ("cancelled", 60), ("planned", 60)), "2 séances, 1 h 45, dernière le "),
]


@pytest.mark.parametrize(("meetings", "words"), NOTES)
def test_the_list_of_pairs_says_how_much_each_has_met(meetings, words, coordinator, people, in_space, association):
    with in_space(association):
        for rank, (state, minutes) in enumerate(meetings):
            factories.meeting(people.pair, -7 - rank, state, minutes=minutes)

    page = coordinator.page("/a/passerelle/binomes")

    assert page.rows[0][3].startswith(words)


def test_a_list_of_pairs_counts_meetings_in_one_query(coordinator, in_space, association, statements):
    with in_space(association):
        for _rank in range(6):
            pair = factories.pair(factories.mentor(association, trained=True), factories.mentee(association))
            factories.meeting(pair, state="held")

    with statements() as seen:
        page = coordinator.page("/a/passerelle/binomes")

    assert len(page.rows) == 7
    assert len([s for s in seen if "FROM meetings" in s]) == 1


def test_nobody_has_met_yet(mentor):
    assert "Aucun rendez-vous pour l'instant." in mentor.page("/a/passerelle/rendez-vous").text


def test_the_list_is_the_same_for_the_jeune_without_the_way_to_log(mentor, jeune, people, in_space, association):
    with in_space(association):
        factories.meeting(people.pair, -2)

    assert mentor.page("/a/passerelle/rendez-vous").soup.find("a", string="Noter")
    page = jeune.page("/a/passerelle/rendez-vous")
    assert "avec Karim" in page.text
    assert page.soup.find("a", string="Noter") is None


ACTS = [
    (7, "Mon agenda", True),
    (7, "Je ne peux pas venir", True),
    (-2, "Noter la séance", True),
    (-2, "Je ne peux pas venir", False),
    (-2, "Mon agenda", False),
]


@pytest.mark.parametrize(("days", "words", "shown"), ACTS)
def test_a_page_offers_the_mentor_what_can_be_done_now(days, words, shown, mentor, people, in_space, association):
    with in_space(association):
        meeting = factories.meeting(people.pair, days)

    acts = mentor.page(f"/a/passerelle/rendez-vous/{meeting.id}").soup.select_one(".acts").get_text()

    assert (words in acts) is shown


def test_the_jeune_may_keep_it_in_a_calendar_ask_for_another_time_or_say_no(jeune, coming):
    links = [a["href"] for a in jeune.page(f"/a/passerelle/rendez-vous/{coming.id}").soup.select(".acts a")]

    assert links == [
        f"/a/passerelle/rendez-vous/{coming.id}/agenda",
        f"/a/passerelle/binomes/{coming.pair_id}/propositions/nouvelle?pour={coming.id}",
        f"/a/passerelle/rendez-vous/{coming.id}/annulation",
    ]


PLACES = [
    ("https://visio.example.org/x", "https://visio.example.org/x"),
    ("javascript:alert(1)", None),
    ("http://visio.example.org", None),
    ("12 rue de la Paix", None),
]


@pytest.mark.parametrize(("where", "link"), PLACES)
def test_only_an_https_address_becomes_a_link(where, link, jeune, people, in_space, association):
    with in_space(association):
        meeting = factories.meeting(people.pair, 7, where=where)

    page = jeune.page(f"/a/passerelle/rendez-vous/{meeting.id}")

    found = page.soup.find("a", string="Rejoindre la visio")
    assert (found and found["href"]) == link
    assert link or where in page.text


def test_the_association_sees_what_comes_next_the_soonest_first(coordinator, people, in_space, association):
    with in_space(association):
        factories.meeting(people.pair, 9, minutes=90)
        factories.meeting(people.pair, 2)
        factories.meeting(people.pair, -2)
        factories.meeting(people.pair, 5, "cancelled")

    page = coordinator.page("/a/passerelle/rendez-vous/a-venir")

    rows = [" ".join(row.get_text(" ").split()) for row in page.soup.select(".rows li")]
    assert len(rows) == 2
    assert "1 h · À distance" in rows[0]
    assert "1 h 30 · À distance" in rows[1]


def test_an_association_without_meetings_reads_where_they_come_from(coordinator):
    page = coordinator.page("/a/passerelle/rendez-vous/a-venir")

    assert "Aucun rendez-vous n'est prévu. Les mentors les prévoient depuis leur espace." in page.text


@pytest.mark.parametrize("path", ["", "/compte-rendu", "/confirmation", "/deplacement", "/annulation", "/agenda"])
def test_another_mentors_meeting_does_not_exist(path, app, in_space, association, coming):
    with in_space(association):
        other = factories.mentor(association, trained=True)

    assert app.test_client().sign_in(other.user_id).page(f"/a/passerelle/rendez-vous/{coming.id}{path}").status == 404


@pytest.mark.parametrize("path", ["", "/compte-rendu", "/confirmation", "/deplacement", "/annulation", "/agenda"])
def test_a_meeting_of_another_association_does_not_exist(path, app, in_space, elsewhere, coming):
    with in_space(elsewhere):
        other = factories.mentor(elsewhere)

    client = app.test_client().sign_in(other.user_id)

    assert client.page(f"/a/ailleurs/rendez-vous/{coming.id}{path}").status == 404
    assert client.page(f"/a/passerelle/rendez-vous/{coming.id}{path}").status == 404


@pytest.mark.parametrize("path", ["/compte-rendu", "/deplacement"])
def test_the_jeune_neither_logs_nor_moves(path, jeune, coming):
    where = f"/a/passerelle/rendez-vous/{coming.id}{path}"

    assert jeune.page(where).status == 403
    assert jeune.send(where, {"outcome": "held", "length": "60"}).status == 403


def test_a_mentor_who_is_mentored_elsewhere_in_the_space_does_not_log_as_a_jeune(app, people, in_space, association, coming):
    """The same account is the jeune of one pair and the mentor of another."""
    with in_space(association):
        mentor = factories.mentor(association, trained=True, account=False)
        mentor.user_id = people.mentee.user_id
        factories.pair(mentor, factories.mentee(association))
        factories.place(association.id, people.mentee.user_id, "mentor")

    client = app.test_client().sign_in(people.mentee.user_id)

    assert client.page(f"/a/passerelle/rendez-vous/{coming.id}").status == 200
    assert client.page(f"/a/passerelle/rendez-vous/{coming.id}/compte-rendu").status == 404


def event_of(client, meeting):
    """The calendar file, read back."""
    response = client.get(f"/a/passerelle/rendez-vous/{meeting.id}/agenda")
    assert response.content_type.startswith("text/calendar")
    assert re.search(r"rendez-vous-\d{4}-\d\d-\d\d\.ics", response.headers["Content-Disposition"])
    (event,) = Calendar.from_ical(response.data).walk("VEVENT")
    return event, response.get_data(as_text=True).replace("\r\n ", "")


def test_a_calendar_says_when_where_and_with_whose_first_name(jeune, coming):
    event, _text = event_of(jeune, coming)

    assert event["SUMMARY"] == "Mentorat avec Karim"
    assert event.decoded("DTSTART") == coming.starts_at.replace(microsecond=0)
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(hours=1)
    assert event["LOCATION"] == "https://visio.example.org/x"
    assert event["URL"] == f"http://localhost/a/passerelle/rendez-vous/{coming.id}"
    assert (event["STATUS"], event["SEQUENCE"]) == ("CONFIRMED", 0)


def test_a_calendar_names_nobody_and_carries_no_note(mentor, jeune, people, coming):
    for client in (mentor, jeune):
        _event, text = event_of(client, coming)

        assert people.mentee.last_name not in text
        assert people.mentor.last_name not in text
        assert "fatigu" not in text


def test_a_cancelled_meeting_is_cancelled_in_the_calendar_under_the_same_name(mentor, coming):
    before, _text = event_of(mentor, coming)
    mentor.send(f"/a/passerelle/rendez-vous/{coming.id}/annulation", {"word": "Désolé"})

    after, text = event_of(mentor, coming)

    assert after["UID"] == before["UID"]
    assert (after["STATUS"], after["SEQUENCE"]) == ("CANCELLED", 1)
    assert "Désolé" not in text


def test_a_place_without_address_is_said_in_words(jeune, people, in_space, association):
    with in_space(association):
        meeting = factories.meeting(people.pair, 7, place="school", where="")

    event, _text = event_of(jeune, meeting)

    assert event["LOCATION"] == "Dans l'établissement"


def test_a_calendar_is_the_same_moment_in_la_reunion(jeune, in_space, association, coming):
    with in_space(association):
        db.session.get(Tenant, association.id).timezone = "Indian/Reunion"

    event, _text = event_of(jeune, coming)

    assert event.decoded("DTSTART") == coming.starts_at.replace(microsecond=0)


@pytest.mark.parametrize("change", [{"state": "perhaps"}, {"place": "café"}, {"minutes": 4}, {"minutes": 601}])
def test_the_database_stores_no_meeting_that_no_form_proposes(change, in_space, association, people):
    with in_space(association):
        db.session.add(
            Meeting(pair_id=people.pair.id, starts_at=now(), **{"minutes": 60, "place": "remote", "state": "planned", **change})
        )
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()


def test_a_mentor_reads_what_they_have_with_the_association(app, people, in_space, association):
    with in_space(association):
        mentor = db.session.get(Mentor, (association.id, people.mentor.id))
        course = factories.published("Ensemble", [{"kind": "live", "title": "En direct"}])
        session = live_session(modules(course)[0], days=5)
        seat(session, mentor, is_seated=True)
        plan_interview(mentor, now() + timedelta(days=3), "Au local", people.coordinator.user_id)
    client = app.test_client().sign_in(people.mentor.user_id)

    page = client.page("/a/passerelle/rendez-vous")
    [card] = [sheet for sheet in page.soup.select(".sheet") if sheet.h2.get_text() == "Avec l'association"]
    said = " ".join(card.get_text(" ").split())
    assert "Votre entretien · Au local" in said
    assert "En direct" in said

    client.send(card.form["action"])
    assert "En direct" not in client.page("/a/passerelle/rendez-vous").text
