"""The waiting list of a session: in the order of arrival, it fills the seats by itself and tells people."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.mail import Mail
from app.people.actions import close_file
from app.people.models import Mentor
from app.training import sessions
from app.training.session_models import CourseSession, Registration
from tests import factories
from tests.people.fixtures import at_once, space_of

from . import situations
from .test_road import MINE, SPACE

FREED = "Une place s'est libérée pour vous"


@pytest.fixture
def full(association, in_space):
    """A session of one seat, taken by the first of four mentors; the others wait in this order: (session, mentors)."""
    with in_space(association):
        course = factories.published("Ensemble", [{"kind": "live", "title": "En direct"}])
        session = situations.live_session(situations.modules(course)[0], seats=1)
        names = ("Zoé", "Yann", "Ali", "Bea")
        mentors = [factories.mentor(association, first_name=name, last_name=name) for name in names]
        for mentor in mentors:
            sessions.take_seat(mentor, session)
        db.session.query(Mail).delete()
    return session, mentors


def standing(session):
    """Who has a seat, then who waits, as numbers: in a space that is open."""
    rows = db.session.scalars(select(Registration).where(Registration.session_id == session.id).order_by(Registration.number))
    found = {True: [], False: []}
    for row in rows:
        found[row.is_seated].append(row.mentor_id)
    return found[True], found[False]


def letters(mailbox, subject=FREED):
    """To whom a subject was written, in order."""
    return [mail.to_address for mail in mailbox if mail.subject == subject]


def fresh(session):
    return db.session.get(CourseSession, (session.tenant_id, session.id))


def test_the_list_is_in_the_order_of_arrival_not_of_names(office, full):
    session, _mentors = full

    page = office.page(f"{SPACE}/formation/sessions/{session.id}")

    waiting = [li.get_text(" ", strip=True) for li in page.soup.select("ol.rows li .what")]
    assert waiting == ["1. Yann Yann", "2. Ali Ali", "3. Bea Bea"]
    assert "1 place prise sur 1" in page.text


def test_who_waits_reads_it_and_what_follows(app, full):
    session, mentors = full

    page = app.test_client().sign_in(mentors[1].user_id).page(f"{MINE}/{session.module_id}")

    assert "Si une place se libère, elle est à vous et nous vous écrivons." in page.text
    assert "Quitter la liste" in page.text


def test_who_arrives_is_told_that_they_wait_without_an_invitation(app, association, in_space, stored, full):
    session, _mentors = full
    with in_space(association):
        late = factories.mentor(association)

    app.test_client().sign_in(late.user_id).send(f"{SPACE}/sessions/{session.id}/inscription")

    [mail] = stored(association, Mail)
    assert (mail.to_address, mail.subject, mail.calendar) == (late.email, "Vous êtes sur la liste d'attente", None)
    assert "Nous vous écrirons dès qu'une place se libère." in mail.text


def test_a_seat_given_back_goes_to_the_first_who_waits(app, association, in_space, stored, full):
    session, (first, second, *others) = full

    app.test_client().sign_in(first.user_id).send(f"{SPACE}/sessions/{session.id}/desistement")

    with in_space(association):
        assert standing(session) == ([second.id], [other.id for other in others])
    mails = stored(association, Mail)
    assert letters(mails) == [second.email]
    assert letters(mails, "Votre place est rendue") == [first.email]
    assert len(mails) == 2


def test_the_promoted_reads_that_the_seat_is_theirs(app, full):
    session, (first, second, *_others) = full
    app.test_client().sign_in(first.user_id).send(f"{SPACE}/sessions/{session.id}/desistement")

    page = app.test_client().sign_in(second.user_id).page(f"{MINE}/{session.module_id}")

    assert "Votre place est réservée." in page.text
    assert "Rendre ma place" in page.text


def test_leaving_the_list_gives_a_seat_to_nobody(app, association, in_space, stored, full):
    session, (first, second, third, fourth) = full

    app.test_client().sign_in(second.user_id).send(f"{SPACE}/sessions/{session.id}/desistement")

    with in_space(association):
        assert standing(session) == ([first.id], [third.id, fourth.id])
    assert stored(association, Mail) == []


@pytest.mark.parametrize(("seats", "promoted"), [(1, 0), (2, 1), (3, 2), (4, 3), (12, 3)])
def test_seats_that_are_added_go_to_the_list_in_order(association, in_space, stored, full, seats, promoted):
    session, mentors = full

    with in_space(association):
        sessions.change(fresh(session), {"seats": seats})

        assert standing(session) == ([m.id for m in mentors[: 1 + promoted]], [m.id for m in mentors[1 + promoted :]])
    assert letters(stored(association, Mail)) == [m.email for m in mentors[1 : 1 + promoted]]


def test_seats_taken_away_send_nobody_home(association, in_space, stored, full):
    session, mentors = full
    with in_space(association):
        sessions.change(fresh(session), {"seats": 3})
        sessions.change(fresh(session), {"seats": 1})
        sessions.leave_seat(db.session.merge(mentors[0]), fresh(session))

        seated, waiting = standing(session)

    assert (seated, waiting) == ([mentors[1].id, mentors[2].id], [mentors[3].id])


def test_who_left_and_comes_back_is_the_last(association, in_space, full):
    session, (first, second, third, fourth) = full
    with in_space(association):
        sessions.leave_seat(db.session.merge(second), fresh(session))
        sessions.take_seat(db.session.merge(second), fresh(session))

        assert standing(session) == ([first.id], [third.id, fourth.id, second.id])


def test_staff_take_somebody_out_and_the_list_moves(office, association, in_space, full):
    session, (first, second, *others) = full

    page = office.send(f"{SPACE}/formation/sessions/{session.id}/inscrits", {"mentor": str(first.id), "vers": "retrait"})

    assert page.flashes == ["La place est rendue."]
    with in_space(association):
        assert standing(session) == ([second.id], [other.id for other in others])


def test_staff_put_somebody_on_the_list_of_a_full_session(office, association, in_space, full):
    session, _mentors = full
    with in_space(association):
        late = factories.mentor(association)

    page = office.send(f"{SPACE}/formation/sessions/{session.id}/inscrits", {"mentor": str(late.id)})

    assert page.flashes == ["Le mentor est sur la liste d'attente."]
    with in_space(association):
        assert standing(session)[1][-1] == late.id


def test_a_cancelled_session_promotes_nobody(app, association, in_space, stored, full):
    session, (first, *others) = full
    with in_space(association):
        sessions.cancel(fresh(session), "La salle est fermée.")

    app.test_client().sign_in(first.user_id).send(f"{SPACE}/sessions/{session.id}/desistement")

    with in_space(association):
        assert standing(session) == ([first.id], [other.id for other in others])
    assert letters(stored(association, Mail)) == []


@pytest.mark.committed
def test_the_last_seat_is_sold_once_to_forty_who_want_it_at_the_same_instant(crowd):
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"], course=False)
    with space_of(crowd, tenant):
        factories.published("Ensemble", [{"kind": "live", "title": "En direct"}])
        session = situations.live_session(situations.modules()[0], seats=1)
        mentors = [factories.mentor(tenant) for _each in range(40)]

    pages = at_once(crowd, [(mentor.user_id, f"{SPACE}/sessions/{session.id}/inscription", {}) for mentor in mentors])

    assert [page.status for page in pages] == [200] * 40
    with space_of(crowd, tenant):
        rows = db.session.query(Registration).order_by(Registration.number).all()
        assert [row.number for row in rows] == list(range(1, 41))
        assert [row.is_seated for row in rows] == [True] + [False] * 39
        assert {row.mentor_id for row in rows} == {mentor.id for mentor in mentors}
        told = [mail.to_address for mail in db.session.query(Mail).filter_by(subject="Votre place est réservée")]
        assert told == [rows[0].mentor.email]


def test_who_left_frees_their_seat_and_waits_for_none(association, in_space, full):
    session, mentors = full
    with in_space(association):
        session = db.session.get(CourseSession, (association.id, session.id))
        first, second, third, _last = (db.session.get(Mentor, (association.id, mentor.id)) for mentor in mentors)
        close_file(second)
        close_file(first)

        assert [row.mentor_id for row in sessions.registrations_of(session)] == [third.id]
        freed = db.session.scalars(select(Mail.to_address).where(Mail.subject.contains(FREED))).all()
        assert freed == [third.email]
