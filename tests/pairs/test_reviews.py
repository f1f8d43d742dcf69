"""Objectives, looked at together at three and six months: when it is due, what is noted, and what stands from then on."""

from datetime import date

import pytest
from sqlalchemy import select

from app.extensions import db
from app.leads.calendar import add_months
from app.pairs import reviews
from app.pairs.closing import close_pair
from app.pairs.models import ObjectiveReview
from app.pairs.queries import story_of
from app.web import today
from tests import factories

from .situations import again, at, closing_pair, days, paris_today, plain, story

GOAL = "Choisir une formation"


@pytest.fixture
def path(people):
    return f"/a/passerelle/binomes/{people.pair.id}/objectifs"


def due_on(in_space, association, pair, day):
    """Which review is due on a day."""
    with at(day), in_space(association):
        row = again(association, pair)
        return reviews.due(row, story_of(row)[0])


@pytest.mark.parametrize(
    ("start", "before", "three", "six"),
    [
        ("2027-01-15", "2027-04-14", "2027-04-15", "2027-07-15"),
        ("2026-11-30", "2027-02-27", "2027-02-28", "2027-05-30"),
        ("2027-11-30", "2028-02-28", "2028-02-29", "2028-05-30"),
    ],
)
def test_a_review_is_due_at_three_and_at_six_months(association, in_space, people, start, before, three, six):
    with in_space(association):
        again(association, people.pair).starts_on = date.fromisoformat(start)

    read = [due_on(in_space, association, people.pair, date.fromisoformat(day)) for day in (before, three, six)]

    assert read == [None, 3, 6]


@pytest.mark.parametrize(
    ("held", "asked", "due"),
    [
        (date(2027, 3, 20), date(2027, 4, 15), None),  # in the third month: that was it
        (date(2027, 3, 14), date(2027, 4, 15), 3),  # in the second: too early
        (date(2027, 4, 20), date(2027, 7, 14), None),
        (date(2027, 4, 20), date(2027, 7, 15), 6),
        (date(2027, 7, 20), date(2029, 1, 1), None),
    ],
)
def test_a_review_that_was_held_is_not_due_any_more(association, in_space, people, held, asked, due):
    with at(held), in_space(association):
        pair = again(association, people.pair)
        pair.starts_on = date(2027, 1, 15)
        reviews.review(pair, {"goal_0": "reached", "note": "", "objectives": GOAL}, factories.user().id)

    assert due_on(in_space, association, people.pair, asked) == due


def test_the_page_of_the_pair_asks_for_it(office, association, in_space, people):
    with in_space(association):
        again(association, people.pair).starts_on = add_months(today(), -4)

    page = office.page(f"/a/passerelle/binomes/{people.pair.id}")

    assert "Le point sur les objectifs est à faire (3 mois)" in page.text


def test_a_pair_that_closes_is_asked_for_none(office, association, in_space, people):
    with in_space(association):
        again(association, people.pair).starts_on = add_months(today(), -4)
        closing_pair(association, people.pair)

    page = office.page(f"/a/passerelle/binomes/{people.pair.id}")

    assert "en clôture" in page.text
    assert "Le point sur les objectifs est à faire" not in page.text


def test_what_became_of_each_objective_is_noted_with_those_to_come(office, path, association, in_space, pair):
    page = office.send(path, {"goal_0": "reached", "note": "Très bien", "objectives": "- Trouver un stage\n\n• Réviser\n"})

    assert page.flashes == ["Le point sur les objectifs est noté."]
    assert pair().objectives == ["Trouver un stage", "Réviser"]
    assert pair(story) == ["reviewed"]
    with in_space(association):
        [row] = db.session.query(ObjectiveReview)
        assert (row.states, row.note, row.held_on) == ({GOAL: "reached"}, "Très bien", paris_today())


def test_past_reviews_are_read_the_latest_first(office, path, association, in_space, people):
    with in_space(association):
        for month, note in ((1, "Premier point"), (2, "Deuxième point")):
            values = {"states": {GOAL: "under_way"}, "noted_by": factories.user().id, "held_on": today() - days(60 - month)}
            db.session.add(ObjectiveReview(pair_id=people.pair.id, month=month, note=note, **values))

    page = office.page(path)

    assert page.value("objectives").strip() == GOAL
    assert page.text.index("Deuxième point") < page.text.index("Premier point")
    assert "En chemin" in page.text


def test_a_second_one_in_the_same_month_replaces_the_first(office, path, association, in_space):
    office.send(path, {"goal_0": "under_way", "note": "Le premier", "objectives": GOAL})
    office.send(path, {"goal_0": "reached", "note": "Le second", "objectives": GOAL})

    with in_space(association):
        assert [(row.note, row.states) for row in db.session.query(ObjectiveReview)] == [("Le second", {GOAL: "reached"})]


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"goal_0": ""}, ["Choisissez une réponse."]),
        ({"goal_0": "won"}, ["Choisissez parmi les réponses proposées : elles ont peut-être changé."]),
        ({"note": "a" * 1001}, ["C'est trop long : 1000 caractères au plus."]),
        ({"objectives": "a" * 1001}, ["C'est trop long : 1000 caractères au plus."]),
    ],
)
def test_a_review_that_cannot_be_right_is_refused_at_its_field(office, path, pair, typed, errors):
    page = office.send(path, {"goal_0": "reached", "note": "", "objectives": "Autre", **typed})

    assert (page.status, [plain(error) for error in page.errors]) == (422, errors)
    assert (pair().objectives, pair(story)) == ([GOAL], [])


def test_a_pair_without_objectives_has_only_those_to_come(office, path, association, in_space, people, pair):
    with in_space(association):
        again(association, people.pair).objectives = []

    office.send(path, {"note": "", "objectives": "Réviser"})

    assert pair().objectives == ["Réviser"]


def test_an_objective_is_shown_as_it_was_typed(office, path, association, in_space, people):
    with in_space(association):
        again(association, people.pair).objectives = ["<b>Lire</b> & écrire"]

    page = office.page(path)

    assert "<b>Lire</b> & écrire" in page.text


def test_the_objectives_of_a_closed_pair_stay_as_they_were(office, path, association, in_space, people, pair):
    with in_space(association):
        close_pair(again(association, people.pair), today(), "planned", None)

    office.send(path, {"goal_0": "reached", "note": "", "objectives": "Autre chose"})

    assert (pair().objectives, pair(story)) == ([GOAL], ["closed"])
    with in_space(association):
        assert db.session.query(ObjectiveReview).count() == 0


def test_the_review_of_a_pair_elsewhere_is_not_found(office, elsewhere, in_space):
    with in_space(elsewhere):
        pair = factories.pair(factories.mentor(elsewhere, trained=True), factories.mentee(elsewhere))

    assert office.send(f"/a/passerelle/binomes/{pair.id}/objectifs", {"goal_0": "left"}).status == 404


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_neither_of_the_two_reviews_alone(client, people, path, who):
    assert client.sign_in(getattr(people, who).user_id).page(path).status == 403


def test_a_review_of_objectives_that_changed_meanwhile_is_read_again(office, association, in_space, people):
    path = f"/a/passerelle/binomes/{people.pair.id}/objectifs"
    with in_space(association):
        again(association, people.pair).objectives = ["Choisir une formation"]
    seen = office.page(path).value("seen")
    with in_space(association):
        again(association, people.pair).objectives = ["Trouver un stage"]
    typed = {"goal_0": "reached", "note": "", "objectives": "Choisir une formation", "seen": seen}

    page = office.send(path, typed)

    assert "Les objectifs ont changé" in page.errors[0]
    with in_space(association):
        assert again(association, people.pair).objectives == ["Trouver un stage"]
        assert db.session.scalars(select(ObjectiveReview)).all() == []
    office.send(path, typed | {"seen": page.value("seen"), "objectives": page.value("objectives")})
    with in_space(association):
        assert [row.states for row in db.session.scalars(select(ObjectiveReview))] == [{"Trouver un stage": "reached"}]
