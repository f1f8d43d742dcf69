"""A whole month on one page: what is in it, what is written, what is refused, and how much the page asks of the database."""

from datetime import UTC, datetime, timedelta

import pytest

from app.extensions import db
from app.meetings.models import Meeting, MeetingEvent
from tests import factories

from .situations import DAY, NOON, SPACE, a_meeting, at, brother, since_long, stored

MARCH = f"{SPACE}/seances/2027/3"


@pytest.fixture
def month(people, in_space, association):
    """Three meetings of March 2027 in two pairs, one of February, one of April, one to come; it is the 20th of March."""
    with in_space(association):
        since_long(people.pair)
        other = brother(association, people.pair)
        days = (datetime(2027, 3, day, 16, tzinfo=UTC) for day in (2, 9, 16))
        rows = [a_meeting(pair, starts_at=day) for pair, day in zip((people.pair, other, people.pair), days, strict=True)]
        for day in (datetime(2027, 2, 23, 16, tzinfo=UTC), datetime(2027, 4, 6, 16, tzinfo=UTC), NOON + 15 * DAY):
            a_meeting(people.pair, starts_at=day)
    with at(NOON + 10 * DAY):
        yield rows


@pytest.fixture
def client(app, people, month):
    """The mentor, on that day."""
    return app.test_client().sign_in(people.mentor.user_id)


def said(*outcomes, minutes=60):
    """What is typed: meeting, outcome…"""
    return {f"outcome_{meeting.id}": outcome for meeting, outcome in outcomes} | {
        f"minutes_{m.id}": str(minutes) for m, _o in outcomes
    }


def test_the_month_has_what_has_begun_in_every_pair_the_soonest_first(client):
    page = client.page(MARCH)

    assert page.heading == "Mes séances de mars 2027"
    assert [" ".join(h2.get_text().split()) for h2 in page.soup.select("form h2")] == [
        "Mardi 2 mars, 17 h, avec Inès", "Mardi 9 mars, 17 h, avec Rayan", "Mardi 16 mars, 17 h, avec Inès",
    ]  # fmt: skip


def test_it_is_read_in_four_statements(client, statements):
    with statements() as seen:
        client.page(MARCH)

    assert len(seen) == 4, seen


def test_more_meetings_ask_for_no_more_statements(client, people, in_space, association, statements):
    with in_space(association):
        for hour in range(20):
            a_meeting(people.pair, starts_at=datetime(2027, 3, 4, tzinfo=UTC) + timedelta(hours=hour))

    with statements() as seen:
        page = client.page(MARCH)

    assert len(page.soup.select("input[name^=minutes_]")) == 23
    assert len(seen) == 4, seen


def test_what_is_said_is_written_and_the_rest_waits(client, month, people, in_space, association):
    first, second, third = month

    page = client.send(MARCH, said((first, "held"), (second, "missed"), (third, ""), minutes=45))

    assert page.flashes == ["2 séances notées."]
    with in_space(association):
        found = {m.id: (m.state, m.minutes, m.logged_by) for m in db.session.query(Meeting)}
        by = people.mentor.user_id
        assert [found[m.id] for m in month] == [("held", 45, by), ("missed", 60, by), ("planned", 60, None)]


def test_the_same_month_again_writes_nothing(client, month, in_space, association):
    form = said(*((meeting, "held") for meeting in month))
    client.send(MARCH, form)

    page = client.send(MARCH, form)

    assert page.flashes == ["0 séance notée."]
    with in_space(association):
        assert [event.what for event in db.session.query(MeetingEvent)] == ["logged"] * 3


def test_a_correction_keeps_the_subjects_the_note_and_what_was_before(client, month, in_space, association):
    meeting = month[0]
    client.send(
        f"{SPACE}/rendez-vous/{meeting.id}/compte-rendu", {"outcome": "held", "length": "60", "subjects": ["cv"], "note": "Bien."}
    )

    client.send(MARCH, said((meeting, "held"), minutes=90))

    with in_space(association):
        stored_one = db.session.get(Meeting, (association.id, meeting.id))
        assert (stored_one.minutes, stored_one.subjects, stored_one.note) == (90, ["cv"], "Bien.")
        assert sorted(event.what for event in db.session.query(MeetingEvent)) == ["corrected", "logged"]


BAD = [("minutes", "601"), ("minutes", "4"), ("minutes", "une heure"), ("outcome", "great")]


@pytest.mark.parametrize(("field", "value"), BAD)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_written(field, value, client, month, people, in_space, association):
    form = said((month[0], "held"), (month[2], "held")) | {f"{field}_{month[2].id}": value}

    page = client.send(MARCH, form)

    assert (page.status, len(page.errors)) == (422, 1)
    with in_space(association):
        assert {m.state for m in stored(people.pair)} == {"planned"}


def test_what_is_too_old_is_said_at_its_field(app, month, people, in_space, association):
    with at(NOON + 60 * DAY):
        client = app.test_client().sign_in(people.mentor.user_id)
        page = client.send(MARCH, said((month[0], "held"), (month[2], "held")))

    assert page.errors == ["Ce rendez-vous a plus de 60 jours. Écrivez à l'association, qui peut le corriger."]
    with in_space(association):
        assert {m.state for m in stored(people.pair)} == {"planned"}


def test_what_was_called_off_beforehand_is_not_there_and_what_was_logged_so_is(client, month, people, in_space, association):
    with in_space(association):
        a_meeting(people.pair, state="cancelled", starts_at=datetime(2027, 3, 3, 10, tzinfo=UTC))
    client.send(MARCH, said((month[0], "cancelled")))

    page = client.page(MARCH)

    assert len(page.soup.select("input[name^=minutes_]")) == 3
    chosen = page.soup.find("input", {"name": f"outcome_{month[0].id}", "checked": True})
    assert chosen["value"] == "cancelled"


@pytest.mark.parametrize(
    ("path", "status"), [("2027/13", 404), ("2027/0", 404), ("1999/1", 404), ("2201/1", 404), ("2100/12", 200)]
)
def test_only_months_have_a_page(path, status, client):
    assert client.page(f"{SPACE}/seances/{path}").status == status


def test_an_empty_month_says_so_and_leads_to_its_neighbours(client):
    page = client.page(f"{SPACE}/seances/2027/1")

    assert "Aucune séance ce mois-ci." in page.text
    assert page.soup.find("button", string="Enregistrer le mois") is None
    links = [a["href"] for a in page.soup.select("nav.pager a")]
    assert links == [f"{SPACE}/seances/2026/12", f"{SPACE}/seances/2027/2"]
    assert [a["href"] for a in client.page(MARCH).soup.select("nav.pager a")] == [f"{SPACE}/seances/2027/2"]


def test_it_is_the_mentors_own(app, month, people, in_space, association):
    with in_space(association):
        other = factories.mentor(association)
    stranger = app.test_client().sign_in(other.user_id)

    assert stranger.page(MARCH).soup.select("input[name^=minutes_]") == []
    stranger.send(MARCH, said((month[0], "held")))
    with in_space(association):
        assert {m.state for m in stored(people.pair)} == {"planned"}
    for who in ("mentee", "coordinator"):
        assert app.test_client().sign_in(getattr(people, who).user_id).page(MARCH).status == 403


def test_a_late_month_undoes_nothing_that_was_noted_since(client, app, month, people, in_space, association):
    first, _second, third = month
    opened = client.page(MARCH)
    shown = {name: opened.value(name) for meeting in month for name in (f"shown_{meeting.id}",)}
    coordinator = app.test_client().sign_in(people.coordinator.user_id)
    for meeting, outcome in ((first, "missed"), (third, "cancelled")):
        coordinator.send(f"{SPACE}/binomes/{people.pair.id}/seances/{meeting.id}", {"outcome": outcome})

    page = client.send(MARCH, said((first, ""), (third, "held")) | shown)

    sentence = "Quelqu'un vient de noter cette séance : elle est annulée. Relisez, puis enregistrez de nouveau."
    assert page.errors == [sentence]
    with in_space(association):
        assert [m.state for m in stored(people.pair) if m.id in {first.id, third.id}] == ["missed", "cancelled"]
    again = client.send(MARCH, said((first, "missed"), (third, "held")) | {f"shown_{third.id}": page.value(f"shown_{third.id}")})
    assert again.flashes == ["1 séance notée."]


def test_what_a_month_shows_already_is_not_said_again(client, app, month, people, in_space, association):
    first = month[0]
    client.send(MARCH, said((first, "held")))
    shown = client.page(MARCH).value(f"shown_{first.id}")
    coordinator = app.test_client().sign_in(people.coordinator.user_id)
    coordinator.send(f"{SPACE}/binomes/{people.pair.id}/seances/{first.id}", {"outcome": "missed"})

    assert client.send(MARCH, said((first, "held")) | {f"shown_{first.id}": shown}).flashes == ["0 séance notée."]

    with in_space(association):
        assert db.session.get(Meeting, (association.id, first.id)).state == "missed"
