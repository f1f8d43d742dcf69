"""A pair that was just proposed, and what its two received."""

import re

import pytest

from app.extensions import db
from app.mail import Mail

from ..situations import again, proposed, story


@pytest.fixture
def pair(association, in_space, boss):
    """A pair that was just proposed: the jeune is asked first."""
    with in_space(association):
        return proposed(association, boss)


@pytest.fixture
def links(association, in_space):
    """The links that a person received, as paths."""

    def read(person):
        with in_space(association):
            mails = db.session.query(Mail).filter_by(to_address=person.email).order_by(Mail.created_at, Mail.id)
            return re.findall(r"http://localhost(/rencontre/\S+)", "".join(mail.text for mail in mails))

    return read


@pytest.fixture
def answer(app, links):
    """Answer by the last link that a person received, from a browser of their own."""

    def send(person, said, word=""):
        return app.test_client().send(links(person)[-1], {"answer": said, "word": word})

    return send


@pytest.fixture
def state(association, in_space, pair):
    """The pair as it stands, its story, and who is first in line."""

    def read():
        with in_space(association):
            row = again(association, pair)
            first = {side for side in ("mentor", "mentee") if getattr(row, side).first_in_line}
            return row.state, row.closure_reason, first, story(row)

    return read
