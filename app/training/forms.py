"""The forms of training."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, ClassVar, Self
from uuid import UUID, uuid4

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, Field, HiddenField, RadioField, SelectField, TimeField, ValidationError
from wtforms.validators import DataRequired, InputRequired, NumberRange

from app.database import now
from app.fields import TO_FILL, Choices, Line, MayBeEmpty, Text, WholeNumber, options, web_host
from app.late import RowForm
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import local, today

from .models import Course, Step
from .questions import FREE, KINDS, MOST_CHOICES, ORDERING, BadQuestion, Question, checked
from .session_models import CourseSession
from .words import AUDIENCES, QUESTION_KINDS

WHOLE = _l("Indiquez un nombre entier.")


def minutes_field(label: Any, most: int = 600) -> WholeNumber:
    return WholeNumber(
        label,
        validators=[
            InputRequired(_l("Indiquez un nombre de minutes.")),
            NumberRange(1, most, _l("De 1 à 600 minutes.") if most == 600 else _l("De 1 à 6000 minutes.")),
        ],
    )


class CourseForm(FlaskForm):
    """A course: its modules are added after."""

    title = Line(_l("Titre"), longest=120, validators=[DataRequired(TO_FILL)])
    summary = Text(_l("En deux phrases"), longest=600)


class RulesForm(RowForm, CourseForm):
    """Whom a course is required for, how long it holds, what follows its completion."""

    required_for = Choices(_l("À terminer avant toute rencontre par les mentors…"), choices=options(AUDIENCES))
    valid_months = WholeNumber(
        _l("Valable combien de mois ?"),
        default=0,
        validators=[InputRequired(WHOLE), NumberRange(0, 120, _l("De 0 à 120 mois ; 0 : sans limite."))],
    )
    renews = SelectField(_l("Ce parcours renouvelle"), validators=[MayBeEmpty()])
    certifies = BooleanField(_l("Délivrer l'attestation de formation dès que le parcours est terminé"))

    @classmethod
    def of(cls, row: Course) -> Self:
        """The form of a course, filled with its rules."""
        return super().of(rules_as_typed(row))

    def changed(self, row: Course) -> dict[str, Any] | None:
        """What was changed on the page; None where somebody else changed the same."""
        found = super().changed(rules_as_typed(row))
        if found and "renews" in found:
            renews = found.pop("renews")
            found["renews_id"] = UUID(renews) if renews else None
        return found


def rules_as_typed(course: Course) -> SimpleNamespace:
    """What the form shows of a course: its rules, and the course that it renews as a choice of the list."""
    said = {name: getattr(course, name) for name in ("title", "summary", "required_for", "valid_months", "certifies")}
    return SimpleNamespace(**said, renews=str(course.renews_id or ""))


class ModuleForm(RowForm):
    """What every module has. `after` says what is to be done before it."""

    together: ClassVar[tuple[set[str], ...]] = ({"order", "after"},)
    title = Line(_l("Titre"), longest=120, validators=[DataRequired(TO_FILL)])
    minutes = minutes_field(_l("Durée, en minutes"))
    body = Text(_l("Texte (Markdown)"), longest=40_000)
    order = RadioField(
        _l("Ce module se fait"),
        default="all",
        choices=options(
            [
                ("all", _l("après tous ceux qui le précèdent")),
                ("some", _l("après ceux-ci seulement")),
                ("free", _l("à tout moment")),
            ]
        ),
        validators=[InputRequired(TO_FILL)],
    )
    after = Choices(_l("À faire avant"))

    @classmethod
    def of(cls, row: Step) -> Self:
        """The form of a module in its place, filled with what it says."""
        return super().of(module_as_typed(row))

    def changed(self, row: Step) -> dict[str, Any] | None:
        """What was changed on the page, as the module has it, `after` too; None where somebody else changed the same."""
        found = super().changed(module_as_typed(row))
        if found is None:
            return None
        content = {name: value for name, value in self.content.items() if name.removesuffix("_id") in found}
        return {**content, **({"after": self.prerequisites} if found.keys() & {"order", "after"} else {})}

    @property
    def content(self) -> dict[str, Any]:
        """What the module says."""
        return {"title": self.title.data, "minutes": self.minutes.data, "body": self.body.data or ""}

    @property
    def prerequisites(self) -> list[str] | None:
        return {"all": None, "free": []}.get(self.order.data, list(self.after.data or []))


def module_as_typed(step: Step) -> SimpleNamespace:
    """What the form shows of a module: its file as a choice of the list, and what may be done before it in two answers."""
    said = {name: getattr(step.module, name) for name in ("title", "minutes", "body", "link", "pass_mark", "attempts", "draw")}
    order = "all" if step.after is None else "some" if step.after else "free"
    return SimpleNamespace(**said, file=str(step.module.file_id or ""), order=order, after=step.after or [])


class MediaForm(ModuleForm):
    """A video or a file: a link, or something that was uploaded."""

    together: ClassVar[tuple[set[str], ...]] = (*ModuleForm.together, {"link", "file"})
    link = Line(_l("Lien (https://…)"), longest=500)
    file = SelectField(_l("Ou un fichier déposé"), validators=[MayBeEmpty()])

    def validate_link(self, field: Field) -> None:
        if not field.data and not self.file.data:
            raise ValidationError(_("Donnez un lien, ou choisissez un fichier."))
        if field.data and web_host(field.data) is None:
            raise ValidationError(_("Un lien commence par https:// et mène à une page."))

    @property
    def content(self) -> dict[str, Any]:
        return {**super().content, "link": self.link.data or None, "file_id": UUID(self.file.data) if self.file.data else None}


class QuizForm(ModuleForm):
    """A quiz: its questions are written on its own page."""

    pass_mark = WholeNumber(
        _l("Part de bonnes réponses pour réussir, en %"),
        default=80,
        validators=[InputRequired(WHOLE), NumberRange(0, 100, _l("De 0 à 100."))],
    )
    attempts = WholeNumber(
        _l("Nombre d'essais"),
        default=0,
        validators=[InputRequired(WHOLE), NumberRange(0, 20, _l("De 0 à 20 ; 0 : autant que l'on veut."))],
    )
    draw = WholeNumber(
        _l("Questions tirées au sort à chaque essai"),
        default=0,
        validators=[InputRequired(WHOLE), NumberRange(0, 200, _l("De 0 à 200 ; 0 : toutes."))],
    )

    @property
    def content(self) -> dict[str, Any]:
        return {**super().content, "pass_mark": self.pass_mark.data, "attempts": self.attempts.data, "draw": self.draw.data}


class QuestionForm(FlaskForm):
    """A question and its choices: each line of the page is a text, whether it is right, and what is said of it."""

    kind = RadioField(
        _l("Ce que l'on demande"), choices=options(QUESTION_KINDS), default="single", validators=[InputRequired(TO_FILL)]
    )
    text = Text(_l("Question"), longest=1000, validators=[DataRequired(TO_FILL)])
    feedback = Text(_l("Ce que l'on retient (montré après la réponse)"), longest=1000)

    def read(self, form: Any, known: str | None = None) -> Question:
        """The question that was typed. Raises BadQuestion."""
        if self.kind.data not in KINDS:
            raise BadQuestion(TO_FILL)
        choices = [choice for rank in range(MOST_CHOICES) if (choice := read_choice(form, rank, self.kind.data))["text"]]
        question = {
            "id": known or uuid4().hex[:12],
            "kind": self.kind.data,
            "text": self.text.data,
            "feedback": self.feedback.data or "",
            "choices": choices if self.kind.data != FREE else [],
        }
        return checked(question)


def read_choice(form: Any, rank: int, kind: str) -> dict[str, Any]:
    """One line of the page, cleaned as every field is."""
    text, feedback = (Line.clean(form.get(f"{name}-{rank}", "")[:500]) or "" for name in ("choice", "said"))
    right = kind != ORDERING and str(rank) in form.getlist("right")
    return {"id": f"c{rank + 1}", "text": text, "right": right, "feedback": feedback}


class PublishForm(FlaskForm):
    """A version is published; what of those who completed an earlier one? `read` is the mark of the draft on the page."""

    read = HiddenField()
    notes = Text(_l("Ce qui change"), longest=600)
    earlier = RadioField(
        _l("Les mentors qui ont déjà terminé une version précédente"),
        default="yes",
        choices=options(
            [
                ("yes", _l("restent formés : leur formation compte toujours")),
                ("no", _l("doivent suivre les modules nouveaux ou changés")),
            ]
        ),
        validators=[InputRequired(TO_FILL)],
    )
    reason = Text(_l("Pourquoi ?"), longest=400)

    def validate_reason(self, field: Field) -> None:
        if self.earlier.data == "no" and not field.data:
            raise ValidationError(_("Dites pourquoi : les mentors et l'équipe le liront."))


class CountsForm(FlaskForm):
    """Whether completions of a version still count."""

    counts = RadioField(
        _l("Avoir terminé cette version"),
        choices=options([("yes", _l("compte toujours")), ("no", _l("ne compte plus"))]),
        validators=[InputRequired(TO_FILL)],
    )
    reason = Text(_l("Pourquoi ?"), longest=400, validators=[DataRequired(_l("Dites pourquoi : l'équipe le lira."))])


class SessionForm(FlaskForm):
    """A date for a live module."""

    module = SelectField(_l("Module"), validators=[InputRequired(_l("Choisissez un module."))])
    day = DateField(_l("Date"), validators=[DataRequired(_l("Indiquez une date qui existe."))])
    time = TimeField(_l("Heure"), validators=[DataRequired(_l("Indiquez une heure."))])
    place = Line(_l("Lieu, ou lien de la visio"), longest=300, validators=[DataRequired(TO_FILL)])
    trainer = Line(_l("Animée par"), longest=100)
    seats = WholeNumber(
        _l("Places"),
        default=12,
        validators=[InputRequired(_l("Indiquez un nombre de places.")), NumberRange(1, 500, _l("De 1 à 500 places."))],
    )

    oldest = timedelta(0)  # how long ago it may have taken place

    def validate_day(self, field: Field) -> None:
        if field.data < today() - self.oldest:
            too_old = _("Cette date est trop ancienne : trois mois au plus.")
            raise ValidationError(too_old if self.oldest else _("Cette date est passée : personne ne pourrait s'inscrire."))
        if field.data > today() + timedelta(days=730):
            raise ValidationError(_("Choisissez une date d'ici deux ans."))

    def validate_time(self, field: Field) -> None:
        if not self.oldest and self.day.data == today() and self.starts_at <= now():
            raise ValidationError(_("Cette heure est passée : personne ne pourrait s'inscrire."))

    @property
    def starts_at(self) -> datetime:
        """The moment that was typed, on this space's clock."""
        return datetime.combine(self.day.data, self.time.data, tzinfo=current_tenant.zone)

    @property
    def details(self) -> dict[str, Any]:
        return {"starts_at": self.starts_at, "place": self.place.data, "trainer": self.trainer.data or "", "seats": self.seats.data}


class SessionEditForm(RowForm, SessionForm):
    """What is said of a session, set right; its module stays."""

    together: ClassVar[tuple[set[str], ...]] = ({"day", "time"},)

    @classmethod
    def of(cls, row: CourseSession) -> Self:
        """The form of a session, filled with what it says."""
        form = super().of(as_typed(row))
        form.module.choices = options([(str(row.module_id), row.module.title)])
        return form

    def changed(self, row: CourseSession) -> dict[str, Any] | None:
        """What was changed on the page; None where somebody else changed the same, or the day of an hour."""
        found = super().changed(as_typed(row))
        if found is None:
            return None
        names = {"starts_at"} if found.keys() & {"day", "time"} else set()
        return {name: value for name, value in self.details.items() if name in names | found.keys()}


def as_typed(session: CourseSession) -> SimpleNamespace:
    """What the form shows of a session: its day and its hour, on this space's clock."""
    starts = local(session.starts_at)
    said = {name: getattr(session, name) for name in ("place", "trainer", "seats")}
    return SimpleNamespace(
        **said, module=str(session.module_id), day=starts.date(), time=starts.time().replace(second=0, microsecond=0)
    )


class ReasonForm(FlaskForm):
    """Why."""

    reason = Text(_l("Pourquoi ?"), longest=400, validators=[DataRequired(_l("Dites pourquoi, en une phrase."))])


class ExceptionForm(ReasonForm):
    """Let a mentor begin without a course, or without the hours, until a day."""

    what = SelectField(_l("Sans quoi ?"), validators=[InputRequired(TO_FILL)])
    until = DateField(_l("Jusqu'au"), validators=[DataRequired(_l("Indiquez une date qui existe."))])

    def validate_until(self, field: Field) -> None:
        if not today() <= field.data <= today() + timedelta(days=183):
            raise ValidationError(_("Choisissez une date d'ici six mois : une exception ne dure pas."))


class OutsideForm(FlaskForm):
    """Training followed elsewhere."""

    title = Line(_l("Formation suivie"), longest=160, validators=[DataRequired(TO_FILL)])
    organisation = Line(_l("Organisée par"), longest=160, validators=[DataRequired(TO_FILL)])
    done_on = DateField(_l("Terminée le"), validators=[DataRequired(_l("Indiquez une date qui existe."))])
    minutes = minutes_field(_l("Durée, en minutes"), most=6000)
    evidence = Text(
        _l("Ce qui le montre (attestation, programme, personne à joindre)"), longest=1000, validators=[DataRequired(TO_FILL)]
    )

    def validate_done_on(self, field: Field) -> None:
        if not date(1990, 1, 1) <= field.data <= today():
            raise ValidationError(_("Cette date est à venir, ou trop ancienne."))


class DecisionForm(FlaskForm):
    """Accept or refuse."""

    answer = RadioField(
        _l("Votre décision"),
        choices=options([("yes", _l("Cette formation compte")), ("no", _l("Elle ne compte pas"))]),
        validators=[InputRequired(TO_FILL)],
    )
    reason = Text(_l("Un mot d'explication"), longest=400)

    def validate_reason(self, field: Field) -> None:
        if self.answer.data == "no" and not field.data:
            raise ValidationError(_("Dites pourquoi : le mentor le lira."))


class MinimumForm(RowForm):
    """The training that a mentor has before any contact."""

    training_minutes = WholeNumber(
        _l("Minutes de formation avant tout contact"),
        validators=[InputRequired(WHOLE), NumberRange(0, 6000, _l("De 0 à 6000 minutes."))],
    )


class InterviewForm(FlaskForm):
    """An interview that took place."""

    minutes = minutes_field(_l("Durée, en minutes"))
    note = Text(_l("Ce que l'équipe en garde (le mentor ne le lit que dans une copie de son dossier)"), longest=1000)


class FileForm(FlaskForm):
    """A picture, a video, a sound or a PDF for modules."""

    file = FileField(_l("Fichier"), validators=[FileRequired(_l("Choisissez un fichier."))])
    name = Line(_l("Ce qu'il montre"), longest=120, validators=[DataRequired(TO_FILL)])
