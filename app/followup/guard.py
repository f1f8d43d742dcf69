"""A word of warning before a free text is sent: health, religion, justice, somebody else's data have no place in it.

Everything is looked at here, nothing leaves the site; a warning never blocks: the same text sent again goes, and a call for help is
not looked at.
"""

import re

from app.territory.queries import plain
from app.translation import lazy_gettext as _l

SUBJECTS = {
    "health": _l("la santé"),
    "religion": _l("la religion"),
    "justice": _l("la justice"),
    "others": _l("les coordonnées de quelqu'un d'autre"),
}
# Beginnings of words, without case or accents.
WORDS: dict[str, str] = {
    "health": (
        "maladie malade diagnosti handicap depressi suicid psychiatr psychologue medicament medical hopital hospitalis grossesse "
        "enceinte cancer diabet epileps autis tdah dyslexi addiction drogue alcoolique seropositif"
    ),
    "religion": "religion religieu musulman catholique chretien protestant juive islam mosquee eglise synagogue ramadan",
    "justice": "justice tribunal condamn prison casier judiciaire delinquan plainte police gendarm avocat incarcer",
}
PHRASES = {"garde a vue": "justice", "mise en examen": "justice"}
OTHERS = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}|(?:\+33|0033|\b0)[1-9](?:[ .-]?\d{2}){4}")


def sensitive(text: str) -> list[str]:
    """What a text seems to touch, in the order of SUBJECTS; nothing when it touches none of them."""
    folded = plain(text)
    words = folded.split()
    found = {subject for phrase, subject in PHRASES.items() if phrase in folded}
    for subject, listed in WORDS.items():
        if any(word.startswith(start) for word in words for start in listed.split()):
            found.add(subject)
    if OTHERS.search(text):
        found.add("others")
    return [subject for subject in SUBJECTS if subject in found]
