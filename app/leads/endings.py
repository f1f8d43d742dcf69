"""What words of ours say together, where no other stands among them: that a request is over, how far it is, whether it goes on.

One word that is not ours tells of something else: « a abandonné le lycée », « pas intéressée par les maths ».
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

WORDS = {  # folded; what each says
    "people": r"jeunes?|eleves?|enfants?|personnes?|candidate?s?|interessee?s?|demandeu\w+|beneficiaires?|adherente?s?"
    r"|participante?s?|filleule?s?|etudiante?s?|fils|fille|mineure?s?|benevoles?",
    "parent": r"familles?|meres?|peres?|maman|papa|parents?|parental\w*|tuteur|tutrice|responsables?|representante?s?|lega\w+",
    "matter": r"mentorat|mentore?e?s?|parrainage|programme|dispositif|demandes?|dossiers?|inscriptions?|candidatures?"
    r"|accompagn\w+|listes?|fichiers?|action|projet|suivie?|binome|lignes?|fiches?|accord|consentement|donnees|coordonnees"
    r"|association|asso|plateforme|rgpd|contact|participation|participe[rnz]?t?|proposition",
    "link": r"de|du|des|d|le|la|les|l|son|sa|ses|mon|ma|mes|leurs?|notre|nos|une?|ce|cet|cette|au|aux|a|ont|est|sont|ete|etre"
    r"|par|et|y|en|s|se|pour|the|do|il|elle|ils|elles|on|ok|je|j|lui|me|te|m|t|svp|merci|puis|finalement|desormais|maintenant"
    r"|definiti\w+|categorique|total\w*|surtout|avis|classee?s?|relancee?s?|fois|continu\w+|hors|public|autre|tout|ici|rien"
    r"|faire|annee|by|longer",
    "when": r"mail|e|sms|telephone|ecrit|courrier|appel|message|depuis|date|mois|suite|hier|\d+|janvier|fevrier|mars|avril|mai"
    r"|juin|juillet|aout|septembre|octobre|novembre|decembre",
    "over": r"(?:refus|abandon|annul|anonymis|desist|retract|renonc|desengag|rejet|exclu|suppr|effac|desinscri|declin|elimin|ecarte"
    r"|recale|demission|oppos|deced|invalid|disqualif|unqualif|withdraw|reject|cancel)\w*"
    r"|retir(?:e|ee|es|ees|er|ent|ait)|retrait|radie?e?s?|radiation|deces|dcd|npc|stop|inutile|desaccord|defavorable"
    r"|negati(?:f|ve)|deleted|trashed|declined|closed|lost|ineligible",
    "ended": r"(?:clotur|archiv|arret|interromp|interrupt)\w*|clos(?:e|es)?|terminee?s?|finie?s?|fin|sortie?|sortis|quitt\w+"
    r"|partis?",
    "alone": r"annulee?s?|desist\w+|abandon(?:nee?)?s?|decedee?|deces|dcd|desinscri\w+|radiee?|retiree?|npc|cancell?ed"
    r"|withdrawn|stop",
    "parents own": r"(?:refus|annul|desist|declin|supprim|oppos|reject|withdraw|cancel)\w*|desaccord|defavorable",
    "not": r"ne|n|pas|plus|non|jamais|sans|not|no",
    "wanted": r"(?:souhait|veu|voul|interess|accept)\w*|interest(?:ed)?|autoris(?:e|es|ent|ons|ez)|consen(?:s|t|tent|tons|tez)"
    r"|particip(?:e|er|ent|ation)|accord|reprendre|prendre|suite|donn\w+|besoin"
    r"|partante?s?|demandeu\w+|admis\w*|validee?s?|retenue?s?|eligibles?|converted|volontaires?|peine",
    "reached": r"(?:re|r)?(?:contact|appel|joind|joint|sollicit|relanc)\w+",
    "state": r"lead|statut|status|etat|suivi|suites?|resultat|avis|decision|observations?|notes?|commentaires?|remarques?"
    r"|precisions?|messages?|situation|entretien|origine|source|signalement|alerte",
    "moment": r"etape|phase|avancement|retour|relance|points?|bilan|liste|appels?|motif|fin|colonne\d*|commission",
    "of state": r"psychologue|psy"
    r"|interne?s?|commission|referente?|equipe|finale?|actuel(?:le)?|donnees?|profil|adhesion|commande|benevole|mentor",
    "will": r"(?:souhait|veu|voul|aim|accept|autoris|maint|confirm|continu|renouvel|partag|transmet|transmiss|diffus|consen"
    r"|interess)\w*"
    r"|accord|rester|reste|partante?s?|particip(?:e|er|es|ez|ation)|toujours|volontaire|retenue?|eligible|contactable",
    "asking": r"es|tu|vous|nous|que|votre|ton|ta|tes|vos|avoir|beneficier|peut|peux|pouvons|infos?|informations?|signee?"
    r"|verbale?|orale?|telephonique|ecrite?|scolaire|partenaires?|dans|avec|soit|soient|sur",
}  # fmt: skip
KINDS = {kind: re.compile(words) for kind, words in WORDS.items()}
SAID, OF_TITLE = (
    frozenset(WORDS) - {"state", "moment", "of state", "will", "asking"},
    frozenset({"people", "matter", "link", "when"}),
)
LONGEST, LONGEST_SAID = 9, 120  # words, and characters
A_MENTOR = re.compile(r"mentore?s?|benevoles?")
WITHOUT_NE = re.compile(r"(?<!ne )(?<!n )\b((?:veu|voul|souhait|accept|autoris)\w*) (?:pas|plus(?! d))\b")  # « Veut pas »
ITS_MENTOR = frozenset({"un", "une", "d", "de", "avec"})  # before « mentor »: none that one has


@lru_cache(maxsize=10_000)
def kinds_of(word: str) -> frozenset[str]:
    """What a word may say."""
    return frozenset(kind for kind, rule in KINDS.items() if rule.fullmatch(word))


def all_kinds(words: Sequence[str], ours: frozenset[str]) -> list[frozenset[str]]:
    """What each of these words says, among ours; nothing where one is none."""
    found = [kinds_of(word) & ours for word in words]
    return found if all(found) else []


def is_over(said: str, is_asked: bool = True) -> bool:
    """Whether these folded words say that a request is over; where nobody asked how far it is, they must name it, or somebody.

    A refusal, an end; or that somebody wants no more. « Mentor a abandonné » and « ne veut pas arrêter » are none.
    """
    words = WITHOUT_NE.sub(r"ne \1 pas", said).split() if len(said) <= LONGEST_SAID else []
    if not words or len(words) > LONGEST or not (kinds := all_kinds(words, SAID)):
        return False
    if any(A_MENTOR.fullmatch(word) and before not in ITS_MENTOR for before, word in pairwise(["a", *words])):
        return False
    every = frozenset[str]().union(*kinds)
    is_named = bool(every & {"people", "parent", "matter"})
    nots = [at for at, kind in enumerate(kinds) if "not" in kind and not (words[at] == "plus" and words[at - 1] in ("de", "en"))]
    first = nots[0] if nots else len(words)
    ends = {"parents own"} if "parent" in every else {"over", "ended"} if is_asked else {"over"}
    is_ended = any(kind & ends and at < first and at + 1 not in nots for at, kind in enumerate(kinds))
    after = frozenset[str]().union(*kinds[first:])
    is_reached = "reached" in after and not every & {"when", "parent"}
    is_unwanted = ("wanted" in after or is_reached) and not after & {"over", "ended"}
    if is_asked:
        return is_ended or is_unwanted
    return (is_named and (is_ended or is_unwanted)) or (len(words) == 1 and "alone" in every)


def is_of_state(title: str, asked: frozenset[str]) -> bool:
    """Whether a folded title asks how far a request is, by one of these kinds of words, and nothing else."""
    kinds = all_kinds(title.split(), OF_TITLE | asked | {"of state"})
    return any(kind & asked for kind in kinds)


def asks_whether(title: str) -> bool:
    """Whether a folded title asks whether somebody wants a mentor, goes on, or lets their request be passed on."""
    kinds = all_kinds(title.split(), OF_TITLE | {"will", "asking"})
    return any("will" in kind for kind in kinds) and not re.search(
        r"\b(?:date|etre mentor|devenir|mineure?s?|etudiante?s?)\b", title
    )
