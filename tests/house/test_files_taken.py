"""Whoever takes a file of many people away is noted in the journal."""

import pytest
from flask import url_for
from sqlalchemy import func, select

from app.accounts.models import Act
from app.extensions import db

from .conftest import every
from .test_pages import pages_of

OTHERS = {  # endpoints whose file holds figures, nobody's data, or the document of one person or of one session
    "followup.file_of_figures", "programme.file_of_figures", "programme.file_of_activity",
    "programme.territories_file",
    "certificates.sample", "leads.import_model", "leads.import_remarks", "leads.poster", "training.file",
    "certificates.file", "certificates.shared_file", "followup.attachment", "pairs.agreement_draft", "pairs.agreement_file",
    "pairs.signature_file", "people.consent_sheet", "training.attendance_sheet",
}  # fmt: skip


@pytest.fixture
def noted(in_space):
    """How many acts the journal of a space holds."""

    def count(tenant):
        with in_space(tenant):
            return db.session.scalar(select(func.count()).select_from(Act))

    return count


@pytest.mark.parametrize("role", ["admin", "operator"])
def test_whoever_takes_a_file_of_many_is_noted(role, app, client, house, values, association, programme, noted):
    tenant, space = (programme, house.programme) if role == "operator" else (association, house.ours)
    client.sign_in(space.roles[role])
    found, acts = {True: set(), False: set()}, noted(tenant)
    for rule in pages_of(app, role):
        record = space if hasattr(space, "pair_id") else house.ours
        for given in every(values(rule, record, tenant), record):
            with app.test_request_context("/"):
                path = url_for(rule.endpoint, **given)
            if "Content-Disposition" in client.get(path).headers:
                before, acts = acts, noted(tenant)
                found[acts == before + 1].add(rule.endpoint)

    assert found[False] <= OTHERS
    assert found[True] & OTHERS == set()
    assert len(found[True]) >= {"admin": 10, "operator": 1}[role], found[True]
