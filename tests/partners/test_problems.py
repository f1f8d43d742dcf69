"""Refusals: one shape, two languages, whoever refuses; and how many calls are left."""

import re

import pytest
import time_machine
from jsonschema import Draft202012Validator
from sqlalchemy import select

from app.database import unit_of_work
from app.extensions import db
from app.leads.letter_boxes import MOST_A_DAY, takes
from app.leads.models import Lead
from app.mail import Mail
from app.partners import api
from app.partners.description import specification
from app.partners.keys import make_key
from app.partners.models import WRITE, Partner
from app.partners.problems import BY_STATUS, PROBLEMS, SENTENCES
from app.tenants.models import Tenant
from tests import factories

from .conftest import GOOD


@pytest.mark.parametrize(("languages", "spoken"), [
    ("fr", "fr"), ("en", "en"), ("en-GB,en;q=0.9,fr;q=0.5", "en"), ("fr;q=0.5,en;q=0.4", "fr"), ("", "fr"), ("de", "fr"),
    ("*", "fr"),
])  # fmt: skip
def test_a_problem_speaks_as_the_caller_asks(call, key, languages, spoken):
    response = call("POST", "/leads", key, "one", json={**GOOD, "agreed": False}, headers={"Accept-Language": languages})

    body, french = response.get_json(), spoken == "fr"
    assert response.headers["Content-Language"] == spoken
    assert response.mimetype == "application/problem+json"
    assert body == {
        "type": "http://localhost/api/v1/#invalid",
        "title": PROBLEMS["invalid"][1 if french else 3],
        "status": 422,
        "detail": PROBLEMS["invalid"][2 if french else 4],
        "errors": [{"pointer": "/agreed", "detail": SENTENCES["agreed"][0 if french else 1]}],
    }


def test_a_refused_key_says_which_kind_is_wanted(call, programme):
    response = call("POST", "/leads", json=GOOD)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")
    assert response.headers["WWW-Authenticate"].isascii()


def test_what_is_not_there_is_a_problem(call, client, key):
    answers = [call("GET", path, key) for path in ("/leads/not-an-id", "/nothing", "/leads/", "/leads/0192f0c1-0000-7000-8000-00")]
    answers.append(client.get("/api/v2/leads"))

    assert {(a.status_code, a.mimetype, a.get_json()["status"]) for a in answers} == {(404, "application/problem+json", 404)}


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "TRACE"])
def test_a_method_that_is_not_known_is_a_problem_that_names_the_others(call, key, method):
    response = call(method, "/leads", key)

    assert (response.status_code, response.mimetype) == (405, "application/problem+json")
    assert {name.strip() for name in response.headers["Allow"].split(",")} == {"POST", "OPTIONS"}


def test_trace_of_a_request_names_what_is_allowed(call, key):
    response = call("TRACE", "/leads/0192f0c1-0000-7000-8000-000000000000", key)

    assert response.status_code == 405
    assert {name.strip() for name in response.headers["Allow"].split(",")} == {"DELETE", "GET", "HEAD", "OPTIONS"}


def test_elsewhere_a_refusal_is_a_page(client, programme):
    assert client.page("/apis").heading == "Cette page n'existe pas"


@pytest.mark.parametrize("path", ["/leads?x=%00", "/leads/%00", "/leads/x?%00=1", "/?x=%00"])
def test_what_cannot_be_read_is_the_callers_fault(call, key, path):
    response = call("GET", path, key)

    assert response.status_code in {400, 404, 405}
    assert response.get_json()["status"] == response.status_code


def test_a_crash_is_a_problem_that_tells_nothing(app, call, post, key, monkeypatch):
    def crash(*_args):
        raise ValueError("Noé Martin")

    monkeypatch.setattr(api, "take", crash)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)

    response = post(key)

    assert (response.status_code, response.mimetype) == (500, "application/problem+json")
    assert "Martin" not in response.get_data(as_text=True)


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_is_said_in_both_languages_and_fits_its_description(app, code):
    with app.app_context():
        schemas = specification()["components"]["schemas"]
    schema = {"$ref": "#/components/schemas/ProblemOut", "components": {"schemas": schemas}}
    for language in ("fr", "en"):
        with app.test_request_context("/api/v1/", headers={"Accept-Language": language}):
            body = api.answer(api.Problem(code, [("/a", "type")])).get_json()

        Draft202012Validator(schema).validate(body)
        assert all((body["title"], body["detail"], body["errors"][0]["detail"]))


def test_every_status_has_its_own_problem():
    assert {status: PROBLEMS[code][0] for status, code in BY_STATUS.items()} == {status: status for status in BY_STATUS}


@pytest.mark.parametrize(("accepted", "path"), [("text/html", "/leads"), ("application/xml", "/nothing")])
def test_a_problem_is_a_problem_whatever_is_accepted(call, key, accepted, path):
    assert call("GET", path, key, headers={"Accept": accepted}).mimetype == "application/problem+json"


def test_problems_are_never_kept_by_a_cache(call, programme):
    assert call("GET", "/leads/0192f0c1-0000-7000-8000-000000000000").headers["Cache-Control"] == "no-store"


@pytest.mark.committed
def test_each_key_has_six_hundred_calls_a_minute_and_reads_how_many_are_left(limited):
    def ask(name, kind="Bearer"):
        key = f"{kind} binome_{'0' * 32}_{name:A<43}"
        return limited.get("/api/v1/leads/0192f0c1-0000-7000-8000-000000000000", headers={"Authorization": key})

    with time_machine.travel("2026-11-02T10:00:00Z", tick=False):
        first = ask("one")
        codes = {ask("one", ("Bearer", "bearer", "BEARER  ")[rank % 3]).status_code for rank in range(599)}  # one key all the same
        refused, other = ask("one"), ask("two")

    assert first.headers["RateLimit-Policy"] == '"calls";q=600;w=60'
    assert re.fullmatch(r'"calls";r=599;t=6[01]', first.headers["RateLimit"])
    assert codes == {401}
    assert (refused.status_code, refused.mimetype, refused.get_json()["status"]) == (429, "application/problem+json", 429)
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    assert refused.headers["RateLimit"].startswith('"calls";r=0;t=')
    assert other.status_code == 401


@pytest.mark.committed
def test_no_letter_box_is_filled_by_a_partner(limited):
    """A new Idempotency-Key at each retry is a common fault: the person, or a parent, would get six hundred letters a minute."""
    with unit_of_work(limited.application, None):
        programme = db.session.scalars(select(Tenant)).one()
        made_by = factories.user().id
    with unit_of_work(limited.application, programme.id):
        partner = Partner(name="Lycée", scopes=[WRITE])
        db.session.add(partner)
        db.session.flush()
        key = make_key(partner, made_by)
        assert all(takes("noe@example.org") for _time in range(MOST_A_DAY))

    def post(rank, **changes):
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": rank}
        return limited.post("/api/v1/leads", json={**GOOD, **changes}, headers=headers)

    refused, sent = post("one"), post("two", email="lea@example.org")

    assert (refused.status_code, refused.get_json()["type"]) == (429, "http://localhost/api/v1/#mailbox")
    assert int(refused.headers["Retry-After"]) > 60  # not in a minute, as after too many calls
    assert sent.status_code == 201
    with unit_of_work(limited.application, programme.id):
        assert [lead.email for lead in db.session.scalars(select(Lead))] == ["lea@example.org"]
        assert [mail.to_address for mail in db.session.scalars(select(Mail))] == ["lea@example.org"]


@pytest.mark.committed
def test_who_invents_a_key_for_each_call_is_counted_too(limited):
    path = "/api/v1/leads/0192f0c1-0000-7000-8000-000000000000"

    with time_machine.travel("2026-11-02T10:00:00Z", tick=False):
        shown = [{"Authorization": f"Bearer binome_{'0' * 32}_{rank:043}"} for rank in range(1201)]
        codes = [limited.get(path, headers=headers).status_code for headers in shown]

    assert codes == [401] * 1200 + [429]
