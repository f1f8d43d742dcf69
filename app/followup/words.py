"""The closed lists of follow-up: code, and the words that a person reads; why somebody is to be called, in one line."""

from datetime import date
from typing import Any

from app.people.words import PIECES
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.translation import ngettext
from app.web import iso_day, today

HOWS = {"phone": _l("Téléphone"), "visit": _l("Visite"), "mail": _l("E-mail"), "message": _l("Message")}
TONES = {"good": _l("Bien"), "watch": _l("À surveiller"), "bad": _l("Problème")}
SIDES = {"mentor": _l("Mentor"), "mentee": _l("Jeune"), "guardian": _l("Représentant légal"), "both": _l("Le binôme")}
HEALTH = {"well": _l("va bien"), "watch": _l("à surveiller"), "danger": _l("en difficulté")}
HEALTH_TONES = {"well": "ok", "watch": "warn", "danger": "bad"}
SNOOZES = [("1", _l("1 jour")), ("3", _l("3 jours")), ("7", _l("1 semaine")), ("14", _l("2 semaines"))]
WHOSE = {"mentor": "mentor", "jeune": "mentee", "parent": "guardian", "binome": "both"}  # in a path -> in code
PATHS = {side: path for path, side in WHOSE.items()}


def why(kind: str, facts: dict[str, Any], since: date) -> str:
    """Why to call, in one line."""
    day = iso_day(since.isoformat())
    if kind in {"no_meeting", "long_silence"}:
        days = (today() - since).days
        if facts.get("back"):
            met = _("Aucune séance depuis la reprise, le %(day)s", day=day)
        elif facts.get("met"):
            met = _("Dernière séance le %(day)s", day=day)
        else:
            met = _("Aucune séance depuis le début, le %(day)s", day=day)
        return ngettext("%(met)s (%(num)d jour)", "%(met)s (%(num)d jours)", days, met=met)
    if kind == "contact":
        if not (last := facts.get("last")):
            return _("Aucun échange depuis le début")
        days = (today() - date.fromisoformat(last)).days
        return ngettext(
            "Dernier échange le %(day)s (%(num)d jour)", "Dernier échange le %(day)s (%(num)d jours)", days, day=iso_day(last)
        )
    if kind == "piece":
        piece = COMING.get(facts["piece"]) or PIECES.get(facts["piece"]) or _("une autorisation")
        if facts["ends_on"] > today().isoformat():
            return _("À prévoir avant le %(day)s : %(piece)s", day=iso_day(facts["ends_on"]), piece=piece)
        return _("À régler depuis le %(day)s : %(piece)s", day=iso_day(facts["ends_on"]), piece=piece)
    if kind == "stopped":
        return _(
            "Rencontres arrêtées, à régler : %(piece)s",
            piece=STOPPED.get(facts["piece"]) or PIECES.get(facts["piece"]) or STOPPED["participation"],
        )
    if kind == "first_month":
        return _("Premier mois : deuxième appel") if facts.get("done") else _("Premier mois : premier appel")
    if kind == "next_step":
        return _("Prévu le %(day)s : %(step)s", day=day, step=facts.get("step") or _("rappeler"))
    return _(str(PLAIN[kind]), day=iso_day(facts["day"]) if "day" in facts else day, month=facts.get("month", ""))


COMING = {  # what will be missing, and is not a piece
    "own_agreement": _l("son propre accord"),
    "majority": _l("son propre accord, à ses 18 ans"),
    "training": _l("la formation"),
    "protected": _l("une pièce propre à sa situation"),
    "too_old": _l("la fin du binôme, à ses 30 ans"),
}
STOPPED = {
    "closed": _l("une personne a quitté l'association, clôturez le binôme"),
    "participation": _l("une autorisation manque"),
    "own_agreement": _l("son propre accord manque"),
    "majority": _l("son propre accord manque, depuis ses 18 ans"),
    "birth_date": _l("une date de naissance manque"),
    "training": _l("la formation n'est pas terminée"),
    "protected": _l("une pièce propre à sa situation manque"),
    "self": _l("c'est la même personne, ou celle qui représente ce jeune"),
    "too_old": _l("30 ans ou plus : le programme accompagne jusqu'à 29 ans"),
}
PLAIN = {
    "help": _l("Demande d'aide, le %(day)s"),
    "after_help": _l("À rappeler : depuis sa demande d'aide du %(day)s, aucun échange de vive voix n'est noté"),
    "home": _l("Une rencontre à domicile sans autorisation, le %(day)s"),
    "first_alone": _l("Première rencontre prévue le %(day)s, sans personne de l'équipe"),
    "question": _l("Attend une réponse depuis le %(day)s"),
    "alarming": _l("A écrit sur la séance du %(day)s un mot à lire tout de suite"),
    "disagreement": _l("Les deux ne disent pas la même chose de la séance du %(day)s"),
    "low_face": _l("A mal vécu la séance du %(day)s"),
    "said_bad": _l("A dit que quelque chose ne va pas, le %(day)s"),
    "said_watch": _l("A dit quelque chose à surveiller, le %(day)s"),
    "two_missed": _l("Deux séances manquées de suite, la dernière le %(day)s"),
    "review": _l("Le point des %(month)s mois sur les objectifs est à faire"),
    "bounced": _l("Son adresse e-mail refuse les messages depuis le %(day)s"),
}
