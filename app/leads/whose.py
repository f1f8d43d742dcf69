"""Whose a telephone and an address are, as columns and somebody's words say: the jeune's own, or another's."""

import re
from collections.abc import Iterable, Iterator, Mapping

from app.territory.queries import fold

from .title_words import FAMILY, JEUNES, WORKERS

BELONGS = r"(?:a qui (?:est|appartient|sont)|(?:proprietaire|titulaire) d[eu]|de qui est|qui repond a)(?: ce| cette| le| l| la)?"
WHOSE = {
    "phone": re.compile(rf"{BELONGS} (?:numero|telephone|portable|mobile|tel)\b.*"),
    "email": re.compile(rf"{BELONGS} (?:adresse|e mail|mail|email|courriel)\b.*"),
}
OF = r"(?: est)? (?:celle |celui )?(?:(?:de|du|d|a) )?(?:(?:sa|la|son|le|l|une?) )?(\w+)"
BY_PHONE, BY_MAIL = r"tel|telephone|numero|n|portable|mobile|celui", r"mail|email|courriel|adresse mail"
ANY_WAY = rf"{BY_PHONE}|(?:e )?{BY_MAIL}|adresse|coordonnees"
AND_WAY = rf"(?: (?:et|ou) (?:(?:l|le|la|son|sa) )?(?:{ANY_WAY}))?"  # « tél et mail de la mère » says it of both
BOTH_WAYS = r"coordonnees|contact(?= (?:(?:de|du|d|la|le|l|sa|son) )*\w+$)"
OF_THEM = {  # in somebody's words
    "phone": re.compile(rf"\b(?:{BY_PHONE}|{BOTH_WAYS}){AND_WAY}{OF}"),
    "email": re.compile(rf"\b(?:{BY_MAIL}|{BOTH_WAYS}|(?<=et l )adresse){AND_WAY}{OF}"),
}
STILL_TO_COME = re.compile(  # « Demander les coordonnées de la mère »: they are not those of the row
    rf"\b(?:demander|obtenir|recuperer|completer|sans|pas|aucune?s?) (?:(?:les?|la|l|de|d) )*(?:{ANY_WAY})\b"
    r"|\bmanqu\w*|\ba (?:demander|obtenir|recuperer|completer)\b|\ben attente\b"
)
PAUSE = re.compile(r"[,;!?\n]|(?<!tel)(?<!tél)(?<!port)\. ", re.IGNORECASE)  # after which others may be spoken of
NUMBER = re.compile(r"\d{4}|\d\d[ .]\d\d")  # of another telephone, then
LONGEST_WORDS = 200  # characters
OWN_WAY = JEUNES | {"moi", "mon", "lui", "elle", "perso", "personnel", "personnelle", "mien", "mienne"}


def is_anothers(said: str) -> bool:
    """Whether what a column says of somebody names one of the family, or a professional."""
    return bool(set(fold(said).split()) & (FAMILY | WORKERS))


def is_own(said: str, row: Mapping[str, str]) -> bool:
    """Whether what a column says of a way to reach somebody says the jeune's own: « moi », their name, or nothing of whose."""
    words, names = set(fold(said).split()), set(fold(f"{row.get('first_name', '')} {row.get('last_name', '')}").split())
    if is_anothers(said):
        return False
    return bool(words & OWN_WAY) or words <= names | {"mobile", "portable", "fixe", "telephone"}


def said_of_ways(cells: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The ways that words in cells say to be another's, and whose: « téléphone de la mère », « coordonnées du père »."""
    said = (cell for cell in cells if 0 < len(cell) <= LONGEST_WORDS and not NUMBER.search(cell))
    for words in (fold(part) for cell in said for part in PAUSE.split(cell)):
        for name, rule in OF_THEM.items() if not STILL_TO_COME.search(words) else ():
            if theirs := next(filter(is_anothers, rule.findall(words)), ""):
                yield name, theirs
