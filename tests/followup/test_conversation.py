"""The two write to each other only where the association opened it; its team can read, and both know it."""

import pytest

from app.extensions import db
from app.followup.settings import choose
from app.pairs.closing import begin_closing, close_pair
from app.pairs.interest import KIND
from app.web import today

from .situations import pair_path, plain, situation


@pytest.fixture
def opened(in_space, association, people):
    """Let both write to each other, or not."""

    def choice(is_open=True):
        with in_space(association):
            choose(people.admin.user_id, both_write=is_open)

    return choice


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_it_is_closed_unless_the_association_opens_it(who, signed, post, people, opened, bodies):
    path = f"/a/passerelle/conversation/{people.pair.id}"
    mine = f"/a/passerelle/mes-messages/{people.pair.id}"
    assert (signed(who).page(path).status, post(who, page="conversation").status) == (404, 404)
    assert signed(who).page(mine).soup.find("a", href=path) is None

    opened()
    page = signed(who).page(path)
    assert page.status == 200
    assert "L'équipe de Passerelle peut lire cette conversation." in page.text
    assert signed(who).page(mine).soup.find("a", href=path)

    opened(False)
    assert (signed(who).page(path).status, bodies("both")) == (404, [])


@pytest.mark.parametrize(("reason", "status"), [("safety", 404), ("time", 200)])
def test_while_a_pair_ends_they_go_on_writing_unless_it_is_a_precaution(
    reason, status, opened, signed, post, people, bodies, in_space, association
):
    opened()
    with in_space(association):
        begin_closing(db.session.merge(people.pair), "unforeseen", reason, people.admin.user_id)
    path = f"/a/passerelle/conversation/{people.pair.id}"

    for who in ("mentor", "mentee"):
        browser = signed(who)
        assert browser.page(path).status == status
        assert bool(browser.page(f"/a/passerelle/mes-messages/{people.pair.id}").soup.find("a", href=path)) is (status == 200)
        post(who, "On se voit quand même ?", "conversation")
    assert len(bodies("both")) == (2 if status == 200 else 0)


def test_both_write_and_the_team_reads_without_being_asked(opened, post, signed, bodies, letters, people, calls, thread):
    opened()
    post("mentor", "On se voit samedi ?", "conversation")
    post("mentee", "Oui", "conversation")

    assert bodies("both") == [("mentor", "On se voit samedi ?"), ("mentee", "Oui")]
    assert [mail.to_address for mail in letters("message")] == [people.mentee.email, people.mentor.email]
    page = signed("coordinator").page(pair_path(people.pair, "/messages/binome"))
    assert "On se voit samedi ?" in page.text
    assert page.soup.find("textarea") is None
    assert (thread("both").waiting_since, calls("question")) == (None, [])
    assert "Aucun message n'attend de réponse." in signed("admin").page("/a/passerelle/messages").text


def test_a_word_that_alarms_is_told_to_the_team_once_without_it(opened, post, bodies, letters, people):
    opened()

    page = post("mentee", "Arrête de me menacer", "conversation", once="a")
    post("mentee", "Arrête de me menacer", "conversation", once="a")

    assert "3114" in page.text
    assert bodies("both") == [("mentee", "Arrête de me menacer")]
    [letter] = letters(KIND)
    assert plain(letter.subject) == "À lire aujourd'hui : des mots qui inquiètent"
    assert f"/binomes/{people.pair.id}" in letter.text
    assert "menacer" not in letter.text


def test_the_team_does_not_write_in_it(opened, post, admin, people, bodies):
    opened()
    post("mentor", "Bonjour", "conversation")

    admin.send(pair_path(people.pair, "/messages/binome"), {"body": "Je suis là", "once": "a"})

    assert bodies("both") == [("mentor", "Bonjour")]


def test_it_is_closed_when_the_pair_is_over(opened, signed, people, in_space, association):
    opened()
    with in_space(association):
        close_pair(situation(association, people.pair), today(), "planned", None)

    assert signed("mentor").page(f"/a/passerelle/conversation/{people.pair.id}").status == 404
