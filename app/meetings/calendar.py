"""A meeting as a calendar file (RFC 5545)."""

from icalendar import Calendar, Event

from app.leads.words import PLACES
from app.tenants.models import Tenant

from .models import Meeting, MeetingState


def as_calendar(meeting: Meeting, tenant: Tenant, with_whom: str, url: str) -> bytes:
    """One event: when, where, with whose first name. Never a note, a subject or a family name."""
    event = Event()
    event.add("uid", f"{meeting.id}@{tenant.slug}.binome")
    event.add("dtstamp", meeting.updated_at)
    event.add("dtstart", meeting.starts_at)
    event.add("dtend", meeting.ends_at)
    event.add("sequence", meeting.sequence)
    event.add("summary", f"Mentorat avec {with_whom}")
    event.add("location", meeting.where or str(PLACES[meeting.place]))
    event.add("url", url)
    event.add("status", "CANCELLED" if meeting.state == MeetingState.CANCELLED else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//Binome//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
