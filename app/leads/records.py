"""What keeps somebody from mentoring: a criminal record, condemnations, what a team saw of them; said in a column of a file."""

import re
from collections.abc import Sequence

from app.territory.queries import fold
from app.translation import gettext as _

from .asides import BOTH, FIRM_NO, LONGEST_NO, NO, UNTICKED, YES, is_not_left_out, not_taken
from .columns import Reading, cell_of
from .words import LeadKind

NEVER = re.compile(
    r"\b(?:jamais|aucune?s?|absence d\w*|vierge|rien|neant|non (?!lieu)\w+|ne? (?:\w+ ){1,3}pas|ne pas|n avoir pas)\b"
)
CLEAN_WORDS = (  # what lets somebody mentor, or is still to come, and what links it; nothing else is good under « Casier »
    "vierge neant rien ras ok oui o x vrai true yes conforme favorable valide validee verifie verifiee honorable apte"
    " aucun aucune sans absence non pas ni mention mentions condamnation condamnations inscrit inscrite signaler"
    " recu recue fourni fournie transmis transmise remis remise depose deposee envoye envoyee presente presentee vu vue fait faite"
    " encore attente cours demander demande demandee venir relance relancer verifier date depuis le la l du de d en a au par on"
    " renouveler jusqu attestee atteste faire signee signe clear passed"
    " b2 b3 n 2 3 bulletin casier judiciaire extrait cj document"
    " attestation certificat honorabilite controle fijais fijaisv mail courrier"
)
CLEAN = frozenset(CLEAN_WORDS.split())
TAINTED = re.compile(  # in such words too: « non vierge », « avec mention », « inscrit »
    r"\b(?:non|pas) (?:\w+ )?(?:vierge|conforme|favorable|validee?|honorable|apte)\b"
    r"|(?<!sans )(?<!aucune )(?<!pas de )(?<!non )(?<!pas )(?<!absence de )(?<!ni )\b(?:mentions?|condamnations?|inscrite?)\b"
)
BY_WHOM = re.compile(r"\bpar (?:(?:m|mme|mlle|mr) )?(?!mail|courrier)\w+(?= |$)")  # « vu par Mme Petit »
FILE = re.compile(r"https?://\S+|\S.{0,200}\.(?:pdf|jpe?g|png|docx?)", re.IGNORECASE)
ASKS_CLEAN = re.compile(r"\b(?:vierge|honorabilite|honorable|conforme|ok)\b")
ASKS_DONE = re.compile(r"\b(?:recue?|verifiee?|controle\w*|consultee?|faite?|fournie?|demandee?|transmise?|date|ok)\b")
MONTHS = r"(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)"
LATER = (  # « avant janvier », and not « avant vérification du casier »
    rf"(?:(?:avant|pendant|durant|jusqu) (?:(?:le|la|l|les|ses|son|sa|en|a|au|debut|fin|mi|mois|de|d) )*+"
    rf"(?:\d\w*|{MONTHS}|rentree|vacances|examens?|partiels|ete|noel|stage|conges?)|en {MONTHS})"
    rf"(?: (?:\d\w*|{MONTHS}|de|d|du|des|la|l|prochaine?s?|scolaires?|universitaires?|annee|rentree|vacances|ete|noel))*$"
)
ALARMING = re.compile(  # with children, whatever a title asks, in few words
    r"\b(?:gestes?|comportements?|propos|attitudes?|messages?) (?:deplace|inapproprie|inadapte|inquietant|ambigu|malsain)\w*"
    r"|\b(?:sous|une) enquete (?:penale|judiciaire|de police|preliminaire|pour)\b|\bdelinquants? sexuels?\b"
    r"|\bfijaisv? (?:positi\w+|plus)\b"
    r"|\bpedo(?:phil|criminel)\w*|\battouchements?\b|\btrop tactile\b|\b(?:sort|sorti|sortie) de prison\b|\bcontrole judiciaire\b"
    r"|\bsignalement (?:au|aupres du) (?:procureur|parquet)\b|\brevoquee? de l (?:en|education)\b"
    r"|\b(?:mere|pere|parents?|famille|jeune|eleve)s? (?:a |ont )?(?:porte|depose) plainte\b"
    r"|\b(?:b[123]|casier|bulletin) \d+ mentions?\b|\b(?:n a pas voulu|refuse (?:de|d)) (?:donner|fournir|transmettre|montrer)"
    r" (?:son|le|l) (?:b3|casier|extrait|bulletin)\b"
)
UNSAFE = re.compile(  # wherever a team writes
    r"\bmise? en (?:examen|cause)\b|\bgarde a vue\b|\b(?:sous|une) enquete\b|(?<!victime d )(?<!victime d une )\bagression\b"
    r"|\bplainte (?:(?:d|de)\b|(?:deposee )?contre (?!son |sa |ses |une? |des )|deposee\b(?! contre| par (?:lui|elle)\b))"
    r"|\bjamais avec (?:des|les|de) (?:mineur|enfant)e?s?\b"
    r"|(?<!prefere )(?<!souhaite )(?<!prefererais )"
    r"\b(?:(?:ne pas|ne jamais|interdi\w+) (?:\w+ ){0,5}(?:mineur|enfant)|pas de (?:\w+ ){0,5}mineur)e?s?\b"
    r"|\bmajeurs? (?:uniquement|seulement)\b|(?<!non )(?<!pas )(?<!ni )(?<!jamais )(?<!aucune )"
    r"\b(?:inscrite?|fichee?|figure|connue?) (?:au |dans le )?fijais\w*"
    rf"|\bne (?:pas|plus|jamais) (?:reprendre|recruter|reengager|(?:re)?mettre en (?:binome|contact)(?! {LATER}))\b"
)
PLUS = re.compile(r" ?\+$")  # « FIJAISV + »
NOT_THERE = re.compile(r"\bfijais\w*\s*[:?=]+\s*(?:non|n[ée]ant)(?=\s*(?:$|[.,;!\n]))", re.IGNORECASE)  # « au FIJAIS : non »

AWAY = re.compile(
    r"(?:en )?pause\b.*|(?:ex|ancien|ancienne) (?:mentor|mentore|benevole)\b.*|(?:temporairement |in|non |pas )disponible\b.*"
    rf"|(?:.* )?ne (?:pas|plus) (?:re)?mettre en (?:binome|contact) {LATER}"
)


def refuse_unfit(title: str, asked: frozenset[str], cell: str) -> None:
    """Raise BadValue where a column says that somebody is not to mentor."""
    if "record" in asked:
        refuse_record(title, cell)
    elif "offence" in asked:
        refuse_offence(title, cell)
    elif asked & {"status", "free"} and is_unsafe(cell):
        raise not_taken(title, cell)


def refuse_alarming(title: str, cell: str) -> None:
    """Raise BadValue where a short cell, whatever its title, says what alarms a team of who would mentor."""
    if len(cell.split()) <= LONGEST_NO and ALARMING.search(fold(PLUS.sub(" plus", cell))):
        raise not_taken(title, cell)


def is_unsafe(cell: str) -> bool:
    """Whether a team writes that somebody is not to be with children; « B3 : non, connu au FIJAIS » is read by parts too."""
    said = NOT_THERE.sub("", cell)
    parts = (fold(PLUS.sub(" plus", part)) for part in (said, *re.split(r"[.,;\n]", said)))
    return any(ALARMING.search(part) or UNSAFE.search(part) for part in parts)


def refuse_offence(title: str, cell: str) -> None:
    """Raise BadValue where who would mentor says that they were condemned, or does not swear that they never were."""
    answer = fold(BOTH.sub("", cell))
    if NEVER.search(fold(title)):  # « J'atteste n'avoir jamais été condamné »: a no
        is_told = bool(NO.fullmatch(answer)) or cell in UNTICKED
    else:
        is_told = bool(cell) and not is_not_left_out(answer, cell) and not NEVER.search(answer)
    if is_told:
        raise not_taken(title, cell)


def refuse_record(title: str, cell: str) -> None:
    """Raise BadValue where what is said of somebody's record is more than that it is clean, or still to come."""
    asked, answer = fold(title), fold(BOTH.sub("", cell))
    if (not answer and cell not in UNTICKED) or FILE.fullmatch(cell):
        return
    if cell in UNTICKED or (FIRM_NO.fullmatch(answer) and len(answer.split()) == 1):
        is_clean = not ASKS_CLEAN.search(asked) or bool(ASKS_DONE.search(asked))
    elif "fijais" in asked and re.fullmatch("negati(?:f|ve)", answer):
        is_clean = True
    elif "fijais" in asked and YES.fullmatch(answer):
        is_clean = bool(ASKS_DONE.search(asked))
    else:
        words = {word for word in BY_WHOM.sub(" ", answer).split() if not re.fullmatch(r"\d+x?", word)}
        is_clean = words <= CLEAN and not TAINTED.search(answer)
    if not is_clean:
        raise not_taken(title, cell)


def away(reading: Reading, cells: Sequence[str]) -> list[tuple[str, str]]:
    """A remark on each status of somebody who would mentor that says that they do not, for now or any more."""
    if reading.kind != LeadKind.MENTOR:
        return []
    said = [
        (title, cell_of(cells, place).strip()) for place, title, asked in reading.besides if is_away(asked, cell_of(cells, place))
    ]
    return [(title, _("« %(value)s » : la ligne est prise, vérifiez.", value=cell[:60])) for title, cell in said]


def is_away(asked: frozenset[str], cell: str) -> bool:
    """Whether a status says that who would mentor does not, for now or any more: they are taken, and it is remarked."""
    return "status" in asked and bool(AWAY.fullmatch(fold(BOTH.sub("", cell))))
