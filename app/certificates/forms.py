"""The forms about certificates."""

from flask_wtf import FlaskForm
from wtforms.validators import DataRequired

from app.fields import Line, Text
from app.translation import lazy_gettext as _l


class VerifyForm(FlaskForm):  # type: ignore[misc]
    """A code, as it stands on the paper."""

    code = Line(
        _l("Code de l'attestation"),
        longest=40,
        validators=[DataRequired(_l("Recopiez le code de l'attestation."))],
    )


class RevokeForm(FlaskForm):  # type: ignore[misc]
    """Why a certificate is taken back."""

    reason = Text(_l("Pourquoi ?"), longest=500, validators=[DataRequired(_l("Indiquez la raison."))])
