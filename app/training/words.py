"""The closed lists of training, in words."""

from app.translation import lazy_gettext as _l

AUDIENCES = {
    "all": (_l("de tous les jeunes"), None),
    "minors": (_l("de jeunes de moins de 18 ans"), None),
    "ase": (_l("de jeunes confiés à la protection de l'enfance (ASE)"), None),
    "education": (_l("de jeunes qui demandent de l'aide pour l'école ou l'orientation"), None),
    "employment": (_l("de jeunes qui cherchent un stage, une alternance ou un emploi"), None),
}
AUDIENCES_SHORT = {
    "all": _l("obligatoire pour tous"),
    "minors": _l("obligatoire : mineurs"),
    "ase": _l("obligatoire : ASE"),
    "education": _l("obligatoire : éducation"),
    "employment": _l("obligatoire : emploi"),
}
MODULE_KINDS = {
    "text": _l("à lire"),
    "media": _l("à regarder"),
    "quiz": _l("questionnaire"),
    "live": _l("en direct"),
    "interview": _l("entretien"),
    "elsewhere": _l("suivi ailleurs"),
}
NEW_MODULES = {
    "text": (_l("Un texte à lire"), _l("Markdown, images, liens")),
    "media": (_l("Une vidéo ou un fichier"), _l("Un lien, ou un fichier déposé")),
    "quiz": (_l("Un questionnaire"), _l("Une ou plusieurs réponses, ordre, réponse libre")),
    "live": (_l("Une session en direct"), _l("Sur place ou en visio, avec inscription")),
    "interview": (_l("Un entretien avec l'équipe"), _l("L'équipe le note")),
    "elsewhere": (_l("Une formation suivie ailleurs"), _l("Le mentor la déclare, l'équipe l'accepte")),
}
QUESTION_KINDS = {
    "single": _l("Une seule bonne réponse"),
    "multiple": _l("Plusieurs bonnes réponses"),
    "ordering": _l("Remettre dans l'ordre"),
    "free": _l("Une réponse libre, lue par l'équipe"),
}
STANDINGS = {
    "done": _l("terminé"),
    "expiring": _l("à renouveler bientôt"),
    "expired": _l("n'est plus valable"),
    "under_way": _l("en cours"),
    "late": _l("arrêté depuis trois semaines"),
    "missing": _l("pas commencé"),
}
STANDING_TONES = {"done": "ok", "expiring": "warn", "expired": "bad", "under_way": "", "late": "warn", "missing": "off"}
