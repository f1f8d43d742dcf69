"""Columns that are not read as anything of a request, and may say that a row is none: no agreement, called off, would mentor."""

import re

from app.territory.queries import fold
from app.translation import gettext as _

from .reaching import BadValue

AGREED = frozenset({"accepte", "acceptes", "acceptez", "consens", "consentez", "consentement", "autorise", "autorises", "autorisez",
                    "autorisation", "accord", "rgpd"})  # fmt: skip
PASSED_ON = frozenset({"donnees", "coordonnees", "informations", "rgpd", "consentement", "confidentialite", "transmission",
                       "transmises"})  # fmt: skip
ELSE = frozenset({"newsletter", "lettre", "photo", "photos", "image", "images", "video", "partenaires", "commerciaux",
                  "commerciales", "publicite", "marketing", "recevoir", "reseaux", "sms", "whatsapp", "sortie", "sorties",
                  "statistiques", "presse", "enquete", "parental", "parentale", "parents", "parent"})  # fmt: skip
AGAINST = re.compile(r"\b(?:refus\w*|oppos\w*|n (?:accepte|autorise|consens)\w* pas|ne (?:consens|souhaite) pas)\b")
NO = re.compile(
    r"non(?: merci)?|n|no|faux|false|0|pas d accord|retire"
    r"|(?:non )?(?:je )?(?:refuse?|(?:ne |n )?(?:accepte|consens|autorise|souhaite|suis) pas)(?: .*)?"
)
YES = re.compile(r"oui|o|yes|vrai|true|1|je refuse(?: .*)?|je m oppose(?: .*)?")
STATUS = re.compile(r"(?:statut|status|etat)(?: (?:de la |du )?(?:demande|dossier|candidature|commande|inscription))?")
CALLED_OFF = re.compile(
    r"(?:demande |dossier |candidature |inscription )?(?:annul|abandon|refus|doublon|clos|clotur)\w*"
    r"(?: par (?:le |la |l )?(?:jeune|famille|parents?|eleve|beneficiaire|candidate?|demandeur))?(?: le .*| \d.*)?"
)
ASKS_WHO = frozenset({"souhaite", "souhaitez", "profil", "role", "type", "etes", "vous"})
WHO_ONE_IS = frozenset({"etes", "es", "profil", "role"})
WOULD_MENTOR = re.compile(r"(?:je (?:souhaite|veux) )?(?:devenir|etre) (?:mentor|mentore|parrain|marraine)(?: .*)?")
A_MENTOR = re.compile(r"(?:une? |future? )*(?:mentor|mentore|parrain|marraine)(?: benevole)?")


def asks(title: str, of_mentees: bool) -> frozenset[str]:
    """What a title asks of these: agreement, or its contrary; the status of a request; who one is, or would be."""
    folded = fold(title)
    words = set(folded.split())
    is_agreement = bool(words & AGREED or AGAINST.search(folded)) and bool(words & PASSED_ON) and not words & ELSE
    found = {
        "agreement": is_agreement and not AGAINST.search(folded),
        "objection": is_agreement and bool(AGAINST.search(folded)),
        "status": bool(STATUS.fullmatch(folded)),
        "wish": of_mentees and bool(words & ASKS_WHO),
        "who": of_mentees and bool(words & WHO_ONE_IS),
    }
    return frozenset(what for what, is_asked in found.items() if is_asked)


def refuse_answer(title: str, asked: frozenset[str], cell: str) -> None:
    """Raise BadValue where the answer says that the row is no request."""
    said, answer = {"title": title[:60], "value": cell[:60]}, fold(cell)
    if ("agreement" in asked and NO.fullmatch(answer)) or ("objection" in asked and YES.fullmatch(answer)):
        raise BadValue("last_name", _("« %(title)s » : « %(value)s ». Sans accord, la demande n'est pas prise.", **said))
    if "status" in asked and CALLED_OFF.fullmatch(answer):
        raise BadValue("last_name", _("« %(title)s » : « %(value)s ». La ligne n'est pas prise.", **said))
    if ("wish" in asked and WOULD_MENTOR.fullmatch(answer)) or ("who" in asked and A_MENTOR.fullmatch(answer)):
        raise BadValue("last_name", _("« %(value)s » : cette ligne n'est pas d'un jeune. Les mentors s'importent à part.", **said))
