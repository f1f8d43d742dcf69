"""« Bilan »: figures recounted by hand, the edges of a period, nobody named, its file, and what is asked wrongly."""

from datetime import date, datetime, timedelta

import pytest
import time_machine

from app.extensions import db
from app.followup.report import report
from app.leads.actions import accept
from app.leads.models import Decline
from app.pairs.closing import close_pair
from app.pairs.models import Pair
from app.people.actions import close_file
from app.people.models import Mentee
from app.periods import usual_periods
from app.privacy.erasing import erase
from tests import factories
from tests.people.fixtures import day_ago

from .situations import SPACE

PAGE = f"{SPACE}/bilan"
SINCE, UNTIL = date(2027, 1, 1), date(2027, 6, 30)


def at(day, month=3):
    return datetime(2027, month, day, 17, 30).astimezone()


@pytest.fixture
def year(in_space, association, people):
    """A pair of the whole time, one closed in the period, one closed before, one that begins after, and one undone."""
    with in_space(association):
        pair = db.session.get(Pair, (people.pair.tenant_id, people.pair.id))
        pair.starts_on = date(2026, 9, 1)
        pair.mentor.capacity = 9
        pair.mentee.birth_date, pair.mentee.departement_code = date(2010, 1, 1), "69"
        days = {"in": (date(2027, 1, 15), date(2027, 6, 30)), "before": (date(2026, 9, 1), date(2026, 12, 31)),
                "after": (date(2027, 7, 1), None)}  # fmt: skip
        made = {}
        for name, (first, last) in days.items():
            jeune = factories.mentee(
                association, first_name=name, birth_date=date(2004, 1, 1), departement_code="38", needs=["school"]
            )
            made[name] = factories.pair(pair.mentor, jeune, starts_on=first)
            if last:
                close_pair(made[name], last, "goals", "")
        undone = factories.pair(pair.mentor, factories.mentee(association), starts_on=date(2027, 2, 1))
        undone.state, undone.closed_on, undone.closure_reason = "dropped", date(2027, 2, 2), "mistake"
        for row, moment, minutes in ((pair, at(1, 1), 60), (pair, at(31), 90), (made["in"], at(30, 6), 45), (pair, at(1, 7), 500)):
            factories.meeting(row, state="held", starts_at=moment, minutes=minutes)
        factories.meeting(pair, state="missed", starts_at=at(2))
        factories.lead("mentee", "accepted", accepted_at=at(5))
        factories.lead("mentor", "accepted", accepted_at=at(6, 7))
        for reason in ("no_mentor", "taken_back"):  # the second by the programme, which is no answer of theirs
            db.session.add(Decline(kind="mentee", reason=reason, created_at=at(7)))
        db.session.flush()


def test_the_figures_are_those_of_the_period(year, in_space, association):
    with in_space(association):
        found = report(SINCE, UNTIL)

    figures = dict(found.headlines)
    asked = {
        "Jeunes accompagnés": 2, "dont au moins une séance tenue dans la période": 2, "Binômes en cours sur la période": 2,
        "dont commencés dans la période": 1, "Mentors engagés dans un binôme": 1, "Séances tenues": 3,
        "Demandes de jeunes acceptées": 1, "Demandes de mentors acceptées": 0, "Demandes déclinées": 1,
    }  # fmt: skip
    assert {words: figures[words] for words in asked} == asked
    assert str(figures["Durée des séances tenues"]).startswith("3")
    assert [(first.month, held, minutes) for first, held, minutes in found.months if held] == [(1, 1, 60), (3, 1, 90), (6, 1, 45)]
    assert len(found.months) == 6
    spread = dict(found.spread)
    assert spread["Âge des jeunes"] == [("Moins de 18 ans", 1), ("De 18 à 25 ans", 1)]
    assert dict(spread["Département"]) == {"Rhône (69)": 1, "Isère (38)": 1}
    assert spread["Binômes terminés dans la période, et pourquoi"] == [("Objectifs atteints plus tôt", 1)]


def test_who_reached_the_minimum_and_who_ended_before_are_counted_where_they_did(in_space, association, people, admin):
    with in_space(association), time_machine.travel(datetime(2027, 6, 30, 18).astimezone()):
        pair = db.session.get(Pair, (people.pair.tenant_id, people.pair.id))
        pair.starts_on, pair.mentor.capacity = date(2026, 11, 10), 9  # counts on 10 May 2027
        begun = {"short": date(2027, 1, 5), "long": date(2026, 10, 1), "silent": date(2026, 11, 1)}
        made = {name: factories.pair(pair.mentor, factories.mentee(association), starts_on=day) for name, day in begun.items()}
        for row, first, months in ((pair, 11, 7), (made["long"], 10, 7), (made["short"], 1, 4), (made["silent"], 11, 2)):
            for month in range(first, first + months):
                day = datetime(2026 + (month - 1) // 12, (month - 1) % 12 + 1, 20, 17).astimezone()
                factories.meeting(row, state="held", starts_at=day)
        close_pair(made["short"], date(2027, 5, 5), "goals", "")
        close_pair(made["long"], date(2027, 5, 20), "goals", "")
        of_may, of_april = (dict(report(date(2027, month, 1), date(2027, month, 30)).headlines) for month in (5, 4))

    words = ("dont ayant atteint 6 mois comptés dans la période", "dont arrêtés dans la période, sans les avoir atteints")
    assert [[figures[one] for one in words] for figures in (of_may, of_april)] == [[1, 1], [1, 0]]
    assert "Un mois compte quand le binôme s'est vu" in admin.page(PAGE).text


def test_the_page_names_nobody_and_gives_a_file(year, admin, people):
    page = admin.page(f"{PAGE}?du=2027-01-01&au=2027-06-30")

    assert page.status == 200
    for name in (people.mentee.last_name, people.mentor.last_name):
        assert name not in page.soup.main.get_text()
    for link in page.soup.select("main a[href*='/bilan/']"):
        answer = admin.get(link["href"])
        assert answer.status_code == 200
        if "csv" in link["href"]:
            assert "Jeunes accompagnés;2" in answer.get_data(as_text=True)


def test_an_empty_association_reads_zeros(admin, in_space, association):
    page = admin.page(f"{PAGE}?du=2001-01-01&au=2001-01-31")

    assert page.status == 200
    numbers = {cell.get_text() for cell in page.soup.select("main table.list")[0].select("tbody td")}
    assert numbers <= {
        "0",
        "0\N{NO-BREAK SPACE}minute",
    }


def test_without_a_period_it_is_this_year(admin):
    page = admin.page(PAGE)

    assert (page.value("du"), page.value("au")) == (f"{day_ago(0)[:4]}-01-01", day_ago(0))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("du=&au=2027-01-01", "Indiquez une date qui existe."),
        ("du=2027-02-30&au=2027-03-01", "Indiquez une date qui existe."),
        ("du=2027-03-02&au=2027-03-01", "La fin vient après le début."),
        ("du=1999-12-31&au=2000-01-01", "Choisissez une date depuis l'an 2000."),
        ("du=2000-01-01&au=2027-01-01", "Dix ans au plus."),
        ("du=9999-01-01&au=9999-12-31", "Choisissez une date d'ici un an."),
        ("du=x&au=y", "Indiquez une date qui existe."),
    ],
)
@pytest.mark.parametrize("where", ["", "/csv"])
def test_a_period_that_is_none_is_said_at_its_field(admin, asked, said, where):
    page = admin.page(f"{PAGE}{where}?{asked}")

    assert page.status == 422
    assert said in page.errors


def test_only_the_team_reads_it(signed):
    for who in ("mentor", "mentee"):
        assert signed(who).page(PAGE).status in {403, 404}
    assert signed("coordinator").page(f"{PAGE}?du={day_ago(9)}&au={day_ago(0)}").status == 200


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (
            date(2027, 1, 15),
            [
                ("Ce mois-ci", "2027-01-01", "2027-01-15"),
                ("Le mois dernier", "2026-12-01", "2026-12-31"),
                ("Le trimestre dernier", "2026-10-01", "2026-12-31"),
                ("Cette année", "2027-01-01", "2027-01-15"),
                ("L'année dernière", "2026-01-01", "2026-12-31"),
                ("Cette année scolaire", "2026-09-01", "2027-01-15"),
            ],
        ),
        (
            date(2028, 3, 31),
            [
                ("Ce mois-ci", "2028-03-01", "2028-03-31"),
                ("Le mois dernier", "2028-02-01", "2028-02-29"),
                ("Le trimestre dernier", "2027-10-01", "2027-12-31"),
                ("Cette année", "2028-01-01", "2028-03-31"),
                ("L'année dernière", "2027-01-01", "2027-12-31"),
                ("Cette année scolaire", "2027-09-01", "2028-03-31"),
            ],
        ),
        (date(2026, 9, 1), [("Cette année scolaire", "2026-09-01", "2026-09-01")]),
    ],
)
def test_the_periods_that_people_ask_for_are_one_click_away(app, on, said):
    with app.test_request_context("/"):
        periods = [(words, first.isoformat(), last.isoformat()) for words, first, last in usual_periods(on)]

    assert periods[-len(said) :] == said


def test_who_met_after_the_last_day_was_not_accompanied(in_space, association, people):
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        pair.starts_on, pair.state, pair.closed_on = date(2026, 9, 1), "closed", date(2026, 12, 15)
        pair.closure_reason = "planned"
        factories.meeting(pair, starts_at=at(10), state="held")

        figures = dict(report(SINCE, UNTIL).headlines)

        assert (figures["Jeunes accompagnés"], figures["dont au moins une séance tenue dans la période"]) == (0, 0)


def test_what_was_accepted_is_counted_still_when_they_are_erased(in_space, association, people):
    with in_space(association):
        lead = factories.lead()
        accept(lead, people.coordinator.user_id)
        mentee = db.session.query(Mentee).filter_by(lead_id=lead.id).one()
        since = factories.today() - timedelta(days=30)
        before = report(since, factories.today()).headlines
        close_file(mentee)

        erase(mentee)

        assert report(since, factories.today()).headlines == before
