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


PERHAPS = "Personne ne porte exactement ce nom. Peut-être :"
HEARD = [
    ("gautier", "Mehdi Gauthier"), ("mehdi gotié", "Mehdi Gauthier"), ("Moro", "Tom Moreau"), ("moraud", "Tom Moreau"),
    ("lemoine", "Ana Le Moine"), ("Aisha", "Aïcha Sow"), ("gibril", "Djibril Ba"), ("kantin", "Quentin Roy"),
    ("tibo", "Thibault Henry"), ("anri", "Thibault Henry"), ("filip", "Philippe Petit"), ("cloé", "Chloë Petit"),
    ("yacine", "Yassine Bouzid"), ("bouside", "Yassine Bouzid"), ("gilaume", "Guillaume Roy"), ("lefèvre", "Jean Lefebvre"),
    ("ksavié", "Xavier Diaz"), ("mikael", "Michaël Diaz"),
]  # fmt: skip


@pytest.fixture
def heard(in_space, association, people):
    """A jeune of each of these names."""
    with in_space(association):
        for full in dict.fromkeys(name for _typed, name in HEARD):
            first, _space, last = full.partition(" ")
            factories.mentee(association, first_name=first, last_name=last, account=False)


def test_a_name_as_it_is_heard_is_offered(coordinator, heard):
    for typed, name in HEARD:
        page = coordinator.page(f"{SPACE}/recherche", query_string={"q": typed})

        assert (typed, name in found(page)) == (typed, True)
        assert (typed, PERHAPS in page.text) == (typed, True)


@pytest.mark.parametrize("typed", ["petit", "marteau", "li", "mo", "Нгуен", "gautier@example.org", "0612000000", "o" * 80])
def test_nothing_is_offered_beside_what_was_found_nor_from_too_little(coordinator, heard, typed):
    assert PERHAPS not in coordinator.page(f"{SPACE}/recherche", query_string={"q": typed}).text


def test_at_most_five_of_each_are_offered_the_nearest_first_erased_files_and_other_spaces_never(
    app, coordinator, in_space, association
):
    with in_space(association):
        for rank in range(60):
            factories.mentor(association, first_name=f"Paul{rank}", last_name="Gauthierin", account=False)
        factories.mentor(association, first_name="Mehdi", last_name="Gauthier", account=False)
        factories.mentor(
            association, first_name="Noé", last_name="Gautiez", account=False, erased_at=factories.now(), state="withdrawn"
        )
        factories.lead(state="received", first_name="Zoé", last_name="Gotier")
        factories.lead(state="accepted", first_name="Ali", last_name="Gotier")
    other = factories.association(app, "ailleurs", "Ailleurs", ["59"])
    with in_space(other):
        factories.mentee(other, first_name="Ici", last_name="Gauthier")

    names = found(coordinator.page(f"{SPACE}/recherche?q=gautier"))

    assert (names[0], names[-1], len(names)) == ("Mehdi Gauthier", "Zoé Gotier", 6)
    assert all(name.endswith("Gauthierin") for name in names[1:5])


def test_offering_takes_few_statements(coordinator, heard, statements):
    coordinator.page(f"{SPACE}/")
    with statements() as made:
        coordinator.page(f"{SPACE}/recherche?q=gautier")

    assert len(made) <= 10


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
