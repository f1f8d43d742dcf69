"""The lists of jeunes and of mentors: what narrows them, how many they are, and what of them is taken away as a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select

from app.extensions import db
from app.fields import french_phone
from app.leads.words import ADULT, AXES, NEEDS_SHORT, PLACES, SITUATIONS, STATUSES_SAID, said_slots
from app.territory.models import Departement
from app.translation import gettext as _
from app.web import local, today

from .models import Authorisation, AuthorisationKind, FileState, Mentee
from .queries import LINE, found_by, people
from .signals import notes, paired_asked

MOST_TAKEN = 10_000  # rows of a file


@dataclass(frozen=True)
class Filters:
    """What narrows a list; each is empty when it does not."""

    state: str
    typed: str
    departement: str
    subject: str  # a need of a jeune, an axis of a mentor
    age: str
    paired: str
    lacking: str

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Self:
        """Those of a query string; what is unknown narrows nothing."""
        state = asked.get("etat", "")
        return cls(
            state if state in set(FileState) else FileState.ACTIVE, asked.get("q", "")[:80], asked.get("dep", "")[:3],
            asked.get("pour", ""), asked.get("age", ""), asked.get("binome", ""), asked.get("manque", ""),
        )  # fmt: skip

    def kept(self) -> dict[str, str]:
        """The same as a query string, without what narrows nothing."""
        named = {"etat": self.state, "q": self.typed, "dep": self.departement, "pour": self.subject, "age": self.age,
                 "binome": self.paired, "manque": self.lacking}  # fmt: skip
        return {name: value for name, value in named.items() if value and (name, value) != ("etat", FileState.ACTIVE)}

    @property
    def is_narrow(self) -> bool:
        return bool(self.kept().keys() - {"etat"})

    def is_line(self, kind: type[Any]) -> bool:
        """Whether they are the jeunes who wait for a pair, whose order is that of the line."""
        return kind is Mentee and self.state == FileState.ACTIVE and self.paired == "non"

    def where(self, kind: type[Any]) -> list[ColumnElement[bool]]:
        """For the database; the age is that of today, and who has none counts as a minor, as everywhere."""
        conditions: list[ColumnElement[bool]] = []
        if self.departement:
            conditions.append(kind.departement_code == self.departement)
        if self.subject in (NEEDS_SHORT if kind is Mentee else AXES):
            conditions.append((kind.needs if kind is Mentee else kind.axes).contains([self.subject]))
        conditions += aged(kind, self.age)
        if self.lacking == "autorisation":
            conditions += [*aged(kind, "mineurs"), ~is_authorised(kind)]
        if self.paired in ("oui", "non"):
            clauses = [clause for _receiver, clause in paired_asked.send(kind)]
            conditions += clauses if self.paired == "oui" else [~clause for clause in clauses]
        return conditions


def aged(kind: type[Any], age: str) -> list[ColumnElement[bool]]:
    """Who is under 18 today (« mineurs »), as is whoever has no date of birth, or not (« majeurs »); else nobody is left out."""
    if age not in ("mineurs", "majeurs"):
        return []
    of_age = func.coalesce(func.extract("year", func.age(today(), kind.birth_date)) >= ADULT, False)
    return [of_age if age == "majeurs" else ~of_age]


def is_authorised(kind: type[Any]) -> ColumnElement[bool]:
    """Whether somebody's taking part is allowed now, for the database."""
    theirs = (Authorisation.mentee_id if kind is Mentee else Authorisation.mentor_id) == kind.id
    given = Authorisation.kind == AuthorisationKind.PARTICIPATION, Authorisation.withdrawn_on.is_(None)
    return exists(select(Authorisation.id).where(Authorisation.tenant_id == kind.tenant_id, theirs, *given))


def unauthorised(kind: type[Any], ids: Sequence[UUID]) -> set[UUID]:
    """Of these, the minors for whom an authorisation is still to be had."""
    return set(db.session.scalars(select(kind.id).where(kind.id.in_(ids), *aged(kind, "mineurs"), ~is_authorised(kind))))


def listed(kind: type[Any], filters: Filters) -> Select[Any]:
    """The files that the filters keep, by name; those who wait for a pair, who waits longest first."""
    rows = people(kind, filters.state, filters.typed).where(*filters.where(kind))
    return rows.order_by(None).order_by(*LINE) if filters.is_line(kind) else rows


def elsewhere(kind: type[Any], filters: Filters) -> dict[str, int]:
    """In which other states the same filters find files, and how many."""
    others = kind.state != filters.state, kind.erased_at.is_(None), *found_by(kind, filters.typed), *filters.where(kind)
    return {
        state: count for state, count in db.session.execute(select(kind.state, func.count()).where(*others).group_by(kind.state))
    }


def counted(statement: Select[Any]) -> int:
    """How many they are."""
    return db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0


def departements_of(kind: type[Any]) -> Sequence[tuple[str, str]]:
    """The départements in which somebody of this list lives: code and name."""
    here = select(kind.departement_code).where(kind.erased_at.is_(None))
    return [
        (row.code, row.name)
        for row in db.session.scalars(select(Departement).where(Departement.code.in_(here)).order_by(Departement.code))
    ]


def subjects_of(kind: type[Any]) -> Mapping[str, Any]:
    """What a list may be narrowed to: needs, or axes."""
    return NEEDS_SHORT if kind is Mentee else {code: words[0] for code, words in AXES.items()}


def file_rows(kind: type[Any], filters: Filters) -> Iterator[list[Any]]:
    """The list as a table to take away, ten thousand rows at most."""
    rows = db.session.scalars(listed(kind, filters).limit(MOST_TAKEN)).all()
    said, subjects, is_mentee = notes(rows), subjects_of(kind), kind is Mentee
    yield [
        _("Nom"), _("Prénom"), _("Date de naissance"), _("Âge"), _("Téléphone"), _("E-mail"), _("Commune"), _("Département"),
        _("Besoins") if is_mentee else _("Axes"), _("Situation"), _("Se rencontrer"), _("Disponible"),
        *(
            [_("Représentant"), _("Téléphone du représentant"), _("E-mail du représentant")]
            if is_mentee
            else [_("Entreprise ou école"), _("Places")]
        ),
        _("Dossier ouvert le"), _("Où cela en est"),
    ]  # fmt: skip
    for row in rows:
        own = (
            [row.guardian_name, french_phone(row.guardian_phone), row.guardian_email] if is_mentee else [row.employer, row.capacity]
        )
        situation = SITUATIONS.get(row.situation) if is_mentee else STATUSES_SAID.get(row.status)
        yield [
            row.last_name, row.first_name, row.birth_date, row.age_on(today()), french_phone(row.phone), row.email,
            row.commune_name, row.departement_code,
            ", ".join(str(subjects[code]) for code in (row.needs if is_mentee else row.axes) if code in subjects),
            str(situation or ""), ", ".join(str(PLACES[code]) for code in row.places), said_slots(row.slots), *own,
            local(row.created_at).date(), " · ".join(said.get(row.id, [])),
        ]  # fmt: skip
