"""The count of six months: whether a pair counts towards the programme's minimum, since when, what was deducted, and when it will.

A pair counts month after month from its start. A pause stops the clock, and a month without a meeting is not counted, where the
association's rules say so. It counts on the day on which its last missing month is over. A snapshot freezes this, for good.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.database import AT_ONCE, now, one_at_a_time, uuid7
from app.errors import DomainError
from app.extensions import db
from app.leads.calendar import add_months
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _
from app.web import today

from .models import CountSnapshot, Pair, PairState, Pause
from .settings import Choices, settings
from .signals import days_met

LONGEST = 240  # months that are looked at


class AlreadyFrozen(DomainError):
    """What was declared for a day does not grow."""


@dataclass(frozen=True)
class Deducted:
    """What the count took away: a pause, or a month without a meeting; from a day to before another."""

    why: str
    since: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.since).days


@dataclass(frozen=True)
class Count:
    """Where a pair stands on a day: months that counted of those needed, what was deducted, the day on which it counts.

    `counts_on` is past once it counts; to come, it supposes that the pair meets every month; None: it was closed before.
    """

    since: date
    on: date
    months: int
    needed: int
    deducted: Sequence[Deducted]
    counts_on: date | None

    @property
    def counts(self) -> bool:
        return self.counts_on is not None and self.counts_on <= self.on

    @property
    def facts(self) -> dict[str, Any]:
        """The same as data, for a snapshot."""
        lost = [{"why": part.why, "since": part.since.isoformat(), "until": part.until.isoformat()} for part in self.deducted]
        return {
            "since": self.since.isoformat(),
            "months": self.months,
            "needed": self.needed,
            "deducted": lost,
            "counts_on": self.counts_on.isoformat() if self.counts_on else None,
        }


@dataclass(frozen=True)
class Story:
    """What a count needs of a pair: when it started and ended, its pauses (from, to before; None: not over), the days it met."""

    since: date
    ended: date | None
    pauses: Sequence[tuple[date, date | None]] = ()
    met: Collection[date] = ()


def count(story: Story, needed: int, rules: Choices, on: date) -> Count:
    """Count a pair on a day: month after month of its own clock, until enough of them count."""
    pauses = merged(within(story.pauses, story.since, on)) if rules.deduct_pauses else []
    silent, done, credited, counts_on, begins = list[Deducted](), 0, 0, None, story.since
    for index in range(1, LONGEST):
        ends = moved(add_months(story.since, index), pauses)
        if story.ended is not None and ends > story.ended:
            break
        is_over = ends <= on
        if is_over and rules.deduct_silent and not any(begins <= day < ends for day in story.met):
            silent.append(Deducted("silent", begins, ends))
        else:
            done, credited = done + is_over, credited + 1
        if credited == needed:
            counts_on = ends
            break
        begins = ends
    taken = [Deducted("pause", since, until) for since, until in pauses if since < min(counts_on or on, on) and until > since]
    return Count(story.since, on, done, needed, sorted([*taken, *silent], key=lambda part: part.since), counts_on)


def within(pauses: Iterable[tuple[date, date | None]], start: date, on: date) -> Iterable[tuple[date, date]]:
    """Pauses since a pair's start, one that is not over going on until this day: before the start there is nothing to stop."""
    spans = ((max(since, start), until or max(on, since)) for since, until in pauses)
    return ((since, until) for since, until in spans if since < until)


def merged(pauses: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """The same days, each once, the earliest first: a pair that is reopened may have paused before the last day that was said."""
    apart: list[tuple[date, date]] = []
    for since, until in sorted(pauses):
        if apart and since <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(apart[-1][1], until)
        else:
            apart.append((since, until))
    return apart


def moved(day: date, pauses: Sequence[tuple[date, date]]) -> date:
    """A day of the pair's own clock, which pauses stop, on the calendar."""
    for since, until in pauses:
        if since < day:
            day += until - since
    return day


def counts(pairs: Collection[Pair], on: date) -> dict[UUID, Count]:
    """Where each of these pairs stands on a day: three statements, however many pairs; two when their pauses are there."""
    ids = [pair.id for pair in pairs]
    known = all("pauses" in pair.__dict__ for pair in pairs)
    pauses = {pair.id: spans(pair.pauses) for pair in pairs} if known else pauses_of(ids)
    met, rules = days_met(ids), settings()
    return {
        pair.id: count(
            Story(pair.starts_on, pair.closed_on, pauses.get(pair.id, ()), met.get(pair.id, ())), rules.needed, rules, on
        )
        for pair in pairs
    }


def spans(pauses: Sequence[Pause]) -> list[tuple[date, date | None]]:
    """From when to when, as span() says it."""
    return [span(pause.since, pause.until, pause.back_on) for pause in pauses]


def span(since: date, until: date | None, back_on: date | None) -> tuple[date, date | None]:
    """A pause; one that is not over lasts until the day on which it is thought to end, and nobody knows once that is past."""
    return since, until or (back_on if back_on and back_on > today() else None)


def pauses_of(pair_ids: Collection[UUID]) -> Mapping[UUID, Sequence[tuple[date, date | None]]]:
    """The pauses of each pair, as span() says them."""
    found: dict[UUID, list[tuple[date, date | None]]] = {}
    rows = db.session.execute(
        select(Pause.pair_id, Pause.since, Pause.until, Pause.back_on).where(Pause.pair_id.in_(pair_ids)).order_by(Pause.since)
    )
    for pair_id, since, until, back_on in rows:
        found.setdefault(pair_id, []).append(span(since, until, back_on))
    return found


def counted(on: date) -> Sequence[Pair]:
    """The pairs that had begun by a day, whatever became of them."""
    begun = Pair.state.in_((PairState.ACTIVE, PairState.PAUSED, PairState.CLOSING, PairState.CLOSED))
    return db.session.scalars(select(Pair).where(begun, Pair.starts_on <= on).order_by(Pair.starts_on, Pair.id)).all()


def freeze(on: date, by: UUID) -> int:
    """Write down what every pair counted for on a day that is past; gives how many. Raises AlreadyFrozen: once for each day.

    The same click twice is one, and is answered twice.
    """
    one_at_a_time("count", current_tenant_id())
    mine = CountSnapshot.frozen_by == by, CountSnapshot.created_at > now() - AT_ONCE
    counted_then = select(func.count(), func.count().filter(*mine)).where(CountSnapshot.on_day == on)
    known, just_now = db.session.execute(counted_then).one()
    if just_now:
        return int(just_now)
    if known:
        raise AlreadyFrozen(_("Cette date est déjà figée : ce qui a été déclaré ne change plus."))
    pairs, frozen = counted(on), 0
    for part in shares(pairs):
        rows = [
            {
                "tenant_id": current_tenant_id(),
                "id": uuid7(),
                "pair_id": pair_id,
                "on_day": on,
                "counts": stand.counts,
                "facts": stand.facts,
                "frozen_by": by,
            }
            for pair_id, stand in counts(part, on).items()
        ]
        statement = insert(CountSnapshot).on_conflict_do_nothing().returning(CountSnapshot.id)
        frozen += len(db.session.scalars(statement, rows).all())
    return frozen


def shares(pairs: Sequence[Pair], size: int = 1000) -> Iterator[Sequence[Pair]]:
    """So many at a time."""
    for start in range(0, len(pairs), size):
        yield pairs[start : start + size]


def said_deducted(facts: Mapping[str, Any]) -> str:
    """« pause du 2026-03-01 au 2026-03-15 », one after the other."""
    words = {"pause": _("pause"), "silent": _("mois sans rendez-vous")}
    return " ; ".join(
        _("%(what)s du %(since)s au %(until)s", what=words[part["why"]], since=part["since"], until=part["until"])
        for part in facts["deducted"]
    )
