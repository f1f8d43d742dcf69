"""Many certificates at once: the list that is checked, the numbers taken together, the worker's share, what is gathered at the end.

Numbers are given when a batch starts, so that several workers make its certificates at the same time; a number that is not used in
the end (somebody failed, the batch was cancelled) is given back, and is the next one that is given.
"""

import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pikepdf
import structlog
from sqlalchemy import Select, func, select, update

from app.database import now
from app.errors import DomainError
from app.extensions import db
from app.people.own import own_files
from app.rendering import Unreachable
from app.storage import forget, load, store_as
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _
from app.web import short_day, today

from . import awards
from .actions import Means, free_numbers, hold_holders, issue, next_numbers, revoke_for_good
from .awards import Award, Candidate, Known, Period
from .models import BatchItem, BatchState, Certificate, CertificateBatch, CertificateKind, ItemState

log = structlog.get_logger()
COME_BACK = 60  # seconds until a share that others hold is looked at again
LONGEST = timedelta(hours=1)  # that a batch is made in: thousands take minutes
KEPT = (Certificate.file_key != "", Certificate.revoked_at.is_(None))  # what is gathered
SHARE = 10  # certificates that a worker makes in one transaction: what a kill can cost
Refused = (DomainError, Unreachable, ValueError, OSError)


def start(kind: CertificateKind, title: str, chosen: Sequence[Candidate], criteria: dict[str, Any], by: UUID,
          tells_holders: bool) -> CertificateBatch:  # fmt: skip
    """Take the numbers, note who gets one, and let the worker begin."""
    day = today()
    batch = CertificateBatch(kind=kind, title=title, year=day.year, criteria=criteria, started_by=by, tells_holders=tells_holders)
    db.session.add(batch)
    db.session.flush()  # its items name it
    numbers = next_numbers(day.year, len(chosen))
    db.session.add_all(
        BatchItem(batch_id=batch.id, position=place, source_id=one.source_id, holder=one.holder, number=number)
        for place, (one, number) in enumerate(zip(chosen, numbers, strict=True))
    )
    db.session.flush()  # the jobs look for them
    share_out(batch.id, len(chosen))
    return batch


def share_out(batch_id: UUID, count: int) -> None:
    """As many jobs as so many certificates need."""
    from .jobs import make_share

    for _share in range(0, count, SHARE):
        make_share.defer(batch_id=batch_id)


def period_of(criteria: Mapping[str, Any]) -> Period | None:
    """The period that a batch is about."""
    return Period(date.fromisoformat(criteria["from"]), date.fromisoformat(criteria["to"])) if "from" in criteria else None


def make_some(batch_id: UUID) -> list[Certificate]:
    """Make the next certificates of a batch, those that no other worker is making. All of them are stored, or none."""
    from .jobs import make_share

    batch = db.session.get_one(CertificateBatch, (current_tenant_id(), batch_id))
    if not batch.is_running:
        return []
    items = db.session.scalars(
        select(BatchItem)
        .where(BatchItem.batch_id == batch_id, BatchItem.state == ItemState.WAITING)
        .order_by(BatchItem.position)
        .limit(SHARE)
        .with_for_update(skip_locked=True)
    ).all()
    if not items and still_waiting(batch_id):  # others hold them, and may die or stand still with them
        make_share.defer(batch_id=batch_id, once=True, in_seconds=COME_BACK)
        return []
    kind = CertificateKind(batch.kind)
    sources = [item.source_id for item in items]
    awards.hold(kind, sources)
    deserved = awards.awards(kind, sources, period_of(batch.criteria))
    known = awards.certified(kind, [award.person.id for award in deserved.values()])
    try:
        means = Means.of(kind)
    except DomainError as error:  # no key to seal with: none can be made
        made: list[Certificate | None] = []
        for item in items:
            fail(batch, item, error)
    else:
        made = [make_one(batch, item, deserved.get(item.source_id), known, means) for item in items]
    db.session.flush()
    finish_if_last(batch_id)
    return [certificate for certificate in made if certificate]


def make_one(batch: CertificateBatch, item: BatchItem, award: Award | None, known: Known, means: Means) -> Certificate | None:
    """One certificate of a batch; what prevents it is noted, and the others go on."""
    try:
        if award is None:
            raise awards.NothingToCertify(awards.nothing(CertificateKind(batch.kind)))
        same = awards.same_as(award, known.get(award.person.id, ()))
        if same is not None:  # made alone, or by the same batch started twice
            raise awards.NothingToCertify(awards.said_by(same))
        with db.session.begin_nested():
            certificate = issue(award, batch.started_by, number=item.number, batch_id=batch.id, year=batch.year, means=means)
    except Refused as error:
        fail(batch, item, error)
        return None
    item.state, item.certificate_id, item.finished_at = ItemState.DONE, certificate.id, now()
    return certificate


def fail(batch: CertificateBatch, item: BatchItem, error: Exception) -> None:
    """Note what prevented a certificate, and give its number back."""
    item.state, item.reason, item.finished_at = ItemState.FAILED, said(error), now()
    free_numbers(batch.year, [item.number] if item.number else [])
    item.number = None


def said(error: Exception) -> str:
    """What staff read of what went wrong: a refusal in its own words, a breakdown in ours."""
    if isinstance(error, DomainError):
        return str(error)[:300]
    log.warning("certificates.item_failed", error=type(error).__name__)
    return _("Une panne a empêché de faire ce fichier. Essayez encore.")


def finish_if_last(batch_id: UUID) -> None:
    """Close the batch when nothing waits any more. Of two workers who end at once, the second one sees it."""
    from .jobs import gather_files

    batch = locked_batch(batch_id)
    if not still_waiting(batch_id) and batch.is_running:
        batch.state, batch.finished_at = BatchState.DONE, now()
        gather_files.defer(batch_id=batch_id)


def still_waiting(batch_id: UUID) -> int:
    """How many of a batch are still to be made."""
    return db.session.scalar(select(func.count()).where(BatchItem.batch_id == batch_id, BatchItem.state == ItemState.WAITING)) or 0


def locked_batch(batch_id: UUID) -> CertificateBatch:
    """The batch as it is now, held until the end of the transaction; always after its items, so that nobody waits in a ring.

    The lock lets others add certificates that name the batch.
    """
    statement = select(CertificateBatch).where(CertificateBatch.id == batch_id).with_for_update(key_share=True)
    return db.session.scalars(statement.execution_options(populate_existing=True)).one()


def cancel(batch_id: UUID) -> None:
    """Make no more. What is made stays; the numbers that were not used are given back. Twice changes nothing."""
    from .jobs import gather_files

    waiting = BatchItem.batch_id == batch_id, BatchItem.state == ItemState.WAITING
    items = db.session.scalars(select(BatchItem).where(*waiting).with_for_update()).all()  # waits for whoever makes some
    batch = locked_batch(batch_id)
    if not batch.is_running:
        return
    batch.state, batch.finished_at = BatchState.CANCELLED, now()
    free_numbers(batch.year, [item.number for item in items if item.number])
    for item in items:
        item.state, item.number, item.finished_at = ItemState.CANCELLED, None, now()
    gather_files.defer(batch_id=batch_id)


def try_again(batch: CertificateBatch) -> None:
    """Make those that failed, with new numbers; not while others do, nor while all are taken back: the new ones would be too."""
    failed = db.session.scalars(
        select(BatchItem).where(BatchItem.batch_id == batch.id, BatchItem.state == ItemState.FAILED).with_for_update()
    ).all()
    batch = locked_batch(batch.id)
    if not failed or batch.state != BatchState.DONE or batch.is_being_revoked:
        return
    for item, number in zip(failed, next_numbers(batch.year, len(failed)), strict=True):
        item.state, item.reason, item.number, item.finished_at = ItemState.WAITING, None, number, None
    batch.state, batch.finished_at, batch.zip_key, batch.print_key = BatchState.RUNNING, None, None, None
    db.session.flush()  # the jobs look for them
    share_out(batch.id, len(failed))


def progress(batch_id: UUID) -> dict[str, int]:
    """How many certificates of a batch are in each state, and how many of those made have a file to gather."""
    rows = db.session.execute(select(BatchItem.state, func.count()).where(BatchItem.batch_id == batch_id).group_by(BatchItem.state))
    counts = dict.fromkeys(map(str, ItemState), 0) | {state: count for state, count in rows}
    kept = db.session.scalar(select(func.count()).select_from(Certificate).where(Certificate.batch_id == batch_id, *KEPT)) or 0
    return counts | {"total": sum(counts.values()), "kept": kept}


def seconds_left(batch: CertificateBatch, counts: Mapping[str, int]) -> int | None:
    """How long still, at the pace so far; None before there is one, or once what was begun long ago is tried again."""
    ended, since = counts["done"] + counts["failed"], now() - batch.created_at if batch.is_running else LONGEST
    return round(since.total_seconds() / ended * counts["waiting"]) if ended and since < LONGEST else None


def add_pages(paper: pikepdf.Pdf, content: bytes) -> None:
    """Add a file's pages to print. A seal holds for its own file: together they carry none, or a reader would call each altered."""
    with pikepdf.open(BytesIO(content)) as one:
        for page in one.pages:
            for name in {"/Annots", "/StructParents"} & set(page.obj.keys()):
                del page.obj[name]
        paper.pages.extend(one.pages)


def gather(batch_id: UUID) -> None:
    """Put what was made and is valid into one ZIP, and into one PDF to print. One at a time: the last says what is left.

    While a batch is being made, or all of it taken back, nothing is gathered: the end of it does.
    """
    batch = db.session.scalars(select(CertificateBatch).filter_by(id=batch_id).with_for_update()).one()
    if batch.state == BatchState.RUNNING or batch.is_being_revoked:
        return
    rows = db.session.execute(
        select(Certificate.file_key, Certificate.facts["number"].astext)
        .where(Certificate.batch_id == batch_id, *KEPT)
        .order_by(Certificate.year, Certificate.number)
    ).all()
    if not rows:  # none was made, or whoever had one was erased, or all are revoked
        for kind in ("zip", "pdf"):
            forget(f"{current_tenant_id()}/lots/{batch_id}.{kind}")
        return
    with tempfile.TemporaryFile() as packed, tempfile.TemporaryFile() as printed, pikepdf.new() as paper:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for key, number in rows:
                content = load(key)
                archive.writestr(f"attestation-{number}.pdf", content)
                add_pages(paper, content)
        paper.save(printed, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
        zip_key = store_as(current_tenant_id(), f"lots/{batch_id}.zip", packed)
        print_key = store_as(current_tenant_id(), f"lots/{batch_id}.pdf", printed)
    db.session.execute(update(CertificateBatch).where(CertificateBatch.id == batch_id).values(zip_key=zip_key, print_key=print_key))


def revoke_all(batch: CertificateBatch, reason: str, by: UUID) -> bool:
    """Have every certificate of a batch taken back while nobody waits. Why and by whom stay with the batch until it is done.

    False where it is being made, or taken back already: who asked first is who said why.
    """
    from .jobs import revoke_share

    batch = locked_batch(batch.id)
    if batch.is_running or batch.is_being_revoked:
        return False
    batch.criteria = {**batch.criteria, "revocation": {"reason": reason, "by": str(by)}}
    db.session.flush()
    revoke_share.defer(batch_id=batch.id)
    return True


def revoke_some(batch_id: UUID) -> tuple[list[Certificate], str]:
    """Take the next valid certificates of a batch back, but those about whoever asked for it. None is left when none is given.

    And why: it may name somebody whom most of them are not about, so it is written to the holders and no certificate keeps it.
    """
    from .jobs import gather_files

    batch = db.session.get_one(CertificateBatch, (current_tenant_id(), batch_id))
    said = batch.criteria.get("revocation")
    if said is None:
        return [], ""
    by = UUID(said["by"])
    share = revocable(batch_id, by).order_by(Certificate.id).limit(SHARE)
    hold_holders(db.session.scalars(share))
    rows = db.session.scalars(share.with_for_update(of=Certificate)).all()
    if not rows:
        batch.criteria = {name: value for name, value in batch.criteria.items() if name != "revocation"}
        gather_files.defer(batch_id=batch_id, once=True)
    kept = _("Lot révoqué le %(day)s", day=short_day(today()))
    return [row for row in rows if revoke_for_good(row, kept, by)], said["reason"]


def revocable(batch_id: UUID, by: UUID) -> Select[Certificate]:
    """The valid certificates of a batch, but those about whoever takes it back."""
    return (
        select(Certificate)
        .where(Certificate.batch_id == batch_id, Certificate.revoked_at.is_(None))
        .where(*(func.coalesce(column.not_in(own_files(by)), True) for column in (Certificate.mentor_id, Certificate.mentee_id)))
    )


def count_revocable(batch_id: UUID, by: UUID) -> int:
    """How many of a batch somebody may take back."""
    return db.session.scalar(select(func.count()).select_from(revocable(batch_id, by).subquery())) or 0
