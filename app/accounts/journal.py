"""Who took people's data away, erased it, or opened the space to somebody: noted as it is done, and never written again."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from flask import Response

from app.extensions import db
from app.sheets import as_file

from .models import Act
from .queries import current_member


class What(StrEnum):
    """What is noted, and its facts."""

    LIST = "list"  # file; rows, of a list
    COPY = "copy"  # kind, person
    ERASED = "erased"  # kind, person; neither, of a request without a file
    INVITED = "invited"  # name, role
    ROLE = "role"  # name, role
    ENDED = "ended"  # name
    BACK = "back"  # name
    KEY = "key"  # name, of the partner
    KEY_ENDED = "key_ended"  # name


def note(what: What, **facts: str | int) -> None:
    """Note what the one who is signed in does. No name of somebody who is accompanied: it would outlive their erasure."""
    db.session.add(Act(what=what.value, user_id=current_member.user_id, facts=facts))


def take_list(form: str, name: str, rows: Iterable[Sequence[Any]]) -> Response:
    """A list of people as a file, its titles first; who took it is noted, though the page is only read."""
    kept = list(rows)
    note(What.LIST, file=f"{name}.{form}", rows=len(kept) - 1)
    return as_file(form, name, kept)
