"""What each kind of certificate states of somebody, read from what was done; and who may get one, or why not.

A training certificate is about a completion; engagement and participation are about a pair; hours and the yearly one are about a
mentor over a period, all pairs together, with nothing about any jeune.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from app.errors import DomainError
from app.extensions import db
from app.leads.calendar import add_months
from app.meetings.queries import Held, held_by_mentor, held_by_pair
from app.pairs.models import Pair
from app.pairs.queries import is_a_precaution
from app.people.models import FileState, Mentee, Mentor
from app.territory.queries import fold
from app.training.models import Completion
from app.training.progress import steps_of
from app.training.queries import minutes_by_mentor
from app.translation import gettext as _
from app.translation import ngettext
from app.web import duration, iso_day, local, midnight, today

from .models import Certificate, CertificateKind

OF_PAIR = {CertificateKind.ENGAGEMENT, CertificateKind.PARTICIPATION}
OF_PERIOD = {CertificateKind.HOURS, CertificateKind.YEARLY}
Known = Mapping[UUID, Sequence[Certificate]]  # what is valid, by holder


class NothingToCertify(DomainError):
    """There is nothing yet that a certificate could state."""


@dataclass(frozen=True)
class Award:
    """What a certificate would state, and of whom."""

    kind: CertificateKind
    person: Mentor | Mentee
    facts: Mapping[str, Any]
    pair_id: UUID | None = None
    completion_id: UUID | None = None


@dataclass(frozen=True)
class Period:
    """From a day to another, both counted."""

    first: date
    last: date

    @classmethod
    def of_year(cls, year: int) -> "Period":
        return cls(date(year, 1, 1), date(year, 12, 31))


@dataclass(frozen=True)
class Candidate:
    """Somebody in the list of a batch: `excluded` says why they get none."""

    source_id: UUID
    holder: str
    other: str
    excluded: str | None
    stated: str = ""  # the figures, or the day, that it would state

    @property
    def label(self) -> str:
        """The holder's name, and with whom."""
        return _("%(name)s, avec %(other)s", name=self.holder, other=self.other) if self.other else self.holder


def awards(kind: CertificateKind, source_ids: Collection[UUID], period: Period | None = None) -> dict[UUID, Award]:
    """What each source deserves; those for whom there is nothing to state are left out. At most four statements."""
    if kind == CertificateKind.TRAINING:
        return training_awards(source_ids)
    if kind in OF_PAIR:
        return pair_awards(kind, source_ids)
    assert period is not None
    return period_awards(kind, source_ids, period)


def award(kind: CertificateKind, source_id: UUID, period: Period | None = None) -> Award:
    """What one source deserves. Raises NothingToCertify."""
    found = awards(kind, [source_id], period).get(source_id)
    if found is None:
        raise NothingToCertify(nothing(kind))
    return found


def hold(kind: CertificateKind, source_ids: Collection[UUID]) -> None:
    """Let nobody else certify these, nor erase whom they are about, until the transaction ends: whoever comes then sees it.

    Pairs, then people, then the rest, as when they are erased; and as they are now, whatever was read of them before.
    """
    model = Completion if kind == CertificateKind.TRAINING else Pair if kind in OF_PAIR else Mentor
    if model is Pair:
        lock(Pair, Pair.id.in_(source_ids))
    for person, named in ((Mentee, "mentee_id"), (Mentor, "mentor_id")):
        if hasattr(model, named):
            lock(person, person.id.in_(select(getattr(model, named)).where(model.id.in_(source_ids))))
    if model is not Pair:
        lock(model, model.id.in_(source_ids))


def lock(model: Any, where: ColumnElement[bool]) -> None:
    """Read these rows as they are now, in one order for all, and keep them so."""
    rows = select(model).where(where).order_by(model.id).with_for_update(key_share=True, of=model)
    db.session.scalars(rows, execution_options={"populate_existing": True}).all()


def nothing(kind: CertificateKind) -> str:
    """Why there is nothing to state."""
    if kind == CertificateKind.TRAINING:
        return _("La formation n'est pas terminée : il n'y a rien à attester.")
    if kind in OF_PERIOD:
        return _("Aucune séance n'est notée comme tenue dans cette période : il n'y a rien à attester.")
    return _("Aucune séance n'est encore notée comme tenue : il n'y a rien à attester.")


def training_awards(completion_ids: Collection[UUID]) -> dict[UUID, Award]:
    """Of completed courses."""
    rows = db.session.scalars(
        select(Completion)
        .where(Completion.id.in_(completion_ids))
        .options(joinedload(Completion.mentor), joinedload(Completion.course), joinedload(Completion.version))
    ).all()
    steps = steps_of({row.version_id for row in rows})
    return {
        row.id: Award(
            CertificateKind.TRAINING,
            row.mentor,
            {
                "course": row.course.title,
                "version": row.version.number,
                "modules": [step.module.title for step in steps.get(row.version_id, ())],
                "minutes": row.minutes,
                "completed_on": row.completed_on.isoformat(),
            },
            completion_id=row.id,
        )
        for row in rows
        if row.mentor.erased_at is None
    }


def pair_awards(kind: CertificateKind, pair_ids: Collection[UUID]) -> dict[UUID, Award]:
    """Of pairs: the mentor's engagement, or the jeune's participation."""
    pairs = db.session.scalars(
        select(Pair).where(Pair.id.in_(pair_ids)).options(joinedload(Pair.mentor), joinedload(Pair.mentee))
    ).all()
    held, found = held_by_pair(pair_ids), {}
    of_mentor = kind == CertificateKind.ENGAGEMENT
    trained = minutes_by_mentor([pair.mentor_id for pair in pairs]) if of_mentor else {}
    for pair in pairs:
        facts, person = period_facts(held.get(pair.id, Held())), pair.mentor if of_mentor else pair.mentee
        if facts is not None and person.erased_at is None:
            if of_mentor:
                facts["training_minutes"] = trained.get(pair.mentor_id, 0)
            found[pair.id] = Award(kind, person, facts, pair_id=pair.id)
    return found


def period_awards(kind: CertificateKind, mentor_ids: Collection[UUID], period: Period) -> dict[UUID, Award]:
    """Of mentors, over a period."""
    instants = midnight(period.first), midnight(period.last + timedelta(days=1))
    held = held_by_mentor(mentor_ids, *instants)
    trained = minutes_by_mentor(mentor_ids, *instants)
    found = {}
    for mentor in db.session.scalars(select(Mentor).where(Mentor.id.in_(mentor_ids), Mentor.erased_at.is_(None))):
        facts = period_facts(held.get(mentor.id, Held()))
        if facts is not None:
            facts |= {"from": period.first.isoformat(), "to": min(period.last, today()).isoformat()}
            found[mentor.id] = Award(kind, mentor, facts | {"training_minutes": trained.get(mentor.id, 0)})
    return found


def period_facts(held: Held) -> dict[str, Any] | None:
    """Meetings, minutes, first and last day; None when nothing was held."""
    if held.first is None or held.last is None:
        return None
    return {
        "meetings": held.count,
        "minutes": held.minutes,
        "from": local(held.first).date().isoformat(),
        "to": local(held.last).date().isoformat(),
    }


# Who could get one: the list that is checked before a batch starts.


def candidates(
    kind: CertificateKind, period: Period | None = None, course_id: UUID | None = None, months: int = 6
) -> list[Candidate]:
    """Everybody whom a batch of this kind is about, by name, with the reason of those who get none."""
    sources = everybody(kind, period, course_id, months)
    deserved, known = awards(kind, sources, period), certified(kind)
    names = names_of(kind, sources)
    rows = [
        Candidate(source, *name, exclusion(kind, deserved.get(source), sources[source], known), stated(deserved.get(source)))
        for source, name in names.items()
    ]
    return sorted(rows, key=lambda row: (row.excluded is not None, fold(row.holder)))


def stated(deserved: Award | None) -> str:
    """What one would state, in a line: « 16 séances, 16 h 30 », or « 5 h, le 3 novembre 2026 »."""
    if deserved is None:
        return ""
    facts, time = deserved.facts, duration(deserved.facts["minutes"])
    if "meetings" in facts:
        return ngettext("%(num)d séance, %(time)s", "%(num)d séances, %(time)s", facts["meetings"], time=time)
    return _("%(time)s, le %(day)s", time=time, day=iso_day(facts["completed_on"]))


def exclusion(kind: CertificateKind, deserved: Award | None, why: str | None, known: Known) -> str | None:
    """Why somebody gets none in a batch; None when they do. `why` is what stands against it whatever was held."""
    if deserved is None:
        return nothing(kind)
    if why:
        return why
    same = same_as(deserved, known.get(deserved.person.id, ()), frozenset())  # one that cites objectives says it, and more
    return said_by(same) if same else None


def said_by(certificate: Certificate) -> str:
    """Why another one would say nothing more."""
    return _("L'attestation %(number)s le dit déjà.", number=certificate.reference_number)


def same_as(
    deserved: Award, known: Sequence[Certificate], besides: frozenset[str] = frozenset({"objectives"})
) -> Certificate | None:
    """The valid certificate, among its holder's, that states the same facts, and the same `besides`, cited or not; None without.

    Of a completion there is only one.
    """
    for row in known:
        if not row.is_valid or row.kind != deserved.kind or row.pair_id != deserved.pair_id:
            continue
        if row.completion_id != deserved.completion_id:
            continue
        names = {*deserved.facts, *besides}
        if row.completion_id or all(row.facts.get(name) == deserved.facts.get(name) for name in names):
            return row
    return None


def certified(kind: CertificateKind, people: Collection[UUID] | None = None) -> Known:
    """What is valid of a kind, by holder; of these people only, if they are given."""
    statement = select(Certificate).where(Certificate.kind == kind, Certificate.revoked_at.is_(None))
    if people is not None:
        statement = statement.where(or_(Certificate.mentor_id.in_(people), Certificate.mentee_id.in_(people)))
    found: dict[UUID, list[Certificate]] = {}
    for row in db.session.scalars(statement):
        found.setdefault(row.holder_id, []).append(row)
    return found


def everybody(kind: CertificateKind, period: Period | None, course_id: UUID | None, months: int) -> dict[UUID, str | None]:
    """Every source of a kind; with the reason, those that are left out whatever was held."""
    if kind == CertificateKind.TRAINING:
        return dict.fromkeys(db.session.scalars(select(Completion.id).where(Completion.course_id == course_id)))
    if kind in OF_PAIR:
        return every_pair(kind, months)
    assert period is not None
    return every_mentor(period)


def every_pair(kind: CertificateKind, months: int) -> dict[UUID, str | None]:
    """Every pair; with the reason, those that have not reached so many months, and of a mentor's engagement the precautions."""
    found: dict[UUID, str | None] = {}
    pairs = select(Pair.id, Pair.starts_on, Pair.closed_on, is_a_precaution())
    for pair_id, starts_on, closed_on, is_apart in db.session.execute(pairs):
        found[pair_id] = set_apart() if is_apart and kind == CertificateKind.ENGAGEMENT else None
        if add_months(starts_on, months) > (closed_on or today()):
            ended = _("Le binôme s'est arrêté avant %(months)s mois.", months=months)
            found[pair_id] = ended if closed_on else _("Le binôme n'a pas encore %(months)s mois.", months=months)
    return found


def every_mentor(period: Period) -> dict[UUID, str | None]:
    """Every mentor who is there; with the reason, those of whom a pair ends as a precaution, or ended so in the period or since."""
    lately = select(Pair.mentor_id).where(is_a_precaution(), func.coalesce(Pair.closed_on >= period.first, True))
    mentors = select(Mentor.id, Mentor.id.in_(lately)).where(Mentor.state != FileState.WITHDRAWN)
    return {mentor_id: set_apart() if is_apart else None for mentor_id, is_apart in db.session.execute(mentors)}


def set_apart() -> str:
    """Why a batch, ticked beforehand, praises nobody whom the association set aside: somebody decides it, on their own page."""
    return _("Fin de binôme par précaution : à faire à part, si l'association le décide.")


def names_of(kind: CertificateKind, sources: Collection[UUID]) -> dict[UUID, tuple[str, str]]:
    """The holder's name of each source, and with whom: the same mentor may stand in two pairs."""
    if kind in OF_PAIR:
        pairs = db.session.scalars(
            select(Pair).where(Pair.id.in_(sources)).options(joinedload(Pair.mentor), joinedload(Pair.mentee))
        ).all()
        sides = [(pair, *((pair.mentor, pair.mentee) if kind == CertificateKind.ENGAGEMENT else (pair.mentee, pair.mentor)))
                 for pair in pairs]  # fmt: skip
        return {pair.id: (holder.full_name, other.short_name) for pair, holder, other in sides}
    if kind == CertificateKind.TRAINING:
        statement = select(Completion.id, Mentor).join(Completion.mentor).where(Completion.id.in_(sources))
    else:
        statement = select(Mentor.id, Mentor).where(Mentor.id.in_(sources))
    return {source: (person.full_name, "") for source, person in db.session.execute(statement)}
