"""Times that one proposes and the other chooses: shown, chosen once, refused, replaced, over; or another time asked for."""

from datetime import datetime, timedelta

import pytest

from app.extensions import db
from app.meetings.models import Offer
from app.pairs.closing import close_pair
from app.pairs.life import pause
from app.pairs.models import Pair
from app.web import today
from tests import factories

from .situations import PARIS, SPACE, VIDEO, at, path, plain, soon, spot, stored

GONE = "Cette proposition n'attend plus de réponse."


def times(*days, hour="10:00", place="remote", where=None, **changes):
    """What somebody types to propose these days."""
    slots = {f"day{rank}": soon(day).isoformat() for rank, day in enumerate(days)}
    slots |= {f"time{rank}": hour for rank in range(len(days))}
    return {"length": "60", **spot(place, where), "word": "", **slots, **changes}


def moment(days, hour=10):
    return datetime.combine(soon(days), datetime.min.time(), tzinfo=PARIS).replace(hour=hour)


@pytest.fixture
def two(app, people):
    """The two of the pair, signed in: `two["mentor"]`."""
    return {side: app.test_client().sign_in(getattr(people, side).user_id) for side in ("mentor", "mentee")}


@pytest.fixture
def propose(two, people):
    """Propose times, as one of the two."""
    new = f"{SPACE}/binomes/{people.pair.id}/propositions/nouvelle"
    return lambda side, *days, about=None, **changes: two[side].send(
        new + (f"?pour={about.id}" if about else ""), times(*days, **changes)
    )


@pytest.fixture
def offers(in_space, association):
    """What was proposed, the first time first."""

    def read():
        with in_space(association):
            return db.session.query(Offer).order_by(Offer.created_at, Offer.id).all()

    return read


def page_of(offer):
    return f"{SPACE}/propositions/{offer.id}"


def other(side):
    return "mentee" if side == "mentor" else "mentor"


SIDES = pytest.mark.parametrize("side", ["mentor", "mentee"])


@SIDES
def test_the_other_one_reads_the_times_and_chooses_one(side, propose, two, offers, people, in_space, association, letters):
    assert propose(side, 3, 5, 4, word="Plutôt le matin ?").status == 200
    (letter,) = letters("meeting_offer")
    assert letter.to_address == getattr(people, other(side)).email
    assert "« Plutôt le matin ? »" in plain(letter.text)
    (offer,) = offers()
    chooser = two[other(side)]

    page = chooser.page(page_of(offer))

    choices = [field["value"] for field in page.soup.find_all("input", {"name": "start"})]
    assert "À distance · 1 h" in page.text
    assert [datetime.fromisoformat(value) for value in choices] == [moment(days) for days in (3, 4, 5)]
    assert chooser.send(page_of(offer), {"start": choices[1]}).flashes == ["Le rendez-vous est fixé."]
    with in_space(association):
        (meeting,) = stored(people.pair)
        where = VIDEO if side == "mentor" else ""
        assert (meeting.starts_at, meeting.where, meeting.minutes) == (moment(4), where, 60)
    assert len(letters("meeting_planned")) == len(letters("meeting_mine")) == 1


@SIDES
def test_who_proposes_does_not_choose(side, propose, two, offers):
    propose(side, 3)
    (offer,) = offers()

    assert two[side].page(page_of(offer)).status == 404
    assert two[side].send(page_of(offer), {"start": offer.starts[0].isoformat()}).status == 404


def test_it_is_chosen_once(propose, two, offers, people, in_space, association, letters):
    propose("mentor", 3, 4)
    (offer,) = offers()
    first, second = (start.isoformat() for start in offer.starts)
    two["mentee"].send(page_of(offer), {"start": first})

    again = two["mentee"].send(page_of(offer), {"start": first})
    late = two["mentee"].send(page_of(offer), {"start": second})

    assert (again.status, late.status) == (200, 422)
    assert GONE in two["mentee"].page(page_of(offer)).text
    with in_space(association):
        assert [m.starts_at for m in stored(people.pair)] == [moment(3)]
    assert len(letters("meeting_planned")) == 1


WRONG = [("nothing", {}), ("not a time", {"start": "demain"}), ("another time", {"start": "2027-01-01T10:00:00+00:00"})]


@pytest.mark.parametrize("data", [case[1] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_was_not_proposed_is_not_chosen(data, propose, two, offers, people, in_space, association):
    propose("mentor", 3)
    (offer,) = offers()

    page = two["mentee"].send(page_of(offer), data)

    assert (page.status, len(page.errors)) == (422, 1)
    with in_space(association):
        assert stored(people.pair) == []


def test_a_time_that_passed_is_not_chosen_any_more(app, propose, offers, people, in_space, association):
    propose("mentor", 3, 5)
    (offer,) = offers()

    with at(moment(3)):
        jeune = app.test_client().sign_in(people.mentee.user_id)
        shown = [field["value"] for field in jeune.page(page_of(offer)).soup.find_all("input", {"name": "start"})]
        page = jeune.send(page_of(offer), {"start": offer.starts[0].isoformat()})

    assert [datetime.fromisoformat(value) for value in shown] == [moment(5)]
    assert page.status == 422


def test_when_all_have_passed_it_asks_no_more(app, propose, offers, people):
    propose("mentor", 3)
    (offer,) = offers()

    with at(moment(3) + timedelta(seconds=1)):
        jeune = app.test_client().sign_in(people.mentee.user_id)

        assert "vous propose des moments" not in jeune.page(f"{SPACE}/").text
        assert jeune.page(page_of(offer)).soup.find("input", {"name": "start"}) is None


def test_proposing_again_takes_the_place_of_what_was_proposed(propose, two, offers):
    propose("mentor", 3)
    propose("mentor", 4)
    old, new = offers()

    assert (old.state, new.state) == ("ended", "open")
    assert GONE in two["mentee"].page(page_of(old)).text
    assert two["mentee"].send(page_of(old), {"start": old.starts[0].isoformat()}).status == 422


def test_what_the_other_proposed_stays(propose, offers):
    propose("mentor", 3)
    propose("mentee", 4)

    assert [offer.state for offer in offers()] == ["open", "open"]


def test_none_of_them_suits(propose, two, offers, people, letters):
    propose("mentor", 3)
    (offer,) = offers()

    page = two["mentee"].send(f"{page_of(offer)}/refus", {"word": "J'ai cours."})

    assert page.flashes == ["C'est noté, et votre mot est transmis."]
    last = letters("meeting_offer")[-1]
    assert last.to_address == people.mentor.email
    assert "Aucun des moments proposés ne convient à Inès." in last.text
    assert "« J'ai cours. »" in plain(last.text)
    assert two["mentee"].send(f"{page_of(offer)}/refus", {}).flashes == [GONE]
    assert len(letters("meeting_offer")) == 2


ENDS = [
    ("closed", lambda pair, _by: close_pair(pair, today(), "planned", None)),
    ("paused", lambda pair, by: pause(pair, "exams", None, by)),
]


@pytest.mark.parametrize("end", [case[1] for case in ENDS], ids=[case[0] for case in ENDS])
def test_a_pair_that_does_not_meet_chooses_nothing(end, propose, two, offers, people, in_space, association):
    propose("mentor", 3)
    (offer,) = offers()
    with in_space(association):
        end(db.session.get(Pair, (association.id, people.pair.id)), people.coordinator.user_id)

    page = two["mentee"].send(page_of(offer), {"start": offer.starts[0].isoformat()})

    assert page.status == 422
    assert propose("mentor", 4).status == 422
    with in_space(association):
        assert stored(people.pair) == []


@pytest.mark.parametrize("suffix", ["", "/refus"])
def test_times_of_another_pair_do_not_exist(suffix, app, propose, offers, in_space, association, elsewhere):
    propose("mentor", 3)
    (offer,) = offers()
    with in_space(association):
        stranger = factories.mentor(association, trained=True)
        factories.pair(stranger, factories.mentee(association))
    with in_space(elsewhere):
        foreign = factories.mentor(elsewhere)

    for user_id, slug in ((stranger.user_id, "passerelle"), (foreign.user_id, "ailleurs")):
        client = app.test_client().sign_in(user_id)
        page = client.send(f"/a/{slug}/propositions/{offer.id}{suffix}", {"start": offer.starts[0].isoformat()})
        assert page.status == 404


BAD = [
    ("no time and no word", times(), "Proposez au moins un moment, ou écrivez un mot."),
    ("a day without an hour", times(3, time0=""), "Donnez la date et l'heure."),
    ("an hour without a day", times(time0="10:00"), "Donnez la date et l'heure."),
    ("over a year", times(400), "Cette date est à plus d'un an d'aujourd'hui : vérifiez l'année."),
    ("what was", times(-1), "Proposez des moments à venir."),
]


@pytest.mark.parametrize(("data", "sentence"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_cannot_be_proposed_is_said_at_its_field(data, sentence, two, offers, people):
    page = two["mentor"].send(f"{SPACE}/binomes/{people.pair.id}/propositions/nouvelle", data)

    assert (page.status, page.errors, offers()) == (422, [sentence], [])


def test_another_time_is_asked_for_and_the_meeting_moves_when_it_is_chosen(propose, two, offers, people, in_space, association):
    with in_space(association):
        meeting = factories.meeting(people.pair, 7)
    assert two["mentee"].page(path(meeting)).soup.find("a", string="Demander un autre moment")
    propose("mentee", 8, about=meeting)
    (offer,) = offers()

    two["mentor"].send(page_of(offer), {"start": offer.starts[0].isoformat()})

    with in_space(association):
        (moved,) = stored(people.pair)
        assert (moved.id, moved.starts_at, moved.sequence) == (meeting.id, moment(8), 1)


def test_another_time_may_be_asked_for_without_naming_one(propose, two, people, in_space, association, letters):
    with in_space(association):
        meeting = factories.meeting(people.pair, 7)

    propose("mentee", about=meeting, word="Plutôt en soirée.")

    (letter,) = letters("meeting_offer")
    assert "Inès demande un autre moment pour votre rendez-vous." in letter.text
    page = two["mentor"].page(f"{SPACE}/rendez-vous")
    assert "Inès demande un autre moment" in page.text
    assert "« Plutôt en soirée. »" in page.text


def test_a_meeting_that_was_called_off_meanwhile_is_planned_anew(propose, two, offers, people, in_space, association):
    with in_space(association):
        meeting = factories.meeting(people.pair, 7)
    propose("mentee", 8, about=meeting)
    (offer,) = offers()
    two["mentor"].send(path(meeting, "/annulation"))

    two["mentor"].send(page_of(offer), {"start": offer.starts[0].isoformat()})

    with in_space(association):
        assert [(m.id == meeting.id, m.state) for m in stored(people.pair)] == [(True, "cancelled"), (False, "planned")]


def test_the_meeting_asked_about_is_one_of_the_pair(two, people, offers, in_space, association):
    with in_space(association):
        stranger = factories.pair(factories.mentor(association, trained=True), factories.mentee(association))
        meeting = factories.meeting(stranger, 7)

    page = two["mentee"].send(f"{SPACE}/binomes/{people.pair.id}/propositions/nouvelle?pour={meeting.id}", times(3))

    assert (page.status, offers()) == (404, [])


def test_a_jeune_types_no_address_and_may_ask_for_another_kind_of_place(two, propose, offers, people, in_space, association):
    with in_space(association):
        factories.meeting(
            db.session.get(Pair, (association.id, people.pair.id)), -3, "held", place="school", where="Lycée, salle 3"
        )
    page = two["mentee"].page(f"{SPACE}/binomes/{people.pair.id}/propositions/nouvelle")
    assert not page.soup.select("[name^=where]")

    for place in ("remote", "association", "school"):
        assert propose("mentee", 2, place=place, where="https://ailleurs.example.org").status == 200

    assert [(offer.place, offer.where) for offer in offers()] == [
        ("remote", ""), ("association", ""), ("school", "Lycée, salle 3"),
    ]  # fmt: skip


DANGER = "Il m'a frappée, je ne viens pas."


@pytest.mark.parametrize("act", ["ask", "refuse", "move", "cancel"])
def test_a_word_that_alarms_is_told_to_the_team_and_answered_with_whom_to_call(
    act, propose, two, offers, in_space, association, people, letters
):
    with in_space(association):
        meeting = factories.meeting(people.pair, 7)
    if act == "ask":
        page = propose("mentee", word=DANGER)
    elif act == "refuse":
        propose("mentor", 3)
        page = two["mentee"].send(f"{page_of(offers()[-1])}/refus", {"word": DANGER})
    elif act == "move":
        page = two["mentor"].send(path(meeting, "/deplacement"), times() | {"day": soon(9), "time": "18:00", "word": DANGER})
    else:
        page = two["mentee"].send(path(meeting, "/annulation"), {"word": DANGER})

    assert any("3114" in flash for flash in page.flashes)
    [letter] = letters("pair")
    assert plain(letter.subject) == "À lire aujourd'hui : des mots qui inquiètent"
    assert "frappée" not in letter.text
