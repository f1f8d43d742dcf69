"""The forms of an application: interview, reference, decision."""

from types import SimpleNamespace
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, Field, HiddenField, RadioField, ValidationError
from wtforms.validators import DataRequired, InputRequired

from app.fields import CHOOSE_ONE, DATE, TO_FILL, Choices, Line, Moment, Text, email, lines_of, options, person_name
from app.late import RowForm
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import today

from .words import ADVICE, COLOURS


class PlanInterviewForm(FlaskForm):
    planned_at = Moment(_l("Quand"))
    place = Line(_l("Où, ou comment"), longest=200, validators=[DataRequired(TO_FILL)])


class InterviewForm(RowForm):
    """What was said; one line for each question of the grid is added by the view. Two may note the same interview."""

    grid = HiddenField()  # which questions the page showed
    held_on = DateField(_l("Entretien fait le"), validators=[DataRequired(DATE)])
    colour = RadioField(_l("Ce que vous en retenez"), choices=options(COLOURS), validators=[InputRequired(CHOOSE_ONE)])
    summary = Text(_l("En deux phrases"), longest=1000)

    def validate_held_on(self, field: Field) -> None:
        if field.data > today():
            raise ValidationError(_("Cette date est à venir : indiquez une date passée."))


def interview_form(questions: list[str], said: SimpleNamespace) -> InterviewForm:
    """The form with a note for each question, filled with what is noted."""
    notes: dict[str, Any] = {f"note_{rank}": Text(question, longest=1000) for rank, question in enumerate(questions)}
    form: type[InterviewForm] = type("InterviewOf", (InterviewForm,), notes)
    return form.of(said)


class ReferenceForm(FlaskForm):
    """Whom to ask."""

    name = Line(_l("Prénom et nom"), validators=[DataRequired(TO_FILL), person_name])
    email = Line(_l("Adresse e-mail"), longest=254, validators=[DataRequired(TO_FILL), email])
    relation = Line(_l("Lien avec la personne"), longest=120, validators=[DataRequired(TO_FILL)])


class ReferenceAnswerForm(FlaskForm):
    """What somebody thinks of the person."""

    known_for = Line(
        _l("Depuis quand, et dans quel cadre, connaissez-vous cette personne ?"), longest=300, validators=[DataRequired(TO_FILL)]
    )
    advice = RadioField(
        _l("Lui confieriez-vous l'accompagnement d'un ou une jeune ?"),
        choices=options(ADVICE),
        validators=[InputRequired(CHOOSE_ONE)],
    )
    note = Text(_l("Ce que l'association devrait savoir (facultatif)"), longest=1000)


class DecisionForm(FlaskForm):
    """Yes or no, by the written criteria."""

    criteria = Choices(_l("Critères remplis"))
    outcome = RadioField(
        _l("Décision"), choices=options({"yes": _l("Accepter"), "no": _l("Refuser")}), validators=[InputRequired(CHOOSE_ONE)]
    )
    reason = Text(_l("Pourquoi (obligatoire pour un refus ; le mentor ne le lit que dans une copie de son dossier)"), longest=1000)

    def validate_reason(self, field: Field) -> None:
        if self.outcome.data == "no" and not field.data:
            raise ValidationError(_("Un refus se motive, pour l'équipe."))


class GridForm(RowForm):
    """Questions and criteria, one per line."""

    questions = Text(_l("Questions, une par ligne"), longest=6000, validators=[DataRequired(TO_FILL)])
    criteria = Text(_l("Critères de décision, un par ligne"), longest=3000, validators=[DataRequired(TO_FILL)])

    def validate_questions(self, field: Field) -> None:
        if not lines_of(field.data):
            raise ValidationError(TO_FILL)

    def validate_criteria(self, field: Field) -> None:
        if not lines_of(field.data):
            raise ValidationError(TO_FILL)
