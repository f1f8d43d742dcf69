"""The people of a pair and the team, signed in; the calls that the rules raise; the letters that were written."""

import pytest
from sqlalchemy import select

from app.database import uuid7
from app.extensions import db
from app.followup import rules
from app.followup.models import Call
from app.followup.threads import thread_of
from app.mail import Mail
from app.meetings.logs import confirm, log_meeting
from app.tenants.models import Tenant
from tests import factories
from tests.people.fixtures import crowd  # noqa: F401

from .noted import noted, noting  # noqa: F401
from .situations import HOME, SPACE, at, contact, messages_of, pair_path, situation


@pytest.fixture
def signed(app, people):
    """A client of one of the people: `signed("mentor")`, with a session of the moment that it is now."""
    return lambda who: app.test_client().sign_in(getattr(people, who).user_id)


@pytest.fixture
def mentor(signed):
    return signed("mentor")


@pytest.fixture
def jeune(signed):
    return signed("mentee")


@pytest.fixture
def coordinator(signed):
    return signed("coordinator")


@pytest.fixture
def admin(signed):
    return signed("admin")


@pytest.fixture
def home(app):
    """The first page of an account in Passerelle."""
    return lambda user_id, path=HOME: app.test_client().sign_in(user_id).page(path)


@pytest.fixture
def refreshed(in_space, association):
    """Let the calls follow the rules, now or at a moment."""

    def run(moment=None, tenant=None):
        with at(moment), in_space(tenant or association):
            rules.refresh()

    return run


@pytest.fixture
def on_clock(in_space, association):
    """Let the association live on another clock."""

    def move(zone):
        with in_space(association):
            db.session.get(Tenant, association.id).timezone = zone
        association.timezone = zone

    return move


@pytest.fixture
def spoken(in_space, association, people):
    """Somebody of the team spoke with one side of the pair: `spoken("mentee", moment)`."""

    def note(side="mentor", held_at=None, reached=True, **values):
        with in_space(association):
            contact(people.pair, people.admin.user_id, side, held_at, reached, **values)

    return note


@pytest.fixture
def met(in_space, association, people):
    """A meeting of some days ago, what the mentor says of it and what the jeune does, as their pages tell the others."""

    def write(days, account=None, answer=None, face=None, **values):
        with in_space(association):
            meeting = factories.meeting(situation(association, people.pair), days, **values)
            if account:
                log_meeting(meeting, account, people.mentor.user_id, as_staff=True)
            if answer is not None:
                confirm(meeting, answer, face)
            return meeting.starts_at

    return write


@pytest.fixture
def calls(in_space, association):
    """The calls that are open, or those of one kind: kind, side, and what else is asked for."""

    def read(kind=None, *names):
        with in_space(association):
            rows = select(Call).where(Call.ended_at.is_(None)).order_by(Call.rank, Call.side)
            found = db.session.scalars(rows.where(Call.kind == kind) if kind else rows).all()
            return [(row.kind, row.side, *(getattr(row, name) for name in names)) for row in found]

    return read


@pytest.fixture
def letters(in_space, association):
    """The letters of a kind, or to an address, the oldest first."""

    def written(kind=None, to=None):
        rows = select(Mail).order_by(Mail.created_at, Mail.id)
        with in_space(association):
            rows = rows.where(Mail.kind == kind) if kind else rows
            return list(db.session.scalars(rows.where(Mail.to_address == to) if to else rows))

    return written


@pytest.fixture
def change(in_space, association, people):
    """Change the pair, or one of the two: `change(starts_on=day)`, `change("mentee", birth_date=day)`."""

    def write(whose="pair", **values):
        with in_space(association):
            row = situation(association, getattr(people, whose))
            for name, value in values.items():
                setattr(row, name, value)

    return write


@pytest.fixture
def post(signed, people):
    """Write to the association, as the page of one of the two does: `post("mentor", "Bonjour")`."""

    def send(who, body="Bonjour", page="mes-messages", client=None, **values):
        form = {"body": body, "once": uuid7().hex, **values}
        return (client or signed(who)).send(f"{SPACE}/{page}/{people.pair.id}", form)

    return send


@pytest.fixture
def reply(signed, people):
    """Answer in a thread, as the team's page does, having read all that it shows: `reply("jeune", "Bonjour")`."""

    def send(whose="mentor", body="Bien reçu", who="admin", **values):
        client, path = signed(who), pair_path(people.pair, f"/messages/{whose}")
        form = {"body": body, "once": uuid7().hex, "seen": client.page(path).value("seen"), **values}
        return client.send(path, form)

    return send


@pytest.fixture
def thread(in_space, association, people):
    """A thread of the pair as it is now."""

    def read(side="mentor"):
        with in_space(association):
            return thread_of(people.pair, side)

    return read


@pytest.fixture
def bodies(in_space, association, people):
    """What was written in a thread: author and words, the oldest first."""

    def read(side="mentor"):
        with in_space(association):
            return [(row.author, row.body) for row in messages_of(people.pair, side)]

    return read
