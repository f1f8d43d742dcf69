"""Who represents a minor: one row for brothers and sisters, typed once, followed everywhere, and gone with the last of them."""

import pytest

from app.extensions import db
from app.leads import actions as leads
from app.leads.models import Lead
from app.people.models import Guardian, Guardianship, Mentee, Mentor
from tests import factories

from .situations import SPACE

BOTH = {"name": "Nadège Parent", "relation": "parent", "email": "nadege@example.org", "phone": "06 12 00 00 99"}
PHONE = "+33612000099"


@pytest.fixture
def siblings(association, in_space):
    """Lina and Noé, 12 and 14."""
    with in_space(association):
        return [
            factories.mentee(association, age=age, account=False, first_name=name, last_name="Parent")
            for name, age in (("Lina", 12), ("Noé", 14))
        ]


def name(browser, person, kind="jeunes", **typed):
    return browser.send(f"{SPACE}/{kind}/{person.id}/representant", {**BOTH, **typed})


def of(rows, person):
    """What a file says of who represents somebody."""
    [row] = [row for row in rows if row.id == person.id]
    return row.guardian_name, row.guardian_email, row.guardian_phone


def test_a_guardian_is_noted_on_the_file(office, association, siblings, stored):
    lina, _noe = siblings
    before = office.page(f"{SPACE}/jeunes/{lina.id}")

    page = name(office, lina, relation="tutor")

    assert "Personne n'est noté." in before.text
    assert page.flashes == ["C'est noté."]
    assert "Nadège Parent Tuteur ou tutrice 06 12 00 00 99 nadege@example.org" in page.text
    assert of(stored(association, Mentee), lina) == ("Nadège Parent", "nadege@example.org", PHONE)


@pytest.mark.parametrize(
    "again",
    [
        {"phone": ""},
        {"email": ""},
        {"email": "NADEGE@Example.org", "phone": ""},
        {"email": "autre@example.org"},
        {"phone": "+33 6 99 99 99 99"},
        {"email": "", "phone": "0612000099"},
    ],
)
def test_brothers_and_sisters_share_one_by_address_or_by_number(office, association, siblings, stored, again):
    lina, noe = siblings
    name(office, lina)

    page = name(office, noe, **again)

    assert page.flashes == ["C'est noté. Cette personne représente aussi Lina Parent."]
    assert len(stored(association, Guardian)) == 1
    assert {row.mentee_id for row in stored(association, Guardianship)} == {lina.id, noe.id}


def test_the_telephone_of_a_parent_finds_the_children(office, siblings):
    lina, noe = siblings
    name(office, lina)
    name(office, noe)

    found = [office.page(f"{SPACE}/jeunes", query_string={"q": typed}) for typed in ("06.12.00.00.99", "0612000098")]

    assert [[link.get_text() for link in page.soup.select("tbody a")] for page in found] == [["Lina Parent", "Noé Parent"], []]


def test_nobody_represents_themself(office, siblings):
    lina, _noe = siblings

    page = name(office, lina, email=lina.email.upper())

    assert (page.status, page.errors) == (422, ["C'est l'adresse de la personne elle-même. Indiquez celle de qui la représente."])


def test_two_parents_in_another_script_who_share_an_address_are_two(office, association, siblings, stored):
    lina, noe = siblings
    name(office, lina, name="Оксана Коваль")
    name(office, noe, name="Іван Коваль")

    assert {row.name for row in stored(association, Guardian)} == {"Оксана Коваль", "Іван Коваль"}


def test_what_the_second_file_leaves_out_is_not_lost(office, association, siblings, stored):
    lina, noe = siblings
    name(office, lina, phone="")

    name(office, noe, email="nadege@example.org", phone="0612000099")
    name(office, lina, phone="")

    assert of(stored(association, Mentee), lina) == ("Nadège Parent", "nadege@example.org", PHONE)
    assert of(stored(association, Mentee), noe) == ("Nadège Parent", "nadege@example.org", PHONE)


def test_a_corrected_number_is_corrected_for_every_child(office, association, siblings, stored):
    lina, noe = siblings
    name(office, lina)
    name(office, noe)

    name(office, noe, phone="06 44 44 44 44")

    assert {of(stored(association, Mentee), child)[2] for child in siblings} == {"+33644444444"}
    assert "06 44 44 44 44" in office.page(f"{SPACE}/jeunes/{lina.id}").text


def test_correcting_a_shared_guardian_leaves_the_one_who_was_named_since(office, association, siblings, stored):
    lina, noe = siblings
    name(office, lina)
    name(office, noe)
    name(office, lina, name="Paul Parent", email="paul@example.org", phone="")

    name(office, noe, phone="06 44 44 44 44")

    assert of(stored(association, Mentee), lina) == ("Paul Parent", "paul@example.org", None)


def test_two_guardians_of_one_child_are_both_read_and_the_last_is_written_to(office, association, siblings, stored):
    lina, _noe = siblings
    name(office, lina)

    page = name(office, lina, name="Paul Parent", email="paul@example.org", phone="")

    assert "Nadège Parent" in page.text
    assert "Paul Parent" in page.text
    assert len(stored(association, Guardian)) == 2
    assert of(stored(association, Mentee), lina)[0] == "Paul Parent"


def test_naming_the_same_again_corrects_and_adds_nothing(office, association, siblings, stored):
    lina, _noe = siblings
    name(office, lina)

    name(office, lina, email="n.martin@example.org", relation="other")

    assert [row.email for row in stored(association, Guardian)] == ["n.martin@example.org"]
    assert [row.relation for row in stored(association, Guardianship)] == ["other"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "À remplir."),
        ({"name": "<b>"}, "Un nom s'écrit avec des lettres, des espaces, des traits d'union ou des apostrophes."),
        ({"email": "nadege@"}, "Cette adresse n'est pas complète."),
        ({"phone": "06 12"}, "Ce numéro n'est pas complet. Exemple : 06 12 34 56 78."),
        ({"relation": "boss"}, "Choisissez une réponse."),
        ({"email": "", "phone": ""}, "Il faut une adresse e-mail ou un numéro de téléphone."),
        ({"email": " ", "phone": " "}, "Il faut une adresse e-mail ou un numéro de téléphone."),
    ],
)
def test_a_guardian_who_cannot_be_reached_or_named_is_refused(office, association, siblings, stored, typed, sentence):
    page = name(office, siblings[0], **typed)

    assert page.status == 422
    assert len(page.errors) == 1
    assert "relation" in typed or page.errors == [sentence]
    assert stored(association, Guardian) == []


def test_a_guardian_withdrawn_from_one_child_stays_for_the_other(office, association, siblings, stored):
    lina, noe = siblings
    name(office, lina)
    name(office, noe)
    [link] = [row for row in stored(association, Guardianship) if row.mentee_id == lina.id]

    page = office.send(f"{SPACE}/representants/{link.id}/retrait")

    rows = stored(association, Mentee)
    assert "Personne n'est noté." in page.text
    assert of(rows, lina) == (None, None, None)
    assert of(rows, noe) == ("Nadège Parent", "nadege@example.org", PHONE)
    assert len(stored(association, Guardian)) == 1


def test_a_guardian_of_nobody_is_erased(office, association, siblings, stored):
    name(office, siblings[0])
    [link] = stored(association, Guardianship)

    office.send(f"{SPACE}/representants/{link.id}/retrait")

    assert stored(association, Guardian) == []
    assert office.send(f"{SPACE}/representants/{link.id}/retrait").status == 404


def test_when_the_last_named_goes_the_one_before_is_written_to_again(office, association, siblings, stored):
    lina, _noe = siblings
    name(office, lina)
    name(office, lina, name="Paul Parent", email="paul@example.org", phone="")
    last = stored(association, Guardianship)[-1]

    office.send(f"{SPACE}/representants/{last.id}/retrait")

    assert of(stored(association, Mentee), lina) == ("Nadège Parent", "nadege@example.org", PHONE)


def test_a_minor_mentor_may_share_a_guardian_with_a_jeune(office, association, in_space, siblings, stored):
    with in_space(association):
        mentor = factories.mentor(association, age=16, first_name="Tom", last_name="Parent")
    name(office, siblings[0])

    page = name(office, mentor, "mentors")

    assert page.flashes == ["C'est noté. Cette personne représente aussi Lina Parent."]
    assert page.heading == "Tom Parent"
    assert len(stored(association, Guardian)) == 1
    assert of(stored(association, Mentor), mentor)[0] == "Nadège Parent"


@pytest.mark.parametrize(("kind", "model"), [("mentee", Mentee), ("mentor", Mentor)])
def test_the_guardian_of_a_request_is_noted_when_it_is_accepted(office, association, in_space, stored, kind, model):
    said = {"guardian_name": "Nadège Parent", "guardian_email": "Nadege@example.org", "guardian_phone": PHONE}
    with in_space(association):
        lead = factories.lead(kind, age=16, **said)

    office.send(f"{SPACE}/demandes/{lead.id}/acceptation")

    [person], [guardian], [link] = stored(association, model), stored(association, Guardian), stored(association, Guardianship)
    assert (guardian.name, guardian.email.lower(), guardian.phone) == ("Nadège Parent", "nadege@example.org", PHONE)
    assert person.id in (link.mentee_id, link.mentor_id)
    assert of([person], person)[0] == "Nadège Parent"


def test_two_requests_of_a_family_are_two_files_and_one_guardian(office, association, in_space, stored):
    for first_name in ("Lina", "Noé"):
        with in_space(association):
            lead = factories.lead(age=12, first_name=first_name, guardian_name="Nadège Parent", guardian_phone=PHONE)
        office.send(f"{SPACE}/demandes/{lead.id}/acceptation")

    assert len(stored(association, Mentee)) == 2
    assert len(stored(association, Guardian)) == 1
    assert len(stored(association, Guardianship)) == 2


@pytest.mark.parametrize("said", [{}, {"guardian_name": "Nadège Parent"}, {"guardian_phone": PHONE}])
def test_a_request_without_a_guardian_to_reach_names_none(office, association, in_space, stored, said):
    with in_space(association):
        lead = factories.lead(age=20, **said)

    office.send(f"{SPACE}/demandes/{lead.id}/acceptation")

    assert len(stored(association, Mentee)) == 1
    assert stored(association, Guardian) == []


def test_the_one_who_signs_the_authorisation_is_not_typed_again(office, siblings):
    lina, _noe = siblings
    name(office, lina)

    page = office.page(f"{SPACE}/jeunes/{lina.id}/autorisation?pour=home")

    assert page.value("given_by") == "Nadège Parent"
    assert page.soup.find("input", attrs={"name": "kind", "checked": True})["value"] == "home"


def test_a_family_of_another_association_is_another_one(office, association, elsewhere, in_space, siblings, stored):
    with in_space(elsewhere):
        other = factories.mentee(elsewhere, age=12, account=False)
        link = Guardianship(guardian=Guardian(name="Nadège Ailleurs", email="nadege@example.org"), mentee_id=other.id)
        db.session.add(link)
        db.session.flush()
        kept = link.id

    page = name(office, siblings[0])

    assert page.flashes == ["C'est noté."]
    assert [row.name for row in stored(elsewhere, Guardian)] == ["Nadège Ailleurs"]
    assert name(office, other).status == 404
    assert office.send(f"{SPACE}/representants/{kept}/retrait").status == 404
    assert len(stored(elsewhere, Guardianship)) == 1


def test_an_adult_mentor_s_file_has_no_guardian(office, mentor):
    assert "Noter un représentant" not in office.page(f"{SPACE}/mentors/{mentor.id}").text


def test_a_request_taken_back_leaves_the_guardian_of_the_other_child(office, association, in_space, siblings, stored):
    name(office, siblings[0])
    with in_space(association):
        lead = factories.lead(age=12, guardian_name="Nadège Parent", guardian_phone=PHONE)
    office.send(f"{SPACE}/demandes/{lead.id}/acceptation")

    with in_space(association):
        leads.withdraw(db.session.query(Lead).one())

    assert len(stored(association, Guardian)) == 1
    assert of(stored(association, Mentee), siblings[0])[0] == "Nadège Parent"


def test_a_public_form_changes_nobody_s_guardian(office, association, in_space, siblings, stored):
    lina, _noe = siblings
    name(office, lina)
    with in_space(association):
        lead = factories.lead(age=12, guardian_name="Mallory Autre", guardian_email="mallory@example.org", guardian_phone=PHONE)
        leads.accept(lead, factories.user().id)

    assert of(stored(association, Mentee), lina) == ("Nadège Parent", "nadege@example.org", PHONE)
    assert sorted(row.name for row in stored(association, Guardian)) == ["Mallory Autre", "Nadège Parent"]
