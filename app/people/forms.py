"""The forms of a file."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Self

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, Field, HiddenField, RadioField, SelectField, ValidationError
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from app.fields import (
    CHOOSE_ONE,
    DATE,
    TO_FILL,
    Choices,
    Line,
    MayBeEmpty,
    Text,
    WholeNumber,
    email,
    options,
    person_name,
    phone,
    same_mailbox,
)
from app.guard import GuardedForm
from app.late import RowForm, flat
from app.leads.forms import BirthDate
from app.leads.words import ADULT, AXES, LANGUAGES, NEEDS_SHORT, PLACES, PUBLICS_SAID, SITUATIONS, SQUARES, LeadKind, age_on, is_age
from app.territory.fields import CommuneField
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import local, today

from .check_models import Charter
from .guardians import guardians_of
from .models import AuthorisationKind, Mentee, Mentor
from .rules import LAW, Rule
from .words import (
    AGREEMENTS,
    ALLOWS,
    AUDIENCES,
    AUTHORISATIONS,
    CHECKS,
    HOW,
    INTERESTS,
    ON_LINE,
    PIECES,
    PROTECTED,
    REACHES,
    RELATIONS,
)


class PersonForm(RowForm):
    """What may be corrected in any file."""

    person: Mentor | Mentee
    asks_sure = False  # whether somebody would be of age, or no longer
    first_name = Line(_l("Prénom"), validators=[DataRequired(TO_FILL), person_name])
    last_name = Line(_l("Nom"), validators=[DataRequired(TO_FILL), person_name])
    email = Line(_l("Adresse e-mail"), longest=254, validators=[Optional(), email])
    phone = Line(_l("Téléphone"), longest=30, validators=[phone])
    birth_date = BirthDate(_l("Date de naissance"))
    sure = BooleanField(_l("Oui, cette date de naissance est juste"))
    commune = CommuneField(_l("Commune ou code postal"))

    @classmethod
    def of(cls, person: Any) -> Self:
        form = super().of(person)
        form.person = person
        if not form.is_submitted():
            form.commune.show(person.commune_code)
        return form

    def validate_email(self, field: Field) -> None:
        """A minor's space opens with it, where they say their own word and write to the team."""
        parents = [row.guardian.email for row in guardians_of(self.person)] or [self.person.guardian_email]
        is_minor = age_on(self.birth_date.data, today()) < ADULT if self.birth_date.data else self.person.is_minor_on(today())
        if is_minor and any(same_mailbox(field.data, theirs) for theirs in parents):
            raise ValidationError(_("C'est l'adresse de qui représente %(name)s : laissez vide.", name=self.person.first_name))

    def validate_birth_date(self, field: Field) -> None:
        """What was right on the day when the file was opened stays so: a jeune grows past thirty."""
        kind = LeadKind.MENTEE if isinstance(self.person, Mentee) else LeadKind.MENTOR
        if flat(field.data) in {flat(self.person.birth_date), self.before.get("birth_date")}:
            return
        if not field.data:
            self.asks_sure = not self.person.is_minor_on(today())
            if self.asks_sure and not self.sure.data:
                raise ValidationError(_("Sans date de naissance, il faut les autorisations que l'on demande pour un mineur, et des "
                                        "rendez-vous peuvent s'annuler. Confirmez ci-dessous."))  # fmt: skip
            return
        age = age_on(field.data, local(self.person.created_at).date())
        if not is_age(age, kind):
            raise ValidationError(_("Cela ferait %(age)s ans au jour de l'ouverture du dossier. Relisez l'année.", age=max(age, 0)))
        age = age_on(field.data, today())
        self.asks_sure = self.person.birth_date is not None and (age < ADULT) != self.person.is_minor_on(today())
        if self.asks_sure and not self.sure.data:
            raise ValidationError(_("Cela ferait %(age)s ans : ce qui est demandé avant une rencontre change, et des rendez-vous "
                                    "peuvent s'annuler. Confirmez ci-dessous.", age=age))  # fmt: skip

    @property
    def columns(self) -> list[str]:
        return [name for name in super().columns if name not in {"commune", "sure"}] + [
            "commune_code",
            "commune_name",
            "departement_code",
        ]

    @property
    def values(self) -> dict[str, Any]:
        """What the file is to say; an emptied commune stays what it was."""
        said = {name: self[name].data for name in self.columns if name in self}
        found = self.commune.commune
        if found is not None:
            said |= {"commune_code": found.code, "commune_name": found.name, "departement_code": found.departement_code}
        return said


class MentorForm(PersonForm):
    """A mentor also says how many jeunes at once."""

    capacity = WholeNumber(
        _l("Nombre de jeunes en même temps"),
        validators=[InputRequired(TO_FILL), NumberRange(0, 10, _l("De 0 à 10."))],
    )


class ProfileForm(RowForm):
    """What helps to bring two people together; nothing of it is required."""

    places = Choices(_l("Lieux acceptés (tous, si rien n'est coché)"), choices=options(PLACES))
    reach = RadioField(_l("Jusqu'où, pour se rencontrer"), choices=options(REACHES), validators=[InputRequired(CHOOSE_ONE)])
    slots = Choices(_l("Semaine"), choices=options(SQUARES))
    languages = Choices(_l("Langues parlées"), choices=options(LANGUAGES))
    interests = Choices(_l("Centres d'intérêt"), choices=options(INTERESTS))
    agreement = RadioField(
        _l("Les mots qui parlent de la personne"), choices=options(AGREEMENTS), validators=[InputRequired(CHOOSE_ONE)]
    )


class MentorProfileForm(ProfileForm):
    axes = Choices(_l("Aide dans"), choices=options({code: words[0] for code, words in AXES.items()}))
    preferred_public = SelectField(_l("Public préféré"), choices=options(PUBLICS_SAID), validators=[MayBeEmpty()])
    sector = Line(_l("Secteur ou études"), longest=120)
    skills = Line(_l("Ce que la personne sait bien faire"), longest=300)
    employer = Line(_l("Entreprise ou école"), longest=120)


class MenteeProfileForm(ProfileForm):
    needs = Choices(_l("Besoins"), choices=options(NEEDS_SHORT))
    situation = SelectField(_l("Situation"), choices=options(SITUATIONS), validators=[MayBeEmpty()])
    school = Line(_l("Établissement"), longest=120)
    field_wish = Line(_l("Un métier ou un domaine qui attire"), longest=120)
    hopes = Text(_l("Ce que la personne espère"), longest=1000)


class ClosingForm(FlaskForm):
    """A file is closed; of somebody who died, without a letter to anybody."""

    died = BooleanField(_l("Cette personne est décédée"))


class PauseForm(FlaskForm):
    """Until when, if it is known."""

    until = DateField(_l("De retour le (facultatif)"), validators=[Optional()])

    def validate_until(self, field: Field) -> None:
        if field.data and field.data <= today():
            raise ValidationError(_("Indiquez une date à venir."))


class GuardianForm(FlaskForm):
    """Who represents a minor."""

    name = Line(_l("Prénom et nom"), validators=[DataRequired(TO_FILL), person_name])
    relation = RadioField(_l("Qui est-ce ?"), choices=options(RELATIONS), validators=[InputRequired(CHOOSE_ONE)])
    email = Line(_l("Adresse e-mail"), longest=254, validators=[Optional(), email])
    phone = Line(_l("Téléphone"), longest=30, validators=[phone])

    def __init__(self, *args: Any, person: Mentor | Mentee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own = person.email

    def validate_email(self, field: Field) -> None:
        if same_mailbox(field.data, self.own):  # the link that asks for the agreement leaves for it
            raise ValidationError(_("C'est l'adresse de la personne elle-même. Indiquez celle de qui la représente."))

    def validate_phone(self, field: Field) -> None:
        if not field.data and not self.email.data:
            raise ValidationError(_("Il faut une adresse e-mail ou un numéro de téléphone."))


class ConsentForm(FlaskForm):
    """What a guardian allows, under their name."""

    kinds = Choices(_l("Ce que j'autorise"), validators=[DataRequired(_l("Cochez ce que vous autorisez."))])
    name = Line(_l("Votre prénom et votre nom"), validators=[DataRequired(TO_FILL), person_name])

    def __init__(self, kinds: Collection[str], first_name: str, name: str) -> None:
        super().__init__(data={"name": name})
        self.kinds.choices = [(kind, _(str(ALLOWS[kind]), name=first_name)) for kind in kinds]

    def validate_kinds(self, field: Field) -> None:
        needed = AuthorisationKind.PARTICIPATION
        if needed in dict(field.choices) and needed not in field.data:
            raise ValidationError(
                _("Cochez aussi la participation, ou répondez « Je n'autorise pas » : sans elle, rien n'est possible.")
            )


class AuthorisationForm(FlaskForm):
    """Who allowed what, when and how. The document itself is never uploaded."""

    kind = RadioField(_l("Autorisation"), choices=options(AUTHORISATIONS), validators=[InputRequired(CHOOSE_ONE)])
    given_by = Line(_l("Donnée par"), validators=[DataRequired(TO_FILL), person_name])
    given_on = DateField(_l("Le"), validators=[DataRequired(DATE)])
    how = RadioField(
        _l("Comment"),
        choices=options({how: said for how, said in HOW.items() if how != ON_LINE}),
        validators=[InputRequired(CHOOSE_ONE)],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.given_on.data = self.given_on.data or (None if self.is_submitted() else today())

    def validate_given_on(self, field: Field) -> None:
        if field.data > today():
            raise ValidationError(_("Cette date est à venir : indiquez une date passée."))
        if field.data < today() - timedelta(days=730):
            raise ValidationError(_("Une autorisation de plus de deux ans est à redemander."))


class ProtectedForm(AuthorisationForm):
    """One of the four pieces of child protection."""

    kind = RadioField(_l("Pièce"), choices=options(PROTECTED), validators=[InputRequired(CHOOSE_ONE)])


class CheckForm(FlaskForm):
    """What was seen: the kind, its date, when, and whether it is clear. There is no field for the document, on purpose."""

    kind = RadioField(_l("Ce que vous avez vu"), choices=options(CHECKS), validators=[InputRequired(CHOOSE_ONE)])
    document_on = DateField(_l("Date du document"), validators=[DataRequired(DATE)])
    seen_on = DateField(_l("Vu le"), validators=[DataRequired(DATE)])
    result = RadioField(
        _l("Résultat"),
        choices=options({"clear": _l("Rien ne s'oppose au mentorat"), "not_clear": _l("Quelque chose s'y oppose")}),
        validators=[InputRequired(CHOOSE_ONE)],
    )


class ExceptionForm(FlaskForm):
    """Open the gate without a piece, until a day, and why."""

    piece = SelectField(_l("Sans quelle pièce ?"), validators=[InputRequired(CHOOSE_ONE)])
    reason = Text(_l("Pourquoi ?"), longest=1000, validators=[DataRequired(TO_FILL)])
    until = DateField(_l("Jusqu'au"), validators=[DataRequired(DATE)])


class CharterForm(RowForm):
    """The text that mentors sign."""

    together = ({"body", "asks_again"},)
    body = Text(_l("Texte de la charte"), longest=8000, validators=[DataRequired(TO_FILL)])
    asks_again = BooleanField(_l("Ceux qui ont signé le texte d'avant doivent signer celui-ci"))


class SignCharterForm(FlaskForm):
    """An explicit yes to the text that was read, and not to one that came since."""

    shown: str | None  # the number of the text that the page showed
    number = HiddenField()
    consent = BooleanField(
        _l("J'ai lu la charte et je m'engage à la respecter"), validators=[DataRequired(_l("Cochez pour signer."))]
    )

    @classmethod
    def of(cls, charter: Charter) -> Self:
        form = cls()
        form.shown, form.number.data = form.number.data, str(charter.number)
        return form

    def validate_consent(self, field: Field) -> None:
        if self.shown and self.shown != self.number.data:
            field.data = False
            raise ValidationError(_("Le texte de la charte vient de changer : relisez-le, puis signez."))


class RuleForm(FlaskForm):
    """What one piece is asked of: whom, how fresh, how often."""

    audiences = Choices(_l("À qui cette pièce est demandée"), choices=options(AUDIENCES))
    fresh = WholeNumber(_l("Âge du document au plus, en mois"), validators=[Optional(), NumberRange(1, 60, _l("De 1 à 60 mois."))])
    renew = WholeNumber(
        _l("À renouveler au bout de combien de mois"), validators=[Optional(), NumberRange(1, 120, _l("De 1 à 120 mois."))]
    )


class NoteForm(FlaskForm):
    """Why the rules change."""

    is_late: bool
    number = HiddenField()  # of the version that the page showed
    note = Line(_l("Pourquoi ce changement ?"), longest=200, validators=[DataRequired(TO_FILL)])

    @classmethod
    def of(cls, number: int) -> Self:
        """The form beside the rules of this version. Its page is read again when another one is in force by now."""
        form = cls()
        form.is_late = form.number.data not in {None, "", str(number)}
        form.number.data = str(number)
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it is whole, and of the version in force; whatever else is to correct, a late page says so."""
        is_whole = super().validate(extra_validators)
        if self.is_late:
            self.note.errors = [_("Ces règles viennent de changer : relisez la dernière version, plus bas, puis recommencez.")]
        return is_whole and not self.is_late


def months_shown(current: list[Rule], piece: str, name: str) -> int | None:
    """The months of a piece that its form shows: the shortest, but what the law asks where the programme asks more of others."""
    asked = [rule for rule in current if rule.piece == piece]
    asked = [rule for rule in asked if (rule.piece, rule.audience) != LAW] or asked
    return min((months for rule in asked if (months := getattr(rule, name))), default=None)


def rule_forms(current: list[Rule]) -> dict[str, RuleForm]:
    """One small form for each piece that can be asked for."""
    forms = {}
    for piece in PIECES:
        audiences = [rule.audience for rule in current if rule.piece == piece]
        fresh, renew = (months_shown(current, piece, name) for name in ("fresh", "renew"))
        forms[piece] = RuleForm(prefix=piece, audiences=audiences, fresh=fresh, renew=renew)
    return forms


def chosen_rules(forms: dict[str, RuleForm], current: list[Rule]) -> list[Rule]:
    """The rules that the forms say; only a document has months, and those that were left as shown stay what they were for each."""
    known = {(rule.piece, rule.audience): rule for rule in current}

    def months(piece: str, audience: str, name: str) -> int | None:
        typed, was = forms[piece][name].data, known.get((piece, audience))
        months = getattr(was, name) if was and typed == months_shown(current, piece, name) else typed
        return int(months) if months and piece in CHECKS else None

    return [
        Rule(piece, audience, months(piece, audience, "fresh"), months(piece, audience, "renew"))
        for piece, form in forms.items()
        for audience in form.audiences.data
    ]


class MyMessageForm(FlaskForm):
    """What somebody writes to the association."""

    body = Text(_l("Votre message"), longest=2000, validators=[DataRequired(_l("Écrivez quelques mots."))])


class FileNoteForm(GuardedForm):
    """A note of the team on a file."""

    body = Text(_l("Une note pour l'équipe"), longest=2000, validators=[DataRequired(_l("Écrivez quelques mots."))])
    reached = BooleanField(_l("C'est un échange avec la personne, ou avec qui la représente"))
