"""The forms about certificates."""

from collections.abc import Callable, Collection
from datetime import date, timedelta
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, Field, PasswordField, RadioField, SelectField, ValidationError
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional, StopValidation

from app.errors import DomainError
from app.fields import CHOOSE_ONE, TO_FILL, Choices, Line, MayBeEmpty, Text, WholeNumber, options, person_name
from app.late import RowForm
from app.people.models import Agreement
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import today

from .awards import OF_PERIOD
from .models import CertificateKind
from .wording import KIND_NAMES, LONGEST, check_body, check_title

AGREEMENTS = [
    (Agreement.NEUTRAL, _l("De façon neutre")),
    (Agreement.FEMININE, _l("Au féminin")),
    (Agreement.MASCULINE, _l("Au masculin")),
]


class VerifyForm(FlaskForm):
    """A code, as it stands on the paper."""

    code = Line(
        _l("Code de l'attestation"),
        longest=300,  # the whole address may be pasted
        validators=[DataRequired(_l("Recopiez le code de l'attestation."))],
    )


class NameForm(FlaskForm):
    """The holder's name, as it stands on the paper."""

    name = Line(_l("Nom écrit sur le document"), longest=200, validators=[DataRequired(_l("Recopiez le nom."))])


class PaperForm(FlaskForm):
    """The file that a stranger received."""

    paper = FileField(_l("Le fichier PDF reçu"), validators=[FileRequired(_l("Choisissez le fichier."))])


class RevokeForm(FlaskForm):
    """Why a certificate is taken back."""

    reason = Text(_l("Pourquoi ?"), longest=500, validators=[DataRequired(_l("Indiquez la raison."))])


class PairAwardForm(FlaskForm):
    """What a jeune agrees to show beside; nothing for a mentor."""

    objectives = Choices(_l("Objectifs atteints"), choices=[], validators=[MayBeEmpty()])
    agreed = BooleanField(_l("La personne est d'accord pour qu'ils figurent sur son attestation"))

    def validate_agreed(self, field: Field) -> None:
        if self.objectives.data and not field.data:
            raise ValidationError(_("Sans accord, aucun objectif n'est cité : cochez l'accord, ou décochez les objectifs."))


class CorrectForm(PairAwardForm):
    """What was wrong in a certificate; for a jeune's, which objectives it cites from now on."""

    reason = Text(_l("Pourquoi ?"), longest=500, validators=[DataRequired(_l("Indiquez la raison."))])


def check_period(kind: str, first: date | None, last: date | None) -> None:
    """Two days in order, in the past, and of one calendar year for a year's summary. Raises ValidationError."""
    if first is None or last is None:
        raise ValidationError(_("Indiquez les deux dates."))
    if last < first:
        raise ValidationError(_("La fin est avant le début."))
    if last > today():
        raise ValidationError(_("On n'atteste que ce qui est passé."))
    if first < today() - timedelta(days=3653):
        raise ValidationError(_("Choisissez un début d'il y a dix ans au plus."))
    if kind == CertificateKind.YEARLY and first.year != last.year:
        raise ValidationError(_("Un bilan tient dans une seule année, de janvier à décembre."))


class PeriodForm(FlaskForm):
    """A mentor's hours, or their year."""

    first = DateField(_l("Du"), validators=[DataRequired(_l("Indiquez une date."))])
    last = DateField(_l("Au"), validators=[DataRequired(_l("Indiquez une date."))])
    kind = RadioField(
        _l("Nature"),
        choices=options(
            [
                (CertificateKind.HOURS, _l("Heures données, pour un employeur ou une université")),
                (CertificateKind.YEARLY, _l("Bilan de l'année, pour le Passeport Bénévole")),
            ]
        ),
        validators=[InputRequired(CHOOSE_ONE)],
    )

    def validate_last(self, field: Field) -> None:
        check_period(self.kind.data, self.first.data, field.data)


class WordingForm(RowForm):
    """What certificates of a kind say. `kind` is set by the page."""

    kind = ""
    title = Line(_l("Titre"), longest=80, validators=[DataRequired(TO_FILL)])
    body = Text(_l("Texte, à la suite du nom"), longest=LONGEST, validators=[DataRequired(TO_FILL)])
    signatory = SelectField(_l("Qui signe"), choices=[], validators=[MayBeEmpty()])

    def validate_title(self, field: Field) -> None:
        self._checked(field, check_title)

    def validate_body(self, field: Field) -> None:
        self._checked(field, check_body)

    def _checked(self, field: Field, check: Callable[[str, str], None]) -> None:
        try:
            check(self.kind, field.data or "")
        except DomainError as error:
            raise ValidationError(str(error)) from error


class SignatoryForm(FlaskForm):
    """Somebody who signs for the association."""

    name = Line(_l("Nom"), longest=80, validators=[DataRequired(TO_FILL), person_name])
    office = Line(_l("Fonction"), longest=80)
    signature = FileField(_l("Signature numérisée (PNG, JPEG ou WebP, 2 Mo au plus, facultatif)"))


class SealForm(FlaskForm):
    """The association's own certificate."""

    pkcs12 = FileField(_l("Certificat (fichier .p12 ou .pfx)"), validators=[FileRequired(_l("Choisissez le fichier."))])
    passphrase = PasswordField(_l("Sa phrase secrète"))


def needed_for(kinds: Collection[str], sentence: Any) -> Callable[[FlaskForm, Field], None]:
    """Refuse an empty field when the nature is one of these. Stands before Optional(), after which nothing else is asked."""

    def check(form: FlaskForm, field: Field) -> None:
        if form.kind.data in kinds and not field.data:
            field.errors[:] = []
            raise StopValidation(str(sentence))

    return check


TWO_DATES = _l("Indiquez les deux dates.")


class BatchForm(FlaskForm):
    """Who gets one: a kind, and what it is about."""

    class Meta:
        csrf = False  # read only: it is a search

    kind = RadioField(_l("Nature"), choices=options(KIND_NAMES.items()), validators=[InputRequired(CHOOSE_ONE)])
    course = SelectField(
        _l("Parcours terminé"),
        choices=[],
        validators=[needed_for([CertificateKind.TRAINING], _l("Choisissez un parcours.")), MayBeEmpty()],
    )
    months = WholeNumber(
        _l("Durée minimale du binôme, en mois"), default=6, validators=[Optional(), NumberRange(0, 60, _l("De 0 à 60 mois."))]
    )
    first = DateField(_l("Du"), validators=[needed_for(OF_PERIOD, TWO_DATES), Optional()])
    last = DateField(_l("Au"), validators=[needed_for(OF_PERIOD, TWO_DATES), Optional()])

    def validate_last(self, field: Field) -> None:
        if self.kind.data in OF_PERIOD:
            check_period(self.kind.data, self.first.data, field.data)


class StartForm(FlaskForm):
    """Start a batch with those who stay ticked."""

    chosen = Choices(
        _l("Titulaires"), choices=[], validate_choice=False, validators=[DataRequired(_l("Gardez au moins une personne."))]
    )
    tells_holders = BooleanField(_l("Écrire à chaque titulaire que son attestation est prête"))


class AgreementForm(FlaskForm):
    """How words agree with me."""

    agreement = RadioField(_l("Mes attestations s'écrivent"), choices=options(AGREEMENTS), validators=[InputRequired(CHOOSE_ONE)])
