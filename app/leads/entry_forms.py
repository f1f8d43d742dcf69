"""What the team types of a request that came by telephone, at the door or at a forum: what was said, and no more."""

import secrets
from typing import Any

from wtforms import BooleanField, Field, HiddenField, RadioField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length

from app.fields import CHOOSE_ONE, Choices, Line, MayBeEmpty, Text, options, person_name
from app.territory.fields import CommuneField
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import today

from .forms import AskerStep, BirthDate, ContactForm, GuardianFields, MentorAgeStep, read_contact, select_one, split_contact
from .words import (
    ADULT,
    AXES,
    BY_WORD,
    NEEDS_SHORT,
    PLACES,
    PUBLICS_SAID,
    SITUATIONS,
    STATUSES_SAID,
    TOO_OLD,
    YOUNGEST,
    LeadKind,
    age_on,
)


class EntryForm(GuardianFields, ContactForm):
    """What is asked of anybody. `once` makes of a form sent twice one request."""

    kind = LeadKind.MENTEE
    OWN = _l("C'est l'adresse de la personne elle-même.")
    no_way = _l("Indiquez une adresse e-mail ou un téléphone, pour pouvoir répondre à la personne.")
    SAID: tuple[str, ...] = ("places", "message", "asker_name", "asker_structure")  # written as they were typed

    source = RadioField(
        _l("Comment la demande est-elle arrivée ?"), choices=options(BY_WORD), validators=[InputRequired(CHOOSE_ONE)]
    )
    birth_date = BirthDate(_l("Date de naissance"), validators=[DataRequired(_l("Demandez la date de naissance."))])
    commune = CommuneField(_l("Commune ou code postal"), validators=[DataRequired(_l("Demandez la commune."))])
    places = Choices(_l("Où se rencontrer (facultatif)"), choices=options(PLACES))
    message = Text(_l("Ce que la personne a dit (facultatif)"), longest=2000)
    guardian_name = Line(_l("Prénom et nom de la personne qui la représente"), validators=[person_name])
    guardian_contact = Line(_l("Adresse e-mail ou téléphone de cette personne"), longest=254)
    asker_name = Line(_l("Prénom et nom de qui a parlé pour elle"), validators=[person_name])
    asker_structure = Line(_l("Son établissement ou sa structure"))
    asker_contact = Line(_l("Son adresse e-mail ou son téléphone"), longest=254)
    may_relay = BooleanField(
        _l("Si une association ne peut pas l'accompagner, la personne accepte que sa demande aille à une autre")
    )
    informed = BooleanField(
        _l("La personne sait ce qui est gardé d'elle, pourquoi, combien de temps, et comment le faire effacer"),
        validators=[DataRequired(_l("Dites-le-lui d'abord : c'est son droit."))],
    )
    once = HiddenField(default=lambda: secrets.token_urlsafe(16), filters=[Line.clean], validators=[DataRequired(), Length(max=40)])

    def validate_guardian_name(self, field: Field) -> None:
        if self.guardian_contact.data and not field.data:
            raise ValidationError(_("Qui est-ce ?"))

    def validate_guardian_contact(self, field: Field) -> None:
        if self.guardian_name.data or field.data:
            super().validate_guardian_contact(field)

    def validate_asker_contact(self, field: Field) -> None:
        if field.data:
            AskerStep.validate_asker_contact(self, field)

    def is_reached_otherwise(self) -> bool:
        is_child = self.kind == LeadKind.MENTEE and self.birth_date.data and self.age < ADULT
        return bool(is_child and split_contact(self.guardian_contact.data or ""))

    @property
    def age(self) -> int:
        """Today, in whole years."""
        born = self.birth_date.data
        assert born is not None
        return age_on(born, today())

    def values(self) -> dict[str, Any]:
        """The columns of the request."""
        commune = self.commune.commune
        assert commune is not None
        plain = ("first_name", "last_name", "email", "phone", *self.SAID)
        return {
            "kind": self.kind, "source": self.source.data, "birth_date": self.birth_date.data, "age": self.age,
            "commune_code": commune.code, "commune_name": commune.name, "departement_code": commune.departement_code,
            "may_relay": self.may_relay.data,
            "asker_contact": read_contact(self.asker_contact.data) if self.asker_contact.data else None,
            **{name: self[name].data if isinstance(self[name], Choices) else self[name].data or None for name in plain},
            **(self.guardian() if self.guardian_name.data else {}),
        }  # fmt: skip


class MenteeEntryForm(EntryForm):
    SAID = (*EntryForm.SAID, "needs", "situation")

    needs = Choices(_l("Son besoin (facultatif)"), choices=options(NEEDS_SHORT))
    situation = select_one(_l("Où en est la personne (facultatif)"), SITUATIONS)

    def validate_birth_date(self, field: Field) -> None:
        if field.data and not YOUNGEST <= self.age < TOO_OLD:
            raise ValidationError(_("Le programme accompagne de 6 à 29 ans."))


class MentorEntryForm(EntryForm):
    kind = LeadKind.MENTOR
    validate_birth_date = MentorAgeStep.validate_birth_date
    SAID = (*EntryForm.SAID, "status", "sector", "skills", "axes", "preferred_public")

    status = select_one(_l("Sa situation (facultatif)"), STATUSES_SAID)
    sector = Line(_l("Son secteur ou ses études (facultatif)"))
    skills = Line(_l("Ce que la personne sait bien faire (facultatif)"), longest=300)
    axes = Choices(_l("Sur quoi accompagner (facultatif)"), choices=options(AXES))
    preferred_public = RadioField(_l("Plutôt qui (facultatif)"), choices=options(PUBLICS_SAID), validators=[MayBeEmpty()])


ENTRY_FORMS = {LeadKind.MENTEE: MenteeEntryForm, LeadKind.MENTOR: MentorEntryForm}
