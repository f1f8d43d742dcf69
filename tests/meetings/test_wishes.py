"""A wish for another time, and times that are not free any more: what ends them, and where they are read."""

from contextlib import nullcontext

import pytest

from app.extensions import db
from app.meetings.models import Offer
from app.meetings.offers import NotOffered, choose
from app.meetings.queries import words_of
from app.pairs.models import Pair

from .situations import HOUR, SPACE, a_meeting, at, brother, path, plan_path, soon, stored, typed


def offer_path(pair):
    return f"{SPACE}/binomes/{pair.id}/propositions/nouvelle"


def slot(days):
    return {"length": "60", "place": "remote", "day0": soon(days).isoformat(), "time0": "10:00"}


@pytest.mark.parametrize("answer", ["moves it", "proposes times"])
def test_a_wish_that_was_answered_waits_no_more(answer, mentor, jeune, people, in_space, association):
    with in_space(association):
        meeting = a_meeting(people.pair, 7)
    jeune.send(f"{offer_path(people.pair)}?pour={meeting.id}", {"length": "60", "place": "remote", "word": "Plutôt le soir"})
    if answer == "moves it":
        mentor.send(path(meeting, "/deplacement"), typed(soon(8)))
    else:
        mentor.send(offer_path(people.pair), slot(8))

    assert "demande un autre moment" not in mentor.page(f"{SPACE}/").text


def test_choosing_what_a_jeune_proposes_asks_about_another_meeting_at_that_moment(mentor, jeune, people, in_space, association):
    with in_space(association):
        other = brother(association, people.pair)
    mentor.send(plan_path(other), typed(soon(3), "10:00"))
    jeune.send(offer_path(people.pair), slot(3))
    page = mentor.page(f"{SPACE}/")
    where = page.soup.find("a", string="Choisir un moment")["href"]
    start = mentor.page(where).soup.find("input", {"name": "start"})["value"]

    page = mentor.send(where, {"start": start})

    assert (page.status, page.errors) == (422, ["Ce moment n'est plus libre. Choisissez-en un autre."])
    with in_space(association):
        assert stored(people.pair) == []


def test_times_proposed_to_a_pair_that_never_met_are_where_the_letter_leads(mentor, jeune, people, letters):
    jeune.send(offer_path(people.pair), slot(5))

    (letter,) = letters("meeting_offer")
    assert f"{SPACE}/rendez-vous" in letter.text
    assert "vous propose des moments" in mentor.page(f"{SPACE}/rendez-vous").text


def test_the_page_starts_from_what_the_two_share(mentor, jeune, people):
    page = mentor.page(offer_path(people.pair))
    assert page.heading == "Proposer des moments"
    assert "Inès choisit celui qui convient." in page.text
    assert len(page.soup.select("fieldset input[type=date]")) == 5
    assert page.soup.find("input", {"name": "place", "checked": True})["value"] == "remote"

    assert "Karim choisit celui qui convient." in jeune.page(offer_path(people.pair)).text


def test_asking_for_another_time_starts_from_where_the_meeting_is(jeune, people, in_space, association):
    with in_space(association):
        meeting = a_meeting(people.pair, 7, place="association", where="Salle 3")

    page = jeune.page(f"{offer_path(people.pair)}?pour={meeting.id}")

    assert page.heading == "Demander un autre moment"
    assert page.soup.find("input", {"name": "place", "checked": True})["value"] == "association"
    jeune.send(f"{offer_path(people.pair)}?pour={meeting.id}", {**slot(3), "place": "association", "where_association": "Chez moi"})
    with in_space(association):
        assert db.session.query(Offer).one().where == "Salle 3", "a jeune types no address"


def test_another_time_is_asked_for_in_the_same_pair(mentor, people, in_space, association):
    with in_space(association):
        meeting = a_meeting(brother(association, people.pair), 7)

    assert mentor.page(f"{offer_path(people.pair)}?pour={meeting.id}").status == 404


@pytest.mark.parametrize("when", ["another time", "a time that passed"])
def test_whoever_asks_only_a_time_that_is_proposed_and_to_come_is_planned(when, mentor, people, in_space, association):
    mentor.send(offer_path(people.pair), slot(3))
    with in_space(association):
        offer = db.session.query(Offer).one()
        start = offer.starts[0]
        with at(start) if when == "a time that passed" else nullcontext(), pytest.raises(NotOffered):
            choose(offer, start if when == "a time that passed" else start + HOUR, people.mentee.user_id)

        assert stored(people.pair) == []


def test_the_team_finds_every_word_of_the_two_the_latest_first(mentor, jeune, people, in_space, association):
    with in_space(association):
        meeting = a_meeting(people.pair, 7)
    jeune.send(offer_path(people.pair), {**slot(3), "word": "Plutôt jeudi"})
    where = mentor.page(f"{SPACE}/").soup.find("a", string="Choisir un moment")["href"]
    mentor.send(f"{where}/refus", {"word": "Pas jeudi"})
    mentor.send(path(meeting, "/deplacement"), typed(soon(8), word="Vendredi alors"))
    jeune.send(path(meeting, "/annulation"), {"word": "Malade"})

    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        words = [(by, word) for _at, by, word in words_of(pair)]

    mine, theirs = "mentor", "mentee"
    assert words == [(theirs, "Malade"), (mine, "Vendredi alors"), (mine, "Pas jeudi"), (theirs, "Plutôt jeudi")]


def withdrawal(page):
    """Where the button that takes back a proposal sends."""
    return page.soup.find("form", action=lambda url: url and url.endswith("/retrait"))["action"]


@pytest.mark.parametrize("place", [f"{SPACE}/", f"{SPACE}/rendez-vous"])
@pytest.mark.parametrize("wish", [True, False])
def test_what_one_asked_for_is_shown_and_taken_back(place, wish, mentor, jeune, people, in_space, association):
    with in_space(association):
        meeting = a_meeting(people.pair, 7)
    asked = {"length": "60", "place": "remote", "word": "Plutôt le soir"} if wish else slot(8)
    page = jeune.send(f"{offer_path(people.pair)}?pour={meeting.id}", asked)
    assert ("vous propose un autre moment" if wish else "Karim choisit") in page.flashes[0]

    page = jeune.page(place)
    assert ("Vous avez demandé un autre moment à Karim" if wish else "Vous avez proposé un moment à Karim") in page.text
    assert "Karim n'a pas encore répondu. En attendant, le rendez-vous prévu tient toujours." in page.text

    for _time in range(2):  # twice is once
        assert jeune.send(withdrawal(page)).flashes == ["C'est retiré. Ce qui était prévu ne change pas."]
    assert "n'a pas encore répondu" not in jeune.page(place).text
    assert "Inès" not in "".join(h.get_text() for h in mentor.page(f"{SPACE}/rendez-vous").soup.find_all("h2"))


def test_only_who_asked_takes_it_back_and_not_once_it_is_chosen(mentor, jeune, people):
    jeune.send(offer_path(people.pair), slot(5))
    url = withdrawal(jeune.page(f"{SPACE}/"))
    assert mentor.send(url).status == 404
    where = mentor.page(f"{SPACE}/").soup.find("a", string="Choisir un moment")["href"]
    mentor.send(where, {"start": mentor.page(where).soup.find("input", {"name": "start"})["value"]})

    assert jeune.send(url).flashes == ["Un de ces moments vient d'être choisi : le rendez-vous est fixé."]


def test_a_wish_says_which_meeting_and_leads_to_moving_it(mentor, jeune, people, letters, in_space, association):
    with in_space(association):
        meeting = a_meeting(people.pair, 7)
    jeune.send(f"{offer_path(people.pair)}?pour={meeting.id}", {"length": "60", "place": "remote"})

    (letter,) = letters("meeting_offer")
    assert letter.subject == "Un autre moment est demandé"
    assert "Il remplacerait celui qui est prévu" in letter.text
    page = mentor.page(mentor.page(f"{SPACE}/").soup.find("a", string="Voir et répondre")["href"])
    assert page.soup.find("a", string="Déplacer le rendez-vous")["href"] == path(meeting, "/deplacement")
    assert page.soup.main.summary.get_text() == "Répondre par un mot"
    page = mentor.send(page.soup.find("form", action=lambda url: url and url.endswith("/refus"))["action"], {"word": "Impossible"})
    assert "Karim a répondu à votre demande d'un autre moment." in letters("meeting_offer")[-1].text
