"""The forms of an account."""

from flask_wtf import FlaskForm
from wtforms import EmailField
from wtforms.validators import DataRequired, Email, Length

from app.fields import Line
from app.translation import lazy_gettext as _l


class SignInLinkForm(FlaskForm):
    """To whom to send a link."""

    email = EmailField(
        _l("Adresse e-mail"),
        filters=[Line.clean],
        validators=[
            DataRequired(_l("Indiquez votre adresse e-mail.")),
            Length(max=254, message=_l("Cette adresse est trop longue.")),
            Email(_l("Cette adresse e-mail n'est pas complète : il y faut un nom, @ et un domaine.")),
        ],
        render_kw={"autocomplete": "email"},
    )


class ConfirmForm(FlaskForm):
    """A button that acts: nothing but the proof that it was pressed on our page."""
