"""Selects for lists of certificates."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager

from app.extensions import db
from app.people.models import Mentor
from app.territory.queries import fold

from .models import Certificate


def certificates(typed: str) -> Select[Any]:
    """Every certificate of the association, the latest first."""
    statement = (
        select(Certificate)
        .join(Certificate.mentor)
        .options(contains_eager(Certificate.mentor))
        .order_by(Certificate.year.desc(), Certificate.number.desc())
    )
    for word in fold(typed).split():
        statement = statement.where(Mentor.search_name.contains(word, autoescape=True))
    return statement


def certificates_of(mentor_id: UUID) -> Sequence[Certificate]:
    """What a mentor holds, the latest first."""
    return db.session.scalars(
        select(Certificate).where(Certificate.mentor_id == mentor_id).order_by(Certificate.year.desc(), Certificate.number.desc())
    ).all()
