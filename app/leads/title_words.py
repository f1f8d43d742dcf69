"""The words of the titles of columns: what each says, and of whom."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from app.territory.queries import fold
from app.translation import lazy_gettext as _l
from app.translation import reads_french

LONGEST = 200  # characters of a title
# What a column may hold: the name that we show, and others that spreadsheets use.
FIELDS: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "last_name": (_l("Nom"), ("nom du jeune", "nom de famille", "nom usage", "nom de naissance", "lastname", "last name", "surname",
                               "family name")),
    "first_name": (_l("Prénom"), ("prenoms", "prenom du jeune", "firstname", "first name")),
    "full_name": (_l("Nom et prénom"), ("nom prenom", "nom prenoms", "nom et prenoms", "prenom nom", "prenom et nom", "nom complet",
                                        "identite", "nom et prenom du jeune", "prenom et nom du jeune", "full name", "name")),
    "age": (_l("Âge"), ("age au moment de la demande", "age du jeune", "age actuel")),
    "birth_date": (_l("Date de naissance"), ("naissance", "ne le", "nee le", "ne e le", "date naissance",
                                             "date de naissance du jeune", "birth date", "date of birth", "dob", "d d n",
                                             "dt naissance")),
    "phone": (_l("Téléphone"), ("tel", "telephone portable", "tel portable", "portable", "mobile", "numero de telephone",
                                "numero de portable", "telephone du jeune", "portable du jeune", "phone", "phone number")),
    "email": (_l("E-mail"), ("email", "mail", "courriel", "adresse e mail", "adresse email", "adresse mail", "adresse electronique",
                            "adresse de messagerie", "mail du jeune", "email du jeune", "e mail du jeune",
                            "adresse mail du jeune", "adresse e mail du jeune", "email address")),
    "city": (_l("Ville"), ("commune", "localite", "ville de residence", "commune de residence", "ville du jeune",
                           "commune du jeune", "city", "lieu de residence", "libelle commune")),
    "postal_code": (_l("Code postal"), ("cp", "c p", "code post", "code postale", "codepostal", "postcode",
                                       "code postal de residence", "code postal residence principale",
                                       "postal code", "zip", "zip code")),
    "requested_at": (_l("Date de création"), (
        "date de la demande", "date de demande", "cree le", "created at", "horodateur", "timestamp", "submitted at", "heure de fin",
        "completion time", "submitdate", "submit date", "submit date utc", "submission date", "date de soumission",
        "heure de soumission", "soumis le", "date d inscription", "inscrit le", "date d envoi", "date de reception",
        "date d enregistrement", "date de saisie", "horodatage", "created date", "created time", "date creation", "date demande",
        "date de depot", "date de creation de la demande", "date",
    )),
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
PARENTS = {"mere": "mother", "maman": "mother", "mother": "mother", "mum": "mother", "mom": "mother",
           "pere": "father", "papa": "father", "father": "father", "dad": "father"}  # fmt: skip
GUARDIANS = frozenset(
    {"parent", "parents", *PARENTS, "representant", "representante", "representants", "titulaire", "rl", "guardian"}
)
OF_PLACES = frozenset({"representant", "representante"})  # of a parent, or of a place
PERHAPS = frozenset({"responsable", "responsables", "resp", "tuteur", "tutrice"})
LEGAL = frozenset({"legal", "legale", "legaux", "1"})
CALLED, MAILED = (
    frozenset({"tel", "telephone", "portable", "mobile", "numero", "phone"}),
    frozenset({"mail", "email", "courriel", "mel", "electronique", "messagerie"}),
)
NAMED = LEGAL | frozenset({"nom", "noms", "name", "prenom", "prenoms", "autorite", "parentale"})
HOLDING = frozenset({"personne", "ayant", "exercant", "qui", "titulaire", "detenteur"})  # of parental authority
LINKING = frozenset({"de", "du", "des", "d", "la", "le", "les", "l", "un", "une", "et", "ou", "n", "no", "adresse", "e",
                     "s"})  # fmt: skip
# And of the jeune, where somebody else fills the form, or has columns too (« Nom élève », « Prénom de votre fils »).
JEUNES = frozenset({"jeune", "jeunes", "eleve", "enfant", "beneficiaire", "mentore", "mentoree", "filleul", "filleule", "etudiant",
                    "etudiante", "collegien", "collegienne", "lyceen", "lyceenne", "candidat", "candidate", "adherent", "adherente",
                    "participant", "participante", "fils", "fille", "accompagne", "accompagnee", "mineur", "mineure",
                    "usager", "usagere", "apprenant", "apprenante",
                    "stagiaire"})  # fmt: skip
STATUSES = frozenset({"mineur", "mineure", "stagiaire",
                      "etudiant", "etudiante", "lyceen", "lyceenne", "collegien", "collegienne", "accompagne",
                      "accompagnee"})  # fmt: skip
# Whatever else the title of a column in which the jeune may be named says (« Prénom et âge de l'enfant », « Jeune concerné »).
TOLD_OF = frozenset({"nom", "noms", "prenom", "prenoms", "identite", "complet", "famille", "usage", "age", "date", "naissance",
                     "classe", "niveau", "concerne", "concernee", "suivi", "suivie",
                     "a", "accompagner", "inscrire", "inscrit", "inscrite", "aider",
                     "suivre", "qui", "pour"})  # fmt: skip
ASKED = LINKING | frozenset({"votre", "vos", "ton", "ta", "tes", "son", "sa", "ses", "quel", "quelle", "est", "sont", "of"})
# A title that asks what (« Quel âge as-tu ? »), and what it then says besides; « As-tu un téléphone ? » is answered by yes.
WHICH = frozenset({"quel", "quelle", "quand", "indiquez", "indiquer", "precisez", "preciser", "saisissez", "saisir", "renseignez",
                   "renseigner", "entrez", "entrer"})  # fmt: skip
BESIDES = WHICH | frozenset({"a", "as", "avez", "es", "etes", "tu", "vous", "il", "elle", "t", "te", "on", "nous", "peut",
                             "pouvons", "joindre", "contacter", "dans", "sur", "habites", "habitez", "habite", "merci",
                             "veuillez"})  # fmt: skip
# Other adults, and places, whose columns may stand before the jeune's; a place has somebody responsible.
PLACES = frozenset({"structure", "organisme", "association", "etablissement", "entreprise", "foyer", "service", "mission", "ecole",
                    "college", "lycee"})  # fmt: skip
WORKERS = frozenset({
    "referent", "referente", "prescripteur", "prescriptrice", "conseiller", "conseillere", "educateur", "educatrice", "professeur",
    "prof", "enseignant", "enseignante", "accompagnateur", "accompagnatrice", "orienteur", "cpe", "partenaire", "assistant",
    "assistante", "travailleur", "travailleuse", "coordinateur", "coordinatrice", "animateur", "animatrice", "infirmier",
    "infirmiere", "demandeur", "demandeuse", "payeur", "payeuse", "volontaire", "intervenant", "intervenante", "contact", "adulte",
    "mentor", "mentors", "benevole", "parrain", "marraine", "directeur", "directrice", "famille", "manager", "superieur",
    "superieure", "conjoint", "conjointe", "urgence", "prevenir", "rh", "drh", "cip", "psychologue", "psyen", "aesh", "surveillant",
    "surveillante", "mediateur", "mediatrice", "chargee", "agent", "ase", "pjj", "mecs",
})  # fmt: skip
KIN = frozenset({"frere", "soeur", "oncle", "tante", "grand", "grande", "grands", "beau", "belle", "cousin", "cousine", "prevenir",
                 "urgence", "parentale", "heberge", "hebergee", "hebergeur", "hebergeant"})  # fmt: skip
ASKED_FOR = frozenset({"contact", "contacter", "joindre", "interlocuteur", "interlocutrice", "correspondant"})
FAMILY = GUARDIANS | PERHAPS | KIN | frozenset({"famille", "payeur", "demandeur"})
OWN = frozenset({"personnel", "personnelle", "perso"})
PUT = OWN | frozenset({"fixe", "domicile", "maison", "bureau", "travail", "professionnel", "pro"})  # a telephone
LABELS = GUARDIANS | PERHAPS | KIN | WORKERS | PLACES | NAMED | frozenset({
    "identite", "complet", "sociale", "social", "scolaire", "locale", "civique", "principal", "principale", "specialise",
    "specialisee", "accueil", "professionnel", "a", "au", "aupres", "hierarchique", "personne", "cas", "2", "3", "insertion", "ml",
    "parcours", "orientatrice", "origine", "instructeur", "stage", "charge", "fonction", "en", "chez", "usage", "usuel",
})  # fmt: skip
SECTIONS = frozenset({"informations", "information", "infos", "info", "donnees", "coordonnees", "concernant"})
SURNAME, HOME = frozenset({"famille", "usage", "usuel", "naissance"}), frozenset({"residence", "domicile", "habitation", "mailing"})
# What the words of a title say, once those that only link and those of the jeune are left out: some of these, and none but those.
MEANT: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("place", frozenset({"postal", "cp"}), frozenset({"code", "postal", "cp", "ville", "commune"})),
    ("full_name", frozenset({"complet", "identite"}), frozenset({"nom", "prenom", "complet", "identite"})),
    ("birth_date", frozenset({"naissance", "naiss", "ne", "nee", "ddn", "birthdate", "birth"}),
     frozenset({"date", "naissance", "naiss", "ne", "nee",
                                                                                             "ddn", "birthdate", "birth"})),
    ("last_name", frozenset({"nom", "noms"}), frozenset({"nom", "noms"}) | SURNAME),
    ("first_name", frozenset({"prenom", "prenoms"}), frozenset({"prenom", "prenoms", "usage", "usuel", "1"})),
    ("full_name", frozenset({"nom", "noms"}), frozenset({"nom", "noms", "prenom", "prenoms"})),
    ("age", frozenset({"age"}), frozenset({"age"})),
    ("phone", CALLED - {"numero"} | {"gsm"}, CALLED | OWN | {"gsm", "fixe", "principal", "contact", "1"}),
    ("email", MAILED, MAILED | OWN | {"principal", "principale", "contact", "1"}),
    ("postal_code", frozenset({"postal", "cp", "zip"}), frozenset({"code", "postal", "cp", "zip"}) | HOME),
    ("city", frozenset({"ville", "commune", "localite", "city"}), frozenset({"ville", "commune", "localite", "city"}) | HOME),
)  # fmt: skip
EXPLAIN = frozenset({"facultatif", "optionnel", "obligatoire", "si", "possible", "jj", "mm", "aa", "aaaa", "dd", "yy", "yyyy", "hh",
                     "format", "portable", "mobile", "personnel", "personnelle", "ex", "exemple", "en", "majuscules", "lettres",
                     "chiffres", "annees",
                     "ans", "e", "ou", "le", "la", "du", "de", "requis", "required", "optional", "s", "lisible",
                     "svp"})  # fmt: skip
OF_MENTORS = frozenset({  # in a file of mentors, where they are who the file is about
    "mentor", "mentore", "mentors", "benevole", "parrain", "marraine", "salarie", "salariee", "candidat", "candidate", "adherent",
    "adherente", "collaborateur", "collaboratrice", "participant", "participante", "etudiant", "etudiante", "employe", "employee",
    "volontaire",
})  # fmt: skip
MENTORED = re.compile("mentoré", re.IGNORECASE)  # the word without its accent is a mentor, where no other is
NUMBER = re.compile(  # of a question: « 1. », « 1.2 », « Q01 - », « G01Q01. »
    r"^\s*(?:g\d{1,3})?(?:q(?:uestion)?\s*)?"
    r"(?:\d{1,3}(?:\.\d{1,3})+\.?\s*[)\]:°_–-]?|\d{1,3}\s*[.)\]:°_–-])\s*(?=\D)",
    re.IGNORECASE,
)
ONE_OF_TWO = re.compile(
    r"(?<![^\W_])(rl|resp|parent|tuteur|repr[ée]sentante?|responsable)_?([12])(?!\d)", re.IGNORECASE
)  # « RESP1 »
MINOR = r"(?:si|pour|des|les) (?:le jeune |l eleve |vous |tu )?(?:est |etes |es )?(?:mineur ?e?s?|(?:de )?moins de 18 ans)"
OF_MINOR = re.compile(  # of whoever represents: « si mineur », before or after; « de l'élève »
    rf"^{MINOR} |(?: obligatoire)? {MINOR}$|(?: de| du| des| d| l| la| le| un| une| votre)* (?:{'|'.join(sorted(JEUNES))})$"
)


def bare(title: str) -> str:
    """A title as it is compared, without the number of a question, nor brackets that only explain (« facultatif »).

    Other brackets say whose it is, or something else. Of two languages the first is kept.
    """
    words = re.sub(r"\bN ?\+ ?\d\b", " manager ", NUMBER.sub("", title[:LONGEST]))
    words = ONE_OF_TWO.sub(r"\1 \2", words)
    words = re.sub(r"\(([^()]*)\)", lambda said: " " if explains(said[1]) else said[0], words)
    return in_one_language([fold(part) for part in words.split("/")])


def explains(said: str) -> bool:
    """Whether brackets only explain, or give an example; a year alone is when it was so (« Âge (2023) »)."""
    words = fold(said).split()
    figures = [word for word in words if word.isdigit()]
    is_of_year = bool(figures) and all(re.fullmatch(r"(?:19|20)\d\d", word) for word in figures)
    return words[:1] in (["ex"], ["exemple"]) or (set(words) - set(figures) <= EXPLAIN and not is_of_year)


def in_one_language(parts: Sequence[str]) -> str:
    """The first of titles that say the same (« Nom / Last name »); else one with all their words."""
    if len(parts) == 1:
        return parts[0]
    known = {name_of(part) for part in parts}
    return parts[0] if len(known) == 1 and None not in known else " ".join(filter(None, parts))


def name_of(title: str) -> str | None:
    """What a title that we know word for word holds."""
    return known_titles(reads_french()).get(title)


@cache
def known_titles(_french: bool) -> Mapping[str, str]:
    """What each title that we know word for word holds, in the reader's language: of two, the first in FIELDS."""
    return {title: name for name in reversed(list(FIELDS)) for title in (fold(str(FIELDS[name][0])), *FIELDS[name][1])}


def is_of_adult(title: str) -> bool:
    """Whether a bare title names somebody else than the jeune, or a place, and says nothing more (« Nom du référent »)."""
    words = asked_words(title)
    return bool(words & (GUARDIANS | PERHAPS | KIN | WORKERS | PLACES)) and words <= LABELS


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


def way_of(title: str) -> str:
    """What way to reach somebody a bare title holds, also where we would not read it as the jeune's (« Tél. domicile »)."""
    said, words = name_of(title) or meaning(title)[0], asked_words(title)
    if said in ("phone", "email"):
        return said
    return "phone" if words & (CALLED - {"numero"}) and words <= CALLED | PUT else ""
