"""Where a file's table begins: after a title, a notice, an empty sheet; and how far it is looked for."""

import io

import pytest
from openpyxl import load_workbook

from app.leads import tables
from app.leads.tables import read_table

from .test_tables import TOO_LONG, book, in_french, refusal, sheet, table  # noqa: F401


def test_a_book_of_empty_sheets_is_soon_read():
    far = f'<row r="{2 * tables.MOST_ROWS + 5}"><c><v>1</v></c></row>'

    assert refusal(sheet(far)) == TOO_LONG


def known(cells):
    """Whether these are the names that we look for."""
    return {"Nom", "Ville"} <= {cell.strip() for cell in cells}


@pytest.mark.parametrize("before", ["", "Demandes, semaine 47\n", "\n;;\nExport du 12/11/2026;;\n\n", "sep=@\n"], ids=repr)
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_a_title_may_stand_before_the_names_of_the_columns(before, separator):
    text = f"{before}Nom;Ville\nVoisin;Lyon\n".replace(";", separator) if "@" not in before else f"{before}Nom@Ville\nVoisin@Lyon\n"
    found = read_table(text.encode(), known)

    assert (found.header, list(found.rows)) == (["Nom", "Ville"], [(text.count("\n"), ["Voisin", "Lyon"])])


def test_a_notice_may_be_the_first_sheet():
    content = book(
        ["Mode d'emploi"], ["Remplissez l'autre feuille"], vide=[], demandes=[["Titre"], ["Nom", "Ville"], ["Voisin", "Lyon"]]
    )
    found = read_table(content, known)

    assert (found.header, list(found.rows)) == (["Nom", "Ville"], [(3, ["Voisin", "Lyon"])])
    assert table(content)[0] == ["Mode d'emploi"]


def test_the_first_sheet_that_holds_something_is_read():
    assert table(book(demandes=[["Nom"], ["Voisin"]])) == (["Nom"], [(2, ["Voisin"])])


def test_an_empty_cell_far_below_ends_no_file():
    content = sheet('<row r="2"><c r="A2"><v>1</v></c></row><row r="150000"><c r="A150000" s="0"/></row>')

    assert table(content)[1] == [(2, ["1"])]


def hiding(content, line):
    """The same book, a row of it hidden."""
    workbook, made = load_workbook(io.BytesIO(content)), io.BytesIO()
    workbook.active.row_dimensions[line].hidden = True
    workbook.save(made)
    return made.getvalue()


def notes(content):
    return [note.replace("\u00a0", " ") for note in read_table(content, known).notes]


def test_sheets_that_are_not_read_are_named():
    content = book(["Mode d'emploi"], demandes=[["Nom", "Ville"], ["Voisin", "Lyon"]], suite=[["Martin", "Laval"]], vide=[])

    assert notes(content) == ["La feuille « demandes » est lue. Ne le sont pas : « Sheet », « suite »."]


def test_hidden_rows_are_read_and_said():
    content = hiding(book(["Nom", "Ville"], ["Voisin", "Lyon"], ["Martin", "Laval"]), 3)

    assert notes(content) == ["Des lignes de ce classeur sont masquées, par un filtre peut-être : elles sont lues aussi."]
    assert len(list(read_table(content, known).rows)) == 2


@pytest.mark.parametrize("content", [hiding(book(["Nom", "Ville"], ["Voisin", "Lyon"]), 40), b"Nom;Ville\nVoisin;Lyon\n"])
def test_of_a_plain_file_nothing_is_said(content):
    assert notes(content) == []
