"""Read a table that somebody's spreadsheet saved: CSV in any of its encodings and separators, or XLSX."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from app.errors import DomainError

LONGEST_FILE = 20 * 1024 * 1024  # bytes
LONGEST_UNPACKED = 30 * 1024 * 1024  # bytes: an XLSX is a ZIP, and some unpack without end; 60,000 people take 20 MB
MOST_ROWS, MOST_CELLS = 100_000, 200
ZIP = b"PK\x03\x04"
# What the libraries let out of a file that is damaged, or none. SyntaxError is what every XML reader's own error is.
Unread = (csv.Error, zipfile.BadZipFile, zlib.error, SyntaxError, LookupError, ValueError, TypeError,
          AttributeError, ArithmeticError, RuntimeError, OSError, EOFError)  # fmt: skip


class UnreadableFile(DomainError):
    """The file as a whole cannot be taken; the sentence says what it lacks."""


@dataclass(frozen=True)
class Table:
    """The names of the columns, and the rows that hold something: the line of the file (the header is line 1) and its cells."""

    header: list[str]
    rows: Iterator[tuple[int, list[str]]]


def read_table(content: bytes) -> Table:
    """A file's table; its rows are read as they are asked for. Raises UnreadableFile, here or while the rows are read."""
    if len(content) > LONGEST_FILE:
        raise UnreadableFile(_("Ce fichier dépasse 20 Mo : coupez-le en plusieurs."))
    lines = counted(xlsx_rows(content) if content.startswith(ZIP) else csv_rows(content))
    _line, header = next(lines, (0, []))
    if not header:
        raise UnreadableFile(_("Ce fichier est vide."))
    return Table([" ".join(cell.split()) for cell in header], lines)


def counted(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something. Raises UnreadableFile at what cannot be read."""
    try:
        for line, cells in rows:
            if line > MOST_ROWS:
                raise UnreadableFile(_("Ce fichier dépasse 100 000 lignes : coupez-le en plusieurs."))
            if any(cell.strip() for cell in cells):
                last = max(place for place, cell in enumerate(cells) if cell.strip())
                yield line, cells[: min(last + 1, MOST_CELLS)]
    except Unread as error:
        raise UnreadableFile(_("Ce fichier n'est pas un tableau lisible. Enregistrez-le en CSV, ou en XLSX.")) from error


def csv_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV, with the line where each ends."""
    text = decode(content)
    if "\x00" in text:
        raise UnreadableFile(_("Ce fichier n'est pas un fichier CSV."))
    first = text.lstrip("\r\n").split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=first.count))
    return ((reader.line_num, cells) for cells in reader)


def decode(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or what a French spreadsheet saves (Windows-1252)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if content[1:2] == b"\x00" or content[:1] == b"\x00":  # UTF-16 that does not say so
        return content.decode("utf-16-le" if content[1:2] == b"\x00" else "utf-16-be", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def xlsx_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first sheet, as they would be in a CSV."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(member.file_size for member in packed.infolist()) > LONGEST_UNPACKED:
            raise UnreadableFile(_("Ce fichier est trop gros une fois ouvert : enregistrez-le en CSV."))
    from openpyxl import load_workbook  # when a workbook comes: it takes 8 MB

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        for line, cells in enumerate(book.worksheets[0].iter_rows(values_only=True, max_col=MOST_CELLS), start=1):
            yield line, [written(cell) for cell in cells]
    finally:
        book.close()


def written(cell: Any) -> str:
    """A cell as a person reads it: dates in French, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime("%d/%m/%Y %H:%M:%S" if cell.time() != datetime.min.time() else "%d/%m/%Y")
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
