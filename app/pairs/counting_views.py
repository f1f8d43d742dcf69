"""The count of six months: for each pair, and frozen on a day."""

from datetime import date, timedelta

from flask import abort, flash, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import DateField, Field, ValidationError
from wtforms.validators import DataRequired

from app.accounts.journal import take_list
from app.accounts.permissions import Permission
from app.accounts.queries import current_member
from app.errors import DomainError
from app.gate import requires
from app.paging import paginate
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.translation import ngettext
from app.web import render_form, see_other, today

from . import counting
from .blueprint import SPACE, bp
from .queries import counted_pairs, frozen_days, frozen_on


class FreezeForm(FlaskForm):
    """On which day."""

    on_day = DateField(_l("Figer ce que comptait chaque binôme le"), validators=[DataRequired(_l("Indiquez une date qui existe."))])

    def validate_on_day(self, field: Field) -> None:
        if field.data >= today():
            raise ValidationError(_("Une journée se fige quand elle est passée : hier au plus tard."))


@bp.route(f"{SPACE}/decompte", methods=["GET", "POST"])
@requires(Permission.FOLLOW_PAIRS)
def count() -> ResponseReturnValue:
    """Each pair, under way or closed: whether it counts for the programme, since when, what was deducted, when it will."""
    form, typed, is_over = FreezeForm(), request.args.get("q", "")[:80], request.args.get("etat") == "termines"
    if form.validate_on_submit():
        try:
            frozen = counting.freeze(form.on_day.data, current_member.user_id)
        except DomainError as error:
            form.on_day.errors = [str(error)]
        else:
            flash(ngettext("%(num)d binôme figé à cette date.", "%(num)d binômes figés à cette date.", frozen))
            return see_other("pairs.count")
    if request.method == "GET":
        form.on_day.data = today().replace(day=1) - timedelta(days=1)  # the end of last month
    page = paginate(counted_pairs(typed, is_over))
    return render_form(
        "pairs/count.html",
        form=form,
        page=page,
        typed=typed,
        is_over=is_over,
        counts=counting.counts(page.rows, today()),
        days=frozen_days(),
        moment=today(),
    )


@bp.route(f"{SPACE}/decompte/<int:year>/<int:month>/<int:day>")
@requires(Permission.FOLLOW_PAIRS)
def frozen_count(year: int, month: int, day: int) -> ResponseReturnValue:
    """What was frozen on a day, as a file; no cell is ever a formula."""
    try:
        on_day = date(year, month, day)
    except (ValueError, OverflowError):
        abort(404)
    rows = [
        [
            name,
            other,
            _("oui") if counts else _("non"),
            facts["since"],
            facts["months"],
            facts["needed"],
            counting.said_deducted(facts),
            facts["counts_on"] or "",
        ]
        for name, other, counts, facts in frozen_on(on_day)
    ]
    if not rows:
        abort(404)
    head = [
        _("Jeune"), _("Mentor"), _("Compte"), _("Depuis"), _("Mois comptés"), _("Mois demandés"), _("Déduit"),
        _("Compte à partir du"),
    ]  # fmt: skip
    return take_list("csv", f"decompte-{on_day.isoformat()}", [head, *rows])
