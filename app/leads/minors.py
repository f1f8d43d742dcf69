"""What says that somebody is a minor, beside an age, or a birth, of 18 years or more: whichever is wrong, nobody is taken so."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from app.database import now
from app.territory.queries import fold
from app.translation import gettext as _

from .aside_titles import plain_title
from .asides import BOTH, FIRM_NO, TICKED, UNTICKED, YES
from .columns import Reading, cell_of
from .dates import day_in_paris, earliest
from .reaching import BadValue
from .reading import contradiction
from .title_words import KIN, bare
from .words import ADULT, LeadKind, age_on, is_age

ASKED = re.compile(  # « Mineur / Majeur », « J'ai moins de 18 ans », « Majorité »
    r"(?:(?:je suis|est(?: il| elle)?|es tu|etes vous|vous etes|(?:le |la |l )?(?:jeune|eleve)) )*(?:mineure?|majeure?)s?"
    r"(?:(?: ou)? (?:mineure?|majeure?)s?)?|majorite"
    r"|(?:(?:j|tu|vous|il|elle) )?(?:(?:ai|as|a|avez)(?: (?:tu|vous|il|elle))? |agee? de )?(?:(?:moins|plus) )?(?:de )?18 ans"
    r"(?: (?:(?:ou|et) plus|revolus|passes))?"
)
LESS = re.compile(r"\bmoins\b|[-–—<] ?(?:de )?18", re.IGNORECASE)
SAID = re.compile(  # whatever is asked: somebody's state, and nothing else
    r"(?:(?:oui|encore|toujours|une?|jeune|personne|eleve|je suis|c est|est|statut) )*mineure?s?"
    r"(?: (?:emancipee?|isolee?|non accompagnee?|moins de 18(?: ans)?|\d\d ans))*"
)
UNDER = re.compile(r"(?:[-–—<]|moins de|under|less than) ?(?:de )?18\b.{0,15}", re.IGNORECASE)
RANGE = re.compile(
    r"(?P<from>de |entre )?(?P<first>\d{1,2})(?: ?ans?)? ?(?P<to>[-–—/]|à|a|et) ?(?P<last>\d{1,2})(?P<years> ?ans?)?",
    re.IGNORECASE,
)
AGED = re.compile(r"(?<!depuis )(?<!il y a )\b(\d{1,2}) ans\b")
NOT_YET = re.compile(  # somebody of age
    r"^(?:pas encore|bientot|presque)\b(?! (?:19|2\d)\b)|\b(?:pas encore|bientot|presque)(?: (?:majeure?|18)\b|$)"
    r"|\bdans (?:\d+|une?|quelques) (?:an|mois|semaine|jour)"
)
AGES = frozenset({"age", "ages", "tranche", "categorie", "public"})
OTHERS = KIN | {"freres", "soeurs", "fratrie", "enfants"}
ANOTHER_BIRTH = re.compile(
    r"(?:date (?:de )?)?(?:naissance|nee?(?: e)?)(?: le| en)?(?: \d| bis)?|ddn \d"
)  # beside the one that is read


def refuse_not_minor(reading: Reading, cells: Sequence[str], values: Mapping[str, Any]) -> None:
    """Raise BadValue for an adult whom a column says to be a minor, and who was none when they asked."""
    if reading.kind != LeadKind.MENTEE:
        return
    born, age, day = values["birth_date"], values["age"], day_in_paris(now())
    if born:
        day = day_in_paris(values["requested_at"])
        age = age_on(born, day)
    for place in reading.around(cells):
        refuse_minor(cell_of(reading.header, place), cell_of(cells, place).strip(), age)
    for place in reading.ages:
        other = re.match(r"\d{1,2}\b", cell := cell_of(cells, place).strip())
        if other and is_age(int(other[0]), reading.kind) and int(other[0]) < ADULT <= age:
            raise not_that_age(reading.header[place], cell, age)
    read = reading.mapping.values()
    births = [place for place, title in enumerate(reading.header) if place not in read and asks_birth(title)]
    for place in {*reading.born_about, *births}:
        since = earliest(cell_of(cells, place))
        if since and is_age(at_most := age_on(since, day), reading.kind) and at_most < ADULT <= age:
            raise contradiction(str(age), at_most)


@lru_cache(maxsize=1000)
def asks_birth(title: str) -> bool:
    """Whether a title, from which nothing is read, asks for a birth as another does."""
    return bool(ANOTHER_BIRTH.fullmatch(bare(title)))


def refuse_minor(title: str, cell: str, age: int) -> None:
    """Raise BadValue where a cell says a minor, and the age, or the birth, an adult."""
    if age >= ADULT and cell and (says_minor(title, cell) or is_so(title, cell)):
        raise not_that_age(title, cell, age)


def not_that_age(title: str, cell: str, age: int) -> BadValue:
    """What refuses a row that says two ages, of which one is a minor's and the other an adult's."""
    said = {"title": title[:60], "value": cell[:60], "age": age}
    return BadValue("age", _("« %(title)s » : « %(value)s », mais la personne a %(age)s ans. Corrigez l'un des deux.", **said))


def says_minor(title: str, cell: str) -> bool:
    """Whether a cell says a minor, whatever its title: « Mineure », « Moins de 18 ans », « 15-17 ans »."""
    if ("mineur" in cell.lower() and SAID.fullmatch(fold(BOTH.sub("", cell)))) or UNDER.fullmatch(cell):
        return True
    ages = RANGE.fullmatch(cell)
    asked = set(fold(title).split()) if ages else set[str]()
    if ages is None or asked & OTHERS:
        return False
    first, last = int(ages["first"]), int(ages["last"])
    is_of_two = ages["to"].lower() == "et" and not ages["from"]  # « 12 et 15 ans » may be of two people
    is_of_ages = ages["years"] and not is_of_two and is_age(first, LeadKind.MENTEE)  # « 2 à 3 ans » lasts; « 16-17 » may be hours
    return bool(asked & AGES or is_of_ages) and first < last < ADULT


def is_so(title: str, cell: str) -> bool:
    """Whether the answer to « Mineur ou majeur ? » says a minor."""
    asked = asked_of_age(title)
    if not asked:
        return False
    answer = fold(BOTH.sub("", cell))
    years = int(found[1]) if (found := AGED.search(answer)) else 0
    if is_age(years, LeadKind.MENTEE) and years < ADULT:
        return True
    asks_adult = "maj" in asked or ("18" in asked and not LESS.search(title))  # « + 18 ans »
    if years <= ADULT and NOT_YET.search(answer) and (asks_adult or "majeur" in answer or "18" in answer):
        return True
    is_minor = "mineur" in answer and "majeur" not in answer
    if not ("mineur" in asked and "majeur" in asked):
        if YES.fullmatch(answer) or YES.fullmatch(answer.split(" ")[0]) or cell in TICKED:
            return not asks_adult or is_minor
        if FIRM_NO.fullmatch(answer) or cell in UNTICKED:
            return asks_adult or is_minor
    return is_minor


@lru_cache(maxsize=1000)
def asked_of_age(title: str) -> str:
    """A title that asks whether somebody is a minor, folded, without how to answer; empty where it asks something else."""
    return next((form for form in (fold(title), plain_title(title)) if ASKED.fullmatch(form)), "")
