"""What calendar programs read: events (RFC 5545), and the invitations that keep them up to date (RFC 5546).

An event keeps its UID; each change counts SEQUENCE up.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import current_app
from icalendar import Calendar, Event, vCalAddress

from .database import now
from .tenants.resolve import current_tenant


def event(row_id: UUID, starts_at: datetime, minutes: int, zone: ZoneInfo, sequence: int, is_off: bool) -> Event:
    """One event of this space, on a clock; what it is about, and where, is added by who knows."""
    made = Event()
    made.add("uid", f"{row_id}@{current_tenant.slug}.binome")
    made.add("dtstamp", now())
    made.add("dtstart", starts_at.astimezone(zone))
    made.add("dtend", (starts_at + timedelta(minutes=minutes)).astimezone(zone))
    made.add("sequence", sequence)
    made.add("status", "CANCELLED" if is_off else "CONFIRMED")
    return made


def invitation(made: Event, address: str, name: str, method: str) -> str:
    """For a letter to one person: REQUEST adds or moves the event in their calendar, CANCEL takes it away."""
    organizer = vCalAddress(f"mailto:{current_tenant.email or current_app.config['BINOME'].mail_sender}")
    attendee = vCalAddress(f"mailto:{address}")
    organizer.params["cn"], attendee.params["cn"] = current_tenant.name, name
    attendee.params["partstat"], attendee.params["rsvp"] = "ACCEPTED", "FALSE"
    made.add("organizer", organizer)
    made.add("attendee", attendee)
    return calendar_of([made], method).decode()


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
    for made in events:
        calendar.add_component(made)
    if years := {made.DTSTART.year for made in calendar.events}:  # each change of hour from 1970 to 2038 would be written else
        calendar.add_missing_timezones(date(min(years) - 1, 1, 1), date(max(years) + 2, 1, 1))
    return bytes(calendar.to_ical())
