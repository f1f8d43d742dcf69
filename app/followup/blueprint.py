"""The blueprint of follow-up: everybody's first page, the team's day, messages, and a guardian's public page."""

from uuid import UUID

from flask import Blueprint, abort, g, request

from app.pairs.models import Pair
from app.pairs.own import is_own_pair
from app.pairs.queries import with_people
from app.web import get_or_404

bp = Blueprint("followup", __name__)
SPACE = "/a/<slug:slug>"


LARGEST = 8 * 1024 * 1024  # bytes of a file that is joined to a message
WITH_FILES = {f"followup.{name}" for name in ("thread", "my_thread", "help_me", "conversation", "guardian_thread")}


@bp.url_value_preprocessor
def take_large_files(endpoint: str | None, _values: object) -> None:
    """Messages take more than the other pages, with room for the sentence about a file that is too large.

    A call for help leaves whatever is joined to it, a film of the telephone too: its words matter, the file is left out.
    """
    if endpoint in WITH_FILES:
        request.max_content_length = (32 if endpoint == "followup.help_me" else 4) * LARGEST
        g.largest_file = LARGEST  # what the page promises


def followed(pair_id: UUID) -> Pair:
    """A pair that somebody of the team follows; not found when it is about them: others follow it."""
    pair = get_or_404(Pair, pair_id, options=with_people())
    return abort(404) if is_own_pair(pair) else pair
