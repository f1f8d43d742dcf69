"""Two requests that may be one person's: staff compare them, and join them or tell them apart."""

from datetime import timedelta

import pytest
import time_machine

from app.accounts.models import User
from app.database import now
from app.extensions import db
from app.leads import contacts, deadlines, desk, doubles, jobs
from app.leads.models import ContactAttempt, Lead, LeadEvent
from app.people.models import Mentee
from app.web import today
from tests import factories

from .requests_at_work import ask
from .test_doubles import ADDRESS, NOE, STRANGER, letters

INBOX = "/a/passerelle/demandes"
JOIN, TWO = {"decision": "join", "sure": "y"}, {"decision": "separate"}


@pytest.fixture
def twice(association, in_space):
    """Two requests of one person at Passerelle, the second with another address and number."""
    with in_space(association):
        first = factories.lead(**NOE, requested_at=now() - timedelta(days=3))
        second = ask(association, **{**NOE, "email": "autre@example.org", "phone": "+33698765432"}, message="Encore moi")
    return first, second


def test_the_request_leads_to_the_comparison_where_both_are_read(client, staff, twice):
    _first, second = twice

    page = client.page(f"{INBOX}/{second.id}")
    compared = client.page(f"{INBOX}/{second.id}/comparaison")

    assert "Noé Martin Roux a déjà une demande ici" in page.text
    assert page.soup.find("a", string="Comparer les deux")["href"].endswith(f"{second.id}/comparaison")
    assert [section.h2.get_text() for section in compared.soup.select("section")] == ["Noé Martin Roux"] * 2
    assert ADDRESS in compared.text
    assert "autre@example.org" in compared.text
    assert [box["value"] for box in compared.soup.select("input[name=taken]")] == ["email", "phone", "message"]


def test_what_repeats_nothing_has_no_comparison(client, staff, make, twice):
    first, _second = twice

    assert client.page(f"{INBOX}/{first.id}/comparaison").heading == "Noé Martin Roux"
    assert "Comparer les deux" not in client.page(f"{INBOX}/{make().id}").text


def test_joined_only_what_was_chosen_is_taken(client, staff, twice, stored, association):
    first, second = twice

    page = client.send(f"{INBOX}/{second.id}/comparaison", {**JOIN, "taken": ["phone"]})

    kept, other = stored(association, Lead)
    assert page.flashes == ["Les deux demandes n'en font plus qu'une."]
    assert page.response.request.path == f"{INBOX}/{first.id}"
    assert (kept.phone, kept.email, kept.message) == ("+33698765432", ADDRESS, None)
    assert (other.state, other.same_as, other.message, kept.state) == ("joined", first.id, "Encore moi", "received")


def test_joining_is_confirmed(client, staff, twice, stored, association):
    _first, second = twice

    page = client.send(f"{INBOX}/{second.id}/comparaison", {"decision": "join", "taken": ["phone"]})

    assert (page.status, page.errors) == (422, ["Cochez pour réunir."])
    assert page.soup.find("input", value="phone").has_attr("checked"), "what was chosen is kept"
    assert [lead.state for lead in stored(association, Lead)] == ["received", "received"]


def test_joined_both_histories_and_attempts_are_read_with_the_first(client, staff, twice):
    first, second = twice
    client.send(f"{INBOX}/{first.id}/contacts", {"result": "no_answer", "note": "Essai un"})
    client.send(f"{INBOX}/{second.id}/contacts", {"result": "left_message", "note": "Essai deux"})

    page = client.send(f"{INBOX}/{second.id}/comparaison", JOIN)

    tries, history = (" ".join(part.get_text(" ").split()) for part in page.soup.select("ol.timeline"))
    assert tries.index("Essai un") < tries.index("Essai deux")
    assert (history.count("Appel ou message"), history.count("Deux demandes réunies")) == (2, 1)
    assert "Ressemble à une autre demande" in history
    assert f"{INBOX}/{second.id}" in page.html


def test_the_joined_request_stays_readable_and_leads_to_the_one_that_goes_on(client, staff, twice):
    first, second = twice
    client.send(f"{INBOX}/{second.id}/comparaison", JOIN)

    page = client.page(f"{INBOX}/{second.id}")

    assert "Réunie avec une autre demande" in page.text
    assert "Encore moi" in page.text
    assert page.soup.find("a", string="Voir la demande qui continue")["href"] == f"{INBOX}/{first.id}"


def test_joined_twice_is_joined_once(client, staff, twice, stored, association):
    _first, second = twice
    client.send(f"{INBOX}/{second.id}/comparaison", {**JOIN, "taken": ["phone"]})
    told = len(stored(association, LeadEvent))

    again = client.send(f"{INBOX}/{second.id}/comparaison", {**JOIN, "taken": ["email"]})

    assert again.flashes == ["Il n'y a plus rien à comparer\u00a0: une des deux demandes a changé entre-temps."]
    assert (len(stored(association, LeadEvent)), stored(association, Lead)[0].email) == (told, ADDRESS)


def test_joined_to_an_accepted_request_the_file_is_left_alone(client, staff, twice, stored, association, in_space):
    first, second = twice
    client.send(f"{INBOX}/{first.id}/acceptation")

    page = client.page(f"{INBOX}/{second.id}/comparaison")
    client.send(f"{INBOX}/{second.id}/comparaison", {**JOIN, "taken": ["email", "phone"]})

    assert "La première demande a déjà son dossier" in page.text
    assert page.soup.select("input[name=taken]") == []
    assert [(lead.state, lead.email) for lead in stored(association, Lead)] == [
        ("accepted", ADDRESS), ("joined", "autre@example.org"),
    ]  # fmt: skip


def test_who_comes_back_after_their_file_was_closed_is_accepted_as_a_new_file(client, staff, association, in_space, stored):
    with in_space(association):
        first = factories.lead(**NOE)
    client.send(f"{INBOX}/{first.id}/acceptation")
    [left] = stored(association, Mentee)
    client.send(f"/a/passerelle/jeunes/{left.id}/retrait")
    with in_space(association):
        second = ask(association, **NOE)
    assert letters(stored, association) == [], "nobody reads that a request goes on"

    page = client.page(f"{INBOX}/{second.id}")
    compared = client.page(f"{INBOX}/{second.id}/comparaison")
    refused = client.send(f"{INBOX}/{second.id}/comparaison", JOIN)
    client.send(f"{INBOX}/{second.id}/acceptation")

    assert "Noé Martin Roux a eu un dossier ici, aujourd'hui fermé." in page.text
    assert compared.soup.find("a", string="Voir l'ancien dossier")["href"].endswith(f"{first.id}/dossier")
    assert refused.flashes == [
        "Le dossier de la première demande est fermé\u00a0: la personne revient. Acceptez sa nouvelle demande."
    ]
    assert [row.state for row in stored(association, Mentee)] == ["withdrawn", "active"]


def test_a_direct_request_is_joined_to_the_one_that_the_programme_oriented(
    client, staff, programme, association, in_space, stored, run_jobs
):
    with in_space(association):
        direct = factories.lead(**NOE, message="Directe")
    with in_space(programme):
        ask(programme, **NOE)
    run_jobs()
    oriented = next(lead for lead in stored(association, Lead) if lead.orientation_id)

    page = client.send(f"{INBOX}/{oriented.id}/comparaison", {**JOIN, "taken": ["message"]})

    states = {lead.id: (lead.state, lead.same_as, lead.message) for lead in stored(association, Lead)}
    assert page.response.request.path == f"{INBOX}/{oriented.id}"
    assert states == {direct.id: ("joined", oriented.id, "Directe"), oriented.id: ("received", None, "Directe")}


def test_what_was_joined_follows_when_its_first_is_joined_in_turn(
    client, staff, twice, programme, association, in_space, stored, run_jobs
):
    direct, again = twice
    client.send(f"{INBOX}/{again.id}/comparaison", JOIN)
    with in_space(programme):
        asked = ask(programme, **NOE)
    run_jobs()
    oriented = next(lead for lead in stored(association, Lead) if lead.orientation_id)
    with in_space(association):
        seems = factories.lead(**NOE, same_as=direct.id)

    client.send(f"{INBOX}/{oriented.id}/comparaison", JOIN)

    same = {lead.id: lead.same_as for lead in stored(association, Lead)}
    assert same == {oriented.id: None, **dict.fromkeys((direct.id, again.id, seems.id), oriented.id)}
    with in_space(programme):
        desk.take_back(db.session.get(Lead, (programme.id, asked.id)), staff.user_id)
    run_jobs()
    assert [(lead.id, lead.state, lead.same_as) for lead in stored(association, Lead)] == [
        (direct.id, "received", None), (again.id, "joined", direct.id), (seems.id, "received", direct.id),
    ]  # fmt: skip


@pytest.fixture
def both_oriented(programme, association, in_space, stored, run_jobs):
    """Two requests of one person that the programme sent to Passerelle: the second one, there."""
    with in_space(programme):
        ask(programme, **NOE)
        second = ask(programme, **NOE)
        doubles.separate(second, db.session.merge(programme), factories.user().id)
    run_jobs()
    return stored(association, Lead)[1]


def test_two_that_the_programme_sent_are_not_joined_here(client, staff, both_oriented, stored, association):
    page = client.send(f"{INBOX}/{both_oriented.id}/comparaison", JOIN)

    assert page.flashes == [
        "Les deux viennent du programme\u00a0: rendez celle-ci avec la raison «\u00a0Déjà connue ici\u00a0», il les réunira."
    ]
    assert [lead.state for lead in stored(association, Lead)] == ["received", "received"]


def test_given_back_as_already_known_the_programme_compares(client, staff, both_oriented, stored, programme, run_jobs):
    client.send(f"{INBOX}/{both_oriented.id}/refus", {"reason": "double"})
    run_jobs()

    first, second = stored(programme, Lead)
    assert (first.state, second.state, second.waiting_reason, second.same_as) == ("oriented", "waiting", "double", first.id)


def test_the_second_that_the_programme_sent_counts_as_accepted_when_it_joins_a_file(
    client, staff, both_oriented, stored, association, programme, run_jobs
):
    client.send(f"{INBOX}/{stored(association, Lead)[0].id}/acceptation")

    client.send(f"{INBOX}/{both_oriented.id}/comparaison", JOIN)
    run_jobs()

    assert [lead.state for lead in stored(association, Lead)] == ["accepted", "joined"]
    assert [lead.state for lead in stored(programme, Lead)] == ["accepted", "accepted"]


def test_two_people_are_two_people_and_the_question_is_not_asked_again(client, staff, twice, stored, association):
    _first, second = twice

    page = client.send(f"{INBOX}/{second.id}/comparaison", TWO)
    client.send(f"{INBOX}/{second.id}/comparaison", TWO)

    assert page.flashes == ["C'est noté\u00a0: ce sont deux personnes."]
    assert [(lead.state, lead.same_as) for lead in stored(association, Lead)] == [("received", None)] * 2
    assert [event.what for event in stored(association, LeadEvent)].count("distinct") == 1
    assert "Comparer les deux" not in client.page(f"{INBOX}/{second.id}").text


def test_the_guardian_of_a_second_young_person_is_asked_once_they_are_two(association, in_space, stored):
    minor = {**NOE, "birth_date": factories.birth_date(16), "guardian_name": "Nadège", "guardian_email": "nadege@example.org"}
    with in_space(association):
        factories.lead(**minor)
        second, by = ask(association, **minor), factories.user().id
        assert letters(stored, association, "guardian_asked") == []

    with in_space(association):
        doubles.separate(db.session.get(Lead, (association.id, second.id)), association, by)

    assert [address for address, _text in letters(stored, association, "guardian_asked")] == ["nadege@example.org"]


@pytest.mark.parametrize("wrong", [{}, {"decision": "peut-être"}, {**JOIN, "taken": ["state"]}])
def test_a_decision_that_is_none_changes_nothing(client, staff, twice, stored, association, wrong):
    _first, second = twice

    page = client.send(f"{INBOX}/{second.id}/comparaison", wrong)

    assert page.status == 422
    assert [lead.state for lead in stored(association, Lead)] == ["received", "received"]


def test_what_joins_is_a_request_that_still_waits_here(client, staff, twice, stored, association, in_space):
    _first, second = twice
    with in_space(association):
        db.session.get(Lead, (association.id, second.id)).state = "moved"

    page = client.send(f"{INBOX}/{second.id}/comparaison", JOIN)

    assert page.flashes == ["Cette demande n'attend plus ici\u00a0: elle ne peut plus être réunie."]


def test_another_space_s_requests_are_not_compared(client, staff, elsewhere, in_space, stored):
    with in_space(elsewhere):
        factories.lead(**NOE)
        second = ask(elsewhere, **NOE)

    assert client.page(f"{INBOX}/{second.id}/comparaison").status == 404
    assert client.send(f"{INBOX}/{second.id}/comparaison", JOIN).status == 404
    assert [lead.state for lead in stored(elsewhere, Lead)] == ["received", "received"]


def test_the_link_to_a_joined_request_takes_nothing_back(client, staff, twice, stored, association, link, app):
    _first, second = twice
    client.send(f"{INBOX}/{second.id}/comparaison", JOIN)
    stranger = app.test_client()

    page, done = stranger.page(link(second)), stranger.send(f"{link(second)}/retrait")
    corrected = stranger.send(f"{link(second)}/corrections", {**STRANGER, "birth_date": "", "message": ""})

    assert "Cette demande a rejoint celle que vous aviez déjà" in page.text
    assert "Je retire ma demande" not in page.text
    assert (done.status, len(corrected.flashes)) == (409, 1)
    assert [(lead.state, lead.email) for lead in stored(association, Lead)] == [
        ("received", ADDRESS), ("joined", "autre@example.org"),
    ]  # fmt: skip


def test_a_joined_request_owes_no_answer_any_more(client, staff, twice, stored, association, app):
    _first, second = twice
    client.send(f"{INBOX}/{second.id}/comparaison", JOIN)

    with time_machine.travel(now() + timedelta(days=60)), app.app_context():
        deadlines.watch_deadlines.run(tenant_id=str(association.id))

    states = {lead.id: lead.state for lead in stored(association, Lead)}
    assert states[second.id] == "joined"
    assert client.send(f"{INBOX}/{second.id}/acceptation").status == 409
    assert client.send(f"{INBOX}/{second.id}/contacts", {"result": "reached"}).status == 409
    assert stored(association, ContactAttempt) == []


def test_what_staff_choose_is_not_called_the_person_s_correction(client, staff, twice, link):
    first, second = twice

    client.send(f"{INBOX}/{second.id}/comparaison", {**JOIN, "taken": ["phone"]})

    assert "Vous avez corrigé vos coordonnées" not in client.page(link(first)).text
    assert "Coordonnées corrigées par la personne" not in client.page(f"{INBOX}/{first.id}").text


def test_what_joined_a_request_that_is_given_back_is_forgotten_with_it(client, staff, twice, stored, association):
    first, second = twice
    client.send(f"{INBOX}/{second.id}/comparaison", JOIN)

    client.send(f"{INBOX}/{first.id}/refus", {"reason": "age"})

    assert stored(association, Lead) == []


def test_what_moves_to_the_programme_is_compared_with_what_the_person_asked_there(
    programme, association, in_space, stored, run_jobs
):
    with in_space(programme):
        first = ask(programme, **NOE)
    with in_space(association):
        lead = factories.lead(**NOE, state="moved")
        jobs.take_over.defer(tenant_id=programme.id, association_id=association.id, lead_id=lead.id)

    run_jobs()

    moved = stored(programme, Lead)[1]
    assert (moved.state, moved.waiting_reason, moved.same_as) == ("waiting", "double", first.id)


# About somebody of the team.


@pytest.fixture
def own(association, in_space, staff, colleague):
    """Two requests of one child of the colleague who is signed in; only the first one says their address. A note is on it."""
    with in_space(association):
        theirs = factories.lead(
            **NOE, requested_at=now() - timedelta(days=3), guardian_email=db.session.get(User, staff.user_id).email
        )
        contacts.note_attempt(theirs, "reached", "Texte-des-collegues", None, colleague.user_id, today())
        return theirs, ask(association, **{**NOE, "email": "autre@example.org", "phone": "+33698765432"})


def test_who_a_request_is_about_reads_nothing_of_it_by_another_that_repeats_it(client, staff, own, stored, association):
    path = f"{INBOX}/{own[1].id}/comparaison"

    assert "Texte-des-collegues" not in client.page(path).text
    assert client.send(path, JOIN).status == 409
    assert {lead.state for lead in stored(association, Lead)} == {"received"}


def test_their_list_does_not_begin_with_words_that_alarm_in_it(client, staff, own, association, in_space):
    with in_space(association):
        db.session.get_one(Lead, (association.id, own[1].id)).hopes = "Je veux mourir."

    assert "des mots qui inquiètent" not in client.page(INBOX).text


def test_nor_once_they_are_one(client, staff, colleague, own, association, in_space, stored):
    with in_space(association):
        db.session.get_one(Lead, (association.id, own[0].id)).guardian_email = None
        db.session.get_one(Lead, (association.id, own[1].id)).guardian_email = db.session.get(User, staff.user_id).email
        kept = doubles.join(db.session.get_one(Lead, (association.id, own[1].id)), [], colleague.user_id)
        assert kept.id == own[0].id

    assert "Texte-des-collegues" not in client.page(f"{INBOX}/{own[0].id}").text
