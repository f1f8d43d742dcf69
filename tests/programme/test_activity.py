"""« Activité » of the programme: numbers gathered every night, recounted by hand; on each clock, done twice, nobody named."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from app.database import now
from app.extensions import db
from app.followup.report import report as own
from app.pairs.models import Pair
from app.programme.activity import report
from app.programme.gathering import gather, gather_all
from app.programme.models import AssociationMonth
from tests import factories

PAGE = "/a/programme/associations/activite"
SINCE, UNTIL = date(2026, 1, 1), date(2026, 3, 31)
REUNION = ZoneInfo("Indian/Reunion")


def held(pair, *moment, minutes=60, state="held", zone="Europe/Paris"):
    factories.meeting(pair, state=state, starts_at=datetime(*moment, tzinfo=ZoneInfo(zone)), minutes=minutes)


def trained_today(tenant):
    mentor = factories.mentor(tenant, capacity=3)
    factories.train(mentor)
    return mentor


def pair_of(tenant, starts_on, mentor=None, mentee=None, **changes):
    mentor = mentor or trained_today(tenant)
    mentee = mentee or factories.mentee(tenant, last_name="Marqué")
    return factories.pair(mentor, mentee, starts_on=starts_on, **changes)


@pytest.fixture
def quarter(in_space, programme, association, elsewhere):
    """Pairs and sessions at the edges of the first quarter, in two associations, one of them overseas."""
    with in_space(association):
        mentor = trained_today(association)
        first = pair_of(association, date(2025, 12, 31), mentor)
        pair_of(association, date(2026, 2, 28), mentor)
        over = pair_of(association, date(2026, 1, 1), state="closed", closed_on=date(2026, 2, 1), closure_reason="moved")
        pair_of(association, date(2026, 4, 1))
        pair_of(association, date(2026, 1, 1), state="proposed")
        held(first, 2026, 1, 31, 23, 30)
        held(over, 2026, 1, 10, 18, minutes=90)
        held(first, 2026, 2, 1, 0, 30, minutes=30)
        held(first, 2026, 2, 8, 18, state="missed")
        held(first, 2025, 12, 31, 23)
        held(first, 2026, 4, 1, 0)
    with in_space(elsewhere):
        db.session.merge(elsewhere).timezone = "Indian/Reunion"
        far = pair_of(elsewhere, date(2026, 1, 15))
        held(far, 2026, 3, 31, 23, 30, minutes=120, zone="Europe/Paris")
        held(far, 2026, 3, 31, 23, 30, minutes=45, zone="Indian/Reunion")


@pytest.fixture
def gathered(app, quarter, programme, association, elsewhere):
    """The night has passed."""
    with app.app_context():
        for tenant in (association, elsewhere):
            gather.run(tenant_id=str(programme.id), association_id=str(tenant.id))


def of(tenant):
    """What was gathered of an association: (pairs, begun, closed, jeunes, mentors, sessions, minutes) by month."""
    rows = db.session.query(AssociationMonth).filter_by(association_id=tenant.id)
    return {row.month: (row.pairs, row.begun, row.closed, row.jeunes, row.mentors, row.held, row.minutes) for row in rows}


def test_each_month_is_what_is_counted_by_hand(gathered, in_space, programme, association, elsewhere):
    with in_space(programme):
        here, there = of(association), of(elsewhere)

    assert here[date(2025, 12, 1)] == (1, 1, 0, 1, 1, 1, 60)
    assert here[date(2026, 1, 1)] == (2, 1, 0, 2, 2, 2, 150)
    assert here[date(2026, 2, 1)] == (3, 1, 1, 3, 2, 1, 30)
    assert here[date(2026, 3, 1)] == (2, 0, 0, 2, 1, 0, 0)
    assert min(here) == date(2025, 12, 1)
    assert max(here) == factories.today().replace(day=1)
    assert (there[date(2026, 3, 1)][5:], there[date(2026, 4, 1)][5:]) == ((1, 45), (1, 120)), "on the association's own clock"


def test_who_reached_the_minimum_and_who_ended_before_are_gathered(app, in_space, programme, association):
    with in_space(association):
        long = pair_of(association, date(2025, 12, 10))
        for month in range(12, 19):
            held(long, 2025 + (month - 1) // 12, (month - 1) % 12 + 1, 20, 18)
        pair_of(association, date(2026, 1, 1), state="closed", closed_on=date(2026, 6, 20), closure_reason="moved")
    with app.app_context():
        gather.run(tenant_id=str(programme.id), association_id=str(association.id))

    with in_space(programme):
        june, year = (dict(report(since, date(2026, 6, 30)).headlines) for since in (date(2026, 6, 1), date(2026, 1, 1)))
    words = ("Binômes qui ont atteint 6 mois qui comptent", "dont terminés avant 6 mois qui comptent")
    assert [[figures[one] for one in words] for figures in (june, year)] == [[1, 1], [1, 1]]


def test_a_period_counts_no_pair_twice(gathered, in_space, programme):
    with in_space(programme):
        found = report(SINCE, UNTIL)

    numbers = dict(found.headlines)
    assert (numbers["Binômes accompagnés"], numbers["dont commencés dans la période"], numbers["Binômes terminés"]) == (4, 3, 1)
    assert (numbers["Jeunes en binôme, mars 2026"], numbers["Mentors en binôme, mars 2026"]) == (3, 2)
    assert (numbers["Séances tenues"], float(numbers["Durée des séances tenues"])) == (4, 3.75)
    assert list(found.months) == [(date(2026, 1, 1), 2, 150), (date(2026, 2, 1), 1, 30), (date(2026, 3, 1), 1, 45)]
    spread = {heading: list(lines) for heading, lines in found.spread}
    assert spread["Binômes accompagnés par chaque association"] == [("Passerelle", 3), ("Ailleurs", 1)]
    assert spread["Séances tenues"] == [("Passerelle", 3), ("Ailleurs", 1)]


def test_it_agrees_with_what_the_association_reads(gathered, in_space, programme, association):
    with in_space(association):
        theirs = dict(own(SINCE, UNTIL).headlines)
    with in_space(programme):
        spread = {heading: dict(lines) for heading, lines in report(SINCE, UNTIL).spread}

    assert spread["Binômes accompagnés par chaque association"]["Passerelle"] == theirs["Binômes en cours sur la période"]
    assert spread["Séances tenues"]["Passerelle"] == theirs["Séances tenues"]
    assert float(spread["Durée des séances, en heures"]["Passerelle"]) == float(theirs["Durée des séances tenues"])


def test_what_is_put_right_later_is_counted_the_next_night_and_once(app, gathered, in_space, programme, association):
    with in_space(association):
        pair = db.session.query(Pair).filter_by(starts_on=date(2026, 2, 28)).one()
        held(pair, 2026, 3, 3, 18)
    with in_space(programme):
        before = of(association)
    with app.app_context():
        for _time in range(2):
            gather.run(tenant_id=str(programme.id), association_id=str(association.id))

    with in_space(programme):
        after = of(association)
    assert after == before | {date(2026, 3, 1): (2, 0, 0, 2, 1, 1, 60)}


def test_once_a_day_the_programme_asks_each_association(app, quarter, programme, association, elsewhere, run_jobs):
    def hour():
        with app.app_context():
            for tenant in (programme, association, elsewhere):
                gather_all.run(tenant_id=str(tenant.id))
        return run_jobs()

    assert hour() == ["programme.gathering.gather"] * 2
    assert hour() == []
    with time_machine.travel(now() + timedelta(days=1)):
        assert hour() == ["programme.gathering.gather"] * 2


def test_an_association_without_a_pair_is_counted_with_nothing_yet(app, in_space, programme, association):
    with app.app_context():
        gather.run(tenant_id=str(programme.id), association_id=str(association.id))

    with in_space(programme):
        assert list(of(association).values()) == [(0,) * 7]


def test_the_page_names_nobody_and_shows_the_figures(gathered, operator):
    page = operator.page(f"{PAGE}?du={SINCE}&au={UNTIL}")

    assert page.heading == "Activité des associations"
    assert "Marqué" not in page.html
    assert ["Binômes accompagnés", "4"] in page.rows
    assert ["Mars 2026", "1", "45 min"] in page.rows
    assert "Relevés le" in page.text
    assert operator.page("/a/programme/associations").soup.find("a", href=PAGE)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_file_says_the_same(gathered, operator, form):
    response = operator.get(f"{PAGE}/{form}?du={SINCE}&au={UNTIL}")

    assert response.headers["Content-Disposition"] == f'attachment; filename="activite-{SINCE}-{UNTIL}.{form}"'
    if form == "csv":
        lines = response.get_data(as_text=True).splitlines()
        assert "Binômes accompagnés;4" in lines
        assert any(line.startswith("Passerelle;3") for line in lines)


def test_before_the_first_night_everything_is_nought(operator):
    page = operator.page(PAGE)

    assert (page.status, ["Associations dont les chiffres sont comptés", "0"] in page.rows) == (200, True)


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/csv"])
def test_a_period_that_cannot_be_is_said_at_its_field(operator, path):
    page = operator.page(f"{path}?du=2027-02-30&au=2027-03-01")

    assert (page.status, bool(page.errors)) == (422, True)


def test_a_period_is_of_whole_months_and_says_so(gathered, operator):
    asked = f"du={SINCE.replace(day=15)}&au={UNTIL.replace(day=2)}"

    page, file = operator.page(f"{PAGE}?{asked}"), operator.get(f"{PAGE}/csv?{asked}")

    assert (page.value("du"), page.value("au")) == (SINCE.isoformat(), UNTIL.isoformat())
    assert f"activite-{SINCE}-{UNTIL}.csv" in file.headers["Content-Disposition"]


def test_a_period_to_come_has_no_figures(operator):
    soon = factories.today() + timedelta(days=40)
    page = operator.page(f"{PAGE}?du={soon}&au={soon + timedelta(days=40)}")

    assert (page.status, page.errors) == (422, ["Cette période n'a pas encore commencé."])
