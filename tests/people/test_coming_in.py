"""Whether somebody ever came in is on their file; a mistyped address is seen, set right, and written to."""

from datetime import timedelta

import pytest

from app.accounts.models import Membership
from app.database import now
from app.extensions import db
from app.fields import meant_by
from app.mail import Mail
from app.people.actions import invite_person
from app.people.models import Mentor
from tests import factories
from tests.leads.answers import GUARDIAN, of_mentee, walk

SPACE = "/a/passerelle"


@pytest.fixture
def invited(association, in_space):
    with in_space(association):
        mentor = factories.mentor(association, account=False, email="marc@example.org", first_name="Marc")
        invite_person(mentor)
    return mentor


def test_the_file_says_whether_they_came_in(office, invited, association, in_space, run_jobs):
    path = f"{SPACE}/mentors/{invited.id}"
    assert "pas encore ouverte." in office.page(path).text
    assert "L'adresse est-elle juste ?" not in office.page(path).text
    with in_space(association):
        db.session.get(Mentor, (association.id, invited.id)).invited_at = now() - timedelta(days=4)
    assert "pas encore ouverte. L'adresse est-elle juste ?" in office.page(path).text

    with in_space(association):
        db.session.get(Membership, (association.id, invited.user_id, "mentor")).entered_at = now()

    assert "Première visite le" in office.page(path).text
    page = office.send(f"{path}/invitation")
    office.send(f"{path}/invitation")
    assert page.flashes == ["Un lien pour entrer part à marc@example.org."]

    with in_space(association):
        db.session.get(Mentor, (association.id, invited.id)).birth_date = factories.birth_date(17)  # nobody allows it any more
    assert "L'invitation partira" not in office.page(path).text
    assert run_jobs().count("accounts.send_sign_in_link") == 1, "several clicks are one"


@pytest.mark.parametrize("stage", ["interviewed", "ready"])
def test_an_interview_is_announced_to_whoever_has_just_offered_their_help(office, invited, association, in_space, stored, stage):
    with in_space(association):
        mentor = db.session.get_one(Mentor, (association.id, invited.id))
        mentor.stage, mentor.invited_at = stage, now() - timedelta(days=1)

    office.send(f"{SPACE}/mentors/{invited.id}/invitation")

    first, second = (mail for mail in stored(association, Mail) if mail.kind == "invitation")
    for said in (first.text, first.html):
        assert "Viennent ensuite un entretien" in said
    for said in (second.text, second.html):
        assert "vous ouvre son espace" in said
        assert "entretien" not in said


def test_a_corrected_address_is_invited_at_once(office, invited, association, in_space, stored):
    typed = {
        "first_name": "Marc",
        "last_name": "Petit",
        "email": "marc.petit@example.org",
        "birth_date": ["7", "11", "1979"],
        "capacity": "1",
    }
    page = office.send(f"{SPACE}/mentors/{invited.id}/coordonnees", typed)

    assert page.flashes == ["Le dossier est à jour. Une invitation part à marc.petit@example.org."]
    assert [mail.to_address for mail in stored(association, Mail) if mail.kind == "invitation"] == ["marc.petit@example.org"]
    assert stored(association, Mentor)[0].invited_at


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a@gmial.com", "a@gmail.com"),
        ("a@GMAIL.CON", "a@gmail.com"),
        ("a@orang.fr", "a@orange.fr"),
        ("a@gmail.com", None),
        ("a@example.org", None),
    ],
)
def test_a_slip_of_the_fingers_is_known(typed, meant):
    assert meant_by(typed) == meant


@pytest.mark.parametrize(
    ("age", "typed"), [(20, {"email": "noe@gmial.com"}), (15, {**GUARDIAN, "guardian_contact": "noe@gmial.com"})]
)
def test_a_slip_is_said_at_its_field(client, programme, association, age, typed):
    *before, last = of_mentee(age, **typed)
    walk(client, "/trouver-un-mentor", before)
    page = client.send(f"/trouver-un-mentor?etape={len(before) + 1}", last)

    assert page.errors == ["« gmial.com » n'existe pas : vouliez-vous écrire noe@gmail.com ?"]


def test_an_exact_name_is_the_commune_whatever_was_picked_before(office, association, in_space):
    with in_space(association):
        mentor = factories.mentor(association, first_name="Martine")
    who = {"first_name": "Martine", "last_name": "Petit", "email": mentor.email, "birth_date": ["7", "11", "1979"]}
    typed = who | {"capacity": "1", "commune": "Brest", "commune_code": "69266"}

    page = office.send(f"{SPACE}/mentors/{mentor.id}/coordonnees", typed)

    assert page.errors == []
    assert "Brest (29)" in page.text


def test_coming_in_elsewhere_is_not_coming_in_here(app, office, invited, association, elsewhere, in_space):
    """Whether and when somebody signs in where else they are known is not this association's to learn."""
    with in_space(elsewhere):
        factories.place(elsewhere.id, invited.user_id, "mentor")
        mentor = factories.mentor(elsewhere, email="marc@example.org", account=False)
        mentor.user_id = invited.user_id
    path, theirs = f"{SPACE}/mentors/{invited.id}", app.test_client().sign_in(invited.user_id)

    theirs.page("/a/ailleurs/")
    theirs.page(f"{SPACE}/trouver-un-mentor")
    assert "pas encore ouverte" in office.page(path).text

    theirs.page(f"{SPACE}/")
    assert "Première visite le" in office.page(path).text
