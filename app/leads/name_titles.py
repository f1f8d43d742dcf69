"""What a file's titles say of names: whose they are, how many people they may be of, in which order one is written."""

from collections.abc import Mapping, Sequence

from app.territory.queries import fold
from app.translation import gettext as _

from .title_words import JEUNES, STATUSES, SURNAME, TOLD_OF, asked_words, bare, meaning
from .titles import AGES, CHILDREN, NAMES, YOURS, guess

FIRST_NAME_FIRST = ("prenom", "full name", "name", "nom complet", "identite")  # titles of a name in one cell
GOES_BY = frozenset({"usage", "usuel", "choisi", "prefere"})  # of a first name
AGED = frozenset({"age", "date", "naissance", "classe", "niveau"})


def of_two(header: Sequence[str], of_mentors: bool = False) -> list[str]:
    """Notes where a file may name two people, or does not say in which order a name is written."""
    mapping = guess(header, of_mentors)
    read = mapping.get("last_name", mapping.get("full_name"))
    if read is None:
        return []
    names = {"last_name", "first_name", "full_name"}
    others = [
        place for place, title in enumerate(header)
        if place not in mapping.values() and meaning(bare(title))[0] in names and not SURNAME & set(bare(title).split())
    ]  # fmt: skip
    notes = []
    if others:
        said = {"title": header[read], "other": header[others[0]]}
        theirs = _("Vérifiez que téléphone et e-mail sont ceux du jeune.")
        check = _("Vérifiez que téléphone et e-mail sont ceux du mentor.") if of_mentors else theirs
        notes.append(_("« %(title)s » est lue, « %(other)s » ne l'est pas. %(check)s", check=check, **said))
    whole = mapping.get("full_name")
    if whole is not None and not {"last_name", "first_name"} & mapping.keys() and not says_order(header[whole]):
        notes.append(
            _("« %(title)s » : le premier mot est lu comme le prénom, sauf s'il est en capitales. Vérifiez.", title=header[whole])
        )
    return notes


def may_name_the_jeune(header: Sequence[str], mapping: Mapping[str, int]) -> list[list[int]]:
    """The columns that may name the jeune, where the name that is read may be of whoever fills the form; those of one together.

    « Jeune », « Nom de votre enfant »; and a second name that stands between the one that is read and the age.
    """
    titles = [bare(title) for title in header]
    meant = [meaning(title) for title in titles]
    is_in_two = {"last_name", "first_name"} <= mapping.keys()  # a whole name is then not read
    used = {name: place for name, place in mapping.items() if not (is_in_two and name == "full_name")}
    read = [place for name, place in used.items() if name in NAMES]
    if not read or any(JEUNES & set(titles[place].split()) for place in read):
        return []
    unread = [place for place in range(len(titles)) if place not in used.values()]
    is_parent = any(meant[place][1] and meant[place][0] in AGES for place in unread)  # a young one, with an age of their own
    asked = [[place] for place in unread if asks_the_jeune(titles[place]) and not is_parent]
    age = min((used[name] for name in AGES if name in used), default=0)
    between = [
        place
        for place in unread
        if max(read) < place < age and meant[place][0] in NAMES and not SURNAME & set(titles[place].split())
    ]
    said = {meant[place][0] for place in between}
    return [*asked, between] if "full_name" in said or {"last_name", "first_name"} <= said else asked


def of_who_fills(header: Sequence[str]) -> list[str]:
    """Notes on each way to reach somebody that may be of whoever fills the form for the jeune.

    « Téléphone » beside « Nom de votre enfant », « Votre téléphone » beside « Nom du jeune ».
    """
    mapping = guess(header)
    said = {name: set(bare(header[place]).split()) for name, place in mapping.items()}
    names = [said[name] for name in NAMES & said.keys()]
    is_child = any(words & YOURS and words & CHILDREN for words in names)
    is_other = any(words & JEUNES and not words & YOURS for words in names)
    unsure = [
        mapping[way] for way in ("phone", "email")
        if way in said and not said[way] & JEUNES and (is_child or (is_other and said[way] & YOURS))
    ]  # fmt: skip
    return [
        _("« %(title)s » est lue comme celle du jeune : vérifiez que ce n'est pas celle de qui remplit le formulaire.", title=title)
        for title in (header[place] for place in unsure)
    ]


def asks_the_jeune(title: str) -> bool:
    """Whether a bare title may ask the name of a jeune: by a word for a name, or by nothing else than who that is."""
    words = asked_words(title)
    said = words - JEUNES
    is_name = bool(said & {"nom", "noms", "prenom", "prenoms", "identite"})
    if {"personne", "concernee"} <= words:
        return is_name and said <= TOLD_OF | {"personne"}
    whom = words & JEUNES if is_name else words & (JEUNES - STATUSES)  # « Étudiant » is answered by yes
    is_else = bool(said & AGED) or "adresse" in title.split()
    return bool(whom) and said <= TOLD_OF and (is_name or not is_else) and "jeune fille" not in title


def says_order(title: str) -> bool:
    """Whether the title of a name in one cell says which comes first."""
    return {"nom", "prenom"} <= set(fold(title).split())


def says_first_name_first(title: str) -> bool:
    """Whether the first name comes first, as far as the title says it."""
    return fold(title).startswith(FIRST_NAME_FIRST)


def usual_first_name(header: Sequence[str], mapping: Mapping[str, int]) -> int | None:
    """The column of a first name that somebody goes by, beside the one that is read (« Prénom d'usage »)."""
    own = (asked_words(bare(title)) - JEUNES for title in header)
    usual = [place for place, words in enumerate(own) if "prenom" in words and words & GOES_BY and words <= GOES_BY | {"prenom"}]
    return next((place for place in usual if "first_name" in mapping and place not in mapping.values()), None)


def unread_titles(header: Sequence[str], mapping: Mapping[str, int]) -> list[str]:
    """The titles of the columns that nothing is read from."""
    read = {*mapping.values(), usual_first_name(header, mapping)}
    return [title for place, title in enumerate(header) if title and place not in read]
