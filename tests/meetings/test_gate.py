"""A meeting to come of a pair that may not meet: the database refuses it, whoever writes it, and the page says so."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.database import now
from app.extensions import db
from app.meetings import calling_off, refusals
from app.pairs.conditions import barred_today
from app.pairs.models import Pair
from tests import factories
from tests.pairs.situations import ask_for

from .situations import DAY, HOUR, OVER, VIDEO, path, plan_path, soon, stored, typed

MISSING = "Il manque un document ou une autorisation pour cette rencontre : l'association doit d'abord le noter."


@pytest.fixture
def minor(in_space, association):
    """A pair whose jeune is 16, with a guardian's authorisation and a meeting in three days."""
    with in_space(association):
        mentee = factories.mentee(association, age=16)
        mentee.authorisation = factories.authorisation(mentee)
        pair = factories.pair(factories.mentor(association, trained=True), mentee)
        pair.planned = factories.meeting(pair, 3)
    return pair


@pytest.fixture
def by_hand(in_space, association):
    """Write past every page of ours: None when the database takes it, else the SQLSTATE. Nothing is kept of what it refuses."""

    def write(statement, **values):
        with in_space(association):
            try:
                with db.session.begin_nested():
                    db.session.execute(text(statement), values)
            except DBAPIError as error:
                return error.orig.sqlstate
        return None

    return write


@pytest.fixture
def withdrawn(minor, by_hand):
    """The guardian has taken the authorisation back."""
    assert by_hand("UPDATE authorisations SET withdrawn_on = given_on WHERE id = :id", id=minor.mentee.authorisation.id) is None
    return minor


INSERT = (
    'INSERT INTO meetings (tenant_id, id, pair_id, starts_at, minutes, place, "where", state, subjects, sequence, set_at)'
    " VALUES (:tenant, gen_random_uuid(), :pair, now() + make_interval(hours => :hours), 60, :place, '', :state, '{}', 0, now())"
)


def inserted(by_hand, pair, hours=100, place="remote", state="planned"):
    return by_hand(INSERT, tenant=pair.tenant_id, pair=pair.id, hours=hours, place=place, state=state)


def test_a_pair_that_may_meet_is_planned_for(minor, by_hand):
    assert inserted(by_hand, minor) is None


@pytest.mark.parametrize(
    ("hours", "state", "is_refused"),
    [(1, "planned", True), (100, "planned", True), (-1, "planned", False), (-100, "held", False), (100, "cancelled", False)],
)
def test_without_the_authorisation_nothing_to_come_is_written(withdrawn, by_hand, hours, state, is_refused):
    """What took place is logged all the same."""
    assert inserted(by_hand, withdrawn, hours, state=state) == ("BN007" if is_refused else None)


@pytest.mark.parametrize(
    ("change", "is_refused"),
    [
        ("starts_at = starts_at + interval '1 hour'", True),
        ("place = 'school'", True),
        ("note = 'Prévenir'", False),
        ("state = 'cancelled'", False),
        ("starts_at = now() - interval '1 hour'", False),
    ],
)
def test_what_was_planned_before_is_called_off_never_moved(withdrawn, by_hand, change, is_refused):
    assert by_hand(f"UPDATE meetings SET {change} WHERE id = :id", id=withdrawn.planned.id) == ("BN007" if is_refused else None)


def test_what_was_called_off_is_not_planned_again(withdrawn, by_hand):
    assert by_hand("UPDATE meetings SET state = 'cancelled' WHERE id = :id", id=withdrawn.planned.id) is None
    assert by_hand("UPDATE meetings SET state = 'planned' WHERE id = :id", id=withdrawn.planned.id) == "BN007"


@pytest.mark.parametrize(("days", "is_refused"), [(9, False), (10, True), (11, True)])
def test_the_day_of_the_meeting_counts(minor, by_hand, days, is_refused):
    """The authorisation is taken back from the tenth day on."""
    by_hand("UPDATE authorisations SET withdrawn_on = :day WHERE id = :id", day=soon(10), id=minor.mentee.authorisation.id)

    moment = "(CAST(:day AS timestamp) + interval '12 hours') AT TIME ZONE 'Europe/Paris'"
    answer = by_hand(f"UPDATE meetings SET starts_at = {moment} WHERE id = :id", day=soon(days), id=minor.planned.id)

    assert answer == ("BN007" if is_refused else None)


@pytest.mark.parametrize(("kind", "is_refused"), [("home", False), ("own_agreement", True)])
def test_at_home_each_side_must_have_agreed(minor, by_hand, in_space, association, kind, is_refused):
    with in_space(association):
        factories.authorisation(minor.mentee, kind)
        factories.authorisation(minor.mentor, "home")

    assert inserted(by_hand, minor, place="home") == ("BN007" if is_refused else None)


@pytest.mark.parametrize(
    ("state", "is_refused"), [("active", False), ("paused", False), ("closing", False), ("closed", True), ("proposed", True)]
)
def test_only_a_pair_under_way_is_planned_for(people, by_hand, state, is_refused):
    closed = ", closed_on = starts_on, closure_reason = 'planned'" if state == "closed" else ""
    assert by_hand(f"UPDATE pairs SET state = :state{closed} WHERE id = :id", state=state, id=people.pair.id) is None

    assert inserted(by_hand, people.pair) == ("BN007" if is_refused else None)


def test_another_pair_s_meeting_is_not_given_to_it(withdrawn, by_hand, in_space, association, people):
    with in_space(association):
        other = factories.meeting(people.pair, 4)

    assert by_hand("UPDATE meetings SET pair_id = :pair WHERE id = :id", pair=withdrawn.id, id=other.id) == "BN007"


@pytest.fixture
def unasked(monkeypatch):
    """The page asks the gate, and what it answers is out of date the instant after."""
    monkeypatch.setattr(calling_off, "barred", lambda _pair, _days: {})


@pytest.mark.parametrize("changes", [{}, {"every": "1", "until": soon(40).isoformat()}])
def test_what_the_database_refuses_is_said_and_nothing_is_stored(withdrawn, app, in_space, association, unasked, changes):
    mentor = app.test_client().sign_in(withdrawn.mentor.user_id)

    page = mentor.send(plan_path(withdrawn), typed(soon(5), where=VIDEO, **changes))

    assert page.status in {409, 422}
    assert MISSING in page.text
    with in_space(association):
        assert [meeting.id for meeting in stored(withdrawn)] == [withdrawn.planned.id]


def test_nor_is_it_moved(withdrawn, app, in_space, association, unasked):
    mentor = app.test_client().sign_in(withdrawn.mentor.user_id)

    page = mentor.send(path(withdrawn.planned, "/deplacement"), typed(soon(5)))

    assert page.status in {409, 422}
    assert MISSING in page.text
    with in_space(association):
        (meeting,) = stored(withdrawn)
        assert meeting.starts_at - now() < 3 * DAY + HOUR
        assert meeting.sequence == 0


def says(app, pair, where, form):
    """What the pair's mentor is answered."""
    page = app.test_client().sign_in(pair.mentor.user_id).send(where, form)
    return page.status, page.errors


NOT_ALONE = "Il manquait un document ou une autorisation pour cette rencontre : dites à l'association qu'elle a eu lieu."
HELD = {"outcome": "held", "length": "60"}


@pytest.mark.parametrize("changes", [{}, {"every": "1", "until": soon(-1).isoformat()}], ids=["one", "series"])
def test_a_mentor_s_word_opens_no_gate_by_a_meeting_planned_afterwards(withdrawn, app, in_space, association, changes):
    plan = typed(soon(-20 if changes else -1), where=VIDEO, **changes)

    assert says(app, withdrawn, plan_path(withdrawn), plan) == (422, [OVER])
    with in_space(association):
        assert [meeting.id for meeting in stored(withdrawn)] == [withdrawn.planned.id]


def test_nor_for_a_brother_from_the_page_of_another_pair(withdrawn, app, in_space, association):
    with in_space(association):
        mentor = db.session.merge(withdrawn.mentor)
        mentor.capacity = 2
        free = factories.pair(mentor, factories.mentee(association))

    status, errors = says(app, free, plan_path(free), typed(soon(-1), where=VIDEO, also=str(withdrawn.id)))

    assert (status, errors) == (422, [OVER])
    with in_space(association):
        assert stored(free) == []


@pytest.mark.parametrize("first", ["missed", "cancelled"])
def test_nor_by_correcting_one_that_had_not_taken_place(minor, by_hand, app, in_space, association, first):
    with in_space(association):
        meeting = factories.meeting(db.session.merge(minor), -2)
    log = path(meeting, "/compte-rendu")
    assert says(app, minor, log, {"outcome": first})[0] == 200
    by_hand("UPDATE authorisations SET withdrawn_on = given_on WHERE id = :id", id=minor.mentee.authorisation.id)

    assert says(app, minor, log, HELD) == (422, [NOT_ALONE])
    with in_space(association):
        assert barred_today(db.session.get(Pair, (association.id, minor.id))) != []


def test_what_was_planned_while_they_might_meet_is_logged_all_the_same(minor, by_hand, app, in_space, association):
    with in_space(association):
        meeting = factories.meeting(db.session.merge(minor), -2)
    by_hand("UPDATE authorisations SET withdrawn_on = given_on WHERE id = :id", id=minor.mentee.authorisation.id)

    assert says(app, minor, path(meeting, "/compte-rendu"), HELD)[0] == 200


def test_one_written_as_held_on_a_day_to_come_opens_nothing_before(people, by_hand, in_space, association):
    with in_space(association):
        ask_for("identity")

    assert inserted(by_hand, people.pair, 480, state="held") is None
    assert inserted(by_hand, people.pair, 48) == "BN007"
    assert inserted(by_hand, people.pair, -480, state="held") is None
    assert inserted(by_hand, people.pair, 48) is None


def test_an_error_that_is_no_refusal_is_not_hidden(in_space, association, people):
    with in_space(association), pytest.raises(DBAPIError), refusals.gated():
        factories.meeting(people.pair, minutes=timedelta(0).seconds)
