"""What becomes known that calls for a call: a meeting at home, a message that waits, an address that refuses, a piece that ends."""

from datetime import timedelta

import pytest

from app.database import now
from app.extensions import db
from app.followup.threads import thread_of
from app.followup.words import why
from app.mail import Mail
from app.pairs.models import GateNotice
from app.people.models import Authorisation
from tests import factories
from tests.pairs.situations import ask_for, see

from .situations import DAY, HOUR, kinds, message, plain, situation

# At home, without authorisation.


@pytest.mark.parametrize(
    ("age", "allowed", "is_said"), [(16, False, True), (16, True, False), (20, False, True), (20, True, False)]
)
@pytest.mark.parametrize(("days", "state"), [(3, "planned"), (-3, "held")])
def test_a_meeting_at_home_without_authorisation(
    days, state, age, allowed, is_said, met, change, refreshed, calls, in_space, association, people
):
    change("mentee", birth_date=factories.birth_date(age))
    with in_space(association):
        factories.authorisation(people.mentee)
        factories.authorisation(people.mentor, "home")
        agreed = factories.authorisation(people.mentee, "home")
    met(days, state=state, place="home")
    if not allowed:
        with in_space(association):  # taken back since
            db.session.get(Authorisation, (association.id, agreed.id)).withdrawn_on = agreed.given_on

    refreshed()

    assert [side for _kind, side in calls("home")] == (["mentor"] if is_said else [])


@pytest.mark.parametrize(
    ("days", "state", "place"),
    [(3, "cancelled", "home"), (-3, "planned", "home"), (-3, "missed", "home"), (3, "planned", "remote"), (-61, "held", "home")],
)
def test_what_is_no_meeting_at_home(days, state, place, met, change, refreshed, calls, in_space, association, people):
    change("mentee", birth_date=factories.birth_date(16))
    with in_space(association):
        factories.authorisation(people.mentee)
    met(days, state=state, place=place)

    refreshed()

    assert calls("home") == []


def test_a_meeting_held_at_home_ends_when_it_was_spoken_of(met, change, spoken, refreshed, calls):
    change("mentee", birth_date=factories.birth_date(16))
    met(-3, state="held", place="home")

    spoken("mentor", now() - HOUR)
    refreshed()

    assert calls("home") == []


# A message that waits, an address that refuses.


@pytest.mark.parametrize(("waits", "is_said"), [(2 * DAY - HOUR, False), (2 * DAY + HOUR, True), (40 * DAY, True)])
@pytest.mark.parametrize("side", ["mentor", "mentee", "guardian"])
def test_a_message_without_an_answer_after_two_days(side, waits, is_said, written, refreshed, calls):
    written(side, waiting_since=now() - waits)

    refreshed()

    assert [whose for _kind, whose in calls("question")] == ([side] if is_said else [])


@pytest.fixture
def written(in_space, association, people):
    """A thread whose message waits since a moment."""

    def write(side, **values):
        with in_space(association):
            message(association, people.pair, side)
            thread = thread_of(situation(association, people.pair), side)
            for name, value in values.items():
                setattr(thread, name, value)

    return write


def test_who_writes_before_the_pair_begins_is_answered(refreshed, calls, admin, in_space, association):
    with in_space(association):
        pair = factories.pair(
            factories.mentor(association, trained=True), factories.mentee(association, first_name="Awa"), state="confirmed"
        )
        message(association, pair, "mentee")
        thread_of(pair, "mentee").waiting_since = now() - 3 * DAY

    refreshed()

    assert calls("question", "pair_id") == [("question", "mentee", pair.id)]
    assert "Attend une réponse depuis le" in admin.page("/a/passerelle/").text


def test_a_call_for_help_is_not_said_twice(written, refreshed, calls):
    written("mentor", waiting_since=now() - 3 * DAY, is_urgent=True, urgent_since=now() - 3 * DAY)

    refreshed()

    assert (kinds(calls("help")), calls("question")) == (["help"], [])


@pytest.fixture
def refused(in_space, association):
    """A message that the server of an address refused, some days ago."""

    def write(address, days=1, **values):
        with in_space(association):
            said = {"kind": "x", "subject": "x", "message_id": f"<{address}-{days}>", "state": "refused"}
            row = Mail(to_address=address, **{**said, "last_error": "SMTPRecipientsRefused", **values})
            row.created_at = now() - timedelta(days)
            db.session.add(row)

    return write


@pytest.mark.parametrize(("days", "is_said"), [(0, True), (89, True), (91, False)])
@pytest.mark.parametrize("side", ["mentor", "mentee"])
def test_an_address_that_refuses_is_to_be_asked_again(side, days, is_said, refused, refreshed, calls, people):
    refused(getattr(people, side).email, days)

    refreshed()

    assert [whose for _kind, whose in calls("bounced")] == ([side] if is_said else [])


@pytest.mark.parametrize(("age", "is_said"), [(16, True), (18, False)])
def test_so_is_that_of_who_represents_a_minor(age, is_said, refused, refreshed, calls, change):
    change("mentee", birth_date=factories.birth_date(age), guardian_name="Nadège Martin", guardian_email="Nadege@example.org")
    refused("nadege@example.org")

    refreshed()

    assert [whose for _kind, whose in calls("bounced")] == (["guardian"] if is_said else [])


def test_a_refusal_ends_when_the_address_changes(refused, refreshed, calls, people, change):
    refused(people.mentor.email)
    refused("somebody@example.org")
    refreshed()
    assert [whose for _kind, whose in calls("bounced")] == ["mentor"]

    change("mentor", email="nouvelle@example.org")
    refreshed()

    assert calls("bounced") == []


@pytest.mark.parametrize(
    ("state", "error"), [("refused", "Late"), ("refused", "TimeoutError"), ("sent", None), ("waiting", "TimeoutError")]
)
def test_what_was_late_or_went_is_no_refusal(state, error, refused, refreshed, calls, people):
    refused(people.mentor.email, state=state, last_error=error)

    refreshed()

    assert calls("bounced") == []


@pytest.mark.parametrize(("days", "is_said"), [(2, True), (0, False)])
def test_a_refusal_ends_when_a_later_message_went(days, is_said, refused, refreshed, calls, people):
    refused(people.mentor.email, 1)
    refused(people.mentor.email, days, state="sent", last_error=None)

    refreshed()

    assert bool(calls("bounced")) is is_said


def test_an_address_has_no_capitals(refused, refreshed, calls, people):
    refused(people.mentor.email.upper())

    refreshed()

    assert kinds(calls("bounced")) == ["bounced"]


# A piece that ends.


@pytest.fixture
def notice(in_space, association, people):
    """A record of the mentor that ends so many days from now, as the team was told."""

    def write(days, **values):
        ends_on = factories.today() + timedelta(days)
        with in_space(association):
            pair = situation(association, people.pair)
            ask_for("record")
            see(pair.mentor, "record", factories.today() - timedelta(200), due_on=ends_on)
            db.session.add(
                GateNotice(pair_id=pair.id, **{"piece": "record", "side": "mentor", "ends_on": ends_on, "days": 30, **values})
            )
        return ends_on

    return write


ENDS = {31: False, 30: True, 1: True, 0: True, -1: True, -89: True, -91: False}


@pytest.mark.parametrize(("days", "is_said"), ENDS.items())
def test_a_piece_that_ends_is_to_be_asked_for(days, is_said, notice, refreshed, calls):
    ends_on = notice(days)

    refreshed()

    expected = {"piece": "record", "ends_on": ends_on.isoformat()}
    assert calls("piece", "facts") == ([("piece", "mentor", expected)] if is_said else [])


def test_a_piece_that_came_is_asked_for_no_more(notice, refreshed, calls, in_space, association, people):
    notice(10)
    refreshed()
    assert kinds(calls("piece")) == ["piece"]

    with in_space(association):
        see(people.mentor, "record", due_on=factories.today() + timedelta(400))
    refreshed()

    assert calls("piece") == []


@pytest.mark.parametrize(
    ("piece", "said"),
    {
        "record": "Bulletin n° 3 du casier judiciaire",
        "training": "la formation",
        "majority": "son propre accord, à ses 18 ans",
        "too_old": "la fin du binôme, à ses 30 ans",
        "participation": "une autorisation",
    }.items(),
)
def test_what_will_be_missing_is_named_before_the_first_day_without_it_and_since(in_space, association, piece, said):
    """That very day, no meeting can be held without it: it is no day to wait for."""
    with in_space(association):
        day = factories.today()
        lines = [why("piece", {"piece": piece, "ends_on": (day + timedelta(days)).isoformat()}, day) for days in (1, 0)]

        begun = ("À prévoir avant le", "À régler depuis le")
        assert [plain(line).startswith(words) for line, words in zip(lines, begun, strict=True)] == [True, True]
        assert [plain(line).endswith(f" : {said}") for line in lines] == [True, True]
