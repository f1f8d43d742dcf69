"""A pair set right: its length, rhythm and objectives; and one that was formed by mistake, undone before they meet."""

from datetime import timedelta

import pytest

from app.extensions import db
from app.pairs import agreement, interest, life
from app.pairs.agreement_models import Agreement
from app.pairs.queries import waiting_mentees
from app.web import today
from tests import factories
from tests.people.fixtures import day_ago

from .situations import again, letters_to, plain, proposed, story

CHANGED = "Votre binôme change"


@pytest.fixture
def path(people):
    """The page that sets the pair right."""
    return f"/a/passerelle/binomes/{people.pair.id}/modification"


def typed(page, **changes):
    """What the page shows, with these changes."""
    names = ("planned_months", "objectives")
    rhythm = page.soup.find("input", {"name": "rhythm", "checked": True})["value"]
    return {**{name: page.value(name) for name in names}, "rhythm": rhythm, **changes}


def test_a_pair_goes_on_longer_and_both_know(office, path, association, in_space, people):
    page = office.send(path, typed(office.page(path), planned_months="12", rhythm="weekly", objectives="Le bac\nUn stage"))

    assert page.flashes == ["Le binôme est modifié."]
    with in_space(association):
        row = again(association, people.pair)
        assert (row.planned_months, row.rhythm, row.objectives) == (12, "weekly", ["Le bac", "Un stage"])
        assert story(row)[0] == "corrected"
        assert CHANGED in letters_to(people.mentor.email)
        assert CHANGED in letters_to(people.mentee.email)
    assert "Fin prévue" in page.text


def test_a_late_page_undoes_nothing_that_a_colleague_wrote(office, path, association, in_space, people):
    page = office.page(path)
    late = typed(page, objectives="Le bac\nUn stage", shown=page.value("shown"))
    office.send(path, typed(page, planned_months="12", rhythm="weekly"))

    assert office.send(path, late).flashes == ["Le binôme est modifié."]
    with in_space(association):
        row = again(association, people.pair)
        assert (row.planned_months, row.rhythm, row.objectives) == (12, "weekly", ["Le bac", "Un stage"])

    clash = office.send(path, {**late, "objectives": "Le permis", "rhythm": "monthly", "planned_months": "8"})

    assert clash.status == 422
    assert len(clash.errors) == 3
    assert "Quelqu'un vient d'écrire « Chaque semaine » ici." in plain(" ".join(clash.errors))
    with in_space(association):
        assert again(association, people.pair).planned_months == 12


def test_a_page_that_is_saved_untouched_changes_nothing(office, path, association, in_space, people):
    with in_space(association):
        again(association, people.pair).objectives = ["Le bac", "Au permis"]
    page = office.page(path)

    said = office.send(path, typed(page, objectives="- Le bac\r\n- Au permis", shown=page.value("shown")))

    assert said.flashes == ["Rien n'a changé."]


def test_objectives_alone_write_to_nobody_and_the_same_again_is_nothing(office, path, association, in_space, people):
    office.send(path, typed(office.page(path), objectives="Le bac"))
    page = office.send(path, typed(office.page(path)))

    assert page.flashes == ["Rien n'a changé."]
    with in_space(association):
        row = again(association, people.pair)
        assert (row.objectives, story(row).count("corrected")) == (["Le bac"], 1)
        assert CHANGED not in letters_to(people.mentor.email)


@pytest.mark.parametrize("months", ["", "0", "61", "six"])
def test_a_length_that_is_none_is_said_at_its_field(office, path, months):
    page = office.send(path, typed(office.page(path), planned_months=months))

    assert (page.status, len(page.errors)) == (422, 1)
    assert page.value("planned_months") == months


def test_the_start_is_set_right_before_it_begins_only(office, path, association, in_space, people):
    with in_space(association):
        pair = proposed(association, people.coordinator)
        before = f"/a/passerelle/binomes/{pair.id}/modification"
    assert office.page(path).soup.find("input", {"name": "starts_on"}) is None

    office.send(before, typed(office.page(before), starts_on=day_ago(-3)))

    with in_space(association):
        assert again(association, pair).starts_on.isoformat() == day_ago(-3)


def test_a_pair_that_is_over_is_not_set_right(office, path, association, in_space, people):
    with in_space(association):
        row = again(association, people.pair)
        row.state, row.closed_on, row.closure_reason = "closed", today(), "planned"

    assert office.page(path).heading != "Modifier le binôme"
    with in_space(association), pytest.raises(life.NotNow):
        life.correct(again(association, people.pair), {"planned_months": 9}, people.coordinator.user_id)


def undo(page):
    """Where the button that undoes a pair sends; None when there is none."""
    found = page.soup.find("form", action=lambda url: url and url.endswith("/erreur"))
    return found["action"] if found else None


@pytest.mark.parametrize("state", ["active", "paused"])
def test_a_pair_formed_by_mistake_is_undone(office, association, in_space, people, state):
    with in_space(association):
        row = again(association, people.pair)
        factories.meeting(row, 3)
        if state == "paused":
            life.pause(row, "Erreur", None, people.coordinator.user_id)
    where = undo(office.page(f"/a/passerelle/binomes/{people.pair.id}"))

    page = office.send(where)

    assert page.flashes == ["C'est défait\N{NO-BREAK SPACE}: ce binôme n'a pas lieu, et les deux sont prévenus."]
    assert "Il avait été formé par erreur." in page.text
    assert office.send(where).flashes == ["Rien n'a changé\N{NO-BREAK SPACE}: ce binôme n'est plus à cette étape."]
    with in_space(association):
        row = again(association, people.pair)
        assert (row.state, row.mentee.first_in_line, row.mentor.first_in_line) == ("dropped", True, False)
        assert row.mentee_id in {one.id for one in waiting_mentees()}
        assert letters_to(people.mentor.email).count("Votre binôme ne se fera pas : une erreur de notre part") == 1


@pytest.mark.parametrize(("days", "state"), [(-7, "held"), (-1, "planned")])
def test_two_who_have_met_or_may_have_are_not_undone(office, association, in_space, people, days, state):
    with in_space(association):
        factories.meeting(again(association, people.pair), days, state=state)
    assert undo(office.page(f"/a/passerelle/binomes/{people.pair.id}")) is None

    page = office.send(f"/a/passerelle/binomes/{people.pair.id}/erreur")

    assert "Une séance a commencé, ou a eu lieu" in page.flashes[0]
    with in_space(association):
        assert again(association, people.pair).state == "active"


def test_a_meeting_that_was_called_off_does_not_keep_a_pair(office, association, in_space, people):
    with in_space(association):
        factories.meeting(again(association, people.pair), -7, state="cancelled")

    assert undo(office.page(f"/a/passerelle/binomes/{people.pair.id}"))


def test_what_is_being_signed_is_prepared_again(office, association, in_space, people):
    with in_space(association):
        row = again(association, people.pair)
        row.state = "confirmed"
        paper = agreement.prepare(row, people.coordinator.user_id)
    where = f"/a/passerelle/binomes/{people.pair.id}/modification"

    page = office.send(where, typed(office.page(where), planned_months="24", starts_on=day_ago(0)))

    assert "préparez-la de nouveau" in page.flashes[0]
    with in_space(association):
        row = again(association, people.pair)
        assert (row.state, row.planned_months, db.session.get(Agreement, (paper.tenant_id, paper.id)).state) == (
            "confirmed",
            24,
            "void",
        )
        assert agreement.prepare(row, people.coordinator.user_id).state == "open"


def test_what_somebody_said_yes_to_does_not_change(office, association, in_space, people):
    with in_space(association):
        row = proposed(association, people.coordinator)
        interest.answer(interest.answer_of(row, "mentee"), True)
        where = f"/a/passerelle/binomes/{row.id}/modification"

    page = office.send(where, typed(office.page(where), planned_months="24", starts_on=day_ago(-3)))

    assert (page.status, len(page.errors)) == (422, 1)
    assert "Quelqu'un a déjà dit oui" in page.errors[0]


def test_a_length_that_would_be_over_is_refused_and_writes_to_nobody(office, path, association, in_space, people):
    with in_space(association):
        row = again(association, people.pair)
        row.starts_on = row.starts_on - timedelta(days=100)

    page = office.send(path, typed(office.page(path), planned_months="1"))

    assert (page.status, len(page.errors)) == (422, 1)
    with in_space(association):
        assert CHANGED not in letters_to(people.mentor.email)


def test_a_pair_that_goes_on_past_its_planned_end_is_still_set_right(office, path, association, in_space, people):
    with in_space(association):
        row = again(association, people.pair)
        row.starts_on = row.starts_on - timedelta(days=400)

    page = office.send(path, typed(office.page(path), objectives="Le permis"))

    assert page.flashes == ["Le binôme est modifié."]


def test_whoever_confirmed_reads_what_changes_before_the_beginning(office, association, in_space, people):
    with in_space(association):
        again(association, people.pair).state = "confirmed"
    where = f"/a/passerelle/binomes/{people.pair.id}/modification"

    office.send(where, typed(office.page(where), planned_months="24", starts_on=day_ago(0)))

    with in_space(association):
        assert CHANGED in letters_to(people.mentee.email)


def test_the_start_of_a_pair_that_began_meanwhile_stays(association, in_space, people):
    with in_space(association):
        row = again(association, people.pair)
        before = row.starts_on

        assert not life.correct(row, {"starts_on": before - timedelta(days=9)}, people.coordinator.user_id)
        assert row.starts_on == before
