"""Pairs to be: people in every state, and the database asked without any of our pages."""

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.database import uuid7
from app.extensions import db
from tests import factories

BY_HAND = text(
    "INSERT INTO pairs (tenant_id, id, mentor_id, mentee_id, starts_on, planned_months, rhythm, objectives, state)"
    " VALUES (:tenant, :id, :mentor, :mentee, current_date, 6, 'monthly', '{}', 'active')"
)


def by_hand(connection, tenant_id, mentor_id, mentee_id):
    """Write a pair past every page of ours."""
    connection.execute(BY_HAND, {"tenant": tenant_id, "id": uuid7(), "mentor": mentor_id, "mentee": mentee_id})


def answer_of_database(connection, tenant_id, mentor_id, mentee_id):
    """What the database answers to a pair: None when it accepts, else the SQLSTATE; nothing is kept."""
    savepoint = connection.begin_nested()
    try:
        by_hand(connection, tenant_id, mentor_id, mentee_id)
    except DBAPIError as error:
        return error.orig.sqlstate
    finally:
        savepoint.rollback()
    return None


def make_mentor(tenant, minor=False, authorised=False, trained=True, room=True):
    """A mentor in one of the states that the gate looks at."""
    mentor = factories.mentor(tenant, age=16 if minor else 40, trained=trained, account=False)
    if authorised:
        factories.authorisation(mentor)
    if not room:
        mentor.capacity = 0
        db.session.flush()
    return mentor


def make_mentee(tenant, age, participation=False, own_agreement=False):
    """A jeune in one of the states that the gate looks at."""
    mentee = factories.mentee(tenant, age=age, account=False)
    for kind, given in (("participation", participation), ("own_agreement", own_agreement)):
        if given:
            factories.authorisation(mentee, kind)
    return mentee
