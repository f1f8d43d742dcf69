"""The text of an agreement: the one that comes with Binôme, its variables, and how they are filled and checked."""

import re
from collections.abc import Callable, Mapping

from app.errors import DomainError
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.translation import ngettext
from app.web import iso_day

from .models import Pair
from .words import RHYTHMS

VARIABLE = re.compile(r"\{([^{}]*)\}")
SPECIAL = re.compile(r"([!-/:-@\[-`{-~])")  # every sign that Markdown may take for its own
LONGEST = 12_000  # characters

DEFAULT = """\
## Entre

{jeune}, {mentor} et l'association {association}.

## Ce que nous décidons ensemble

{mentor} accompagne {jeune} pendant {durée}, à partir du {début}, ou de la dernière signature si elle vient \
après. Nous nous voyons à ce rythme : {rythme}.

Nos objectifs :

{objectifs}

## À quoi chacun s'engage

- **Le ou la jeune** vient aux rendez-vous, prévient en cas d'empêchement, dit ce qui va et ce qui ne va pas.
- **Le mentor ou la mentore** donne son temps gratuitement, tient les rendez-vous, garde pour soi ce qui lui est \
confié, et ne fait rien à la place du ou de la jeune. Le mentor ou la mentore note chaque rendez-vous, et répond à l'association.
- **L'association** forme le mentor ou la mentore, appelle chacun régulièrement, et répond aux questions et aux difficultés.

## Le cadre

- Les rendez-vous ont lieu à distance, dans l'établissement, dans les locaux de l'association ou d'une entreprise. Ils peuvent \
avoir lieu chez le ou la jeune, jamais chez le mentor ou la mentore, si l'association et, avant 18 ans, un parent l'ont autorisé.
- Pas d'argent, pas de cadeaux de valeur, pas de déplacement en voiture à deux sans l'accord de l'association.
- Une situation de danger n'est jamais gardée secrète : elle est dite à l'association aussitôt. Le 119 répond jour et nuit.

## Comment cela se termine

Chacun peut arrêter, à tout moment, en le disant à l'association : {contact}. Une dernière rencontre permet de se dire au revoir.
"""


class BadText(DomainError):
    """This text cannot be used; the sentence says what to change."""


def objectives(pair: Pair) -> str:
    return "\n".join(f"- {plain(goal)}" for goal in pair.objectives) or "- " + _("à définir ensemble à la première rencontre")


def contact(pair: Pair) -> str:
    """Whom to write to."""
    name = pair.referent.full_name if pair.referent else current_tenant.name
    return plain(", ".join(part for part in (name, current_tenant.email) if part))


VARIABLES: Mapping[str, Callable[[Pair], str]] = {
    "jeune": lambda pair: plain(pair.mentee.full_name),
    "mentor": lambda pair: plain(pair.mentor.full_name),
    "association": lambda pair: plain(current_tenant.name),
    "ville": lambda pair: plain(current_tenant.city),
    "début": lambda pair: iso_day(pair.starts_on.isoformat()),
    "fin": lambda pair: iso_day(pair.planned_end.isoformat()),
    "durée": lambda pair: ngettext("%(num)d mois", "%(num)d mois", pair.planned_months),
    "rythme": lambda pair: str(RHYTHMS[pair.rhythm]).lower(),
    "objectifs": objectives,
    "contact": contact,
}


def plain(text: str) -> str:
    """Somebody's words, which are no Markdown."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def check(text: str) -> None:
    """Raise BadText for a text that is empty, too long, or names a variable that does not exist."""
    if not text.strip():
        raise BadText(_("Le texte est vide."))
    if len(text) > LONGEST:
        raise BadText(_("Ce texte est trop long : %(count)s caractères au plus.", count=LONGEST))
    unknown = [name for name in VARIABLE.findall(text) if name.strip() not in VARIABLES]
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in VARIABLES)
        raise BadText(_("« {%(name)s} » n'existe pas. Les variables possibles : %(known)s.", name=unknown[0], known=known))
    if set(VARIABLE.sub("", text)) & {"{", "}"}:
        raise BadText(_("Une accolade n'est pas fermée."))


def filled(text: str, pair: Pair) -> str:
    """The text with everything that is known of the pair."""
    return VARIABLE.sub(lambda found: VARIABLES[found[1].strip()](pair), text)
