"""Selects for the lists of mentors and mentees."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from app.database import prepared
from app.extensions import db
from app.fields import normal_phone
from app.territory.queries import words_of

from .models import Guardian, Guardianship, Mentee, Mentor

Kind = TypeVar("Kind", Mentor, Mentee)
LINE = (Mentee.first_in_line.desc(), Mentee.waits_since, Mentee.id)  # whose mentor left first, then who has waited longest


def people(model: type[Kind], state: str, typed: str) -> Select[Any]:
    """The files in a state, by name as a French reader expects it; those that were erased name nobody."""
    kept = select(model).where(model.state == state, model.erased_at.is_(None), *found_by(model, typed))
    return kept.order_by(model.sort_name, model.id)


def found_by(model: type[Kind], typed: str) -> list[ColumnElement[bool]]:
    """What a search asks of a file: each word in the name, accents or not; or an address or a number, theirs or a guardian's."""
    phone, address = normal_phone(typed), typed.strip().lower() if "@" in typed else None
    if phone is None and address is None:
        return [model.search_name.contains(word, autoescape=True) for word in words_of(typed)]
    represented = Guardianship.mentee_id if model is Mentee else Guardianship.mentor_id
    same = Guardian.phone == phone if phone else func.lower(Guardian.email) == address
    held = select(represented).join(Guardianship.guardian).where(same, represented.is_not(None))
    return [or_(model.phone == phone if phone else func.lower(model.email) == address, model.id.in_(held))]


def applicants(stage: str | None, typed: str) -> Select[Any]:
    """The applications at a stage, or all of them, who came last first."""
    statement = select(Mentor).where(Mentor.erased_at.is_(None)).order_by(Mentor.created_at.desc(), Mentor.id)
    if stage:
        statement = statement.where(Mentor.stage == stage)
    return statement.where(*found_by(Mentor, typed))


def mentor_of(user_id: UUID) -> Mentor | None:
    """The mentor's file of an account in this space."""
    return db.session.scalars(*mentors_of(user_id)).first()


def mentee_of(user_id: UUID) -> Mentee | None:
    """The mentee's file of an account in this space."""
    return db.session.scalars(*mentees_of(user_id)).first()


@prepared
def mentors_of(user_id: UUID) -> Select[Mentor]:
    return select(Mentor).where(Mentor.user_id == user_id)


@prepared
def mentees_of(user_id: UUID) -> Select[Mentee]:
    return select(Mentee).where(Mentee.user_id == user_id)
