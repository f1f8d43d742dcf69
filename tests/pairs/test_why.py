"""Why two people were brought together: kept with the pair, read on its page by the team, and by neither of the two."""

import pytest

from app.extensions import db
from app.pairs.models import Pair
from app.pairs.reasons import in_words, said_reasons
from tests import factories

from .situations import make_mentee, make_mentor
from .test_views import PAIRS, form

WORDS = "Tous deux font du basket, et Karim connaît le lycée."
NEEDS = {"code": "needs", "points": 9, "of": 10, "detail": []}


@pytest.fixture
def ready(association, in_space):
    """A jeune of 20 and a trained mentor, who may meet."""
    with in_space(association):
        return make_mentee(association, 20), make_mentor(association)


def read(page):
    return [li.get_text() for li in page.soup.select("#pourquoi li")]


@pytest.mark.parametrize("how", [{}, {"how": "propose"}])
def test_the_team_says_why_when_it_forms_a_pair_by_hand(how, office, ready):
    page = office.send(f"{PAIRS}/nouveau", {**form(*ready), "why": WORDS, **how})

    assert read(page) == [WORDS]


def test_it_need_not(office, ready, association, stored):
    page = office.send(f"{PAIRS}/nouveau", form(*ready))

    assert (page.status, read(page)) == (200, [])
    assert [pair.why for pair in stored(association, Pair)] == [[]]


def test_what_was_computed_is_read_on_the_page_of_the_pair(office, association, in_space, ready):
    with in_space(association):
        pair = factories.pair(*(db.session.merge(person) for person in reversed(ready)), why=[NEEDS])

    assert read(office.page(f"{PAIRS}/{pair.id}")) == ["Aide dans le domaine demandé"]


def test_whoever_of_the_team_is_one_of_the_two_does_not_read_it(client, association, in_space, ready, by):
    with in_space(association):
        mentee, mentor = (db.session.merge(person) for person in ready)
        mentor.user_id = by
        pair = factories.pair(mentor, mentee, why=in_words(WORDS))

    page = client.sign_in(by).page(f"{PAIRS}/{pair.id}")

    assert (page.status, WORDS in page.text) == (200, False)


def test_words_count_no_points():
    assert said_reasons([NEEDS, *in_words(WORDS)]) == [("aide dans le domaine demandé", 9, 10), (WORDS, 0, 0)]
    assert in_words("") == []
