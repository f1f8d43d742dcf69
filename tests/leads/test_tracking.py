"""Where my request stands, and taking it back."""

import pytest
import time_machine

from app.database import now
from app.extensions import db
from app.leads import actions
from app.leads.models import Lead, LeadEvent, LeadState, Orientation
from app.leads.queries import needs_by_departement, usual_wait
from app.tenants.models import Tenant
from tests import factories

from .answers import of_mentee, subheadings, walk

FIND = "/trouver-un-mentor"


def test_a_request_that_waits_says_why(client, programme):
    page = walk(client, FIND, of_mentee())

    assert "Nous cherchons la bonne association" in subheadings(page)
    assert "Aucune association n'intervient dans ce département." in page.text
    assert "Joindre l'association" not in subheadings(page)
    assert "Votre demande est arrivée" in page.text


def test_a_request_that_was_oriented_names_the_association_and_how_to_reach_it(client, association):
    page = walk(client, FIND, of_mentee())

    assert subheadings(page)[0] == "Passerelle a reçu votre demande"
    assert "01 99 00 00 00" in page.text
    assert "bonjour@passerelle.example.org" in page.text
    assert "Votre demande a été confiée à une association" in page.text


def test_an_association_without_address_nor_telephone_shows_none(app, client, programme):
    factories.association(app, "discrete", "Discrète", ["69"], phone="", email="")

    page = walk(client, FIND, of_mentee())

    assert "Joindre l'association" not in subheadings(page)


@pytest.mark.parametrize(
    ("age", "changes", "sentence"),
    [
        (20, {}, "S'il n'y est pas, appelez l'association ou écrivez-lui."),  # the address may be another person's
        (16, {}, "une fois notée l'autorisation de la personne qui vous représente"),
        (20, {"email": None}, "L'association vous appelle bientôt."),
    ],
)
def test_an_accepted_request_says_what_comes_next(client, association, in_space, link, age, changes, sentence):
    with in_space(association):
        lead = factories.lead(age=age, **changes)
        actions.accept(lead, by=factories.user().id)

    page = client.page(link(lead))

    assert "Passerelle vous accompagne" in subheadings(page)
    assert sentence in page.text


@pytest.mark.parametrize("age", [16, 20])
def test_a_volunteer_reads_that_a_decision_is_still_to_come(client, association, in_space, link, age):
    with in_space(association):
        lead = factories.lead(kind="mentor", age=age)
        actions.accept(lead, by=factories.user().id)

    page = client.page(link(lead))

    assert "Passerelle vous a ouvert un dossier" in subheadings(page)
    assert "Viennent ensuite un entretien, puis la décision de l'association." in page.text
    assert "accepté" not in page.text


def test_a_direct_request_says_when_the_association_answers(client, association, in_space, link):
    with in_space(association):
        lead = factories.lead()

    page = client.page(link(lead))

    assert "Passerelle a reçu votre demande" in subheadings(page)
    assert "L'association doit vous contacter au plus tard le" in page.text


def test_a_request_that_was_declined_goes_on_and_says_so(client, association, in_space, stored, run_jobs):
    page = walk(client, FIND, of_mentee())
    run_jobs()
    with in_space(association):
        actions.decline(stored(association, Lead)[0], "no_mentor")
    run_jobs()

    page = client.page(page.response.request.path)

    assert "L'association n'a pas pu vous accompagner" in page.text
    assert "Toutes les associations possibles ont décliné." in page.text


def test_a_request_that_was_declined_with_another_association_names_it(app, client, association, in_space, stored, run_jobs):
    page = walk(client, FIND, of_mentee())
    factories.association(app, "seconde", "Seconde", ["69"])
    run_jobs()
    with in_space(association):
        actions.decline(stored(association, Lead)[0], "no_mentor")
    run_jobs()

    page = client.page(page.response.request.path)

    assert subheadings(page)[0] == "Seconde a reçu votre demande"
    assert "Passerelle" not in page.text


DECISIVE = [
    ({"state": "waitlisted"}, "Vous êtes sur la liste d'attente de Passerelle", "vous redonne des nouvelles au plus tard le"),
    (
        {"state": "moved"},
        "Votre demande continue",
        "Passerelle n'a pas répondu à temps. Le programme cherche une autre association.",
    ),
    ({"state": "lapsed"}, "Passerelle n'a pas répondu", "Nous en sommes désolés."),
    ({"state": "accepted", "accepted_at": now()}, "Passerelle vous accompagne", "L'association a accepté votre demande."),
    ({"state": "withdrawn"}, "Votre demande est retirée", "Personne ne vous contactera."),
    ({"may_relay": False}, "Passerelle a reçu votre demande", "permettre qu'une autre association la reçoive"),
]


@pytest.mark.parametrize(("changes", "title", "sentence"), DECISIVE)
def test_each_state_has_its_words(client, make, link, changes, title, sentence):
    page = client.page(link(make(**changes)))

    assert subheadings(page)[0] == title
    assert sentence in page.text


@pytest.mark.parametrize(
    ("state", "corrects", "withdraws"),
    [
        ("received", True, True),
        ("waitlisted", True, True),
        ("moved", False, True),
        ("accepted", False, True),
        ("lapsed", False, False),
        ("withdrawn", False, False),
    ],
)
def test_a_person_is_offered_what_they_can_still_do(client, make, link, state, corrects, withdraws):
    page = client.page(link(make(state=state, accepted_at=now() if state == "accepted" else None)))

    assert ("Corriger mes coordonnées" in page.text) is corrects
    assert ("Je retire ma demande" in page.text) is withdraws


@pytest.mark.parametrize(("kind", "path"), [("mentee", "/trouver-un-mentor"), ("mentor", "/devenir-mentor")])
def test_a_request_that_lapsed_leads_to_the_programmes_form(client, make, link, kind, path):
    page = client.page(link(make(kind=kind, state="lapsed")))

    assert page.soup.find("a", string="Demander au programme")["href"] == path


def test_an_oriented_request_on_a_waiting_list_says_until_when(client, proposed, programme, in_space, stored, run_jobs, link):
    with time_machine.travel("2026-11-02T10:00:00Z", tick=False):
        client.send(f"/a/passerelle/demandes/{proposed.id}/liste-d-attente", {"message": "Deux mois."})
        run_jobs()

        page = client.page(link(stored(programme, Lead)[0]))

    assert "Vous êtes sur la liste d'attente de Passerelle" in subheadings(page)
    assert "L'association vous redonne des nouvelles au plus tard le mardi 1er décembre." in page.text
    assert "Vous êtes sur la liste d'attente de l'association" in page.text


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("reached", "L'association vous a parlé"),
        ("left_message", "L'association vous a laissé un message"),
        ("no_answer", "L'association a essayé de vous joindre"),
        ("wrong_number", "L'association n'a pas pu vous joindre : il y a peut-être une erreur dans votre numéro"),
    ],
)
def test_an_attempt_to_reach_the_person_is_said_in_plain_words(client, staff, make, link, result, words):
    lead = make()
    client.send(f"/a/passerelle/demandes/{lead.id}/contacts", {"result": result})

    assert words in client.page(link(lead)).text


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("reached", "L'association a parlé avec vous, ou avec la personne qui vous représente"),
        ("left_message", "L'association vous a laissé un message, ou à la personne qui vous représente"),
    ],
)
def test_a_minor_reads_that_their_parent_may_be_who_was_reached(client, staff, make, link, result, words):
    lead = make(age=16, guardian_name="Nadège Martin", guardian_phone="+33639984455")
    client.send(f"/a/passerelle/demandes/{lead.id}/contacts", {"result": result})

    assert words in client.page(link(lead)).text


@pytest.mark.parametrize("waiting_reason", ["guardian", "guardian_silent", "new"])
def test_who_waits_at_the_programme_reads_how_to_reach_it(client, programme, in_space, link, waiting_reason):
    with in_space(programme):
        db.session.get(Tenant, programme.id).email = "contact@example.org"
        lead = factories.lead(state="waiting", waiting_reason=waiting_reason, age=16, guardian_email="nadege@example.org")

    page = client.page(link(lead))

    [card] = [sheet for sheet in page.soup.select(".sheet") if sheet.h2.get_text() == "Joindre le programme"]
    assert [a["href"] for a in card.find_all("a")] == ["mailto:contact@example.org"]


def test_the_person_does_not_read_who_reminded_or_assigned_whom(client, staff, make, link, association, in_space):
    lead = make()
    with in_space(association):
        actions.tell(lead, "reminded", reason="eve")
        actions.tell(lead, "assigned", user_id=staff.user_id)

    page = client.page(link(lead))

    assert page.soup.select(".timeline li") == []
    assert "Claire" not in page.text


def test_withdrawing_asks_first_then_does(client, association):
    tracking = walk(client, FIND, of_mentee()).response.request.path

    question = client.page(f"{tracking}/retrait")
    done = client.send(f"{tracking}/retrait")

    assert question.heading == "Retirer votre demande ?"
    assert "Personne ne vous contactera plus." in question.text
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


def test_whoever_has_a_file_reads_what_taking_the_request_back_does(client, association, in_space):
    with in_space(association):
        lead = factories.lead(state="accepted", accepted_at=now())
        path = actions.tracking_link(lead).removeprefix("http://localhost")

    page = client.page(f"{path}/retrait")

    assert "les rendez-vous à venir sont annulés et votre espace se ferme" in page.text
    assert page.soup.select("a[href^='tel:'], a[href^='mailto:']")


def test_the_same_person_asked_twice_is_counted_once(programme, in_space):
    with in_space(programme):
        rows = [factories.lead(state="accepted", accepted_at=now()) for _each in range(5)]
        for row in rows:
            factories.lead(state="joined", same_as=row.id)
        wait = usual_wait(factories.lead(state="waiting"))

        assert (wait.accepted, wait.asked) == (5, 5)
        assert [need.mentees for need in needs_by_departement()] == [6]
