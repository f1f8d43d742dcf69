"""Meetings as calendars read them: when, where, with whose first name. Never a note, a subject or a family name."""

from collections.abc import Iterable

from icalendar import Event

from app import calendars
from app.database import now
from app.leads.words import PLACES
from app.people.letters import space_link
from app.people.models import Mentee, Mentor
from app.tenants.resolve import current_tenant
from app.territory.zones import clock_of

from .models import Meeting


def event_of(meeting: Meeting, reader: Mentor | Mentee, cancelled: bool | None = None) -> Event:
    """One meeting for one of the two, on their own clock."""
    other = meeting.pair.mentee if reader is meeting.pair.mentor else meeting.pair.mentor
    is_off = meeting.is_called_off if cancelled is None else cancelled
    minutes, place = meeting.as_planned if reader is meeting.pair.mentee else (meeting.minutes, meeting.place)
    event = calendars.event(meeting.id, meeting.starts_at, minutes, clock_of(reader.departement_code), meeting.sequence, is_off)
    event.add("last-modified", meeting.updated_at or now())
    event.add("summary", f"Mentorat avec {other.first_name}")
    goes_there = meeting.where and not is_off and meeting.pair.is_open  # called off, nobody does; over, nobody is to
    event.add("location", meeting.where if goes_there else str(PLACES[place]))
    event.add("url", space_link("meetings.show", meeting_id=meeting.id))
    return event


def invitation(meeting: Meeting, reader: Mentor | Mentee, method: str) -> str:
    """For a letter to one of the two, who has an address: REQUEST adds or moves the meeting, CANCEL takes it away."""
    event = event_of(meeting, reader, method == "CANCEL")
    return calendars.invitation(event, reader.email or "", reader.first_name, method)


def feed(meetings: Iterable[Meeting], reader: Mentor | Mentee) -> bytes:
    """Everything that somebody may see of their meetings, for a calendar program that reads it again every few hours."""
    events = [event_of(meeting, reader) for meeting in meetings]
    return calendars.calendar_of(events, "PUBLISH", f"Mentorat, {current_tenant.name}")
