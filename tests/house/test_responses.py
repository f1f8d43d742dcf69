"""Headers on every response, a token on every form, and a bounded number of statements on every page."""

import re
from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import Text, Uuid, cast, func, null, select, true, update

from app.accounts.permissions import MATRIX, Permission, Role
from app.certificates.models import Certificate, CertificateBatch
from app.database import now
from app.extensions import db
from app.leads.models import Lead
from app.meetings.models import Meeting
from app.pairs.matching_models import MatchRun, Proposal
from app.pairs.models import Closure, CountSnapshot, Pair, PairEvent, Pause
from app.people.application_models import Decision, Interview, Reference
from app.people.check_models import CharterSignature, Check, GateException, GateVersion
from app.people.models import Authorisation, FactReading, Guardianship, Mentee, Mentor
from app.tenants.models import Staff
from app.training.models import Completion, Enrolment, ModuleCompletion
from tests import factories

from . import stories
from .conftest import every
from .test_routes import rules

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b", re.I)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/nulle-part", 404), ("/deconnexion", 405), ("/static/css/app.css", 200), ("/a/passerelle/", 302),
     ("/suivi/faux", 404), ("/?x=%00", 400), ("/healthz", 200)],
)  # fmt: skip
def test_every_response_has_its_headers(client, association, path, status):
    response = client.get(path)
    response.close()

    assert response.status_code == status
    assert {name: response.headers[name] for name in HEADERS} == HEADERS
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == ("public, max-age=86400" if "static" in path else "no-store")


def test_a_crash_has_its_headers_and_a_number(app, client, association):
    def crash():
        raise ValueError("secret")

    view = app.view_functions["house.front"]
    crash.gate = view.gate
    app.view_functions["house.front"] = crash
    app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        page = client.page("/")
    finally:
        app.view_functions["house.front"] = view

    assert page.status == 500
    assert page.response.headers["X-Request-Id"] in page.text
    assert "secret" not in page.html


def test_hsts_is_sent_over_https_only(client, programme):
    assert "Strict-Transport-Security" not in client.get("/").headers
    assert "Strict-Transport-Security" in client.get("/", base_url="https://localhost").headers


def test_no_form_is_taken_without_its_token(app, client, house, values, association):
    client.sign_in(house.ours.roles["admin"])
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        for rule in rules(app):
            if "POST" in rule.methods:
                with app.test_request_context("/"):
                    path = url_for(rule.endpoint, **values(rule, house.ours, association))
                # No cookie opens the API: its key is the proof.
                refusals = {401} if rule.endpoint.startswith("api.") else {400, 404}
                assert client.post(path).status_code in refusals, rule.rule
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


# Each after what it names.
FILES = (
    Lead, Mentor, Mentee, Check, CharterSignature, Enrolment, ModuleCompletion, Completion, Authorisation, Guardianship, Interview,
    Reference, GateException, Pair, Meeting, Closure, CountSnapshot, Proposal, CertificateBatch, Certificate,
)  # fmt: skip
HISTORIES = (Check, Interview, Reference, Decision, GateException, FactReading, PairEvent, Pause, MatchRun, GateVersion)
OF_ONE_PERSON = (Meeting, Certificate)


def copies(model, times, among, ids=None):
    """Copy each row of the open space (or these) so many times, in one statement; a copy names the copies of what its row names."""
    table, rank = model.__table__, func.generate_series(1, times).table_valued("copy", name="copies").render_derived()
    copied = {f"{other.__tablename__}.id" for other in among}

    def twin(column):
        return func.md5(cast(column, Text).concat("/" if ids is None else "/of one file/").concat(cast(rank.c.copy, Text))).cast(
            Uuid
        )

    def value(column):
        names_a_copy = copied & {key.target_fullname for key in column.foreign_keys}
        if column.name == "user_id" and column.nullable:
            return null()
        if column.name == "number" and table.name in {"certificates", "gate_versions"}:
            return column + 1000 * rank.c.copy
        return twin(column) if column.name == "id" or names_a_copy else column

    columns = [column for column in table.c if column.computed is None]
    rows = select(*map(value, columns)).select_from(table.join(rank, true()))
    return table.insert().from_select([c.name for c in columns], rows if ids is None else rows.where(table.c.id.in_(ids)))


@pytest.fixture
def crowded(in_space, association, programme, house):
    """Many rows in every list: a hundred of what the house has, five times."""

    def fill(count, role):
        with in_space(programme if role == "operator" else association):
            for rank in range(5 if count > 1 else 1):
                if role == "operator":
                    factories.lead(state="waiting", waiting_reason="territory", answer_by=None)
                elif role == "admin":
                    fill_one(association, rank)
                else:
                    factories.meeting(db.session.get(Pair, (association.id, house.ours.pair_id)), days=-rank - 1, state="held")
            # Every name of the house is one, and pages of what is said of somebody are closed to who has their name.
            db.session.execute(update(Staff).values(first_name="Anne", last_name="Blanc", phone=""))
            db.session.flush()
            if count > 1:
                multiply(count // 5, role)

    return fill


def fill_one(association, rank):
    """One row in each list."""
    factories.lead()
    mentor, staff = factories.mentor(association, trained=True, account=False), factories.staff(association)
    stories.clear(mentor, staff)
    pair = factories.pair(mentor, factories.mentee(association, account=False), coordinator=staff)
    factories.meeting(pair, days=-rank - 1, state="held")
    factories.meeting(pair, starts_at=now() + timedelta(days=1, minutes=rank))


def multiply(times, role):
    """Copy the files of everybody, then the history of each file that was there, or only what one person sees of theirs."""
    copied, histories = (OF_ONE_PERSON, ()) if role in {"mentor", "jeune"} else (FILES, HISTORIES)
    before = {model: db.session.scalars(select(model.id)).all() for model in histories}
    for model in copied:
        db.session.execute(copies(model, times, copied))
    for model, ids in before.items():
        db.session.execute(copies(model, times, (), ids))


def pages_of(app, role):
    """The pages that a role may read."""
    for rule in rules(app):
        needed = getattr(app.view_functions[rule.endpoint], "gate", None)
        if "GET" in rule.methods and (not isinstance(needed, Permission) or needed in MATRIX[Role(role)]):
            yield rule


@pytest.mark.parametrize("many", [1, 500])
@pytest.mark.parametrize("roles", [("admin", "coordinator"), ("mentor",), ("jeune",), ("operator",)])
def test_a_page_reads_by_ten_statements_at_most_however_many_rows_and_writes_nothing(
    app, client, house, values, association, programme, statements, crowded, roles, many
):
    tenant, space = (programme, house.programme) if roles == ("operator",) else (association, house.ours)
    crowded(many, roles[0])
    too_many, writing = {}, {}

    for role in roles:
        client.sign_in(space.roles[role])
        for rule in pages_of(app, role):
            record = space if hasattr(space, "pair_id") else house.ours
            for given in every(values(rule, record, tenant), record):
                with app.test_request_context("/"):
                    path = url_for(rule.endpoint, **given)
                with statements() as seen:
                    status = client.get(path).status_code
                assert status < 500, path
                if len(seen) > 10:
                    too_many[role, rule.rule] = len(seen)
                writes = [statement for statement in seen if WRITES.match(statement) and "web_sessions" not in statement]
                if writes:
                    writing[role, rule.rule] = writes

    assert too_many == {}
    assert writing == {}
