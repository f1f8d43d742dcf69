"""The steps of the two public forms, and how to reach who asks and who represents them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, Form, RadioField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Optional, StopValidation

from app.fields import (
    CHOOSE_ONE,
    CHOOSE_SOME,
    TO_FILL,
    Choices,
    Line,
    MayBeEmpty,
    Name,
    Text,
    email,
    normal_email,
    normal_phone,
    options,
    person_name,
    phone,
    refuse_slip,
    same_mailbox,
    visible,
)
from app.guard import check_reach
from app.late import RowForm
from app.territory.fields import CommuneField
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import today

from .models import Lead
from .words import (
    ADULT,
    AXES,
    DIPLOMAS,
    GENDER_WISHES,
    LANGUAGES,
    LEVELS,
    NEEDS,
    PLACES,
    PUBLICS,
    SITUATIONS,
    SQUARES,
    STATUSES,
    YOUNGEST_MENTOR,
    age_on,
)

TAKEN = ("first_name", "last_name", "email", "phone", "message")  # of two requests that are one: what the person may set right
RELAY = _l("Si une association ne peut pas m'accueillir, proposer ma demande à une autre")


class BirthDate(Field):
    """A date of birth in three boxes, as people say it: day, month, year."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.parts = [visible(part)[:4] for part in valuelist[:3]]
        self.data = None
        if not any(self.parts):
            return
        try:
            day, month, year = (int(part) for part in self.parts)
            born = date(year, month, day)
        except ValueError as error:
            raise ValueError(_("Cette date n'existe pas. Exemple : 7 11 2008.")) from error
        if not born.year >= 1900 or born > today():
            raise ValueError(_("Cette date n'est pas une date de naissance possible."))
        self.data = born

    def pre_validate(self, _form: Form) -> None:
        if self.process_errors:
            raise StopValidation  # what was typed is wrong, not missing: DataRequired would replace the sentence

    @property
    def boxes(self) -> list[str]:
        """What the three boxes show."""
        if self.data:
            return [str(self.data.day), str(self.data.month), str(self.data.year)]
        return [*getattr(self, "parts", []), "", "", ""][:3]


def select_one(label: Any, words: Mapping[str, Any]) -> SelectField:
    """One of a list, or nothing."""
    return SelectField(label, choices=[SelectChoice("", ""), *options(words)], validators=[MayBeEmpty()])


class Step(FlaskForm):
    """One step: its answers as plain data, kept in a draft, and back."""

    title: Any = ""
    hint: Any = ""

    def answers(self) -> dict[str, Any]:
        """What was typed, ready for JSON."""
        values: dict[str, Any] = {}
        for field in self:
            if isinstance(field, CommuneField):
                values |= {"commune": field.commune.label, "commune_code": field.commune.code} if field.commune else {}
            elif field.name != "csrf_token":
                values[field.name] = field.data.isoformat() if isinstance(field.data, date) else field.data
        return values

    def fill(self, answers: Mapping[str, Any]) -> None:
        """Show what was answered before."""
        for field in self:
            if field.name in answers:
                value = answers[field.name]
                field.data = date.fromisoformat(value) if isinstance(field, BirthDate) and value else value
            if isinstance(field, CommuneField) and answers.get("commune_code"):
                field.pick(answers["commune_code"])


class AskedStep(Step):
    """Who begins: the person, or somebody who asks for them."""

    for_other = BooleanField(_l("Je fais cette demande pour une autre personne, qui est d'accord"))


class NeedStep(AskedStep):
    title = _l("De quoi avez-vous besoin ?")
    hint = _l("Vous pouvez choisir plusieurs réponses. Vous en parlerez ensuite avec l'association.")
    needs = Choices(_l("Votre besoin"), choices=options(NEEDS), validators=[InputRequired(CHOOSE_SOME)])
    hopes = Text(_l("Ce que vous espérez de votre mentor (facultatif)"), [check_reach], longest=1000)


class SituationStep(Step):
    title = _l("Où en êtes-vous aujourd'hui ?")
    situation = RadioField(_l("Votre situation"), choices=options(SITUATIONS), validators=[InputRequired(CHOOSE_ONE)])
    level = select_one(_l("Votre classe ou votre niveau (facultatif)"), LEVELS)
    diploma = select_one(_l("Votre dernier diplôme (facultatif)"), DIPLOMAS)


class AgeStep(Step):
    title = _l("Votre âge et votre commune")
    hint = _l("Pour trouver une association près de chez vous, qui accompagne à votre âge.")
    birth_date = BirthDate(_l("Date de naissance"), validators=[DataRequired(_l("Indiquez votre date de naissance."))])
    commune = CommuneField(_l("Commune ou code postal"), validators=[DataRequired(_l("Indiquez votre commune."))])


class MeetingStep(Step):
    title = _l("Comment souhaitez-vous vous rencontrer ?")
    hint = _l("Choisissez tout ce qui vous convient.")
    places = Choices(_l("Lieux"), choices=options(PLACES), validators=[InputRequired(CHOOSE_SOME)])
    slots = Choices(_l("Quand êtes-vous disponible ? (facultatif)"), choices=options(SQUARES))


class WishStep(Step):
    title = _l("Vos préférences")
    hint = _l("Tout est facultatif. Nous ferons au mieux, sans pouvoir le promettre.")
    languages = Choices(_l("Les langues dans lesquelles vous êtes à l'aise"), choices=options(LANGUAGES))
    field_wish = Line(_l("Un métier ou un domaine qui vous attire"), longest=120)
    gender_wish = RadioField(_l("Vous préférez échanger avec…"), choices=options(GENDER_WISHES), validators=[MayBeEmpty()])


class MentorWishStep(WishStep):
    field_wish = Line(_l("Un domaine que vous aimeriez faire découvrir"), longest=120)
    gender_wish = None  # who accompanies a minor does not choose a girl or a boy: the interview hears what must be heard


class AskerStep(Step):
    """Somebody asks for another."""

    title = _l("Vous, qui faites cette demande")
    hint = _l("L'étape suivante demande comment joindre la personne que vous aidez.")
    asker_name = Name(_l("Votre prénom et votre nom"), validators=[DataRequired(TO_FILL), person_name])
    asker_structure = Line(
        _l("Votre établissement, votre structure, ou votre lien avec la personne"), validators=[DataRequired(TO_FILL)]
    )
    asker_contact = Line(_l("Votre adresse e-mail ou votre téléphone"), longest=254, validators=[DataRequired(TO_FILL)])
    asker_agreed = BooleanField(
        _l("La personne est d'accord pour que je fasse cette demande en son nom"),
        validators=[DataRequired(_l("Sans son accord, nous ne pouvons pas prendre la demande."))],
    )

    def validate_asker_contact(self, field: Field) -> None:
        if not read_contact(field.data):
            raise ValidationError(_("Indiquez une adresse e-mail complète, ou un téléphone."))


class OwnWay:
    """One way to reach the person is enough; a child whom somebody represents, who can be reached, may have none."""

    email: Field
    represented = False
    no_way = _l("Indiquez une adresse e-mail ou un téléphone, pour que l'association vous réponde.")

    def validate_phone(self, field: Field) -> None:
        if not field.data and not self.email.data and not self.is_reached_otherwise():
            raise ValidationError(self.no_way)

    def is_reached_otherwise(self) -> bool:
        return self.represented


class ContactStep(OwnWay, Step):
    """Who you are. An e-mail address or a telephone number is enough; below 18 a guardian is named too."""

    title = _l("Comment vous joindre ?")
    hint = _l("Une adresse e-mail ou un téléphone suffit.")
    first_name = Name(_l("Prénom"), validators=[DataRequired(TO_FILL), person_name])
    last_name = Name(_l("Nom"), validators=[DataRequired(TO_FILL), person_name])
    email = Line(_l("Adresse e-mail"), longest=254, validators=[Optional(), email])
    phone = Line(_l("Téléphone"), longest=30, validators=[phone])
    message = Text(_l("Quelque chose à ajouter ? (facultatif)"), longest=2000)
    may_relay = BooleanField(RELAY)
    website = StringField(_l("Ne remplissez pas ce champ"))  # people do not see it; robots fill it

    def answers(self) -> dict[str, Any]:
        """The same, without the trap."""
        return {name: value for name, value in super().answers().items() if name != "website"}

    def validate_website(self, field: Field) -> None:
        if field.data:
            raise ValidationError(_("Laissez ce champ vide, puis envoyez encore une fois."))


class GuardianFields:
    """Who represents a minor, and one way to reach them, which is not the minor's own address."""

    email: Field  # of the form that asks the minor too
    WHO, HOW = _l("Indiquez qui c'est : son prénom et son nom."), _l("Indiquez l'adresse e-mail ou le téléphone de cette personne.")
    guardian_name = Name(_l("Son prénom et son nom"), validators=[DataRequired(WHO), person_name])
    guardian_contact = Line(_l("Son adresse e-mail ou son téléphone"), longest=254, validators=[DataRequired(HOW)])

    OWN = _l("C'est votre propre adresse : donnez celle de la personne qui vous représente, ou son téléphone.")

    def guardian(self) -> dict[str, str]:
        """Who it is, and one way to reach them."""
        return {"guardian_name": self.guardian_name.data, **split_contact(self.guardian_contact.data)}

    def own_address(self) -> str | None:
        """The minor's own address."""
        own: str | None = self.email.data
        return own

    def validate_guardian_contact(self, field: Field) -> None:
        if not (found := split_contact(field.data or "")):
            raise ValidationError(_("Indiquez une adresse e-mail complète, ou un téléphone."))
        refuse_slip(found.get("guardian_email", ""))
        if same_mailbox(field.data, self.own_address()):  # the link that asks for the agreement leaves for it
            raise ValidationError(self.OWN)


class MinorContactStep(GuardianFields, ContactStep):
    """The same, with the holder of parental authority, whose own fields say what is wrong with them."""

    represented = True
    hint = _l(
        "Vous avez moins de 18 ans : un parent, ou la personne qui vous représente, devra donner son accord, par un lien reçu par "
        "e-mail ou au téléphone avec l'association."
    )


class StatusStep(AskedStep):
    title = _l("Qui êtes-vous ?")
    status = RadioField(_l("Votre situation"), choices=options(STATUSES), validators=[InputRequired(CHOOSE_ONE)])
    sector = Line(_l("Votre secteur ou vos études"), validators=[DataRequired(TO_FILL), check_reach])
    skills = Line(_l("Ce que vous savez bien faire (facultatif)"), [check_reach], longest=300)


class AxisStep(Step):
    title = _l("Qui souhaitez-vous accompagner ?")
    axes = Choices(_l("Sur quoi ?"), choices=options(AXES), validators=[InputRequired(CHOOSE_SOME)])
    preferred_public = RadioField(_l("Plutôt une personne…"), choices=options(PUBLICS), validators=[InputRequired(CHOOSE_ONE)])


class MentorAgeStep(AgeStep):
    title = _l("Votre âge et votre commune")
    hint = _l("Vous pouvez être mentor ou mentore dès le lycée, et à tout âge.")

    def validate_birth_date(self, field: Field) -> None:
        if field.data and age_on(field.data, today()) < YOUNGEST_MENTOR:
            raise ValidationError(_("On peut être mentor ou mentore à partir de %(age)s ans.", age=YOUNGEST_MENTOR))


class MentorContactStep(ContactStep):
    message = Text(_l("Pourquoi souhaitez-vous devenir mentor ou mentore ?"), validators=[DataRequired(TO_FILL)])


class MinorMentorContactStep(MinorContactStep):
    represented = False  # whoever offers to be a mentor has a way of their own to be reached
    message = Text(_l("Pourquoi souhaitez-vous devenir mentor ou mentore ?"), validators=[DataRequired(TO_FILL)])


def contact_step(kind: str, answers: Mapping[str, Any]) -> type[Step]:
    """The last step depends on the age given before."""
    born = answers.get("birth_date")
    minor = born is not None and age_on(date.fromisoformat(born), today()) < ADULT
    if kind == "mentee":
        return MinorContactStep if minor else ContactStep
    return MinorMentorContactStep if minor else MentorContactStep


FIRST_STEPS: Mapping[str, tuple[type[Step], ...]] = {
    "mentee": (NeedStep, SituationStep, AgeStep, MeetingStep, WishStep),
    "mentor": (StatusStep, AxisStep, MentorAgeStep, MeetingStep, MentorWishStep),
}


def steps_of(kind: str, answers: Mapping[str, Any]) -> tuple[type[Step], ...]:
    """The steps of a form, in order."""
    asker = (AskerStep,) if answers.get("for_other") else ()
    return (*FIRST_STEPS[kind], *asker, contact_step(kind, answers))


def read_contact(value: str) -> str | None:
    """An address, or a number in its international form; None when it is neither."""
    return normal_email(value) if "@" in value else normal_phone(value)


def split_contact(value: str) -> dict[str, str]:
    """A guardian's address or number, told apart; empty when it is neither."""
    return {"guardian_email" if "@" in found else "guardian_phone": found} if (found := read_contact(value)) else {}


class ContactForm(OwnWay, FlaskForm):
    """Whom it is about, and how to reach them."""

    first_name = Name(_l("Prénom"), validators=[DataRequired(TO_FILL), person_name])
    last_name = Name(_l("Nom"), validators=[DataRequired(TO_FILL), person_name])
    email = Line(_l("Adresse e-mail"), longest=254, validators=[Optional(), email])
    phone = Line(_l("Téléphone"), longest=30, validators=[phone])

    def details(self) -> dict[str, Any]:
        """What was typed; empty is nothing."""
        return {name: self[name].data if self[name].data != "" else None for name in (*TAKEN, "may_relay") if name in self}


class TeamContactForm(RowForm, ContactForm):
    """The same, set right by the team: what the person has set right meanwhile stays."""


class CorrectForm(ContactForm):
    """How to reach me, where I can meet, and whether another association may be asked."""

    places = Choices(_l("Où pouvez-vous vous rencontrer ?"), choices=options(PLACES))
    message = Text(_l("Quelque chose à ajouter ? (facultatif)"), longest=2000)
    may_relay = BooleanField(RELAY)

    def details(self) -> dict[str, Any]:
        """The same, and the places when some are ticked: nobody meets nowhere."""
        return super().details() | ({"places": self.places.data} if self.places.data else {})


class MinorCorrectForm(GuardianFields, CorrectForm):
    """The same, while who represents a minor has not agreed: how to reach them."""


class GuardianContactForm(GuardianFields, FlaskForm):
    """Staff set right how to reach who represents a minor."""

    OWN = _l("C'est l'adresse du jeune : le lien qui demande l'accord ne lui est pas envoyé.")

    def __init__(self, lead: Lead) -> None:
        super().__init__(guardian_name=lead.guardian_name, guardian_contact=lead.guardian_email or lead.guardian_phone)
        self.own = lead.email

    def own_address(self) -> str | None:
        return self.own


class GuardianForm(FlaskForm):
    """Who agrees, or does not."""

    name = Line(_l("Votre prénom et votre nom"), validators=[DataRequired(TO_FILL), person_name])
    phone = Line(_l("Votre téléphone (facultatif)"), longest=30, validators=[phone])
