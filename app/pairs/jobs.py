"""What happens to pairs by itself, every hour and by day only: answers, signatures, pauses that end, pieces about to end."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.database import now, uuid7
from app.extensions import db
from app.jobs import WAKING, every_hour, job
from app.people.letters import space_link, write_to
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _
from app.web import iso_day, local, today

from . import agreement, interest, life, silence
from .conditions import PROTECTED, gate, said
from .models import OPEN, GateNotice, Pair, PairState, Pause
from .queries import with_people
from .refusals import GateClosed

AHEAD = ((1, 7), (8, 30))  # days before an end between which the team is told
SHARE = 200


@every_hour
@job
def watch_pairs() -> None:
    """Take silence for an answer, let what is late lapse, end the pauses whose day has come, tell what is about to end."""
    hour = local(now()).hour
    if hour not in WAKING:
        return
    silence.watch()
    agreement.watch()
    end_pauses()
    if hour == WAKING.start:  # the gate is asked about every pair: once a day
        tell_ends()


def end_pauses() -> None:
    """The pair goes on by itself on the day that was said."""
    rows = db.session.scalars(
        select(Pair)
        .join(Pause, (Pause.pair_id == Pair.id) & Pause.until.is_(None))
        .where(Pair.state == PairState.PAUSED, Pause.back_on <= today())
        .options(*with_people())
        .order_by(Pause.back_on.desc(), Pair.id)
        .limit(SHARE)
    ).all()
    for pair in rows:
        with suppress(GateClosed):  # it waits, and the team is called on to say why
            life.resume(pair)


def tell_ends() -> None:
    """Pieces that hold today and will not in thirty days, or in seven: whoever follows the pair learns it before, once at each.

    A birthday that changes what is asked, a training or a check that ends, a yearly evaluation: what the gate will say that day.
    """
    for nearest, days in AHEAD:
        for pair in lacking_on(today() + timedelta(days=days)):
            held = set(lacks(pair, today() + timedelta(days=nearest - 1)))
            ends = [(code, first_day(pair, code, days)) for code in lacks(pair, today() + timedelta(days=days)) if code not in held]
            told = interest.followers(pair) if ends else []  # where there is nobody, whoever comes next is told
            fresh = [(code, day) for code, day in ends if told and note_told(pair, code, day, days)]
            if fresh:
                tell(pair, sorted(fresh, key=lambda end: end[1]), told)


def lacks(pair: Pair, day: date) -> Sequence[tuple[str, str]]:
    return gate(pair.mentor_id, pair.mentee_id, day, pair_id=pair.id)


def lacking_on(day: date) -> Sequence[Pair]:
    """The pairs under way to which something will be missing on a day."""
    missing = func.gate_missing(current_tenant_id(), Pair.mentor_id, Pair.mentee_id, day, False, Pair.id).table_valued("piece")
    return db.session.scalars(
        select(Pair).where(Pair.state.in_(OPEN), select(missing.c.piece).exists()).options(*with_people()).order_by(Pair.id)
    ).all()


def first_day(pair: Pair, code: tuple[str, str], days: int) -> date:
    """The first day on which a piece is missing, between today, when it is not, and so many days later, when it is."""
    good, bad = 0, days
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (good, middle) if code in lacks(pair, today() + timedelta(days=middle)) else (middle, bad)
    return today() + timedelta(days=bad)


def note_told(pair: Pair, code: tuple[str, str], day: date, days: int) -> bool:
    """Whether this end had not been told at this distance; it is now."""
    piece, side = code
    piece = "protected" if piece.startswith(PROTECTED) else piece  # what child protection asks for is named nowhere else
    row = {
        "tenant_id": current_tenant_id(),
        "id": uuid7(),
        "pair_id": pair.id,
        "piece": piece,
        "side": side,
        "ends_on": day,
        "days": days,
    }
    return db.session.scalar(insert(GateNotice).values(**row).on_conflict_do_nothing().returning(GateNotice.id)) is not None


def tell(pair: Pair, ends: Sequence[tuple[tuple[str, str], date]], told: Sequence[str]) -> None:
    """Write to whoever follows the pair what the gate will say, and from which day on, the soonest first."""
    life.note(pair, "warned")
    subject = _("À prévoir avant le %(day)s", day=iso_day(ends[0][1].isoformat()))
    lines = [_("Pour %(pair)s, ce qui va manquer, à prévoir dès maintenant.", pair=pair.title)]
    for day, same_day in groupby(ends, key=lambda end: end[1]):
        pieces = said([code for code, _day in same_day], pair.mentor, pair.mentee, day, pair)
        lines += [_("À partir du %(day)s :", day=iso_day(day.isoformat())), *(piece.sentence for piece in pieces)]
    for address in told:
        write_to(life.KIND, address, "", subject, lines, space_link("pairs.show", pair_id=pair.id), _("Voir le binôme"))
