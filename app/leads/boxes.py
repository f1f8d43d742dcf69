"""Boxes of agreement that a form leaves empty where somebody did not tick them."""

import re

from app.territory.queries import fold

from .aside_titles import asks
from .asides import NO, denies
from .sections import Rows

PHRASE = re.compile(r"(?:oui )?(?:j |je )?(?:accepte|autorise|consens|donne)\b.*|(?:oui )?je suis d accord.*|d accord.*")
LEFT = "☐"
FEWEST_CELLS = 3  # of a row that is somebody's


def with_left_boxes(header: list[str], rows: Rows) -> Rows:
    """The rows, where an empty box of agreement is said to be one: those who ticked it all say the same sentence.

    Only where they say one (« J'accepte »): under « Oui » and « Non », who did not answer may have been asked nothing.
    """
    boxes = [place for place, title in enumerate(header) if "agreement" in asks(title) and is_box(place, rows)]
    return [(line, left(cells, boxes)) for line, cells in rows] if boxes else rows


def is_box(place: int, rows: Rows) -> bool:
    """Whether all those who agree in a column do so in the same sentence."""
    said = {fold(cells[place]) for _line, cells in rows if place < len(cells) and cells[place].strip()}
    agreed = [answer for answer in said if not NO.fullmatch(answer) and not denies(answer)]
    return len(agreed) == 1 and bool(PHRASE.fullmatch(agreed[0]))


def left(cells: list[str], boxes: list[int]) -> list[str]:
    """A row whose empty boxes are said to be empty."""
    if sum(bool(cell.strip()) for cell in cells) < FEWEST_CELLS:
        return cells
    whole = [*cells, *[""] * (max(boxes) + 1 - len(cells))]
    return [LEFT if place in boxes and not cell.strip() else cell for place, cell in enumerate(whole)]
