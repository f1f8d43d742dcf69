"""The lists of people, and a file from its opening to its end, as a coordinator reads them."""

from datetime import timedelta

import pytest
import time_machine

from app.accounts.models import Membership
from app.database import now
from app.extensions import db
from app.mail import Mail
from app.people.models import Authorisation, FileState, Mentee, Mentor
from tests import factories

from .fixtures import day_ago

SPACE = "/a/passerelle"
ROUTES = ["", "/coordonnees", "/autorisation", "/retrait"]


@pytest.fixture
def mentee(association, in_space):
    """A jeune of 20, with an account."""
    with in_space(association):
        return factories.mentee(association)


def names(page):
    """The first column of a list, without ages."""
    return [row[0].split(" ,")[0].split(",")[0] for row in page.rows]


def write(in_space, tenant, kind, *people):
    """Files without accounts, for names like « Inès Ben Salah »."""
    with in_space(tenant):
        for name in people:
            first, last = name.split(" ", 1)
            getattr(factories, kind)(tenant, account=False, first_name=first, last_name=last)


@pytest.mark.parametrize(("kind", "path", "heading"), [("mentee", "jeunes", "Jeunes"), ("mentor", "mentors", "Mentors")])
def test_a_list_has_a_row_for_each_open_file_by_name(office, association, in_space, kind, path, heading):
    write(in_space, association, kind, "Zoé Martin", "Karim de la Tour", "Anna Martin", "Luc Abel")

    page = office.page(f"{SPACE}/{path}")

    assert page.heading == heading
    assert page.soup.caption.get_text() == "4 dossiers, par ordre alphabétique"
    assert names(page) == ["Luc Abel", "Karim de la Tour", "Anna Martin", "Zoé Martin"]
    assert page.rows[0][1] == "Lyon (69)"


def test_accents_do_not_change_the_order_of_names(office, association, in_space):
    write(in_space, association, "mentee", "Léa Ezra", "Léa Émile", "Léa Eddy", "Léa Éa")

    page = office.page(f"{SPACE}/jeunes")

    assert names(page) == ["Léa Éa", "Léa Eddy", "Léa Émile", "Léa Ezra"]


def test_an_age_stands_beside_the_name_when_it_is_known(office, association, in_space):
    with in_space(association):
        factories.mentee(association, age=16, last_name="Abel", account=False)
        factories.mentee(association, age=None, last_name="Zola", account=False)

    known, unknown = office.page(f"{SPACE}/jeunes").rows

    assert known[0].endswith("16 ans")
    assert unknown[0] == "Inès Zola"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ines", ["Inès Ben Salah"]),
        ("INÈS", ["Inès Ben Salah"]),
        ("salah ines", ["Inès Ben Salah"]),
        ("éric", ["Éric O'Neil"]),
        ("o'neil", ["Éric O'Neil"]),
        ("francois", ["François Kœnig"]),
        ("%", ["Inès Ben Salah", "François Kœnig", "Éric O'Neil"]),
        ("ines neil", []),
        ("absente", []),
    ],
)
def test_a_search_finds_names_without_their_accents(office, association, in_space, typed, found):
    write(in_space, association, "mentee", "Inès Ben Salah", "Éric O'Neil", "François Kœnig")

    page = office.page(f"{SPACE}/jeunes", query_string={"q": typed})

    assert names(page) == found
    assert page.value("q") == typed


def test_a_search_finds_a_ligature_written_with_two_letters(office, association, in_space):
    write(in_space, association, "mentee", "François Kœnig")

    page = office.page(f"{SPACE}/jeunes", query_string={"q": "koenig"})

    assert names(page) == ["François Kœnig"]


@pytest.mark.parametrize(("typed", "found"), [("оксана", ["Оксана Коваль"]), ("St", ["Jean St-Pierre"]), ("語", []), ("منى", [])])
def test_a_search_reads_every_script_and_takes_nobody_for_a_town(office, association, in_space, typed, found):
    write(in_space, association, "mentee", "Оксана Коваль", "Jean St-Pierre")

    assert names(office.page(f"{SPACE}/jeunes", query_string={"q": typed})) == found


@pytest.mark.parametrize(("path", "kind"), [("jeunes", "mentee"), ("mentors", "mentor")])
@pytest.mark.parametrize("typed", ["06 12 34 00 01", "+33612340001", "0033 6 12 34 00 01"])
def test_somebody_is_found_by_the_telephone_that_rings(office, association, in_space, path, kind, typed):
    with in_space(association):
        for rank in (1, 2):
            getattr(factories, kind)(association, account=False, first_name="Léa", last_name=str(rank), phone=f"+3361234000{rank}")

    assert names(office.page(f"{SPACE}/{path}", query_string={"q": typed})) == ["Léa 1"]


@pytest.mark.parametrize(("path", "kind"), [("jeunes", "mentee"), ("mentors", "mentor")])
@pytest.mark.parametrize("state", ["active", "paused", "withdrawn"])
def test_each_state_has_its_own_list(office, association, in_space, path, kind, state):
    with in_space(association):
        for each in FileState:
            getattr(factories, kind)(association, account=False, last_name=each.value.upper(), state=each)

    page = office.page(f"{SPACE}/{path}", query_string={"etat": state})

    assert [name.split()[1] for name in names(page)] == [state.upper()]


def test_a_state_that_does_not_exist_shows_the_open_files(office, mentee):
    assert len(office.page(f"{SPACE}/jeunes?etat=perdus").rows) == 1


@pytest.mark.parametrize("path", ["jeunes", "mentors"])
def test_an_empty_list_says_what_to_do_next(office, path):
    page = office.page(f"{SPACE}/{path}")

    assert "Personne ici. Un dossier s'ouvre quand une demande est acceptée." in page.text
    assert page.soup.find("a", string="Voir les demandes")["href"] == f"{SPACE}/demandes"


def test_a_list_goes_on_with_the_next_fifty(office, association, in_space):
    write(in_space, association, "mentor", *(f"Karim {chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(51)))

    first, second = office.page(f"{SPACE}/mentors"), office.page(f"{SPACE}/mentors?page=2")

    assert len(first.rows) == 50
    assert "Page suivante" in first.text
    assert names(second) == ["Karim by"]
    assert "Page suivante" not in second.text


@pytest.mark.parametrize("path", ["jeunes", "mentors"])
def test_a_longer_list_asks_nothing_more_of_the_database(office, association, in_space, statements, path):
    kind = {"jeunes": "mentee", "mentors": "mentor"}[path]
    write(in_space, association, kind, "Anna Abel")
    office.page(f"{SPACE}/{path}")  # the first page also notes that the session was seen

    with statements() as one:
        office.page(f"{SPACE}/{path}")
    write(in_space, association, kind, *(f"Anna {letter}" for letter in "bcdefghij"))
    with statements() as ten:
        office.page(f"{SPACE}/{path}")

    assert len(ten) == len(one)


def test_a_list_says_where_each_mentor_stands(office, association, in_space, people):
    with in_space(association):
        factories.mentor(association, account=False, last_name="Aaa")
        factories.mentor(association, account=False, last_name="Aab", trained=True)

    page = office.page(f"{SPACE}/mentors")

    assert [row[2] for row in page.rows] == ["En formation", "Formation terminée", "Accompagne 1 jeune"]


def test_a_list_says_which_jeunes_wait(office, association, in_space, people):
    write(in_space, association, "mentee", "Léa Aaa")

    assert [row[2] for row in office.page(f"{SPACE}/jeunes").rows] == ["Attend un mentor", "En binôme"]


def test_the_people_of_another_association_are_in_no_list(office, elsewhere, in_space):
    write(in_space, elsewhere, "mentee", "Inès Ailleurs")

    assert office.page(f"{SPACE}/jeunes", query_string={"q": "ailleurs"}).rows == []


@pytest.mark.parametrize("kind", ["jeunes", "mentors"])
@pytest.mark.parametrize("route", ROUTES)
def test_a_file_of_another_association_is_not_found(office, elsewhere, in_space, kind, route):
    with in_space(elsewhere):
        person = factories.mentee(elsewhere) if kind == "jeunes" else factories.mentor(elsewhere)

    assert office.page(f"{SPACE}/{kind}/{person.id}{route}").status == 404


@pytest.mark.parametrize("kind", ["jeunes", "mentors"])
@pytest.mark.parametrize("route", ["/coordonnees", "/autorisation", "/retrait", "/invitation"])
def test_nothing_is_written_in_a_file_of_another_association(office, elsewhere, in_space, stored, kind, route):
    with in_space(elsewhere):
        person = factories.mentee(elsewhere) if kind == "jeunes" else factories.mentor(elsewhere)

    page = office.send(f"{SPACE}/{kind}/{person.id}{route}", {"first_name": "Pirate"})

    assert page.status == 404
    [kept] = stored(elsewhere, type(person))
    assert (kept.first_name, kept.state, kept.invited_at) == (person.first_name, "active", None)


def test_a_mentor_is_not_found_among_the_jeunes(office, association, in_space):
    with in_space(association):
        mentor = factories.mentor(association)

    assert office.page(f"{SPACE}/jeunes/{mentor.id}").status == 404


@pytest.mark.parametrize("who", ["mentor", "mentee"])
@pytest.mark.parametrize("path", ["jeunes", "mentors"])
def test_mentors_and_jeunes_read_no_list_of_people(client, people, who, path):
    client.sign_in(getattr(people, who).user_id)

    assert client.page(f"{SPACE}/{path}").status == 403


def test_a_file_shows_what_the_person_said(office, association, in_space):
    with in_space(association):
        person = factories.mentee(association, message="Merci d'avance.", source="direct", guardian_name="Nadège Parent")

    page = office.page(f"{SPACE}/jeunes/{person.id}")

    assert page.heading == person.full_name
    assert [h.get_text() for h in page.soup.find_all("h2")] == [
        "Avant de se rencontrer", "Mentors possibles", "Ce que la personne a dit", "Son espace", "Situation protégée",
        "Autorisations", "Notes de l'équipe",
    ]  # fmt: skip
    for said in ("20 ans", person.email, "Lyon (69)", "Scolarité", "samedi matin", "Merci d'avance.", "Nadège Parent"):
        assert said in page.text
    for of_the_request in ("n'a pas encore donné son accord par le lien", "Une autre association"):
        assert of_the_request not in page.text


@pytest.mark.parametrize(("age", "shown"), [(40, False), (16, True), (None, True)])
def test_authorisations_stand_in_a_mentors_file_when_they_matter(office, association, in_space, age, shown):
    with in_space(association):
        mentor = factories.mentor(association, age=age)

    page = office.page(f"{SPACE}/mentors/{mentor.id}")

    assert ("Autorisations" in page.text) is shown


def test_correcting_a_name_changes_the_file(office, association, mentee):
    form = {"first_name": "Inaya", "last_name": "Ben Salah", "email": mentee.email, "phone": "", "birth_date": ["7", "11", "2008"]}

    page = office.send(f"{SPACE}/jeunes/{mentee.id}/coordonnees", form)

    assert page.flashes == ["Le dossier est à jour."]
    assert page.heading == "Inaya Ben Salah"
    assert "7 nov. 2008" in page.text


def correct_address(office, mentee, address):
    form = {"first_name": mentee.first_name, "last_name": mentee.last_name, "email": address, "birth_date": ["7", "11", "1999"]}
    return office.send(f"{SPACE}/jeunes/{mentee.id}/coordonnees", form)


@pytest.mark.parametrize("address", ["nouvelle@example.org", ""])
def test_correcting_the_address_ends_the_old_place(office, app, association, in_space, stored, mentee, address):
    correct_address(office, mentee, address)

    [person] = stored(association, Mentee)
    with in_space(association):
        assert db.session.get(Membership, (association.id, mentee.user_id, "jeune")).ended_at is not None
    assert (person.user_id, person.invited_at) == (None, None)
    assert "Se déconnecter" not in app.test_client().sign_in(mentee.user_id).page(f"{SPACE}/").text


def test_the_new_address_can_be_invited(office, association, stored, mentee):
    correct_address(office, mentee, "nouvelle@example.org")

    page = office.send(f"{SPACE}/jeunes/{mentee.id}/invitation")

    assert page.flashes == ["L'invitation est partie à nouvelle@example.org."]
    assert [mail.to_address for mail in stored(association, Mail)] == ["nouvelle@example.org"]
    assert stored(association, Mentee)[0].user_id != mentee.user_id


def test_writing_the_same_address_in_capitals_ends_nothing(office, app, association, stored, mentee):
    correct_address(office, mentee, mentee.email.upper())

    assert stored(association, Mentee)[0].user_id == mentee.user_id
    assert app.test_client().sign_in(mentee.user_id).page(f"{SPACE}/").status == 200


def test_an_authorisation_is_read_in_the_file_with_its_date_and_text(office, association, in_space):
    with in_space(association):
        person = factories.mentee(association, age=16)
        row = factories.authorisation(person)

    page = office.page(f"{SPACE}/jeunes/{person.id}")

    assert "Participer au mentorat" in page.text
    assert f"Nadège Parent, le {row.given_on.day} " in page.text
    assert "Sur papier signé · texte 2026-11" in page.text


def test_an_authorisation_that_is_withdrawn_stays_in_the_file(office, association, in_space, stored):
    with in_space(association):
        person = factories.mentee(association, age=16)
        row = factories.authorisation(person)

    page = office.send(f"{SPACE}/autorisations/{row.id}/retrait")

    assert page.flashes == ["Le retrait de l'autorisation est noté. Les rencontres à venir qu'elle permettait sont annulées."]
    assert page.heading == person.full_name
    assert "retirée le" in page.text
    assert "Inès : l'autorisation parentale manque." in page.text
    assert stored(association, Authorisation)[0].withdrawn_on.isoformat() == day_ago(0)


def test_withdrawing_an_authorisation_again_keeps_the_first_date(office, association, in_space, stored):
    with in_space(association):
        row = factories.authorisation(factories.mentor(association, age=16))

    office.send(f"{SPACE}/autorisations/{row.id}/retrait")
    with time_machine.travel(now() + timedelta(days=3)):
        office.send(f"{SPACE}/autorisations/{row.id}/retrait")

    assert stored(association, Authorisation)[0].withdrawn_on.isoformat() == day_ago(0)


def test_an_authorisation_of_another_association_is_not_found(office, elsewhere, in_space, stored):
    with in_space(elsewhere):
        row = factories.authorisation(factories.mentee(elsewhere, age=16))

    assert office.send(f"{SPACE}/autorisations/{row.id}/retrait").status == 404
    assert stored(elsewhere, Authorisation)[0].withdrawn_on is None


@pytest.mark.parametrize(("kind", "model"), [("jeunes", Mentee), ("mentors", Mentor)])
def test_closing_a_file_ends_the_place(office, app, association, in_space, stored, kind, model):
    with in_space(association):
        person = factories.mentee(association) if model is Mentee else factories.mentor(association)

    question = office.page(f"{SPACE}/{kind}/{person.id}/retrait")
    page = office.send(f"{SPACE}/{kind}/{person.id}/retrait")

    of = "d'" if kind == "jeunes" else "de "  # Inès, Karim
    assert question.heading == f"Fermer le dossier {of}{person.full_name} ?"
    assert page.flashes == ["Le dossier est fermé."]
    assert "Dossier fermé le" in page.text
    assert "Renvoyer l'invitation" not in page.text
    assert app.test_client().sign_in(person.user_id).page(f"{SPACE}/").status == 404


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_a_file_does_not_close_while_its_pair_is_under_way(office, association, people, stored, who):
    person = getattr(people, who)
    kind = "jeunes" if who == "mentee" else "mentors"

    page = office.send(f"{SPACE}/{kind}/{person.id}/retrait")

    assert page.status == 409
    assert "Un binôme est en cours ou en préparation : terminez-le d'abord." in page.text
    assert stored(association, type(person))[0].state == "active"


def test_a_closed_file_is_not_invited_by_an_old_page(office, association, stored, mentee):
    office.send(f"{SPACE}/jeunes/{mentee.id}/retrait")

    page = office.send(f"{SPACE}/jeunes/{mentee.id}/invitation")

    assert page.status == 409
    assert "Le dossier d'Inès est fermé." in page.text
    assert stored(association, Mail) == []


def test_an_authorisation_that_comes_too_late_opens_no_closed_file(office, association, in_space, stored):
    with in_space(association):
        person = factories.mentee(association, age=16, account=False)
    office.send(f"{SPACE}/jeunes/{person.id}/retrait")

    form = {"kind": "participation", "given_by": "Nadège Parent", "how": "paper", "given_on": day_ago(1)}
    office.send(f"{SPACE}/jeunes/{person.id}/autorisation", form)

    assert len(stored(association, Authorisation)) == 1
    assert stored(association, Mail) == []
