"""Sensitive facts about a jeune: apart from the file, for named roles, and every reading is noted with who and when."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import User
from app.database import uuid7
from app.extensions import db
from app.tenants.scope import current_tenant_id

from .models import FactReading, Mentee, SensitiveFact

SHOWN = 20  # readings, the latest first


def read_ase(mentee: Mentee, by: UUID) -> bool:
    """Whether child protection (ASE) looks after a jeune; that somebody asked is noted."""
    db.session.add(FactReading(mentee_id=mentee.id, user_id=by, what="read"))
    return is_ase(mentee)


def is_ase(mentee: Mentee) -> bool:
    """The same for a rule that applies it and shows it to nobody: nothing is noted."""
    found = select(SensitiveFact.id).where(SensitiveFact.mentee_id == mentee.id, SensitiveFact.kind == "ase")
    return db.session.scalar(found) is not None


def set_ase(mentee: Mentee, is_ase: bool, by: UUID) -> None:
    """Say that it does, or that it does not; saying it twice changes nothing."""
    db.session.add(FactReading(mentee_id=mentee.id, user_id=by, what="set" if is_ase else "removed"))
    if is_ase:
        row = {"tenant_id": current_tenant_id(), "id": uuid7(), "mentee_id": mentee.id, "kind": "ase", "noted_by": by}
        db.session.execute(insert(SensitiveFact).values(**row).on_conflict_do_nothing())
    else:
        db.session.execute(delete(SensitiveFact).where(SensitiveFact.mentee_id == mentee.id, SensitiveFact.kind == "ase"))


def readings_of(mentee: Mentee) -> Sequence[tuple[FactReading, str]]:
    """Who read or changed them, the latest first, with their address."""
    db.session.flush()  # this reading is one of them
    return db.session.execute(
        select(FactReading, User.email).join(User, User.id == FactReading.user_id).where(FactReading.mentee_id == mentee.id)
        .order_by(FactReading.created_at.desc(), FactReading.id.desc()).limit(SHOWN)
    ).all()  # fmt: skip
