"""The closed lists of a request: code, and the words that a person reads."""

from datetime import date
from enum import StrEnum

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
    "college": _l("Au collège"),
    "lycee_general": _l("Au lycée général ou technologique"),
    "lycee_pro": _l("Au lycée professionnel"),
    "superieur": _l("En études supérieures"),
    "employed": _l("En emploi"),
    "job_seeker": _l("En recherche d'emploi"),
    "inactive": _l("Sans activité"),
}
PLACES = {
    "remote": _l("À distance"),
    "home": _l("À domicile"),
    "school": _l("Dans l'établissement"),
    "association": _l("Dans les locaux de l'association"),
    "company": _l("Dans les locaux d'une entreprise"),
}
SLOTS = {
    "weekday_day": _l("En semaine, dans la journée"),
    "weekday_evening": _l("En semaine, le soir"),
    "wednesday": _l("Le mercredi après-midi"),
    "weekend": _l("Le week-end"),
}
STATUSES = {
    "lyceen": _l("Je suis au lycée"),
    "student": _l("Je suis en études supérieures"),
    "working": _l("Je travaille"),
    "retired": _l("Je suis à la retraite"),
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
DECLINE_REASONS = {
    "no_mentor": _l("Aucun mentor disponible dans un délai raisonnable"),
    "territory": _l("Hors de notre territoire"),
    "need": _l("Le besoin ne correspond pas à notre accompagnement"),
    "age": _l("Hors de nos âges"),
    "capacity": _l("Nous n'avons plus de place ce mois-ci"),
    "unreachable": _l("Injoignable"),
}
LATE = "late"  # nobody chose it: the day passed
GIVEN_BACK = {**DECLINE_REASONS, LATE: _l("Sans réponse à temps")}
CONTACT_RESULTS = {
    "reached": _l("Personne jointe"),
    "left_message": _l("Message laissé"),
    "no_answer": _l("Pas de réponse"),
    "wrong_number": _l("Mauvais numéro"),
}
WAITING_REASONS = {
    "new": _l("Arrivée à l'instant, pas encore étudiée."),
    "territory": _l("Aucune association ne sert ce département."),
    "axis": _l("Aucune association du territoire n'accompagne ce besoin."),
    "age": _l("Aucune association du territoire n'accompagne à cet âge."),
    "kind": _l("Aucune association du territoire n'accueille de mentors en ce moment."),
    "capacity": _l("Les associations du territoire ont atteint leur capacité du mois."),
    "paused": _l("Les associations du territoire sont en pause."),
    "declined": _l("Toutes les associations possibles ont décliné."),
    "no_relay": _l("La personne ne souhaite pas être proposée à une autre association."),
    "relays": _l("Plusieurs associations l'ont rendue : à traiter à la main."),
    "unreachable": _l("Une association n'a pas réussi à joindre la personne."),
    "guardian": _l("L'accord du parent est attendu : un message lui a été envoyé."),
    "guardian_silent": _l("Le parent n'a pas répondu au message : il faut l'appeler."),
    "birth_date": _l("L'âge manque : il faut le demander à la personne."),
}
WAITING_SAID = {  # the same, to the person
    **WAITING_REASONS,
    "no_relay": _l("Vous n'avez pas souhaité qu'une autre association soit sollicitée. Vous pouvez changer d'avis, plus bas."),
    "relays": _l("Plusieurs associations n'ont pas pu. Le programme s'en occupe lui-même."),
    "unreachable": _l("Une association n'a pas réussi à vous joindre. Vérifiez vos coordonnées, plus bas."),
    "guardian": _l("Nous attendons l'accord de la personne qui vous représente : un message lui a été envoyé."),
    "guardian_silent": _l("La personne qui vous représente n'a pas encore répondu : le programme va l'appeler."),
    "birth_date": _l("Il nous manque votre âge : le programme va vous le demander."),
}
BY_HAND = frozenset(
    {"no_relay", "relays", "unreachable", "guardian", "guardian_silent"}
)  # reasons to wait that no free place changes: a person decides
SOURCES = {
    "direct": _l("le formulaire en ligne"),
    "fichier": _l("le fichier hebdomadaire"),
    "ecole": _l("un établissement"),
}
TEXT_VERSION = "2026-11"  # of the information given with the form

YOUNGEST, TOO_OLD, ADULT, ALONE = 6, 30, 18, 15


def age_on(birth_date: date, day: date) -> int:
    """Whole years of age on a day. Born on 29 February, one is a year older on 1 March of common years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
