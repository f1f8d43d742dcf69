"""The people of a pair and the team, signed in; the calls that the rules raise; the letters that were written."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.followup import rules
from app.followup.models import Call
from app.mail import Mail

from .situations import HOME, at, situation


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
