"""What the team writes on a file: by whom, once, taken back for a week, warned about, gone when the file is erased."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.extensions import db
from app.mail import Mail
from app.people.models import Mentee, Mentor, PersonNote
from tests import factories

from .situations import SPACE

CALL = "Appelé : attend toujours, disponible le mercredi."


@pytest.fixture
def files(association, in_space):
    """A jeune who waits and a mentor, by the paths of their files."""
    with in_space(association):
        return {
            "jeunes": f"{SPACE}/jeunes/{factories.mentee(association).id}",
            "mentors": f"{SPACE}/mentors/{factories.mentor(association).id}",
        }


def said(page):
    """The notes of a file."""
    return [" ".join(li.select_one(".what").get_text(" ").split()) for li in page.soup.select("#notes .rows > li")]


@pytest.mark.parametrize("kind", ["jeunes", "mentors"])
def test_a_call_to_who_waits_is_noted_once(office, files, association, stored, kind):
    for _time in range(2):
        page = office.send(f"{files[kind]}/notes", {"body": CALL})

    assert page.flashes == ["C'est noté."]
    [note] = said(page)
    assert note.startswith(CALL.replace("\N{NO-BREAK SPACE}", " "))
    assert len(stored(association, PersonNote)) == 1


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("", "Écrivez quelques mots."),
        ("x" * 2001, "C'est trop long"),
        ("Il est malade", "Ce texte parle peut-être d'un sujet délicat"),
    ],
)
def test_a_note_that_is_none_or_says_too_much_is_said_at_its_field(office, files, association, stored, body, error):
    page = office.send(f"{files['jeunes']}/notes", {"body": body})

    assert page.status == 422
    assert page.errors[0].startswith(error)
    assert page.value("body").strip() == body
    assert stored(association, PersonNote) == []


def test_sent_as_it_is_it_is_noted(office, files, association, stored):
    office.send(f"{files['jeunes']}/notes", {"body": "Il est malade", "anyway": "y"})

    assert [row.body for row in stored(association, PersonNote)] == ["Il est malade"]


def removal(page):
    found = page.soup.select_one("#notes form[action$='/retrait']")
    return found["action"] if found else None


def test_whoever_wrote_it_takes_it_away_for_a_week(office, boss, files, association, in_space, stored):
    where = removal(office.send(f"{files['jeunes']}/notes", {"body": CALL}))
    assert removal(boss.page(files["jeunes"])) is None
    assert boss.send(where).flashes == ["Une note se retire pendant sept jours, par qui l'a écrite."]

    assert office.send(where).flashes == ["La note est retirée."]
    assert stored(association, PersonNote) == []
    assert office.send(where).status == 404


def test_an_old_note_stays(office, files, association, in_space, stored):
    where = removal(office.send(f"{files['jeunes']}/notes", {"body": CALL}))
    with in_space(association):
        note = db.session.query(PersonNote).one()
        note.created_at = factories.now() - timedelta(days=8)

    assert office.send(where).status == 200
    assert len(stored(association, PersonNote)) == 1


def test_who_works_here_does_not_read_what_colleagues_wrote_of_them(app, boss, files, in_space, association):
    boss.send(f"{files['mentors']}/notes", {"body": CALL})
    with in_space(association):
        mine = db.session.get_one(Mentor, (association.id, UUID(files["mentors"].rsplit("/", 1)[1])))
        mine.user_id = factories.staff(association).user_id

    assert said(boss.page(files["mentors"])) != []
    assert said(app.test_client().sign_in(mine.user_id).page(files["mentors"])) == []


@pytest.mark.parametrize("kind", ["jeunes", "mentors"])
def test_who_waits_writes_to_the_team_from_the_first_page(app, office, files, in_space, association, stored, kind):
    model = Mentee if kind == "jeunes" else Mentor
    with in_space(association):
        person = db.session.get_one(model, (association.id, UUID(files[kind].rsplit("/", 1)[1])))
    browser = app.test_client().sign_in(person.user_id)
    where = f"{SPACE}/ecrire"
    assert browser.page(f"{SPACE}/").soup.find("a", href=where)
    assert "L'équipe lit votre message, et vous répond par e-mail ou par téléphone." in browser.page(where).text

    for _time in range(2):
        page = browser.send(where, {"body": "Je change de numéro."})

    assert page.flashes == ["Votre message est parti. L'association vous répond par e-mail ou par téléphone."]
    assert len(said(office.page(files[kind]))) == 1
    assert said(office.page(files[kind]))[0].endswith("message d'Inès" if kind == "jeunes" else "message de Karim")
    [letter] = [mail for mail in stored(association, Mail) if mail.kind == "person_message"]
    assert "Je change de numéro" not in letter.text
    assert browser.send(where, {"body": " "}).status == 422


def test_words_that_alarm_are_said_so_and_whom_to_call(app, office, files, in_space, association, stored):
    with in_space(association):
        person = db.session.get_one(Mentee, (association.id, UUID(files["jeunes"].rsplit("/", 1)[1])))

    page = app.test_client().sign_in(person.user_id).send(f"{SPACE}/ecrire", {"body": "Je veux mourir"})

    assert "le 3114" in page.text
    assert [mail.subject for mail in stored(association, Mail) if mail.kind == "person_message"] == [
        "À lire aujourd'hui : un message d'Inès"
    ]


def test_who_has_a_pair_writes_in_its_thread(app, in_space, association):
    with in_space(association):
        pair = factories.pair(factories.mentor(association, trained=True), factories.mentee(association))
    for user_id in (pair.mentor.user_id, pair.mentee.user_id):
        assert app.test_client().sign_in(user_id).page(f"{SPACE}/").soup.find("a", href=f"{SPACE}/ecrire") is None
