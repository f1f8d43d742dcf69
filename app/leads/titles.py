"""What the columns of a file hold, by their titles, however people and programs write them."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.territory.queries import fold
from app.translation import gettext as _
from app.translation import lazy_gettext as _l

LONGEST = 200  # characters of a title
FIRST_NAME_FIRST = ("prenom", "full name", "name", "nom complet", "identite")  # titles of a name in one cell
# What a column may hold: the name that we show, and others that spreadsheets use.
FIELDS: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "last_name": (_l("Nom"), ("nom du jeune", "nom de famille", "nom usage", "nom de naissance", "lastname", "last name")),
    "first_name": (_l("Prénom"), ("prenoms", "prenom du jeune", "firstname", "first name")),
    "full_name": (_l("Nom et prénom"), ("nom prenom", "nom prenoms", "nom et prenoms", "prenom nom", "prenom et nom", "nom complet",
                                        "identite", "nom et prenom du jeune", "prenom et nom du jeune", "full name")),
    "age": (_l("Âge"), ("age au moment de la demande", "age du jeune")),
    "birth_date": (_l("Date de naissance"), ("naissance", "ne le", "nee le", "ne e le", "date naissance",
                                             "date de naissance du jeune", "birth date", "date of birth")),
    "phone": (_l("Téléphone"), ("tel", "telephone portable", "tel portable", "portable", "mobile", "numero de telephone",
                                "numero de portable", "telephone du jeune", "portable du jeune", "phone", "phone number")),
    "email": (_l("E-mail"), ("email", "mail", "courriel", "adresse e mail", "adresse email", "adresse mail", "adresse electronique",
                            "adresse de messagerie", "mail du jeune", "email du jeune", "e mail du jeune",
                            "adresse mail du jeune", "adresse e mail du jeune", "email address")),
    "city": (_l("Ville"), ("commune", "localite", "ville de residence", "commune de residence", "ville du jeune",
                           "commune du jeune", "city")),
    "postal_code": (_l("Code postal"), ("cp", "code post", "code postal de residence", "postal code", "zip", "zip code")),
    "requested_at": (_l("Date de création"), ("date de la demande", "date de demande", "cree le", "created at", "horodateur",
                                              "timestamp", "submitted at", "heure de fin", "completion time", "date")),
    "guardian_name": (_l("Parent ou représentant"), ("nom du parent", "nom du representant legal", "nom du responsable legal",
                                                     "parent", "representant legal", "responsable legal")),
    "guardian_phone": (_l("Téléphone du parent"), ("telephone du representant legal", "telephone du responsable legal",
                                                   "portable du parent", "tel du parent")),
    "guardian_email": (_l("E-mail du parent"), ("mail du parent", "email du parent", "adresse mail du parent",
                                                "mail du responsable legal", "email du responsable legal",
                                                "mail du representant legal", "email du representant legal")),
    "needs": (_l("Besoin"), ("besoins", "besoin principal", "type de besoin", "besoin du jeune", "axe",
                             "accompagnement souhaite", "objet de la demande", "motif de la demande")),
    "source": (_l("Origine"), ("source", "provenance", "canal")),
    "message": (_l("Commentaire"), ("message", "commentaires", "remarque", "remarques", "precisions")),
}  # fmt: skip
# In the title of a column: it is about who represents a minor, or may be if it says so (« responsable légal », not a school's);
# a number, an address, a name; or words that only link.
PARENTS = {"mere": "mother", "maman": "mother", "pere": "father", "papa": "father"}
GUARDIANS = frozenset({"parent", "parents", *PARENTS, "representant", "representante", "representants", "titulaire"})
OF_PLACES = frozenset({"representant", "representante"})  # of a parent, or of a place
PERHAPS = frozenset({"responsable", "responsables", "resp", "tuteur", "tutrice"})
LEGAL = frozenset({"legal", "legale", "legaux", "1"})
CALLED, MAILED = frozenset({"tel", "telephone", "portable", "mobile", "numero", "phone"}), frozenset({"mail", "email", "courriel"})
NAMED = LEGAL | frozenset({"nom", "noms", "prenom", "prenoms", "autorite", "parentale"})
LINKING = frozenset({"de", "du", "des", "d", "la", "le", "les", "l", "un", "une", "et", "ou", "n", "no", "adresse", "e"})
NEEDED = (("last_name", "full_name"), ("first_name", "full_name"), ("age", "birth_date"), ("phone", "email"), ("city",),
          ("postal_code",))  # fmt: skip
# And of the jeune, where somebody else fills the form, or has columns too (« Nom élève », « Prénom de votre fils »).
JEUNES = frozenset({"jeune", "jeunes", "eleve", "enfant", "beneficiaire", "mentore", "mentoree", "filleul", "filleule", "etudiant",
                    "etudiante", "collegien", "collegienne", "lyceen", "lyceenne", "candidat", "candidate", "adherent", "adherente",
                    "participant", "participante", "fils", "fille", "accompagne", "accompagnee", "mineur", "mineure"})  # fmt: skip
ASKED = LINKING | frozenset({"votre", "vos", "ton", "ta", "tes", "son", "sa", "ses", "quel", "quelle", "est", "sont", "of"})
# A title that asks what (« Quel âge as-tu ? »), and what it then says besides; « As-tu un téléphone ? » is answered by yes.
WHICH = frozenset({"quel", "quelle", "quand", "indiquez", "indiquer", "precisez", "preciser", "saisissez", "saisir", "renseignez",
                   "renseigner", "entrez", "entrer"})  # fmt: skip
BESIDES = WHICH | frozenset({"a", "as", "avez", "es", "etes", "tu", "vous", "il", "elle", "t", "te", "on", "nous", "peut",
                             "pouvons", "joindre", "contacter", "dans", "sur", "habites", "habitez", "habite", "merci",
                             "veuillez"})  # fmt: skip
# Other adults, and places, whose columns may stand before the jeune's; of places, those that have somebody responsible.
PLACES = frozenset({"structure", "organisme", "association", "etablissement", "entreprise", "foyer", "service", "mission"})
WORKERS = PLACES | frozenset({
    "referent", "referente", "prescripteur", "prescriptrice", "conseiller", "conseillere", "educateur", "educatrice", "professeur",
    "prof", "enseignant", "enseignante", "accompagnateur", "accompagnatrice", "orienteur", "cpe", "partenaire", "assistant",
    "assistante", "travailleur", "travailleuse", "coordinateur", "coordinatrice", "animateur", "animatrice", "infirmier",
    "infirmiere", "demandeur", "demandeuse", "payeur", "payeuse", "volontaire", "intervenant", "intervenante", "contact", "adulte",
    "mentor", "mentors", "benevole", "parrain", "marraine",
})  # fmt: skip
SECTIONS = frozenset({"informations", "information", "infos", "info", "donnees", "coordonnees", "concernant"})
SURNAME, HOME = frozenset({"famille", "usage", "usuel", "naissance"}), frozenset({"residence", "domicile", "habitation", "mailing"})
# What the words of a title say, once those that only link and those of the jeune are left out: some of these, and none but those.
MEANT: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("place", frozenset({"postal", "cp"}), frozenset({"code", "postal", "cp", "ville", "commune"})),
    ("full_name", frozenset({"complet", "identite"}), frozenset({"nom", "prenom", "complet", "identite"})),
    ("birth_date", frozenset({"naissance", "ne", "nee", "ddn", "birthdate", "birth"}), frozenset({"date", "naissance", "ne", "nee",
                                                                                             "ddn", "birthdate", "birth"})),
    ("last_name", frozenset({"nom", "noms"}), frozenset({"nom", "noms"}) | SURNAME),
    ("first_name", frozenset({"prenom", "prenoms"}), frozenset({"prenom", "prenoms", "usage", "usuel", "1"})),
    ("full_name", frozenset({"nom", "noms"}), frozenset({"nom", "noms", "prenom", "prenoms"})),
    ("age", frozenset({"age"}), frozenset({"age"})),
    ("phone", CALLED - {"numero"} | {"gsm"}, CALLED | {"gsm", "fixe", "personnel", "perso", "principal", "1"}),
    ("email", MAILED | {"mel", "electronique", "messagerie"}, MAILED | {"mel", "electronique", "messagerie", "personnelle",
                                                                        "principal", "principale", "1"}),
    ("postal_code", frozenset({"postal", "cp", "zip"}), frozenset({"code", "postal", "cp", "zip"}) | HOME),
    ("city", frozenset({"ville", "commune", "localite", "city"}), frozenset({"ville", "commune", "localite", "city"}) | HOME),
)  # fmt: skip
EXPLAIN = frozenset({"facultatif", "optionnel", "obligatoire", "si", "possible", "jj", "mm", "aaaa", "format", "portable",
                     "mobile", "personnel", "personnelle", "ex", "exemple", "en", "majuscules", "lettres", "chiffres", "annees",
                     "ans", "e", "ou", "le", "la", "du", "de", "requis", "required", "optional", "s", "lisible",
                     "svp"})  # fmt: skip
OF_MENTORS = frozenset(
    {"mentor", "mentore", "mentors", "benevole", "parrain", "marraine", "salarie", "salariee", "candidat", "candidate"}
)
OWN_COLUMNS = {  # of a form program, whatever is asked
    **dict.fromkeys(("nom", "name"), ("last_name", "full_name")), **dict.fromkeys(("adresse de messagerie", "email"), ("email",)),
}  # fmt: skip
AGES = frozenset({"age", "birth_date"})
YOURS = frozenset({"votre", "vos", "vous"})
NUMBER = re.compile(  # of a question: « 1. », « 1.2 », « Q01 - », « G01Q01. »
    r"^\s*(?:g\d{1,3})?(?:q(?:uestion)?\s*)?"
    r"(?:\d{1,3}(?:\.\d{1,3})+\.?\s*[)\]:°_–-]?|\d{1,3}\s*[.)\]:°_–-])\s*(?=\D)",
    re.IGNORECASE,
)
MINOR = r"(?:si|pour|des|les) (?:le jeune |l eleve |vous |tu )?(?:est |etes |es )?(?:mineur ?e?s?|(?:de )?moins de 18 ans)"
OF_MINOR = re.compile(  # of whoever represents: « si mineur », before or after; « de l'élève »
    rf"^{MINOR} |(?: obligatoire)? {MINOR}$|(?: de| du| des| d| l| la| le| un| une| votre)* (?:{'|'.join(sorted(JEUNES))})$"
)
FORMS = ({"heure de debut", "heure de fin"}, {"start time", "completion time"})  # Microsoft Forms: its own columns come first


def bare(title: str) -> str:
    """A title as it is compared, without the number of a question, nor brackets that only explain (« facultatif »).

    Other brackets say whose it is, or something else. Of two languages the first is kept.
    """
    words = NUMBER.sub("", title[:LONGEST])
    words = re.sub(r"\(([^()]*)\)", lambda said: " " if explains(said[1]) else said[0], words)
    return in_one_language([fold(part) for part in words.split("/")])


def explains(said: str) -> bool:
    """Whether brackets only explain, or give an example."""
    words = fold(said).split()
    return words[:1] in (["ex"], ["exemple"]) or {word for word in words if not word.isdigit()} <= EXPLAIN


def in_one_language(parts: Sequence[str]) -> str:
    """The first of titles that say the same (« Nom / Last name »); else one with all their words."""
    known = {name_of(part) for part in parts}
    return parts[0] if len(known) == 1 and None not in known else " ".join(filter(None, parts))


def name_of(title: str) -> str | None:
    """What a title that we know word for word holds."""
    return next((name for name, (label, others) in FIELDS.items() if title in (fold(str(label)), *others)), None)


def is_of_adult(title: str) -> bool:
    """Whether a title is about somebody else than the jeune, or may be."""
    words = set(title.split())
    return bool(words & (GUARDIANS | PERHAPS | WORKERS)) and not words & (JEUNES | {"date", "heure"})


def asked_words(title: str) -> set[str]:
    """The words of a bare title, without those that only link or ask."""
    words = title.split()
    return set(words) - ASKED - (BESIDES if WHICH.intersection(words) else set())


def meaning(title: str) -> tuple[str, bool]:
    """What a bare title means by its words, and whether it says that it is the jeune's; nothing where it says anything else."""
    words = asked_words(title)
    said = words - JEUNES
    if said != words:
        said -= SECTIONS
    if not said or words & GUARDIANS or "jeune fille" in title:  # « Nom de jeune fille » is an adult's
        return "", False
    for name, some, all_of_them in MEANT:
        if said & some and said <= all_of_them and (name != "place" or said & {"ville", "commune"}):
            return name, bool(words & JEUNES)
    return "", False


def guess(header: Sequence[str], of_mentors: bool = False) -> dict[str, int]:
    """Which column holds what, by its name, however it is written.

    What a title says of the jeune goes before what it says of nobody, which may be of whoever fills the form. Of a file of mentors,
    what it says of their jeune is not read.
    """
    folded = as_asked([bare(title) for title in header])
    if of_mentors:
        folded = [in_mentors_file(title) for title in folded]
    meant = [meaning(title) for title in folded]
    places = candidates(folded, meant)
    found = {name: place for name, options in places.items() if (place := nearest(name, options, places, folded)) is not None}
    both = next((place for place, said in enumerate(meant) if said[0] == "place"), None)
    if both is not None:
        found = {"city": both, "postal_code": both} | found
    parents = guess_parents(header, found.values())
    found = ({name: place for name, place in parents[0].items() if name != "guardian_first"} if parents else {}) | found
    for place, (name, _is_theirs) in enumerate(meant):
        if name in ("phone", "email") and whose_is(place, places, folded) == found.get("guardian_name", -1):
            found.setdefault(f"guardian_{name}", place)
    return found


def candidates(folded: Sequence[str], meant: Sequence[tuple[str, bool]]) -> dict[str, list[int]]:
    """The columns that each name may be of; none of a name that is somebody else's."""
    is_there, is_plain = ({name for name, is_theirs in meant if is_theirs == said} for said in (True, False))
    is_aged = not is_plain & AGES and bool(is_there & AGES)  # else a young parent, who has a child
    is_first_alone = is_aged and "first_name" in is_there and bool(is_plain & {"first_name", "full_name"})
    tells_apart = "full_name" in is_there or {"last_name", "first_name"} <= is_there or is_first_alone
    if tells_apart:  # « Votre téléphone » is then of whoever fills the form
        meant = [
            said if said[1] or not set(title.split()) & YOURS else ("", False) for title, said in zip(folded, meant, strict=True)
        ]
    places: dict[str, list[int]] = {}
    precise = set()
    for name in FIELDS:
        ranked = ranks(name, folded, meant, tells_apart)
        if any(ranked):
            places[name] = next(filter(None, ranked))
        if any(ranked[:2]):
            precise.add(name)
    if "full_name" in precise and not precise & {"last_name", "first_name"}:  # « Nom » is of whoever fills the form
        places.pop("last_name", None), places.pop("first_name", None)
    if is_first_alone and not precise & {"last_name", "full_name"}:  # the last name is a parent's
        places.pop("last_name", None), places.pop("full_name", None)
    return places


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


def in_mentors_file(title: str) -> str:
    """A title of a file of mentors: theirs says only what it holds, their jeune's says nothing."""
    words = title.split()
    if set(words) & (JEUNES - OF_MENTORS):
        return ""
    return " ".join(word for word in words if word not in OF_MENTORS and word not in LINKING) if set(words) & OF_MENTORS else title


def nearest(name: str, options: Sequence[int], places: Mapping[str, Sequence[int]], folded: Sequence[str]) -> int | None:
    """Of columns that have one title, the first; where somebody else's stand before the jeune's name, the first after it.

    A telephone or an address that stands among those of somebody else, and nowhere else, is theirs: None.
    """
    own_name = next((places[one][0] for one in ("last_name", "full_name") if one in places), 0)
    others = next((place for place, title in enumerate(folded[:own_name]) if is_of_adult(title)), own_name)
    is_contact = name in ("phone", "email")
    if is_contact:
        options = [place for place in options if whose_is(place, places, folded) is None]
    if others == own_name:
        return next(iter(options), None)
    after = next((place for place in options if place > own_name or place < others or JEUNES & set(folded[place].split())), None)
    return after if after is not None or is_contact else options[0]


def whose_is(place: int, places: Mapping[str, Sequence[int]], folded: Sequence[str]) -> int | None:
    """The column of the parent's name that a plain telephone or address stands right after: it is that parent's."""
    if JEUNES & set(folded[place].split()):
        return None
    for before in range(place - 1, -1, -1):
        words = asked_words(OF_MINOR.sub("", folded[before]))
        if words & GUARDIANS or (words & PERHAPS and words & LEGAL):
            return None if words & (CALLED | MAILED) else before
        means = meaning(folded[before])[0]
        if means not in ("phone", "email") and (means != "first_name" or before == places.get("first_name", [before])[0]):
            return None
    return None


def as_asked(folded: list[str]) -> list[str]:
    """Titles where a form program puts columns of its own first (« Nom », « Adresse de messagerie »): the questions are meant.

    One whose title is taken is numbered (« Nom2 »); another says the same in other words (« Ton nom »).
    """
    if not any(marks <= set(folded) for marks in FORMS):
        return folded
    asked = [
        numbered[1] if (numbered := re.fullmatch(r"(.*[a-z]) ?2", title)) and numbered[1] in OWN_COLUMNS else title
        for title in folded
    ]
    for own, names in OWN_COLUMNS.items():
        others = [place for place, title in enumerate(asked) if (name_of(title) or meaning(title)[0]) in names]
        if len(others) > 1 and asked[others[0]] == own:
            asked[others[0]] = ""
    return asked


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
        is_theirs = words & guardians or (words & (PERHAPS | OF_PLACES) and words & LEGAL)
        if place not in taken and is_theirs and words <= known:  # not « Profession du père », nor « Mail envoyé au parent »
            which = {PARENTS[word] for word in words & PARENTS.keys()}
            columns = theirs.setdefault(which.pop() if len(which) == 1 else "", {})
            kind = "phone" if words & CALLED else "email" if words & MAILED else "name"
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


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row of a file names its columns: we know three of them."""
    return len(guess(cells)) >= 3


def under(band: Sequence[str], header: Sequence[str]) -> list[str]:
    """The titles, each with the section above it (« Nom (Parent) »), where the row before tells the jeune from somebody else."""
    said = [fold(cell[:LONGEST]) for cell in band]
    of_jeune, of_others = [bool(JEUNES & set(title.split())) for title in said], [is_of_adult(title) for title in said]
    if not any(of_jeune) or not any(of_others):
        return list(header)
    titles, section = [], ""
    for place, title in enumerate(header):
        if place < len(band) and said[place]:
            section = " ".join(band[place].split())[:LONGEST] if of_jeune[place] or of_others[place] else ""
        titles.append(f"{title} ({section})" if title and section else title)
    return titles


def missing(mapping: Mapping[str, int]) -> dict[str, str]:
    """What no column holds, without which nothing can be taken: the first name of each kind, and the words."""
    lacking = [names for names in NEEDED if not mapping.keys() & set(names)]
    return {names[0]: _(" ou ").join(str(FIELDS[name][0]) for name in names if name != "full_name") for names in lacking}


def of_two(header: Sequence[str]) -> list[str]:
    """Notes where a file may name two people, or does not say in which order a name is written."""
    mapping = guess(header)
    read = mapping.get("last_name", mapping.get("full_name"))
    if read is None:
        return []
    names = {"last_name", "first_name", "full_name"}
    others = [place for place, title in enumerate(header) if place not in mapping.values() and meaning(bare(title))[0] in names]
    notes = []
    if others:
        said = {"title": header[read], "other": header[others[0]]}
        notes.append(
            _("« %(title)s » est lue, « %(other)s » ne l'est pas. Vérifiez que téléphone et e-mail sont ceux du jeune.", **said)
        )
    whole = mapping.get("full_name")
    if whole is not None and not {"last_name", "first_name"} & mapping.keys() and not says_order(header[whole]):
        notes.append(
            _("« %(title)s » : le premier mot est lu comme le prénom, sauf s'il est en capitales. Vérifiez.", title=header[whole])
        )
    return notes


def says_order(title: str) -> bool:
    """Whether the title of a name in one cell says which comes first."""
    return {"nom", "prenom"} <= set(fold(title).split())


def says_first_name_first(title: str) -> bool:
    """Whether the first name comes first, as far as the title says it."""
    return fold(title).startswith(FIRST_NAME_FIRST)


def unread_titles(header: Sequence[str], mapping: Mapping[str, int]) -> list[str]:
    """The titles of the columns that nothing is read from."""
    return [title for place, title in enumerate(header) if title and place not in mapping.values()]
