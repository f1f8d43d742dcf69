"""Seats in live sessions: taken, given back, and never sold twice."""

from datetime import timedelta

import pytest

from app.database import now
from app.extensions import db
from app.training.models import Enrolment, ModuleKind
from app.training.session_models import CourseSession, Registration
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
def reader(desk, course):
    """The mentor's browser, once the text that comes before the session is read."""
    desk.send(f"{MINE}/{course.text.id}/lecture")
    return desk


def test_the_dates_to_come_can_be_chosen(reader, course, session_of):
    session_of(days=3, place="Mairie de Bron")
    session_of(days=-1, place="Trop tard")
    session_of(days=4, place="Trop beau", cancelled_at=now(), cancel_reason="Grève")

    page = reader.page(f"{MINE}/{course.live.id}")

    assert "Choisir une date" in page.text
    assert "Mairie de Bron · Sonia" in page.text
    assert "Trop" not in page.text


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (30, "La session a commencé : rejoignez-la. L'équipe notera votre présence."),
        (61, "L'équipe note les présences : vous n'avez rien à faire."),
    ],
)
def test_who_is_at_a_session_or_was_reads_where_it_is_and_chooses_no_other_date(reader, course, mentor, session_of, minutes, said):
    session_of(mentor, starts_at=now() - timedelta(minutes=minutes), place="https://visio.example/lyon")
    session_of(days=3, place="Mairie de Bron")

    page = reader.page(f"{MINE}/{course.live.id}")

    assert said in page.text
    assert "https://visio.example/lyon" in page.text
    assert "Je m'inscris" not in page.text
    assert "Rendre ma place" not in page.text


@pytest.mark.parametrize("situation", ["absent", "cancelled", "long ago", "only waited"])
def test_who_was_at_none_chooses_a_date(reader, association, in_space, course, mentor, session_of, situation):
    changes = {"cancelled_at": now(), "cancel_reason": "Grève"} if situation == "cancelled" else {}
    session = session_of(days=-93 if situation == "long ago" else -1, **changes)
    with in_space(association):
        said = {"attended": False, "minutes": 0} if situation == "absent" else {}
        situations.seat(db.session.merge(session), db.session.merge(mentor), is_seated=situation != "only waited", **said)
    coming = session_of(days=3)

    assert "Je m'inscris" in reader.page(f"{MINE}/{course.live.id}").text
    assert take(reader, coming).flashes == ["Votre place est réservée."]


def test_a_seat_is_taken_in_one_click(reader, association, stored, mentor, session_of):
    session = session_of()

    page = take(reader, session)

    assert page.flashes == ["Votre place est réservée."]
    assert page.heading == "Module 2"
    assert "L'équipe notera votre présence ce jour-là." in page.text
    [row] = stored(association, Registration)
    assert (row.session_id, row.mentor_id, row.is_seated, row.attended) == (session.id, mentor.id, True, None)


def test_taking_the_same_seat_twice_is_once(reader, association, stored, session_of):
    session = session_of(seats=1)
    take(reader, session)

    page = take(reader, session)

    assert page.flashes == ["Votre place est réservée."]
    assert len(stored(association, Registration)) == 1


def test_a_full_session_says_so_and_puts_on_its_list(reader, association, stored, course, session_of, other):
    session = session_of(other, seats=1)

    shown, page = reader.page(f"{MINE}/{course.live.id}"), take(reader, session)

    assert "Complet." in shown.text
    assert "Me mettre sur la liste" in shown.text
    assert "Je m'inscris" not in shown.text
    assert page.flashes == ["Vous êtes sur la liste d'attente\u00a0: nous vous écrirons si une place se libère."]
    assert [row.is_seated for row in stored(association, Registration)] == [True, False]


def test_a_session_that_has_begun_takes_nobody(reader, association, stored, session_of):
    page = take(reader, session_of(days=0))

    assert page.status == 409
    assert "Cette session est passée." in page.text
    assert stored(association, Registration) == []


def test_a_cancelled_session_takes_nobody(reader, association, stored, session_of):
    page = take(reader, session_of(cancelled_at=now(), cancel_reason="Grève"))

    assert page.status == 409
    assert "Cette session est annulée." in page.text
    assert stored(association, Registration) == []


def test_the_modules_that_precede_come_first(desk, association, stored, session_of):
    page = take(desk, session_of())

    assert page.status == 409
    assert "Les modules qui précèdent sont à faire d'abord : la session s'appuie dessus." in page.text
    assert stored(association, Registration) == stored(association, Enrolment) == []


@pytest.mark.parametrize("seats", [1, 2])
def test_one_who_has_a_date_takes_no_other_before_giving_it_back(reader, association, stored, other, session_of, seats):
    take(reader, session_of(other, seats=seats))

    page = take(reader, session_of(days=9))

    assert page.status == 409
    assert "Une place est déjà prise à une autre date : rendez-la d'abord." in page.text
    assert len(stored(association, Registration)) == 2


def test_who_has_done_the_module_needs_no_seat(desk, association, stored, in_space, mentor, session_of):
    with in_space(association):
        factories.train(mentor)

    page = take(desk, session_of())

    assert page.status == 409
    assert "Ce module a déjà été suivi." in page.text
    assert stored(association, Registration) == []


def test_a_done_module_proposes_no_date(desk, association, in_space, course, mentor, session_of):
    session_of()
    with in_space(association):
        factories.train(mentor)

    page = desk.page(f"{MINE}/{course.live.id}")

    assert page.soup.find(string="fait")
    assert "Choisir une date" not in page.text


def test_a_seat_that_is_given_back_is_free_for_somebody_else(reader, app, association, stored, course, other, session_of):
    session = session_of(seats=1)
    take(reader, session)

    page = give_back(reader, session)
    friend = app.test_client().sign_in(other.user_id)
    friend.send(f"{MINE}/{course.text.id}/lecture")

    assert page.flashes == ["Votre place est rendue."]
    assert "Je m'inscris" in page.text
    assert take(friend, session).flashes == ["Votre place est réservée."]
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
def test_one_who_presses_ten_times_at_once_has_one_seat(crowd):
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"], course=False)
    with space_of(crowd, tenant):
        factories.published("Ensemble", [{"kind": "live", "title": "En direct"}])
        session, mentor = situations.live_session(situations.modules()[0], seats=2), factories.mentor(tenant)

    pages = at_once(crowd, [(mentor.user_id, f"{SPACE}/sessions/{session.id}/inscription", {})] * 10)

    assert {page.status for page in pages} == {200}
    with space_of(crowd, tenant):
        assert situations.db.session.query(Registration).count() == situations.db.session.query(Enrolment).count() == 1
        assert situations.db.session.query(CourseSession).count() == 1


@pytest.mark.parametrize(("hours", "is_free"), [(-1, True), (-0.5, False), (0, False), (1, False), (2, True)])
def test_nobody_sits_in_two_sessions_of_the_same_moment(reader, association, in_space, stored, mentor, session_of, hours, is_free):
    """The one that they hold lasts two hours, the other one."""
    with in_space(association):
        live = {"kind": ModuleKind.LIVE, "title": "Écouter", "minutes": 120}
        others = factories.published("Aller plus loin", [live])
        moment = now() + timedelta(days=5)
        situations.seat(situations.live_session(situations.modules(others)[0], starts_at=moment), mentor)
    chosen = session_of(starts_at=moment + timedelta(hours=hours))

    page = take(reader, chosen)

    assert (len(stored(association, Registration)) == 2) is is_free
    assert ("Au même moment, une place est prise à « Écouter » : rendez-la d'abord." in page.text) is not is_free
