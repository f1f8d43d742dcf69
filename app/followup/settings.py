"""How an association follows its pairs: rhythms, grids of questions, ready answers; on sensible defaults."""

from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from flask import g

from app.tenants.choices import in_force, put_in_force

from .models import FollowUpSettings

LONGEST_RHYTHM = 92  # days: once a quarter at the least
GRIDS = {  # after the Elements of Effective Practice for Mentoring (standard 5): what a call asks each of them
    "mentor": [
        "Les rencontres ont lieu comme prévu",
        "La relation est agréable et chacun y trouve sa place",
        "Les objectifs avancent",
        "Rien ne met en difficulté : limites, horaires, sécurité",
        "Besoin d'une formation, d'un conseil, d'une sortie",
    ],
    "mentee": [
        "Les rencontres ont lieu comme prévu",
        "La relation est agréable : on se sent en confiance et en sécurité",
        "Le mentorat est utile en ce moment",
        "Le rythme, le lieu et les sujets conviennent",
    ],
    "guardian": [
        "Les rencontres se passent bien, vues de la maison",
        "Un changement dans la situation",
        "Une question, une inquiétude",
    ],
}
CANNED = [
    "Bien reçu\nMerci pour votre message. Nous regardons et revenons vers vous d'ici deux jours ouvrés.",
    "Changer un rendez-vous\nPour déplacer ou annuler un rendez-vous, ouvrez-le dans votre espace : l'autre personne est prévenue.",
    "On s'appelle\nLe plus simple est d'en parler : à quel moment pouvons-nous vous appeler ?",
]


@dataclass(frozen=True)
class Choices:
    """Days between two contacts, without a meeting, to answer a message, without a word to who waits; the grids; ready answers;
    whether both may write.
    """

    contact_days: int = 30
    meeting_days: int = 30
    answer_days: int = 2
    waiting_days: int = 30
    grids: dict[str, list[str]] = field(default_factory=lambda: {side: list(lines) for side, lines in GRIDS.items()})
    canned: list[str] = field(default_factory=lambda: list(CANNED))
    both_write: bool = False
    digest: bool = True


def settings() -> Choices:
    """Those in force, read once in a request."""
    if "followup_choices" not in g:
        g.followup_choices = Choices(**in_force(FollowUpSettings))
    chosen: Choices = g.followup_choices
    return chosen


def choose(by: UUID, **changes: Any) -> Choices:
    """Put other choices in force; the same again make no version."""
    put_in_force(FollowUpSettings, asdict(Choices()), by, **changes)
    g.pop("followup_choices", None)
    return settings()
