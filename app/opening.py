"""Look into a PDF that somebody sent, in a process that lives for it alone.

A file of a few kilobytes may unpack to all the memory there is, and no count says so before it is parsed: its parts may stand one
in another, or be read many times. Past a limit that process ends, not the site. It loads nothing but this file and pikepdf.
"""

import io
import os
import re
import resource
import subprocess
import sys
from enum import IntEnum

import pikepdf
from pikepdf.settings import set_qpdf_limits

UNPACKED = 64 * 1024 * 1024  # bytes of one stream
set_qpdf_limits(
    flate_max_memory=UNPACKED, png_max_memory=UNPACKED, tiff_max_memory=UNPACKED, run_length_max_memory=UNPACKED,
    dct_max_memory=UNPACKED, dct_max_progressive_scans=100, max_stream_filters=4, parser_max_container_size=100_000,
)  # fmt: skip
MEMORY = 256 * 1024 * 1024  # bytes of address space: the process begins with 40 MB, 300 pages of forms take 25 more
PROCESSOR = 3  # seconds; 300 pages of forms take half of one
LEFT = re.compile("bad_alloc|unfilterable|limits error")  # how qpdf says that it took a part for an empty one: it passed a limit
TIMEOUT = 20.0  # seconds, on a machine that has much else to do
RUNS = {"/AA", "/JS", "/EF", "/XFA", "/Ref", "/AF", "/OPI", "/Collection"}
HARMLESS = {"", "/GoTo"}  # what opening a PDF may do: show a page
ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToR", "/GoToE", "/Rendition", "/Movie", "/Sound",
           "/Thread"}  # fmt: skip
SHOWS = {"/RichMedia", "/Screen", "/Movie", "/3D", "/FileAttachment"}  # kinds of notes on a page that play or hold something
SAFE_LINK = re.compile(r"\s*(?:https?|mailto|tel|sms):|\s*(?!//)[^\s:\\]*$", re.IGNORECASE)  # not another machine's folder (\\host)
MOST_OBJECTS = 100_000  # of a PDF; a book of a thousand pages has twenty thousand
MOST_PARTS = 500_000  # of its dictionaries and arrays, one in another or not


class Found(IntEnum):
    """What a PDF holds, as the process that looks into it says when it ends."""

    NOTHING = 0
    RUNS = 10
    UNREAD = 11
    TOO_MUCH = 12


class TooMuch(Exception):
    """The PDF has too many parts."""


def look_apart(content: bytes) -> Found:
    """What a PDF holds, looked for in another process; too much, where it was killed. Raises ValueError when it could not begin."""
    command = [sys.executable, "-I", __file__]
    try:
        ended = subprocess.run(command, input=content, stderr=subprocess.DEVNULL, timeout=TIMEOUT, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return Found.TOO_MUCH
    return Found.TOO_MUCH if ended.returncode < 0 else Found(ended.returncode)


def look(content: bytes) -> Found:
    """What a PDF holds; one without a page is none that we show."""
    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            if len(document.objects) > MOST_OBJECTS:
                return Found.TOO_MUCH
            if not len(document.pages) or runs_anything(document):
                return Found.RUNS
            is_left = any(LEFT.search(str(warning)) for warning in document.get_warnings())
            return Found.TOO_MUCH if is_left else Found.NOTHING
    except (TooMuch, MemoryError):
        return Found.TOO_MUCH
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError, AttributeError, RuntimeError):
        return Found.UNREAD


def runs_anything(document: pikepdf.Pdf) -> bool:
    """Whether a part of a PDF, or what one holds directly, would run or open something. Raises TooMuch."""
    seen, waiting = 0, list[pikepdf.Object]()
    for indirect in document.objects:
        waiting.append(indirect)
        while waiting:
            part = waiting.pop()
            seen += 1
            if seen > MOST_PARTS:
                raise TooMuch
            if isinstance(part, pikepdf.Array):
                inner = list(part)
            elif isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
                if runs(part):
                    return True
                inner = [part[key] for key in part.keys()]  # noqa: SIM118  (no mapping)
            else:
                continue
            waiting += [one for one in inner if isinstance(one, pikepdf.Dictionary | pikepdf.Array) and not one.is_indirect]
    return False


def runs(part: pikepdf.Object) -> bool:
    """Whether a dictionary of a PDF would run or open something by itself."""
    opens = part.get("/OpenAction")  # a place of the document, most often, and then no dictionary
    return (
        bool(RUNS.intersection(part.keys()))
        or (isinstance(opens, pikepdf.Dictionary) and (str(opens.get("/S", "")) not in HARMLESS or "/Next" in opens))
        or (isinstance(part, pikepdf.Stream) and "/F" in part)  # whose content is in another file
        or (isinstance(part.get("/URI"), pikepdf.Dictionary) and "/Base" in part["/URI"])  # from which all links would be read
        or str(part.get("/S", "")) in ACTIONS
        or str(part.get("/Subtype", "")) in SHOWS
        or (isinstance(part.get("/URI"), pikepdf.String) and not SAFE_LINK.match(str(part["/URI"])))
    )


def main() -> None:
    """Look into what comes on standard input, and end with what was found."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os._exit(look(sys.stdin.buffer.read()))  # at once: what was read is not put away


if __name__ == "__main__":
    main()
