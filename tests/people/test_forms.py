"""What may be typed in a file, and the sentence at the field when it may not."""

from datetime import date, timedelta

import pytest

from app.database import now
from app.leads.words import age_on
from app.meetings.models import Meeting
from app.people.actions import invitation_obstacle
from app.people.models import Authorisation, Mentee, Mentor
from app.web import local
from tests import factories
from tests.pairs.situations import paris_today

from .fixtures import day_ago

SPACE = "/a/passerelle"
TO_FILL = "À remplir."
NOT_A_NAME = "Un nom s'écrit avec des lettres, des espaces, des traits d'union ou des apostrophes."


@pytest.fixture
def mentor(association, in_space):
    """A mentor of 40, with an account."""
    with in_space(association):
        return factories.mentor(association, birth_date=factories.birth_date(40))


def correction(person, **changes):
    """The form of a file as its page shows it, with what is typed over it."""
    born = person.birth_date
    shown = {
        "first_name": person.first_name, "last_name": person.last_name, "email": person.email, "phone": person.phone,
        "birth_date": [born.day, born.month, born.year], "capacity": "1",
    }  # fmt: skip
    return {**shown, **changes}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"first_name": ""}, TO_FILL),
        ({"first_name": "   "}, TO_FILL),
        ({"last_name": ""}, TO_FILL),
        ({"last_name": "<b>Martin</b>"}, NOT_A_NAME),
        ({"first_name": "R2D2"}, NOT_A_NAME),
        ({"first_name": "a" * 101}, "C'est trop long : 100 caractères au plus."),
        ({"email": "pas une adresse"}, "Cette adresse n'est pas complète."),
        ({"email": "a@"}, "Cette adresse n'est pas complète."),
        ({"phone": "06 12"}, "Ce numéro n'est pas complet. Exemple : 06 12 34 56 78."),
        ({"birth_date": ["31", "2", "2008"]}, "Cette date n'existe pas. Exemple : 7 11 2008."),
        ({"birth_date": ["7", "novembre", "2008"]}, "Cette date n'existe pas. Exemple : 7 11 2008."),
        ({"birth_date": ["7", "11"]}, "Cette date n'existe pas. Exemple : 7 11 2008."),
        ({"birth_date": ["7", "11", "1899"]}, "Cette date n'est pas une date de naissance possible."),
        ({"birth_date": ["7", "11", "2999"]}, "Cette date n'est pas une date de naissance possible."),
        ({"birth_date": ["7", "11", "2018"]}, "Cela ferait {age} ans au jour de l'ouverture du dossier. Relisez l'année."),
        ({"capacity": ""}, "À remplir."),
        ({"capacity": "11"}, "De 0 à 10."),
        ({"capacity": "-1"}, "De 0 à 10."),
        ({"capacity": "deux"}, "Écrivez un nombre entier, en chiffres."),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field(office, association, stored, mentor, typed, sentence):
    page = office.send(f"{SPACE}/mentors/{mentor.id}/coordonnees", correction(mentor, **typed))

    assert page.status == 422
    age = age_on(date(2018, 11, 7), paris_today())
    assert page.errors == [sentence.format(age=age)]
    assert stored(association, Mentor)[0].updated_at == mentor.updated_at


@pytest.mark.parametrize(("age", "is_right"), [(5, False), (6, True), (29, True), (30, False)])
def test_a_jeune_s_age_is_that_of_the_day_when_the_file_was_opened(office, association, in_space, stored, age, is_right):
    with in_space(association):
        mentee = factories.mentee(association, age=20, created_at=now() - timedelta(days=4 * 365 + 1))
        opened = local(mentee.created_at).date()
    born = opened.replace(year=opened.year - age, day=min(opened.day, 28))

    typed = correction(mentee, birth_date=[born.day, born.month, born.year], sure="y")
    page = office.send(f"{SPACE}/jeunes/{mentee.id}/coordonnees", typed)

    assert page.errors == ([] if is_right else [f"Cela ferait {age} ans au jour de l'ouverture du dossier. Relisez l'année."])
    assert (stored(association, Mentee)[0].birth_date == born) is is_right


def test_whoever_corrects_a_date_of_birth_reads_what_it_calls_off(office, association, in_space, stored):
    with in_space(association):
        pair = factories.pair(factories.mentor(association, trained=True), factories.mentee(association, age=20))
        for days in (5, 12):
            factories.meeting(pair, days)
    born = factories.birth_date(16)
    typed = correction(pair.mentee, birth_date=[born.day, born.month, born.year])

    asked = office.send(f"{SPACE}/jeunes/{pair.mentee_id}/coordonnees", typed)
    assert asked.errors[0].startswith("Cela ferait 16 ans")
    assert {row.state for row in stored(association, Meeting)} == {"planned"}
    assert asked.soup.find("input", {"name": "sure"})
    page = office.send(f"{SPACE}/jeunes/{pair.mentee_id}/coordonnees", {**typed, "sure": "y"})

    assert page.flashes[-1:] + page.flashes[:-1] == [
        "Le dossier est à jour.",
        "2 rencontres prévues ne peuvent plus avoir lieu\xa0: elles sont annulées, et les deux personnes sont prévenues.",
    ]
    assert {row.state for row in stored(association, Meeting)} == {"cancelled"}


def test_an_adult_whose_date_of_birth_is_emptied_is_asked_about_first(office, association, mentor, stored):
    page = office.send(f"{SPACE}/mentors/{mentor.id}/coordonnees", correction(mentor, birth_date=["", "", ""]))

    assert page.errors[0].startswith("Sans date de naissance, il faut les autorisations que l'on demande pour un mineur")
    assert page.soup.find("input", {"name": "sure"})
    assert [one.birth_date for one in stored(association, Mentor)] == [mentor.birth_date]


def test_what_was_typed_stands_again_in_the_form(office, mentor):
    page = office.send(
        f"{SPACE}/mentors/{mentor.id}/coordonnees", correction(mentor, first_name="Zoë", birth_date=["31", "2", "2008"])
    )

    assert page.value("first_name") == "Zoë"
    assert [box["value"] for box in page.soup.find_all(attrs={"name": "birth_date"})] == ["31", "2", "2008"]
    assert page.soup.select_one(".summary a")["href"] == "#birth_date-0"


def test_the_form_shows_what_is_known(office, mentor):
    page = office.page(f"{SPACE}/mentors/{mentor.id}/coordonnees")

    assert page.heading == "Corriger le dossier"
    assert [page.value(name) for name in ("first_name", "email", "capacity")] == ["Karim", mentor.email, "1"]
    assert [box["value"] for box in page.soup.find_all(attrs={"name": "birth_date"})][2] == str(mentor.birth_date.year)


def test_a_jeune_has_no_capacity(office, association, in_space):
    with in_space(association):
        person = factories.mentee(association)

    page = office.page(f"{SPACE}/jeunes/{person.id}/coordonnees")

    assert page.soup.find(attrs={"name": "capacity"}) is None


@pytest.mark.parametrize(
    ("typed", "name", "kept"),
    [
        ({"first_name": "  Anne-Lise  "}, "first_name", "Anne-Lise"),
        ({"last_name": "D’Artagnan"}, "last_name", "D’Artagnan"),
        ({"last_name": "Łukasz-Öz"}, "last_name", "Łukasz-Öz"),
        ({"phone": "06.12.34.56.78"}, "phone", "+33612345678"),
        ({"phone": ""}, "phone", None),
        ({"email": ""}, "email", None),
        ({"capacity": "0"}, "capacity", 0),
        ({"capacity": "3"}, "capacity", 3),
        ({"birth_date": ["", "", ""], "sure": "y"}, "birth_date", None),
    ],
)
def test_what_is_right_is_kept_in_one_form(office, association, stored, mentor, typed, name, kept):
    page = office.send(f"{SPACE}/mentors/{mentor.id}/coordonnees", correction(mentor, **typed))

    assert page.flashes == ["Le dossier est à jour."]
    assert getattr(stored(association, Mentor)[0], name) == kept


GIVEN = {"kind": "participation", "given_by": "Nadège Parent", "how": "paper"}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"given_on": day_ago(-1)}, "Cette date est à venir : indiquez une date passée."),
        ({"given_on": day_ago(731)}, "Une autorisation de plus de deux ans est à redemander."),
        ({"given_on": "0001-01-01"}, "Une autorisation de plus de deux ans est à redemander."),
        ({"given_on": "2026-02-30"}, "Indiquez une date qui existe."),
        ({"given_on": ""}, "Indiquez une date qui existe."),
        ({"given_by": ""}, TO_FILL),
        ({"given_by": "Nadège 2"}, NOT_A_NAME),
        ({"kind": ""}, "Choisissez une réponse."),
        ({"kind": "tout"}, "Choisissez parmi les réponses proposées : elles ont peut-être changé."),
        ({"how": "rumeur"}, "Choisissez parmi les réponses proposées : elles ont peut-être changé."),
    ],
)
def test_an_authorisation_that_cannot_be_right_is_refused_at_its_field(office, association, stored, mentor, typed, sentence):
    form = {**GIVEN, "given_on": day_ago(1), **typed}

    page = office.send(f"{SPACE}/mentors/{mentor.id}/autorisation", form)

    assert (page.status, page.errors) == (422, [sentence])
    assert stored(association, Authorisation) == []


@pytest.mark.parametrize("days", [0, 1, 730])
def test_an_authorisation_of_today_or_of_two_years_ago_is_noted(office, association, stored, mentor, days):
    office.send(f"{SPACE}/mentors/{mentor.id}/autorisation", {**GIVEN, "given_on": day_ago(days)})

    [row] = stored(association, Authorisation)
    assert (row.mentor_id, row.kind, row.given_by, row.how) == (mentor.id, "participation", "Nadège Parent", "paper")
    assert row.given_on.isoformat() == day_ago(days)


def test_the_form_proposes_today_and_the_guardian(office, association, in_space):
    with in_space(association):
        person = factories.mentee(association, age=15, guardian_name="Nadège Parent")

    page = office.page(f"{SPACE}/jeunes/{person.id}/autorisation")

    assert page.heading == "Noter une autorisation"
    assert page.value("given_on") == day_ago(0)
    assert page.value("given_by") == "Nadège Parent"
    assert page.soup.find(attrs={"type": "file"}) is None, "the document itself is never uploaded"


@pytest.mark.parametrize("missing", ["kind", "how"])
def test_a_choice_that_was_not_made_is_asked_for(office, mentor, missing):
    form = {**GIVEN, "given_on": day_ago(1)}
    del form[missing]

    page = office.send(f"{SPACE}/mentors/{mentor.id}/autorisation", form)

    assert page.status == 422
    assert len(page.errors) == 1


@pytest.mark.parametrize("email", ["Nadege@example.org", "nadege+ines@example.org"])
@pytest.mark.parametrize("is_minor", [True, False])
def test_a_minor_s_own_address_is_not_that_of_who_represents_them(office, minor, association, stored, is_minor, email):
    born = minor.birth_date if is_minor else factories.birth_date(19)
    typed = correction(minor, email=email, birth_date=[born.day, born.month, born.year], sure="y")

    page = office.send(f"{SPACE}/jeunes/{minor.id}/coordonnees", typed)

    [person] = stored(association, Mentee)
    assert page.errors == (["C'est l'adresse de qui représente Inès : laissez vide."] if is_minor else [])
    assert (person.email == email) is not is_minor


def test_a_minor_is_not_invited_at_the_address_of_who_represents_them(association, in_space):
    with in_space(association):
        person = factories.mentee(association, age=16, account=False, email="a@example.org", guardian_email="A@example.org")
        factories.authorisation(person)

        assert "C'est l'adresse de qui représente" in str(invitation_obstacle(person))
