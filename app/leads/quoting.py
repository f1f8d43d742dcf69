"""What programs put around cells otherwise than a spreadsheet does: the same table, as a spreadsheet writes it."""

import re
from collections.abc import Callable

SEPARATORS = ";,\t|"
WHOLE = re.compile(r'"(?:[^"]|"")*+"')  # a line that is one cell
ESCAPED = re.compile(r'\\"(?![;,\t|"\r\n]|\Z)')  # by a backslash, as databases do: between quotes it would else be an error
QUOTES = {"“": "”", "„": "“", "«": "»", "‘": "’", "'": "'"}
COMPARED = 30  # lines that are looked at
IsHeader = Callable[[list[str]], bool]


def as_a_spreadsheet(text: str, is_header: IsHeader, most: int) -> str:
    """A table of so many columns at most, its cells between straight quotes, each line with the separator of its titles."""
    text = unquoted(text, is_header, most)
    if ESCAPED.search(text):
        text = re.sub(r'\\([\\"])', lambda code: '""' if code[1] == '"' else code[1], text)
    return alike(straightened(text, is_header, most), is_header, most)


def parted(line: str, separator: str, most: int) -> list[str]:
    """What a line holds, as a row of titles may; nothing where it holds more than we would take, and looking would take long."""
    return line.split(separator) if line.count(separator) < most else []


def unquoted(text: str, is_header: IsHeader, most: int) -> str:
    """A table of which a program put each line whole between quotes: the lines that it had; any other text as it is."""
    lines = text.splitlines()
    if not lines or not WHOLE.fullmatch(lines[0]) or not all(WHOLE.fullmatch(line) for line in lines if line):
        return text
    inner = [line[1:-1].replace('""', '"') for line in lines]
    return "\n".join(inner) if any(is_header(parted(inner[0], one, most)) for one in SEPARATORS) else text


def straightened(text: str, is_header: IsHeader, most: int) -> str:
    """A table whose titles are all between quotes of another kind (“Nom”;“Prénom”): its cells between straight ones."""
    first = text.lstrip("\r\n").partition("\n")[0].strip()
    closing = QUOTES.get(first[:1])
    if closing is None or '"' in text:
        return text
    for one in SEPARATORS:
        cells = [cell.strip() for cell in parted(first, one, most)]
        if all(cell[:1] == first[0] and cell[-1:] == closing for cell in cells) and is_header([cell[1:-1] for cell in cells]):
            opened = re.sub(rf"(?:(?<=\A)|(?<=[\r\n{one}])) *{first[0]}", '"', text)
            return re.sub(rf"{closing} *(?=[\r\n{one}]|\Z)", '"', opened)
    return text


def alike(text: str, is_header: IsHeader, most: int) -> str:
    """A table whose titles have another separator than all the lines below: theirs."""
    lines = [line for line in text[:100_000].splitlines()[:COMPARED] if line.strip()]
    for one in SEPARATORS:
        titles = parted(lines[0], one, most) if len(lines) > 1 else []
        if len(titles) > 1 and is_header([title.strip(' "') for title in titles]):
            others = [
                other for other in SEPARATORS
                if other not in lines[0] and all(line.count(other) == len(titles) - 1 > line.count(one) for line in lines[1:])
            ]  # fmt: skip
            return text.replace(lines[0], lines[0].replace(one, others[0]), 1) if others else text
    return text
