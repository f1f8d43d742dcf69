"""The programme's minimum before a first meeting: set by the operator alone, firm in every association, never below the law."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.people import rules
from app.people.check_models import GateMinimum
from app.people.rules import Rule
from tests import factories

PAGE = "/a/programme/regles/avant-rencontre"
WHY = {"note": "Comité de novembre.", "sure": "y"}
LATE = "Ces règles viennent de changer : relisez la dernière version, plus bas, puis recommencez."
LAW = {"honorability-audiences": ["ase"], "honorability-fresh": "6", "honorability-renew": "36"}
BY_LAW = Rule("honorability", "ase", 6, 36, True)


@pytest.fixture
def minimums(in_space, programme):
    """The versions of the minimum, the first one first: the numbers and the rules of each."""

    def read():
        with in_space(programme):
            return [(row.number, row.rules) for row in db.session.scalars(select(GateMinimum).order_by(GateMinimum.number))]

    return read


def in_force(in_space, tenant):
    with in_space(tenant):
        return rules.rules_in_force()


def checked(page, piece):
    return [box["value"] for box in page.soup.select(f'input[name="{piece}-audiences"][checked]')]


def test_the_page_starts_from_the_law(operator):
    page = operator.page(PAGE)

    assert page.heading == "Avant une rencontre"
    assert "Version 1" in page.text
    assert checked(page, "honorability") == ["ase"]
    assert (page.value("honorability-fresh"), page.value("honorability-renew")) == ("6", "36")
    assert checked(page, "record") == []


def test_a_minimum_holds_in_every_association_at_once(operator, association, elsewhere, in_space):
    page = operator.send(PAGE, {**LAW, "record-audiences": ["minors"], "record-fresh": "3", **WHY})

    assert page.flashes == ["Ce minimum vaut dès maintenant dans chaque association."]
    assert "Version 2" in page.text
    for tenant in (association, elsewhere):
        assert in_force(in_space, tenant) == [BY_LAW, Rule("record", "minors", 3, None, True)]


def test_it_is_said_that_associations_know_and_every_version_stays_readable(operator, minimums):
    asked = {**LAW, "record-audiences": ["minors"], "record-fresh": "3"}
    refused = operator.send(PAGE, {**asked, "note": "Comité de novembre."})
    page = operator.send(PAGE, {**asked, **WHY})

    assert refused.errors == ["Prévenez-les d'abord : leurs binômes attendraient sans qu'elles sachent pourquoi."]
    assert refused.value("note") == "Comité de novembre."
    assert [number for number, _rules in minimums()] == [1, 2]
    past = [" ".join(row.get_text(" ").split()) for row in page.soup.select(".rows li")]
    assert past[0].startswith("Version 2 · Comité de novembre.")
    assert "Bulletin" in past[0]
    assert past[1].startswith("Version 1")


def test_an_association_that_opens_later_has_it_too(operator, app, in_space):
    operator.send(PAGE, {**LAW, "identity-audiences": ["all"], **WHY})

    later = factories.association(app, "plus-tard", "Plus tard", ["75"])

    assert in_force(in_space, later) == [BY_LAW, Rule("identity", "all", None, None, True)]


def test_the_same_again_makes_no_version(operator, minimums):
    page = operator.send(PAGE, {**LAW, **WHY})

    assert page.flashes == ["Rien n'a changé."]
    assert [number for number, _rules in minimums()] == [1]


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"honorability-audiences": []},
        {"honorability-audiences": ["all"], "honorability-fresh": "12"},
        {"record-audiences": ["all"]},
        {**LAW, "honorability-fresh": "60", "honorability-renew": "120"},
        {"honorability-audiences": ["ase"]},
        {**LAW, "honorability-fresh": ""},
        {**LAW, "honorability-renew": ""},
        {**LAW, "honorability-audiences": ["ase", "all"], "honorability-fresh": "", "honorability-renew": ""},
    ],
)
def test_what_the_law_asks_for_child_protection_cannot_be_taken_out_or_loosened(operator, association, in_space, typed):
    operator.send(PAGE, {**typed, **WHY})

    assert BY_LAW in in_force(in_space, association)


def test_more_than_the_law_may_be_asked(operator, association, in_space):
    operator.send(PAGE, {**LAW, "honorability-fresh": "3", "honorability-renew": "12", **WHY})

    assert in_force(in_space, association) == [Rule("honorability", "ase", 3, 12, True)]


def test_a_minimum_that_goes_is_no_longer_asked(operator, association, in_space, minimums):
    operator.send(PAGE, {**LAW, "record-audiences": ["all"], **WHY})

    operator.send(PAGE, {**LAW, **WHY, "note": "Trop lourd."})

    assert in_force(in_space, association) == [BY_LAW]
    assert [number for number, _rules in minimums()] == [1, 2, 3]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"note": ""}, "À remplir."),
        ({"record-fresh": "0"}, "De 1 à 60 mois."),
        ({"record-renew": "121"}, "De 1 à 120 mois."),
    ],
)
def test_a_minimum_that_makes_no_sense_is_refused(operator, minimums, typed, sentence):
    page = operator.send(PAGE, {**LAW, "record-audiences": ["all"], **WHY, **typed})

    assert (page.status, page.errors) == (422, [sentence])
    assert len(minimums()) == 1


@pytest.mark.parametrize("role", ["admin", "coordinator", "mentor", "jeune"])
def test_nobody_of_an_association_sets_it(app, association, in_space, minimums, role):
    with in_space(association):
        browser = app.test_client().sign_in(factories.member(association, role))

    pages = [browser.page(PAGE), browser.send(PAGE, {**LAW, "record-audiences": ["all"], **WHY})]
    own = browser.send("/a/passerelle/regles/avant-rencontre", {**LAW, "record-audiences": ["all"], **WHY})

    assert {page.status for page in [*pages, own]} <= {403, 404}
    assert len(minimums()) == 1


@pytest.mark.parametrize("role", ["admin", "coordinator"])
def test_only_the_operator_of_the_programme_sets_it(app, programme, in_space, minimums, role):
    with in_space(programme):
        browser = app.test_client().sign_in(factories.member(programme, role))

    assert browser.send(PAGE, {**LAW, "record-audiences": ["all"], **WHY}).status == 403
    assert len(minimums()) == 1


def test_who_is_not_signed_in_is_asked_to(client, minimums):
    client.send(PAGE, {**LAW, "record-audiences": ["all"], **WHY})

    assert len(minimums()) == 1


def test_no_association_asks_for_less(operator, association, in_space):
    operator.send(PAGE, {**LAW, "record-audiences": ["all"], "record-fresh": "3", **WHY})
    with in_space(association):
        rules.set_rules([Rule("record", "all", 12, 48)], "Plus souple.", factories.user().id)

    assert Rule("record", "all", 3, 48, True) in in_force(in_space, association)


def test_no_exception_opens_it(operator, association, in_space):
    operator.send(PAGE, {**LAW, "record-audiences": ["all"], **WHY})

    with in_space(association):
        mentor = factories.mentor(association)
        with pytest.raises(rules.CannotExcept):
            rules.make_exception(mentor, None, "record", "Pourquoi pas.", factories.today(), factories.user().id)


def test_the_association_s_admin_reads_it_on_their_page(operator, app, association, in_space):
    operator.send(PAGE, {**LAW, "record-audiences": ["minors"], "record-fresh": "3", **WHY})
    with in_space(association):
        browser = app.test_client().sign_in(factories.member(association, "admin"))

    page = browser.page("/a/passerelle/reglages/avant-rencontre")

    assert "Bulletin n° 3 du casier judiciaire : binômes avec une personne mineure, datant de moins de 3 mois" in page.text


def test_the_months_of_each_stay_what_they_were(operator, association, in_space):
    """What the law asks is shown by itself; what the programme asks of others is not made shorter by it."""
    operator.send(PAGE, {**LAW, "honorability-audiences": ["ase", "minors"], "honorability-fresh": "12", **WHY})
    page = operator.page(PAGE)

    assert (page.value("honorability-fresh"), page.value("number")) == ("12", "2")
    assert "jeunes de la protection de l'enfance, datant de moins de 6 mois, à renouveler tous les 36 mois" in page.text
    asked = {**LAW, "honorability-audiences": ["ase", "minors"], "honorability-fresh": "12", "charter-audiences": ["all"]}
    operator.send(PAGE, {**asked, "number": "2", **WHY})

    months = {rule.audience: rule.fresh for rule in in_force(in_space, association) if rule.piece == "honorability"}
    assert months == {"ase": 6, "minors": 12}


def test_a_late_page_takes_nothing_out_of_the_minimum(operator, minimums):
    operator.send(PAGE, {**LAW, "record-audiences": ["minors"], "number": "1", **WHY})
    page = operator.send(PAGE, {**LAW, "charter-audiences": ["all"], "number": "1", **WHY})

    assert page.errors == [LATE]
    page = operator.send(PAGE, {**LAW, "charter-audiences": ["all"], "number": "1", **WHY, "note": ""})
    assert page.errors[0] == LATE, "whatever else is to correct"
    assert checked(page, "charter") == ["all"]
    assert [number for number, _rules in minimums()] == [1, 2]
