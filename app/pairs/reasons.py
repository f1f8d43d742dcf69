"""The reasons of a proposal in words: for, with their points, and against."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.leads.words import PLACES, said_slots, together
from app.people.words import INTERESTS
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.translation import ngettext

from .conditions import Missing
from .matching_models import Proposal

WEIGHT_WORDS = {
    "needs": _l("Besoin du jeune et domaine d'aide du mentor"),
    "field": _l("Métier ou domaine qui attire le ou la jeune"),
    "interests": _l("Centres d'intérêt communs"),
    "hours": _l("Heures en commun dans la semaine"),
    "near": _l("Proximité"),
    "waiting": _l("Temps d'attente du jeune"),
}
CONDITIONS = {  # why nobody is proposed
    "ready": _l("Aucun mentor disponible n'est prêt pour ce public (formation, pièces)."),
    "place": _l("Aucun mentor prêt n'accepte le même lieu assez près."),
    "hour": _l("Aucun n'a d'heure commune dans la semaine."),
    "language": _l("Aucun ne parle une langue commune."),
    "gender": _l("Aucun ne correspond au souhait d'échanger avec une femme ou un homme."),
    "unwanted": _l("Tous ceux qui conviendraient ont été écartés, ou ont déjà été son mentor."),
    "taken": _l("Ceux qui conviendraient sont proposés à d'autres, qui leur conviennent mieux ou attendent depuis plus longtemps."),
}
NEAR = {
    "commune": _l("même commune"),
    "epci": _l("même intercommunalité"),
    "arrondissement": _l("même arrondissement"),
    "departement": _l("même département"),
    "region": _l("même région"),
    "far": _l("régions différentes"),
}


def said_reasons(reasons: Sequence[Mapping[str, Any]], short: bool = False) -> list[tuple[str, int, int]]:
    """Each reason that counts, in words, with its points and the most it could give, the strongest first; short: three of them."""
    found = [
        (said(reason), reason["points"], reason["of"])
        for reason in reasons
        if reason["points"] > 0 or reason["code"] in {"places", "said"}
    ]
    ranked = sorted((row for row in found if row[0]), key=lambda row: -row[1])
    return ranked[:3] if short else ranked


def in_words(text: str | None) -> list[dict[str, Any]]:
    """The reason that somebody of the team gives in their own words, beside none that was computed; none when they gave none."""
    return [{"code": "said", "points": 0, "of": 0, "detail": [text]}] if text else []


def said(reason: Mapping[str, Any]) -> str:
    """One reason in words."""
    detail = reason["detail"]
    match reason["code"]:
        case "said":
            return str(detail[0])
        case "needs":
            return _("aide dans le domaine demandé")
        case "field":
            return _("travaille dans un domaine qui attire le ou la jeune")
        case "interests":
            return _("ont en commun : %(list)s", list=together([str(INTERESTS[code]).lower() for code in detail]))
        case "hours":
            return _("libres en même temps : %(list)s", list=said_slots(detail))
        case "near":
            return str(NEAR[detail[0]])
        case "waiting":
            return ngettext("attend depuis %(num)d jour", "attend depuis %(num)d jours", int(detail[0]))
        case "first":
            return _("en tête de liste : son binôme précédent ne s'est pas fait, ou s'est terminé")
        case "pinned":
            return _("épinglés par l'équipe")
    return _("lieux possibles : %(list)s", list=together([str(PLACES[code]).lower() for code in detail])) if detail else ""


def said_against(proposal: Proposal, obstacles: Sequence[Missing]) -> list[str]:
    """What speaks against: pieces to gather first, and reasons that gave little or nothing."""
    weak = {
        "needs": _("N'aide pas d'abord dans le domaine demandé, ou préfère un autre public."),
        "field": _("Ne travaille pas dans le domaine qui attire le ou la jeune."),
        "interests": _("Pas de centre d'intérêt commun connu."),
        "hours": _("Pas d'heure commune connue : l'un des deux n'a pas donné sa semaine."),
        "near": _("Habitent dans des régions différentes : à distance seulement."),
    }
    mentee, mentor = proposal.mentee, proposal.mentor
    asked = {"field": bool(mentee.field_wish), "interests": bool(mentee.interests and mentor.interests)}
    codes = [reason["code"] for reason in proposal.reasons if reason["of"] and not reason["points"]]
    nothing = [weak[code] for code in codes if code in weak and asked.get(code, True)]
    is_to_ask = mentee.gender_wish in {"woman", "man"} and mentor.agreement == "neutral"
    unknown = [_("Souhaite échanger avec une femme ou un homme en particulier : à vérifier.")] if is_to_ask else []
    return [*(obstacle.sentence for obstacle in obstacles), *unknown, *nothing]
