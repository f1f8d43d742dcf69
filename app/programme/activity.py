"""« Activité »: what the associations did in the months of a period, as they were gathered last night; nobody is named.

A pair that was under way in the first month, or began in a later one, was accompanied in the period: none is counted twice.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select

from app.extensions import db
from app.leads.queries import association_names
from app.periods import Hours, Report, each_month
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.web import local, month_name, short_day, today

from .models import AssociationMonth

Months = Sequence[AssociationMonth]


def report(since: date, until: date) -> Report:
    """The figures of each month that a period touches, the whole of it."""
    first, last = since.replace(day=1), min(until, today()).replace(day=1)
    rows = db.session.scalars(select(AssociationMonth).where(AssociationMonth.month.between(first, last))).all()
    months = {month: total([row for row in rows if row.month == month]) for month in {row.month for row in rows}}
    words = (_("Séances tenues"), _("Séances"), _("Durée"))
    return Report(headlines(rows, first, last), each_month(first, until, months), words, spread(rows, first), is_time=True)


def total(rows: Months) -> tuple[int, int]:
    """Sessions held, and their minutes."""
    return sum(row.held for row in rows), sum(row.minutes for row in rows)


def accompanied(rows: Months, first: date) -> int:
    """The pairs that were under way in a period that begins with this month."""
    return sum(row.pairs if row.month == first else row.begun for row in rows)


def headlines(rows: Months, first: date, last: date) -> list[tuple[str, int | str | Hours]]:
    """The numbers that come first."""
    at_last, (held, minutes) = [row for row in rows if row.month == last], total(rows)
    needed = current_tenant.minimum_months
    month, counted = month_name(last), select(func.count(AssociationMonth.association_id.distinct()))
    return [
        (_("Binômes accompagnés"), accompanied(rows, first)),
        (_("dont commencés dans la période"), sum(row.begun for row in rows)),
        (_("Binômes terminés"), sum(row.closed for row in rows)),
        (_("dont terminés avant %(num)d mois qui comptent", num=needed), sum(row.broken for row in rows)),
        (_("Binômes qui ont atteint %(num)d mois qui comptent", num=needed), sum(row.reached for row in rows)),
        (_("Jeunes en binôme, %(month)s", month=month), sum(row.jeunes for row in at_last)),
        (_("Mentors en binôme, %(month)s", month=month), sum(row.mentors for row in at_last)),
        (_("Parcours de formation terminés par des mentors"), sum(row.trained for row in rows)),
        (_("Séances tenues"), held),
        (_("Durée des séances tenues"), Hours.of(minutes)),
        (_("Associations dont les chiffres sont comptés"), db.session.scalar(counted) or 0),
        *([(_("Relevés le"), short_day(local(min(row.created_at for row in rows)).date()))] if rows else []),
    ]


def spread(rows: Months, first: date) -> list[tuple[str, Sequence[tuple[str, int | Hours]]]]:
    """What each association did, the most first."""
    names = association_names()
    pairs, begun, closed, held, minutes = (Counter[str]() for _column in range(5))
    for row in rows:
        name = names[row.association_id]
        pairs[name] += accompanied([row], first)
        begun[name] += row.begun
        closed[name] += row.closed
        held[name] += row.held
        minutes[name] += row.minutes
    parts: list[tuple[str, Sequence[tuple[str, int | Hours]]]] = [
        (_("Binômes accompagnés par chaque association"), pairs.most_common()),
        (_("Binômes commencés"), begun.most_common()),
        (_("Binômes terminés"), closed.most_common()),
        (_("Séances tenues"), held.most_common()),
        (_("Durée des séances, en heures"), [(name, Hours.of(number)) for name, number in minutes.most_common()]),
    ]
    return [(words, lines) for words, lines in parts if any(number for _name, number in lines)]
