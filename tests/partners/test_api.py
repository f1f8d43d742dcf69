"""Posting a request by machine, and reading where it stands."""

import re

import time_machine
from sqlalchemy import select

from app.extensions import db
from app.leads import actions
from app.leads.models import Lead
from app.mail import Mail
from app.partners.models import ApiCall
from tests import factories

from .conftest import GOOD, said

MONDAY = "2026-11-02T10:00:00Z"


def test_a_request_is_received_and_oriented(call, key, programme, association, run_jobs):
    response = call("POST", "/leads", key, "1", json=GOOD)

    assert response.status_code == 201
    assert "Retry-After" not in response.headers
    body = response.get_json()
    assert (body["kind"], body["status"]) == ("mentee", "oriented")
    assert response.headers["Location"] == f"/api/v1/leads/{body['id']}"
    assert call("GET", f"/leads/{body['id']}", key).get_json() == body


def test_what_is_wrong_is_said_at_each_field(post, key):
    response = post(key, email="noe", colour="blue", needs=["magic"])

    assert response.status_code == 422
    assert response.mimetype == "application/problem+json"
    assert said(response) == {
        ("/email", "This address is not complete."), ("/colour", "This field does not exist."),
        ("/needs/0", "This value is not in the list."),
    }  # fmt: skip


def test_what_was_sent_is_what_is_kept(post, key, programme, stored):
    post(key, first_name="  Noé ", phone="06 12 34 56 78", may_relay=False, message="Devenir\tsoudeur", slots=["sat_morning"])

    (lead,) = stored(programme, Lead)
    assert (lead.first_name, lead.phone, lead.may_relay, lead.slots) == ("Noé", "+33612345678", False, ["sat_morning"])
    assert (lead.source, lead.commune_name, lead.departement_code, lead.needs) == ("Lycée Ampère", "Lyon", "69", ["orientation"])


def test_the_person_is_written_to_with_their_own_link(post, key, programme, stored):
    post(key)

    assert [(m.to_address, "/suivi/" in m.text) for m in stored(programme, Mail)] == [("noe@example.org", True)]
    assert "D'où vient cette demande : Lycée Ampère." in stored(programme, Mail)[0].text.replace("\xa0", " ")


@time_machine.travel(MONDAY, tick=False)
def test_an_association_has_to_answer_what_its_own_partner_sends(post, association, programme, partner_of, stored):
    _partner, key = partner_of(association)

    response = post(key)

    assert response.get_json()["status"] == "waiting"
    (lead,) = stored(association, Lead)
    assert (lead.state, lead.answer_by.isoformat()) == ("received", "2026-11-09")
    assert stored(programme, Lead) == []


def test_what_is_sent_to_an_association_goes_no_further_unless_that_is_said(post, association, programme, partner_of, stored):
    here, above = partner_of(association)[1], partner_of(programme)[1]

    post(here)
    post(here, email="ines@example.org", may_relay=True)
    post(above)

    assert [lead.may_relay for lead in stored(association, Lead)] == [False, True]
    assert [lead.may_relay for lead in stored(programme, Lead)] == [True]


def test_the_space_is_the_keys_whatever_else_is_asked(call, association, elsewhere, programme, partner_of, stored):
    _partner, key = partner_of(association)

    call("POST", f"/leads?slug=ailleurs&tenant_id={elsewhere.id}", key, "1", json=GOOD, headers={"X-Tenant": "ailleurs"})
    refused = call("POST", "/leads", key, "2", json={**GOOD, "tenant_id": str(elsewhere.id)})

    assert refused.status_code == 422
    assert [len(stored(tenant, Lead)) for tenant in (association, elsewhere, programme)] == [1, 0, 0]


def test_another_partner_finds_nothing(call, post, programme, association, partner_of):
    (_one, mine), (_two, other), (_three, far) = (
        partner_of(programme), partner_of(programme, "Mission locale"), partner_of(association)
    )  # fmt: skip
    lead_id = post(mine).get_json()["id"]

    assert call("GET", f"/leads/{lead_id}", mine).status_code == 200
    for key in (other, far):
        assert call("GET", f"/leads/{lead_id}", key).status_code == 404


def test_a_request_that_no_partner_sent_is_not_found(call, key, in_space, programme):
    with in_space(programme):
        lead = factories.lead(state="waiting", answer_by=None)

    assert call("GET", f"/leads/{lead.id}", key).status_code == 404


def test_a_double_waits_and_reveals_nothing(call, post, key, programme, association, stored):
    alone = post(key, email="ines@example.org", first_name="Inès", commune_code="59350").get_json()
    post(key)

    second = post(key)

    lead = stored(programme, Lead)[-1]
    assert (lead.state, lead.waiting_reason) == ("waiting", "double")
    assert second.status_code == 201
    assert set(second.get_json()) == set(alone)
    assert second.get_json()["status"] == alone["status"] == "waiting"


def moved_to(post, key, tenant, in_space, act):
    """A request of a partner, after what somebody did in a space."""
    lead_id = post(key).get_json()["id"]
    with in_space(tenant):
        act(db.session.scalars(select(Lead).order_by(Lead.id.desc())).first())
    return lead_id


def status(call, key, lead_id):
    return call("GET", f"/leads/{lead_id}", key).get_json()["status"]


def test_the_status_follows_an_acceptance(call, post, key, programme, association, in_space, run_jobs):
    lead_id = post(key).get_json()["id"]
    run_jobs()
    with in_space(association):
        staff = factories.staff(association)
        actions.accept(db.session.scalars(select(Lead)).one(), staff.user_id)
    run_jobs()

    assert status(call, key, lead_id) == "accepted"


def test_the_status_follows_a_withdrawal(call, post, key, programme, in_space):
    assert status(call, key, moved_to(post, key, programme, in_space, actions.withdraw)) == "withdrawn"


def test_the_status_follows_a_join(call, post, key, programme, in_space):
    from app.leads import doubles

    post(key)
    with in_space(programme):
        operator = factories.staff(programme, "operator").user_id
    lead_id = moved_to(post, key, programme, in_space, lambda lead: doubles.join(lead, (), operator))

    assert status(call, key, lead_id) == "joined"


def test_a_request_that_was_declined_and_forgotten_is_closed(call, post, association, programme, partner_of, in_space, stored):
    _partner, key = partner_of(association)

    lead_id = moved_to(post, key, association, in_space, lambda lead: actions.decline(lead, "age"))

    assert stored(association, Lead) == []
    assert status(call, key, lead_id) == "closed"


def test_nothing_of_the_person_is_read_or_remembered(call, post, key, programme, stored):
    lead_id = post(key, message="Un mot à moi", phone="0612345678").get_json()["id"]

    answer = call("GET", f"/leads/{lead_id}", key)
    remembered = stored(programme, ApiCall)[0]

    assert set(answer.get_json()) == {"id", "kind", "status", "created_at"}
    for text in (answer.get_data(as_text=True), str(vars(remembered))):
        assert not re.findall(r"Noé|Martin|noe@|612345678|2006-05-04|2006, 5, 4|\bmot\b", text)
