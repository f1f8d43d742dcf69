"""Whoever calls is found wherever they are, and nobody of another space."""

import pytest

from app.extensions import db
from app.people.guardians import name_guardian
from tests import factories

SPACE = "/a/passerelle"


@pytest.fixture
def coordinator(app, people):
    return app.test_client().sign_in(people.coordinator.user_id)


@pytest.fixture
def caller(in_space, association, people):
    """A jeune with a parent, a closed file, a request; all called Zyad, or to be called there."""
    with in_space(association):
        mentee = factories.mentee(association, age=15, first_name="Zyad", last_name="Benamar", guardian_name=None)
        name_guardian(mentee, "Samira Benamar", "samira@example.org", "+33698765432")
        factories.mentor(association, first_name="Zyad", last_name="Perrin", state="withdrawn", phone="+33611223344", account=False)
        factories.lead(state="received", first_name="Zyad", last_name="Cohen", phone="+33655667788")
        factories.lead(state="accepted", first_name="Zyad", last_name="Accueilli")
        return mentee


def found(page):
    return [link.text for link in page.soup.select("main section li a")]


@pytest.mark.parametrize(
    ("typed", "names"),
    [("zyad", ["Zyad Benamar", "Zyad Perrin", "Zyad Cohen"]), ("06 98 76 54 32", ["Zyad Benamar"]),
     ("samira@example.org", ["Zyad Benamar"]), ("Sàmira", ["Zyad Benamar"]),
     ("benamar samira", ["Zyad Benamar"]), ("0611223344", ["Zyad Perrin"]), ("06.55.66.77.88", ["Zyad Cohen"]),
     ("personne d'ici", []), ("", []), ("  ", []), ("%", []), ("x" * 500, [])],
)  # fmt: skip
def test_whoever_calls_is_found(coordinator, caller, typed, names):
    page = coordinator.page(f"{SPACE}/recherche", query_string={"q": typed})

    assert found(page) == names
    assert ("Personne ne correspond" in page.text) == (not names and any(c.isalnum() for c in typed))


def test_the_day_s_page_and_an_empty_list_lead_there(coordinator, caller):
    assert coordinator.page(f"{SPACE}/").soup.select_one(f'form[action="{SPACE}/recherche"] input[name=q]')

    page = coordinator.page(f"{SPACE}/mentors?q=benamar")
    assert page.soup.find("a", string="Chercher partout")["href"] == f"{SPACE}/recherche?q=benamar"


def test_somebody_of_another_space_is_not_found(app, coordinator, in_space, caller):
    other = factories.association(app, "ailleurs", "Ailleurs", ["59"])
    with in_space(other):
        factories.mentee(other, first_name="Zyad", last_name="Dailleurs")
        db.session.flush()

    assert "Dailleurs" not in coordinator.page(f"{SPACE}/recherche?q=zyad").text
