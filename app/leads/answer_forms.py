"""The association's answer to a request: reaching the person, the waiting list, giving it back; and filters under a name."""

from datetime import timedelta

from flask_wtf import FlaskForm
from wtforms import DateField, Field, RadioField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Optional

from app.fields import CHOOSE_ONE, TO_FILL, Line, Text, options
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import today

from .models import Lead, LeadState
from .words import CONTACT_RESULTS, DECLINE_REASONS


class AttemptForm(FlaskForm):
    """Somebody tried to reach the person."""

    result = RadioField(_l("Que s'est-il passé ?"), choices=options(CONTACT_RESULTS), validators=[InputRequired(CHOOSE_ONE)])
    note = Text(_l("Note pour l'équipe (facultatif)"), longest=1000)
    next_on = DateField(_l("Réessayer le (facultatif)"), validators=[Optional()])

    def validate_next_on(self, field: Field) -> None:
        if field.data is not None and not today() <= field.data <= today() + timedelta(days=90):
            raise ValidationError(_("Choisissez un jour entre aujourd'hui et dans trois mois."))


def ready_message(lead: Lead) -> str:
    """What most associations say, to be sent as it is or rewritten; the letter itself greets, and says by when they hear again."""
    lacking = _("Nous n'avons pas encore de mentor à vous présenter.")
    if not lead.is_mentee:
        lacking = _("Nous ne pouvons pas encore vous recevoir pour un entretien.")
    if lead.state == LeadState.WAITLISTED:
        lacking = _("Vous êtes toujours sur notre liste d'attente.") + " " + lacking
    return lacking + " " + _("Votre demande reste chez nous : vous n'avez rien à refaire.")


class WaitlistForm(FlaskForm):
    """What the person reads: where they stand, honestly."""

    message = Text(_l("Votre message"), longest=1500, validators=[DataRequired(TO_FILL)])

    def __init__(self, lead: Lead) -> None:
        super().__init__(message=ready_message(lead))


class SaveViewForm(FlaskForm):
    """The name of filters that are kept."""

    name = Line(_l("Nom de la vue"), longest=40, validators=[DataRequired(_l("Donnez un nom à cette vue."))])


class DeclineForm(FlaskForm):
    """Why an association cannot accompany somebody."""

    REASONS = DECLINE_REASONS
    reason = RadioField(_l("Pourquoi ?"), choices=options(DECLINE_REASONS), validators=[InputRequired(CHOOSE_ONE)])
