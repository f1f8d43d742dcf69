"""A first meeting that the mentor planned: the team is called on until somebody goes, speaks with the mentor, or it was held."""

from datetime import timedelta

import pytest

from app.database import now
from app.extensions import db
from app.mail import Mail
from app.meetings.models import Meeting
from tests import factories

from .situations import moment, pair_path, plain, situation

ALONE = ("first_alone", "mentor")


@pytest.fixture
def planned(in_space, association, people):
    """The mentor planned the first meeting, an hour and a half at the association's, in three days."""
    with in_space(association):
        starts_at = moment(factories.today() + timedelta(days=3), "15:00")
        return factories.meeting(
            situation(association, people.pair), starts_at=starts_at, place="association", where="12 rue", minutes=90
        )


@pytest.fixture
def raised(refreshed, calls):
    def read():
        refreshed()
        return ALONE in calls()

    return read


def link(page, words):
    return page.soup.find("a", string=words)["href"]


def test_the_team_is_called_on_until_somebody_goes_there(planned, raised, calls, coordinator, people, in_space, association):
    assert raised()
    path = link(coordinator.page(pair_path(people.pair)), "Dire qui de l'équipe y va")
    page = coordinator.page(path)
    assert not page.soup.select("[name^=where]"), "where it is was said when it was planned"
    local = planned.starts_at.astimezone(factories.PARIS)
    assert page.value("starts_at") == f"{local:%Y-%m-%dT%H:%M}"

    form = {"starts_at": page.value("starts_at"), "place": "association", "staff": str(people.coordinator.id)}
    page = coordinator.send(path, form)

    assert page.flashes == ["La première rencontre est prévue."]
    assert f"{people.coordinator.full_name} sera à la première rencontre." in page.text
    assert ALONE not in calls()
    assert not raised()
    with in_space(association):
        assert [meeting.where for meeting in db.session.query(Meeting)] == ["12 rue"]
        told = db.session.query(Mail.text).filter(Mail.to_address == people.mentee.email).all()
        assert sum("de l'association, sera avec vous." in plain(text) for (text,) in told) == 1


def test_what_is_said_of_it(planned, refreshed, coordinator, people):
    refreshed()

    assert "sans personne de l'équipe" in coordinator.page(pair_path(people.pair)).text


def test_a_talk_with_the_mentor_since_it_was_planned_ends_it(planned, raised, spoken):
    spoken("mentor", now() + timedelta(minutes=1))

    assert not raised()


def test_once_they_met_nobody_is_called_on_and_the_link_is_gone(planned, raised, in_space, association, people, coordinator):
    with in_space(association):
        factories.meeting(situation(association, people.pair), -2, "held")

    assert not raised()
    assert "Dire qui de l'équipe y va" not in coordinator.page(pair_path(people.pair)).text


def test_a_meeting_that_is_called_off_is_no_first_one(planned, raised, in_space, association, coordinator, people):
    with in_space(association):
        situation(association, planned).state = "cancelled"

    assert not raised()
    assert link(coordinator.page(pair_path(people.pair)), "Prévoir la première rencontre")


@pytest.mark.parametrize("state", ["paused", "closed"])
def test_nor_is_anybody_called_on_in_a_pair_that_does_not_meet(state, planned, raised, change):
    change(state=state, **({"closed_on": factories.today(), "closure_reason": "death"} if state == "closed" else {}))

    assert not raised()


@pytest.mark.parametrize("typed", ["", "demain", "2026-13-45T99:00"])
def test_a_moment_that_is_none_fills_nothing(typed, coordinator, people):
    page = coordinator.page(pair_path(people.pair, f"/premiere-rencontre?quand={typed}&lieu=bar"))

    assert not page.value("starts_at")
