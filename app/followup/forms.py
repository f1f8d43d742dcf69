"""The forms of follow-up: a contact with its grid, a message, choices of the association, a portfolio."""

import secrets
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Self
from uuid import UUID

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, Field, HiddenField, RadioField, SelectField, SubmitField, TimeField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.fields import CHOOSE_ONE, CHOOSE_SOME, Choices, Line, MayBeEmpty, Text, WholeNumber, lines_of, options
from app.guard import GuardedForm
from app.late import RowForm
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import is_uuid, local, today

from .blueprint import LARGEST
from .models import Contact
from .settings import LONGEST_RHYTHM
from .settings import Choices as Rules
from .threads import Written
from .words import HOWS, SNOOZES, TONES

EXCHANGES, SILENCE, ANSWERS = _l("De 7 à 92 jours."), _l("De 14 à 90 jours."), _l("De 1 à 15 jours.")
GRID_LINES, CANNED_MOST = 12, 20
LENGTHS = [("0", _l("Sans réponse")), ("5", "5 min"), ("10", "10 min"), ("20", "20 min"), ("30", "30 min"), ("60", "1 h")]


class ContactForm(GuardedForm):
    """With whom, when, how, what was said."""

    how = RadioField(_l("Comment"), choices=options(HOWS), default="phone", validators=[InputRequired(CHOOSE_ONE)])
    day = DateField(_l("Date"), validators=[DataRequired(_l("Indiquez une date qui existe."))])
    time = TimeField(_l("Heure"), validators=[Optional()])
    length = RadioField(_l("Combien de temps"), choices=options(LENGTHS), validators=[InputRequired(CHOOSE_ONE)])
    note = Text(_l("Ce qui s'est dit"), longest=4000)
    next_step = Line(_l("La suite"), longest=200)
    next_on = DateField(_l("À reprendre le"), validators=[Optional()])
    once = HiddenField(filters=[Line.clean], validators=[Length(max=64)])
    kept_on: date | None = None  # the day that a contact says already, past or to come

    def validate_day(self, field: Field) -> None:
        if field.data > today():
            raise ValidationError(_("Cet échange n'a pas encore eu lieu."))
        if field.data < today() - timedelta(days=366):
            raise ValidationError(_("Il y a plus d'un an : vérifiez la date."))

    def validate_next_on(self, field: Field) -> None:
        if field.data and field.data != self.kept_on and not today() <= field.data <= today() + timedelta(days=366):
            raise ValidationError(_("Choisissez une date à venir, dans l'année."))

    @property
    def reached(self) -> bool:
        return bool(self.length.data != "0")

    def answers(self, questions: list[str]) -> dict[str, str]:
        """What was ticked in the grid."""
        chosen = {question: self[f"grid_{rank}"].data for rank, question in enumerate(questions)}
        return {question: tone for question, tone in chosen.items() if tone in TONES}


def contact_form(questions: list[str], **values: Any) -> ContactForm:
    """The form with one line for each question of the grid, filled with these values."""
    fields: dict[str, Any] = {
        f"grid_{rank}": RadioField(question, choices=options(TONES), validators=[MayBeEmpty()])
        for rank, question in enumerate(questions)
    }
    form: ContactForm = type("ContactOf", (ContactForm,), fields)(data=values)
    return form


def filled(contact: Contact, questions: list[str]) -> dict[str, Any]:
    """What the form of a contact that was noted begins with."""
    at, length = local(contact.held_at), contact.minutes if contact.reached else 0
    grid = {f"grid_{rank}": contact.answers.get(question) for rank, question in enumerate(questions)}
    names = ("how", "note", "next_step", "next_on", "once")
    return {"day": at.date(), "time": at.time(), "length": str(length), **grid, **{name: getattr(contact, name) for name in names}}


def moment_of(typed: str | None) -> datetime | None:
    """The moment that a form carries; None when it carries none."""
    try:
        return datetime.fromisoformat(typed or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class SnoozeForm(FlaskForm):
    """For how long, and when what was read last changed."""

    days = SelectField(choices=options(SNOOZES), validators=[InputRequired(CHOOSE_ONE)])
    seen = HiddenField(filters=[moment_of])


class MessageForm(GuardedForm):
    """A message, with a file if there is one."""

    body = Text(_l("Votre message"), longest=4000, validators=[DataRequired(_l("Écrivez quelques mots."))])
    file = FileField(_l("Une pièce jointe (facultatif)"))
    once = HiddenField(filters=[Line.clean], validators=[Length(max=64)])
    seen = HiddenField(filters=[Line.clean], validators=[Length(max=64)])

    def written(self, urgent: bool = False) -> Written:
        """What is sent."""
        upload = self.file.data
        content = upload.read(LARGEST + 1) if upload else None
        once = self.once.data or secrets.token_urlsafe(16)
        name = upload.filename or "" if upload else ""
        return Written(self.body.data or "", once, content if name else None, name, urgent, self.last_seen)

    @property
    def last_seen(self) -> UUID | None:
        """The last message that the page showed."""
        return UUID(self.seen.data) if is_uuid(self.seen.data or "") else None


class HelpForm(MessageForm):
    """A call for help: as few words, or as many, as one has."""

    body = Text(_l("Votre message"), longest=20_000)


class FollowUpForm(RowForm):
    """How the association follows its pairs."""

    contact_days = WholeNumber(
        _l("Nombre de jours, au plus, entre deux échanges avec chacun"),
        validators=[InputRequired(EXCHANGES), NumberRange(7, LONGEST_RHYTHM, EXCHANGES)],
    )
    meeting_days = WholeNumber(
        _l("Nombre de jours sans séance avant de signaler un binôme"),
        validators=[InputRequired(SILENCE), NumberRange(14, 90, SILENCE)],
    )
    answer_days = WholeNumber(
        _l("Nombre de jours sans réponse avant de signaler un message"),
        validators=[InputRequired(ANSWERS), NumberRange(1, 15, ANSWERS)],
    )
    waiting_days = WholeNumber(
        _l("Nombre de jours, au plus, sans donner de nouvelles à qui attend un binôme"),
        validators=[InputRequired(EXCHANGES), NumberRange(7, LONGEST_RHYTHM, EXCHANGES)],
    )
    mentor_grid = Text(_l("Grille de l'appel au mentor, une ligne par question"), longest=2000)
    mentee_grid = Text(_l("Grille de l'appel au jeune"), longest=2000)
    guardian_grid = Text(_l("Grille de l'appel au représentant légal"), longest=2000)
    canned = Text(_l("Réponses toutes prêtes"), longest=8000)
    both_write = BooleanField(_l("Le mentor et le jeune peuvent s'écrire dans Binôme"))
    digest = BooleanField(_l("Envoyer la lettre du lundi à chaque membre de l'équipe"))

    def validate_mentor_grid(self, field: Field) -> None:
        self.few_lines(field)

    def validate_mentee_grid(self, field: Field) -> None:
        self.few_lines(field)

    def validate_guardian_grid(self, field: Field) -> None:
        self.few_lines(field)

    @staticmethod
    def few_lines(field: Field) -> None:
        """A call that asks too much is not made."""
        if len(lines_of(field.data)) > GRID_LINES:
            raise ValidationError(_("%(most)s questions au plus.", most=GRID_LINES))

    def validate_canned(self, field: Field) -> None:
        if len(blocks(field.data)) > CANNED_MOST:
            raise ValidationError(_("%(most)s réponses au plus.", most=CANNED_MOST))

    @classmethod
    def of(cls, row: Rules) -> Self:
        """The form of the rules in force, filled with what they say."""
        return super().of(as_typed(row))

    @property
    def values(self) -> dict[str, Any]:
        """What the rules are to say; a question is the same with a dash before it, and twice is once."""
        grids = {name: "\n".join(dict.fromkeys(lines_of(self[name].data))) for name in self.columns if name.endswith("_grid")}
        return {**super().values, **grids, "canned": "\n\n".join(blocks(self.canned.data))}

    def changed(self, row: Rules) -> dict[str, Any] | None:
        """What was changed on the page; None where somebody else changed the same."""
        found = super().changed(as_typed(row))
        if found is None:
            return None
        asked = {side: lines_of(found.pop(f"{side}_grid")) for side in row.grids if f"{side}_grid" in found}
        grids = {"grids": row.grids | asked} if asked else {}
        return {**found, **grids, **({"canned": blocks(found["canned"])} if "canned" in found else {})}


def as_typed(rules: Rules) -> SimpleNamespace:
    """What the form shows of the rules: each grid, and the ready answers, are one text."""
    grids = {f"{side}_grid": "\n".join(lines) for side, lines in rules.grids.items()}
    return SimpleNamespace(**asdict(rules) | grids | {"canned": "\n\n".join(rules.canned)})


def blocks(text: str | None) -> list[str]:
    """The ready answers: separated by an empty line; the first line of each is its title."""
    parts = [part.strip() for part in (text or "").split("\n\n")]
    return [part for part in parts if part]


class PortfolioForm(FlaskForm):
    """From whom, to whom."""

    giver = SelectField(_l("Les binômes de"), validators=[InputRequired(CHOOSE_ONE)])
    receiver = SelectField(_l("sont confiés à"), validators=[InputRequired(CHOOSE_ONE)])
    pairs = Choices(_l("Lesquels"), choices=[])  # the giver's, by the page
    choose = SubmitField(_l("Choisir lesquels"))
    is_chosen = HiddenField()  # the page shows which: those that are ticked go, and no other

    def validate_pairs(self, field: Field) -> None:
        if self.is_chosen.data and not self.choose.data and not field.data:
            raise ValidationError(CHOOSE_SOME)
