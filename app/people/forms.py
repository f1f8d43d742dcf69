"""The forms of a file."""

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, Field, IntegerField, RadioField, ValidationError
from wtforms.validators import DataRequired, Email, InputRequired, NumberRange, Optional

from app.fields import Line, options, person_name, phone
from app.leads.forms import BirthDate
from app.translation import lazy_gettext as _l
from app.web import today

from .models import AuthorisationKind

AUTHORISATIONS = {
    AuthorisationKind.PARTICIPATION.value: _l("Participer au mentorat"),
    AuthorisationKind.OWN_AGREEMENT.value: _l("Accord de l'enfant lui-même (moins de 15 ans)"),
    AuthorisationKind.HOME.value: _l("Rencontres à domicile"),
}
HOW = {
    "paper": _l("Sur papier signé"),
    "in_person": _l("De vive voix, en présence d'un membre de l'équipe"),
    "mail": _l("Par e-mail"),
}


class PersonForm(FlaskForm):  # type: ignore[misc]
    """What may be corrected in any file."""

    first_name = Line(_l("Prénom"), validators=[DataRequired(_l("À remplir.")), person_name])
    last_name = Line(_l("Nom"), validators=[DataRequired(_l("À remplir.")), person_name])
    email = Line(
        _l("Adresse e-mail"),
        longest=254,
        validators=[Optional(), Email(_l("Cette adresse n'est pas complète."))],
    )
    phone = Line(_l("Téléphone"), longest=30, validators=[phone])
    birth_date = BirthDate(_l("Date de naissance"))


class MentorForm(PersonForm):
    """A mentor also says how many jeunes at once."""

    capacity = IntegerField(
        _l("Nombre de jeunes en même temps"),
        validators=[InputRequired(_l("À remplir.")), NumberRange(0, 10, _l("De 0 à 10."))],
    )


class AuthorisationForm(FlaskForm):  # type: ignore[misc]
    """Who allowed what, when and how. The document itself is never uploaded."""

    kind = RadioField(
        _l("Autorisation"),
        choices=options(AUTHORISATIONS),
        validators=[InputRequired(_l("Choisissez."))],
    )
    given_by = Line(_l("Donnée par"), validators=[DataRequired(_l("À remplir.")), person_name])
    given_on = DateField(_l("Le"), validators=[DataRequired(_l("Indiquez une date qui existe."))])
    how = RadioField(_l("Comment"), choices=options(HOW), validators=[InputRequired(_l("Choisissez."))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.given_on.data = self.given_on.data or (None if self.is_submitted() else today())

    def validate_given_on(self, field: Field) -> None:
        if field.data > today():
            raise ValidationError(_("Cette date est dans le futur."))
        if field.data < today() - timedelta(days=730):
            raise ValidationError(_("Une autorisation de plus de deux ans est à redemander."))
