"""The forms of training."""

from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, Field, IntegerField, RadioField, SelectField, TimeField, ValidationError
from wtforms.validators import DataRequired, InputRequired, NumberRange

from app.fields import Line, Text, options
from app.tenants.resolve import current_tenant
from app.translation import lazy_gettext as _l
from app.web import today

TO_FILL = _l("À remplir.")
MODULE_KINDS = [("text", _l("Un texte à lire")), ("live", _l("Une session en direct, sur place ou en visio"))]


class CourseForm(FlaskForm):  # type: ignore[misc]
    """A course: its modules are added after."""

    title = Line(_l("Titre"), longest=120, validators=[DataRequired(TO_FILL)])
    summary = Text(_l("En deux phrases"), longest=600)


class ModuleForm(FlaskForm):  # type: ignore[misc]
    """A module of a course."""

    kind = RadioField(_l("Ce module est"), choices=options(MODULE_KINDS), validators=[InputRequired(TO_FILL)])
    title = Line(_l("Titre"), longest=120, validators=[DataRequired(TO_FILL)])
    minutes = IntegerField(
        _l("Durée, en minutes"),
        validators=[
            InputRequired(_l("Indiquez un nombre de minutes.")),
            NumberRange(1, 600, _l("De 1 à 600 minutes.")),
        ],
    )
    body = Text(_l("Texte, ou déroulé de la session (Markdown)"), longest=40_000)


class SessionForm(FlaskForm):  # type: ignore[misc]
    """A date for a live module."""

    module = SelectField(_l("Module"), validators=[InputRequired(TO_FILL)])
    day = DateField(_l("Date"), validators=[DataRequired(_l("Indiquez une date qui existe."))])
    time = TimeField(_l("Heure"), validators=[DataRequired(_l("Indiquez une heure."))])
    place = Line(_l("Lieu, ou lien de la visio"), longest=300, validators=[DataRequired(TO_FILL)])
    trainer = Line(_l("Animée par"), longest=100)
    seats = IntegerField(
        _l("Places"), default=12,
        validators=[InputRequired(_l("Indiquez un nombre de places.")), NumberRange(1, 500, _l("De 1 à 500 places."))],
    )  # fmt: skip

    def validate_day(self, field: Field) -> None:
        if field.data < today():
            raise ValidationError(_("Cette date est passée : personne ne pourrait s'inscrire."))
        if field.data > today() + timedelta(days=730):
            raise ValidationError(_("Choisissez une date d'ici deux ans."))

    @property
    def starts_at(self) -> datetime:
        """The moment that was typed, on this space's clock."""
        return datetime.combine(self.day.data, self.time.data, tzinfo=current_tenant.zone)
