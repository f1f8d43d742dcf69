"""Every session of a period, one line each, as a file that adds up; names, and nothing that was said."""

import csv
import io
from datetime import datetime, time, timedelta

import pytest

from app.extensions import db
from app.followup.report import report
from app.periods import Hours
from app.sheets import as_csv
from tests import factories

from .situations import SPACE, a_meeting, plain

FILE = f"{SPACE}/seances/export/csv"


@pytest.fixture
def met(in_space, association, people):
    """Three meetings of last week: one held, one missed, one of the year before."""
    with in_space(association):
        day = factories.today() - timedelta(days=3)
        start = datetime.combine(day, time(17, 30), tzinfo=association.zone)
        a_meeting(people.pair, starts_at=start, state="held", minutes=75, subjects=["cv"], note="Secret")
        a_meeting(people.pair, starts_at=start + timedelta(days=1), state="missed", note="Secret")
        a_meeting(people.pair, starts_at=start - timedelta(days=400), state="held")
    return day


def lines(page):
    return list(csv.reader(io.StringIO(page.response.get_data().decode("utf-8-sig")), delimiter=";"))


def test_each_session_of_the_period_is_a_line(coordinator, met):
    head, *rows = lines(coordinator.page(f"{FILE}?du={met}&au={met + timedelta(days=2)}"))

    assert head[7] == "Minutes"
    assert [(row[0], row[1], row[7], row[9], row[10]) for row in rows] == [
        (met.isoformat(), "17:30", "75", "Tenue", "CV"), ((met + timedelta(days=1)).isoformat(), "17:30", "", "N'a pas eu lieu", "")
    ]  # fmt: skip
    assert "Secret" not in str(rows)


def test_without_names_a_pair_is_a_code_and_the_same_in_every_file(coordinator, met, people):
    head, *rows = lines(coordinator.page(f"{FILE}?du={met}&au={met}&noms=sans"))
    _head, *later = lines(coordinator.page(f"{FILE}?du={met}&au={met + timedelta(days=2)}&noms=sans"))

    assert head == ["Date", "Heure", "Binôme", "Minutes", "Lieu", "Où cela en est", "Sujets"]
    assert {row[2] for row in (*rows, *later)} == {people.pair.id.hex[-8:].upper()}
    assert people.mentee.last_name not in str((head, rows, later))


def test_a_period_that_cannot_be_leads_back(coordinator, met):
    assert coordinator.get(f"{FILE}?du=hier&au={met}").location.endswith("/bilan")


def test_the_page_of_figures_leads_there(coordinator, met):
    links = [link.get("href") for link in coordinator.page(f"{SPACE}/bilan?du={met}&au={met}").tree.xpath("//main//a")]

    assert f"{SPACE}/seances/export/xlsx?du={met}&au={met}" in links


def test_hours_are_a_number_for_a_spreadsheet(in_space, association, met):
    with in_space(association):
        figures = report(met, met + timedelta(days=1))
        words = dict(figures.headlines)["Durée des séances tenues"]
        rows = list(figures.rows())
        db.session.rollback()

    assert (str(words).split(), words) == (["1", "heure", "15"], Hours(1.25))
    assert ["Durée des séances tenues, en heures", 1.25] in rows
    assert "en heures;1,25" in as_csv(rows).decode()


def test_each_file_says_what_it_holds_and_for_whom(coordinator, met):
    page = coordinator.page(f"{SPACE}/bilan?du={met}&au={met}")

    links = {
        link.get("aria-label").removeprefix("Télécharger (Excel), "): link["href"] for link in page.soup.select("a[href*=xlsx]")
    }
    assert [plain(words) for words in links] == [
        "Ces chiffres, sans aucun nom",
        "Séance par séance, sans les noms (pour un financeur)",
        "Séance par séance, avec les noms (pour l'équipe seulement)",
    ]
    assert ["noms=sans" in href for href in links.values()] == [False, True, False]
    assert len({link.find_parent("p") for link in page.soup.select("a[href*=xlsx]")}) == 3, "each on its own line"
