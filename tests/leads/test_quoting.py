"""Cells that a program put between other quotes, or other separators, than a spreadsheet does."""

import pytest

from app.leads.quoting import as_a_spreadsheet
from app.leads.titles import is_header

TITLES = "Nom;Prénom;Téléphone;Message"


def spread(text):
    return as_a_spreadsheet(text, is_header, 200)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (f'{TITLES}\nRoy;Ana;;"dit \\"oui\\" ; C:\\\\ "', f'{TITLES}\nRoy;Ana;;"dit ""oui"" ; C:\\ "'),
        ("“Nom”;“Prénom”;“Téléphone”\n“D’Or”;“Ana”;0612345678", '"Nom";"Prénom";"Téléphone"\n"D’Or";"Ana";0612345678'),
        ("'Nom','Prénom','Téléphone'\r\n'D'Or','Ana',''", '"Nom","Prénom","Téléphone"\r\n"D\'Or","Ana",""'),
        ("Nom,Prénom,Téléphone\nRoy;Ana;0612345678\nRoy;Bob;\n", "Nom;Prénom;Téléphone\nRoy;Ana;0612345678\nRoy;Bob;\n"),
    ],
    ids=["backslashes", "curly quotes", "apostrophes", "two separators"],
)
def test_a_table_is_written_as_a_spreadsheet_would(text, read):
    assert spread(text) == read


@pytest.mark.parametrize(
    "text",
    [
        f'{TITLES}\nRoy;Ana;;"dossier C:\\"\nRoy;Bob;;"il dit \\""oui"""\n',
        f"{TITLES}\nRoy;Ana;;« oui »\n",
        "Nom,Prénom,Message\nRoy,Ana,a;b;c\nRoy,Bob,d;e;f\n",
        "Nom;Note;Téléphone\nRoy;a,b,c;\nRoy;d,e,f;\n",
        "",
    ],
)
def test_any_other_is_as_it_is(text):
    assert spread(text) == text
