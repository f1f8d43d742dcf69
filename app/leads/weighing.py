"""What reading a workbook would cost, counted before it is read: a few kilobytes may hold a process for a minute.

The marks of its parts are gone through once, with the parser that the reader has; what is kept of them is a count. Below the limits
the longest to read is a workbook of 60,000 people, or as long.
"""

import re
from collections.abc import Mapping
from xml.parsers import expat

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ROW, TEXTS = f"{MAIN}row", {f"{MAIN}si", f"{MAIN}is"}  # a text of the book, or of a cell alone
LIGHT = {f"{MAIN}{name}" for name in ("v", "f", "t")}  # what stands in a cell or a text, and costs next to nothing
MOST_MARKS = 3_000_000
MOST_CELLS = 1_300_000  # and texts: 30 MB of ordinary ones hold no more
MOST_LINES = 500_000  # with those that hold nothing
MOST_OTHERS = 200_000  # a million formats take 16 s and 600 MB: Excel keeps 65,000; a link for each of 60,000 people
MOST_IN_ROW = 16_384 * 4  # a sheet has that many columns, and millions of cells in one row take all the memory
MOST_ATTRIBUTES = 64  # of one mark; a row has twelve
LONGEST_MARK, LONGEST_TEXT = 262_144, 131_072  # bytes, and characters: four times what Excel lets in a cell
XML = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\x00]*<|\x4c\x6f\xa7\x94")  # in any letters: the last are EBCDIC's
LONG = re.compile(rb"<[^<]{%d}" % LONGEST_MARK)


class TooHeavy(Exception):
    """Reading this workbook would take too long, or too much memory."""


class Weight:
    """What the parts of a workbook hold, added up."""

    def __init__(self) -> None:
        self.marks = self.cells = self.lines = self.others = self.in_row = 0
        self.path = [""]

    def add(self, unpacked: bytes) -> None:
        """Count a part, if it is one that is read. Raises TooHeavy; ExpatError where nothing of it can be read."""
        if not XML.match(unpacked):
            return
        if LONG.search(unpacked):
            raise TooHeavy
        self.path, before = [""], self.marks
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text, parser.buffer_size = True, 2 * LONGEST_TEXT
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = self.begin, self.end, self.say
        try:
            parser.Parse(unpacked, True)
        except expat.ExpatError:  # the reader stops there too
            if self.marks == before:
                raise

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """A mark opens; what stands in a row is read as a cell, whatever its name is. Raises TooHeavy."""
        self.marks += 1
        if name == ROW:
            self.lines += 1
            self.in_row = 0
        elif self.path[-1] == ROW or name in TEXTS:
            self.cells += 1
            self.in_row = self.in_row + 1 if ROW in self.path else 0
        elif name in LIGHT:
            self.in_row += 1
        else:
            self.others += 1
        self.path.append(name)
        if (
            self.marks > MOST_MARKS
            or self.cells > MOST_CELLS
            or self.in_row > MOST_IN_ROW
            or self.others > MOST_OTHERS
            or self.lines > MOST_LINES
            or len(attributes) > MOST_ATTRIBUTES
        ):
            raise TooHeavy

    def end(self, _name: str) -> None:
        """A mark closes."""
        self.path.pop()

    def say(self, text: str) -> None:
        """A text, whole unless it is too long: then TooHeavy is raised."""
        if len(text) > LONGEST_TEXT:
            raise TooHeavy
