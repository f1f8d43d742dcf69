"""The closed lists of a pair: code, and the words that a person reads."""

from app.people.words import PIECES
from app.translation import lazy_gettext as _l

STATES = {
    "proposed": _l("Proposés"),
    "confirmed": _l("Confirmés"),
    "signing": _l("Convention à signer"),
    "active": _l("En cours"),
    "paused": _l("En pause"),
    "closing": _l("En clôture"),
    "closed": _l("Clôturés"),
    "dropped": _l("Sans suite"),
}
STATE_OF_ONE = {
    "proposed": _l("proposé"),
    "confirmed": _l("confirmé"),
    "signing": _l("convention à signer"),
    "active": _l("en cours"),
    "paused": _l("en pause"),
    "closing": _l("en clôture"),
    "closed": _l("clôturé"),
    "dropped": _l("sans suite"),
}
TONES = {"active": "ok", "paused": "warn", "closing": "warn", "closed": "off", "dropped": "off"}
BY_NAME = {  # the moments of the two, on the page of their pair
    "asked": _l("Question envoyée à %(name)s"),
    "unread": _l("%(name)s n'a pas pu lire le message, qui n'a pas été remis : question à poser au téléphone"),
    "call": _l("%(name)s n'a pas d'adresse : question à poser au téléphone"),
    "yes": _l("%(name)s a dit oui"),
    "no": _l("%(name)s a dit non"),
    "silent": _l("%(name)s n'a pas répondu dans le délai"),
}
BESIDES = {  # for whom more is asked of a mentor
    "minors": _l("Pour une personne de moins de 18 ans"),
    "ase": _l("Pour une personne confiée à la protection de l'enfance"),
    "education": _l("Pour l'école ou l'orientation"),
    "employment": _l("Pour un stage, une alternance ou un emploi"),
}
LACKING = {  # what keeps people from a first meeting, in a few words
    **PIECES,
    "training": _l("Formation"),
    "participation": _l("Autorisation parentale"),
    "own_agreement": _l("Son propre accord, avant 15 ans"),
    "majority": _l("Son propre accord, à 18 ans"),
    "birth_date": _l("Date de naissance"),
    "protected": _l("Pièce propre à une situation"),
    "too_old": _l("30 ans atteints"),
    "paused": _l("En pause"),
    "closed": _l("Dossier fermé"),
    "self": _l("La même personne"),
}
RHYTHMS = {
    "weekly": _l("Chaque semaine"),
    "fortnightly": _l("Toutes les deux semaines"),
    "monthly": _l("Une fois par mois"),
}
EVENTS = {
    "proposed": _l("Binôme proposé"),
    "call_mentee": _l("Le ou la jeune n'a pas d'adresse : question à poser au téléphone"),
    "call_mentor": _l("Le mentor ou la mentore n'a pas d'adresse : question à poser au téléphone"),
    "unread_mentee": _l("Le message n'a pas pu être remis : question à poser au téléphone au ou à la jeune"),
    "unread_mentor": _l("Le message n'a pas pu être remis : question à poser au téléphone au mentor ou à la mentore"),
    "asked_mentee": _l("Question envoyée au ou à la jeune"),
    "asked_mentor": _l("Question envoyée au mentor ou à la mentore"),
    "yes_mentee": _l("Le ou la jeune a dit oui"),
    "yes_mentor": _l("Le mentor ou la mentore a dit oui"),
    "no_mentee": _l("Le ou la jeune a dit non"),
    "no_mentor": _l("Le mentor ou la mentore a dit non"),
    "silent_mentee": _l("Pas de réponse du ou de la jeune dans le délai"),
    "silent_mentor": _l("Pas de réponse du mentor ou de la mentore dans le délai"),
    "confirmed": _l("Les deux ont confirmé"),
    "prepared": _l("Convention préparée et envoyée"),
    "signed": _l("Signature reçue"),
    "refused": _l("Signature refusée"),
    "lapsed": _l("Convention non signée dans le délai"),
    "agreed": _l("Convention signée par tous"),
    "void": _l("Convention annulée"),
    "begun": _l("Binôme commencé"),
    "first_meeting": _l("Première rencontre prévue"),
    "paused": _l("Mis en pause"),
    "resumed": _l("Pause terminée"),
    "changed": _l("Suivi modifié"),
    "corrected": _l("Binôme modifié"),
    "reviewed": _l("Point sur les objectifs"),
    "closing": _l("Clôture commencée"),
    "kept": _l("Clôture abandonnée : le binôme continue"),
    "closed": _l("Clôturé"),
    "reopened": _l("Rouvert"),
    "dropped": _l("Sans suite, avant de commencer"),
    "warned": _l("Équipe prévenue d'une échéance"),
}
SAFETY, DEATH = "safety", "death"  # said by the association; by the file of who died
CLOSURE_REASONS = {  # made to be useful: what to do differently next time
    "planned": _l("Le temps convenu est passé"),
    "goals": _l("Objectifs atteints plus tôt"),
    "mentor": _l("Le mentor ou la mentore ne peut plus continuer"),
    "mentee": _l("Le ou la jeune ne souhaite plus continuer"),
    "time": _l("Plus assez de temps, emplois du temps devenus incompatibles"),
    "fit": _l("L'entente ne s'est pas faite"),
    "moved": _l("Déménagement ou changement de situation"),
    "lost": _l("Plus de nouvelles"),
    SAFETY: _l("Par précaution, à l'initiative de l'association"),
    DEATH: _l("Décès"),
}
KINDS = {
    "foreseen": (_l("Fin prévue"), _l("Les deux savent que le binôme se termine et peuvent en parler.")),
    "unforeseen": (_l("Fin imprévue"), _l("Le binôme s'arrête plus tôt ; chacun peut encore être entendu.")),
    "absent": (_l("L'un des deux ne répond plus"), _l("La clôture se fait sans cette personne, qui est prévenue par écrit.")),
}
STEPS = {
    "mentee": _l("Entretien de fin avec le ou la jeune"),
    "mentor": _l("Entretien de fin avec le mentor ou la mentore"),
    "guardian": _l("Échange avec la personne qui représente le ou la jeune"),
    "together": _l("Dernière rencontre, pour se dire au revoir"),
    "tried": _l("Trois essais pour joindre la personne absente, par des moyens différents"),
    "written": _l("Message écrit à la personne absente"),
    "contact": _l("Règle dite aux deux : rester en contact, ou non"),
    "documents": _l("Attestations proposées"),
}
PLAN_AGAIN = _l("Les rendez-vous qui ont été annulés ne reviennent pas : prévoyez-en d'autres.")
FREE = "free"
CONTACT_RULES = {
    "none": _l("Aucun contact après la clôture"),
    "association": _l("Par l'intermédiaire de l'association seulement"),
    FREE: _l("Libre, si les deux le souhaitent et, avant 18 ans, avec l'accord de qui représente le ou la jeune"),
}
CONTACT_TOLD = {  # the same, as the two read it in the letter of the end
    "none": _l("Ensuite, votre binôme ne reste pas en contact."),
    "association": _l("Pour vous donner des nouvelles ensuite, passez par l'association."),
    FREE: _l(
        "Vous pouvez rester en contact, si chacun de vous le souhaite et, avant 18 ans, avec l'accord de la personne "
        "qui représente le ou la jeune."
    ),
}
REVIEWS = {"reached": _l("Atteint"), "under_way": _l("En chemin"), "left": _l("Laissé de côté")}
ROLES = {
    "mentor": _l("Mentor"),
    "mentee": _l("Jeune"),
    "guardian": _l("Représentant légal du ou de la jeune"),
    "mentor_guardian": _l("Représentant légal du mentor"),
    "association": _l("Association"),
}
DROPS = {
    "no_mentee": _l("Le ou la jeune n'a pas souhaité ce binôme."),
    "no_mentor": _l("Le mentor ou la mentore n'a pas souhaité ce binôme."),
    "silent_mentee": _l("Le ou la jeune n'a pas répondu dans le délai."),
    "silent_mentor": _l("Le mentor ou la mentore n'a pas répondu dans le délai."),
    "staff": _l("L'équipe y a renoncé."),
    "mistake": _l("Il avait été formé par erreur."),
}
