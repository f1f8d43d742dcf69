"""« À appeler aujourd'hui »: whom somebody of the team is to call, the most urgent first, with every reason; putting one off."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import contains_eager, joinedload, load_only

from app.accounts.queries import team_accounts
from app.database import now
from app.errors import DomainError
from app.extensions import db
from app.meetings.models import Meeting, MeetingState
from app.pairs.models import OPEN, Pair
from app.pairs.queries import is_about_who_follows, of_others, with_people
from app.people.models import Mentee, Mentor
from app.tenants.models import Staff
from app.translation import gettext as _
from app.web import today

from .models import Call, Contact
from .rules import AFTER, DANGER, HELP, WATCH
from .words import why

SHOWN = 30  # pairs on the page
FIRST = {"mentor": ("mentor", "mentee", "guardian"), "mentee": ("mentee", "guardian", "mentor"),
         "guardian": ("guardian", "mentee", "mentor")}  # fmt: skip  # whom a call about one side reaches
LONGEST = 60  # days that a call may be put off


class CannotSnooze(DomainError):
    """This call cannot be put off; the sentence says why."""


@dataclass
class ToCall:
    """A pair with somebody to call: the reasons, the most urgent first, and what was said last."""

    pair: Pair
    calls: list[Call] = field(default_factory=list)
    last: Contact | None = None

    @property
    def side(self) -> str:
        """Whom to call first."""
        return self.calls[0].side

    @property
    def name(self) -> str:
        """Of whom it is about."""
        pair = self.pair
        return (pair.mentee.guardian_name or "") if self.side == "guardian" else pair.person(self.side).first_name

    @property
    def seen(self) -> datetime:
        """When what is shown last changed: whoever puts it off has read nothing that came after."""
        return max(call.updated_at for call in self.calls)

    def reasons(self) -> list[tuple[list[Call], str]]:
        """Each reason in one line, with the calls of everybody for whom it is the same."""
        found: dict[str, list[Call]] = {}
        for call in self.calls:
            found.setdefault(why(call.kind, call.facts, call.since), []).append(call)
        return [(calls, sentence) for sentence, calls in found.items()]

    def numbers(self) -> list[tuple[str, str, str]]:
        """Who can be reached by telephone: side, name and number; whom it is about comes first, then who speaks for a jeune."""
        pair = self.pair
        known = [
            ("mentor", pair.mentor.first_name, pair.mentor.phone),
            ("mentee", pair.mentee.first_name, pair.mentee.phone),
            ("guardian", pair.mentee.guardian_name or "", pair.mentee.guardian_phone if pair.mentee.is_minor_on(today()) else None),
        ]
        found = [(side, name, number) for side, name, number in known if number]
        return sorted(found, key=lambda row: FIRST[self.side].index(row[0]))


def due(reader: UUID, mine: Staff | None, also_nobodys: bool, put_off: bool = False) -> ColumnElement[bool]:
    """What a reader may read that is due today: of whoever follows (None: all), and, if wished, of pairs that nobody follows.

    Or what was due, and was put off to another day.
    """
    now_due = and_(
        Call.ended_at.is_(None),
        Call.snoozed_until > today() if put_off else or_(Call.snoozed_until.is_(None), Call.snoozed_until <= today()),
        or_(Pair.state.in_(OPEN), Call.kind.in_(AFTER)),  # who writes is answered before the pair begins, and after its end
        of_others(reader),
    )
    if mine is None:
        return now_due
    whose = Pair.coordinator_id == mine.id
    return and_(now_due, or_(whose, is_nobodys()) if also_nobodys else whose)


def is_nobodys() -> ColumnElement[bool]:
    """Whether nobody follows a pair: whoever does left, or reads nothing of it, for it is about them."""
    return or_(Pair.coordinator_id.is_(None), Pair.coordinator_id.not_in(working()), is_about_who_follows())


def working() -> Select[Any]:
    """The cards of those who still work here."""
    return select(Staff.id).where(Staff.user_id.in_(team_accounts()))


PEOPLE = ("first_name", "last_name", "phone", "birth_date")
ROWS = (
    contains_eager(Call.pair).options(
        contains_eager(Pair.mentor).options(load_only(*(getattr(Mentor, name) for name in PEOPLE))),
        contains_eager(Pair.mentee).options(
            load_only(*(getattr(Mentee, name) for name in PEOPLE), Mentee.guardian_name, Mentee.guardian_phone)
        ),
        joinedload(Pair.coordinator).options(load_only(Staff.first_name, Staff.last_name, Staff.user_id)),
    ),
)


def to_call(
    reader: UUID, mine: Staff | None, also_nobodys: bool = False, limit: int = SHOWN, put_off: bool = False
) -> tuple[list[ToCall], int]:
    """The pairs to call for today, or put off, the most urgent first, and how many there are in all."""
    condition = due(reader, mine, also_nobodys, put_off)
    ranked = (
        select(
            Call.pair_id, func.min(Call.rank).label("rank"), func.min(Call.since).label("since"), func.count().over().label("all")
        )
        .join(Call.pair)
        .where(condition)
        .group_by(Call.pair_id)
        .order_by(func.min(Call.rank), func.min(Call.since), Call.pair_id)
        .limit(limit)
        .subquery()
    )
    rows = db.session.execute(
        select(Call, ranked.c.all)
        .join(ranked, ranked.c.pair_id == Call.pair_id)
        .join(Call.pair)
        .join(Pair.mentor)
        .join(Pair.mentee)
        .where(condition)
        .options(*ROWS)
        .order_by(ranked.c.rank, ranked.c.since, Call.pair_id, Call.rank, Call.since, Call.side)
    ).all()
    found: dict[UUID, ToCall] = {}
    for call, _all in rows:
        found.setdefault(call.pair_id, ToCall(call.pair)).calls.append(call)
    for pair_id, contact in last_contacts(found).items():
        found[pair_id].last = contact
    return list(found.values()), rows[0][1] if rows else 0


def last_contacts(pair_ids: Collection[UUID]) -> dict[UUID, Contact]:
    """The last contact with each of these pairs."""
    if not pair_ids:
        return {}
    rows = db.session.scalars(last_of(list(pair_ids)))
    return {row.pair_id: row for row in rows}


def last_of(pair_ids: Sequence[UUID]) -> Select[Any]:
    return (
        select(Contact)
        .where(Contact.pair_id.in_(pair_ids))
        .ext(distinct_on(Contact.pair_id))
        .order_by(Contact.pair_id, Contact.held_at.desc())
    )


def snooze(call: Call, days: int, by: UUID, seen: datetime | None = None) -> date:
    """Put off a pair's calls, all but one for help and what came after a moment, which was not read. Until which day.

    Raises CannotSnooze; also for a call that ended, or that changed since.
    """
    if call.kind in HELP:
        raise CannotSnooze(_("Une demande d'aide ne se remet pas à plus tard."))
    if not 1 <= days <= LONGEST:
        raise CannotSnooze(_("De 1 à %(most)s jours.", most=LONGEST))
    until = today() + timedelta(days=days)
    was_read = or_(Call.updated_at <= (seen or call.updated_at), Call.snoozed_until > today())
    same_pair = select(Call).where(Call.pair_id == call.pair_id, Call.kind.not_in(HELP), Call.ended_at.is_(None), was_read)
    put_off = db.session.scalars(same_pair).all()
    if call not in put_off:
        raise CannotSnooze(_("Il y a du nouveau pour ce binôme : relisez pourquoi appeler."))
    for one in put_off:
        one.snoozed_until, one.snoozed_by = max(until, one.snoozed_until or until), by
    return until


def bring_back(call: Call) -> None:
    """What was put off of a pair is due today after all."""
    same_pair = select(Call).where(Call.pair_id == call.pair_id, Call.ended_at.is_(None))
    for one in db.session.scalars(same_pair):
        one.snoozed_until = one.snoozed_by = None


def stopped() -> Sequence[Pair]:
    """The pairs that may not meet any more, or not at home, of which a meeting to come is still planned."""
    planned = select(Meeting.id).where(Meeting.pair_id == Pair.id, Meeting.state == MeetingState.PLANNED, Meeting.starts_at > now())
    barred = select(Call.pair_id).where(Call.kind.in_(("stopped", "home")), Call.ended_at.is_(None))
    rows = select(Pair).where(Pair.id.in_(barred), planned.exists()).options(*with_people()).order_by(Pair.id)
    return db.session.scalars(rows).all()


def health_of(calls: Collection[Call]) -> str:
    """How a pair fares: in danger, to watch, or well."""
    kinds = {call.kind for call in calls}
    return "danger" if kinds & DANGER else "watch" if kinds & WATCH else "well"
