"""An association's waiting list: never silent, confirmed, or answered."""

from datetime import date, timedelta

import pytest
import time_machine

from app.database import now
from app.leads import actions
from app.leads.models import Lead, LeadEvent, Orientation
from app.mail import Mail
from app.people.models import Mentee
from tests import factories

INBOX = "/a/passerelle/demandes"
MONDAY = "2026-11-02T10:00:00Z"
FIRST, SECOND = date(2026, 12, 1), date(2026, 12, 30)  # twenty working days after 2 November, and after 1 December


def put_on_list(client, lead, message="Nous avons\n\ndeux mois de retard."):
    """Put a request on the waiting list, or confirm that it is."""
    return client.send(f"{INBOX}/{lead.id}/liste-d-attente", {"message": message})


@pytest.fixture
def listed(client, proposed, run_jobs):
    """The programme's request, put on the list of Passerelle on a Monday; the programme was told."""
    with time_machine.travel(MONDAY, tick=False):
        put_on_list(client, proposed)
        run_jobs()
    return proposed


def standing(stored, programme):
    """How the programme sees the request: its state, and the orientation's state and deadline."""
    [lead], [orientation] = stored(programme, Lead), stored(programme, Orientation)
    return lead.state, orientation.state, orientation.answer_by


def test_the_form_says_what_a_waiting_list_commits_to(client, staff, make):
    page = client.page(f"{INBOX}/{make(first_name='Noé').id}/liste-d-attente")

    assert page.heading == "Mettre Noé sur liste d'attente"
    assert "dans vingt jours ouvrés" in page.text
    assert "dites-lui ce message au téléphone" not in page.text


NEITHER = "Votre demande reste chez nous : vous n'avez rien à refaire."


@pytest.mark.parametrize(
    ("about", "heading", "ready"),
    [
        ({}, "Mettre Noé sur liste d'attente", f"Nous n'avons pas encore de mentor à vous présenter. {NEITHER}"),
        (
            {"kind": "mentor"}, "Mettre Noé sur liste d'attente",
            f"Nous ne pouvons pas encore vous recevoir pour un entretien. {NEITHER}",
        ),
        (
            {"state": "waitlisted"}, "Confirmer à Noé que l'attente continue",
            f"Vous êtes toujours sur notre liste d'attente. Nous n'avons pas encore de mentor à vous présenter. {NEITHER}",
        ),
    ],
)  # fmt: skip
def test_the_letter_is_ready_and_says_the_day_that_it_promises(client, staff, make, stored, association, about, heading, ready):
    with time_machine.travel(MONDAY, tick=False):
        lead = make(first_name="Noé", **about)
        page = client.page(f"{INBOX}/{lead.id}/liste-d-attente")
        typed = page.soup.select_one("textarea").get_text().strip()
        put_on_list(client, lead, typed)

    [mail] = stored(association, Mail)
    promised = "Vous aurez de ses nouvelles au plus tard le mardi 1er décembre."
    assert (page.heading, typed.replace("\xa0", " ")) == (heading, ready)
    assert f"La lettre commence par : {mail.text.splitlines()[0]}" in page.text
    assert f"Elle ajoute : {promised}" in page.text
    assert (typed in mail.text, promised in mail.text) == (True, True)


def test_what_was_typed_instead_is_kept_where_it_is_refused(client, staff, make):
    page = put_on_list(client, make(), "")

    assert page.errors == ["À remplir."]
    assert page.soup.select_one("textarea").get_text().strip() == ""


def test_the_waiting_list_writes_to_the_person_and_sets_a_new_deadline(client, staff, make, stored, association):
    with time_machine.travel(MONDAY, tick=False):
        page = put_on_list(client, make(first_name="Noé", email="noe@example.org", answer_by=date(2026, 11, 4), reminded="eve"))

    [lead], [mail] = stored(association, Lead), stored(association, Mail)
    assert page.flashes == ["Noé est sur la liste d'attente, et le sait."]
    assert (lead.state, lead.answer_by, lead.reminded) == ("waitlisted", FIRST, None)
    assert lead.contacted_at is not None
    assert lead.waitlisted_at is not None
    assert (mail.kind, mail.to_address) == ("lead_waitlisted", "noe@example.org")
    assert "Nous avons\n\ndeux mois de retard." in mail.text
    assert "<p>deux mois de retard.</p>" in mail.html


def test_a_message_is_written_as_it_was_typed_and_never_run(client, staff, make, stored, association):
    put_on_list(client, make(), "<script>alert(1)</script>")

    [mail] = stored(association, Mail)
    assert "<script>alert(1)</script>" in mail.text
    assert "<script>" not in mail.html


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("", "À remplir."),
        (" \n ", "À remplir."),
        ("\u202e", "À remplir."),
        ("a" * 1501, "C'est trop long : 1500 caractères au plus."),
    ],
)
def test_nobody_is_put_on_the_list_without_a_word(client, staff, make, stored, association, message, sentence):
    page = put_on_list(client, make(), message)

    assert (page.status, page.errors) == (422, [sentence])
    assert stored(association, Lead)[0].state == "received"
    assert stored(association, Mail) == []


def test_somebody_without_an_address_is_told_by_telephone(client, staff, make, stored, association):
    lead = make(email=None)

    form = client.page(f"{INBOX}/{lead.id}/liste-d-attente")
    put_on_list(client, lead)

    assert "dites-lui ce message au téléphone" in form.text
    assert stored(association, Lead)[0].state == "waitlisted"
    assert stored(association, Mail) == []


@pytest.mark.parametrize("state", ["accepted", "withdrawn", "moved", "lapsed"])
def test_a_request_that_has_its_answer_does_not_wait(client, staff, make, stored, association, state):
    lead = make(state=state, accepted_at=now(), withdrawn_at=now())

    assert client.page(f"{INBOX}/{lead.id}/liste-d-attente").status == 409
    assert put_on_list(client, lead).status == 409
    assert stored(association, Lead)[0].state == state


def test_a_request_answered_at_the_same_instant_does_not_wait(association, in_space):
    with in_space(association):
        lead, by = factories.lead(state="accepted"), factories.user().id

        with pytest.raises(actions.AlreadyAnswered, match="a déjà reçu une réponse"):
            actions.waitlist(lead, "Bonjour", by, factories.today())


def test_what_waits_has_its_own_list_and_leaves_the_other(client, listed):
    with time_machine.travel(MONDAY, tick=False):
        waits = client.page(f"{INBOX}?etat=waitlisted")
        file = client.page(f"{INBOX}/{listed.id}")

    assert [row[6] for row in waits.rows] == ["confirmer : mardi 1er décembre"]
    assert client.page(INBOX).rows == []
    assert "Sur la liste d'attente, à confirmer au plus tard le mardi 1er décembre" in file.text


def test_the_programme_is_told_until_when(client, app, listed, stored, programme, in_space):
    with in_space(programme):
        operator = factories.staff(programme, "operator")

    page = app.test_client().sign_in(operator.user_id).page("/a/programme/orientation?etat=waitlisted")

    assert standing(stored, programme) == ("waitlisted", "waitlisted", FIRST)
    assert stored(programme, Orientation)[0].answered_at is not None
    assert [row[4] for row in page.rows] == ["Passerelle"]
    assert "deux mois" not in page.html


def test_confirming_gives_a_new_deadline_on_both_sides_and_writes_again(client, listed, run_jobs, stored, programme, association):
    [before] = stored(association, Lead)
    with time_machine.travel("2026-12-01T10:00:00Z", tick=False):
        put_on_list(client, listed, "Encore un mois.")
        run_jobs()

    [after] = stored(association, Lead)
    assert (after.answer_by, after.waitlisted_at) == (SECOND, before.waitlisted_at)
    assert standing(stored, programme) == ("waitlisted", "waitlisted", SECOND)
    assert [event.what for event in stored(programme, LeadEvent)].count("waitlisted") == 2
    assert [mail.kind for mail in stored(association, Mail)].count("lead_waitlisted") == 2


def test_a_request_on_the_list_can_be_accepted(client, listed, run_jobs, stored, programme, association):
    page = client.send(f"{INBOX}/{listed.id}/acceptation")
    run_jobs()

    assert "est acceptée" in page.text
    assert len(stored(association, Mentee)) == 1
    assert standing(stored, programme)[:2] == ("accepted", "accepted")
    assert stored(programme, Lead)[0].accepted_at is not None


def test_a_request_on_the_list_can_be_given_back(client, app, listed, run_jobs, stored, programme, association):
    second = factories.association(app, "seconde", "Seconde", ["69"])

    client.send(f"{INBOX}/{listed.id}/refus", {"reason": "no_mentor"})
    run_jobs()

    assert stored(association, Lead) == []
    assert [row.first_name for row in stored(second, Lead)] == ["Noé"]
    assert stored(programme, Lead)[0].state == "oriented"
    assert {row.state for row in stored(programme, Orientation)} == {"declined", "delivered"}


def test_a_person_on_the_list_can_withdraw_and_is_forgotten(client, listed, run_jobs, stored, programme, association, in_space):
    with in_space(programme):
        link = actions.tracking_link(stored(programme, Lead)[0]).removeprefix("http://localhost")

    client.send(f"{link}/retrait")
    run_jobs()

    assert stored(association, Lead) == []
    assert standing(stored, programme)[:2] == ("withdrawn", "withdrawn")


def test_a_deadline_on_the_list_is_late_the_day_after(client, staff, make):
    make(state="waitlisted", answer_by=factories.today() - timedelta(days=1))

    page = client.page(f"{INBOX}?etat=waitlisted&tard=1")

    assert "en retard" in page.rows[0][6]


def test_the_same_message_sent_twice_is_one_letter_and_later_another(client, staff, make, stored, association):
    lead = make(email="noe@example.org")
    with time_machine.travel(MONDAY, tick=False) as clock:
        for _time in range(2):
            put_on_list(client, lead)
        once = len(stored(association, Mail))
        clock.shift(timedelta(minutes=2))
        put_on_list(client, lead)

    assert (once, len(stored(association, Mail))) == (1, 2)
