"""What the team said with the people of a pair: logged after each call, read by the staff only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, false, select
from sqlalchemy.orm import aliased

from app.accounts.queries import author_of
from app.database import now, prepared, uuid7
from app.errors import DomainError
from app.extensions import db
from app.pairs.life import locked
from app.pairs.models import Pair
from app.people.erased import refuse_erased
from app.translation import gettext as _
from app.web import local, today

from .models import Call, Contact
from .rules import HELP, refresh
from .thread_models import Thread

CORRECTED_WITHIN = timedelta(days=7)  # after that, another contact says what is new
SHOWN, LAST = 20, 5  # contacts of a pair: on their own page, on the pair's
RESTS = {"no_meeting": 14, "long_silence": 7}  # days after a contact before a silence is called about again
CORRECTED = ("how", "held_at", "reached", "minutes", "note", "next_step", "next_on")


class CannotNote(DomainError):
    """This contact cannot be noted; the sentence says why."""


@dataclass(frozen=True)
class Said:
    """With whom, how, when, minutes, whether they answered; the grid, a note, what comes next and when."""

    side: str
    how: str
    held_at: datetime
    reached: bool
    minutes: int = 0
    answers: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    next_step: str = ""
    next_on: date | None = None
    once: str = field(default_factory=lambda: uuid7().hex)


def note_contact(pair: Pair, said: Said, by: UUID) -> Contact:
    """Write a contact down: what it answers is not to be done any more; the same form twice is one contact, as it was said last.

    Raises CannotNote for one in the future, or that was corrected since on its own page, Erased.
    """
    locked(pair)  # the same form, at the same instant
    same = Contact.once.in_((said.once, corrected_once(said.once)))
    known = db.session.scalar(select(Contact).where(Contact.pair_id == pair.id, same))
    if known is not None:
        if any(getattr(known, name) != getattr(said, name) for name in (*CORRECTED, "answers")):
            if known.once != said.once:
                raise CannotNote(_("Cet échange est déjà noté, et a été corrigé depuis : ouvrez-le dans la liste des échanges."))
            set_right(known, said)
        return known
    if said.held_at > now():
        raise CannotNote(_("Cet échange n'a pas encore eu lieu."))
    refuse_erased(pair.person(said.side))
    contact = Contact(
        pair_id=pair.id, side=said.side, how=said.how, held_at=said.held_at, reached=said.reached, minutes=said.minutes,
        answers=dict(said.answers), note=said.note, next_step=said.next_step, next_on=said.next_on, user_id=by,
        once=said.once,
    )  # fmt: skip
    db.session.add(contact)
    refresh([pair.id])
    put_off(contact)
    return contact


def may_be_with_guardian(pair: Pair) -> bool:
    """Whether a contact with a guardian may be noted: of a minor; later, while they wait for an answer or a call."""
    if pair.mentee.is_minor_on(today()):
        return True
    waits = select(Thread.id).where(Thread.pair_id == pair.id, Thread.side == "guardian", Thread.waiting_since.is_not(None))
    is_called = select(Call.id).where(Call.pair_id == pair.id, Call.side == "guardian", Call.ended_at.is_(None))
    return bool(db.session.scalar(select(waits.exists() | is_called.exists())))


def may_change(contact: Contact, by: UUID) -> bool:
    """Whether somebody may set a contact right, or take it back: who noted it, in the days that follow."""
    return contact.user_id == by and now() - contact.created_at < CORRECTED_WITHIN


def corrected_once(once: str) -> str:
    """What a contact that was corrected keeps of its form: a late copy of the form is known, and does not undo the correction."""
    return f"{once.removesuffix(':')}:"


def correct_contact(contact: Contact, said: Said) -> None:
    """Set a contact right on its own page. Raises CannotNote for one in the future, Erased."""
    set_right(contact, said)
    contact.once = corrected_once(contact.once)


def set_right(contact: Contact, said: Said) -> None:
    """Say a contact otherwise; the calls follow what is now said. Raises CannotNote for one in the future, Erased."""
    pair = locked(pair_of(contact))
    refuse_erased(pair.person(contact.side))
    if said.held_at > now():
        raise CannotNote(_("Cet échange n'a pas encore eu lieu."))
    wake(contact)
    for name in CORRECTED:
        setattr(contact, name, getattr(said, name))
    contact.answers = dict(said.answers)
    refresh([contact.pair_id])
    put_off(contact)


def remove_contact(contact: Contact) -> None:
    """Take a contact back: what it had answered is to be done again."""
    locked(pair_of(contact))
    wake(contact)
    db.session.delete(contact)
    refresh([contact.pair_id])


def pair_of(contact: Contact) -> Pair:
    return db.session.get_one(Pair, (contact.tenant_id, contact.pair_id))


def wake(contact: Contact) -> None:
    """What this contact alone had put off is not put off any more; what somebody decided stays."""
    for call in open_calls(contact):
        if call.snoozed_until is not None and call.snoozed_until == rest_of(call, contact):
            call.snoozed_until = call.snoozed_by = None


def put_off(contact: Contact) -> None:
    """Who was tried in vain is tried the next day, or the day noted; a silence that was spoken of is left in peace a while."""
    for call in open_calls(contact):
        until = rest_of(call, contact)
        if until and until > (call.snoozed_until or today()):
            call.snoozed_until, call.snoozed_by = until, contact.user_id


def open_calls(contact: Contact) -> Sequence[Call]:
    """The calls of its pair that a contact may put off."""
    calls = select(Call).where(Call.pair_id == contact.pair_id, Call.ended_at.is_(None), Call.kind.not_in(HELP))
    return db.session.scalars(calls).all()


def rest_of(call: Call, contact: Contact) -> date | None:
    """Until when a contact leaves a call in peace, from the day on which it was noted; None when it does not."""
    days = RESTS.get(call.kind) if contact.reached else 1 if call.side == contact.side else None
    return (contact.next_on or local(contact.created_at).date() + timedelta(days=days)) if days else None


def contacts_of(pair: Pair, limit: int = SHOWN) -> Sequence[tuple[Contact, str]]:
    """A pair's contacts and who had each, the latest first."""
    return db.session.execute(
        select(Contact, author_of(Contact.user_id))
        .where(Contact.pair_id == pair.id)
        .order_by(Contact.held_at.desc(), Contact.id)
        .limit(limit)
    ).all()


def open_and_said(pair: Pair) -> tuple[list[Call], list[tuple[Contact, str]]]:
    """Every reason to call somebody of a pair, those put off too, and its last contacts: two lists that one statement reads."""
    rows = db.session.execute(*open_calls_and_last_contacts(pair.id)).all()
    return [row[0] for row in rows if row[0]], [(row[1], row[2]) for row in rows if row[1]]


@prepared
def open_calls_and_last_contacts(pair_id: UUID) -> Select[Call, Contact, str]:
    open_ones = select(Call).where(Call.pair_id == pair_id, Call.ended_at.is_(None)).subquery()
    last = select(Contact).where(Contact.pair_id == pair_id).order_by(Contact.held_at.desc(), Contact.id).limit(LAST).subquery()
    call, contact = aliased(Call, open_ones), aliased(Contact, last)
    return (
        select(call, contact, author_of(contact.user_id))
        .select_from(call)
        .join(contact, false(), full=True)  # a row is of the one list or of the other
        .order_by(call.rank, call.since, call.side, contact.held_at.desc(), contact.id)
    )
