"""Boxes of agreement that a form leaves empty where somebody did not tick them."""

import re

from app.territory.queries import fold
from app.translation import gettext as _

from .aside_titles import OF_PARENTS, asks
from .asides import NO, denies
from .sections import Rows

PHRASE = re.compile(r"(?:oui )?(?:j |je )?(?:accepte|autorise|consens|donne)\b.*|(?:oui )?je suis d accord.*|d accord.*")
LEFT = "☐"
FEWEST_CELLS = 3  # of a row that is somebody's
LONG_SILENCE = 10  # rows one after the other, before a question is seen not to have been asked
OF_CHILD = OF_PARENTS | {"enfant", "enfants", "fils", "fille", "mineur", "mineure", "mineurs"}
OWN_TOO = frozenset({"et", "ou", "mes", "moi", "me", "m"})  # the jeune's as well: « Accord du jeune et de la famille »


def with_left_boxes(header: list[str], rows: Rows) -> tuple[Rows, list[str]]:
    """The rows, where an empty box of agreement is said to be one, and notes: those who ticked it all say the same sentence.

    Only where they say one (« J'accepte »): under « Oui » and « Non », who did not answer may have been asked nothing.
    """
    people = [(line, cells) for line, cells in rows if sum(bool(cell.strip()) for cell in cells) >= FEWEST_CELLS]
    boxes = {
        place: asked_of(place, people) for place, title in enumerate(header) if "agreement" in asks(title) and is_box(place, rows)
    }
    notes = [
        _(
            "« %(title)s » : peu de lignes sont cochées, toutes au début ou à la fin du fichier. Pour les autres, qui sont lues, "
            "la question n'a sans doute pas été posée : vérifiez leur accord.",
            title=header[place],
        )
        for place, lines in boxes.items()
        if len(lines) < len(people)
    ]  # fmt: skip
    return [(line, left(cells, [place for place in boxes if line in boxes[place]])) for line, cells in rows], notes


def is_box(place: int, rows: Rows) -> bool:
    """Whether all those who agree in a column do so in the same sentence."""
    said = {fold(cells[place]) for _line, cells in rows if place < len(cells) and cells[place].strip()}
    agreed = [answer for answer in said if not NO.fullmatch(answer) and not denies(answer)]
    return len(agreed) == 1 and bool(PHRASE.fullmatch(agreed[0]))


def asked_of(place: int, people: Rows) -> set[int]:
    """The lines of those who were asked: all, but where few answer, and many above or below do not: it was asked for a time."""
    lines = [line for line, _cells in people]
    answered = [rank for rank, (_line, cells) in enumerate(people) if place < len(cells) and cells[place].strip()]
    if not answered or len(lines) <= 2 * len(answered):
        return set(lines)
    parts = (lines[answered[0] :], lines[: answered[-1] + 1])
    return set(next((part for part in parts if len(part) <= min(2 * len(answered), len(lines) - LONG_SILENCE)), lines))


def left(cells: list[str], boxes: list[int]) -> list[str]:
    """A row whose empty boxes are said to be empty."""
    whole = [*cells, *[""] * (max(boxes, default=0) + 1 - len(cells))]
    return [LEFT if place in boxes and not cell.strip() else cell for place, cell in enumerate(whole)] if boxes else cells


def is_left_by_parents(title: str, cell: str) -> bool:
    """Whether a cell is a box of agreement that parents alone did not tick: those of an adult need not."""
    words = set(fold(re.sub(r"\([^()]*\)", "", title)).split())
    return cell == LEFT and bool(words & OF_CHILD) and not words & OWN_TOO
