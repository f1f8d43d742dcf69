"""Sentences of pages and of closed lists. Their source is French, so a French reader gets them as they are written."""

import re
from collections.abc import Mapping
from typing import Any
from unicodedata import normalize

from flask import g, has_request_context
from flask_babel import get_locale
from flask_babel import gettext as translated
from flask_babel import ngettext as counted
from flask_babel.speaklater import LazyString

BEFORE_A_NAME = re.compile(r"\b(d|qu)e (?=%\((\w+)\)s)")
VOWELS = frozenset("aeiouœæ")
MUTE_H = ("hel", "hen", "herv", "hil", "hip", "hon", "hor", "hub", "hya")  # of French first names: « d'Hélène », « de Hassan »


def gettext(text: str, **values: Any) -> str:
    """flask_babel's gettext, which looks into no catalogue for a French reader: pages ask it dozens of times."""
    if not reads_french():
        return str(translated(text, **values))
    return elided(text, values) % values if values else text


def elided(text: str, values: Mapping[str, Any]) -> str:
    """« de » and « que » before a name that begins with a vowel: « d'Inès ». Before another h, they stay whole."""
    if "e %(" not in text:
        return text
    return BEFORE_A_NAME.sub(lambda found: f"{found[1]}'" if begins_with_vowel(str(values[found[2]])) else found[0], text)


def begins_with_vowel(word: str) -> bool:
    letters = "".join(letter for letter in normalize("NFKD", word[:6]).lower() if letter.isalpha())
    if letters.startswith("y"):
        return letters[1:2] not in {"", *VOWELS}  # « d'Yves », « de Yacine »
    return letters[:1] in VOWELS or letters.startswith(MUTE_H)


def ngettext(singular: str, plural: str, num: int, **values: Any) -> str:
    """A sentence with a number in it. In French none is singular, as one is: « 0 séance »."""
    if not reads_french():
        return str(counted(singular, plural, num, **values))
    text, values = plural if abs(num) > 1 else singular, {"num": num, **values}
    return elided(text, values) % values


def lazy_gettext(text: str) -> LazyString:
    """A sentence of a closed list or of a form, put in the reader's language when it is shown."""
    return LazyString(gettext, text)  # type: ignore[no-untyped-call]


def reads_french() -> bool:
    """Whether this request's reader reads French; a job writes French."""
    try:
        french: bool = g.french
    except (AttributeError, RuntimeError):  # asked for the first time, or outside of any request
        if not has_request_context():
            return True
        locale = get_locale()
        french = g.french = locale is None or locale.language == "fr"
    return french
