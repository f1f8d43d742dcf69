"""Where people ask and where they offer: a picture, and the same numbers in a table."""

import csv
import io
from datetime import timedelta

import pytest

from app.database import now
from tests import factories

PAGE = "/a/programme/territoires"


@pytest.fixture
def ask(in_space, programme):
    def make(count, departement, **changes):
        with in_space(programme):
            for _rank in range(count):
                factories.lead(**{"state": "waiting", "departement_code": departement, **changes})

    return make


def test_nothing_asked_says_so(operator):
    assert "Aucune demande depuis trois mois." in operator.page(PAGE).text


def test_each_departement_says_who_asks_who_offers_and_who_serves_it(operator, association, ask):
    ask(3, "69")
    ask(1, "69", kind="mentor", state="accepted", accepted_at=now())
    ask(1, "23")

    page = operator.page(PAGE)

    assert page.rows == [
        ["69 · Rhône", "3", "1", "3", "Passerelle"],
        ["23 · Creuse", "1", "0", "1", "aucune sur place"],
    ]


def test_where_most_wait_comes_first_and_leads_to_their_requests(operator, ask):
    ask(3, "69", state="oriented")
    ask(1, "974")

    page = operator.page(PAGE)
    link = page.soup.select_one("td.num a")

    assert [row[0] for row in page.rows] == ["974 · La Réunion", "69 · Rhône"]
    assert (link.get_text(), len(page.soup.select("td.num a"))) == ("1", 1)
    assert len(operator.page(link["href"]).soup.select("main a[href*='/orientation/']")) == 1


def test_the_same_numbers_are_taken_away(operator, association, ask):
    ask(2, "69")
    link = operator.page(PAGE).soup.find("a", string="Télécharger (CSV)")["href"]

    head, *rows = csv.reader(io.StringIO(operator.get(link).data.decode("utf-8-sig")), delimiter=";")

    assert head == ["Code", "Département", "Jeunes", "Mentors", "Attendent", "Associations"]
    assert rows == [["69", "Rhône", "2", "0", "2", "Passerelle"]]


def test_the_picture_says_the_same_numbers(operator, ask):
    ask(4, "69")
    ask(2, "69", kind="mentor")
    ask(1, "23")

    chart = operator.page(PAGE).soup.select_one("svg.chart")

    assert [text.get_text() for text in chart.select("text")] == ["69", "4", "2", "23", "1", "0"]
    assert [rect["width"] for rect in chart.select("rect")] == ["520.0", "260.0", "130.0", "0.0"]
    assert chart["aria-label"]


def test_what_is_old_or_withdrawn_is_not_counted(operator, ask):
    ask(1, "69", requested_at=now() - timedelta(days=91), state="accepted", accepted_at=now())
    ask(1, "69", state="withdrawn", withdrawn_at=now())

    assert operator.page(PAGE).rows == []


def test_who_has_waited_longest_still_waits(operator, ask):
    ask(1, "69", requested_at=now() - timedelta(days=91))

    assert operator.page(PAGE).rows == [["69 · Rhône", "0", "0", "1", "aucune sur place"]]


def test_an_association_to_which_nothing_can_be_sent_serves_nobody(app, operator, ask):
    factories.association(app, "vide", "Vide", ["23"], mentee_capacity=0, mentor_capacity=0)
    ask(1, "23")

    assert operator.page(PAGE).rows[0][4] == "aucune sur place"


def test_an_association_in_pause_serves_nobody(app, operator, ask):
    factories.association(app, "pause", "Pause", ["23"], paused_until=factories.today() + timedelta(days=9))
    ask(1, "23")

    assert operator.page(PAGE).rows[0][4] == "aucune sur place"


def test_it_names_nobody(operator, ask):
    ask(1, "69", first_name="Zénobie")

    assert "Zénobie" not in operator.page(PAGE).html
