"""Seats in live sessions: taken, given back, and never sold twice."""

import pytest

from app.training.models import CourseSession, Registration
from tests import factories
from tests.people.fixtures import at_once, space_of

from . import situations
from .test_road import MINE, SPACE


def take(desk, session):
    """Press « Je m'inscris »."""
    return desk.send(f"{SPACE}/sessions/{session.id}/inscription")


def give_back(desk, session):
    """Press « Rendre ma place »."""
    return desk.send(f"{SPACE}/sessions/{session.id}/desistement")


@pytest.fixture
def other(association, in_space):
    """Another mentor."""
    with in_space(association):
        return factories.mentor(association, first_name="Léa", last_name="Abel")


def test_the_dates_to_come_can_be_chosen(desk, course, session_of):
    session_of(days=3, place="Mairie de Bron")
    session_of(days=-1, place="Trop tard")

    page = desk.page(f"{MINE}/{course.live.id}")

    assert "Choisir une date" in page.text
    assert "Mairie de Bron · Sonia" in page.text
    assert "Trop tard" not in page.text


def test_a_seat_is_taken_in_one_click(desk, association, stored, course, mentor, session_of):
    session = session_of()

    page = take(desk, session)

    assert page.flashes == ["Votre place est réservée."]
    assert page.heading == "Module 2"
    assert "L'équipe notera votre présence ce jour-là." in page.text
    [row] = stored(association, Registration)
    assert (row.session_id, row.mentor_id, row.attended) == (session.id, mentor.id, None)


def test_taking_the_same_seat_twice_is_once(desk, association, stored, session_of):
    session = session_of(seats=1)
    take(desk, session)

    page = take(desk, session)

    assert page.flashes == ["Votre place est réservée."]
    assert len(stored(association, Registration)) == 1


def test_a_full_session_says_so_and_takes_nobody(desk, association, stored, course, session_of, other):
    session = session_of(other, seats=1)

    shown, refused = desk.page(f"{MINE}/{course.live.id}"), take(desk, session)

    assert "complet" in shown.text
    assert "Je m'inscris" not in shown.text
    assert refused.status == 409
    assert "Cette session est complète. Choisissez-en une autre, ou écrivez à l'association." in refused.text
    assert [row.mentor_id for row in stored(association, Registration)] == [other.id]


def test_a_session_that_has_begun_takes_nobody(desk, association, stored, session_of):
    page = take(desk, session_of(days=0))

    assert page.status == 409
    assert "Cette session est passée." in page.text
    assert stored(association, Registration) == []


def test_who_has_done_the_module_needs_no_seat(desk, association, stored, in_space, mentor, session_of):
    with in_space(association):
        factories.train(mentor)

    page = take(desk, session_of())

    assert page.status == 409
    assert "Vous avez déjà suivi ce module." in page.text
    assert stored(association, Registration) == []


def test_a_done_module_proposes_no_date(desk, association, in_space, course, mentor, session_of):
    session_of()
    with in_space(association):
        factories.train(mentor)

    page = desk.page(f"{MINE}/{course.live.id}")

    assert "fait" in page.text
    assert "Choisir une date" not in page.text


def test_a_seat_that_is_given_back_is_free_for_somebody_else(desk, app, association, stored, mentor, other, session_of):
    session = session_of(mentor, seats=1)

    page = give_back(desk, session)
    taken = take(app.test_client().sign_in(other.user_id), session)

    assert page.flashes == ["Votre place est rendue."]
    assert "Je m'inscris" in page.text
    assert taken.flashes == ["Votre place est réservée."]
    assert [row.mentor_id for row in stored(association, Registration)] == [other.id]


def test_giving_back_what_one_does_not_have_takes_nothing_from_others(desk, association, stored, other, session_of):
    session = session_of(other)

    page = give_back(desk, session)

    assert page.status == 200
    assert [row.mentor_id for row in stored(association, Registration)] == [other.id]


def test_a_seat_is_kept_once_the_session_has_begun(desk, association, stored, mentor, session_of):
    give_back(desk, session_of(mentor, days=-1))

    assert len(stored(association, Registration)) == 1


@pytest.mark.parametrize("act", [take, give_back])
def test_a_session_of_another_association_is_not_found(desk, elsewhere, in_space, stored, act):
    with in_space(elsewhere):
        _text, live = situations.modules()
        session = situations.live_session(live)

    assert act(desk, session).status == 404
    assert stored(elsewhere, Registration) == []


@pytest.mark.committed
def test_the_last_seat_is_sold_once_to_twenty_who_want_it_at_the_same_instant(crowd):
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, tenant):
        session = situations.live_session(situations.modules()[1], seats=3)
        for _early in range(2):
            situations.seat(session, factories.mentor(tenant))
        mentors = [factories.mentor(tenant) for _each in range(20)]

    pages = at_once(crowd, [(mentor.user_id, f"{SPACE}/sessions/{session.id}/inscription", {}) for mentor in mentors])

    assert sorted(page.status for page in pages) == [200] + [409] * 19
    assert sum("Cette session est complète." in page.text for page in pages) == 19
    with space_of(crowd, tenant):
        assert situations.db.session.query(Registration).count() == situations.db.session.query(CourseSession).one().seats == 3


@pytest.mark.committed
def test_one_who_presses_ten_times_at_once_has_one_seat(crowd):
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, tenant):
        session, mentor = situations.live_session(situations.modules()[1], seats=2), factories.mentor(tenant)

    pages = at_once(crowd, [(mentor.user_id, f"{SPACE}/sessions/{session.id}/inscription", {})] * 10)

    assert {page.status for page in pages} == {200}
    with space_of(crowd, tenant):
        assert situations.db.session.query(Registration).count() == 1
