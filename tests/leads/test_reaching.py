"""Reaching the person: attempts, the last mail, and who has the request."""

import re
from datetime import date, timedelta

import pytest
import time_machine

from app.accounts.models import Membership
from app.database import now
from app.extensions import db
from app.leads import actions, jobs
from app.leads.models import ContactAttempt, Lead, LeadEvent, Orientation
from app.mail import Mail
from app.tenants.models import Tenant
from tests import factories

INBOX = "/a/passerelle/demandes"
MONDAY = "2026-11-02T10:00:00Z"
NOT_HERE = "Cette personne ne répond pas aux demandes ici."
NOT_NOW = "Le dernier message part après trois essais en dix jours, une seule fois."


def note(client, lead, result="no_answer", **values):
    """Note an attempt, as somebody at work does."""
    return client.send(f"{INBOX}/{lead.id}/contacts", {"result": result, **values})


@pytest.fixture
def tried(client, make, staff):
    """A request, and attempts so many days apart: `tried([("no_answer", 0), …])`; it is then the day of the last one."""
    lead = make(answer_by=date(2027, 1, 4))

    def attempts(results, lead=lead):
        for result, day in results:
            with time_machine.travel(f"2026-11-{2 + day:02}T10:00:00Z", tick=False):
                note(client, lead, result)
        return lead

    return attempts


def test_an_attempt_says_what_happened_when_and_who_tried(client, staff, make):
    lead = make(phone="+33612345678")

    page = note(client, lead, "left_message", note="Sa mère rappelle.\nLe soir.")

    assert page.flashes[0].startswith("C'est noté, et la page de suivi")
    [attempt] = [item.get_text(" ") for item in page.soup.find("h2", string="Appels et messages").find_next("ol").select("li")]
    assert "Message laissé" in attempt
    assert "Sa mère rappelle." in attempt
    assert "Claire Morel" in attempt
    assert "Appel ou message · Claire Morel Message laissé" in page.text
    assert "06 12 34 56 78" in page.text


@pytest.mark.parametrize(
    ("about", "read"),
    [
        ({"age": 20}, "L'association vous a écrit"),
        ({"age": 15, "guardian_name": "Sandra Gros", "guardian_email": "sandra@example.org"},
         "L'association vous a écrit, ou à la personne qui vous représente"),
    ],
)  # fmt: skip
def test_a_letter_is_a_try_too(client, staff, make, link, about, read):
    lead = make(birth_date=None, **about)

    page = note(client, lead, "emailed")

    assert "Appel ou message · Claire Morel E-mail envoyé" in page.text
    assert read in [row.get_text() for row in client.page(link(lead)).soup.select(".timeline strong")]


def test_the_first_attempt_gives_time_to_decide_and_the_next_ones_none(client, staff, make, stored, association):
    with time_machine.travel(MONDAY, tick=False) as clock:
        lead = make(answer_by=date(2026, 11, 9), reminded="half")
        note(client, lead)
        first = stored(association, Lead)[0]
        clock.shift(timedelta(days=3))
        note(client, lead, "reached")

    [last] = stored(association, Lead)
    assert (first.answer_by, first.reminded, first.clock_from) == (date(2026, 11, 24), None, date(2026, 11, 2))
    assert first.contacted_at == last.contacted_at
    assert last.answer_by == first.answer_by


def test_a_first_attempt_never_takes_time_away(client, staff, make, stored, association):
    lead = make(answer_by=factories.today() + timedelta(days=300))

    note(client, lead)

    assert stored(association, Lead)[0].answer_by == lead.answer_by


def test_the_rules_of_the_programme_say_how_much_time(client, staff, make, stored, programme, association, in_space):
    with in_space(programme):
        db.session.get(Tenant, programme.id).decision_days = 2
    with time_machine.travel(MONDAY, tick=False):
        note(client, make(answer_by=date(2026, 11, 3)))

    assert stored(association, Lead)[0].answer_by == date(2026, 11, 4)


def test_who_tries_has_the_request_unless_somebody_had_it(client, staff, colleague, make, stored, association):
    free, held = make(), make(assigned_to=colleague.user_id)

    note(client, free)
    note(client, held)

    assert {lead.id: lead.assigned_to for lead in stored(association, Lead)} == {free.id: staff.user_id, held.id: colleague.user_id}


@pytest.mark.parametrize(("days", "kept"), [(0, True), (90, True), (-1, False), (91, False)])
def test_the_next_try_is_within_three_months(client, staff, make, stored, association, days, kept):
    with time_machine.travel(MONDAY, tick=False):
        lead, day = make(), factories.today() + timedelta(days=days)

        page = note(client, lead, next_on=day.isoformat())

    assert (page.status, page.errors) == (
        (200, []) if kept else (422, ["Choisissez un jour entre aujourd'hui et dans trois mois."])
    )
    assert stored(association, Lead)[0].next_try_on == (day if kept else None)
    assert len(stored(association, ContactAttempt)) == kept


@pytest.mark.parametrize(
    "values", [{"result": ""}, {"result": "roi"}, {"next_on": "demain"}, {"next_on": "2026-02-30"}, {"note": "a" * 1001}]
)
def test_an_attempt_that_makes_no_sense_is_refused_at_its_field(client, staff, make, stored, association, values):
    page = note(client, make(), **{"result": "reached", **values})

    assert (page.status, len(page.errors)) == (422, 1)
    assert stored(association, ContactAttempt) == []


@pytest.mark.parametrize("state", ["accepted", "withdrawn", "moved", "lapsed"])
def test_nobody_is_reached_after_the_answer(client, staff, make, stored, association, state):
    lead = make(state=state, accepted_at=now(), withdrawn_at=now())

    page = note(client, lead)

    assert (page.status, "Cette demande a déjà reçu une réponse." in page.text) == (409, True)
    assert stored(association, ContactAttempt) == []


@pytest.mark.parametrize(
    ("path", "data"),
    [("contacts", {"result": "reached"}), ("dernier-message", {}), ("suivi-par", {}), ("liste-d-attente", {"message": "x"})],
)
def test_nothing_is_done_to_a_request_of_another_association(client, staff, elsewhere, in_space, stored, path, data):
    with in_space(elsewhere):
        lead = factories.lead()

    assert client.send(f"{INBOX}/{lead.id}/{path}", data).status == 404
    assert stored(elsewhere, Lead)[0].assigned_to is None


def test_the_programme_learns_the_result_and_never_the_note(client, proposed, run_jobs, stored, programme, app, in_space):
    note(client, proposed, "wrong_number", note="Numéro du voisin")
    run_jobs()

    [event] = [event for event in stored(programme, LeadEvent) if event.what == "contact"]
    [orientation], [ours] = stored(programme, Orientation), stored(programme, Lead)
    assert (event.reason, event.user_id, orientation.contacted_at) == ("wrong_number", None, event.created_at)
    with in_space(programme):
        operator = factories.staff(programme, "operator")
        link = actions.tracking_link(ours).removeprefix("http://localhost")
    desk = app.test_client().sign_in(operator.user_id).page(f"/a/programme/orientation/{ours.id}")
    person = client.page(link)
    assert "Appel ou message · Passerelle Mauvais numéro" in desk.text
    assert "L'association n'a pas pu vous joindre : il y a peut-être une erreur dans votre numéro" in person.text
    for page in (desk, person):
        assert "voisin" not in page.html
        assert "Claire" not in page.html


def test_the_person_of_a_direct_request_does_not_read_the_note(client, staff, make, association, in_space):
    lead = make()
    note(client, lead, "reached", note="Semble perdu")
    with in_space(association):
        link = actions.tracking_link(lead).removeprefix("http://localhost")

    page = client.page(link)

    assert "L'association vous a parlé" in page.text
    assert "perdu" not in page.html


def test_an_attempt_told_twice_is_told_once(client, app, proposed, run_jobs, stored, programme, association):
    with time_machine.travel("2026-11-03T10:00:00Z", tick=False):
        note(client, proposed)
        run_jobs()
    [attempt], [before] = stored(association, ContactAttempt), stored(programme, Orientation)

    with app.app_context():
        jobs.note_contact.run(
            tenant_id=str(programme.id),
            association_id=str(association.id),
            attempt_id=str(attempt.id),
            orientation_id=str(before.id),
        )

    [after] = stored(programme, Orientation)
    assert [event.what for event in stored(programme, LeadEvent)].count("contact") == 1
    assert (after.contacted_at, after.answer_by) == (before.contacted_at, date(2026, 11, 25))


def test_an_attempt_that_is_told_after_the_request_was_given_back_says_nothing(client, proposed, run_jobs, stored, programme):
    note(client, proposed)
    client.send(f"{INBOX}/{proposed.id}/refus", {"reason": "unreachable"})

    run_jobs()

    assert "contact" not in [event.what for event in stored(programme, LeadEvent)]
    assert stored(programme, Lead)[0].waiting_reason == "unreachable"


VAIN = [("no_answer", 0), ("left_message", 4), ("wrong_number", 10)]
REACH = [
    (VAIN, True),
    ([*VAIN, ("no_answer", 12)], True),
    ([("no_answer", 0), ("no_answer", 4), ("no_answer", 9)], False),
    ([("no_answer", 0), ("no_answer", 10)], False),
    ([("no_answer", 0), ("no_answer", 0), ("reached", 5), ("no_answer", 10)], False),
    ([*VAIN, ("reached", 11)], False),
    ([("reached", 0), ("no_answer", 1), ("no_answer", 5), ("no_answer", 11)], True),
    ([], False),
]


@pytest.mark.parametrize(("results", "beyond"), REACH)
def test_somebody_is_out_of_reach_after_three_tries_in_vain_over_ten_days(client, tried, stored, association, results, beyond):
    lead = tried(results)

    page = client.page(f"{INBOX}/{lead.id}")
    sent = client.send(f"{INBOX}/{lead.id}/dernier-message")

    assert ("Injoignable depuis dix jours" in page.text) is beyond
    assert (sent.status, NOT_NOW in sent.text) == ((200, False) if beyond else (409, True))
    assert len(stored(association, Mail)) == beyond


def test_a_last_mail_leaves_seven_days_and_is_sent_once(client, tried, stored, association):
    lead = tried(VAIN)
    with time_machine.travel("2026-11-12T11:00:00Z", tick=False):
        page = client.send(f"{INBOX}/{lead.id}/dernier-message")
        again = client.send(f"{INBOX}/{lead.id}/dernier-message")

    [mail], [row] = stored(association, Mail), stored(association, Lead)
    assert page.flashes == ["Le dernier message est parti. Sans réponse dans sept jours, rendez la demande."]
    assert "Le dernier message est parti le jeudi 12 novembre." in page.text
    assert again.status == 409
    assert (mail.kind, mail.to_address, row.next_try_on) == ("lead_last_try", lead.email, date(2026, 11, 19))
    assert "Répondez à l'association au plus tard le jeudi 19 novembre." in mail.text
    assert "s'arrêtera" not in mail.text
    assert "01 99 00 00 00" in mail.text
    assert "01\xa099\xa000\xa000\xa000" in mail.html
    assert re.findall(r'<(\w+) style="word-break:break-all">([^<]*)', mail.html) == [("span", re.search(r"http\S+", mail.text)[0])]
    assert "/suivi/" in mail.text


def test_the_last_mail_of_the_programmes_request_carries_no_link_of_the_copy(client, proposed, tried, stored, association):
    tried(VAIN, lead=proposed)

    client.send(f"{INBOX}/{proposed.id}/dernier-message")

    [mail] = [mail for mail in stored(association, Mail) if mail.kind == "lead_last_try"]
    assert mail.to_address == "noe@example.org"
    assert "/suivi/" not in mail.text + mail.html


def test_nobody_is_written_to_a_last_time_without_an_address(client, tried, make, stored, association):
    lead = tried(VAIN, lead=make(email=None, answer_by=date(2027, 1, 4)))

    page = client.page(f"{INBOX}/{lead.id}")

    assert "Envoyer le dernier message" not in page.text
    assert "rendez la demande avec la raison « Injoignable »" in page.text
    assert client.send(f"{INBOX}/{lead.id}/dernier-message").status == 409
    assert stored(association, Mail) == []


def test_the_last_mail_does_not_leave_after_the_answer(client, tried):
    lead = tried(VAIN)
    client.send(f"{INBOX}/{lead.id}/acceptation")

    page = client.send(f"{INBOX}/{lead.id}/dernier-message")

    assert (page.status, "Cette demande a déjà reçu une réponse." in page.text) == (409, True)


def give(client, lead, account):
    """Say who has a request."""
    return client.send(f"{INBOX}/{lead.id}/suivi-par", {"qui": getattr(account, "user_id", account)})


def test_a_request_is_given_to_a_colleague_then_to_nobody(client, staff, colleague, make, stored, association):
    lead = make()

    given = give(client, lead, colleague)
    taken = give(client, lead, "")

    assert given.flashes == taken.flashes == ["C'est noté."]
    assert "Sacha Le Bihan suit cette demande." in given.text
    assert "Confiée · Sacha Le Bihan" in given.text
    assert "Confiée · à personne en particulier" in taken.text
    assert stored(association, Lead)[0].assigned_to is None


def test_giving_a_request_to_who_has_it_changes_nothing(client, staff, make, stored, association):
    lead = make(assigned_to=staff.user_id)

    give(client, lead, staff)

    assert stored(association, LeadEvent) == []


@pytest.mark.parametrize("who", ["mentor", "mentee", "stranger", "left", "unknown"])
def test_a_request_goes_only_to_who_answers_here(client, people, make, elsewhere, in_space, stored, association, who):
    with in_space(elsewhere):
        stranger = factories.staff(elsewhere).user_id
    with in_space(association):
        left = factories.staff(association).user_id
        db.session.query(Membership).filter_by(user_id=left).one().ended_at = now()
    ids = {"stranger": stranger, "left": left, "unknown": factories.uuid7()}
    client.sign_in(people.coordinator.user_id)
    lead = make(assigned_to=people.coordinator.user_id)

    page = give(client, lead, ids[who] if who in ids else getattr(people, who).user_id)

    assert (page.status, NOT_HERE in page.text) == (409, True)
    assert stored(association, Lead)[0].assigned_to == people.coordinator.user_id


def test_a_request_that_has_its_answer_is_given_to_nobody(client, staff, make):
    assert give(client, make(state="accepted", accepted_at=now()), staff).status == 409


def test_an_attempt_sent_twice_is_one_and_a_second_one_is_another(client, staff, make, stored, association):
    lead = make()
    for result in ("no_answer", "no_answer", "left_message"):
        note(client, lead, result)

    assert [attempt.result for attempt in stored(association, ContactAttempt)] == ["no_answer", "left_message"]
