"""The two public forms, walked as people walk them."""

from datetime import timedelta

import pytest
import time_machine

from app.database import now
from app.leads.models import Lead, LeadDraft, LeadEvent, LeadState
from app.mail import Mail
from tests import factories

from .answers import CONTACT, GUARDIAN, boxes, of_mentee, of_mentor, subheadings, walk

FIND, OFFER = "/trouver-un-mentor", "/devenir-mentor"


def test_somebody_of_20_asks_in_six_steps_and_reads_who_has_the_request(client, association):
    page = walk(client, FIND, of_mentee())

    assert page.heading == "Bonjour Noé"
    assert "Passerelle a reçu votre demande" in subheadings(page)
    assert "L'association doit vous contacter au plus tard le" in page.text
    assert "06 12" not in page.text, "the tracking page shows no contact details of the person"


def test_every_answer_of_a_young_person_is_stored(client, programme, stored):
    walk(client, FIND, of_mentee())

    [lead] = stored(programme, Lead)
    assert (lead.kind, lead.first_name, lead.last_name) == ("mentee", "Noé", "Martin")
    assert (lead.email, lead.phone, lead.message) == ("noe@example.org", "+33612345678", "Merci")
    assert (lead.needs, lead.situation, lead.age) == (["school", "orientation"], "superieur", 20)
    assert (lead.commune_code, lead.commune_name, lead.departement_code) == ("69123", "Lyon", "69")
    assert (lead.places, lead.slots) == (["remote"], ["sat_morning", "wed_afternoon"])
    assert (lead.source, lead.guardian_name) == ("direct", None)


def test_every_answer_of_a_mentor_is_stored(client, programme, stored):
    page = walk(client, OFFER, of_mentor())

    [lead] = stored(programme, Lead)
    assert page.heading == "Bonjour Karim"
    assert (lead.kind, lead.status, lead.sector, lead.skills) == ("mentor", "working", "Informatique", "Les maths")
    assert (lead.axes, lead.preferred_public, lead.age) == (["education"], "any", 40)
    assert lead.needs == []


@pytest.mark.parametrize(
    ("path", "steps", "titles"),
    [
        (FIND, of_mentee(), ["De quoi avez-vous besoin ?", "Où en êtes-vous aujourd'hui ?", "Votre âge et votre commune",
                             "Comment souhaitez-vous vous rencontrer ?", "Vos préférences", "Comment vous joindre ?"]),
        (OFFER, of_mentor(), ["Qui êtes-vous ?", "Qui souhaitez-vous accompagner ?", "Votre âge et votre commune",
                              "Comment souhaitez-vous vous rencontrer ?", "Vos préférences", "Comment vous joindre ?"]),
    ],
)  # fmt: skip
def test_each_step_asks_one_thing_and_says_where_it_stands(client, programme, path, steps, titles):
    seen = [client.page(path)]

    seen += [client.send(f"{path}?etape={number}", answers) for number, answers in enumerate(steps[:5], start=1)]

    assert [page.heading for page in seen] == titles
    assert all(f"Étape {number} sur 6" in page.text for number, page in enumerate(seen, start=1))


@pytest.mark.parametrize(("path", "steps"), [(FIND, of_mentee(16)), (FIND, of_mentee(13)), (OFFER, of_mentor(16))])
def test_a_minor_is_asked_who_represents_them(client, programme, path, steps):
    before = walk(client, path, steps[:5])

    page = client.send(f"{path}?etape=6", steps[5])

    assert "Votre parent, ou la personne qui vous représente" in subheadings(before)
    assert "Vous avez moins de 18 ans" in before.text
    assert page.status == 422
    assert page.errors == [
        "Indiquez qui c'est : son prénom et son nom.", "Indiquez l'adresse e-mail ou le téléphone de cette personne.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("contact", "stored_as"),
    [("nadege@example.org", ("nadege@example.org", None)), ("06 98 76 54 32", (None, "+33698765432"))],
)
def test_a_guardian_is_reached_by_address_or_by_telephone(client, programme, stored, contact, stored_as):
    walk(client, FIND, of_mentee(16, **{**GUARDIAN, "guardian_contact": contact}))

    [lead] = stored(programme, Lead)
    assert lead.guardian_name == "Nadège Martin"
    assert (lead.guardian_email, lead.guardian_phone) == stored_as


@pytest.mark.parametrize("contact", ["nadege@", "06 98", "bonjour"])
def test_a_guardian_who_cannot_be_reached_is_refused(client, programme, contact):
    walk(client, FIND, of_mentee(16)[:5])

    page = client.send(f"{FIND}?etape=6", {**CONTACT, **GUARDIAN, "guardian_contact": contact})

    assert page.errors == ["Indiquez une adresse e-mail complète, ou un téléphone."]


def test_a_lyceen_becomes_a_mentor_with_the_guardian_named(client, programme, stored):
    walk(client, OFFER, of_mentor(16, **GUARDIAN))

    [lead] = stored(programme, Lead)
    assert (lead.kind, lead.age, lead.guardian_email) == ("mentor", 16, "nadege@example.org")


@pytest.mark.parametrize(
    ("age", "heading", "door"),
    [(5, "C'est encore un peu tôt", "Mes droits sociaux"), (30, "Ce programme s'arrête à 30 ans", "France Travail")],
)
def test_somebody_outside_our_ages_is_shown_other_doors_and_nothing_is_kept(client, programme, stored, age, heading, door):
    page = walk(client, FIND, of_mentee(age)[:3])

    assert page.heading == heading
    assert door in page.text
    assert "Rien de ce que vous avez tapé n'a été gardé." in page.text
    assert stored(programme, LeadDraft) == stored(programme, Lead) == []
    assert client.page(f"{FIND}?etape=4").heading == "De quoi avez-vous besoin ?"


@pytest.mark.parametrize(("age", "status"), [(6, "Étape 4 sur 6"), (29, "Étape 4 sur 6")])
def test_the_first_and_the_last_year_of_our_ages_go_on(client, programme, age, status):
    page = walk(client, FIND, of_mentee(age)[:3])

    assert status in page.text


def test_a_mentor_may_be_of_any_age(client, programme):
    page = walk(client, OFFER, of_mentor(78))

    assert page.heading == "Bonjour Karim"


def test_going_back_shows_what_was_answered(client, programme):
    walk(client, FIND, of_mentee()[:4])

    needs, third = client.page(f"{FIND}?etape=1"), client.page(f"{FIND}?etape=3")

    assert [box["value"] for box in needs.soup.select("input[name=needs][checked]")] == ["school", "orientation"]
    assert [box["value"] for box in third.soup.select("input[name=birth_date]")] == boxes(20)
    assert third.value("commune") == "Lyon (69, Rhône)"
    assert third.soup.select_one("input[name=commune_code][checked]")["value"] == "69123"


def test_going_back_and_forward_again_keeps_the_other_answers(client, programme, stored):
    walk(client, FIND, of_mentee()[:5])
    client.send(f"{FIND}?etape=1", {"needs": ["employment"]})

    client.send(f"{FIND}?etape=6", CONTACT)

    [lead] = stored(programme, Lead)
    assert (lead.needs, lead.situation, lead.places) == (["employment"], "superieur", ["remote"])


@pytest.mark.parametrize(("done", "asked", "shown"), [(0, 6, 1), (1, 6, 2), (3, 99, 4), (5, 6, 6), (2, 0, 1), (2, -3, 1)])
def test_no_step_is_reached_before_those_that_lead_to_it(client, programme, done, asked, shown):
    if done:
        walk(client, FIND, of_mentee()[:done])

    page = client.page(f"{FIND}?etape={asked}")

    assert f"Étape {shown} sur 6" in page.text


def test_sending_the_last_step_first_asks_for_the_first(client, programme, stored):
    page = client.send(f"{FIND}?etape=6", CONTACT)

    assert (page.status, page.heading) == (422, "De quoi avez-vous besoin ?")
    assert stored(programme, Lead) == []


def test_a_step_that_is_no_number_is_the_first(client, programme):
    assert "Étape 1 sur 6" in client.page(f"{FIND}?etape=cinq").text


def test_sending_the_last_step_twice_gives_one_request_and_the_same_page(client, programme, stored):
    once = walk(client, FIND, of_mentee())

    twice = client.send(f"{FIND}?etape=6", CONTACT)

    assert once.response.request.path == twice.response.request.path
    assert len(stored(programme, Lead)) == 1
    assert len(stored(programme, Mail)) == 1


def test_after_a_request_the_form_begins_again_empty(client, programme):
    walk(client, FIND, of_mentee())

    page = client.page(f"{FIND}?etape=6")

    assert "Étape 1 sur 6" in page.text
    assert page.soup.select("input[checked]") == []


def test_who_did_not_read_the_answer_to_the_last_step_is_told_that_the_request_arrived(client, programme, stored):
    walk(client, FIND, of_mentee(email="")[:5])
    sent = client.post(f"{FIND}?etape=6", data={**CONTACT, "email": ""})

    page = client.page(f"{FIND}?etape=6")

    assert (page.heading, page.soup.select(".go")[0]["href"]) == ("Votre demande est partie", sent.location)
    assert "Noé" not in page.text, "another person may have this device by now"
    assert client.page(FIND).heading == page.heading, "until its page is read"
    client.page(sent.location)
    assert "Étape 1 sur 6" in client.page(FIND).text


def test_who_has_the_device_next_makes_another_request(client, programme, stored):
    walk(client, FIND, of_mentee()[:5])
    client.post(f"{FIND}?etape=6", data=CONTACT)

    another = client.page(client.page(FIND).soup.select(".go")[-1]["href"])

    assert ("Étape 1 sur 6" in another.text, stored(programme, LeadDraft)) == (True, [])
    assert "Étape 1 sur 6" in client.page(FIND).text


def test_once_sent_a_draft_holds_nothing_that_was_typed(client, programme, stored):
    walk(client, FIND, of_mentee())

    [draft] = stored(programme, LeadDraft)

    assert sorted(draft.answers) == ["read", "receipt"]  # the link of the page alone, and that it was shown


def test_two_browsers_do_not_share_a_draft(app, client, programme):
    walk(client, FIND, of_mentee()[:3])

    assert "Étape 1 sur 6" in app.test_client().page(f"{FIND}?etape=4").text


def test_the_two_forms_of_one_browser_do_not_mix(client, programme):
    walk(client, FIND, of_mentee()[:3])

    assert "Étape 1 sur 6" in client.page(f"{OFFER}?etape=4").text


def test_a_form_left_for_more_than_four_hours_begins_again(client, programme):
    with time_machine.travel(now(), tick=False) as clock:
        walk(client, FIND, of_mentee()[:3])
        clock.shift(timedelta(hours=4, minutes=1))

        page = client.page(f"{FIND}?etape=4")

    assert "Étape 1 sur 6" in page.text


def test_the_person_is_written_to_with_the_link_to_their_request(client, programme, stored):
    page = walk(client, FIND, of_mentee())

    [mail] = stored(programme, Mail)
    [link] = [word for word in mail.text.split() if "/suivi/" in word]
    assert (mail.to_address, mail.subject) == ("noe@example.org", "Nous avons bien reçu votre demande")
    assert client.page(link.removeprefix("http://localhost")).text == client.page(page.response.request.path).text
    assert f'href="{link}"' in mail.html
    assert "Bonjour Noé," in mail.text


def test_a_person_with_a_telephone_only_reads_the_page_as_receipt(client, programme, stored):
    page = walk(client, FIND, of_mentee(email=""))

    [lead] = stored(programme, Lead)
    assert (lead.email, lead.phone) == (None, "+33612345678")
    assert "Gardez l'adresse de cette page" in page.text
    assert stored(programme, Mail) == []


def test_where_the_person_came_from_is_kept_through_the_steps(client, programme, stored):
    client.send(f"{FIND}?etape=1&source=affiche-gare", of_mentee()[0])
    for number, answers in enumerate(of_mentee()[1:], start=2):
        client.send(f"{FIND}?etape={number}", answers)

    assert stored(programme, Lead)[0].source == "affiche-gare"


def test_the_next_step_still_says_where_the_person_came_from(client, programme):
    page = client.send(f"{FIND}?etape=1&source=affiche", of_mentee()[0])

    assert page.response.request.args["source"] == "affiche"
    assert "source=affiche" in page.soup.form["action"]


def test_an_association_receives_the_requests_of_its_own_form(client, association, in_space, stored):
    with in_space(association):
        factories.staff(association)

    page = walk(client, "/a/passerelle/trouver-un-mentor", of_mentee())

    [lead] = stored(association, Lead)
    assert lead.state == LeadState.RECEIVED
    assert "Passerelle a reçu votre demande" in subheadings(page)
    assert [event.what for event in stored(association, LeadEvent)] == ["received"]
    assert sorted(mail.kind for mail in stored(association, Mail)) == ["lead_received", "lead_to_answer"]


def test_the_letter_to_the_staff_names_nobody_and_leads_to_the_request(client, association, in_space, stored):
    with in_space(association):
        factories.staff(association)

    walk(client, "/a/passerelle/devenir-mentor", of_mentor())

    letter = next(mail for mail in stored(association, Mail) if mail.kind == "lead_to_answer")
    [lead] = stored(association, Lead)
    assert "Karim" not in letter.text + letter.html
    assert "Une personne veut devenir mentor." in letter.text
    assert f"http://localhost/a/passerelle/demandes/{lead.id}" in letter.text


@pytest.mark.parametrize(
    ("path", "sentence"),
    [(FIND, "Vos réponses servent à trouver l'association"), ("/a/passerelle/trouver-un-mentor", "Vos réponses vont à Passerelle")],
)
def test_the_form_says_to_whom_the_answers_go(client, association, path, sentence):
    assert sentence in client.page(path).text


@pytest.mark.parametrize("path", [FIND, OFFER, "/a/passerelle/trouver-un-mentor"])
def test_another_association_is_asked_for_and_not_ticked_beforehand(client, association, path):
    page = walk(client, path, (of_mentor() if path == OFFER else of_mentee())[:5])

    assert page.soup.select("#may_relay[checked]") == []
    assert "Si une association ne peut pas m'accueillir, proposer ma demande à une autre" in page.text


@pytest.mark.parametrize(("posted", "agreed"), [({"may_relay": "y"}, True), ({"may_relay": ""}, False)])
@pytest.mark.parametrize("prefix", ["", "/a/passerelle"])
def test_whether_another_association_may_be_asked_is_stored_as_it_was_said(
    client, programme, association, stored, posted, agreed, prefix
):
    walk(client, f"{prefix}{FIND}", of_mentee(**posted))

    assert [lead.may_relay for lead in stored(association if prefix else programme, Lead)] == [agreed]


def test_a_box_that_was_unticked_stays_so_when_another_answer_is_refused(client, programme):
    walk(client, FIND, of_mentee()[:5])

    page = client.send(f"{FIND}?etape=6", {**CONTACT, "phone": "06"})

    assert page.status == 422
    assert page.soup.select("#may_relay[checked]") == []


def test_the_consent_travels_with_the_request(client, association, stored, run_jobs):
    walk(client, FIND, of_mentee(may_relay=""))

    run_jobs()

    assert [lead.may_relay for lead in stored(association, Lead)] == [False]


def test_an_unknown_association_has_no_form(client, programme):
    assert client.page("/a/inconnue/trouver-un-mentor").status == 404


def test_a_site_without_programme_says_that_it_pauses(client):
    page = client.page(FIND)

    assert (page.status, page.heading) == (503, "Binôme fait une courte pause")
