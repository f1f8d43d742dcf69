"""What is answered in a column that is not read may say that a row is no request: no agreement, called off, would mentor."""

import re

from app.database import now
from app.territory.queries import fold, plain
from app.translation import gettext as _

from .aside_titles import ELSE
from .dates import parsed
from .endings import is_over
from .reaching import ASIDE, NO_PARENT, BadValue
from .title_words import JEUNES
from .words import LeadKind

NON = r"non(?! (?:renseign|communiqu|concern|precis|applicab|demand|repond|fourni)\w*)"
A_NO = rf"(?:{NON}|stop)(?: .*)?"
FIRM_NO = re.compile(rf"{A_NO}|n|no|faux|false|0|ko|refus\w*|pas du tout|pas d accord|plus maintenant")
NO = re.compile(
    rf"{A_NO}|n(?: oral)?|no|faux|false|0"
    r"|0 0|ko|pas ok|disagree|i (?:do not|don t) (?:agree|consent)"
    r"|unchecked|decochee?|off|pas encore|en attente|a demander|a recueillir|aucune?|n a|pas d accord|pas du tout"
    r"|retire"
    r"|(?:je )?(?:refuse?|(?:ne |n )?(?:accepte|consens|autorise|souhaite|suis) pas)(?: .*)?"
)
# Within a short answer: a no in other words. « Je peux retirer mon accord à tout moment » recalls a right, and is none.
DENIES = re.compile(
    rf"\b(?:(?:famille|parents?|mere|pere|maman|papa|jeune|eleve|il|elle) (?:a )?(?:dit )?{NON}"
    r"|refus\w*|retir\w*|retrait|oppos\w*|revoqu\w*|desaccord|jamais|surtout pas|decoch\w*|declin\w*"
    r"|(?:absence|pas|sans) (?:de |d )?(?:consentement|accord|autorisation)|ne? (?:l |m |s |y )?\w+ (?:pas|plus))\b"
)
AGREES = re.compile(r"(?:oui|ok|yes|vrai|true|d accord|(?:j |je )?(?:accepte|autorise|consens|donne)|accord)\b|.*\boppose pas\b")
STILL_OUT = r"(?:recu|parv|recueilli|join|joignab|connu|pris(?!on)|abouti|signatair|present|inform|venu|rendu|retourn|obten)\w*"
NOT_YET = re.compile(  # nobody said no: « Non reçue », « Mère oui, père non joint »; « Non, joint hier : trop loin » says it
    rf"^non (?:encore )?{STILL_OUT}"
    r"(?: (?:encore|a|ce|jour|le|l|depuis|malgre|apres|de|du|des|la|\d+|relances?|appels?|famille|parents?|mere|pere"
    r"|messages?|messagerie|repondeur|laissee?|absente?))*$"
    rf"|(?<=\w) non (?:encore )?{STILL_OUT}"
)
BOX = re.compile(r".*(?<! oui)(?<! ou) (oui|non)")
DECIDED = re.compile(r"\b(?:statut|status|avis|decision)\b")
TURN = re.compile(r" (?:mais|puis|finalement|ensuite|au depart) ")
RECALLS = re.compile(r"\b(?:peu[xt]|pouv\w+|pourr\w+|droit|moment|faculte|possib\w+)\b")
LISTED = re.compile(r"^\d+[ .)-]+")
BEFORE_REASON = re.compile(r"\s*[:(,;|–—]\s*|[.!]\s+|\s+-+\s*|-+\s+")
LONGEST_NO, LONGEST_WORD = 8, 5  # words of an answer, and of a remark
LONGEST_STATUS = 80  # characters
BOTH = re.compile(r"\((?:e|es|ne|se|trice)\)|(?<=\w)[·•.-](?:e|es|ne|se|trice)s?\b", re.IGNORECASE)
CROSSES = frozenset("❌✗✘✝†")
UNTICKED = frozenset({*"❌✗✘☐□▢◻⬜", "[ ]", "[]", "( )", "()"})
TICKED = frozenset({*"☑✔✓✅☒🗹", "✔️", "☑️", "[x]", "[X]"})
YES = re.compile(r"oui|o|yes|y|vrai|true|1|x+|coche|cochee|checked|on|je refuse(?: .*)?|je m oppose(?: .*)?")
NOT_KEPT = re.compile(  # of somebody who would mentor
    r".*\b(?:exclue?s?|(?:non|pas) retenue?|inapte|(?:avis )?defavorable|a exclure|radiee?|revoquee?|suspendue?|blackliste\w*"
    r"|bannie?|mise? (?:a (?:pied|l ecart)|de cote)|agrement retire|enquete en cours|(?:b3|casier) ko"
    r"|non (?:vierge|conforme)|\d+ mentions?|mention au b3|ne (?:pas|plus) confier|ne convient pas"
    r"|propos (?:deplaces|inquietants)|signalement en cours|signalee?(?! par)|bloquee?)\b.*"
    r"|(?!.*\b(?:jamais|aucune?s?|sans|pas|ni|absence de) (?:(?:ete|eu|de|d) )*condamn).*\bcondamn\w*.*"
    r"|(?:.* )?(?<!non )(?<!pas )inscrite? (?:au|sur|dans)\b.*\b(?:fijais\w*|fichier|delinquants)\b.*"
    r"|(?:.* )?refus\w*+(?! (?:les|des) (?!mineure?s?|enfants?|jeunes?|conditions|regles|controles?|verifications?)).*"
)
DAYS = r"(?:matin|midi|soir|week|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
AT_TIMES = (  # « ne pas appeler avant 18h », « ne plus me contacter sur mon ancien numéro »
    rf"(?! (?:par (?:sms|e ?mail|mail|whatsapp|telephone|courrier)|les? {DAYS}s?|a midi|avant|apres|pendant|durant|entre|de \d"
    r"|en (?:journee|soiree|semaine|classe|cours|dehors)|au (?:travail|bureau)|trop (?:tot|tard)"
    r"|sur (?:mon|son|l|leur|notre) ancien(?:ne)?)\b)"
)
THEM = (  # whoever a request is of, or may be
    r"(?:jeunes?|familles?|eleves?|enfants?|meres?|peres?|maman|papa|parents?|personnes?|benevoles?|mentors?|candidate?s?|interessee?s?"
    r"|demandeu\w+|beneficiaires?|adherente?s?|participante?s?|filleule?s?|etudiante?s?|fils|fille|mineure?s?|responsables?|tuteur"
    r"|tutrice|representante?s?)\b"
)
# « Ne veut pas qu'on l'appelle, écrire par mail » says when, or how; « ni par mail » says no.
OTHERWISE = (
    rf"(?:(?=.*\bni (?!(?:les? |la )?{DAYS}|avant|apres|pendant|entre|en |trop |a ))|{AT_TIMES}(?!(?!.*\b(?:non|pas|plus|jamais)\b)"
    r" (?:.* )?(?:ecri\w+|prefer\w+|plutot|seulement|uniquement) (?:.* )?(?:sms|(?:e ?)?mails?|whatsapp|courriers?|messages?)\b))"
)
OF_OTHERS = (
    rf"(?! (?:les |des |de |d |une? |ses |son |sa |mes |l |la |le )(?!{THEM}))"  # « ne pas contacter les bonnes entreprises »
)
PARENT = r"(?:(?:le|la|son|sa|mon|ma|au|a son|a sa|a mon|a ma) )?(?:pere|mere|papa|maman|beau pere|belle mere)"
# One parent is left out (`ruled_out`), and nobody else.
A_PARENT_OUT = re.compile(
    rf"\bne (?:pas|plus|jamais|surtout pas) (?:re ?)?(?:contacter|appeler|solliciter|ecrire|joindre) {PARENT}\b"
    r"(?!.*\b(?:ni|et|ou) (?:a |au )?(?:(?:le |la |l )?(?:jeune|eleve|enfant|famille|personne)|elle|lui)\b)"
)
LINKS = r"(?:(?:de|du|des|d|le|la|les|l|son|sa|ses|mon|ma|mes|leurs?|notre|nos|une?|ce|cet|cette|au|aux) )++"
OF_PICTURES = (  # what is passed on besides who somebody is: « pas d'accord pour la diffusion de son image »
    rf"(?! (?:{LINKS})?(?:photos?|images?|videos?|notes|bulletins?)\b"
    r"(?!.*\b(?:donnees|coordonnees|contacts?|infos?|informations?|demande|dossier|nom|numero|telephone|mail|adresse)\b))"
)
OURS = (  # what somebody leaves who asks for a mentor no more; and since when, and of whose will
    rf"(?:mentorat|parrainage|programme|dispositif|demandes?|dossiers?|inscription|candidature|accompagnement|listes?|fichiers?|base"
    r"|action|projet|suivi|binome|lignes?|fiches?|accord|consentement|donnees|coordonnees|association|plateforme|site|part|fait|elle"
    rf"|lui|tout|commun|office|\d+|{DAYS}|veille|semaine|jour|mois|{THEM})\b"
)
ORDINARY = re.compile(  # where somebody writes freely: « Supprimer les difficultés en maths », « Retiré de sa famille », « Perdu »
    rf"(?:a |s est |est |a ete )?(?:annul|desist|rejet|retir|supprim|desinscri)\w* {LINKS}(?!{OURS})\w.*"
    r"|perdue?|fermee?|inacti(?:f|ve)"
    rf"|(?:a |est |a ete )?retir\w+ (?:a|de) (?:(?:sa|son|ses|la|les) )?(?:famille|parents?|mere|pere)"
)
SAID_NO = re.compile(r"(?:\w+ )?(?:dit|finalement) non(?: merci)?")
WAY = re.compile(r"\S+@\S+|\+?\d[\d .]*")  # beside which somebody notes a refusal
SAYS_NO = re.compile(r"\b(?:(?:refus|abandon|dece[ds]|desist|retract|veu|veul|souhait)\w*|dcd|dit non)\b")
OF_WAY = re.compile(r"\b(?:(?:appel|contact|join|donn|communiq)\w*|sms|(?:le|la|son|de|du|par) (?:telephone|mail))\b")  # that alone
WHAT = r"(?:demande |dossier |candidature |inscription )?"
ASKS_AGAIN = (  # whoever had a mentor elsewhere, or has one for now; « cherche un stage » asks for none
    r"(?:l an (?:dernier|passe)|l annee (?:derniere|passee)|(?<!pas )(?<!plus )(?<!place )libre(?! (?:l|les?|en) )"
    r"|redemande une?|en redemande"
    r"|(?<!ne )(?:re)?cherche (?:(?:encore|toujours|aussi)(?! une? (?!autre|nouve|mentor))|une? (?:autre|nouve\w+|mentore?))"
    r"|(?<!ne )(?:souhait|voudr|aimer|veut)\w* (?:(?:en|avoir|trouver) )*(?:changer|une? (?:autre|nouve\w+)))\b"
)
CALLED_OFF = re.compile(  # besides what `is_over` knows
    rf"{WHAT}(?:a |s est |est |a ete )?(?:annul|doublon|duplicat|desist|cancel|rejet|retir|deced|supprim|desinscri|spam|brouillon"
    rf"|sans suite|ne souhaite plus|ne (?:plus|pas) (?:contact|appel|rappel)\w*+{AT_TIMES}{OF_OTHERS})\w*(?: .*)?"
    rf"|ne (?:pas|plus) (?:re|r)?(?:lancer|contacter|appeler)\b{AT_TIMES}{OF_OTHERS}(?: .*)?"
    r"|dcd .*|abandon\w* par la famille|droit a l oubli"
    r"|deceased|dossier fermee?|partie|(?:les |ses )?(?:parents?|famille|mere|pere) (?:est |sont )?contre"
    r"|(?:n est |demande )?plus d actualite|perdue? de vue|(?:fiche |ligne )?en double|faux profil|test|drop(?:ped)?(?: out)?"
    r"|binomee?|mentor trouve|transferee? (?:a|vers|chez) .*"
    r"|liste noire|blacklist\w*|hors (?:age|secteur|zone|criteres|territoire|departement)"
    r"|a demenage|rembourse\w*|morte?|perdue?|fermee?|inacti(?:f|ve)|corbeille"
    r"|ko(?: (?:les )?(?:parents?|famille|mere|pere|jeune|eleve))?"
    r"|do not contact|unsubscribed|opted out"
    r"|deja (?:accompagnee?|mentoree?|un mentor)|a (?:trouve |deja )?un mentor|matchee?|appariee?|mentorat en cours"
    r"|binome (?:forme|constitue|cree|etabli)(?: .*)?|en binome(?: .*)?"
    r"|(?:deja en mentorat|a deja un mentor|accompagnee? par (?:une autre association|un mentor))"
    rf"(?: (?!.*\b{ASKS_AGAIN}).*)?"
)
OTHERS = (  # who mentor too
    r"(?:une |l )?autre (?:association|asso|structure)|un mentor|afev|proxite|socrate|telemaque|article 1|nqt|duo for a job|kodiko"
    r"|frateli|chemins d avenirs|entourage|jobirl|zup de co"
)
ELSEWHERE = re.compile(  # however many words say where; « aidée par une autre structure pour le logement » is of something else
    rf"(?!.*\b{ASKS_AGAIN})(?:(?:(?:il|elle|j|je|(?:le|la) jeune) )?ai? (?:deja |trouve )+une? (?:mentor|parrain|marraine)e?"
    r"(?: (?:ailleurs|chez|avec|par|via|dans|grace)\b.*)?"
    rf"|(?:(?:est|a ete|deja) )*(?:accompagne|suivi|mentore|aide)e? (?:(?:par|chez|avec) )?(?:l )?(?:{OTHERS})\b"
    rf"(?!(?<!mentor) pour (?:(?:le|la|l|les|un|une|son|sa|ses) )*+(?!mentorat|parrainage|moment|instant|annee|\d)).*)"
)
EXAMPLE = re.compile(  # the row that a model shows, under a number or in a remark
    r"(?:c est )?(?:une? )?(?:(?:ligne|saisie) (?:d )?)?(?:exemples?|ex)"
    r"(?: (?:a (?:supprimer|effacer)|ne pas (?:supprimer|modifier|remplir)))?"
)
OTHER_MATTERS = re.compile(
    r"\b(?:precedente?s?|derniere?s?"
    r"|bourses?|stages?|logement|permis|formation|ecole|lycee|college|parcoursup|contrat|emploi|vaccin\w*|scolarite|scolaire|etudes"
    r"|lien|relation|qualite|peres?|meres?|parents?|autorite|responsables?|famille|garde)\b"
)
# Wherever it stands in a row, and whatever is written around it: somebody is not to be written to.
STOP = re.compile(
    r"\bne (?:pas|plus|jamais|surtout pas)(?: jamais)? (?:le |la |les |l |etre |me |m |nous |lui )?"
    rf"(?:(?:re ?)?contact\w*|(?:re)?sollicit\w*|transmet\w*|relancer|(?:re|r)?ecrire"
    rf"|envoyer (?:de |d )?(?:e ?mails?|mails?|messages?|courriers?)(?! (?:au|aux|a) ))\b{AT_TIMES}{OF_OTHERS}"
    r"|\ba ne (?:surtout )?pas (?:re)?contact\w*|\bn est (?:pas|plus) a (?:re)?contact\w*"
    r"|\bne doi\w+ (?:pas|plus)(?: etre)? (?:re)?(?:contact|sollicit)\w*"
    r"|\bcontact interdit\b|\binterdi\w+ de (?:le |la )?contact\w*|\bne pas (?:donner suite|traiter)\b"
    r"|\bne (?:souhait\w+|veut|veux|voul\w+) plus (?:de |d |etre |avoir (?:de |un )?)?(?:mentor|accompagnee?)\b"
    r"|\bn a pas donne (?:son|leur) (?:accord|consentement)\b|\bconsentement retire\b"
    r"|\b(?:merci de |a demande a )(?:me |la |le |etre )?(?:supprim|desinscri|effac|retir)\w*"
    r"|\bmerci d annuler (?:ma|sa|la|cette|notre) (?:demande|inscription|candidature)\b|\blignes? a (?:supprimer|effacer)\b"
    r"|\bne pas (?:prendre en compte|tenir compte)\b(?! (?:de|du|des|d|l|la|le|les) )"
    r"|\bse retire du dispositif\b|\bs est retractee?\b"
    r"|\bdeces (?:du|de la|de l) (?:jeune|eleve)\b|\bjeune decedee?\b"
    r"|\bne (?:souhait\w+|veut|veux|voul\w+|voudrai\w*) (?:pas|plus)"
    rf" (?:que (?:ses|mes) donnees soient (?:transmis|communiqu|partag)|etre (?:re|r)?(?:contact|appel|sollicit)\w*+{OTHERWISE})"
    r"|\bdo(?: not|n t) (?:call|contact)\b(?! (?:before|after|during|between|until|on (?!any)|at (?!all|any)|in the)\b)"
    r"|\bretir\w+ (?:sa|son|ses|mon|ma|notre|leur) (?:demande|accord|consentement|candidature|inscription)\b"
    r"(?! (?:au|a|en|du|d|de) )"
    r"|\bsuppression de (?:ses|mes|nos) donnees\b|\b(?:jeune|eleve|enfant|candidate?) est decedee?\b"
    r"|\brefuse (?:que (?:l|nous|vous|on|ses donnees|mes donnees)|d etre|le contact|d etre appele)\b"
    r"|(?<!mentor )(?<!mentore )(?<!benevole )(?<!stage )(?<!association )(?<!precedente )\bs est desistee?\b"
    rf"(?! {LINKS}(?!{OURS})\w)"
    r"|\bsurtout pas contact\w*|\binscrite? (?:ici |au \w+ )?sans (?:mon|son|notre|leur) (?:accord|consentement)\b"
    rf"|\bpas d accord pour (?:(?:la|le|l|une?|etre|que) )?(?:(?:transm|partag|diffus)\w*+{OF_PICTURES}"
    rf"|(?:re)?contact\w*+{OTHERWISE}|mentorat)"
    rf"|\bveu\w+ pas qu(?:e l asso\w*| on| ils?| elles?) (?:l |la |le |les |m |me )?(?:(?:r|re)?appel|contact|ecri)\w*+{OTHERWISE}"
    r"|\b(?:retire|supprime|desinscrit)e? a la demande (?:de|du|des) (?:(?:la|l|sa|son|ses) )?"
    r"(?:mere|pere|famille|parents?|jeune|eleve)\b"
)
NOBODYS_WORDS = (  # what may stand under « Jeune », « Élève », « Enfant » without naming anybody
    "oui non vrai faux true false yes no ok ras neant aucun aucune idem nc na nr xx xxx sans objet autre autres lui elle moi meme"
    " en de la le du des un une et ans mois age garcon homme femme masculin feminin majeur majeure jeunes terminale tle term"
    " seconde premiere nde eme sixieme cinquieme quatrieme troisieme college lycee pro professionnel general generale"
    " technologique bac cap bts segpa ulis mfr interne externe demi pensionnaire boursier boursiere actif active inscrit inscrite"
    " nouveau nouvelle ancien ancienne retenu retenue valide validee attente cours unique seul seule scolarise scolarisee"
    " descolarise descolarisee decrocheur decrocheuse motive motivee emploi demandeur demandeuse mna qpv rsa aah ase place placee"
    " renseigne communique concerne concernee mentor bourse caf"
)
NOBODYS = JEUNES | frozenset(NOBODYS_WORDS.split())
NAMED = re.compile(r"(?:[A-ZÀ-Ý][\w'’-]*\.? ?){2,4}")  # « Paul Martin »
TO_COME = re.compile(r"(?:a (?:trouver|definir|attribuer|venir)|en (?:attente|cours|recherche)|recherche|pas encore)\b.*")


def denies(answer: str) -> bool:
    """Whether a short answer to a question of consent says no in other words than no."""
    turns = TURN.split(answer)
    if len(turns) > 1 and is_over(turns[-1]):  # « Oui, mais retiré le 12/11 »
        return True
    is_short = len(answer.split()) <= LONGEST_NO
    return is_short and bool(DENIES.search(answer)) and not AGREES.match(answer) and not RECALLS.search(answer)


def is_not_left_out(answer: str, cell: str) -> bool:
    """Whether what stands under « Ne pas contacter », or « Désistement », says no, or nothing."""
    return cell in UNTICKED | {"-", "–", "—", "/", "."} or bool(
        re.fullmatch(r"non(?: .*)?|n|no|faux|false|0|0 0|neant|ras|n a|aucune?(?: .*)?|sans objet", answer)
    )


def refuse_warning(title: str, cell: str, may_end: bool) -> None:
    """Raise BadValue where a cell, whatever it is, asks not to write to somebody, or says that a request is over or an example."""
    folded = fold(cell)
    if EXAMPLE.fullmatch(folded):
        raise BadValue(
            "last_name", _("« %(title)s » : « %(value)s ». Un exemple n'est pas pris.", title=title[:60], value=cell[:60])
        )
    if may_end and len(cell) <= LONGEST_STATUS and is_over(without_parent(fold(BOTH.sub("", cell))), is_asked=not title.strip()):
        raise not_taken(title, cell)
    if STOP.search(without_parent(folded)):
        words = {"title": title[:60], "value": cell[:80]}
        sentence = _("« %(title)s » : « %(value)s ». Quelqu'un n'est pas à contacter : la ligne n'est pas prise.", **words)
        raise BadValue("last_name", sentence)


def refuse_misplaced(title: str, cell: str) -> None:
    """Raise BadValue where a cell for something else, a number or a date, says that somebody refused, or is dead."""
    said = " ".join(fold(WAY.sub(" ", cell)).split())
    is_short = len(cell) <= LONGEST_STATUS
    if is_short and SAYS_NO.search(said) and not OF_WAY.search(said) and (is_over(said) or SAID_NO.fullmatch(said)):
        raise not_taken(title, cell)


def not_taken(title: str, cell: str) -> BadValue:
    """What refuses a row for what a column says."""
    return BadValue("last_name", _("« %(title)s » : « %(value)s ». La ligne n'est pas prise.", title=title[:60], value=cell[:60]))


def is_of_requests(title: str) -> bool:
    """Whether what stands under a title, which may ask anything, may be said of a request."""
    asked = fold(title)
    return not OTHER_MATTERS.search(asked) and asked != "situation" and not ELSE & set(asked.split())


def without_parent(said: str) -> str:
    """What somebody writes, without a parent who is not to be written to: the jeune may be, unless there is danger."""
    return said if NO_PARENT.search(said) else A_PARENT_OUT.sub("", said).strip()


def refuse_answer(title: str, asked: frozenset[str], cell: str, kind: LeadKind) -> None:
    """Raise BadValue where the answer says that the row is no request."""
    if "part" in asked and cell:
        raise BadValue("last_name", _("sous « %(value)s » : la ligne n'est pas prise.", value=cell[:60]))
    typed, cell = cell, in_box(title, cell)
    answer = fold(BOTH.sub("", cell))  # « Refusé(e) », « Mentor·e »
    told = NOT_YET.sub("", answer)  # of who may not have answered yet
    is_no, is_yes = NO.fullmatch(answer) or cell in UNTICKED or denies(answer), YES.fullmatch(answer) or cell in TICKED
    is_dated = "over" in asked and is_past(cell)
    is_left_out = is_dated or bool(
        "left out" in asked and cell and not is_not_left_out(answer, cell) and not is_to_come(title, cell)
    )
    is_against = ("agreement" in asked and is_no) or ("objection" in asked and is_yes) or ("parents" in asked and denies(told))
    is_unwanted = "wanted" in asked and (
        FIRM_NO.fullmatch(told) or cell in UNTICKED or is_over(told) or is_over(NOT_YET.sub("", beginning(cell)))
    )
    if is_against or is_left_out or is_unwanted:
        said = {"title": title[:60], "value": typed[:60]}
        raise BadValue("last_name", _("« %(title)s » : « %(value)s ». Sans accord, la demande n'est pas prise.", **said))
    if is_ended(title, asked, answer, cell, kind) or ("draft" in asked and YES.fullmatch(answer)):
        raise not_taken(title, typed)
    is_asked = "paired" in asked or ("mentor" in asked and NAMED.fullmatch(ASIDE.sub("", cell)))
    is_paired = is_asked and kind == LeadKind.MENTEE and cell and not is_not_left_out(answer, cell)
    is_unfit = "fit" in asked and kind == LeadKind.MENTOR and is_no
    if (is_paired and not TO_COME.fullmatch(answer)) or is_unfit:
        raise not_taken(title, typed)
    if "sent" in asked and not cell:
        raise BadValue("last_name", _("« %(title)s » est vide : ce formulaire n'a pas été envoyé.", title=title[:60]))


def is_past(cell: str) -> bool:
    """Whether a cell holds a date that is not to come."""
    day = parsed(cell)
    return day is not None and day <= now()


def is_to_come(title: str, cell: str) -> bool:
    """Whether a title says when somebody leaves, and that is still to come."""
    day = parsed(cell) if re.search(r"\b(?:sorti|fin\b)", fold(title)) else None
    return day is not None and day > now()


def in_box(title: str, cell: str) -> str:
    """What a box says whose title ends with the answer that it is ticked for (« Accord : non »); elsewhere the cell as it is."""
    box = BOX.fullmatch(fold(title))
    if box and (cell in TICKED or YES.fullmatch(fold(cell))):
        return "refus" if box[1] == "non" else "oui"
    return "" if box and box[1] == "non" else cell


def beginning(cell: str) -> str:
    """What a cell says before its reason: « Refusé : trop jeune », « Abandon - ne répond plus », « 4 - Refusé (trop jeune) »."""
    return fold(BEFORE_REASON.split(LISTED.sub("", BOTH.sub("", cell)), maxsplit=1)[0])


def is_ended(title: str, asked: frozenset[str], answer: str, cell: str, kind: LeadKind) -> bool:
    """Whether the column of a status says that a request is over; where somebody writes freely, not what only sounds so."""
    said = re.sub(r"^\d+ ", "", without_parent(answer))
    about = fold(title)  # « Situation »: of school, as a rule
    if asked & {"status", "step"}:
        first = "" if about.startswith("situation") else beginning(cell)
        is_begun = is_over(first) if "free" not in asked else " " in first and is_over(first, is_asked=False)
        if is_begun or is_over(said, is_asked=about != "situation") or ELSEWHERE.fullmatch(said) or SAID_NO.fullmatch(said):
            return True
    is_off = CALLED_OFF.fullmatch(said) or (kind == LeadKind.MENTOR and NOT_KEPT.fullmatch(answer)) or cell in CROSSES
    is_no = answer in ("non", "no", "nok") and DECIDED.search(about)
    is_long = len(answer.split()) > LONGEST_WORD  # « Retirée du collège en 2025, elle cherche un stage »
    is_told = "free" in asked and (is_long or ORDINARY.fullmatch(answer))
    return "status" in asked and bool(is_no or (is_off and not is_told))


def refuse_two_names(title: str, cell: str, first_name: str) -> None:
    """Raise BadValue where a cell may name the jeune, and does not hold the first name that is read: it may be another person's."""
    words = [word for word in plain(cell).split() if len(word) > 1 and not any(letter.isdigit() for letter in word)]
    named = set(words) - NOBODYS
    is_same = set(plain(first_name).split()) & set(words)
    if named and not is_same and len(words) <= LONGEST_NO:
        said = {"title": title[:60], "value": cell[:60]}
        sentence = _(
            "« %(title)s » : « %(value)s ». Le nom qui est lu est peut-être celui d'une autre personne : nommez les colonnes "
            "« Nom du jeune » et « Prénom du jeune ».",
            **said,
        )
        raise BadValue("last_name", sentence)
