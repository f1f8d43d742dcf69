"""Whoever works for an association and mentors in it decides nothing about themself, nor about whom they accompany."""

import pytest
from flask import url_for

from app.accounts.models import Membership, User
from app.accounts.permissions import Role
from app.extensions import db
from app.gate import ABOUT_PEOPLE
from app.people.models import Mentor
from tests import factories

from .test_routes import rules

NAMES = {"mentor_id", "mentee_id", "person_id", "pair_id", "check_id", "authorisation_id", "guardianship_id", "interview_id",
         "gate_exception_id", "proposal_id", "signature_id", "attempt_id", "outside_id", "exception_id"}  # fmt: skip


def tried(app, client, house, values, association):
    """What each form that is about somebody answers: the rule -> the status, and what the page says."""
    found = {}
    for rule in rules(app):
        needed = getattr(app.view_functions[rule.endpoint], "gate", None)
        if needed in ABOUT_PEOPLE and "POST" in rule.methods and NAMES & set(rule.arguments):
            with app.test_request_context("/"):
                path = url_for(rule.endpoint, **values(rule, house.ours, association))
            page = client.post(path)
            found[rule.rule] = page.status_code, "une autre personne de l" in page.get_data(as_text=True)
    return found


def test_nobody_decides_about_themself(app, client, house, values, association, in_space):
    with in_space(association):
        mentor = db.session.get(Mentor, (association.id, house.ours.mentor_id))
        db.session.add(Membership(tenant_id=association.id, user_id=mentor.user_id, role=Role.ADMIN))
    client.sign_in(mentor.user_id)

    answers = tried(app, client, house, values, association)

    assert len(answers) > 40
    assert {rule: answer for rule, answer in answers.items() if answer != (409, True)} == {}


def test_a_colleague_does(app, client, house, values, association):
    client.sign_in(house.ours.roles["admin"])

    answers = tried(app, client, house, values, association)

    assert not [rule for rule, (_status, is_own) in answers.items() if is_own]


@pytest.mark.parametrize("role", ["admin", "coordinator"])
def test_nor_accepts_their_own_request(client, association, in_space, stored_lead, role):
    with in_space(association):
        staff = factories.staff(association, role)
        lead = factories.lead("mentor", email=db.session.get(User, staff.user_id).email.upper())
    page = client.sign_in(staff.user_id).send(f"/a/passerelle/demandes/{lead.id}/acceptation")

    assert (page.status, stored_lead(lead)) == (409, "received")


@pytest.fixture
def stored_lead(in_space, association):
    """The state of a request."""

    def read(lead):
        with in_space(association):
            return db.session.get(type(lead), (association.id, lead.id)).state

    return read
