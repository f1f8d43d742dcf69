"""The page that erases a closed file: who sees it, what it says, what it refuses."""

import pytest

from app.extensions import db
from app.pairs.models import Pair
from app.people.models import Mentee, Mentor
from app.translation import gettext
from tests import factories
from tests.people.situations import SPACE


@pytest.fixture
def closed(association, in_space):
    """The closed file of a jeune of twenty."""
    with in_space(association):
        return factories.mentee(association, first_name="Inès", last_name="Oubli", state="withdrawn", withdrawn_at=factories.now(),
                                forget_on=factories.today())  # fmt: skip


def path(person):
    return f"{SPACE}/{'jeunes' if isinstance(person, Mentee) else 'mentors'}/{person.id}/effacement"


def test_an_admin_reads_what_goes_and_what_stays_then_erases(boss, association, closed, stored, run_jobs):
    shown = boss.page(f"{SPACE}/jeunes/{closed.id}")
    assert shown.soup.find("a", href=path(closed), string="L'effacer maintenant")

    page = boss.page(path(closed))
    assert page.heading == "Effacer le dossier d'Inès Oubli ?"
    assert "convention" in page.text
    sent = boss.send(path(closed))
    assert sent.flashes == ["L'effacement est lancé\u00a0: il prend une minute."]
    assert run_jobs() == ["privacy.erase_person"]

    [row] = stored(association, Mentee)
    assert (row.full_name, row.email, row.phone, row.birth_date, row.user_id, row.forget_on) == ("Dossier effacé", *[None] * 5)
    after = boss.page(f"{SPACE}/jeunes/{closed.id}")
    assert "il ne reste que des chiffres, sans nom." in after.text
    assert after.soup.find("a", string="L'effacer maintenant") is None
    assert after.soup.find("a", string="Corriger") is None


def test_erased_twice_at_once_it_is_once(boss, association, closed, run_jobs):
    for _time in range(2):
        boss.send(path(closed))

    assert run_jobs() == ["privacy.erase_person"]
    assert boss.send(path(closed)).heading == "Dossier effacé"
    assert run_jobs() == []


def test_a_coordinator_does_not_erase(office, closed):
    assert office.get(path(closed)).status_code == 403
    assert office.page(f"{SPACE}/jeunes/{closed.id}").soup.find("a", string="L'effacer maintenant") is None


@pytest.mark.parametrize("whose", ["mentor", "mentee"])
def test_an_open_file_is_not_erased(whose, boss, people, run_jobs):
    person = getattr(people, whose)

    page = boss.send(path(person))

    assert gettext("Fermez d'abord le dossier de %(name)s.", name=person.full_name) in page.text
    assert page.soup.find("button", string="Effacer maintenant") is None
    assert run_jobs() == []


@pytest.mark.parametrize("whose", ["mentor", "mentee"])
def test_nor_one_whose_pair_is_not_over(whose, boss, people, association, in_space, run_jobs, stored):
    person = getattr(people, whose)
    with in_space(association):
        db.session.merge(person).state = "withdrawn"

    page = boss.send(path(person))

    assert gettext("Un binôme de %(name)s n'est pas fini : fermez-le d'abord.", name=person.full_name) in page.text
    assert run_jobs() == []
    assert [row.state for row in stored(association, Pair)] == ["active"]
    assert stored(association, Mentor)[0].erased_at is None
