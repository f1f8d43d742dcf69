"""What one of the two is asked on the way to a first meeting, for their own first page: to answer, then to sign."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for
from sqlalchemy import and_, select
from sqlalchemy.orm import contains_eager

from app.accounts.links import mark_of, record_token
from app.extensions import db

from . import agreement, interest
from .agreement_models import Agreement, AgreementState, Signature
from .models import Pair, PairAnswer, PairEvent, PairState


@dataclass(frozen=True)
class Waiting:
    """A question (`answer`) or a document (`signature`) that waits for somebody: where, and until which day."""

    kind: str
    url: str
    by: date


def waits_for(pairs: Sequence[Pair], side: str) -> list[Waiting]:
    """What waits for this side (mentor or mentee) in these pairs, in one statement; nothing is read when none is on its way.

    Who they could meet, unless their guardian is asked in their place; then the agreement that waits for their signature.
    """
    asking = [pair.id for pair in pairs if pair.state in {PairState.PROPOSED, PairState.SIGNING}]
    if not asking:
        return []
    is_asked = and_(PairAnswer.pair_id == Pair.id, PairAnswer.side == side, PairAnswer.is_yes.is_(None))
    is_open = and_(Agreement.pair_id == Pair.id, Agreement.state == AgreementState.OPEN)
    is_unsigned = and_(Signature.role == side, Signature.signed_at.is_(None), Signature.refused_at.is_(None))
    rows = db.session.execute(
        select(PairAnswer, Signature)
        .select_from(Pair)
        .outerjoin(PairAnswer, and_(is_asked, Pair.state == PairState.PROPOSED))
        .outerjoin(Agreement, and_(is_open, Pair.state == PairState.SIGNING))
        .outerjoin(Signature, and_(Signature.agreement_id == Agreement.id, is_unsigned))
        .options(contains_eager(Signature.agreement))
        .where(Pair.id.in_(asking))
    ).all()
    return [*questions([row for row, _ in rows if row], side), *documents([row for _, row in rows if row])]


def is_being_formed(pairs: Sequence[Pair], side: str) -> bool:
    """Whether one of these pairs is on its way, and this side knows: who has not been asked yet is not told."""
    if any(pair.is_forming and pair.is_known for pair in pairs):
        return True
    return was_asked([pair for pair in pairs if pair.state == PairState.PROPOSED], side)


def knows_of(pair: Pair, side: str) -> bool:
    """Whether this side was told of the pair: asked about it, or told that it was formed, whatever became of it."""
    both_said = (PairEvent.what == "confirmed") & PairEvent.user_id.is_(None)  # formed by the team, nobody is written to yet
    told = PairEvent.pair_id == pair.id, PairEvent.what.in_(("begun", "prepared")) | both_said
    return pair.is_known or was_asked([pair], side) or db.session.scalar(select(PairEvent.id).where(*told).limit(1)) is not None


def was_asked(pairs: Sequence[Pair], side: str) -> bool:
    """Whether this side was asked about one of these pairs."""
    if not pairs:
        return False
    asked = select(PairAnswer.id).where(PairAnswer.pair_id.in_([pair.id for pair in pairs]), PairAnswer.side == side)
    return db.session.scalar(asked.limit(1)) is not None


def questions(rows: Sequence[PairAnswer], side: str) -> Iterator[Waiting]:
    """Those that are theirs to answer."""
    for row in rows:
        address = interest.address_of(row)
        if address and address == row.pair.person(side).email:
            token = record_token(interest.LINK, row.tenant_id, row.id, mark_of(address))
            yield Waiting("answer", url_for("pairs.interest", token=token), row.answer_by)


def documents(rows: Sequence[Signature]) -> Iterator[Waiting]:
    """The agreements that wait for their signature."""
    for row in rows:
        token = record_token(agreement.LINK, row.tenant_id, row.id, mark_of(agreement.address_now(row)))
        yield Waiting("signature", url_for("pairs.signature", token=token), row.agreement.sign_by)
