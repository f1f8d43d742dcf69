"""The API's description, OpenAPI 3.1, written from the schemas that check what is sent."""

from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import current_app

from .problems import PROBLEMS
from .schemas import LeadIn, LeadOut, ProblemOut

EVERYWHERE = ("bad-request", "unauthorized", "forbidden", "too-many", "failure", "pause")
POST_REFUSALS = ("bad-json", "no-idempotency-key", "in-progress", "too-large", "media-type", "invalid", "key-reused", "mailbox",
                 *EVERYWHERE)  # fmt: skip
GET_REFUSALS = ("not-found", *EVERYWHERE)
CHECK_REFUSALS = ("bad-json", "too-large", "media-type", "invalid", *EVERYWHERE)
DELETE_REFUSALS = ("not-found", "answered", *EVERYWHERE)


def refusals(codes: tuple[str, ...]) -> dict[str, Any]:
    """The documented answers of these refusals, by status."""
    found: dict[str, Any] = {}
    for code in codes:
        status, _title, _detail, title, _sentence = PROBLEMS[code]
        body = {"application/problem+json": {"schema": ProblemOut}}
        known = found.setdefault(str(status), {"description": title, "content": body})
        if title not in known["description"]:
            known["description"] += f"; {title.lower()}"
    return found


def specification() -> dict[str, Any]:
    """The whole description, as plain data."""
    return described(current_app.config["BINOME"].public_url)


@cache
def described(url: str) -> dict[str, Any]:
    """The same, for a site's address."""
    spec = APISpec(
        title="Binôme", version="1.0.0", openapi_version="3.1.0", plugins=[MarshmallowPlugin()],
        info={"description": "Send requests for mentoring to a space, and follow them. A key comes from its partners page."},
        servers=[{"url": url}], security=[{"key": []}],
    )  # fmt: skip
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    describe_paths(spec)
    found: dict[str, Any] = spec.to_dict()
    lead, nothing = {"$ref": "#/components/schemas/LeadOut"}, {"type": "object", "maxProperties": 0}
    found["webhooks"] = {
        "lead.status_changed": webhook("lead.status_changed", "A request's status changed", lead),
        "webhook.test": webhook("webhook.test", "Somebody of the space sends a test", nothing),
    }
    found["components"]["schemas"]["LeadIn"]["additionalProperties"] = False
    return found


def webhook(name: str, summary: str, data: dict[str, Any]) -> dict[str, Any]:
    """A word to the partner's own server."""
    said = {"webhook-id": "The same when it is tried again", "webhook-timestamp": "In seconds", "webhook-signature": "v1,…"}
    return {"post": {
        "summary": f"{summary}; signed as Standard Webhooks 1.0",
        "parameters": [{"name": header, "in": "header", "required": True, "description": what, "schema": {"type": "string"}}
                       for header, what in said.items()],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {
            "type": "object", "required": ["type", "timestamp", "data"], "properties": {
                "type": {"const": name}, "timestamp": {"type": "string", "format": "date-time"}, "data": data}}}}},
        "responses": {"2XX": {"description": "Taken"}},
    }}  # fmt: skip


def describe_paths(spec: APISpec) -> None:
    """Each address, what is sent to it and what it answers."""
    body = {"content": {"application/json": {"schema": LeadOut}}}
    spec.path("/api/v1/leads", operations={"post": {
        "operationId": "postLead",
        "summary": "Send a request for somebody who agrees",
        "description": "The same Idempotency-Key and body again give the same answer and add nothing.",
        "parameters": [{"name": "Idempotency-Key", "in": "header", "required": True, "description": "Your own name for this call",
                        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]{1,255}$"}}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": LeadIn}}},
        "responses": {"201": {"description": "Received", **body, "headers": {"Location": {
            "description": "Where its status is read", "schema": {"type": "string"}}}, "links": {"status": {
                "operationId": "getLead", "parameters": {"lead_id": "$response.body#/id"}}}}, **refusals(POST_REFUSALS)},
    }})  # fmt: skip
    spec.path("/api/v1/leads/check", operations={"post": {
        "operationId": "checkLead",
        "summary": "Check a request before sending it",
        "description": "All that is wrong is said at once, and nothing is kept: to try an integration without inventing anybody.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": LeadIn}}},
        "responses": {"204": {"description": "It would be received"}, **refusals(CHECK_REFUSALS)},
    }})  # fmt: skip
    one = [{"name": "lead_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}]
    spec.path("/api/v1/leads/{lead_id}", operations={
        "get": {
            "operationId": "getLead", "summary": "Where a request stands", "parameters": one,
            "responses": {"200": {"description": "Its status, nothing of the person", **body}, **refusals(GET_REFUSALS)},
        },
        "delete": {
            "operationId": "deleteLead", "summary": "Take back a request that nobody has answered", "parameters": one,
            "description": "The person is told, and who has it. Twice is once.",
            "responses": {"204": {"description": "Taken back"}, **refusals(DELETE_REFUSALS)},
        },
    })  # fmt: skip


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and what is said of each, for the page."""
    return [(method.upper(), path, said) for path, methods in specification()["paths"].items() for method, said in methods.items()]
