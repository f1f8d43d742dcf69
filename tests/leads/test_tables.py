"""Tables as spreadsheets save them, and files that are none: what is read, and the sentence that refuses the others."""

import io
import warnings
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from app.leads import importing, tables, weighing
from app.leads.charsets import decode
from app.leads.tables import LONGEST_FILE, UnreadableFile, hides_rows, read_table

DATA = Path(__file__).parent / "data"
TEXT = "Nom;Prénom\r\nLévêque;Éléonore\r\n"
ROWS = (["Nom", "Prénom"], [(2, ["Lévêque", "Éléonore"])])
NO_TABLE = "Ce fichier n'est pas un tableau lisible. Enregistrez-le en CSV, ou en XLSX."
NO_CSV = "Ce fichier n'est pas un fichier CSV."
SOMETHING_ELSE = "Ce fichier n'est pas un tableau : ouvrez-le dans un tableur, puis enregistrez-le en .xlsx ou en CSV."
EMPTY = "Ce fichier est vide."
TOO_BIG = "Ce fichier est trop gros une fois ouvert : enregistrez-le en CSV."
TOO_LONG = "Ce fichier dépasse 100 000 lignes : coupez-le en plusieurs."
TOO_LONG_A_CELL = "Ligne 2 : une cellule est trop longue, ou un guillemet n'est pas fermé."
TOO_WIDE = "Ce fichier a plus de 200 colonnes : gardez celles qui servent."
SWALLOWED = 'A;B;C;D;E\n1;2;3;4;bon\n1;2;3;4;"pas fermé\n1;2;3;69001;perdu\n1;2;3;4;fin"\n'  # well formed, and two people in one
SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


@pytest.fixture(autouse=True)
def in_french(app):
    """Refusals are sentences."""
    with app.test_request_context("/"):
        yield


def table(content):
    """A file's header and its rows."""
    found = read_table(content if isinstance(content, bytes) else content.encode())
    return found.header, list(found.rows)


def refusal(content):
    """The sentence that refuses a file."""
    with pytest.raises(UnreadableFile) as refused, warnings.catch_warnings(action="ignore"):
        table(content)
    return " ".join(str(refused.value).split())


def book(*rows, **sheets):
    """An XLSX of these rows."""
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    for name, others in sheets.items():
        other = workbook.create_sheet(name)
        for row in others:
            other.append(row)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def packed(changes=(), method=zipfile.ZIP_DEFLATED):
    """An XLSX whose members are changed; None leaves one out."""
    changes, source, file = dict(changes), zipfile.ZipFile(io.BytesIO(book(["Nom"], ["Lévêque"]))), io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as target:
        for name in dict.fromkeys([*source.namelist(), *changes]):
            content = changes[name] if name in changes else source.read(name)
            if content is not None:
                target.writestr(name, content)
    return file.getvalue()


def sheet(rows, before=""):
    """An XLSX whose sheet has these rows, as XML, after its header."""
    header = '<row r="1"><c t="inlineStr"><is><t>Nom</t></is></c></row>'
    return packed({SHEET: f"{before}<worksheet {MAIN}><sheetData>{header}{rows}</sheetData></worksheet>".encode()})


def damaged(content, offset, value):
    """A ZIP with two bytes changed in what its directory says of each member."""
    first, *members = content.split(b"PK\x01\x02")
    return b"PK\x01\x02".join([first, *(member[:offset] + value + member[offset + 2 :] for member in members)])


# CSV.


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_is_read_whatever_its_encoding(encoding):
    assert table(TEXT.encode(encoding)) == ROWS


@pytest.mark.parametrize(("mark", "encoding"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")])
def test_a_mark_says_which_utf_16(mark, encoding):
    assert table(mark + TEXT.encode(encoding)) == ROWS


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("before", ["", "\r\n\n"])
def test_a_file_is_read_whatever_its_separator_and_its_line_ends(separator, end, before):
    header, rows = table(before + TEXT.replace(";", separator).replace("\r\n", end))

    assert (header, [cells for _line, cells in rows]) == (ROWS[0], [["Lévêque", "Éléonore"]])


def test_the_separator_of_the_header_counts_whatever_the_cells_hold():
    assert table("Nom;Note\nVoisin;a,b,c\td,e,f\n") == (["Nom", "Note"], [(2, ["Voisin", "a,b,c\td,e,f"])])


def test_a_single_column_is_a_table():
    assert table("Nom\nVoisin\n") == (["Nom"], [(2, ["Voisin"])])


def test_a_line_is_counted_in_the_file_whatever_quoted_cells_and_empty_lines_hold():
    header, rows = table('Nom;Note\n\n;;\nVoisin;"une\r\nnote ; en ""trois""\nlignes"\n\nMartin;x')

    assert header == ["Nom", "Note"]
    assert rows == [(4, ["Voisin", 'une\r\nnote ; en "trois"\nlignes']), (8, ["Martin", "x"])]


def test_titles_are_on_one_line_with_single_spaces():
    assert table('" Nom ";"Code\r\npostal"\na;b\n')[0] == ["Nom", "Code postal"]


def test_empty_cells_at_the_end_do_not_count():
    assert table("Nom;Prénom;;;\nVoisin;Anne;;;\nSeul\n") == (["Nom", "Prénom"], [(2, ["Voisin", "Anne"]), (3, ["Seul"])])


def test_undecodable_bytes_do_not_stop_the_reading():
    assert decode(b"\xe9t\xe9 \x81") == "été \ufffd"


def test_titles_alone_have_no_row():
    assert table("Nom;Prénom\n") == (["Nom", "Prénom"], [])


def test_a_list_with_commas_in_a_comment_takes_nobody():
    """Somebody who writes several lines, with as many commas as there are columns."""
    text = 'A,B,C,D,E\n1,2,3,4,"Elle aime :\nmaths, français, anglais, histoire, sport, dessin\net le foot"\n'

    assert table(text)[1] == [
        (2, ["1", "2", "3", "4", "Elle aime :\nmaths, français, anglais, histoire, sport, dessin\net le foot"])
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_row_inside_a_cell_is_seen_whatever_the_line_ends(end):
    text = end.join(["A;B;C;D;E", '1;2;3;4;"pas fermé', "1;2;3;69001;perdu", '1;2;3;4;fin"'])

    assert refusal(text) == "Ligne 2 : une cellule contient d'autres lignes, il manque un guillemet."


def test_one_line_in_another_encoding_harms_no_other():
    content = "Nom;Ville\nLévêque;Nîmes\n".encode() + "Noël;Sète\n".encode("cp1252")

    assert [cells for _line, cells in table(content)[1]] == [["Lévêque", "Nîmes"], ["Noël", "Sète"]]


def test_a_file_of_an_old_mac_is_read():
    text = "Nom;Prénom\nLévêque;Éléonore\nBégard;André\n"

    assert table(text.encode("mac_roman"))[1] == [(2, ["Lévêque", "Éléonore"]), (3, ["Bégard", "André"])]


@pytest.mark.parametrize("content", [b"", b"\n\r\n\n", b"\xef\xbb\xbf", b"\xff\xfe", b";;;\n;;", b" \n\t\n"])
def test_an_empty_file_says_so(content):
    assert refusal(content) == EMPTY


@pytest.mark.parametrize("where", ["header", "row", "book"])
def test_over_two_hundred_columns_are_refused_not_cut(where):
    names = [f"c{place}" for place in range(201)]
    content = {"header": ";".join(names), "row": "Nom\n" + ";".join(names), "book": book(["Nom"], names)}[where]

    assert refusal(content) == TOO_WIDE
    assert table(f"{';'.join(names[:200])};;;\n") == (names[:200], [])


def test_a_file_is_read_up_to_its_last_line(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 100)

    assert len(table("Nom\n" + "x\n" * 99)[1]) == 99
    assert refusal("Nom\n" + "x\n" * 100) == TOO_LONG


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("Nom\n" + "x\n" * 100_000, TOO_LONG),
        (b"x" * (LONGEST_FILE + 1), "Ce fichier dépasse 20 Mo : coupez-le en plusieurs."),
        ("Nom;Prénom\nVoi\x00sin;x\n", NO_CSV),
        (b"\x00\x00\x00", NO_CSV),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", SOMETHING_ELSE),
        (b"%PDF-1.7\n\x00", SOMETHING_ELSE),
        ("Nom;Note\nVoisin;" + "x" * 200_000, TOO_LONG_A_CELL),
        ('Nom;Note\nVoisin;"' + "jamais fermé;\n" * 20_000, TOO_LONG_A_CELL),
        ('Nom;Note\nUn;x\n\nVoisin;"jamais fermé\nAutre;y\n', "Ligne 4 : un guillemet n'est pas fermé, ou est mal placé."),
        ('Nom;"Note\nVoisin;x\n', "Ligne 1 : un guillemet n'est pas fermé, ou est mal placé."),
        ('Nom;Note\nVoisin;"Le "petit" Paul"\n', "Ligne 2 : un guillemet n'est pas fermé, ou est mal placé."),
        (SWALLOWED, "Ligne 3 : une cellule contient d'autres lignes, il manque un guillemet."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Ce fichier est d'un ancien Excel : enregistrez-le en .xlsx, ou en CSV."),
    ],
    ids=["100,001 lines", "20 MB", "NUL", "NULs", "PNG", "PDF", "a cell of 200 kB", "a quote without end",
         "a quote that swallows", "a quote in the header", "a quote inside", "a row inside a cell", "an old Excel"],
)  # fmt: skip
def test_what_is_no_csv_is_refused_with_a_sentence(content, sentence):
    assert refusal(content) == sentence


# XLSX.


def test_a_book_is_read_as_a_person_sees_it():
    content = book(
        ["Nom", " Né  le", "Tél", "Code", "Quand", "Note", "Vrai", "Heure"],
        [
            "Lévêque",
            date(2008, 11, 25),
            612345678.0,
            1000,
            datetime.fromisoformat("2026-11-02T18:05"),
            12.5,
            True,
            timedelta(hours=9),
        ],
    )

    assert table(content) == (
        ["Nom", "Né le", "Tél", "Code", "Quand", "Note", "Vrai", "Heure"],
        [(2, ["Lévêque", "2008-11-25", "612345678", "1000", "2026-11-02 18:05:00", "12.5", "VRAI", "09:00"])],
    )


def test_empty_rows_and_gaps_of_a_book_keep_the_lines():
    content = book([None, "Nom", None, "Ville"], [], [None, "Voisin"], [None, " ", None], [None, None, None, "Lyon"])

    assert table(content) == (["", "Nom", "", "Ville"], [(3, ["", "Voisin"]), (5, ["", "", "", "Lyon"])])


def test_the_first_sheet_is_read_and_a_formula_by_its_result():
    content = book(["Nom", "Note"], ["Voisin", "=1+1"], autre=[["Secret"], ["x"]])

    assert table(content) == (["Nom", "Note"], [(2, ["Voisin"])])


def test_rows_that_say_where_they_stand_are_there():
    content = sheet('<row r="7"><c r="A7" t="inlineStr"><is><t>Voisin</t></is></c></row>')

    assert table(content)[1] == [(7, ["Voisin"])]


def test_a_column_without_end_is_not_read():
    content = sheet('<row r="2"><c r="A2"><v>1</v></c><c r="XFD2"><v>2</v></c></row>')

    assert table(content)[1] == [(2, ["1"])]


def test_a_book_without_rows_is_empty():
    assert refusal(book()) == EMPTY
    assert table(book(["Nom"])) == (["Nom"], [])


@pytest.mark.parametrize("length", [4, 30, 200, 2_000, -1, -30])
def test_a_book_that_was_cut_is_refused(length):
    assert refusal(book(["Nom"], ["Voisin"])[:length]) == NO_TABLE


@pytest.mark.parametrize("content", [b"", b"<a><b></a>", b"<a/>", None], ids=["empty", "malformed", "other", "missing"])
@pytest.mark.parametrize("member", ["xl/workbook.xml", SHEET, "[Content_Types].xml", "xl/_rels/workbook.xml.rels"])
def test_a_book_whose_parts_are_damaged_is_refused(member, content):
    assert refusal(packed({member: content})) in {NO_TABLE, EMPTY}


@pytest.mark.parametrize("member", ["xl/styles.xml", "docProps/core.xml"])
def test_a_book_whose_lesser_parts_are_damaged_is_refused(member):
    assert refusal(packed({member: b"<a><b></a>"})) == NO_TABLE


@pytest.mark.parametrize(
    ("offset", "value"),
    [(2, b"\x6d\x00"), (4, b"\x01\x00"), (6, b"\x63\x00")],
    ids=["of a later version", "locked", "unknown method"],
)
def test_a_book_that_is_packed_in_a_way_nobody_opens_is_refused(offset, value):
    assert refusal(damaged(packed(method=zipfile.ZIP_STORED), offset, value)) == NO_TABLE


def test_a_part_packed_as_no_workbook_is():
    assert refusal(packed(method=zipfile.ZIP_LZMA)) == NO_TABLE


def test_no_damaged_byte_of_a_book_gets_past_the_sentence():
    content = book(["Nom", "Prénom"], *([f"Nom{rank}", rank] for rank in range(20)))

    for place in range(0, len(content), 31):
        broken = content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :]
        try:
            with warnings.catch_warnings(action="ignore"):
                table(broken)
        except UnreadableFile:
            pass


def test_a_zip_that_is_no_book_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("demandes.csv", TEXT)

    assert refusal(file.getvalue()) == NO_TABLE


def test_a_book_that_unpacks_without_end_is_not_unpacked():
    assert refusal(packed({"xl/media/rien.bin": b"0" * 32_000_000})) == TOO_BIG


ENTITIES = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True)
) + "]>"  # fmt: skip


def test_entities_that_multiply_are_refused():
    row = '<row r="2"><c t="inlineStr"><is><t>&j;</t></is></c></row>'

    assert refusal(sheet(row, before=ENTITIES)) == TOO_BIG
    assert refusal(packed({"xl/workbook.xml": f"{ENTITIES}<workbook {MAIN}>&j;</workbook>".encode()})) == TOO_BIG


def test_a_file_of_the_machine_is_not_read_through_an_entity():
    row = '<row r="2"><c t="inlineStr"><is><t>x&a;</t></is></c></row>'
    content = sheet(row, before='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>')

    try:
        rows = table(content)[1]
    except UnreadableFile:
        rows = []

    assert [cells for _line, cells in rows] in ([], [["x"]])


def test_a_row_far_below_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 1_000)

    assert refusal(sheet('<row r="1000000000"><c><v>1</v></c></row>')) == TOO_LONG


def test_the_empty_last_row_of_a_program_refuses_nobody():
    row = '<row r="2"><c t="inlineStr"><is><t>Awa</t></is></c></row><row r="1048576" hidden="false"></row>'

    assert [cells for _line, cells in table(sheet(row))[1]] == [["Awa"]]


def test_a_row_of_millions_of_cells_is_not_opened():
    assert "trop gros une fois ouvert" in refusal(sheet(f'<row r="1">{"<c/>" * 200_000}</row>'))


@pytest.mark.parametrize(
    "rows",
    [
        f'<row r="2"><c><v>{"9" * 5_000}</v></c></row>',
        '<row r="x"><c><v>1</v></c></row>',
        '<row r="2"><c t="s"><v>7</v></c></row>',
        '<row r="2"><c t="n"><v>un</v></c></row>',
    ],
    ids=["a number without end", "a row that is no number", "a text that is nowhere", "a number in words"],
)
def test_a_sheet_that_lies_is_refused(rows):
    assert refusal(sheet(rows)) == NO_TABLE


@pytest.mark.parametrize("name", ["demandes-semaine-46.csv", "demandes-semaine-47.csv"])
def test_a_week_saved_as_a_book_holds_the_same(name):
    header, rows = table((DATA / name).read_bytes().replace(b"=HYPERLINK", b"HYPERLINK"))

    assert table(book(header, *(cells for _line, cells in rows))) == (header, rows)


# What would be read wrong without a word.


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "mac_roman", "cp850"])
@pytest.mark.parametrize("names", ["Benoît;Irène", "LEFÈVRE;MICHÈLE", "Fernández;François", "N'Diaye;Anaïs", "É. Noël;Zoé"])
def test_names_are_read_in_every_encoding_of_a_french_spreadsheet(encoding, names):
    rows = f"Nom;Prenom\r\n{names}\r\nLévêque;Éléonore\r\n"

    assert table(rows.encode(encoding)) == (["Nom", "Prenom"], [(2, names.split(";")), (3, ["Lévêque", "Éléonore"])])


NAMES, ONE, TWO = ["Nom", "Prénom"], ["Lévêque", "Éléonore"], ["Noël", "Zoé"]


def is_names(cells):
    return cells == NAMES


@pytest.mark.parametrize("said", ["A1", "A1:A1", "A1:XFD1048576"])
def test_a_book_that_says_less_of_itself_than_it_holds_is_read_whole(said):
    rows = "".join(f'<row r="{line}"><c t="inlineStr"><is><t>{name}</t></is></c></row>' for line, name in ((1, "Nom"), (2, "Noël")))
    content = packed({SHEET: f'<worksheet {MAIN}><dimension ref="{said}"/><sheetData>{rows}</sheetData></worksheet>'.encode()})

    assert table(content) == (["Nom"], [(2, ["Noël"])])


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_not_read(state):
    workbook = load_workbook(io.BytesIO(book(NAMES, TWO, Demandes=[NAMES, ONE])))
    workbook.worksheets[0].sheet_state = state
    workbook.active = 1
    made = io.BytesIO()
    workbook.save(made)

    found = read_table(made.getvalue(), is_names)

    assert [cells for _line, cells in found.rows] == [ONE]


def test_of_two_sheets_that_hold_people_none_is_taken():
    with pytest.raises(UnreadableFile, match="plusieurs feuilles de demandes"):
        read_table(book(NAMES, ONE, S47=[NAMES, TWO]), is_names)


def test_a_model_without_anybody_may_come_first():
    found = read_table(book(NAMES, Demandes=[NAMES, ONE]), is_names)

    assert [cells for _line, cells in found.rows] == [ONE]


@pytest.mark.parametrize("other", [[NAMES], [["À savoir", "Rien"]], []])
def test_a_sheet_that_holds_nobody_does_not_matter(other):
    found = read_table(book(NAMES, ONE, Modele=other), is_names)

    assert [cells for _line, cells in found.rows] == [ONE]


@pytest.mark.parametrize("prefix", ["", "x:", "é.-:"])
def test_a_book_of_too_many_texts_is_refused_at_once(prefix, monkeypatch):
    monkeypatch.setattr(weighing, "MOST_CELLS", 1000)
    main = MAIN.replace("xmlns", f"xmlns:{prefix[:-1]}") if prefix else MAIN
    texts = f"<{prefix}si/>" * 1001

    assert refusal(packed({"xl/sharedStrings.xml": f"<{prefix}sst {main}>{texts}</{prefix}sst>".encode()})) == TOO_BIG


@pytest.mark.parametrize(
    ("limit", "rows"),
    [
        ("MOST_CELLS", "<row><c/><c/></row>" * 600),
        ("MOST_CELLS", "<row><c><f>1</f></c></row>" * 1001),
        ("MOST_CELLS", f"<row>{'<v/>' * 1001}</row>"),
        ("MOST_CELLS", '<row><c t="inlineStr"><is><t>a</t></is></c></row>' * 501),
        ("MOST_IN_ROW", f"<!-- row> --><row>{'<c/>' * 600}<!-- <row> </row> -->{'<c/>' * 600}</row>"),
        ("MOST_IN_ROW", f"<row><c>{'<v/>' * 600}<si/>{'<v/>' * 600}</c></row>"),
        ("MOST_LINES", "<row/>" * 1001),
        ("MOST_MARKS", "<row><c><v>1</v></c></row>" * 340),
        ("MOST_OTHERS", "</sheetData><mergeCells>" + '<mergeCell ref="A1:B2"/>' * 1001 + "</mergeCells><sheetData>"),
        ("MOST_ATTRIBUTES", "<row " + " ".join(f"a{rank}=''" for rank in range(1001)) + "/>"),
        ("LONGEST_TEXT", f'<row><c t="inlineStr"><is><t>{"a" * 600}<!-- -->{"a" * 600}</t></is></c></row>'),
    ],
)
@pytest.mark.parametrize("letters", ["utf-8", "utf-16"])
def test_a_book_that_takes_too_long_is_refused_before_it_is_read(limit, rows, letters, monkeypatch):
    """Some held a process for a minute, in a few kilobytes. What a row holds is a cell, whatever its name; a comment is none."""
    monkeypatch.setattr(weighing, limit, 1000)
    monkeypatch.setattr(tables, "sheet_rows", lambda _sheet: pytest.fail("read"))
    first = '<row r="1"><c t="inlineStr"><is><t>Nom</t></is></c></row>'

    sheet = f"<worksheet {MAIN}><sheetData>{first}{rows}</sheetData></worksheet>".encode(letters)
    assert refusal(packed({SHEET: sheet})) == TOO_BIG


@pytest.mark.parametrize("name", [SHEET, "xl/elsewhere.png"])
def test_a_mark_that_does_not_end_is_refused_wherever_it_stands(name):
    endless = f'<row r="2" a="{"1" * 300_000}"/>'

    assert refusal(packed({name: f"<worksheet {MAIN}><sheetData>{endless}</sheetData></worksheet>".encode()})) == TOO_BIG


def test_a_cell_of_endless_pieces_is_refused(monkeypatch):
    monkeypatch.setattr(tables, "LONGEST_TEXT", 100)

    assert refusal(sheet(f'<row r="2"><c t="inlineStr"><is>{"<r><t>awa</t></r>" * 34}</is></c></row>')) == TOO_BIG


def test_a_part_in_letters_that_nobody_uses_is_not_read():
    assert refusal(packed({"xl/styles.xml": b'<?xml version="1.0" encoding="UTF-7"?><styleSheet/>'})) == NO_TABLE


def test_the_weight_of_a_book_of_60_000_people_is_allowed():
    """With ten columns, as Excel writes it; a picture is not counted, nor what a damaged part holds after its fault."""
    cells = "".join(f'<c r="{one}60000" t="s"><v>60000</v></c>' for one in "ABCDEFGHIJ")
    people = f'<row r="60000">{cells}</row>' * 60_001
    links = '<hyperlink ref="E1"/>' * 60_000
    weight = weighing.Weight()

    weight.add(f"<worksheet {MAIN}><sheetData>{people}</sheetData><hyperlinks>{links}</hyperlinks></worksheet>".encode())
    weight.add(f"<sst {MAIN}>{'<si><t>Diallo</t></si>' * 300_000}</sst>".encode())
    weight.add(b"\x89PNG" + b"<" * 300_000)
    weight.add(b"<a><b></a>")

    assert (weight.cells, weight.lines) == (900_010, 60_001)


def test_a_sheet_of_endless_attributes_costs_no_more_than_its_length():
    """It was looked through as many times as it had attributes: a book of 6 KB held every process for half a minute."""
    assert not hides_rows(b"<row" + b' hidden="1"' * 500_000)
    assert hides_rows(b'<row r="1"><c/></row><x:row r="2" hidden="1" ht="3">\n<x:c/>')
    assert not hides_rows(b'<row hidden="1"></row><row r="3"><c/>')


def test_a_book_of_a_million_formats_is_refused():
    plain = io.BytesIO(book(["Nom"], ["Roux"]))
    swollen = io.BytesIO()
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(swollen, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            content = before.read(part)
            if part.filename.endswith("styles.xml"):
                content = content.replace(b"</cellXfs>", b"<xf/>" * 300_000 + b"</cellXfs>")
            after.writestr(part.filename, content)

    with pytest.raises(UnreadableFile, match="trop gros"):
        read_table(swollen.getvalue())


@pytest.mark.parametrize("text", ["<html><table>", '[{"a": 1}]', '{ "a": 1}', "[ {", "{\\rtf1 x"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_what_is_no_table_is_told_so(text, charset):
    assert refusal(f" {text}\nNom;Prénom".encode(charset)).startswith("Ce fichier n'est pas un tableau")


@pytest.mark.parametrize(
    "content", [b'"' + b"a;" * 100_000 + b'"\n', b"a;" * 40_000 + b"\n", b"Nom;Ville\n" + b"a;" * 40_000 + b"\n"], ids=len
)
def test_titles_are_not_looked_for_among_thousands_of_columns(content, monkeypatch):
    looked = []
    monkeypatch.setattr(importing, "is_header", lambda cells, **_kind: looked.append(len(cells)))

    with pytest.raises(UnreadableFile):
        importing.read_file(content)

    assert max(looked) <= tables.MOST_CELLS + tables.REASONS
