"""The journal of a space, to read: who did what, in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from flask import url_for
from sqlalchemy import Select, select

from app.accounts.journal import What
from app.accounts.models import Act
from app.accounts.queries import staff_of_space
from app.accounts.words import ROLES
from app.extensions import db
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.translation import ngettext
from app.web import is_uuid, local

KEPT_FOR = timedelta(days=365)  # as the CNIL recommends of such a journal: six months to a year (deliberation 2021-122)
GROUPS: Mapping[str, tuple[Any, tuple[What, ...]]] = {  # by the word of the filter
    "fichiers": (_l("Fichiers et copies"), (What.LIST, What.COPY)),
    "effacements": (_l("Effacements"), (What.ERASED,)),
    "acces": (_l("Accès à l'espace"), (What.INVITED, What.ROLE, What.ENDED, What.BACK)),
    "partenaires": (_l("Clés des partenaires"), (What.KEY, What.KEY_ENDED)),
}


@dataclass(frozen=True)
class Filters:
    """What narrows the journal; each is empty when it does not."""

    by: str  # an account
    group: str

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Self:
        """Those of a query string; what is unknown narrows nothing."""
        by, group = asked.get("par", ""), asked.get("quoi", "")
        return cls(by if is_uuid(by) else "", group if group in GROUPS else "")

    def kept(self) -> dict[str, str]:
        """The same as a query string, without what narrows nothing."""
        return {name: value for name, value in (("par", self.by), ("quoi", self.group)) if value}

    def narrowed(self) -> Select[Act]:
        """The acts that they leave."""
        found = select(Act)
        if self.by:
            found = found.where(Act.user_id == UUID(self.by))
        return found.where(Act.what.in_(GROUPS[self.group][1])) if self.group else found


def names() -> dict[UUID, str]:
    """Who works here, or did, by account."""
    return {card.user_id: card.full_name for card in staff_of_space()}


def by_whom(act: Act, known: Mapping[UUID, str]) -> str:
    return known.get(act.user_id) or _("Quelqu'un qui n'est plus de l'équipe")


def said(act: Act) -> str:
    """What was done, after the name of who did it."""
    facts = act.facts
    match What(act.what):
        case What.LIST if "rows" in facts:
            return ngettext(
                "a pris le fichier %(file)s, %(num)s ligne",
                "a pris le fichier %(file)s, %(num)s lignes",
                facts["rows"],
                file=facts["file"],
            )
        case What.LIST:
            return _("a pris le fichier %(file)s", file=facts["file"])
        case What.COPY:
            return _("a fait la copie de ce qui est gardé de quelqu'un")
        case What.ERASED:
            return _("a demandé l'effacement d'un dossier") if "person" in facts else _("a effacé une demande")
        case What.INVITED:
            return _("a invité %(name)s (%(role)s)", name=facts["name"], role=ROLES[facts["role"]])
        case What.ROLE:
            return _("a changé le rôle de %(name)s (%(role)s)", name=facts["name"], role=ROLES[facts["role"]])
        case What.ENDED:
            return _("a retiré l'accès de %(name)s", name=facts["name"])
        case What.BACK:
            return _("a rendu l'accès à %(name)s", name=facts["name"])
        case What.KEY:
            return _("a fait une clé pour %(name)s", name=facts["name"])
        case What.KEY_ENDED:
            return _("a révoqué une clé de %(name)s", name=facts["name"])


def url_of(act: Act) -> str | None:
    """The file of whom it was about; None when it was about nobody."""
    who = {"jeunes": ("people.mentee", "mentee_id"), "mentors": ("people.mentor", "mentor_id")}.get(act.facts.get("kind", ""))
    return url_for(who[0], **{who[1]: act.facts["person"]}) if who else None


def file_rows(filters: Filters) -> Iterator[Sequence[Any]]:
    """The journal as its filters narrow it, the latest first, for a spreadsheet."""
    yield [_("Quand"), _("Qui"), _("Quoi")]
    known = names()
    for act in db.session.scalars(filters.narrowed().order_by(Act.created_at.desc(), Act.id.desc())):
        yield [f"{local(act.created_at):%Y-%m-%d %H:%M}", by_whom(act, known), said(act)]
