"""Which of the parents a row asks not to write to: by what a title asks, by what is answered, or in somebody's words.

A letter to the wrong parent may put a child in danger, and one who is left out is only asked for again: a doubt leaves them out;
words of danger that do not say from whom it comes leave out both. What is read is folded: no accent, no capital, no apostrophe.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from app.territory.queries import fold

from .asides import NO, is_not_left_out
from .dangers import AT_HOME, BESIDE, BY_THEM, FEARED, INNOCENT, LET_BE, NOT_TO, SHORT, UNFIT, VIOLENT
from .reaching import NO_PARENT
from .title_words import PLACES, WORKERS

BOTH = frozenset({"mother", "father"})
OTHER = {"mother": "father", "father": "mother"}
NAMED = {
    "mother": re.compile(r"(?<!belle )(?<!grand )\b(?:meres?|maman)\b"),
    "father": re.compile(r"(?<!beau )(?<!grand )\b(?:peres?|papa)\b"),
}
THE_TWO = re.compile(r"(?<!grands )\bparents\b|\bfamille\b|\bles deux\b")
ANOTHER = re.compile(  # who lives with one of them, or is meant by a word that may be either's
    r"\b(?:monsieur|madame|conjointe?|compagn(?:on|e)|concubine?|(?:ex )?(?:mari|epou(?:x|se))|ex femme"
    r"|climat|familiale?|foyer|(?:beau|belle|grande?) (?:pere|mere))\b"
)
THOSE_AT_HOME = re.compile(  # it does not say which of the two
    r"\b(?:parent(?: \d)?|responsables?(?= legal| \d|$)|representants?|rl ?\d?|maison|domicile|chez (?:lui|elle|eux|moi)"
    r"|entourage|proches|personne ne)\b"
)
KIN = re.compile(r"\b(?:freres?|oncles?|cousins?|tante|soeur)\b")  # who may harm at home too
LAW = re.compile(r"\b(?:autorite parentale|droits? de visite|visites? mediatise\w*)\b")
BARE = re.compile(r"(?:(?:le|la|les|son|sa|ses|mon|ma|mes|du|de la|par|c est) )*(?:pere|mere|papa|maman|parents|les deux)")
CLAUSES = re.compile(r"[.,;!?()/\n]| [-–—] |\bmais\b", re.IGNORECASE)
ASKS_WHICH = re.compile(  # « Autorité parentale », « Parent à contacter en priorité », « Réside chez »
    r"(?:(?:qui a|qui exerce|detenteur de|titulaire de|exercice de) )?(?:l )?autorite parentale"
    r"|(?:parent|contact|responsable|representant)(?: legal)? (?:a (?:contacter|joindre|prevenir|appeler)|referent|prioritaire)"
    r"(?: en priorite)?|qui contacter(?: en priorite)?|(?:droit de )?garde|(?:reside|vit|habite|domicilie\w*) chez"
    r"|residence (?:principale|habituelle)"
)
NOT_THIS_ONE = re.compile(
    r"\b(?:pas|plus|sauf|non|sans|interdi\w*|dechue?|decheance|retiree?|suspendue?|decedee?|dcd|inconnue?|incarcere\w*"
    r"|droit de visite|violent\w*|absente?)\b"
)
ALONE = re.compile(
    r"\b(?:seule?|exclusi\w*|uniquement|seulement|unique|plutot|preference|priorit\w*|privilegier|d abord|en premier)\b"
    r"|\bque (?:par |avec |a )?(?:la |sa |le |son |ma |mon )?(?:mere|pere|maman|papa)\b|\bprivilegie\w*"
)
ONLY = re.compile(  # « Mère uniquement », « seulement avec le père »
    r"\b(?:mere|pere|maman|papa) (?:uniquement|seulement|exclusivement)$"
    r"|\b(?:uniquement|seulement|exclusivement) (?:avec |par |a |chez )?(?:la |sa |le |son |ma |mon |au )?"
    r"(?:mere|pere|maman|papa)\b"
)
ONLY_ONE = re.compile(  # « N'appeler que la mère »
    r"\b(?:ne|n)\b(?!.*\b(?:pas|plus|jamais|rien)\b).*\b(?:que|qu a) (?:par |avec |a )?(?:la |sa |le |son |ma |mon )?"
    r"(?:mere|pere|maman|papa)\b"
)
ONLY_THEM = re.compile(  # « N'appeler que la jeune »
    r"\b(?:contact\w*|appel\w+|joindre|ecri\w+) .*\b(?:uniquement|seulement|exclusivement|que) (?:avec |par )?"
    r"(?:la |le |l )?(?:jeune|eleve|enfant|educat\w+|referente?|elle meme|lui meme)\b"
)
NOT_HIM = re.compile(  # « pas le père », « sauf la mère »
    r"\b(?:pas|sauf|hors|excepte|jamais|ni) (?:(?:avec|a|par|chez) )?(?:le |la |au |son |sa |mon |ma |ses |mes |les |aux )?"
    r"(?:pere|mere|papa|maman|parents|famille)$|^(?:le |la |son |sa )?(?:pere|mere|papa|maman|parents) (?:non|exclue?|a exclure)$"
)
NONE_OF_THEM = re.compile(
    r"\b(?:ase|departement|conseil departemental|juge|tutelle|delegation|foyer|mecs|udaf|aux deux|les deux|aucun)\b"
)
MAY = re.compile(r"\b(?:autoris\w*|autorite|droits?|peut|peuvent|accept\w*|accord|souhait\w*)\b")
TO_DO = re.compile(
    r"\b(?:contacter|prevenir|prevenez|informer|joindre|joign\w+|appel(?:er|ez|ons)|ecri\w+|voir|privilegie\w*"
    r"|passe\w* par|adress\w+|contact(?:ez|ons|s)?|(?:etre|soit) (?:contacte|appele|jointe?)e?|tel|interlocut\w+)\b"
)
TAKEN_BACK = re.compile(r"\b(?:retire|perdu|suspendu|enleve)\w*\b")
HELD_BY = re.compile(r"\b(?:autorite|garde|droits?)\b")
ASKS_IN_TURN = re.compile(r"\b(?:en cas|si|urgence|defaut)\b")  # « Personne à joindre si l'on ne peut joindre les parents »
ASKS_WHOM = re.compile(r"\b(?:qui|personnes?|parent|adultes?|contact)\b")
NOTHING_SAID = re.compile(r"(?:personne|pas|rien|jamais|sans|ok|nc|rien a signaler)\b.*")
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
        if cell.strip() and len(out) < len(BOTH):
            folded = fold(title)
            out |= by_title(folded, cell) | by_words(cell, frozenset() if ASKS_WHICH.fullmatch(folded) else named(folded))
    return out


def by_title(title: str, cell: str) -> frozenset[str]:
    """What an answer rules out by what is asked: « Contact autorisé père » : non, « Père décédé » : oui, « Autorité parentale »."""
    whose, answer = named(title), fold(cell)
    if ASKS_WHICH.fullmatch(title):
        return by_choice(cell)
    if is_a_warning(title):
        said = named(answer)
        if not said and (is_not_left_out(answer, cell.strip()) or NOTHING_SAID.fullmatch(answer)):
            return said
        return whose or said or (BOTH if AT_HOME.search(title) or ASKS_WHOM.search(title) else said)
    if not whose:
        return frozenset()
    is_asked = TO_DO.search(title) or (MAY.search(title) and (whose != BOTH or re.search(LET_BE, title)))
    is_no = NO.fullmatch(answer) or NONE_OF_THEM.search(answer) or TAKEN_BACK.search(answer)
    return whose if is_asked and is_no else frozenset()


@lru_cache(maxsize=1000)
def is_a_warning(title: str) -> bool:
    """Whether a title asks of whom, or whether, letters would harm: « Père décédé », « Violences », « À ne pas prévenir »."""
    asked = INNOCENT.sub(" ", title)
    is_of_one = bool(named(asked)) and (UNFIT.search(asked) or VIOLENT.search(asked))
    return bool(is_of_one or AT_HOME.search(asked) or NOT_TO.search(asked)) and not ASKS_IN_TURN.search(asked)


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


def by_words(cell: str, about: frozenset[str] = frozenset()) -> frozenset[str]:
    """What somebody's words rule out: « Ne rien dire au père », « Appeler uniquement la mère », « mes parents ne savent pas ».

    A clause that names no parent is of whom the title names, of who stands alone before it (« Père - violent »), or of whom what
    stands before rules out; else, where the clause before names one, of both.
    """
    out, before, was_bare = set[str](), frozenset[str](), False
    clauses = [INNOCENT.sub(" ", fold(clause)).strip() for clause in CLAUSES.split(SHORT.sub("violences", cell))]
    for clause, after in zip(clauses, [*clauses[1:], ""], strict=True):
        whose = named(clause)
        bare = named(after) if BARE.fullmatch(after) else frozenset[str]()
        carried = before if was_bare or before <= out else BOTH  # nobody, where the clause before names nobody
        is_told = NOT_TO.search(clause) and not (len(whose) == 1 and ONLY_ONE.search(clause))
        if is_told or UNFIT.search(clause):
            is_anybody = LAW.search(clause) or (is_told and (THOSE_AT_HOME.search(clause) or ANOTHER.search(clause)))
            out |= whose or bare or about or (BOTH if is_anybody else carried)
        out |= by_danger(clause, whose, bare, about or carried)
        out |= frozenset() if is_told else by_preference(clause, whose)
        before, was_bare = whose, bool(BARE.fullmatch(clause))
    return frozenset(out)


def by_danger(clause: str, whose: frozenset[str], bare: frozenset[str], meant: frozenset[str]) -> frozenset[str]:
    """Whom words of danger rule out: one whom they say to be its source, else both (« Mère battue », « Plainte de la mère »).

    A father alone in brackets is its source; a mother may be who suffers.
    """
    is_other, is_at_home = bool(ANOTHER.search(clause) or KIN.search(clause)), bool(AT_HOME.search(clause))
    if VIOLENT.search(clause) and not is_at_home and (whose or is_other or meant):
        return BOTH if is_other else whose or meant
    if not is_at_home and not ((whose or meant or is_other) and BESIDE.search(clause)) and not FEARED.search(clause):
        return frozenset()
    if len(whose) == 1 and not is_other and (BY_THEM.search(clause) or FEARED.search(clause)):
        return whose
    if "femme battue" in clause and not whose:
        return frozenset({"father"})
    return bare if not whose and bare == {"father"} else BOTH


def by_preference(clause: str, whose: frozenset[str]) -> frozenset[str]:
    """Whom the choice of one rules out: the other, though first in the file (« Contacter plutôt la mère », « Pas le père »)."""
    if left := NOT_HIM.search(clause):
        return named(left[0])
    if not whose and ONLY_THEM.search(clause):
        return BOTH
    is_chosen = ONLY.search(clause) or (ALONE.search(clause) and (TO_DO.search(clause) or HELD_BY.search(clause)))
    return frozenset(OTHER[which] for which in whose) if len(whose) == 1 and is_chosen else frozenset()


def is_no_relation(cell: str) -> bool:
    """Whether what stands under « Lien de parenté » says that this is not who represents a minor."""
    words = fold(cell)
    return bool(set(words.split()) & NO_RELATION) or bool(NO_PARENT.search(words)) or "famille d accueil" in words


def relations(header: Sequence[str]) -> list[int]:
    """The columns that say what somebody is to the jeune."""
    return [place for place, title in enumerate(header) if RELATION.fullmatch(fold(title))]
