"""The forms of a pair."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Self, cast
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import DateField, Field, Form, HiddenField, RadioField, SelectField, ValidationError
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from app.database import now
from app.fields import CHOOSE_ONE, DATE, TO_FILL, Line, Moment, Text, WholeNumber, lines_of, options
from app.late import RowForm
from app.tenants.resolve import current_tenant
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import today

from .actions import Plan
from .models import Pair
from .places import PlaceForm
from .words import CLOSURE_REASONS, CONTACT_RULES, DEATH, KINDS, REVIEWS, RHYTHMS

YES_NO = {"yes": _l("Oui"), "no": _l("Non")}
YES_NO_UNKNOWN = {**YES_NO, "unknown": _l("Je ne sais pas")}


class PlanForm(FlaskForm):
    """From when, for how long, how often, towards what."""

    starts_on = DateField(_l("Début"), validators=[DataRequired(DATE)])
    planned_months = WholeNumber(
        _l("Durée prévue, en mois"),
        validators=[
            InputRequired(_l("Indiquez un nombre de mois.")),
            NumberRange(1, 60, _l("De 1 à 60 mois.")),
        ],
    )
    rhythm = RadioField(
        _l("Rythme"), choices=options(RHYTHMS), default="fortnightly", validators=[InputRequired(_l("Choisissez un rythme."))]
    )
    objectives = Text(_l("Objectifs, un par ligne"), longest=1000)

    def validate_starts_on(self, field: Field) -> None:
        if abs(field.data - today()) > timedelta(days=183):
            raise ValidationError(_("Le début est à six mois d'aujourd'hui au plus."))

    @property
    def plan(self) -> Plan:
        """What was agreed."""
        return Plan(self.starts_on.data, self.planned_months.data, self.rhythm.data, lines_of(self.objectives.data))


class EditForm(RowForm, PlanForm):
    """What was agreed, set right; the day on which a pair began stays."""

    @classmethod
    def of(cls, row: Pair) -> Self:
        """The form of a pair, filled with what it says."""
        form = super().of(as_typed(row))
        if row.is_open:
            del form.starts_on
        return form

    @property
    def values(self) -> dict[str, Any]:
        """What the pair is to say; an objective is the same with a dash before it."""
        return {**super().values, "objectives": "\n".join(lines_of(self.objectives.data))}

    def changed(self, row: Pair) -> dict[str, Any] | None:
        """What was changed on the page; None where somebody else changed the same."""
        found = super().changed(as_typed(row))
        return found and {**found, **({"objectives": lines_of(found["objectives"])} if "objectives" in found else {})}


def as_typed(pair: Pair) -> SimpleNamespace:
    """What the form shows of a pair: its objectives are one text."""
    said = {name: getattr(pair, name) for name in ("starts_on", "planned_months", "rhythm")}
    return SimpleNamespace(**said, objectives="\n".join(pair.objectives))


class PairForm(PlanForm):
    """The same with whom."""

    mentee = SelectField(_l("Jeune"), validators=[InputRequired(_l("Choisissez une personne."))])
    mentor = SelectField(_l("Mentor"), validators=[InputRequired(_l("Choisissez une personne."))])
    why = Line(_l("Pourquoi ces deux personnes (facultatif)"), longest=200)


class PauseForm(FlaskForm):
    """Why, and until when if it is known."""

    reason = Line(_l("Pourquoi ?"), longest=200, validators=[DataRequired(TO_FILL)])
    back_on = DateField(_l("Reprise prévue (facultatif)"), validators=[Optional()])

    def validate_back_on(self, field: Field) -> None:
        if field.data and field.data <= today():
            raise ValidationError(_("Indiquez une date à venir."))


class FirstMeetingForm(PlaceForm):
    """The first meeting, with somebody of the team; the hour is the mentor's, as wherever the team plans for them."""

    starts_at = Moment(_l("Quand"))
    staff = SelectField(_l("Qui de l'équipe y participe"), validators=[InputRequired(_l("Choisissez quelqu'un de l'équipe."))])

    def __init__(self, zone: ZoneInfo, starts_at: str = "", place: str = "") -> None:
        """One that is planned already fills the form."""
        self.zone = zone
        planned: dict[str, Any] = {"place": place, "where_association": current_tenant.address}
        with suppress(ValueError):
            planned["starts_at"] = datetime.fromisoformat(starts_at)
        super().__init__(data=planned)
        if place and (planned.get("starts_at"), place) == (self.starts_at.data, self.place.data):
            self.leave_wheres_out()  # that meeting keeps its own

    @property
    def moment(self) -> datetime:
        """When it is."""
        return cast(datetime, self.starts_at.data).replace(tzinfo=self.zone)

    def validate_starts_at(self, _field: Field) -> None:
        if self.moment <= now():
            raise ValidationError(_("Choisissez un moment à venir. Une rencontre qui a eu lieu se note, elle ne se prévoit pas."))


class ReviewForm(FlaskForm):
    """What became of the objectives; one choice for each is added by the view."""

    note = Text(_l("Ce qu'on en retient (facultatif)"), longest=1000)
    objectives = Text(_l("Objectifs pour la suite, un par ligne"), longest=1000)
    seen = HiddenField()  # the objectives that the page shows: the answers are by rank


def review_form(objectives: list[str]) -> ReviewForm:
    """The form with one question for each objective; `is_seen` says whether they are those that were answered."""
    questions: dict[str, Any] = {
        f"goal_{rank}": RadioField(goal, choices=options(REVIEWS), validators=[InputRequired(CHOOSE_ONE)])
        for rank, goal in enumerate(objectives)
    }
    form: ReviewForm = type("ReviewOf", (ReviewForm,), questions)(data={"seen": "\n".join(objectives)})
    return form


CHOSEN_REASONS = {code: words for code, words in CLOSURE_REASONS.items() if code != DEATH}


class ClosingForm(FlaskForm):
    """How it ends, and why."""

    kind = RadioField(
        _l("Comment cela se termine ?"),
        choices=options({code: words[0] for code, words in KINDS.items()}),
        validators=[InputRequired(CHOOSE_ONE)],
    )
    reason = RadioField(_l("Pourquoi ?"), choices=options(CHOSEN_REASONS), validators=[InputRequired(_l("Choisissez une raison."))])


BEFORE_START = _l("Cette date est avant le début du binôme.")


class StepForm(Form):
    """A step of the closure: done on a day, or why not; with neither, it is to do."""

    done_on = DateField(_l("Fait le"), validators=[Optional()])
    why = Line(_l("Sinon, pour quelle raison ?"), longest=300)
    seen = HiddenField(filters=[Line.clean])  # what the page showed: a colleague may have noted something since

    def __init__(self, typed: Mapping[str, Any] | None, step: str, known: Mapping[str, str], since: date) -> None:
        self.since = since
        day, why = known.get("done_on", ""), known.get("why", "")
        done_on = date.fromisoformat(day) if day else None
        super().__init__(typed, prefix=step, data={"done_on": done_on, "why": why, "seen": self.written(day, why)})

    @staticmethod
    def written(day: str, why: str) -> str:
        """What is said of a step, in one word to compare."""
        return f"{day}|{why}" if day or why else ""

    @property
    def is_new(self) -> bool:
        """Whether something was noted, set right or taken away on this page."""
        day = self.done_on.data.isoformat() if self.done_on.data else ""
        return self.written(day, self.why.data or "") != (self.seen.data or "")

    def validate_done_on(self, field: Field) -> None:
        if field.data and field.data > today():
            raise ValidationError(_("Cette date est à venir : indiquez une date passée."))
        if field.data and field.data < min(self.since, today()):
            raise ValidationError(BEFORE_START)

    def validate_why(self, field: Field) -> None:
        if field.data and self.done_on.data:
            raise ValidationError(_("Indiquez la date, ou la raison : l'une des deux."))


class EndForm(FlaskForm):
    """The last answers of a closure."""

    closed_on = DateField(_l("Dernier jour"), validators=[DataRequired(DATE)])
    went_well = Text(_l("Ce qui s'est bien passé, et ce qui est à retenir (facultatif)"), longest=2000)
    contact_rule = RadioField(_l("Et après, entre eux ?"), choices=options(CONTACT_RULES), validators=[InputRequired(CHOOSE_ONE)])
    rematch_mentee = RadioField(
        _l("Le ou la jeune souhaite une autre personne pour l'accompagner ?"),
        choices=options(YES_NO_UNKNOWN),
        validators=[InputRequired(CHOOSE_ONE)],
    )
    rematch_mentor = RadioField(
        _l("Le mentor ou la mentore souhaite accompagner quelqu'un d'autre ?"),
        choices=options(YES_NO_UNKNOWN),
        validators=[InputRequired(CHOOSE_ONE)],
    )

    def validate_closed_on(self, field: Field) -> None:
        if field.data > today():
            raise ValidationError(_("Cette date est à venir : indiquez une date passée."))

    @property
    def answers(self) -> dict[str, Any]:
        return {
            "went_well": self.went_well.data or "",
            "contact_rule": self.contact_rule.data,
            "rematch_mentee": {"yes": True, "no": False}.get(self.rematch_mentee.data),
            "rematch_mentor": {"yes": True, "no": False}.get(self.rematch_mentor.data),
        }


class CoordinatorForm(FlaskForm):
    """Who follows the pair from now on."""

    staff = SelectField(_l("Suivi par"), validators=[InputRequired(_l("Choisissez quelqu'un de l'équipe."))])


class ReasonForm(FlaskForm):
    """Why something is set aside, refused or given up."""

    reason = Line(_l("Pourquoi ?"), longest=300, validators=[DataRequired(TO_FILL)])


class AnswerForm(FlaskForm):
    """Interested or not, with a word if one likes."""

    answer = RadioField(
        _l("Votre réponse"),
        choices=options({"yes": _l("Oui, je veux bien"), "no": _l("Non merci")}),
        validators=[InputRequired(CHOOSE_ONE)],
    )
    word = Line(_l("Un mot pour l'association (facultatif)"), longest=300)
