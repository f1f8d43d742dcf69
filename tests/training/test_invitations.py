"""Invitations that calendars keep up to date: added, moved and taken away with the session (RFC 5545, RFC 5546)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest
import time_machine
from icalendar import Calendar

from app.database import now
from app.extensions import db
from app.mail import Mail, MailState, as_message
from app.people.actions import withdraw
from app.training import sessions
from app.training.session_models import CourseSession
from tests import factories

from . import situations

PARIS = ZoneInfo("Europe/Paris")
YEAR = factories.today().year + 1
CHANGES = {month: 31 - date(YEAR, month, 31).isoweekday() % 7 for month in (3, 10)}  # the last Sunday: clocks change


@pytest.fixture
def live(association, in_space):
    """A course of one live module of 90 minutes."""
    with in_space(association):
        course = factories.published("Ensemble", [{"kind": "live", "title": "Écouter, ensemble", "minutes": 90}])
        return situations.modules(course)[0]


@pytest.fixture
def visit(association, in_space, live, mentor):
    """Take a seat, then do what is asked with the session, and give the mails: `visit(sessions.cancel, "Grève")`."""

    def make(*acts, who=mentor, **changes):
        with in_space(association):
            session = situations.live_session(live, **changes)
            person = db.session.merge(who)
            sessions.take_seat(person, session)
            for act, *values in acts:
                act(session, *values)
        return mails_of(association, in_space)

    return make


def mails_of(association, in_space):
    with in_space(association):
        return db.session.query(Mail).order_by(Mail.created_at, Mail.id).all()


def event_of(mail):
    """The method and the one event of an invitation, as a calendar reads them back."""
    calendar = Calendar.from_ical(mail.calendar)
    [event] = calendar.walk("VEVENT")
    return str(calendar["method"]), event


def at(*moment, zone=PARIS):
    return datetime(*moment, tzinfo=zone)


def test_a_seat_brings_an_invitation(association, mentor, visit):
    [mail] = visit()

    method, event = event_of(mail)
    assert (method, event["sequence"], str(event["status"])) == ("REQUEST", 0, "CONFIRMED")
    assert (str(event["summary"]), str(event["location"])) == ("Écouter, ensemble", "12 rue des Lilas, Lyon")
    assert str(event["attendee"]) == f"mailto:{mentor.email}"
    assert (str(event["organizer"]), event["organizer"].params["cn"]) == ("mailto:bonjour@passerelle.example.org", "Passerelle")
    assert "/a/passerelle/ma-formation/" in event["url"]


def test_the_mail_carries_it_as_a_calendar_part(app, visit):
    [mail] = visit()

    with app.app_context():
        message = message_from_bytes(bytes(as_message(mail)), policy=policy.default)

    [part] = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert part["content-type"].params["method"] == "REQUEST"
    assert part.get_content_charset() == "utf-8"
    assert str(Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")[0]["summary"]) == "Écouter, ensemble"


@pytest.mark.parametrize(
    ("start", "utc_hour"),
    [((1, 12, 18, 0), 17), ((7, 13, 18, 0), 16), ((3, CHANGES[3], 9, 0), 7), ((10, CHANGES[10], 9, 0), 8)],
)
def test_the_hour_is_that_of_the_association_in_summer_and_in_winter(visit, start, utc_hour):
    [mail] = visit(starts_at=at(YEAR, *start))

    _method, event = event_of(mail)
    begins, ends = event["dtstart"].dt, event["dtend"].dt
    assert event["dtstart"].params["TZID"] == "Europe/Paris"
    assert begins.timetuple()[:6] == (YEAR, *start, 0)
    assert begins.astimezone(UTC).hour == utc_hour
    assert ends - begins == timedelta(minutes=90)


def test_the_time_zone_is_explained_to_calendars_that_do_not_know_it(visit):
    [mail] = visit(starts_at=at(YEAR, 7, 13, 18))

    [zone] = Calendar.from_ical(mail.calendar).walk("VTIMEZONE")
    assert str(zone["tzid"]) == "Europe/Paris"
    assert {part.name for part in zone.subcomponents} == {"STANDARD", "DAYLIGHT"}


def test_a_session_moved_across_the_change_of_hour_keeps_the_hour_that_was_typed(association, visit):
    *_first, mail = visit((sessions.change, {"starts_at": at(YEAR, 4, 6, 18)}), starts_at=at(YEAR, 3, 16, 18))

    begins = event_of(mail)[1]["dtstart"].dt
    assert (begins.hour, begins.astimezone(UTC).hour) == (18, 16)
    day = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")[begins.weekday()]
    assert f"{day} 6 avril {YEAR} à 18\u00a0h" in mail.text


@pytest.mark.parametrize(("departement", "hour"), [("974", "18"), ("69", "16")])
def test_an_association_overseas_has_its_own_clock_and_its_mentors_read_theirs(app, programme, in_space, departement, hour):
    tenant = factories.association(app, "reunion", "Réunion", ["974"], course=False, timezone="Indian/Reunion")
    with in_space(tenant):
        course = factories.published("Ensemble", [{"kind": "live", "title": "En direct"}])
        session = situations.live_session(
            situations.modules(course)[0], starts_at=at(YEAR, 7, 13, 18, zone=ZoneInfo("Indian/Reunion"))
        )
        sessions.take_seat(factories.mentor(tenant, departement_code=departement), session)

    [mail] = mails_of(tenant, in_space)
    event = event_of(mail)[1]
    assert event["dtstart"].params["TZID"] == "Indian/Reunion"
    assert event["dtstart"].dt.astimezone(UTC).hour == 14
    assert f"à {hour}\u00a0h" in mail.text


@pytest.mark.parametrize("changes", [{"starts_at": at(YEAR, 4, 6, 18)}, {"place": "Mairie de Bron"}])
def test_a_move_is_the_same_event_in_a_later_version(visit, changes):
    first, second, third = visit((sessions.change, changes), (sessions.change, {"place": "En visio"}))

    events = [event_of(mail) for mail in (first, second, third)]
    assert [method for method, _event in events] == ["REQUEST"] * 3
    assert [event["sequence"] for _method, event in events] == [0, 1, 2]
    assert len({str(event["uid"]) for _method, event in events}) == 1
    assert str(events[2][1]["location"]) == "En visio"


@pytest.mark.parametrize("changes", [{"trainer": "Paul"}, {"seats": 30}, {"place": "12 rue des Lilas, Lyon"}])
def test_what_does_not_matter_to_calendars_writes_to_nobody(visit, changes):
    mails = visit((sessions.change, changes))

    assert len(mails) == 1


def test_two_sessions_are_two_events(association, in_space, live, mentor):
    with in_space(association):
        one, other = situations.live_session(live), situations.live_session(live, days=9)
        for session in (one, other):
            sessions.take_seat(factories.mentor(association), session)

    first, second = (event_of(mail)[1] for mail in mails_of(association, in_space))
    assert str(first["uid"]) != str(second["uid"])


def test_a_cancelled_session_leaves_the_calendar(app, visit):
    first, last = visit((sessions.cancel, "La salle est fermée."))

    (_request, before), (method, event) = event_of(first), event_of(last)
    assert (method, str(event["status"])) == ("CANCEL", "CANCELLED")
    assert event["uid"] == before["uid"]
    assert event["sequence"] > before["sequence"]
    assert "La salle est fermée." in last.text
    with app.app_context():
        assert b"method=CANCEL" in bytes(as_message(last))


def test_cancelling_twice_writes_once(visit):
    assert len(visit((sessions.cancel, "Grève"), (sessions.cancel, "Grève"))) == 2


def test_a_seat_given_back_leaves_the_calendar(association, in_space, live, mentor):
    with in_space(association):
        session, person = situations.live_session(live), db.session.merge(mentor)
        sessions.take_seat(person, session)
        sessions.leave_seat(person, session)

    first, last = mails_of(association, in_space)
    method, event = event_of(last)
    assert (method, str(event["status"]), last.to_address) == ("CANCEL", "CANCELLED", mentor.email)
    assert event["uid"] == event_of(first)[1]["uid"]


def test_whoever_waits_has_nothing_to_take_out_of_a_calendar(association, in_space, live, mentor):
    with in_space(association):
        session = situations.live_session(live, seats=1)
        waiting = db.session.merge(mentor)
        for each in (factories.mentor(association), waiting):
            sessions.take_seat(each, session)
        sessions.change(session, {"place": "En visio"})
        sessions.cancel(session, "Grève")

    theirs = [mail for mail in mails_of(association, in_space) if mail.to_address == mentor.email]
    assert [mail.calendar for mail in theirs] == [None, None, None]
    assert "Grève" in theirs[-1].text


def test_the_promoted_get_the_invitation_of_the_session_as_it_is_now(association, in_space, live, mentor):
    with in_space(association):
        session = situations.live_session(live, seats=1)
        for each in (factories.mentor(association), db.session.merge(mentor)):
            sessions.take_seat(each, session)
        sessions.change(session, {"place": "En visio", "seats": 2})

    last = [mail for mail in mails_of(association, in_space) if mail.to_address == mentor.email][-1]
    method, event = event_of(last)
    assert (method, event["sequence"], str(event["location"])) == ("REQUEST", 1, "En visio")


def test_nobody_else_is_named_in_an_invitation(association, in_space, live, mentor):
    with in_space(association):
        others = [factories.mentor(association, first_name="Zénobie", last_name=f"Voisine{n}", account=False) for n in "ab"]
        session = situations.live_session(live)
        for each in [*others, db.session.merge(mentor)]:
            sessions.take_seat(each, session)
        sessions.change(session, {"place": "En visio"})
        secrets = [word for other in others for word in (other.email, other.last_name, other.phone, str(other.id))]

    for mail in mails_of(association, in_space):
        if mail.to_address == mentor.email:
            said = mail.calendar.replace("\r\n ", "") + mail.text + mail.html
            assert [word for word in secrets if word in said] == []


@pytest.mark.parametrize("word", ["Salle 3, bât. B ; 2e étage", 'Chez « Jo » "Bar"', "Ligne\\n deux", "BEGIN:VEVENT", "é" * 120])
def test_whatever_was_typed_comes_back_as_it_was(visit, word):
    [mail] = visit(place=word)

    assert str(event_of(mail)[1]["location"]) == word


@pytest.mark.parametrize("name", ['Jean "Jo"', "Anne;Marie", "O'Neil, fils", "a:b"])
def test_a_name_with_signs_makes_a_calendar_that_can_be_read(association, in_space, visit, name):
    with in_space(association):
        person = factories.mentor(association, first_name=name)

    [mail] = visit(who=person)

    assert str(event_of(mail)[1]["attendee"]) == f"mailto:{person.email}"


def test_an_event_says_when_it_was_written(visit):
    with time_machine.travel("2026-11-20T10:00:00Z", tick=False):
        [mail] = visit()

    assert event_of(mail)[1]["dtstamp"].dt == datetime(2026, 11, 20, 10, tzinfo=UTC)


def test_a_mentor_without_an_address_is_seated_without_a_mail(association, in_space, visit):
    with in_space(association):
        person = factories.mentor(association, account=False, email=None)

    assert visit(who=person) == []


@pytest.mark.parametrize("demo", [False, True])
def test_the_calendar_is_forgotten_once_sent_outside_the_demonstration(
    app, monkeypatch, association, in_space, run_jobs, visit, demo
):
    monkeypatch.setitem(app.config, "BINOME", replace(app.config["BINOME"], demo=demo))
    visit()

    assert run_jobs() == ["mail.deliver"]

    [mail] = mails_of(association, in_space)
    assert mail.state == MailState.SENT
    assert (mail.calendar is not None) is demo
    assert (mail.text is not None) is demo


def test_the_sequence_is_stored_with_the_session(association, in_space, visit):
    visit((sessions.change, {"place": "En visio"}), (sessions.cancel, "Grève"))

    with in_space(association):
        assert db.session.query(CourseSession).one().sequence == 2


def leaving(association, in_space):
    """The subjects of what has not left yet and still will."""
    return [mail.subject for mail in mails_of(association, in_space) if mail.kind == "training" and mail.valid_until > now()]


@pytest.mark.parametrize(
    ("act", "left"),
    [
        ((sessions.change, {"place": "En visio"}), ["Votre session change"]),
        ((sessions.change, {"seats": 30}), ["Votre place est réservée"]),
        ((sessions.cancel, "Grève"), ["Une session est annulée"]),
    ],
)
def test_what_waits_while_a_mail_server_is_down_does_not_leave_after_it_is_true_no_more(act, left, association, in_space, visit):
    visit(act)

    assert leaving(association, in_space) == left


def test_a_seat_given_back_takes_back_what_was_written_of_it_and_of_nothing_else(association, in_space, live, mentor):
    with in_space(association):
        session, other = situations.live_session(live), situations.live_session(live, days=9)
        person = db.session.merge(mentor)
        for row in (session, other):
            sessions.take_seat(person, row)
            sessions.leave_seat(person, row)
        sessions.take_seat(person, other)

    assert leaving(association, in_space) == ["Votre place est rendue", "Votre place est réservée"]


def test_no_letter_about_a_session_leaves_once_it_has_begun(association, in_space, visit):
    [mail] = visit()

    with in_space(association):
        assert mail.valid_until == db.session.query(CourseSession).one().starts_at


def test_who_leaves_is_reminded_of_nothing(association, in_space, visit, mentor):
    visit()

    with in_space(association):
        withdraw(db.session.merge(mentor))

    assert leaving(association, in_space) == []
