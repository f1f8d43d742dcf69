"""Rows as a file that a spreadsheet opens, and never runs."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response

from .web import download

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = re.compile(r"[\t\r]|[\s\u200b\ufeff]*[=+\-@＝＋－＠]")  # some programs leave out the spaces, and read wide signs


def disarmed(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def as_csv(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as a French spreadsheet opens them: UTF-8 with its mark, semicolons, a comma in numbers; cells as they are given."""
    text = io.StringIO()
    cells = ([str(value).replace(".", ",") if isinstance(value, float) else value for value in row] for row in rows)
    csv.writer(text, delimiter=";").writerows(cells)
    return text.getvalue().encode("utf-8-sig")


def as_file(form: str, name: str, rows: Iterable[Sequence[Any]]) -> Response:
    """Rows as CSV that a French spreadsheet opens (UTF-8 with its mark, semicolons), or as XLSX. No cell is ever a formula."""
    cells = ([disarmed(value) for value in row] for row in rows)
    if form == "xlsx":
        from openpyxl import Workbook  # when a workbook is asked for: it takes 8 MB

        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in cells:
            sheet.append(row)
        written = io.BytesIO()
        book.save(written)
        return download(written.getvalue(), f"{name}.xlsx", XLSX)
    return download(as_csv(cells), f"{name}.csv", "text/csv")
