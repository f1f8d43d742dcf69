"""Trying a request without sending it, and taking back one that was sent."""

import pytest

from app.leads import actions
from app.leads.models import Lead, LeadEvent
from app.mail import Mail
from tests import factories

from .conftest import ENGLISH, GOOD, said


@pytest.fixture
def check(call):
    """Check a good request, changed a little."""

    def send(key, **changes):
        return call("POST", "/leads/check", key, json={**GOOD, **changes}, headers=ENGLISH)

    return send


@pytest.fixture
def sent(post, key):
    """A request that the partner sent: its identifier."""
    return post(key).get_json()["id"]


def test_a_request_that_is_only_checked_leaves_nothing(check, key, programme, stored):
    response = check(key)

    assert (response.status_code, response.data) == (204, b"")
    assert (stored(programme, Lead), stored(programme, Mail)) == ([], [])


def test_checking_says_what_sending_would(check, post, key):
    wrong = {"email": "noe", "commune_code": "00000"}

    assert said(check(key, **wrong)) == said(post(key, **wrong))


@pytest.mark.parametrize("scopes", [["leads:read"], []])
def test_who_may_not_send_checks_nothing_and_takes_nothing_back(check, call, partner_of, programme, scopes, sent):
    other = partner_of(programme, name="Lecture", scopes=scopes)[1]

    assert check(other).status_code == 403
    assert call("DELETE", f"/leads/{sent}", other).status_code == 403


def test_taken_back_it_stops_and_the_person_reads_who_said_so(call, key, programme, stored, sent):
    response = call("DELETE", f"/leads/{sent}", key)

    [lead] = stored(programme, Lead)
    assert (response.status_code, lead.state) == (204, "withdrawn")
    assert "withdrawn_by_partner" in {event.what for event in stored(programme, LeadEvent)}
    told = [mail for mail in stored(programme, Mail) if mail.kind == "lead_stopped"]
    assert [mail.to_address for mail in told] == ["noe@example.org"]
    assert "Lycée Ampère, qui avait envoyé votre demande de mentorat, l'a retirée." in told[0].text
    assert call("GET", f"/leads/{sent}", key).get_json()["status"] == "withdrawn"


def test_whoever_represents_a_minor_reads_who_took_it_back_and_not_that_the_minor_did(call, post, key, programme, stored):
    born = factories.birth_date(15).isoformat()
    sent = post(key, birth_date=born, guardian_name="Awa Sow", guardian_email="awa@example.org").get_json()["id"]

    call("DELETE", f"/leads/{sent}", key)

    letters = [mail for mail in stored(programme, Mail) if mail.kind in {"lead_stopped", "guardian_withdrawn"}]
    assert {(mail.kind, mail.to_address) for mail in letters} == {
        ("lead_stopped", "noe@example.org"),
        ("guardian_withdrawn", "awa@example.org"),
    }
    texts = {mail.to_address: mail.text for mail in letters}
    assert "Lycée Ampère, qui avait envoyé votre demande de mentorat, l'a retirée." in texts["noe@example.org"]
    assert "Bonjour Awa Sow" in texts["awa@example.org"]
    assert "Lycée Ampère, qui avait envoyé la demande de Noé, l'a retirée." in texts["awa@example.org"]


def test_twice_is_once(call, key, programme, stored, sent):
    first, second = (call("DELETE", f"/leads/{sent}", key) for _turn in range(2))

    assert (first.status_code, second.status_code) == (204, 204)
    assert len([mail for mail in stored(programme, Mail) if mail.kind == "lead_stopped"]) == 1


def test_the_association_that_had_it_forgets_it(call, key, programme, association, stored, run_jobs, sent):
    run_jobs()
    assert len(stored(association, Lead)) == 1

    call("DELETE", f"/leads/{sent}", key)
    run_jobs()

    assert stored(association, Lead) == []


def test_an_answered_request_stays(call, key, programme, association, stored, run_jobs, in_space, sent):
    run_jobs()
    with in_space(association):
        [copy] = stored(association, Lead)
        actions.accept(copy, factories.staff(association).user_id)
    run_jobs()

    response = call("DELETE", f"/leads/{sent}", key, headers=ENGLISH)

    assert response.status_code == 409
    assert response.get_json()["type"].endswith("#answered")
    assert "Retry-After" not in response.headers
    assert [lead.state for lead in stored(programme, Lead)] == ["accepted"]


def test_nobody_takes_back_what_another_partner_sent(call, partner_of, programme, elsewhere, sent, stored):
    for tenant in (programme, elsewhere):
        _partner, other = partner_of(tenant, name="Autre")
        assert call("DELETE", f"/leads/{sent}", other).status_code == 404

    assert [lead.state for lead in stored(programme, Lead)] != ["withdrawn"]


def test_an_address_that_does_not_exist_says_so(call, key):
    response = call("GET", "/nope", key, headers=ENGLISH)

    assert (response.status_code, response.get_json()["title"]) == (404, "Unknown address")
