"""« Bilan des demandes »: the requests that arrived in a period and what became of them by now, in figures; nobody is named.

A request that was joined to another of the same person is not counted twice. Everything is counted in the database.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, literal, select, union_all

from app.extensions import db
from app.leads.desk import last_end
from app.leads.models import Lead, LeadState, Orientation, OrientationState
from app.leads.queries import association_names, became
from app.leads.words import ENDS, LATE, NEEDS_SHORT, SOURCES, LeadKind
from app.periods import Report, each_month, month_of, within
from app.territory.queries import departement_names
from app.translation import gettext as _

MOST_LINES = 20
WITH_AN_ASSOCIATION = frozenset({LeadState.ORIENTED, LeadState.WAITLISTED})
Counts = Sequence[tuple[str, int]]


def report(since: date, until: date) -> Report:
    """The figures of a period, its last day included."""
    arrived = (within(Lead.requested_at, since, until), Lead.state != LeadState.JOINED)
    sent = orientations(since, until)
    words = (_("Demandes arrivées"), _("Arrivées ce mois-là"), _("Acceptées ce mois-là"))
    return Report(headlines(arrived, sent), by_month(since, until), words, spread(counts(arrived), sent))


def orientations(since: date, until: date) -> Sequence[Any]:
    """What was sent to each association in the period, by what became of it: rows (association, state, reason, number)."""
    columns = (Orientation.association_id, became(), Orientation.decline_reason)
    made = (within(Orientation.created_at, since, until), Orientation.is_direct.is_(False), became() != OrientationState.WITHDRAWN)
    sent = select(*columns, func.count().label("number")).join(Orientation.lead).where(*made)
    return db.session.execute(sent.group_by(*columns)).all()


def headlines(arrived: Sequence[ColumnElement[bool]], sent: Sequence[Any]) -> list[tuple[str, int | str]]:
    """The numbers that come first."""
    is_accepted = Lead.accepted_at.is_not(None)
    rows = select(Lead.kind, Lead.state, is_accepted, func.count()).where(*arrived).group_by(Lead.kind, Lead.state, is_accepted)
    kinds, states, accepted = Counter[str](), Counter[str](), Counter[str]()
    for kind, state, taken, number in db.session.execute(rows):
        kinds[kind] += number
        states[state] += number
        accepted[kind] += number if taken else 0
    days = func.extract("epoch", Lead.accepted_at - Lead.requested_at) / 86400
    half = db.session.scalar(select(func.percentile_cont(0.5).within_group(days)).where(*arrived, is_accepted))
    return [
        (_("Demandes de jeunes"), kinds[LeadKind.MENTEE]),
        (_("dont acceptées par une association"), accepted[LeadKind.MENTEE]),
        (_("Candidatures de mentors"), kinds[LeadKind.MENTOR]),
        (_("dont acceptées par une association"), accepted[LeadKind.MENTOR]),
        (_("En attente dans votre file"), states[LeadState.WAITING]),
        (
            _("Chez une association, sans réponse encore"),
            sum(states[state] for state in WITH_AN_ASSOCIATION - {LeadState.WAITLISTED}),
        ),
        (_("Sur la liste d'attente d'une association"), states[LeadState.WAITLISTED]),
        (_("Arrêtées par le programme"), states[LeadState.LAPSED]),
        (_("Retirées"), states[LeadState.WITHDRAWN]),
        (_("Délai médian jusqu'à l'acceptation, en jours"), round(half) if half is not None else "–"),
        (_("Demandes confiées à une association dans la période"), sum(row.number for row in sent)),
        (_("dont rendues sans réponse à temps"), sum(row.number for row in sent if row.decline_reason == LATE)),
    ]


def by_month(since: date, until: date) -> list[tuple[date, int, int]]:
    """Requests that arrived, and that were accepted, in each month that the period touches."""
    parts = []
    for rank, moment in enumerate((Lead.requested_at, Lead.accepted_at)):
        month = month_of(moment)
        counted = select(literal(rank), month, func.count()).where(within(moment, since, until), Lead.state != LeadState.JOINED)
        parts.append(counted.group_by(month))
    found: dict[date, list[int]] = {}
    for rank, first, number in db.session.execute(union_all(*parts)):
        found.setdefault(first, [0, 0])[rank] = number
    return each_month(since, until, {first: (came, taken) for first, (came, taken) in found.items()})


def counts(arrived: Sequence[ColumnElement[bool]]) -> Mapping[str, Counts]:
    """The requests by need, département, source, and why they were ended: the commonest first, by one statement."""
    values = {
        "need": func.unnest(Lead.needs),
        "departement": Lead.departement_code,
        "source": Lead.source,
        "end": last_end(),
    }
    parts = []
    for name, value in values.items():
        concerned = (*arrived, Lead.state == LeadState.LAPSED) if name == "end" else arrived
        one = select(cast(value, Text).label("value")).where(*concerned).subquery()
        parts.append(select(literal(name), one.c.value, func.count()).group_by(one.c.value))
    found: dict[str, Counter[str]] = {name: Counter() for name in values}
    for name, value, number in db.session.execute(union_all(*parts)):
        found[name][value] = number
    return {name: counter.most_common() for name, counter in found.items()}


def commonest(lines: Counts) -> Counts:
    """The first twenty, and how many are elsewhere: a source is what a link says, whoever wrote it."""
    rest = sum(number for _words, number in lines[MOST_LINES:])
    return [*lines[:MOST_LINES], *([(_("Autres"), rest)] if rest else [])]


def spread(found: Mapping[str, Counts], sent: Sequence[Any]) -> list[tuple[str, Counts]]:
    """Where requests came from, what they were about, and what each association did."""
    names, associations = dict(departement_names()), association_names()
    given, taken = Counter[str](), Counter[str]()
    for row in sent:
        name = associations.get(row.association_id, _("Autre"))
        given[name] += row.number
        taken[name] += row.number if row.became == OrientationState.ACCEPTED else 0
    needs = dict(found["need"])
    parts: list[tuple[str, Counts]] = [
        (_("Besoin des jeunes (plusieurs possibles)"), [(str(words), needs[c]) for c, words in NEEDS_SHORT.items() if c in needs]),
        (_("Département"), [(f"{names.get(code, '')} ({code})".strip(), number) for code, number in found["departement"]]),
        (_("Par où elles sont venues"), commonest([(str(SOURCES.get(code, code)), number) for code, number in found["source"]])),
        (_("Confiées à chaque association"), given.most_common()),
        (_("Acceptées par chaque association"), [(name, number) for name, number in taken.most_common() if number]),
        (_("Arrêtées, et pourquoi"), [(str(ENDS[code][0]), number) for code, number in found["end"] if code in ENDS]),
    ]
    return [(heading, lines) for heading, lines in parts if lines]
