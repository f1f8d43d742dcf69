"""The association's inbox: what waits for an answer, accepting, giving back."""

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from app.database import now, uuid7
from app.extensions import db
from app.leads import actions
from app.leads.models import Decline, Lead, LeadEvent, LeadState
from app.mail import Mail
from app.people.models import Mentee, Mentor
from tests import factories

INBOX = "/a/passerelle/demandes"
TUESDAY = "2026-11-24T10:00:00Z"


def names(page):
    """Who is in the list."""
    return [row[1].partition(",")[0].strip() for row in page.rows]


def test_a_row_says_who_wants_what_where_and_until_when(client, staff, make):
    with time_machine.travel(TUESDAY):
        make(first_name="Noé", last_name="Martin", needs=["school", "employment"], birth_date=date(2006, 1, 5))

        [row] = client.page(INBOX).rows

    assert row == [
        "",
        "Noé Martin , 20 ans",
        "Cherche un mentor (Scolarité, Emploi)",
        "Lyon (69)",
        "24 nov. 2026",
        "personne",
        "contacter : mardi 1er décembre",
    ]


def test_the_most_urgent_comes_first(client, staff, make):
    today = factories.today()
    make(last_name="Tard", answer_by=today + timedelta(days=4))
    make(last_name="Retard", answer_by=today - timedelta(days=1))
    make(last_name="Bientôt", answer_by=today + timedelta(days=1))

    page = client.page(INBOX)

    assert [name.split()[1] for name in names(page)] == ["Retard", "Bientôt", "Tard"]


@pytest.mark.parametrize(("days", "late"), [(-1, True), (0, False), (1, False)])
def test_a_request_is_late_from_the_day_after(client, staff, make, days, late):
    make(answer_by=factories.today() + timedelta(days=days))

    page = client.page(INBOX)

    assert ("en retard" in page.rows[0][6]) is late


def test_an_imported_mentor_has_the_age_that_was_said(client, staff, make):
    make(kind="mentor", age=40, birth_date=None, first_name="Karim", last_name="B")

    page = client.page(INBOX)

    assert page.rows[0][1:3] == ["Karim B , 40 ans", "Veut devenir mentor"]


def test_a_mentor_without_birth_date_has_no_age(client, staff, make, association, in_space):
    lead = make(kind="mentor", first_name="Karim", last_name="B")
    with in_space(association):
        row = db.session.get(Lead, (association.id, lead.id))
        row.birth_date = row.age = None

    assert client.page(INBOX).rows[0][1:3] == ["Karim B", "Veut devenir mentor"]


def test_a_row_says_who_has_the_request_when_to_call_back_and_that_contact_was_made(client, staff, colleague, make):
    make(assigned_to=colleague.user_id, next_try_on=date(2026, 12, 3), contacted_at=now(), answer_by=date(2027, 1, 4))

    with time_machine.travel(TUESDAY, tick=False):
        [row] = client.page(INBOX).rows

    assert row[5:] == ["Sacha Le Bihan rappeler le 3 déc. 2026", "répondre : lundi 4 janvier 2027"]


def test_a_request_of_somebody_who_left_says_so(client, staff, make, in_space, elsewhere):
    with in_space(elsewhere):
        gone = factories.user()
    lead = make(assigned_to=gone.id)

    assert client.page(INBOX).rows[0][5] == "quelqu'un qui est parti"
    assert "Quelqu'un qui est parti suit cette demande." in client.page(f"{INBOX}/{lead.id}").text


@pytest.mark.parametrize("count", [0, 1])
def test_the_list_of_withdrawn_requests_says_which_are_not_there(client, staff, make, count):
    for _each in range(count):
        make(state="withdrawn", withdrawn_at=now())

    page = client.page(f"{INBOX}?etat=withdrawn")

    assert "Une demande confiée par le programme, et retirée avant votre réponse, n'est pas ici" in page.text
    assert ("Rien ici." in page.text) is (count == 0)
    assert "arrivent dans" not in page.text


@pytest.mark.parametrize("state", ["accepted", "withdrawn", "lapsed"])
def test_what_needs_no_answer_cannot_be_ticked(client, staff, make, state):
    make(state=state, accepted_at=now(), withdrawn_at=now())

    page = client.page(f"{INBOX}?etat={state}")

    assert len(page.rows[0]) == 4
    assert page.soup.select("input[name=demande], select[name=action]") == []


def test_tabs_count_what_is_in_each_state(client, staff, make):
    for state in ("received", "received", "waitlisted", "accepted", "withdrawn", "lapsed"):
        make(state=state, accepted_at=now() if state == "accepted" else None)

    page = client.page(INBOX)

    assert [" ".join(tab.get_text(" ").split()) for tab in page.soup.select(".tabs a")] == [
        "À répondre 2",
        "Liste d'attente 1",
        "Acceptées 1",
        "Retirées 1",
        "Sans réponse 1",
    ]
    assert len(page.rows) == 2
    assert len(client.page(f"{INBOX}?etat=accepted").rows) == 1


@pytest.mark.parametrize(
    "query", ["etat=mystere", "etat=moved", "qui=roi", "page=-1", "tard=2", "essai=oui", "etat=&qui=&q=&chez="]
)
def test_a_question_that_means_nothing_shows_what_is_to_answer(client, staff, make, query):
    make()

    assert len(client.page(f"{INBOX}?{query}").rows) == 1


@pytest.mark.parametrize(("kind", "shown"), [("mentee", ["Noé"]), ("mentor", ["Martine"]), ("", ["Noé", "Martine"])])
def test_the_list_can_keep_mentors_or_mentees_only(client, staff, make, kind, shown):
    make(), make(kind="mentor")

    assert [name.split()[0] for name in names(client.page(f"{INBOX}?qui={kind}"))] == shown


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("eleonore", ["Éléonore García-Núñez"]),
        ("ÉLÉONORE", ["Éléonore García-Núñez"]),
        ("garcia nunez", ["Éléonore García-Núñez"]),
        ("García-Núñez", ["Éléonore García-Núñez"]),
        ("nunez eleo", ["Éléonore García-Núñez"]),
        ("Contact@Example", ["Éléonore García-Núñez"]),
        ("francois", ["Stéphane François"]),
        ("st", ["Stéphane François"]),
        ("%", ["Éléonore García-Núñez", "Stéphane François"]),
        ("personne d'ici", []),
    ],
)
def test_a_search_forgives_case_accents_and_order(client, staff, make, typed, found):
    make(first_name="Éléonore", last_name="García-Núñez", email="Contact@Example.org", answer_by=date(2026, 1, 1))
    make(first_name="Stéphane", last_name="François", email=None, answer_by=date(2026, 1, 2))

    assert names(client.page(INBOX, query_string={"q": typed})) == found


def test_an_empty_search_says_so(client, staff, make):
    page = client.page(f"{INBOX}?q=personne")

    assert "Personne ne correspond à cette recherche." in page.text
    assert page.value("q") == "personne"


@pytest.mark.parametrize("query", ["q=nobody", "tard=1", "qui=mentor&etat=accepted"])
def test_a_list_that_keeps_nobody_shows_the_way_out(client, staff, make, query):
    make()
    url = client.page(f"{INBOX}?{query}").soup.select_one(".empty a[href]:last-of-type")["href"]

    assert not {"q", "tard", "qui"} & parse_qs(urlsplit(url).query).keys()
    assert "Enlever" not in client.page(url).text


def test_a_request_of_another_tab_is_said_with_a_way_there(client, staff, make):
    make(first_name="Éléonore", state="withdrawn", withdrawn_at=now())

    page = client.page(f"{INBOX}?q=eleonore")

    [link] = page.soup.select(".empty a.go")
    assert link.get_text() == "Retirées (1)"
    assert len(client.page(link["href"]).rows) == 1


def test_an_empty_inbox_says_what_arrives_there(client, staff):
    assert "Les demandes que le programme vous confie" in client.page(INBOX).text


def test_a_list_of_any_length_sends_as_many_statements(client, staff, association, in_space, statements):
    counted = []
    client.page(INBOX)
    for _ in range(2):
        with in_space(association):
            for _ in range(3):
                factories.lead(hopes="J'ai des idées noires.")
        with statements() as seen:
            client.page(INBOX)
        counted.append(len(seen))

    assert counted[0] == counted[1] <= 10


def test_nothing_is_seen_of_another_association(client, staff, elsewhere, in_space):
    with in_space(elsewhere):
        lead = factories.lead()

    assert client.page(INBOX).rows == []
    assert client.page(f"{INBOX}/{lead.id}").status == 404
    assert client.send(f"{INBOX}/{lead.id}/acceptation").status == 404
    assert client.send(f"{INBOX}/{lead.id}/refus", {"reason": "age"}).status == 404


def test_a_request_shows_all_that_was_said(client, staff, make):
    lead = make(message="Je veux devenir infirmière.", guardian_name="Nadège", guardian_phone="+33698765432",
                guardian_email="n@example.org",
                sector="Soins", skills="Les maths", preferred_public="lycee")  # fmt: skip

    page = client.page(f"{INBOX}/{lead.id}")

    for said in (
        "Je veux devenir infirmière.",
        "Nadège",
        "06 98 76 54 32",
        "n@example.org",
        "Soins",
        "Les maths",
        "Au lycée",
        "samedi matin",
    ):
        assert said in page.text


@pytest.mark.parametrize(
    ("days", "changes", "title"),
    [
        (1, {}, "À contacter au plus tard le"),
        (1, {"contacted_at": now()}, "À répondre au plus tard le"),
        (1, {"state": "waitlisted"}, "Sur la liste d'attente, à confirmer au plus tard le"),
        (-1, {}, "Réponse attendue depuis le"),
        (-1, {"state": "waitlisted"}, "Réponse attendue depuis le"),
    ],
)
def test_a_request_says_until_when_to_answer(client, staff, make, days, changes, title):
    lead = make(answer_by=factories.today() + timedelta(days=days), **changes)

    assert title in client.page(f"{INBOX}/{lead.id}").text


@pytest.mark.parametrize(("kind", "model"), [("mentee", Mentee), ("mentor", Mentor)])
def test_accepting_opens_the_file_and_says_so(client, staff, make, stored, association, kind, model):
    lead = make(kind=kind, first_name="Noé")

    page = client.send(f"{INBOX}/{lead.id}/acceptation")

    assert "La demande de Noé est acceptée : son dossier est ouvert." in page.text
    assert ("Acceptée le" in page.text, "il faut l'autorisation d'un parent" in page.text) == (True, False)
    assert [(row.lead_id, row.first_name) for row in stored(association, model)] == [(lead.id, "Noé")]


@pytest.mark.parametrize(
    ("ways", "told"),
    [
        ({"age": 15, "email": None, "guardian_email": "parent@example.org"}, "La famille l'apprend aussitôt par e-mail."),
        ({"age": 20, "email": "noe@example.org"}, "Noé l'apprend aussitôt par e-mail."),
        ({"age": 20, "email": None}, "Aucune adresse e-mail n'est connue : appelez pour l'annoncer."),
    ],
)
def test_before_accepting_it_is_said_who_learns_it(client, staff, make, ways, told):
    lead = make(first_name="Noé", phone="+33612345678", birth_date=None, **ways)

    page = client.page(f"{INBOX}/{lead.id}")

    assert f"{told} C'est définitif : la demande ne repart plus ailleurs." in page.text


@pytest.mark.parametrize(("kind", "button"), [("mentee", "Accepter"), ("mentor", "Accepter et ouvrir un dossier")])
def test_of_a_volunteer_it_is_said_that_the_decision_comes_later(client, staff, make, kind, button):
    page = client.page(f"{INBOX}/{make(kind=kind).id}")

    assert button in [summary.get_text() for summary in page.soup.find_all("summary")]
    assert ("L'entretien, les références et la décision viennent ensuite." in page.text) is (kind == "mentor")


def test_a_minor_accepted_has_an_authorisation_to_wait_for_and_it_is_said(client, staff, make):
    lead = make(first_name="Noé", age=15, birth_date=None, guardian_name="Awa Sow", guardian_email="parent@example.org")

    page = client.send(f"{INBOX}/{lead.id}/acceptation")

    assert len(page.soup.select(".flash")) == 1
    assert "Avant toute rencontre, il faut l'autorisation d'un parent ou d'un responsable légal" in page.text
    assert "elle se demande depuis le dossier" in page.text


def test_accepting_twice_opens_one_file(client, staff, make, stored, association):
    lead = make()

    pages = [client.send(f"{INBOX}/{lead.id}/acceptation") for _ in range(2)]

    assert [page.status for page in pages] == [200, 200]
    assert len(stored(association, Mentee)) == 1
    assert [event.what for event in stored(association, LeadEvent)] == ["accepted"]


def test_giving_back_needs_a_reason(client, staff, make, stored, association):
    lead = make()

    page = client.send(f"{INBOX}/{lead.id}/refus")

    assert (page.status, page.errors) == (422, ["Choisissez une réponse."])
    assert len(stored(association, Lead)) == 1


def test_giving_back_keeps_the_reason_and_not_the_person(client, staff, make, stored, association):
    lead = make(first_name="Noé")

    page = client.send(f"{INBOX}/{lead.id}/refus", {"reason": "no_mentor"})

    assert page.flashes == ["La demande est déclinée. Il ne reste ici que la raison et la trace des messages partis."]
    assert "Aucun mentor disponible dans un délai raisonnable (1)" in page.text
    assert "Noé" not in page.text
    assert stored(association, Lead) == []
    assert [row.reason for row in stored(association, Decline)] == ["no_mentor"]


@pytest.mark.parametrize(
    ("changes", "verb", "said"),
    [
        ({"email": "noe@example.org"}, "Décliner la demande", "Noé reçoit un e-mail qui le lui dit"),
        ({"email": None, "phone": "+33612345678"}, "Décliner la demande", "prévenez par téléphone"),
        ({"orientation_id": uuid7()}, "Rendre la demande", "La demande revient au programme, qui décide de la suite."),
    ],
)
def test_the_page_that_declines_says_what_follows(client, staff, make, changes, verb, said):
    page = client.page(f"{INBOX}/{make(first_name='Noé', **changes).id}/refus")

    assert page.heading.startswith(verb)
    assert said in page.text
    assert "cela ne se défait pas" in page.text
    assert "aucun n'est noté" in page.text
    assert page.soup.select_one("main form button").get_text() == verb


def test_a_request_that_repeats_another_says_so_in_the_list(client, staff, make):
    first = make(last_name="Avant")
    make(last_name="Encore", same_as=first.id)

    rows = {row[1].split()[1]: row[1] for row in client.page(INBOX).rows}

    assert "déjà une demande" in rows["Encore"]
    assert "déjà une demande" not in rows["Avant"]


RIGHT = {"first_name": "Noé", "last_name": "Martin", "email": "noe.martin@example.org", "phone": "06 39 98 12 34"}


def test_a_wrong_contact_is_set_right_and_written_to(client, staff, make, stored, association):
    lead = make(first_name="NOE", last_name="martin", email="faux@example.org")
    page = client.page(f"{INBOX}/{lead.id}")
    link = page.soup.find("a", string="Corriger le nom ou les coordonnées")["href"]

    page = client.send(link, RIGHT)

    assert page.flashes == ["C'est corrigé."]
    [row] = stored(association, Lead)
    assert (row.full_name, row.email, row.phone) == ("Noé Martin", "noe.martin@example.org", "+33639981234")
    assert [mail.to_address for mail in stored(association, Mail)] == ["noe.martin@example.org"]
    [event] = [event for event in stored(association, LeadEvent) if event.what == "corrected"]
    assert event.user_id == staff.user_id


def test_a_late_page_keeps_what_the_person_set_right(client, staff, make, stored, association, in_space):
    lead = make(email="faux@example.org")
    late = client.page(f"{INBOX}/{lead.id}/coordonnees")
    with in_space(association):
        actions.correct(db.session.get_one(Lead, (association.id, lead.id)), {"email": "noe@example.org"})
    typed = {name: late.value(name) or "" for name in ("first_name", "last_name", "email", "phone", "shown")}

    client.send(f"{INBOX}/{lead.id}/coordonnees", typed | {"last_name": "Marteau"})
    page = client.send(f"{INBOX}/{lead.id}/coordonnees", typed | {"email": "n@example.org"})

    [row] = stored(association, Lead)
    assert (row.last_name, row.email) == ("Marteau", "noe@example.org")
    assert page.errors == ["Quelqu'un vient d'écrire « noe@example.org » ici. Relisez, puis enregistrez de nouveau."]


@pytest.mark.parametrize("typed", [{"email": "", "phone": ""}, {"email": "noe"}, {"phone": "12"}, {"first_name": "9"}])
def test_a_contact_that_is_none_is_said_at_its_field(client, staff, make, stored, association, typed):
    lead = make(email="faux@example.org")

    page = client.send(f"{INBOX}/{lead.id}/coordonnees", {**RIGHT, **typed})

    assert (page.status, len(page.errors)) == (422, 1)
    assert stored(association, Lead)[0].email == "faux@example.org"


@pytest.mark.parametrize("changes", [{"orientation_id": uuid7()}, {"state": "accepted", "accepted_at": now()}])
def test_what_the_programme_sent_or_a_file_keeps_is_not_set_right_here(client, staff, make, stored, association, changes):
    lead = make(email="noe@example.org", **changes)
    assert "Corriger le nom" not in client.page(f"{INBOX}/{lead.id}").text

    client.send(f"{INBOX}/{lead.id}/coordonnees", RIGHT)

    assert stored(association, Lead)[0].email == "noe@example.org"


def test_who_represents_an_imported_minor_is_named(client, staff, make, stored, association):
    lead = make(age=15, guardian_name=None, guardian_email=None, guardian_phone=None)
    page = client.page(f"{INBOX}/{lead.id}")

    page = client.send(page.soup.find("a", string="Dire qui représente ce ou cette jeune")["href"],
                       {"guardian_name": "Nadège Martin", "guardian_contact": "nadege@example.org"})  # fmt: skip

    assert page.flashes == ["C'est corrigé."]
    [row] = stored(association, Lead)
    assert (row.guardian_name, row.guardian_email) == ("Nadège Martin", "nadege@example.org")
    assert "guardian_asked" in {mail.kind for mail in stored(association, Mail)}


def test_a_person_who_wrote_to_the_association_itself_is_told(client, staff, make, stored, association):
    lead = make(email="noe@example.org")

    client.send(f"{INBOX}/{lead.id}/refus", {"reason": "territory"})

    [mail] = stored(association, Mail)
    assert (mail.kind, mail.to_address, mail.subject) == ("lead_declined", "noe@example.org", "Notre réponse à votre demande")
    assert "Passerelle ne peut pas vous accompagner cette fois-ci" in mail.text
    assert "Passerelle ne peut pas vous accompagner cette fois-ci" in mail.html
    assert "http://localhost/trouver-un-mentor" in mail.text


def test_nobody_is_written_to_without_an_address(client, staff, make, stored, association):
    lead = make(email=None)

    client.send(f"{INBOX}/{lead.id}/refus", {"reason": "territory"})

    assert stored(association, Mail) == []


def test_answering_after_a_withdrawal_says_what_happened(client, staff, make):
    lead = make(state="withdrawn")

    accepted = client.send(f"{INBOX}/{lead.id}/acceptation")

    assert accepted.status == 409
    assert "La personne a retiré sa demande." in accepted.text
    assert client.send(f"{INBOX}/{lead.id}/refus", {"reason": "age"}).heading == "Cela vient de changer"
    assert "La personne a retiré sa demande" in client.page(f"{INBOX}/{lead.id}").text


def test_answering_a_request_that_is_gone_is_not_found(client, staff, make):
    lead = make()
    client.send(f"{INBOX}/{lead.id}/refus", {"reason": "age"})

    assert client.send(f"{INBOX}/{lead.id}/acceptation").status == 404


@pytest.mark.parametrize("act", [lambda lead: actions.accept(lead, by=lead.id), lambda lead: actions.decline(lead, "age")])
def test_a_request_withdrawn_at_the_same_instant_cannot_be_answered(association, in_space, act):
    with in_space(association):
        lead = factories.lead()
        gone = Lead(tenant_id=association.id, id=factories.uuid7())

        with pytest.raises(actions.AlreadyAnswered, match="déjà reçu une réponse, ou la personne l'a retirée"):
            act(gone)
    assert lead.state == LeadState.RECEIVED


def test_a_request_accepted_by_a_colleague_meanwhile_is_not_given_back(association, in_space):
    with in_space(association):
        lead = factories.lead(state="accepted")

        with pytest.raises(actions.AlreadyAnswered, match="a déjà reçu une réponse"):
            actions.decline(lead, "age")


@pytest.mark.parametrize(
    ("state", "title"),
    [
        ("lapsed", "Restée sans réponse"),
        ("moved", "En route vers le programme"),
        ("withdrawn", "La personne a retiré sa demande"),
    ],
)
def test_a_request_that_needs_no_answer_says_why_and_offers_none(client, staff, make, state, title):
    lead = make(state=state, withdrawn_at=now() if state == "withdrawn" else None)

    page = client.page(f"{INBOX}/{lead.id}")

    assert title in page.text
    assert [b.get_text(strip=True) for b in page.soup.select("main button")] == []


@pytest.mark.parametrize(("may_relay", "words"), [(True, "oui, si la première ne peut pas"), (False, "non")])
def test_a_request_says_whether_another_association_may_be_asked(client, staff, make, may_relay, words):
    lead = make(may_relay=may_relay)

    page = client.page(f"{INBOX}/{lead.id}")

    assert page.soup.find("dt", string="Une autre association").find_next("dd").get_text() == words


@pytest.mark.parametrize("role", ["mentor", "jeune"])
def test_mentors_and_young_people_do_not_read_requests(client, association, in_space, role):
    with in_space(association):
        account = factories.member(association, role)
    client.sign_in(account)

    assert client.page(INBOX).status == 403


def test_an_address_that_refuses_is_said_on_the_request(client, staff, make, in_space, association):
    lead = make(email="noe@example.org", guardian_name="Nadège", guardian_email="nadege@example.org")
    with in_space(association):
        refused = {"state": "refused", "last_error": "SMTPDataError"}
        db.session.add(Mail(kind="x", subject="x", to_address="nadege@example.org", message_id="x", **refused))

    [tag] = client.page(f"{INBOX}/{lead.id}").soup.select(".facts .tag.bad")

    assert tag.find_previous_sibling("a").get_text() == "nadege@example.org"
    assert "refuse nos messages depuis le" in tag.get_text()
