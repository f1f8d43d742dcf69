"""What the programme sets for every association."""

from flask_wtf import FlaskForm
from wtforms import BooleanField

from app.leads.offer_forms import count
from app.translation import lazy_gettext as _l


class RulesForm(FlaskForm):  # type: ignore[misc]
    """Deadlines of an answer, and how often a request goes on."""

    answer_days = count(_l("Premier contact, en jours ouvrés"), 1, 30, _l("De 1 à 30 jours ouvrés."))
    decision_days = count(_l("Réponse après le premier contact, en jours ouvrés"), 1, 60, _l("De 1 à 60 jours ouvrés."))
    asks_second_factor = BooleanField(_l("Demander un second facteur à toute l'équipe du programme"))
    relays = count(_l("Relais au plus, avant votre bureau"), 0, 10, _l("De 0 à 10."))
