"""Which of the parents a row asks not to write to: by what a title asks, by what is answered, or in somebody's words.

A letter to the wrong parent may put a child in danger, and one who is left out is only asked for again: a doubt leaves them out;
words of danger that do not say from whom it comes leave out both. What is read is folded: no accent, no capital, no apostrophe.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from app.territory.queries import fold

from .asides import NO, is_not_left_out
from .dangers import (
    A_PARENT,
    AT_HOME,
    BESIDE,
    BY_THEM,
    DET,
    FEARED,
    HAPPENED_ELSEWHERE,
    INNOCENT,
    LET_BE,
    LOOKED_AFTER,
    NOT_TO,
    ONE_PARENT,
    PARENT,
    SHORT,
    UNFIT,
    VIOLENT,
    WISHES,
)
from .reaching import CIVILITIES, NO_PARENT, is_somebody
from .title_words import GUARDIANS, PERHAPS, PLACES, WORKERS, bare

BOTH = frozenset({"mother", "father"})
NO_NAMES: Mapping[str, str] = MappingProxyType({})
MEANT, TITLE = {"mother": "mere", "father": "pere", "": "parents"}, {"mother": "madame", "father": "monsieur"}
OTHER = {"mother": "father", "father": "mother"}
NAMED = {
    "mother": re.compile(r"(?<!belle )(?<!grand )\b(?:meres?|maman)\b"),
    "father": re.compile(r"(?<!beau )(?<!grand )\b(?:peres?|papa)\b"),
}
THE_TWO = re.compile(r"(?<!grands )\bparents\b|\bfamille\b|\bles deux\b")
ANOTHER = re.compile(  # who lives with one of them, or is meant by a word that may be either's
    r"\b(?:monsieur|madame|conjointe?|compagn(?:on|e)|concubine?|(?:ex )?(?:mari|epou(?:x|se))|ex femme"
    r"|climat|familiale?|foyer|(?:beau|belle|grande?) (?:pere|mere)|parent)\b"
)
THOSE_AT_HOME = re.compile(  # it does not say which of the two
    r"\b(?:parent(?: \d)?|responsables?(?= legal| \d|$)|representants?|rl ?\d?|maison|domicile|chez (?:lui|elle|eux|moi)"
    r"|entourage|proches|personne ne)\b"
)
ONE_OF_THEM = re.compile(r"\b(?:rl ?\d?|(?:parent|responsable|representant)(?: legal| \d)+)\b")
KIN = re.compile(r"\b(?:freres?|oncles?|cousins?|tante|soeur)\b")  # who may harm at home too
LAW = re.compile(r"\b(?:autorite parentale|droits? de visite|visites? mediatise\w*)\b")
BARE = re.compile(rf"(?:(?:du|de|par|c est) )*(?:{A_PARENT}|les deux)")
LIKE_THEM = re.compile(rf"\bcomme {A_PARENT}")
CLAUSES = re.compile(r"[.,;!?()/\n]| [-–—] |\bmais\b", re.IGNORECASE)
ASKS_WHICH = re.compile(  # « Autorité parentale », « Parent à contacter en priorité », « Réside chez »
    r"(?:(?:qui a|qui exerce|detenteur de|titulaire de|exercice de) )?(?:l )?autorite parentale"
    r"|(?:parent|contact|responsable|representant|personne)s?(?: legal)?"
    r" (?:a (?:contacter|joindre|prevenir|appeler)|referent|prioritaire|autorises?)(?: en priorite)?"
    r"|qui (?:peut on |doit on |faut il )?(?:contacter|prevenir|joindre|appeler)(?: en priorite)?"
    r"|(?:droit de )?garde|(?:reside|vit|habite|domicilie\w*) chez"
    r"|residence (?:principale|habituelle)"
)
NOT_THIS_ONE = re.compile(
    r"\b(?:pas|plus|sauf|non|sans|interdi\w*|dechue?|decheance|retiree?|suspendue?|decedee?|dcd|inconnue?|incarcere\w*"
    r"|droit de visite|violent\w*|absente?)\b"
)
ALONE = re.compile(
    r"\b(?:seule?|exclusi\w*|uniquement|seulement|unique|plutot|preference|priorit\w*|privilegier|d abord|en premier)\b"
    rf"|\bque (?:par |avec |a )?{ONE_PARENT}|\bprivilegie\w*|\btout (?:doit )?pass\w+ par\b"
)
ONLY = re.compile(  # « Mère uniquement », « seulement avec le père »
    rf"\b{ONE_PARENT} (?:uniquement|seulement|exclusivement)$"
    rf"|\b(?:uniquement|seulement|exclusivement) (?:avec |par |a |chez |au )?{ONE_PARENT}"
)
ONLY_ONE = re.compile(  # « N'appeler que la mère »
    rf"\b(?:ne|n)\b(?!.*\b(?:pas|plus|jamais|rien)\b).*\b(?:que|qu a) (?:par |avec |a )?{ONE_PARENT}"
)
ONLY_THEM = re.compile(  # « N'appeler que la jeune »
    r"\b(?:contact\w*|appel\w+|joindre|ecri\w+) .*\b(?:uniquement|seulement|exclusivement|que) (?:avec |par )?"
    r"(?:la |le |l )?(?:jeune|eleve|enfant|educat\w+|referente?|elle meme|lui meme)\b"
)
NOT_HIM = re.compile(  # « pas le père », « sauf la mère »
    rf"\b(?:pas|sauf|hors|excepte|jamais|ni) (?:(?:avec|a|par|chez|au|aux) )?(?:{A_PARENT}|{DET}famille)$"
    rf"|^{A_PARENT} (?:non|exclue?|a exclure)$"
)
NONE_OF_THEM = re.compile(
    r"\b(?:ase|departement|conseil departemental|juge|tutelle|delegation|foyer|mecs|udaf|aux deux|les deux|aucun)\b"
)
MAY = re.compile(r"\b(?:autoris\w*|autorite|droits?|peut|peuvent|accept\w*|accord|souhait\w*)\b")
TO_DO = re.compile(
    r"\b(?:contacter|prevenir|prevenez|informer|joindre|joign\w+|appel(?:er|ez|ons)|ecri\w+|voir|privilegie\w*"
    r"|passe\w* par|adress\w+|contact(?:ez|ons|s)?|(?:etre|soit) (?:contacte|appele|jointe?)e?|tel|interlocut\w+|utilis(?:er|ez))\b"
)
TAKEN_BACK = re.compile(r"\b(?:retire|perdu|suspendu|enleve)\w*\b")
HELD_BY = re.compile(r"\b(?:autorite|garde|droits?)\b")
ASKS_IN_TURN = re.compile(r"\b(?:en cas|si|urgence|defaut)\b")  # « Personne à joindre si l'on ne peut joindre les parents »
ASKS_WHOM = re.compile(r"\b(?:qui|personnes?|parent|adultes?|contact)\b")
# In a title, what a form promises, or under which condition: « Elles ne seront jamais communiquées à des tiers ».
CONDITION = re.compile(
    rf"\b(?:ne|n|pas|aucune?|jamais)\b(?:(?!{PARENT}|\bfamille\b).){{0,80}}?"
    r"\bsans (?:(?:l|votre|mon|son|leur|en) )?(?:accord|autorisation|consentement|prevenir|avertir|informer)\b.*"
)
PROMISE = re.compile(
    rf"(?<!pere )(?<!mere )(?<!parents )(?<!papa )(?<!maman )(?<!famille )(?<!qui )\b(?:ne|n)"
    r" (?:ser\w+ (?:pas|jamais|ni)\b|sont (?:pas|jamais|ni) (?:communiqu|transmi|partag|diffus|conserv))"
    rf"(?!.*(?:{PARENT}|famille)).*"
)
NEVER = re.compile(r"(?:non )?(?:jamais|surtout pas|absolument pas|en aucun cas|hors de question|interdit|impossible|deconseille)")
NOTHING_SAID = re.compile(r"(?:personne|pas|rien|jamais|sans|ok|nc|rien a signaler|aemo|aed)\b.*")
RELATION = re.compile(
    r"(?:(?:quel(?:le)? est )?(?:votre|ton|ta|son|sa|le|la) )?"
    r"(?:lien|qualite|relation|parente|filiation|statut du responsable)(?: .*)?"
)
RELATED = frozenset({"lien", "qualite", "relation", "parente", "filiation", "relationship"})
NO_RELATION = frozenset({*WORKERS, *PLACES, "ase", "pjj", "frere", "soeur", "decede", "decedee"}) - {"famille", "adulte", "contact"}


def named(words: str) -> frozenset[str]:
    """Which of the two these folded words name: one, the two, or neither."""
    found = frozenset(which for which, rule in NAMED.items() if rule.search(words))
    return BOTH if THE_TWO.search(words) else found


def ruled_out(columns: Iterable[tuple[str, str]], names: Mapping[str, str] = NO_NAMES) -> frozenset[str]:
    """Which parents these columns, title and cell, which are no way to reach a parent, rule out.

    The parents' names, as they may be written, are words for them: « karim sow » is « pere ».
    """
    out = frozenset[str]()
    for title, cell in columns:
        if cell.strip() and len(out) < len(BOTH):
            asked, said = in_full(title), in_full(cell)
            whose = frozenset[str]() if ASKS_WHICH.fullmatch(fold(asked)) else named(fold(asked))
            out |= by_title(asked, said) | by_words(said, whose, names)
    return out


def words_for(parents: Sequence[tuple[str, str]], jeune: str) -> dict[str, str]:
    """How somebody's words may name the parents of a row: « karim sow », « karim » and « monsieur sow » are « pere ».

    Which parent each is may be unknown: « parents ». A word of two names, the jeune's too, names nobody by itself.
    """
    called = [
        (which, [word for word in fold(name).split() if word not in CIVILITIES]) for which, name in parents if is_somebody(name)
    ]
    shared = Counter(word for words in (*(words for _which, words in called), fold(jeune).split()) for word in set(words))
    found = dict[str, str]()
    for which, words in called:
        ways = [" ".join(words), " ".join(words[::-1])] if len(words) > 1 else []
        ways += [word for word in words if shared[word] == 1 and len(word) > 2]
        ways += [f"{TITLE[which]} {way}" for way in (*ways, *words) if which]
        found |= dict.fromkeys(ways, MEANT[which])
    return found


def in_full(words: str) -> str:
    """What people wrote, with nothing shortened."""
    for rule, whole in SHORT:
        words = rule.sub(whole, words)
    return words


def clauses_of(words: str) -> list[str]:
    """Each clause of these words, folded; an empty one is none."""
    return [clause for clause in map(fold, CLAUSES.split(words)) if clause]


def without_innocent(clause: str) -> str:
    """A clause without what only sounds like danger, or is none at home."""
    said = INNOCENT.sub(" ", clause)
    if not FEARED.search(said):
        said = HAPPENED_ELSEWHERE.sub(" ", said)
    if not named(LIKE_THEM.sub(" ", said)) and not LOOKED_AFTER.search(said):
        said = WISHES.sub(" ", said)
    return " ".join(said.split())


def by_title(title: str, cell: str) -> frozenset[str]:
    """What an answer rules out by what is asked: « Contact autorisé père » : non, « Père décédé » : oui, « Autorité parentale »."""
    asked, answer = fold(title), fold(cell)
    whose = named(asked)
    if ASKS_WHICH.fullmatch(asked):
        return by_choice(cell)
    if is_a_warning(title):
        said = named(answer)
        if not said and (is_not_left_out(answer, cell.strip()) or NOTHING_SAID.fullmatch(answer)):
            return said
        return whose or said or (BOTH if AT_HOME.search(asked) or ASKS_WHOM.search(asked) else said)
    if not whose:
        return frozenset()
    is_asked = TO_DO.search(asked) or (MAY.search(asked) and (whose != BOTH or re.search(LET_BE, asked)))
    is_no = NO.fullmatch(answer) or NEVER.fullmatch(answer) or NONE_OF_THEM.search(answer) or TAKEN_BACK.search(answer)
    return whose if is_asked and is_no else frozenset()


@lru_cache(maxsize=1000)
def is_a_warning(title: str) -> bool:
    """Whether a title asks of whom, or whether, letters would harm: « Père décédé », « Violences », « À ne pas prévenir »."""
    asked = without_innocent(fold(title))
    is_of_one = bool(named(asked)) and (UNFIT.search(asked) or VIOLENT.search(asked))
    is_not_to = any(NOT_TO.search(PROMISE.sub(" ", CONDITION.sub(" ", without_innocent(clause)))) for clause in clauses_of(title))
    return bool(is_of_one or AT_HOME.search(asked) or is_not_to) and not ASKS_IN_TURN.search(asked)


def by_choice(cell: str) -> frozenset[str]:
    """What the answer to « which parent? » rules out: the other one, or both, where it is nobody's."""
    kept, out, alone = set[str](), set[str](), set[str]()
    for clause in clauses_of(cell):
        whose = named(clause) or (frozenset() if NONE_OF_THEM.search(fold(cell)) else by_civility(clause))
        if NOT_THIS_ONE.search(clause):
            out |= whose
        else:
            kept |= whose
            alone |= whose if len(whose) == 1 and ALONE.search(clause) else set()
    if len(alone) == 1 or (len(kept) == 1 and not out):
        out |= {OTHER[which] for which in (alone or kept)}
    return BOTH if not kept and NONE_OF_THEM.search(fold(cell)) else frozenset(out)


def by_civility(clause: str) -> frozenset[str]:
    """Whom « Madame » means where it is asked which parent; with a name it may be anybody."""
    said = set(ALONE.sub("", clause).split())
    return frozenset(which for which, word in (("mother", "madame"), ("father", "monsieur")) if said == {word})


def by_words(cell: str, about: frozenset[str] = frozenset(), names: Mapping[str, str] = NO_NAMES) -> frozenset[str]:
    """What somebody's words rule out: « Ne rien dire au père », « Appeler uniquement la mère », « mes parents ne savent pas ».

    A clause that names no parent is of whom the title names, of who stands alone before it (« Père - violent »), or of whom what
    stands before rules out; else, where the clause before names one, of both.
    """
    out, before, was_bare = set[str](), frozenset[str](), False
    clauses = [with_words_for(names, clause) for clause in clauses_of(cell)]
    for whole, after in zip(clauses, [*clauses[1:], ""], strict=False):  # of none, nothing
        whose, clause = named(whole), without_innocent(whole)
        bare = named(after) if BARE.fullmatch(after) else frozenset[str]()
        carried = before if was_bare or before <= out else BOTH  # nobody, where the clause before names nobody
        is_told = NOT_TO.search(clause) and not (len(whose) == 1 and ONLY_ONE.search(clause))
        if is_told or UNFIT.search(clause):
            anybody = (LAW, ONE_OF_THEM, THOSE_AT_HOME, ANOTHER) if is_told else (LAW, ONE_OF_THEM)
            out |= whose or bare or about or (BOTH if any(rule.search(clause) for rule in anybody) else carried)
        out |= by_danger(clause, whose, bare, about or carried)
        out |= frozenset() if is_told else by_preference(clause, whose)
        before, was_bare = whose, not clause or bool(BARE.fullmatch(clause))
    return frozenset(out)


def with_words_for(names: Mapping[str, str], clause: str) -> str:
    """A clause with « pere » for the father's name, the longest way to write it first."""
    said = f" {clause} "
    for name in sorted(names, key=len, reverse=True):
        said = said.replace(f" {name} ", f" {names[name]} ")
    return said.strip()


def by_danger(clause: str, whose: frozenset[str], bare: frozenset[str], meant: frozenset[str]) -> frozenset[str]:
    """Whom words of danger rule out: one whom they say to be its source, else both (« Mère battue », « Plainte de la mère »).

    A father alone in brackets is its source; a mother may be who suffers.
    """
    is_other = any(rule.search(clause) for rule in (ANOTHER, KIN, ONE_OF_THEM))
    is_at_home = bool(AT_HOME.search(clause))
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
    said = [(fold(title), set(bare(title).split())) for title in header]
    return [
        place for place, (title, words) in enumerate(said)
        if RELATION.fullmatch(title) or (words & RELATED and words & (GUARDIANS | PERHAPS))  # « RESP1 LIEN »
    ]  # fmt: skip
