"""The whole forms: what is optional, who asks for another, what robots fill, what was typed and not sent."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from app.accounts.models import WebSession
from app.database import now
from app.extensions import db
from app.leads.models import Lead, LeadDraft

from .answers import CONTACT, of_mentee, of_mentor, walk

FIND, OFFER, DRAFT = "/trouver-un-mentor", "/devenir-mentor", "/brouillon/mentee"
QUICK = "C'était très rapide : relisez vos réponses, puis envoyez encore une fois."
ASKER = {"asker_name": "Léa Roux", "asker_structure": "Collège Vendôme", "asker_contact": "lea@college.example.org"}
AGREED = {"asker_agreed": "y"}


def for_another(**contact):
    """The seven steps of somebody who asks for a young person."""
    steps = of_mentee(**contact)
    return [{**steps[0], "for_other": "y"}, *steps[1:5], {**ASKER, **AGREED}, steps[5]]


def ticked(page, name):
    """The boxes that are ticked."""
    return [box["value"] for box in page.soup.select(f"input[name={name}][checked]")]


def test_the_week_is_a_grid_of_twenty_one_squares_each_with_its_words(client, programme):
    page = walk(client, FIND, of_mentee()[:3])

    squares = [" ".join(square.get_text(" ").split()) for square in page.soup.select("table.week tbody td label")]
    assert (len(squares), squares[0], squares[-1]) == (21, "lundi matin", "dimanche soir")
    assert len(page.soup.select("table.week th[scope=row]")) == 7
    assert page.soup.select("table.week input[checked]") == []


def test_the_squares_are_kept_and_ticked_again(client, programme, stored):
    steps = of_mentee()
    steps[3]["slots"] = ["mon_morning", "sun_evening"]
    walk(client, FIND, steps[:4])

    assert ticked(client.page(f"{FIND}?etape=4"), "slots") == ["mon_morning", "sun_evening"]


@pytest.mark.parametrize("slot", ["weekend", "wednesday", "mon", "mon_night"])
def test_a_square_that_is_not_in_the_week_is_refused(client, programme, slot):
    walk(client, FIND, of_mentee()[:3])

    page = client.send(f"{FIND}?etape=4", {"places": ["remote"], "slots": [slot]})

    assert (page.status, len(page.errors)) == (422, 1)


def test_what_is_optional_is_stored_when_it_is_said(client, programme, stored):
    steps = of_mentee()
    steps[0]["hopes"] = "Reprendre confiance."
    steps[1] |= {"level": "bac_1_2", "diploma": "bac"}
    steps[4] = {"languages": ["fr", "ar"], "field_wish": "  Les   soins ", "gender_wish": "woman"}

    walk(client, FIND, steps)

    [lead] = stored(programme, Lead)
    assert (lead.hopes, lead.level, lead.diploma) == ("Reprendre confiance.", "bac_1_2", "bac")
    assert (lead.languages, lead.field_wish, lead.gender_wish) == (["fr", "ar"], "Les soins", "woman")


def test_what_a_mentor_wishes_is_stored(client, programme, stored):
    steps = of_mentor()
    steps[4] = {"languages": ["fsl"], "field_wish": "La menuiserie", "gender_wish": "woman"}

    walk(client, OFFER, steps)

    [lead] = stored(programme, Lead)
    assert (lead.languages, lead.field_wish, lead.gender_wish) == (["fsl"], "La menuiserie", None)  # not asked of a mentor


def test_what_is_optional_is_nothing_when_it_is_not_said(client, programme, stored):
    walk(client, FIND, of_mentee())

    [lead] = stored(programme, Lead)
    assert (lead.hopes, lead.level, lead.diploma, lead.field_wish, lead.gender_wish) == (None,) * 5
    assert (lead.languages, lead.asker_name, lead.asker_structure, lead.asker_contact) == ([], None, None, None)


@pytest.mark.parametrize(
    ("number", "wrong"),
    [
        (1, {"needs": ["school"], "hopes": "a" * 1001}),
        (2, {"situation": "superieur", "level": "roi"}),
        (2, {"situation": "superieur", "diploma": "roi"}),
        (2, {"situation": "superieur", "level": " "}),
        (5, {"languages": ["latin"]}),
        (5, {"gender_wish": "autre"}),
        (5, {"gender_wish": "\t"}),
        (5, {"field_wish": "a" * 121}),
    ],
)
def test_what_is_optional_is_still_one_of_the_list(client, programme, number, wrong):
    if number > 1:
        walk(client, FIND, of_mentee()[: number - 1])

    page = client.send(f"{FIND}?etape={number}", wrong)

    assert (page.status, len(page.errors)) == (422, 1)


def test_all_that_was_said_reaches_the_association(client, association, stored, run_jobs):
    steps = for_another()
    steps[4] = {"languages": ["uk"], "field_wish": "Les soins", "gender_wish": "man"}
    walk(client, FIND, steps)

    run_jobs()

    [copy] = stored(association, Lead)
    assert (copy.languages, copy.field_wish, copy.gender_wish) == (["uk"], "Les soins", "man")
    assert (copy.asker_name, copy.asker_contact) == ("Léa Roux", "lea@college.example.org")


def test_somebody_asks_for_another_in_seven_steps(client, programme, stored):
    steps = for_another()

    before = walk(client, FIND, steps[:5])
    page = walk(client, FIND, steps)

    [lead] = stored(programme, Lead)
    assert (before.heading, "Étape 6 sur 7" in before.text) == ("Vous, qui faites cette demande", True)
    assert page.heading == "Bonjour Noé"
    assert (lead.asker_name, lead.asker_structure, lead.asker_contact) == tuple(ASKER.values())


def test_the_number_of_who_asks_is_kept_in_its_international_form(client, programme, stored):
    steps = for_another()
    steps[5]["asker_contact"] = "06 98 76 54 32"

    walk(client, FIND, steps)

    assert stored(programme, Lead)[0].asker_contact == "+33698765432"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (ASKER, "Sans son accord, nous ne pouvons pas prendre la demande."),
        ({**ASKER, **AGREED, "asker_contact": "lea@"}, "Indiquez une adresse e-mail complète, ou un téléphone."),
        ({**ASKER, **AGREED, "asker_structure": " "}, "À remplir."),
        ({**ASKER, **AGREED, "asker_name": ""}, "À remplir."),
    ],
)
def test_nobody_asks_for_another_without_agreement_nor_name(client, programme, stored, typed, sentence):
    walk(client, FIND, for_another()[:5])

    page = client.send(f"{FIND}?etape=6", typed)

    assert (page.status, page.errors) == (422, [sentence])
    assert "Étape 6 sur 7" in client.page(f"{FIND}?etape=7").text
    assert stored(programme, Lead) == []


def test_who_asks_is_forgotten_when_the_box_is_unticked_again(client, programme, stored):
    walk(client, FIND, for_another()[:6])
    walk(client, FIND, of_mentee()[:1])

    page = client.send(f"{FIND}?etape=6", of_mentee()[5])

    [lead] = stored(programme, Lead)
    assert page.heading == "Bonjour Noé"
    assert (lead.asker_name, lead.asker_structure, lead.asker_contact) == (None, None, None)


def test_what_only_robots_fill_is_refused_with_a_sentence_and_nothing_is_lost(client, programme, stored):
    walk(client, FIND, of_mentee()[:5])

    page = client.send(f"{FIND}?etape=6", {**CONTACT, "website": "https://example.org"})

    assert (page.status, page.errors) == (422, ["Laissez ce champ vide, puis envoyez encore une fois."])
    assert [page.value(name) for name in CONTACT] == ["Noé", "Martin", "noe@example.org", "06 12 34 56 78", "Merci"]
    assert stored(programme, Lead) == []
    assert client.send(f"{FIND}?etape=6", {**CONTACT, "website": ""}).heading == "Bonjour Noé"


@pytest.fixture
def slow(app):
    """A site where nobody fills a form in less than three seconds."""
    settings = app.config["BINOME"]
    app.config["BINOME"] = replace(settings, shortest_form=3)
    yield
    app.config["BINOME"] = settings


def test_a_form_that_came_too_quickly_is_shown_once_more_then_taken(client, programme, stored, slow):
    with time_machine.travel(now(), tick=False):
        page = walk(client, FIND, of_mentee())
        kept = stored(programme, Lead)
        again = client.send(f"{FIND}?etape=6", of_mentee()[5])

    assert (page.flashes, kept, page.value("email")) == ([QUICK], [], "noe@example.org")
    assert (again.heading, len(stored(programme, Lead))) == ("Bonjour Noé", 1)


def test_a_form_that_somebody_read_is_taken_at_once(client, programme, slow):
    with time_machine.travel(now(), tick=False) as clock:
        walk(client, FIND, of_mentee()[:5])
        clock.shift(timedelta(seconds=3))
        page = client.send(f"{FIND}?etape=6", of_mentee()[5])

    assert (page.heading, page.flashes) == ("Bonjour Noé", [])


def test_what_is_typed_and_not_sent_is_shown_again_without_a_reproach(client, programme):
    walk(client, FIND, of_mentee()[:2])

    kept = client.post(f"{DRAFT}?etape=3", data={"birth_date": ["31", "2", ""], "commune": "Ly"})

    page = client.page(f"{FIND}?etape=3")
    assert (kept.status_code, kept.data) == (204, b"")
    assert (page.status, page.errors, page.soup.select(".summary")) == (200, [], [])
    assert [box["value"] for box in page.soup.select("input[name=birth_date]")] == ["31", "2", ""]
    assert page.value("commune") == "Ly"


def test_what_is_typed_before_the_first_step_is_sent_is_kept_too(client, association):
    client.post("/a/passerelle/brouillon/mentor?etape=1&source=affiche", data={"sector": "Soins", "for_other": "y"})

    page = client.page("/a/passerelle/devenir-mentor")

    assert (page.value("sector"), ticked(page, "for_other")) == ("Soins", ["y"])
    assert client.page("/devenir-mentor").value("sector") == ""


def test_a_first_step_that_is_sent_while_it_is_kept_goes_on(client, programme, in_space, stored):
    """Each had read the browser's session before the other stored."""
    client.page(FIND)
    with in_space(programme):
        before = db.session.scalar(select(WebSession.data)) or {}
    client.post(f"{FIND}?etape=1", data=of_mentee()[0])
    with in_space(programme):
        db.session.execute(update(WebSession).values(data=before))
    client.post(f"{DRAFT}?etape=1", data=of_mentee()[0])

    assert "Étape 2 sur 6" in client.page(f"{FIND}?etape=2").text
    assert len(stored(programme, LeadDraft)) == 1


def test_a_page_that_stayed_open_longer_than_its_draft_begins_another(client, programme, stored):
    with time_machine.travel(now(), tick=False) as clock:
        walk(client, FIND, of_mentee()[:2])
        clock.shift(timedelta(hours=3))
        client.page(OFFER)  # the browser's session goes on
        clock.shift(timedelta(hours=1, minutes=1))
        client.post(f"{FIND}?etape=1", data={"needs": ["employment"]})

        [draft] = stored(programme, LeadDraft)
        assert draft.answers["needs"] == ["employment"]
        assert "situation" not in draft.answers


@pytest.mark.parametrize("where", [FIND, f"/a/passerelle{FIND}"])
def test_nobody_agrees_to_another_association_by_saying_nothing(client, programme, association, stored, where):
    walk(client, where, of_mentee()[:5])

    client.post(f"{where}?etape=6", data=CONTACT)

    [lead] = stored(programme if where == FIND else association, Lead)
    assert lead.may_relay is False


def test_what_was_unticked_and_not_sent_stays_unticked(client, programme):
    walk(client, FIND, of_mentee()[:5])
    client.post(f"{DRAFT}?etape=6", data={"first_name": "Noé", "may_relay": "y"})
    assert ticked(client.page(f"{FIND}?etape=6"), "may_relay") == ["y"]

    client.post(f"{DRAFT}?etape=6", data={"first_name": "Noé"})

    page = client.page(f"{FIND}?etape=6")
    assert (page.value("first_name"), ticked(page, "may_relay")) == ("Noé", [])


@pytest.mark.parametrize("number", ["0", "2", "99", "-1", "un"])
def test_nothing_is_kept_of_a_step_that_was_not_reached(client, programme, stored, number):
    answer = client.post(f"{DRAFT}?etape={number}", data={"situation": "superieur"})

    assert (answer.status_code, stored(programme, LeadDraft)) == (204, [])


def test_the_draft_of_a_form_that_was_sent_is_left_alone(client, programme, stored):
    walk(client, FIND, of_mentee())

    answer = client.post(f"{DRAFT}?etape=1", data={"hopes": "Secret"})

    [draft] = stored(programme, LeadDraft)
    assert (answer.status_code, sorted(draft.answers)) == (204, ["read", "receipt"])


def test_what_is_typed_stays_short_and_without_nul(client, programme, stored):
    client.post(f"{DRAFT}?etape=1", data={"hopes": "a\x00b" + "c" * 10_000})

    [draft] = stored(programme, LeadDraft)
    assert draft.answers["typed"]["typed"]["hopes"] == ["ab" + "c" * 4_998]


def test_a_draft_without_its_token_is_refused(app, client, programme, stored):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        status = client.post(f"{DRAFT}?etape=1", data={"hopes": "Bonjour"}).status_code
    finally:
        app.config["WTF_CSRF_ENABLED"] = False

    assert (status, stored(programme, LeadDraft)) == (400, [])


def test_a_form_whose_session_has_ended_says_so(app, client, programme, stored):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        page = client.send(f"{FIND}?etape=1", of_mentee()[0])
    finally:
        app.config["WTF_CSRF_ENABLED"] = False

    assert (page.status, page.heading) == (400, "Cette page est restée ouverte trop longtemps")
    assert "Rien n'est parti." in page.text
    assert page.response.headers["X-Request-Id"]


def test_a_draft_of_neither_form_does_not_exist(client, programme):
    assert client.post("/brouillon/parent?etape=1").status_code == 404


def test_a_thousand_fields_that_no_step_asks_for_are_not_kept(client, programme, stored):
    client.page(FIND)
    client.post(f"{DRAFT}?etape=1", data={"hopes": "Devenir pilote", **{f"x{rank}": "y" * 4_900 for rank in range(50)}})

    [draft] = stored(programme, LeadDraft)
    assert len(str(draft.answers)) < 25_000
    assert "Devenir pilote" in str(draft.answers)
