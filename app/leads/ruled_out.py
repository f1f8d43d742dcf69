"""Which of the parents a row asks not to write to: by what a title asks, by what is answered, or in somebody's words.

A letter to the wrong parent may put a child in danger, and one who is left out is only asked for again: a doubt leaves them out.
"""

import re
from collections.abc import Iterable, Sequence

from app.territory.queries import fold

from .asides import NO, YES
from .reaching import NO_PARENT
from .title_words import PLACES, WORKERS

BOTH = frozenset({"mother", "father"})
OTHER = {"mother": "father", "father": "mother"}
NAMED = {
    "mother": re.compile(r"(?<!belle )(?<!grand )\b(?:meres?|maman)\b"),
    "father": re.compile(r"(?<!beau )(?<!grand )\b(?:peres?|papa)\b"),
}
THE_TWO = re.compile(r"(?<!grands )\bparents\b|\bfamille\b|\bles deux\b")
CLAUSES = re.compile(r"[.,;!?()/\n]| [-–—] |\bmais\b", re.IGNORECASE)
ASKS_WHICH = re.compile(  # « Autorité parentale », « Parent à contacter en priorité », « Réside chez »
    r"(?:(?:qui a|qui exerce|detenteur de|titulaire de|exercice de) )?(?:l )?autorite parentale"
    r"|(?:parent|contact|responsable|representant)(?: legal)? (?:a (?:contacter|joindre|prevenir|appeler)|referent|prioritaire)"
    r"(?: en priorite)?|qui contacter(?: en priorite)?|(?:droit de )?garde|(?:reside|vit|habite|domicilie\w*) chez"
    r"|residence (?:principale|habituelle)"
)
LET_BE = r"contact|prevenir|inform|dire|appel|joindre|ecrire|envo[iy]|savoir|transmet|sollicit|communiqu"
NOT_TO = re.compile(
    rf"\b(?:ne|pas|plus|rien|jamais|sans)\b.{{0,80}}\b(?:{LET_BE})|\bpas (?:de )?(?:contact|courrier|mail|appel|lettre|message)"
    r"|\b(?:pas|plus) (?:etre )?au courant|\ba (?:ne pas|eviter)|\binterdi"
    r"|\bviolen|\bbattue?\b|\bprotection\b|\beloignement\b|\bdechue?s?\b|\bdecheance|\bdecede|\bdcd\b|\bincarcere|\bprison\b"
    r"|\b(?:sans|retrait de l|retiree?) (?:l )?autorite|\bsuspendue?|\bdanger"
)
NOT_THIS_ONE = re.compile(
    r"\b(?:pas|plus|sauf|non|sans|interdi\w*|dechue?|decheance|retiree?|suspendue?|decedee?|dcd|inconnue?|incarcere\w*"
    r"|droit de visite|violent\w*|absente?)\b"
)
ALONE = re.compile(r"\b(?:seule?|exclusi\w*|uniquement|seulement|unique)\b|\bque (?:la |sa |le |son )?(?:mere|pere|maman|papa)\b")
NONE_OF_THEM = re.compile(
    r"\b(?:ase|departement|conseil departemental|juge|tutelle|delegation|foyer|mecs|udaf|aux deux|les deux|aucun)\b"
)
MAY = re.compile(r"\b(?:autoris\w*|autorite|droits?|peut|peuvent|accept\w*|accord|souhait\w*)\b")
TO_DO = re.compile(r"\b(?:contacter|prevenir|informer|joindre|appeler|ecrire)\b")
RELATION = re.compile(r"(?:lien|qualite|relation|parente|filiation|statut du responsable)(?: .*)?")
NO_RELATION = frozenset({*WORKERS, *PLACES, "ase", "pjj", "frere", "soeur", "decede", "decedee"}) - {"famille", "adulte", "contact"}


def named(words: str) -> frozenset[str]:
    """Which of the two these folded words name: one, the two, or neither."""
    found = frozenset(which for which, rule in NAMED.items() if rule.search(words))
    return BOTH if THE_TWO.search(words) else found


def ruled_out(columns: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Which parents these columns, title and cell, which are no way to reach a parent, rule out."""
    out = frozenset[str]()
    for title, cell in columns:
        if cell.strip():
            out |= by_title(fold(title), cell) | by_words(cell)
    return out


def by_title(title: str, cell: str) -> frozenset[str]:
    """What an answer rules out by what is asked: « Contact autorisé père » : non, « Père décédé » : oui, « Autorité parentale »."""
    whose, answer = named(title), fold(cell)
    if ASKS_WHICH.fullmatch(title):
        return by_choice(cell)
    if not whose:
        return frozenset()
    if NOT_TO.search(title):
        return whose if YES.fullmatch(answer) or re.fullmatch(r"[\d /.-]+", cell.strip()) else frozenset()
    is_asked = TO_DO.search(title) or (MAY.search(title) and (whose != BOTH or re.search(LET_BE, title)))
    return whose if is_asked and (NO.fullmatch(answer) or NONE_OF_THEM.search(answer)) else frozenset()


def by_choice(cell: str) -> frozenset[str]:
    """What the answer to « which parent? » rules out: the other one, or both, where it is nobody's."""
    kept, out, alone = set[str](), set[str](), set[str]()
    for clause in map(fold, CLAUSES.split(cell)):
        whose = named(clause)
        if NOT_THIS_ONE.search(clause):
            out |= whose
        else:
            kept |= whose
            alone |= whose if len(whose) == 1 and ALONE.search(clause) else set()
    if len(alone) == 1 or (len(kept) == 1 and not out):
        out |= {OTHER[which] for which in (alone or kept)}
    return BOTH if not kept and NONE_OF_THEM.search(fold(cell)) else frozenset(out)


def by_words(cell: str) -> frozenset[str]:
    """What somebody's words rule out: « Ne rien dire au père », « Appeler uniquement la mère », « mes parents ne savent pas »."""
    out, before = set[str](), frozenset[str]()
    for clause in map(fold, CLAUSES.split(cell)):
        whose = named(clause)
        meant = whose or before  # « mes parents ne savent rien, ne leur dites pas »
        if meant and NOT_TO.search(clause):
            out |= meant
        elif len(whose) == 1 and ALONE.search(clause) and TO_DO.search(clause):
            out |= {OTHER[which] for which in whose}
        before = whose
    return frozenset(out)


def is_no_relation(cell: str) -> bool:
    """Whether what stands under « Lien de parenté » says that this is not who represents a minor."""
    words = fold(cell)
    return bool(set(words.split()) & NO_RELATION) or bool(NO_PARENT.search(words)) or "famille d accueil" in words


def relations(header: Sequence[str]) -> list[int]:
    """The columns that say what somebody is to the jeune."""
    return [place for place, title in enumerate(header) if RELATION.fullmatch(fold(title))]
