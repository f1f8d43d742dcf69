"""What the forms refuse, with the sentence at the field, and what they clean."""

from datetime import timedelta

import pytest
import time_machine
from phonenumbers import PhoneNumberFormat, format_number, parse

from app.fields import Name, french_phone, is_name, normal_phone, unbroken_phone
from app.leads.forms import split_contact
from app.leads.models import Lead
from tests import factories

from .answers import CONTACT, boxes, of_mentee, of_mentor, walk

FIND, OFFER = "/trouver-un-mentor", "/devenir-mentor"
CHOOSE_SOME, CHOOSE_ONE, FILL = "Choisissez au moins une réponse.", "Choisissez une réponse.", "À remplir."
NO_DATE = "Cette date n'existe pas. Exemple : 7 11 2008."
NO_BIRTH = "Cette date n'est pas une date de naissance possible."
NO_COMMUNE = "Cette commune n'est pas dans la liste officielle. Essayez son code postal."
SEVERAL = "Plusieurs communes correspondent : choisissez la vôtre dans la liste."
BAD_PHONE = "Ce numéro n'est pas complet. Exemple : 06 12 34 56 78."
UNREACHABLE = "Indiquez une adresse e-mail ou un téléphone, pour que l'association vous réponde."
BAD_NAME = "Un nom s'écrit avec des lettres, des espaces, des traits d'union ou des apostrophes."
LYON = {"commune": "Lyon", "commune_code": "69123"}


def step(client, number, answers, path=FIND):
    """One step's page, after those before it were answered well."""
    before = of_mentee() if path == FIND else of_mentor()
    if number > 1:
        walk(client, path, before[: number - 1])
    return client.send(f"{path}?etape={number}", answers)


@pytest.mark.parametrize(
    ("number", "answers", "sentences"),
    [
        (1, {}, [CHOOSE_SOME]),
        (2, {}, [CHOOSE_ONE]),
        (3, {}, ["Indiquez votre date de naissance.", "Indiquez votre commune."]),
        (4, {}, [CHOOSE_SOME]),
        (4, {"slots": ["sat_morning"]}, [CHOOSE_SOME]),
        (6, {}, [FILL, FILL, UNREACHABLE]),
    ],
)
def test_an_empty_step_says_at_each_field_what_is_missing(client, programme, number, answers, sentences):
    page = step(client, number, answers)

    assert page.status == 422
    assert page.errors == sentences
    assert f"Étape {number} sur 6" in page.text


@pytest.mark.parametrize(
    ("number", "answers", "sentences"),
    [
        (1, {}, [CHOOSE_ONE, FILL]),
        (1, {"status": "working", "sector": "   "}, [FILL]),
        (2, {}, [CHOOSE_SOME, CHOOSE_ONE]),
        (6, {**CONTACT, "message": ""}, [FILL]),
    ],
)
def test_an_empty_step_of_a_mentor_says_what_is_missing(client, programme, number, answers, sentences):
    page = step(client, number, answers, OFFER)

    assert page.errors == sentences


def test_who_does_not_know_yet_when_they_are_free_goes_on(client, programme):
    page = step(client, 4, {"places": ["remote"]})

    assert (page.status, page.errors) == (200, [])
    assert "Étape 5 sur 6" in page.text


@pytest.mark.parametrize(
    ("number", "answers"),
    [
        (1, {"needs": ["magie"]}),
        (1, {"needs": ["school", "\x00"]}),
        (2, {"situation": "roi"}),
        (4, {"places": ["lune"], "slots": ["sat_morning"]}),
    ],
)
def test_an_answer_that_is_not_on_the_list_is_refused(client, programme, number, answers):
    page = step(client, number, answers)

    assert page.status == 422
    assert len(page.errors) == 1
    assert page.errors[0].startswith("Choisissez ")


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (["31", "2", "2008"], NO_DATE),
        (["29", "2", "2007"], NO_DATE),
        (["7", "13", "2008"], NO_DATE),
        (["sept", "11", "2008"], NO_DATE),
        (["7", "11"], NO_DATE),
        (["", "11", "2008"], NO_DATE),
        (["7", "11", "08"], NO_BIRTH),
        (["31", "12", "1899"], NO_BIRTH),
        (["1", "1", "2999"], NO_BIRTH),
        (["", "", ""], "Indiquez votre date de naissance."),
        (["\x00", "11", "2008"], NO_DATE),
    ],
)
def test_a_date_that_cannot_be_is_refused_and_stays_in_its_boxes(client, programme, parts, sentence):
    page = step(client, 3, {"birth_date": parts, **LYON})

    assert page.errors == [sentence]
    assert [box["value"] for box in page.soup.select("input[name=birth_date]")][: len(parts)] == [p.strip("\x00") for p in parts]


def test_a_birthday_in_the_future_by_one_day_is_refused(client, programme):
    tomorrow = factories.today() + timedelta(days=2)

    page = step(client, 3, {"birth_date": [tomorrow.day, tomorrow.month, tomorrow.year], **LYON})

    assert page.errors == [NO_BIRTH]


@pytest.mark.parametrize(("day", "guardian"), [("2026-11-23", True), ("2026-11-24", False)])
def test_one_is_of_age_on_the_day_of_ones_eighteenth_birthday(client, programme, day, guardian):
    with time_machine.travel(f"{day}T12:00:00Z"):
        step(client, 3, {"birth_date": ["24", "11", "2008"], **LYON})
        client.send(f"{FIND}?etape=4", of_mentee()[3])
        text = client.send(f"{FIND}?etape=5").text

    assert ("la personne qui vous représente" in text) is guardian


@pytest.mark.parametrize(
    ("commune", "sentence"),
    [
        ("Trifouilly-les-Oies", NO_COMMUNE),
        ("99999", NO_COMMUNE),
        ("x", NO_COMMUNE),
        ("%", NO_COMMUNE),
        ("🙂", NO_COMMUNE),
        ("\x00", "Indiquez votre commune."),
        ("a" * 10_000, NO_COMMUNE),
        ("38800", SEVERAL),
        ("Saint-Denis", SEVERAL),
    ],
)
def test_a_commune_that_is_not_one_of_the_list_is_refused(client, programme, commune, sentence):
    page = step(client, 3, {"birth_date": boxes(20), "commune": commune})

    assert (page.status, page.errors[0]) == (422, sentence)
    assert page.value("commune") == commune.strip("\x00")[:5000]


def test_several_communes_of_one_postal_code_are_shown_to_choose_from(client, programme):
    page = step(client, 3, {"birth_date": boxes(20), "commune": "38800"})

    lines = [" ".join(label.get_text(" ").split()) for label in page.soup.select("[data-choices] label")]
    assert "Le Pont-de-Claix Isère (38)" in lines
    assert "Champagnier Isère (38)" in lines
    assert page.soup.select("[data-choices] input[checked]") == []


def test_the_commune_that_was_picked_is_taken(client, programme, stored):
    steps = of_mentee()
    steps[2] = {"birth_date": boxes(20), "commune": "38800", "commune_code": "38317"}

    walk(client, FIND, steps)

    [lead] = stored(programme, Lead)
    assert (lead.commune_name, lead.departement_code) == ("Le Pont-de-Claix", "38")


@pytest.mark.parametrize("code", ["75056", "99999", "\x00", "'; drop table leads; --"])
def test_a_picked_commune_that_was_not_shown_is_not_taken(client, programme, code):
    page = step(client, 3, {"birth_date": boxes(20), "commune": "38800", "commune_code": code})

    assert (page.status, page.errors) == (422, [SEVERAL])


@pytest.mark.parametrize("typed", ["Paris 11e", "paris 11eme arrondissement", "75011", "PARIS  11"])
def test_a_district_of_paris_is_paris(client, programme, stored, typed):
    steps = of_mentee()
    steps[2] = {"birth_date": boxes(20), "commune": typed, "commune_code": "75056"}

    walk(client, FIND, steps)

    assert stored(programme, Lead)[0].commune_name == "Paris"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": "", "phone": ""}, UNREACHABLE),
        ({"email": " ", "phone": "\u200b"}, UNREACHABLE),
        ({"phone": "06 12"}, BAD_PHONE),
        ({"phone": "allô"}, BAD_PHONE),
        ({"phone": "0" * 10_000}, BAD_PHONE),
        ({"email": "noe"}, "Cette adresse n'est pas complète."),
        ({"email": "noe@", "phone": ""}, "Cette adresse n'est pas complète."),
        ({"email": "a" * 10_000 + "@example.org"}, "Cette adresse n'est pas complète."),
        ({"first_name": ""}, FILL),
        ({"first_name": "\x00\u202e"}, FILL),
        ({"first_name": "🙂"}, BAD_NAME),
        ({"first_name": "<b>Noé</b>"}, BAD_NAME),
        ({"last_name": "007"}, BAD_NAME),
        ({"last_name": "a" * 10_000}, "C'est trop long : 100 caractères au plus."),
        ({"message": "a" * 10_000}, "C'est trop long : 2000 caractères au plus."),
    ],
)  # fmt: skip
def test_a_contact_that_cannot_serve_is_refused_once_at_its_field(client, programme, changes, sentence, stored):
    page = step(client, 6, {**CONTACT, **changes})

    assert (page.status, page.errors) == (422, [sentence])
    assert stored(programme, Lead) == []


def test_a_correction_keeps_everything_else_that_was_typed(client, programme):
    page = step(client, 6, {**CONTACT, "phone": "06 12"})

    assert [page.value(name) for name in CONTACT] == ["Noé", "Martin", "noe@example.org", "06 12", "Merci"]
    assert page.soup.select_one("#phone")["aria-invalid"] == "true"
    assert "phone-erreur" in page.soup.select_one("#phone")["aria-describedby"]


def test_what_was_refused_is_still_there_after_going_back_and_forward(client, programme):
    step(client, 6, {**CONTACT, "phone": "06 12"})
    client.page(f"{FIND}?etape=5")

    page = client.page(f"{FIND}?etape=6")

    assert (page.status, page.errors, page.value("phone")) == (422, [BAD_PHONE], "06 12")


def test_the_summary_leads_to_the_fields_to_correct(client, programme):
    page = step(client, 3, {"birth_date": boxes(20), "commune": "Nulle-Part"})

    [link] = page.soup.select(".summary a")
    assert " ".join(link.get_text().split()) == f"Commune ou code postal : {NO_COMMUNE}"
    assert page.soup.select_one(link["href"])["name"] == "commune"


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("first_name", "  Jean   Marc ", "Jean Marc"),
        ("first_name", "No\x00é", "Noé"),
        ("first_name", "\u202eNoé", "Noé"),
        ("first_name", "Noe\u0301", "Noé"),
        ("last_name", "D’Artagnan-Le Goff", "D’Artagnan-Le Goff"),
        ("last_name", "Нгуен", "Нгуен"),
        ("last_name", "محمد", "محمد"),
        ("phone", "+33 (0)6 12 34 56 78", "+33612345678"),
        ("phone", "0032 470 12 34 56", "+32470123456"),
        ("message", "Bonjour 👩‍🏫 !\r\n\r\nMerci", "Bonjour 👩‍🏫 !\n\nMerci"),
        ("message", "gauche\u202edroite\x00", "gauchedroite"),
        ("message", "   ", None),
        ("email", "Noe@Example.org", "Noe@example.org"),
    ],
)
def test_what_is_typed_is_stored_clean(client, programme, stored, name, typed, kept):
    walk(client, FIND, of_mentee(**{name: typed}))

    assert getattr(stored(programme, Lead)[0], name) == kept


def test_what_somebody_types_is_shown_and_never_run(client, association, in_space):
    with in_space(association):
        coordinator = factories.staff(association)
        lead = factories.lead(message="<script>alert(1)</script>")
    client.sign_in(coordinator.user_id)

    page = client.page(f"/a/passerelle/demandes/{lead.id}")

    assert "<script>alert(1)</script>" in page.text
    assert "<script>alert" not in page.html


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("06.12.34.56.78", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("33612345678", "+33612345678"),
        ("+33612345678", "+33612345678"),
        ("+1 202 555 0143", "+12025550143"),
        ("0692 12 34 56", "+262692123456"),
        ("0596123456", "+596596123456"),
        ("0639 01 23 45", "+262639012345"),
        ("06 39 98 12 34", "+33639981234"),
        ("", None),
        ("06 12", None),
        ("pas de téléphone", None),
        ("+999", None),
        ("1" * 300, None),
    ],
)
def test_a_number_is_kept_in_its_international_form(typed, number):
    assert normal_phone(typed) == number


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+33612345678", "06 12 34 56 78"),
        ("+262692123456", "0692 12 34 56"),
        ("+32470123456", "+32 470 12 34 56"),
        ("", ""),
        (None, ""),
        ("inconnu", "inconnu"),
    ],
)
def test_a_number_is_shown_as_people_dial_it(number, shown):
    assert french_phone(number) == shown
    assert unbroken_phone(number) == shown.replace(" ", "\u00a0"), "in a letter no line cuts it"


@pytest.mark.parametrize("first", "123456789")
def test_a_number_of_the_mainland_is_written_as_the_library_writes_it(first):
    number = f"+33{first}00123456"

    assert french_phone(number) == format_number(parse(number), PhoneNumberFormat.NATIONAL)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("lina", "Lina"), ("ROCHE", "Roche"), ("jean-luc", "Jean-Luc"), ("O'NEIL", "O'Neil"), ("n’diaye", "N’Diaye"),
        ("de la TOUR", "de la Tour"), ("DE LA TOUR", "de la Tour"), ("d'artagnan", "d'Artagnan"), ("la fontaine", "La Fontaine"),
        ("LE GALL", "Le Gall"), ("ÉLODIE", "Élodie"), ("nadège benali", "Nadège Benali"), ("McDonald", "McDonald"),
        ("De Santis", "De Santis"), ("de Gaulle", "de Gaulle"), ("JB", "JB"), ("فاطمة", "فاطمة"), ("", ""), (None, None),
    ],
)  # fmt: skip
def test_a_name_typed_in_one_case_is_written_as_it_is_said(typed, written):
    assert Name.clean(typed) == written


def test_so_are_those_of_a_request(client, programme, stored):
    walk(client, FIND, [*of_mentee()[:-1], CONTACT | {"first_name": "lina", "last_name": "ROCHE"}])

    [lead] = stored(programme, Lead)
    assert (lead.first_name, lead.last_name) == ("Lina", "Roche")


@pytest.mark.parametrize(("name", "good"), [("Zoé", True), ("Jean-Marc", True), ("N'Diaye", True), ("李", True), ("-", False),
                                            ("R2D2", False), ("a_b", False), ("Noé\n", False), ("=1+1", False),
                                            ("J.-P.", True), ("J. P. Dupont", True),
                                            ("J.P.", True), ("Gagnez www.exemple.com", False), ("exemple.fr", False)])  # fmt: skip
def test_a_name_is_letters(name, good):
    assert is_name(name) is good


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a@example.org", {"guardian_email": "a@example.org"}),
        ("0612345678", {"guardian_phone": "+33612345678"}),
        ("a@", {}),
        ("x", {}),
    ],
)
def test_an_address_and_a_number_are_told_apart(app, typed, kept):
    with app.test_request_context("/"):
        assert split_contact(typed) == kept


NO_WAY = "Ni numéro, ni adresse e-mail, ni lien ici : vos coordonnées se donnent à la dernière étape."


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ("Devenir community manager, Instagram et TikTok", []),
        ("Reprendre après le 01.12.2026 à 14 30", []),
        ("Rendez-vous @ la médiathèque", []),
        ("Écrivez-moi : 06 12 34 56 78", [NO_WAY]),
        ("ines@example.org", [NO_WAY]),
        ("https://exemple.fr/ines", [NO_WAY]),
        ("ines(at)example.org", [NO_WAY]),
    ],
)
@pytest.mark.parametrize(
    ("path", "step"),
    [(FIND, {"needs": ["school"], "hopes": None}), (OFFER, {"status": "working", "sector": "Informatique", "skills": None})],
)
def test_what_one_says_of_oneself_gives_no_way_to_be_reached(client, programme, path, step, typed, errors):
    page = client.send(f"{path}?etape=1", {name: typed if value is None else value for name, value in step.items()})

    assert [error.replace("\u00a0", " ") for error in page.errors] == errors
