"""The lists of jeunes and mentors: what narrows them, how many are said, and the file that is taken away."""

import csv
import io
from datetime import date, timedelta

import pytest
import time_machine
from openpyxl import load_workbook
from sqlalchemy import select

from app.extensions import db
from app.people.lists import aged
from app.people.models import Guardian, Guardianship, Mentee, Mentor
from app.web import midnight, today
from tests import factories

from .situations import SPACE

JEUNES, MENTORS = f"{SPACE}/jeunes", f"{SPACE}/mentors"
BOURG = {"commune_code": "01053", "commune_name": "Bourg-en-Bresse", "departement_code": "01"}


@pytest.fixture
def some(association, in_space):
    """Three jeunes: one in a pair, one who waits, a minor of another département; and two mentors."""
    with in_space(association):
        mentor = factories.mentor(association, trained=True, first_name="Karim", last_name="Benali", axes=["education"])
        factories.mentor(association, first_name="Paul", last_name="Roy", axes=["employment"], **BOURG)
        paired = factories.mentee(association, first_name="Awa", last_name="Diop", needs=["school"])
        factories.pair(mentor, paired)
        factories.mentee(association, first_name="Noé", last_name="Faure", needs=["employment"])
        minor = factories.mentee(
            association, age=14, first_name="Zoé", last_name="Garnier", needs=["school", "orientation"], **BOURG
        )
        parent = Guardian(name="Nadia Garnier", email="nadia@example.org", phone="+33612345678")
        db.session.add(parent)
        db.session.flush()
        db.session.add(Guardianship(guardian_id=parent.id, mentee_id=minor.id))
        minor.guardian_name, minor.guardian_phone = parent.name, parent.phone


def names(page):
    return [link.get_text() for link in page.soup.select("table.list th a")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Awa Diop", "Noé Faure", "Zoé Garnier"]),
        ("dep=01", ["Zoé Garnier"]),
        ("pour=school", ["Awa Diop", "Zoé Garnier"]),
        ("binome=non&etat=paused", []),
        ("binome=oui", ["Awa Diop"]),
        ("age=mineurs", ["Zoé Garnier"]),
        ("age=majeurs", ["Awa Diop", "Noé Faure"]),
        ("pour=school&binome=non", ["Zoé Garnier"]),
        ("pour=rien&dep=&age=vieux&binome=peut-etre&etat=perdu", ["Awa Diop", "Noé Faure", "Zoé Garnier"]),
        ("dep=%00", []),
        ("q=faure&dep=01", []),
    ],
)
def test_a_list_of_jeunes_is_narrowed(query, found, office, some):
    page = office.page(f"{JEUNES}?{query}")

    assert names(page) == found if page.status == 200 else page.status == 400
    if len(found) > 1:
        assert f"{len(found)} dossiers, par ordre alphabétique" in page.text


def test_who_has_no_pair_is_in_the_order_of_the_line_with_since_when_and_the_need(office, some, association, in_space):
    with in_space(association):
        for name, days in (("Faure", 3), ("Garnier", 200)):
            row = db.session.scalars(select(Mentee).where(Mentee.last_name == name)).one()
            row.waits_since = midnight(today() - timedelta(days=days))
        gone = factories.mentee(association, first_name="Lou", last_name="Petit", needs=["school"])
        gone.first_in_line = True

    page = office.page(f"{JEUNES}?binome=non")

    assert names(page) == ["Lou Petit", "Zoé Garnier", "Noé Faure"]
    assert "3 dossiers, qui attend depuis le plus longtemps d'abord" in page.text
    assert "(0 jour) · en tête de liste" in page.rows[0][2]
    assert page.rows[1][0] == "Zoé Garnier , 14 ans Scolarité, Orientation"
    assert "(200 jours)" in page.rows[1][2]


@pytest.mark.parametrize(
    ("query", "found"), [("binome=non", ["Paul Roy"]), ("pour=education", ["Karim Benali"]), ("dep=01", ["Paul Roy"])]
)
def test_a_list_of_mentors_is_narrowed(query, found, office, some):
    assert names(office.page(f"{MENTORS}?{query}")) == found


def test_the_filters_propose_what_is_there(office, some):
    page = office.page(f"{JEUNES}?dep=01&age=mineurs")

    assert [option.get_text() for option in page.soup.select("#dep option")] == ["Tous", "01 Ain", "69 Rhône"]
    assert page.soup.select_one("#dep option[selected]")["value"] == "01"
    assert "1 dossier" in page.text


def test_nobody_found_leads_back_to_the_whole_list(office, some):
    page = office.page(f"{JEUNES}?q=personne&etat=paused")

    assert page.soup.find("a", string="Enlever les filtres")["href"] == f"{JEUNES}?etat=paused"


def test_a_long_list_says_how_many_and_keeps_its_filters(office, association, in_space):
    with in_space(association):
        for rank in range(53):
            factories.mentee(association, account=False, first_name="Léa", last_name=f"N{rank:02}")

    page = office.page(f"{JEUNES}?pour=school")

    assert "53 dossiers" in page.text
    assert page.soup.find("a", string="Page suivante")["href"].endswith("pour=school&page=2")
    assert len(names(office.page(f"{JEUNES}?pour=school&page=2"))) == 3


def test_the_file_has_what_the_list_has(office, some):
    page = office.page(f"{JEUNES}?dep=01")
    link = page.soup.find("a", string="Télécharger (CSV)")["href"]
    rows = list(csv.DictReader(io.StringIO(office.get(link).data.decode("utf-8-sig")), delimiter=";"))

    [row] = rows
    assert (row["Nom"], row["Prénom"], row["Département"]) == ("Garnier", "Zoé", "01")
    assert (row["Besoins"], row["Représentant"], row["Téléphone du représentant"]) == (
        "Scolarité, Orientation",
        "Nadia Garnier",
        "06 12 34 56 78",
    )
    assert row["Où cela en est"] == "Attend un mentor · autorisation à obtenir"
    assert date.fromisoformat(row["Date de naissance"]) < factories.today()


def test_a_workbook_too_without_formulas(office, association, in_space):
    with in_space(association):
        factories.mentor(association, last_name="Roy", employer="=1+1")

    answer = office.get(f"{MENTORS}/export/xlsx")
    [titles, row] = load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)

    assert dict(zip(titles, row, strict=True))["Entreprise ou école"] == "'=1+1"
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_mentor_takes_no_list_away(app, people):
    browser = app.test_client().sign_in(people.mentor.user_id)

    assert browser.get(f"{JEUNES}/export/csv").status_code == 403


def test_the_list_asks_the_database_the_same_for_many(office, some, statements, association, in_space):
    office.page(JEUNES)
    with statements() as few:
        office.page(f"{JEUNES}?binome=non")
    with in_space(association):
        for rank in range(20):
            factories.mentee(association, account=False, last_name=f"N{rank:02}")
    with statements() as many:
        office.page(f"{JEUNES}?binome=non")

    assert len(few) == len(many) <= 8


@pytest.mark.parametrize(("kind", "model"), [("mentee", Mentee), ("mentor", Mentor)])
def test_an_accepted_request_leads_to_its_file(office, association, in_space, stored, kind, model):
    with in_space(association):
        lead = factories.lead(kind, age=40 if kind == "mentor" else 20)
    office.send(f"{SPACE}/demandes/{lead.id}/acceptation")

    page = office.page(f"{SPACE}/demandes/{lead.id}")
    page = office.page(page.soup.find("a", string="Ouvrir son dossier")["href"])

    [person] = stored(association, model)
    assert page.response.request.path.endswith(str(person.id))


def test_a_request_without_a_file_leads_to_none(office, association, in_space):
    with in_space(association):
        lead = factories.lead()

    assert office.get(f"{SPACE}/demandes/{lead.id}/dossier").status_code == 404


@pytest.mark.parametrize("typed", ["nadia@example.org", "NADIA@example.org"])
def test_a_jeune_is_found_by_the_address_of_whoever_represents_them(office, some, typed):
    assert names(office.page(f"{JEUNES}?q={typed}")) == ["Zoé Garnier"]


def test_somebody_is_found_by_their_own_address(office, some, association, in_space):
    with in_space(association):
        address = db.session.query(Mentor).filter_by(last_name="Roy").one().email

    assert names(office.page(f"{MENTORS}?q={address}")) == ["Paul Roy"]


def test_who_is_in_another_tab_is_said_with_a_way_there(office, some, association, in_space):
    with in_space(association):
        db.session.query(Mentee).filter_by(last_name="Faure").one().state = "paused"

    page = office.page(f"{JEUNES}?q=faure")

    assert "Personne ne correspond ici." in page.text
    [link] = page.soup.select(".empty a.go")
    assert link.get_text() == "En pause (1)"
    assert names(office.page(link["href"])) == ["Noé Faure"]
    assert "Personne ne correspond à cette recherche." in office.page(f"{JEUNES}?q=nobody").text


def test_born_on_a_29th_of_february_they_are_of_age_on_the_1st_of_march(association, in_space):
    with in_space(association):
        mentee = factories.mentee(association, birth_date=date(2008, 2, 29))
        for day, age in (("2026-02-28", "mineurs"), ("2026-03-01", "majeurs")):
            with time_machine.travel(f"{day} 11:00", tick=False):
                assert mentee.is_minor_on(today()) is (age == "mineurs")
                assert db.session.scalars(select(Mentee.id).where(*aged(Mentee, age))).all() == [mentee.id]


def test_the_minors_for_whom_an_authorisation_is_to_be_had_are_found(office, association, in_space):
    with in_space(association):
        for name, age, allowed in (("Sans", 16, None), ("Repris", 16, factories.today()), ("Avec", 16, ""), ("Majeur", 20, None)):
            mentee = factories.mentee(association, age=age, account=False, last_name=name)
            if allowed is not None:
                factories.authorisation(mentee, withdrawn_on=allowed or None)

    page = office.page(f"{JEUNES}?manque=autorisation")

    assert [name.split(",")[0].split()[-1] for name in names(page)] == ["Repris", "Sans"]
    assert all("autorisation à obtenir" in row[2] for row in page.rows)
    assert "autorisation à obtenir" not in " ".join(row[2] for row in office.page(f"{JEUNES}?q=Avec").rows)
