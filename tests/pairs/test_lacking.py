"""What keeps people from a first meeting is on one page: everybody who waits, what the gate says of each, and nobody else."""

import csv
import io

import pytest
from sqlalchemy import update

from app.extensions import db
from app.mail import Mail
from app.pairs import actions, agreement
from app.people.models import Stage
from app.web import day, today
from tests import factories

from .situations import ask_for, days, make_mentor, plain, plan, proposed, protect

LACKING = "/a/passerelle/binomes/ce-qui-manque"


def names(page):
    """Who is on the page, in its order."""
    return [heading.text_content().strip() for heading in page.tree.xpath("//main//li//h2")]


def links(page):
    return [link.get("href") for link in page.tree.xpath("//main//li//a")]


@pytest.fixture
def waiting(association, in_space):
    """Of each crowd somebody who lacks something, and somebody who does not."""
    with in_space(association):
        ask_for("charter")
        factories.mentor(association, account=False, first_name="Paul", last_name="Attend")
        factories.mentee(association, 15, account=False, first_name="Lila", last_name="Mineure")
        factories.mentee(association, 20, account=False, first_name="Tom", last_name="Majeur")


def test_each_crowd_says_what_it_lacks_who_does_it_and_where(office, waiting):
    mentors, mentees = office.page(f"{LACKING}?qui=mentors"), office.page(f"{LACKING}?qui=jeunes")

    assert names(mentors) == ["Paul Attend"]
    assert "Paul : la charte n'est pas signée. À faire par Paul." in mentors.text
    assert "Paul : la formation « Devenir mentor » n'est pas terminée. À faire par Paul." in mentors.text
    assert names(mentees) == ["Lila Mineure"]
    assert "Lila : l'autorisation parentale manque. À faire par l'équipe : la demander." in mentees.text
    assert any("autorisation" in link for link in links(mentees))


def test_it_opens_on_the_first_crowd_that_waits(office, waiting):
    assert names(office.page(LACKING)) == ["Paul Attend"]
    assert names(office.page(f"{LACKING}?qui=personne")) == ["Paul Attend"]


def test_a_piece_narrows_the_list_and_says_how_many_lack_it(office, waiting, association, in_space):
    with in_space(association):
        make_mentor(association)
    page = office.page(f"{LACKING}?qui=mentors&piece=training")

    assert names(page) == ["Paul Attend"]
    assert [option.text for option in page.tree.xpath("//select[@id='piece']/option")] == [
        "Tout", "Charte signée (2)", "Formation (1)"
    ]  # fmt: skip
    assert len(names(office.page(f"{LACKING}?qui=mentors&piece=charter"))) == 2
    assert "Cela ne manque plus à personne ici." in office.page(f"{LACKING}?qui=mentors&piece=record").text
    assert len(names(office.page(f"{LACKING}?qui=mentors&piece=inconnue"))) == 2


def test_who_has_waited_longest_comes_first(office, association, in_space):
    with in_space(association):
        for name, ago in (("Hier", 1), ("Avant", 30), ("Jadis", 200)):
            row = factories.mentee(association, 15, account=False, first_name="Zoé", last_name=name)
            row.waits_since -= days(ago)

    assert names(office.page(f"{LACKING}?qui=jeunes")) == ["Zoé Jadis", "Zoé Avant", "Zoé Hier"]


def test_who_left_is_in_a_pair_or_was_refused_is_not_there(office, association, in_space, people):
    with in_space(association):
        factories.mentor(association, account=False, stage=Stage.REFUSED)
        factories.mentor(association, account=False, state="withdrawn")
        factories.mentee(association, 15, account=False, state="withdrawn")
        factories.mentee(association, 15, account=False, state="paused")

    assert "Il ne manque rien à qui attend." in office.page(f"{LACKING}?qui=mentors").text
    assert "Il ne manque rien à qui attend." in office.page(f"{LACKING}?qui=jeunes").text
    assert "Aucun binôme n'est en préparation." in office.page(LACKING).text


def test_child_protection_is_one_piece_that_is_not_named(office, association, in_space):
    with in_space(association):
        protect(factories.mentee(association, 20, account=False, first_name="Noé", last_name="Protégé"))
    page = office.page(f"{LACKING}?qui=jeunes&piece=protected")

    assert names(page) == ["Noé Protégé"]
    assert "Noé : 4 pièces propres à sa situation manquent." in page.text
    assert "Pièce propre à une situation (1)" in page.text
    assert "ASE" not in page.text


def test_a_pair_on_its_way_says_whose_answer_it_waits_for(office, association, in_space):
    with in_space(association):
        proposed(association)
        by = day(today() + days(7))
    page = office.page(LACKING)

    assert len(names(page)) == 1
    assert "proposé" in page.text
    assert f"n'a pas encore répondu (jusqu'au {by})." in page.text


def test_a_pair_that_lacks_nothing_may_begin(office, association, in_space):
    with in_space(association):
        mentor = factories.mentor(association, trained=True)
        actions.propose(factories.mentee(association), mentor, plan(), None).state = "confirmed"

    page = office.page(LACKING)

    assert "le binôme peut commencer" in page.text


def test_an_agreement_says_who_has_not_signed(office, association, in_space):
    with in_space(association):
        ask_for("agreement")
        mentor = factories.mentor(association, trained=True, first_name="Karim", last_name="Tahar")
        mentee = factories.mentee(association, first_name="Inès", last_name="Bensalah")
        pair = actions.propose(mentee, mentor, plan(), None)
        pair.state = "confirmed"
        db.session.flush()
        agreement.prepare(pair, factories.user().id)
    page = office.page(LACKING)

    assert "convention à signer" in page.text
    assert "La convention du binôme n'est pas encore signée. À faire par les signataires." in page.text
    assert "Karim Tahar n'a pas signé" in page.text
    awaited = page.soup.find("a", string=lambda words: words and "Karim Tahar n'a pas signé" in words)
    assert awaited["href"].endswith("/convention"), "leads to where it is done"
    buttons = [button.get_text(strip=True) for button in page.soup.select("main li form button")]
    assert buttons == ["Renvoyer le lien à Inès Bensalah", "Renvoyer le lien à Karim Tahar"]
    again = office.send(page.soup.select("main li form")[0]["action"], {})
    assert "Le lien est reparti" in again.text or "déjà reparti" in again.text


def test_each_row_has_the_telephones_of_whom_to_call(office, association, in_space):
    with in_space(association):
        minor = factories.mentee(association, 15, guardian_name="Nadège Parent", guardian_phone="+33639000002")
        factories.authorisation(minor)
        adult = factories.mentee(association, 19, guardian_phone="+33639000004", phone="+33639000003")
        for mentee in (minor, adult):
            proposed(association, mentee=mentee, mentor=factories.mentor(association, trained=True, phone="+33639000001"))

    page = office.page(LACKING)

    dialled = [[link["href"] for link in row.select("a[href^='tel:']")] for row in page.soup.select("main ul.rows > li")]
    assert [row[-1] for row in dialled] == ["tel:+33639000002", "tel:+33639000001"]
    assert "tel:+33639000004" not in page.html


@pytest.fixture
def unsigned(association, in_space):
    """Two mentors who have not signed the charter, one without a space to sign it in."""
    with in_space(association):
        ask_for("charter")
        factories.mentor(association, trained=True)
        factories.mentor(association, trained=True, account=False)


REMINDER = f"{LACKING}/rappel?qui=mentors&piece=charter"


def test_who_gives_a_piece_themself_is_reminded_once_in_three_days(office, unsigned, association, in_space):
    page = office.page(f"{LACKING}?qui=mentors&piece=charter")
    assert page.soup.select_one("details.sure form")["action"] == REMINDER

    first, again = office.send(REMINDER, {}), office.send(REMINDER, {})

    assert [plain(flash) for flash in first.flashes] == [
        "1 rappel envoyé.", "1 personne n'en reçoit pas : sans espace, ou déjà prévenue depuis trois jours."
    ]  # fmt: skip
    assert len(again.flashes) == 1
    with in_space(association):
        db.session.execute(update(Mail).values(created_at=Mail.created_at - days(3)))
    assert plain(office.send(REMINDER, {}).flashes[0]) == "1 rappel envoyé."


def test_what_the_team_gives_is_nobody_elses_to_be_reminded_of(office, waiting):
    page = office.page(f"{LACKING}?qui=jeunes&piece=participation")

    assert names(page) == ["Lila Mineure"]
    assert "Leur rappeler" not in page.text
    assert office.send(f"{LACKING}/rappel?qui=jeunes&piece=participation", {}).flashes == []


def test_whoever_works_here_does_not_find_their_own_pair(client, association, in_space):
    with in_space(association):
        mentor = factories.mentor(association, trained=True)
        factories.place(association.id, mentor.user_id, "coordinator")
        proposed(association, mentor=mentor)

    assert names(client.sign_in(mentor.user_id).page(LACKING)) == []


def test_the_list_is_taken_away_as_it_is_narrowed(office, waiting):
    words = office.page(f"{LACKING}/export/csv?qui=mentors&piece=training").response.get_data().decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(words), delimiter=";")

    assert head == ["Qui", "Depuis", "Ce qui manque", "À faire par", "Réponses attendues"]
    assert [row[0] for row in rows] == ["Paul Attend"]
    assert len(rows[0][2].splitlines()) == len(rows[0][3].splitlines()) == 2


def test_it_shows_nothing_of_another_association_nor_to_the_two(office, elsewhere, in_space, client, people):
    with in_space(elsewhere):
        factories.mentee(elsewhere, 15, account=False)
        factories.mentor(elsewhere, account=False)
        proposed(elsewhere)

    assert names(office.page(LACKING)) == []
    for who in (people.mentor, people.mentee):
        assert client.sign_in(who.user_id).page(LACKING).status == 403


@pytest.mark.parametrize("crowd", ["binomes", "mentors", "jeunes"])
def test_a_longer_list_asks_nothing_more_of_the_database(office, association, in_space, statements, crowd):
    def add(count):
        with in_space(association):
            for _each in range(count):
                proposed(association)
                factories.mentor(association, account=False)
                factories.mentee(association, 15, account=False)

    add(1)
    office.page(f"{LACKING}?qui={crowd}")
    with statements() as one:
        office.page(f"{LACKING}?qui={crowd}")
    add(9)
    with statements() as ten:
        assert len(names(office.page(f"{LACKING}?qui={crowd}"))) == 10

    assert len(ten) == len(one) <= 9


def test_a_long_list_has_pages(office, association, in_space):
    with in_space(association):
        for _each in range(51):
            factories.mentee(association, 15, account=False)

    assert len(names(office.page(f"{LACKING}?qui=jeunes"))) == 50
    assert len(names(office.page(f"{LACKING}?qui=jeunes&page=2"))) == 1
    assert names(office.page(f"{LACKING}?qui=jeunes&page=3")) == []
