"""Whether a pair is about who looks: one of its two files is (people/own.py)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.gate import concerns
from app.people.own import accounts_by_file, is_own
from app.tenants.models import Staff
from app.web import find

from .agreement_models import Agreement, Signature
from .matching_models import Proposal
from .models import Pair


def is_own_pair(pair: Pair | Proposal) -> bool:
    """Whether two people's pair is about who looks, who may be neither: colleagues follow it."""
    return is_own(pair.mentor_id, pair.mentee_id)


def accounts_by_pair(*pairs: Pair) -> Mapping[UUID, frozenset[UUID]]:
    """Whoever of the team each of these pairs is about, asked once."""
    found = accounts_by_file(*(file for pair in pairs for file in (pair.mentor_id, pair.mentee_id))) if pairs else {}
    return {pair.id: frozenset(found[pair.mentor_id]).union(found[pair.mentee_id]) for pair in pairs}


def referents(pairs: Sequence[Pair]) -> Mapping[UUID, Staff]:
    """Whom the two of each pair may call at the association: who follows it, unless it is about them."""
    about = accounts_by_pair(*(pair for pair in pairs if pair.referent))
    return {pair.id: pair.referent for pair in pairs if pair.referent and pair.referent.user_id not in about[pair.id]}


@concerns
def is_path_of_own_pair(values: Mapping[str, Any]) -> bool:
    """Whether it is the pair that a path names, by itself or by what belongs to it."""
    if "proposal_id" in values:
        proposal = find(Proposal, values["proposal_id"])
        return proposal is not None and is_own_pair(proposal)
    if "signature_id" in values:
        signature = find(Signature, values["signature_id"])
        agreement = find(Agreement, signature.agreement_id) if signature else None
        pair = find(Pair, agreement.pair_id) if agreement else None
    else:
        pair = find(Pair, values["pair_id"]) if "pair_id" in values else None
    return pair is not None and is_own_pair(pair)
