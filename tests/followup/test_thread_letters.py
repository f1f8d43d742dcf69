"""Who is told of a message, never its text; what a pair that is over may still write; ready answers; the team's list."""

import io

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.database import now
from app.extensions import db
from app.followup.portfolio import given_by, going, hand_portfolio
from app.followup.settings import choose
from app.followup.thread_models import Message, Thread
from app.followup.threads import Written, write
from app.mail import Mail
from app.pairs.closing import close_pair
from app.pairs.life import pause
from app.pairs.models import Pair
from app.people.actions import withdraw
from app.web import today
from tests import factories

from .situations import DAY, HOUR, SPACE, message, pair_path, situation

MARK = "Entre-nous-seulement"


# Who is told: never the text.


def test_the_admins_are_told_of_a_pair_that_nobody_follows_and_else_whoever_does(post, letters, in_space, association, people):
    post("mentor", MARK)
    with in_space(association):
        situation(association, people.pair).coordinator_id = people.coordinator.id
        addresses = [db.session.get(User, who.user_id).email for who in (people.admin, people.coordinator)]
    post("mentee", MARK)

    found = letters("message")

    assert [mail.to_address for mail in found] == addresses
    assert not any(MARK in f"{mail.subject}{mail.text}{mail.html}" for mail in found)


@pytest.mark.parametrize(("whose", "person"), [("mentor", "mentor"), ("jeune", "mentee")])
def test_who_is_answered_is_told_without_the_text(whose, person, reply, letters, people):
    reply(whose, MARK)

    (mail,) = letters("message")
    assert (mail.to_address, mail.subject) == (getattr(people, person).email, "Un message de l'association")
    assert f"{SPACE}/mes-messages/{people.pair.id}" in mail.text
    assert MARK not in mail.text + mail.html


@pytest.mark.parametrize("values", [{"user_id": None}, {"email": None}], ids=["no account", "no address"])
def test_somebody_who_cannot_be_told_is_to_be_called(values, change, reply, letters, bodies, admin, people):
    change("mentor", **values)
    assert "ne saura pas que vous avez écrit" in admin.page(pair_path(people.pair, "/messages/mentor")).text

    reply()

    assert (letters("message"), bodies()) == ([], [("team", "Bien reçu")])


# A pair that is over.


@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_when_the_pair_is_over_only_the_team_and_help_are_heard(who, post, reply, bodies, in_space, association, people):
    post(who, "Avant")
    with in_space(association):
        close_pair(situation(association, people.pair), today(), "planned", None)

    page = post(who, "Après")
    assert page.status == 422
    assert page.errors[0].startswith("Ce binôme est terminé.")

    reply("mentor" if who == "mentor" else "jeune", "Merci à vous")
    assert post(who, "Au secours", "aide").status == 200
    assert [body for _author, body in bodies(who)] == ["Avant", "Merci à vous", "Au secours"]


# Ready answers, the list, elsewhere.


def test_a_ready_answer_is_added_to_what_is_typed(admin, people, in_space, association, bodies):
    with in_space(association):
        choose(people.admin.user_id, canned=["Bien reçu\nMerci à vous.\nÀ bientôt.", "Seul"])
    path = pair_path(people.pair, "/messages/mentor")

    assert [b.get_text() for b in admin.page(path).soup.select("button[name=canned]")] == ["Bien reçu", "Seul"]
    page = admin.send(path, {"body": "Bonjour,", "canned": "0"})
    assert (page.status, page.value("body").strip()) == (200, "Bonjour,\n\nMerci à vous.\nÀ bientôt.")
    with_file = admin.send(path, {"body": "Bonjour,", "canned": "0", "file": (io.BytesIO(b"%PDF-1.4"), "a.pdf")})
    assert "Choisissez de nouveau votre pièce jointe" in with_file.text
    for rank in ("1", "2", "-1", "x", "", "²", "9" * 5000):
        assert admin.send(path, {"body": "Bonjour,", "canned": rank}).value("body").strip() == "Bonjour,"
    assert bodies("mentor") == [], "nothing left"


def test_the_list_shows_what_waits_the_urgent_first_then_the_oldest(admin, in_space, association):
    moment = now() - 5 * DAY
    with in_space(association):
        for rank, (name, urgent) in enumerate((("Awa", False), ("Bilal", False), ("Chloé", True))):
            pair = factories.pair(factories.mentor(association, trained=True), factories.mentee(association, first_name=name))
            message(association, pair, "mentee", urgent=urgent)
            db.session.scalars(select(Thread).where(Thread.pair_id == pair.id)).one().waiting_since = moment + rank * HOUR

    def names(path=""):
        return [strong.get_text().split()[0] for strong in admin.page(f"{SPACE}/messages{path}").soup.select("ul.rows strong")]

    assert names() == ["Chloé", "Awa", "Bilal"]
    assert names("?q=bilal") == ["Bilal"]
    assert names("?q=personne-de-ce-nom") == []


def test_another_associations_messages_are_not_there(post, app, in_space, elsewhere, people):
    post("mentor", MARK)
    with in_space(elsewhere):
        staff = factories.staff(elsewhere, "admin")
        assert db.session.scalars(select(Message)).all() == []
        assert db.session.get(Pair, (elsewhere.id, people.pair.id)) is None

    assert "Aucun message" in app.test_client().sign_in(staff.user_id).page("/a/ailleurs/messages?tous=1").text


def test_who_left_is_not_told_of_what_they_cannot_read(association, in_space, people):
    with in_space(association):
        pair = db.session.get(Pair, (association.id, people.pair.id))
        withdraw(pair.mentee)
        db.session.query(Mail).delete()

        write(pair, "mentee", "team", Written("Bonjour", "once"), people.coordinator.user_id)
        receiver, by = factories.staff(association), people.admin.user_id
        hand_portfolio(going(None, receiver, given_by(by)), receiver, by)
        pause(pair, "Stage", None, people.admin.user_id)

        assert people.mentee.email not in db.session.scalars(select(Mail.to_address)).all()
