"""What the tests of follow-up are about: where pages stand, contacts and messages of some days ago, moments that stand still."""

from contextlib import nullcontext
from datetime import datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import time_machine

from app.database import now
from app.extensions import db
from app.followup import threads
from app.followup.models import Contact
from app.followup.threads import Written, write
from app.meetings.logs import Account
from app.meetings.models import MeetingState

SPACE = "/a/passerelle"
HOME = f"{SPACE}/"
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
HELD, MISSED = Account(MeetingState.HELD, 60), Account(MeetingState.MISSED, 60)
number = count(1)


def at(moment):
    """A block in which it is that moment, and time stands still; now, without one."""
    return time_machine.travel(moment, tick=False) if moment else nullcontext()


def situation(tenant, row):
    """The same row, as it is now in the space that is open."""
    return db.session.get(type(row), (tenant.id, row.id), populate_existing=True)


def pair_path(pair, page=""):
    """One of the pages of a pair."""
    return f"{SPACE}/binomes/{pair.id}{page}"


def contact(pair, by, side="mentor", held_at=None, reached=True, **changes):
    """The team spoke with one side of a pair, just now unless said otherwise."""
    values = {"how": "phone", "minutes": 10 if reached else 0, "user_id": by}
    row = Contact(pair_id=pair.id, side=side, held_at=held_at or now(), reached=reached, **{**values, **changes})
    db.session.add(row)
    db.session.flush()
    return row


def message(tenant, pair, side="mentor", author=None, body="Bonjour", by=None, **changes):
    """Somebody writes in a thread of a pair, as their page does."""
    row = situation(tenant, pair)
    return write(row, side, author or side, Written(body, f"form-{next(number)}", **changes), by)


def answer(tenant, pair, side="mentor", body="Bien reçu", by=None):
    """The team answers all that it has read."""
    row = situation(tenant, pair)
    last = max((m.id for m in messages_of(row, side)), default=None)
    return write(row, side, "team", Written(body, f"form-{next(number)}", seen=last), by)


def messages_of(pair, side):
    """The messages of a thread, the oldest first."""
    return threads.messages_of(threads.thread_of(pair, side))


def plain(text):
    """A text with single spaces, the no-break ones too."""
    return " ".join(str(text).split())


def headings(page):
    """The headings of the page's main part."""
    return [plain(h.get_text(" ")) for h in page.soup.select("main h2")]


def flashes(page):
    """What a page says was done, with plain spaces."""
    return [plain(said) for said in page.flashes]


def moment(day, hour="12:00", zone="Europe/Paris"):
    """That day, at that hour on a clock."""
    return datetime.combine(day, time.fromisoformat(hour), tzinfo=ZoneInfo(zone))


def kinds(found):
    """Why somebody is to be called, in order."""
    return [kind for kind, *_rest in found]
