"""How an association plans and reminds, on sensible defaults."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from flask import g

from app.tenants.choices import in_force, put_in_force

from .notice_models import MeetingSettings


@dataclass(frozen=True)
class Choices:
    """Where video meetings take place; which reminders are sent; on which day of the month; after how many days of silence."""

    video_server: str = ""
    two_days: bool = True
    two_hours: bool = True
    evening: bool = True
    month_end: bool = True
    month_day: int = 25
    silence: bool = True
    silent_days: int = 35


def settings() -> Choices:
    """Those in force, read once in a request."""
    if "meeting_choices" not in g:
        g.meeting_choices = Choices(**in_force(MeetingSettings))
    chosen: Choices = g.meeting_choices
    return chosen


def choose(by: UUID, **changes: Any) -> Choices:
    """Put other choices in force; the same again make no version."""
    put_in_force(MeetingSettings, asdict(Choices()), by, **changes)
    g.pop("meeting_choices", None)
    return settings()
