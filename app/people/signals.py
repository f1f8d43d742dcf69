"""What higher packages add to a person's page: they know about training and pairs, this package does not."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from blinker import Namespace
from flask import current_app
from markupsafe import Markup

_signals = Namespace()

person_shown = _signals.signal("person-shown")  # sender: Mentor or Mentee -> a panel (Markup) or None
people_listed = _signals.signal("people-listed")  # sender: the rows -> {person id: a note in words}
person_withdrawn = _signals.signal("person-withdrawn")  # sender: Mentor or Mentee, whose file has just been closed
person_closing = _signals.signal("person-closing")  # sender: Mentor or Mentee; a listener may refuse
exceptions_listed = _signals.signal("exceptions-listed")  # sender: the application -> a panel (Markup) or None


def panels(person: Any) -> list[Markup]:
    """What the packages above show on a file."""
    return [panel for _receiver, panel in person_shown.send(person) if panel]


def more_exceptions() -> list[Markup]:
    """The exceptions that the packages above make, for the page that lists them all."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    return [panel for _receiver, panel in exceptions_listed.send(app) if panel]


def notes(rows: Sequence[Any]) -> dict[UUID, list[str]]:
    """What the packages above say of each person of a list."""
    gathered: dict[UUID, list[str]] = {}
    for _receiver, said in people_listed.send(rows):
        for person_id, note in said.items():
            gathered.setdefault(person_id, []).append(note)
    return gathered
