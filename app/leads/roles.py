"""Who somebody says to be: a mentor in a file of jeunes, a jeune in a file of mentors, or another person, who fills the form."""

import re
from collections.abc import Sequence

from app.territory.queries import fold
from app.translation import gettext as _

from .aside_titles import RECORD
from .asides import BOTH, FIRM_NO, TICKED, YES, is_not_left_out
from .reaching import BadValue
from .title_words import MENTORED
from .words import LeadKind

MENTOR = r"(?:mentor|mentore|benevole|parrain|marraine)s?"
WISHES = r"(?:(?:je (?:souhaite|souhaiterais|veux|voudrais)|j aimerais) )?"
SOMEBODY = r"(?:une? )?(?:adulte|personne|salariee?|etudiante?|professionnel(?:le)?|retraitee?) (?:souhaitant|qui souhaite) (?:s )?"
YOUNG = (  # « accompagner des enfants » is a trade
    r"(?:(?:une?|des|les|plusieurs) (?:jeunes?|eleves?|collegien(?:ne)?s?|lyceen(?:ne)?s?|etudiante?s?)|une? enfant)"
)
WOULD_MENTOR = re.compile(
    rf"(?:{WISHES}|{SOMEBODY})(?:(?:devenir|etre) (?:une? )?{MENTOR}(?: .*)?|parrainer(?: (?:une?|des|les|plusieurs) .*)?"
    rf"|(?:m )?engager(?: (?:comme|en tant que) {MENTOR}(?: .*)?)?"
    rf"|proposer (?:mon aide|du mentorat)|(?:rejoindre|integrer) (?:\w+ )+{MENTOR})|(?:je suis )?(?:une? )?(?:jeune )?retraitee?"
)
WOULD_HELP = re.compile(  # where somebody says who they are; as their wish, a trade or a dream
    rf"(?:{WISHES}|{SOMEBODY})(?:(?:accompagner|aider|soutenir|guider|epauler|coacher) {YOUNG}(?: .*)?"
    r"|donner (?:de |du )?(?:mon |son )?temps)"
)
OFFERS = re.compile(  # whatever the column: « Devenir mentor », « Offre de mentorat »; « Candidature mentorat » may be a jeune's
    rf"{WISHES}(?:devenir|etre) (?:une? )?{MENTOR}(?: benevole)?|(?:offre|proposition)s? (?:de |d )?(?:une? )?(?:mentorat|{MENTOR})"
    rf"|je deviens {MENTOR}|candidature (?:de |d )?(?:une? )?(?:benevole )?{MENTOR}"
)
A_JEUNE = re.compile(r"(?:je suis )?(?:une? )?(?:jeunes?|filleule?s?|beneficiaires?)")
WOULD_HAVE_ONE = re.compile(rf"{WISHES}(?:avoir|trouver|chercher|beneficier d) ?(?:une? )?{MENTOR}(?: .*)?")
FOR_ONE = (
    r"(?:parents?|mere|pere|maman|papa|tuteur|tutrice|famille(?: d accueil)?|proche|beau pere|belle mere"
    r"|grands? (?:parents?|mere|pere)|(?:(?:grande?|petite?|belle|beau|demi) )?(?:soeur|frere)|tante|oncle|cousine?|amie?|voisine?"
    r"|(?:representant|responsable)e? legale?|educ(?: spe)?|educat\w+(?: specialisee?)?|membre de la famille"
    r"|pro|professionnel\w*|ass?|partenaires?|conjointe?"
    r"|assistante? (?:sociale?|familiale?)|referente?(?: ase)?"
    r"|prescript\w+|conseill\w+|enseignante?|profs?(?: principale?)?|professeure?s?(?: principale?)?|cpe|travailleu\w+ social\w*)"
)
THEIR_JEUNE = (
    r"(?:mon|ma|mes|votre|vos|notre|nos) (?:(?:petite?s?|grande?s?|jeunes?) )?"
    r"(?:enfants?|fils|filles?|neveux?|nieces?|eleves?|freres?|soeurs?|cousine?s?|jeunes?|filleule?s?)(?: .*)?"
)
FOR_A_JEUNE = re.compile(  # whoever fills the form is not whom it is about
    rf"(?:une? |le |la |l |un des |son |sa )*{FOR_ONE}(?:(?: ou)?(?: une?)? {FOR_ONE})*(?! d accord)"
    rf"(?: (?:de|du|d|des|en|a|au|aux|dans|qui|pour|scolaire|principale?) .*)?|{THEIR_JEUNE}"
)
SOME_JEUNE = re.compile(r"(?:une?|des) (?:autres? )?(?:jeunes?|eleves?|enfants?|personnes?|proches?)(?: .*)?")
BEFORE_WHO = re.compile(  # « Autre : je suis sa tante », « Je demande pour mon fils »
    r"(?:non |autre )?(?:c est |je suis )?(?:je (?:demande|fais (?:cette|la) demande|remplis (?:ce|le) formulaire) )?"
    r"(?P<for>pour )?"
)
MENTORS = re.compile(MENTOR)
BESIDE_WORDS = (  # what somebody says of themselves beside « mentor »
    "je suis une un la le future futur adulte salarie salariee actif active etudiant etudiante retraite retraitee parent"
    " professionnel professionnelle entreprise potentiel potentielle et en tant que comme mentorat e"
)
BESIDE_MENTOR = frozenset(BESIDE_WORDS.split())
LISTS = re.compile(r"(?:tags?|etiquettes?|groupes?)\b.*")
BOX_OF_WHO = re.compile(r"([^\[\]():>]+?) ?(?:\[([^\[\]]+)\]|\(([^()]+)\)|(?:>+|:) ?(\S.*))")
ARE_YOU = re.compile(r"(?:etes vous|es tu|vous etes|tu es|je suis) (?=\w)")
OF_A_CHILD = re.compile(r"\b(?:votre|vos|mon|ma|mes) (?:enfants?|fils|filles?)\b|\benfants? a (?:inscrire|accompagner)\b")
OF_A_MENTOR = re.compile(rf"{RECORD.pattern}|\b(?:devenir|etre) (?:une? )?{MENTOR}\b|\bcharte (?:du |de la |de )?{MENTOR}\b")
WANTS_ONE = re.compile(r".*\b(?:souhait\w*|veux|voulez|voudrai\w*|cherch\w*)")  # « Je souhaite : un mentor »


def refuse_other_kind(title: str, asked: frozenset[str], cell: str, kind: LeadKind) -> None:
    """Raise BadValue where somebody says that they are a mentor in a file of jeunes, or a jeune in a file of mentors."""
    if not asked & {"wish", "who"}:
        return
    is_who, is_mentored, answer = "who" in asked, bool(MENTORED.search(cell)), fold(BOTH.sub("", cell))
    if kind == LeadKind.MENTEE:
        is_helping = is_who and (WOULD_HELP.fullmatch(answer) or is_mentor(title, cell))
        if not is_mentored and (WOULD_MENTOR.fullmatch(answer) or is_helping):
            raise of_a_mentor(cell)
    elif WOULD_HAVE_ONE.fullmatch(answer) or is_mentored or (is_who and A_JEUNE.fullmatch(answer)):
        sentence = _("« %(value)s » : cette ligne n'est pas d'un mentor. Les jeunes s'importent à part.", value=cell[:60])
        raise BadValue("last_name", sentence)


def is_mentor(title: str, cell: str) -> bool:
    """Whether who somebody is, or one of their tags, is a mentor: « Mentor (salarié) », « Parent et mentor », « Mentor, 2026 »."""
    asked = fold(title)
    said = [fold(BOTH.sub("", part)) for part in (re.split("[,;|]", cell) if LISTS.fullmatch(asked) else [cell])]
    if WANTS_ONE.fullmatch(asked) and re.match("une? ", said[0]):
        return False
    return any(are_of_mentor(one.split()) for one in said) and not any(A_JEUNE.fullmatch(one) for one in said)


def are_of_mentor(words: Sequence[str]) -> bool:
    """Whether these words name a mentor, and say nothing but what they are besides."""
    others = [word for word in words if not MENTORS.fullmatch(word)]
    return len(others) < len(words) and all(word in BESIDE_MENTOR or word.isdigit() for word in others)


def refuse_ticked(title: str, mentor: str, mentored: str) -> None:
    """Raise BadValue where « Mentor » is ticked, and « Mentoré » beside it is not."""
    is_ticked = mentor in TICKED or bool(YES.fullmatch(fold(mentor)))
    if is_ticked and (not mentored or is_not_left_out(fold(mentored), mentored)):
        raise of_a_mentor(title)


def of_a_mentor(said: str) -> BadValue:
    """What refuses a mentor in a file of jeunes."""
    sentence = _("« %(value)s » : cette ligne n'est pas d'un jeune. Les mentors s'importent à part.", value=said[:60])
    return BadValue("last_name", sentence)


def refuse_offer(cell: str) -> None:
    """Raise BadValue where a cell of a file of jeunes, whatever its column, offers to mentor."""
    if OFFERS.fullmatch(fold(BOTH.sub("", cell))) and not MENTORED.search(cell):
        raise of_a_mentor(cell)


def refuse_for_other(title: str, cell: str) -> None:
    """Raise BadValue where somebody fills the form for a jeune, and nothing tells whose the name is."""
    answer, asked = fold(BOTH.sub("", cell)), fold(title)
    before = BEFORE_WHO.match(answer)
    who = answer[before.end() :] if before else answer
    is_not_the_jeune = FIRM_NO.fullmatch(answer) and re.match(r"(?:es tu|etes vous|est ce) ", asked)
    is_for = bool(before and before["for"]) or asked.startswith("pour qui") or asked.endswith(("pour", "concerne"))
    if is_not_the_jeune or FOR_A_JEUNE.fullmatch(who) or (is_for and SOME_JEUNE.fullmatch(who)):
        raise of_who_fills(title, cell)


def refuse_parent(title: str, cell: str) -> None:
    """Raise BadValue where an adult is asked about their child (« École de votre enfant »): they are not the jeune."""
    asked = fold(title)
    is_asked = OF_A_CHILD.search(asked) and "mineur" not in asked
    if is_asked and cell and not is_not_left_out(fold(cell), cell):
        raise of_who_fills(title, cell)


def of_who_fills(title: str, cell: str) -> BadValue:
    """What refuses a row whose name may be that of whoever fills the form."""
    said = {"title": title[:60], "value": cell[:60]}
    sentence = _("« %(title)s » : « %(value)s ». Le nom est peut-être le sien : nommez la colonne « Nom du jeune ».", **said)
    return BadValue("last_name", sentence)


def note_of_mentors(header: Sequence[str]) -> list[str]:
    """A note on the title that is asked of who would mentor, in a file that is read as one of jeunes."""
    said = next((title for title in header if OF_A_MENTOR.search(fold(title))), "")
    return [_("« %(title)s » : ce fichier semble de mentors, qui s'importent à part. Vérifiez.", title=said)] if said else []


def box_of_who(title: str) -> tuple[str, str] | None:
    """The question and the answer of a box that says who somebody is: « Vous êtes [Parent] », « Êtes-vous un professionnel ? »."""
    box = BOX_OF_WHO.fullmatch(title.strip())
    if box:
        return box[1], next(filter(None, box.groups()[1:]))
    said = fold(title)
    own = ARE_YOU.match(said)
    return ("Vous êtes", said[own.end() :]) if own else None
