"""Where my request stands, and taking it back."""

import pytest

from app.leads import actions
from app.leads.models import Lead, LeadEvent, LeadState, Orientation
from tests import factories

from .answers import of_mentee, subheadings, walk

FIND = "/trouver-un-mentor"


@pytest.fixture
def link(app, in_space):
    """The path of a request's tracking page."""

    def path(lead):
        with app.test_request_context("/"):
            return actions.tracking_link(lead).removeprefix("http://localhost")

    return path


def test_a_request_that_waits_says_why(client, programme):
    page = walk(client, FIND, of_mentee())

    assert "Nous cherchons la bonne association" in subheadings(page)
    assert "Aucune association ne sert ce département." in page.text
    assert "Joindre l'association" not in subheadings(page)
    assert "Votre demande est arrivée" in page.text


def test_a_request_that_was_oriented_names_the_association_and_how_to_reach_it(client, association):
    page = walk(client, FIND, of_mentee())

    assert subheadings(page)[0] == "Passerelle a reçu votre demande"
    assert "01 99 00 00 00" in page.text
    assert "bonjour@passerelle.example.org" in page.text
    assert "Elle est confiée à une association" in page.text


def test_an_association_without_address_nor_telephone_shows_none(app, client, programme):
    factories.association(app, "discrete", "Discrète", ["69"], phone="", email="")

    page = walk(client, FIND, of_mentee())

    assert "Joindre l'association" not in subheadings(page)


@pytest.mark.parametrize(
    ("age", "changes", "sentence"),
    [
        (20, {}, "Un message d'invitation vous attend dans votre boîte e-mail."),
        (16, {}, "Elle contacte d'abord la personne qui vous représente, pour son accord."),
        (20, {"email": None}, "Elle vous appelle bientôt."),
    ],
)
def test_an_accepted_request_says_what_comes_next(client, association, in_space, link, age, changes, sentence):
    with in_space(association):
        lead = factories.lead(age=age, **changes)
        actions.accept(lead, by=factories.user().id)

    page = client.page(link(lead))

    assert "Passerelle vous accompagne" in subheadings(page)
    assert sentence in page.text


def test_a_direct_request_says_when_the_association_answers(client, association, in_space, link):
    with in_space(association):
        lead = factories.lead()

    page = client.page(link(lead))

    assert "Passerelle a reçu votre demande" in subheadings(page)
    assert "Vous aurez une réponse avant le" in page.text


def test_a_request_that_was_declined_goes_on_and_says_so(client, association, in_space, stored, run_jobs):
    page = walk(client, FIND, of_mentee())
    run_jobs()
    with in_space(association):
        actions.decline(stored(association, Lead)[0], "no_mentor")
    run_jobs()

    page = client.page(page.response.request.path)

    assert "L'association n'a pas pu ; nous cherchons la suivante" in page.text
    assert "Toutes les associations possibles ont décliné." in page.text


def test_withdrawing_asks_first_then_does(client, association):
    tracking = walk(client, FIND, of_mentee()).response.request.path

    question = client.page(f"{tracking}/retrait")
    done = client.send(f"{tracking}/retrait")

    assert question.heading == "Retirer votre demande ?"
    assert done.flashes == ["Votre demande est retirée."]
    assert "Votre demande est retirée" in subheadings(done)
    assert "Je retire ma demande" not in done.text


def test_reading_the_question_withdraws_nothing(client, programme, stored):
    tracking = walk(client, FIND, of_mentee()).response.request.path

    client.page(f"{tracking}/retrait")

    assert stored(programme, Lead)[0].state == LeadState.WAITING


def test_withdrawing_twice_is_withdrawing_once(client, programme, stored):
    tracking = walk(client, FIND, of_mentee()).response.request.path

    client.send(f"{tracking}/retrait")
    again = client.send(f"{tracking}/retrait")

    assert again.status == 200
    assert [event.what for event in stored(programme, LeadEvent)] == ["received", "withdrawn"]
    assert stored(programme, Lead)[0].waiting_reason is None


def test_withdrawing_what_was_oriented_closes_the_orientation(client, programme, association, stored):
    tracking = walk(client, FIND, of_mentee()).response.request.path

    client.send(f"{tracking}/retrait")

    assert [row.state for row in stored(programme, Orientation)] == ["withdrawn"]


@pytest.mark.parametrize("suffix", ["", "/retrait"])
@pytest.mark.parametrize(
    "change", [lambda t: t[:-4], lambda t: t[:-9] + ("A" if t[-9] != "A" else "B") + t[-8:], lambda _t: "abc", lambda _t: "a.b.c"]
)
def test_a_link_cut_or_forged_says_what_to_do(client, programme, change, suffix):
    token = walk(client, FIND, of_mentee()).response.request.path.removeprefix("/suivi/")

    page = client.page(f"/suivi/{change(token)}{suffix}")

    assert (page.status, page.heading) == (404, "Ce lien ne mène nulle part")
    assert "copiez l'adresse entière depuis le message que vous avez reçu" in page.text


def test_a_link_to_a_request_that_is_gone_says_what_to_do(client, association, in_space, link):
    with in_space(association):
        lead = factories.lead()
        actions.decline(lead, "territory")

    assert client.page(link(lead)).heading == "Ce lien ne mène nulle part"


def test_a_link_to_a_space_that_does_not_exist_leads_nowhere(app, client, link):
    lead = Lead(tenant_id=factories.uuid7(), id=factories.uuid7())

    assert client.page(link(lead)).status == 404
