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
from .columns import Reading, cell_of, is_ticked
from .dates import day_in_paris, earliest
from .names import ASIDE_TOO
from .reaching import BadValue
from .reading import contradiction
from .title_words import KIN, bare
from .titles import NAMES
from .words import ADULT, LeadKind, age_on, is_age

ASKED = re.compile(  # « Mineur / Majeur », « J'ai moins de 18 ans », « Je certifie être majeur·e », « Majorité »
    r"(?:(?:je (?:suis|certifie|atteste|declare|confirme)|j atteste|sur l honneur|etre|que|est(?: il)?(?: (?:ou )?elle)?|es tu"
    r"|etes vous|vous etes|(?:le |la |l |ou la )*(?:jeune|eleve)) )*"
    r"(?:mineure?|majeure?)s?(?:(?: ou)? (?:mineure?|majeure?)s?)?"
    r"|maj (?:ou )?min|min (?:ou )?maj|majorite"
    r"|(?:(?:si|que|je|j|tu|vous|il|elle|certifie|atteste|declare|confirme|sur l honneur|avoir) )*"
    r"(?:(?:ai|as|a|avez)(?: (?:tu|vous|il|elle))? |agee? de )?"
    r"(?:(?:(?:au )?moins|plus) (?:de )?18(?: ans)?|(?:de )?18 (?:ans|plus))"
    r"(?: (?:(?:(?:ou|et) )?plus|revolus|passes))?(?: coche[rz]?(?: .*)?)?"
)
MORE, FEWER = re.compile(r"\+"), re.compile(r"^\s*[-–—<] ?(?:de )?(?=18)")  # as a title writes « plus de » and « moins de »
LESS = re.compile(r"(?<!au )\bmoins\b")
SAID = re.compile(  # whatever is asked: somebody's state, and nothing else
    r"(?:(?:oui|encore|toujours|une?|jeune|personne|eleve|je suis|c est|est|statut) )*mineure?s?"
    r"(?: (?:emancipee?|isolee?|etrang(?:er|ere)|non accompagnee?|moins de 18(?: ans)?|\d\d ans))*"
)
UNDER = re.compile(
    r"(?:jeunes? )?(?:[-–—<]|moins de|under|less than) ?(?:de )?(?:18\b.{0,15}|(?P<below>\d\d)(?P<years> ?ans)?)"
    r"|(?P<last>\d\d)(?: ?ans)? (?:et|ou) moins",
    re.IGNORECASE,
)
CHILD = re.compile(r"(?:enfant|ado|adolescente?|preado|preadolescente?)s?")  # under « Tranche d'âge »
AROUND_AGES = re.compile(r"^[^\d(]*\(|\)$|,? (?:inclus|compris|révolus)e?s?\b.*$", re.IGNORECASE)  # « Ado (12-17) »
BOX = re.compile(r"(.*)[(\[]([^()\[\]]+)[)\]]\W*")  # of a question, as programs title it: « Tranche d'âge (Moins de 18 ans) »
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
    for place in (reading.mapping[name] for name in NAMES & reading.mapping.keys()):
        refuse_beside_name(reading.header[place], cell_of(cells, place), age)
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


def refuse_beside_name(title: str, cell: str, age: int) -> None:
    """Raise BadValue where what stands beside a name says a minor, and the age an adult: « Ana (mineure) », « Bob (17 ans) »."""
    for beside in (part.strip(" )") for part in ASIDE_TOO.split(cell)[1:]) if age >= ADULT else ():
        aged = AGED.search(fold(beside))
        if says_minor("", beside) or (aged and is_age(int(aged[1]), LeadKind.MENTEE) and int(aged[1]) < ADULT):
            raise not_that_age(title, cell, age)


def not_that_age(title: str, cell: str, age: int) -> BadValue:
    """What refuses a row that says two ages, of which one is a minor's and the other an adult's."""
    said = {"title": title[:60], "value": cell[:60], "age": age}
    return BadValue("age", _("« %(title)s » : « %(value)s », mais la personne a %(age)s ans. Corrigez l'un des deux.", **said))


def says_minor(title: str, cell: str) -> bool:
    """Whether a cell says a minor, whatever its title: « Mineure », « Moins de 18 ans », « 15-17 ans »; or the box it ticks."""
    box = BOX.fullmatch(title)
    if box and is_ticked(cell, box[2]) and AGES & set(fold(box[1]).split()):
        return says_minor(box[1], box[2])
    if "mineur" in cell.lower() and SAID.fullmatch(fold(BOTH.sub("", cell))):
        return True
    asked = set(fold(title).split())
    is_asked = bool(asked & AGES)
    return not asked & OTHERS and (is_under(cell, is_asked) or is_of_minors(cell, is_asked))


def is_under(cell: str, is_asked: bool) -> bool:
    """Whether a cell says to be under an age: « Moins de 16 ans », « 14 ans et moins »; « Ado », where it is asked."""
    if is_asked and CHILD.fullmatch(fold(BOTH.sub("", AROUND_AGES.sub("", cell)))):
        return True
    under = UNDER.fullmatch(cell.strip())
    if under is None:
        return False
    if under["last"]:
        return int(under["last"]) < ADULT and (is_asked or is_age(int(under["last"]), LeadKind.MENTEE))
    below = int(under["below"] or ADULT)
    return below == ADULT or (below < ADULT and (is_asked or bool(under["years"] and is_age(below, LeadKind.MENTEE))))


def is_of_minors(cell: str, is_asked: bool) -> bool:
    """Whether a cell says ages of minors alone, from one to another: « 15-17 ans »."""
    ages = RANGE.fullmatch(AROUND_AGES.sub("", cell) if is_asked else cell)
    if ages is None:
        return False
    first, last = int(ages["first"]), int(ages["last"])
    is_of_two = ages["to"].lower() == "et" and not ages["from"]  # « 12 et 15 ans » may be of two people
    is_of_ages = ages["years"] and not is_of_two and is_age(first, LeadKind.MENTEE)  # « 2 à 3 ans » lasts; « 16-17 » may be hours
    return bool(is_asked or is_of_ages) and first < last < ADULT


def is_so(title: str, cell: str) -> bool:
    """Whether the answer to « Mineur ou majeur ? » says a minor."""
    asked = asked_of_age(title)
    if not asked:
        return False
    answer = fold(BOTH.sub("", cell))
    years = int(found[1]) if (found := AGED.search(answer)) else 0
    if is_age(years, LeadKind.MENTEE) and years < ADULT:
        return True
    asks_adult = "maj" in asked or ("18" in asked and not LESS.search(asked))  # « + 18 ans »
    if years <= ADULT and NOT_YET.search(answer) and (asks_adult or "majeur" in answer or "18" in answer):
        return True
    is_minor = ("mineur" in answer and "majeur" not in answer) or answer == "min"
    if not ("min" in asked and "maj" in asked):
        if YES.fullmatch(answer) or YES.fullmatch(answer.split(" ")[0]) or cell in TICKED:
            return not asks_adult or is_minor
        if FIRM_NO.fullmatch(answer) or cell in UNTICKED:
            return asks_adult or is_minor
    return is_minor


@lru_cache(maxsize=1000)
def asked_of_age(title: str) -> str:
    """A title that asks whether somebody is a minor, folded, without how to answer; empty where it asks something else."""
    title = MORE.sub(" plus ", FEWER.sub("moins de ", BOTH.sub("", title)))
    return next((form for form in (fold(title), plain_title(title)) if ASKED.fullmatch(form)), "")
