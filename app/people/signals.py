"""What higher packages add to a person's page: they know about training and pairs, this package does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from blinker import Namespace
from markupsafe import Markup

_signals = Namespace()

person_shown = _signals.signal("person-shown")  # sender: Mentor or Mentee -> a panel (Markup) or None
standing_asked = _signals.signal("standing-asked")  # sender: Mentor or Mentee -> a panel: what is missing before a first meeting
paired_asked = _signals.signal("paired-asked")  # sender: Mentor or Mentee, the class -> who is in a pair, for the database
accompanied_asked = _signals.signal("accompanied-asked")  # no sender -> which mentor was ever in a pair with which jeune, to select
people_listed = _signals.signal("people-listed")  # sender: the rows -> {person id: a note in words}
person_withdrawn = _signals.signal("person-withdrawn")  # sender: Mentor or Mentee, whose file has just been closed
person_closing = _signals.signal("person-closing")  # sender: Mentor or Mentee; who says them dead; may be refused
person_held = _signals.signal("person-held")  # sender: Mentor or Mentee, about to be written: what is locked before them is
person_back = _signals.signal("person-back")  # sender: Mentor or Mentee, who may be proposed again: the team says so
gate_changed = _signals.signal(
    "gate-changed"
)  # sender: Mentor or Mentee, of whom something that a gate asks was noted or taken back
exceptions_listed = _signals.signal("exceptions-listed")  # no sender -> (a heading, Excepted rows)


@dataclass(frozen=True)
class Excepted:
    """An exception on the page of all of them: its row, who made it, without what; the mentor's page, where it is taken back."""

    row: Any
    by: str
    what: str
    mentor_url: str
    end_url: str


def panels(person: Any) -> list[Markup]:
    """What the packages above show on a file."""
    return [panel for _receiver, panel in person_shown.send(person) if panel]


def standing(person: Any) -> list[Markup]:
    """What is missing before a first meeting, for a page about one part of it."""
    return [panel for _receiver, panel in standing_asked.send(person)]


def more_exceptions() -> list[tuple[str, Sequence[Excepted]]]:
    """The exceptions that the packages above make, each kind under its heading, for the page that lists them all."""
    return [group for _receiver, group in exceptions_listed.send()]


def notes(rows: Sequence[Any]) -> dict[UUID, list[str]]:
    """What the packages above say of each person of a list."""
    gathered: dict[UUID, list[str]] = {}
    for _receiver, said in people_listed.send(rows):
        for person_id, note in said.items():
            gathered.setdefault(person_id, []).append(note)
    return gathered
