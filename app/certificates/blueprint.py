"""Where every page about certificates is registered."""

from flask import Blueprint, request

LARGEST_PAPER = 12 * 1024 * 1024  # bytes; a photograph as logo, another as signature, drawn as large as we draw them

bp = Blueprint("certificates", __name__)


@bp.url_value_preprocessor
def take_papers(endpoint: str | None, _values: object) -> None:
    """The page that compares a file takes whatever we may have made."""
    if endpoint == "certificates.verify":
        request.max_content_length = LARGEST_PAPER + 64 * 1024
