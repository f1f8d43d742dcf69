"""How a row of a file is read: which column holds what, whose the telephones are, which parent is meant."""

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.fields import Line
from app.territory.queries import fold

from .aside_titles import DATE_LEFT, LEFT_SCHOOL, asks
from .asides import TICKED, YES, is_of_requests
from .name_titles import of_two, says_first_name_first, usual_first_name
from .names import split_name
from .parent_titles import guess_parents
from .reaching import REPRESENTED, first_email, first_phone, is_somebody, ways_to_parent
from .roles import box_of_who, is_mentor
from .ruled_out import is_no_relation, relations, ruled_out, words_for
from .title_words import (
    ASKED_FOR,
    FIELDS,
    JEUNES,
    MENTORED,
    PARENTS,
    PERHAPS,
    WORKERS,
    asked_words,
    bare,
    is_of_adult,
    meaning,
    way_of,
)
from .titles import AT_WORK, NAMES, is_of_person, missing
from .whose import WHOSE, is_anothers, is_own, said_of_ways
from .words import LeadKind

FEWEST_PARENTS = 2  # with columns of their own, of whom one is kept
LONGEST_CELL = 5000  # characters that are looked at
POSTAL = re.compile(r"(?:F|FR)?[- ]?(\d{2})[ .]?(\d{3})(?:[ ,-]+(?P<after>\D*))?|(?P<before>\D+?)[ ,(/-]+(\d{2})[ .]?(\d{3})\)?")
AS_WRITTEN = re.compile(r"^\s*'(?=[\w+(])")
FAILED = re.compile(r"#(?:N/A|REF!|VALUE!|VALEUR!|NAME\?|NOM\?|DIV/0!|NUM!|NOMBRE!|NULL!|NUL!)")  # what a formula leaves
CEDEX = re.compile(r"\s+cedex(?:\s+\d{1,2})?\b", re.IGNORECASE)


def cell_of(cells: Sequence[str], place: int) -> str:
    """What a cell holds; letters that a page of the web wrote as codes are letters (« D&#039;Almeida »).

    An apostrophe before the rest only keeps a spreadsheet from reading a number (« '69003 »). A formula that failed holds nothing.
    """
    cell = AS_WRITTEN.sub("", cells[place][:LONGEST_CELL]) if place < len(cells) else ""
    if FAILED.fullmatch(cell.strip()):
        return ""
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


BIRTHS = frozenset({"naissance", "naiss", "birth"})
DAY, MONTH, YEAR = PARTS = frozenset({"jour", "day"}), frozenset({"mois", "month"}), frozenset({"annee", "year"})
# A box of a question on needs, as programs title it: « Besoin: Soutien scolaire », « De quoi as-tu besoin ? [Scolarité] ».
BOX_OF_NEED = re.compile(
    r"(?=.*\bbesoins?\b)([^\[\]]*?)(?:\[\w+\]([^\[\]]*?))?(?:\[([^\[\]]+)\]|(?<=\w) ?(?:>+|:) ?(\S.*))", re.IGNORECASE
)
CLASS = frozenset({"classe", "niveau", "scolarite"})
NOT_OF_TODAY = frozenset({"derniere", "dernier", "ancien", "ancienne", "precedent", "precedente", "sortie", "atteint", "atteinte",
                          "obtenu", "anglais", "langue", "langues"})  # fmt: skip
READ_AS_IT_IS = {"message", "source", "needs"}  # what is read as it stands, and may speak of anybody


def is_reachable(parent: Mapping[str, str], row: Mapping[str, str]) -> bool:
    """Whether a parent can be reached, otherwise than the jeune of that row."""
    own = first_email(row.get("email", ""))[0], first_phone(row.get("phone", ""))[0]
    return any(ways_to_parent(parent, *own))


def is_ticked(cell: str, words: str) -> bool:
    """Whether the box of these words is ticked; some programs write them again."""
    said = fold(cell)
    return cell.strip() in TICKED or said == fold(words) or bool(YES.fullmatch(said) and not said.startswith("je "))


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
        row |= self.guardian(cells, row)
        if self.born_in_parts:
            day, month, year = (cell_of(cells, place).strip() for place in self.born_in_parts)
            row["birth_date"] = f"{day}/{month}/{year}" if day and month and year else ""
        if self.boxes and not row.get("needs", "").strip():
            row["needs"] = ", ".join(need for place, need in self.boxes.items() if is_ticked(cell_of(cells, place), need))
        if self.is_name_whole:
            row["last_name"], row["first_name"] = self.parted(row)
        for name, place in self.whose.items():
            if row.get(name) and (said := cell_of(cells, place).strip()) and not is_own(said, row):
                row[name] = f"{row[name]} - {said}"  # as who writes both in one cell does
        for name, place in self.related:
            if row.get(name) and is_anothers(said := cell_of(cells, place).strip()):
                row[name] = f"{row[name]} - {said}"
        for name, said in self.said_of_ways(cells):
            if row.get(name):
                row[name] = f"{row[name]} - {said}"
        if row.get("phone") and (other := self.other_parent(row, cells)):
            row["phone"] = f"{row['phone']} - {other}"
        if row.get("email") and self.parents:
            row["parents"] = "\n".join(self.parent(columns, cells)["guardian_name"] for columns in self.parents)
        row |= {name: Line.clean(row[name]) or "" for name in ("city", "postal_code") if name in row}
        row |= place_of(row)
        asks_parents = self.parents or not self.mapping.keys().isdisjoint(REPRESENTED)
        if asks_parents and not is_reachable(row, row) and (left := self.left_parents(row, cells)):
            row["left"] = " ; ".join(left)
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
        read, of_whom = set(self.mapping.values()), {"wish", "who", "filled"}
        asked = [(place, title, asks(title)) for place, title in enumerate(self.header)]
        if any(LEFT_SCHOOL.search(fold(title)) for title in self.header):
            asked = [one for one in asked if not DATE_LEFT.fullmatch(fold(one[1]))]
        found = [(place, title, what - of_whom if place in read else what) for place, title, what in asked]
        return [column for column in found if column[2]]

    @cached_property
    def who_boxes(self) -> list[tuple[int, str, frozenset[str], str]]:
        """The boxes that say who somebody is, one a column: place, question, what it asks, answer (« Vous êtes [Parent] »)."""
        found = [(place, box_of_who(title)) for place, title in enumerate(self.header) if place not in self.mapping.values()]
        asked = [(place, box[0], asks(box[0]), box[1]) for place, box in found if box]
        return [one for one in asked if one[2] & {"who", "filled"}]

    @cached_property
    def of_other_matters(self) -> frozenset[int]:
        """The columns where no words say that a request is over: what is read otherwise than as it stands, or asks of a grant."""
        read = {place for name, place in self.mapping.items() if name not in READ_AS_IT_IS}
        return frozenset(place for place, title in enumerate(self.header) if place in read or not is_of_requests(title))

    @cached_property
    def born_about(self) -> list[int]:
        """The columns of a year, or a month, of birth, which are not read."""
        asked = ((place, asked_words(bare(title)) - JEUNES) for place, title in enumerate(self.header))
        parts = MONTH | YEAR
        unread = [(place, words) for place, words in asked if place not in self.mapping.values()]
        return [place for place, words in unread if words & BIRTHS and words & parts and words <= BIRTHS | parts]

    @cached_property
    def born_in_parts(self) -> list[int]:
        """The columns of the day, the month and the year of birth, where they are three, and no date is read."""
        if "birth_date" in self.mapping:
            return []
        asked = [asked_words(bare(title)) - JEUNES for title in self.header]
        found = [[place for place, words in enumerate(asked) if words & part and words <= BIRTHS | part] for part in PARTS]
        return [places[0] for places in found] if all(len(places) == 1 for places in found) else []

    @property
    def lacking(self) -> dict[str, str]:
        """What no column holds, without which nothing can be taken: a birth in three columns is one."""
        return missing({*self.mapping, *(["birth_date"] if self.born_in_parts else [])})

    @cached_property
    def boxes(self) -> dict[int, str]:
        """The boxes of a question on needs, which are ticked or not: the place of each, and the need."""
        if self.kind == LeadKind.MENTOR:
            return {}
        found = {place: BOX_OF_NEED.fullmatch(title.strip()) for place, title in enumerate(self.header)}
        asked = {
            place: (box[2] or box[1], box[3] or box[4])
            for place, box in found.items()
            if box and place not in self.mapping.values()
        }
        questions = Counter(question for question, _need in asked.values())
        return {place: need for place, (question, need) in asked.items() if questions[question] > 1}

    @property
    def places(self) -> dict[str, int]:
        """The columns from which something is read, whatever it is."""
        return {**self.mapping, **{str(place): place for place in (*self.boxes, *self.born_in_parts)}}

    @cached_property
    def classes(self) -> list[int]:
        """The columns of where somebody is at school today."""
        asked = ((place, set(fold(title).split())) for place, title in enumerate(self.header))
        return [place for place, words in asked if words & CLASS and not words & NOT_OF_TODAY]

    @cached_property
    def ages(self) -> list[int]:
        """The columns of an age that are not read."""
        said = ((place, meaning(bare(title))[0]) for place, title in enumerate(self.header))
        return [place for place, name in said if name == "age" and place not in self.mapping.values()]

    @cached_property
    def ticked(self) -> tuple[int, int] | None:
        """The columns « Mentor » and « Mentoré », or « Jeune », of which one is ticked; nothing where one of them is not there."""
        titles = {place: title for place, title in enumerate(self.header) if place not in self.mapping.values()}
        mentored = [place for place, title in titles.items() if MENTORED.search(title) or fold(title) == "jeune"]
        mentors = [place for place, title in titles.items() if place not in mentored and is_mentor("", title)]
        return (mentors[0], mentored[0]) if len(mentors) == len(mentored) == 1 else None

    @cached_property
    def whose(self) -> dict[str, int]:
        """The columns that say whose the telephone is, or the address."""
        asked = [
            (name, place) for name, rule in WHOSE.items() for place, title in enumerate(self.header) if rule.fullmatch(fold(title))
        ]
        return dict(reversed(asked))

    @cached_property
    def other_adults(self) -> list[int]:
        """The columns that may name another adult than a parent, and are not read: a professional, whoever pays or is called."""
        titles = [(place, bare(title)) for place, title in enumerate(self.header) if place not in self.mapping.values()]
        others = WORKERS | PERHAPS | AT_WORK | ASKED_FOR
        return [
            place for place, title in titles
            if place not in self.of_parents and not way_of(title) and (others & set(title.split()) or is_of_person(title))
        ]  # fmt: skip

    @cached_property
    def usual(self) -> int | None:
        """The column of a first name that somebody goes by, beside the one that is read."""
        return usual_first_name(self.header, self.mapping)

    @cached_property
    def related(self) -> list[tuple[str, int]]:
        """The ways to reach the jeune beside a column that says what somebody is to them, where no parent's column is read.

        « Téléphone;Lien de parenté » are of one person; beyond « Personne à prévenir », the relation is that person's.
        """
        if self.parents or not self.mapping.keys().isdisjoint(REPRESENTED):
            return []
        read = [(name, self.mapping[name], place) for name in WHOSE if name in self.mapping for place in self.relations]
        return [(name, place) for name, at, place in read if not any(is_of_adult(bare(t)) for t in self.header[at + 1 : place])]

    def said_of_ways(self, cells: Sequence[str]) -> Iterator[tuple[str, str]]:
        """The ways to reach the jeune that words say to be another's (« téléphone de la mère »), where no parent is read."""
        if self.parents or not self.mapping.keys().isdisjoint(REPRESENTED):
            return
        read = {place for name, place in self.mapping.items() if name != "message"}
        yield from said_of_ways(cell for place, cell in enumerate(cells) if place not in read)

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

    def guardian(self, cells: Sequence[str], row: Mapping[str, str]) -> dict[str, str]:
        """Of the parents whom nothing rules out, the first who has a name and can be reached; where none has, the first."""
        if self.mapping.keys().isdisjoint(REPRESENTED):
            return {}
        beside = ((cell_of(self.header, place), cell_of(cells, place)) for place in self.around(cells))
        jeune = " ".join(row.get(name, "") for name in NAMES)
        out = ruled_out(beside, words_for(self.named_parents(cells, row), jeune))
        nobody = dict.fromkeys(REPRESENTED & row.keys(), "")
        if not self.is_parent_read:
            return nobody if out or any(is_no_relation(cell_of(cells, place)) for place in self.relations) else {}
        kept = [
            self.parent(columns, cells) for columns in self.parents
            if not (out and self.which_of(columns) in {*out, ""}) and not self.is_somebody_else(columns, cells)
        ]  # fmt: skip
        reached = [one for one in kept if is_reachable(one, row)]
        named = [one for one in reached if is_somebody(one["guardian_name"])]
        return next(iter([*named, *reached, *kept]), nobody)

    def left_parents(self, row: Mapping[str, str], cells: Sequence[str]) -> list[str]:
        """What a row says of each parent who can be reached, and is not the one who is kept."""
        by_hand = {name: cell_of(cells, self.mapping[name]) if name in self.mapping else "" for name in REPRESENTED}
        others = [self.parent(columns, cells) for columns in self.parents] if self.is_parent_read else [by_hand]
        kept = [row.get(name, "") for name in REPRESENTED]
        left = [one for one in others if is_reachable(one, row) and [one[name] for name in REPRESENTED] != kept]
        return [", ".join(filter(None, (one[name].strip() for name in REPRESENTED)))[:200] for one in left]

    def other_parent(self, row: Mapping[str, str], cells: Sequence[str]) -> str:
        """The parent, other than the one who is kept, whose number stands as the jeune's too."""
        if len(self.parents) < FEWEST_PARENTS or not self.is_parent_read:
            return ""
        own, kept = first_phone(row["phone"])[0], first_phone(row.get("guardian_phone", ""), of_parent=True)[0]
        others = (self.parent(columns, cells) for columns in self.parents)
        same = [one for one in others if own and own != kept and first_phone(one["guardian_phone"], of_parent=True)[0] == own]
        return (same[0]["guardian_name"] or "parent") if same else ""

    def named_parents(self, cells: Sequence[str], row: Mapping[str, str]) -> list[tuple[str, str]]:
        """Which parent each is, as far as a title says, and their name."""
        if not self.is_parent_read:
            return [("", row.get("guardian_name", ""))]
        return [(self.which_of(columns), self.parent(columns, cells)["guardian_name"]) for columns in self.parents]

    def around(self, cells: Sequence[str]) -> Iterator[int]:
        """The columns that are no way to reach a parent, nor whose cell is read as something that cannot speak of one."""
        read = {place for name, place in self.mapping.items() if name not in READ_AS_IT_IS}
        return (place for place in range(len(cells)) if place not in self.of_parents and place not in read)

    @cached_property
    def relations(self) -> list[int]:
        """The columns that say what somebody is to the jeune."""
        return [place for place in relations(self.header) if place not in self.mapping.values()]

    def is_somebody_else(self, columns: Mapping[str, int], cells: Sequence[str]) -> bool:
        """Whether the relation that stands nearest to a parent's columns says that it is not one; that of « Resp 2 » is of none."""
        near = [
            place for place in self.relations
            if "2" not in bare(self.header[place]).split()
            and min(self.parents, key=lambda one: min(abs(place - at) for at in one.values())) == columns
        ]  # fmt: skip
        return any(is_no_relation(cell_of(cells, place)) for place in near)

    def parent(self, columns: Mapping[str, int], cells: Sequence[str]) -> dict[str, str]:
        """What a row says of a parent; what it does not say is empty."""
        is_first = columns == self.parents[0]  # after whom a plain telephone may stand
        places = {**self.mapping, **columns} if is_first else columns
        said = {name: cell_of(cells, places[name]) if name in places else "" for name in REPRESENTED}
        return said | self.whole_parent(columns, cells)

    @cached_property
    def of_parents(self) -> frozenset[int]:
        """The columns about a parent."""
        return frozenset(place for parent in self.parents for place in parent.values())

    def which_of(self, parent: Mapping[str, int]) -> str:
        """Whose these columns are, as their titles say."""
        return one_parent(" ".join(self.header[place] for place in parent.values()))

    @property
    def is_name_whole(self) -> bool:
        """Whether one column holds the last and the first name."""
        return "full_name" in self.mapping and not {"last_name", "first_name"} <= self.mapping.keys()

    def label(self, name: str) -> str:
        """The column of a value, as the file calls it."""
        if self.is_name_whole and name in ("last_name", "first_name"):
            name = "full_name"
        titled = self.header[self.mapping[name]] if name in self.mapping else ""
        return titled or str(FIELDS[name][0])
