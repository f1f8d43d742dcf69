"""Where every page about training is registered."""

from flask import Blueprint, request

from .uploads import LARGEST

bp = Blueprint("training", __name__, url_prefix="/a/<slug:slug>")


@bp.url_value_preprocessor
def take_large_files(endpoint: str | None, _values: object) -> None:
    """One page takes more than the others: said before anything reads the form."""
    if endpoint == "training.files":
        request.max_content_length = LARGEST + 64 * 1024
