"""The closed lists of a file: code, and the words that a person reads."""

from app.translation import lazy_gettext as _l

AUTHORISATIONS = {
    "participation": _l("Participer au mentorat"),
    "own_agreement": _l("Accord du ou de la jeune"),
    "home": _l("Rencontres à domicile"),
    "image": _l("Photos et vidéos (droit à l'image)"),
}
PROTECTED = {  # the four pieces that child protection asks for
    "ase_evaluation": _l("Évaluation de l'année"),
    "ase_parental": _l("Accord écrit de l'autorité parentale"),
    "ase_departement": _l("Accord du département"),
    "ase_agreement": _l("Convention individuelle signée des trois"),
}
ON_LINE = "link"
HOW = {
    "paper": _l("Sur papier signé"),
    "in_person": _l("De vive voix, en présence d'un membre de l'équipe"),
    "mail": _l("Par e-mail"),
    ON_LINE: _l("En ligne"),  # never noted by hand
}
ALLOWS = {  # what a guardian reads and ticks
    "participation": _l("J'autorise %(name)s à participer au mentorat : des rencontres régulières, à distance ou en personne."),
    "home": _l("J'autorise des rencontres chez le ou la jeune, en présence d'un adulte de sa famille."),
    "image": _l(
        "J'autorise l'association à photographier ou à filmer %(name)s pendant les activités de l'association, et à montrer "
        "ces images sur ses supports, jusqu'à ce que je retire cette autorisation."
    ),
}
SENSITIVE = {  # the priority publics of the programme's call of 2025; optional, apart, never in an export by name
    "ase": _l("Protection de l'enfance (ASE)"),
    "handicap": _l("Situation de handicap"),
    "precarious": _l("Étudie avec peu de moyens"),
    "carer": _l("Jeune qui aide un proche"),
    "refugee": _l("Personne réfugiée"),
    "justice": _l("Suivi judiciaire (PJJ)"),
    "dropping_out": _l("Risque de décrochage"),
    "qpv": _l("Habite un quartier prioritaire"),
}
RELATIONS = {
    "parent": _l("Parent"),
    "tutor": _l("Tuteur ou tutrice"),
    "service": _l("Service de protection de l'enfance"),
    "other": _l("Autre"),
}
CHECKS = {
    "identity": _l("Pièce d'identité"),
    "honorability": _l("Attestation d'honorabilité"),
    "record": _l("Bulletin n° 3 du casier judiciaire"),
}
PIECES = {  # what the rules of the gate may ask of a mentor, or of a pair
    **CHECKS,
    "charter": _l("Charte signée"),
    "references": _l("Une référence favorable"),
    "decision": _l("Candidature acceptée, sur critères écrits"),
    "agreement": _l("Convention de binôme signée"),
}
AUDIENCES = {
    "all": _l("tous les binômes"),
    "minors": _l("binômes avec une personne mineure"),
    "ase": _l("jeunes de la protection de l'enfance"),
}
STAGES = {
    "received": _l("À rencontrer"),
    "interview_planned": _l("Entretien prévu"),
    "interviewed": _l("Entretien fait"),
    "references": _l("Références demandées"),
    "checks": _l("Vérifications"),
    "ready": _l("Acceptée"),
    "withdrawn": _l("Retirée"),
    "refused": _l("Refusée"),
}
COLOURS = {"green": _l("Favorable"), "orange": _l("À discuter"), "red": _l("Défavorable")}
ADVICE = {"yes": _l("Oui, sans réserve"), "reserved": _l("Oui, avec une réserve"), "no": _l("Non")}
REACHES = {
    "commune": _l("Dans sa commune"),
    "epci": _l("Dans son intercommunalité"),
    "arrondissement": _l("Dans son arrondissement"),
    "departement": _l("Dans son département"),
    "region": _l("Dans sa région"),
}
INTERESTS = {
    "sport": _l("Sport"),
    "music": _l("Musique"),
    "reading": _l("Lecture"),
    "cinema": _l("Cinéma et séries"),
    "games": _l("Jeux et jeux vidéo"),
    "science": _l("Sciences et techniques"),
    "nature": _l("Nature et animaux"),
    "cooking": _l("Cuisine"),
    "arts": _l("Dessin et arts"),
    "travel": _l("Voyages et langues"),
    "making": _l("Bricolage et mécanique"),
    "society": _l("Actualité et engagement"),
}
AGREEMENTS = {"neutral": _l("Neutre"), "feminine": _l("Au féminin"), "masculine": _l("Au masculin")}
APPLYING = {  # what somebody who wants to mentor reads of their application, until it is decided
    "received": _l("L'association l'a reçue : elle vous appelle pour un entretien, puis vous dit sa décision."),
    "interview_planned": _l("Votre entretien a eu lieu, ou une autre date se cherche : l'association vous dit la suite."),
    "interviewed": _l("Votre entretien a eu lieu : l'association vous dit bientôt sa décision."),
    "references": _l("Votre entretien a eu lieu : l'association interroge les personnes que vous avez citées."),
    "checks": _l("Votre entretien a eu lieu : il reste des documents à montrer à l'association, qui vous dit ensuite sa décision."),
}
