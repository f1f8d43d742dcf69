"""Somebody of the team whom a pair is about reads nothing of what is said of it: colleagues follow it."""

import io

import pytest
from sqlalchemy import select

from app.accounts.models import Membership, User
from app.accounts.queries import own_words, says, team_accounts
from app.database import now
from app.extensions import db
from app.followup import rules
from app.followup.calls import to_call
from app.followup.digest import send_digests
from app.followup.portfolio import followed_by, given_by, going
from app.followup.thread_models import Message
from app.pairs.life import NotNow, hand_over
from app.people.guardians import name_guardian
from app.people.own import accounts_about, own_files
from app.tenants.models import Staff
from app.web import today
from tests import factories
from tests.training.test_uploads import picture

from .situations import HOME, SPACE, contact, message, pair_path, situation

MARK = "Texte-de-la-seule-equipe"


@pytest.fixture
def card(people, in_space, association):
    """The mentor works here too; of the pair there is a note, a call for help, and another pair is to be called for."""
    with in_space(association):
        factories.place(association.id, people.mentor.user_id, "admin")
        card = Staff(user_id=people.mentor.user_id, first_name="Karim", last_name="Trabelsi")
        db.session.add(card)
        contact(people.pair, people.admin.user_id, "mentee", note=MARK)
        message(association, people.pair, "mentee", body=MARK, urgent=True)
        factories.pair(factories.mentor(association, trained=True), factories.mentee(association, first_name="Awa"))
        rules.refresh()
    return card


PAGES = [HOME, f"{HOME}?tous=1", f"{SPACE}/messages", f"{SPACE}/messages?tous=1", f"{SPACE}/sante-des-binomes"]


@pytest.mark.parametrize("page", PAGES)
def test_no_list_shows_the_own_pair(page, card, signed):
    read, colleague = signed("mentor").page(page), signed("coordinator").page(f"{HOME}?tous=1" if page == HOME else page)

    assert read.status == 200
    assert not [word for word in (MARK, "Inès P.", "Demande d'aide, le") if word in read.soup.main.get_text()]
    assert "Inès P." in colleague.text


def test_the_page_of_the_own_pair_shows_no_follow_up(card, signed, people):
    assert MARK in signed("coordinator").page(pair_path(people.pair)).text

    page = signed("mentor").page(pair_path(people.pair))

    assert page.status == 200
    assert not [word for word in (MARK, "Demande d'aide, le", "Tous les échanges") if word in page.text]


@pytest.mark.parametrize("page", ["/echanges", "/echanges/nouveau?qui=jeune", "/messages/jeune", "/messages/binome"])
def test_nor_do_the_pages_of_the_team(page, card, signed, people):
    assert signed("mentor").page(pair_path(people.pair, page)).status == 404
    assert signed("mentor").send(pair_path(people.pair, page), {"body": "x", "once": "x"}).status in {404, 405, 409}


def test_the_letter_of_the_week_says_nothing_of_it(card, letters, in_space, association, people):
    with in_space(association):
        situation(association, people.pair).coordinator_id = card.id
        assert to_call(people.mentor.user_id, situation(association, card))[0] == []
        send_digests(today())

    assert [mail.to_address for mail in letters("digest")] == []


def test_nor_is_it_offered_to_be_given(card, signed):
    offered = [
        signed(who).page(f"{SPACE}/portefeuilles").soup.find(attrs={"name": "giver"}).get_text() for who in ("mentor", "admin")
    ]

    assert ["Personne (1)" in offered[0], "Personne (2)" in offered[1]] == [True, True]


def test_a_portfolio_leaves_out_the_own_pair(card, in_space, association, people):
    with in_space(association):
        pairs = going(None, situation(association, card), given_by(people.admin.user_id))

        assert [pair.mentee.first_name for pair in pairs] == ["Awa"]


@pytest.mark.parametrize(("who", "danger", "messages"), [("mentor", 1, 0), ("coordinator", 2, 1)])
def test_a_count_says_no_more_than_the_list(who, danger, messages, card, signed):
    health, home = (signed(who).page(page).soup.main.get_text(" ", strip=True) for page in (f"{SPACE}/sante-des-binomes", HOME))

    assert f"En difficulté {danger}" in health
    assert f"Messages sans réponse {messages}" in home


def test_a_pair_is_not_given_to_whom_it_is_about(kept, signed, people, in_space, association):
    path = pair_path(people.pair, "/referent")
    with in_space(association):
        card = db.session.scalars(select(Staff).where(Staff.phone == "+33699887766")).one()
        pair = situation(association, people.pair)
        pair.coordinator_id = None

        with pytest.raises(NotNow):
            hand_over(pair, card, people.admin.user_id)

    assert "Karim Trabelsi" not in signed("admin").page(path).text
    assert "Karim Trabelsi" not in signed("admin").page(pair_path(people.pair, "/premiere-rencontre")).text
    assert signed("admin").send(path, {"staff": str(card.id)}).status == 422


def test_one_that_was_is_called_for_by_the_others(kept, in_space, association, people):
    with in_space(association):
        admin = situation(association, people.admin)

        assert people.pair.id in {row.pair.id for row in to_call(admin.user_id, admin, also_nobodys=True)[0]}


def test_and_their_number_is_not_the_one_to_call(kept, signed, people):
    help_page = f"{SPACE}/aide/{people.pair.id}"
    pages = [signed(who).page(page) for who, page in (("mentor", help_page), ("mentee", help_page), ("mentee", HOME))]

    assert not [page for page in pages if page.soup.find("a", href="tel:+33699887766")]


@pytest.fixture
def alone(card, in_space, association, people):
    """Nobody else works here any more."""
    with in_space(association):
        for one in (people.admin, people.coordinator):
            situation(association, one).left_at = now()
            for place in db.session.scalars(select(Membership).where(Membership.user_id == one.user_id)):
                place.ended_at = now()
            db.session.flush()


def test_no_page_says_that_somebody_reads_where_nobody_can(alone, signed, post, people, letters):
    jeune, help_page, before = signed("mentee"), f"{SPACE}/aide/{people.pair.id}", len(letters())
    asked, wrote = post("mentee", "Au secours", "aide"), post("mentee")
    noted = jeune.send(f"{SPACE}/ecrire", {"body": "Bonjour"})
    pages = [jeune.page(help_page), asked, wrote, jeune.page(f"{SPACE}/ecrire")]

    assert len(letters()) == before
    assert "prévenue" not in jeune.page(HOME).text
    assert [page.flashes for page in (asked, wrote, noted)] == [
        ["Votre message est gardé, mais pour l'instant personne d'autre à l'association ne peut le lire."]
    ] * 3
    for page in pages:
        said = page.soup.main.get_text(" ", strip=True)
        assert "Pour l'instant, personne d'autre à l'association ne peut lire ce que vous écrivez" in said
        assert not [word for word in ("est prévenue", "vous répond", "vous recontacte", "lit vos messages") if word in said]
        assert page.soup.main.find("a", href="tel:119")
        assert page.soup.main.find("a", href="tel:+33199000000")


def test_a_file_of_a_message_is_not_read_by_whom_it_is_about(kept, signed, post, people, in_space, association):
    post("mentee", "Voici", file=(io.BytesIO(picture()), "photo.png"))
    with in_space(association):
        (message_id,) = db.session.scalars(select(Message.id).where(Message.file_key.is_not(None)))
    path = f"{SPACE}/messages/{message_id}/piece-jointe"

    assert [client.get(path).status_code for client in (kept, signed("admin"))] == [404, 200]


def test_nor_does_who_it_is_about_give_it_away(card, in_space, association, people):
    with in_space(association):
        receiver, giver = situation(association, people.coordinator), situation(association, people.admin)
        situation(association, people.pair).coordinator_id = giver.id
        given = given_by(people.mentor.user_id)
        assert db.session.scalars(followed_by(giver, given)).all() == []

        situation(association, people.pair).coordinator_id = card.id
        assert len(going(situation(association, card), receiver, given)) == 1


def accompanied_before(association, people, account):
    before = factories.mentor(association, trained=True, account=False)
    before.user_id = account.id
    factories.pair(before, situation(association, people.mentee), state="closed", closed_on=factories.today())


def mentors_under_another_account(association, people, account):
    situation(association, people.mentor).email = f"Karim+mentor@{account.email.partition('@')[2]}"


def gave_their_number_as_mentor(association, people, account):
    situation(association, people.mentor).phone = "+33699887766"


def represents_the_jeune(association, people, account):
    name_guardian(situation(association, people.mentee), "Fatou P.", account.email.upper(), None)


KEPT = [accompanied_before, mentors_under_another_account, gave_their_number_as_mentor, represents_the_jeune]


@pytest.fixture(params=KEPT, ids=lambda how: how.__name__)
def kept(request, app, people, in_space, association):
    """A colleague, neither of the two by their account, whom the pair is about too; they follow it."""
    with in_space(association):
        account = factories.member(association, "admin", "karim@example.net")
        card = Staff(user_id=account.id, first_name="Karim", last_name="Trabelsi", phone="+33699887766")
        db.session.add(card)
        db.session.flush()
        request.param(association, people, account)
        situation(association, people.pair).coordinator_id = card.id
        contact(people.pair, people.admin.user_id, "mentee", note=MARK)
        message(association, people.pair, "mentee", body=MARK, urgent=True)
        rules.refresh()
    return app.test_client().sign_in(account.id)


def test_whom_a_pair_is_about_reads_none_of_it(kept, letters, people):
    pages = [kept.page(page) for page in PAGES]
    own, call, edit = (kept.page(pair_path(people.pair, page)) for page in ("", "/echanges/nouveau?qui=jeune", "/messages/jeune"))

    assert [page.status for page in (*pages, own, call, edit)] == [200] * 6 + [404] * 2
    assert not [word for page in pages for word in (MARK, "Inès P.", "Demande d'aide, le") if word in page.soup.main.get_text()]
    assert not [word for word in (MARK, "Demande d'aide, le", "Tous les échanges") if word in own.text]
    assert kept.send(pair_path(people.pair, "/debut")).status == 409
    assert "karim@example.net" not in {mail.to_address for mail in letters("help")} != set()


def test_both_ways_to_ask_whom_a_pair_is_about_agree(kept, in_space, association, people):
    with in_space(association):
        two = people.mentor.id, people.mentee.id
        told = {user.id for user in db.session.scalars(select(User).where(User.id.in_(accounts_about(*two))))}

        assert told == {user_id for user_id in db.session.scalars(team_accounts()) if not own_files(user_id).isdisjoint(two)}
        assert len(told) == 1


def test_a_namesake_is_nobody_else(app, people, in_space, association):
    with in_space(association):
        mentor = situation(association, people.mentor)
        colleague = factories.staff(association, "admin", mentor.first_name, mentor.last_name)
        contact(people.pair, people.admin.user_id, "mentee", note=MARK)

    assert MARK in app.test_client().sign_in(colleague.user_id).page(pair_path(people.pair)).text


@pytest.mark.parametrize("verb", ["vu", "regle"])
def test_the_own_calls_and_threads_are_left_to_colleagues(verb, card, signed, people, calls, thread):
    ((_kind, _side, call_id),) = calls("help", "id")

    assert signed("mentor").send(f"{SPACE}/appels/{call_id}/report", {"days": "7"}).status == 404
    assert signed("mentor").send(pair_path(people.pair, f"/messages/jeune/{verb}")).status == 409
    assert (thread("mentee").team_read_at, thread("mentee").settled_at) == (None, None)


@pytest.mark.parametrize("number", ["+33199000001", "+33199000000"], ids=["of two cards", "of the association"])
def test_a_telephone_that_several_share_is_nobodys(number, people, in_space, association, signed, letters, post):
    with in_space(association):
        situation(association, people.mentor).phone = number
        for card in (people.admin, people.coordinator):
            situation(association, card).phone = "+33199000001" if number.endswith("1") else ""
        situation(association, people.coordinator).phone = number
        team = db.session.scalars(team_accounts()).all()

        assert not any(own_files(user_id) for user_id in team)
        assert not accounts_about(people.mentor.id, people.mentee.id)

    post("mentee", "Au secours", "aide")

    assert letters("help") != []
    assert signed("coordinator").page(pair_path(people.pair, "/messages/jeune")).status == 200


def test_nor_is_it_theirs_to_decide(people, in_space, association):
    with in_space(association):
        by, other = situation(association, people.admin), situation(association, people.coordinator)
        by.phone = other.phone = "+33199000001"
        db.session.flush()
        assert not says(own_words(by.user_id), "+33199000001")

        other.left_at = now()
        db.session.flush()
        assert says(own_words(by.user_id), "+33199000001")
