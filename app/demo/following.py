"""How the pairs of the demonstration are followed: what the jeunes say, what the team heard and wrote, who is to be called."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from app.accounts.journal import What
from app.accounts.models import Act
from app.database import now
from app.extensions import db
from app.followup.models import Contact, HealthDay
from app.followup.rules import refresh
from app.followup.settings import GRIDS
from app.followup.thread_models import Message, Thread
from app.meetings.models import Confirmation, Meeting, MeetingState
from app.pairs.models import Pair
from app.tenants.models import Staff
from app.web import midnight, today

WEEKS = 26
SAID = {
    "mentor": "Tout se passe bien, le prochain objectif est choisi.",
    "mentee": "Les rencontres lui plaisent, voudrait parler davantage des stages.",
    "guardian": "Voit du progrès à la maison.",
}
QUESTION = "Bonjour, peut-on se retrouver à la médiathèque plutôt qu'à distance ? Inutile de répondre ce soir."
ANSWERED = (("mentee", "Bonjour, où trouver mon attestation ?"), ("team", "Sur votre page d'accueil, tout en bas. Belle semaine !"))


def follow(pairs: Sequence[Pair], staff: Staff, chance: Random) -> None:
    """What was said of eight pairs; the third jeune went through a hard meeting, the fourth tells another story than the mentor."""
    meetings = db.session.scalars(select(Meeting).where(Meeting.state == MeetingState.HELD).order_by(Meeting.starts_at)).all()
    for rank, pair in enumerate(pairs):
        confirm([meeting for meeting in meetings if meeting.pair_id == pair.id], chance, hard=rank == 2, other=rank == 3)
        contact(pair, staff, late=rank in {2, 3, 5})
    write(pairs[2], "mentor", [("mentor", QUESTION)], now() - timedelta(days=3), staff)
    write(pairs[0], "mentee", ANSWERED, now() - timedelta(days=12), staff)
    fared(pairs, chance)
    db.session.flush()
    refresh()


def keep_journal(staff: Staff, pairs: int) -> None:
    """Two lists that were taken."""
    for days, name, rows in ((47, "binomes-{}.xlsx", pairs), (12, "rendez-vous-passes-{}.csv", 4 * pairs)):
        day = today() - timedelta(days=days)
        at = midnight(day) + timedelta(hours=10, minutes=12)
        facts = {"file": name.format(day), "rows": rows}
        db.session.add(Act(what=What.LIST.value, user_id=staff.user_id, facts=facts, created_at=at, updated_at=at))


def confirm(meetings: Sequence[Meeting], chance: Random, hard: bool, other: bool) -> None:
    """The jeune's word on most meetings; the last one was hard, or did not take place for them."""
    for place, meeting in enumerate(meetings):
        is_last = place == len(meetings) - 1
        if is_last or chance.random() < 0.8:
            face = 1 if hard and is_last else chance.choice([3, 4, 4])
            was_held = not (other and is_last)
            said_at = meeting.ends_at + timedelta(hours=1)
            db.session.add(
                Confirmation(meeting_id=meeting.id, was_held=was_held, face=face if was_held else None, created_at=said_at,
                             updated_at=said_at)
            )  # fmt: skip


def contact(pair: Pair, staff: Staff, late: bool) -> None:
    """Two calls in the first month, then one a month; the last one was long ago for those that are late."""
    sides = ["mentor", "mentee", *(["guardian"] if pair.mentee.is_minor_on(today()) else [])]
    until, day = today() - timedelta(days=41 if late else 3), pair.starts_on + timedelta(days=6)
    while day <= until:
        for number, side in enumerate(sides):
            db.session.add(
                Contact(pair_id=pair.id, side=side, how="phone", held_at=midnight(day) + timedelta(hours=10, minutes=20 * number),
                        minutes=10, reached=True, answers={GRIDS[side][0]: "good"}, note=SAID[side], user_id=staff.user_id)
            )  # fmt: skip
        day += timedelta(days=14 if day < pair.starts_on + timedelta(days=20) else 26)


def write(pair: Pair, side: str, words: Iterable[tuple[str, str]], since: datetime, staff: Staff) -> None:
    """A thread: who wrote what; it waits when the team did not have the last word."""
    thread = Thread(pair_id=pair.id, side=side, last_at=since, waiting_since=since)
    db.session.add(thread)
    db.session.flush()  # its messages name it
    people = {"mentor": pair.mentor.user_id, "mentee": pair.mentee.user_id, "team": staff.user_id}
    for number, (author, body) in enumerate(words):
        thread.last_at = since + timedelta(hours=number)
        db.session.add(
            Message(
                thread_id=thread.id, author=author, user_id=people[author], body=body, once=f"{number}", created_at=thread.last_at
            )
        )
        if author == "team":
            thread.waiting_since, thread.team_read_at = None, thread.last_at


def fared(pairs: Sequence[Pair], chance: Random) -> None:
    """How many pairs were well, to watch and in danger, each week."""
    for week in range(WEEKS, 0, -1):
        day = today() - timedelta(weeks=week)
        count = sum(pair.starts_on <= day for pair in pairs)
        danger = min(chance.choice([0, 0, 1]), count)
        watch = min(chance.choice([0, 1, 1, 2]), count - danger)
        db.session.add(HealthDay(on_day=day, danger=danger, watch=watch, well=count - danger - watch))
