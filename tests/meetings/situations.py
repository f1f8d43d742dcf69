"""What the tests of meetings are about: what a person types, moments of the year 2027, and where pages stand."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import time_machine
from sqlalchemy import select

from app.extensions import db
from app.meetings.models import Meeting
from app.pairs.models import Pair
from tests import factories

SPACE = "/a/passerelle"
PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2027, 3, 10, 11, tzinfo=UTC)  # a Wednesday, noon in Paris
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
VIDEO = "https://visio.example.org/x"


STREET = "12 rue de la Paix"


def spot(place="remote", where=None):
    """A kind of place, and what is typed in its field: of itself a link for a call, nothing at home, an address elsewhere."""
    usual = {"remote": VIDEO, "home": ""}
    return {"place": place, f"where_{place}": usual.get(place, STREET) if where is None else where}


def typed(day, hour="17:30", place="remote", where=None, **changes):
    """What a mentor types to plan a meeting, or to move one."""
    return {"day": day.isoformat(), "time": hour, "length": "60", **spot(place, where), **changes}


def soon(days=3):
    """A day of Paris, so many days after today."""
    return factories.today() + timedelta(days=days)


def at(moment):
    """A block in which it is that moment, and time stands still."""
    return time_machine.travel(moment, tick=False)


def on_clock(zone, day, hour="17:30"):
    """The moment of an hour of a day on a clock."""
    return datetime.combine(day, time.fromisoformat(hour), tzinfo=ZoneInfo(zone)).astimezone(UTC)


OVER = "Cette date est passée : choisissez-en une à venir, ou notez la séance qui a eu lieu."


def noted(pair):
    """Where a mentor notes what nobody had planned."""
    return f"{SPACE}/binomes/{pair.id}/seances/nouvelle"


def plan_path(pair):
    return f"{SPACE}/binomes/{pair.id}/rendez-vous/nouveau"


def path(meeting, page=""):
    """One of the pages of a meeting."""
    return f"{SPACE}/rendez-vous/{meeting.id}{page}"


def stored(*pairs):
    """The meetings of these pairs, the soonest first."""
    rows = select(Meeting).where(Meeting.pair_id.in_([pair.id for pair in pairs]))
    return list(db.session.scalars(rows.order_by(Meeting.starts_at, Meeting.id)))


def since_long(pair):
    """The pair began years ago, whatever moment a test travels to."""
    db.session.get(Pair, (pair.tenant_id, pair.id)).starts_on = factories.LONG_AGO


def a_meeting(pair, days=-7, state="planned", **changes):
    """A meeting of a pair that another block may have read."""
    return factories.meeting(db.session.get(Pair, (pair.tenant_id, pair.id)), days, state, **changes)


def brother(association, pair, first_name="Rayan", **changes):
    """Another jeune of the same mentor."""
    mentor = db.session.get(Pair, (pair.tenant_id, pair.id)).mentor
    mentor.capacity = 5
    db.session.flush()
    return factories.pair(mentor, factories.mentee(association, first_name=first_name), **changes)


def plain(text):
    """A text with single spaces, the no-break ones too."""
    return " ".join(text.split())
