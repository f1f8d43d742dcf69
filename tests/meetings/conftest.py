"""The people of a pair, signed in, and the letters that were written."""

import pytest
from sqlalchemy import or_, select

from app.database import now
from app.extensions import db
from app.mail import Mail, MailState
from app.meetings.models import Meeting


@pytest.fixture
def mentor(app, people):
    return app.test_client().sign_in(people.mentor.user_id)


@pytest.fixture
def jeune(app, people):
    return app.test_client().sign_in(people.mentee.user_id)


@pytest.fixture
def coordinator(app, people):
    return app.test_client().sign_in(people.coordinator.user_id)


@pytest.fixture
def again(in_space, association):
    """A meeting as it is stored."""

    def read(meeting):
        with in_space(association):
            return db.session.get(Meeting, (association.id, meeting.id))

    return read


@pytest.fixture
def letters(in_space, association):
    """The letters of a kind, in words."""

    def written(kind):
        with in_space(association):
            return list(db.session.scalars(select(Mail).where(Mail.kind == kind).order_by(Mail.created_at)))

    return written


@pytest.fixture
def leaving(in_space, association):
    """What was written of meetings, has not left yet and still will: (kind, to whom)."""

    def read():
        with in_space(association):
            still = Mail.state == MailState.WAITING, or_(Mail.valid_until.is_(None), Mail.valid_until > now())
            of_meetings = select(Mail).where(Mail.kind.startswith("meeting_"), *still)
            return sorted((mail.kind, mail.to_address) for mail in db.session.scalars(of_meetings))

    return read
