"""« Bilan »: the figures of a period, and their file."""

from datetime import date, timedelta

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateField, Field, ValidationError
from wtforms.validators import DataRequired

from app.accounts.permissions import Permission
from app.gate import requires
from app.sheets import as_file
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import today

from .blueprint import SPACE, bp
from .report import LONGEST, report

OLDEST, AHEAD = date(2000, 1, 1), timedelta(days=366)


class PeriodForm(FlaskForm):
    """From one day to another, read from the address: the page can be shared and gone back to."""

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


@bp.route(f"{SPACE}/bilan")
@requires(Permission.FOLLOW_PAIRS)
def figures_of_period() -> ResponseReturnValue:
    """What the association did in a period, as pictures with their tables."""
    form = period()
    found = report(form.du.data, form.au.data) if form.validate() else None
    page = render_template("followup/report.html", form=form, report=found)
    return page, 422 if form.errors else 200


@bp.route(f"{SPACE}/bilan/<any(csv, xlsx):form>")
@requires(Permission.FOLLOW_PAIRS)
def file_of_period(form: str) -> Response | ResponseReturnValue:
    """The same for a spreadsheet."""
    asked = period()
    if not asked.validate():
        return render_template("followup/report.html", form=asked, report=None), 422
    return as_file(form, f"bilan-{asked.du.data}-{asked.au.data}", report(asked.du.data, asked.au.data).rows())
