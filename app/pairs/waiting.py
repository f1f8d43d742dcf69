"""What one of the two is asked on the way to a first meeting, for their own first page: to answer, then to sign."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for
from sqlalchemy import select
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
    """What waits for this side (mentor or mentee) in these pairs; nothing is read when none is on its way."""
    return [*questions([p for p in pairs if p.state == PairState.PROPOSED], side), *documents(
        [p for p in pairs if p.state == PairState.SIGNING], side)]  # fmt: skip


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


def questions(pairs: Sequence[Pair], side: str) -> Iterator[Waiting]:
    """Who they could meet, unless their guardian is asked in their place."""
    if not pairs:
        return
    unanswered = select(PairAnswer).where(PairAnswer.pair_id.in_([p.id for p in pairs]), PairAnswer.side == side)
    for row in db.session.scalars(unanswered.where(PairAnswer.is_yes.is_(None))):
        address = interest.address_of(row)
        if address and address == row.pair.person(side).email:
            token = record_token(interest.LINK, row.tenant_id, row.id, mark_of(address))
            yield Waiting("answer", url_for("pairs.interest", token=token), row.answer_by)


def documents(pairs: Sequence[Pair], side: str) -> Iterator[Waiting]:
    """The agreement that they have neither signed nor refused."""
    if not pairs:
        return
    unsigned = (
        select(Signature)
        .join(Signature.agreement)
        .options(contains_eager(Signature.agreement))
        .where(Agreement.pair_id.in_([p.id for p in pairs]), Agreement.state == AgreementState.OPEN, Signature.role == side)
        .where(Signature.signed_at.is_(None), Signature.refused_at.is_(None))
    )
    for row in db.session.scalars(unsigned):
        token = record_token(agreement.LINK, row.tenant_id, row.id, mark_of(agreement.address_now(row)))
        yield Waiting("signature", url_for("pairs.signature", token=token), row.agreement.sign_by)
