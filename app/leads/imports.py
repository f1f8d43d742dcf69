"""The life of a file that is imported by the web: sent, its columns checked, its rows taken by shares, what was refused given back.

A share and its place in the file are stored together: a worker that is killed starts again where the file is, and nothing is taken
twice. The file itself is forgotten once its rows are taken; what was refused is, thirty days later.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import aliased

from app.database import now, uuid7
from app.errors import DomainError
from app.extensions import db
from app.fields import Line, french_phone
from app.jobs import every_hour, job
from app.sheets import FORMULA, as_csv, disarmed
from app.storage import forget, load, store_as
from app.tenants.resolve import current_tenant
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _
from app.translation import ngettext
from app.web import short_day

from . import actions, jobs
from .columns import Reading
from .importing import DATES, SHARE, ImportReport, Problem, good_rows, is_filler, new_among, read_file, take
from .models import OPEN_STATES, ImportProblem, ImportState, Lead, LeadEvent, LeadImport, LeadState, Orientation
from .reaching import REPRESENTED
from .signals import leads_undone
from .tables import MOST_CELLS, REASONS, TOO_WIDE, UnreadableFile
from .titles import guess
from .words import NEEDS_SHORT, LeadKind

UNDER_WAY = (ImportState.READY, ImportState.RUNNING)
UNDOABLE = timedelta(days=7)
KEPT = timedelta(days=30)  # what was refused
UNTOUCHED = ("received", "double", "guardian_asked", "reminded")  # what happens by itself to a request that nobody works on
SHOWN, MOST_SHOWN = 5, 200  # rows of a preview; refusals, and remarks, on the page


class CannotImport(DomainError):
    """This file cannot be started now; the sentence says why."""


def receive_file(name: str, content: bytes, kind: LeadKind, by: UUID) -> tuple[LeadImport, Sequence[str]]:
    """Keep a file, and propose how to read it: as the last file with the same columns was; and notes on it. Raises UnreadableFile.

    Refused rows that come back, once corrected, have the columns of the file that they were refused from.
    """
    header, rows, notes = read_file(content, kind, MOST_CELLS + REASONS)
    if not rows:
        raise UnreadableFile(_("Ce fichier n'a que des titres de colonnes : il n'y a rien à prendre."))
    if header[-REASONS:] in (reasons(LeadKind.MENTEE), reasons(LeadKind.MENTOR)):
        if header[-REASONS:] == reasons(LeadKind.MENTOR) and kind == LeadKind.MENTEE:  # which is what the page proposes
            kind, notes = LeadKind.MENTOR, [*notes, _("Ces lignes viennent d'un fichier de mentors : elles sont lues ainsi.")]
        header = header[:-REASONS]
        rows = [(line, [as_typed(cell) for cell in cells[: len(header)]]) for line, cells in rows]
    header = [*header, *[""] * (max(len(cells) for _line, cells in rows) - len(header))]  # a column without a title has a number
    if len(header) > MOST_CELLS:
        raise UnreadableFile(TOO_WIDE)
    name = (Line.clean(name) or "")[:120] or "demandes"
    row = LeadImport(id=uuid7(), user_id=by, name=name, kind=kind, header=header, total=len(rows))
    row.mapping = proposed(row)
    kept = "\n".join(json.dumps(one) for one in rows)  # read once: a share skips to its place without parsing what is before
    row.file_key = store_as(current_tenant_id(), f"imports/{row.id}", kept.encode())
    db.session.add(row)
    db.session.flush()  # its page names it
    return row, notes


def proposed(row: LeadImport) -> dict[str, int]:
    """How a file may be read: as the last one of its kind with these titles was, once checked by somebody; else by its titles.

    One that was undone or stopped may have been read wrong.
    """
    alike = (LeadImport.header == row.header, LeadImport.kind == row.kind)
    checked = (LeadImport.state.in_({ImportState.RUNNING, ImportState.DONE}), LeadImport.undone == 0)
    found = select(LeadImport.mapping).where(*alike, *checked).order_by(LeadImport.created_at.desc()).limit(1)
    last = db.session.scalar(found) if any(row.header) else None
    return last or guess(row.header, of_mentors=row.kind == LeadKind.MENTOR)


def reading_of(row: LeadImport, mapping: dict[str, int]) -> Reading:
    return Reading(row.header, mapping, LeadKind(row.kind))


def rows_of(row: LeadImport, first: int, count: int) -> list[tuple[int, list[str]]]:
    """So many rows of the file, each with its line. Raises UnreadableFile when it was forgotten."""
    try:
        kept = load(row.file_key or "")
    except OSError as error:
        raise UnreadableFile(_("Ce fichier n'est plus gardé : envoyez-le encore une fois.")) from error
    return [json.loads(one) for one in islice(io.BytesIO(kept), first, first + count)]


@dataclass(frozen=True)
class Preview:
    """What a file would bring, read in some way: its first rows as they would be taken, and what becomes of its first share."""

    first: Sequence[tuple[int, dict[str, str], str]]  # the line, what each column holds, and what is said of it
    tried: int  # rows, of which so many would be added, are known, would be refused; 0 while a column is missing
    good: int
    known: int
    refused: Sequence[Problem]

    @property
    def shown(self) -> Sequence[Problem]:
        """The refusals that a page has room for."""
        return self.refused[:MOST_SHOWN]


def preview(row: LeadImport, mapping: dict[str, int]) -> Preview:
    """The first rows read in this way, as they would be taken. Nothing is stored."""
    reading, report = reading_of(row, mapping), ImportReport()
    is_tried = not reading.lacking
    share = rows_of(row, 0, SHARE if is_tried else SHOWN)
    taken = good_rows(share, reading, report)
    good = new_among(taken, reading, report)
    said: dict[int, list[str]] = {}
    for one in report.refused:
        said.setdefault(one.line, []).append(_("%(column)s : %(cause)s", column=one.column, cause=one.cause))
    for one in report.remarks:
        said.setdefault(one.line, []).append(one.cause)
    for line in report.seen:
        said.setdefault(line, [_("déjà connue")])
    for line, cells in share[:SHOWN]:
        if is_filler(cells):
            said[line] = [_("ligne vide, laissée de côté")]
    values = dict(taken)
    first = [(line, as_read(reading.row(cells), values.get(line)), " ".join(said.get(line, ()))) for line, cells in share[:SHOWN]]
    return Preview(first, len(share) if is_tried else 0, len(good), report.known, report.refused)


def as_read(typed: Mapping[str, str], values: Mapping[str, Any] | None) -> dict[str, str]:
    """A row as it would be taken, in words that nobody can mistake; as it was typed where it would not be."""
    parents = REPRESENTED if not typed.keys().isdisjoint(REPRESENTED) else ()
    ages = ("age",) if "birth_date" in typed else ()
    row = {**dict.fromkeys((*ages, *parents), ""), **typed}
    if values is None:
        return row
    said = {name: values.get(name) or "" for name in ("last_name", "first_name", "email", "guardian_name", "guardian_email")}
    said |= {name: french_phone(values.get(name)) for name in ("phone", "guardian_phone")}
    said |= {name: short_day(values[name]) for name in DATES}
    said |= {
        "age": ngettext("%(num)s an", "%(num)s ans", values["age"]),
        "city": values["commune_name"],
        "needs": ", ".join(str(NEEDS_SHORT[need]) for need in values.get("needs", ())),
    }
    return row | {name: said[name] for name in row.keys() & said.keys()}


def look(row: LeadImport, mapping: dict[str, int], kind: LeadKind) -> None:
    """Read the file in this way for another look, before anything is taken; as one of another kind, by what its titles say then."""
    row = locked(row.id)
    if row.state == ImportState.READY:
        is_same = row.kind == kind
        row.kind = kind
        row.mapping = mapping if is_same else proposed(row)


def start(row: LeadImport, mapping: dict[str, int]) -> None:
    """Take the rows, read in this way. Raises CannotImport when a column is missing or the file was started already."""
    row = locked(row.id)
    if row.state != ImportState.READY:
        raise CannotImport(_("Cet import est déjà lancé."))
    if lacking := reading_of(row, mapping).lacking:
        raise CannotImport(_("Dites quelle colonne contient : %(names)s.", names=", ".join(lacking.values())))
    row.mapping, row.state, row.started_at = mapping, ImportState.RUNNING, now()
    import_share.defer(import_id=row.id)


def cancel(row: LeadImport) -> bool:
    """Take no more; what is taken stays. Gives False when it was over already: nothing changes then."""
    row = locked(row.id)
    if row.state not in UNDER_WAY:
        return False
    finish(row, ImportState.CANCELLED)
    return True


def may_undo(row: LeadImport) -> bool:
    """Whether what a file added can still be taken back, for a week."""
    is_over = row.finished_at is not None and row.finished_at > now() - UNDOABLE
    return is_over and row.added > 0 and not row.undone


def undo(row: LeadImport) -> tuple[int, int]:
    """Take back what a file added and nobody has touched; it may be sent again once it is right. How many go, how many stay.

    Touched is: answered, assigned, called, corrected, oriented once, agreed to by a guardian, or repeated by another request.
    """
    row = locked(row.id)
    if not may_undo(row):
        return 0, 0
    came = Lead.import_id == row.id
    # Whoever answers one meanwhile is waited for.
    db.session.execute(select(Lead.id).where(came).order_by(Lead.id).with_for_update())
    other = aliased(Lead)
    untouched = (
        Lead.state.in_((LeadState.RECEIVED, LeadState.WAITING)),
        *(column.is_(None) for column in (Lead.contacted_at, Lead.assigned_to, Lead.last_mail_at, Lead.guardian_agreed_at)),
        ~select(Orientation.id).where(Orientation.lead_id == Lead.id).exists(),
        ~select(other.id).where(other.same_as == Lead.id, other.import_id.is_distinct_from(row.id)).exists(),
        ~select(LeadEvent.id).where(LeadEvent.lead_id == Lead.id, LeadEvent.what.not_in(UNTOUCHED)).exists(),
    )
    addresses = (Lead.email, Lead.guardian_email, Lead.asker_contact)
    gone = db.session.execute(delete(Lead).where(came, *untouched).returning(*addresses)).all()
    leads_undone.send(row, addresses={address for one in gone for address in one})
    left = db.session.scalar(select(func.count()).where(came, Lead.state.in_(OPEN_STATES | {LeadState.ACCEPTED}))) or 0
    row.undone += len(gone)
    return len(gone), left


def locked(import_id: UUID) -> LeadImport:
    """The import as it stands now; a share that is being taken is waited for."""
    statement = select(LeadImport).where(LeadImport.id == import_id).with_for_update()
    return db.session.scalars(statement.execution_options(populate_existing=True)).one()


def finish(row: LeadImport, state: ImportState, reason: str | None = None) -> None:
    """No row is taken any more: the file is forgotten by a job, once this is stored."""
    row.state, row.reason, row.finished_at = state, reason, now()
    follow_up(row)
    forget_file.defer(import_id=row.id)


@job
def import_share(import_id: UUID) -> None:
    """Take the next rows of a file, then go on with those after them. Done again, it goes on where the file is."""
    row = locked(import_id)
    if not row.is_running:
        return
    try:
        share = rows_of(row, row.position, SHARE)
    except UnreadableFile as error:
        finish(row, ImportState.FAILED, str(error))
        return
    report = ImportReport()
    take(share, reading_of(row, row.mapping), current_tenant, report, row.id)
    actions.compare_all(report.added, current_tenant)
    note(row, report, len(share))
    if len(share) < SHARE:
        finish(row, ImportState.DONE)
    else:
        import_share.defer(import_id=row.id)


def follow_up(row: LeadImport) -> None:
    """What the taken rows are for: in the programme they are oriented; in an association those who answer are told, once."""
    if row.added and current_tenant.is_programme:
        jobs.orient_next.defer(once=True)
    elif row.added:
        came = (Lead.import_id == row.id, Lead.state == LeadState.RECEIVED)
        last = db.session.scalar(select(Lead).where(*came).order_by(Lead.created_at.desc()).limit(1))
        if last is not None:
            actions.tell_staff(last, row.added)


def note(row: LeadImport, report: ImportReport, count: int) -> None:
    """Write how far the file is, and what is wrong with its rows."""
    row.position += count
    row.added += len(report.added)
    row.known += report.known
    row.refused += len(report.refused)
    db.session.add_all(
        ImportProblem(import_id=row.id, line=p.line, column=p.column, cause=p.cause, is_refusal=bool(p.cells), cells=list(p.cells))
        for p in [*report.refused, *report.remarks]
    )


@job
def forget_file(import_id: UUID) -> None:
    """Keep the file no more."""
    row = locked(import_id)
    if row.file_key is not None:
        forget(row.file_key)
        row.file_key = None


@every_hour
@job
def forget_imports() -> None:
    """Forget files that nobody started, or that have not moved, for a day; and after thirty days the rows that were refused."""
    stale = select(LeadImport).where(LeadImport.state.in_(UNDER_WAY), LeadImport.updated_at < now() - timedelta(days=1))
    for row in db.session.scalars(stale).all():
        cancel(row)
    old = select(LeadImport.id).where(LeadImport.created_at < now() - KEPT)
    db.session.execute(delete(ImportProblem).where(ImportProblem.import_id.in_(old)))


def problems_of(row: LeadImport, is_refusal: bool) -> Select[ImportProblem]:
    """The rows that were refused, or what was remarked on those that were taken, in the order of the file."""
    found = select(ImportProblem).where(ImportProblem.import_id == row.id, ImportProblem.is_refusal.is_(is_refusal))
    return found.order_by(ImportProblem.line, ImportProblem.id)


def shown_problems(row: LeadImport) -> list[tuple[Sequence[ImportProblem], int]]:
    """The first refusals and the first remarks, and how many there are of each."""
    groups = []
    for is_refusal in (True, False):
        found = problems_of(row, is_refusal)
        count = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
        groups.append((db.session.scalars(found.limit(MOST_SHOWN)).all(), count))
    return groups


def remarks_file(row: LeadImport) -> bytes:
    """Every remark on the rows that were taken: line, column, what was left aside."""
    rows = [[one.line, harmless(one.column), one.cause] for one in db.session.scalars(problems_of(row, False))]
    return as_csv([[_("Ligne"), _("Colonne"), _("Remarque")], *rows])


def reasons(kind: LeadKind | str) -> list[str]:
    """The columns that say where and why, after the file's own; and of whom the file is, when it comes back."""
    return [_("Ligne"), _("Colonne"), _("Motif (mentors)") if kind == LeadKind.MENTOR else _("Motif")]


def refused_rows(row: LeadImport) -> bytes:
    """The refused rows as a file to correct and send again: the same columns, then where and why."""
    rows: list[list[Any]] = [[*map(harmless, row.header), *reasons(row.kind)]]
    for problem in db.session.scalars(problems_of(row, True)):
        cells = [*problem.cells, *[""] * len(row.header)][: len(row.header)]
        rows.append([*map(harmless, cells), problem.line, harmless(problem.column), problem.cause])
    return as_csv(rows)


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; a telephone number keeps its plus."""
    is_number = cell.startswith("+") and cell[1:].replace(" ", "").isdigit()
    return cell if is_number else str(disarmed(cell))


def as_typed(cell: str) -> str:
    """The same cell, when such a file comes back."""
    return cell[1:] if cell[:1] == "'" and FORMULA.match(cell[1:]) else cell


def recent() -> Sequence[LeadImport]:
    """The last files of this space."""
    return db.session.scalars(select(LeadImport).order_by(LeadImport.created_at.desc()).limit(20)).all()


def landing() -> str:
    """Where the requests of a file are seen in this space."""
    return "programme.queue" if current_tenant.is_programme else "leads.inbox"
