"""What was done about an application: interviews, references, decisions and exceptions, in one statement."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import aliased

from app.accounts.queries import author_of
from app.database import prepared
from app.extensions import db

from .application_models import Decision, Interview, Reference
from .check_models import GateException

LISTS: tuple[tuple[Any, Any, Any], ...] = (  # the rows, their day, the account that made them
    (Interview, Interview.planned_at, None), (Reference, Reference.created_at, None),
    (Decision, Decision.created_at, Decision.decided_by), (GateException, GateException.created_at, GateException.made_by),
)  # fmt: skip


class History(NamedTuple):
    """Each the latest first; decisions and exceptions with who made them, interviews without those that were cancelled."""

    interviews: list[Interview]
    references: list[Reference]
    decisions: list[tuple[Decision, str]]
    exceptions: list[tuple[GateException, str]]


@prepared
def side_by_side(mentor_id: UUID) -> Select[Any]:
    """The n-th rows of the four lists of a mentor side by side: the page asks much besides."""
    tables: Any = None
    nth: Any = None
    columns = list[Any]()
    for model, day, by in LISTS:
        rank = func.row_number().over(order_by=(day.desc(), model.id.desc())).label("nth")
        author = (literal("") if by is None else author_of(by)).label("author")
        rows = select(model, rank, author).where(model.mentor_id == mentor_id)
        one = (rows.where(Interview.cancelled_at.is_(None)) if model is Interview else rows).subquery()
        tables = one if tables is None else tables.join(one, one.c.nth == nth, full=True)
        nth = one.c.nth if nth is None else func.coalesce(nth, one.c.nth)
        columns += [aliased(model, one), one.c.author]
    return select(*columns).select_from(tables).order_by(nth)


def history_of(mentor_id: UUID) -> History:
    """All of a mentor's, in one statement."""
    found = db.session.execute(*side_by_side(mentor_id)).all()
    interviews, references, decisions, exceptions = (
        [(row[at], row[at + 1]) for row in found if row[at] is not None] for at in range(0, 2 * len(LISTS), 2)
    )
    return History([row for row, _by in interviews], [row for row, _by in references], decisions, exceptions)
