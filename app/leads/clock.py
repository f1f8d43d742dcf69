"""The clock of a request that an association owes an answer: whom to remind, and when it goes on without the association.

The dates are working days of the person's département. At half time and the day before, whoever has the request is reminded; on the
day itself the administrators are; the day after it goes on: back to the programme, to another association, or to an honest end.
"""

from datetime import date
from enum import StrEnum

from .calendar import add_working_days, working_days_between
from .models import TO_ANSWER, Lead

WAITLIST_DAYS = 20  # working days after which a waiting list is confirmed to the person, or given up


class Duty(StrEnum):
    """What is due, from the first to the last."""

    HALF = "half"
    EVE = "eve"
    DEADLINE = "deadline"
    OVERDUE = "overdue"


ORDER = tuple(Duty)


def start(lead: Lead, on: date, days: int) -> None:
    """Give an association so many working days, from this day on."""
    lead.clock_from, lead.reminded = on, None
    lead.answer_by = add_working_days(on, days, lead.departement_code)


def waits_until(lead: Lead, on: date) -> date:
    """By when somebody who is put on a waiting list, or kept on it, this day hears again."""
    return add_working_days(on, WAITLIST_DAYS, lead.departement_code)


def extend(lead: Lead, on: date, days: int) -> None:
    """Give it more time; never less than it had."""
    before = lead.answer_by
    start(lead, on, days)
    if before is not None and lead.answer_by is not None:
        lead.answer_by = max(before, lead.answer_by)


def reached(lead: Lead, on: date) -> Duty | None:
    """How far the clock has come."""
    if lead.state not in TO_ANSWER or lead.answer_by is None:
        return None
    by, where = lead.answer_by, lead.departement_code
    first = lead.clock_from or by
    half = add_working_days(first, max(1, working_days_between(first, by, where) // 2), where)
    if on > by:
        return Duty.OVERDUE
    if on == by:
        return Duty.DEADLINE
    if on >= add_working_days(by, -1, where):
        return Duty.EVE
    return Duty.HALF if on >= half else None


def due(lead: Lead, on: date) -> Duty | None:
    """What remains to be done today: the furthest step that was not done yet. What is overdue always remains."""
    duty = reached(lead, on)
    done = Duty(lead.reminded) if lead.reminded else None
    if duty is None or (done is not None and ORDER.index(duty) <= ORDER.index(done)):
        return None
    return duty
