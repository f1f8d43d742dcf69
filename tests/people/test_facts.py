"""What stands apart from a jeune's file: for named roles, by a button, every reading and every change noted with its kind."""

from datetime import date, timedelta

import pytest

from app.extensions import db
from app.people import authorising
from app.people.models import Authorisation, FactReading, Mentee, SensitiveFact
from app.people.words import PROTECTED, SENSITIVE
from tests import factories

from .situations import SPACE, day

FOUR = list(PROTECTED)
WORDS = [str(word) for word in SENSITIVE.values()]


@pytest.fixture
def mentee(association, in_space):
    with in_space(association):
        return factories.mentee(association, age=16, account=False, first_name="Lina")


def read(browser, mentee):
    return browser.send(f"{SPACE}/jeunes/{mentee.id}/situation")


def say(browser, mentee, *kinds, shown=()):
    """Tick these and no other, on a page that showed some."""
    return browser.send(f"{SPACE}/jeunes/{mentee.id}/situation", {"save": "1", "facts": list(kinds), "shown": list(shown)})


def piece(browser, mentee, kind="ase_parental", **typed):
    form = {"kind": kind, "given_by": "Odile Service", "given_on": day(-1), "how": "paper"}
    return browser.send(f"{SPACE}/jeunes/{mentee.id}/situation/piece", {**form, **typed})


def ticked(page):
    return [box["value"] for box in page.soup.select('input[name="facts"][checked]')]


def state_of(page, kind):
    """What the page says of a piece: in order, to renew, missing."""
    return page.soup.find("strong", string=str(PROTECTED[kind])).find_parent("li").select_one(".tag").get_text()


def log(rows):
    """What was done, the oldest first; within a change by the kinds' alphabet."""
    return [(row.what, row.kind) for row in rows]


def test_reading_is_noted_and_changes_nothing(office, association, mentee, stored):
    page = read(office, mentee)

    assert page.heading == "Situation protégée"
    assert ticked(page) == []
    assert [row.what for row in stored(association, FactReading)] == ["read"]
    assert stored(association, SensitiveFact) == []


def test_it_is_read_by_a_button_never_by_a_link(office, association, mentee, stored):
    assert office.page(f"{SPACE}/jeunes/{mentee.id}/situation").status == 405
    assert stored(association, FactReading) == []


def test_several_facts_are_noted_at_once_each_with_its_kind(office, association, mentee, stored):
    page = say(office, mentee, "handicap", "ase", "qpv")

    assert page.flashes == ["C'est noté, à votre nom."]
    assert {row.kind for row in stored(association, SensitiveFact)} == {"ase", "handicap", "qpv"}
    assert sorted(log(stored(association, FactReading))) == [("set", "ase"), ("set", "handicap"), ("set", "qpv")]
    assert sorted(ticked(read(office, mentee))) == ["ase", "handicap", "qpv"]


def test_saying_the_same_again_changes_nothing_and_notes_nothing(office, association, mentee, stored):
    say(office, mentee, "ase", "carer")
    before = [(row.id, row.noted_by) for row in stored(association, SensitiveFact)]

    say(office, mentee, "carer", "ase", shown=("ase", "carer"))

    assert [(row.id, row.noted_by) for row in stored(association, SensitiveFact)] == before
    assert len(stored(association, FactReading)) == 2


def test_what_is_taken_back_goes_and_that_it_went_stays(office, association, mentee, stored):
    say(office, mentee, "ase", "carer")

    say(office, mentee, "carer", "justice", shown=("ase", "carer"))

    assert {row.kind for row in stored(association, SensitiveFact)} == {"carer", "justice"}
    assert sorted(log(stored(association, FactReading))[2:]) == [("removed", "ase"), ("set", "justice")]


def test_a_late_page_removes_nothing_that_a_colleague_noted_meanwhile(office, boss, association, mentee, stored):
    say(office, mentee, "carer")
    late = read(office, mentee)
    say(boss, mentee, "ase", "carer", shown=("carer",))

    page = say(office, mentee, "handicap", shown=[field["value"] for field in late.soup.select('input[name="shown"]')])

    assert page.status == 200
    assert {row.kind for row in stored(association, SensitiveFact)} == {"ase", "handicap"}


def test_everything_can_be_taken_back(office, association, mentee, stored):
    say(office, mentee, "ase", "carer")

    say(office, mentee, shown=("ase", "carer"))

    assert stored(association, SensitiveFact) == []
    assert sorted(log(stored(association, FactReading))[2:]) == [("removed", "ase"), ("removed", "carer")]


@pytest.mark.parametrize("forged", ["religion", "", "ASE", "ase' OR 1=1"])
def test_a_fact_that_is_not_of_the_closed_list_is_left_out(office, association, mentee, stored, forged):
    say(office, mentee, forged, "carer")

    assert [row.kind for row in stored(association, SensitiveFact)] == ["carer"]
    assert log(stored(association, FactReading)) == [("set", "carer")]


def test_the_page_says_who_read_and_what_was_changed(office, boss, mentee):
    say(office, mentee, "handicap")
    read(office, mentee)

    page = read(boss, mentee)

    who = page.soup.find("h2", string="Qui l'a lu").find_parent(class_="sheet")
    tags = [tag.get_text() for tag in who.select(".tag")]
    assert tags == ["lu", "lu", "noté"]
    assert "Situation de handicap" in who.get_text()
    assert len({row.get_text().split()[0] for row in who.select(".what")}) == 2, "two people"


def test_the_file_and_the_lists_say_nothing_of_it(office, association, mentee):
    say(office, mentee, *SENSITIVE)

    for path in (f"/jeunes/{mentee.id}", "/jeunes", "/binomes"):
        text = office.page(f"{SPACE}{path}").text
        assert [word for word in WORDS if word in text] == []


@pytest.mark.parametrize("role", ["mentor", "jeune", "operator"])
def test_no_other_role_reads_or_changes_it(app, association, programme, in_space, mentee, stored, role):
    with in_space(programme if role == "operator" else association):
        account = factories.member(programme if role == "operator" else association, role)
    browser = app.test_client().sign_in(account)

    pages = [read(browser, mentee), say(browser, mentee, "ase"), piece(browser, mentee)]

    assert {page.status for page in pages} <= {403, 404}
    assert [stored(association, model) for model in (FactReading, SensitiveFact, Authorisation)] == [[], [], []]


def test_another_association_s_jeune_is_not_found(office, elsewhere, in_space, stored):
    with in_space(elsewhere):
        other = factories.mentee(elsewhere)

    assert {page.status for page in (read(office, other), say(office, other, "ase"), piece(office, other))} == {404}
    assert [stored(elsewhere, model) for model in (FactReading, SensitiveFact, Authorisation)] == [[], [], []]


def test_the_four_pieces_stand_there_once_child_protection_does(office, mentee):
    before = read(office, mentee)
    say(office, mentee, "ase")

    after = read(office, mentee)

    assert "Noter une pièce" not in before.text
    for word in PROTECTED.values():
        assert f"{word} manque" in after.text


@pytest.mark.parametrize("kind", FOUR)
def test_a_piece_is_noted_with_who_noted_it(office, association, mentee, stored, kind):
    say(office, mentee, "ase")

    page = piece(office, mentee, kind)

    [row] = stored(association, Authorisation)
    assert (page.flashes, page.heading) == (["La pièce est notée."], mentee.full_name)
    assert (row.kind, row.mentee_id, row.given_on) == (kind, mentee.id, day(-1))
    assert log(stored(association, FactReading)) == [("set", "ase"), ("set", kind)]
    assert f"{PROTECTED[kind]} Odile Service, le" in read(office, mentee).text


@pytest.mark.parametrize(
    "typed",
    [
        {"kind": "participation"},
        {"kind": ""},
        {"given_by": ""},
        {"given_on": ""},
        {"given_on": day(1)},
        {"how": "pigeon"},
        {"given_on": "hier"},
        {"given_on": day(-740)},
    ],
)
def test_a_piece_that_does_not_hold_together_is_refused(office, association, mentee, stored, typed):
    say(office, mentee, "ase")

    page = piece(office, mentee, **typed)

    assert (page.status, len(page.errors)) == (422, 1)
    assert stored(association, Authorisation) == []
    assert log(stored(association, FactReading)) == [("set", "ase")]


@pytest.mark.parametrize("kind", FOUR)
def test_the_form_of_every_file_notes_no_such_piece(office, association, mentee, stored, kind):
    form = {"kind": kind, "given_by": "Odile Service", "given_on": day(-1), "how": "paper"}

    page = office.send(f"{SPACE}/jeunes/{mentee.id}/autorisation", form)

    assert page.status == 422
    assert stored(association, Authorisation) == []


def test_the_file_shows_none_of_the_four_pieces(office, association, in_space, mentee):
    say(office, mentee, "ase")
    for kind in FOUR:
        piece(office, mentee, kind)

    text = office.page(f"{SPACE}/jeunes/{mentee.id}").text

    assert [str(word) for word in PROTECTED.values() if str(word) in text] == []
    assert "Odile Service" not in text


def test_the_file_counts_what_is_missing_and_names_none_of_it(office, mentee):
    say(office, mentee, "ase")
    piece(office, mentee, "ase_parental")

    text = office.page(f"{SPACE}/jeunes/{mentee.id}").text

    assert "Lina : 3 pièces propres à sa situation manquent." in text
    assert "autorité parentale" not in text


@pytest.mark.parametrize(("given_on", "ends_on"), [(date(2025, 3, 15), date(2026, 3, 15)), (date(2024, 2, 29), date(2025, 2, 28))])
def test_the_yearly_evaluation_ends_after_a_year(association, in_space, mentee, given_on, ends_on):
    with in_space(association):
        person = db.session.get(Mentee, (association.id, mentee.id))
        row = authorising.authorise(person, "ase_evaluation", "Odile Service", given_on, "paper", by=factories.user().id)

        assert row.ends_on == ends_on
        assert [row.holds_on(ends_on - timedelta(days=late)) for late in (1, 0)] == [True, False]


@pytest.mark.parametrize("kind", ["ase_parental", "ase_departement", "ase_agreement"])
def test_the_other_pieces_do_not_end_by_themselves(office, association, mentee, stored, kind):
    piece(office, mentee, kind)

    assert stored(association, Authorisation)[0].ends_on is None


def test_an_evaluation_that_ended_is_asked_for_again_and_a_new_one_counts(office, mentee):
    say(office, mentee, "ase")

    piece(office, mentee, "ase_evaluation", given_on=day(-400))
    old = state_of(read(office, mentee), "ase_evaluation")
    piece(office, mentee, "ase_evaluation", given_on=day(-2))
    new = state_of(read(office, mentee), "ase_evaluation")

    assert (old, new) == ("à renouveler", "en règle")


def test_the_page_says_before_which_day_an_evaluation_is_made_again(office, mentee):
    """On that day it holds no more."""
    say(office, mentee, "ase")
    piece(office, mentee, "ase_evaluation", given_on=date(2026, 3, 15).isoformat())

    assert "à renouveler avant le 15 mars 2027" in read(office, mentee).text


def test_an_older_piece_noted_late_does_not_hide_the_good_one(office, mentee):
    say(office, mentee, "ase")
    piece(office, mentee, "ase_evaluation", given_on=day(-2))

    piece(office, mentee, "ase_evaluation", given_on=day(-400))

    assert state_of(read(office, mentee), "ase_evaluation") == "en règle"


@pytest.mark.parametrize("typed", [{}, {"kind": ""}, {"given_by": "<b>"}])
def test_the_page_of_a_piece_says_nothing_of_what_is_noted(office, association, mentee, stored, typed):
    say(office, mentee, *SENSITIVE)
    piece(office, mentee, "ase_parental")
    before = log(stored(association, FactReading))

    page = office.send(f"{SPACE}/jeunes/{mentee.id}/situation/piece", typed)

    assert page.status == 422
    assert [word for word in [*map(str, SENSITIVE.values()), "Odile Service", "en règle", "Qui l'a lu"] if word in page.text] == []
    assert log(stored(association, FactReading)) == before


def test_a_piece_of_before_it_was_taken_back_is_refused_at_its_field(office, association, mentee, stored):
    say(office, mentee, "ase")
    piece(office, mentee)
    office.send(read(office, mentee).soup.find("button", string="Oui, noter le retrait").find_parent("form")["action"])

    page = piece(office, mentee)

    assert (page.status, len(page.errors), len(stored(association, Authorisation))) == (422, 1, 1)
    assert "a été retirée le" in page.errors[0]
    assert page.value("given_by") == "Odile Service"


def test_a_piece_that_is_withdrawn_is_missing_again_and_that_it_was_stays(office, association, mentee, stored):
    say(office, mentee, "ase")
    piece(office, mentee, "ase_parental")
    form = read(office, mentee).soup.find("button", string="Oui, noter le retrait").find_parent("form")

    office.send(form["action"])

    [row] = stored(association, Authorisation)
    assert row.withdrawn_on == day()
    assert state_of(read(office, mentee), "ase_parental") != "en règle"
    assert "4 pièces propres à sa situation manquent." in office.page(f"{SPACE}/jeunes/{mentee.id}").text
    assert ("removed", "ase_parental") in log(stored(association, FactReading))


def test_a_piece_is_not_withdrawn_by_who_may_not_read_it(app, association, in_space, mentee, stored):
    with in_space(association):
        row, reader = factories.authorisation(mentee, "ase_parental"), factories.mentor(association)

    page = app.test_client().sign_in(reader.user_id).send(f"{SPACE}/autorisations/{row.id}/retrait")

    assert page.status == 403
    assert stored(association, Authorisation)[0].withdrawn_on is None
