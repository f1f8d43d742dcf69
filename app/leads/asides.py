"""Columns that are not read as anything of a request, and may say that a row is none: no agreement, called off, would mentor."""

import re

from app.territory.queries import fold
from app.translation import gettext as _

from .reaching import BadValue
from .title_words import MENTORED
from .words import LeadKind

AGREED = frozenset({"accepte", "acceptes", "acceptez", "consens", "consentez", "consentement", "autorise", "autorises", "autorisez",
                    "autorisation", "accord", "rgpd"})  # fmt: skip
PASSED_ON = frozenset({"donnees", "coordonnees", "informations", "rgpd", "consentement", "confidentialite", "transmission",
                       "transmises", "contacte", "contactee", "contacter"})  # fmt: skip
AGREEMENT = re.compile(r"accord(?: du jeune)?|consentement(?: du jeune)?")
ELSE = frozenset({"newsletter", "lettre", "photo", "photos", "image", "images", "video", "partenaires", "commerciaux",
                  "commerciales", "publicite", "marketing", "recevoir", "reseaux", "sms", "whatsapp", "sortie", "sorties",
                  "statistiques", "presse", "enquete", "parental", "parentale", "parents", "parent", "manager", "employeur",
                  "autres", "superieur", "hierarchique"})  # fmt: skip
AGAINST = re.compile(r"\b(?:refus\w*|oppos\w*|n (?:accepte|autorise|consens)\w* pas|ne (?:consens|souhaite) pas)\b")
NO = re.compile(
    r"non(?! (?:renseign|communiqu|concern|precis|applicab|demand|rec|sign|repond|fourni)\w*)(?: .*)?|n|no|faux|false|0"
    r"|pas d accord|pas du tout|retire|(?:je )?(?:refuse?|(?:ne |n )?(?:accepte|consens|autorise|souhaite|suis) pas)(?: .*)?"
)
# Within a short answer: a no in other words. « Je peux retirer mon accord à tout moment » recalls a right, and is none.
DENIES = re.compile(
    r"\b(?:refus\w*|retir\w*|retrait|oppos\w*|revoqu\w*|desaccord|jamais|surtout pas|decoch\w*|declin\w*"
    r"|(?:absence|pas|sans) (?:de |d )?(?:consentement|accord|autorisation)|ne? (?:l |m |s |y )?\w+ (?:pas|plus))\b"
)
AGREES = re.compile(r"(?:oui|ok|yes|vrai|true|d accord|(?:j |je )?(?:accepte|autorise|consens|donne)|accord)\b|.*\boppose pas\b")
RECALLS = re.compile(r"\b(?:peu[xt]|pouv\w+|pourr\w+|droit|moment|faculte|possib\w+)\b")
LONGEST_NO = 8  # words
UNTICKED = frozenset("❌✗✘☐")
YES = re.compile(r"oui|o|yes|vrai|true|1|je refuse(?: .*)?|je m oppose(?: .*)?")
OF_WHAT = "demande|dossier|candidature|commande|inscription|jeune|mentor|benevole|candidate?"
STATUS = re.compile(rf"(?:statut|status|etat)(?: (?:de la |du )?(?:{OF_WHAT}))?")
NOT_KEPT = re.compile(  # of somebody who would mentor
    r".*\b(?:refus\w*|exclue?s?|(?:non|pas) retenue?|inapte|(?:avis )?defavorable|radiee?|suspendue?)\b.*"
)
WHAT = r"(?:demande |dossier |candidature |inscription )?"
CALLED_OFF = re.compile(
    rf"{WHAT}(?:refus|clos|clotur|abandon)\w*(?: demandee?)?"
    r"(?: par (?:le |la |l )?(?:jeune|famille|parents?|eleve|beneficiaire|candidate?|demandeur))?(?: le .*| \d.*)?"
    rf"|{WHAT}(?:a |s est |est |a ete )?(?:annul|doublon|desist|cancel|rejet|retir|deced|supprim|desinscri|spam|brouillon"
    r"|sans suite|ne souhaite plus|ne (?:plus|pas) (?:contact|appel|rappel))\w*(?: .*)?|deja (?:accompagnee?|mentoree?|un mentor)"
)
DRAFT = re.compile(r"(?:est un |en |is )?(?:brouillon|draft)")
ASKS_WHO = frozenset({"souhaite", "souhaitez", "souhait", "profil", "role", "type", "etes", "vous", "categorie", "public"})
WHO_ONE_IS = re.compile(
    r"(?:vous etes|tu es|je suis|(?:votre |ton )?(?:profil|role|categorie|public)|type(?: de (?:demande|demandeur|profil|public))?"
    r"|mentore? ou mentore?e?)(?: .{0,3})?"
)
MENTOR = r"(?:mentor|mentore|benevole|parrain|marraine)s?"
WISHES = r"(?:(?:je (?:souhaite|souhaiterais|veux|voudrais)|j aimerais) )?"
WOULD_MENTOR = re.compile(rf"(?:{WISHES}|adulte souhaitant )(?:(?:devenir|etre) (?:une? )?{MENTOR}(?: .*)?|accompagner une? jeune)")
A_JEUNE = re.compile(r"(?:je suis )?(?:une? )?(?:jeunes?|filleule?s?|beneficiaires?)")
WOULD_HAVE_ONE = re.compile(rf"{WISHES}(?:avoir|trouver|chercher|beneficier d) ?(?:une? )?{MENTOR}(?: .*)?")
A_MENTOR = re.compile(rf"(?:je suis |une? |future? |adulte |salariee? )*{MENTOR}(?: {MENTOR})?")


def asks(title: str) -> frozenset[str]:
    """What a title asks of these: agreement, or its contrary; the status of a request; who one is, or would be."""
    folded = fold(title)
    words = set(folded.split())
    beginning = fold(re.split("[(.;]", title)[0])  # « (vous pouvez vous opposer à tout moment) »
    is_against = bool(AGAINST.search(beginning))
    is_agreement = bool(words & AGREED or is_against) and bool(words & PASSED_ON) and not words & ELSE
    is_agreement = (is_agreement and "oppose pas" not in beginning) or bool(AGREEMENT.fullmatch(folded))
    found = {
        "agreement": is_agreement and not is_against,
        "objection": is_agreement and is_against,
        "status": bool(STATUS.fullmatch(folded)),
        "draft": bool(DRAFT.fullmatch(folded)),
        "wish": bool(words & ASKS_WHO),
        "who": bool(WHO_ONE_IS.fullmatch(folded)),
    }
    return frozenset(what for what, is_asked in found.items() if is_asked)


def denies(answer: str) -> bool:
    """Whether a short answer to a question of consent says no in other words than no."""
    is_short = len(answer.split()) <= LONGEST_NO
    return is_short and bool(DENIES.search(answer)) and not AGREES.match(answer) and not RECALLS.search(answer)


def refuse_answer(title: str, asked: frozenset[str], cell: str, kind: LeadKind) -> None:
    """Raise BadValue where the answer says that the row is no request."""
    said, answer = {"title": title[:60], "value": cell[:60]}, fold(cell)
    is_no = NO.fullmatch(answer) or cell in UNTICKED or denies(answer)
    if ("agreement" in asked and is_no) or ("objection" in asked and YES.fullmatch(answer)):
        raise BadValue("last_name", _("« %(title)s » : « %(value)s ». Sans accord, la demande n'est pas prise.", **said))
    is_over = CALLED_OFF.fullmatch(answer) or (kind == LeadKind.MENTOR and NOT_KEPT.fullmatch(answer))
    if ("status" in asked and is_over) or ("draft" in asked and YES.fullmatch(answer)):
        raise BadValue("last_name", _("« %(title)s » : « %(value)s ». La ligne n'est pas prise.", **said))
    if asked & {"wish", "who"}:
        refuse_other_kind(cell, answer, kind, "who" in asked)


def refuse_other_kind(cell: str, answer: str, kind: LeadKind, is_who: bool) -> None:
    """Raise BadValue where somebody says that they are a mentor in a file of jeunes, or a jeune in a file of mentors."""
    is_mentored = bool(MENTORED.search(cell))
    if kind == LeadKind.MENTEE:
        if not is_mentored and (WOULD_MENTOR.fullmatch(answer) or (is_who and A_MENTOR.fullmatch(answer))):
            sentence = _("« %(value)s » : cette ligne n'est pas d'un jeune. Les mentors s'importent à part.", value=cell[:60])
            raise BadValue("last_name", sentence)
    elif WOULD_HAVE_ONE.fullmatch(answer) or is_mentored or (is_who and A_JEUNE.fullmatch(answer)):
        sentence = _("« %(value)s » : cette ligne n'est pas d'un mentor. Les jeunes s'importent à part.", value=cell[:60])
        raise BadValue("last_name", sentence)
