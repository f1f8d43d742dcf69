"""Somebody of the team who is also one of a pair reads nothing of what is said of it: colleagues follow it."""

import pytest

from app.extensions import db
from app.followup import rules
from app.followup.calls import to_call
from app.followup.digest import send_digests
from app.followup.portfolio import hand_portfolio
from app.tenants.models import Staff
from app.web import today
from tests import factories

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


def test_a_portfolio_leaves_out_the_own_pair(card, in_space, association, people):
    with in_space(association):
        assert hand_portfolio(None, situation(association, card), people.admin.user_id) == 1
        assert situation(association, people.pair).coordinator_id is None


@pytest.mark.parametrize("verb", ["vu", "regle"])
def test_the_own_calls_and_threads_are_left_to_colleagues(verb, card, signed, people, calls, thread):
    ((_kind, _side, call_id),) = calls("help", "id")

    assert signed("mentor").send(f"{SPACE}/appels/{call_id}/report", {"days": "7"}).status == 404
    assert signed("mentor").send(pair_path(people.pair, f"/messages/jeune/{verb}")).status == 409
    assert (thread("mentee").team_read_at, thread("mentee").settled_at) == (None, None)
