"""What a mentor lacks before a first meeting is said once, on every page alike, and says what the gate will."""

from datetime import timedelta

import pytest

from app.extensions import db
from app.pairs.conditions import gate
from app.pairs.standing import asked_of
from app.pairs.words import BESIDES
from app.people.models import FileState
from app.training.models import TrainingException
from app.web import today
from tests import factories

from .situations import ask_for, except_from, make_mentor, protect, see

SPACE = "/a/passerelle"
PUBLICS = {
    "minors": lambda tenant: factories.mentee(tenant, age=16, account=False),
    "ase": lambda tenant: protect(factories.mentee(tenant, age=20, needs=[], account=False)),
    "education": lambda tenant: factories.mentee(tenant, age=20, needs=["school"], account=False),
    "employment": lambda tenant: factories.mentee(tenant, age=20, needs=["employment"], account=False),
}


def besides(mentor):
    """What some jeunes would ask besides, by the code of their public."""
    codes = {str(words): code for code, words in BESIDES.items()}
    return {codes[said]: words for said, words in asked_of(mentor, today())[1].items()}


def more(mentor, mentee):
    """What the gate asks of this mentor for this jeune, and not for whoever it is."""
    asked = {piece.removeprefix("ase_") for piece, side in gate(mentor.id, mentee.id, today()) if side == "mentor"}
    return asked - {piece for piece, _side in gate(mentor.id, None, today())}


@pytest.mark.parametrize("public", PUBLICS)
@pytest.mark.parametrize("is_there", [False, True])
def test_it_says_before_what_the_gate_will_ask_for_each_public(association, in_space, public, is_there):
    with in_space(association):
        mentor, mentee = make_mentor(association), PUBLICS[public](association)
        course = factories.required_course("Aller plus loin", required_for=[public])
        see(mentor, "honorability")
        if public in {"minors", "ase"}:
            ask_for("record", public)
        assert more(mentor, mentee) == {"training"} | ({"record"} if public in {"minors", "ase"} else set())
        if is_there:
            factories.complete(mentor, course)
            see(mentor, "record")

        said = besides(mentor)

        assert bool(more(mentor, mentee)) is (public in said) is not is_there
        if not is_there:
            assert "la formation «\u00a0Aller plus loin\u00a0»" in said[public]
            assert ("Bulletin n° 3 du casier judiciaire" in said[public]) is (public in {"minors", "ase"})


def test_what_everybody_is_asked_for_is_not_said_twice(association, in_space):
    with in_space(association):
        mentor = make_mentor(association)
        ask_for("record")
        ask_for("record", "minors")

        assert [piece.piece for piece in asked_of(mentor, today())[0]] == ["record"]
        assert "minors" not in besides(mentor)


def test_an_exception_opens_what_the_association_asks_and_never_what_the_law_does(association, in_space):
    with in_space(association):
        mentor, soon = make_mentor(association), today() + timedelta(days=30)
        course = factories.required_course("Aller plus loin", required_for=["minors"])
        ask_for("record", "minors")
        except_from("record", mentor, soon)
        except_from("honorability", mentor, soon)
        row = TrainingException(
            mentor_id=mentor.id, course_id=course.id, until=soon, reason="En route", made_by=factories.user().id
        )
        db.session.add(row)
        db.session.flush()

        assert besides(mentor) == {"ase": ["Attestation d'honorabilité"]}


def test_both_pages_say_the_same(office, in_space, association):
    with in_space(association):
        mentor = factories.mentor(association)
        ask_for("identity")
    pages = [
        office.page(f"{SPACE}/mentors/{mentor.id}"),
        office.page(f"{SPACE}/mentors/{mentor.id}/candidature"),
    ]

    said = {page.soup.find(id="avant").get_text(" ", strip=True) for page in pages}

    assert len(said) == 1
    assert "une pièce d'identité est à voir" in said.pop()


def test_a_closed_file_lacks_nothing(office, in_space, association):
    with in_space(association):
        mentor = factories.mentor(association, state=FileState.WITHDRAWN)

    page = office.page(f"{SPACE}/mentors/{mentor.id}/candidature")

    assert page.heading == mentor.full_name
    assert page.soup.find(id="avant") is None


def test_who_has_room_left_is_offered_one_more(office, in_space, association):
    with in_space(association):
        mentor = factories.mentor(association, trained=True, capacity=2)
        factories.pair(mentor, factories.mentee(association))
        full = factories.mentor(association, trained=True, capacity=1)
        factories.pair(full, factories.mentee(association))

    for person, is_offered in ((mentor, True), (full, False)):
        panel = office.page(f"{SPACE}/mentors/{person.id}").soup.find(id="avant")
        assert "Rien ne manque." in panel.get_text()
        assert (panel.find("a", string="Former un binôme") is not None) is is_offered
