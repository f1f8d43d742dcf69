"""How an association presents itself, and what it offers."""

import re
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, Field, IntegerField, SelectMultipleField, ValidationError
from wtforms.validators import DataRequired, Email, InputRequired, NumberRange, Optional

from app.fields import Choices, Line, options, phone
from app.translation import lazy_gettext as _l

TO_FILL = _l("À remplir.")
AXES = [
    ("education", _l("L'éducation : scolarité, orientation")),
    ("employment", _l("L'emploi : stage, alternance, emploi")),
]


def count(label: Any, lowest: int, highest: int, message: Any) -> IntegerField:
    """A whole number between two others."""
    return IntegerField(label, validators=[InputRequired(_l("Indiquez un nombre.")), NumberRange(lowest, highest, message)])


class SettingsForm(FlaskForm):  # type: ignore[misc]
    """An association's card and its offer."""

    name = Line(_l("Nom"), longest=80, validators=[DataRequired(TO_FILL)])
    initials = Line(
        _l("Initiales, pour la pastille et les numéros d'attestation"),
        longest=4,
        validators=[DataRequired(TO_FILL)],
    )
    city = Line(_l("Ville"), longest=80)
    email = Line(
        _l("Adresse e-mail de contact"),
        longest=254,
        validators=[Optional(), Email(_l("Adresse incomplète."))],
    )
    phone = Line(_l("Téléphone de contact"), longest=30, validators=[phone])
    colour = Line(_l("Couleur"), longest=7, validators=[DataRequired(TO_FILL)])
    logo = FileField(_l("Logo (PNG, JPEG ou WebP, 2 Mo au plus)"))
    signatory_name = Line(_l("Qui signe les attestations"), longest=80)
    signatory_office = Line(_l("Sa fonction"), longest=80)
    departements = SelectMultipleField(_l("Départements servis"))
    all_france = BooleanField(_l("Toute la France, à distance"))
    axes = Choices(_l("Ce que nous accompagnons"), choices=options(AXES))
    min_age = count(_l("Âge le plus jeune"), 6, 29, _l("De 6 à 29 ans."))
    max_age = count(_l("Âge le plus élevé"), 6, 29, _l("De 6 à 29 ans."))
    mentee_capacity = count(_l("Jeunes accueillis par mois, au plus"), 0, 1000, _l("De 0 à 1 000."))
    mentor_capacity = count(_l("Mentors accueillis par mois, au plus"), 0, 1000, _l("De 0 à 1 000."))
    paused_until = DateField(_l("En pause jusqu'au (facultatif)"), validators=[Optional()])

    def validate_initials(self, field: Field) -> None:
        if not re.fullmatch("[A-Za-z0-9]{1,4}", field.data or ""):
            raise ValidationError(_("De une à quatre lettres ou chiffres, sans accent."))

    def validate_colour(self, field: Field) -> None:
        if not re.fullmatch("#[0-9a-fA-F]{6}", field.data or ""):
            raise ValidationError(_("Une couleur s'écrit # suivi de six chiffres ou lettres de A à F."))

    def validate_max_age(self, field: Field) -> None:
        if self.min_age.data is not None and field.data is not None and field.data < self.min_age.data:
            raise ValidationError(_("L'âge le plus élevé est au-dessous du plus jeune."))
