"""The names of a row, as people write them: in one cell or two, with a title or a remark beside them, or none at all."""

import re
from collections.abc import Mapping, Sequence

from app.fields import Line, is_name
from app.territory.queries import fold, plain
from app.translation import gettext as _

from .endings import is_over
from .reaching import ALONE_TITLE, ASIDE, CALLED_SO, COUPLE
from .title_words import MENTORED
from .words import LeadKind

NO_NAME = frozenset({"inconnu", "inconnue", "anonyme", "neant", "n a", "nc", "nr", "ras", "idem", "confidentiel", "total",
                     "non renseigne", "non communique", "a completer", "a preciser", "nom", "prenom", "votre nom", "votre prenom",
                     "maman"})  # fmt: skip
NO_MORE = re.compile(
    r"\b(?:annulee?|desiste\w*|abandon\w*|decedee?|dcd|doublon|(?:a )?supprime[er]?|ne?(?: \w+)? (?:plus|pas) \w+|sans suite"
    r"|pas interessee?|archivee?|desinscrite?)\b"
)
GONE = re.compile(  # in brackets: alone, it may be a name
    r"\b(?:partie?|demenage\w*|retiree?|mentor|mentors|benevole|refus(?:ee?)?|exemple|test|morte?|stop)\b"
)
ASIDE_TOO = re.compile(r" [-–—] |[(/]")  # what follows is beside the name
PARENT_OF = re.compile(r"\b(?:mere|pere|maman|papa|parents?|tuteur|tutrice|educateur|educatrice) (?:de|d|du) \w")
SEVERAL_PEOPLE = re.compile(r"\b(?:et|ou|ainsi que|jumeaux|jumelles|fratrie)\b|/", re.IGNORECASE)
SEVERAL_NAMES = re.compile(r"\w \w+ (?:et|ou|ainsi que) \w+ \w", re.IGNORECASE)
NO_VALUE = frozenset({"NULL", "null", "NaN", "nan"})  # as programs write none: Null is a name
NUMBERED, INITIAL = re.compile(r"^\d{1,4}[.)] +"), re.compile(r"[^\W\d_]\.")
PARTICLES = frozenset(
    {"de", "du", "des", "da", "do", "dos", "di", "van", "von", "der", "den", "ben", "bin", "el", "al", "le", "la", "les", "d"}
)
OF = PARTICLES - {"ben", "bin", "el", "al", "van"}  # no last name ends with one of these; the others alone may be a middle name


def split_name(written: str, first_comes_first: bool) -> tuple[str, str]:
    """The last and the first name of a cell that holds both.

    A comma stands after the last name. Words in capitals, at one end, are the last name, with the particles among them; else the
    title of the column says the order, and a particle goes with the name that follows it.
    """
    if PARENT_OF.search(plain(written)):
        return written, written  # nobody's name: `read_name` says so
    whole = CALLED_SO.sub("", ASIDE.sub("", NUMBERED.sub("", Line.clean(written[:300]) or "")))
    if "," in whole:
        last, _comma, first = whole.partition(",")
        return last.strip(), first.strip()
    words = whole.split()
    if len(words) < 2:
        return whole, ""
    if INITIAL.fullmatch(words[0]):  # nobody's last name
        return " ".join(words[1:]), words[0]
    if INITIAL.fullmatch(words[-1]):
        return (words[-1], " ".join(words[:-1])) if first_comes_first else (" ".join(words[:-1]), words[-1])
    capitals = [is_capital(word) for word in words]
    if any(capitals) and not all(capitals):
        parted = by_capitals(words, capitals)
        if parted:
            return parted
    return in_order(words, first_comes_first)


def in_order(words: Sequence[str], first_comes_first: bool) -> tuple[str, str]:
    """The same, where only the title of the column says which name comes first."""
    if first_comes_first:
        return " ".join(words[1:]), words[0]
    place = len(words) - 1
    while place > 1 and (words[place - 1].lower() in OF or (words[place - 1].lower() == "van" and words[place].lower() in OF)):
        place -= 1  # « Zoé de La Tour », « Anna Van Der Berg »
    if place < len(words) - 1:
        return " ".join(words[place:]), " ".join(words[:place])
    return " ".join(words[:place]), words[place]


def is_capital(word: str) -> bool:
    return word.isupper() and len(word) > 1


def by_capitals(words: Sequence[str], capitals: Sequence[bool]) -> tuple[str, str] | None:
    """The same, where some words are in capitals: they are the last name when they stand together at one end; else nothing."""
    first, last = capitals.index(True), len(capitals) - 1 - capitals[::-1].index(True)
    while first > 0 and words[first - 1].lower() in PARTICLES:
        first -= 1  # « de LA TOUR »
    if first == 0 and last == len(words) - 1:
        last = capitals.index(False) - 1  # « NGUYEN Thi Lan ANH »: the name that comes first
    if first == 0 or last == len(words) - 1:
        return " ".join(words[first : last + 1]), " ".join([*words[:first], *words[last + 1 :]])
    return None


def in_doubt(row: Mapping[str, str]) -> list[tuple[str, str]]:
    """A remark on how a name in one cell was parted, when it has more than two words."""
    words = row.get("full_name", "").split()
    if len(words) <= 2:
        return []
    whole = " ".join(words)[:200]
    cause = _("« %(whole)s » lu : prénom %(first)s, nom %(last)s.", whole=whole, first=row["first_name"], last=row["last_name"])
    return [("full_name", cause)]


def untitled(name: str) -> str:
    """A name in a cell of its own, without « Mme » or « M. et Mme »."""
    return ALONE_TITLE.sub("", COUPLE.sub("", name))


def read_name(value: str, kind: LeadKind) -> str:
    """A name without what is none of it. Raises ValueError, for a row that says there that it is no request too."""
    if not value:
        raise ValueError(_("vide."))
    if len(value) > 100:
        raise ValueError(_("« %(value)s… » est trop long : 100 caractères au plus.", value=value[:60]))
    bare = untitled(ASIDE.sub("", value)).strip()
    is_none = {plain(value), plain(bare)} & NO_NAME or bare in NO_VALUE or set(plain(bare)) == {"x"}
    if not is_name(bare) or is_none or PARENT_OF.search(plain(value)):
        raise ValueError(_("« %(value)s » n'est pas un nom.", value=value[:60]))
    aside = fold(" ".join(ASIDE_TOO.split(value)[1:]))
    is_gone = kind == LeadKind.MENTEE and GONE.search(aside) and not MENTORED.search(value)
    if NO_MORE.search(plain(value)) or is_gone or is_over(aside):
        raise ValueError(_("« %(value)s » : la ligne n'est pas prise.", value=value[:60]))
    return bare


def read_first_name(value: str, kind: LeadKind) -> str:
    """A first name, of one person. Raises ValueError."""
    name = read_name(value, kind)
    if SEVERAL_PEOPLE.search(value) or " - " in value:
        raise ValueError(several(value))
    return name


def several(value: str) -> str:
    """What is said of a cell that names two people."""
    return _("« %(value)s » : deux personnes dans une case ? Faites une ligne pour chacune.", value=" ".join(value.split())[:60])


def is_of_several(whole: str) -> bool:
    """Whether a cell that holds first and last names holds those of two people: joined by a word, or whole on two lines."""
    lines = [line.split() for line in re.split(r"[\r\n]+| [-–—] ", whole.strip())]
    return bool(SEVERAL_NAMES.search(COUPLE.sub("", whole))) or (len(lines) > 1 and all(len(words) > 1 for words in lines))


def cut_names(row: Mapping[str, str], last_name: str, first_name: str) -> list[tuple[str, str]]:
    """Remarks on names of which something was left aside."""
    kept = {"last_name": last_name, "first_name": first_name}
    typed = {name: untitled(Line.clean(row.get(name, "")) or "") for name in kept}
    return [
        (name, _("« %(whole)s » lu : %(name)s.", whole=whole[:60], name=kept[name]))
        for name, whole in typed.items()
        if whole != kept[name]
    ]
