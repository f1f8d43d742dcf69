"""The Monday letter: each of the team reads of their own pairs, what matters first, once a week; nothing when there is nothing."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from app.accounts.models import Membership, User
from app.database import now
from app.extensions import db
from app.followup.digest import LINES
from app.followup.jobs import follow
from app.followup.models import Call
from app.followup.settings import choose
from app.pairs.closing import close_pair
from app.web import today
from tests import factories

from .situations import DAY, HOUR, at, contact, message, moment, plain, situation

MONDAY = datetime(2027, 3, 8, 8, tzinfo=UTC)  # nine o'clock in Paris


@pytest.fixture
def address(in_space, association):
    """Where somebody of the team is written to."""

    def read(staff):
        with in_space(association):
            return db.session.get(User, staff.user_id).email

    return read


@pytest.fixture
def pair_of(in_space, association):
    """Another pair, which somebody follows or nobody, since 2027 began."""

    def make(staff=None, first_name="Awa", starts_on=date(2027, 1, 1)):
        with in_space(association):
            coordinator = situation(association, staff) if staff else None
            mentee = factories.mentee(association, first_name=first_name)
            mentor = factories.mentor(association, trained=True)
            return factories.pair(mentor, mentee, coordinator=coordinator, starts_on=starts_on)

    return make


@pytest.fixture
def hour(app, association, letters):
    """Do what is done every hour, at a moment; gives the letters of the week that were written: address and lines."""
    seen = set()

    def run(when=MONDAY):
        with at(when), app.app_context():
            follow.run(tenant_id=str(association.id))
        fresh = [mail for mail in letters("digest") if mail.id not in seen]
        seen.update(mail.id for mail in fresh)
        return {mail.to_address: plain(mail.text) for mail in fresh}

    return run


def test_each_reads_of_their_own_pairs_only(hour, pair_of, people, address, in_space, association):
    with in_space(association):
        colleague = factories.staff(association, first_name="Samuel")
        idle = factories.staff(association, first_name="Zoé")
    pair_of(people.coordinator, "Awa")
    pair_of(colleague, "Bilal")
    pair_of(None, "Chloé")

    found = hour()

    assert set(found) == {address(people.coordinator), address(colleague)}
    text = found[address(people.coordinator)]
    assert "Awa P." in text
    assert not [name for name in ("Bilal", "Chloé", "Inès") if name in text]
    assert address(idle) not in found


def test_the_letter_says_how_many_and_why_the_most_urgent_first(hour, pair_of, people, address, in_space, association):
    pair_of(people.coordinator, "Awa", date(2027, 2, 4))
    pair_of(people.coordinator, "Bilal", date(2026, 11, 1))
    urgent = pair_of(people.coordinator, "Chloé", date(2027, 3, 6))
    with in_space(association), at(MONDAY - HOUR):
        message(association, urgent, "mentee", urgent=True)

    text = hour()[address(people.coordinator)]

    assert "Cette semaine, 3 binômes attendent un appel :" in text
    lines = ["Chloé P.", "Demande d'aide, le 8 mars 2027", "Bilal P.", "Aucune séance depuis le début", "Awa P."]
    places = [text.index(line) for line in lines]
    assert places == sorted(places)


def test_what_the_team_wrote_for_itself_is_not_in_the_letter(hour, pair_of, people, address, in_space, association):
    pair = pair_of(people.coordinator, starts_on=date(2027, 3, 4))
    with in_space(association):
        contact(
            pair, people.admin.user_id, held_at=MONDAY - 3 * DAY, next_on=date(2027, 3, 8), next_step="Parler de sa garde à vue"
        )

    text = hour()[address(people.coordinator)]

    assert "Prévu le 8 mars 2027 : rappeler" in text
    assert "garde à vue" not in text


def test_a_long_list_is_cut_and_says_so(hour, pair_of, people, address):
    for _rank in range(LINES + 1):
        pair_of(people.coordinator)

    text = hour()[address(people.coordinator)]

    assert f"{LINES + 1} binômes attendent" in text
    assert text.count("Awa P. et Karim P.") == LINES
    assert "… et d'autres, dans votre page du jour." in text


def test_the_letter_of_one_pair_is_in_the_singular(hour, pair_of, people, address):
    pair_of(people.coordinator)

    text = hour()[address(people.coordinator)]

    assert "Cette semaine, 1 binôme attend un appel :" in text
    assert "d'autres" not in text


def test_once_a_week(hour, pair_of, people, address):
    pair_of(people.coordinator)

    assert set(hour()) == {address(people.coordinator)}
    assert [hour(MONDAY + wait) for wait in (HOUR, 5 * HOUR, DAY, 6 * DAY)] == [{}, {}, {}, {}]
    assert set(hour(MONDAY + 7 * DAY)) == {address(people.coordinator)}


HOURS = [
    ("Europe/Paris", "07:59", False), ("Europe/Paris", "08:00", True), ("Europe/Paris", "19:59", True),
    ("Europe/Paris", "20:00", False), ("Indian/Reunion", "08:00", True), ("Pacific/Noumea", "08:00", True),
    ("Pacific/Noumea", "07:59", False), ("Pacific/Tahiti", "19:59", True), ("Pacific/Tahiti", "20:00", False),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "clock", "is_sent"), HOURS)
def test_on_monday_in_the_day_on_the_associations_clock(zone, clock, is_sent, hour, pair_of, people, on_clock):
    pair_of(people.coordinator)
    on_clock(zone)

    assert bool(hour(moment(date(2027, 3, 8), clock, zone))) is is_sent


@pytest.mark.parametrize("day", [date(2027, 3, 7), date(2027, 3, 9), date(2027, 3, 14)])
def test_on_no_other_day(day, hour, pair_of, people):
    pair_of(people.coordinator)

    assert hour(moment(day)) == {}


def test_nothing_when_there_is_nothing_and_later_the_same_day_something(hour, pair_of, people, address, in_space, association):
    pair = pair_of(people.coordinator, starts_on=date(2027, 3, 5))
    assert hour() == {}

    with in_space(association), at(MONDAY + HOUR):
        message(association, pair, "mentee", urgent=True)

    assert set(hour(MONDAY + 2 * HOUR)) == {address(people.coordinator)}


def test_what_was_put_off_is_not_there(hour, pair_of, people, in_space, association):

    pair_of(people.coordinator)
    hour(MONDAY - DAY)
    with in_space(association):
        db.session.execute(update(Call).values(snoozed_until=date(2027, 3, 9)))

    assert hour() == {}


@pytest.mark.parametrize("how", ["left", "choice", "over"])
def test_who_gets_none(how, hour, pair_of, people, in_space, association):
    pair = pair_of(people.coordinator)
    with in_space(association):
        if how == "left":
            db.session.get(Membership, (association.id, people.coordinator.user_id, "coordinator")).ended_at = now()
        elif how == "choice":
            choose(people.admin.user_id, digest=False)
        else:
            close_pair(situation(association, pair), today(), "planned", None)

    assert hour() == {}


def test_another_associations_team_is_not_written_to(hour, pair_of, people, address, in_space, elsewhere):
    with in_space(elsewhere):
        other = factories.staff(elsewhere)
        mentor, mentee = factories.mentor(elsewhere, trained=True), factories.mentee(elsewhere)
        factories.pair(mentor, mentee, coordinator=other, starts_on=date(2027, 1, 1))
    pair_of(people.coordinator)

    assert set(hour()) == {address(people.coordinator)}
