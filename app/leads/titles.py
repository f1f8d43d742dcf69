"""What the columns of a file hold, by their titles, however people and programs write them."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from app.territory.queries import fold
from app.translation import gettext as _

from .parent_titles import guess_parents
from .title_words import (
    CALLED,
    FAMILY,
    FIELDS,
    HOME,
    JEUNES,
    LABELS,
    LINKING,
    MAILED,
    MENTORED,
    OF_MENTORS,
    PERHAPS,
    PLACES,
    SURNAME,
    WORKERS,
    asked_words,
    bare,
    is_of_adult,
    meaning,
    name_of,
    way_of,
)

VALUES = re.compile(r"[\d@]")  # what no row of titles holds, as a rule, and each row of people does
FEWEST_TITLES = 3  # that are known, of a row of titles
NEEDED = (("last_name", "full_name"), ("first_name", "full_name"), ("age", "birth_date"),
          ("phone", "email", "guardian_phone", "guardian_email"), ("city",), ("postal_code",))  # fmt: skip
UNSAID = frozenset({"full_name", "guardian_phone", "guardian_email"})  # would do as well: a child may have no way of their own
OWN_COLUMNS = {  # of a form program, whatever is asked
    **dict.fromkeys(("nom", "name"), ("last_name", "full_name")), **dict.fromkeys(("adresse de messagerie", "email"), ("email",)),
}  # fmt: skip
NAMES = frozenset({"last_name", "first_name", "full_name"})
AGES = frozenset({"age", "birth_date"})
OF_MENTEES = frozenset({"needs", "guardian_name", "guardian_phone", "guardian_email"})
SOMEBODY_ELSE = "adulte famille"  # what a title says, for us, that is of another than whom the file is about
AT_WORK = frozenset({"professionnel", "professionnelle", "pro"})
YOURS = frozenset({"votre", "vos", "vous"})
NUMBERED = re.compile(r"numero (?:(?:du|de l|de votre) )?(?:jeune|enfant)")  # a telephone's, where no other column has one
WHERE = frozenset({"place", "city", "postal_code"})
CHILDREN = frozenset({"enfant", "eleve", "fils", "fille", "mineur", "mineure"})  # whom another names so
COLLECTED = {("horodateur", "adresse e mail"), ("timestamp", "email address")}  # by Google Forms, of whoever fills the form
SAID_OF_ONE = frozenset(
    {"lien", "parente", "qualite", "civilite", "profession", "metier", "relation", "filiation", "langue", "parlee", "rue"}
)
SOMEBODY = re.compile(  # whoever asks for the jeune, or looks after them: « Créé par », « Demande transmise par », « Allocataire »
    r"(?:\w+ ){0,2}\w+(?:e|ee|i|ie|is|ise|it|ite|u|ue) par\b"
    r"|(?:n |nom |prenom )?(?:de l |du |de la )?(?:auteure?|declarante?|secretariat|secretaire|proviseure?|principale?"
    r"|correspondante?|interlocut\w+|format(?:eur|rice)|coach|allocataire|souscript\w+|signataire|as|ass|ts|pp|cop|psy en"
    r"|chef(?:fe)? d\w*|employeur|deleguee?|elue?|personne ressource|maitre"
    r"|tutelle|mandataire|curat\w+|administrat\w+ ad hoc|avocate?|juge"
    r"|assuree?|acheteu\w+|proche|voisine?|amie?|lieu de vie|frere|soeur|detent\w+)\b"
)
OF_CONTACTS = {  # whom a form was sent to, one by one; empty where it was not
    **dict.fromkeys(("adresse e mail", "email address"), ("email",)), **dict.fromkeys(("prenom", "first name"), ("first_name",)),
    **dict.fromkeys(("nom de famille", "last name"), ("last_name", "full_name")),
}  # fmt: skip
FORMS = (  # whose own columns come first: Microsoft Forms, SurveyMonkey
    ({"heure de debut", "heure de fin"}, OWN_COLUMNS), ({"start time", "completion time"}, OWN_COLUMNS),
    ({"respondent id", "collector id"}, OF_CONTACTS), ({"id du repondant", "id du collecteur"}, OF_CONTACTS),
)  # fmt: skip


def guess(header: Sequence[str], of_mentors: bool = False) -> dict[str, int]:
    """Which column holds what, by its name, however it is written.

    What a title says of the jeune goes before what it says of nobody, which may be of whoever fills the form. Of a file of mentors,
    what it says of their jeune is not read.
    """
    return dict(guessed(tuple(header), of_mentors))


@lru_cache(maxsize=50)  # a file's titles are asked for a few times, by whoever reads a part of it
def guessed(header: tuple[str, ...], of_mentors: bool) -> Mapping[str, int]:
    """The same, worked out once."""
    titles = [in_mentors_file(title) for title in accented(header)] if of_mentors else [bare(title) for title in header]
    folded = as_asked(of_whom(titles))
    meant = [meaning(title) for title in folded]
    places = candidates(folded, meant)
    parents = [] if of_mentors else guess_parents(header)
    after = after_parents(parents, folded, meant, places)
    found = {
        name: place for name, options in places.items()
        if not (of_mentors and name in OF_MENTEES)
        and (place := nearest(name, [one for one in options if one not in after], places, folded, of_mentors)) is not None
    }  # fmt: skip
    both = next((place for place, said in enumerate(meant) if said[0] == "place"), None)
    if both is not None:
        found = {"city": both, "postal_code": both} | found
    number = next((place for place, title in enumerate(folded) if NUMBERED.fullmatch(title)), None)
    if number is not None:
        found = {"phone": number} | found
    surest = sorted(after.values(), key=lambda one: (bool(meant[one[2]][0]), -one[2]))  # « Tél. portable », not « domicile »
    of_first = {name: place for parent, name, place in surest if parent is parents[0]}
    for parent in guess_parents(header, found.values())[:1] if parents else ():
        of_first |= {name: place for name, place in parent.items() if name != "guardian_first"}
    return of_first | found


def candidates(folded: Sequence[str], meant: Sequence[tuple[str, bool]]) -> dict[str, list[int]]:
    """The columns that each name may be of; none of a name that is somebody else's."""
    is_there, is_plain = ({name for name, is_theirs in meant if is_theirs == said} for said in (True, False))
    is_aged = bool(is_plain & AGES) != bool(is_there & AGES)  # else a young parent, who has a child
    is_first_alone = is_aged and "first_name" in is_there and bool(is_plain & {"first_name", "full_name"})
    tells_apart = "full_name" in is_there or {"last_name", "first_name"} <= is_there or is_first_alone
    is_filled = bool(is_plain & NAMES) or is_filled_for(folded, meant)
    if tells_apart and is_filled:  # « Votre téléphone » is then of whoever fills the form
        meant = [
            said if said[1] or not set(title.split()) & YOURS else ("", False) for title, said in zip(folded, meant, strict=True)
        ]
    places: dict[str, list[int]] = {}
    precise = set()
    for name in FIELDS:
        ranked = ranks(name, folded, meant, tells_apart)
        if any(ranked):
            places[name] = list(dict.fromkeys(place for rank in ranked for place in rank))
        if any(ranked[:2]):
            precise.add(name)
    if "full_name" in precise and not precise & {"last_name", "first_name"}:  # « Nom » is of whoever fills the form
        places.pop("last_name", None), places.pop("first_name", None)
    if is_first_alone and not precise & {"last_name", "full_name"}:  # the last name is a parent's
        places.pop("last_name", None), places.pop("full_name", None)
    return places


def is_filled_for(folded: Sequence[str], meant: Sequence[tuple[str, bool]]) -> bool:
    """Whether titles say that somebody fills a form for the jeune: « votre enfant », or how to reach « vous », apart from them.

    « Votre téléphone » is apart before the jeune's name, or where they are called a child; « Votre âge » can only be theirs.
    """
    said = [(what, set(title.split())) for (what, _own), title in zip(meant, folded, strict=True)]
    is_child = any(what in NAMES and words & CHILDREN for what, words in said)
    is_yours = any(what in AGES and words & YOURS for what, words in said)
    named = next((place for place, (what, words) in enumerate(said) if what in NAMES and words & JEUNES), 0)
    apart = len(said) if is_child and not is_yours else named
    return any(
        words & YOURS and (words & JEUNES or (place < apart and way_of(folded[place]))) for place, (_what, words) in enumerate(said)
    )


def ranks(name: str, folded: Sequence[str], meant: Sequence[tuple[str, bool]], tells_apart: bool) -> list[list[int]]:
    """The columns that a name may be of, the surest first; the first two ranks say that they are the jeune's."""
    label, others = FIELDS[name]
    theirs = [place for place, said in enumerate(meant) if said == (name, True)]
    at_home = [place for place, said in enumerate(meant) if said[0] == name and HOME.intersection(folded[place].split())]
    return [
        [place for place, title in enumerate(folded) if title in others and "jeune" in title],
        theirs if tells_apart or name in ("phone", "email") else [],  # else « Âge enfant » may be of a young parent's child
        at_home,
        *([place for place, title in enumerate(folded) if title == word] for word in others if "famille" in word),
        *([place for place, title in enumerate(folded) if title == word] for word in (fold(str(label)), *others)),
        [place for place, said in enumerate(meant) if said == (name, False)],
        theirs,
    ]


def accented(header: Sequence[str]) -> list[str]:
    """Titles in which « mentore », without its accent, is the jeune, since others are of the mentor."""
    is_told_apart = any("mentor" in fold(title).split() for title in header)
    return [re.sub(r"\bmentor[eé]", "mentoré", title, flags=re.IGNORECASE) for title in header] if is_told_apart else list(header)


def in_mentors_file(title: str) -> str:
    """A bare title of a file of mentors, as it would be in one of jeunes: theirs is whom it is about, their jeune is another.

    An address at work is one's own.
    """
    words = bare(title).split()
    if set(words) & (JEUNES - OF_MENTORS) or MENTORED.search(title):
        return SOMEBODY_ELSE
    kept = ["jeune" if word in OF_MENTORS else word for word in words if word not in AT_WORK]
    return " ".join(kept or words)


def of_whom(folded: list[str]) -> list[str]:
    """Titles where « contact » names somebody else (« Contact d'urgence »): « Tél. contact » is then theirs."""
    if not any("contact" in title.split() and is_of_adult(title) and not meaning(title)[0] for title in folded):
        return folded
    return ["" if "contact" in title.split() and meaning(title)[0] else title for title in folded]


def nearest(
    name: str, options: Sequence[int], places: Mapping[str, Sequence[int]], folded: Sequence[str], of_mentors: bool = False
) -> int | None:
    """Of the columns that may be of a name, the surest; where somebody else's stand before the jeune's name, the first after it.

    One that stands behind somebody else's gives way to one that does not. A telephone or an address that stands among those of a
    person, and nowhere else, is theirs: None; in a file of mentors, an age too. Among those of a place it is the jeune's behind a
    column of theirs, unless the titles tell the two names apart.
    """
    own_name = next((places[one][0] for one in ("last_name", "full_name") if one in places), 0)
    others = next((place for place, title in enumerate(folded[:own_name]) if is_of_adult(title) or is_of_another(title)), own_name)
    if not options:
        return None
    ways = {"phone", "email"}
    personal = ways | (AGES if of_mentors else set())
    behind = next((place for place, title in enumerate(folded) if place > own_name and is_of_adult(title)), len(folded))
    first = min((place for place in options if place > own_name), default=behind)  # then « Employeur », and a town anew
    behind = next((place for place in range(first + 1, behind) if not meaning(folded[place])[0]), behind)
    own = next((place for place in options if place < behind or JEUNES & set(folded[place].split())), None)
    if name in ("phone", "email") and not of_mentors and is_behind_another(folded, own_name, options[0]):
        return next((place for place in options if JEUNES & set(folded[place].split())), None)
    if others == own_name:
        is_the_jeunes = of_mentors and SOMEBODY_ELSE in folded[own_name : options[0]]
        is_theirs = is_the_jeunes or (
            not of_mentors
            and (
                is_of_family(folded, behind, options[0])
                or is_behind_family(folded, name, options[0])
                or is_right_behind_worker(folded, options[0], places)
            )
        )
        return own if own is not None or (name in personal and is_theirs) else options[0]
    after = next((place for place in options if place > own_name or place < others or JEUNES & set(folded[place].split())), None)
    is_apart = any(map(is_of_person, folded[:own_name])) or bool(JEUNES & set(folded[own_name].split()))
    is_theirs = name in personal | AGES and is_apart
    is_theirs |= name in ways and not of_mentors and is_right_behind_place(folded, options[0])
    return after if after is not None or is_theirs else options[0]


def is_of_person(title: str) -> bool:
    """Whether a bare title names somebody else than the jeune, and not only a place."""
    words = set(title.split())
    is_another = is_of_adult(title) or is_of_another(title)
    return bool(SOMEBODY.match(title)) or (is_another and (not PLACES & words or bool(PERHAPS & words)))


def is_of_another(title: str) -> bool:
    """Whether a bare title names somebody whom we do not know (« Nom du chargé d'insertion », « Orienté par »)."""
    is_unknown = not name_of(title) and not meaning(title)[0] and not JEUNES & set(title.split())
    return is_unknown and bool(re.match(r"nom (?:et fonction )?d[eu]? ", title) or SOMEBODY.match(title))


def is_of_family(folded: Sequence[str], behind: int, place: int) -> bool:
    """Whether a plain telephone or address, right behind somebody of the family (« Contact parent »), is theirs: no other is."""
    said = set(folded[behind].split()) if behind < len(folded) else set[str]()
    others = any(set(title.split()) & FAMILY and set(title.split()) & (CALLED | MAILED) for title in folded)
    between = [
        way_of(title)
        for before, title in pairwise(folded[behind:place])
        if not is_beside(title) and "prenom" not in title.split() and not (is_of_adult(title) and way_of(before))
    ]
    return bool(said & FAMILY) and all(between) and not others


def is_behind_another(folded: Sequence[str], own_name: int, place: int) -> bool:
    """Whether a plain way stands behind a last name that is nobody's, where the one that is read says that it is the jeune's."""
    between = [(title, meaning(title)) for title in folded[own_name + 1 : place]]
    is_another = any(
        said[0] in ("last_name", "full_name") and not said[1] and not SURNAME & set(title.split()) for title, said in between
    )
    return is_another and bool(JEUNES & set(folded[own_name].split()))


def is_right_behind_worker(folded: Sequence[str], place: int, places: Mapping[str, Sequence[int]]) -> bool:
    """Whether a plain way stands right behind a professional, where a column before them reaches the jeune: it is theirs."""
    before = set(folded[place - 1].split()) if place else set[str]()
    is_worker = bool(before & WORKERS) and not before & PLACES and is_of_adult(folded[place - 1])
    return is_worker and any(at < place - 1 for way in ("phone", "email") for at in places.get(way, ()))


def is_right_behind_place(folded: Sequence[str], place: int) -> bool:
    """Whether a plain way stands among what is said of a place (« Structure;Ville;Téléphone »), before any column of the jeune."""
    start = place
    while start and (not folded[start - 1] or is_of_place(folded[start - 1])):
        start -= 1
    is_named = any(PLACES & set(title.split()) and is_of_adult(title) for title in folded[start:place])
    own = JEUNES | {"classe", "niveau"}
    return is_named and not any(own & set(title.split()) or meaning(title)[0] in NAMES | AGES for title in folded[:start])


def is_of_place(title: str) -> bool:
    """Whether a bare title names a place, or may say where one is and how to reach it."""
    return is_of_adult(title) or says_more(title) or bool(way_of(title)) or (meaning(title)[0] or name_of(title)) in WHERE


def is_behind_family(folded: Sequence[str], name: str, place: int) -> bool:
    """Whether a plain way stands right behind parents who are named and reached, none of them in that way: it may be theirs."""
    said = [set(title.split()) for title in folded]
    start = place
    while start and said[start - 1] & FAMILY and asked_words(folded[start - 1]) <= LABELS | CALLED | MAILED:
        start -= 1
    is_named, is_reached = (any(bool(words & (CALLED | MAILED)) == way for words in said[start:place]) for way in (False, True))
    alike = CALLED if name == "phone" else MAILED
    return is_named and is_reached and not any(words & FAMILY and words & alike for words in said)


def after_parents(
    parents: Sequence[dict[str, int]], folded: Sequence[str], meant: Sequence[tuple[str, bool]], places: Mapping[str, Sequence[int]]
) -> dict[int, tuple[dict[str, int], str, int]]:
    """The plain telephones and addresses that stand right after the name of one parent: of which parent, what, where.

    None where a title says whose the parents' are, and none after the names of two in a row, for they may be anybody's.
    """
    whose = {parent[name]: parent for parent in parents for name in ("guardian_first", "guardian_name") if name in parent}
    found: dict[int, tuple[dict[str, int], str, int]] = {}
    if any({"guardian_phone", "guardian_email"} & parent.keys() for parent in parents):
        return found
    first_names = {place for place, said in enumerate(meant) if said[0] == "first_name"} - {*places.get("first_name", ())[:1]}
    passed = {place for place, title in enumerate(folded) if is_beside(title)} - whose.keys() | first_names
    for place, (_name, is_theirs) in enumerate(meant):
        before = place - 1
        while before in found or before in passed:
            before -= 1
        is_after_one = before in whose and whose.get(before - 1, whose[before]) is whose[before]
        if (way := way_of(folded[place])) and not is_theirs and is_after_one:
            found[place] = whose[before], f"guardian_{way}", place
    return found


def is_beside(title: str) -> bool:
    """Whether a bare title leaves a plain telephone behind it to whoever stands before it: it is empty, or none that we read."""
    return says_more(title) or not (title and (meaning(title)[0] or name_of(title) or way_of(title) or is_of_adult(title)))


def says_more(title: str) -> bool:
    """Whether a bare title says something else of whoever the one before names (« Lien de parenté », « Adresse »)."""
    return bool(title) and set(title.split()) - LINKING <= SAID_OF_ONE


def as_asked(folded: list[str]) -> list[str]:
    """Titles where a form program puts columns of its own first (« Nom », « Adresse de messagerie »): the questions are meant.

    One whose title is taken is numbered (« Nom2 »); another says the same in other words (« Ton nom »). The address of whoever
    filled the form is not that of the jeune whom its questions name.
    """
    if tuple(folded[:2]) in COLLECTED and any(meaning(title)[1] and meaning(title)[0] in NAMES for title in folded):
        return [folded[0], "", *folded[2:]]
    columns = next((columns for marks, columns in FORMS if marks <= set(folded)), None)
    if columns is None:
        return folded
    asked = [
        numbered[1] if (numbered := re.fullmatch(r"(.*[a-z]) ?2", title)) and numbered[1] in columns else title for title in folded
    ]
    for own, names in columns.items():
        others = [place for place, title in enumerate(asked) if (name_of(title) or meaning(title)[0]) in names]
        if len(others) > 1 and asked[others[0]] == own:
            asked[others[0]] = ""
    return asked


def is_header(cells: Sequence[str], of_mentors: bool = False) -> bool:
    """Whether a row of a file names its columns: we know enough of them."""
    return len(guess(cells, of_mentors)) >= FEWEST_TITLES


def is_of_people(header: Sequence[str], of_mentors: bool = False) -> bool:
    """Whether a row of titles is of people, who have a first name, and not of places; in a file of mentors, of them."""
    return bool(guess(header, of_mentors).keys() & {"first_name", "full_name"})


def missing(held: Collection[str]) -> dict[str, str]:
    """What no column holds of these, without which nothing can be taken: the first name of each kind, and the words."""
    lacking = [names for names in NEEDED if not {*held} & {*names}]
    return {names[0]: _(" ou ").join(str(FIELDS[name][0]) for name in names if name not in UNSAID) for names in lacking}
