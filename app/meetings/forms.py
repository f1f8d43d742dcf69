"""The forms of a meeting."""

from datetime import UTC, datetime, timedelta
from typing import cast

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, Field, IntegerField, RadioField, TimeField, ValidationError
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from app.fields import Choices, Line, Text, options
from app.leads.words import PLACES
from app.tenants.resolve import current_tenant
from app.translation import lazy_gettext as _l
from app.web import today

from .actions import Account
from .models import MeetingState

LENGTHS = [("30", "30 min"), ("45", "45 min"), ("60", "1 h"), ("90", "1 h 30"), ("120", "2 h")]
OTHER = ("other", _l("Autre"))
SUBJECTS = {
    "orientation": _l("Orientation"),
    "lessons": _l("Cours"),
    "cv": _l("CV"),
    "interview": _l("Entretien"),
    "confidence": _l("Confiance"),
    "outing": _l("Sortie"),
}
OUTCOMES = [("held", _l("Oui")), ("missed", _l("Non")), ("cancelled", _l("Annulée"))]


class PlanForm(FlaskForm):  # type: ignore[misc]
    """When, how long, where."""

    day = DateField(_l("Date"), validators=[DataRequired(_l("Indiquez une date qui existe."))])
    time = TimeField(_l("Heure"), validators=[DataRequired(_l("Indiquez une heure."))])
    length = RadioField(
        _l("Durée"), choices=options(LENGTHS), default="60", validators=[InputRequired(_l("Choisissez une durée."))]
    )
    place = RadioField(_l("Lieu"), choices=options(PLACES), validators=[InputRequired(_l("Choisissez un lieu."))])
    where = Line(_l("Lien de la visio, ou adresse"), longest=300)

    def validate_day(self, field: Field) -> None:
        if abs(field.data - today()) > timedelta(days=366):
            raise ValidationError(_("Choisissez une date à un an d'aujourd'hui au plus."))

    @property
    def starts_at(self) -> datetime:
        """The moment that was typed on this space's clock, in UTC like every moment that is kept."""
        return datetime.combine(self.day.data, self.time.data, tzinfo=current_tenant.zone).astimezone(UTC)


class LogForm(FlaskForm):  # type: ignore[misc]
    """How it went: two taps are enough."""

    outcome = RadioField(
        _l("La séance a-t-elle eu lieu ?"), choices=options(OUTCOMES), validators=[InputRequired(_l("Choisissez."))]
    )
    length = RadioField(_l("Combien de temps ?"), choices=options([*LENGTHS, OTHER]), validators=[Optional()])
    other_minutes = IntegerField(
        _l("Combien de minutes ?"), validators=[Optional(), NumberRange(5, 600, _l("De 5 à 600 minutes."))]
    )
    subjects = Choices(_l("De quoi avez-vous parlé ?"), choices=options(SUBJECTS))
    note = Text(_l("Un mot pour l'association (facultatif)"), longest=2000)

    def validate(self, extra_validators: object = None) -> bool:
        """When it was held, a length is needed."""
        valid = bool(super().validate(extra_validators))
        if valid and self.outcome.data == MeetingState.HELD and self.minutes is None:
            self.length.errors = [_("Indiquez combien de temps elle a duré.")]
            return False
        return valid

    @property
    def minutes(self) -> int | None:
        """The minutes that were chosen or typed."""
        if self.length.data and self.length.data != "other":
            return int(self.length.data)
        return cast(int | None, self.other_minutes.data)

    @property
    def account(self) -> Account:
        """How it went."""
        return Account(
            MeetingState(self.outcome.data),
            self.minutes or 60,
            self.subjects.data or [],
            self.note.data or None,
        )


class CancelForm(FlaskForm):  # type: ignore[misc]
    """A word for the other one."""

    word = Line(_l("Un mot pour expliquer (facultatif)"), longest=200)
