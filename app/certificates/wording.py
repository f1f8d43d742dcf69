"""What a certificate says: the texts that come with Binôme, those of an association, and the variables in them.

A variable stands in braces: {durée}. `{accord: neutre / féminin / masculin}` agrees with the holder's own choice, and `**bold**` is
bold. A text with an unknown variable, or that names the Compte d'engagement citoyen, is refused: it does not fit ordinary mentors.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from markupsafe import Markup, escape
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from app.database import now
from app.errors import DomainError
from app.extensions import db
from app.people.models import Agreement
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.translation import ngettext
from app.web import NO_BREAK, hours_in_words, iso_day

from .models import CertificateKind, Signatory, Wording

LONGEST = 600  # characters of a text: the page holds no more
VARIABLE = re.compile(r"\{([^{}]*)\}")
FORBIDDEN = re.compile(r"engagement\s+citoyen|\bCEC\b", re.I)
AGREEMENTS = (Agreement.NEUTRAL, Agreement.FEMININE, Agreement.MASCULINE)

KIND_NAMES: Mapping[str, Any] = {
    CertificateKind.TRAINING: _l("Formation"),
    CertificateKind.ENGAGEMENT: _l("Engagement"),
    CertificateKind.PARTICIPATION: _l("Participation du jeune"),
    CertificateKind.HOURS: _l("Heures données"),
    CertificateKind.YEARLY: _l("Bilan de l'année"),
}

TITLES: Mapping[str, Any] = {
    CertificateKind.TRAINING: _l("Attestation de formation"),
    CertificateKind.ENGAGEMENT: _l("Attestation d'engagement"),
    CertificateKind.PARTICIPATION: _l("Attestation de participation"),
    CertificateKind.HOURS: _l("Attestation d'heures de bénévolat"),
    CertificateKind.YEARLY: _l("Attestation annuelle de bénévolat"),
}

BODIES: Mapping[str, Any] = {
    CertificateKind.TRAINING: _l("a suivi en entier la formation « {formation} », soit **{durée}**, terminée le {date}."),
    CertificateKind.ENGAGEMENT: _l(
        "a accompagné bénévolement un ou une jeune du {début} au {fin}, soit **{séances} et {durée}**{après_formation}."
    ),
    CertificateKind.PARTICIPATION: _l(
        "a pris part au programme du {début} au {fin}, avec un mentor ou une mentore : **{séances} et {durée}**.{objectifs}"
    ),
    CertificateKind.HOURS: _l(
        "a donné bénévolement **{durée_totale}** de son temps du {début} au {fin} : {séances} de mentorat, {durée}{et_formation}."
    ),
    CertificateKind.YEARLY: _l(
        "a exercé du {début} au {fin} une mission bénévole de mentorat individuel : **{séances} et {durée}**{et_formation}. "
        "Compétences mises en œuvre : écoute, pédagogie, organisation, connaissance des études et des métiers."
    ),
}


class BadWording(DomainError):
    """This text cannot stand on a certificate; the sentence says what to change."""


@dataclass(frozen=True)
class Text:
    """What a kind says in this association, and who signs."""

    title: str
    body: str
    signatory: Signatory | None


def _count(facts: Mapping[str, Any]) -> str:
    return str(ngettext("%(num)d séance", "%(num)d séances", facts["meetings"])).replace(" ", NO_BREAK)


def _after_training(facts: Mapping[str, Any]) -> str:
    minutes = facts.get("training_minutes")
    return _(", avec une formation de %(time)s au rôle de mentor", time=hours_in_words(minutes)) if minutes else ""


def _and_training(facts: Mapping[str, Any]) -> str:
    minutes = facts.get("training_minutes")
    return _(", et %(time)s de formation", time=hours_in_words(minutes)) if minutes else ""


def _objectives(facts: Mapping[str, Any]) -> str:
    reached = facts.get("objectives")
    return _(" Objectifs atteints : %(list)s.", list=" ; ".join(reached)) if reached else ""


VARIABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "association": lambda facts: str(facts["association"]),
    "formation": lambda facts: str(facts["course"]),
    "version": lambda facts: str(facts.get("version", 1)),
    "modules": lambda facts: " ; ".join(facts.get("modules", ())),
    "date": lambda facts: iso_day(facts["completed_on"]),
    "début": lambda facts: iso_day(facts["from"]),
    "fin": lambda facts: iso_day(facts["to"]),
    "année": lambda facts: str(facts["from"][:4]),
    "séances": _count,
    "durée": lambda facts: hours_in_words(facts["minutes"]),
    "durée_totale": lambda facts: hours_in_words(facts["minutes"] + facts.get("training_minutes", 0)),
    "après_formation": _after_training,
    "et_formation": _and_training,
    "objectifs": _objectives,
}
PERIOD = "du {début} au {fin}"
_PERIOD = ("association", "début", "fin", "séances", "durée")
VARIABLES_OF: Mapping[str, tuple[str, ...]] = {
    CertificateKind.TRAINING: ("association", "formation", "version", "modules", "durée", "date"),
    CertificateKind.ENGAGEMENT: (*_PERIOD, "après_formation"),
    CertificateKind.PARTICIPATION: (*_PERIOD, "objectifs"),
    CertificateKind.HOURS: (*_PERIOD, "durée_totale", "et_formation"),
    CertificateKind.YEARLY: (*_PERIOD, "année", "durée_totale", "et_formation"),
}
# Facts that nobody did, for a preview.
EXAMPLE: dict[str, Any] = {
    "course": "Devenir mentor", "version": 1, "modules": ["Votre rôle", "Ensemble, en direct"],
    "completed_on": "2026-03-09", "from": "2026-01-12", "to": "2026-06-30", "meetings": 14,
    "minutes": 1230, "training_minutes": 180, "objectives": ["Choisir une formation"], "holder": "Camille Exemple",
}  # fmt: skip


def check_body(kind: str, body: str) -> None:
    """Refuse what could not be printed. Raises BadWording with what to change."""
    if FORBIDDEN.search(plain(body)):
        raise BadWording(_("Le Compte d'engagement citoyen ne s'applique pas au mentorat : ne le citez pas."))
    for found in VARIABLE.findall(body):
        if found.startswith("accord:"):
            if len(found.removeprefix("accord:").split("/")) != len(AGREEMENTS):
                raise BadWording(_("{accord: …} attend trois formes séparées par « / » : neutre, féminine, masculine."))
        elif found not in VARIABLES_OF[kind]:
            known = ", ".join(f"{{{name}}}" for name in VARIABLES_OF[kind])
            raise BadWording(_("{%(name)s} n'existe pas ici. Vous pouvez écrire : %(known)s.", name=found, known=known))
    if re.search(r"[{}]", VARIABLE.sub("", body)):
        raise BadWording(_("Une accolade n'est pas refermée."))
    if body.count("**") % 2 or not plain(body).strip():
        raise BadWording(_("Un gras commence par ** et finit par **, avec des mots entre les deux."))


def written(body: str, facts: Mapping[str, Any], agreement: str) -> str:
    """The text with its variables replaced, bold marks kept. A period of one day is that day, one within a year names it once."""
    first, last = facts.get("from", ""), facts.get("to", "")
    if first == last:
        body = body.replace(PERIOD, "le {début}")
    elif first[:4] == last[:4]:
        body = body.replace(PERIOD, f"du {iso_day(first).removesuffix(f' {first[:4]}')} au {{fin}}")

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name.startswith("accord:"):
            forms = [form.strip() for form in name.removeprefix("accord:").split("/")]
            return forms[AGREEMENTS.index(Agreement(agreement))]
        return plain(VARIABLES[name](facts))

    return VARIABLE.sub(value, body)


def plain(text: str) -> str:
    """The text without bold marks, for machines."""
    return text.replace("**", "")


def as_html(text: str) -> Markup:
    """The text with its bold parts, everything else escaped."""
    parts = str(escape(text)).split("**")
    return Markup("").join(
        Markup("<strong>{}</strong>").format(Markup(part)) if place % 2 else Markup(part)  # noqa: S704  (escaped above)
        for place, part in enumerate(parts)
    )


def own_wording(kind: str) -> Wording | None:
    """The association's own text for a kind."""
    return db.session.scalar(select(Wording).where(Wording.kind == kind))


def text_of(kind: str) -> Text:
    """What this association says for a kind: its own text, else the one that comes with Binôme."""
    return said_by(kind, own_wording(kind))


def all_texts() -> dict[str, Text]:
    """The same for each kind."""
    own = {row.kind: row for row in db.session.scalars(select(Wording).options(joinedload(Wording.signatory)))}
    return {kind: said_by(kind, own.get(kind)) for kind in KIND_NAMES}


def said_by(kind: str, own: Wording | None) -> Text:
    return Text(own.title, own.body, own.signatory) if own is not None else Text(str(TITLES[kind]), str(BODIES[kind]), None)


def signs(text: Text) -> tuple[str, str, str | None]:
    """Who signs a text, their office, and the picture of their signature: the usual signatory when nobody is chosen."""
    if text.signatory is not None:
        return text.signatory.name, text.signatory.office, text.signatory.signature_key
    return current_tenant.signatory_name, current_tenant.signatory_office, None


def check_title(kind: str, title: str) -> None:
    """Raise BadWording for a title that cannot be used: whoever verifies reads it, and reads nothing of the jeune."""
    check_body(kind, title)
    if "{objectifs}" in title:
        raise BadWording(_("Les objectifs ne se disent pas dans un titre : celui-ci se lit en vérifiant l'attestation."))


def keep_wording(kind: str, title: str, body: str, signatory_id: UUID | None) -> Wording:
    """Change what a kind says. What was issued before keeps what it said. Raises BadWording."""
    check_body(kind, body)
    check_title(kind, title)
    row = own_wording(kind) or Wording(kind=kind)
    row.title, row.body, row.signatory_id = title, body, signatory_id
    db.session.add(row)
    db.session.flush()  # asked for again by the page
    return row


def forget_wording(kind: str) -> None:
    """Go back to the text that comes with Binôme."""
    row = own_wording(kind)
    if row is not None:
        db.session.delete(row)


def retire(signatory: Signatory) -> None:
    """Somebody signs no more: the association's usual signatory signs what they signed until now."""
    signatory.retired_at = signatory.retired_at or now()
    db.session.execute(update(Wording).where(Wording.signatory_id == signatory.id).values(signatory_id=None))


def signatories() -> list[Signatory]:
    """Who may sign here today."""
    return list(db.session.scalars(select(Signatory).where(Signatory.retired_at.is_(None)).order_by(Signatory.name)))
