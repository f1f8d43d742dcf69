"""Meetings as calendars read them (RFC 5545), and the invitations that keep those up to date (RFC 5546).

A meeting keeps its UID; each change counts SEQUENCE up. What is said: when, where, with whose first name. Never
a note, a subject or a family name.
"""

from collections.abc import Iterable
from datetime import timedelta

from flask import current_app
from icalendar import Calendar, Event, vCalAddress

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
    zone, event = clock_of(reader.departement_code), Event()
    is_off = meeting.is_called_off if cancelled is None else cancelled
    minutes, place = meeting.as_planned if reader is meeting.pair.mentee else (meeting.minutes, meeting.place)
    event.add("uid", f"{meeting.id}@{current_tenant.slug}.binome")
    event.add("dtstamp", now())
    event.add("last-modified", meeting.updated_at or now())
    event.add("dtstart", meeting.starts_at.astimezone(zone))
    event.add("dtend", (meeting.starts_at + timedelta(minutes=minutes)).astimezone(zone))
    event.add("sequence", meeting.sequence)
    event.add("summary", f"Mentorat avec {other.first_name}")
    event.add("location", meeting.where or str(PLACES[place]))
    event.add("url", space_link("meetings.show", meeting_id=meeting.id))
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    return event


def invitation(meeting: Meeting, reader: Mentor | Mentee, method: str) -> str:
    """For a letter to one of the two: REQUEST adds or moves the meeting in their calendar, CANCEL takes it away."""
    event = event_of(meeting, reader, method == "CANCEL")
    organizer = vCalAddress(f"mailto:{current_tenant.email or current_app.config['BINOME'].mail_sender}")
    attendee = vCalAddress(f"mailto:{reader.email}")
    organizer.params["cn"], attendee.params["cn"] = current_tenant.name, reader.first_name
    attendee.params["partstat"], attendee.params["rsvp"] = "ACCEPTED", "FALSE"
    event.add("organizer", organizer)
    event.add("attendee", attendee)
    return calendar_of([event], method).decode()


def feed(meetings: Iterable[Meeting], reader: Mentor | Mentee) -> bytes:
    """Everything that somebody may see of their meetings, for a calendar program that reads it again every few hours."""
    return calendar_of([event_of(meeting, reader) for meeting in meetings], "PUBLISH", f"Mentorat, {current_tenant.name}")


def calendar_of(events: Iterable[Event], method: str, name: str = "") -> bytes:
    """A whole calendar, with the clocks that its hours are on."""
    calendar = Calendar()
    calendar.add("prodid", "-//Binome//FR")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if name:
        calendar.add("name", name)
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", timedelta(hours=4), parameters={"value": "DURATION"})
    for event in events:
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
