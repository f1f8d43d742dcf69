"""Names as they are heard on the telephone: « Gautier » for Gauthier, « Moro » for Moreau, « Lemoine » for Le Moine.

French writes one sound in many ways, and a name in any of them. What was typed becomes a pattern of the ways to write its sounds;
whose name is nearest to what was typed comes first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.territory.queries import words_of

CONSONANT_OR_END = "(?![aeiouyhnm])"
SOUNDS = {  # what is typed, the first that fits; and what stands for it in a name
    rf"[ae][nm]{CONSONANT_OR_END}": "[ae][nm]+",
    rf"(?:[ae]?[iy]|u)[nm]{CONSONANT_OR_END}": "(?:[ae]?[iy]|u|e)[nm]+",
    "eau|aul(?=[tdx])|au|o(?![iuy])": "(?:eau|aul?|o)",
    "o[iy]|oua": "(?:o[iy]|oua)",
    "ou|u": "(?:ou|u|w)",
    "[ae][iy]|e": "(?:[ae][iy]|e)",
    "a": "a",
    "[iy]+": "[iy]+e?",
    "s?ch|sh": "(?:s?ch|sh|k|c)",
    "ph|f+": "(?:ph|f+)",
    "ks|x": "(?:x|[kc]s)",
    "qu|c+k|cq|k+h?|q|c+(?![eiy])": "(?:c+[hkq]?|k+h?|qu?)",
    "s+c(?=[eiy])|c|s+|z": "(?:s+c?|c|z+)",
    "dj|j|g(?=[eiy])": "(?:dj|j|gu?)",
    "g+u?": "g+u?",
    "t+h?": "t+h?",
    "[vw]": "(?:b?v|w)",
    "h": "",
    **{f"{letter}+": f"{letter}+" for letter in "bdlmnpr"},
}
HEARD = re.compile("|".join(f"({typed})" for typed in SOUNDS))
WRITTEN = tuple(SOUNDS.values())
MUTE = "[tdsxzhe]+|er|ez|ent"  # at the end of a name, said or not
ENDING = re.compile(f"(?<=...)(?:{MUTE})$")
SHORTEST, LONGEST, MOST_WORDS = 3, 30, 4  # letters of a word, and words of a name, that are listened to
LOOKED_AT, NEAREST = 50, 5  # of those who sound alike


@dataclass(frozen=True)
class Heard:
    """What a word sounds like: letters that it has however it is written, in order; the ways to begin it, and to write it whole."""

    letters: str
    begun: str
    whole: str


def heard_in(typed: str) -> list[Heard]:
    """What each word sounds like that is long enough to tell people apart; nothing in another script.

    Nor where no letter is certain: a space may hold twenty thousand names, and such letters rule most of them out.
    """
    words = [word for word in words_of(typed)[:MOST_WORDS] if SHORTEST <= len(word) <= LONGEST]
    if not all(re.fullmatch("[a-z]+", word) for word in words):
        return []
    heard = [listen(word) for word in words]
    return heard if any(one.letters.strip("%") for one in heard) else []


def listen(word: str) -> Heard:
    """A part of a name may stand apart, as « le » of Le Moine, and an « h » anywhere."""
    found = HEARD.finditer(ENDING.sub("", word))
    written = [ways for match in found if match.lastindex and (ways := WRITTEN[match.lastindex - 1])]
    certain = [ways[0] for ways in written if ways[0].isalpha() and ways[0] != "x"]
    begun = "(?:^|[ '-])h?" + "[ h'-]?".join(written)
    return Heard("%".join(["", *certain, ""]), begun, f"{begun}(?:{MUTE})?(?:[ '-]|$)")


def sounds_like(
    name: InstrumentedAttribute[str], key: InstrumentedAttribute[UUID], words: Sequence[Heard], *among: ColumnElement[bool]
) -> Select[UUID]:
    """The keys of some whose name begins with what was heard, first those whose whole name does: read from an index alone."""
    alike = [condition for word in words for condition in (name.like(word.letters), name.regexp_match(word.begun))]
    whole = and_(*(name.regexp_match(word.whole) for word in words))
    found = select(key).where(*among, *alike).order_by(whole.desc()).limit(LOOKED_AT).cte("found").prefix_with("MATERIALIZED")
    return select(found.c.id)


def nearest(typed: str, rows: Sequence[Any]) -> list[Any]:
    """Those whose name is nearest to what was typed, the nearest first."""
    said = " ".join(words_of(typed))

    def nearness(row: Any) -> float:
        names = words_of(f"{row.first_name} {row.last_name}")
        return max(SequenceMatcher(None, said, name).ratio() for name in (" ".join(names), *names))

    return sorted(rows, key=nearness, reverse=True)[:NEAREST]
