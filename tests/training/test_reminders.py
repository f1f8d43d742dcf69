"""What training reminds of by itself, on a clock that is held; and in one click."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from app.extensions import db
from app.mail import Mail
from app.training import following, quizzes, reminders, sessions
from app.training.models import Enrolment
from app.training.reminders import remind_all
from tests import factories

from . import situations
from .test_road import SPACE

PARIS = ZoneInfo("Europe/Paris")
SESSION = datetime(2027, 6, 15, 18, tzinfo=PARIS)
WEEK, EVE = "Votre session, dans quelques jours", "C'est demain : votre session"
NONE_SENT = "Aucun rappel\u00a0: ces mentors n'ont rien en cours, ou en ont reçu un depuis hier."
WAITS = "Votre formation vous attend"
STOPPED = "Des mentors se sont arrêtés en cours de formation"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = datetime(2027, 3, 10, 11, tzinfo=UTC)  # noon in Paris


def clockwork(app, tenant, in_space):
    """What does, in a space, what is done every hour, at a moment; it gives what was written: (address, subject)."""
    seen = set()

    def run(moment):
        with time_machine.travel(moment, tick=False), app.app_context():
            remind_all.run(tenant_id=str(tenant.id))
        with in_space(tenant):
            new = [mail for mail in db.session.query(Mail).order_by(Mail.created_at, Mail.id) if mail.id not in seen]
        seen.update(mail.id for mail in new)
        return [(mail.to_address, mail.subject) for mail in new]

    return run


def each_edge(hour, edges):
    """The same an hour before each of these moments, at it, and an hour after: (moment, subject)."""
    moments = sorted({edge + step for edge in edges for step in (-HOUR, 0 * HOUR, HOUR)})
    return [(moment, subject) for moment in moments for _to, subject in hour(moment)]


@pytest.fixture
def hour(app, association, in_space):
    """Do what is done every hour, at a moment."""
    return clockwork(app, association, in_space)


@pytest.fixture
def around(hour):
    """The same around several moments."""
    return lambda *edges: each_edge(hour, edges)


@pytest.fixture
def seated(association, in_space, course, mentor):
    """Give the mentor a seat in the session of June, so long before it: `seated(days=14)`."""

    def make(days=14, who=mentor, seated=True, **changes):
        with in_space(association):
            session = situations.live_session(course.live, **{"starts_at": SESSION, **changes})
            situations.seat(session, db.session.merge(who), is_seated=seated, seated_at=SESSION - days * DAY)
        return session

    return make


@pytest.fixture
def left(association, in_space, mentor):
    """A mentor who left the course half way at noon of the 10th of March, and staff who may be told."""

    def make(who=mentor, **changes):
        with in_space(association):
            return factories.enrol(db.session.merge(who), course_row(), **{"moved_at": NOON, **changes})

    return make


def course_row():
    return db.session.query(factories.Course).order_by(factories.Course.created_at).first()


@pytest.fixture
def staff_address(association, in_space):
    """Where staff are written to."""
    with in_space(association):
        return factories.member(association, "coordinator", "equipe@example.org").email


def test_a_seat_is_reminded_of_a_week_and_a_day_before(around, seated):
    seated()

    told = around(*(SESSION - days * DAY for days in (8, 7, 6, 3, 2, 1, 0, -1)))

    assert told == [(SESSION - 7 * DAY - HOUR, WEEK), (SESSION - DAY - HOUR, EVE)]


def test_the_reminder_says_where_and_when_and_carries_no_calendar(association, stored, hour, mentor, seated):
    seated()

    assert hour(SESSION - 7 * DAY) == [(mentor.email, WEEK)]

    [mail] = stored(association, Mail)
    assert "« Module 2 », mardi 15 juin à 18 h, 12 rue des Lilas, Lyon" in mail.text.replace("\u00a0", " ")
    assert mail.calendar is None


def test_a_reminder_that_waits_leaves_while_it_is_true(association, in_space, stored, hour, seated):
    session = seated()
    hour(SESSION - 6 * DAY), hour(SESSION - DAY)
    assert [mail.valid_until for mail in stored(association, Mail)] == [SESSION, SESSION.replace(hour=0)]

    with time_machine.travel(SESSION - DAY + HOUR, tick=False), in_space(association):
        sessions.cancel(db.session.merge(session), "Grève")

    over = SESSION - DAY + HOUR
    assert [mail.valid_until for mail in stored(association, Mail)] == [over, over, SESSION]


@pytest.mark.parametrize("clock", [0, 5, 7, 20, 23])
def test_nobody_is_reminded_at_night(hour, seated, left, clock):
    seated()
    left(moved_at=SESSION - 40 * DAY)

    assert hour((SESSION - 6 * DAY).replace(hour=clock, minute=59)) == []


@pytest.mark.parametrize("clock", [8, 12, 19])
def test_reminders_go_out_by_day(hour, seated, clock):
    seated()

    assert len(hour((SESSION - 6 * DAY).replace(hour=clock))) == 1


def test_night_is_that_of_the_space(app, programme, in_space):
    tenant = factories.association(app, "reunion", "Réunion", ["974"], timezone="Indian/Reunion")
    with in_space(tenant):
        factories.enrol(factories.mentor(tenant), course_row(), moved_at=NOON)

    for clock, count in ((3, 0), (4, 1)):  # 7 and 8 in the morning in Saint-Denis
        with time_machine.travel((NOON + 8 * DAY).replace(hour=clock), tick=False), app.app_context():
            remind_all.run(tenant_id=str(tenant.id))
        with in_space(tenant):
            assert db.session.query(Mail).count() == count


@pytest.mark.parametrize(("days", "expected"), [(0.5, []), (0.9, []), (3, [WEEK, EVE]), (30, [WEEK, EVE])])
def test_who_has_just_taken_the_seat_needs_no_reminder_of_it(around, seated, days, expected):
    seated(days=days)

    told = around(*(SESSION - before * DAY for before in range(8) if before <= days))

    assert [subject for _moment, subject in told] == expected


def test_a_reminder_waits_a_day_after_the_seat_was_taken(around, seated):
    seated(days=4)

    assert around(*(SESSION - days * DAY for days in (4, 3, 2))) == [(SESSION - 3 * DAY, WEEK)]


@pytest.mark.parametrize("clock", [(7, 30), (9, 0), (18, 0), (20, 30), (23, 59)])
def test_the_eve_is_the_day_before_on_the_calendar(hour, seated, clock):
    seated(starts_at=SESSION.replace(hour=clock[0], minute=clock[1]))
    mornings = [(SESSION - before * DAY).replace(hour=8, minute=17) for before in range(9, -2, -1)]

    told = {(SESSION.date() - moment.date()).days: subject for moment in mornings for _to, subject in hour(moment)}

    assert told == {7: WEEK, 1: EVE}


def test_who_was_given_a_seat_today_was_told_already(association, in_space, stored, hour, mentor, seated):
    session = seated(seats=1, days=10)
    with in_space(association), time_machine.travel(SESSION - DAY - HOUR, tick=False):
        other, live = factories.mentor(association), db.session.merge(session)
        situations.seat(live, other, number=2, is_seated=False, created_at=SESSION - 9 * DAY)
        sessions.leave_seat(db.session.merge(mentor), live)

    told = hour(SESSION - DAY) + hour(SESSION - HOUR)

    assert [subject for to, subject in told if to == other.email] == ["Une place s'est libérée pour vous"]


def test_a_session_moved_nearer_is_not_said_twice_in_a_day(association, in_space, around, seated):
    session = seated(starts_at=SESSION + 20 * DAY)
    with in_space(association), time_machine.travel(SESSION - 5 * DAY, tick=False):
        sessions.change(db.session.merge(session), {"starts_at": SESSION})

    told = around(SESSION - 5 * DAY + 2 * HOUR, SESSION - 4 * DAY, SESSION - DAY)

    assert [subject for _moment, subject in told] == ["Votre session change", WEEK, EVE]


@pytest.mark.parametrize(
    "changes", [{"cancelled_at": NOON, "cancel_reason": "Grève"}, {"seated": False}, {"starts_at": SESSION - 60 * DAY}]
)
def test_a_session_that_is_off_over_or_only_waited_for_is_not_reminded_of(around, seated, changes):
    seated(**changes)

    assert around(SESSION - 7 * DAY, SESSION - DAY) == []


@pytest.mark.parametrize(("state", "count"), [("paused", 1), ("withdrawn", 0)])
def test_who_left_is_reminded_of_no_session_who_is_in_a_pause_keeps_their_seat(association, in_space, hour, seated, state, count):
    with in_space(association):
        away = factories.mentor(association, state=state)
    seated(who=away)

    assert len(hour(SESSION - 6 * DAY)) == count


def test_a_session_that_was_moved_is_reminded_of_again(association, in_space, around, seated):
    session = seated()
    around(SESSION - 7 * DAY)
    with in_space(association), time_machine.travel(SESSION - 5 * DAY, tick=False):
        sessions.change(db.session.merge(session), {"starts_at": SESSION + 20 * DAY})

    told = around(*(SESSION + days * DAY for days in (12, 13, 15, 19)))

    assert [subject for _moment, subject in told] == ["Votre session change", WEEK, EVE]


def test_a_course_left_half_way_is_reminded_of_twice_then_staff_are_told(around, left, staff_address):
    left()

    told = around(*(NOON + days * DAY for days in (0, 1, 6, 7, 8, 14, 20, 21, 22, 27, 28, 29, 35, 60)))

    assert told == [(NOON + 7 * DAY, WAITS), (NOON + 21 * DAY, WAITS), (NOON + 28 * DAY, STOPPED)]


def test_each_is_told_what_is_theirs(association, in_space, stored, hour, mentor, left, staff_address):
    left()
    with in_space(association):
        left(who=factories.mentor(association, email=None, account=False))
    received = {day: hour(NOON + day * DAY) for day in (7, 21, 28)}

    assert received == {7: [(mentor.email, WAITS)], 21: [(mentor.email, WAITS)], 28: [(staff_address, STOPPED)]}
    texts = [mail.text for mail in stored(association, Mail)]
    assert "Vous avez commencé « Devenir mentor »." in texts[0].replace("\u00a0", " ")
    assert "2 mentors n'ont pas avancé depuis quatre semaines" in texts[-1]
    assert mentor.last_name not in texts[-1]


@pytest.mark.parametrize("state", ["paused", "withdrawn"])
def test_nobody_is_pressed_while_away(association, in_space, hour, left, staff_address, state):
    with in_space(association):
        left(who=factories.mentor(association, state=state))

    assert [hour(NOON + day * DAY) for day in (7, 21, 28, 40)] == [[]] * 4


@pytest.mark.parametrize("seat", [True, False])
def test_who_has_a_seat_to_come_or_waits_for_one_is_not_pressed(hour, left, seated, staff_address, seat):
    left()
    seated(days=90, seated=seat)

    assert [hour(NOON + day * DAY) for day in (7, 21, 28)] == [[]] * 3


@pytest.mark.parametrize(("attended", "held", "told"), [(None, 2, 0), (None, 93, 1), (False, 2, 1)])
def test_who_waits_for_staff_to_say_that_they_came_is_not_pressed(
    association, in_space, mentor, hour, left, session_of, attended, held, told
):
    left(moved_at=NOON - 100 * DAY, reminded=7, told_at=NOON - 93 * DAY)
    session = session_of(starts_at=NOON - held * DAY)
    session_of(starts_at=NOON + 30 * DAY)
    with in_space(association):
        minutes = None if attended is None else 0
        situations.seat(db.session.merge(session), db.session.merge(mentor), attended=attended, minutes=minutes)

    assert len(hour(NOON)) == told


def test_a_seat_in_a_cancelled_session_is_none(hour, mentor, left, seated):
    left()
    seated(days=90, cancelled_at=NOON, cancel_reason="Grève")

    assert hour(NOON + 7 * DAY) == [(mentor.email, WAITS)]


def test_a_course_that_was_ended_is_left_in_peace(hour, left, staff_address):
    left(ended_at=NOON)

    assert [hour(NOON + day * DAY) for day in (7, 21, 28)] == [[]] * 3


def test_a_step_begins_the_silence_again(association, in_space, course, around, mentor, left, staff_address, session_of):
    left()
    session_of(starts_at=NOON + 90 * DAY)
    around(NOON + 21 * DAY)
    with in_space(association), time_machine.travel(NOON + 22 * DAY, tick=False):
        following.finish_alone(db.session.merge(mentor), course.text, mentor.user_id)

    told = around(*(NOON + days * DAY for days in (22.1, 28, 29, 30, 42, 43, 44)))

    assert told == [(NOON + 29 * DAY, WAITS), (NOON + 43 * DAY, WAITS)]


QUESTIONS = {
    "single": {"id": "q1", "kind": "single", "text": "Vrai\u00a0?", "feedback": "", "choices": [
        {"id": "c1", "text": "Oui", "right": True, "feedback": ""}, {"id": "c2", "text": "Non", "right": False, "feedback": ""},
    ]},
    "free": {"id": "q1", "kind": "free", "text": "Pourquoi\u00a0?", "feedback": "", "choices": []},
}  # fmt: skip


@pytest.mark.parametrize(("kind", "answer", "told"), [("single", "c2", [7, 21]), ("free", "Parce que", [])])
def test_an_answer_is_a_step_and_what_staff_must_read_is_not_pressed(association, in_space, around, mentor, kind, answer, told):
    with in_space(association), time_machine.travel(NOON, tick=False):
        course = factories.published("Vrai ou faux", [{"kind": "quiz", "title": "Vrai", "questions": [QUESTIONS[kind]]}])
        person = db.session.merge(mentor)
        factories.enrol(person, course, reminded=21, moved_at=NOON - 22 * DAY)
        attempt = quizzes.open_attempt(person, situations.modules(course)[0])
        quizzes.answer(person, attempt, {"q-q1": [answer]})

    assert around(*(NOON + days * DAY for days in (1, 7, 8, 21, 22))) == [(NOON + days * DAY, WAITS) for days in told]


@pytest.mark.parametrize("kind", ["interview", "live"])
def test_who_cannot_go_on_alone_is_not_pressed_but_staff_are_told(association, in_space, around, mentor, staff_address, kind):
    with in_space(association):
        course = factories.published("Entretien", [{"kind": kind, "title": "Avec l'équipe"}])
        factories.enrol(db.session.merge(mentor), course, moved_at=NOON)

    assert around(*(NOON + days * DAY for days in (7, 21, 28, 40))) == [(NOON + 28 * DAY, STOPPED)]


def test_who_comes_back_after_a_long_pause_is_reminded_before_staff_are(association, in_space, around, left, staff_address):
    left()

    told = around(*(NOON + days * DAY for days in (40, 41, 46, 47, 48, 54, 55, 80)))

    assert told[0] == (NOON + 40 * DAY - HOUR, WAITS)
    assert [subject for _moment, subject in told] == [WAITS, WAITS, STOPPED]


def send_reminder(office, *mentors):
    data = {"mentor": [str(mentor.id) for mentor in mentors], "action": "rappel"}
    return office.send(f"{SPACE}/formation/mentors/ensemble", data)


def test_staff_remind_in_one_click_once_a_day(association, in_space, stored, mentor, left):
    left()
    sent = []
    for after in (DAY, DAY + 23 * HOUR, 2 * DAY):
        with time_machine.travel(NOON + after, tick=False), in_space(association):
            sent.append(reminders.remind([mentor]))

    assert sent == [1, 0, 1]
    assert [mail.to_address for mail in stored(association, Mail)] == [mentor.email] * 2


def test_the_click_says_how_many_were_sent(office, association, in_space, mentor, left):
    left()
    with in_space(association):
        other = factories.mentor(association)

    assert send_reminder(office, mentor, other).flashes == ["1 rappel envoyé."]
    assert send_reminder(office, mentor, other).flashes == [NONE_SENT]
    assert send_reminder(office).flashes == ["Cochez d'abord les mentors concernés."]


def test_who_is_enrolled_by_staff_learns_it(office, association, stored, course, mentor):
    data = {"mentor": [str(mentor.id)], "action": "inscription", "parcours": str(course.id)}

    page = office.send(f"{SPACE}/formation/mentors/ensemble", data)

    assert page.flashes == ["1 mentor inscrit."]
    [mail] = stored(association, Mail)
    assert (mail.to_address, mail.subject) == (mentor.email, "Une formation vous est proposée")
    assert len(stored(association, Enrolment)) == 1
