"""What a row says of those beside or below it: whose the columns under it are, and that the people after it are not to be taken."""

import re
from collections.abc import Sequence
from itertools import zip_longest

from app.territory.queries import fold
from app.translation import gettext as _

from .aside_titles import LEFT_OUT, PART
from .asides import CALLED_OFF, LINKS, STOP, THEM
from .dates import MONTHS
from .endings import is_over
from .title_words import FAMILY, JEUNES, SECTIONS, asked_words, bare, is_of_adult
from .titles import guess, in_mentors_file

HEADINGS = SECTIONS | {"renseignements", "renseignement", "sur", "contact", "contacts", "partie", "rubrique", "volet", "fiche"}
ANSWERS = {"response", "reponse", "open ended response", "reponse libre", "date time", "date heure"}  # below a question
SOMEBODY = "adulte"  # a section of somebody else than the jeune
FILLS = frozenset({"vous", "professionnel", "professionnelle", "demandeur", "declarant"})  # whoever fills the form
WHO = re.compile(
    r"^(?:les |nos |liste des )*"
    r"(?:(?:jeunes|eleves|candidate?s|mentors|benevoles|personnes|familles|beneficiaires|inscrits|dossiers) (?=\w))?"
    r"(?:dont (?:les |la )?(?:parents|familles?) (?=\w))?"
)
SINCE = rf"(?:de|du|d|en|depuis|la|le|au|cette|semaine|mois|annee|saison|rentree|{'|'.join(MONTHS[0])})"
HOURS = r"(?:(?:avant|apres|entre) \d|pendant|en (?:journee|classe|cours))"
NO_MORE = re.compile(  # what follows is free after what is said of people alone: « Partie à remplir » is a notice
    r"(?:desistee?s?|injoignables?|a exclure|hors criteres"
    r"|(?:n |ne )(?:ont |souhaitent |veulent |donnent )(?:pas|plus)|jeunes ne souhaitant"
    r"|sans consentement|consentement non|pas d accord"
    r"|refus|departs|partis|demenage(?:s|es)?|radiee?s?|demissions?|npc|non volontaires?|ont deja un mentor|matchee?s?"
    r"|binomes en cours|oppositions?|(?:ont|ayant) (?:refuse|abandonne)|exclue?s?|inactive?s?|inactifs?"
    rf"|(?:a )?ne (?:pas|plus) (?:etre )?(?:re ?|r)?(?:contacter|appeler|solliciter|ecrire|joindre|lancer)(?! {HOURS})"
    r"|(?:non|pas) (?:retenu|eligible|interesse)e?s?|deja (?:accompagne|mentore|traite|suivi)e?s?|deja en binome"
    r"|(?:mineure?s )?sans (?:autorisation|accord)|(?:qui )?ont dit non"
    r"|(?:demandes )?(?:ci dessous )?ont ete (?:annul|refus|retir)\w*)(?: .*)?"
    r"|(?:a )?ne (?:pas|plus) (?:(?:re)?prendre|tenir compte|retenir|garder|importer|accompagner|suivre|inscrire|orienter)"
    rf"(?: {SINCE})*"
    rf"|(?:sortie?s|terminee?s|clos) {LINKS}(?:dispositif|programme|action|mentorat|parrainage|accompagnement|association|liste"
    r"|fichier|effectifs?)\b.*"
    rf"|(?:ex|anciens|anciennes|sortie?s|terminee?s|cloturee?s|clos)(?: (?:{LINKS})?(?:mentoree?s|binomes|{THEM}))?(?: {SINCE})*"
    rf"|(?:depart|sortie?|parties|terminee?)(?: {SINCE})*"
)
NOTICE = re.compile(r"inscriptions? (?:clos|clotur).*|cloture .*")  # until when, and not of whom
TAKEN_AGAIN = re.compile(  # a line that ends such a part; a college, a date, a name alone say nothing of the kind
    r"(?:(?:demandes|inscriptions) )?(?:a (?:re ?)?(?:rappeler|appeler|contacter|traiter|relancer|orienter|accompagner)"
    r"|en (?:attente|cours)(?: de (?:mentor|reponse|binome|traitement))?|liste d attente"
    r"|nouve(?:aux|lles)(?: (?:jeunes|eleves|candidats|inscrits|dossiers|demandes|inscriptions))?"
    r"|inscrit(?:e?s|ions)|demandes|retenue?s|acceptee?s|validee?s|acti(?:f|ve)s|prioritaires|disponibles|interessee?s)"
    rf"(?: {SINCE})*"
)
EACH = r"(?:les |nos |liste des )*"
THE_JEUNES = re.compile(rf"{EACH}(?:jeunes|eleves|mentoree?s|filleule?s|beneficiaires|enfants|collegiens|lyceens)")
MENTORS = r"(?:mentors|benevoles|parrains|marraines|tuteurs)"
THE_MENTORS = re.compile(rf"{EACH}{MENTORS}(?: {MENTORS})*")
STATE = re.compile(  # what is said of them besides: « Mentors disponibles », « Jeunes en attente »
    r" (?:en (?:attente|cours)|disponibles?|acti(?:f|ve)s?|a (?:contacter|rappeler|appairer|placer)|formee?s?|inscrite?s?"
    r"|retenue?s?|nouve(?:aux|lles)|potentiel(?:le)?s|sans (?:mentor|jeune|binome)s?|export)$"
)
WARNS = re.compile(  # above the titles: it may say whom not to take
    r"\b(?:refus\w*|mentors|benevoles|surlign\w*|barree?s|desist\w*|annul\w*|(?:sans|pas d) (?:accord|autorisation|consentement)"
    r"|ne (?:pas|plus|jamais) (?:re)?(?:contact|appel|prendre|sollicit|transmet|ecrire|traiter|import|orient)\w*)\b"
)
OTHER_PEOPLE = re.compile(rf"{EACH}(?:parents|familles|professionnels|encadrants|referents|prescripteurs|partenaires)")
LONGEST_HEADING, FURTHEST = 9, 1  # words; the second column: further, a word alone is a note
FEWEST = 2  # sections, of a row that says nothing else
Rows = list[tuple[int, list[str]]]


def under(band: Sequence[str], header: Sequence[str], of_mentors: bool = False) -> list[str]:
    """The titles, each with the section above it (« Nom (Parent) »), where the row before tells the jeune from somebody else.

    A section of the family that begins after the first column tells them apart too: what stands before it is the jeune's.
    """
    sections = sections_of(band, of_mentors)
    if "jeune" in sections:
        sections = [section or (SOMEBODY if names_somebody(band, header, place) else "") for place, section in enumerate(sections)]
    is_told = "jeune" in sections or any(FAMILY & set(section.split()) for section in sections[1:])
    if not is_told or not set(sections) - {"jeune", ""}:
        return list(header)
    titles, section = [], ""
    for place, title in enumerate(header):
        if place < len(band) and bare(band[place]):
            section = named(sections[place], of_mentors)
        titles.append(f"{title} ({section})" if title and section else title)
    return titles


def names_somebody(band: Sequence[str], header: Sequence[str], place: int) -> bool:
    """Whether a section, which we do not know, has a name below it: beside the jeune's, it is somebody else's."""
    end = next((after for after in range(place + 1, len(band)) if band[after].strip()), len(header))
    return bool(band[place].strip()) and any({"nom", "prenom"} & set(bare(title).split()) for title in header[place:end])


def below(header: Sequence[str], rows: Rows, of_mentors: bool = False) -> tuple[list[str], Rows]:
    """The titles, each with the section that the first row says of it, where that row says nothing else; and the other rows.

    « Téléphone » above « Resp. légal » and « Élève » is of both: the title of a merged cell is that of the empty ones after it.
    """
    cells = rows[0][1] if rows else []
    sections = sections_of(cells, of_mentors)
    if not all(section for section, cell in zip(sections, cells, strict=True) if cell.strip()) or sum(map(bool, sections)) < FEWEST:
        return list(header), rows
    titles, above = [], ""
    for title, section in zip_longest(header, sections, fillvalue=""):
        above = title or above
        titles.append(f"{above} ({named(section, of_mentors)})" if above and section else title)
    return titles, rows[1:]


def joined(upper: Sequence[str], lower: Sequence[str], of_mentors: bool = False) -> list[str]:
    """The titles that two rows make together, where some stand on both and one tells more than each alone; else nothing.

    « Nom » takes two rows, « Contact » is above « Téléphone » and « E-mail », and « Date de » above « naissance ».
    """
    pairs = [(above.strip(), below.strip()) for above, below in zip_longest(upper, lower, fillvalue="")]
    if not any(above and not below for above, below in pairs) or not any(below for _above, below in pairs):
        return []
    titles, section = [], ""
    for place, (above, below) in enumerate(pairs):
        is_wide = place + 1 < len(pairs) and not pairs[place + 1][0] and bool(pairs[place + 1][1])
        section = (above if is_wide else "") if above or not below else section
        if above and fold(below) in ANSWERS:
            titles.append(above)
        elif below and section:  # « Coordonnées » says nothing of whose
            whose = named(sections_of([section], of_mentors)[0], of_mentors) or section
            titles.append(below if asked_words(bare(section)) <= HEADINGS else f"{below} ({whose})")
        else:
            titles.append(f"{above} {below}".strip())
    told, *alone = (len(guess(cells, of_mentors).keys() - {"requested_at"}) for cells in (titles, upper, lower))  # « Date » is any
    return titles if told > max(alone) else []


def sections_of(cells: Sequence[str], of_mentors: bool) -> list[str]:
    """The section that each cell names; in a file of mentors, theirs is whom it is about."""
    return [section_of(in_mentors_file(cell) if of_mentors and cell.strip() else bare(cell)) for cell in cells]


def named(section: str, of_mentors: bool) -> str:
    """A section as a title says it."""
    return "mentor" if of_mentors and section == "jeune" else section


def section_of(title: str) -> str:
    """Whose a section is: the jeune's, somebody else's by their title; empty where it does not say, or says « contact » alone."""
    words = asked_words(title)
    if words & JEUNES and words <= JEUNES | HEADINGS | {"identite"}:
        return "jeune"
    if set(title.split()) & FILLS and words <= FILLS | HEADINGS:
        return SOMEBODY
    whose = " ".join(word for word in title.split() if word not in HEADINGS)
    return whose if is_of_adult(whose) and ("contact" not in words or FAMILY & words) else ""


def told_of_parts(
    header: Sequence[str], rows: Rows, above: Sequence[tuple[int, Sequence[str]]] = (), of_mentors: bool = False
) -> tuple[list[str], Rows, list[str]]:
    """A table of which a part begins with « DÉSISTEMENTS »: each row below says so in a column of its own, and is then refused.

    Such a line stands alone in its row, or above the titles, or is the title of the sheet (line 0); the part ends at a line in the
    same column that says to take people again (« À rappeler »). Any other is of the part. So is it of « MENTORS » among jeunes,
    whose part « JEUNES » ends. Gives titles, rows, and notes.
    """
    of_all, warnings = headings_above(above, of_mentors)
    rows = [*of_all, *rows]
    heading, at, width = "", 0, max([len(header), *(len(cells) for _line, cells in rows)])
    told, notes = Rows(), list[str]()
    for line, cells in rows:
        filled = [place for place, cell in enumerate(cells) if cell.strip() and not cell.strip().isdigit()]
        if len({cells[place] for place in filled}) == 1:  # what a merged cell leaves, as a rule
            filled = filled[:1]
        is_near = len(filled) == 1 and (filled[0] <= FURTHEST or cells[filled[0]].isupper())
        is_alone = is_near and len(cells[filled[0]].split()) <= LONGEST_HEADING
        alone_cell = cells[filled[0]] if is_alone else ""
        is_end = heading and is_alone and filled[0] == at and takes_again(alone_cell)
        if is_alone and (says_no_more(alone_cell) or is_of_others(alone_cell, of_mentors)):
            heading, at = " ".join(alone_cell.split()), filled[0]
            of_sheet = _("Feuille « %(value)s » : ses lignes ne sont pas prises.", value=heading)
            of_line = _("Ligne %(line)s : « %(value)s ». Les lignes en dessous ne sont pas prises.", line=line, value=heading[:60])
            notes.append(of_line if line else of_sheet)
        elif is_end or (is_of_those(alone_cell, of_mentors) and (not heading or is_of_others(heading, of_mentors))):
            heading = ""
        else:
            told.append((line, [*cells, *[""] * (width - len(cells)), heading] if heading else cells))
    if not notes:
        return list(header), told, warnings
    return [*header, *[""] * (width - len(header)), PART], told, [*warnings, *notes]


def headings_above(above: Sequence[tuple[int, Sequence[str]]], of_mentors: bool) -> tuple[Rows, list[str]]:
    """What stands alone above the titles, or names the sheet, and is of the whole table; a note on what may be of some."""
    found, notes = Rows(), list[str]()
    for line, alone in ((line, [cell for cell in cells if cell.strip()]) for line, cells in above):
        said = alone[0] if len(alone) == 1 else ""
        is_short = len(said.split()) <= LONGEST_HEADING
        if (not line and is_of_sheet(alone, of_mentors)) or (said and is_short and says_no_more(said)):
            found = [(line, [alone[0]]), *found]
        elif line and " " in said and WARNS.search(fold(said)):
            cause = _(
                "Ligne %(line)s : « %(value)s ». Cette phrase, au-dessus des titres, ne retire personne : "
                "vérifiez qui est à prendre.",
                line=line,
                value=" ".join(said.split())[:120],
            )
            notes.append(cause)
    return found, notes


def says_no_more(cell: str) -> bool:
    """Whether a line that stands alone says that the people below it are not to be taken."""
    if any(says_no_more(inside) for inside in re.findall(r"\(([^()]+)\)", cell)):  # « Jeunes déjà suivis (ne pas reprendre) »
        return True
    said = people_of(cell)
    if NOTICE.fullmatch(said):
        return False
    forms = said, re.sub(r"(?<=[^su])s\b", "", said)
    rules = (LEFT_OUT, CALLED_OFF, NO_MORE)
    return bool(STOP.search(fold(cell))) or any(
        is_over(form, is_asked=False) or any(rule.fullmatch(form) for rule in rules) for form in forms
    )


def is_of_others(cell: str, of_mentors: bool) -> bool:
    """Whether a line that stands alone says that those below are not whom the file is about."""
    rule = THE_JEUNES if of_mentors else THE_MENTORS
    return bool(rule.fullmatch(STATE.sub("", uncounted(cell))) or OTHER_PEOPLE.fullmatch(uncounted(cell)))


def is_of_those(cell: str, of_mentors: bool) -> bool:
    """Whether a line that stands alone says that those below are whom the file is about."""
    return bool((THE_MENTORS if of_mentors else THE_JEUNES).fullmatch(STATE.sub("", uncounted(cell))))


def is_of_sheet(title: Sequence[str], of_mentors: bool) -> bool:
    """Whether a sheet is named for the others of a programme: « Mentors », among jeunes."""
    return bool(title) and bool((THE_JEUNES if of_mentors else THE_MENTORS).fullmatch(STATE.sub("", uncounted(title[0]))))


def takes_again(cell: str) -> bool:
    """Whether a line that stands alone, and begins as one does, says that the people below it are to be taken."""
    return cell.strip()[:1].isupper() and bool(TAKEN_AGAIN.fullmatch(people_of(cell)))


def people_of(cell: str) -> str:
    """What a line that stands alone says of people, without their number, nor a word for them."""
    return WHO.sub("", uncounted(cell))


def uncounted(cell: str) -> str:
    """The words of a line, without a number."""
    return " ".join(re.sub(r"\b\d+\b", " ", fold(cell)).split())
