"""Read the weekly file of requests: take what is good, say what is wrong with each other row, add nothing twice."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from sqlalchemy import select

from app.database import now
from app.errors import DomainError
from app.extensions import db
from app.fields import Line, is_name, normal_phone
from app.tenants.models import Tenant
from app.territory.queries import fold, match_commune

from .actions import receive
from .models import Lead, LeadState
from .words import TEXT_VERSION, TOO_OLD, YOUNGEST, LeadKind

COLUMNS = ("Date de création", "Nom", "Prénom", "Âge", "Téléphone", "Email", "Ville", "Code postal")
LONGEST_FILE = 20 * 1024 * 1024  # bytes
PARIS_CLOCK = ZoneInfo("Europe/Paris")
Value = TypeVar("Value")


class UnreadableFile(DomainError):
    """The file as a whole cannot be taken; the sentence says what it lacks."""


@dataclass(frozen=True)
class Problem:
    """What is wrong, where: line of the file (the header is line 1), column, cause."""

    line: int
    column: str
    cause: str


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


def import_leads(path: Path, programme: Tenant) -> ImportReport:
    """Import a file whole, in the current transaction: killed in the middle, nothing of it stays.

    Raises UnreadableFile when it is no such file.
    """
    report = ImportReport()
    for line, row in read_rows(path.read_bytes()[: LONGEST_FILE + 1]):
        try:
            values = read_row(row, line, report)
        except BadValue as error:
            report.refused.append(Problem(line, error.column, error.cause))
            continue
        if is_known(values["fingerprint"]):
            report.known += 1
            continue
        lead = Lead(kind=LeadKind.MENTEE, source="fichier", text_version=TEXT_VERSION, **values)
        receive(lead, programme)
        report.added.append(lead)
    return report


def is_known(fingerprint: str) -> bool:
    return db.session.scalar(select(Lead.id).where(Lead.fingerprint == fingerprint)) is not None


def decode(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or what a French spreadsheet saves (Windows-1252)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read_rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row under its column's name, with its line. Raises UnreadableFile."""
    if len(content) > LONGEST_FILE:
        raise UnreadableFile(_("Ce fichier dépasse 20 Mo : coupez-le en plusieurs."))
    text = decode(content)
    if "\x00" in text:
        raise UnreadableFile(_("Ce fichier n'est pas un fichier CSV."))
    first = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = {fold(name): name for name in COLUMNS}
    try:
        header = [names.get(fold(cell), "") for cell in next(reader, [])]
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise UnreadableFile(_("Il manque des colonnes : %(names)s.", names=", ".join(missing)))
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(header, cells, strict=False))
    except csv.Error as error:
        raise UnreadableFile(_("Ce fichier n'est pas un fichier CSV lisible : %(why)s.", why=error)) from error


def read_row(row: dict[str, str], line: int, report: ImportReport) -> dict[str, Any]:
    """The values of a request. Raises BadValue at the first that cannot be taken; an unusable address is only remarked."""
    requested_at = take(row, "Date de création", read_moment)
    last_name, first_name = take(row, "Nom", read_name), take(row, "Prénom", read_name)
    age = take(row, "Âge", read_age)
    phone, email = contacts(row, line, report)
    city, postal_code = row.get("Ville", ""), row.get("Code postal", "")
    commune = match_commune(city, postal_code)
    if commune is None:
        cause = _(
            "« %(city)s » et « %(code)s » ne désignent pas une commune.",
            city=city.strip(),
            code=postal_code.strip(),
        )
        raise BadValue("Ville", cause)
    identity = "|".join([requested_at.isoformat(), fold(last_name), fold(first_name), email or "", phone or ""])
    return {
        "first_name": first_name,
        "last_name": last_name,
        "email": email,
        "phone": phone,
        "age": age,
        "requested_at": requested_at,
        "commune_code": commune.code,
        "commune_name": commune.name,
        "departement_code": commune.departement_code,
        "fingerprint": hashlib.sha256(identity.encode()).hexdigest(),
    }


def take(row: dict[str, str], column: str, read: Callable[[str], Value]) -> Value:
    """One value, cleaned and read. Raises BadValue that names the column."""
    try:
        return read(Line.clean(row.get(column, "")) or "")
    except ValueError as error:
        raise BadValue(column, str(error)) from error


def read_moment(value: str) -> datetime:
    for pattern in (
        "%Y-%m-%dT%H:%M:%S.%fZ",
        "%Y-%m-%dT%H:%M:%SZ",
        "%d/%m/%Y %H:%M:%S",
        "%d/%m/%Y %H:%M",
        "%d/%m/%Y",
    ):
        try:
            moment = datetime.strptime(value, pattern)  # noqa: DTZ007  (the zone is set below)
        except ValueError:
            continue
        moment = moment.replace(tzinfo=UTC if pattern.endswith("Z") else PARIS_CLOCK)
        if moment > now():
            raise ValueError(_("« %(value)s » est dans le futur.", value=value))
        return moment.astimezone(UTC)
    raise ValueError(_("« %(value)s » n'est pas une date.", value=value))


def read_name(value: str) -> str:
    if not value:
        raise ValueError(_("vide."))
    if len(value) > 100 or not is_name(value):
        raise ValueError(_("« %(value)s » n'est pas un nom.", value=value[:60]))
    return value


def read_age(value: str) -> int:
    if not value.isascii() or not value.isdigit():
        raise ValueError(_("« %(value)s » n'est pas un nombre.", value=value))
    age = int(value)
    if not YOUNGEST <= age < TOO_OLD:
        raise ValueError(_("%(age)s ans : le programme accompagne de 6 à 29 ans.", age=age))
    return age


def contacts(row: dict[str, str], line: int, report: ImportReport) -> tuple[str | None, str | None]:
    """Telephone and address: one of the two is enough; what cannot be used is remarked and left out. Raises BadValue."""
    typed_phone, typed_email = (Line.clean(row.get(name, "")) or "" for name in ("Téléphone", "Email"))
    phone, email = normal_phone(typed_phone), read_email(typed_email)
    if not phone and not email:
        raise BadValue("Téléphone", _("aucun moyen de joindre la personne : ni téléphone ni e-mail utilisables."))
    if typed_phone and not phone:
        report.remarks.append(Problem(line, "Téléphone", _("« %(value)s » laissé de côté ; l'e-mail suffit.", value=typed_phone)))
    if typed_email and not email:
        report.remarks.append(Problem(line, "Email", _("« %(value)s » laissé de côté ; le téléphone suffit.", value=typed_email)))
    return phone, email


def read_email(value: str) -> str | None:
    """The address, when a letter can reach it: letters without accents before the @, as nearly every mail server wants."""
    try:
        return validate_email(value, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        return None
