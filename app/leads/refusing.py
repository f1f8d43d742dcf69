"""What a row says that makes it no request: alone on its line, refused, over, of somebody else, or of nobody who is named."""

from collections.abc import Mapping, Sequence

from app.translation import gettext as _

from .asides import refuse_answer, refuse_misplaced, refuse_two_names, refuse_warning
from .boxes import is_left_by_parents
from .columns import Reading, cell_of, is_ticked
from .reaching import BadValue
from .records import refuse_alarming, refuse_unfit
from .roles import refuse_for_other, refuse_offer, refuse_other_kind, refuse_parent, refuse_ticked
from .titles import VALUES
from .words import ADULT, LeadKind

MISPLACED = ("phone", "email", "birth_date", "age", "needs")  # where a refusal is noted for want of a column


def refuse_alone(cells: Sequence[str]) -> None:
    """Raise BadValue for a line of words alone, that we do not understand: it may say something of those below."""
    words = {" ".join(cell.split()) for cell in cells if cell.strip()}
    if len(words) == 1 and not VALUES.search(said := words.pop()):
        sentence = _("« %(value)s » est seul sur sa ligne. Les lignes en dessous sont lues : vérifiez.", value=said[:60])
        raise BadValue("last_name", sentence)


def refuse_said(reading: Reading, cells: Sequence[str]) -> None:
    """Raise BadValue for a row that says itself that it is no request: no agreement, called off, or somebody who would mentor."""
    for place, title, asked in reading.besides:
        cell = cell_of(cells, place).strip()
        if is_left_by_parents(title, cell):
            continue  # what it says depends on an age that is not read yet
        refuse_answer(title, asked, cell, reading.kind)
        refuse_other_kind(title, asked, cell, reading.kind)
        if reading.kind == LeadKind.MENTOR:
            refuse_unfit(title, asked, cell)
        if asked & {"who", "filled"} and not reading.is_named_apart:
            refuse_for_other(title, cell)
    refuse_who(reading, cells)
    if reading.ticked and reading.kind == LeadKind.MENTEE:
        mentor, mentored = reading.ticked
        refuse_ticked(reading.header[mentor], cell_of(cells, mentor).strip(), cell_of(cells, mentored).strip())
    for place, cell in enumerate(cells):
        if place not in reading.of_parents:  # there, it is the parent who is not written to
            refuse_warning(cell_of(reading.header, place), cell, place not in reading.of_other_matters)
            if reading.kind == LeadKind.MENTOR and place not in reading.mapping.values():
                refuse_alarming(cell_of(reading.header, place), cell)
            is_class = place in reading.classes and place not in reading.of_other_matters  # school itself may be left
            if is_class or any(reading.mapping.get(name) == place for name in MISPLACED):
                refuse_misplaced(cell_of(reading.header, place), cell)
            if reading.kind == LeadKind.MENTEE and place not in reading.mapping.values():
                refuse_offer(cell)


def refuse_who(reading: Reading, cells: Sequence[str]) -> None:
    """Raise BadValue where a box is ticked that says that somebody is not whom the file is about."""
    for place, question, asked, answer in reading.who_boxes:
        if is_ticked(cell_of(cells, place), answer):
            refuse_other_kind(question, asked, answer, reading.kind)
            if not reading.is_named_apart:
                refuse_for_other(question, answer)


def refuse_left(reading: Reading, cells: Sequence[str], age: int) -> None:
    """Raise BadValue for a minor whose parents left a box of agreement empty."""
    for place, title, asked in reading.besides if age < ADULT else ():
        if is_left_by_parents(title, cell := cell_of(cells, place).strip()):
            refuse_answer(title, asked, cell, reading.kind)


def refuse_of_child(reading: Reading, cells: Sequence[str], age: int) -> None:
    """Raise BadValue for an adult who is asked about their child, where nothing tells whose the name is."""
    if age >= ADULT and not reading.is_named_apart:
        for place, title in enumerate(reading.header):
            if place not in reading.mapping.values():
                refuse_parent(title, cell_of(cells, place).strip())


def refuse_unnamed(others: Sequence[Sequence[int]], reading: Reading, row: Mapping[str, str], cells: Sequence[str]) -> None:
    """Raise BadValue for a row that may name the jeune in a column that is not read."""
    for places in others:
        said = " ".join(filter(None, (cell_of(cells, place).strip() for place in places)))
        refuse_two_names(reading.header[places[0]], said, row.get("first_name", ""))
