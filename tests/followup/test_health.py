"""How pairs fare: the state of each from its calls, how many are in each, week after week; each association its own."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.extensions import db
from app.followup import rules
from app.followup.calls import health_of
from app.followup.health import WEEKS, counted, evolution, note_day
from app.followup.jobs import follow
from app.followup.models import Call, HealthDay
from app.pairs.closing import close_pair
from app.web import today
from tests import factories

from .situations import DAY, MINUTE, SPACE, at, contact, moment, pair_path, situation

PAGE = f"{SPACE}/sante-des-binomes"
DANGER = ["help", "after_help", "stopped", "home", "disagreement", "said_bad", "two_missed", "long_silence"]
WATCH = ["alarming", "low_face", "said_watch", "no_meeting", "first_month", "piece", "contact", "question", "bounced"]
NOTHING = ["first_alone", "next_step", "review"]
STATES = [*((kind, "danger") for kind in DANGER), *((kind, "watch") for kind in WATCH), *((kind, "well") for kind in NOTHING)]
WORDS = {"danger": "en difficulté", "watch": "à surveiller", "well": "va bien"}


@pytest.fixture(autouse=True)
def no_pair(in_space, association, people):
    """The pair of the other tests is over: each test has its own."""
    with in_space(association):
        close_pair(situation(association, people.pair), today(), "planned", None)


@pytest.fixture
def a_pair(in_space, association):
    """A pair with calls of these kinds, that are open unless said otherwise."""

    def make(first_name, *kinds, state="active", **values):
        facts = {"day": "2027-03-01", "month": 3, "piece": "record", "ends_on": "2027-03-01"}
        with in_space(association):
            mentee = factories.mentee(association, first_name=first_name)
            pair = factories.pair(factories.mentor(association, trained=True), mentee, state=state)
            for kind in kinds:
                call = {"kind": kind, "side": "mentor", "rank": rules.RANKS[kind], "since": today(), "facts": facts, **values}
                db.session.add(Call(pair_id=pair.id, **call))
        return pair

    return make


@pytest.fixture
def count(in_space, association):
    """How many pairs are in each state."""

    def read():
        with in_space(association):
            return counted()

    return read


@pytest.fixture
def shown(admin):
    """The first names of the jeunes whose pairs are in a state."""

    def read(state):
        rows = admin.page(f"{PAGE}?etat={state}").soup.select("ul.rows .what > p:first-child")
        return [row.get_text().split()[0] for row in rows]

    return read


def test_every_rule_makes_a_state():
    assert {kind for kind, _state in STATES} == set(rules.RULES)


@pytest.mark.parametrize(("kind", "state"), STATES)
def test_a_call_says_how_a_pair_fares(kind, state, a_pair, count, shown, admin):
    pair = a_pair("Awa", kind)

    assert count() == {"danger": 0, "watch": 0, "well": 0} | {state: 1}
    assert {one: shown(one) for one in WORDS} == {one: ["Awa"] if one == state else [] for one in WORDS}
    assert ("vient de commencer" if state == "well" else WORDS[state]) in admin.page(pair_path(pair)).text
    assert health_of([Call(kind=kind)]) == state


@pytest.mark.parametrize("first", [None, "meeting", "contact", "try"])
def test_a_pair_of_which_nothing_was_heard_has_only_begun(first, a_pair, admin, in_space, association, people):
    pair = a_pair("Awa")
    with in_space(association):
        if first == "meeting":
            factories.meeting(pair, -1, "held")
        elif first:
            contact(pair, people.coordinator.user_id, reached=first == "contact")

    page = admin.page(pair_path(pair)).text

    assert ("vient de commencer" in page) is (first in {None, "try"})
    assert ("va bien" in page) is (first in {"meeting", "contact"})


@pytest.mark.parametrize(
    ("kind", "leads_to"),
    [("help", "/messages/mentor"), ("after_help", "/messages/mentor"), ("alarming", "#rendez-vous"), ("low_face", "#rendez-vous"),
     ("said_bad", "/echanges")],
)  # fmt: skip
def test_who_says_that_something_is_wrong_comes_first_with_what_to_read_and_whom_to_call(
    kind, leads_to, a_pair, admin, in_space, association
):
    pair = a_pair("Awa", kind, "review")
    with in_space(association):
        situation(association, pair).starts_on = factories.today() - 100 * DAY

    page = admin.page(pair_path(pair)).soup

    urgent, *_others = page.main.select(".sheet")
    assert urgent.select_one(".why a")["href"] == pair_path(pair, leads_to)
    assert urgent.select_one(".acts a.go:not(.plain)")["href"].startswith("tel:")
    assert ("help" in urgent["class"]) is (kind in {"help", "after_help"})
    assert "plain" in page.find("a", string="Faire le point")["class"]


@pytest.mark.parametrize(("kind", "values"), [("contact", {}), ("low_face", {"snoozed_until": factories.today() + 7 * DAY})])
def test_what_is_not_urgent_or_was_put_off_comes_in_its_place(kind, values, a_pair, admin):
    page = admin.page(pair_path(a_pair("Awa", kind, **values))).soup

    assert page.select_one(".two .why")
    assert not page.select(".call")


def test_the_worst_counts_once(a_pair, count, shown):
    a_pair("Awa", "contact", "two_missed", "review")
    a_pair("Bilal", "contact", "review")
    a_pair("Chloé", "review")
    a_pair("Driss")

    assert count() == {"danger": 1, "watch": 1, "well": 2}
    assert [shown(state) for state in WORDS] == [["Awa"], ["Bilal"], ["Chloé", "Driss"]]


def test_what_ended_counts_no_more_what_was_put_off_still_does(a_pair, shown):
    a_pair("Awa", "contact", ended_at=moment(date(2026, 3, 1)))
    a_pair("Bilal", "contact", snoozed_until=factories.today() + 7 * DAY)

    assert (shown("watch"), shown("well")) == (["Bilal"], ["Awa"])


@pytest.mark.parametrize(
    ("state", "counts"), [("active", True), ("paused", True), ("closing", True), ("proposed", False), ("signing", False)]
)
def test_only_pairs_under_way_are_counted(state, counts, a_pair, count):
    a_pair("Awa", state=state)

    assert count()["well"] == int(counts)


def test_a_pair_that_is_over_is_not_counted_even_with_a_call_for_help(a_pair, count, in_space, association):
    pair = a_pair("Awa", "help")
    with in_space(association):
        close_pair(situation(association, pair), today(), "planned", None)
        db.session.add(Call(pair_id=pair.id, kind="help", side="mentee", rank=0, since=today()))

    assert count() == {"danger": 0, "watch": 0, "well": 0}


def test_the_rules_make_the_states(a_pair, refreshed, count, in_space, association):
    pair = a_pair("Awa")
    for days, state in ((-20, "watch"), (-61, "danger"), (-3, "well")):
        with in_space(association):
            situation(association, pair).starts_on = factories.today() + timedelta(days)
        refreshed()
        assert count()[state] == 1


@pytest.mark.parametrize("state", ["", "superbe", "'"])
def test_another_state_is_the_first(state, a_pair, shown):
    a_pair("Awa", "help")

    assert shown(state) == ["Awa"]


def test_a_state_with_nobody_says_so(admin):
    assert "Aucun binôme dans cet état." in admin.page(f"{PAGE}?etat=well").text


def test_a_long_state_has_pages(a_pair, admin):
    for _rank in range(60):
        a_pair("Awa", "help")

    page = admin.page(PAGE)

    assert 0 < len(page.soup.select("ul.rows > li")) < 60
    assert "En difficulté 60" in page.text.replace("(", "").replace(")", "")


# Week after week.


@pytest.fixture
def noted(in_space, association):
    """Note counts of days: `noted({day: (well, watch, danger)})`."""

    def write(days):
        with in_space(association):
            for day, (well, watch, danger) in days.items():
                db.session.add(HealthDay(on_day=day, well=well, watch=watch, danger=danger))

    return write


def test_the_last_day_of_each_week_is_kept_the_oldest_first(noted, in_space, association):
    monday = date(2027, 3, 1)
    noted({monday: (1, 0, 0), monday + 6 * DAY: (2, 0, 0), monday + 7 * DAY: (3, 0, 0), monday + 8 * DAY: (4, 0, 0)})

    with in_space(association):
        assert [(row.on_day, row.well) for row in evolution(monday + 8 * DAY)] == [(monday + 6 * DAY, 2), (monday + 8 * DAY, 4)]


def test_half_a_year_is_shown(noted, in_space, association):
    day = date(2027, 6, 30)
    noted({day - 7 * rank * DAY: (rank, 0, 0) for rank in range(60)})

    with in_space(association):
        assert [row.well for row in evolution(day)] == list(range(WEEKS))[::-1]


def test_the_picture_has_its_table(noted, admin):
    day = factories.today()
    noted({day - 7 * DAY: (5, 3, 1), day - 14 * DAY: (8, 0, 0)})

    page = admin.page(PAGE)

    assert [row[1:] for row in page.rows] == [["5", "3", "1"], ["8", "0", "0"]]
    assert len(page.soup.select("svg.bars rect")) == 6
    days = [row.td.get_text() for row in page.soup.select("tbody tr")]
    assert [one.get_text() for one in page.soup.select(".ends span")] == [days[-1], days[0]]
    assert page.soup.select_one("svg.bars")["aria-label"]


def test_a_week_of_few_pairs_is_a_low_bar(noted, admin):
    day = factories.today()
    noted({day - 7 * DAY: (5, 3, 2), day - 14 * DAY: (0, 0, 1)})

    bars = admin.page(PAGE).soup.select("svg.bars rect")

    assert [(bar["class"][0], float(bar["y"]), float(bar["height"])) for bar in bars] == [
        ("danger", 90, 10), ("watch", 100, 0), ("well", 100, 0), ("danger", 0, 20), ("watch", 20, 30), ("well", 50, 50)
    ]  # fmt: skip


def test_a_week_without_pairs_and_the_first_week_are_no_error(noted, admin):
    day = factories.today()
    noted({day: (0, 0, 0)})
    assert admin.page(PAGE).soup.select("svg.bars") == []

    noted({day - 7 * DAY: (0, 0, 0)})
    assert len(admin.page(PAGE).rows) == 2


@pytest.mark.parametrize("zone", ["Europe/Paris", "Indian/Reunion", "Pacific/Noumea", "Pacific/Tahiti"])
def test_the_day_is_that_of_the_associations_clock_and_is_noted_once(zone, on_clock, a_pair, app, association, in_space):
    a_pair("Awa")
    on_clock(zone)
    midnight = moment(date(2028, 2, 29), "00:00", zone)
    for when in (midnight - MINUTE, midnight, midnight + MINUTE):
        with at(when), app.app_context():
            follow.run(tenant_id=str(association.id))

    with in_space(association):
        days = db.session.scalars(select(HealthDay).order_by(HealthDay.on_day)).all()
        assert [(row.on_day, row.well + row.watch + row.danger) for row in days] == [(date(2028, 2, 28), 1), (date(2028, 2, 29), 1)]


def test_the_same_day_again_replaces_what_was_noted(a_pair, in_space, association):
    for name in ("Awa", "Bilal"):
        a_pair(name)
        with in_space(association):
            note_day(date(2027, 3, 1))

    with in_space(association):
        assert [row.well for row in db.session.scalars(select(HealthDay))] == [2]


# Whose.


@pytest.mark.parametrize(("who", "status"), [("coordinator", 200), ("mentor", 403), ("mentee", 403)])
def test_the_team_alone_reads_it(who, status, signed):
    assert signed(who).page(PAGE).status == status


def test_another_association_counts_its_own(a_pair, noted, app, in_space, elsewhere):
    a_pair("Awa", "help")
    noted({factories.today() - 7 * rank * DAY: (9, 9, 9) for rank in range(3)})
    with in_space(elsewhere):
        staff = factories.staff(elsewhere, "admin")
        assert counted() == {"danger": 0, "watch": 0, "well": 0}
        assert evolution(today()) == []

    client = app.test_client().sign_in(staff.user_id)
    assert "Awa" not in client.page("/a/ailleurs/sante-des-binomes").html
    assert client.page(PAGE).status == 404
