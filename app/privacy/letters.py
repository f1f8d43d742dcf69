"""Letters and their receipts: those that say who somebody was, and that are nobody else's."""

import re
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, event, exists, func, or_, select, update
from sqlalchemy.orm import Session, object_session

from app.accounts.models import Membership, User
from app.accounts.queries import held_here
from app.accounts.signals import colleague_left
from app.extensions import db
from app.leads.models import OPEN_STATES, Lead, LeadImport, PersonColumns
from app.leads.signals import leads_undone
from app.mail import Mail, MailState
from app.meetings.notice_models import Notice
from app.people.application_models import Reference
from app.people.models import Guardian, Mentee, Mentor
from app.tenants.models import Staff

LEFT = "addresses_left"  # of a session: those that its rows have no more
GONE = "addresses_gone"  # those of the requests that it deletes
ADDRESSES = ("email", "guardian_email", "asker_contact")  # of a request or a file


def addresses_in(rows: Iterable[PersonColumns]) -> set[str | None]:
    """Where the people of these requests and files, and who spoke for them, are written to."""
    return {getattr(row, name) for row in rows for name in ADDRESSES}


def forget_mails(*where: ColumnElement[bool]) -> None:
    """Delete letters; the reminders that name one stay, for they keep a reminder from being sent twice."""
    gone = select(Mail.id).where(*where)
    db.session.execute(
        update(Notice).where(Notice.mail_id.in_(gone)).values(mail_id=None), execution_options={"synchronize_session": False}
    )
    db.session.execute(delete(Mail).where(Mail.id.in_(gone)), execution_options={"synchronize_session": False})


def forget_letters(addresses: Collection[str | None], name: str = "", but: ColumnElement[bool] | None = None) -> None:
    """Those that went to these addresses, unless somebody else here is written to at them; and the receipts that say a whole name.

    Called once the files that are erased have given up their addresses.
    """
    asked = {address.strip().lower() for address in addresses if address and "@" in address}
    theirs = asked - still_used(asked)
    to_them = func.lower(Mail.to_address).in_(theirs)
    conditions: list[ColumnElement[bool]] = [to_them if but is None else and_(to_them, ~but)] if theirs else []
    if name:
        alone = rf"(?<![\w-]){re.escape(name)}(?![\w-]| [[:upper:]])"  # not « Jean Martin-Dupont », nor « Jean Martin Leroy »
        said = Mail.subject.op("~")(alone)
        conditions.append(and_(said, Mail.state != MailState.WAITING))
    if conditions:
        forget_mails(or_(*conditions))


def still_used(addresses: Collection[str]) -> set[str]:
    """Which of these are of somebody who is still known here: a file, a guardian, a request that waits, an account with a place."""
    here = Membership.user_id == User.id, *held_here()
    columns: list[tuple[Any, list[ColumnElement[bool]]]] = [
        (getattr(kind, name), [known])
        for kind, known in (
            (Mentor, Mentor.erased_at.is_(None)),
            (Mentee, Mentee.erased_at.is_(None)),
            (Lead, Lead.state.in_(OPEN_STATES)),
        )
        for name in ADDRESSES
    ]
    columns += [(Guardian.email, []), (Reference.email, []), (User.email, [exists(select(Membership.user_id).where(*here))])]
    found: set[str] = set()
    for column, where in columns:
        found |= set(db.session.scalars(select(func.lower(column)).where(func.lower(column).in_(addresses), *where)))
    return found


def note_left(row: Lead | Mentor | Mentee | Guardian, new: str | None, old: Any, _initiator: Any) -> None:
    """Somebody is written to at this address no more: it was put right, or taken away."""
    session = object_session(row)
    if session is not None and isinstance(old, str) and old.lower() != (new or "").lower():
        session.info.setdefault(LEFT, set()).add(old)


for written_to in (Lead, Mentor, Mentee, Guardian):
    for name in ADDRESSES:
        if hasattr(written_to, name):
            event.listen(getattr(written_to, name), "set", note_left)


@event.listens_for(Guardian, "before_delete")
def note_removed(_mapper: Any, _connection: Any, guardian: Guardian) -> None:
    """They represent nobody here any more."""
    session = object_session(guardian)
    if session is not None:
        session.info.setdefault(LEFT, set()).add(guardian.email)


@colleague_left.connect
def note_never_in(_card: Staff, by: UUID, never_in: str | None) -> None:
    """An invitation to the team went to a wrong address."""
    db.session.info.setdefault(LEFT, set()).add(never_in)


@leads_undone.connect
def note_undone(_row: LeadImport, addresses: set[str | None]) -> None:
    """A file was a mistake: what still waits for its people does not leave."""
    db.session.info.setdefault(LEFT, set()).update(addresses)


@event.listens_for(Lead, "before_delete")
def note_gone(_mapper: Any, _connection: Any, lead: Lead) -> None:
    """A request is kept here no more: nothing else would find what was written to its people."""
    session = object_session(lead)
    if session is not None:
        session.info.setdefault(GONE, set()).update(addresses_in([lead]))


@event.listens_for(Session, "before_commit")
def forget_left(session: Session) -> None:
    """What went to an address that nobody here has any more is known by nobody: erasing its person later would not find it."""
    if "tenant_id" not in session.info:
        return
    session.flush()  # whose else it is, is read from what is stored
    if left := session.info.pop(LEFT, None):
        forget_letters(left)
    if gone := session.info.pop(GONE, None):
        forget_letters(gone, but=Mail.state == MailState.WAITING)  # the last word still leaves
