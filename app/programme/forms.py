"""What the programme decides of a request, and sets for every association."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired

from app.fields import CHOOSE_ONE, Line, options
from app.late import RowForm
from app.leads.offer_forms import count
from app.leads.words import ENDS
from app.people.forms import NoteForm
from app.translation import lazy_gettext as _l


class RulesForm(RowForm):
    """Deadlines of an answer, and how often a request goes on."""

    answer_days = count(_l("Premier contact, en jours ouvrés"), 1, 30, _l("De 1 à 30 jours ouvrés."))
    decision_days = count(_l("Réponse après le premier contact, en jours ouvrés"), 1, 60, _l("De 1 à 60 jours ouvrés."))
    asks_second_factor = BooleanField(_l("Demander un code de connexion à toute l'équipe du programme"))
    minimum_months = count(_l("Durée minimale d'un binôme, en mois"), 1, 36, _l("De 1 à 36 mois."))
    relays = count(_l("Associations sollicitées au plus, après la première"), 0, 10, _l("De 0 à 10."))


class MinimumForm(NoteForm):
    """Why the minimum changes, once the associations know: it holds the first meetings of their pairs at once (decision 0028)."""

    sure = BooleanField(
        _l("Les associations sont prévenues : dès maintenant, un binôme à qui une pièce manque n'a pas de première rencontre"),
        validators=[DataRequired(_l("Prévenez-les d'abord : leurs binômes attendraient sans qu'elles sachent pourquoi."))],
    )


class EndForm(FlaskForm):
    """Why the programme ends a request; the person reads the sentence that goes with it."""

    reason = RadioField(_l("Pourquoi ?"), choices=options(ENDS), validators=[InputRequired(CHOOSE_ONE)])


class OrientForm(FlaskForm):
    """The association that the operator chooses, and why."""

    association = SelectField(_l("Association"), validators=[InputRequired(CHOOSE_ONE)])
    reason = Line(_l("Pourquoi ce choix ?"), longest=300, validators=[DataRequired(_l("Dites en une phrase pourquoi celle-ci."))])
