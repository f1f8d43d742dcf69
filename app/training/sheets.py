"""What staff take away as a file: the table of mentors and their hours, as CSV or XLSX."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import Response
from flask_babel import gettext as _

from app.extensions import db
from app.people.models import Mentor
from app.sheets import as_csv, disarmed
from app.web import download

from .models import Course
from .queries import hours_in, table_of, with_hours
from .status import training_statuses
from .words import STANDINGS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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


def table_rows(mentors: Sequence[Mentor], shown: Sequence[Course]) -> Iterator[list[Any]]:
    """Each mentor: ready or what is missing, then where they stand in each course and the date that goes with it."""
    ids = [mentor.id for mentor in mentors]
    table, statuses = table_of(ids, [course.id for course in shown]), training_statuses(ids)
    yield [_("Nom"), _("Prénom"), _("Formé"), _("Ce qui manque"), *(word for course in shown for word in (course.title, _("Date")))]
    for mentor in mentors:
        status = statuses[mentor.id]
        cells = [table[mentor.id][course.id] for course in shown]
        yield [
            mentor.last_name,
            mentor.first_name,
            _("oui") if status.is_ready else _("non"),
            " ".join(status.missing),
            *(value for cell in cells for value in (str(STANDINGS[cell.standing]), cell.on.isoformat() if cell.on else "")),
        ]


def hours_rows(year: int) -> Iterator[list[Any]]:
    """Each mentor's hours in a year, by kind."""
    yield [_("Nom"), _("Prénom"), _("Initiale (min)"), _("Perfectionnement (min)"), _("Ailleurs (min)"), _("En tout (min)")]
    hours = hours_in(year)
    for mentor in db.session.scalars(with_hours(year).order_by(Mentor.sort_name, Mentor.id)):
        row = hours[mentor.id]
        yield [mentor.last_name, mentor.first_name, row.initial, row.refresher, row.elsewhere, row.total]
