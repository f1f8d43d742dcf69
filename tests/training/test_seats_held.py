"""A seat is for whoever may come: not for whom the file is closed; and nobody waits for the other in a circle."""

import threading

import pytest
from sqlalchemy import select

from app.extensions import db
from app.people.actions import close_file
from app.people.models import Mentor
from app.training import sessions
from app.training.session_models import CourseSession, Registration
from app.training.sessions import NoSeat
from tests import factories
from tests.people.fixtures import space_of
from tests.privacy.test_same_instant import waited_for

from . import situations

SPACE = "/a/passerelle"


def test_nobody_takes_a_seat_for_whom_the_file_is_closed(office, association, in_space, stored):
    with in_space(association):
        _text, live = situations.modules()
        session, gone = situations.live_session(live), factories.mentor(association, state="withdrawn")
        with pytest.raises(NoSeat):
            sessions.take_seat(gone, session)
    office.send(f"{SPACE}/formation/sessions/{session.id}/inscrits", {"mentor": str(gone.id)})

    assert stored(association, Registration) == []


def test_a_seat_waits_for_its_mentor_before_it_holds_the_session(real_app):
    """Whoever closes a file has the mentor, then each of their sessions: the other way round, each would wait for the other."""
    factories.programme(real_app)
    association = factories.association(real_app, "passerelle", "Passerelle", ["69"])
    with space_of(real_app, association):
        live = situations.modules()[1]
        session, mentor = situations.live_session(live), factories.mentor(association)
    said = []

    def take():
        with space_of(real_app, association):
            try:
                sessions.take_seat(
                    db.session.get(Mentor, (association.id, mentor.id)), db.session.get(CourseSession, (association.id, session.id))
                )
            except NoSeat as error:
                said.append(error)

    with space_of(real_app, association):
        close_file(db.session.get(Mentor, (association.id, mentor.id)))
        other = threading.Thread(target=take)
        other.start()
        waited_for(other)
        free = select(CourseSession.id).where(CourseSession.id == session.id).with_for_update(nowait=True)
        assert db.session.scalar(free) == session.id
    other.join()

    assert len(said) == 1
