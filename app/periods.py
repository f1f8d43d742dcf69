"""A period that is read from an address, and its figures: what « Bilan » is made of, for an association and for the programme."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import ColumnElement, Date, and_, cast, func
from werkzeug.datastructures import MultiDict
from wtforms import DateField, Field, ValidationError
from wtforms.validators import DataRequired

from .leads.calendar import add_months
from .sheets import as_file
from .tenants.resolve import current_tenant
from .translation import gettext as _
from .translation import lazy_gettext as _l
from .web import hours_in_words, midnight, month_name, render_form, today, upper_first

SCHOOL_YEAR = 9  # the month in which it begins
OLDEST, AHEAD, LONGEST = date(2000, 1, 1), timedelta(days=366), timedelta(days=3660)


class PeriodForm(FlaskForm):
    """From one day to another: the page can be shared and gone back to."""

    du = DateField(_l("Du"), validators=[DataRequired(_l("Indiquez une date qui existe."))])
    au = DateField(_l("Au"), validators=[DataRequired(_l("Indiquez une date qui existe."))])

    def validate_du(self, field: Field) -> None:
        if field.data < OLDEST:
            raise ValidationError(_("Choisissez une date depuis l'an 2000."))

    def validate_au(self, field: Field) -> None:
        if self.du.data and field.data < self.du.data:
            raise ValidationError(_("La fin vient après le début."))
        if self.du.data and field.data - self.du.data > LONGEST:
            raise ValidationError(_("Dix ans au plus."))
        if field.data > today() + AHEAD:
            raise ValidationError(_("Choisissez une date d'ici un an."))


def period() -> PeriodForm:
    """What the address says; without anything, this year so far."""
    this_year = {"du": today().replace(month=1, day=1).isoformat(), "au": today().isoformat()}
    is_asked = this_year.keys() & request.args.keys()
    return PeriodForm(request.args if is_asked else MultiDict(this_year), meta={"csrf": False})


def usual_periods(on: date) -> list[tuple[str, date, date]]:
    """The periods that people ask for most, in words, with their first and last days: the school year begins in September."""
    month, year = on.replace(day=1), on.replace(month=1, day=1)
    quarter = month.replace(month=(on.month - 1) // 3 * 3 + 1)
    school = date(on.year if on.month >= SCHOOL_YEAR else on.year - 1, SCHOOL_YEAR, 1)
    day = timedelta(days=1)
    return [
        (_("Ce mois-ci"), month, on),
        (_("Le mois dernier"), add_months(month, -1), month - day),
        (_("Le trimestre dernier"), add_months(quarter, -3), quarter - day),
        (_("Cette année"), year, on),
        (_("L'année dernière"), add_months(year, -12), year - day),
        (_("Cette année scolaire"), school, on),
    ]


def is_settled(form: PeriodForm, by_month: bool) -> bool:
    """Whether a period can be, and then, by month, which days it is of: those of each month that it touches, until today."""
    if not form.validate():
        return False
    if by_month and form.du.data > today():
        form.du.errors = [_("Cette période n'a pas encore commencé.")]
        return False
    if by_month:
        following = add_months(form.au.data.replace(day=1), 1)
        first, last = form.du.data.replace(day=1), min(following - timedelta(days=1), today())
        for field, day in ((form.du, first), (form.au, last)):
            field.data, field.raw_data = day, None  # shown as it is counted
    return True


def page_of_period(template: str, report: "Figures", by_month: bool = False) -> ResponseReturnValue:
    """A page with the period that the address asks for, and its figures."""
    form = period()
    found = report(form.du.data, form.au.data) if is_settled(form, by_month) else None
    return render_form(template, form=form, report=found, usual=usual_periods(today()))


def file_of_period(kind: str, template: str, report: "Figures", name: str = "bilan", by_month: bool = False) -> ResponseReturnValue:
    """The same figures for a spreadsheet, in a file of this name; the page, where the period cannot be."""
    form = period()
    if not is_settled(form, by_month):
        return render_form(template, form=form, report=None, usual=usual_periods(today()))
    return as_file(kind, f"{name}-{form.du.data}-{form.au.data}", report(form.du.data, form.au.data).rows())


class Hours(float):
    """A length of time in hours: read in words, and a number that a spreadsheet adds up."""

    @classmethod
    def of(cls, minutes: int) -> "Hours":
        return cls(round(minutes / 60, 2))

    def __str__(self) -> str:
        return hours_in_words(round(self * 60))


def added_up(number: int | str | Hours) -> int | str | float:
    """A figure as a spreadsheet takes it."""
    return float(number) if isinstance(number, Hours) else number


@dataclass(frozen=True)
class Report:
    """The figures of a period: headline numbers by their words, months with two numbers, and how the rest is spread."""

    headlines: Sequence[tuple[str, int | str | Hours]]
    months: Sequence[tuple[date, int, int]]  # first day, what the picture shows, and a second number: minutes, if it is a time
    month_words: tuple[str, str, str]  # what the picture is of, and the words of the two numbers
    spread: Sequence[tuple[str, Sequence[tuple[str, int | Hours]]]]  # a heading, then words and numbers
    is_time: bool = False

    def rows(self) -> Iterator[list[Any]]:
        """The same for a spreadsheet."""
        yield [_("Bilan"), _("Nombre")]
        for words, number in self.headlines:
            yield [_("%(what)s, en heures", what=words) if isinstance(number, Hours) else words, added_up(number)]
        for heading, lines in self.spread:
            yield [heading, ""]
            yield from ([words, added_up(number)] for words, number in lines)
        heading, first_words, second_words = self.month_words
        yield [_("Mois"), heading if self.is_time else first_words, _("Minutes") if self.is_time else second_words]
        yield from ([upper_first(month_name(first)), number, second] for first, number, second in self.months)


Figures = Callable[[date, date], Report]


def within(moment: Any, since: date, until: date) -> ColumnElement[bool]:
    """Whether a moment is in a period, its last day included, on this space's clock."""
    return and_(moment >= midnight(since), moment < midnight(until + timedelta(days=1)))


def month_of(moment: Any, zone: str = "") -> ColumnElement[date]:
    """The first day of a moment's month, on this space's clock or on that of a time zone."""
    return cast(func.date_trunc("month", cast(func.timezone(zone or current_tenant.timezone, moment), Date)), Date)


def each_month(since: date, until: date, found: Mapping[date, tuple[int, int]]) -> list[tuple[date, int, int]]:
    """Every month that a period touches, with what was found for it."""
    first, months = since.replace(day=1), []
    while first <= until:
        months.append((first, *found.get(first, (0, 0))))
        first = add_months(first, 1)
    return months
