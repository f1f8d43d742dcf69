"""Files of requests: take what is good, say what is wrong with each other row, add nothing twice.

Rows are taken by shares: the places, the persons and the rows that are known are read once for a share, however long the file.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import select

from app.database import now, one_at_a_time
from app.extensions import db
from app.fields import Line, Text, is_name, normal_email, normal_phone
from app.tenants.models import Tenant
from app.territory.models import Commune
from app.territory.queries import communes_by_postal_code, fold, pick_commune, plain, words_of
from app.translation import lazy_gettext as _l

from .actions import mark_of_row, receive_all
from .models import Decline, Lead, LeadState
from .tables import LONGEST_FILE, UnreadableFile, read_table
from .words import TEXT_VERSION, TOO_OLD, YOUNGEST, LeadKind, age_on

SHARE = 500  # rows that are taken together
PARIS_CLOCK = ZoneInfo("Europe/Paris")
OLDEST, OLDEST_YEAR = 100, 1900
YOUNGEST_MENTOR = 14  # « dès le lycée »
FIRST_YEAR = 2000  # of a request
SERIAL_START = date(1899, 12, 30)  # day 0 of a spreadsheet
MONTHS = ("janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre", "decembre")
Value = TypeVar("Value")
# What a column may hold: the name that we show, and others that spreadsheets use.
FIELDS: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "last_name": (_l("Nom"), ("nom de famille", "nom usage", "lastname", "last name")),
    "first_name": (_l("Prénom"), ("prenoms", "firstname", "first name")),
    "age": (_l("Âge"), ("age au moment de la demande",)),
    "birth_date": (_l("Date de naissance"), ("naissance", "ne le", "nee le", "date naissance", "birth date")),
    "phone": (_l("Téléphone"), ("tel", "telephone portable", "portable", "mobile", "numero de telephone", "phone")),
    "email": (_l("Email"), ("e mail", "mail", "courriel", "adresse e mail", "adresse email", "adresse mail")),
    "city": (_l("Ville"), ("commune", "localite", "city")),
    "postal_code": (_l("Code postal"), ("cp", "code post", "postal code", "zip")),
    "requested_at": (_l("Date de création"), ("date", "date de la demande", "cree le", "created at", "horodateur")),
    "source": (_l("Origine"), ("source", "provenance", "canal")),
    "message": (_l("Commentaire"), ("message", "commentaires", "remarque", "remarques", "precisions")),
}
NEEDED = (("last_name",), ("first_name",), ("age", "birth_date"), ("phone", "email"), ("city",), ("postal_code",))


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

    @property
    def oriented(self) -> int:
        return sum(lead.state == LeadState.ORIENTED for lead in self.added)

    @property
    def waiting(self) -> list[Lead]:
        return [lead for lead in self.added if lead.state == LeadState.WAITING]


class BadValue(Exception):
    """A value of a row that cannot be taken."""

    def __init__(self, column: str, cause: str) -> None:
        super().__init__(cause)
        self.column, self.cause = column, cause


@dataclass(frozen=True)
class Reading:
    """How a file is read: which column holds what, what its rows are about, and the names of the columns as the file has them."""

    header: Sequence[str]
    mapping: Mapping[str, int]
    kind: LeadKind = LeadKind.MENTEE

    def row(self, cells: Sequence[str]) -> dict[str, str]:
        """A row by what its columns hold."""
        return {name: cells[place] if place < len(cells) else "" for name, place in self.mapping.items()}

    def label(self, name: str) -> str:
        """The column of a value, as the file calls it."""
        return self.header[self.mapping[name]] if name in self.mapping else str(FIELDS[name][0])


def guess(header: Sequence[str]) -> dict[str, int]:
    """Which column holds what, by its name, however it is written."""
    folded = [fold(name) for name in header]
    found = {}
    for name, (label, others) in FIELDS.items():
        known = (fold(str(label)), *others)
        place = next((folded.index(word) for word in known if word in folded), None)
        if place is not None:
            found[name] = place
    return found


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row of a file names its columns: we know three of them."""
    return len(guess(cells)) >= 3


def missing(mapping: Mapping[str, int]) -> dict[str, str]:
    """What no column holds, without which nothing can be taken: the first name of each kind, and the words."""
    lacking = [names for names in NEEDED if not mapping.keys() & set(names)]
    return {names[0]: _(" ou ").join(str(FIELDS[name][0]) for name in names) for names in lacking}


def import_leads(path: Path, tenant: Tenant) -> ImportReport:
    """Import a file whole, in the current transaction: killed in the middle, nothing of it stays.

    Raises UnreadableFile when it is no such file, or when a column is missing.
    """
    table = read_table(path.read_bytes()[: LONGEST_FILE + 1], is_header)
    reading = Reading(table.header, guess(table.header))
    if lacking := missing(reading.mapping):
        raise UnreadableFile(_("Il manque des colonnes : %(names)s.", names=", ".join(lacking.values())))
    report = ImportReport()
    while share := list(islice(table.rows, SHARE)):
        take(share, reading, tenant, report)
    return report


def take(share: Sequence[tuple[int, Sequence[str]]], reading: Reading, tenant: Tenant, report: ImportReport,
         goes_on: bool = True) -> None:  # fmt: skip
    """Take a share of the rows; what was seen before, in this share or earlier, is only counted, whoever was declined since too.

    One file at a time is taken in a space: the same one, sent twice at once, adds nothing the second time.
    """
    one_at_a_time("import", tenant.id)
    rows = [(line, cells, reading.row(cells)) for line, cells in share]
    communes = communes_by_postal_code({row.get("postal_code", "") for _line, _cells, row in rows})
    read: dict[str, dict[str, Any]] = {}
    for line, cells, row in rows:
        try:
            values, remarks = read_row(row, communes, reading.kind)
        except BadValue as error:
            report.refused.append(Problem(line, reading.label(error.column), error.cause, cells))
            continue
        report.remarks += [Problem(line, reading.label(name), cause) for name, cause in remarks]
        report.remarks += [Problem(line, title, cause) for title, cause in beyond(reading, cells)]
        report.known += values["fingerprint"] in read
        read.setdefault(values["fingerprint"], values)
    known = set(db.session.scalars(select(Lead.fingerprint).where(Lead.fingerprint.in_(read))))
    marks = {mark_of_row(fingerprint): fingerprint for fingerprint in read.keys() - known}
    known |= {marks[mark] for mark in db.session.scalars(select(Decline.mark).where(Decline.mark.in_(marks)))}
    report.known += len(known)
    leads = [Lead(kind=reading.kind, text_version=TEXT_VERSION, **values) for mark, values in read.items() if mark not in known]
    receive_all(leads, tenant, goes_on)
    report.added += leads


def read_row(
    row: Mapping[str, str], communes: Mapping[str, Sequence[Commune]], kind: LeadKind
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The values of a request, and remarks on what was left out. Raises BadValue at the first that cannot be taken."""
    requested_at = read(row, "requested_at", read_request) if row.get("requested_at", "").strip() else None
    last_name, first_name = read(row, "last_name", read_name), read(row, "first_name", read_name)
    (born, age, remarks), (phone, email, others) = read_birth(row, kind), contacts(row)
    commune = read_place(row, communes)
    message, source, cuts = read_words(row)
    moment = requested_at.isoformat() if requested_at else ""
    of_mentor = [] if kind == LeadKind.MENTEE else [kind]  # somebody may ask for a mentor, and later offer to be one
    identity = "|".join([*of_mentor, moment, same_name(last_name), same_name(first_name), email or "", phone or ""])
    return {
        "first_name": first_name,
        "last_name": last_name,
        "email": email,
        "phone": phone,
        "birth_date": born,
        "age": age,
        "message": message,
        "source": source or "fichier",
        "requested_at": requested_at or now(),
        "commune_code": commune.code,
        "commune_name": commune.name,
        "departement_code": commune.departement_code,
        "fingerprint": hashlib.sha256(identity.encode()).hexdigest(),
    }, [*remarks, *others, *cuts]


def same_name(name: str) -> str:
    """A name as it counts in what makes two rows the same; also in a script that has none of our letters."""
    return fold(name) or " ".join(words_of(name))


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


def read(row: Mapping[str, str], name: str, reader: Callable[[str], Value]) -> Value:
    """One value, cleaned and read. Raises BadValue that names the column."""
    try:
        return reader(Line.clean(row.get(name, "")) or "")
    except ValueError as error:
        raise BadValue(name, str(error)) from error


def read_place(row: Mapping[str, str], communes: Mapping[str, Sequence[Commune]]) -> Commune:
    """The commune that the city and the postal code agree on. Raises BadValue."""
    city, postal_code = row.get("city", "").strip(), row.get("postal_code", "").strip()
    for name, value in (("city", city), ("postal_code", postal_code)):
        if not value:
            raise BadValue(name, _("vide."))
        if len(value) > 100:
            raise BadValue(name, _("« %(value)s… » est trop long : 100 caractères au plus.", value=value[:60]))
    commune = pick_commune(city, communes.get(postal_code, ()))
    if commune is None:
        cause = _("« %(city)s » et « %(code)s » ne désignent pas une commune.", city=city, code=postal_code)
        raise BadValue("city", cause)
    return commune


def read_words(row: Mapping[str, str]) -> tuple[str | None, str | None, list[tuple[str, str]]]:
    """The comment and the origin; what is too long to be kept whole is remarked."""
    kept: list[str | None] = []
    remarks = []
    for name, clean, longest in (("message", Text.clean, 2000), ("source", Line.clean, 40)):
        value = clean(row.get(name, "")) or ""
        if len(value) > longest:
            remarks.append((name, _("coupé à %(count)s caractères.", count=longest)))
        kept.append(value[:longest].strip() or None)
    return kept[0], kept[1], remarks


def read_request(value: str) -> datetime:
    """The moment of a request; a spreadsheet makes of an empty date one of long ago."""
    moment = read_moment(value)
    if moment.year < FIRST_YEAR:
        raise ValueError(_("« %(value)s » est trop ancien pour une demande.", value=value))
    return moment


def read_moment(value: str) -> datetime:
    """A moment not to come, in UTC, as people and programs write one; without a zone, of Paris."""
    moment = parsed(value)
    if moment is None or moment.year < OLDEST_YEAR:
        raise ValueError(_("« %(value)s » n'est pas une date : écrivez 12/11/2010.", value=value))
    if moment > now():
        raise ValueError(_("« %(value)s » est dans le futur.", value=value))
    return moment.astimezone(UTC)


def parsed(value: str) -> datetime | None:
    """What a date says: ISO 8601, day first with any separator, a month in letters, or the days that a spreadsheet counts."""
    if re.fullmatch(r"\d{5}", value):
        return datetime.combine(SERIAL_START + timedelta(days=int(value)), time(), PARIS_CLOCK)
    try:
        moment = datetime.fromisoformat(value.replace("/", "-"))
    except ValueError:
        found = re.fullmatch(
            r"(\d{1,2})[-/. ]([^\W\d_]+\.?|\d{1,2})[-/. ](\d{4}|\d{2})(?:[ T,à]+(\d{1,2})[:h](\d{2})(?::(\d{2}))?)?", value
        )
        month = month_of(found[2]) if found else None
        if found is None or month is None:
            return None
        try:
            hour, minute, second = (int(part or 0) for part in found.groups()[3:])
            moment = datetime.combine(date(year_of(found[3]), month, int(found[1])), time(hour, minute, second))
        except ValueError:
            return None
    return moment if moment.tzinfo else moment.replace(tzinfo=PARIS_CLOCK)


def month_of(written: str) -> int | None:
    """A month, by its number or by the beginning of its French name."""
    if written.isdecimal():
        return int(written)
    word = plain(written)
    found = [rank for rank, name in enumerate(MONTHS, start=1) if len(word) >= 3 and name.startswith(word)]
    return found[0] if len(found) == 1 else None  # « jui » may be two


def year_of(written: str) -> int:
    """Two digits are of the hundred years that end now."""
    year, last = int(written), now().year
    return year if len(written) == 4 else last - (last - year) % 100


def read_name(value: str) -> str:
    if not value:
        raise ValueError(_("vide."))
    if len(value) > 100:
        raise ValueError(_("« %(value)s… » est trop long : 100 caractères au plus.", value=value[:60]))
    if not is_name(value):
        raise ValueError(_("« %(value)s » n'est pas un nom.", value=value[:60]))
    return value


def read_birth(row: Mapping[str, str], kind: LeadKind) -> tuple[date | None, int, list[tuple[str, str]]]:
    """The date of birth when the file has one, the age, and a remark where the two contradict each other. Raises BadValue."""
    said = row.get("age", "").strip()
    if not row.get("birth_date", "").strip():
        column = "birth_date" if "birth_date" in row and "age" not in row else "age"
        return None, read(row, column, lambda value: read_age(value, kind)), []
    born = read(row, "birth_date", read_moment).astimezone(PARIS_CLOCK).date()
    age = age_on(born, now().astimezone(PARIS_CLOCK).date())
    age = read({"birth_date": str(age)}, "birth_date", lambda value: read_age(value, kind))
    figures = re.match(r"\d{1,3}", said)
    if figures is None or abs(int(figures[0]) - age) <= 1:
        return born, age, []
    return born, age, [("age", _("« %(value)s » laissé de côté : la date de naissance dit %(age)s ans.", value=said, age=age))]


def read_age(value: str, kind: LeadKind) -> int:
    if not value:
        raise ValueError(_("vide."))
    figures = re.fullmatch(r"([0-9]+)(?:[.,]0+)?(?: ?ans)?", value)
    if figures is None:
        raise ValueError(_("« %(value)s » n'est pas un nombre.", value=value))
    age = int(figures[1][:4])
    if kind == LeadKind.MENTEE and not YOUNGEST <= age < TOO_OLD:
        raise ValueError(_("%(age)s ans : le programme accompagne de 6 à 29 ans.", age=age))
    if not (YOUNGEST if kind == LeadKind.MENTEE else YOUNGEST_MENTOR) <= age <= OLDEST:
        raise ValueError(_("%(age)s ans : ce n'est pas un âge possible.", age=age))
    return age


def contacts(row: Mapping[str, str]) -> tuple[str | None, str | None, list[tuple[str, str]]]:
    """Telephone and address: one of the two is enough; what cannot be used is remarked and left out. Raises BadValue."""
    typed_phone, typed_email = (Line.clean(row.get(name, "")) or "" for name in ("phone", "email"))
    phone, email = normal_phone(typed_phone), normal_email(typed_email)
    if not phone and not email:
        typed = " ".join(_("« %(value)s »", value=value[:60]) for value in (typed_phone, typed_email) if value)
        column = "email" if "phone" not in row or (typed_email and not typed_phone) else "phone"
        if typed:
            raise BadValue(
                column, _("%(typed)s ne permet pas de joindre la personne : il faut un téléphone ou un e-mail.", typed=typed)
            )
        raise BadValue(column, _("aucun moyen de joindre la personne : ni téléphone ni e-mail utilisables."))
    remarks = []
    if typed_phone and not phone:
        remarks.append(("phone", _("« %(value)s » laissé de côté ; l'e-mail suffit.", value=typed_phone)))
    if typed_email and not email:
        remarks.append(("email", _("« %(value)s » laissé de côté ; le téléphone suffit.", value=typed_email)))
    return phone, email, remarks


def sample(rows: Iterable[tuple[int, Sequence[str]]], reading: Reading) -> list[tuple[int, dict[str, str], str]]:
    """Rows as they would be taken, and what prevents it: for a look before anything is done."""
    taken = [(line, reading.row(cells)) for line, cells in rows]
    communes = communes_by_postal_code({row.get("postal_code", "") for _line, row in taken})
    shown = []
    for line, row in taken:
        try:
            _values, remarks = read_row(row, communes, reading.kind)
        except BadValue as error:
            shown.append((line, row, _("%(column)s : %(cause)s", column=reading.label(error.column), cause=error.cause)))
        else:
            shown.append((line, row, " ".join(cause for _name, cause in remarks)))
    return shown
