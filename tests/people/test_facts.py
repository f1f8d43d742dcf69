"""What stands apart from a jeune's file: for named roles, by a button, every reading noted."""

import pytest

from app.people.models import FactReading, SensitiveFact
from tests import factories

SPACE = "/a/passerelle"


@pytest.fixture
def mentee(association, in_space):
    with in_space(association):
        return factories.mentee(association, account=False, first_name="Lina")


def test_reading_is_noted_and_changes_nothing(office, association, mentee, stored):
    page = office.send(f"{SPACE}/jeunes/{mentee.id}/situation")

    assert page.heading == "Situation protégée"
    assert "non renseigné" in page.text
    assert [reading.what for reading in stored(association, FactReading)] == ["read"]
    assert stored(association, SensitiveFact) == []


def test_it_is_noted_once_and_taken_back(office, association, mentee, stored):
    for _time in range(2):
        office.send(f"{SPACE}/jeunes/{mentee.id}/situation", {"ase": "oui"})
    [fact] = stored(association, SensitiveFact)
    assert (fact.mentee_id, fact.kind) == (mentee.id, "ase")
    assert "confié à la protection de l'enfance" in office.send(f"{SPACE}/jeunes/{mentee.id}/situation").text

    office.send(f"{SPACE}/jeunes/{mentee.id}/situation", {"ase": "non"})

    assert stored(association, SensitiveFact) == []
    assert [reading.what for reading in stored(association, FactReading)] == ["set", "set", "read", "removed"]


def test_the_file_itself_says_nothing_of_it(office, mentee):
    office.send(f"{SPACE}/jeunes/{mentee.id}/situation", {"ase": "oui"})

    for path in (f"/jeunes/{mentee.id}", "/jeunes"):
        assert "ASE" not in office.page(f"{SPACE}{path}").text


def test_a_mentor_does_not_read_it(app, association, in_space, mentee, stored):
    with in_space(association):
        mentor = factories.mentor(association)

    assert app.test_client().sign_in(mentor.user_id).send(f"{SPACE}/jeunes/{mentee.id}/situation").status == 403
    assert stored(association, FactReading) == []


def test_another_association_s_jeune_is_not_found(office, elsewhere, in_space):
    with in_space(elsewhere):
        other = factories.mentee(elsewhere)

    assert office.send(f"{SPACE}/jeunes/{other.id}/situation").status == 404
