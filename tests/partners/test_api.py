"""Posting a request by machine, and reading where it stands."""

import pytest

from .conftest import GOOD


@pytest.fixture
def key(programme, partner_of):
    return partner_of(programme)[1]


def test_a_request_is_received_and_oriented(call, key, programme, association, run_jobs):
    response = call("POST", "/leads", key, "1", json=GOOD)

    assert response.status_code == 201
    body = response.get_json()
    assert (body["kind"], body["status"]) == ("mentee", "oriented")
    assert response.headers["Location"] == f"/api/v1/leads/{body['id']}"
    assert call("GET", f"/leads/{body['id']}", key).get_json() == body


def test_what_is_wrong_is_said_at_each_field(call, key, programme):
    response = call("POST", "/leads", key, "1", json={**GOOD, "email": "noe", "colour": "blue", "needs": ["magic"]},
                    headers={"Accept-Language": "en"})  # fmt: skip

    assert response.status_code == 422
    assert response.mimetype == "application/problem+json"
    assert {(error["pointer"], error["detail"]) for error in response.get_json()["errors"]} == {
        ("/email", "This address is not complete."), ("/colour", "This field does not exist."),
        ("/needs/0", "This value is not in the list."),
    }  # fmt: skip
