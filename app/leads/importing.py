"""Files of requests: take what is good, say what is wrong with each other row, add nothing twice.

Rows are taken by shares: the places, the persons and the rows that are known are read once for a share, however long the file.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any
from uuid import UUID

from app.database import one_at_a_time
from app.tenants.models import Tenant
from app.territory.models import Commune
from app.territory.queries import communes_of_places, fold
from app.translation import gettext as _

from .actions import go_on_all, receive_all
from .asides import asks, refuse_answer, refuse_warning
from .dates import american_columns, day_first
from .known import told_apart
from .models import Lead, LeadState
from .reaching import REPRESENTED, BadValue, first_email, first_phone, ways_to_parent
from .reading import read_row, split_name
from .sections import told_of_parts, under
from .tables import LONGEST_FILE, MOST_CELLS, UnreadableFile, read_table
from .title_words import FIELDS, PARENTS
from .titles import (
    FEWEST_TITLES,
    guess,
    guess_parents,
    is_header,
    is_of_people,
    missing,
    of_two,
    says_first_name_first,
    unread_titles,
)
from .words import ADULT, TEXT_VERSION, LeadKind

SHARE = 500  # rows that are taken together
LONGEST_CELL = 5000  # characters that are looked at
POSTAL = re.compile(r"(?:F|FR)?[- ]?(\d{2})[ .]?(\d{3})(?:[ ,-]+(?P<after>\D*))?|(?P<before>\D+?)[ ,(/-]+(\d{2})[ .]?(\d{3})\)?")
AS_WRITTEN = re.compile(r"^\s*'(?=[\w+(])")
VALUES = re.compile(r"[\d@]")  # what no row of titles holds, as a rule, and each row of people does
CEDEX = re.compile(r"\s+cedex(?:\s+\d{1,2})?\b", re.IGNORECASE)
Rows = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class Problem:
    """What is wrong, where: line of the file (the header is line 1), column, cause; and the row, to send again once it is right."""

    line: int
    column: str
    cause: str
    cells: Sequence[str] = ()


@dataclass
class ImportReport:
    """What became of a file. Rows that were seen before are counted, and change nothing."""

    added: list[Lead] = field(default_factory=list)
    known: int = 0
    refused: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)
    notes: Sequence[str] = ()  # on the file as a whole
    unread: Sequence[str] = ()  # the titles of its columns from which nothing is read

    @property
    def oriented(self) -> int:
        return sum(lead.state == LeadState.ORIENTED for lead in self.added)

    @property
    def waiting(self) -> list[Lead]:
        return [lead for lead in self.added if lead.state == LeadState.WAITING]


def cell_of(cells: Sequence[str], place: int) -> str:
    """What a cell holds; letters that a page of the web wrote as codes are letters (« D&#039;Almeida »).

    An apostrophe before the rest only keeps a spreadsheet from reading a number (« '69003 »).
    """
    cell = AS_WRITTEN.sub("", cells[place][:LONGEST_CELL]) if place < len(cells) else ""
    return html.unescape(cell) if "&" in cell and ";" in cell else cell


def without(whole: str, part: str) -> str:
    """A name in one cell without one of its two parts, at whichever end that stands."""
    words, gone = whole.split(), fold(part).split()
    for kept, taken in ((words[len(gone) :], words[: len(gone)]), (words[: -len(gone) or None], words[-len(gone) :])):
        if gone and fold(" ".join(taken)).split() == gone:
            return " ".join(kept)
    return ""


def place_of(row: Mapping[str, str]) -> dict[str, str]:
    """A postal code as five figures, whatever stands beside it (« 38000 Grenoble », « F-38000 »); and the city without it.

    Both may stand in one of the two cells.
    """
    city, typed = row.get("city", ""), re.sub(r"(?<=\d{4}),0+$", "", row.get("postal_code", "").strip())
    if re.fullmatch(r"\d{5}", city.strip()) and typed and not VALUES.search(typed):  # each in the other's place
        return {"postal_code": city.strip(), "city": typed}
    found = POSTAL.fullmatch(CEDEX.sub("", (typed or city)[:200]).strip())
    if found is None:
        return {"postal_code": typed} if typed else {}
    code = {"postal_code": "".join(figures for figures in found.group(1, 2, 5, 6) if figures)}
    beside = (found["after"] or found["before"] or "").strip()
    is_both = row.get("city") == typed or (beside and not (city.strip() and typed))
    return code | ({"city": beside} if is_both else {})


ASKS_PARENT = re.compile(r"autorite parentale|parent (?:a )?(?:contacter|joindre|prevenir|appeler|referent)|(?:droit de )?garde")


def one_parent(words: str) -> str:
    """Which of the two parents these words name; empty when they name both, or neither."""
    said = {PARENTS[word] for word in fold(words).split() if word in PARENTS}
    return said.pop() if len(said) == 1 else ""


@dataclass(frozen=True)
class Reading:
    """How a file is read: which column holds what, what its rows are about, and the names of the columns as the file has them."""

    header: Sequence[str]
    mapping: Mapping[str, int]
    kind: LeadKind = LeadKind.MENTEE

    def row(self, cells: Sequence[str]) -> dict[str, str]:
        """A row by what its columns hold; a name in one cell is parted in two, a parent's in two cells is one."""
        row = {name: cell_of(cells, place) for name, place in self.mapping.items()}
        other = self.of_other_parent(cells)
        if only := self.only_parent(cells):
            theirs = next((one for one in self.parents if self.which_of(one) == only), {})
            row |= {name: cell_of(cells, theirs[name]) if name in theirs else "" for name in REPRESENTED}
            row |= self.whole_parent(theirs, cells)
        elif other and is_reachable(other, row) and not is_reachable(row, row):
            row |= {name: other.get(name, "") for name in REPRESENTED}
        else:
            row |= self.whole_parent(self.parents[0], cells) if self.is_parent_read else {}
        if self.is_name_whole:
            row["last_name"], row["first_name"] = self.parted(row)
        row |= place_of(row)
        return row

    def parted(self, row: Mapping[str, str]) -> tuple[str, str]:
        """The last and the first name of a cell that holds both; where a column holds one of them too, the rest is the other."""
        if "/" in row["full_name"]:
            return row["full_name"], ""  # two people
        if row.get("first_name"):
            return without(row["full_name"], row["first_name"]) or row["full_name"], row["first_name"]
        if row.get("last_name"):
            return row["last_name"], without(row["full_name"], row["last_name"])
        return split_name(row["full_name"], says_first_name_first(self.header[self.mapping["full_name"]]))

    @cached_property
    def besides(self) -> list[tuple[int, str, frozenset[str]]]:
        """The columns that may say that a row is no request: place, title, what they ask. One that is read may say it too."""
        read, of_whom = set(self.mapping.values()), {"wish", "who"}
        asked = [(place, title, asks(title)) for place, title in enumerate(self.header)]
        found = [(place, title, what - of_whom if place in read else what) for place, title, what in asked]
        return [column for column in found if column[2]]

    @cached_property
    def parents(self) -> list[dict[str, int]]:
        """The columns of each parent, as their titles say."""
        return guess_parents(self.header)

    @cached_property
    def is_parent_read(self) -> bool:
        """Whether the columns of the first parent are read as their titles say."""
        columns = {name: place for name, place in self.parents[0].items() if name in FIELDS} if self.parents else {}
        return bool(columns) and columns.items() <= self.mapping.items()

    def whole_parent(self, columns: Mapping[str, int], cells: Sequence[str]) -> dict[str, str]:
        """The name of a parent whose first name has a column of its own; nothing else."""
        first, last = (
            cell_of(cells, columns[name]).strip() if name in columns else "" for name in ("guardian_first", "guardian_name")
        )
        if not first or fold(first) in fold(last):
            return {}
        return {"guardian_name": f"{first} {last}".strip()}

    def only_parent(self, cells: Sequence[str]) -> str:
        """Which of the two a column says is to be written to (« Autorité parentale » : « mère seule »); empty where none does."""
        for place in self.asks_parent:
            if which := one_parent(cell_of(cells, place)):
                return which
        return ""

    @cached_property
    def asks_parent(self) -> list[int]:
        """The columns that say which parent is to be written to."""
        return [place for place, title in enumerate(self.header) if ASKS_PARENT.fullmatch(fold(title))]

    @cached_property
    def of_parents(self) -> frozenset[int]:
        """The columns about a parent."""
        return frozenset(place for parent in self.parents for place in parent.values())

    def which_of(self, parent: Mapping[str, int]) -> str:
        """Whose these columns are, as their titles say."""
        return one_parent(" ".join(self.header[place] for place in parent.values()))

    def of_other_parent(self, cells: Sequence[str]) -> dict[str, str]:
        """What a row says of the second parent."""
        said = {name: cell_of(cells, place) for name, place in self.other_parent.items() if name in FIELDS and place < len(cells)}
        return said | (self.whole_parent(self.other_parent, cells) if said else {})

    @cached_property
    def other_parent(self) -> dict[str, int]:
        """The columns of the second parent, where those of the first are read as their titles say."""
        return self.parents[1] if len(self.parents) > 1 and self.is_parent_read else {}

    @property
    def is_name_whole(self) -> bool:
        """Whether one column holds the last and the first name."""
        return "full_name" in self.mapping and not {"last_name", "first_name"} <= self.mapping.keys()

    def label(self, name: str) -> str:
        """The column of a value, as the file calls it."""
        if self.is_name_whole and name in ("last_name", "first_name"):
            name = "full_name"
        return self.header[self.mapping[name]] if name in self.mapping else str(FIELDS[name][0])


def import_leads(path: Path, tenant: Tenant) -> ImportReport:
    """Import a file whole, in the current transaction: killed in the middle, nothing of it stays.

    Raises UnreadableFile when it is no such file, or when a column is missing.
    """
    header, rows, notes = read_file(path.read_bytes()[: LONGEST_FILE + 1])
    reading = Reading(header, guess(header))
    if lacking := missing(reading.mapping):
        raise UnreadableFile(_("Il manque des colonnes : %(names)s.", names=", ".join(lacking.values())))
    report = ImportReport(notes=notes, unread=unread_titles(header, reading.mapping))
    for first in range(0, len(rows), SHARE):
        take(rows[first : first + SHARE], reading, tenant, report)
    go_on_all(report.added, tenant)  # at the very end: while requests are oriented, those of the forms wait
    return report


def read_file(content: bytes, kind: LeadKind = LeadKind.MENTEE, most: int = MOST_CELLS) -> tuple[list[str], Rows, list[str]]:
    """A file's columns, its rows, and notes on how it was read: American dates are written day first. Raises UnreadableFile."""
    of_mentors = kind == LeadKind.MENTOR
    table = read_table(content, partial(is_header, of_mentors=of_mentors), partial(is_of_people, of_mentors=of_mentors), most)
    header = under(table.above, table.header, of_mentors)
    header, rows, parts = told_of_parts(header, without_titles(table.rows, table.header))
    notes = [*table.notes, *of_two(header, of_mentors), *parts]
    american, is_proven = american_columns(rows)
    names = ", ".join(_("« %(value)s »", value=table.header[place]) for place in sorted(american) if place < len(table.header))
    if is_proven:
        rows = [(line, [day_first(c) if place in american else c for place, c in enumerate(cells)]) for line, cells in rows]
        notes.append(_("Dates lues avec le mois avant le jour, à l'américaine : %(names)s.", names=names))
    elif american:
        notes.append(
            _("Une date a le mois avant le jour ; les autres sont lues à la française, vérifiez-les : %(names)s.", names=names)
        )
    return header, rows, notes


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
    """Take a share of the rows; what was seen before, in this share or earlier, is only counted, whoever was declined since too.

    One file at a time is taken in a space: the same one, sent twice at once, adds nothing the second time.
    """
    one_at_a_time("import", tenant.id)
    rows = [(line, cells, reading.row(cells)) for line, cells in share]
    communes = communes_of(row for _line, _cells, row in rows)
    taken: list[tuple[int, dict[str, Any]]] = []
    for line, cells, row in rows:
        try:
            refuse_said(reading, cells)
            values, remarks = read_row(row, communes, reading.kind)
        except BadValue as error:
            report.refused.append(Problem(line, reading.label(error.column), error.cause, cells))
            continue
        report.remarks += [Problem(line, reading.label(name), cause) for name, cause in remarks]
        report.remarks += [Problem(line, title, cause) for title, cause in beyond(reading, cells)]
        if values["age"] < ADULT:
            report.remarks += [Problem(line, reading.label("guardian_name"), cause) for cause in left_aside(reading, row, cells)]
        taken.append((line, values))
    fresh, known = told_apart(taken)
    report.known += len(known)
    report.remarks += [Problem(line, reading.label("last_name"), cause) for line, cause in known if cause]
    # Nobody said in an association's own file that another may be asked.
    asked = {"kind": reading.kind, "text_version": TEXT_VERSION, "may_relay": tenant.is_programme, "import_id": import_id}
    leads = [Lead(**asked, **values) for values in fresh]
    receive_all(leads, tenant)
    report.added += leads


def refuse_said(reading: Reading, cells: Sequence[str]) -> None:
    """Raise BadValue for a row that says itself that it is no request: no agreement, called off, or somebody who would mentor."""
    for place, title, asked in reading.besides:
        refuse_answer(title, asked, cell_of(cells, place).strip(), reading.kind)
    for place, cell in enumerate(cells):
        if place not in reading.of_parents:  # there, it is the parent who is not written to
            refuse_warning(cell_of(reading.header, place), cell)


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


def is_reachable(parent: Mapping[str, str], row: Mapping[str, str]) -> bool:
    """Whether a parent can be reached, otherwise than the jeune of that row."""
    own = first_email(row.get("email", ""))[0], first_phone(row.get("phone", ""))[0]
    return any(ways_to_parent(parent, *own))


def left_aside(reading: Reading, row: Mapping[str, str], cells: Sequence[str]) -> list[str]:
    """A remark on a second parent who can be reached too: one is kept."""
    other = reading.of_other_parent(cells)
    if not other or not is_reachable(other, row) or all(row.get(name, "") == cell for name, cell in other.items()):
        return []
    said = ", ".join(filter(None, (other.get(name, "").strip() for name in REPRESENTED)))
    return [_("l'autre parent est laissé de côté, un seul est gardé : « %(value)s ».", value=said[:200])]


def sample(rows: Iterable[tuple[int, Sequence[str]]], reading: Reading) -> list[tuple[int, dict[str, str], str]]:
    """Rows as they would be taken, and what prevents it: for a look before anything is done."""
    cells_of = dict(rows)
    taken = [(line, reading.row(cells)) for line, cells in cells_of.items()]
    communes = communes_of(row for _line, row in taken)
    shown = []
    for line, row in taken:
        try:
            refuse_said(reading, cells_of[line])
            _values, remarks = read_row(row, communes, reading.kind)
        except BadValue as error:
            shown.append((line, row, _("%(column)s : %(cause)s", column=reading.label(error.column), cause=error.cause)))
        else:
            shown.append((line, row, " ".join(cause for _name, cause in remarks)))
    return shown
