"""The team's meetings, to come or still to be noted: what narrows their list, and what is taken away as a file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, Select

from app.database import now
from app.extensions import db
from app.fields import french_phone
from app.leads.words import PLACES
from app.pairs.lists import asked_follower, of_follower
from app.pairs.queries import named
from app.people.lists import MOST_TAKEN
from app.periods import within
from app.translation import gettext as _
from app.translation import lazy_gettext as _l
from app.web import local

from .forms import SUBJECTS
from .models import Meeting, MeetingState
from .queries import held_or_not, of_team

SAID = {"held": _l("Tenue"), "missed": _l("N'a pas eu lieu"), "cancelled": _l("Annulée"), "planned": _l("Prévue")}
SPANS = (1, 7, 31)  # days


@dataclass(frozen=True)
class Filters:
    """What narrows the list; each is empty when it does not."""

    typed: str
    follower: str  # as app.pairs.lists.of_follower takes it
    days: int  # from now, or back from now; 0 for all

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Self:
        """Those of a query string; what is unknown narrows nothing."""
        days = {str(span): span for span in SPANS}
        return cls(asked.get("q", "")[:80], asked_follower(asked), days.get(asked.get("jours", ""), 0))

    def kept(self) -> dict[str, str]:
        """The same as a query string, without what narrows nothing."""
        named = {"q": self.typed, "suivi": self.follower, "jours": str(self.days or "")}
        return {name: value for name, value in named.items() if value}


def upcoming(filters: Filters) -> Select[Meeting]:
    """The association's meetings to come, the nearest first."""
    until = [Meeting.starts_at < now() + timedelta(days=filters.days)] if filters.days else []
    return narrowed(filters, Meeting.starts_at >= now(), *until).order_by(Meeting.starts_at, Meeting.id)


def to_log(filters: Filters) -> Select[Meeting]:
    """Those that are past and that nobody has logged, the latest first."""
    since = [Meeting.starts_at >= now() - timedelta(days=filters.days)] if filters.days else []
    return narrowed(filters, Meeting.starts_at < now(), *since).order_by(Meeting.starts_at.desc(), Meeting.id)


def narrowed(filters: Filters, *where: ColumnElement[bool]) -> Select[Meeting]:
    return named(of_team(*where, *of_follower(filters.follower)), filters.typed)


def of_whom() -> list[str]:
    """The first titles of both files."""
    return [_("Date"), _("Heure"), _("Nom du jeune"), _("Prénom du jeune"), _("Nom du mentor"), _("Prénom du mentor")]


def said_of(meeting: Meeting) -> list[Any]:
    """The cells under them; the hour is the space's."""
    here, mentee, mentor = local(meeting.starts_at), meeting.pair.mentee, meeting.pair.mentor
    return [here.date(), f"{here:%H:%M}", mentee.last_name, mentee.first_name, mentor.last_name, mentor.first_name]


def file_rows(meetings: Select[Meeting]) -> Iterator[list[Any]]:
    """A list as a table to take away, ten thousand rows at most: when, where, and whom to call."""
    yield [
        *of_whom(), _("Téléphone du jeune"), _("Téléphone du mentor"), _("Minutes prévues"), _("Lieu"), _("Adresse ou lien"),
        _("Suivi par"),
    ]  # fmt: skip
    for meeting in db.session.scalars(meetings.limit(MOST_TAKEN)):
        pair = meeting.pair
        yield [
            *said_of(meeting), french_phone(pair.mentee.phone), french_phone(pair.mentor.phone), meeting.minutes,
            str(PLACES[meeting.place]), meeting.where, pair.coordinator.full_name if pair.coordinator else "",
        ]  # fmt: skip


def session_rows(since: date, until: date, named: bool = True) -> Iterator[list[Any]]:
    """Every meeting of a period, the oldest first, ten thousand rows at most: nothing that was said.

    Without names, a pair is the same code in every file, and nobody who has not this site can tell whose it is.
    """
    who = [*of_whom(), _("Suivi par")] if named else [_("Date"), _("Heure"), _("Binôme")]
    yield [*who, _("Minutes"), _("Lieu"), _("Où cela en est"), _("Sujets")]
    rows = held_or_not(within(Meeting.starts_at, since, until)).order_by(Meeting.starts_at, Meeting.id).limit(MOST_TAKEN)
    for meeting in db.session.scalars(rows):
        day, hour, *names = said_of(meeting)
        coordinator = meeting.pair.coordinator
        who = [*names, coordinator.full_name if coordinator else ""] if named else [meeting.pair_id.hex[-8:].upper()]
        yield [
            day, hour, *who, meeting.minutes if meeting.state == MeetingState.HELD else "", str(PLACES[meeting.place]),
            str(SAID[meeting.state]), ", ".join(str(SUBJECTS[code]) for code in meeting.subjects if code in SUBJECTS),
        ]  # fmt: skip
