"""Somebody of a pair died: their file says so, the pair ends in silence, the other one is left in peace; or it was a mistake."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.extensions import db
from app.mail import Mail
from app.meetings.actions import Spot, plan_all
from app.meetings.models import Meeting
from app.pairs import closing, life
from app.pairs.actions import kept_apart
from app.pairs.models import Closure, PairEvent
from app.people import actions
from app.people.actions import close_file, reopen_file
from app.people.models import FileState, Mentor
from app.web import today
from tests import factories

from .situations import ANSWERS, again, closing_pair, do_all, letters_to, story

SIDES = pytest.mark.parametrize(("dead", "left"), [("mentor", "mentee"), ("mentee", "mentor")])
PAGE = {"mentor": "mentors", "mentee": "jeunes"}


def die(tenant, pair, side, by):
    """Say that one of a pair died; the pair as it is then."""
    row = again(tenant, pair)
    close_file(row.person(side), by)
    db.session.flush()
    return row


def come_back(tenant, pair, side):
    """It was a mistake: the file opens again, with its place."""
    person = again(tenant, pair).person(side)
    reopen_file(person)
    db.session.flush()


@SIDES
def test_the_pair_ends_in_silence_and_the_other_rests_first_in_line(dead, left, office, people, in_space, association):
    with in_space(association):
        meeting = factories.meeting(again(association, people.pair), starts_at=factories.noon(3)).id
        before = set(db.session.scalars(select(Mail.id)))
    page = office.send(f"/a/passerelle/{PAGE[dead]}/{getattr(people, dead).id}/retrait", {"died": "y"})

    assert "Aucun message n'est parti : appelez" in page.text
    with in_space(association):
        pair = again(association, people.pair)
        assert (pair.state, pair.closure_reason, pair.closed_on) == ("closed", "death", today())
        assert db.session.get(Meeting, (association.id, meeting)).state == "cancelled"
        assert set(db.session.scalars(select(Mail.id))) == before
        assert (pair.person(dead).state, pair.person(left).state) == ("withdrawn", "paused")
        assert pair.person(left).first_in_line
        assert pair.person(left).paused_until is None
        who = db.session.scalars(select(PairEvent).where(PairEvent.pair_id == pair.id, PairEvent.what == "closed")).one()
        assert who.user_id is not None, "somebody said so"
        assert closing.share_accompanied() == (0, 0), "no closure that should have been accompanied"
    shown = office.page(f"/a/passerelle/binomes/{people.pair.id}")
    assert "Décès" in shown.text
    assert "Voir la clôture" not in shown.text
    assert "Rouvrez d'abord le dossier" in shown.text
    closure = office.get(f"/a/passerelle/binomes/{people.pair.id}/cloture")
    assert closure.headers["Location"] == f"/a/passerelle/binomes/{people.pair.id}"


def test_a_pause_of_the_other_lasts_until_the_team_says_so(people, in_space, association, by):
    with in_space(association):
        again(association, people.pair).mentor.state = FileState.PAUSED
        again(association, people.pair).mentor.paused_until = today() + timedelta(days=3)
        db.session.flush()
        mentor = die(association, people.pair, "mentee", by).mentor
        mentor.paused_until = today()

        actions.resume_when_due(mentor)

        assert (mentor.state, mentor.paused_until) == ("paused", None)


def test_a_mentor_whose_other_pair_goes_on_is_proposed_to_nobody_and_has_their_room_again(people, in_space, association, by):
    with in_space(association):
        mentor = db.session.get(Mentor, (association.id, people.mentor.id))
        mentor.capacity = 2
        factories.pair(mentor, factories.mentee(association))
        pair = die(association, people.pair, "mentee", by)
        assert (pair.mentor.state, pair.mentor.capacity) == ("active", 1)

        come_back(association, people.pair, "mentee")
        assert life.reopen(again(association, people.pair), by)
        assert pair.mentor.capacity == 2


@SIDES
def test_a_pair_that_had_not_begun_is_dropped(dead, left, in_space, association, by):
    with in_space(association):
        pair = factories.pair(factories.mentor(association, trained=True), factories.mentee(association), state="confirmed")
        row = die(association, pair, dead, by)

        assert (row.state, row.closure_reason) == ("dropped", "death")
        assert (row.person(left).state, row.person(left).first_in_line) == ("paused", True)


def test_a_precaution_outlives_the_pair(people, in_space, association, by):
    """What was under way when the jeune died: the mentor rests, the two stay apart, and a mistake opens the closure again."""
    with in_space(association):
        closing_pair(association, people.pair, "unforeseen", "safety")
        pair = die(association, people.pair, "mentee", by)
        assert (pair.closure_reason, pair.mentor.state) == ("death", "paused")
        assert kept_apart(pair.mentor, pair.mentee)

        come_back(association, people.pair, "mentee")
        before = len(letters_to(pair.mentor.email))
        assert life.reopen(again(association, people.pair), by)
        assert (pair.state, pair.closure_reason, pair.closed_on) == ("closing", None, None)
        assert len(letters_to(pair.mentor.email)) == before, "nobody was told that it was over"
        closure = db.session.scalars(select(Closure)).one()
        assert (closure.reason, closure.closed_on, closure.reopened_on) == ("safety", None, None)
        assert (pair.mentor.state, closure.rested) == ("paused", ["mentor"])
        do_all(closure)
        closing.close(closure, today(), ANSWERS, by)
        assert (pair.state, pair.closure_reason) == ("closed", "safety")


def test_a_death_noted_by_mistake_is_undone_and_both_read_that_nothing_is_planned(office, people, in_space, association, by):
    with in_space(association):
        die(association, people.pair, "mentee", by)
        come_back(association, people.pair, "mentee")
    path = f"/a/passerelle/binomes/{people.pair.id}"
    assert "Le décès était noté par erreur." in office.page(path).text
    office.send(f"{path}/reouverture")

    with in_space(association):
        pair = again(association, people.pair)
        assert (pair.state, pair.mentor.state, pair.mentee.state) == ("active", "active", "active")
        assert kept_apart(pair.mentor, pair.mentee) == [], "a death is no precaution"
        assert story(pair)[-2:] == ["closed", "reopened"]
        letter = db.session.scalars(select(Mail).where(Mail.to_address == pair.mentor.email, Mail.kind == life.KIND)).one()
        assert letter.subject == "Votre binôme continue"


@pytest.mark.parametrize("is_closing", [True, False])
def test_what_a_death_by_mistake_had_called_off_in_silence_is_said(is_closing, people, in_space, association, by):
    with in_space(association):
        if is_closing:
            closing_pair(association, people.pair)
        meeting = factories.meeting(again(association, people.pair), starts_at=factories.noon(3))
        factories.meeting(again(association, people.pair), starts_at=factories.noon(4), state="cancelled")
        pair = die(association, people.pair, "mentee", by)
        assert meeting.state == "cancelled"
        come_back(association, people.pair, "mentee")
        assert life.reopen(pair, by)

        for person in (pair.mentor, pair.mentee):
            told = db.session.scalars(select(Mail).where(Mail.to_address == person.email, Mail.kind == "meeting_cancelled")).all()
            assert ["METHOD:CANCEL" in mail.calendar for mail in told] == [True], "of what was called off then, and of nothing else"


def test_a_series_called_off_in_silence_is_said_in_one_letter_and_once(people, in_space, association, by):
    with in_space(association):
        pair = again(association, people.pair)
        plan_all([pair], [factories.noon(days) for days in (3, 10, 17)], Spot(60, "remote"), people.mentor.user_id)
        for _time in range(2):
            die(association, people.pair, "mentee", by)
            come_back(association, people.pair, "mentee")
            assert life.reopen(pair, by)

        told = db.session.scalars(select(Mail).where(Mail.to_address == pair.mentee.email, Mail.kind == "meeting_cancelled")).all()
        assert [(mail.subject, mail.calendar) for mail in told] == [("Des rendez-vous sont annulés", None)]


@SIDES
def test_whoever_never_heard_of_the_other_goes_on_waiting(dead, left, in_space, association, by):
    with in_space(association):
        pair = factories.pair(factories.mentor(association, trained=True), factories.mentee(association), state="proposed")
        row = die(association, pair, dead, by)

        assert (row.state, row.closure_reason) == ("dropped", "death")
        assert (row.person(left).state, row.person(left).first_in_line) == ("active", True)


def test_a_mentor_whose_forming_pair_ends_and_who_has_another_is_offered_to_nobody(people, in_space, association, by):
    with in_space(association):
        mentor = db.session.get(Mentor, (association.id, people.mentor.id))
        mentor.capacity = 3
        pair = factories.pair(mentor, factories.mentee(association), state="signing")
        die(association, pair, "mentee", by)

        assert (mentor.state, mentor.capacity) == ("active", 1)


def test_whoever_rests_after_a_death_is_not_woken_by_the_day_that_they_had_said(people, in_space, association, by):
    with in_space(association):
        mentor = db.session.get(Mentor, (association.id, people.mentor.id))
        mentor.capacity = 2
        factories.pair(mentor, factories.mentee(association))
        mentor.state, mentor.paused_until = FileState.PAUSED, today() + timedelta(days=3)
        db.session.flush()
        die(association, people.pair, "mentee", by)
        assert (mentor.state, mentor.paused_until) == ("paused", today() + timedelta(days=3))

        mentor.paused_until = today()
        actions.resume_when_due(mentor)
        assert (mentor.state, mentor.capacity) == ("active", 1), "room for the other pair alone"


def test_a_death_is_said_of_a_file_that_was_closed_while_its_pair_went_on(office, people, in_space, association):
    with in_space(association):
        again(association, people.pair).mentee.state = FileState.WITHDRAWN
    assert f"/jeunes/{people.mentee.id}/retrait" in office.page(f"/a/passerelle/binomes/{people.pair.id}/cloture").html
    office.send(f"/a/passerelle/jeunes/{people.mentee.id}/retrait", {"died": "y"})

    with in_space(association):
        assert again(association, people.pair).closure_reason == "death"
        assert letters_to(people.mentor.email) == []


def test_steps_that_were_open_are_not_noted_and_say_so(office, people, in_space, association, by):
    with in_space(association):
        closing_pair(association, people.pair)
    path = f"/a/passerelle/binomes/{people.pair.id}/cloture"
    assert office.page(path).status == 200
    with in_space(association):
        die(association, people.pair, "mentor", by)

    for late in (f"{path}/etape", f"{path}/fin"):
        assert "rien n'a été noté" in office.send(late, {"mentee-done_on": factories.today().isoformat()}).text
    assert "à faire" not in office.page(path).text


def test_a_death_is_said_from_the_steps_of_a_closure_too(office, people, in_space, association):
    with in_space(association):
        closing_pair(association, people.pair)

    assert f"/jeunes/{people.mentee.id}/retrait" in office.page(f"/a/passerelle/binomes/{people.pair.id}/cloture").html
