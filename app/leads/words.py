"""The closed lists of a request: code, and the words that a person reads."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

from app.fields import is_name
from app.translation import gettext as _
from app.translation import lazy_gettext as _l


class LeadKind(StrEnum):
    MENTEE = "mentee"
    MENTOR = "mentor"


class Axis(StrEnum):
    EDUCATION = "education"
    EMPLOYMENT = "employment"


NEEDS = {
    "school": (_l("J'ai des difficultés à l'école"), _l("Cours, méthode, confiance, examens")),
    "orientation": (
        _l("Je ne sais pas quelle orientation choisir"),
        _l("Filières, métiers, Parcoursup, reconversion"),
    ),
    "employment": (
        _l("Je cherche un stage, une alternance ou un premier emploi"),
        _l("CV, entretiens, réseau"),
    ),
}
NEEDS_SHORT = {"school": _l("Scolarité"), "orientation": _l("Orientation"), "employment": _l("Emploi")}
AXIS_OF_NEED = {"school": Axis.EDUCATION, "orientation": Axis.EDUCATION, "employment": Axis.EMPLOYMENT}
SITUATIONS = {
    "primaire": _l("À l'école primaire"),
    "college": _l("Au collège"),
    "lycee_general": _l("Au lycée général ou technologique"),
    "lycee_pro": _l("Au lycée professionnel"),
    "superieur": _l("En études supérieures"),
    "employed": _l("En emploi"),
    "job_seeker": _l("En recherche d'emploi"),
    "inactive": _l("Ni en études, ni en emploi en ce moment"),
}
PLACES = {
    "remote": _l("À distance"),
    "home": _l("À domicile"),
    "school": _l("Dans l'établissement"),
    "association": _l("Dans les locaux de l'association"),
    "company": _l("Dans les locaux d'une entreprise"),
}
DAYS = {
    "mon": _l("lundi"), "tue": _l("mardi"), "wed": _l("mercredi"), "thu": _l("jeudi"), "fri": _l("vendredi"),
    "sat": _l("samedi"), "sun": _l("dimanche"),
}  # fmt: skip
PARTS = {"morning": _l("matin"), "afternoon": _l("après-midi"), "evening": _l("soir")}
SLOTS = {f"{day}_{part}": (day, part) for day in DAYS for part in PARTS}  # a week grid: mon_morning, …, sun_evening
SQUARES = {slot: f"{DAYS[day]} {PARTS[part]}" for slot, (day, part) in SLOTS.items()}
LEVELS = {
    "6e_5e": _l("6e ou 5e"),
    "4e_3e": _l("4e ou 3e"),
    "2de": _l("Seconde"),
    "1re": _l("Première"),
    "terminale": _l("Terminale"),
    "cap": _l("CAP"),
    "bac_1_2": _l("Bac + 1 ou bac + 2"),
    "bac_3": _l("Bac + 3"),
    "bac_4": _l("Bac + 4 ou plus"),
    "none": _l("Je ne suis plus en études"),
}
DIPLOMAS = {
    "none": _l("Pas encore de diplôme"),
    "brevet": _l("Brevet"),
    "cap": _l("CAP ou BEP"),
    "bac": _l("Bac"),
    "bac_2": _l("Bac + 2"),
    "bac_3": _l("Bac + 3"),
    "bac_5": _l("Bac + 5 ou plus"),
}
LANGUAGES = {
    "fr": _l("français"),
    "en": _l("anglais"),
    "ar": _l("arabe"),
    "es": _l("espagnol"),
    "pt": _l("portugais"),
    "it": _l("italien"),
    "de": _l("allemand"),
    "tr": _l("turc"),
    "uk": _l("ukrainien"),
    "ru": _l("russe"),
    "fa": _l("dari ou persan"),
    "ps": _l("pachto"),
    "zh": _l("chinois"),
    "ta": _l("tamoul"),
    "bm": _l("bambara"),
    "fsl": _l("langue des signes française"),
}
GENDER_WISHES = {"any": _l("Peu importe"), "woman": _l("Une femme"), "man": _l("Un homme")}
STATUSES = {
    "lyceen": _l("Je suis au lycée"),
    "student": _l("Je suis en études supérieures"),
    "working": _l("Je travaille"),
    "job_seeker": _l("Je cherche un emploi"),
    "retired": _l("Je suis à la retraite"),
    "other": _l("Autre situation"),
}
STATUSES_SAID = {  # the same of somebody else, for the team
    "lyceen": _l("Au lycée"),
    "student": _l("En études supérieures"),
    "working": _l("Travaille"),
    "job_seeker": _l("Cherche un emploi"),
    "retired": _l("À la retraite"),
    "other": _l("Autre situation"),
}
AXES = {
    Axis.EDUCATION.value: (_l("L'éducation"), _l("Scolarité, orientation")),
    Axis.EMPLOYMENT.value: (_l("L'emploi"), _l("Stage, alternance, premier emploi")),
}
PUBLICS = {
    "any": _l("Je n'ai pas de préférence"),
    "college": _l("Au collège"),
    "lycee": _l("Au lycée"),
    "superieur": _l("En études supérieures"),
    "job_seeker": _l("En recherche d'emploi"),
}
PUBLICS_SAID = {**PUBLICS, "any": _l("Sans préférence")}
DECLINE_REASONS = {
    "no_mentor": _l("Aucun mentor disponible dans un délai raisonnable"),
    "territory": _l("Hors de notre territoire"),
    "need": _l("Le besoin ne correspond pas à notre accompagnement"),
    "age": _l("Un âge que nous n'accompagnons pas"),
    "capacity": _l("Nous n'avons plus de place ce mois-ci"),
    "unreachable": _l("Injoignable"),
    "double": _l("Déjà connue ici : la même personne a une autre demande"),
}
LATE = "late"  # nobody chose it: the day passed
DOUBLE = "double"  # of the reasons to give back: the programme compares
TAKEN_BACK = "taken_back"  # nor this: the programme asked for it
GUARDIAN_REFUSED, BY_PARTNER, ERASED = "guardian_refused", "withdrawn_by_partner", "erased"  # in the history of a request
GIVEN_BACK = {**DECLINE_REASONS, LATE: _l("Sans réponse à temps"), TAKEN_BACK: _l("Reprises par le programme")}
ENDS = {  # why the programme ends a request: on its own screens, and to the person
    "nobody": (
        _l("Aucune association ne peut l'accompagner"),
        _l("Nous avons cherché, et aucune association ne peut vous répondre en ce moment. Nous en sommes désolés."),
    ),
    "unreachable": (_l("Personne injoignable"), _l("Nous n'avons pas réussi à vous joindre.")),
    "guardian": (
        _l("Pas d'accord du représentant légal"),
        _l("L'accord de la personne qui vous représente ne nous est pas parvenu. Il est nécessaire avant 18 ans."),
    ),
    "need": (
        _l("Le besoin n'est pas du mentorat"),
        _l("Votre demande n'est pas ce que le mentorat peut apporter : d'autres services y répondent mieux."),
    ),
    "gone": (_l("La personne n'en a plus besoin"), _l("Vous nous avez dit que vous n'en aviez plus besoin.")),
}
CONTACT_RESULTS = {
    "reached": _l("La personne a répondu"),
    "left_message": _l("Message laissé"),
    "emailed": _l("E-mail envoyé"),
    "no_answer": _l("Pas de réponse"),
    "wrong_number": _l("Mauvais numéro"),
}
WAITING_REASONS = {
    "new": _l("Arrivée à l'instant, pas encore étudiée."),
    "territory": _l("Aucune association n'intervient dans ce département."),
    "far": _l("Aucune association n'intervient sur place ici ; une pourrait à distance, ce que la personne n'a pas choisi."),
    "axis": _l("Aucune association du territoire n'accompagne ce besoin."),
    "age": _l("Aucune association du territoire n'accompagne à cet âge."),
    "public": _l("Aucune association du territoire n'accompagne dans cette situation."),
    "place": _l("Aucune association du territoire ne propose ces lieux de rencontre."),
    "kind": _l("Aucune association du territoire n'accueille ce genre de demande en ce moment."),
    "capacity": _l("Les associations du territoire ont atteint leur capacité du mois."),
    "paused": _l("Les associations du territoire sont en pause ou suspendues."),
    "declined": _l("Toutes les associations possibles ont décliné."),
    "no_relay": _l("La personne ne souhaite pas être proposée à une autre association."),
    "relays": _l("Assez d'associations ont été sollicitées : à traiter à la main."),
    "unreachable": _l("Une association n'a pas réussi à joindre la personne."),
    TAKEN_BACK: _l("Reprise à une association : à confier à une autre."),
    "double": _l("La même personne a peut-être déjà une demande : à comparer."),
    "guardian": _l("L'accord du parent est attendu : un message lui a été envoyé."),
    "guardian_silent": _l("Le parent n'a pas répondu au message : il faut appeler la famille."),
    "birth_date": _l("L'âge manque : il faut le demander à la personne."),
}
WAITING_SAID = {  # the same, to the person
    **WAITING_REASONS,
    "no_relay": _l("Vous n'avez pas souhaité qu'une autre association soit sollicitée. Vous pouvez changer d'avis, plus bas."),
    "relays": _l("Les associations sollicitées n'ont pas pu. Le programme s'en occupe lui-même."),
    "far": _l(
        "Aucune association n'agit près de chez vous, mais l'une d'elles propose des rencontres à distance. Si cela vous convient, "
        "ajoutez-le dans « Corriger mes coordonnées ou mes choix »."
    ),
    "double": WAITING_REASONS["new"],  # whoever asks in somebody's name does not learn that they had asked
    "unreachable": _l("Une association n'a pas réussi à vous joindre. Vérifiez vos coordonnées, plus bas."),
    TAKEN_BACK: _l("Le programme a repris votre demande, pour la confier à une autre association."),
    "guardian": _l(
        "Nous attendons l'accord de la personne qui vous représente : un message lui a été envoyé. Dès qu'elle dit oui, "
        "votre demande continue."
    ),
    "guardian_silent": _l("La personne qui vous représente n'a pas encore répondu : le programme va appeler."),
    "birth_date": _l("Il nous manque votre âge : le programme va vous le demander."),
}
OBSTACLES = {  # what stands between one association and a request
    "territory": _l("hors de son territoire"),
    "far": _l("pourrait à distance, ce que la personne n'a pas choisi"),
    "paused": _l("en pause"),
    "kind": _l("n'en accueille pas"),
    "axis": _l("n'accompagne pas ce besoin"),
    "public": _l("n'accompagne pas dans cette situation"),
    "place": _l("ne propose pas ces lieux"),
    "age": _l("hors de ses âges"),
    "declined": _l("l'a déjà eue"),
    "capacity": _l("capacité du mois atteinte"),
}
HELD = frozenset({"double", "guardian", "guardian_silent"})  # reasons to wait that an answer ends, and nothing else
BY_HAND = HELD | {"no_relay", "relays", "unreachable", TAKEN_BACK}  # reasons to wait that no free place changes: a person decides
BY_WORD = {"appel": _l("un appel"), "visite": _l("une visite"), "forum": _l("un forum ou une réunion")}
SPOKEN = frozenset({"appel", "visite"})
SOURCES = {
    "direct": _l("le formulaire en ligne"),
    "fichier": _l("un fichier"),
    "ecole": _l("un établissement"),
    **BY_WORD,
}


def sent_by(asker: str | None, structure: str | None, sender: str) -> str:
    """Who made a request for somebody, in a sentence; empty when they made it themselves (GDPR, article 14: where data comes from).

    A structure that is no name is not said: anybody may type anything in the public form, and this leaves in a letter.
    """
    if asker:
        said = f"{asker} ({structure})" if structure and is_name(structure) else asker
        return _("%(name)s a fait cette demande.", name=said)
    return _("D'où vient cette demande : %(name)s.", name=sender) if sender else ""


FORMS: Mapping[str, str] = {LeadKind.MENTEE: "leads.ask_for_mentor", LeadKind.MENTOR: "leads.offer_to_mentor"}  # by who asks
TEXT_VERSION = "2026-11"  # of the information given with the form

YOUNGEST, TOO_OLD, ADULT, ALONE = 6, 30, 18, 15
YOUNGEST_MENTOR = 14  # « dès le lycée »
OLDEST = 100  # past it, a date of birth was mistyped
KEPT_FOR = timedelta(days=730)  # what says who somebody was, after the last contact, as the CNIL recommends


def age_on(birth_date: date, day: date) -> int:
    """Whole years of age on a day. Born on 29 February, one is a year older on 1 March of common years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def is_age(age: int, kind: LeadKind) -> bool:
    """Whether the programme accompanies somebody of this age, or lets them accompany."""
    return YOUNGEST <= age < TOO_OLD if kind == LeadKind.MENTEE else YOUNGEST_MENTOR <= age <= OLDEST


def said_slots(slots: Collection[str]) -> str:
    """A week grid in words, days that are alike together: « mercredi après-midi, samedi et dimanche »."""
    parts_of = {day: tuple(part for part in PARTS if f"{day}_{part}" in slots) for day in DAYS}
    said = []
    for parts, days in groupby(DAYS, key=parts_of.__getitem__):
        if parts:
            when = "" if len(parts) == len(PARTS) else " " + together([str(PARTS[part]) for part in parts])
            said.append(together([str(DAYS[day]) for day in days]) + when)
    return ", ".join(said)


def together(names: Sequence[str]) -> str:
    """One, two « et », or several with commas."""
    return names[0] if len(names) == 1 else _("%(first)s et %(last)s", first=", ".join(names[:-1]), last=names[-1])


NEARNESS = {
    "commune": _l("sa commune"),
    "departement": _l("son département"),
    "region": _l("sa région"),
    "near": _l("son territoire"),
    "remote": _l("à distance"),
}


def said_reason(reason: str) -> str:
    """Why an association was chosen, one code in words."""
    what, _underscore, which = reason.partition("_")
    if what == "axis":
        return str(AXES[which][0]).lower()
    if what == "language":
        return _("parle %(language)s", language=LANGUAGES[which])
    return _("cette situation") if what == "public" else str(NEARNESS[what])
