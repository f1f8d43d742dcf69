"""Messages between the team and each person of a pair: written, read, answered; a call for help goes first and is never left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased, contains_eager, joinedload

from app.accounts.links import mark_of, marks_of
from app.database import hold_row, now, prepared, uuid7
from app.errors import DomainError
from app.extensions import db
from app.meetings.models import Offer
from app.pairs.conditions import barred_today
from app.pairs.interest import followers, others, tell_danger
from app.pairs.models import LIVE, Pair
from app.pairs.queries import ends_as_a_precaution, of_others, with_people
from app.people.erased import refuse_erased
from app.people.letters import space_link, write_to
from app.people.models import Mentee, Mentor
from app.storage import store_alone
from app.tenants.scope import current_tenant_id
from app.territory.queries import words_of
from app.training.uploads import read_file
from app.translation import gettext as _

from . import guardians
from .blueprint import LARGEST
from .rules import refresh
from .settings import settings
from .thread_models import Message, Thread
from .words import PATHS

KIND = "message"
ESCALATES_AFTER = timedelta(hours=24)
SHOWN = 200


class CannotWrite(DomainError):
    """This message cannot be sent; the sentence says why."""


@dataclass(frozen=True)
class Kept:
    """A file that is stored: its key, its media type, its name."""

    key: str
    media_type: str
    name: str


@dataclass(frozen=True)
class Written:
    """A message to send: text, a file with its name, whether it is urgent, what the form was opened with, the last it showed.

    A file is sent as it came, or once it is `kept`.
    """

    body: str
    once: str
    content: bytes | None = None
    name: str = ""
    urgent: bool = False
    seen: UUID | None = None
    kept: Kept | None = None


def may_talk(pair: Pair) -> bool:
    """Whether the two write to each other: where the association opened it, and while they may meet; never after a precaution."""
    return settings().both_write and pair.may_meet and not barred_today(pair) and not ends_as_a_precaution(pair)


def thread_of(pair: Pair, side: str) -> Thread | None:
    return db.session.scalar(select(Thread).where(Thread.pair_id == pair.id, Thread.side == side))


def offers_and_help(pairs: Sequence[Pair], side: str) -> tuple[list[Offer], Thread | None]:
    """The moments offered in the pairs under way, the latest first, and the last call for help of this side that the team has not
    answered, whatever became of its pair: one statement reads both.
    """
    if not pairs:
        return [], None
    rows = db.session.execute(
        *offers_and_urgent([pair.id for pair in pairs if pair.is_open], [pair.id for pair in pairs], side)
    ).all()
    return [row[0] for row in rows if row[0]], next((row[1] for row in rows if row[1]), None)


@prepared
def offers_and_urgent(open_ids: Sequence[UUID], pair_ids: Sequence[UUID], side: str) -> Select[Offer, Thread]:
    urgent = Thread.pair_id.in_(pair_ids), Thread.side == side, Thread.is_urgent, Thread.waiting_since.isnot(None)
    offer = aliased(Offer, select(Offer).where(Offer.pair_id.in_(open_ids), Offer.state == "open").subquery())
    thread = aliased(Thread, select(Thread).where(*urgent).order_by(Thread.last_at.desc()).limit(1).subquery())
    both = select(offer, thread).select_from(offer).join(thread, false(), full=True)  # a row is of the one list or of the other
    return both.order_by(offer.created_at.desc(), offer.id)


def opened(pair: Pair, side: str) -> Thread:
    """The thread of one side of a pair, locked; made when there is none."""
    row = {"tenant_id": current_tenant_id(), "id": uuid7(), "pair_id": pair.id, "side": side, "last_at": now(), "is_urgent": False}
    db.session.execute(insert(Thread).values(**row).on_conflict_do_nothing())
    return db.session.scalars(
        select(Thread).where(Thread.pair_id == pair.id, Thread.side == side).with_for_update(),
        execution_options={"populate_existing": True},
    ).one()


def write(pair: Pair, side: str, author: str, written: Written, by: UUID | None) -> Message:
    """Add a message to a thread and tell the other side; sent twice it is one, other words or another file are another.

    Raises CannotWrite, Erased or BadFile.
    """
    if pair.state not in LIVE and author != "team" and not written.urgent:
        raise CannotWrite(_("Ce binôme est terminé. Écrivez ou téléphonez directement à l'association."))
    refuse_erased(pair.person(side))
    thread = opened(pair, side)
    once = sha256("\0".join((written.once, written.body, written.kept.name if written.kept else written.name)).encode()).hexdigest()
    known = db.session.scalar(select(Message).where(Message.thread_id == thread.id, Message.once == once))
    if known is not None:
        return known
    message = Message(
        thread_id=thread.id,
        thread=thread,
        author=author,
        user_id=by,
        body=written.body,
        once=once,
        is_urgent=written.urgent,
    )
    if side == "guardian":
        message.guardian, message.guardian_mark = pair.mentee.guardian_name, mark_of(pair.mentee.guardian_email)
    file = written.kept or keep(written)
    if file is not None:
        message.file_key, message.media_type, message.file_name = file.key, file.media_type, file.name
    db.session.add(message)
    db.session.flush()  # the letters name it
    mark_written(thread, message, written.seen)
    tell(pair, thread, message)
    refresh([pair.id])
    return message


def keep(written: Written) -> Kept | None:
    """Store the file that comes with a message, once it is read; None when there is none. Raises BadFile."""
    if written.content is None:
        return None
    content, media_type, suffix = read_file(written.content, LARGEST)
    return Kept(store_alone(current_tenant_id(), content, suffix), media_type, file_name(written.name, suffix))


def file_name(name: str, suffix: str) -> str:
    """The name that was given, with the suffix of what the file is."""
    stem = "".join(c for c in name.rsplit(".", 1)[0] if c.isalnum() or c in " -_")[:60].strip()
    return f"{stem or 'piece-jointe'}.{suffix}"


def mark_written(thread: Thread, message: Message, seen: UUID | None) -> None:
    """Whose turn it is now. What came while the team was writing still waits."""
    thread.last_at = now()
    if message.author == "team":
        answered(thread, seen, message.user_id)
    elif thread.side != "both":
        thread.waiting_since = thread.waiting_since or now()
        if message.is_urgent:  # a call for help counts its own 24 hours
            if thread.urgent_since is None or thread.escalated_at:
                thread.urgent_since = now()
            thread.is_urgent, thread.escalated_at = True, None
        thread.team_read_at = thread.settled_at = None


def answered(thread: Thread, seen: UUID | None, by: UUID | None) -> bool:
    """The team answers what it had read, up to a message; whether nothing came since. What did still waits, urgent if it is."""
    unseen = unread(thread, seen)
    thread.waiting_since = unseen[0].created_at if unseen else None
    urgent = [message for message in unseen if message.is_urgent]
    thread.is_urgent, thread.urgent_since = bool(urgent), urgent[0].created_at if urgent else None
    thread.escalated_at = thread.escalated_at if urgent else None
    if not unseen:
        thread.team_read_at, thread.read_by = thread.team_read_at or now(), thread.read_by if thread.team_read_at else by
    return not unseen


def unread(thread: Thread, seen: UUID | None) -> Sequence[Message]:
    """What others than the team wrote after a message (None: everything), the oldest first. Ids go up with time."""
    rows = select(Message).where(Message.thread_id == thread.id, Message.author != "team").order_by(Message.id)
    return db.session.scalars(rows.where(Message.id > seen) if seen else rows).all()


def tell(pair: Pair, thread: Thread, message: Message) -> None:
    """Write to whoever is to read it: never the text itself, which stays behind the sign-in."""
    if thread.side == "both":
        other = pair.mentee if message.author == "mentor" else pair.mentor
        tell_person(other, _("Vous avez un message"), space_link("followup.conversation", pair_id=pair.id))
        tell_danger(pair, message.author, message.body)
    elif message.author == "team" and not is_told(pair, thread.side):
        return
    elif message.author == "team" and thread.side == "guardian":
        lines = [_("L'association vous écrit au sujet de %(name)s.", name=pair.mentee.first_name)]
        guardians.write(KIND, pair, _("L'association vous écrit"), lines, _("Lire et répondre"))
    elif message.author == "team":
        tell_person(pair.person(thread.side), _("Un message de l'association"), space_link("followup.my_thread", pair_id=pair.id))
    else:
        tell_team(pair, thread, message.is_urgent)


def tell_person(person: Mentor | Mentee, subject: str, link: str) -> None:
    """One line, where they were invited."""
    if person.is_told:
        write_to(KIND, person.email, person.first_name, subject, [_("Un message vous attend dans votre espace.")], link, _("Lire"))


def is_told(pair: Pair, side: str) -> bool:
    """Whether one side of a pair is written to when the team writes: there is an address, and they can open their page."""
    if side == "guardian":
        return guardians.is_told(pair)
    return pair.person(side).is_told


def tell_team(pair: Pair, thread: Thread, urgent: bool, addresses: Sequence[str] = ()) -> None:
    """Whoever follows the pair, else the administrators."""
    subject = _("URGENT : une demande d'aide") if urgent else _("Un message attend votre réponse")
    line = (
        _("%(pair)s : %(who)s demande de l'aide. Appelez, ou ouvrez son message maintenant.")
        if urgent
        else _("%(pair)s : un message vous attend.")
    )
    who = pair.person(thread.side).first_name if thread.side in {"mentor", "mentee"} else _("un parent")
    link = space_link("followup.thread", pair_id=pair.id, whose=PATHS[thread.side])
    for address in addresses or followers(pair):
        write_to("help" if urgent else KIND, address, "", subject, [_(line, pair=pair.title, who=who)], link, _("Lire et répondre"))


def messages_of(thread: Thread | None) -> Sequence[Message]:
    """The last messages of a thread, the oldest of them first."""
    return last_of(select(Message).where(Message.thread_id == thread.id)) if thread else []


def guardian_messages(pair: Pair) -> Sequence[Message]:
    """Of a guardian's thread, what whoever represents the jeune now wrote and was answered: nothing of who did before."""
    theirs = Message.guardian_mark.in_(marks_of(pair.mentee.guardian_email))
    return last_of(select(Message).join(Message.thread).where(Thread.pair_id == pair.id, Thread.side == "guardian", theirs))


def last_of(messages: Select[Any]) -> Sequence[Message]:
    rows = db.session.scalars(messages.order_by(Message.created_at.desc(), Message.id.desc()).limit(SHOWN)).all()
    return list(reversed(rows))


def threads(reader: UUID, waiting: bool, typed: str) -> Select[Any]:
    """What somebody of the team may read: the threads that wait, the oldest first; or all, the latest first; by both names."""
    rows = select(Thread).join(Thread.pair).join(Pair.mentor).join(Pair.mentee).where(of_others(reader))
    for word in words_of(typed):
        rows = rows.where(Mentor.search_name.contains(word, autoescape=True) | Mentee.search_name.contains(word, autoescape=True))
    rows = rows.options(
        contains_eager(Thread.pair).options(contains_eager(Pair.mentor), contains_eager(Pair.mentee), joinedload(Pair.coordinator))
    )
    if waiting:
        return rows.where(Thread.waiting_since.isnot(None)).order_by(Thread.is_urgent.desc(), Thread.waiting_since, Thread.id)
    return rows.order_by(Thread.last_at.desc(), Thread.id.desc())


def acknowledge(thread: Thread, seen: UUID | None, by: UUID) -> bool:
    """Somebody of the team has read it and takes it in hand: the person sees it, and it goes no further. Twice is once.

    False, and nothing is done, when something came after what was read.
    """
    hold_row(thread)
    if unread(thread, seen):
        return False
    if not thread.team_read_at:
        thread.team_read_at, thread.read_by = now(), by
    thread.urgent_since = None  # taken in hand: what comes next is no reason to escalate, another call for help is
    return True


def settle(thread: Thread, seen: UUID | None, by: UUID) -> bool:
    """No written answer is needed: it was dealt with otherwise. Twice is once; False as above."""
    if not acknowledge(thread, seen, by):
        return False
    if thread.waiting_since:
        thread.settled_at, thread.settled_by = now(), by
    answered(thread, seen, by)
    refresh([thread.pair_id])
    return True


def escalate(moment: datetime) -> int:
    """Calls for help that nobody of the team opened for 24 hours: the administrators are told, once. How many.

    Where there is nobody to tell, it is not done: whoever comes next is told.
    """
    late = (
        select(Thread)
        .join(Thread.pair)
        .where(
            Thread.is_urgent,
            Thread.urgent_since <= moment - ESCALATES_AFTER,
            Thread.escalated_at.is_(None),
        )
    )
    rows = db.session.scalars(
        late.options(contains_eager(Thread.pair).options(*with_people())).with_for_update(of=Thread, skip_locked=True)
    ).all()
    told = [(thread, addresses) for thread in rows if (addresses := others(thread.pair))]
    for thread, addresses in told:
        thread.escalated_at = moment
        tell_team(thread.pair, thread, True, addresses)
    return len(told)
