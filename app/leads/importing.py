"""Files of requests: take what is good, say what is wrong with each other row, add nothing twice.

Rows are taken by shares: the places, the persons and the rows that are known are read once for a share, however long the file.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.database import one_at_a_time
from app.extensions import db
from app.tenants.models import Tenant
from app.territory.models import Commune
from app.territory.queries import communes_of_places, fold
from app.translation import gettext as _
from app.translation import lazy_gettext as _l

from .actions import go_on_all, receive_all
from .dates import american_columns, day_first
from .models import Decline, Lead, LeadState
from .reading import REPRESENTED, BadValue, first_email, first_phone, mark_of_row, read_row, split_name, ways_to_parent
from .tables import LONGEST_FILE, UnreadableFile, read_table
from .words import ADULT, TEXT_VERSION, LeadKind

SHARE = 500  # rows that are taken together
LONGEST_CELL = 5000  # characters that are looked at
FIRST_NAME_FIRST = ("prenom", "full name", "name", "nom complet", "identite")  # titles of a name in one cell
# What a column may hold: the name that we show, and others that spreadsheets use.
FIELDS: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "last_name": (_l("Nom"), ("nom de famille", "nom usage", "nom du jeune", "nom de naissance", "lastname", "last name")),
    "first_name": (_l("Prénom"), ("prenoms", "prenom du jeune", "firstname", "first name")),
    "full_name": (_l("Nom et prénom"), ("nom prenom", "nom prenoms", "nom et prenoms", "prenom nom", "prenom et nom", "nom complet",
                                        "identite", "nom et prenom du jeune", "prenom et nom du jeune", "full name")),
    "age": (_l("Âge"), ("age au moment de la demande", "age du jeune")),
    "birth_date": (_l("Date de naissance"), ("naissance", "ne le", "nee le", "ne e le", "date naissance",
                                             "date de naissance du jeune", "birth date", "date of birth")),
    "phone": (_l("Téléphone"), ("tel", "telephone portable", "tel portable", "portable", "mobile", "numero de telephone",
                                "numero de portable", "telephone du jeune", "portable du jeune", "phone", "phone number")),
    "email": (_l("E-mail"), ("email", "mail", "courriel", "adresse e mail", "adresse email", "adresse mail", "adresse electronique",
                            "adresse de messagerie", "mail du jeune", "email du jeune", "e mail du jeune",
                            "adresse mail du jeune", "adresse e mail du jeune", "email address")),
    "city": (_l("Ville"), ("commune", "localite", "ville de residence", "commune de residence", "ville du jeune",
                           "commune du jeune", "city")),
    "postal_code": (_l("Code postal"), ("cp", "code post", "code postal de residence", "postal code", "zip", "zip code")),
    "requested_at": (_l("Date de création"), ("date", "date de la demande", "date de demande", "cree le", "created at",
                                              "horodateur", "timestamp", "submitted at", "heure de fin")),
    "guardian_name": (_l("Parent ou représentant"), ("nom du parent", "parent", "representant legal", "nom du representant legal",
                                                     "responsable legal", "nom du responsable legal", "nom du responsable")),
    "guardian_phone": (_l("Téléphone du parent"), ("telephone du representant legal", "telephone du responsable legal",
                                                   "telephone du responsable", "portable du parent", "tel du parent")),
    "guardian_email": (_l("E-mail du parent"), ("mail du parent", "email du parent", "adresse mail du parent",
                                                "mail du responsable legal", "email du responsable legal",
                                                "mail du representant legal", "email du representant legal")),
    "needs": (_l("Besoin"), ("besoins", "besoin principal", "type de besoin", "besoin du jeune", "axe",
                             "accompagnement souhaite", "objet de la demande", "motif de la demande")),
    "source": (_l("Origine"), ("source", "provenance", "canal")),
    "message": (_l("Commentaire"), ("message", "commentaires", "remarque", "remarques", "precisions")),
}  # fmt: skip
# In the title of a column: it is about who represents a minor, or may be if it says so (« responsable légal », not a school's);
# a number, an address, a name; or words that only link.
PARENTS = {"mere": "mother", "maman": "mother", "pere": "father", "papa": "father"}
GUARDIANS = frozenset({"parent", "parents", *PARENTS, "representant", "representante", "representants"})
PERHAPS = frozenset({"responsable", "responsables", "tuteur", "tutrice"})
LEGAL = frozenset({"legal", "legale", "legaux", "1"})
CALLED, MAILED = frozenset({"tel", "telephone", "portable", "mobile", "numero", "phone"}), frozenset({"mail", "email", "courriel"})
NAMED = LEGAL | frozenset({"nom", "noms", "prenom", "prenoms"})
LINKING = frozenset({"de", "du", "des", "d", "la", "le", "les", "l", "un", "une", "et", "ou", "n", "no", "adresse", "e"})
NEEDED = (("last_name", "full_name"), ("first_name", "full_name"), ("age", "birth_date"), ("phone", "email"), ("city",),
          ("postal_code",))  # fmt: skip
JEUNE = re.compile(
    r"\b(?:de l|de la|du|d) (?:eleve|enfant|beneficiaire|mentoree?|filleule?|etudiante?|collegien|lyceen|candidat)\b"
)
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

    @property
    def oriented(self) -> int:
        return sum(lead.state == LeadState.ORIENTED for lead in self.added)

    @property
    def waiting(self) -> list[Lead]:
        return [lead for lead in self.added if lead.state == LeadState.WAITING]


@dataclass(frozen=True)
class Reading:
    """How a file is read: which column holds what, what its rows are about, and the names of the columns as the file has them."""

    header: Sequence[str]
    mapping: Mapping[str, int]
    kind: LeadKind = LeadKind.MENTEE

    def row(self, cells: Sequence[str]) -> dict[str, str]:
        """A row by what its columns hold; a name in one cell is parted in two."""
        row = {name: cells[place][:LONGEST_CELL] if place < len(cells) else "" for name, place in self.mapping.items()}
        other = self.of_other_parent(cells)
        if other and is_reachable(other, row) and not is_reachable(row, row):
            row |= {name: other.get(name, "") for name in REPRESENTED}
        if self.is_name_whole:
            title = fold(self.header[self.mapping["full_name"]])
            row["last_name"], row["first_name"] = split_name(row["full_name"], title.startswith(FIRST_NAME_FIRST))
        return row

    def of_other_parent(self, cells: Sequence[str]) -> dict[str, str]:
        """What a row says of the second parent."""
        return {name: cells[place][:LONGEST_CELL] for name, place in self.other_parent.items() if place < len(cells)}

    @cached_property
    def other_parent(self) -> dict[str, int]:
        """The columns of the second parent, where those of the first are read as their titles say."""
        parents = guess_parents(self.header)
        return parents[1] if len(parents) > 1 and parents[0].items() <= self.mapping.items() else {}

    @property
    def is_name_whole(self) -> bool:
        """Whether one column holds the last and the first name."""
        return "full_name" in self.mapping and not {"last_name", "first_name"} <= self.mapping.keys()

    def label(self, name: str) -> str:
        """The column of a value, as the file calls it."""
        if self.is_name_whole and name in ("last_name", "first_name"):
            name = "full_name"
        return self.header[self.mapping[name]] if name in self.mapping else str(FIELDS[name][0])


def guess(header: Sequence[str]) -> dict[str, int]:
    """Which column holds what, by its name, however it is written."""
    folded = [JEUNE.sub("du jeune", fold(name)) for name in header]
    found = {}
    for name, (label, others) in FIELDS.items():
        precise = [
            word for word in others if "jeune" in word or "famille" in word
        ]  # « Nom » may be the teacher's who fills the form
        known = (*precise, fold(str(label)), *others)
        place = next((folded.index(word) for word in known if word in folded), None)
        if place is not None:
            found[name] = place
    parents = guess_parents(header, found.values())
    return (parents[0] if parents else {}) | found


def guess_parents(header: Sequence[str], taken: Collection[int] = ()) -> list[dict[str, int]]:
    """The columns about each parent, however they are named: « Tél. mère », « Adresse mail responsable légal », « Tuteur ».

    Those of one parent are never mixed with those of the other, whom letters would reach; those that name neither go with each. The
    parent of whom most is known comes first, then the one on the left.
    """
    known = GUARDIANS | PERHAPS | NAMED | CALLED | MAILED
    theirs: dict[str, dict[str, int]] = {}
    for place, title in enumerate(map(fold, header)):
        words = {word for word in title.split() if word not in LINKING}
        is_theirs = words & GUARDIANS or (words & PERHAPS and words & LEGAL)
        if place not in taken and is_theirs and words <= known:  # not « Profession du père », nor « Mail envoyé au parent »
            kind = "phone" if words & CALLED else "email" if words & MAILED else "name"
            which = {PARENTS[word] for word in words & PARENTS.keys()}
            theirs.setdefault(which.pop() if len(which) == 1 else "", {}).setdefault(f"guardian_{kind}", place)
    neither = theirs.pop("", {})
    parents = [neither | columns for columns in theirs.values()] or [neither]
    return sorted(filter(None, parents), key=len, reverse=True)


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row of a file names its columns: we know three of them."""
    return len(guess(cells)) >= 3


def missing(mapping: Mapping[str, int]) -> dict[str, str]:
    """What no column holds, without which nothing can be taken: the first name of each kind, and the words."""
    lacking = [names for names in NEEDED if not mapping.keys() & set(names)]
    return {names[0]: _(" ou ").join(str(FIELDS[name][0]) for name in names if name != "full_name") for names in lacking}


def import_leads(path: Path, tenant: Tenant) -> ImportReport:
    """Import a file whole, in the current transaction: killed in the middle, nothing of it stays.

    Raises UnreadableFile when it is no such file, or when a column is missing.
    """
    header, rows, notes = read_file(path.read_bytes()[: LONGEST_FILE + 1])
    reading = Reading(header, guess(header))
    if lacking := missing(reading.mapping):
        raise UnreadableFile(_("Il manque des colonnes : %(names)s.", names=", ".join(lacking.values())))
    report = ImportReport(notes=notes)
    for first in range(0, len(rows), SHARE):
        take(rows[first : first + SHARE], reading, tenant, report)
    go_on_all(report.added, tenant)  # at the very end: while requests are oriented, those of the forms wait
    return report


def read_file(content: bytes) -> tuple[list[str], Rows, list[str]]:
    """A file's columns, its rows, and notes on how it was read: American dates are written day first. Raises UnreadableFile."""
    table = read_table(content, is_header)
    rows, notes = list(table.rows), [*table.notes, *of_two(table.header)]
    american, is_proven = american_columns(rows)
    names = ", ".join(_("« %(value)s »", value=table.header[place]) for place in sorted(american) if place < len(table.header))
    if is_proven:
        rows = [(line, [day_first(c) if place in american else c for place, c in enumerate(cells)]) for line, cells in rows]
        notes.append(_("Dates lues avec le mois avant le jour, à l'américaine : %(names)s.", names=names))
    elif american:
        notes.append(
            _("Une date a le mois avant le jour ; les autres sont lues à la française, vérifiez-les : %(names)s.", names=names)
        )
    return table.header, rows, notes


def of_two(header: Sequence[str]) -> list[str]:
    """A note where a file names two people, the jeune and somebody else: whose are its telephones and its addresses?"""
    mapping, plain_name = guess(header), fold(str(FIELDS["last_name"][0]))
    folded = [fold(title) for title in header]
    read = mapping.get("last_name")
    if read is None or folded.count(plain_name) <= (folded[read] == plain_name):
        return []
    return [
        _(
            "Deux colonnes disent un nom : « %(title)s » est lue. Vérifiez que téléphone et e-mail sont ceux du jeune.",
            title=header[read],
        )
    ]


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
    read: dict[str, dict[str, Any]] = {}
    for line, cells, row in rows:
        try:
            values, remarks = read_row(row, communes, reading.kind)
        except BadValue as error:
            report.refused.append(Problem(line, reading.label(error.column), error.cause, cells))
            continue
        report.remarks += [Problem(line, reading.label(name), cause) for name, cause in remarks]
        report.remarks += [Problem(line, title, cause) for title, cause in beyond(reading, cells)]
        if values["age"] < ADULT:
            report.remarks += [Problem(line, reading.label("guardian_name"), cause) for cause in left_aside(reading, row, cells)]
        report.known += values["fingerprint"] in read
        read.setdefault(values["fingerprint"], values)
    known = set(db.session.scalars(select(Lead.fingerprint).where(Lead.fingerprint.in_(read))))
    marks = {mark_of_row(fingerprint): fingerprint for fingerprint in read.keys() - known}
    for kept in (Decline.mark, Lead.fingerprint):  # of who was declined, or erased
        known |= {marks[mark] for mark in db.session.scalars(select(kept).where(kept.in_(marks)))}
    report.known += len(known)
    # Nobody said in an association's own file that another may be asked.
    asked = {"kind": reading.kind, "text_version": TEXT_VERSION, "may_relay": tenant.is_programme, "import_id": import_id}
    leads = [Lead(**asked, **values) for mark, values in read.items() if mark not in known]
    receive_all(leads, tenant)
    report.added += leads


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
    taken = [(line, reading.row(cells)) for line, cells in rows]
    communes = communes_of(row for _line, row in taken)
    shown = []
    for line, row in taken:
        try:
            _values, remarks = read_row(row, communes, reading.kind)
        except BadValue as error:
            shown.append((line, row, _("%(column)s : %(cause)s", column=reading.label(error.column), cause=error.cause)))
        else:
            shown.append((line, row, " ".join(cause for _name, cause in remarks)))
    return shown
