"""Remarks on a way to reach a jeune that may be another adult's, who is named beside it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.translation import gettext as _

from .asides import NAMED
from .columns import Reading, cell_of
from .reaching import is_the_parents, named_parent, on_one_line
from .title_words import ASKED_FOR, JEUNES, LINKING, asked_words, bare
from .words import ADULT, LeadKind

WAYS = ("phone", "email")


def may_be_anothers(
    reading: Reading, row: Mapping[str, str], cells: Sequence[str], values: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """A remark on an address that says another adult's name, and on a minor's ways right behind whom a column says to contact."""
    if reading.kind != LeadKind.MENTEE or not reading.other_adults:
        return []
    said = ((place, on_one_line(cell_of(cells, place))) for place in reading.other_adults)
    others = {place: name for place, cell in said if (name := named_parent(cell, row)[0])}
    is_said = any(is_the_parents(values["email"] or "", {**row, "guardian_name": name}) for name in others.values())
    doubted = {"email"} if is_said else set[str]()
    if values["age"] < ADULT:
        doubted |= {way for way in right_behind(reading, others) if values[way]}
    typed = {way: row[way].strip()[:60] for way in WAYS if way in doubted}
    return [
        (way, _("« %(value)s » : c'est peut-être à une personne nommée à côté, vérifiez.", value=value))
        for way, value in typed.items()
    ]


def right_behind(reading: Reading, others: Mapping[int, str]) -> Iterator[str]:
    """The ways that stand right behind « Personne à contacter » and a name there, and that no title says to be the jeune's."""
    ways = {reading.mapping[way]: way for way in WAYS if way in reading.mapping}
    for place, name in others.items():
        words = asked_words(bare(reading.header[place]))
        after = place + 1
        while words & ASKED_FOR and words <= ASKED_FOR | LINKING | {"a", "personne"} and NAMED.fullmatch(name) and after in ways:
            if not JEUNES & set(bare(reading.header[after]).split()):
                yield ways[after]
            after += 1
