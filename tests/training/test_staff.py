"""What staff plan and read of training: the first page, live sessions planned, moved, called off, and who is put down for them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.database import now
from app.extensions import db
from app.mail import Mail
from app.training import courses, following
from app.training.models import Course
from app.training.session_models import CourseSession, Registration
from tests import factories
from tests.people.fixtures import day_ago

from . import situations
from .test_road import MINE, SPACE

TRAINING = f"{SPACE}/formation"
SESSIONS = f"{TRAINING}/sessions"
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def typed_session(course):
    """What the form of a session sends."""
    return {
        "module": str(course.live.id),
        "day": day_ago(-10), "time": "18:30", "place": "Mairie de Bron", "trainer": "Sonia", "seats": "8",
    }  # fmt: skip


def test_the_page_lists_courses_and_the_sessions_to_come(office, course, mentor, session_of):
    session_of(mentor, seats=8)
    session_of(days=-3, place="Salle passée")
    session_of(place="Salle annulée", cancelled_at=now(), cancel_reason="Grève")

    page = office.page(TRAINING)

    assert page.heading == "Formation"
    assert "Devenir mentor personne ne l'a encore terminé obligatoire pour tous" in page.text
    assert "1 sur 8 places prises" in page.text
    assert "Salle" not in page.text


def test_the_page_says_how_many_wait_for_a_seat(office, association, in_space, mentor, session_of):
    moment = (now() + timedelta(days=7)).replace(second=0, microsecond=0)
    session = session_of(mentor, seats=1, starts_at=moment)
    with in_space(association):
        situations.seat(session, factories.mentor(association), number=2, is_seated=False)

    assert "1 sur 1 places prises 1 en attente" in office.page(TRAINING).text


def test_an_association_that_begins_reads_what_to_do(app, programme, in_space):
    tenant = factories.association(app, "neuve", "Neuve", ["33"], course=False)
    with in_space(tenant):
        card = factories.staff(tenant)

    page = app.test_client().sign_in(card.user_id).page("/a/neuve/formation")

    assert "Sans parcours obligatoire, aucun binôme ne peut se former." in page.text
    assert "Aucune session à venir. Planifiez la prochaine" in page.text


def test_a_session_is_planned_on_the_clock_of_the_space(office, association, stored, typed_session):
    page = office.send(f"{TRAINING}/sessions/nouvelle", typed_session)

    [row] = stored(association, CourseSession)
    assert page.flashes == ["La session est ouverte aux inscriptions."]
    assert page.heading.endswith(", 18 h 30")
    assert row.starts_at.astimezone(association.zone).isoformat().startswith(f"{day_ago(-10)}T18:30")
    assert (row.place, row.trainer, row.seats) == ("Mairie de Bron", "Sonia", 8)


def test_the_same_session_sent_twice_is_one(office, association, stored, typed_session):
    pages = [office.send(f"{TRAINING}/sessions/nouvelle", typed_session) for _each in range(2)]

    [row] = stored(association, CourseSession)
    assert [page.response.request.path for page in pages] == [f"{TRAINING}/sessions/{row.id}"] * 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"module": ""}, "Choisissez un module."),
        ({"module": "x"}, "Choisissez parmi les réponses proposées : elles ont peut-être changé."),
        ({"day": "2026-02-30"}, "Indiquez une date qui existe."),
        ({"day": "0001-01-01"}, "Cette date est trop ancienne : trois mois au plus."),
        ({"day": day_ago(93)}, "Cette date est trop ancienne : trois mois au plus."),
        ({"day": "9999-12-31"}, "Choisissez une date d'ici deux ans."),
        ({"time": "25:00"}, "Indiquez une heure."),
        ({"time": ""}, "Indiquez une heure."),
        ({"place": ""}, "À remplir."),
        ({"seats": ""}, "Indiquez un nombre de places."),
        ({"seats": "0"}, "De 1 à 500 places."),
        ({"seats": "501"}, "De 1 à 500 places."),
        ({"seats": "dix"}, "Écrivez un nombre entier, en chiffres."),
    ],
)
def test_a_session_that_cannot_be_right_is_refused_at_its_field(office, association, stored, typed_session, typed, sentence):
    page = office.send(f"{TRAINING}/sessions/nouvelle", {**typed_session, **typed})

    assert (page.status, page.errors) == (422, [sentence])
    assert stored(association, CourseSession) == []


def test_a_session_that_took_place_already_is_noted(office, association, stored, typed_session):
    page = office.send(f"{TRAINING}/sessions/nouvelle", {**typed_session, "day": day_ago(2)})

    assert "La session est notée : dites maintenant qui était là." in page.text
    assert "Ajoutez ci-dessous qui était là." in page.text
    assert len(stored(association, CourseSession)) == 1


def test_a_past_session_with_a_wrong_date_is_set_right_or_called_off_and_nobody_is_told(office, association, stored, typed_session):
    office.send(f"{TRAINING}/sessions/nouvelle", {**typed_session, "day": day_ago(30)})
    [row] = stored(association, CourseSession)
    changed = f"{SESSIONS}/{row.id}/modification"
    assert "Changer" in office.page(f"{SESSIONS}/{row.id}").text

    page = office.send(changed, {**typed_session, "day": day_ago(2)})

    assert page.flashes == ["La session est modifiée."]
    assert stored(association, CourseSession)[0].starts_at > row.starts_at
    assert office.send(f"{SESSIONS}/{row.id}/annulation", {"reason": "Doublon"}).flashes == ["La session est annulée."]
    assert stored(association, CourseSession)[0].is_cancelled


def test_only_live_modules_of_this_association_have_sessions(office, course, elsewhere, in_space, typed_session):
    with in_space(elsewhere):
        _text, live = situations.modules()

    for module in (course.text, live):
        page = office.send(f"{TRAINING}/sessions/nouvelle", {**typed_session, "module": str(module.id)})
        assert page.errors == ["Choisissez parmi les réponses proposées : elles ont peut-être changé."]


@pytest.mark.parametrize("state", ["active", "withdrawn"])
def test_whoever_began_a_version_is_still_given_its_session(
    app, office, association, in_space, stored, course, mentor, typed_session, state
):
    """The session was taken out of the course and written anew, while a mentor follows the version that has it."""
    with in_space(association):
        path, person = db.session.get(Course, (association.id, course.id)), db.session.merge(mentor)
        begun = factories.enrol(person, path)
        following.complete_module(begun, db.session.merge(course.text), person.user_id)
        courses.remove_module(path, db.session.merge(course.live))
        new = courses.add_module(path, {"kind": "live", "title": "Ensemble", "minutes": 60})
        courses.publish(path, factories.user().id, "", True, "")
        factories.enrol(factories.mentor(association, first_name="Léa", last_name="Abel"), path)
        person.state = state

    shown = office.page(f"{TRAINING}/sessions/nouvelle").soup.select("#module option")
    page = office.send(f"{TRAINING}/sessions/nouvelle", {**typed_session, "module": str(new.id)})
    of_new = [option.get_text() for option in page.soup.select("#mentor option")]

    old = ["Module 2 (Devenir mentor, version 1, que des mentors suivent encore)"] if state == "active" else []
    assert [option.get_text() for option in shown if option["value"]] == [*old, "Ensemble (Devenir mentor)"]
    assert of_new == ["Choisir…", "Léa Abel"]
    if old:
        page = office.send(f"{TRAINING}/sessions/nouvelle", {**typed_session, "module": str(course.live.id)})
        assert [option.get_text() for option in page.soup.select("#mentor option")] == ["Choisir…", "Karim Tahar"]
        [_other, session] = sorted(stored(association, CourseSession), key=lambda row: row.module_id == course.live.id)
        taken = app.test_client().sign_in(mentor.user_id).send(f"{SPACE}/sessions/{session.id}/inscription")
        assert taken.flashes == ["Votre place est réservée."]


@pytest.mark.parametrize(
    ("month", "shown"),
    [("2027-06", {"Le 30"}), ("2027-07", {"Le 30", "Le 14"}), ("2027-08", set()), ("2027-05", set())],
)
def test_sessions_are_read_by_month_as_a_calendar_and_a_list(office, session_of, month, shown):
    session_of(starts_at=datetime(2027, 6, 30, 23, 30, tzinfo=PARIS), place="Le 30")
    session_of(starts_at=datetime(2027, 7, 14, 18, tzinfo=PARIS), place="Le 14")

    page = office.page(f"{SESSIONS}?mois={month}")

    assert {place for place in ("Le 30", "Le 14") if place in page.text} == shown
    assert page.status == 200


@pytest.mark.parametrize("month", ["", "juin", "2027-13", "0001-01", "2027-06-01", "-1", "9999-12"])
def test_a_month_that_is_none_is_no_error(office, month):
    assert office.page(f"{SESSIONS}?mois={month}").status == 200


def changed(office, session, **typed):
    """Send the form that changes a session, with what it shows and what is typed."""
    return office.send(f"{SESSIONS}/{session.id}/modification", {**shown_of(office, session), **typed})


def shown_of(office, session):
    """What that form shows."""
    page = office.page(f"{SESSIONS}/{session.id}/modification")
    names = ("day", "time", "place", "trainer", "seats", "shown")
    return {"module": str(session.module_id), **{name: page.value(name) for name in names}}


def test_a_session_is_changed_and_those_who_come_are_told(office, association, stored, mentor, session_of):
    session = session_of(mentor)

    page = changed(office, session, place="En visio", seats="20")

    [row] = stored(association, CourseSession)
    assert page.flashes == ["La session est modifiée\u00a0: 1 personne est prévenue."]
    assert (row.place, row.seats, row.sequence) == ("En visio", 20, 1)
    assert [(mail.to_address, mail.subject) for mail in stored(association, Mail)] == [(mentor.email, "Votre session change")]


@pytest.mark.parametrize(
    ("typed", "told", "written"),
    [({"trainer": "Paul"}, "", 0), ({"seats": "1"}, "", 0), ({"seats": "2"}, "\u00a0: 1 personne est prévenue", 1),
     ({"place": "En visio"}, "\u00a0: 2 personnes sont prévenues", 2)],
)  # fmt: skip
def test_the_page_says_how_many_were_told_of_a_change(
    office, association, in_space, stored, mentor, session_of, typed, told, written
):
    moment = (now() + timedelta(days=7)).replace(second=0, microsecond=0)
    session = session_of(mentor, seats=1, starts_at=moment)
    with in_space(association):
        situations.seat(db.session.merge(session), factories.mentor(association), number=2, is_seated=False)

    page = changed(office, session, **typed)

    assert page.flashes == [f"La session est modifiée{told}."]
    assert len(stored(association, Mail)) == written


def test_a_session_saved_as_it_was_writes_to_nobody(office, association, stored, mentor, session_of, typed_session):
    office.send(f"{SESSIONS}/nouvelle", typed_session)
    [session] = stored(association, CourseSession)

    changed(office, session)

    assert stored(association, CourseSession)[0].sequence == 0
    assert stored(association, Mail) == []


def test_a_late_page_does_not_move_a_session_back(office, association, stored, mentor, session_of):
    session = session_of(mentor)
    shown = shown_of(office, session)
    changed(office, session, day=day_ago(-20), place="En visio")

    page = changed(office, session, **{**shown, "seats": "20"})

    [row] = stored(association, CourseSession)
    assert page.flashes == ["La session est modifiée."]
    assert (row.starts_at.date().isoformat(), row.place, row.seats, row.sequence) == (day_ago(-20), "En visio", 20, 1)
    assert [mail.subject for mail in stored(association, Mail)] == ["Votre session change"]


def test_an_hour_goes_with_the_day_that_a_colleague_chose(office, association, stored, session_of):
    session = session_of()
    shown = shown_of(office, session)
    changed(office, session, day=day_ago(-20), time="18:30")

    page = changed(office, session, **{**shown, "time": "09:15"})

    end = "Relisez, puis enregistrez de nouveau."
    assert page.status == 422
    assert f"Quelqu'un vient d'écrire « 18:30 » ici. {end}" in page.errors
    assert (page.value("day"), page.value("time")) == (day_ago(-20), "09:15")
    again = {**shown, "day": day_ago(-20), "time": "09:15", "shown": page.value("shown")}
    assert changed(office, session, **again).flashes == ["La session est modifiée."]
    assert stored(association, CourseSession)[0].starts_at.astimezone(PARIS).isoformat()[:16] == f"{day_ago(-20)}T09:15"


@pytest.mark.parametrize("typed", [{"day": day_ago(1)}, {"seats": "0"}, {"place": ""}])
def test_a_change_that_cannot_be_right_changes_nothing(office, association, stored, session_of, typed):
    session = session_of()

    assert changed(office, session, **typed).status == 422
    assert stored(association, CourseSession)[0].sequence == 0


@pytest.mark.parametrize("changes", [{"days": -1}, {"cancelled_at": now(), "cancel_reason": "Grève"}])
def test_what_is_over_or_off_is_not_changed(office, association, stored, session_of, course, typed_session, changes):
    session = session_of(**changes)

    page = office.send(f"{SESSIONS}/{session.id}/modification", typed_session)

    assert page.status == 409
    assert "Cette session est passée ou annulée : elle ne change plus." in page.text
    assert stored(association, CourseSession)[0].place == "12 rue des Lilas, Lyon"


def test_a_session_is_called_off_with_its_reason(office, association, stored, mentor, session_of):
    session = session_of(mentor)

    without = office.send(f"{SESSIONS}/{session.id}/annulation", {"reason": " "})
    page = office.send(f"{SESSIONS}/{session.id}/annulation", {"reason": "La salle est fermée."})

    assert (without.status, without.errors) == (422, ["Dites pourquoi, en une phrase."])
    assert page.flashes == ["La session est annulée\u00a0: qui y était inscrit est prévenu."]
    assert "annulée La salle est fermée." in page.text
    assert [mail.subject for mail in stored(association, Mail)] == ["Une session est annulée"]


def test_a_session_that_has_begun_is_not_called_off(office, association, stored, mentor, session_of):
    page = office.send(f"{SESSIONS}/{session_of(mentor, days=-1).id}/annulation", {"reason": "Trop tard"})

    assert page.status == 409
    assert "Cette session a commencé : notez plutôt les présences." in page.text
    assert stored(association, CourseSession)[0].cancelled_at is None


def test_staff_take_a_seat_for_a_mentor_and_give_it_back(office, desk, association, stored, course, mentor, session_of):
    desk.send(f"{MINE}/{course.text.id}/lecture")
    path = f"{SESSIONS}/{session_of().id}/inscrits"

    taken = office.send(path, {"mentor": str(mentor.id)})
    seats = len(stored(association, Registration))
    given_back = office.send(path, {"mentor": str(mentor.id), "vers": "retrait"})

    assert (taken.flashes, seats) == (["Une place est réservée."], 1)
    assert given_back.flashes == ["La place est rendue."]
    assert stored(association, Registration) == []


def test_staff_cannot_seat_who_has_not_read_what_precedes(office, association, stored, mentor, session_of):
    page = office.send(f"{SESSIONS}/{session_of().id}/inscrits", {"mentor": str(mentor.id)})

    assert page.status == 409
    assert stored(association, Registration) == []


@pytest.mark.parametrize(("key", "status"), [("", 200), ("moi", 200), ("theirs", 404)])
def test_nobody_is_put_down_who_is_not_here(office, association, elsewhere, in_space, stored, session_of, key, status):
    with in_space(elsewhere):
        theirs = factories.mentor(elsewhere)
    session = session_of()

    page = office.send(f"{SESSIONS}/{session.id}/inscrits", {"mentor": str(theirs.id) if key == "theirs" else key})

    assert page.status == status
    assert stored(association, Registration) == []


@pytest.mark.parametrize("path", ["", "/modification", "/annulation", "/inscrits", "/feuille"])
def test_a_session_of_another_association_is_not_found(office, elsewhere, in_space, path):
    with in_space(elsewhere):
        session = situations.live_session(situations.modules()[1])

    method = office.send if path == "/inscrits" else office.page
    assert method(f"{SESSIONS}/{session.id}{path}").status == 404


@pytest.mark.parametrize("path", ["", "/parcours/nouveau", "/sessions", "/sessions/nouvelle", "/heures", "/modeles", "/fichiers"])
def test_mentors_write_no_course_and_plan_no_session(desk, path):
    assert desk.page(f"{TRAINING}{path}").status == 403


def test_the_administration_sets_the_hours_asked_before_any_contact(app, association, in_space):
    with in_space(association):
        admin, coordinator = (factories.staff(association, role) for role in ("admin", "coordinator"))
    desk = app.test_client().sign_in(admin.user_id)

    assert desk.send(f"{SPACE}/formation/minimum", {"training_minutes": "-1"}).errors == ["De 0 à 6000 minutes."]
    assert desk.send(f"{SPACE}/formation/minimum", {"training_minutes": "180"}).flashes == ["C'est enregistré."]
    assert desk.page(f"{SPACE}/formation/minimum").soup.find(id="training_minutes")["value"] == "180"
    assert app.test_client().sign_in(coordinator.user_id).page(f"{SPACE}/formation/minimum").status == 403
