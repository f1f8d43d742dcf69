"""Whom a file is about among the team, in one place: nobody there follows, decides or reads what is said of themself.

A file is about whoever of the team it is the file of, under whatever account; about whoever represents its person; and, of a jeune,
about whoever accompanies them, or ever was to: what is said of a jeune is said of them too. Who works here is known by their
account, its mailbox, or the telephone on their card alone: a name says nothing, nor a number that several share.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

from flask import g, request
from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    CompoundSelect,
    Select,
    Subquery,
    Uuid,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from app.accounts.models import User
from app.accounts.queries import current_member, own_phone, own_words, says, team_accounts
from app.database import prepared
from app.extensions import db
from app.gate import concerns
from app.tenants.models import Staff
from app.tenants.scope import current_tenant_id
from app.web import find

from .application_models import Interview, Reference
from .check_models import Check, GateException
from .models import MAILBOX, Authorisation, Guardian, Guardianship, Mentee, Mentor, PersonNote
from .signals import accompanied_asked

Row = TypeVar("Row")
FILES: Mapping[str, type[Mentor | Mentee]] = {"jeunes": Mentee, "mentors": Mentor}
ABOUT: Mapping[str, Any] = {
    "check_id": Check, "interview_id": Interview, "gate_exception_id": GateException, "authorisation_id": Authorisation,
    "guardianship_id": Guardianship, "reference_id": Reference, "person_note_id": PersonNote,
}  # fmt: skip
HELD: Mapping[type[Mentor | Mentee], Any] = {Mentor: Guardianship.mentor_id, Mentee: Guardianship.mentee_id}


class Known(NamedTuple):
    """By what somebody of the team is known on a file, for the database."""

    account: Any
    mailbox: Any
    phone: Any

    def by(self, kind: type[Mentor | Mentee | Guardian]) -> ColumnElement[bool]:
        """Whether this is theirs."""
        reached = or_(kind.mailbox == self.mailbox, kind.phone == self.phone)
        return reached if issubclass(kind, Guardian) else or_(kind.user_id == self.account, reached)


def words(*accounts: ColumnElement[bool]) -> CTE:
    """By what these accounts are known: their id, mailbox and phone, worked out once in a statement."""
    mailbox: ColumnElement[str] = literal_column(MAILBOX.format("users.email")).label("mailbox")
    rows = select(User.id, mailbox, own_phone().label("phone")).select_from(User)
    return rows.outerjoin(Staff, Staff.user_id == User.id).where(*accounts).cte()


def accompaniment() -> Subquery:
    """Which mentor was ever in a pair with which jeune: the package of pairs knows."""
    ((_receiver, rows),) = accompanied_asked.send()
    found: Subquery = rows.subquery()
    return found


def own_files(user_id: UUID) -> Collection[UUID]:
    """The files that are about somebody of the team; asked once in a request."""
    known: dict[tuple[UUID, UUID], Collection[UUID]] = g.setdefault("own_files", {})
    key = current_tenant_id(), user_id
    if key not in known:
        known[key] = set(db.session.scalars(*prepared_files(user_id)))
    return known[key]


def and_own_files(row: Select[Row], user_id: UUID) -> Select[Row, Sequence[UUID]]:
    """A row, and the files that are about somebody of the team, to select together for a page that asks much already."""
    return row.add_columns(func.array(files_about(user_id).scalar_subquery(), type_=ARRAY(Uuid)))


def read_with_own_files(asked: Select[Row, Sequence[UUID]], values: Mapping[str, Any]) -> Row | None:
    """That row, if there is one; what is about `user_id`, who looks, is known from then on."""
    found = db.session.execute(asked, values).unique().first()
    if found is None:
        return None
    g.setdefault("own_files", {})[current_tenant_id(), values["user_id"]] = set(found[1])
    return found[0]


def files_about(user_id: UUID) -> CompoundSelect[UUID]:
    """The same, to select."""
    known = words(User.id == user_id)
    who = Known(user_id, select(known.c.mailbox).scalar_subquery(), select(known.c.phone).scalar_subquery())

    def theirs(kind: type[Mentor | Mentee]) -> CompoundSelect[UUID]:
        held = HELD[kind]
        represented = select(held).join(Guardianship.guardian).where(who.by(Guardian), held.is_not(None))
        return union_all(select(kind.id).where(who.by(kind)), represented)

    mentors, both = theirs(Mentor).cte(), accompaniment()
    accompanied = select(both.c.mentee_id).where(both.c.mentor_id.in_(select(mentors.c.id)))
    return union_all(select(mentors.c.id), theirs(Mentee), accompanied)


prepared_files = prepared(files_about)


def about_team(tenant_id: UUID, files: Collection[UUID] | None = None) -> CompoundSelect[UUID, UUID]:
    """Which file is about whom of the team, to select: the same, asked from the other side, of these files or of all."""
    team, both = words(User.id.in_(team_accounts(tenant_id))), accompaniment()
    who = Known(team.c.id, team.c.mailbox, team.c.phone)

    def asked(column: Any) -> ColumnElement[bool]:
        is_one: ColumnElement[bool] = column.is_not(None) if files is None else column.in_(files)
        return is_one

    def told(file: Any) -> Select[UUID, UUID]:
        return select(file.label("file_id"), team.c.id.label("user_id")).select_from(team)

    def represented(file: Any) -> Select[UUID, UUID]:
        return told(file).join(Guardian, who.by(Guardian)).join(Guardianship, Guardianship.guardian_id == Guardian.id)

    through = union_all(
        select(Mentor.id.label("file_id"), Mentor.id.label("mentor_id")).where(asked(Mentor.id)),
        select(both.c.mentee_id, both.c.mentor_id).where(asked(both.c.mentee_id)),
    ).cte()
    return union_all(
        told(through.c.file_id).join(Mentor, who.by(Mentor)).join(through, through.c.mentor_id == Mentor.id),
        represented(through.c.file_id).join(through, through.c.mentor_id == Guardianship.mentor_id),
        told(Mentee.id).join(Mentee, who.by(Mentee)).where(asked(Mentee.id)),
        represented(Guardianship.mentee_id).where(asked(Guardianship.mentee_id)),
    )


prepared_about_team = prepared(about_team)


def accounts_by_file(*files: UUID) -> Mapping[UUID, Collection[UUID]]:
    """Whoever of the team each of these files is about."""
    found: dict[UUID, set[UUID]] = {file: set() for file in files}
    for file, user_id in db.session.execute(*prepared_about_team(current_tenant_id(), files)):
        found[file].add(user_id)
    return found


def accounts_about(*files: UUID) -> Collection[UUID]:
    """Whoever of the team one of these files is about."""
    return set[UUID]().union(*accounts_by_file(*files).values())


def is_own(*files: UUID) -> bool:
    """Whether one of these files is about who looks."""
    return not set(own_files(current_member.user_id)).isdisjoint(files)


def one_file(kind: type[Mentor | Mentee], tenant_id: UUID, file_id: UUID, user_id: UUID) -> Select[Any, Sequence[UUID]]:
    """A file, and those that are about who looks."""
    return and_own_files(select(kind).where(kind.tenant_id == tenant_id, kind.id == file_id), user_id)


prepared_file = {kind: prepared(partial(one_file, kind)) for kind in FILES.values()}


def file_of(values: Mapping[str, Any]) -> Mentor | Mentee | None:
    """The file that a path names, by itself or by a row of it."""
    kinds: Mapping[str, type[Mentor | Mentee] | None] = {
        "mentor_id": Mentor,
        "mentee_id": Mentee,
        "person_id": FILES.get(values.get("kind", "")),
    }
    for name, kind in kinds.items():
        if kind is not None and name in values:
            # Kept while the page is made, which asks for it again.
            asked = prepared_file[kind](current_tenant_id(), values[name], current_member.user_id)
            g.file = read_with_own_files(*asked)
            return cast(Mentor | Mentee | None, g.file)
    row = next((find(model, values[name]) for name, model in ABOUT.items() if name in values), None)
    if row is None:
        return None
    return find(Mentor, row.mentor_id) if row.mentor_id else find(Mentee, row.mentee_id)


@concerns
def is_own_file(values: Mapping[str, Any]) -> bool:
    """Whether the file is about who looks; or says their name, for whoever decides: a namesake reads, and does not act."""
    person = file_of(values)
    if person is None:
        return False
    return is_own(person.id) or (request.method == "POST" and says(own_words(current_member.user_id), person.full_name))
