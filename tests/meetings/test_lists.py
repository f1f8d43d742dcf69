"""The team's lists of meetings: what narrows them, the same in the file, and what is asked that does not exist."""

import csv
import io

import pytest

from app.extensions import db
from app.pairs.models import Pair

from .situations import SPACE, a_meeting, brother

COMING, TO_LOG = f"{SPACE}/rendez-vous/a-venir", f"{SPACE}/rendez-vous/a-noter"


@pytest.fixture
def rows(in_space, association, people):
    """Two pairs of one mentor, of which the coordinator follows the first; each meets soon, later, and did long ago and lately."""
    with in_space(association):
        db.session.get(Pair, (association.id, people.pair.id)).mentee.phone = "+33612345678"
        other = brother(association, people.pair, "Zinédine")
        db.session.get(Pair, (association.id, people.pair.id)).coordinator_id = people.coordinator.id
        other.coordinator_id = None
        for pair, shift in ((people.pair, 0), (other, 1)):
            for days in (2, 20, 50, -2, -20, -50):
                a_meeting(pair, days + (shift if days > 0 else -shift))


def shown(page):
    return len(page.soup.select(".rows .what"))


@pytest.mark.parametrize("where", [COMING, TO_LOG])
@pytest.mark.parametrize(
    ("asked", "count"),
    [("", 6), ("?q=zinedine", 3), ("?suivi=moi", 3), ("?suivi=personne", 3), ("?jours=7", 2), ("?jours=31&suivi=moi", 2),
     ("?q=06 12 34 56 78", 3), ("?jours=huit&suivi=qui&page=0", 6), ("?jours=1", 0)],
)  # fmt: skip
def test_the_filters_narrow_the_list_and_its_file(coordinator, rows, where, asked, count):
    page = coordinator.page(f"{where}{asked}")
    written = coordinator.page(f"{where}/export/csv{asked}").response.get_data().decode("utf-8-sig")

    assert shown(page) == count
    assert len(list(csv.reader(io.StringIO(written), delimiter=";"))) == count + 1


def test_who_is_chosen_stays_chosen_from_one_list_to_the_other(coordinator, people, rows):
    who = people.admin.id
    page = coordinator.page(f"{COMING}?q=zinedine&suivi={who}&jours=31")

    assert page.soup.select_one("#suivi option[selected]")["value"] == str(who)
    assert page.soup.select_one("#jours option[selected]").text == "D'ici 31 jours"
    assert page.soup.find("a", href=f"{TO_LOG}?q=zinedine&suivi={who}&jours=31")
    assert page.soup.find("a", string="Enlever les filtres")["href"] == COMING


def test_the_file_says_when_where_and_whom_to_call(coordinator, rows):
    written = coordinator.page(f"{COMING}/export/csv?suivi=moi&jours=7").response.get_data().decode("utf-8-sig")
    [_titles, row] = csv.reader(io.StringIO(written), delimiter=";")

    assert row[6] == "'06 12 34 56 78" or row[6] == "06 12 34 56 78"
    assert row[8:10] == ["60", "À distance"]


def test_a_file_that_does_not_exist_is_not_found(coordinator, rows):
    assert coordinator.get(f"{SPACE}/rendez-vous/tous/export/csv").status_code == 404
