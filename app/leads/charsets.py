"""The text of a file, whatever a French spreadsheet saved it in: UTF-8, UTF-16, Windows-1252, Mac OS Roman, DOS."""

import re

LEGACY = ("cp1252", "iso8859-15", "mac_roman", "cp850")  # a French Windows, Unix, an old Mac, « CSV (MS-DOS) »; the likeliest first
FRENCH = frozenset("àâæçéèêëîïôœùûüÀÂÆÇÉÈÊËÎÏÔŒÙÛÜ")
TWICE = ("Ã", "â€", "Å“")  # what accents, quotes and « œ » become when they are encoded twice
MARKS = frozenset("«»‘’“”–—…€°·×\u00a0")  # what people type that is no letter
MISPLACED = re.compile("[A-Z][ß-ÿ][A-Z]|[a-zß-ÿ][À-ÞŒŸŠŽ]")  # a small letter among capitals, or the contrary
STRAY = "\N{REPLACEMENT CHARACTER}"


def decode(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or what a French spreadsheet saves (Windows-1252, Mac OS Roman, DOS), line by line."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if content[1:2] == b"\x00" or content[:1] == b"\x00":  # UTF-16 that does not say so
        return content.decode("utf-16-le" if content[1:2] == b"\x00" else "utf-16-be", errors="replace")
    try:
        return once_more(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        pass
    lines = [line if is_utf8(line) else mended(line) for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    legacy = b"\n".join(line for line in lines if not is_utf8(line))
    other = max(LEGACY, key=lambda name: likeliness(legacy.decode(name, errors="replace")))
    return "\n".join(line.decode("utf-8") if is_utf8(line) else line.decode(other, errors="replace") for line in lines)


def once_more(text: str) -> str:
    """UTF-8 that was read as Windows-1252 and saved as UTF-8 again: « JÃ©rÃ´me » is Jérôme. Line by line, any other as it is."""
    if not any(mark in text for mark in TWICE):
        return text
    return "\n".join(unwrapped(line) if any(mark in line for mark in (*TWICE, "Â")) else line for line in text.split("\n"))


def unwrapped(line: str) -> str:
    """What a line was before; itself when it is no such line."""
    for charset in ("cp1252", "latin-1"):
        try:
            return line.encode(charset).decode("utf-8")
        except UnicodeError:
            continue
    return line


def likeliness(text: str) -> int:
    """How much a text looks like French: its accents, less what nobody types and letters that stand among the wrong ones."""
    letters = [char for char in text if char > "\x7f"]
    strange = sum(not char.isalpha() and char not in MARKS for char in letters)
    return sum(char in FRENCH for char in letters) - 2 * strange - 2 * len(MISPLACED.findall(text))


def mended(line: bytes) -> bytes:
    """A line of UTF-8 that was cut in the middle of a letter, with a mark in its place; one in another charset as it is."""
    text = line.decode("utf-8", errors="replace")
    strays = text.count(STRAY)
    return text.encode() if sum(char > "\x7f" for char in text) - strays >= strays else line


def is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
