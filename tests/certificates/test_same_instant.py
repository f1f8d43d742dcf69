"""A certificate is taken back while somebody notes who came: the course is not complete, whoever is first."""

import threading
from functools import partial

import pytest
from sqlalchemy import select

from app.certificates.actions import issue_for_training, revoke_for_good
from app.certificates.models import Certificate
from app.extensions import db
from app.training.attendance import record_attendance
from app.training.models import Completion
from app.training.session_models import CourseSession
from app.training.status import training_status
from tests import factories
from tests.people.fixtures import space_of
from tests.privacy.test_same_instant import waited_for
from tests.training.situations import live_session, modules, seat


@pytest.mark.committed
@pytest.mark.parametrize("revoked_first", [True, False])
def test_a_certificate_revoked_while_the_presence_is_taken_back_gives_the_course_back(real_app, revoked_first):
    factories.programme(real_app)
    tenant = factories.association(real_app, "passerelle", "Passerelle", ["69"], course=False)
    with space_of(real_app, tenant):
        by, mentor = factories.staff(tenant).user_id, factories.mentor(tenant)
        course = factories.published("Ensemble", [{"kind": "live", "title": "En direct"}], required_for=["all"])
        session = live_session(modules(course)[0], days=-1)
        seat(session, mentor)
        record_attendance(session, {mentor.id: session.module.minutes}, [], by)
        certificate = issue_for_training(db.session.scalars(select(Completion)).one())

    def revoke():
        assert revoke_for_good(db.session.get_one(Certificate, (tenant.id, certificate.id)), "N'était pas là", by)

    def take_back():
        record_attendance(db.session.get_one(CourseSession, (tenant.id, session.id)), {}, [mentor.id], by)

    def meanwhile(act):
        with space_of(real_app, tenant):
            act()

    first, second = (revoke, take_back) if revoked_first else (take_back, revoke)
    thread = threading.Thread(target=partial(meanwhile, second))
    with space_of(real_app, tenant):
        first()
        db.session.flush()
        thread.start()
        waited_for(thread)
    thread.join(20)

    with space_of(real_app, tenant):
        assert db.session.scalars(select(Completion)).all() == []
        assert not training_status(db.session.merge(mentor)).is_ready
