"""The charter: written by the association, signed once in the mentor's space or on paper, and again when a text asks for it."""

import hashlib
from datetime import timedelta

import pytest
import time_machine

from app.database import now
from app.extensions import db
from app.people.check_models import Charter, CharterSignature
from tests import factories

from .fixtures import at_once, space_of
from .situations import SPACE, charter, day, holds, signed

SETTINGS = f"{SPACE}/reglages/charte"
MINE = f"{SPACE}/ma-charte"
BODY = "## Notre charte\n\n- J'écoute sans juger."
YES = {"consent": "y"}


@pytest.fixture
def mine(app, mentor):
    """The mentor's own browser."""
    return app.test_client().sign_in(mentor.user_id)


@pytest.fixture
def text(association, in_space):
    """A charter in force."""
    with in_space(association):
        return charter(BODY)


def paper(mentor):
    return f"{SPACE}/mentors/{mentor.id}/charte"


def test_the_first_text_starts_from_a_model_and_is_asked_of_all(boss, association, stored):
    shown = boss.page(SETTINGS)

    page = boss.send(SETTINGS, {"body": BODY})

    [row] = stored(association, Charter)
    assert "Pas encore en ligne" in shown.text
    assert "La charte du mentor" in shown.value("body")
    assert shown.soup.find(attrs={"name": "asks_again"}) is None, "nobody has signed anything yet"
    assert page.flashes == ["La charte est en ligne\xa0: vos mentors la trouvent dans leur espace."]
    assert "Texte 1, en ligne" in page.text
    assert (row.number, row.asks_again) == (1, True)


@pytest.mark.parametrize("typed", ["", "   \n "])
def test_an_empty_text_is_refused(boss, association, stored, typed):
    page = boss.send(SETTINGS, {"body": typed})

    assert (page.status, page.errors) == (422, ["À remplir."])
    assert stored(association, Charter) == []


def test_only_an_admin_writes_it(office, mine, association, stored):
    for browser in (office, mine):
        assert browser.send(SETTINGS, {"body": BODY}).status == 403

    assert stored(association, Charter) == []


def test_what_is_written_in_it_never_runs(boss, mine):
    boss.send(SETTINGS, {"body": "## Charte\n\n<script>alert(1)</script> **Oui**"})

    page = mine.page(MINE)

    assert "<script>alert" not in page.html
    assert page.soup.select_one(".prose strong").get_text() == "Oui"


def test_a_mentor_signs_it_in_their_space(mine, association, mentor, text, stored):
    page = mine.send(MINE, YES)

    [row] = stored(association, CharterSignature)
    assert page.flashes == ["Merci, votre engagement est enregistré."]
    assert "Vous avez signé le texte 1 le" in page.text
    assert page.soup.find("button", string="Signer la charte") is None
    assert (row.mentor_id, row.how, row.signed_on, row.noted_by) == (mentor.id, "online", day(), mentor.user_id)


def test_the_signature_carries_the_digest_of_the_text_that_was_read(boss, mine, association, stored):
    boss.send(SETTINGS, {"body": "## Été\r\n\r\nJe m'engage."})
    mine.send(MINE, YES)

    [text], [row] = stored(association, Charter), stored(association, CharterSignature)
    assert row.digest == hashlib.sha256(text.body.encode()).hexdigest()
    assert row.charter_id == text.id


@pytest.mark.parametrize("typed", [{}, {"consent": ""}])
def test_signing_takes_an_explicit_yes(mine, office, association, mentor, text, stored, typed):
    pages = [mine.send(MINE, typed), office.send(paper(mentor), typed)]

    assert [(page.status, page.errors) for page in pages] == [(422, ["Cochez pour signer."])] * 2
    assert stored(association, CharterSignature) == []


def test_signing_twice_is_once(mine, office, association, mentor, text, stored):
    mine.send(MINE, YES)
    mine.send(MINE, YES)
    office.send(paper(mentor), YES)

    assert [row.how for row in stored(association, CharterSignature)] == ["online"]


def test_staff_note_a_signature_made_on_paper(office, association, mentor, text, stored):
    asked = office.page(f"{SPACE}/mentors/{mentor.id}/candidature")

    page = office.send(paper(mentor), YES)

    [row] = stored(association, CharterSignature)
    assert "Charte à signer" in asked.text
    assert page.flashes == ["La signature est notée."]
    assert "Texte 1 signé signée" in page.text
    assert "Charte signée sur papier" not in page.text
    assert (row.how, row.noted_by == mentor.user_id) == ("paper", False)


def test_a_paper_noted_of_the_wrong_mentor_is_cancelled_and_signed_again(office, association, in_space, mentor, text, stored):
    page = office.send(paper(mentor), YES)
    undo = page.soup.find("form", action=lambda url: url and url.endswith("/charte/annulation"))

    page = office.send(undo["action"])

    assert page.flashes == ["La signature est annulée."]
    assert "Charte à signer" in page.text
    [row] = stored(association, CharterSignature)
    assert (row.cancelled_at is None, row.cancelled_by is None) == (False, False)
    with in_space(association):
        assert not holds(mentor, "charter", day())
    office.send(paper(mentor), YES)
    with in_space(association):
        assert holds(mentor, "charter", day())
    assert len(stored(association, CharterSignature)) == 2


def test_what_the_mentor_signed_is_not_cancelled_by_staff(mine, office, association, mentor, text, stored):
    mine.send(MINE, YES)

    page = office.send(f"{paper(mentor)}/annulation")

    assert page.flashes == ["Il n'y a pas de signature sur papier à annuler."]
    assert page.soup.find("form", action=lambda url: url and url.endswith("/charte/annulation")) is None
    assert [row.cancelled_at for row in stored(association, CharterSignature)] == [None]


def test_without_a_charter_there_is_nothing_to_sign(mine, office, association, mentor, stored):
    page = office.send(paper(mentor), YES)

    assert page.flashes == ["La charte n'est pas encore écrite\xa0: elle s'écrit dans les réglages."]
    assert page.heading == mentor.full_name
    assert mine.page(MINE).status == 404
    assert "à signer" not in office.page(f"{SPACE}/mentors/{mentor.id}/candidature").text
    assert stored(association, CharterSignature) == []


@pytest.mark.parametrize("asked", [{}, {"asks_again": "y"}])
def test_the_same_text_sent_twice_is_one(boss, association, text, stored, asked):
    with time_machine.travel(now(), tick=False) as clock:
        pages = [boss.send(SETTINGS, {"body": "## Nouvelle charte", **asked}) for _each in range(2)]
        numbers = [row.number for row in stored(association, Charter)]
        clock.shift(timedelta(minutes=2))
        boss.send(SETTINGS, {"body": "## Nouvelle charte", "asks_again": "y"})

    assert (numbers, pages[0].flashes) == ([1, 2], pages[1].flashes)
    assert len(stored(association, Charter)) == 3, "the same text may be asked of everybody again"


@pytest.mark.parametrize("asks_again", [False, True])
def test_a_new_text_is_signed_again_only_when_it_asks(boss, mine, association, in_space, mentor, text, asks_again):
    mine.send(MINE, YES)

    boss.send(SETTINGS, {"body": "## Nouvelle charte", **({"asks_again": "y"} if asks_again else {})})

    page = mine.page(MINE)
    assert ("Le texte a changé : il est à signer de nouveau." in page.text) is asks_again
    assert (page.soup.find("button", string="Signer la charte") is not None) is asks_again
    assert "Nouvelle charte" in page.text
    with in_space(association):
        assert holds(mentor, "charter", day()) is not asks_again


@pytest.mark.parametrize(
    ("texts", "signs", "counts"),
    [
        ([True], None, False),
        ([True], 1, True),
        ([True, False], 1, True),
        ([True, False], 2, True),
        ([True, True], 1, False),
        ([True, True], 2, True),
        ([True, True, False], 1, False),
        ([True, True, False], 2, True),
        ([True, False, True], 2, False),
        ([True, False, True, False], 3, True),
    ],
)
def test_the_page_and_the_database_agree_on_what_is_still_to_sign(mine, association, in_space, mentor, texts, signs, counts):
    with in_space(association):
        rows = [charter(f"Texte {rank}", asks_again=again) for rank, again in enumerate(texts, start=1)]
        if signs:
            signed(mentor, rows[signs - 1])

        assert holds(mentor, "charter", day()) is counts
    assert (mine.page(MINE).soup.find("button", string="Signer la charte") is None) is counts


def test_a_signature_counts_from_its_day(association, in_space, mentor, text):
    with in_space(association):
        signed(mentor, text, on=day(-3))

        assert [holds(mentor, "charter", day(days)) for days in (-4, -3, 0)] == [False, True, True]


def test_signing_again_adds_a_row_and_the_first_stays(mine, boss, association, text, stored):
    mine.send(MINE, YES)
    boss.send(SETTINGS, {"body": "## Nouvelle charte", "asks_again": "y"})

    mine.send(MINE, YES)

    first, second = stored(association, CharterSignature)
    assert first.digest == hashlib.sha256(BODY.encode()).hexdigest()
    assert second.digest == hashlib.sha256(b"## Nouvelle charte").hexdigest()


def test_a_jeune_and_staff_have_no_charter_of_their_own(app, office, association, in_space, text):
    with in_space(association):
        mentee = factories.mentee(association)

    assert app.test_client().sign_in(mentee.user_id).page(MINE).status == 403
    assert office.page(MINE).status == 403


def test_another_association_s_mentor_signs_nothing_here(app, office, association, stranger, text, stored):
    assert office.send(paper(stranger), YES).status == 404
    assert app.test_client().sign_in(stranger.user_id).send(MINE, YES).status == 404
    assert stored(association, CharterSignature) == []


@pytest.mark.committed
def test_two_clicks_at_the_same_instant_are_one_signature(crowd):
    factories.programme(crowd)
    association = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, association):
        person = factories.mentor(association)
        charter(BODY)

    pages = at_once(crowd, [(person.user_id, MINE, YES)] * 6)

    assert {page.status for page in pages} <= {200, 409}
    with space_of(crowd, association):
        assert db.session.query(CharterSignature).count() == 1


@pytest.mark.committed
def test_texts_that_are_written_at_the_same_instant_follow_one_another(crowd):
    factories.programme(crowd)
    association = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, association):
        boss = factories.staff(association, "admin").user_id

    pages = at_once(crowd, [(boss, SETTINGS, {"body": f"Texte {number}, que chacun lit."}) for number in range(4)])

    assert {page.status for page in pages} == {200}
    with space_of(crowd, association):
        assert sorted(number for (number,) in db.session.query(Charter.number)) == [1, 2, 3, 4]


@pytest.mark.parametrize("where", ["space", "paper"])
def test_a_text_that_changed_while_it_was_read_is_not_signed(mine, office, boss, association, mentor, text, stored, where):
    browser, path = (mine, MINE) if where == "space" else (office, paper(mentor))
    shown = browser.page(path).value("number")
    boss.send(SETTINGS, {"body": "## Un autre texte", "asks_again": "y"})

    late = browser.send(path, {**YES, "number": shown})

    assert (late.status, late.errors) == (422, ["Le texte de la charte vient de changer : relisez-le, puis signez."])
    assert ("Un autre texte" in late.text, stored(association, CharterSignature)) == (True, [])
    browser.send(path, {**YES, "number": late.value("number")})
    assert len(stored(association, CharterSignature)) == 1
