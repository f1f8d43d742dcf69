"""Files of requests: take what is good, say what is wrong with each other row, add nothing twice.

Rows are taken by shares: the places, the persons and the rows that are known are read once for a share, however long the file.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from uuid import UUID

from app.database import one_at_a_time
from app.tenants.models import Tenant
from app.territory.models import Commune
from app.territory.queries import communes_of_places, fold
from app.translation import gettext as _

from .actions import compare_all, go_on_all, store_all
from .beside import may_be_anothers
from .boxes import with_left_boxes
from .columns import Reading, cell_of
from .dates import (
    american_columns,
    are_year_first,
    day_last,
    early_columns,
    either,
    in_doubt,
    in_order,
    order_said,
    since_1904,
    swapped_columns,
)
from .known import told_apart
from .minors import refuse_not_minor
from .models import Lead, LeadState
from .name_titles import may_name_the_jeune, of_two, of_who_fills, unread_titles
from .reaching import REPRESENTED, BadValue
from .reading import read_row
from .records import away
from .refusing import refuse_alone, refuse_left, refuse_of_child, refuse_said, refuse_unnamed
from .roles import note_of_mentors
from .sections import Rows, below, joined, says_no_more, told_of_parts, under
from .tables import LONGEST_FILE, MOST_CELLS, ZIP, UnreadableFile, read_table
from .titles import FEWEST_TITLES, VALUES, guess, is_header, is_of_people
from .words import ADULT, TEXT_VERSION, LeadKind

SHARE = 500  # rows that are taken together
FAMILIES = 3  # by their last names, whom one telephone is said to reach
OF_CHILDREN = re.compile(  # the classes of primary and lower secondary school
    r"\b(?:cp|ce[12]|cm[12]|maternelle|primaire|elementaire|college(?! (?:de droit|des? sciences|universitaire|doctoral))"
    r"|(?:[3-6] ?e(?:me)?|sixieme|cinquieme|quatrieme|troisieme)(?! (?:annee|cycle|semestre)))\b"
)
LEFT_SCHOOL = re.compile(r"\b(?:arret\w*|quitte\w*|sortie?|descolaris\w*|decroch\w*|jusqu|apres|ancien\w*)\b")  # school
DATES = frozenset({"birth_date", "requested_at"})
FILLER = re.compile(r"|false|faux|\d{1,4}", re.IGNORECASE)  # boxes and numbers that a model has to the bottom: nobody's row


@dataclass(frozen=True)
class Problem:
    """What is wrong, where: line of the file (the header is line 1), column, cause; and the row, to send again once it is right."""

    line: int
    column: str
    cause: str
    cells: Sequence[str] = ()


@dataclass
class ImportReport:
    """What became of a file. Rows that were seen before change nothing."""

    added: list[Lead] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)  # their lines
    refused: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)
    notes: Sequence[str] = ()  # on the file as a whole
    unread: Sequence[str] = ()  # the titles of its columns from which nothing is read

    @property
    def known(self) -> int:
        return len(self.seen)

    @property
    def oriented(self) -> int:
        return sum(lead.state == LeadState.ORIENTED for lead in self.added)

    @property
    def waiting(self) -> list[Lead]:
        return [lead for lead in self.added if lead.state == LeadState.WAITING]


def import_leads(path: Path, tenant: Tenant) -> ImportReport:
    """Import a file whole, in the current transaction: killed in the middle, nothing of it stays.

    Raises UnreadableFile when it is no such file, or when a column is missing.
    """
    header, rows, notes = read_file(path.read_bytes()[: LONGEST_FILE + 1])
    reading = Reading(header, guess(header))
    if lacking := reading.lacking:
        raise UnreadableFile(_("Il manque des colonnes : %(names)s.", names=", ".join(lacking.values())))
    report = ImportReport(notes=notes, unread=unread_titles(header, reading.places))
    for first in range(0, len(rows), SHARE):
        take(rows[first : first + SHARE], reading, tenant, report)
    if report.added:  # at the very end: while requests are compared and oriented, those of the forms wait
        compare_all(report.added, tenant)
        go_on_all(report.added, tenant)
    return report


def read_file(content: bytes, kind: LeadKind = LeadKind.MENTEE, most: int = MOST_CELLS) -> tuple[list[str], Rows, list[str]]:
    """A file's columns, its rows, and notes on how it was read: American dates are written day first. Raises UnreadableFile."""
    of_mentors = kind == LeadKind.MENTOR
    is_titles, is_people = partial(is_header, of_mentors=of_mentors), partial(is_of_people, of_mentors=of_mentors)
    table = read_table(content, is_titles, is_people, says_no_more, most)
    band = table.above[-1][1] if table.above else []
    named, rows = on_two_rows(band, table.header, list(table.rows), of_mentors)
    header = under(band, named, of_mentors)
    header, rows = below(header, without_titles(rows, named), of_mentors)
    header, rows, parts = told_of_parts(header, rows, [*table.above, (0, [table.title])], of_mentors)
    rows, of_boxes = with_left_boxes(header, rows)
    notes = [*table.notes, *of_two(header, of_mentors), *parts, *of_boxes]
    if not of_mentors:
        notes += [*of_who_fills(header), *note_of_mentors(header)]
    if table.is_since_1904:
        known = {place for name, place in guess(header, of_mentors).items() if name not in DATES}
        rows = [(line, [c if place in known else since_1904(c) for place, c in enumerate(cells)]) for line, cells in rows]
    rows, of_dates = with_sure_dates(rows, named, is_book=content.startswith(ZIP))
    return header, rows, [*notes, *of_dates]


def on_two_rows(band: list[str], header: list[str], rows: Rows, of_mentors: bool) -> tuple[list[str], Rows]:
    """A table's titles and rows, where a row beside the titles may be of them too: the one above, or the first below."""
    around = [(band, header, rows)] if under(band, header, of_mentors) == header and not VALUES.search("".join(band)) else []
    around += [(header, rows[0][1], rows[1:])] if rows else []
    for upper, lower, others in around:
        if not VALUES.search("".join(lower)) and (titles := joined(upper, lower, of_mentors)):
            return titles, others
    return header, rows


def with_sure_dates(rows: Rows, header: Sequence[str], is_book: bool) -> tuple[Rows, list[str]]:
    """The rows with American dates day first, and those that a spreadsheet may have swapped said to be two; and notes on both."""
    orders = {place: order for place, title in enumerate(header) if (order := order_said(title))}
    swapped = swapped_columns(rows) | {place for place in orders if orders[place] == "ydm"} if is_book else set[int]()
    american, unsure, is_proven = american_columns(rows, orders)
    american -= orders.keys()
    if is_book and american:  # the spreadsheet that left these as text took the others for its own
        unsure |= early_columns(rows) - swapped - orders.keys()
    notes = []
    if swapped:
        rows = [(line, [either(c) if place in swapped else c for place, c in enumerate(cells)]) for line, cells in rows]
        cause = _(
            "Un tableur a sans doute échangé le jour et le mois de certaines dates, qui ne sont pas lues : %(names)s. "
            "Envoyez plutôt le fichier d'origine, sans l'avoir ouvert dans un tableur.",
            names=titles_of(swapped, header),
        )
        notes.append(cause)
    if orders:
        rows = [(line, [in_order(orders.get(place, ""), c) for place, c in enumerate(cells)]) for line, cells in rows]
    born = guess(header).get("birth_date", -1)
    if born not in orders and are_year_first(cells[born] for _line, cells in rows if 0 <= born < len(cells)):
        rows = [(line, [in_doubt(c, "ymd") if place == born else c for place, c in enumerate(cells)]) for line, cells in rows]
    if unsure:
        rows = [(line, [in_doubt(c) if place in unsure else c for place, c in enumerate(cells)]) for line, cells in rows]
    if american and is_proven:
        rows = [(line, [day_last(c) if place in american else c for place, c in enumerate(cells)]) for line, cells in rows]
        notes.append(_("Dates lues avec le mois avant le jour, à l'américaine : %(names)s.", names=titles_of(american, header)))
    elif american:
        notes.append(
            _(
                "Une date au moins a le mois avant le jour ; les autres sont lues à la française, vérifiez-les : %(names)s.",
                names=titles_of(american, header),
            )
        )
    return rows, notes


def titles_of(places: Iterable[int], header: Sequence[str]) -> str:
    """The titles of columns, as a note names them."""
    return ", ".join(_("« %(value)s »", value=header[place]) for place in sorted(places) if place < len(header))


@lru_cache(maxsize=1000)
def names_columns(cells: tuple[str, ...]) -> bool:
    """Whether a row is one of titles: looked at once for each that comes again."""
    return is_header(cells)


def without_titles(rows: Iterable[tuple[int, list[str]]], header: Sequence[str]) -> Rows:
    """The rows, without the titles that stand once more in the middle, in other words or not.

    Raises UnreadableFile where others begin another table.
    """
    kept = []
    for line, cells in rows:
        if len(set(cells)) < FEWEST_TITLES or VALUES.search("".join(cells)) or not names_columns(tuple(cells)):
            kept.append((line, cells))
        elif guess(cells) != guess(header) and [fold(cell) for cell in cells] != [fold(title) for title in header[: len(cells)]]:
            raise UnreadableFile(
                _("Ligne %(line)s : d'autres titres commencent un autre tableau. Enregistrez chacun dans un fichier.", line=line)
            )
    return kept


def take(
    share: Sequence[tuple[int, Sequence[str]]],
    reading: Reading,
    tenant: Tenant,
    report: ImportReport,
    import_id: UUID | None = None,
) -> None:
    """Store a share of the rows; what was seen before, in this share or earlier, is only counted, whoever was declined since too.

    One file at a time is taken in a space: the same one, sent twice at once, adds nothing the second time.
    """
    one_at_a_time("import", tenant.id)
    # Nobody said in an association's own file that another may be asked.
    asked = {"kind": reading.kind, "text_version": TEXT_VERSION, "may_relay": tenant.is_programme, "import_id": import_id}
    if leads := [Lead(**asked, **values) for values in try_rows(share, reading, report)]:
        store_all(leads, tenant)
        report.added += leads


def try_rows(share: Sequence[tuple[int, Sequence[str]]], reading: Reading, report: ImportReport) -> list[Mapping[str, Any]]:
    """What each row that is good and new holds; the report says what of the others. Nothing is stored."""
    return new_among(good_rows(share, reading, report), reading, report)


def good_rows(
    share: Sequence[tuple[int, Sequence[str]]], reading: Reading, report: ImportReport
) -> list[tuple[int, dict[str, Any]]]:
    """The line of each row that is good, and what it holds, new or not; the report says what of the others."""
    rows = [(line, cells, reading.row(cells)) for line, cells in share]
    communes = communes_of(row for _line, _cells, row in rows)
    taken: list[tuple[int, dict[str, Any]]] = []
    others = may_name_the_jeune(reading.header, reading.mapping) if reading.kind == LeadKind.MENTEE else []
    for line, cells, row in rows:
        if is_filler(cells):
            continue
        try:
            refuse_alone(cells)
            refuse_said(reading, cells)
            refuse_unnamed(others, reading, row, cells)
            values, remarks = read_row(
                row, communes, reading.kind, is_any_date=reading.label("requested_at").strip().lower() == "date"
            )
            refuse_not_minor(reading, cells, values)
            refuse_left(reading, cells, values["age"])
            refuse_of_child(reading, cells, values["age"])
        except BadValue as error:
            report.refused.append(Problem(line, reading.label(error.column), error.cause, cells))
            continue
        report.remarks += [Problem(line, reading.label(name), cause) for name, cause in remarks]
        report.remarks += [Problem(line, title, cause) for title, cause in beyond(reading, cells)]
        report.remarks += [Problem(line, title, cause) for title, cause in away(reading, cells)]
        report.remarks += [Problem(line, title, cause) for title, cause in goes_by(reading, cells, values["first_name"])]
        report.remarks += [Problem(line, title, cause) for title, cause in at_school(reading, cells, values["age"])]
        report.remarks += [Problem(line, reading.label(way), cause) for way, cause in may_be_anothers(reading, row, cells, values)]
        if values["age"] < ADULT:
            report.remarks += [Problem(line, reading.label("guardian_name"), cause) for cause in left_aside(reading, row, cells)]
        taken.append((line, values))
    return taken


def new_among(taken: Sequence[tuple[int, dict[str, Any]]], reading: Reading, report: ImportReport) -> list[Mapping[str, Any]]:
    """What each good row that is new holds; the report says which are known, and what several of them share."""
    if not taken:
        return []
    report.remarks += [Problem(line, reading.label(name), cause) for line, name, cause in of_families(taken)]
    fresh, known = told_apart(taken, reading.kind)
    report.seen += [line for line, _cause in known]
    report.remarks += [Problem(line, reading.label("last_name"), cause) for line, cause in known if cause]
    return fresh


def of_families(taken: Sequence[tuple[int, Mapping[str, Any]]]) -> list[tuple[int, str, str]]:
    """A remark on each telephone or address that several families of a share have: a school's, or a colleague's, as a rule."""
    families: dict[tuple[str, str], set[str]] = {}
    found = [
        (line, name, values[name], values["last_name"]) for line, values in taken for name in ("phone", "email") if values[name]
    ]
    for _line, name, way, last_name in found:
        families.setdefault((name, way), set()).add(fold(last_name))
    return [
        (line, name, _("« %(value)s » est à plusieurs familles de ce fichier : vérifiez que c'est bien le sien.", value=way))
        for line, name, way, _last_name in found
        if len(families[name, way]) >= FAMILIES
    ]


def is_filler(cells: Sequence[str]) -> bool:
    """Whether a row is nobody's: a model's boxes and numbers go on below its people."""
    return all(FILLER.fullmatch(cell.strip()) for cell in cells)


def communes_of(rows: Iterable[Mapping[str, str]]) -> Mapping[tuple[str, str], Commune]:
    """The commune of each city and postal code that agree on one."""
    return communes_of_places({(row.get("city", ""), row.get("postal_code", "")) for row in rows})


def beyond(reading: Reading, cells: Sequence[str]) -> list[tuple[str, str]]:
    """A remark on what stands to the right of the last title: a separator in somebody's words, as a rule."""
    titled = max((place for place, title in enumerate(reading.header) if title), default=-1) + 1
    lost = [cell for place, cell in enumerate(cells) if place >= titled and cell.strip() and place not in reading.mapping.values()]
    if not lost or not titled:
        return []
    cause = _(
        "cette ligne a plus de cases que de titres : « %(value)s » n'est pas lu.", value=" ; ".join(map(str.strip, lost))[:200]
    )
    return [(reading.header[titled - 1], cause)]


def at_school(reading: Reading, cells: Sequence[str], age: int) -> list[tuple[str, str]]:
    """A remark on an adult in a class of children: the age is a slip, perhaps, or a parent's."""
    if age < ADULT or reading.kind == LeadKind.MENTOR:
        return []
    said = ((reading.header[place], cell_of(cells, place).strip()[:60]) for place in reading.classes)
    return [
        (title, _("« %(value)s » à %(age)s ans : vérifiez l'âge, c'est peut-être celui d'un parent.", value=cell, age=age))
        for title, cell in said if OF_CHILDREN.search(fold(cell)) and not LEFT_SCHOOL.search(fold(cell))
    ]  # fmt: skip


def goes_by(reading: Reading, cells: Sequence[str], first_name: str) -> list[tuple[str, str]]:
    """A remark on another first name that somebody goes by: they are asked which one letters say, to them and to their parents."""
    place = reading.usual
    usual = cell_of(cells, place).strip() if place is not None else ""
    if place is None or not usual or fold(usual) == fold(first_name):
        return []
    said = {"value": usual[:60], "name": first_name[:60]}
    cause = _("« %(value)s » n'est pas gardé, les lettres disent « %(name)s » : demandez lequel écrire.", **said)
    return [(reading.header[place], cause)]


def left_aside(reading: Reading, row: Mapping[str, str], cells: Sequence[str]) -> list[str]:
    """A remark on each parent who can be reached too: one is kept, or none who is not to be written to."""
    kept = [row.get(name, "") for name in REPRESENTED]
    return [
        _("l'autre parent est laissé de côté, un seul est gardé : « %(value)s ».", value=value)
        if any(kept)
        else _(
            "« %(value)s » n'est pas gardé : il ne faut peut-être pas lui écrire. L'association demandera qui joindre.", value=value
        )
        for value in reading.left_parents(row, cells)
    ]
