"""A mentor of four jeunes, each with a meeting a week for a year: over two hundred to come, and the nearest is never lost."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from app.extensions import db
from app.meetings.models import Meeting

from .calendars import read
from .situations import SPACE, a_meeting, brother, since_long


@pytest.fixture
def nearest(people, in_space, association):
    """The nearest of 212 meetings to come; one was yesterday."""
    with in_space(association):
        pairs = [people.pair, *(brother(association, people.pair, f"Frère{letter}") for letter in "ABC")]
        first = a_meeting(people.pair, 1)
        for rank, pair in enumerate(pairs):
            rows = [
                Meeting(pair_id=pair.id, starts_at=first.starts_at + timedelta(weeks=week, hours=rank), minutes=60, place="remote")
                for week in range(0 if rank else 1, 53)
            ]
            db.session.add_all(rows)
        a_meeting(people.pair, -1, where="https://visio.example.org/hier")
        return first


def test_the_nearest_is_on_the_page_of_my_meetings(mentor, nearest):
    page = mentor.page(f"{SPACE}/rendez-vous")

    assert page.soup.find("a", href=f"{SPACE}/rendez-vous/{nearest.id}")


def test_the_nearest_is_in_the_calendar(mentor, nearest, client):
    mentor.send(f"{SPACE}/mon-agenda")
    where = re.search(r"/agenda/[^\"]+\.ics", mentor.page(f"{SPACE}/rappels").html).group()

    _method, events = read(client.get(where).data)

    assert f"{nearest.id}@passerelle.binome" in {event.uid for event in events}


def test_the_nearest_is_on_the_first_page(mentor, nearest):
    assert mentor.page(f"{SPACE}/").soup.find("a", href=re.compile(f"/rendez-vous/{nearest.id}"))


def test_a_pair_that_met_two_hundred_times_counts_every_one(coordinator, people, in_space, association):
    with in_space(association):
        since_long(people.pair)
        first = datetime(2024, 2, 1, 16, tzinfo=UTC)
        rows = [
            Meeting(pair_id=people.pair.id, starts_at=first + timedelta(days=rank), minutes=30, place="remote", state="held")
            for rank in range(205)
        ]
        db.session.add_all(rows)

    page = coordinator.page(f"{SPACE}/binomes/{people.pair.id}")

    assert "205 séances tenues, 102 h 30 en tout." in page.text
