"""Which columns are about each parent, by their titles: « Tél. mère », « Adresse mail responsable légal », « Tuteur »."""

from collections.abc import Collection, Sequence

from app.territory.queries import fold

from .title_words import (
    CALLED,
    GUARDIANS,
    HOLDING,
    LEGAL,
    MAILED,
    NAMED,
    OF_MINOR,
    OF_PLACES,
    PARENTS,
    PERHAPS,
    PLACES,
    PUT,
    SURNAME,
    asked_words,
    bare,
)

FILLING = frozenset({"qui", "remplit", "remplissant", "formulaire", "ce"})  # « Nom du parent qui remplit »


def guess_parents(header: Sequence[str], taken: Collection[int] = ()) -> list[dict[str, int]]:
    """The columns about each parent, however they are named: « Tél. mère », « Adresse mail responsable légal », « Tuteur ».

    Those of one parent are never mixed with those of the other, whom letters would reach; those that name neither go with each. The
    parent of whom most is known comes first, then the one on the left. A first name in a column of its own is `guardian_first`.
    """
    known = GUARDIANS | PERHAPS | NAMED | CALLED | MAILED
    is_at_work = any(PLACES & set(fold(title).split()) for title in header)
    guardians = GUARDIANS - OF_PLACES if is_at_work else GUARDIANS  # « Nom du représentant » is then of that place, as a rule
    theirs: dict[str, dict[str, int]] = {}
    named: set[int] = set()
    for place, title in enumerate(map(bare, header)):
        words = asked_words(OF_MINOR.sub("", title))
        is_holder = {"autorite", "parentale"} <= words and bool(words & ({"nom", "noms", "prenom", "prenoms"} | CALLED | MAILED))
        is_theirs = is_holder or words & guardians or (words & (PERHAPS | OF_PLACES) and words & LEGAL)
        said = PUT if words & CALLED else SURNAME | FILLING if words & {"nom", "noms", "prenom", "prenoms"} else frozenset[str]()
        said |= HOLDING if is_holder else frozenset()
        is_postal = "adresse" in title.split() and not words & MAILED
        if (
            place not in taken and is_theirs and words <= known | said and not is_postal
        ):  # not « Profession du père », nor « Mail envoyé au parent »
            which = {PARENTS[word] for word in words & PARENTS.keys()}
            columns = theirs.setdefault(which.pop() if len(which) == 1 else "", {})
            is_number = title.split()[0] in ("n", "no") and not words & NAMED  # « N° maman »
            kind = "phone" if words & CALLED or (is_number and not words & MAILED) else "email" if words & MAILED else "name"
            if words & {"prenom", "prenoms"} and not words & {"nom", "noms"}:
                kind = "first"
            if words & {"nom", "noms"} and columns.get("guardian_name") not in {None, *named}:
                del columns["guardian_name"]  # « Représentant légal » may hold « mère », where another column holds the name
            if columns.setdefault(f"guardian_{kind}", place) == place and words & {"nom", "noms"}:
                named.add(place)
    for columns in theirs.values():
        if "guardian_name" not in columns and "guardian_first" in columns:
            columns["guardian_name"] = columns.pop("guardian_first")
    neither = theirs.pop("", {})
    parents = [neither | columns for columns in theirs.values()] or [neither]
    return sorted(filter(None, parents), key=len, reverse=True)
