"""Nobody meets in the night, where the jeune lives; a minor's evening ends sooner."""

from datetime import date

import pytest

from app.extensions import db
from app.meetings import actions
from app.meetings.refusals import AtNight
from app.pairs.models import Pair
from tests import factories

from .situations import SPACE, on_clock, path, plan_path, soon, stored, typed

REFUSED = "Un rendez-vous se tient entre 7 h et %s h, à l'heure d'Inès."
HOURS = [
    (20, "06:59", "60", 22),
    (20, "21:30", "60", 22),
    (20, "23:30", "60", 22),
    (20, "03:00", "60", 22),
    (16, "20:30", "60", 21),
]


@pytest.fixture
def aged(people, in_space, association):
    """Give the jeune an age; a minor is allowed what a minor must be."""

    def change(age):
        with in_space(association):
            mentee = db.session.get(Pair, (association.id, people.pair.id)).mentee
            mentee.birth_date = date(factories.today().year - age, 1, 1)
            if age < 18:
                factories.authorisation(mentee)

    return change


@pytest.mark.parametrize(("age", "hour", "length", "last"), HOURS)
def test_a_night_is_refused_at_the_hour(age, hour, length, last, aged, mentor, people, in_space, association):
    aged(age)

    page = mentor.send(plan_path(people.pair), typed(soon(), hour, length=length))

    assert (page.status, page.errors, page.value("time")) == (422, [REFUSED % last], hour)
    with in_space(association):
        assert stored(people.pair) == []


@pytest.mark.parametrize(
    ("age", "hour", "length"), [(20, "07:00", "60"), (20, "21:00", "60"), (16, "20:00", "60"), (16, "19:00", "120")]
)
def test_a_day_is_taken_to_its_last_minute(age, hour, length, aged, mentor, people, in_space, association):
    aged(age)

    mentor.send(plan_path(people.pair), typed(soon(), hour, length=length))

    with in_space(association):
        assert len(stored(people.pair)) == 1


def test_the_day_is_the_jeunes_own(mentor, people, in_space, association):
    """Half past ten in the morning in Paris is the evening in Nouméa, and one in the morning in Papeete."""
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        for departement, is_refused in (("988", False), ("987", True)):
            pair.mentee.departement_code = departement
            try:
                actions.plan(pair, on_clock("Europe/Paris", soon(), "10:30"), 60, "remote", "")
            except AtNight:
                assert is_refused
            else:
                assert not is_refused


def test_neither_moved_nor_offered_to_the_night(mentor, people, in_space, association):
    with in_space(association):
        meeting = factories.meeting(
            db.session.get(Pair, (association.id, people.pair.id)), starts_at=on_clock("Europe/Paris", soon())
        )
    offer = {"length": "60", "place": "remote", "day0": soon().isoformat(), "time0": "23:00"}

    moved = mentor.send(path(meeting, "/deplacement"), typed(soon(), "22:30"))
    offered = mentor.send(f"{SPACE}/binomes/{people.pair.id}/propositions/nouvelle", offer)

    assert moved.errors == offered.errors == [REFUSED % 22]


def test_what_took_place_at_night_is_logged_all_the_same(mentor, people, in_space, association):
    data = {"outcome": "held", "length": "60", "place": "remote", "day": soon(-3).isoformat(), "time": "23:00"}

    mentor.send(f"{SPACE}/binomes/{people.pair.id}/seances/nouvelle", data)

    with in_space(association):
        assert [meeting.state for meeting in stored(people.pair)] == ["held"]
