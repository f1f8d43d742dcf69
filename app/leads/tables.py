"""Read a table that somebody's spreadsheet saved: CSV in any of its encodings and separators, or XLSX."""

import csv
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, islice
from typing import Any
from xml.parsers.expat import ExpatError

from app.errors import DomainError
from app.fields import normal_phone
from app.translation import gettext as _
from app.translation import lazy_gettext as _l

from .charsets import decode, once_more
from .quoting import SEPARATORS, as_a_spreadsheet, parted
from .weighing import LONGEST_TEXT, TooHeavy, Weight

LONGEST_FILE = 20 * 1024 * 1024  # bytes
LONGEST_UNPACKED = 30 * 1024 * 1024  # bytes: an XLSX is a ZIP, and some unpack without end; 60,000 people take 20 MB
MOST_ROWS, MOST_CELLS = 100_000, 200
WIDEST = 10_000  # separators on a line, which may stand in what somebody wrote: more are not even parted
REASONS = 3  # columns that we add to rows which we refuse
MOST_TITLES = MOST_CELLS + REASONS
LINE_END = re.compile(r"\r\n|\r|\n")
SOMEBODY = re.compile(r"\w@\w|\d{5}")
REACHED = re.compile(r"\w@\w|(?:\d[ .]?){9}")  # an address, a telephone
TITLE_ROWS = 30  # rows, a title or a note, among which the names of the columns are looked for
WIDE = 5  # columns from which a line inside a cell, or above the titles, is known for one of the table's
LAST_LINE, MOST_SHEETS = 2 * MOST_ROWS, 20  # of a book, rows that hold nothing among them
TOO_LONG = _l("Ce fichier dépasse 100 000 lignes : coupez-le en plusieurs.")
TOO_WIDE = _l("Ce fichier a plus de 200 colonnes : gardez celles qui servent.")
TOO_BIG = _l("Ce fichier est trop gros une fois ouvert : enregistrez-le en CSV.")
SEVERAL = _l("Ce classeur a plusieurs feuilles de demandes : enregistrez chacune dans un fichier.")
UNTITLED = _l("Ce fichier n'a pas de titres de colonnes : dites ce que contient chacune.")
SINCE_1904 = _l("Ce classeur compte les jours à partir de 1904 : une date écrite comme un nombre est lue ainsi, vérifiez-la.")
UNREADABLE = _l("Ce fichier n'est pas un tableau lisible. Enregistrez-le en CSV, ou en XLSX.")
LONGEST_TITLE = 200  # characters
NO_TABLE = re.compile(r"\ufeff?\s*(?:<|\{\\rtf|[\[{]\s*[\[{\"])")  # a web page under another name, a letter, JSON
NO_TEXT = (
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"%PDF-",
    b"RIFF",
    b"ID3",
    b"BEGIN:VCARD",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc",
)
SYLK = re.compile(rb"ID;P\w*(?:;\w+)*\r?\n[BCFOP];")
STRICT = b"http://purl.oclc.org/ooxml/"  # « Strict Open XML », which few programs read
OTHER_EPOCH = 1904
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
ROW_WITH_CELLS = re.compile(rb"<(?:\w+:)?row\b([^<>]*+)>\s*+<(?:\w+:)?c\b")
HIDDEN = re.compile(rb'\shidden="(?:1|true)"')
COMMENTS = re.compile(r"(?:^|/)(?:threadedC|c)omments?[^/]*\.xml$", re.IGNORECASE)
STRIKE, FONT = re.compile(rb'<(?:\w+:)?strike(?: val="(?:1|true)")? ?/>'), re.compile(rb"<(?:\w+:)?font\b")
COLUMN, MERGED = (
    re.compile(rb"<(?:\w+:)?col\b([^<>]*+)>"),
    re.compile(rb'<(?:\w+:)?mergeCell\b[^<>]*?\sref="([A-Z]+)(\d+):([A-Z]+)(\d+)"'),
)
LAST_OF_ALL = 1_048_576  # rows of a sheet
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # what a workbook writes where XML cannot, the end of a line above all (ST_Xstring)
AS_TEXT = re.compile(r'="([^"]*)"')  # how a program keeps a spreadsheet from reading a number
# What the libraries let out of a file that is damaged, or none. SyntaxError is what every XML reader's own error is.
Unread = (csv.Error, zipfile.BadZipFile, zlib.error, SyntaxError, LookupError, ValueError, TypeError,
          AttributeError, ArithmeticError, RuntimeError, OSError, EOFError, ExpatError)  # fmt: skip
Rows = Iterator[tuple[int, list[str]]]


class UnreadableFile(DomainError):
    """The file as a whole cannot be taken; the sentence says what it lacks."""


@dataclass(frozen=True)
class Table:
    """The names of the columns, and the rows that hold something: the line of the file on which each begins, and its cells.

    The notes say what of a workbook is not read, or is though a reader may not see it.
    """

    header: list[str]
    rows: Rows
    notes: Sequence[str] = ()
    above: Sequence[tuple[int, list[str]]] = ()  # the rows that stand before the names of the columns
    title: str = ""  # of the sheet

    @property
    def is_since_1904(self) -> bool:
        """Whether the workbook counts its days as old Macintoshes did."""
        return str(SINCE_1904) in self.notes


def read_table(
    content: bytes,
    is_header: Callable[[list[str]], bool] = lambda _cells: False,
    is_of_people: Callable[[list[str]], bool] = lambda _cells: True,
    is_left_out: Callable[[str], bool] = lambda _title: False,
    most: int = MOST_CELLS,
) -> Table:
    """A file's table; its rows are read as they are asked for. Raises UnreadableFile, here or while the rows are read.

    The names of the columns are on the first row that `is_header` knows, of the sheet that has one: a title, a notice may stand
    before. Where none is known, they are on the first row of all. Hidden sheets are not read; of two that hold people, as
    `is_of_people` says by their columns, none is, but the one whose title does not say that its people are left out.
    """
    if len(content) > LONGEST_FILE:
        raise UnreadableFile(_("Ce fichier dépasse 20 Mo : coupez-le en plusieurs."))
    sheets, notes = sheets_of(content, is_header)
    filled, named, holding = dict[str, Table](), dict[str, Table](), dict[str, Table]()
    for title, sheet in sheets:
        rows = counted(sheet, most)
        if top := list(islice(rows, TITLE_ROWS)):
            place = next((place for place, (_line, cells) in enumerate(top) if is_header(cells)), None)
            refuse_above(top[: place or 0])
            filled[title] = begun(top, rows, place)
            if place is not None:
                named[title] = filled[title]
                if len(top) > place + 1 or len(top) == TITLE_ROWS:  # somebody, or more rows to come
                    holding[title] = filled[title]
    if not filled:
        raise UnreadableFile(_("Ce fichier est vide."))
    holding = {title: table for title, table in holding.items() if is_of_people(table.header)} or holding
    holding = {title: table for title, table in holding.items() if not is_left_out(title)} or holding
    if len(holding) > 1:
        raise UnreadableFile(str(SEVERAL))
    read, table = next(iter((holding or named or filled).items()))
    others = ", ".join(_("« %(value)s »", value=title) for title in filled if title != read)
    if others:
        notes.append(_("La feuille « %(read)s » est lue. Ne le sont pas : %(others)s.", read=read, others=others))
    header = [" ".join(cell.split())[:LONGEST_TITLE] for cell in table.header]
    return Table(header, table.rows, [*notes, *table.notes], table.above, read)


def begun(top: Sequence[tuple[int, list[str]]], rows: Rows, place: int | None) -> Table:
    """The table whose first rows these are, its titles at a place among them; where none are known, on the first, unless it is
    somebody's.
    """
    if place is None and (is_somebody(top[0][1]) or any(SOMEBODY.search(cell) for cell in top[0][1])):
        return Table([""] * len(top[0][1]), chain(top, rows), [str(UNTITLED)])
    place = place or 0
    return Table(top[place][1], chain(top[place + 1 :], rows), above=top[:place])


def refuse_above(rows: Sequence[tuple[int, list[str]]]) -> None:
    """Raise UnreadableFile where somebody stands above the names of the columns, as after a sort: they would not be read.

    « Établissement : » begins a school's banner, and names nobody.
    """
    for line, cells in rows:
        begins = next(cell.rstrip() for cell in cells if cell.strip())
        if is_somebody(cells) and not begins.endswith(":"):
            raise UnreadableFile(
                _("Ligne %(line)s : quelqu'un est au-dessus des titres des colonnes. Remettez les titres en premier.", line=line)
            )


def is_somebody(cells: Sequence[str]) -> bool:
    """Whether a row holds a person, who can be reached, and no titles."""
    return sum(bool(cell.strip()) for cell in cells) >= WIDE and any(REACHED.search(cell) or normal_phone(cell) for cell in cells)


def sheets_of(content: bytes, is_header: Callable[[list[str]], bool]) -> tuple[Iterable[tuple[str, Rows]], list[str]]:
    """The sheets of a file with their titles, in order, and notes on them; a CSV is one."""
    if content.startswith(OLD_EXCEL) and "EncryptedPackage".encode("utf-16-le") in content:
        raise UnreadableFile(_("Ce classeur est protégé par un mot de passe : enregistrez-le sans, puis envoyez-le."))
    if content.startswith(OLD_EXCEL):
        raise UnreadableFile(_("Ce fichier est d'un ancien Excel : enregistrez-le en .xlsx, ou en CSV."))
    if content.startswith(ZIP):
        return xlsx_sheets(content)
    if content.startswith(NO_TEXT) or SYLK.match(content) or NO_TABLE.match(decode(content[:200])):
        raise UnreadableFile(
            _("Ce fichier n'est pas un tableau : ouvrez-le dans un tableur, puis enregistrez-le en .xlsx ou en CSV.")
        )
    return [("", csv_rows(content, is_header))], []


def counted(rows: Rows, most: int) -> Rows:
    """The rows that hold something, in so many columns at most. Raises UnreadableFile at what cannot be read."""
    try:
        for line, cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if line > MOST_ROWS:
                raise UnreadableFile(TOO_LONG)
            last = max(place for place, cell in enumerate(cells) if cell.strip())
            if last >= most:
                raise UnreadableFile(TOO_WIDE)
            yield line, cells[: last + 1]
    except Unread as error:
        raise UnreadableFile(UNREADABLE) from error


def csv_rows(content: bytes, is_header: Callable[[list[str]], bool]) -> Rows:
    """The rows of a CSV, with the line on which each begins.

    A quote that is not closed would swallow the people below it into somebody's cell: the file is refused, and the line is said.
    """
    text = decode(content)
    if text.count("\x00") > len(text) // 100:  # else a program left one in a cell, which no field keeps
        raise UnreadableFile(_("Ce fichier n'est pas un fichier CSV."))
    text = as_a_spreadsheet(text.replace("\x00", ""), is_header, MOST_TITLES)
    skipped, separator = separator_of(text, is_header)
    begins, width = 1 + len(LINE_END.findall(text[:skipped])), 0
    if any(line.count(separator) > WIDEST for line in LINE_END.split(text)):
        raise UnreadableFile(TOO_WIDE)
    is_spaced = bool(re.match(rf'[^\r\n]*"{re.escape(separator)} +"', text[skipped:].lstrip("\r\n")))  # "Nom", "Prénom"
    body = io.StringIO(text[skipped:], newline="")
    offset, reader = begins - 1, csv.reader(body, delimiter=separator, strict=True, skipinitialspace=is_spaced)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UnreadableFile(misplaced(str(error), begins)) from error
        if cells is None:
            return
        if width >= WIDE and any(swallows(cell, place, separator, width) for place, cell in enumerate(cells)):
            raise UnreadableFile(_("Ligne %(line)s : une cellule contient d'autres lignes, il manque un guillemet.", line=begins))
        yield begins, [AS_TEXT.sub(r"\1", cell) if AS_TEXT.fullmatch(cell) else cell for cell in cells]
        begins, width = offset + reader.line_num + 1, max(width, len(cells))


def misplaced(error: str, line: int) -> str:
    """What the reader stumbled on, in a sentence with the line where its row begins."""
    if "field larger" in error:
        return _("Ligne %(line)s : une cellule est trop longue, ou un guillemet n'est pas fermé.", line=line)
    return _("Ligne %(line)s : un guillemet n'est pas fermé, ou est mal placé.", line=line)


def separator_of(text: str, is_header: Callable[[list[str]], bool]) -> tuple[int, str]:
    """What stands between two cells, and how many characters come before the table: Excel may say it for itself (« sep=; »)."""
    body = text.lstrip("\r\n")
    lines = LINE_END.split(body[:100_000], TITLE_ROWS)[:TITLE_ROWS]
    if re.fullmatch(r"sep=.", lines[0], re.IGNORECASE):
        return len(text) - len(body) + len(lines[0]), lines[0][4]
    known = (
        one for line in lines for one in SEPARATORS if is_header([cell.strip(' "') for cell in parted(line, one, MOST_TITLES)])
    )
    return 0, next(known, None) or max(SEPARATORS, key=lines[0].count)


def swallows(cell: str, place: int, separator: str, width: int) -> bool:
    """Whether a cell holds a line of the table: a postal code, a number or an address, and as many columns.

    Or the end of one and the beginning of the next, as far as this column: a stray quote opened it, another closed it.
    """
    lines = LINE_END.split(cell)
    if len(lines) == 1 or not SOMEBODY.search(cell):
        return False
    counts = [line.count(separator) for line in lines]
    is_whole = any(count >= width - 1 and SOMEBODY.search(line) for count, line in zip(counts, lines, strict=True))
    return is_whole or (place > 1 and (counts[0], counts[-1]) == (width - 1 - place, place))


def xlsx_sheets(content: bytes) -> tuple[Iterable[tuple[str, Rows]], list[str]]:
    """The rows of each sheet that one sees, as they would be in a CSV; and notes on what one may not see."""
    try:
        notes = looked_through(content)
        from openpyxl import load_workbook  # when a workbook comes: it takes 8 MB

        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except TooHeavy as error:
        raise UnreadableFile(TOO_BIG) from error
    except Unread as error:
        raise UnreadableFile(UNREADABLE) from error
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    unread = [sheet.title for sheet in book.worksheets if sheet not in sheets[:MOST_SHEETS]]
    if book.epoch.year == OTHER_EPOCH:
        notes.append(str(SINCE_1904))
    if unread:
        names = ", ".join(_("« %(value)s »", value=title) for title in unread[:MOST_SHEETS])
        notes.append(_("Feuilles masquées ou trop nombreuses, qui ne sont pas lues : %(names)s.", names=names))
    return [(sheet.title, sheet_rows(sheet)) for sheet in sheets[:MOST_SHEETS]], notes


def looked_through(content: bytes) -> list[str]:
    """What a workbook's parts say before it is opened: notes on what one may not see in it. Raises UnreadableFile."""
    weight, struck, seen = Weight(), list[bytes](), dict[str, bool]()
    noted = _("Des cellules de ce classeur portent un commentaire : il n'est pas lu.")
    barred = _("Des cellules de ce classeur sont barrées : elles sont lues aussi, vérifiez-les.")
    checks: dict[str, Callable[[bytes], bool]] = {
        barred: lambda sheet: any(style in sheet for style in struck),
        _("Des lignes de ce classeur sont masquées, par un filtre peut-être : elles sont lues aussi."): hides_rows,
        _("Des colonnes de ce classeur sont masquées : elles sont lues aussi, si leur titre est connu."): hides_columns,
        _("Des cellules sont fusionnées sur plusieurs lignes : seule la première les reçoit, vérifiez les suivantes."): merges_rows,
    }
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = sorted(packed.infolist(), key=lambda part: "/worksheets/" in part.filename)  # styles before those who use them
        if sum(part.file_size for part in parts) > LONGEST_UNPACKED:
            raise UnreadableFile(TOO_BIG)
        if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):  # the only two of an XLSX
            raise UnreadableFile(UNREADABLE)
        for part in parts:
            unpacked = packed.read(part)
            refuse_part(part.filename, unpacked)
            weight.add(unpacked)
            if COMMENTS.search(part.filename):
                seen[noted] = True
            if part.filename.endswith("sharedStrings.xml") and STRIKE.search(unpacked):
                seen[barred] = True
            if part.filename.endswith("styles.xml"):
                struck += struck_styles(unpacked)
            if "/worksheets/" in part.filename:
                seen |= {said: seen.get(said, False) or check(unpacked) for said, check in checks.items()}
    return [said for said, is_so in seen.items() if is_so]


def refuse_part(name: str, unpacked: bytes) -> None:
    """Raise UnreadableFile at a part of a workbook that would not be read."""
    if name.endswith("workbook.xml") and STRICT in unpacked:
        raise UnreadableFile(
            _("Ce classeur est d'une forme rare (« Strict Open XML ») : enregistrez-le en .xlsx ordinaire, ou en CSV.")
        )


def struck_styles(styles: bytes) -> list[bytes]:
    """How a cell says that its text is struck through: by a style whose font is."""
    fonts = [bool(STRIKE.search(font)) for font in FONT.split(styles.partition(b"</fonts>")[0])[1:]]
    formats = styles.partition(b"<cellXfs")[2].partition(b"</cellXfs>")[0]
    used = [int(font) for font in re.findall(rb'<(?:\w+:)?xf\b[^<>]*?\sfontId="(\d+)"', formats)]
    return [b' s="%d"' % style for style, font in enumerate(used) if font < len(fonts) and fonts[font]]


def hides_rows(sheet: bytes) -> bool:
    """Whether a row that holds cells is hidden; in one pass, whatever the sheet is made of."""
    return any(HIDDEN.search(row[1]) for row in ROW_WITH_CELLS.finditer(sheet))


def hides_columns(sheet: bytes) -> bool:
    """Whether a column is hidden."""
    return any(HIDDEN.search(column[1]) for column in COLUMN.finditer(sheet[:200_000]))


def merges_rows(sheet: bytes) -> bool:
    """Whether a cell stands on several rows, beyond the titles."""
    return any(int(cell[4]) > max(int(cell[2]), 2) for cell in islice(MERGED.finditer(sheet), 10_000))


def sheet_rows(sheet: Any) -> Rows:
    """The rows of a sheet, one column further than what we take: a file that has more is told so."""
    sheet.reset_dimensions()  # a book may say less of itself than it holds
    for line, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_TITLES + 1), start=1):
        is_filled = cells.count(None) < len(cells)
        if line > (LAST_LINE if is_filled else LAST_OF_ALL):  # LibreOffice writes an empty last row
            raise UnreadableFile(TOO_LONG)
        if is_filled:
            yield line, [written(cell) for cell in cells]


def unescaped(code: re.Match[str]) -> str:
    """The letter that a code stands for; nothing for a NUL or half a letter, which no field keeps."""
    letter = chr(int(code[1], 16))
    return "" if letter == "\x00" or unicodedata.category(letter) == "Cs" else letter


def written(cell: Any) -> str:
    """A cell as text: dates as nobody can mistake them (2026-11-24), whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "VRAI" if cell else "FAUX"
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S" if cell.time() != datetime.min.time() else "%Y-%m-%d")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        minutes = int(cell.total_seconds()) // 60
        return f"{minutes // 60:02}:{minutes % 60:02}"
    if isinstance(cell, str):
        if len(cell) > LONGEST_TEXT:  # of several pieces
            raise UnreadableFile(TOO_BIG)
        return once_more(ESCAPED.sub(unescaped, cell) if "_x" in cell else cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
