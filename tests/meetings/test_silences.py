"""Pairs that do not meet: the mentor asked from the 25th, the team told after 35 days, each once, by day, and who is told."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Membership
from app.database import now
from app.extensions import db
from app.mail import Mail
from app.meetings import reminders, silences
from app.meetings.jobs import watch_silences
from app.meetings.notice_models import NoticeRefusal
from app.meetings.settings import choose
from app.pairs.closing import close_pair
from app.pairs.life import pause, resume
from app.pairs.models import Pair
from app.people.actions import withdraw
from app.people.models import Mentee
from app.tenants.models import Staff
from app.web import today
from tests import factories

from .situations import DAY, HOUR, a_meeting, at, brother, plain

DAY_25 = datetime(2027, 3, 25, 11, tzinfo=UTC)  # noon in Paris
ASKED, TOLD = "reminder_month_end", "reminder_silence"


@pytest.fixture
def the_pair(people, in_space, association):
    """The pair, which began on the 10th of February 2027 and follows nobody in particular."""

    def change(**values):
        with in_space(association):
            pair = db.session.get(Pair, (association.id, people.pair.id))
            for name, value in {"starts_on": date(2027, 2, 10), **values}.items():
                setattr(pair, name, value)

    change()
    return change


@pytest.fixture
def hour(app, the_pair, in_space, association):
    """Do what is done every hour, at a moment; gives the letters of a kind that were written: whose."""
    seen = set()

    def run(moment, kind=ASKED):
        with at(moment), app.app_context():
            watch_silences.run(tenant_id=str(association.id))
        with in_space(association):
            fresh = [m for m in db.session.scalars(select(Mail).order_by(Mail.to_address)) if m.id not in seen]
        seen.update(mail.id for mail in fresh)
        return [mail.to_address for mail in fresh if mail.kind == kind]

    return run


# The mentor, from the 25th.


def test_the_mentor_of_a_pair_without_a_meeting_is_asked_once_from_the_25th(hour, people, letters):
    assert hour(DAY_25 - DAY) == []

    assert hour(DAY_25) == [people.mentor.email]
    assert [hour(DAY_25 + step) for step in (HOUR, DAY, 6 * DAY)] == [[], [], []]
    (letter,) = letters(ASKED)
    assert "Ce mois-ci, aucun rendez-vous avec Inès n'est noté ni prévu." in letter.text
    assert hour(DAY_25 + 31 * DAY) == [people.mentor.email]  # the 25th of April


MET = [
    ("held", datetime(2027, 3, 2, 16, tzinfo=UTC), False),
    ("planned", datetime(2027, 3, 30, 16, tzinfo=UTC), False),
    ("planned", datetime(2027, 3, 4, 16, tzinfo=UTC), False),
    ("missed", datetime(2027, 3, 2, 16, tzinfo=UTC), True),
    ("cancelled", datetime(2027, 3, 2, 16, tzinfo=UTC), True),
    ("held", datetime(2027, 2, 28, 22, 59, tzinfo=UTC), True),  # a minute before March in Paris
    ("held", datetime(2027, 2, 28, 23, tzinfo=UTC), False),
    ("planned", datetime(2027, 3, 31, 21, 59, tzinfo=UTC), False),
    ("planned", datetime(2027, 3, 31, 22, tzinfo=UTC), True),  # April in Paris, in summer time
]


@pytest.mark.parametrize(("state", "starts_at", "asked"), MET)
def test_a_month_is_empty_when_nothing_in_it_was_held_or_is_planned(state, starts_at, asked, hour, people, in_space, association):
    with in_space(association):
        a_meeting(people.pair, state=state, starts_at=starts_at)

    assert hour(DAY_25) == ([people.mentor.email] if asked else [])


@pytest.mark.parametrize(("clock", "asked"), [(6, False), (7, True), (18, True), (19, False), (23, False)])
def test_nobody_is_asked_at_night(clock, asked, hour, people):
    """In Paris an hour later: from 8 h to before 20 h."""
    assert (hour(DAY_25.replace(hour=clock)) == [people.mentor.email]) is asked


@pytest.mark.parametrize(("departement", "first"), [("988", 7), ("987", 18), ("974", 7), ("972", 12)])
def test_nor_in_the_night_of_where_they_live(departement, first, hour, people, in_space, association):
    with in_space(association):
        db.session.get(Pair, (association.id, people.pair.id)).mentor.departement_code = departement

    asked = [clock for clock in range(24) if hour(DAY_25.replace(hour=clock))]

    assert asked == [first]


STATES = {
    "closed": lambda pair, by: close_pair(pair, today(), "planned", None),
    "paused": lambda pair, by: pause(pair, "exams", None, by),
    "no account": lambda pair, by: setattr(pair.mentor, "user_id", None),
    "no address": lambda pair, by: setattr(pair.mentor, "email", None),
    "began this month": lambda pair, by: setattr(pair, "starts_on", date(2027, 3, 2)),
    "refused": lambda pair, by: db.session.add(NoticeRefusal(user_id=pair.mentor.user_id, kind="month_end")),
    "switched off": lambda pair, by: choose(by, month_end=False),
}


@pytest.mark.parametrize("state", STATES)
def test_who_is_not_asked(state, hour, people, in_space, association):
    with in_space(association), at(DAY_25 - 2 * DAY):
        STATES[state](db.session.get(Pair, (association.id, people.pair.id)), people.coordinator.user_id)

    assert hour(DAY_25) == []


def test_the_association_chooses_the_day(hour, people, in_space, association):
    with in_space(association):
        choose(people.admin.user_id, month_day=12)

    assert hour(DAY_25 - 14 * DAY) == []
    assert hour(DAY_25 - 13 * DAY) == [people.mentor.email]


# The team, after 35 days.

BEGAN = datetime(2027, 2, 10, 11, tzinfo=UTC)


@pytest.fixture
def followed(people, the_pair, in_space, association):
    """The pair is followed by its coordinator; gives her address."""
    the_pair(coordinator_id=people.coordinator.id)
    with in_space(association):
        return db.session.get(Membership, (association.id, people.coordinator.user_id, "coordinator")).user.email


def test_who_follows_the_pair_is_told_after_35_days_and_once(followed, hour, letters):
    assert hour(BEGAN + 34 * DAY, TOLD) == []

    assert hour(BEGAN + 35 * DAY, TOLD) == [followed]
    assert [hour(BEGAN + 35 * DAY + step, TOLD) for step in (HOUR, DAY, 40 * DAY)] == [[], [], []]
    (letter,) = letters(TOLD)
    assert "1 binôme n'a rien noté depuis 35 jours." in plain(letter.text)
    assert "Inès P. et Karim P., depuis le 10 février 2027" in plain(letter.text)


LOGGED = [("held", True), ("missed", True), ("planned", False), ("cancelled", False)]


@pytest.mark.parametrize(("state", "counts"), LOGGED)
def test_what_was_logged_begins_a_new_silence(state, counts, followed, hour, people, in_space, association):
    logged = BEGAN + 20 * DAY
    with in_space(association):
        when = logged if state != "planned" else None
        a_meeting(people.pair, state=state, starts_at=logged - DAY, logged_at=when, first_logged_at=when)

    assert (hour(BEGAN + 35 * DAY, TOLD) == [followed]) is not counts
    assert (hour(logged + 35 * DAY, TOLD) == [followed]) is counts


def test_a_second_silence_is_told_too(followed, hour, people, in_space, association):
    assert hour(BEGAN + 35 * DAY, TOLD) == [followed]
    logged = BEGAN + 40 * DAY
    with in_space(association):
        a_meeting(people.pair, state="held", starts_at=logged - DAY, logged_at=logged, first_logged_at=logged)

    assert hour(logged + 34 * DAY, TOLD) == []
    assert hour(logged + 35 * DAY, TOLD) == [followed]


def test_the_days_of_a_pause_do_not_count(followed, hour, people, in_space, association):
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        with at(BEGAN + 5 * DAY):
            pause(pair, "exams", None, people.coordinator.user_id)
        with at(BEGAN + 30 * DAY):
            resume(pair)

    assert hour(BEGAN + 64 * DAY, TOLD) == []
    assert hour(BEGAN + 65 * DAY, TOLD) == [followed]


def admins(people, in_space, association):
    with in_space(association):
        return [db.session.get(Membership, (association.id, people.admin.user_id, "admin")).user.email]


def test_a_coordinator_who_left_is_told_nothing_and_the_administrator_is(followed, hour, people, in_space, association):
    with in_space(association):
        db.session.get(Membership, (association.id, people.coordinator.user_id, "coordinator")).ended_at = now()

    assert hour(BEGAN + 35 * DAY, TOLD) == admins(people, in_space, association)


def test_without_a_coordinator_the_administrator_is_told(hour, people, in_space, association):
    assert hour(BEGAN + 35 * DAY, TOLD) == admins(people, in_space, association)


def test_each_coordinator_reads_of_their_own_pairs_in_one_letter(followed, hour, people, in_space, association, letters):
    with in_space(association):
        other = factories.staff(association, "coordinator", first_name="Paul")
        mine = db.session.get(Staff, (association.id, people.coordinator.id))
        for name, who in (("Rayan", mine), ("Nadia", other)):
            brother(association, people.pair, name, starts_on=date(2027, 2, 10), coordinator=who)

    assert len(hour(BEGAN + 35 * DAY, TOLD)) == 2
    mine, theirs = sorted((plain(letter.text) for letter in letters(TOLD)), key=lambda text: "Nadia" in text)
    assert "2 binômes n'ont rien noté" in mine
    assert ("Rayan" in mine, "Inès" in mine, "Nadia" in theirs, "Rayan" in theirs) == (True, True, True, False)


def test_a_silence_that_nobody_can_be_told_holds_no_other_back(monkeypatch, followed, hour, people, in_space, association):
    monkeypatch.setattr(silences, "SHARE", 1)
    with in_space(association):
        for role in (people.coordinator, people.admin):
            work = factories.mentor(association, account=False)
            work.user_id = role.user_id
            factories.pair(work, db.session.get(Mentee, (association.id, people.mentee.id)), state="closed", closed_on=today())
        mine = db.session.get(Staff, (association.id, people.coordinator.id))
        brother(association, people.pair, "Rayan", starts_on=date(2027, 2, 11), coordinator=mine)

    assert hour(BEGAN + 40 * DAY, TOLD) == [followed]


def test_whom_to_tell_is_asked_once_for_all(followed, people, in_space, association, statements):
    def asked(moment):
        with in_space(association), at(moment), statements() as seen:
            assert silences.tell_team_of_silences(moment)
        return len(seen)

    one = asked(BEGAN + 35 * DAY)
    with in_space(association):
        mine = db.session.get(Staff, (association.id, people.coordinator.id))
        for name in ("Rayan", "Nadia", "Léo", "Zoé"):
            brother(association, people.pair, name, starts_on=date(2027, 2, 11), coordinator=mine)

    assert asked(BEGAN + 40 * DAY) <= one


@pytest.mark.parametrize("state", ["closed", "paused", "switched off"])
def test_what_is_over_or_not_wanted_is_told_to_nobody(state, followed, hour, people, in_space, association):
    with in_space(association), at(BEGAN + 30 * DAY):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        if state == "switched off":
            choose(people.admin.user_id, silence=False)
        else:
            STATES[state](pair, people.coordinator.user_id)

    assert hour(BEGAN + 35 * DAY, TOLD) == []


def test_the_association_chooses_how_long(followed, hour, people, in_space, association):
    with in_space(association):
        choose(people.admin.user_id, silent_days=14)

    assert (hour(BEGAN + 13 * DAY, TOLD), hour(BEGAN + 14 * DAY, TOLD)) == ([], [followed])


def test_a_full_share_asks_for_the_next(monkeypatch, followed, hour, people, in_space, association, run_jobs):
    monkeypatch.setattr(reminders, "SHARE", 2)
    monkeypatch.setattr(silences, "SHARE", 2)
    with in_space(association):
        for name in ("Rayan", "Nadia", "Léo"):
            brother(association, people.pair, name, starts_on=date(2027, 2, 10))

    hour(DAY_25, TOLD)
    with at(DAY_25 + timedelta(minutes=1)):
        done = run_jobs()

    assert done.count("meetings.watch_silences") >= 1
    with in_space(association):
        assert len(db.session.scalars(select(Mail).where(Mail.kind == ASKED)).all()) == 4


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_nobody_is_asked_to_meet_whom_they_may_not(the_pair, people, in_space, association, who):
    with at(DAY_25), in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        withdraw(getattr(pair, who))

        silences.ask_for_this_month(now())

        assert db.session.scalars(select(Mail).where(Mail.kind == ASKED)).all() == []
