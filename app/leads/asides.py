"""Columns that are not read as anything of a request, and may say that a row is none: no agreement, called off, would mentor."""

import re

from app.territory.queries import fold
from app.translation import gettext as _

from .reaching import BadValue

AGREED = frozenset({"accepte", "acceptes", "acceptez", "consens", "consentez", "consentement", "autorise", "autorises", "autorisez",
                    "autorisation", "accord", "rgpd"})  # fmt: skip
PASSED_ON = frozenset({"donnees", "coordonnees", "informations", "rgpd", "consentement", "confidentialite", "transmission",
                       "transmises", "contacte", "contactee", "contacter"})  # fmt: skip
AGREEMENT = re.compile(r"accord(?: du jeune)?|consentement(?: du jeune)?")
ELSE = frozenset({"newsletter", "lettre", "photo", "photos", "image", "images", "video", "partenaires", "commerciaux",
                  "commerciales", "publicite", "marketing", "recevoir", "reseaux", "sms", "whatsapp", "sortie", "sorties",
                  "statistiques", "presse", "enquete", "parental", "parentale", "parents", "parent"})  # fmt: skip
AGAINST = re.compile(r"\b(?:refus\w*|oppos\w*|n (?:accepte|autorise|consens)\w* pas|ne (?:consens|souhaite) pas)\b")
NO = re.compile(
    r"non(?! (?:renseign|communiqu|concern|precis|applicab|demand|rec|sign|repond|fourni)\w*)(?: .*)?|n|no|faux|false|0"
    r"|pas d accord|pas du tout|retire|(?:je )?(?:refuse?|(?:ne |n )?(?:accepte|consens|autorise|souhaite|suis) pas)(?: .*)?"
)
UNTICKED = frozenset("❌✗✘☐")
YES = re.compile(r"oui|o|yes|vrai|true|1|je refuse(?: .*)?|je m oppose(?: .*)?")
STATUS = re.compile(r"(?:statut|status|etat)(?: (?:de la |du )?(?:demande|dossier|candidature|commande|inscription|jeune))?")
CALLED_OFF = re.compile(
    r"(?:demande |dossier |candidature |inscription )?(?:annul|abandon|refus|doublon|clos|clotur|desist|cancel)\w*(?: demandee?)?"
    r"(?: par (?:le |la |l )?(?:jeune|famille|parents?|eleve|beneficiaire|candidate?|demandeur))?(?: le .*| \d.*)?"
)
ASKS_WHO = frozenset({"souhaite", "souhaitez", "profil", "role", "type", "etes", "vous"})
WHO_ONE_IS = re.compile(r"(?:vous etes|tu es|je suis|(?:votre |ton )?(?:profil|role))(?: .{0,3})?")
MENTORED = re.compile("mentoré", re.IGNORECASE)  # the word without its accent is a mentor
WOULD_MENTOR = re.compile(r"(?:je (?:souhaite|veux) )?(?:devenir|etre) (?:mentor|mentore|parrain|marraine)(?: .*)?")
A_MENTOR = re.compile(r"(?:une? |future? )*(?:mentor|mentore|parrain|marraine)(?: benevole)?")


def asks(title: str, of_mentees: bool) -> frozenset[str]:
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
        "wish": of_mentees and bool(words & ASKS_WHO),
        "who": of_mentees and bool(WHO_ONE_IS.fullmatch(folded)),
    }
    return frozenset(what for what, is_asked in found.items() if is_asked)


def refuse_answer(title: str, asked: frozenset[str], cell: str) -> None:
    """Raise BadValue where the answer says that the row is no request."""
    said, answer = {"title": title[:60], "value": cell[:60]}, fold(cell)
    is_no = NO.fullmatch(answer) or cell in UNTICKED
    if ("agreement" in asked and is_no) or ("objection" in asked and YES.fullmatch(answer)):
        raise BadValue("last_name", _("« %(title)s » : « %(value)s ». Sans accord, la demande n'est pas prise.", **said))
    if "status" in asked and CALLED_OFF.fullmatch(answer):
        raise BadValue("last_name", _("« %(title)s » : « %(value)s ». La ligne n'est pas prise.", **said))
    is_mentor = ("wish" in asked and WOULD_MENTOR.fullmatch(answer)) or ("who" in asked and A_MENTOR.fullmatch(answer))
    if is_mentor and not MENTORED.search(cell):
        raise BadValue("last_name", _("« %(value)s » : cette ligne n'est pas d'un jeune. Les mentors s'importent à part.", **said))
