"""Who represents a minor: one row for brothers and sisters, typed once, followed everywhere, and gone with the last of them."""

import pytest

from app.database import now
from app.extensions import db
from app.leads import actions as leads
from app.leads.guardian import answer_link
from app.leads.models import Lead
from app.mail import Mail
from app.people.models import Guardian, Guardianship, Mentee, Mentor
from app.tenants.resolve import current_tenant
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


NADEGE = {"guardian_name": "Nadège Parent", "guardian_email": "nadege@example.org"}


def test_a_parent_who_gives_an_address_for_the_second_child_is_written_to_and_may_refuse(
    office, client, association, in_space, siblings, stored
):
    name(office, siblings[0], email="")
    with in_space(association):
        lead = factories.lead(age=12, first_name="Awa", guardian_phone=PHONE, **NADEGE)
        link = answer_link(lead).removeprefix("http://localhost")
    office.send(f"{SPACE}/demandes/{lead.id}/acceptation")
    [awa] = [row for row in stored(association, Mentee) if row.first_name == "Awa"]
    assert awa.guardian_email == "nadege@example.org"
    assert "nadege@example.org" in [mail.to_address for mail in stored(association, Mail)]
    assert of(stored(association, Mentee), siblings[0])[1] is None, "a public form changes nobody's guardian"

    client.send(f"{link}/refus")

    assert [row.state for row in stored(association, Mentee) if row.id == awa.id] == ["withdrawn"]


def test_naming_again_who_has_two_rows_notes_nobody_twice(office, association, in_space, siblings, stored):
    name(office, siblings[0], email="")
    with in_space(association):
        lead = factories.lead(age=12, first_name="Awa", guardian_phone=PHONE, **NADEGE)
    office.send(f"{SPACE}/demandes/{lead.id}/acceptation")
    [awa] = [row for row in stored(association, Mentee) if row.first_name == "Awa"]

    name(office, awa, email="nouvelle@example.org")

    assert len([row for row in stored(association, Guardianship) if row.mentee_id == awa.id]) == 1
    assert of(stored(association, Mentee), awa) == ("Nadège Parent", "nouvelle@example.org", PHONE)


@pytest.fixture
def reached(office, association, programme, in_space, stored, run_jobs):
    """A child with no way of their own, who asked the association or the programme, and was accepted; their parent's two links."""

    def make(space):
        with in_space(space):
            asked = factories.lead(age=12, state="waiting" if space is programme else "received", email=None, phone=None, **NADEGE)
            if space is programme:
                leads.orient_all([asked], current_tenant, factories.today())
            links = [leads.tracking_link(asked), answer_link(asked)]
        run_jobs()
        [copy] = stored(association, Lead)
        office.send(f"{SPACE}/demandes/{copy.id}/acceptation")
        run_jobs()
        return [link.removeprefix("http://localhost") for link in links]

    return make


def test_what_was_withdrawn_before_it_was_accepted_is_not_waited_for(
    office, association, programme, in_space, stored, run_jobs, reached
):
    """The programme will never note that the request was accepted: who was removed since stops no job."""
    reached(programme)
    with in_space(programme):
        lead = db.session.query(Lead).one()
        lead.state, lead.accepted_at = "withdrawn", None

    remove(office, stored, association, None)
    run_jobs()  # a job that fails is said

    assert [lead.guardian_name for lead in stored(association, Lead)] == [None]


def remove(office, stored, association, child):
    office.send(f"{SPACE}/representants/{stored(association, Guardianship)[0].id}/retrait")


def correct_address(office, stored, association, child):
    name(office, child, email="la-bonne@example.org", phone="06 12 00 00 99")
    name(office, child, email="la-bonne@example.org", phone="")
    remove(office, stored, association, child)


def correct_by_number(office, stored, association, child):
    with_number = {"email": "nadege@example.org", "phone": "06 12 00 00 99"}
    name(office, child, **with_number)
    name(office, child, **with_number | {"email": "la-bonne@example.org"})


@pytest.mark.parametrize("change", [remove, correct_address, correct_by_number])
@pytest.mark.parametrize("asks_programme", [False, True])
def test_who_represents_the_child_no_more_opens_and_closes_nothing(
    office, client, association, programme, stored, run_jobs, reached, change, asks_programme
):
    suivi, accord = reached(programme if asks_programme else association)
    assert [client.page(path).status for path in (suivi, accord)] == [200, 200]
    [child] = stored(association, Mentee)

    change(office, stored, association, child)
    run_jobs()

    assert [client.send(path).status for path in (f"{suivi}/retrait", accord, f"{accord}/refus")] == [404] * 3
    run_jobs()
    assert [row.state for row in stored(association, Mentee)] == ["active"]


def test_the_first_parent_still_refuses_when_another_is_noted(office, client, association, stored, reached):
    _suivi, accord = reached(association)
    [child] = stored(association, Mentee)
    name(office, child, name="Paul Parent", email="paul@example.org", phone="")

    client.send(f"{accord}/refus")

    assert [row.state for row in stored(association, Mentee)] == ["withdrawn"]


def test_a_number_corrected_for_one_child_leaves_the_parent_on_the_other_s_request(office, association, in_space, siblings, stored):
    lina, noe = siblings
    with in_space(association):
        ways = {"guardian_name": "Nadège Parent", "guardian_email": "nadege@example.org", "guardian_phone": PHONE}
        for child in siblings:
            row = db.session.get(Mentee, (association.id, child.id))
            row.lead_id = factories.lead(state="accepted", age=12, accepted_at=now(), **ways).id
    for child in siblings:
        name(office, child)
    name(office, lina, name="Paul Parent", email="paul@example.org", phone="")

    name(office, noe, phone="06 44 44 44 44")

    assert {(lead.guardian_name, lead.guardian_email, lead.guardian_phone) for lead in stored(association, Lead)} == {
        ("Nadège Parent", "nadege@example.org", "+33644444444")
    }


def test_removing_another_parent_leaves_the_one_who_is_written_to(office, association, siblings, stored):
    lina, _noe = siblings
    for one in ("Nadège", "Paul", "Zoé"):
        name(office, lina, name=f"{one} Parent", email=f"{one[0]}@example.org", phone="")
    name(office, lina, name="Paul Parent", email="P@example.org", phone="")
    first = stored(association, Guardianship)[0]

    office.send(f"{SPACE}/representants/{first.id}/retrait")

    assert of(stored(association, Mentee), lina)[0] == "Paul Parent"


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


def test_an_address_that_refuses_is_said_beside_it(office, in_space, association, siblings):
    name(office, siblings[0])
    with in_space(association):
        refused = {"state": "refused", "last_error": "SMTPDataError"}
        db.session.add(Mail(kind="x", subject="x", to_address="nadege@example.org", message_id="x", **refused))

    page = office.page(f"{SPACE}/jeunes/{siblings[0].id}")

    assert all("nadege@example.org refuse nos messages" in tag.parent.get_text() for tag in page.soup.select(".tag.bad"))
    assert len(page.soup.select(".tag.bad")) == 2  # in what was said, and among those who represent
