"""Sensitive facts about a jeune: apart from the file, for named roles, and every reading is noted with who and when."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.queries import author_of
from app.database import uuid7
from app.extensions import db
from app.tenants.scope import current_tenant_id

from .erased import refuse_erased
from .models import Authorisation, FactReading, Mentee, SensitiveFact
from .signals import gate_changed
from .words import SENSITIVE

SHOWN = 20  # readings, the latest first


def read_facts(mentee: Mentee, by: UUID) -> set[str]:
    """What is noted about a jeune; that somebody asked is noted too."""
    db.session.add(FactReading(mentee_id=mentee.id, user_id=by, what="read"))
    return known(mentee)


def note(mentee: Mentee, what: str, kind: str, by: UUID) -> None:
    """That something of it was set or removed."""
    db.session.add(FactReading(mentee_id=mentee.id, user_id=by, what=what, kind=kind))


def known(mentee: Mentee) -> set[str]:
    return set(db.session.scalars(select(SensitiveFact.kind).where(SensitiveFact.mentee_id == mentee.id)))


def is_ase(mentee: Mentee) -> bool:
    """Whether child protection looks after a jeune, for a rule that applies it and shows it to nobody: nothing is noted."""
    found = select(SensitiveFact.id).where(SensitiveFact.mentee_id == mentee.id, SensitiveFact.kind == "ase")
    return db.session.scalar(found) is not None


def set_facts(mentee: Mentee, shown: Collection[str], ticked: Collection[str], by: UUID) -> None:
    """Note what was ticked since the page showed them, of the closed list, and remove what was unticked; the others stay.

    Each change is noted, and saying the same again changes nothing. Raises Erased.
    """
    refuse_erased(mentee)
    before = known(mentee)
    added, removed = (set(ticked) - set(shown)) & set(SENSITIVE) - before, (set(shown) - set(ticked)) & before
    for kind in sorted(added):
        row = {"tenant_id": current_tenant_id(), "id": uuid7(), "mentee_id": mentee.id, "kind": kind, "noted_by": by}
        db.session.execute(insert(SensitiveFact).values(**row).on_conflict_do_nothing())
        note(mentee, "set", kind, by)
    for kind in sorted(removed):
        db.session.execute(delete(SensitiveFact).where(SensitiveFact.mentee_id == mentee.id, SensitiveFact.kind == kind))
        note(mentee, "removed", kind, by)
    if added or removed:
        gate_changed.send(mentee)


def pieces_of(mentee: Mentee) -> Sequence[Authorisation]:
    """The pieces that child protection asks for, as they were noted."""
    return [row for row in mentee.authorisations if row.kind.startswith("ase_")]


def readings_of(mentee: Mentee) -> Sequence[tuple[FactReading, str]]:
    """Who read or changed them, the latest first, with their address."""
    db.session.flush()  # this reading is one of them
    return db.session.execute(
        select(FactReading, author_of(FactReading.user_id))
        .where(FactReading.mentee_id == mentee.id)
        .order_by(FactReading.created_at.desc(), FactReading.id.desc())
        .limit(SHOWN)
    ).all()
