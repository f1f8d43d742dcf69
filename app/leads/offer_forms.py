"""What an association offers: where, to whom, how many."""

from typing import Any

from wtforms import BooleanField, DateField, Field, ValidationError
from wtforms.validators import InputRequired, NumberRange, Optional

from app.fields import Choices, WholeNumber, options
from app.late import RowForm
from app.tenants.models import Tenant
from app.territory.fields import CommunesField
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import today

from .words import AXES, LANGUAGES, PLACES, SITUATIONS

LARGEST = 1000  # of a kind in a month


def count(label: Any, lowest: int, highest: int, message: Any) -> WholeNumber:
    """A whole number between two others."""
    return WholeNumber(label, validators=[InputRequired(_l("Indiquez un nombre.")), NumberRange(lowest, highest, message)])


class OfferForm(RowForm):
    """Read by the programme's orientation; nothing said of situations, places or languages means all."""

    together = ({"min_age", "max_age"},)
    departements = Choices(_l("Départements où nous intervenons"))
    regions = Choices(_l("Régions où nous intervenons en entier"))
    communes = CommunesField(_l("Communes où nous intervenons, une par ligne"))
    all_france = BooleanField(_l("Toute la France, à distance"))
    axes = Choices(_l("Ce que nous accompagnons"), choices=options(AXES))
    publics = Choices(_l("Situations accompagnées (toutes, si rien n'est coché)"), choices=options(SITUATIONS))
    places = Choices(_l("Lieux de rencontre (tous, si rien n'est coché)"), choices=options(PLACES))
    languages = Choices(_l("Langues parlées par nos mentors"), choices=options(LANGUAGES))
    min_age = count(_l("Âge le plus jeune"), 6, 29, _l("De 6 à 29 ans."))
    max_age = count(_l("Âge le plus élevé"), 6, 29, _l("De 6 à 29 ans."))
    mentee_capacity = count(_l("Jeunes accueillis par mois, au plus"), 0, LARGEST, _l("De 0 à 1 000."))
    mentor_capacity = count(_l("Mentors accueillis par mois, au plus"), 0, LARGEST, _l("De 0 à 1 000."))
    paused_until = DateField(_l("En pause jusqu'au (facultatif)"), validators=[Optional()])

    def validate_max_age(self, field: Field) -> None:
        if self.min_age.data is not None and field.data is not None and field.data < self.min_age.data:
            raise ValidationError(_("L'âge le plus élevé est au-dessous du plus jeune."))

    @property
    def values(self) -> dict[str, Any]:
        """What the association's card is to say; a pause that is over is none."""
        until = self.paused_until.data
        return super().values | {"communes": self.communes.codes, "paused_until": until if until and until >= today() else None}


def lacking(tenant: Tenant) -> list[str]:
    """Why no request of the programme would ever come to an association, a sentence each."""
    sentences = {
        _("Aucun territoire n'est choisi : aucune demande ne vous sera confiée."): (
            tenant.departements or tenant.regions or tenant.communes or tenant.all_france
        ),
        _("Rien n'est coché dans « Ce que nous accompagnons » : aucune demande ne vous sera confiée."): tenant.axes,
        _("Aucune place par mois : aucune demande ne vous sera confiée."): tenant.mentee_capacity or tenant.mentor_capacity,
    }
    return [sentence for sentence, is_there in sentences.items() if not is_there]
