"""How a row of a file is read: which column holds what, whose the telephones are, which parent is meant."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.territory.queries import fold

from .asides import asks
from .reaching import REPRESENTED, first_email, first_phone, ways_to_parent
from .reading import split_name
from .title_words import FAMILY, FIELDS, JEUNES, PARENTS, WORKERS
from .titles import NAMES, guess_parents, of_two, says_first_name_first
from .words import LeadKind

LONGEST_CELL = 5000  # characters that are looked at
POSTAL = re.compile(r"(?:F|FR)?[- ]?(\d{2})[ .]?(\d{3})(?:[ ,-]+(?P<after>\D*))?|(?P<before>\D+?)[ ,(/-]+(\d{2})[ .]?(\d{3})\)?")
AS_WRITTEN = re.compile(r"^\s*'(?=[\w+(])")
CEDEX = re.compile(r"\s+cedex(?:\s+\d{1,2})?\b", re.IGNORECASE)


def cell_of(cells: Sequence[str], place: int) -> str:
    """What a cell holds; letters that a page of the web wrote as codes are letters (« D&#039;Almeida »).

    An apostrophe before the rest only keeps a spreadsheet from reading a number (« '69003 »).
    """
    cell = AS_WRITTEN.sub("", cells[place][:LONGEST_CELL]) if place < len(cells) else ""
    return html.unescape(cell) if "&" in cell and ";" in cell else cell


def without(whole: str, part: str) -> str:
    """A name in one cell without one of its two parts, at whichever end that stands."""
    words, gone = whole.split(), fold(part).split()
    for kept, taken in ((words[len(gone) :], words[: len(gone)]), (words[: -len(gone) or None], words[-len(gone) :])):
        if gone and fold(" ".join(taken)).split() == gone:
            return " ".join(kept)
    return ""


def place_of(row: Mapping[str, str]) -> dict[str, str]:
    """A postal code as five figures, whatever stands beside it (« 38000 Grenoble », « F-38000 »); and the city without it.

    Both may stand in one of the two cells.
    """
    city, typed = row.get("city", ""), re.sub(r"(?<=\d{4}),0+$", "", row.get("postal_code", "").strip())
    if re.fullmatch(r"\d{5}", city.strip()) and typed and not re.search(r"[\d@]", typed):  # each in the other's place
        return {"postal_code": city.strip(), "city": typed}
    found = POSTAL.fullmatch(CEDEX.sub("", (typed or city)[:200]).strip())
    if found is None:
        return {"postal_code": typed} if typed else {}
    code = {"postal_code": "".join(figures for figures in found.group(1, 2, 5, 6) if figures)}
    beside = (found["after"] or found["before"] or "").strip()
    is_both = row.get("city") == typed or (beside and not (city.strip() and typed))
    return code | ({"city": beside} if is_both else {})


ASKS_PARENT = re.compile(r"autorite parentale|parent (?:a )?(?:contacter|joindre|prevenir|appeler|referent)|(?:droit de )?garde")


NOT_THIS_ONE = re.compile(r"\b(?:pas|plus|sauf|non|sans|interdi\w*|dechue?|decheance|retiree?|suspendue?|decedee?|dcd|inconnue?)\b")
OTHER_PARENT = {"mother": "father", "father": "mother"}
BELONGS = r"(?:a qui (?:est|appartient|sont)|(?:proprietaire|titulaire) d[eu]|de qui est|qui repond a)(?: ce| cette| le| l| la)?"
WHOSE = {
    "phone": re.compile(rf"{BELONGS} (?:numero|telephone|portable|mobile|tel)\b.*"),
    "email": re.compile(rf"{BELONGS} (?:adresse|e mail|mail|email|courriel)\b.*"),
}
OWN_WAY = JEUNES | {"moi", "mon", "lui", "elle", "perso", "personnel", "personnelle", "mien", "mienne"}


def is_reachable(parent: Mapping[str, str], row: Mapping[str, str]) -> bool:
    """Whether a parent can be reached, otherwise than the jeune of that row."""
    own = first_email(row.get("email", ""))[0], first_phone(row.get("phone", ""))[0]
    return any(ways_to_parent(parent, *own))


def is_own(said: str, row: Mapping[str, str]) -> bool:
    """Whether what a column says of a way to reach somebody says the jeune's own: « moi », their name, or nothing of whose."""
    words, names = set(fold(said).split()), set(fold(f"{row.get('first_name', '')} {row.get('last_name', '')}").split())
    if words & (FAMILY | WORKERS):
        return False
    return bool(words & OWN_WAY) or words <= names | {"mobile", "portable", "fixe", "telephone"}


def one_parent(words: str) -> str:
    """Which of the two parents these words name; empty when they name both, or neither."""
    said = {PARENTS[word] for word in fold(words).split() if word in PARENTS}
    return said.pop() if len(said) == 1 else ""


@dataclass(frozen=True)
class Reading:
    """How a file is read: which column holds what, what its rows are about, and the names of the columns as the file has them."""

    header: Sequence[str]
    mapping: Mapping[str, int]
    kind: LeadKind = LeadKind.MENTEE

    def row(self, cells: Sequence[str]) -> dict[str, str]:
        """A row by what its columns hold; a name in one cell is parted in two, a parent's in two cells is one."""
        row = {name: cell_of(cells, place) for name, place in self.mapping.items()}
        other = self.of_other_parent(cells)
        if only := self.only_parent(cells):
            theirs = next((one for one in self.parents if self.which_of(one) == only), {})
            row |= {name: cell_of(cells, theirs[name]) if name in theirs else "" for name in REPRESENTED}
            row |= self.whole_parent(theirs, cells)
        elif other and is_reachable(other, row) and not is_reachable(row, row):
            row |= {name: other.get(name, "") for name in REPRESENTED}
        else:
            row |= self.whole_parent(self.parents[0], cells) if self.is_parent_read else {}
        if self.is_name_whole:
            row["last_name"], row["first_name"] = self.parted(row)
        for name, place in self.whose.items():
            if row.get(name) and (said := cell_of(cells, place).strip()) and not is_own(said, row):
                row[name] = f"{row[name]} - {said}"  # as who writes both in one cell does
        row |= place_of(row)
        return row

    def parted(self, row: Mapping[str, str]) -> tuple[str, str]:
        """The last and the first name of a cell that holds both; where a column holds one of them too, the rest is the other."""
        if "/" in row["full_name"]:
            return row["full_name"], ""  # two people
        if row.get("first_name"):
            return without(row["full_name"], row["first_name"]) or row["full_name"], row["first_name"]
        if row.get("last_name"):
            return row["last_name"], without(row["full_name"], row["last_name"])
        return split_name(row["full_name"], says_first_name_first(self.header[self.mapping["full_name"]]))

    @cached_property
    def besides(self) -> list[tuple[int, str, frozenset[str]]]:
        """The columns that may say that a row is no request: place, title, what they ask. One that is read may say it too."""
        read, of_whom = set(self.mapping.values()), {"wish", "who"}
        asked = [(place, title, asks(title)) for place, title in enumerate(self.header)]
        found = [(place, title, what - of_whom if place in read else what) for place, title, what in asked]
        return [column for column in found if column[2]]

    @cached_property
    def whose(self) -> dict[str, int]:
        """The columns that say whose the telephone is, or the address."""
        asked = [
            (name, place) for name, rule in WHOSE.items() for place, title in enumerate(self.header) if rule.fullmatch(fold(title))
        ]
        return dict(reversed(asked))

    @cached_property
    def is_named_apart(self) -> bool:
        """Whether the titles tell the jeune's name from that of whoever fills the form; of mentors, who fill it, they need not."""
        theirs = {word for name in NAMES & self.mapping.keys() for word in fold(self.header[self.mapping[name]]).split()}
        return bool(self.kind == LeadKind.MENTOR or theirs & JEUNES or self.parents or of_two(self.header))

    @cached_property
    def parents(self) -> list[dict[str, int]]:
        """The columns of each parent, as their titles say."""
        return guess_parents(self.header)

    @cached_property
    def is_parent_read(self) -> bool:
        """Whether the columns of the first parent are read as their titles say."""
        columns = {name: place for name, place in self.parents[0].items() if name in FIELDS} if self.parents else {}
        return bool(columns) and columns.items() <= self.mapping.items()

    def whole_parent(self, columns: Mapping[str, int], cells: Sequence[str]) -> dict[str, str]:
        """The name of a parent whose first name has a column of its own; nothing else."""
        first, last = (
            cell_of(cells, columns[name]).strip() if name in columns else "" for name in ("guardian_first", "guardian_name")
        )
        if not first or fold(first) in fold(last):
            return {}
        return {"guardian_name": f"{first} {last}".strip()}

    def only_parent(self, cells: Sequence[str]) -> str:
        """Which of the two a column says is to be written to (« Autorité parentale » : « mère seule »); empty where none does."""
        for place in self.asks_parent:
            said = cell_of(cells, place)
            if which := one_parent(said):
                return OTHER_PARENT[which] if NOT_THIS_ONE.search(fold(said)) else which
        return ""

    @cached_property
    def asks_parent(self) -> list[int]:
        """The columns that say which parent is to be written to."""
        return [place for place, title in enumerate(self.header) if ASKS_PARENT.fullmatch(fold(title))]

    @cached_property
    def of_parents(self) -> frozenset[int]:
        """The columns about a parent."""
        return frozenset(place for parent in self.parents for place in parent.values())

    def which_of(self, parent: Mapping[str, int]) -> str:
        """Whose these columns are, as their titles say."""
        return one_parent(" ".join(self.header[place] for place in parent.values()))

    def of_other_parent(self, cells: Sequence[str]) -> dict[str, str]:
        """What a row says of the second parent."""
        said = {name: cell_of(cells, place) for name, place in self.other_parent.items() if name in FIELDS and place < len(cells)}
        return said | (self.whole_parent(self.other_parent, cells) if said else {})

    @cached_property
    def other_parent(self) -> dict[str, int]:
        """The columns of the second parent, where those of the first are read as their titles say."""
        return self.parents[1] if len(self.parents) > 1 and self.is_parent_read else {}

    @property
    def is_name_whole(self) -> bool:
        """Whether one column holds the last and the first name."""
        return "full_name" in self.mapping and not {"last_name", "first_name"} <= self.mapping.keys()

    def label(self, name: str) -> str:
        """The column of a value, as the file calls it."""
        if self.is_name_whole and name in ("last_name", "first_name"):
            name = "full_name"
        return self.header[self.mapping[name]] if name in self.mapping else str(FIELDS[name][0])
