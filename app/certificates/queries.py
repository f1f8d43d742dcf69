"""Selects for lists of certificates."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager

from app.extensions import db
from app.people.models import Mentee, Mentor
from app.territory.queries import words_of

from .models import BatchItem, Certificate, CertificateBatch, ItemState

VALID, REVOKED = "valides", "revoquees"
SHOWN = 500  # of a batch, on its page


def current_state(asked: str | None) -> str | None:
    """The state that the query string asks for; None for all."""
    return asked if asked in {VALID, REVOKED} else None


NUMBERED = re.compile(r"(?:[A-Za-z0-9]{1,4}-?)??(20\d{2})-?(\d{1,6})")  # PR-2026-00042, as an association numbers its own


def certificates(typed: str, kind: str | None = None, state: str | None = None) -> Select[Any]:
    """Every certificate of the association, the latest first."""
    statement = (
        select(Certificate)
        .outerjoin(Certificate.mentor)
        .outerjoin(Certificate.mentee)
        .options(contains_eager(Certificate.mentor), contains_eager(Certificate.mentee))
        .order_by(Certificate.year.desc(), Certificate.number.desc())
    )
    if kind:
        statement = statement.where(Certificate.kind == kind)
    if state:
        statement = statement.where(Certificate.revoked_at.is_(None) if state == VALID else Certificate.revoked_at.is_not(None))
    number = NUMBERED.fullmatch(typed.strip())
    if number is not None:
        return statement.where(Certificate.year == int(number[1]), Certificate.number == int(number[2]))
    for word in words_of(typed):
        name = (Mentor.search_name.contains(word, autoescape=True), Mentee.search_name.contains(word, autoescape=True))
        statement = statement.where(or_(*name))
    return statement


def certificates_of(*person_ids: UUID) -> Sequence[Certificate]:
    """What a mentor or a jeune holds, the latest first; somebody may be both."""
    return db.session.scalars(
        select(Certificate)
        .where(or_(Certificate.mentor_id.in_(person_ids), Certificate.mentee_id.in_(person_ids)))
        .order_by(Certificate.year.desc(), Certificate.number.desc())
    ).all()


def batches() -> Select[Any]:
    """The batches, the latest first."""
    return select(CertificateBatch).order_by(CertificateBatch.created_at.desc())


def made_in(batch_id: UUID) -> Sequence[Certificate]:
    """The certificates of a batch, by number; the first 500."""
    return db.session.scalars(
        select(Certificate)
        .outerjoin(Certificate.mentor)
        .outerjoin(Certificate.mentee)
        .where(Certificate.batch_id == batch_id)
        .options(contains_eager(Certificate.mentor), contains_eager(Certificate.mentee))
        .order_by(Certificate.number)
        .limit(SHOWN)
    ).all()


def failures(batch_id: UUID) -> Sequence[BatchItem]:
    """Who got none in a batch, and why."""
    return db.session.scalars(
        select(BatchItem)
        .where(BatchItem.batch_id == batch_id, BatchItem.state == ItemState.FAILED)
        .order_by(BatchItem.holder)
        .limit(SHOWN)
    ).all()
