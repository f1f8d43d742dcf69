"""Pairs to be: people in every state, and the database asked without any of our pages."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.database import uuid7
from app.extensions import db
from app.mail import Mail
from app.pairs import actions, closing, jobs
from app.pairs.models import Pair, PairEvent
from app.people.check_models import Check, GateException
from app.people.models import SensitiveFact
from app.people.rules import Rule, rules_in_force, set_rules
from app.web import today
from tests import factories

PARIS = ZoneInfo("Europe/Paris")
ASE = ("ase_evaluation", "ase_parental", "ase_departement", "ase_agreement")

BY_HAND = text(
    "INSERT INTO pairs (tenant_id, id, mentor_id, mentee_id, starts_on, planned_months, rhythm, objectives, state)"
    " VALUES (:tenant, :id, :mentor, :mentee, space_today(:tenant), 6, 'monthly', '{}', 'active')"
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


def paris_today():
    """The date in Paris, outside of any space."""
    return datetime.now(PARIS).date()


def moment(day, hour=10):
    """That day, at that hour in Paris."""
    return datetime.combine(day, time(hour), PARIS)


def at(day, hour=10):
    """A block in which it is that day, at that hour in Paris, and time stands still."""
    return time_machine.travel(moment(day, hour), tick=False)


def ask_for(piece, audience="all", **months):
    """Add a rule of the association to those in force."""
    own = [rule for rule in rules_in_force() if not rule.firm]
    set_rules([*own, Rule(piece, audience, **months)], "", factories.user().id)


def see(mentor, kind, document_on=None, seen_on=None, is_clear=True, **changes):
    """A document of a mentor that was seen, today unless said otherwise."""
    day = document_on or today()
    row = Check(
        mentor_id=mentor.id, kind=kind, document_on=day, seen_on=seen_on or day, is_clear=is_clear,
        seen_by=factories.user().id, **changes,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def except_from(piece, mentor, until, mentee=None, **changes):
    """An exception to a rule of the association, until a day."""
    values = {"mentor_id": mentor.id, "mentee_id": mentee.id if mentee else None, "piece": piece, "until": until}
    row = GateException(**values, reason="Dossier en route", made_by=factories.user().id, **changes)
    db.session.add(row)
    db.session.flush()
    return row


def protect(mentee, pieces=()):
    """A jeune of child protection, with some of the pieces that it asks for."""
    db.session.add(SensitiveFact(mentee_id=mentee.id, kind="ase", noted_by=factories.user().id))
    for kind in pieces:
        factories.authorisation(mentee, kind)
    db.session.flush()
    return mentee


def plan(**changes):
    """Six months from today."""
    return actions.Plan(**{"starts_on": today(), "planned_months": 6, "rhythm": "monthly", "objectives": [], **changes})


def proposed(tenant, coordinator=None, mentee=None, mentor=None):
    """A pair whose first person has just been asked."""
    mentee = mentee or factories.mentee(tenant, last_name="Bensalah")
    return actions.propose(mentee, mentor or factories.mentor(tenant, trained=True, last_name="Tahar"), plan(), coordinator)


def again(tenant, pair):
    """The same pair, read again in the space that is open."""
    return db.session.get(Pair, (tenant.id, pair.id), populate_existing=True)


def closing_pair(tenant, pair, kind="foreseen", reason="planned"):
    """A pair whose closure is open, and the closure."""
    return closing.begin_closing(again(tenant, pair), kind, reason, factories.user().id)


ANSWERS = {"went_well": "Beaucoup.", "contact_rule": "association", "rematch_mentee": False, "rematch_mentor": False}


def do_all(closure, why=""):
    """Every step of a closure done today; or explained, when a reason is given."""
    for step in closing.steps_for(closure):
        closing.mark_step(closure, step, None if why else today(), why)


def story(pair):
    """What happened to a pair, in no order within one instant."""
    rows = select(PairEvent.what).where(PairEvent.pair_id == pair.id).order_by(PairEvent.created_at)
    return sorted(db.session.scalars(rows))


def letters_to(address):
    """The subjects of what was written to somebody, in the space that is open, the oldest first."""
    return list(db.session.scalars(select(Mail.subject).where(Mail.to_address == address).order_by(Mail.created_at, Mail.id)))


def strike(app, tenant, day, hour=10):
    """Let the hour strike for the pairs of a space."""
    with at(day, hour), app.app_context():
        jobs.watch_pairs.run(tenant_id=str(tenant.id))


def plain(words):
    """What is read, with plain spaces."""
    return " ".join(str(words).split())


def days(count):
    return timedelta(days=count)


def born(years, on: date):
    """The date of birth of somebody whose birthday it is."""
    return on.replace(year=on.year - years, day=min(on.day, 28))
