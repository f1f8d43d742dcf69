"""A mentor calls a meeting off; a pair that closes meets no more."""

import pytest

from app.extensions import db
from app.meetings.models import Meeting
from app.meetings.queries import meetings_of
from app.pairs.closing import close_pair
from app.pairs.models import Pair
from app.web import today
from tests import factories


@pytest.fixture
def meeting(in_space, association, people):
    """A meeting of next week."""
    with in_space(association):
        return factories.meeting(people.pair, 7)


@pytest.fixture
def closed(in_space, association, people):
    """Close the pair, today."""

    def close():
        with in_space(association):
            close_pair(db.session.get(Pair, (association.id, people.pair.id)), today(), "planned", None)

    return close


def path_of(meeting):
    return f"/a/passerelle/rendez-vous/{meeting.id}/annulation"


def test_the_page_asks_once_and_lets_the_mentor_keep_it(mentor, meeting):
    page = mentor.page(path_of(meeting))

    assert page.heading.startswith("Annuler le rendez-vous du ")
    assert "Inès lira ce mot" in page.text
    assert page.soup.find("a", string="Le garder")["href"] == f"/a/passerelle/rendez-vous/{meeting.id}"


def test_the_jeune_reads_why_in_a_letter_and_on_the_page(mentor, jeune, meeting, letters, people):
    page = mentor.send(path_of(meeting), {"word": "Je suis malade."})

    assert page.flashes == ["Le rendez-vous est annulé. Inès reçoit un message."]
    (letter,) = letters("meeting_cancelled")
    assert letter.to_address == people.mentee.email
    assert letter.subject.startswith("Votre rendez-vous du ")
    assert "Annulé par Karim." in letter.text
    assert "Je suis malade." in letter.text
    seen = jeune.page(f"/a/passerelle/rendez-vous/{meeting.id}").text
    assert "annulé" in seen
    assert "Je suis malade." in seen


def test_cancelling_twice_is_once(mentor, meeting, letters, in_space, association):
    mentor.send(path_of(meeting), {"word": "Je suis malade."})

    again = mentor.send(path_of(meeting), {"word": "Je suis malade."})
    other = mentor.send(path_of(meeting), {"word": "Encore"})

    assert again.status == 200
    assert (other.status, other.errors) == (
        422, ["Ce rendez-vous vient d'être annulé, et votre mot n'est pas parti : écrivez-le dans un message."],
    )  # fmt: skip
    assert len(letters("meeting_cancelled")) == 1
    with in_space(association):
        stored = db.session.get(Meeting, (association.id, meeting.id))
        assert (stored.cancel_word, stored.sequence) == ("Je suis malade.", 1)


@pytest.mark.parametrize("state", ["held", "missed", "planned"])
def test_what_has_begun_is_not_called_off_but_said(state, mentor, jeune, people, in_space, association, letters):
    with in_space(association):
        meeting = factories.meeting(people.pair, state=state)

    for client in (mentor, jeune):
        page = client.send(path_of(meeting), {"word": "Trop tard"})

        assert (page.status, page.errors) == (422, ["Ce rendez-vous a déjà commencé : dites plutôt comment il s'est passé."])
    assert letters("meeting_cancelled") == letters("meeting_mine") == []
    with in_space(association):
        assert db.session.get(Meeting, (association.id, meeting.id)).state == state


def test_a_long_word_is_refused_at_its_field(mentor, meeting):
    page = mentor.send(path_of(meeting), {"word": "x" * 201})

    assert (page.status, page.errors) == (422, ["C'est trop long : 200 caractères au plus."])


def test_closing_a_pair_cancels_what_is_to_come_and_nothing_else(closed, people, in_space, association, meeting):
    with in_space(association):
        factories.meeting(people.pair, -7, "held")
        factories.meeting(people.pair, -2)
        factories.meeting(people.pair, 14)

    closed()

    with in_space(association):
        states = [(m.state, m.sequence) for m in meetings_of(people.pair.id)]
    assert states == [("held", 0), ("planned", 0), ("cancelled", 1), ("cancelled", 1)]


def test_the_jeune_of_a_closed_pair_has_nothing_to_come(closed, jeune, meeting):
    closed()

    page = jeune.page("/a/passerelle/")

    assert "Votre prochain rendez-vous" not in page.text
    assert "Nous cherchons la bonne personne pour vous" in page.text
