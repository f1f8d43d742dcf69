"""A partner, and where their server is told."""

from flask_wtf import FlaskForm
from wtforms.validators import DataRequired, InputRequired

from app.fields import CHOOSE_SOME, TO_FILL, Choices, Line, options
from app.late import RowForm
from app.translation import lazy_gettext as _l

from .models import READ, WRITE

SCOPES = {WRITE: _l("Envoyer des demandes, et retirer les siennes"), READ: _l("Lire où en sont celles qu'il a envoyées")}


class PartnerForm(RowForm):
    """Who, and what they may do."""

    name = Line(_l("Nom du partenaire, gardé comme origine de ses demandes"), longest=40, validators=[DataRequired(TO_FILL)])
    scopes = Choices(_l("Ses clés permettent de"), choices=options(SCOPES), default=list(SCOPES),
                     validators=[InputRequired(CHOOSE_SOME)])  # fmt: skip


class WebhookForm(FlaskForm):
    """The address of their server; empty to tell nothing."""

    url = Line(_l("Adresse du serveur (https://…), vide pour ne rien envoyer"), longest=500)
