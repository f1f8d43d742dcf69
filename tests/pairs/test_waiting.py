"""The first page of each says what waits for them on the way to a first meeting: an answer, then a signature."""

import pytest

from app.pairs import agreement as papers
from app.pairs.interest import answer, answers_of, ask
from tests import factories

from .matched import again, signature, to_sign
from .situations import again as read
from .situations import proposed

HOME = "/a/passerelle/"
NOTHING_TO_DO = "Vous n'avez rien à faire pour l'instant."


@pytest.fixture
def pair(association, in_space):
    """A pair that was proposed, whose two have an account and are both asked."""
    with in_space(association):
        row = proposed(association, factories.staff(association))
        for side in ("mentee", "mentor"):
            ask(row, side)
    return row


@pytest.fixture
def first_page(app):
    """Somebody's first page, and where its buttons lead."""

    def visit(person):
        client = app.test_client().sign_in(person.user_id)
        page = client.page(HOME)
        links = [link["href"] for link in page.soup.select(".hero a.go") if link["href"].startswith(("/rencontre", "/convention"))]
        return page, links, client

    return visit


@pytest.mark.parametrize("side", ["mentee", "mentor"])
def test_a_question_waits_until_it_is_answered(side, pair, association, in_space, first_page):
    person = getattr(pair, side)

    page, [link], client = first_page(person)
    assert "Une personne à rencontrer" in page.text
    assert "Nous cherchons" not in page.text
    assert client.page(link).status == 200
    with in_space(association):
        answer(answers_of(read(association, pair))[side], True)

    page, links, _client = first_page(person)
    assert (links, NOTHING_TO_DO in page.text) == ([], True)


def test_who_is_not_asked_yet_is_told_nothing(association, in_space, first_page):
    with in_space(association):
        row = proposed(association, factories.staff(association))

    asked, _links, _client = first_page(row.mentee)
    not_yet, _links, _client = first_page(row.mentor)

    assert "Une personne à rencontrer" in asked.text
    assert "Lisez sa présentation, puis répondez oui ou non." in asked.text
    assert ("Une rencontre se prépare" in not_yet.text, NOTHING_TO_DO in not_yet.text) == (False, False)


@pytest.mark.parametrize("side", ["mentee", "mentor"])
def test_an_agreement_waits_until_it_is_signed(side, association, in_space, first_page):
    with in_space(association):
        row = to_sign(association, factories.staff(association).user_id)
        person = getattr(row.pair, side)
        person.user_id = factories.member(association, "jeune" if side == "mentee" else "mentor", person.email).id

    page, [link], client = first_page(person)
    assert "Votre convention est à signer" in page.text
    assert client.page(link).status == 200
    with in_space(association):
        papers.sign(signature(again(association, row), side), row.digest)

    page, links, _client = first_page(person)
    assert (links, NOTHING_TO_DO in page.text) == ([], True)


def test_nobody_else_s_question_is_shown(pair, association, in_space, first_page):
    with in_space(association):
        other = factories.mentor(association, trained=True)

    page, links, _client = first_page(other)

    assert links == []
    assert "Une personne à rencontrer" not in page.text


def test_a_question_asked_of_the_guardian_is_theirs(association, in_space, first_page):
    with in_space(association):
        mentee = factories.mentee(association, age=14, guardian_name="Nadège", guardian_email="nadege@example.org")
        factories.authorisation(mentee)
        row = proposed(association, factories.staff(association), mentee=mentee)
        mentee.email = None
        ask(row, "mentee")

    _page, links, _client = first_page(mentee)

    assert links == []
