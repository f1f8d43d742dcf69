"""Who is ready to meet a jeune, as far as training goes, and what is missing, in sentences.

The database holds the same rule (function training_lacks, migration 0016), whoever asks; a test holds the two together. Elements of
Effective Practice for Mentoring, 4th edition, asks for at least two hours before any contact: that is the default.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Select,
    TableValuedAlias,
    Uuid,
    any_,
    column,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union,
    union_all,
)

from app.database import prepared
from app.extensions import db
from app.leads.words import AXIS_OF_NEED
from app.people.facts import is_ase
from app.people.models import Mentee, Mentor
from app.tenants.resolve import current_tenant
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _
from app.web import duration, iso_day, today

from .models import Audience, Course, TrainingException

FEW = 200  # mentors
SOON = 60  # days before a validity ends when staff and mentor are told


@dataclass(frozen=True)
class Piece:
    """One thing that is missing: the course, or the hours when there is none, and the sentence that says it."""

    sentence: str
    course_id: UUID | None = None


@dataclass(frozen=True)
class TrainingStatus:
    """Whether a mentor may meet as far as training goes; `valid_until` is the last day of the first course that will end."""

    pieces: Sequence[Piece]
    minutes: int = 0
    valid_until: date | None = None
    is_let_off: bool = False  # an exception stands for a course, or for the hours, that they do not have

    @property
    def missing(self) -> list[str]:
        return [piece.sentence for piece in self.pieces]

    @property
    def is_ready(self) -> bool:
        return not self.pieces


@dataclass
class Record:
    """What one mentor has: courses with the day until which each holds (None: for ever), minutes, exceptions."""

    held: dict[UUID, date | None] = field(default_factory=dict)
    minutes: int = 0
    excepted: set[UUID | None] = field(default_factory=set)  # courses; None is the hours

    def holds(self, course_id: UUID, on: date) -> bool:
        """Whether a course counts on a day; the last day does."""
        until = self.held.get(course_id)
        return course_id in self.held and (until is None or until >= on)

    def wants(self, course_id: UUID, on: date) -> bool:
        """Whether a course, where it is required, is missing on a day."""
        return course_id not in self.excepted and not self.holds(course_id, on)

    @property
    def wants_hours(self) -> bool:
        return self.minutes < current_tenant.training_minutes and None not in self.excepted

    def note(self, what: str, course_id: UUID | None, until: date | None, minutes: int) -> None:
        """A line of what_they_have()."""
        if what == "minutes":
            self.minutes = minutes
        elif what == "excepted":
            self.excepted.add(course_id)
        elif course_id is not None:
            self.held[course_id] = until


def training_status(mentor: Mentor, on: date | None = None, for_mentee: Mentee | None = None) -> TrainingStatus:
    """Whether a mentor is ready on a day (today), for a jeune or, with none given, for whoever needs nothing special."""
    return training_statuses([mentor.id], on, for_mentee)[mentor.id]


def training_statuses(
    mentor_ids: Collection[UUID], on: date | None = None, for_mentee: Mentee | None = None
) -> dict[UUID, TrainingStatus]:
    """The same for many mentors, in two statements; a third when a jeune's protection has to be read."""
    on = on or today()
    concerns = {Audience.ALL.value} if for_mentee is None else concerns_of(for_mentee, on)
    rules = required_courses()
    required = [course for course in rules if concerns.intersection(course.required_for)]
    known = records(mentor_ids, on, [course.id for course in required])
    return {mentor_id: judged(known[mentor_id], required, on) for mentor_id in mentor_ids}


def ready_for(mentor_ids: Collection[UUID], on: date, publics: Collection[frozenset[str]]) -> dict[frozenset[str], set[UUID]]:
    """Which of these mentors are ready for each public, given by its audiences: two statements, however many publics."""
    rules = required_courses()
    known = records(mentor_ids, on, [course.id for course in rules])
    ready = {}
    for public in publics:
        required = [course for course in rules if public.intersection(course.required_for)]
        ready[public] = {mentor_id for mentor_id in mentor_ids if judged(known[mentor_id], required, on).is_ready}
    return ready


def concerns_of(mentee: Mentee, on: date) -> set[str]:
    """The audiences to which a jeune belongs on a day; an unknown age is a minor's."""
    found = {Audience.ALL.value, *(AXIS_OF_NEED[need].value for need in mentee.needs), *mentee.axes}
    if mentee.is_minor_on(on):
        found.add(Audience.MINORS)
    if is_ase(mentee):
        found.add(Audience.ASE)
    return found


def required_courses() -> Sequence[Course]:
    """The courses that somebody must have, in the order in which they were written."""
    return db.session.scalars(
        select(Course).where(func.cardinality(Course.required_for) > 0).order_by(Course.created_at, Course.id)
    ).all()


def held(on: date) -> TableValuedAlias:
    """The courses that each mentor had on a day, and until when: the database's own function."""
    return func.training_held(on).table_valued(
        column("tenant_id", Uuid),
        column("mentor_id", Uuid),
        column("course_id", Uuid),
        column("completed_on", Date),
        column("valid_until", Date),
        name="held",
    )


def counted_minutes(on: date) -> TableValuedAlias:
    """The minutes of training that each mentor had on a day: the database's own function."""
    return func.training_minutes(on).table_valued(
        column("tenant_id", Uuid), column("mentor_id", Uuid), column("minutes", Integer), name="counted"
    )


def in_force(has: TableValuedAlias, on: date) -> ColumnElement[bool]:
    """Whether what held() gives still counts on a day; the last day does."""
    return or_(has.c.valid_until.is_(None), has.c.valid_until >= on)


def excepting(on: date) -> tuple[ColumnElement[bool], ...]:
    """Which exceptions hold on a day."""
    return TrainingException.until >= on, TrainingException.withdrawn_at.is_(None)


def records(mentor_ids: Collection[UUID], on: date, course_ids: Collection[UUID] | None = None) -> Mapping[UUID, Record]:
    """What these mentors have on a day, of these courses or of all: one statement."""
    found = defaultdict[UUID, Record](Record)
    statement = union_all(*what_they_have(current_tenant_id(), one_of(mentor_ids), on, course_ids))
    for what, mentor_id, course_id, until, minutes in db.session.execute(statement):
        found[mentor_id].note(what, course_id, until, minutes)
    return found


def ready_mentors(on: date) -> Select[UUID]:
    """The mentors who are ready for whoever needs nothing special, to look among: what judged() says, in one select."""
    required = select(Course.id).where(Course.required_for.contains([Audience.ALL]))
    has, counted, apart = held(on), counted_minutes(on), select(TrainingException.mentor_id).where(*excepting(on))
    done = union(
        select(has.c.mentor_id, has.c.course_id).where(
            has.c.tenant_id == current_tenant_id(), in_force(has, on), has.c.course_id.in_(required)
        ),
        apart.add_columns(TrainingException.course_id).where(TrainingException.course_id.in_(required)),
    ).subquery()
    every = select(func.count()).select_from(required.subquery()).scalar_subquery()
    ready = select(done.c.mentor_id).group_by(done.c.mentor_id).having(func.count() == every)
    if not current_tenant.training_minutes:
        return ready
    long_enough = counted.c.tenant_id == current_tenant_id(), counted.c.minutes >= current_tenant.training_minutes
    hours = union(select(counted.c.mentor_id).where(*long_enough), apart.where(TrainingException.course_id.is_(None)))
    return ready.where(done.c.mentor_id.in_(hours))


def record_of(mentor_id: UUID, on: date) -> tuple[Record, set[UUID]]:
    """What one mentor has on a day, and the courses that whoever needs nothing special must have: one statement."""
    record, required = Record(), set()
    for what, _mentor_id, course_id, until, minutes in db.session.execute(*has_and_must(current_tenant_id(), mentor_id, on)):
        if what == "required":
            required.add(course_id)
        else:
            record.note(what, course_id, until, minutes)
    return record, required


@prepared
def has_and_must(tenant_id: UUID, mentor_id: UUID, on: date) -> CompoundSelect[Any]:
    required = select(literal("required"), null(), Course.id, null(), literal(0)).where(
        Course.required_for.contains([Audience.ALL])
    )
    return union_all(*what_they_have(tenant_id, lambda column: column == mentor_id, on), required)


def what_they_have(
    tenant_id: UUID, wanted: Callable[[Any], ColumnElement[bool]], on: date, course_ids: Collection[UUID] | None = None
) -> list[Select[Any]]:
    """Of each mentor that is wanted: the courses held (of these, or of all) and until when, the minutes, the exceptions."""
    has, counted = held(on), counted_minutes(on)
    among = true() if course_ids is None else has.c.course_id.in_(course_ids)
    return [
        select(literal("held"), has.c.mentor_id, has.c.course_id, has.c.valid_until, literal(0)).where(
            has.c.tenant_id == tenant_id, wanted(has.c.mentor_id), among
        ),
        select(literal("minutes"), counted.c.mentor_id, null(), null(), counted.c.minutes).where(
            counted.c.tenant_id == tenant_id, wanted(counted.c.mentor_id)
        ),
        select(literal("excepted"), TrainingException.mentor_id, TrainingException.course_id, null(), literal(0)).where(
            wanted(TrainingException.mentor_id), *excepting(on)
        ),
    ]


def one_of(mentor_ids: Collection[UUID]) -> Callable[[Any], ColumnElement[bool]]:
    """Whether a column is one of these: of a few, PostgreSQL looks for them alone; of many, it reads everybody and keeps them."""
    given = literal(list(mentor_ids), ARRAY(Uuid))
    if len(mentor_ids) <= FEW:
        return lambda mentor_id: mentor_id == any_(given)
    return lambda mentor_id: mentor_id.in_(select(func.unnest(given)))


def is_ready(record: Record, required: Collection[UUID], on: date) -> bool:
    """In a word, what judged() says of these courses."""
    return bool(required) and not record.wants_hours and not any(record.wants(course_id, on) for course_id in required)


def judged(record: Record, required: Sequence[Course], on: date) -> TrainingStatus:
    """What a record lacks of these courses, and until when what it has holds."""
    pieces = list(lacking(record, required, on))
    ends = [until for course in required if (until := record.held.get(course.id)) is not None]
    excepted = any(course.id in record.excepted and not record.holds(course.id, on) for course in required)
    short = None in record.excepted and record.minutes < current_tenant.training_minutes
    return TrainingStatus(pieces, record.minutes, min(ends, default=None), excepted or short)


def lacking(record: Record, required: Sequence[Course], on: date) -> Iterator[Piece]:
    """Each course that was not done or no longer holds; when all are there, the hours, which courses bring."""
    if not required:
        yield Piece(_("L'association n'a pas encore choisi de formation obligatoire."))
        return
    wanting = [course for course in required if record.wants(course.id, on)]
    for course in wanting:
        yield Piece(sentence_about(course, record.held.get(course.id)), course.id)
    if not wanting and record.wants_hours:
        done, least = duration(record.minutes), duration(current_tenant.training_minutes)
        yield Piece(_("%(done)s de formation sur les %(least)s demandées avant tout contact.", done=done, least=least))


def sentence_about(course: Course, until: date | None) -> str:
    """Why a course is missing: not done, or no longer valid."""
    if until is None:
        return _("La formation « %(title)s » n'est pas terminée.", title=course.title)
    return _(
        "La formation « %(title)s » n'est plus valable depuis le %(day)s : elle est à renouveler.",
        title=course.title,
        day=iso_day(until.isoformat()),
    )
