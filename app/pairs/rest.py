"""Nobody is proposed to somebody until the team says so: after a precaution, a death, or a no (decisions 0048 and 0055).

The end that put somebody to rest says it (`Closure.rested`). Who is in no other pair is paused without a day; a mentor whose other
pairs go on has room for these only, and is paused when the last of them ends.
"""

from collections.abc import Sequence

from sqlalchemy import func, select

from app.extensions import db
from app.people.actions import pause as pause_person
from app.people.actions import resume as resume_person
from app.people.guardians import whose
from app.people.models import FileState, Mentee, Mentor
from app.people.signals import person_back

from .models import LIVE, Closure, Pair
from .signals import pair_closed
from .words import DEATH, SAFETY


def side_of(person: Mentor | Mentee) -> str:
    """Which of the two somebody is in a pair."""
    return "mentor" if isinstance(person, Mentor) else "mentee"


def others_of(person: Mentor | Mentee, pair: Pair | None = None) -> int:
    """In how many pairs but this one somebody is, under way or on their way, as the database has them now: they go on."""
    theirs = select(func.count()).select_from(Pair).filter_by(**whose(person)).where(Pair.state.in_(LIVE))
    return db.session.scalar(theirs.where(Pair.id != pair.id) if pair else theirs) or 0


def resting(person: Mentor | Mentee) -> Sequence[Closure]:
    """The ends because of which somebody rests still."""
    theirs = select(Closure).join(Closure.pair).where(*(getattr(Pair, name) == value for name, value in whose(person).items()))
    return db.session.scalars(theirs.where(Closure.reopened_on.is_(None), Closure.rested.contains([side_of(person)]))).all()


def rests_until_said(person: Mentor | Mentee) -> bool:
    """Whether only the team says when they may be proposed again, whatever they wish themself: a precaution, or a death."""
    return any(row.reason == SAFETY or row.pair.closure_reason == DEATH for row in resting(person))


def rest(closure: Closure | None, person: Mentor | Mentee, others: int) -> None:
    """Nobody is proposed to somebody any more; the closure, where there is one, says so, and how much room there was before.

    Who is paused already until the team says so stays so, and nothing that this end leads to wakes them. Whoever is until a day
    rests from then on: they are asked of again (`keep_at_rest`) when that day brings them back.
    """
    is_paused = person.state == FileState.PAUSED
    if person.state == FileState.WITHDRAWN or (is_paused and person.paused_until is None):
        return
    if closure is not None:
        closure.rested = sorted({*closure.rested, side_of(person)})
        if is_paused:
            return
    if not others or is_paused:
        pause_person(person, None)
    elif isinstance(person, Mentor):
        if closure is not None and closure.capacity_before is None:
            closure.capacity_before = person.capacity
        person.capacity = min(person.capacity, others)


def rest_at_once(closure: Closure) -> None:
    """A precaution does not wait for the end of its closure to keep its mentor from being proposed."""
    mentor = closure.pair.mentor
    rest(closure, mentor, others_of(mentor, closure.pair))


@pair_closed.connect
def keep_those_at_rest(pair: Pair) -> None:
    """Of the two of a pair that ended, was not made, or goes on after all, who rests has room for their pairs only."""
    keep_at_rest(pair.mentor)
    keep_at_rest(pair.mentee)


def keep_at_rest(person: Mentor | Mentee) -> None:
    """The same of somebody, whose file may just have been opened again, or whom a day that they had said brings back."""
    if person.state == FileState.ACTIVE and resting(person):
        rest(None, person, others_of(person))


def wake(closure: Closure) -> None:
    """Who rests because of this end rests no more, for the pair to go on; `keep_those_at_rest`, once it does, who rests still."""
    for side, person, _again in closure.wishes:
        if side in closure.rested and person.paused_until is None:
            resume_person(person)
            if isinstance(person, Mentor):  # who kept room for their other pairs only
                known = [row.capacity_before for row in (closure, *resting(person)) if row.capacity_before is not None]
                person.capacity = max(person.capacity, *known, 0)
    db.session.flush()


@person_back.connect
def forget(person: Mentor | Mentee) -> None:
    """The team says that somebody may be proposed again: no end keeps them from it any more."""
    for closure in resting(person):
        closure.rested = [side for side in closure.rested if side != side_of(person)]


def put_first(person: Mentor | Mentee) -> bool:
    """Somebody is the next of those who wait, for their pair was not made; who rests is not. Whether they are."""
    is_next = not resting(person)
    person.first_in_line |= is_next
    return is_next
