"""What staff take away as a file: the table of mentors and their hours, as CSV or XLSX."""

from collections.abc import Iterator, Sequence
from typing import Any

from app.extensions import db
from app.people.models import Mentor
from app.translation import gettext as _

from .models import Course
from .queries import Cell, Standing, hours_in, table_of, with_hours
from .status import training_statuses
from .words import STANDINGS


def table_rows(mentors: Sequence[Mentor], shown: Sequence[Course]) -> Iterator[list[Any]]:
    """Each mentor: ready or what is missing, then where they stand in each course, until when, and since when they go on."""
    ids = [mentor.id for mentor in mentors]
    table, statuses = table_of(ids, [course.id for course in shown]), training_statuses(ids)
    yield [
        _("Nom"),
        _("Prénom"),
        _("Formé"),
        _("Ce qui manque"),
        *(word for course in shown for word in (course.title, _("Valable jusqu'au"), _("Dernière avancée"))),
    ]
    for mentor in mentors:
        status = statuses[mentor.id]
        cells = [table[mentor.id][course.id] for course in shown]
        yield [
            mentor.last_name,
            mentor.first_name,
            _("oui") if status.is_ready else _("non"),
            " ".join(status.missing),
            *(value for cell in cells for value in (str(STANDINGS[cell.standing]), *dates(cell))),
        ]


def dates(cell: Cell) -> tuple[str, str]:
    """Until when what was completed holds, and the day of the last step of what goes on; one of the two at most."""
    on = cell.on.isoformat() if cell.on else ""
    return ("", on) if cell.standing in {Standing.UNDER_WAY, Standing.LATE} else (on, "")


def hours_rows(year: int) -> Iterator[list[Any]]:
    """Each mentor's hours in a year, by kind."""
    yield [_("Nom"), _("Prénom"), _("Initiale (min)"), _("Perfectionnement (min)"), _("Ailleurs (min)"), _("En tout (min)")]
    hours = hours_in(year)
    for mentor in db.session.scalars(with_hours(year).order_by(Mentor.sort_name, Mentor.id)):
        row = hours[mentor.id]
        yield [mentor.last_name, mentor.first_name, row.initial, row.refresher, row.elsewhere, row.total]
