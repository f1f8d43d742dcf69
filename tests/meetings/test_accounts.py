"""Accounts of meetings: their limits to the second, their history, what was not planned, what staff correct."""

from datetime import datetime, time, timedelta

import pytest

from app.extensions import db
from app.meetings.models import Meeting, MeetingEvent
from app.pairs.closing import close_pair
from app.pairs.life import pause
from app.pairs.models import Pair
from app.web import today
from tests import factories

from .situations import DAY, NOON, PARIS, SPACE, a_meeting, at, path, plain, since_long, soon, stored

HELD = {"outcome": "held", "length": "60"}
OLD = "Ce compte rendu a plus de 30 jours. Écrivez à l'association, qui peut le corriger."
SECOND = timedelta(seconds=1)
AGES = [
    (60 * DAY, 200), (60 * DAY + SECOND, 422), (-SECOND, 422), (timedelta(), 200), (-DAY, 422),
]  # fmt: skip


@pytest.fixture
def history(in_space, association):
    """What was done with a meeting: (what, state before, minutes before, by whom)."""

    def read(meeting):
        with in_space(association):
            rows = (
                db.session.query(MeetingEvent).filter_by(meeting_id=meeting.id).order_by(MeetingEvent.created_at, MeetingEvent.id)
            )
            return [(e.what, e.before.get("state"), e.before.get("minutes"), e.user_id) for e in rows]

    return read


@pytest.fixture
def mentor_then(app, people):
    """The mentor with a session of the day that it is now."""
    return lambda: app.test_client().sign_in(people.mentor.user_id)


def log(meeting):
    return path(meeting, "/compte-rendu")


def correction(meeting):
    return f"{SPACE}/binomes/{meeting.pair_id}/seances/{meeting.id}"


@pytest.mark.parametrize(("age", "status"), AGES)
def test_the_mentor_has_60_days_to_the_second_from_the_beginning(age, status, mentor_then, people, in_space, association):
    with in_space(association):
        since_long(people.pair)
        meeting = a_meeting(people.pair, starts_at=NOON)

    with at(NOON + age):
        assert mentor_then().send(log(meeting), HELD).status == status


@pytest.mark.parametrize(("age", "status"), [(30 * DAY, 200), (30 * DAY + SECOND, 422)])
def test_then_30_days_from_the_first_account_however_often_it_is_corrected(age, status, mentor_then, people, in_space, association):
    with in_space(association):
        since_long(people.pair)
        meeting = a_meeting(people.pair, starts_at=NOON - 59 * DAY)
    with at(NOON):
        mentor_then().send(log(meeting), HELD)
    with at(NOON + 20 * DAY):
        assert mentor_then().send(log(meeting), {"outcome": "held", "length": "45"}).status == 200

    with at(NOON + age):
        page = mentor_then().send(log(meeting), {"outcome": "missed"})

    assert page.status == status
    assert page.errors == (
        [] if status == 200 else ["Ce compte rendu a plus de 30 jours. Écrivez à l'association, qui peut le corriger."]
    )


def test_each_correction_keeps_what_was_said_before(mentor, people, in_space, association, history):
    with in_space(association):
        meeting = a_meeting(people.pair)
    for data in ({"outcome": "held", "length": "90", "note": "Bien."}, {"outcome": "held", "length": "45"}, {"outcome": "missed"}):
        mentor.send(log(meeting), data)

    by = people.mentor.user_id
    assert history(meeting) == [("logged", "planned", 60, by), ("corrected", "held", 90, by), ("corrected", "held", 45, by)]


def test_the_same_account_again_writes_nothing(mentor, people, in_space, association, history):
    with in_space(association):
        meeting = a_meeting(people.pair)

    for _time in range(3):
        assert mentor.send(log(meeting), HELD).status == 200

    assert len(history(meeting)) == 1


@pytest.mark.parametrize("age", [10, 100, 400])
def test_staff_correct_whatever_its_age_and_read_the_history(age, app, people, in_space, association, history):
    with in_space(association):
        since_long(people.pair)
        logged = NOON - age * DAY
        meeting = a_meeting(people.pair, state="held", starts_at=logged, logged_at=logged, first_logged_at=logged)

    with at(NOON):
        staff = app.test_client().sign_in(people.coordinator.user_id)
        page = staff.send(correction(meeting), {"outcome": "missed", "note": "Le jeune n'est pas venu."})
        seen = staff.page(correction(meeting))

    assert page.flashes == ["La séance est corrigée."]
    assert history(meeting) == [("corrected", "held", 60, people.coordinator.user_id)]
    assert "Corrigé · " in seen.text
    assert "avant : 60 min, a eu lieu" in seen.text


def test_staff_do_not_log_what_has_not_begun(coordinator, people, in_space, association):
    with in_space(association):
        meeting = a_meeting(people.pair, 1)

    assert coordinator.send(correction(meeting), HELD).status == 422


def test_the_page_of_staff_is_of_that_pair(coordinator, people, in_space, association):
    with in_space(association):
        other = factories.pair(factories.mentor(association, trained=True), factories.mentee(association))
        meeting = a_meeting(people.pair)

    assert coordinator.page(f"{SPACE}/binomes/{other.id}/seances/{meeting.id}").status == 404
    assert coordinator.send(f"{SPACE}/binomes/{other.id}/seances/{meeting.id}", HELD).status == 404


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_the_two_do_not_open_the_page_of_staff(who, app, people, in_space, association):
    with in_space(association):
        meeting = a_meeting(people.pair)

    assert app.test_client().sign_in(getattr(people, who).user_id).page(correction(meeting)).status == 403


def new(pair):
    return f"{SPACE}/binomes/{pair.id}/seances/nouvelle"


def typed(days=-2, hour="10:00", **changes):
    return {**HELD, "place": "remote", "day": soon(days).isoformat(), "time": hour, **changes}


def test_a_meeting_that_nobody_planned_is_logged(mentor, people, in_space, association, history):
    page = mentor.page(new(people.pair))
    assert (page.heading, page.value("day")) == ("Une séance avec Inès", soon(0).isoformat())

    page = mentor.send(new(people.pair), typed(subjects=["cv"], note="Rencontrés au café."))

    assert page.flashes == ["C'est noté, merci."]
    with in_space(association):
        (meeting,) = stored(people.pair)
        assert (meeting.state, meeting.minutes, meeting.subjects) == ("held", 60, ["cv"])
    assert [row[0] for row in history(meeting)] == ["logged"]


def test_of_a_planned_moment_it_is_the_planned_one(mentor, people, in_space, association):
    with in_space(association):
        planned = factories.meeting(people.pair, -7)
    here = planned.starts_at.astimezone(factories.PARIS)
    said = typed(length="90") | {"day": here.date().isoformat(), "time": f"{here:%H:%M}"}
    with in_space(association):
        db.session.get(Meeting, (association.id, planned.id)).starts_at = here.replace(second=0, microsecond=0)

    mentor.send(new(people.pair), said)

    with in_space(association):
        assert [(m.id, m.minutes) for m in stored(people.pair)] == [(planned.id, 90)]


def test_what_was_said_is_not_written_over_from_a_blank_form(mentor, people, in_space, association):
    mentor.send(new(people.pair), typed(note="Le mot du soir"))

    same = mentor.send(new(people.pair), typed(note="Le mot du soir"))
    other = mentor.send(new(people.pair), typed(length="90"))

    assert (same.status, other.status) == (200, 422)
    assert other.errors[0].startswith("Une séance est déjà notée à ce moment")
    with in_space(association):
        assert [(m.minutes, m.note) for m in stored(people.pair)] == [(60, "Le mot du soir")]


def test_a_blank_form_begins_as_the_two_met_last(mentor, people, in_space, association):
    with in_space(association):
        factories.meeting(people.pair, -7, "held", minutes=45, where="https://visio.example.org/nous")

    plan, log = mentor.page(f"/a/passerelle/binomes/{people.pair.id}/rendez-vous/nouveau"), mentor.page(new(people.pair))

    for page in (plan, log):
        assert page.soup.select_one("[name=place][checked]")["value"] == "remote"
        assert page.soup.select_one("[name=length][checked]")["value"] == "45"
    assert plan.value("where_remote") == "https://visio.example.org/nous"
    assert "Lieu : À distance · Changer le lieu" in log.text


def test_nor_an_unusual_length(mentor, people, in_space, association):
    with in_space(association):
        factories.meeting(people.pair, -7, "held", minutes=50)

    page = mentor.page(new(people.pair))

    assert (page.soup.select_one("[name=length][checked]")["value"], page.value("other_minutes")) == ("other", "50")


UNSAID = [
    ("to come", typed(2), "Cette séance n'a pas encore eu lieu : prévoyez-la plutôt."),
    ("over 60 days ago", typed(-61), "Cette date est trop ancienne : 60 jours au plus. Écrivez à l'association."),
    ("before the pair", typed(-95), "Cette date est avant le début du binôme."),
    ("no day", typed() | {"day": ""}, "Indiquez une date qui existe."),
    ("no hour", typed(hour=""), "Indiquez une heure."),
    ("no length", typed() | {"length": ""}, "Indiquez combien de temps elle a duré."),
]


@pytest.mark.parametrize(("data", "sentence"), [case[1:] for case in UNSAID], ids=[case[0] for case in UNSAID])
def test_what_cannot_be_logged_is_said_at_its_field(data, sentence, mentor, people, in_space, association):
    page = mentor.send(new(people.pair), data)

    assert (page.status, page.errors) == (422, [sentence])
    with in_space(association):
        assert stored(people.pair) == []


@pytest.mark.parametrize("end", ["closed", "paused"])
def test_a_pair_that_does_not_meet_logs_nothing_unplanned(end, mentor, people, in_space, association):
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        if end == "closed":
            close_pair(pair, today(), "planned", None)
        else:
            pause(pair, "exams", None, people.coordinator.user_id)

    assert mentor.send(new(people.pair), typed()).status == 422


def test_the_note_is_for_staff(mentor, jeune, coordinator, people, in_space, association):
    mentor.send(new(people.pair), typed(note="Elle a perdu son stage."))
    with in_space(association):
        meeting = db.session.query(Meeting).one()

    assert "perdu son stage" in plain(coordinator.page(correction(meeting)).text)
    assert all("perdu son stage" not in jeune.page(where).html for where in (f"{SPACE}/", path(meeting), f"{SPACE}/rendez-vous"))


# What the team adds.


def added(pair):
    return f"{SPACE}/binomes/{pair.id}/seances/ajout"


@pytest.mark.parametrize("days", [-2, -61, -89])
def test_the_team_adds_what_was_not_planned_whatever_its_age(days, coordinator, people, in_space, association, history):
    page = coordinator.send(added(people.pair), typed(days))

    assert page.flashes == ["La séance est notée."]
    with in_space(association):
        (meeting,) = stored(people.pair)
        assert (meeting.state, meeting.logged_by) == ("held", people.coordinator.user_id)
    assert [(row[0], row[3]) for row in history(meeting)] == [("logged", people.coordinator.user_id)]


@pytest.mark.parametrize("who", ["mentor", "coordinator"])
def test_one_that_was_planned_that_day_and_is_still_to_log_is_shown_first(who, mentor, coordinator, people, in_space, association):
    with in_space(association):
        planned = factories.meeting(db.session.merge(people.pair), starts_at=datetime.combine(soon(-2), time(19), PARIS))
    path, browser = (new if who == "mentor" else added)(people.pair), mentor if who == "mentor" else coordinator

    page = browser.send(path, typed(hour="10:00"))

    assert (page.status, page.errors) == (422, ["Un rendez-vous de ce jour-là, à 19 h, est encore à noter : est-ce celui-ci ?"])
    assert str(planned.id) in page.soup.find("a", string="Oui, noter celui de 19\N{NO-BREAK SPACE}h")["href"]
    with in_space(association):
        assert len(stored(people.pair)) == 1
    assert browser.send(path, typed(hour="10:00", anyway="y")).status == 200
    with in_space(association):
        assert sorted(meeting.state for meeting in stored(people.pair)) == ["held", "planned"]


def test_the_team_does_not_write_over_what_the_mentor_said(mentor, coordinator, people, in_space, association):
    mentor.send(new(people.pair), typed(note="Le mot du mentor"))

    page = coordinator.send(added(people.pair), typed(note="Un autre"))

    assert page.status == 422
    assert page.errors[0].startswith("Une séance est déjà notée à ce moment")
    with in_space(association):
        assert [meeting.note for meeting in stored(people.pair)] == ["Le mot du mentor"]


@pytest.mark.parametrize(
    ("data", "sentence"), [(UNSAID[0][1], UNSAID[0][2]), (UNSAID[2][1], UNSAID[2][2])], ids=["to come", "before"]
)
def test_what_the_team_cannot_add_is_said_at_its_field(data, sentence, coordinator, people, in_space, association):
    page = coordinator.send(added(people.pair), data)

    assert (page.status, page.errors) == (422, [sentence])


def test_the_team_adds_during_a_pause_and_not_after_the_end(coordinator, people, in_space, association):
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        pause(pair, "exams", None, people.coordinator.user_id)
    assert coordinator.send(added(people.pair), typed()).status == 200

    with in_space(association):
        close_pair(db.session.get(Pair, (association.id, people.pair.id)), today(), "planned", None)
    assert coordinator.send(added(people.pair), typed(-3)).status == 422


def test_who_works_here_and_mentors_here_adds_nothing_to_their_own_pair(app, people, in_space, association):
    with in_space(association):
        factories.place(association.id, people.mentor.user_id, "coordinator")
        meeting = a_meeting(people.pair)
    both = app.test_client().sign_in(people.mentor.user_id)

    assert both.send(added(people.pair), typed()).status == 409
    assert both.send(correction(meeting), HELD).status == 409


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_the_two_do_not_use_the_teams_page(who, app, people):
    assert app.test_client().sign_in(getattr(people, who).user_id).send(added(people.pair), typed()).status == 403
