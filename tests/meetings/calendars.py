"""Calendars as two independent programs read them: both must find the same meetings, at the same moments."""

from dataclasses import dataclass
from datetime import UTC, datetime

from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar


@dataclass(frozen=True)
class Seen:
    """A meeting in a calendar."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    sequence: int
    status: str
    summary: str
    location: str


def read(content):
    """The method and the meetings that both readers find in a calendar, the soonest first."""
    text = content.decode() if isinstance(content, bytes) else content
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n")), "a line of over 75 bytes (RFC 5545, 3.1)"
    first, second = by_icalendar(text), by_ical(text)
    assert first == second
    return first


def by_icalendar(text):
    """As the library that also writes them reads them."""
    calendar = Calendar.from_ical(text)
    events = [
        Seen(
            str(event["UID"]), utc(event.decoded("DTSTART")), utc(event.decoded("DTEND")), int(event["SEQUENCE"]),
            str(event["STATUS"]), str(event["SUMMARY"]), str(event["LOCATION"]),
        )
        for event in calendar.walk("VEVENT")
    ]  # fmt: skip
    return str(calendar["METHOD"]), sorted(events, key=lambda event: (event.starts_at, event.uid))


def by_ical(text):
    """As Home Assistant reads them."""
    calendar = IcsCalendarStream.calendar_from_ics(text)
    events = [
        Seen(
            event.uid, utc(event.dtstart), utc(event.dtend), event.sequence, event.status.value, event.summary, event.location
        )
        for event in calendar.events
    ]  # fmt: skip
    return calendar.method, sorted(events, key=lambda event: (event.starts_at, event.uid))


def utc(moment):
    return moment.astimezone(UTC)
