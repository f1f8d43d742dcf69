"""Every route declares who may open it; the matrix holds on each; another tenant's record is not found."""

import re

import pytest
from flask import url_for

from app.accounts.permissions import MATRIX, Permission, Role
from app.gate import OPEN_FILES, PUBLIC, SIGNED_IN, declared

RECORDS = ("view_id", "lead_id", "mentor_id", "mentee_id", "person_id", "pair_id", "meeting_id", "course_id", "module_id",
           "session_id", "certificate_id", "authorisation_id", "staff_id", "signatory_id", "batch_id", "import_id", "partner_id",
           "key_id", "delivery_id", "version_id", "attempt_id", "outside_id", "exception_id", "file_id",
           "check_id", "gate_exception_id", "guardianship_id", "interview_id", "run_id", "proposal_id", "signature_id",
           "agreement_id", "offer_id", "call_id", "message_id", "contact_id", "reference_id")  # fmt: skip
IGNORED = {"HEAD", "OPTIONS"}


def rules(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in OPEN_FILES]


def test_every_route_declares_a_permission(app):
    with app.app_context():
        bare = [rule.rule for rule in rules(app) if declared(rule.endpoint) is None]

    assert bare == []


def test_every_path_is_french_kebab_case_with_typed_parameters(app):
    for rule in rules(app):
        if rule.endpoint.startswith("security."):
            continue  # the library types its token as a string
        if rule.endpoint == "api.openapi":
            continue  # the name that tools look for
        plain = re.sub(r"<[^>]+>", "x", rule.rule)
        assert re.fullmatch(r"(/[a-z0-9-]*)*", plain), rule.rule
        for parameter in re.findall(r"<([^>]+)>", rule.rule):
            assert ":" in parameter, rule.rule


@pytest.mark.parametrize("role", list(Role))
def test_what_the_matrix_does_not_open_is_closed(app, client, house, values, association, programme, role):
    space, tenant = (house.programme, programme) if role == Role.OPERATOR else (house.ours, association)
    client.sign_in(space.roles[role])

    for rule in rules(app):
        needed = getattr(app.view_functions[rule.endpoint], "gate", None)
        if not isinstance(needed, Permission) or needed in MATRIX[role]:  # what it opens: test_pages.py
            continue
        given = values(rule, house.ours if "slug" in rule.arguments else space, tenant)
        for method in sorted(rule.methods - IGNORED):
            status = client.open(path(app, rule, given), method=method).status_code
            assert status == 403, f"{role} {method} {rule.rule}: {status}"


def path(app, rule, given):
    with app.test_request_context("/"):
        return url_for(rule.endpoint, **given)


def test_nobody_opens_a_closed_page_without_signing_in(app, client, house, values, association):
    for rule in rules(app):
        needed = getattr(app.view_functions[rule.endpoint], "gate", None)
        if needed == PUBLIC:
            continue
        for method in sorted(rule.methods - IGNORED):
            response = client.open(path(app, rule, values(rule, house.ours, association)), method=method)
            assert response.status_code == 302, f"{method} {rule.rule}: {response.status_code}"
            assert response.location.startswith("/connexion"), rule.rule


def test_a_member_of_another_space_finds_nothing_here(app, client, house, values, association):
    client.sign_in(house.theirs.roles["admin"])

    for rule in rules(app):
        needed = getattr(app.view_functions[rule.endpoint], "gate", None)
        if needed in {PUBLIC, SIGNED_IN}:
            continue
        for method in sorted(rule.methods - IGNORED):
            status = client.open(path(app, rule, values(rule, house.ours, association)), method=method).status_code
            assert status == 404, f"{method} {rule.rule}: {status}"


@pytest.mark.parametrize("role", ["admin", "mentor", "jeune", "operator"])
def test_another_tenants_record_is_not_found(app, client, house, values, association, programme, role):
    tenant, space = (programme, house.programme) if role == "operator" else (association, house.ours)
    client.sign_in(space.roles[role])
    tried = 0

    for rule in rules(app):
        needed = getattr(app.view_functions[rule.endpoint], "gate", None)
        if not isinstance(needed, Permission) or needed not in MATRIX[Role(role)] or not set(rule.arguments) & set(RECORDS):
            continue
        for method in sorted(rule.methods - IGNORED):
            status = client.open(path(app, rule, values(rule, house.theirs, tenant)), method=method).status_code
            assert status == 404, f"{role} {method} {rule.rule}: {status}"
            tried += 1

    assert tried


def test_a_page_that_declares_nothing_does_not_open(app, client, people, monkeypatch):
    """Not even to who may do everything."""
    client.sign_in(people.admin.user_id)
    assert client.get("/a/passerelle/binomes").status_code == 200
    monkeypatch.delattr(app.view_functions["pairs.index"], "gate")

    assert client.get("/a/passerelle/binomes").status_code == 403
