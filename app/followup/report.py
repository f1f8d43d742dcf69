"""« Bilan »: what an association did in a period, in figures for whoever funds it; nobody is named."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.extensions import db
from app.leads.models import Decline, Lead
from app.leads.words import ADULT, NEEDS_SHORT, SITUATIONS, TAKEN_BACK, LeadKind, age_on
from app.meetings.models import Meeting, MeetingState
from app.pairs.models import Pair, PairState
from app.pairs.queries import under_way
from app.pairs.settings import settings
from app.pairs.words import CLOSURE_REASONS
from app.people.models import Mentee
from app.periods import Hours, Report, each_month, month_of, within
from app.tenants.resolve import current_tenant
from app.territory.queries import departement_names
from app.training.models import Completion
from app.translation import gettext as _
from app.web import today

from .reached import fates

YOUNG_ADULT = 26  # as Eurostat and the programme's own tables part ages


def report(since: date, until: date) -> Report:
    """The figures of a period, its last day included."""
    is_under_way = under_way(since, until)
    jeunes = db.session.execute(
        select(Mentee.birth_date, Mentee.needs, Mentee.situation, Mentee.departement_code).where(
            Mentee.id.in_(select(Pair.mentee_id).where(is_under_way))
        )
    ).all()
    months = by_month(since, until)
    rules = settings()
    reached, broken = fates(db.session(), current_tenant.timezone, rules, today(), is_under_way)
    words = (_("Séances tenues"), _("Séances"), _("Durée"))
    figures = headlines(since, until, is_under_way, len(jeunes), months)
    figures[4:4] = [
        (_("dont ayant atteint %(num)d mois comptés dans la période", num=rules.needed), count_in(reached, since, until)),
        (_("dont arrêtés dans la période, sans les avoir atteints"), count_in(broken, since, until)),
    ]
    return Report(figures, months, words, spread(jeunes, until, ended(since, until)), is_time=True)


def count_in(days: Sequence[date], since: date, until: date) -> int:
    """How many of these days are in the period."""
    return sum(since <= day <= until for day in days)


def headlines(
    since: date, until: date, is_under_way: ColumnElement[bool], jeunes: int, months: Sequence[tuple[date, int, int]]
) -> list[tuple[str, int | str]]:
    """The numbers that come first."""
    held = Meeting.state == MeetingState.HELD, within(Meeting.starts_at, since, until)
    accepted = within(Lead.accepted_at, since, until)
    completed = Completion.completed_on.between(since, until)
    figures = db.session.execute(
        select(
            select(func.count()).select_from(Pair).where(is_under_way).scalar_subquery(),
            select(func.count(Pair.mentor_id.distinct())).where(is_under_way).scalar_subquery(),
            select(func.count()).select_from(Pair).where(is_under_way, Pair.starts_on >= since).scalar_subquery(),
            select(func.count(Pair.mentee_id.distinct()))
            .join(Meeting, Meeting.pair_id == Pair.id)
            .where(*held, is_under_way)
            .scalar_subquery(),
            select(func.count(Completion.mentor_id.distinct())).where(completed).scalar_subquery(),
            select(func.count()).where(accepted, Lead.kind == LeadKind.MENTEE).scalar_subquery(),
            select(func.count()).where(accepted, Lead.kind == LeadKind.MENTOR).scalar_subquery(),
            select(func.count()).where(within(Decline.created_at, since, until), Decline.reason != TAKEN_BACK).scalar_subquery(),
        )
    ).one()
    pairs, mentors, begun, met, trained, mentees_in, mentors_in, declined = figures
    return [
        (_("Jeunes accompagnés"), jeunes),
        (_("dont au moins une séance tenue dans la période"), met),
        (_("Binômes en cours sur la période"), pairs),
        (_("dont commencés dans la période"), begun),
        (_("Mentors engagés dans un binôme"), mentors),
        (_("Mentors dont un parcours de formation s'est terminé"), trained),
        (_("Séances tenues"), sum(held for _first, held, _minutes in months)),
        (_("Durée des séances tenues"), Hours.of(sum(minutes for _first, _held, minutes in months))),
        (_("Demandes de jeunes acceptées"), mentees_in),
        (_("Demandes de mentors acceptées"), mentors_in),
        (_("Demandes déclinées"), declined),
    ]


def by_month(since: date, until: date) -> list[tuple[date, int, int]]:
    """Sessions held and their minutes, for each month that the period touches, on the space's clock."""
    month = month_of(Meeting.starts_at)
    rows = db.session.execute(
        select(month, func.count(), func.sum(Meeting.minutes))
        .where(Meeting.state == MeetingState.HELD, within(Meeting.starts_at, since, until))
        .group_by(month)
    )
    return each_month(since, until, {first: (held, minutes) for first, held, minutes in rows})


def ended(since: date, until: date) -> Mapping[str, int]:
    """Why pairs were closed in the period."""
    closed = Pair.state == PairState.CLOSED, Pair.closed_on.between(since, until)
    rows = db.session.execute(select(Pair.closure_reason, func.count()).where(*closed).group_by(Pair.closure_reason))
    return {reason or "": number for reason, number in rows}


def spread(jeunes: Sequence[Any], until: date, closures: Mapping[str, int]) -> list[tuple[str, list[tuple[str, int]]]]:
    """How the jeunes are spread, on the last day of the period; who said nothing is said so."""
    names = dict(departement_names())
    departements = Counter(row.departement_code for row in jeunes)
    needs = Counter(need for row in jeunes for need in row.needs)
    situations = Counter(row.situation for row in jeunes)
    unsaid = _("Non renseigné")
    parts: list[tuple[str, list[tuple[str, int]]]] = [
        (_("Âge des jeunes"), list(ages(jeunes, until).items())),
        (_("Besoin (plusieurs possibles)"), [(str(words), needs[code]) for code, words in NEEDS_SHORT.items() if needs[code]]),
        (_("Situation"), [(str(SITUATIONS.get(code, unsaid)), number) for code, number in situations.most_common()]),
        (_("Département"), [(f"{names.get(code, '')} ({code})".strip(), number) for code, number in departements.most_common()]),
        (_("Binômes terminés dans la période, et pourquoi"),
         [(str(CLOSURE_REASONS.get(code, unsaid)), number) for code, number in sorted(closures.items(), key=lambda one: -one[1])]),
    ]  # fmt: skip
    return [(heading, lines) for heading, lines in parts if lines]


def ages(jeunes: Sequence[Any], on: date) -> dict[str, int]:
    """How many are minors, young adults, or older."""
    minors, young, older, unsaid = _("Moins de 18 ans"), _("De 18 à 25 ans"), _("26 ans et plus"), _("Non renseigné")
    found = Counter[str]()
    for row in jeunes:
        age = age_on(row.birth_date, on) if row.birth_date else None
        found[unsaid if age is None else minors if age < ADULT else young if age < YOUNG_ADULT else older] += 1
    return {words: found[words] for words in (minors, young, older, unsaid) if found[words]}
