"""The profile that helps to bring two people together, and the pause: until a date, or until somebody says so."""

from datetime import timedelta

import pytest

from app.extensions import db
from app.people import actions
from app.people.models import Mentee, Mentor
from tests import factories

from .situations import NOON, SPACE, asks, day, lacking, on_day

PROFILE = {
    "places": ["remote", "school"], "reach": "epci", "slots": ["mon_evening", "sat_morning"], "languages": ["fr", "ar"],
    "interests": ["sport", "music"], "agreement": "feminine",
}  # fmt: skip
OF_A_JEUNE = {
    "needs": ["school", "employment"], "situation": "lycee_pro", "school": "Lycée Ampère", "field_wish": "Le soin",
    "hopes": "Trouver\nune alternance.",
}  # fmt: skip
OF_A_MENTOR = {
    "axes": ["employment"], "preferred_public": "lycee", "sector": "Le bâtiment", "skills": "Écouter", "employer": "Bâtir SA",
}  # fmt: skip
AFTER_TODAY = "Indiquez une date à venir."
BOTH = pytest.mark.parametrize(("kind", "model"), [("jeunes", Mentee), ("mentors", Mentor)])


@pytest.fixture
def person(association, in_space):
    """The file of a jeune, or of a mentor."""

    def make(model, **changes):
        with in_space(association):
            maker = factories.mentee if model is Mentee else factories.mentor
            return maker(association, first_name="Lou", **changes)

    return make


def save(browser, kind, row, **typed):
    own = OF_A_JEUNE if kind == "jeunes" else OF_A_MENTOR
    return browser.send(f"{SPACE}/{kind}/{row.id}/profil", {**PROFILE, **own, **typed})


def pause(browser, kind, row, **typed):
    return browser.send(f"{SPACE}/{kind}/{row.id}/pause", typed)


def resume(browser, kind, row):
    return pause(browser, kind, row, resume="1")


@BOTH
def test_a_profile_is_saved_whole(office, association, person, stored, kind, model):
    page = save(office, kind, person(model))

    [row] = stored(association, model)
    said = PROFILE | (OF_A_JEUNE if model is Mentee else OF_A_MENTOR)
    assert page.flashes == ["Le profil est à jour."]
    assert {name: getattr(row, name) for name in said} == said


@BOTH
def test_the_form_shows_what_is_known_and_saving_it_changes_nothing(office, association, person, stored, kind, model):
    row = person(model)
    save(office, kind, row)
    page = office.page(f"{SPACE}/{kind}/{row.id}/profil")
    shown = {}
    for box in page.soup.select("form input[checked]"):
        shown.setdefault(box["name"], []).append(box["value"])
    for field in page.soup.select("form input[type=text][name], form select, form textarea"):
        chosen = field.select_one("option[selected]") if field.name == "select" else None
        shown[field["name"]] = chosen["value"] if chosen else field.get("value") or field.get_text()
    [before] = stored(association, model)

    office.send(f"{SPACE}/{kind}/{row.id}/profil", shown)

    [after] = stored(association, model)
    names = PROFILE | (OF_A_JEUNE if model is Mentee else OF_A_MENTOR)
    assert {name: getattr(after, name) for name in names} == {name: getattr(before, name) for name in names}


@BOTH
def test_the_file_shows_the_profile(office, person, kind, model):
    page = save(office, kind, person(model))

    for said in ("Dans son intercommunalité", "Sport, Musique", "Lycée Ampère" if model is Mentee else "Bâtir SA"):
        assert said in page.text.replace(" ,", ",")


@BOTH
def test_nothing_is_required_and_what_is_emptied_is_empty(office, association, person, stored, kind, model):
    row = person(model)
    save(office, kind, row)

    written = ("school", "field_wish", "hopes") if model is Mentee else ("sector", "skills", "employer")
    typed = {"reach": "commune", "agreement": "neutral", **dict.fromkeys(written, "")}
    page = office.send(f"{SPACE}/{kind}/{row.id}/profil", typed)

    [kept] = stored(association, model)
    assert page.flashes == ["Le profil est à jour."]
    assert [kept.places, kept.slots, kept.languages, kept.interests] == [[], [], [], []]
    assert [getattr(kept, name) for name in written] == [None, None, None]


@BOTH
@pytest.mark.parametrize(
    "typed",
    [
        {"places": ["moon"]},
        {"reach": "world"},
        {"reach": ""},
        {"slots": ["mon_night"]},
        {"languages": ["xx"]},
        {"interests": ["politics"]},
        {"agreement": "x"},
    ],
)
def test_what_is_not_of_a_closed_list_is_refused(office, association, person, stored, kind, model, typed):
    page = save(office, kind, person(model), **typed)

    assert (page.status, len(page.errors)) == (422, 1)
    assert stored(association, model)[0].reach == "departement"


@pytest.mark.parametrize(
    ("kind", "typed"), [("jeunes", {"school": "x" * 121}), ("jeunes", {"hopes": "x" * 1001}), ("mentors", {"skills": "x" * 301})]
)
def test_what_is_too_long_is_refused(office, person, kind, typed):
    page = save(office, kind, person(Mentee if kind == "jeunes" else Mentor), **typed)

    assert page.status == 422
    assert page.errors[0].startswith("C'est trop long : ")


@BOTH
def test_a_profile_changes_no_name_or_right(office, association, person, stored, kind, model):
    row = person(model)

    save(office, kind, row, first_name="Pirate", state="withdrawn", stage="ready", user_id="", capacity="9", first_in_line="y")

    [kept] = stored(association, model)
    assert (kept.first_name, kept.state, kept.user_id, kept.first_in_line) == ("Lou", "active", row.user_id, False)


@BOTH
@pytest.mark.parametrize("route", ["profil", "pause"])
def test_another_association_s_file_is_not_found(office, elsewhere, in_space, stored, kind, model, route):
    with in_space(elsewhere):
        row = factories.mentee(elsewhere) if model is Mentee else factories.mentor(elsewhere)

    assert office.page(f"{SPACE}/{kind}/{row.id}/{route}").status == 404
    assert save(office, kind, row).status == 404
    assert pause(office, kind, row).status == 404
    assert [(kept.state, kept.reach) for kept in stored(elsewhere, model)] == [("active", "departement")]


@BOTH
@pytest.mark.parametrize("until", [None, 1, 40])
def test_a_pause_has_a_date_or_none(office, association, person, stored, kind, model, until):
    page = pause(office, kind, person(model), until=day(until) if until else "")

    [row] = stored(association, model)
    assert page.flashes == ["La personne est en pause\xa0: elle n'est plus proposée."]
    assert ("en pause jusqu'au" in page.text) is bool(until)
    assert "en pause" in page.text
    assert (row.state, row.paused_until) == ("paused", day(until) if until else None)


@BOTH
@pytest.mark.parametrize("typed", [0, -1, "demain", "2027-02-30"])
def test_a_return_is_a_day_to_come(office, association, person, stored, kind, model, typed):
    page = pause(office, kind, person(model), until=day(typed) if isinstance(typed, int) else typed)

    assert (page.status, len(page.errors)) == (422, 1)
    assert page.errors == [AFTER_TODAY] or isinstance(typed, str)
    assert stored(association, model)[0].state == "active"


@BOTH
def test_a_pause_is_ended_by_hand_and_twice_is_once(office, association, person, stored, kind, model):
    row = person(model)
    pause(office, kind, row, until=day(20))

    pages = [resume(office, kind, row) for _time in range(2)]

    [kept] = stored(association, model)
    assert pages[0].flashes == ["La pause est terminée."]
    assert "en pause" not in pages[0].text
    assert (kept.state, kept.paused_until) == ("active", None)


def test_the_date_of_a_pause_can_change(office, association, person, stored):
    row = person(Mentee)
    pause(office, "jeunes", row, until=day(20))

    page = office.page(f"{SPACE}/jeunes/{row.id}/pause")
    pause(office, "jeunes", row, until=day(30))

    assert page.value("until") == day(20).isoformat()
    assert "Changer la date" in page.text
    assert stored(association, Mentee)[0].paused_until == day(30)


@BOTH
@pytest.mark.parametrize(("late", "state"), [(-1, "paused"), (0, "active"), (5, "active")])
def test_a_pause_ends_by_itself_on_its_day(association, person, hour, stored, kind, model, late, state):
    until = NOON.date() + timedelta(days=10)
    person(model, state="paused", paused_until=until)

    hour(on_day(until + timedelta(days=late)))

    [row] = stored(association, model)
    assert (row.state, row.paused_until) == (state, until if state == "paused" else None)


@BOTH
def test_a_pause_without_a_date_lasts_until_somebody_says_so(association, person, hour, stored, kind, model):
    person(model, state="paused")

    hour(NOON + timedelta(days=2000))

    assert stored(association, model)[0].state == "paused"


@BOTH
def test_a_closed_file_is_not_paused_and_no_page_says_that_it_is(office, association, in_space, person, stored, kind, model):
    row = person(model)
    office.send(f"{SPACE}/{kind}/{row.id}/retrait")

    page = pause(office, kind, row, until=day(10))
    resume(office, kind, row)

    assert stored(association, model)[0].state == "withdrawn"
    assert "La personne est en pause" not in page.text


def test_closing_a_paused_file_forgets_the_date(office, association, in_space, person, stored):
    row = person(Mentor)
    pause(office, "mentors", row, until=day(20))

    office.send(f"{SPACE}/mentors/{row.id}/retrait")

    assert [(kept.state, kept.paused_until) for kept in stored(association, Mentor)] == [("withdrawn", None)]


def test_the_gate_says_the_pause(association, in_space, person):
    row, jeune = person(Mentor), person(Mentee)
    with in_space(association):
        asks("identity")
        actions.pause(db.session.merge(row), day(5))
        db.session.flush()

        assert {"paused", "identity"} <= lacking(row, jeune)


def test_the_page_of_a_pause_says_what_happens(office, person):
    row = person(Mentee)

    page = office.page(f"{SPACE}/jeunes/{row.id}/pause")

    assert page.heading == "Pause"
    assert "Ce jour-là, la pause se termine d'elle-même." in page.text


@pytest.mark.parametrize("route", ["profil", "pause"])
def test_a_mentor_does_not_change_files(app, association, person, stored, route):
    row = person(Mentor)
    browser = app.test_client().sign_in(row.user_id)

    assert browser.send(f"{SPACE}/mentors/{row.id}/{route}", {**PROFILE, **OF_A_MENTOR}).status == 403
    assert stored(association, Mentor)[0].state == "active"
