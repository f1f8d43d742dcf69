"""Selects for the lists of mentors and mentees."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, select

from app.database import prepared
from app.extensions import db
from app.territory.queries import plain

from .models import Mentee, Mentor

Kind = TypeVar("Kind", Mentor, Mentee)


def people(model: type[Kind], state: str, typed: str) -> Select[Any]:
    """The files in a state, by name as a French reader expects it; accents do not matter in a search."""
    statement = select(model).where(model.state == state).order_by(model.sort_name, model.id)
    for word in plain(typed).split():
        statement = statement.where(model.search_name.contains(word, autoescape=True))
    return statement


def applicants(stage: str | None, typed: str) -> Select[Any]:
    """The applications at a stage, or all of them, who came last first."""
    statement = select(Mentor).order_by(Mentor.created_at.desc(), Mentor.id)
    if stage:
        statement = statement.where(Mentor.stage == stage)
    for word in plain(typed).split():
        statement = statement.where(Mentor.search_name.contains(word, autoescape=True))
    return statement


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
