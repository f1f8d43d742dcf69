"""Each of the two reads and types hours of their own clock, overseas, in summer, around midnight; rules go by the space's."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from app.extensions import db
from app.meetings.models import Meeting
from app.pairs.models import Pair
from app.tenants.models import Tenant
from app.territory.zones import clock_of
from tests import factories

from .situations import DAY, HOUR, PARIS, SPACE, at, path, plain, plan_path, since_long, stored, typed

PLACES = [
    ("974", date(2027, 3, 16), "17:30", datetime(2027, 3, 16, 13, 30, tzinfo=UTC), "Mardi 16 mars, 14 h 30"),
    ("974", date(2027, 7, 15), "22:30", datetime(2027, 7, 15, 18, 30, tzinfo=UTC), "Jeudi 15 juillet, 20 h 30"),
    ("972", date(2027, 7, 15), "09:30", datetime(2027, 7, 15, 13, 30, tzinfo=UTC), "Jeudi 15 juillet, 15 h 30"),
    ("973", date(2027, 3, 16), "08:00", datetime(2027, 3, 16, 11, tzinfo=UTC), "Mardi 16 mars, 12 h"),
    ("976", date(2027, 3, 15), "22:00", datetime(2027, 3, 15, 19, tzinfo=UTC), "Lundi 15 mars, 20 h"),
    ("988", date(2027, 3, 16), "06:30", datetime(2027, 3, 15, 19, 30, tzinfo=UTC), "Lundi 15 mars, 20 h 30"),
    ("988", date(2027, 1, 1), "06:30", datetime(2026, 12, 31, 19, 30, tzinfo=UTC), "Jeudi 31 décembre 2026, 20 h 30"),
    ("987", date(2027, 3, 15), "21:00", datetime(2027, 3, 16, 7, tzinfo=UTC), "Mardi 16 mars, 8 h"),
    ("987", date(2026, 12, 31), "20:00", datetime(2027, 1, 1, 6, tzinfo=UTC), "Vendredi 1er janvier 2027, 7 h"),
    ("69", date(2027, 3, 28), "17:30", datetime(2027, 3, 28, 15, 30, tzinfo=UTC), "Dimanche 28 mars, 17 h 30"),
]


@pytest.fixture
def lives(in_space, people, association):
    """Say where one of the two lives: `lives("mentor", "974")`."""

    def move(side, departement):
        with in_space(association):
            since_long(people.pair)
            getattr(db.session.get(Pair, (association.id, people.pair.id)), side).departement_code = departement

    return move


@pytest.fixture
def signed_in(app, people):
    """A client of one of the two, with a session of the moment that it is now."""
    return lambda side: app.test_client().sign_in(getattr(people, side).user_id)


@pytest.mark.parametrize(("departement", "day", "hour", "moment", "read"), PLACES)
def test_the_mentor_types_their_hour_and_the_jeune_reads_theirs(
    departement, day, hour, moment, read, lives, signed_in, people, in_space, association, letters
):
    lives("mentor", departement)

    with at(moment - 3 * DAY):
        page = signed_in("mentor").send(plan_path(people.pair), typed(day, hour))
        jeune = signed_in("mentee")
        with in_space(association):
            (meeting,) = stored(people.pair)
        pages = [jeune.page(f"{SPACE}/"), jeune.page(f"{SPACE}/rendez-vous"), jeune.page(path(meeting))]

    assert meeting.starts_at == moment
    shown = f"{int(hour[:2])} h {hour[3:]}".removesuffix(" 00")
    assert f", {shown} avec Inès" in page.text
    for one in pages:
        year = read.replace(" 2026", "") if (moment - 3 * DAY).year == 2026 else read
        assert year in one.text
    (letter,) = letters("meeting_planned")
    assert read.partition(", ")[2] + "." in plain(letter.text)


@pytest.mark.parametrize("departement", ["974", "972", "973", "976", "988", "987", "69"])
def test_moving_starts_from_the_mentors_own_hour(departement, lives, signed_in, people, in_space, association):
    moment = datetime(2027, 5, 12, 15, 30, tzinfo=UTC)
    lives("mentor", departement)
    with in_space(association):
        meeting = factories.meeting(people.pair, starts_at=moment)

    with at(moment - 5 * DAY):
        page = signed_in("mentor").page(path(meeting, "/deplacement"))

    here = moment.astimezone(clock_of(departement))
    assert (page.value("day"), page.value("time")) == (f"{here:%Y-%m-%d}", f"{here:%H:%M}")


@pytest.mark.parametrize(("mine", "theirs", "said"), [("69", "69", False), ("69", "974", True), ("972", "971", False)])
def test_whose_hour_it_is_is_said_where_the_two_do_not_share_it(mine, theirs, said, lives, signed_in, people):
    lives("mentor", mine)
    lives("mentee", theirs)

    page = signed_in("mentor").page(plan_path(people.pair))

    assert ("L'heure est celle de chez vous. Inès la lira à son heure." in page.text) is said


def test_the_jeunes_hours_are_typed_and_read_on_their_own_clock(lives, signed_in, people, in_space, association):
    """A jeune in Nouméa proposes nine in the morning: the mentor in Lyon reads eleven in the evening of the day before."""
    lives("mentee", "988")
    with at(datetime(2027, 3, 10, 11, tzinfo=UTC)):
        signed_in("mentee").send(
            f"{SPACE}/binomes/{people.pair.id}/propositions/nouvelle",
            {"length": "60", "place": "remote", "day0": "2027-03-16", "time0": "09:00"},
        )
        offer = signed_in("mentor").page(f"{SPACE}/").soup.find("a", string="Choisir un moment")["href"]

        page = signed_in("mentor").page(offer)

    assert "Lundi 15 mars, à 23 h" in page.text


LOGS = [
    ("987", "2027-03-09", "23:30", datetime(2027, 3, 10, 9, 30, tzinfo=UTC)),
    ("988", "2027-03-10", "08:00", datetime(2027, 3, 9, 21, tzinfo=UTC)),
    ("69", "2027-03-10", "00:30", datetime(2027, 3, 9, 23, 30, tzinfo=UTC)),
]


@pytest.mark.parametrize(("departement", "day", "hour", "moment"), LOGS)
def test_what_was_not_planned_is_logged_at_the_mentors_hour(
    departement, day, hour, moment, lives, signed_in, people, in_space, association
):
    lives("mentor", departement)

    with at(moment + HOUR):
        data = {"outcome": "held", "length": "60", "place": "remote", "day": day, "time": hour}
        signed_in("mentor").send(f"{SPACE}/binomes/{people.pair.id}/seances/nouvelle", data)

    with in_space(association):
        assert [(m.starts_at, m.state) for m in stored(people.pair)] == [(moment, "held")]


MONTHS = [
    ("69", datetime(2027, 2, 28, 23, 30, tzinfo=UTC), (2027, 3)),
    ("987", datetime(2027, 3, 1, 9, 30, tzinfo=UTC), (2027, 2)),
    ("988", datetime(2027, 2, 28, 13, 30, tzinfo=UTC), (2027, 3)),
    ("974", datetime(2026, 12, 31, 20, 30, tzinfo=UTC), (2027, 1)),
]


@pytest.mark.parametrize(("departement", "moment", "month"), MONTHS)
def test_a_month_is_one_of_the_mentors_own_calendar(departement, moment, month, lives, signed_in, people, in_space, association):
    lives("mentor", departement)
    with in_space(association):
        factories.meeting(people.pair, starts_at=moment)
    before, after = ((month[0], month[1] + step) if month[1] + step > 0 else (month[0] - 1, 12) for step in (-1, 1))

    with at(moment + 40 * DAY):
        pages = [signed_in("mentor").page(f"{SPACE}/seances/{year}/{one}") for year, one in (before, month, after)]

    assert [len(page.soup.select("input[name^=minutes_]")) for page in pages] == [0, 1, 0]


@pytest.mark.parametrize(("zone", "status"), [("Europe/Paris", 422), ("Indian/Reunion", 200)])
def test_the_first_day_of_a_pair_is_one_of_the_spaces_clock(zone, status, lives, signed_in, people, in_space, association):
    """At 23 h 30 in Paris it is already the day after in La Réunion, and the morning where the jeune lives."""
    first = date(2027, 3, 10)
    lives("mentee", "988")
    with in_space(association):
        db.session.get(Tenant, association.id).timezone = zone
        db.session.get(Pair, (association.id, people.pair.id)).starts_on = first

    with at(datetime(2027, 3, 8, 12, tzinfo=UTC)):
        page = signed_in("mentor").send(plan_path(people.pair), typed(first - timedelta(days=1), "23:30"))

    assert page.status == status


def test_staff_read_the_hours_of_the_space(coordinator, lives, people, in_space, association):
    lives("mentor", "988")
    lives("mentee", "987")
    day = factories.today() + timedelta(days=9)
    with in_space(association):
        factories.meeting(people.pair, starts_at=datetime.combine(day, datetime.min.time(), tzinfo=PARIS).replace(hour=17))

    assert ", 17 h" in coordinator.page(f"{SPACE}/rendez-vous/a-venir").text
    assert ", 17 h" in coordinator.page(f"{SPACE}/binomes/{people.pair.id}").text


@pytest.mark.parametrize("departement", ["988", "987", "69"])
def test_a_calendar_says_the_same_moment_on_the_readers_clock(departement, lives, signed_in, people, in_space, association):
    moment = datetime(2027, 7, 16, 1, 30, tzinfo=UTC)
    lives("mentee", departement)
    with in_space(association):
        meeting = factories.meeting(people.pair, starts_at=moment)

    with at(moment - DAY):
        calendar = Calendar.from_ical(signed_in("mentee").get(path(meeting, "/agenda")).data)

    (event,) = calendar.walk("VEVENT")
    assert event.decoded("DTSTART") == moment
    assert event["DTSTART"].params["TZID"] == str(clock_of(departement))
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == [str(clock_of(departement))]


def test_an_hour_that_does_not_exist_is_the_next_and_one_that_comes_twice_is_the_first(
    lives, signed_in, people, in_space, association
):
    lives("mentee", "987")  # where it is the afternoon
    for day, expected in ((date(2027, 3, 28), "03:30"), (date(2027, 10, 31), "02:30")):
        with at(datetime.combine(day - 3 * DAY, datetime.min.time(), tzinfo=UTC)):
            signed_in("mentor").send(plan_path(people.pair), typed(day, "02:30"))
        with in_space(association):
            meeting = db.session.query(Meeting).order_by(Meeting.starts_at.desc()).first()
            assert f"{meeting.starts_at.astimezone(ZoneInfo('Europe/Paris')):%H:%M}" == expected

    assert meeting.starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
