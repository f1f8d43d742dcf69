"""The invitations that letters carry: one name for a meeting's whole life, a number that goes up, what to do with it."""

from datetime import datetime, time, timedelta

import pytest
from icalendar import Calendar

from app.extensions import db
from app.meetings.models import Meeting
from app.pairs.models import Pair
from app.tenants.models import Tenant
from app.territory.zones import clock_of

from .calendars import read
from .situations import PARIS, VIDEO, path, plan_path, since_long, soon, stored, typed

PLANNED = ("meeting_planned", "meeting_mine")


@pytest.fixture
def invitations(letters, people):
    """What the letters of these kinds carried for one of the two, the first letter first."""

    def sent(side, *kinds):
        address = getattr(people, side).email
        found = [letter for kind in kinds for letter in letters(kind) if letter.to_address == address]
        return [letter.calendar for letter in sorted(found, key=lambda letter: letter.created_at)]

    return sent


def sign(text, name):
    """One property of an invitation's meeting."""
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    return event[name]


SIDES = pytest.mark.parametrize(("side", "other"), [("mentor", "Inès"), ("mentee", "Karim")])


@SIDES
def test_a_life_of_a_meeting_in_somebodys_calendar(side, other, mentor, people, invitations, in_space, association):
    mentor.send(plan_path(people.pair), typed(soon(7)))
    with in_space(association):
        (meeting,) = stored(people.pair)
    mentor.send(path(meeting, "/deplacement"), typed(soon(8), "18:00"))
    mentor.send(path(meeting, "/deplacement"), typed(soon(8), "18:00", place="association", where="Salle 3"))
    with in_space(association):
        moved = db.session.get(Meeting, (association.id, meeting.id)).starts_at
    mentor.send(path(meeting, "/annulation"), {"word": "Malade"})

    calendars = [read(text) for text in invitations(side, "meeting_planned", "meeting_mine", "meeting_moved", "meeting_cancelled")]

    assert [method for method, _events in calendars] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]
    events = [event for _method, (event,) in calendars]
    assert {event.uid for event in events} == {f"{meeting.id}@passerelle.binome"}
    assert [event.sequence for event in events] == [0, 1, 2, 3]
    assert [event.status for event in events] == ["CONFIRMED", "CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [event.starts_at for event in events] == [meeting.starts_at, moved, moved, moved]
    assert [event.location for event in events] == [VIDEO, VIDEO, "Salle 3", "Dans les locaux de l'association"]
    assert {event.ends_at - event.starts_at for event in events} == {timedelta(hours=1)}
    assert {event.summary for event in events} == {f"Mentorat avec {other}"}


@SIDES
def test_who_invites_and_who_is_invited(side, other, mentor, people, invitations, association):
    mentor.send(plan_path(people.pair), typed(soon(7)))

    (text,) = invitations(side, *PLANNED)

    organizer, attendee = sign(text, "ORGANIZER"), sign(text, "ATTENDEE")
    assert (str(organizer), organizer.params["CN"]) == ("mailto:bonjour@passerelle.example.org", "Passerelle")
    assert str(attendee) == f"mailto:{getattr(people, side).email}"
    assert (attendee.params["PARTSTAT"], attendee.params["RSVP"]) == ("ACCEPTED", "FALSE")


def test_an_association_without_an_address_invites_from_the_sites(mentor, people, invitations, in_space, association):
    with in_space(association):
        db.session.get(Tenant, association.id).email = ""

    mentor.send(plan_path(people.pair), typed(soon(7)))

    (text,) = invitations("mentee", "meeting_planned")
    assert str(sign(text, "ORGANIZER")) == "mailto:ne-pas-repondre@binome.example.org"


@SIDES
def test_an_invitation_names_the_other_by_the_first_name_alone(side, other, mentor, people, invitations):
    mentor.send(plan_path(people.pair), typed(soon(7), word="Secret"))

    for text in invitations(side, *PLANNED):
        plain = text.replace("\r\n ", "")
        hidden = people.mentee if side == "mentor" else people.mentor
        for word in (hidden.last_name, hidden.email, hidden.phone, "Secret"):
            assert word not in plain


ODD = ["Salle 3 ; bâtiment A, étage 2", "12 rue de l'Église\\nord", "Chez « Léa » : 3, place « Ü »", "é" * 300, "BEGIN:VEVENT"]


@pytest.mark.parametrize("where", ODD)
def test_whatever_is_typed_as_a_place_both_programs_read_it(where, mentor, people, invitations):
    mentor.send(plan_path(people.pair), typed(soon(7), place="association", where=where))

    (text,) = invitations("mentee", "meeting_planned")

    (event,) = read(text)[1]
    assert event.location == where


@pytest.mark.parametrize("name", ["Jean-Éloïse", "N'Golo", "Léa, dite « Lou » ; mentor"])
def test_whatever_somebody_is_called_both_programs_read_it(name, mentor, people, invitations, in_space, association):
    with in_space(association):
        db.session.get(Pair, (association.id, people.pair.id)).mentor.first_name = name

    mentor.send(plan_path(people.pair), typed(soon(7)))

    (text,) = invitations("mentee", "meeting_planned")
    assert read(text)[1][0].summary == f"Mentorat avec {name}"


ZONES = ["69", "971", "972", "973", "974", "975", "976", "977", "978", "984", "986", "987", "988"]


@pytest.mark.parametrize("departement", ZONES)
def test_both_programs_read_the_same_moment_on_every_clock(departement, mentor, people, invitations, in_space, association):
    with in_space(association):
        since_long(people.pair)
        db.session.get(Pair, (association.id, people.pair.id)).mentee.departement_code = departement

    for days in (2, 180):  # summer and winter, whatever the day
        evening = datetime.combine(soon(days), time(20, 30), tzinfo=clock_of(departement)).astimezone(PARIS)
        mentor.send(plan_path(people.pair), typed(evening.date(), evening.strftime("%H:%M")))

    with in_space(association):
        expected = [meeting.starts_at for meeting in stored(people.pair)]
    assert [read(text)[1][0].starts_at for text in invitations("mentee", "meeting_planned")] == expected


def test_a_meeting_of_the_past_invites_nobody(mentor, people, invitations):
    mentor.send(plan_path(people.pair), typed(soon(-2)))

    assert invitations("mentee", *PLANNED) == invitations("mentor", *PLANNED) == []


def test_what_is_sent_of_it_is_forgotten_with_the_words(mentor, people, letters, run_jobs):
    mentor.send(plan_path(people.pair), typed(soon(7)))

    run_jobs()

    (letter,) = letters("meeting_planned")
    assert (letter.state, letter.calendar, letter.text) == ("sent", None, None)
