"""The blueprint of follow-up: everybody's first page, the team's day, messages, and a guardian's public page."""

from uuid import UUID

from flask import Blueprint, abort

from app.accounts.queries import current_member
from app.pairs.models import Pair
from app.pairs.queries import with_people
from app.web import get_or_404

bp = Blueprint("followup", __name__)
SPACE = "/a/<slug:slug>"


def followed(pair_id: UUID) -> Pair:
    """A pair that somebody of the team follows; not found when they are one of the two: others follow them."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    return pair if not pair.belongs_to(current_member.user_id) else abort(404)
