"""A wish for another time, and times that are not free any more: what ends them, and where they are read."""

import pytest

from .situations import SPACE, a_meeting, brother, path, plan_path, soon, stored, typed


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
    where = page.soup.find("a", string="Voir et répondre")["href"]
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
