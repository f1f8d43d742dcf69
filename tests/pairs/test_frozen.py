"""The count on its page, and frozen on a day: written once, refused any change by the database, given as a table."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.database import now
from app.extensions import db
from app.pairs import counting, life
from app.pairs.closing import close_pair
from app.pairs.models import CountSnapshot, Pair
from app.pairs.settings import choose
from app.web import today
from tests import factories
from tests.people.fixtures import day_ago

from .situations import again, days, paris_today, plain, proposed

COUNT = "/a/passerelle/binomes/decompte"


@pytest.fixture
def old(association, in_space, people):
    """The pair of long ago, which met every week."""
    with in_space(association):
        pair = again(association, people.pair)
        pair.starts_on = today() - days(300)
        for week in range(1, 43):
            factories.meeting(pair, -7 * week, "held")
    return people.pair


@pytest.fixture
def freeze(office):
    """Freeze a day from the page."""
    return lambda day: office.send(COUNT, {"on_day": day})


def begun_on(tenant, day):
    """A pair that began on a day."""
    return factories.pair(factories.mentor(tenant, trained=True), factories.mentee(tenant), starts_on=day)


def address(ago):
    day = paris_today() - days(ago)
    return f"{COUNT}/{day.year}/{day.month}/{day.day}"


def table(page):
    """The rows of a CSV."""
    words = page.response.get_data().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(words), csv.Sniffer().sniff(words.splitlines()[0], ";,")))


def test_the_page_says_where_each_pair_stands(office, old, association, in_space):
    with in_space(association):
        factories.pair(factories.mentor(association, trained=True), factories.mentee(association), starts_on=today())

    page = office.page(COUNT)

    assert page.heading.startswith("Décompte")
    assert [row[2] for row in page.rows] == ["6 sur 6", "0 sur 6"]
    assert ["compte" in row[4] for row in page.rows] == [True, False]


def test_a_pair_that_is_over_stays_in_sight_with_what_it_counts_for(office, old, association, in_space):
    with in_space(association):
        short = begun_on(association, today() - days(40))
        for pair in (again(association, old), short):
            pair.state, pair.closed_on, pair.closure_reason = "closed", today(), "other"

    running, over, found = (
        office.page(COUNT + address) for address in ("", "?etat=termines", f"?etat=termines&q={short.mentee.last_name}")
    )

    assert running.rows == []
    assert ["compte" in row[4].split() for row in over.rows] == [True, True]
    assert [plain(row[4]).endswith("ne compte pas") for row in over.rows] == [False, True]
    assert len(found.rows) >= 1
    assert found.soup.find("input", {"name": "etat"})["value"] == "termines"


@pytest.mark.parametrize("ago", [0, -1])
def test_a_day_that_is_not_past_is_not_frozen(freeze, old, stored, association, ago):
    page = freeze(day_ago(ago))

    assert [plain(said) for said in page.errors] == ["Une journée se fige quand elle est passée : hier au plus tard."]
    assert stored(association, CountSnapshot) == []


def test_the_page_proposes_the_end_of_last_month(office, old):
    assert office.page(COUNT).value("on_day") == (paris_today().replace(day=1) - days(1)).isoformat()


def test_a_frozen_day_says_how_many_counted(freeze, old):
    page = freeze(day_ago(1))

    assert page.flashes == ["1 binôme figé à cette date."]
    assert "1 binôme comptait, sur 1." in page.text


def test_the_same_day_frozen_by_two_clicks_is_said_twice(freeze, old, stored, association):
    pages = [freeze(day_ago(1)) for _each in range(2)]

    assert [page.flashes for page in pages] == [["1 binôme figé à cette date."]] * 2
    assert len(stored(association, CountSnapshot)) == 1


def test_frozen_twice_a_day_stays_as_it_was_the_first_time(freeze, old, association, in_space, stored):
    yesterday = str(day_ago(1))
    freeze(yesterday)
    before = [(row.counts, row.facts) for row in stored(association, CountSnapshot)]
    with in_space(association):
        db.session.execute(text("UPDATE meetings SET state = 'missed' WHERE state = 'held'"))

    with time_machine.travel(now() + timedelta(minutes=2)):
        again_frozen = freeze(yesterday)

    assert (again_frozen.status, again_frozen.errors) == (422, ["Cette date est déjà figée : ce qui a été déclaré ne change plus."])
    assert [(row.counts, row.facts) for row in stored(association, CountSnapshot)] == before
    assert before[0][0] is True


CHANGES = [
    "UPDATE count_snapshots SET counts = false",
    "UPDATE count_snapshots SET facts = '{}'",
    "UPDATE count_snapshots SET on_day = on_day + 1",
    "DELETE FROM count_snapshots",
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_refuses_to_change_what_is_frozen(freeze, old, association, in_space, change):
    freeze(day_ago(1))

    with in_space(association):
        with pytest.raises(DBAPIError) as refused, db.session.begin_nested():
            db.session.execute(text(change))
        assert refused.value.orig.sqlstate == "BN006"
        assert db.session.query(CountSnapshot).count() == 1


def test_a_frozen_day_is_a_table_without_formulas(office, freeze, old, association, in_space):
    with in_space(association):
        again(association, old).mentee.first_name = "=Inès"
    freeze(day_ago(1))

    page = office.page(address(1))
    head, row = table(page)

    assert page.response.content_type.startswith("text/csv")
    assert head == ["Jeune", "Mentor", "Compte", "Depuis", "Mois comptés", "Mois demandés", "Déduit", "Compte à partir du"]
    assert not row[0].startswith("=")
    assert row[2:6] == ["oui", (paris_today() - days(300)).isoformat(), "6", "6"]


@pytest.mark.parametrize("path", [f"{COUNT}/2026/2/30", f"{COUNT}/2020/1/1", f"{COUNT}/2026/13/1", f"{COUNT}/0/1/1"])
def test_a_day_that_was_not_frozen_is_not_found(office, freeze, old, path):
    freeze(day_ago(1))

    assert office.page(path).status == 404


def test_only_pairs_that_had_begun_by_the_day_are_frozen(freeze, old, association, in_space, stored):
    with in_space(association):
        begun, _later = (begun_on(association, today() - days(ago)) for ago in (1, 0))
        proposed(association)
        life.drop(proposed(association), "staff")
        close_pair(again(association, old), today() - days(5), "planned", None)

    freeze(day_ago(1))

    assert {row.pair_id for row in stored(association, CountSnapshot)} == {old.id, begun.id}


def test_a_frozen_day_of_another_association_is_neither_read_nor_written(office, freeze, old, elsewhere, in_space, stored):
    with in_space(elsewhere):
        pair = factories.pair(factories.mentor(elsewhere, trained=True), factories.mentee(elsewhere))
        counting.freeze(today() - days(2), factories.user().id)

    freeze(day_ago(1))

    assert office.page(address(2)).status == 404
    assert [row.pair_id for row in stored(elsewhere, CountSnapshot)] == [pair.id]


def test_the_associations_rules_decide_what_is_deducted(association, in_space, people):
    with in_space(association):
        pair = again(association, people.pair)
        pair.starts_on = today() - days(300)
        strict = counting.counts([pair], today())[pair.id]
        choose(factories.user().id, deduct_silent=False)
        lenient = counting.counts([pair], today())[pair.id]

    assert (strict.months, strict.counts) == (0, False)
    assert (lenient.months, lenient.counts) == (6, True)


def test_a_longer_list_asks_nothing_more_of_the_database(office, association, in_space, statements):
    def add(count):
        with in_space(association):
            for _each in range(count):
                mentor = factories.mentor(association, trained=True, account=False)
                factories.pair(mentor, factories.mentee(association, account=False))

    add(1)
    office.page(COUNT)
    with statements() as one:
        office.page(COUNT)
    add(9)
    with statements() as ten:
        assert len(office.page(COUNT).rows) == 10

    assert len(ten) == len(one)


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_neither_of_the_two_reads_the_count(client, people, who):
    assert client.sign_in(getattr(people, who).user_id).page(COUNT).status == 403


def test_a_frozen_pair_is_not_removed(freeze, old, association, in_space):
    freeze(day_ago(1))

    with in_space(association):
        db.session.execute(text("DELETE FROM meetings"))
        with pytest.raises(DBAPIError, match="count_snapshots"), db.session.begin_nested():
            db.session.execute(text("DELETE FROM pairs"))


def test_the_page_of_a_pair_says_when_it_counts(office, old):
    page = office.page(f"/a/passerelle/binomes/{old.id}")

    assert "Décompte du programme compte 6 mois comptés sur 6, depuis le" in page.text
    assert "Compte depuis le" in page.text


def test_a_closed_pair_too_short_will_never_count(office, people, association, in_space):
    with in_space(association):
        close_pair(db.session.get(Pair, (association.id, people.pair.id)), today(), "fit", None)

    assert "ne comptera pas" in office.page(f"/a/passerelle/binomes/{people.pair.id}").text
