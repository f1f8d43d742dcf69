"""A file sent by the web: looked at, its columns said, taken, and what was refused given back to be corrected."""

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app.extensions import db
from app.leads import imports as files
from app.leads.models import Lead, LeadImport
from app.mail import Mail
from tests import factories

from .sent import ANNE, BRUNO, CHLOE, HEADER, THREE, counts, given_back
from .test_tables import book, table

pytestmark = pytest.mark.usefixtures("that_week")  # the files are of November 2026

DATA = Path(__file__).parent / "data"
WEEK_46, WEEK_47 = ((DATA / f"demandes-semaine-{week}.csv").read_bytes() for week in (46, 47))
SENT = "Ajoutées : {}, déjà connues : {}, refusées : {}."


# Looked at.


def test_the_first_rows_are_shown_and_nothing_is_taken(operator, programme, send, stored, run_jobs):
    page = send(THREE + ANNE * 9)

    assert (page.heading, page.status) == ("demandes.csv", 200)
    assert "12 lignes" in page.text
    assert [(row[0], row[3], row[1]) for row in page.rows if len(row) > 3] == [
        ("2", "Anne", "bonne"), ("3", "Bruno", "Âge : « dix-sept » n'est pas un nombre."),
        ("4", "Chloé", "« 06 » laissé de côté ; l'e-mail suffit."), ("5", "Anne", "déjà connue"), ("6", "Anne", "déjà connue"),
    ]  # fmt: skip
    assert (run_jobs(), stored(programme, Lead)) == ([], [])


def test_what_a_file_would_bring_is_counted_and_its_refusals_listed_before(client, operator, take, send):
    take(f"{HEADER}\n{CHLOE}")

    page = send(THREE + "Roux;Ali;31;;ali@example.org;Lyon;69001\n")
    taken = take(THREE + "Roux;Ali;31;;ali@example.org;Lyon;69001\n")

    assert "1 demande ajoutée, 1 déjà connue, 2 lignes refusées. Rien n'est encore pris." in page.text
    assert [row[:2] for row in page.rows if len(row) == 3] == [["3", "Âge"], ["5", "Âge"]]
    assert counts(taken) == [1, 1, 2]


def test_of_a_long_file_the_first_rows_are_tried_and_it_is_said(operator, send, monkeypatch):
    monkeypatch.setattr(files, "SHARE", 3)
    monkeypatch.setattr(files, "MOST_SHOWN", 2)

    page = send(f"{HEADER}\n{BRUNO}{BRUNO}{BRUNO}{ANNE}")

    assert "Pour les 3 premières lignes, les suivantes étant lues à l'import : 0 demande ajoutée" in page.text
    assert "3 lignes refusées" in page.text
    assert "Les 2 premières sont ici" in page.text


def test_a_model_s_boxes_below_its_people_are_nobody_s(operator, send):
    page = send(f"{HEADER}\n{ANNE}FALSE;FALSE;;;;;\n")

    assert [row[1] for row in page.rows if len(row) > 3] == ["bonne", "ligne vide, laissée de côté"]
    assert "1 demande ajoutée, 0 déjà connue, 0 ligne refusée." in page.text


def test_while_a_column_is_missing_nothing_is_counted(operator, send):
    page = send("Nom;Prénom;Remarque\nVoisin;Anne;rien\n")

    assert (page.status, "Rien n'est encore pris." in page.text) == (200, False)


def test_a_birth_in_three_columns_is_none_that_is_missing(operator, programme, take, stored):
    titles = "Nom;Prénom;Jour de naissance;Mois de naissance;Année de naissance;Email;Ville;Code postal"
    take(f"{titles}\nVoisin;Chantal;3;12;2008;c@example.org;Lyon;69001\n")

    assert [lead.birth_date.isoformat() for lead in stored(programme, Lead)] == ["2008-12-03"]


def test_the_empty_model_is_filled_and_taken(operator, programme, take, stored):
    page = operator.page("/a/programme/imports")
    model = operator.get(page.soup.find("a", string="Un tableau vide, avec ses titres (Excel)")["href"])
    [titles] = load_workbook(io.BytesIO(model.data)).active.iter_rows(values_only=True)
    said = {"Nom": "Roux", "Prénom": "Zoé", "Date de naissance": "12/03/2005", "E-mail": "zoe@example.org", "Ville": "Lyon",
            "Code postal": "69001", "Commentaire": "Bonjour"}  # fmt: skip

    take(book(list(titles), [said.get(title, "") for title in titles]), name="modele.xlsx")

    [lead] = stored(programme, Lead)
    assert (lead.last_name, lead.commune_code, lead.message) == ("Roux", "69123", "Bonjour")


def test_files_are_listed_the_last_first(operator, send, take, that_week):
    take(THREE, name="lundi.csv")
    that_week.shift(60)
    send(THREE, name=" mardi\x00.csv ")

    items = [" ".join(item.get_text(" ").split()) for item in operator.page("/a/programme/imports").soup.select("ul.rows li")]

    assert items == [
        "mardi.csv mardi 24 novembre, 9 h 01 · 3 lignes à lancer",
        "lundi.csv mardi 24 novembre, 9 h · Ajoutées : 2, déjà connues : 0, refusées : 1 terminé",
    ]


@pytest.mark.parametrize(
    ("name", "heading"), [(" ", "demandes"), ("\x00", "demandes"), ("x" * 200, "x" * 120), ("<b>.csv", "<b>.csv")]
)
def test_whatever_its_name_a_file_has_a_title(operator, send, name, heading):
    assert send(THREE, name=name).heading == heading


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "Ce fichier est vide."),
        (HEADER, "Ce fichier n'a que des titres de colonnes : il n'y a rien à prendre."),
        (
            b"\x89PNG\r\n\x1a\n\x00\x00",
            "Ce fichier n'est pas un tableau : ouvrez-le dans un tableur, puis enregistrez-le en .xlsx ou en CSV.",
        ),
        (book(["Nom"], ["x"])[:-9], "Ce fichier n'est pas un tableau lisible. Enregistrez-le en CSV, ou en XLSX."),
    ],
)
def test_what_is_no_table_is_refused_at_its_field(operator, programme, send, content, sentence, stored):
    page = send(content)

    assert (page.status, page.errors) == (422, [sentence])
    assert stored(programme, LeadImport) == []


def test_too_heavy_a_file_is_not_read(operator):
    body = b"x" * (5 * 1024 * 1024)

    page = operator.send("/a/programme/imports", body, content_type="multipart/form-data; boundary=x")

    assert (page.status, page.heading) == (413, "Ce fichier est trop lourd")


def test_a_file_of_four_megabytes_is_one_of_four_at_most(operator, send):
    content = (f"{HEADER}\n" + "a" * 4 * 1024 * 1024)[: 4 * 1024 * 1024]

    assert send(content).errors == ["Ligne 2 : une cellule est trop longue, ou un guillemet n'est pas fermé."]


def test_without_a_file_nothing_is_kept(operator, programme, stored):
    page = operator.send("/a/programme/imports", {"kind": "x"})

    assert page.status == 422
    assert "Choisissez un fichier." in page.errors
    assert stored(programme, LeadImport) == []


def test_the_first_rows_are_shown_as_they_will_be_taken(operator, send):
    titles = "Nom;Prénom;Né le;E-mail;Nom du parent;Téléphone du parent;E-mail du parent;Ville;CP;Besoin"
    row = "Roy;Ana;10/11/2012;claire.roy@example.org;Claire ROY;0612345678;;lyon;69003;soutien scolaire"
    page = send(f"{titles}\n{row}\n{row.replace('2012', '2212')}")

    shown, typed = page.rows[-2:]
    titled = [cell.text_content() for cell in page.tree.xpath("(//table)[last()]//thead//th")]
    assert dict(zip(titled[2:], shown[2:], strict=True)) == {
        "Nom": "Roy", "Prénom": "Ana", "Âge": "14 ans", "Date de naissance": "10 nov. 2012", "E-mail": "", "Ville": "Lyon",
        "Code postal": "69003", "Parent ou représentant": "Claire ROY", "Téléphone du parent": "06 12 34 56 78",
        "E-mail du parent": "claire.roy@example.org", "Besoin": "Scolarité",
    }  # fmt: skip
    assert "10/11/2212" in typed


# Taken.


def test_started_its_rows_are_taken_and_what_is_wrong_is_said(operator, programme, take, stored):
    page = take(THREE)

    assert "3 lignes lues sur 3" in page.text
    assert "Terminé." in page.text
    assert counts(page) == [2, 0, 1]
    assert page.rows == [
        ["3", "Âge", "« dix-sept » n'est pas un nombre."],
        ["4", "Téléphone", "« 06 » laissé de côté ; l'e-mail suffit."],
    ]
    assert sorted((lead.first_name, lead.source) for lead in stored(programme, Lead)) == [("Anne", "fichier"), ("Chloé", "fichier")]


def test_started_twice_its_rows_are_taken_once(operator, programme, send, run_jobs, stored, in_space):
    path = send(THREE).path
    with in_space(programme):
        early = db.session.scalars(select(LeadImport)).one()
        operator.send(path)
        with pytest.raises(files.CannotImport, match="déjà lancé"):
            files.start(early, early.mapping)

    operator.send(path)

    assert run_jobs().count("leads.imports.import_share") == 1
    assert len(stored(programme, Lead)) == 2


def test_what_the_file_brought_is_oriented(operator, programme, association, take, stored, in_space):
    with in_space(association):
        factories.staff(association)

    take(THREE)

    assert [lead.state for lead in stored(programme, Lead)] == ["oriented", "oriented"]
    assert sorted(lead.first_name for lead in stored(association, Lead)) == ["Anne", "Chloé"]


def test_the_same_file_twice_adds_nothing(operator, programme, take, stored):
    take(THREE)

    page = take(THREE)

    assert counts(page) == [0, 2, 1]
    assert len(stored(programme, Lead)) == 2


def test_what_was_refused_is_corrected_and_sent_again(operator, programme, take, stored):
    page = take(THREE)

    header, row = given_back(operator, page)
    assert header == [*HEADER.split(";"), "Ligne", "Colonne", "Motif"]
    assert row[2:4] + row[7:9] == ["dix-sept", "", "3", "Âge"]
    row[2] = "17"
    again = take("\n".join(";".join(cells) for cells in (header, row)))

    assert counts(again) == [1, 0, 0]
    assert sorted((lead.first_name, lead.age) for lead in stored(programme, Lead)) == [("Anne", 18), ("Bruno", 17), ("Chloé", 20)]


def test_mentors_who_were_refused_come_back_as_mentors(operator, programme, take, stored):
    page = take(THREE, kind="mentor")
    header, row = given_back(operator, page)
    row[3 - 1] = "47"

    take("\n".join(";".join(cells) for cells in (header, row)))

    assert {lead.kind for lead in stored(programme, Lead)} == {"mentor"}


def test_what_comes_back_is_no_formula(operator, take):
    cells = ["=1+1", "@12", "-2", "+33 6 12 34 56 78", "\t=1", "=12"]
    page = take(f"{HEADER};=cmd()\n" + ";".join([*cells, "69", "=2"]) + "\n")

    header, row = given_back(operator, page)

    assert row[:6] == ["'=1+1", "'@12", "'-2", "+33 6 12 34 56 78", "'\t=1", "'=12"]
    assert header[7] == "'=cmd()"


@pytest.mark.parametrize("cell", [" =1+1", "\n=1+1", "\u00a0-2", "＝1+1", "＋33 6 12"])
def test_what_comes_back_is_no_formula_behind_spaces_or_in_wide_signs(cell):
    assert files.harmless(cell) == f"'{cell}"
    assert files.as_typed(f"'{cell}") == cell


def test_of_whom_a_file_is_stays_as_it_was_when_nothing_is_said(operator, programme, send, stored):
    page = operator.send(send(THREE).path, {"kind": "", "look": "1"})

    assert (page.status, [row.kind for row in stored(programme, LeadImport)]) == (200, ["mentee"])


def test_a_title_that_is_a_formula_comes_back_as_none(operator, send, run_jobs):
    path = send("=Nom();Prénom;Âge;Email;Ville;CP\n1;Anne;18;a@example.org;Lyon;69001\n").path
    page = operator.send(path, {"last_name": "0"})
    page.path = path
    run_jobs()

    header, row = given_back(operator, page)

    assert (header[0], row[7]) == ("'=Nom()", "'=Nom()")


def test_mentors_may_be_sent_even_those_who_asked_for_one(operator, programme, take, stored):
    take(f"{HEADER}\n{ANNE}")

    page = take(f"{HEADER}\n{ANNE}Legrand;Martine;58;;m@example.org;Lyon;69001\n", kind="mentor")

    assert counts(page) == [2, 0, 0]
    assert sorted((lead.kind, lead.first_name) for lead in stored(programme, Lead)) == [
        ("mentee", "Anne"), ("mentor", "Anne"), ("mentor", "Martine"),
    ]  # fmt: skip


def test_dates_of_birth_of_a_book_are_read(operator, programme, take, stored):
    from datetime import date

    header = ["Nom", "Prénom", "Né le", "Portable", "Ville", "CP"]

    page = take(book(header, ["Voisin", "Anne", date(2008, 11, 25), 612345678, "Bourg-en-Bresse", 1000]), name="demandes.xlsx")

    [lead] = stored(programme, Lead)
    assert counts(page) == [1, 0, 0]
    assert (lead.age, lead.birth_date, lead.phone, lead.departement_code) == (17, date(2008, 11, 25), "+33612345678", "01")


def test_the_same_person_twice_in_a_file_is_marked_and_waits(operator, programme, association, take, stored):
    page = take(f"{HEADER}\n{ANNE}{ANNE.replace('0612345678', '0698765432')}")

    first, second = sorted(stored(programme, Lead), key=lambda lead: lead.state)
    assert counts(page) == [2, 0, 0]
    assert (first.state, first.same_as) == ("oriented", None)
    assert (second.state, second.waiting_reason, second.same_as) == ("waiting", "double", first.id)


# In an association.


def test_an_association_receives_each_with_its_clock(staff, association, take, stored):
    page = take(THREE, space="passerelle")

    assert counts(page) == [2, 0, 1]
    assert {(lead.state, lead.clock_from.isoformat()) for lead in stored(association, Lead)} == {("received", "2026-11-24")}
    assert all(lead.answer_by.isoformat() > "2026-11-24" for lead in stored(association, Lead))


def test_those_who_answer_are_told_once_however_long_the_file(staff, association, take, stored, monkeypatch):
    monkeypatch.setattr(files, "SHARE", 1)

    take(THREE, space="passerelle")

    assert [mail.kind for mail in stored(association, Mail)] == ["lead_to_answer"]


# The files that arrive.


def test_the_weeks_by_the_web_are_what_the_command_makes_of_them(operator, programme, association, take, stored):
    clean = take(WEEK_46)
    difficult = take(WEEK_47)

    assert (counts(clean), counts(difficult)) == ([60, 0, 0], [37, 2, 6])
    assert [row[:2] for row in difficult.rows] == [
        ["9", "Ville"], ["13", "Âge"], ["16", "Âge"], ["25", "Ville"], ["28", "Nom"], ["31", "Téléphone"],
        ["20", "Téléphone"], ["23", "Email"], ["27", "Email"],
    ]  # fmt: skip
    assert len(stored(programme, Lead)) == 97
    assert sorted(lead.last_name for lead in stored(association, Lead)) == ["Bouvier", "Fernandes"]


def test_a_week_saved_as_a_book_is_known(operator, take):
    take(WEEK_46)
    header, rows = table(WEEK_46)

    assert counts(take(book(header, *(cells for _line, cells in rows)), name="semaine-46.xlsx")) == [0, 60, 0]
