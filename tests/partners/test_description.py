"""The description is true: it is valid OpenAPI 3.1, and whatever is made up from it is answered as it says."""

import json
from collections import Counter
from itertools import count

import jsonschema_rs
import pytest
import schemathesis
from jsonschema import Draft202012Validator, FormatChecker
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.python import wsgi
from werkzeug.test import Client

from app.extensions import db
from app.leads import words
from app.partners import webhooks
from app.partners.models import SCOPES, Delivery, Partner
from app.partners.problems import PROBLEMS
from app.partners.schemas import STATUSES
from app.partners.words import CLOSED, PUBLIC
from tests import factories

from .conftest import GOOD

CONFIG = {
    "seed": 1,
    "generation": {"deterministic": True, "max-examples": 30, "no-shrink": True},
    "phases": {"stateful": {"max-steps": 3, "generation": {"max-examples": 8}}},
    # A real commune, the guardian of a minor, a request that exists: rules beyond any schema.
    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "404", "422"]}},
}
PHONE = "0612345678"
REAL = {"first_name": "Noé", "last_name": "Martin", "email": "noe@example.org", "birth_date": "2006-05-04", "commune_code": "69123",
        "phone": PHONE, "guardian_name": "Nadège", "guardian_email": "nadege@example.org", "guardian_phone": PHONE}  # fmt: skip


@pytest.fixture
def document(client, programme):
    """The description, as a machine fetches it without a key."""
    return client.get("/api/v1/openapi.json").get_json()


@pytest.fixture
def validator(document):
    """Checks a body against a schema of the description."""

    def check(name, body):
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        return [error.message for error in Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(body)]

    return check


def test_it_is_openapi_31(app, document):
    assert document["openapi"].startswith("3.1.")
    assert document["servers"] == [{"url": "http://localhost"}]
    schemathesis.openapi.from_dict(document).validate()
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_it_says_what_is_sent_and_what_is_answered(document, validator, post, key):
    answer = post(key).get_json()

    assert validator("LeadIn", GOOD) == []
    assert validator("LeadIn", {**GOOD, "colour": "blue"}) != []
    assert validator("LeadOut", answer) == []
    assert validator("ProblemOut", post(key, email="noe").get_json()) == []
    assert set(document["paths"]) == {"/api/v1/leads", "/api/v1/leads/check", "/api/v1/leads/{lead_id}"}


def test_whatever_is_sent_to_their_server_is_described(document, client, post, partner_of, association, in_space, stored):
    partner, key = partner_of(association)
    lead = post(key).get_json()
    with in_space(association):
        here = db.session.get_one(Partner, (association.id, partner.id))
        here.webhook_url = "https://example.org/hook"
        admin = factories.staff(association, "admin")
        webhooks.send(here, "lead.status_changed", {**lead, "status": "accepted"})
    client.sign_in(admin.user_id).send(f"/a/passerelle/partenaires/{partner.id}/essai")

    bodies = [json.loads(delivery.body) for delivery in stored(association, Delivery)]
    assert {body["type"] for body in bodies} == document["webhooks"].keys()
    for body in bodies:
        described = document["webhooks"][body["type"]]["post"]
        schema = described["requestBody"]["content"]["application/json"]["schema"] | {"components": document["components"]}
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(body)
        headers = {said["name"] for said in described["parameters"]}
        assert headers == {"webhook-id", "webhook-timestamp", "webhook-signature"}


def test_the_page_says_every_state_and_where_every_refusal_leads(client, programme):
    page = client.page("/api/v1/")

    assert {cell.get_text() for cell in page.soup.select("th[scope=row] > code:only-child")} >= set(STATUSES)
    assert all(page.soup.find(id=code) for code in PROBLEMS)


def test_its_lists_are_those_of_the_forms(document):
    fields = document["components"]["schemas"]["LeadIn"]["properties"]
    lists = {"situation": words.SITUATIONS, "level": words.LEVELS, "diploma": words.DIPLOMAS, "status": words.STATUSES}
    several = {"needs": words.NEEDS, "axes": words.AXES, "places": words.PLACES, "slots": words.SLOTS, "languages": words.LANGUAGES}

    assert {name: set(fields[name]["enum"]) for name in lists} == {name: set(known) for name, known in lists.items()}
    assert {name: set(fields[name]["items"]["enum"]) for name in several} == {name: set(known) for name, known in several.items()}


def test_its_states_are_those_that_a_request_can_have(document):
    assert set(document["components"]["schemas"]["LeadOut"]["properties"]["status"]["enum"]) == set(STATUSES)
    assert {*PUBLIC.values(), CLOSED} == set(STATUSES)
    assert len(SCOPES) == 2


class InProcess(Client):
    """The tool's client, without what only a network knows: schemathesis 4.32 lets it through when it tries without a key."""

    def open(self, *args, **options):
        known = {name: value for name, value in options.items() if name not in {"max_redirects", "verify", "cert"}}
        return super().open(*args, **known)


@pytest.fixture
def described(app, key, association, monkeypatch):
    """The description as the tool reads it, with a key in its hands."""
    monkeypatch.setattr(wsgi, "get_client", InProcess)
    config = {**CONFIG, "auth": {"openapi": {"key": {"bearer": key}}}}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=SchemathesisConfig.from_dict(config))
    fields, turn = schema.raw_schema["components"]["schemas"]["LeadIn"]["properties"], count()

    @schema.hook
    def map_body(_context, body):
        """Two bodies of three are about somebody who exists, where what was made up fits the schema."""
        if not isinstance(body, dict) or next(turn) % 3 == 0:
            return body
        found = {"email": "made up", **body}
        fits = {n for n in REAL.keys() & found.keys() if jsonschema_rs.is_valid(fields[n], found[n], validate_formats=True)}
        return found | {name: REAL[name] for name in fits}

    return schema


def test_whatever_is_made_up_is_answered_as_it_says(described):
    codes, wrong = Counter(), []

    for event in from_schema(described).execute():
        if isinstance(event, events.ScenarioFinished):
            codes.update(sent.response.status_code for sent in event.recorder.interactions.values())
        elif isinstance(event, events.NonFatalError | events.FatalError):
            wrong.append(str(event))
        elif isinstance(event, events.EngineFinished):
            wrong += [f"{failure.operation}: {failure.title}. {failure.message}" for failure in event.failures]

    assert wrong == []
    assert codes.total() >= 250
    assert codes.keys() >= {201, 400, 401, 404, 405, 415, 422}
