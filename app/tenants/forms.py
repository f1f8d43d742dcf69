"""How an association presents itself."""

import re

from flask_wtf.file import FileField
from wtforms import BooleanField, Field, SelectField, ValidationError
from wtforms.validators import DataRequired, Optional

from app.fields import TO_FILL, Line, email, options, phone
from app.late import RowForm
from app.translation import gettext as _
from app.translation import lazy_gettext as _l

CLOCKS = {  # what a space's pages, deadlines and nights go by
    "Europe/Paris": _l("Heure de Paris"), "America/Guadeloupe": _l("Guadeloupe"), "America/Martinique": _l("Martinique"),
    "America/Cayenne": _l("Guyane"), "Indian/Reunion": _l("La Réunion"), "Indian/Mayotte": _l("Mayotte"),
    "America/Miquelon": _l("Saint-Pierre-et-Miquelon"), "America/St_Barthelemy": _l("Saint-Barthélemy"),
    "America/Marigot": _l("Saint-Martin"), "Pacific/Noumea": _l("Nouvelle-Calédonie"), "Pacific/Tahiti": _l("Polynésie française"),
    "Pacific/Wallis": _l("Wallis-et-Futuna"), "Indian/Kerguelen": _l("Terres australes"),
}  # fmt: skip


class CardForm(RowForm):
    """How a space presents itself."""

    name = Line(_l("Nom"), longest=80, validators=[DataRequired(TO_FILL)])
    email = Line(
        _l("Adresse e-mail de contact"),
        longest=254,
        validators=[Optional(), email],
    )
    phone = Line(_l("Téléphone de contact"), longest=30, validators=[phone])
    logo = FileField(_l("Logo (PNG, JPEG ou WebP, 2 Mo au plus)"))
    without_logo = BooleanField(_l("Enlever le logo actuel"))

    @property
    def columns(self) -> list[str]:
        return [name for name in super().columns if name not in {"logo", "without_logo"}]


class SettingsForm(CardForm):
    """An association's card."""

    together = ({"signatory_name", "signatory_office"},)
    initials = Line(
        _l("Initiales, pour la pastille et les numéros d'attestation"),
        longest=4,
        validators=[DataRequired(TO_FILL)],
    )
    city = Line(_l("Ville"), longest=80)
    address = Line(_l("Adresse de vos locaux"), longest=300)
    timezone = SelectField(_l("Heure"), choices=options(CLOCKS))
    colour = Line(_l("Couleur"), longest=7, validators=[DataRequired(TO_FILL)])
    signatory_name = Line(_l("Qui signe les attestations"), longest=80)
    signatory_office = Line(_l("Sa fonction"), longest=80)
    asks_second_factor = BooleanField(_l("Demander un code de connexion à toute l'équipe"))

    def validate_signatory_office(self, field: Field) -> None:
        if field.data and not self.signatory_name.data:
            raise ValidationError(_("De qui est-ce la fonction ? Donnez le nom de qui signe."))

    def validate_initials(self, field: Field) -> None:
        if not re.fullmatch("[A-Za-z0-9]{1,4}", field.data or ""):
            raise ValidationError(_("De une à quatre lettres ou chiffres, sans accent."))

    def validate_colour(self, field: Field) -> None:
        if not re.fullmatch("#[0-9a-fA-F]{6}", field.data or ""):
            raise ValidationError(_("Une couleur s'écrit # suivi de six chiffres ou lettres de A à F."))
