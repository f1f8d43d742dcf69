"""What the tests of files are about: checks, charters, rules, candidatures, what the database's gate answers, and days."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import time_machine
from sqlalchemy import func, select

from app.extensions import db
from app.mail import Mail
from app.people import applications, checks, rules
from app.people.application_models import Interview, Reference
from app.people.check_models import Charter, CharterSignature, Check, GateException
from app.people.jobs import watch_people
from app.people.rules import Rule
from app.tenants.scope import current_tenant_id
from tests import factories

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2027, 3, 10, 11, tzinfo=UTC)  # noon in Paris
SPACE = "/a/passerelle"
NADEGE = {"name": "Nadège Parent", "relation": "parent", "email": "nadege@example.org"}
NADEGE_ALLOWS = {"kinds": ["participation"], "name": "Nadège Parent"}
ALL_MET = list(applications.CRITERIA)


def day(days=0):
    """A day of Paris, so many days after today."""
    return datetime.now(PARIS).date() + timedelta(days=days)


def plain(text):
    """A text with single spaces, the no-break ones too."""
    return " ".join(text.split())


def check(mentor, kind="honorability", document_on=None, seen_on=None, **changes):
    """A check as somebody noted it, clear, a week ago."""
    seen = seen_on or day(-7)
    values = {"document_on": document_on or seen, "seen_on": seen, "is_clear": True, "seen_by": factories.user().id}
    row = Check(mentor_id=mentor.id, kind=kind, **{**values, **changes})
    db.session.add(row)
    db.session.flush()
    return row


def holds(mentor, piece, on, fresh=None, renew=None):
    """Whether the database counts a piece, on a day."""
    return db.session.scalar(select(func.gate_holds(current_tenant_id(), mentor.id, piece, on, fresh, renew)))


def lacking(mentor, mentee, on=None):
    """The pieces that the gate asks of a mentor before meeting a jeune, and that are missing."""
    answer = func.gate_missing(current_tenant_id(), mentor.id, mentee.id if mentee else None, on or day(), False, None)
    rows = db.session.execute(select(answer.table_valued("piece", "side")))
    return {piece.removeprefix("ase_") for piece, side in rows if side == "mentor"}


def asks(*pieces, audience="all", **months):
    """The association asks for these pieces from now on."""
    given = [Rule(piece, audience, **months) for piece in pieces]
    return rules.set_rules(given, "Pour commencer.", factories.user().id)


def charter(body="## Charte\n\nJe m'engage.", asks_again=False):
    """A text in force."""
    return checks.write_charter(body, asks_again, factories.user().id)


def signed(mentor, text: Charter, on=None):
    """A mentor who signed a charter."""
    seal = hashlib.sha256(text.body.encode()).hexdigest()
    row = CharterSignature(
        mentor_id=mentor.id, charter_id=text.id, how="online", signed_on=on or day(), digest=seal, noted_by=factories.user().id
    )
    db.session.add(row)
    db.session.flush()
    return row


def exception(mentor, piece="record", until=None, **changes):
    """An exception of a month."""
    values = {"reason": "Le bulletin arrive.", "until": until or day(30), "made_by": factories.user().id}
    row = GateException(mentor_id=mentor.id, piece=piece, **{**values, **changes})
    db.session.add(row)
    db.session.flush()
    return row


def interview(mentor, held=False, days=-1, **changes):
    """An interview: planned yesterday, and held when it says so."""
    values = {"planned_at": datetime.now(UTC) + timedelta(days=days), "place": "Au local", "with_user": factories.user().id}
    if held:
        values |= {"held_on": day(days), "colour": "green", "notes": {}}
    row = Interview(mentor_id=mentor.id, mentor=mentor, **{**values, **changes})
    db.session.add(row)
    db.session.flush()
    return row


def reference(mentor, **changes):
    """Somebody who was asked what they think, today; and the path of their link."""
    values = {"name": "Odile Garant", "email": "odile@example.org", "relation": "Ancienne collègue", "expires_on": day(21)}
    row = Reference(mentor_id=mentor.id, mentor=mentor, asked_by=factories.user().id, **{**values, **changes})
    db.session.add(row)
    db.session.flush()
    token = applications.record_token(applications.LINK, row.tenant_id, row.id)
    return SimpleNamespace(id=row.id, path=f"/reference/{token}")


def hourly(app, tenant, in_space):
    """What does in a space what is done every hour, at a moment; it gives the mails that were written."""
    seen = set()

    def run(moment):
        with time_machine.travel(moment, tick=False), app.app_context():
            watch_people.run(tenant_id=str(tenant.id))
        with in_space(tenant):
            new = [mail for mail in db.session.query(Mail).order_by(Mail.created_at, Mail.id) if mail.id not in seen]
        seen.update(mail.id for mail in new)
        return new

    return run


def on_day(value: date, hour=12):
    """An hour of a day in Paris."""
    return datetime(value.year, value.month, value.day, hour, tzinfo=PARIS)
