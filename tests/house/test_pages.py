"""Every page, with one row in each list and with five hundred: few statements, nothing written, nothing of another tenant."""

import logging
import re
from datetime import timedelta
from functools import partial

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
from tests.bases import begun, stored

from . import stories
from .conftest import MARK, every
from .test_routes import rules

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b", re.I)
MANY, MOST = 500, 10

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
def filled(in_space, association, programme, house):
    """Rows in every list of whoever has a role."""

    def one(role, rank):
        if role == "operator":
            factories.lead(state="waiting", waiting_reason="territory", answer_by=None)
        elif role == "admin":
            fill_one(association, rank)
        else:
            factories.meeting(db.session.get(Pair, (association.id, house.ours.pair_id)), days=-rank - 1, state="held")

    def fill(count, role):
        with in_space(programme if role == "operator" else association):
            fill_lists(count, role, partial(one, role))

    return fill


@stored(on="house", is_counted=True)
def crowded(app):
    """An association with five hundred of everything."""
    association = begun(app, "association")
    with factories.in_space(app, association):
        fill_lists(MANY, "admin", partial(fill_one, association))


def fill_lists(count, role, one):
    """One row, or a hundred of what the house has, five times.

    Every name of the house is one, and pages of what is said of somebody are closed to who has their name: the team gets another.
    """
    for rank in range(5 if count > 1 else 1):
        one(rank)
    db.session.execute(update(Staff).values(first_name="Anne", last_name="Blanc", phone=""))
    db.session.flush()
    if count > 1:
        multiply(count // 5, role)


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


@pytest.fixture
def faults(app, client, house, values, association, programme, statements, caplog):
    """Whatever is wrong with the pages of these roles.

    More than ten statements, or one that writes; a page that the matrix opens and is refused; a word of another tenant, there or in
    the log. Who comes back is noted in their session, and who takes a file away in the journal.
    """

    def find(roles):
        tenant, space = (programme, house.programme) if "operator" in roles else (association, house.ours)
        caplog.set_level(logging.DEBUG)
        for role in roles:
            client.sign_in(space.roles[role])
            for rule in pages_of(app, role):
                record = space if hasattr(space, "pair_id") else house.ours
                for given in every(values(rule, record, tenant), record):
                    with app.test_request_context("/"):
                        path = url_for(rule.endpoint, **given)
                    with statements() as seen:
                        response = client.get(path)
                    assert response.status_code < 500, path
                    assert response.status_code != 403, path
                    assert MARK.encode() not in response.get_data(), path
                    noted = r"web_sessions|INTO acts" if "Content-Disposition" in response.headers else "web_sessions"
                    writes = [said for said in seen if WRITES.match(said) and not re.search(noted, said)]
                    if len(seen) > MOST or writes:
                        yield role, rule.rule, len(seen), writes
        assert MARK not in caplog.text

    return lambda *roles: list(find(roles))


@pytest.mark.parametrize("role", ["mentor", "jeune", "operator"])
@pytest.mark.parametrize("many", [1, MANY])
def test_a_page_reads_by_ten_statements_at_most_writes_nothing_and_has_nothing_of_another_tenant(faults, filled, role, many):
    filled(many, role)

    assert faults(role) == []


def test_a_page_of_the_team_does_with_one_row(faults, filled):
    filled(1, "admin")

    assert faults("coordinator") == []  # an admin opens the same pages, and some more


def test_a_page_of_the_team_does_with_five_hundred(faults, crowded):
    assert faults("admin", "coordinator") == []
