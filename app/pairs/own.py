"""Whom a path is about, beyond a file: the two of a pair, and of a jeune their mentors."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from app.gate import concerns
from app.people.models import Mentee
from app.people.own import file_of
from app.web import find

from .agreement_models import Agreement, Signature
from .matching_models import Proposal
from .models import Pair
from .queries import pairs_of_mentee


@concerns
def whose_pair(values: Mapping[str, Any]) -> Collection[UUID | None]:
    """The two of the pair that a path names, by itself or by what belongs to it."""
    if "proposal_id" in values:
        proposal = find(Proposal, values["proposal_id"])
        return {proposal.mentor.user_id, proposal.mentee.user_id} if proposal else set()
    if "signature_id" in values:
        signature = find(Signature, values["signature_id"])
        agreement = find(Agreement, signature.agreement_id) if signature else None
        pair = find(Pair, agreement.pair_id) if agreement else None
    else:
        pair = find(Pair, values["pair_id"]) if "pair_id" in values else None
    return {pair.mentor.user_id, pair.mentee.user_id} if pair else set()


@concerns
def who_accompanies(values: Mapping[str, Any]) -> Collection[UUID | None]:
    """The mentors, present and past, of the jeune whose file a path names."""
    person = file_of(values)
    return {pair.mentor.user_id for pair in pairs_of_mentee(person.id)} if isinstance(person, Mentee) else set()
