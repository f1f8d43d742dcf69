"""How a series, and what is chosen or refused of it, ends: what was invited is taken back, in the right words."""

from datetime import date

import pytest

from app.extensions import db
from app.pairs.life import pause
from app.pairs.models import Pair

from .calendars import read
from .situations import NOON, SPACE, at, path, plan_path, since_long, soon, stored, typed
from .test_wishes import offer_path, slot

FIRST = date(2027, 3, 12)


@pytest.fixture
def in_march(people, in_space, association):
    with in_space(association):
        since_long(people.pair)
    with at(NOON):
        yield


@pytest.mark.parametrize("how", ["pause", "cancel"])
def test_a_meeting_that_was_added_to_a_series_and_so_invited_alone_is_taken_back(
    how, in_march, app, people, letters, in_space, association
):
    mentor = app.test_client().sign_in(people.mentor.user_id)
    mentor.send(plan_path(people.pair), typed(FIRST, every="1", until="2027-03-19"))
    mentor.send(plan_path(people.pair), typed(FIRST, every="1", until="2027-03-26"))
    (invited,) = [letter.calendar for letter in letters("meeting_planned") if letter.calendar]
    with in_space(association):
        if how == "pause":
            pause(db.session.get(Pair, (association.id, people.pair.id)), "exams", None, people.coordinator.user_id)
    if how == "cancel":
        mentor.send(path(stored_last(in_space, association, people), "/annulation"))

    ends = [
        read(letter.calendar)
        for letter in letters("meeting_cancelled")
        if letter.calendar and letter.to_address == people.mentee.email
    ]

    assert read(invited)[1][0].uid in {event.uid for method, events in ends if method == "CANCEL" for event in events}


def stored_last(in_space, association, people):
    with in_space(association):
        return stored(people.pair)[-1]


def test_the_time_that_a_mentor_planned_meanwhile_is_still_the_one_that_the_jeune_chooses(
    mentor, jeune, people, in_space, association
):
    mentor.send(offer_path(people.pair), slot(3))
    where = jeune.page(f"{SPACE}/").soup.find("a", string="Choisir un moment")["href"]
    start = jeune.page(where).soup.find("input", {"name": "start"})["value"]
    mentor.send(plan_path(people.pair), typed(soon(3), "10:00"))

    page = jeune.send(where, {"start": start})

    assert page.status == 200
    with in_space(association):
        assert len(stored(people.pair)) == 1


def test_a_refusal_whose_word_is_too_long_says_so(mentor, jeune, people):
    mentor.send(offer_path(people.pair), slot(3))
    where = jeune.page(f"{SPACE}/").soup.find("a", string="Choisir un moment")["href"]

    page = jeune.send(f"{where}/refus", {"word": "x" * 201})

    assert "C'est trop long" in page.text


def test_one_meeting_of_a_series_is_called_off_in_the_singular(in_march, app, people, letters, in_space, association):
    mentor = app.test_client().sign_in(people.mentor.user_id)
    mentor.send(plan_path(people.pair), typed(FIRST, every="1", until="2027-03-26"))
    mentor.send(path(stored_last(in_space, association, people), "/annulation"))

    (letter,) = letters("meeting_cancelled")
    assert letter.subject == "Votre rendez-vous du vendredi 26 mars est annulé"


def test_the_rest_of_a_series_from_one_that_was_called_off_before(in_march, app, people, in_space, association):
    mentor = app.test_client().sign_in(people.mentor.user_id)
    mentor.send(plan_path(people.pair), typed(FIRST, every="1", until="2027-03-19"))
    with in_space(association):
        first = stored(people.pair)[0]
    mentor.send(path(first, "/annulation"))
    mentor.send(path(first, "/annulation"), {"rest": "y"})

    with in_space(association):
        assert [m.state for m in stored(people.pair)] == ["cancelled", "cancelled"]
