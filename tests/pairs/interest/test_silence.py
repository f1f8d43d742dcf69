"""Nobody answers, or nobody could: reminders, refused and corrected addresses."""

import re

import pytest

from app.accounts.models import User
from app.extensions import db
from app.mail import Letter, Mail, send
from app.pairs import interest
from app.pairs.matching_models import MatchWish
from app.pairs.settings import choose
from tests import factories

from ..situations import again, at, days, letters_to, paris_today, proposed, story, strike
from .words import ASKED


@pytest.fixture
def post(association, in_space):
    """All that waits is taken by the mail server."""

    def take():
        with in_space(association):
            db.session.query(Mail).filter_by(state="waiting").update({"state": "sent"})

    return take


def test_silence_is_reminded_two_days_before_and_taken_for_an_answer_the_day_after(app, association, in_space, pair, state, post):
    seen = []
    post()
    for after in range(4, 10):
        strike(app, association, paris_today() + days(after))
        with in_space(association):
            seen.append((after, letters_to(pair.mentee.email).count(ASKED), state()[0]))

    assert seen == [(4, 1, "proposed"), *[(day, 2, "proposed") for day in (5, 6, 7)], (8, 2, "dropped"), (9, 2, "dropped")]
    assert state()[1:3] == ("silent_mentee", {"mentor"})
    assert state()[3].count("silent_mentee") == 1
    with in_space(association):
        assert "n'a pas répondu à temps." in db.session.query(Mail).filter_by(subject="Un binôme ne se fait pas").first().text


def test_a_question_that_was_refused_is_no_silence_and_the_team_is_told_once(app, association, in_space, pair, state, boss):
    with in_space(association):
        [asked] = db.session.query(Mail).filter_by(to_address=pair.mentee.email)
        asked.state, asked.last_error = "refused", "SMTPRecipientsRefused"
    for after in (1, 2, 6, 8, 9):
        strike(app, association, paris_today() + days(after))

    with in_space(association):
        assert db.session.query(Mail).filter(Mail.subject == "Une personne à appeler").count() == 1
        assert letters_to(pair.mentee.email).count(ASKED) == 1, "no reminder to an address that refuses"
    assert (state()[0], state()[3].count("unread_mentee"), state()[3].count("silent_mentee")) == ("proposed", 1, 0)
    path = f"/a/passerelle/binomes/{pair.id}"
    page = app.test_client().sign_in(boss.user_id).page(path)
    assert "son adresse a refusé le message : à appeler au plus tard le" in page.text
    with at(paris_today() + days(9), 12):  # that day is over
        later = app.test_client().sign_in(boss.user_id).page(path)
    assert "son adresse a refusé le message : à appeler" in later.text
    assert "à appeler au plus tard le" not in later.text
    assert "Inès n'a pas pu lire le message, qui n'a pas été remis" in later.text


def refuse(mail):
    mail.state, mail.last_error = "refused", "SMTPRecipientsRefused"


@pytest.mark.parametrize("error", ["ConnectionRefusedError", "UnicodeEncodeError"])
def test_a_question_that_never_left_is_no_silence_either(app, association, in_space, pair, state, error):
    with in_space(association):
        mail = db.session.query(Mail).filter_by(to_address=pair.mentee.email).one()
        mail.state, mail.last_error = "refused", error
    strike(app, association, paris_today() + days(8))

    with in_space(association):
        assert db.session.query(Mail).filter(Mail.subject == "Une personne à appeler").count() == 1
    assert (state()[0], state()[3].count("silent_mentee")) == ("proposed", 0)


@pytest.mark.parametrize("given_up", [False, True])
def test_a_question_that_still_waits_for_a_server_is_no_silence(app, association, in_space, pair, state, given_up):
    with in_space(association):
        asked = db.session.query(Mail).filter_by(to_address=pair.mentee.email).one()
        asked.attempts, asked.last_error = 3, "ConnectionRefusedError"
    strike(app, association, paris_today() + days(5))  # its reminder waits too
    with in_space(association):
        db.session.get_one(Mail, (association.id, asked.id)).state = "refused" if given_up else "waiting"
    for after in (8, 9):  # and it leaves no third time while it waits
        strike(app, association, paris_today() + days(after))

    with in_space(association):
        assert letters_to(pair.mentee.email).count(ASKED) == 2
        assert db.session.query(Mail).filter(Mail.subject == "Une personne à appeler").count() == 1
        assert db.session.query(MatchWish).count() == 0
    assert (state()[0], state()[3].count("unread_mentee"), state()[3].count("silent_mentee")) == ("proposed", 1, 0)


def test_once_the_address_takes_mail_again_the_question_leaves_again_with_all_its_days(app, association, in_space, pair, state):
    with in_space(association):
        refuse(db.session.query(Mail).filter_by(to_address=pair.mentee.email).one())
    strike(app, association, paris_today() + days(8))
    with in_space(association), at(paris_today() + days(8), 12):
        send(Letter("sign_in", "Votre lien", "note"), pair.mentee.email, name="", lines=[], link="", label="", tenant=association)
        db.session.query(Mail).filter_by(kind="sign_in").one().state = "sent"
    for after in (9, 10):
        strike(app, association, paris_today() + days(after))

    with in_space(association):
        assert letters_to(pair.mentee.email).count(ASKED) == 2
    assert (state()[0], state()[3].count("asked_mentee"), state()[3].count("silent_mentee")) == ("proposed", 2, 0)


def test_a_question_that_went_is_not_unread_because_its_reminder_was_refused(app, association, in_space, pair, state):
    with in_space(association):
        db.session.query(Mail).filter_by(to_address=pair.mentee.email).one().state = "sent"
    strike(app, association, paris_today() + days(6))
    with in_space(association):
        refuse(db.session.query(Mail).filter_by(to_address=pair.mentee.email).order_by(Mail.created_at.desc()).first())
    for after in (7, 8):
        strike(app, association, paris_today() + days(after))

    assert (state()[0], state()[3].count("unread_mentee")) == ("dropped", 0)


def test_where_the_address_is_put_right_the_question_leaves_again(app, association, in_space, pair, state):
    with in_space(association):
        [asked] = db.session.query(Mail).filter_by(to_address=pair.mentee.email)
        asked.state, asked.last_error = "refused", "SMTPRecipientsRefused"
        again(association, pair).mentee.email = "juste@example.org"
    for after in (6, 8):
        strike(app, association, paris_today() + days(after))

    with in_space(association):
        assert letters_to("juste@example.org").count(ASKED) == 1
    assert state()[0] == "proposed"


def test_the_first_letter_is_not_followed_by_its_reminder_within_the_hour(app, association, in_space, boss):
    with at(paris_today(), 9), in_space(association):
        choose(by=boss.user_id, answer_days=2)
        asked = proposed(association, boss)
    for after in (0, 1, 2):
        strike(app, association, paris_today() + days(after), 18)
        with in_space(association):
            assert letters_to(asked.mentee.email).count(ASKED) == (1 if after == 0 else 2)


def test_silence_of_the_second_frees_the_first_who_had_said_yes(app, association, answer, pair, state, post):
    answer(pair.mentee, "yes")
    post()

    strike(app, association, paris_today() + days(8))

    assert state()[:3] == ("dropped", "silent_mentor", {"mentee"})


def test_nobody_is_reminded_after_an_answer(app, association, in_space, answer, pair):
    answer(pair.mentee, "yes")

    strike(app, association, paris_today() + days(6))

    with in_space(association):
        assert (letters_to(pair.mentee.email).count(ASKED), letters_to(pair.mentor.email).count(ASKED)) == (1, 2)


@pytest.mark.parametrize("hour", [7, 20])
def test_nobody_is_written_to_at_night(app, association, in_space, pair, state, hour):
    strike(app, association, paris_today() + days(8), hour)

    assert state()[0] == "proposed"
    with in_space(association):
        assert letters_to(pair.mentee.email).count(ASKED) == 1


def test_a_link_that_went_to_a_wrong_address_opens_nothing_once_it_is_corrected(app, association, in_space, pair, links):
    [link] = links(pair.mentee)
    assert app.test_client().page(link).status == 200

    with in_space(association):
        again(association, pair).mentee.email = "la-bonne@example.org"

    assert app.test_client().get(link).status_code == 404


def test_silence_of_somebody_who_could_not_be_written_to_is_no_answer(app, association, in_space, boss):
    with in_space(association):
        mentee = factories.mentee(association, account=False, email=None)
        pair = proposed(association, boss, mentee=mentee)
        assert letters_to(db.session.get(User, boss.user_id).email) == ["Une personne à appeler"]

    strike(app, association, paris_today() + days(30))

    with in_space(association):
        assert again(association, pair).state == "proposed"


def test_the_address_put_right_is_asked_afresh_and_its_silence_is_not_that_of_the_wrong_one(
    app, association, in_space, pair, links, post
):
    with in_space(association):
        again(association, pair).mentee.email = "la-bonne@example.org"

    strike(app, association, paris_today() + days(8))

    with in_space(association):
        row = again(association, pair)
        asked = interest.answer_of(row, "mentee")
        assert (row.state, asked.answer_by) == ("proposed", paris_today() + days(15))
        assert letters_to("la-bonne@example.org") == [ASKED]
        [mail] = db.session.query(Mail).filter_by(to_address="la-bonne@example.org")
    assert app.test_client().page(re.search(r"localhost(/rencontre/\S+)", mail.text)[1]).status == 200

    post()
    strike(app, association, paris_today() + days(8), hour=11)
    strike(app, association, paris_today() + days(13))
    strike(app, association, paris_today() + days(16))

    with in_space(association):
        row = again(association, pair)
        assert (row.state, row.closure_reason) == ("dropped", "silent_mentee")
        assert letters_to("la-bonne@example.org") == [ASKED, ASKED]


def test_an_address_given_after_the_call_is_asked_before_silence_counts(app, association, in_space, boss):
    with in_space(association):
        pair = proposed(association, boss, mentee=factories.mentee(association, account=False, email=None))
        pair.mentee.email = "la-bonne@example.org"

    strike(app, association, paris_today() + days(8))

    with in_space(association):
        assert again(association, pair).state == "proposed"
        assert letters_to("la-bonne@example.org") == [ASKED]


@pytest.mark.parametrize(("age", "email"), [(17, None), (20, "ines@example.org")])
def test_who_comes_of_age_or_has_no_address_any_more_is_called_once(app, association, in_space, boss, age, email):
    with in_space(association):
        mentee = factories.mentee(association, age=age, account=False, email=email, guardian_email="parent@example.org")
        factories.authorisation(mentee)
        pair = proposed(association, boss, mentee=mentee)
    strike(app, association, paris_today() + days(6))  # it is reminded
    with in_space(association):
        person = again(association, pair).mentee
        person.email, person.birth_date = None, factories.birth_date(18)
        before = letters_to(db.session.get(User, boss.user_id).email)
    for after in (7, 8, 9):
        strike(app, association, paris_today() + days(after))

    with in_space(association):
        row = again(association, pair)
        assert letters_to(db.session.get(User, boss.user_id).email) == [*before, "Une personne à appeler"]
        assert (row.state, story(row).count("call_mentee")) == ("proposed", 1)
        row.mentee.email = "la-bonne@example.org"
    strike(app, association, paris_today() + days(9), 11)
    with in_space(association):
        assert letters_to("la-bonne@example.org") == [ASKED]
