"""The forms of a pair."""

from datetime import timedelta

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, Field, IntegerField, RadioField, SelectField, ValidationError
from wtforms.validators import DataRequired, InputRequired, NumberRange

from app.fields import Text, options
from app.translation import lazy_gettext as _l
from app.web import today

from .actions import Plan

RHYTHMS = {
    "weekly": _l("Chaque semaine"),
    "fortnightly": _l("Toutes les deux semaines"),
    "monthly": _l("Une fois par mois"),
}
CLOSURE_REASONS = {
    "planned": _l("Fin prévue"),
    "goals": _l("Objectifs atteints plus tôt"),
    "mentor": _l("La personne mentore ne peut plus continuer"),
    "mentee": _l("La jeune personne ne souhaite plus continuer"),
    "moved": _l("Déménagement ou changement de situation"),
    "lost": _l("Plus de nouvelles"),
    "safety": _l("Par précaution, à l'initiative de l'association"),
}


class PairForm(FlaskForm):  # type: ignore[misc]
    """Who, from when, for how long, how often, towards what."""

    mentee = SelectField(_l("Jeune"), validators=[InputRequired(_l("Choisissez une personne."))])
    mentor = SelectField(_l("Mentor"), validators=[InputRequired(_l("Choisissez une personne."))])
    starts_on = DateField(_l("Début"), validators=[DataRequired(_l("Indiquez une date qui existe."))])
    planned_months = IntegerField(
        _l("Durée prévue, en mois"),
        validators=[
            InputRequired(_l("Indiquez un nombre de mois.")),
            NumberRange(1, 60, _l("De 1 à 60 mois.")),
        ],
    )
    rhythm = RadioField(_l("Rythme"), choices=options(RHYTHMS), validators=[InputRequired(_l("Choisissez un rythme."))])
    objectives = Text(_l("Objectifs, un par ligne"), longest=1000)

    def validate_starts_on(self, field: Field) -> None:
        if abs(field.data - today()) > timedelta(days=183):
            raise ValidationError(_("Le début est à six mois d'aujourd'hui au plus."))

    @property
    def plan(self) -> Plan:
        """What was agreed."""
        lines = [line.strip("-• ").strip() for line in (self.objectives.data or "").splitlines()]
        return Plan(self.starts_on.data, self.planned_months.data, self.rhythm.data, [line for line in lines if line])


class ClosureForm(FlaskForm):  # type: ignore[misc]
    """Why a pair ends, and when."""

    reason = RadioField(
        _l("Pourquoi ?"),
        choices=options(CLOSURE_REASONS),
        validators=[InputRequired(_l("Choisissez une raison."))],
    )
    closed_on = DateField(_l("Dernier jour"), validators=[DataRequired(_l("Indiquez une date qui existe."))])
    note = Text(_l("Ce qui est à retenir (facultatif)"), longest=2000)

    def validate_closed_on(self, field: Field) -> None:
        if field.data > today():
            raise ValidationError(_("Cette date est dans le futur."))
