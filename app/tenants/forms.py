"""How an association presents itself."""

import re

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, Field, ValidationError
from wtforms.validators import DataRequired, Optional

from app.fields import TO_FILL, Line, email, phone
from app.translation import gettext as _
from app.translation import lazy_gettext as _l


class SettingsForm(FlaskForm):
    """An association's card."""

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
        validators=[Optional(), email],
    )
    phone = Line(_l("Téléphone de contact"), longest=30, validators=[phone])
    colour = Line(_l("Couleur"), longest=7, validators=[DataRequired(TO_FILL)])
    logo = FileField(_l("Logo (PNG, JPEG ou WebP, 2 Mo au plus)"))
    without_logo = BooleanField(_l("Enlever le logo actuel"))
    signatory_name = Line(_l("Qui signe les attestations"), longest=80)
    signatory_office = Line(_l("Sa fonction"), longest=80)
    asks_second_factor = BooleanField(_l("Demander un second facteur à toute l'équipe"))

    def validate_signatory_office(self, field: Field) -> None:
        if field.data and not self.signatory_name.data:
            raise ValidationError(_("De qui est-ce la fonction ? Donnez le nom de qui signe."))

    def validate_initials(self, field: Field) -> None:
        if not re.fullmatch("[A-Za-z0-9]{1,4}", field.data or ""):
            raise ValidationError(_("De une à quatre lettres ou chiffres, sans accent."))

    def validate_colour(self, field: Field) -> None:
        if not re.fullmatch("#[0-9a-fA-F]{6}", field.data or ""):
            raise ValidationError(_("Une couleur s'écrit # suivi de six chiffres ou lettres de A à F."))
