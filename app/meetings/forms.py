"""The forms of a meeting: planning, moving, logging, confirming, proposing times."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, Field, HiddenField, RadioField, TimeField, ValidationError
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from app.fields import (
    CHOOSE_ONE,
    Choices,
    Line,
    MayBeEmpty,
    Text,
    WholeNumber,
    check_year,
    options,
)
from app.leads.words import PLACES
from app.pairs.models import Pair
from app.pairs.places import PlaceForm, check_word
from app.territory.zones import holidays_known_until
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import iso_day, today

from .actions import Spot
from .logs import Account
from .models import LATE_BY, Meeting, MeetingState
from .recurrence import at, occurrences

LENGTHS = [("30", "30 min"), ("45", "45 min"), ("60", "1 h"), ("90", "1 h 30"), ("120", "2 h")]
OTHER = ("other", _l("Autre"))
SUBJECTS = {
    "orientation": _l("Orientation"),
    "lessons": _l("Cours"),
    "cv": _l("CV"),
    "interview": _l("Entretien"),
    "confidence": _l("Confiance"),
    "outing": _l("Sortie"),
}
OUTCOMES = [("held", _l("Oui")), ("missed", _l("Non")), ("cancelled", _l("Annulée"))]
EVENTS = {  # of a meeting's history
    "planned": _l("Prévu"),
    "moved": _l("Déplacé"),
    "cancelled": _l("Annulé"),
    "late": _l("Retard annoncé"),
    "logged": _l("Noté"),
    "corrected": _l("Corrigé"),
    "removed": _l("Retirée, notée en double"),
    "attended": _l("Quelqu'un de l'équipe y sera"),
}
RHYTHMS = [
    ("0", _l("Une fois")),
    ("1", _l("Chaque semaine")),
    ("2", _l("Toutes les 2 semaines")),
    ("4", _l("Toutes les 4 semaines")),
]
HARD = 1  # the face of a meeting that went badly
FACES = {4: _l("Très bien"), 3: _l("Bien"), 2: _l("Moyen"), HARD: _l("Mal")}
OFFERED = 5  # times in an offer, at most


def spot_of(form: PlaceForm) -> Spot:
    """How long and where."""
    return Spot(int(form["length"].data), form.place.data, form.where)


def show_spot(form: FlaskForm, place: str, where: str, minutes: int) -> None:
    """Begin a form with a place, an address where it asks for one, and a length."""
    if isinstance(form, PlaceForm):
        form.show_place(place, where)
    else:
        form.place.data = place
    known = str(minutes) in dict(LENGTHS)
    form.length.data = str(minutes) if known else "other" if "other_minutes" in form else "60"
    if not known and "other_minutes" in form:
        form.other_minutes.data = minutes


class SpotForm(PlaceForm):
    """When, how long, where; a second time when something else is planned at that moment."""

    day = DateField(_l("Date"), validators=[DataRequired(_l("Indiquez une date qui existe."))])
    time = TimeField(_l("Heure"), validators=[DataRequired(_l("Indiquez une heure."))])
    length = RadioField(
        _l("Durée"), choices=options(LENGTHS), default="60", validators=[InputRequired(_l("Choisissez une durée."))]
    )
    anyway = BooleanField(_l("Garder les deux"))

    def validate_day(self, field: Field) -> None:
        if abs(field.data - today()) > timedelta(days=366):
            raise ValidationError(_("Cette date est à plus d'un an d'aujourd'hui : vérifiez l'année."))

    def starts_at(self, zone: ZoneInfo) -> datetime:
        """The moment that was typed on somebody's clock, in UTC like every moment that is kept."""
        return at(self.day.data, self.time.data, zone)

    @property
    def spot(self) -> Spot:
        """How long and where."""
        return spot_of(self)


class PlanForm(SpotForm):
    """The same, once or again and again, with one jeune or with brothers and sisters at once. `is_over`: it would have ended."""

    is_over = False
    every = RadioField(_l("Combien de fois"), choices=options(RHYTHMS), default="0", validators=[MayBeEmpty()])
    until = DateField(_l("Jusqu'au"), validators=[Optional()])
    skip = BooleanField(_l("Sauter les vacances scolaires"))
    also = Choices(_l("Aussi, au même moment, avec"))

    def validate(self, extra_validators: object = None) -> bool:
        """A series has an end."""
        valid = bool(super().validate(extra_validators))
        if valid and self.every.data not in {None, "0"} and self.until.data is None:
            self.until.errors = [_("Indiquez jusqu'à quand.")]
            return False
        return valid

    def validate_until(self, field: Field) -> None:
        if self.every.data in {None, "0"} or not self.day.data or field.data is None:
            return
        if not self.day.data <= field.data <= self.day.data + timedelta(days=366):
            raise ValidationError(_("Choisissez une date après la première, et dans l'année qui suit."))
        known = holidays_known_until()
        if self.skip.data and field.data > known:
            raise ValidationError(_("Les vacances scolaires ne sont connues que jusqu'au %(day)s.", day=iso_day(known.isoformat())))

    def starts(self, zone: ZoneInfo, school: str | None) -> list[datetime]:
        """All the moments; none when every one of them is in school holidays."""
        first = datetime.combine(self.day.data, self.time.data, tzinfo=zone)
        if self.every.data in {None, "0"}:
            return [self.starts_at(zone)]
        return occurrences(first, int(self.every.data), self.until.data, school if self.skip.data else None)


class MoveForm(SpotForm):
    """Another time or place, and a word for the other one."""

    word = Line(_l("Un mot pour expliquer (facultatif)"), longest=200, validators=[check_word])

    def fill(self, meeting: Meeting, zone: ZoneInfo) -> None:
        """Show the meeting as it is planned, on somebody's clock."""
        here = meeting.starts_at.astimezone(zone)
        self.day.data, self.time.data, self.length.data = here.date(), here.time(), str(meeting.minutes)
        self.show_place(meeting.place, meeting.where)


class RedateForm(FlaskForm):
    """When it really was."""

    day = DateField(_l("Date"), validators=[DataRequired(_l("Indiquez la date de la séance."))])
    time = TimeField(_l("Heure"), validators=[DataRequired(_l("Indiquez une heure."))])

    def validate_day(self, field: Field) -> None:
        if not 2000 <= field.data.year <= today().year:
            raise ValidationError(_("Indiquez une date passée."))


class LogForm(FlaskForm):
    """How it went: two taps are enough."""

    outcome = RadioField(_l("La séance a-t-elle eu lieu ?"), choices=options(OUTCOMES), validators=[InputRequired(CHOOSE_ONE)])
    length = RadioField(_l("Combien de temps ?"), choices=options([*LENGTHS, OTHER]), validators=[MayBeEmpty()])
    other_minutes = WholeNumber(_l("Combien de minutes ?"), validators=[Optional(), NumberRange(5, 600, _l("De 5 à 600 minutes."))])
    subjects = Choices(_l("De quoi avez-vous parlé ?"), choices=options(SUBJECTS))
    place = RadioField(_l("Où ?"), choices=options(PLACES), validators=[MayBeEmpty()])
    also = Choices(_l("Qui d'autre était là ?"))
    note = Text(_l("Un mot pour l'association (facultatif)"), longest=2000)
    anyway = BooleanField(_l("Ce sont bien deux séances différentes"))
    shown = HiddenField()  # when what the page shows was said

    def validate(self, extra_validators: object = None) -> bool:
        """When it was held, a length is needed."""
        valid = bool(super().validate(extra_validators))
        if valid and self.outcome.data == MeetingState.HELD and self.minutes is None:
            self.length.errors = [_("Indiquez combien de temps elle a duré.")]
            return False
        return valid

    @property
    def minutes(self) -> int | None:
        """The minutes that were chosen or typed."""
        if self.length.data and self.length.data != "other":
            return int(self.length.data)
        return cast(int | None, self.other_minutes.data)

    @property
    def account(self) -> Account:
        """How it went."""
        return Account(
            MeetingState(self.outcome.data),
            self.minutes or 60,
            self.subjects.data or [],
            self.note.data or None,
            self.place.data or None,
        )

    def fill(self, meeting: Meeting) -> None:
        """What is already known: the length that was planned, or what was logged before."""
        lengths = {choice.value for choice in self.length.choices}
        known = str(meeting.minutes)
        self.length.data = known if known in lengths else "other"
        self.other_minutes.data = None if known in lengths else meeting.minutes
        self.outcome.data = "held" if meeting.is_planned else meeting.state
        self.subjects.data, self.note.data, self.place.data = meeting.subjects, meeting.note, meeting.place
        self.shown.data = said_when(meeting)

    def is_late(self, meeting: Meeting) -> bool:
        """Whether somebody said how it went since the page was shown."""
        return self.shown.data not in {None, "", said_when(meeting)}


def said_when(meeting: Meeting) -> str:
    """What tells one account of a meeting from the next."""
    return f"{meeting.logged_at or 0} {meeting.state}"


class UnplannedForm(LogForm):
    """The same for a meeting that nobody had planned; `planned` is one of that day, when it may be the same."""

    planned: Meeting | None = None
    day = DateField(_l("Date"), validators=[DataRequired(_l("Indiquez une date qui existe.")), check_year])
    time = TimeField(_l("Heure"), validators=[DataRequired(_l("Indiquez une heure."))])


def month_form(meetings: Iterable[Meeting]) -> FlaskForm:
    """A whole month on one page: for each meeting, whether it was held and how long."""
    fields: dict[str, Any] = {}
    for meeting in meetings:
        held = [("", _l("Plus tard")), *OUTCOMES]
        fields[f"outcome_{meeting.id}"] = RadioField(
            _l("A eu lieu ?"), choices=options(held), default="" if meeting.is_planned else meeting.state, validators=[MayBeEmpty()]
        )
        fields[f"minutes_{meeting.id}"] = WholeNumber(
            _l("Minutes"), default=meeting.minutes, validators=[Optional(), NumberRange(5, 600, _l("De 5 à 600 minutes."))]
        )
        fields[f"shown_{meeting.id}"] = HiddenField(default=said_in_month(meeting))
    return type("MonthForm", (FlaskForm,), fields)()


def said_in_month(meeting: Meeting) -> str:
    """What the page of a month shows of a meeting."""
    return f"{'' if meeting.is_planned else meeting.state} {meeting.minutes}"


class ConfirmationForm(FlaskForm):
    """One tap: it took place, with or without how it felt, or it did not."""

    answer = RadioField(
        choices=options([*((f"face{face}", word) for face, word in FACES.items()), ("yes", _l("Oui")), ("no", _l("Non"))]),
        validators=[InputRequired(CHOOSE_ONE)],
    )

    @property
    def was_held(self) -> bool:
        return bool(self.answer.data != "no")

    @property
    def face(self) -> int | None:
        """From 1 to 4."""
        return int(self.answer.data[4:]) if self.answer.data.startswith("face") else None


class CancelForm(FlaskForm):
    """A word for the other one."""

    word = Line(_l("Un mot pour expliquer (facultatif)"), longest=200, validators=[check_word])
    rest = BooleanField(_l("Annuler aussi les suivants de la même série"))


class LateForm(FlaskForm):
    """How many minutes late one of the two will be: the button that was pressed."""

    minutes = RadioField(choices=options({str(minutes): minutes for minutes in LATE_BY}), validators=[InputRequired(CHOOSE_ONE)])


class TurnDownForm(FlaskForm):
    """A word with a refusal."""

    word = Line(_l("Un mot (facultatif)"), longest=200, validators=[check_word])


def _slot() -> tuple[DateField, TimeField]:
    return (DateField(_l("Date"), validators=[Optional()]), TimeField(_l("Heure"), validators=[Optional()]))


class OfferForm(PlaceForm):
    """Up to five times, how long and where, and a word."""

    length = SpotForm.length
    word = Line(_l("Un mot (facultatif)"), longest=200, validators=[check_word])
    day0, time0 = _slot()
    day1, time1 = _slot()
    day2, time2 = _slot()
    day3, time3 = _slot()
    day4, time4 = _slot()

    def slots(self) -> Sequence[tuple[Field, Field]]:
        """Each date with its hour."""
        return [(self[f"day{rank}"], self[f"time{rank}"]) for rank in range(OFFERED)]

    def validate(self, extra_validators: object = None) -> bool:
        """A date goes with an hour, within a year."""
        valid = bool(super().validate(extra_validators))
        for day, time in self.slots():
            if bool(day.data) != (time.data is not None):
                day.errors, valid = [_("Donnez la date et l'heure.")], False
            elif day.data and abs(day.data - today()) > timedelta(days=366):
                day.errors, valid = [_("Cette date est à plus d'un an d'aujourd'hui : vérifiez l'année.")], False
        return valid

    @property
    def spot(self) -> Spot:
        """How long and where."""
        return spot_of(self)

    @property
    def has_times(self) -> bool:
        """Whether a moment is proposed; else another one is only asked for."""
        return any(day.data for day, _time in self.slots())

    def starts(self, zone: ZoneInfo) -> list[datetime]:
        """The moments, in UTC."""
        return [at(day.data, time.data, zone) for day, time in self.slots() if day.data]


def others(pairs: Iterable[Pair], pair: Pair) -> list[tuple[str, str]]:
    """The mentor's other jeunes, to be met at the same time."""
    return [(str(other.id), other.mentee.first_name) for other in pairs if other.id != pair.id and other.may_meet]
