"""What is sent of a meeting by itself: to whom, once, at its hour; not of what moved, ended, was answered or is not wanted."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.database import now
from app.extensions import db
from app.mail import Mail, MailState
from app.meetings import reminders
from app.meetings.actions import Spot, move
from app.meetings.calling_off import cancel
from app.meetings.jobs import remind, watch_silences
from app.meetings.models import Confirmation, Meeting
from app.meetings.notice_models import Notice
from app.meetings.settings import choose
from app.pairs.closing import close_pair
from app.pairs.life import pause
from app.pairs.models import Pair
from app.people.actions import withdraw
from app.territory.zones import clock_of
from app.web import today
from tests import factories

from .situations import DAY, HOUR, SPACE, VIDEO, a_meeting, at, path, plain, since_long, stored, typed

TENTH = datetime(factories.today().year + 1, 3, 10, 16, 30, tzinfo=UTC)
START = TENTH - timedelta(days=(TENTH.weekday() - 2) % 7)  # a Wednesday to come, at 17 h 30 in Paris, before clocks change
TWO_DAYS, TWO_HOURS, EVENING = START - 48 * HOUR, START - 2 * HOUR, START + 1.5 * HOUR
SECOND = timedelta(seconds=1)
MENTOR, JEUNE = "mentor", "mentee"


@pytest.fixture
def meeting(people, in_space, association):
    """A meeting of an hour at START, planned long before."""
    with in_space(association):
        since_long(people.pair)
        return a_meeting(people.pair, starts_at=START)


@pytest.fixture
def tick(app, people, in_space, association):
    """Do what is done every ten minutes, at a moment; gives what was written: (kind, whose)."""
    seen, sides = set(), {people.mentor.email: MENTOR, people.mentee.email: JEUNE}

    def run(moment):
        with at(moment), app.app_context():
            remind.run(tenant_id=str(association.id))
        with in_space(association):
            rows = db.session.scalars(select(Mail).where(Mail.kind.startswith("reminder_"))).all()
            fresh = sorted(
                (m.kind.removeprefix("reminder_"), sides.get(m.to_address, m.to_address)) for m in rows if m.id not in seen
            )
        seen.update(mail.id for mail in rows)
        return fresh

    return run


def both(kind):
    return [(kind, JEUNE), (kind, MENTOR)]


EDGES = [
    ("two_days", TWO_DAYS, START - 12 * HOUR),
    ("two_hours", TWO_HOURS, START),
    ("evening", EVENING, START + HOUR + 7 * DAY),
]


@pytest.mark.parametrize(("kind", "due", "_over"), EDGES)
def test_it_is_written_to_both_from_its_second_on_and_once(kind, due, _over, meeting, tick):
    assert kind not in [one for one, _side in tick(due - SECOND)]

    assert [row for row in tick(due) if row[0] == kind] == both(kind)
    assert [tick(due + step) for step in (timedelta(), SECOND, 600 * SECOND)] == [[], [], []]


@pytest.mark.parametrize(("kind", "_due", "over"), EDGES)
def test_it_is_not_written_when_it_means_nothing_any_more(kind, _due, over, meeting, tick):
    """The worker was stopped meanwhile. At night nobody is written to, so the meeting is looked at on its last day."""
    by_day = over if 7 <= over.hour < 20 else over.replace(hour=7)

    assert kind not in [one for one, _side in tick(by_day)]


def test_a_whole_life_of_reminders(meeting, tick):
    """Every ten minutes in the hour around what is due, every hour of three days, then four times a day."""
    dues = {"two_days": TWO_DAYS, "two_hours": TWO_HOURS, "evening": EVENING}
    told = []
    moment = START - 3 * DAY
    while moment < START + 9 * DAY:
        told += [(moment, *row) for row in tick(moment)]
        is_close = any(abs(moment - due) <= HOUR for due in dues.values())
        moment += HOUR / 6 if is_close else HOUR if abs(moment - START) < 3 * DAY else 6 * HOUR

    assert told == [(due, kind, side) for kind, due in dues.items() for side in (JEUNE, MENTOR)]


@pytest.mark.parametrize(("mine", "theirs"), [("69", "974"), ("988", "69"), ("987", "988"), ("972", "976")])
def test_nobody_is_written_to_at_night_on_their_own_clock(mine, theirs, meeting, people, tick, in_space, association):
    clocks = {MENTOR: clock_of(mine), JEUNE: clock_of(theirs)}
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        pair.mentor.departement_code, pair.mentee.departement_code = mine, theirs
        a_meeting(people.pair, starts_at=START + 9 * HOUR)

    told = [(START + rank * HOUR, *row) for rank in range(-55, 55) for row in tick(START + rank * HOUR)]

    assert len(told) == 12
    assert all(8 <= moment.astimezone(clocks[side]).hour < 21 for moment, _kind, side in told)


def test_a_letter_says_the_hour_of_its_reader(meeting, people, tick, letters, in_space, association):
    with in_space(association):
        db.session.get(Pair, (association.id, people.pair.id)).mentee.departement_code = "974"

    tick(TWO_HOURS)

    found = {letter.to_address: plain(letter.text) for letter in letters("reminder_two_hours")}
    day = f"mercredi {START.day} mars"
    assert f"Vous avez rendez-vous avec Inès {day}, à 17 h 30." in found[people.mentor.email]
    assert f"Vous avez rendez-vous avec Karim {day}, à 20 h 30." in found[people.mentee.email]
    assert all(person.last_name not in text for person in (people.mentor, people.mentee) for text in found.values())


JUST_PLANNED = [(TWO_DAYS + SECOND, []), (TWO_DAYS - SECOND, both("two_days"))]


@pytest.mark.parametrize(("set_at", "expected"), JUST_PLANNED)
def test_who_has_just_been_told_needs_no_reminder(set_at, expected, people, tick, in_space, association):
    with in_space(association):
        since_long(people.pair)
        a_meeting(people.pair, starts_at=START, set_at=set_at)

    assert tick(TWO_DAYS + HOUR) == expected
    assert tick(TWO_HOURS) == both("two_hours")


def test_what_moved_is_told_for_its_new_time_and_not_for_the_old(app, meeting, people, tick):
    tick(TWO_DAYS)
    with at(TWO_DAYS + HOUR):
        app.test_client().sign_in(people.mentor.user_id).send(path(meeting, "/deplacement"), typed((START + 5 * DAY).date()))

    assert tick(TWO_HOURS) == tick(EVENING) == []
    assert tick(TWO_DAYS + 5 * DAY) == both("two_days")
    assert tick(TWO_HOURS + 5 * DAY) == both("two_hours")


def test_another_place_is_no_new_reminder(app, meeting, people, tick):
    tick(TWO_DAYS)
    with at(TWO_DAYS + HOUR):
        client = app.test_client().sign_in(people.mentor.user_id)
        client.send(path(meeting, "/deplacement"), typed(START.date(), place="association", where="Salle 3"))

    assert tick(TWO_DAYS + 2 * HOUR) == []
    assert tick(TWO_HOURS) == both("two_hours")


ENDS = {
    "called off": lambda meeting, pair, by: setattr(meeting, "state", "cancelled"),
    "closed": lambda meeting, pair, by: close_pair(pair, today(), "planned", None),
    "paused": lambda meeting, pair, by: pause(pair, "exams", None, by),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("moment", [TWO_DAYS, TWO_HOURS, EVENING])
def test_nothing_is_said_of_what_ended(end, moment, meeting, people, tick, in_space, association):
    with in_space(association):
        ENDS[end](*stored(people.pair), db.session.get(Pair, (association.id, people.pair.id)), people.coordinator.user_id)

    assert tick(moment) == []


@pytest.mark.parametrize("state", ["held", "missed"])
def test_what_the_mentor_logged_is_not_asked_of_them_again(state, meeting, people, tick, in_space, association):
    with in_space(association):
        stored(people.pair)[0].state = state

    assert tick(EVENING) == [("evening", JEUNE)]


def test_what_the_jeune_said_is_not_asked_of_them_again(meeting, tick, in_space, association):
    with in_space(association):
        db.session.add(Confirmation(meeting_id=meeting.id, was_held=True))

    assert tick(EVENING) == [("evening", MENTOR)]


@pytest.mark.parametrize("kind", ["two_days", "two_hours", "evening"])
@pytest.mark.parametrize("side", [MENTOR, JEUNE])
def test_who_refuses_a_kind_is_spared_that_one_alone(kind, side, app, meeting, people, tick):
    client = app.test_client().sign_in(getattr(people, side).user_id)
    client.send(f"{SPACE}/rappels", dict.fromkeys({"two_days", "two_hours", "evening", "month_end"} - {kind}, "y"))
    assert client.page(f"{SPACE}/rappels").soup.find("input", {"name": kind, "checked": True}) is None

    told = [row for moment in (TWO_DAYS, TWO_HOURS, EVENING) for row in tick(moment)]

    assert set(both("two_days") + both("two_hours") + both("evening")) - set(told) == {(kind, side)}


def test_who_wants_it_again_gets_it_again(app, meeting, people, tick):
    client = app.test_client().sign_in(people.mentee.user_id)
    client.send(f"{SPACE}/rappels", {})
    client.send(f"{SPACE}/rappels", {"two_hours": "y"})

    assert tick(TWO_DAYS) == [("two_days", MENTOR)]
    assert tick(TWO_HOURS) == both("two_hours")


@pytest.mark.parametrize("kind", ["two_days", "two_hours", "evening"])
def test_what_the_association_does_not_want_is_sent_to_nobody(kind, meeting, people, tick, in_space, association):
    with in_space(association):
        choose(people.admin.user_id, **{kind: False})

    told = [row for moment in (TWO_DAYS, TWO_HOURS, EVENING) for row in tick(moment)]

    assert {one for one, _side in told} == {"two_days", "two_hours", "evening"} - {kind}


@pytest.mark.parametrize("lacking", ["email", "user_id"])
def test_who_has_no_address_or_never_came_in_is_not_written_to(lacking, meeting, people, tick, in_space, association):
    with in_space(association):
        setattr(db.session.get(Pair, (association.id, people.pair.id)).mentee, lacking, None)

    assert tick(TWO_DAYS) == [("two_days", MENTOR)]


def test_each_reminder_has_its_receipt(meeting, tick, people, in_space, association):
    tick(TWO_DAYS)

    with in_space(association):
        notices = db.session.query(Notice).all()
        assert {(n.kind, n.about, n.pair_id, n.side) for n in notices} == {
            ("two_days", meeting.id, people.pair.id, side) for side in (MENTOR, JEUNE)
        }
        mails = {mail.id: mail for mail in db.session.query(Mail)}
        assert {mails[n.mail_id].to_address for n in notices} == {people.mentor.email, people.mentee.email}


def test_many_meetings_are_told_a_share_at_a_time(monkeypatch, people, in_space, association, run_jobs, tick):
    monkeypatch.setattr(reminders, "SHARE", 2)
    with in_space(association):
        since_long(people.pair)
        for rank in range(5):
            a_meeting(people.pair, starts_at=START + rank * HOUR / 10)

    with at(TWO_DAYS + HOUR):
        first = tick(TWO_DAYS + HOUR)
        done = run_jobs()

    assert len(first) == 4
    assert done.count("meetings.remind") == 2
    with in_space(association):
        assert db.session.query(Notice).count() == 10


def test_another_associations_meetings_are_its_own(app, in_space, association, elsewhere, people, tick, meeting):
    with at(TWO_DAYS), app.app_context():
        remind.run(tenant_id=str(elsewhere.id))

    assert len(tick(TWO_DAYS)) == 2


def test_the_programme_has_no_meetings_and_is_asked_for_none(app, programme, in_space):
    for job in (remind, watch_silences):
        with at(TWO_DAYS), app.app_context():
            job.run(tenant_id=str(programme.id))

    with in_space(programme):
        assert db.session.query(Mail).count() == 0


def test_who_left_is_asked_nothing_in_the_evening(meeting, people, tick, in_space, association):
    with in_space(association):
        withdraw(db.session.get(Pair, (association.id, people.pair.id)).mentee)

    assert tick(EVENING) == [("evening", MENTOR)]


@pytest.mark.parametrize("end", ["move", "cancel"])
def test_one_that_has_not_left_says_nothing_of_what_moved_or_was_called_off(end, app, meeting, people, tick, in_space, association):
    """The mail server was down: the letter waited."""
    tick(TWO_HOURS)
    with at(TWO_HOURS + SECOND), in_space(association):
        row = db.session.get(Meeting, (association.id, meeting.id))
        if end == "move":
            move(row, START + HOUR, Spot(60, "remote", VIDEO), "", people.mentor.user_id)
        else:
            cancel(row, "", people.mentor.user_id)
        waits = select(Mail.valid_until).where(Mail.kind == "reminder_two_hours", Mail.state == MailState.WAITING)
        assert db.session.scalars(waits).all() == [now()] * 2
