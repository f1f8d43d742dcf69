"""Each of the two is asked by a link: who first, what the page says and hides, and what yes, no and silence do."""

import re

import pytest
from sqlalchemy import select

from app.accounts.links import record_token
from app.accounts.models import User
from app.database import uuid7
from app.extensions import db
from app.mail import Letter, Mail, send
from app.pairs import agreement as papers
from app.pairs import interest, life, proposals
from app.pairs.actions import propose
from app.pairs.matching_models import MatchWish
from app.pairs.models import Pair, PairAnswer
from app.pairs.refusals import GateClosed
from app.pairs.settings import choose
from app.people.actions import correct, take_back, withdraw
from app.people.guardians import guardians_of, name_guardian
from app.people.signals import gate_changed
from app.web import iso_day, today
from tests import factories
from tests.people.fixtures import at_once, space_of

from .situations import again, at, days, letters_to, paris_today, plain, plan, proposed, see, story, strike

ASKED = "Une personne à rencontrer"
OVER = "Cette proposition n'attend plus de réponse"
LATE = "Le délai pour répondre est passé. Écrivez à l'association : elle peut vous le proposer de nouveau."


@pytest.fixture
def boss(association, in_space):
    """The coordinator who follows the pair."""
    with in_space(association):
        return factories.staff(association, first_name="Sonia", last_name="Petit")


@pytest.fixture
def pair(association, in_space, boss):
    """A pair that was just proposed: the jeune is asked first."""
    with in_space(association):
        return proposed(association, boss)


@pytest.fixture
def links(association, in_space):
    """The links that a person received, as paths."""

    def read(person):
        with in_space(association):
            mails = db.session.query(Mail).filter_by(to_address=person.email).order_by(Mail.created_at, Mail.id)
            return re.findall(r"http://localhost(/rencontre/\S+)", "".join(mail.text for mail in mails))

    return read


@pytest.fixture
def answer(app, links):
    """Answer by the last link that a person received, from a browser of their own."""

    def send(person, said, word=""):
        return app.test_client().send(links(person)[-1], {"answer": said, "word": word})

    return send


@pytest.fixture
def state(association, in_space, pair):
    """The pair as it stands, its story, and who is first in line."""

    def read():
        with in_space(association):
            row = again(association, pair)
            first = {side for side in ("mentor", "mentee") if getattr(row, side).first_in_line}
            return row.state, row.closure_reason, first, story(row)

    return read


@pytest.mark.parametrize("first", ["mentee", "mentor"])
def test_the_association_chooses_who_is_asked_first(association, in_space, links, first):
    with in_space(association):
        choose(factories.user().id, first=first)
        pair = proposed(association)
        people = {"mentee": pair.mentee, "mentor": pair.mentor}

    assert {side: len(links(person)) for side, person in people.items()} == {side: int(side == first) for side in people}


def test_the_letter_says_until_when_and_nothing_of_the_other(association, in_space, pair):
    with in_space(association):
        [mail] = db.session.query(Mail).filter_by(to_address=pair.mentee.email)
        day = iso_day((paris_today() + days(7)).isoformat())

    assert f"Vous avez jusqu'au {day}." in " ".join(mail.text.split())
    assert "Karim" not in mail.text + mail.html


@pytest.mark.parametrize(
    ("side", "reads", "shown"), [("mentee", "Karim", "Sait bien faire : la menuiserie."), ("mentor", "Inès", "« Devenir pilote »")]
)
def test_the_page_says_who_the_other_is_without_a_way_to_reach_them(
    app, association, in_space, links, answer, pair, side, reads, shown
):
    with in_space(association):
        row = again(association, pair)
        row.mentor.skills, row.mentee.hopes = "la menuiserie", "Devenir pilote"
    if side == "mentor":
        answer(pair.mentee, "yes")

    page = app.test_client().page(links(getattr(pair, side))[-1])

    assert (page.heading, page.soup.select_one(".hero h2").get_text()) == ("Une personne à rencontrer", reads)
    assert shown in page.text
    other = pair.mentor if side == "mentee" else pair.mentee
    hidden = (other.last_name, other.email, other.phone, other.phone[-6:], other.commune_name)
    assert not [word for word in hidden if word in page.soup.main.get_text()]


def test_a_yes_asks_the_other_and_says_thanks(answer, links, pair, state):
    page = answer(pair.mentee, "yes", "Le mercredi si possible")

    assert page.flashes == ["Merci, votre réponse est enregistrée."]
    assert "Votre réponse est enregistrée : oui" in page.text
    assert len(links(pair.mentor)) == 1
    assert state() == ("proposed", None, set(), sorted(["proposed", "asked_mentee", "yes_mentee", "asked_mentor"]))


def test_two_yes_confirm_and_the_coordinator_is_written_to(association, in_space, answer, boss, pair, state):
    for person in (pair.mentee, pair.mentor):
        answer(person, "yes")

    assert state()[0] == "confirmed"
    assert state()[3].count("confirmed") == 1
    with in_space(association):
        assert letters_to(db.session.get(factories.User, boss.user_id).email) == ["Un binôme est confirmé"]


@pytest.mark.parametrize("who", ["mentee", "mentor"])
def test_a_no_puts_the_other_first_and_these_two_are_not_proposed_again(association, in_space, answer, boss, pair, state, who):
    if who == "mentor":
        answer(pair.mentee, "yes")

    page = answer(getattr(pair, who), "no", "Trop loin")

    assert "Votre réponse est enregistrée : non merci" in page.text
    other = "mentor" if who == "mentee" else "mentee"
    assert state()[:3] == ("dropped", f"no_{who}", {other})
    with in_space(association):
        [wish] = db.session.query(MatchWish)
        assert (wish.mentor_id, wish.mentee_id, wish.is_pin) == (pair.mentor_id, pair.mentee_id, False)
        assert letters_to(db.session.get(factories.User, boss.user_id).email) == ["Un binôme ne se fait pas"]


def test_a_no_undoes_the_pin_of_a_coordinator(association, in_space, answer, pair):
    with in_space(association):
        db.session.add(MatchWish(mentor_id=pair.mentor_id, mentee_id=pair.mentee_id, is_pin=True, reason=""))

    answer(pair.mentee, "no")

    with in_space(association):
        assert [(wish.is_pin, wish.reason) for wish in db.session.query(MatchWish)] == [(False, "no_mentee")]


def test_after_a_no_both_are_free_for_somebody_else(association, in_space, answer, pair):
    answer(pair.mentee, "no")

    with in_space(association):
        row = again(association, pair)
        assert proposed(association, mentee=row.mentee, mentor=factories.mentor(association, trained=True)).state == "proposed"
        assert proposed(association, mentor=row.mentor).state == "proposed"


def test_silence_is_reminded_two_days_before_and_taken_for_an_answer_the_day_after(app, association, in_space, pair, state):
    seen = []
    for after in range(4, 10):
        strike(app, association, paris_today() + days(after))
        with in_space(association):
            seen.append((after, letters_to(pair.mentee.email).count(ASKED), state()[0]))

    assert seen == [(4, 1, "proposed"), *[(day, 2, "proposed") for day in (5, 6, 7)], (8, 2, "dropped"), (9, 2, "dropped")]
    assert state()[1:3] == ("silent_mentee", {"mentor"})
    assert state()[3].count("silent_mentee") == 1


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
    assert "Inès n'a pas pu lire le message, que l'adresse refuse" in later.text


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


def test_silence_of_the_second_frees_the_first_who_had_said_yes(app, association, answer, pair, state):
    answer(pair.mentee, "yes")

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


@pytest.mark.parametrize(("after", "errors"), [(7, []), (8, [LATE])])
def test_the_link_answers_until_its_last_day(answer, pair, state, after, errors):
    with at(paris_today() + days(after)):
        page = answer(pair.mentee, "yes")

    assert page.errors == errors
    assert page.status == (422 if errors else 200)
    assert ("yes_mentee" in state()[3]) is (errors == [])


def test_a_link_to_a_pair_that_went_another_way_says_so(app, association, in_space, links, answer, pair, state):
    with in_space(association):
        life.drop(again(association, pair), "staff")

    page = app.test_client().page(links(pair.mentee)[-1])
    sent = answer(pair.mentee, "yes")

    assert OVER in page.text
    assert page.soup.main.form is None
    assert OVER in sent.text
    assert "yes_mentee" not in state()[3]


def test_the_same_answer_twice_is_once(association, in_space, answer, pair, state):
    for _time in range(2):
        page = answer(pair.mentee, "yes")
        assert page.status == 200

    assert state()[3].count("yes_mentee") == 1
    with in_space(association):
        assert letters_to(pair.mentor.email).count(ASKED) == 1


def test_yes_after_no_changes_nothing(answer, pair, state):
    answer(pair.mentee, "no")
    before = state()

    page = answer(pair.mentee, "yes")

    assert "Votre réponse est enregistrée : non merci" in page.text
    assert "Vous avez changé d'avis ? Dites-le à l'association." in " ".join(page.text.split())
    assert (page.status, state()) == (422, before)


def test_a_yes_is_taken_back_until_both_have_said_yes(answer, pair, state, in_space, association):
    page = answer(pair.mentee, "yes")
    assert page.soup.main.summary.get_text() == "Je change d'avis"
    with at(paris_today() + days(40)):  # the time to answer is past: to say no after all is never too late
        page = answer(pair.mentee, "no")
    assert "Votre réponse est enregistrée : non merci" in page.text
    assert state()[:2] == ("dropped", "no_mentee")
    with in_space(association):
        assert "Ce binôme ne se fait pas" in letters_to(pair.mentor.email), "who was asked, and had not answered"


def test_a_yes_stays_once_the_pair_is_confirmed(answer, pair, state):
    answer(pair.mentee, "yes")
    answer(pair.mentor, "yes")

    page = answer(pair.mentee, "no")

    assert page.status == 422
    assert page.soup.main.find("summary") is None
    assert state()[0] == "confirmed"


@pytest.mark.parametrize("data", [{}, {"answer": "maybe"}])
def test_an_answer_that_is_none_is_asked_again(app, links, pair, state, data):
    page = app.test_client().send(links(pair.mentee)[-1], data)

    assert page.status == 422
    assert page.errors
    assert state()[0] == "proposed"


FORGED = {
    "of nobody": lambda pair, elsewhere: record_token("rencontre", pair.tenant_id, uuid7()),
    "of another space": lambda pair, elsewhere: record_token("rencontre", elsewhere.id, answer_id(pair)),
    "of another kind": lambda pair, elsewhere: record_token("convention", pair.tenant_id, answer_id(pair)),
    "changed": lambda pair, elsewhere: record_token("rencontre", pair.tenant_id, answer_id(pair))[:-1] + "!",
}


def answer_id(pair):
    return db.session.query(PairAnswer.id).filter_by(pair_id=pair.id).scalar()


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_link_leads_nowhere(app, association, elsewhere, in_space, pair, state, how):
    with in_space(association):
        token = FORGED[how](pair, elsewhere)

    for page in (app.test_client().page(f"/rencontre/{token}"), app.test_client().send(f"/rencontre/{token}", {"answer": "no"})):
        assert page.status == 404
        assert "Karim" not in page.text
    assert state()[0] == "proposed"


def test_the_team_notes_an_answer_by_telephone_even_late(app, boss, links, pair, state):
    browser = app.test_client().sign_in(boss.user_id)
    path = f"/a/passerelle/binomes/{pair.id}/reponse"

    page = browser.send(path, {"side": "mentee", "answer": "yes"})
    with at(paris_today() + days(9)):
        late = app.test_client().sign_in(boss.user_id).send(path, {"side": "mentor", "answer": "yes"})

    assert page.flashes == ["La réponse est notée."]
    assert len(links(pair.mentor)) == 1
    assert (late.flashes, state()[0]) == (["La réponse est notée."], "confirmed")


@pytest.mark.parametrize(
    "data", [{"side": "mentee"}, {"side": "mentee", "answer": "maybe"}, {"side": "parent", "answer": "yes"}, {}]
)
def test_a_telephone_answer_that_is_none_is_refused(app, boss, pair, state, data):
    page = app.test_client().sign_in(boss.user_id).send(f"/a/passerelle/binomes/{pair.id}/reponse", data)

    assert page.flashes == ["Choisissez oui ou non."]
    assert "yes_mentee" not in state()[3]


def test_a_telephone_answer_of_a_pair_elsewhere_is_not_found(office, elsewhere, in_space, stored):
    with in_space(elsewhere):
        pair = proposed(elsewhere)

    assert office.send(f"/a/passerelle/binomes/{pair.id}/reponse", {"side": "mentee", "answer": "no"}).status == 404
    assert stored(elsewhere, Pair)[0].state == "proposed"


@pytest.mark.parametrize(("age", "asked"), [(16, ["parent@example.org"]), (20, [])])
def test_a_minor_without_an_address_is_asked_through_who_represents_them(association, in_space, age, asked):
    with in_space(association):
        mentee = factories.mentee(association, age=age, account=False, guardian_email="parent@example.org")
        mentee.email = None
        factories.authorisation(mentee)
        proposed(association, mentee=mentee)

        assert [mail.to_address for mail in db.session.query(Mail)] == asked


@pytest.mark.parametrize(("age", "is_told"), [(16, True), (20, False)])
def test_whoever_represents_a_minor_is_told_that_they_are_asked_without_the_link(association, in_space, age, is_told):
    with in_space(association):
        mentee = factories.mentee(association, age=age, guardian_email="parent@example.org", guardian_name="Nadège")
        factories.authorisation(mentee)
        proposed(association, mentee=mentee)

        theirs, *told = db.session.query(Mail).order_by(Mail.to_address != mentee.email)
        assert (theirs.to_address, "/rencontre/" in theirs.text) == (mentee.email, True)
        assert [(mail.to_address, "/rencontre/" in mail.text, "lui demande son avis" in mail.text) for mail in told] == (
            [("parent@example.org", False, True)] if is_told else []
        )


def test_somebody_asked_twice_has_one_question(association, in_space, pair, state):
    with in_space(association):
        interest.ask(again(association, pair), "mentee")

    assert state()[3].count("asked_mentee") == 1


def test_a_word_is_read_by_the_team_and_by_nobody_else(app, answer, boss, links, pair):
    answer(pair.mentee, "yes", "Plutôt le mercredi")

    team = app.test_client().sign_in(boss.user_id).page(f"/a/passerelle/binomes/{pair.id}")
    other = app.test_client().page(links(pair.mentor)[-1])

    assert "Plutôt le mercredi" in team.text
    assert "Plutôt le mercredi" not in other.text


@pytest.mark.committed
def test_yes_and_no_at_the_same_instant_end_in_no(crowd):
    factories.programme(crowd)
    tenant = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, tenant):
        pair = proposed(tenant)
        account, path = factories.user().id, f"/rencontre/{record_token('rencontre', tenant.id, answer_id(pair))}"

    pages = at_once(crowd, [(account, path, {"answer": said}) for said in ("yes", "no") * 4])

    assert {page.status for page in pages} <= {200, 422}
    with space_of(crowd, tenant):
        told = [what for what in story(pair) if what in {"yes_mentee", "no_mentee"}]
        assert told in (["no_mentee"], ["no_mentee", "yes_mentee"]), "a yes may be taken back, a no is the last word"
        assert again(tenant, pair).state == "dropped"


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
    app, association, in_space, pair, links
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


@pytest.fixture
def child(association, in_space):
    """A child of 12 without an address, for whom a parent answers."""
    with in_space(association):
        mentee = factories.mentee(
            association, age=12, account=False, email=None, guardian_email="parent@example.org", guardian_name="Nadège Martin"
        )
        factories.authorisation(mentee)
        return proposed(association, mentee=mentee)


@pytest.mark.parametrize(
    ("said", "subject", "words"),
    [
        ("yes", "Le binôme d'Inès : c'est oui des deux côtés", "Bonne nouvelle pour Inès."),
        ("no", "Le binôme d'Inès ne se fait pas", "cela ne dit rien d'Inès, qui est en tête de liste pour la suite."),
    ],
)
def test_a_parent_who_answers_for_a_child_learns_what_became_of_it(association, in_space, child, said, subject, words):
    with in_space(association):
        row = again(association, child)
        interest.answer(interest.answer_of(row, "mentee"), True)
        interest.answer(interest.answer_of(row, "mentor"), said == "yes")

        mail = db.session.query(Mail).filter_by(to_address="parent@example.org").order_by(Mail.created_at, Mail.id).all()[-1]
        assert plain(mail.subject) == subject
        assert words in plain(mail.text)


OFF = "Ce binôme ne se fait pas"


@pytest.mark.parametrize("said_yes", [False, True])
def test_what_the_team_gives_up_is_said_to_who_knew_and_their_turn_comes_first(
    office, association, in_space, pair, said_yes, state
):
    with in_space(association):
        row = again(association, pair)
        if said_yes:
            interest.answer(interest.answer_of(row, "mentee"), True)
            interest.answer(interest.answer_of(row, "mentor"), True)
        proposals.wish(row.mentee, row.mentor, True, "", factories.user().id)
        addresses = {"mentee": row.mentee.email, "mentor": row.mentor.email}
    path = f"/a/passerelle/binomes/{pair.id}"
    names = "Inès et Karim" if said_yes else "Inès"
    assert f"Un message l'annonce à {names}, avec une place en tête de liste." in plain(office.page(path).text)

    office.send(f"{path}/abandon")
    page = office.send(f"{path}/abandon")

    assert [plain(said) for said in page.flashes] == ["Rien n'a changé : ce binôme n'est plus à cette étape."]
    knew = {"mentee", "mentor"} if said_yes else {"mentee"}
    assert state()[:3] == ("dropped", "staff", knew)
    with in_space(association):
        assert {side for side, address in addresses.items() if letters_to(address).count(OFF) == 1} == knew
        assert proposals.wish_of(pair.mentee_id, pair.mentor_id) is None


@pytest.mark.parametrize("said_yes", [True, False])
def test_when_one_leaves_after_two_yeses_the_other_is_told_and_who_left_is_not(association, in_space, pair, said_yes):
    with in_space(association):
        row = again(association, pair)
        if said_yes:
            for side in ("mentee", "mentor"):
                interest.answer(interest.answer_of(row, side), True)
        withdraw(row.mentee)
        db.session.flush()

        assert (row.state, row.mentor.first_in_line) == ("dropped", True)
        assert letters_to(row.mentor.email).count(OFF) == int(said_yes), "who never heard of it hears nothing"
        assert OFF not in letters_to(row.mentee.email)


def test_who_may_not_be_in_a_pair_today_is_told_and_is_not_the_next(association, in_space, pair):
    with in_space(association):
        row = again(association, pair)
        for side in ("mentee", "mentor"):
            interest.answer(interest.answer_of(row, side), True)
        see(row.mentor, "record", is_clear=False)
        gate_changed.send(row.mentor)

        assert (row.state, row.mentee.first_in_line, row.mentor.first_in_line) == ("dropped", True, False)
        assert [letters_to(person.email).count(OFF) for person in (row.mentee, row.mentor)] == [1, 1]
        last = db.session.scalars(select(Mail).where(Mail.to_address == row.mentor.email).order_by(Mail.id.desc())).first()
        assert "Ce binôme ne se fera pas. L'association vous en dira plus." in plain(last.text)
        assert "manque" not in last.text, "something stands against it: nothing is missing"
        assert "tête de liste" not in last.text


@pytest.mark.parametrize("email", [None, "ines@example.org"])
def test_who_is_taken_off_a_file_reads_nothing_of_the_pair_that_ends_with_it(office, association, in_space, email):
    with in_space(association):
        mentee = factories.mentee(association, age=16, account=bool(email), email=email)
        factories.authorisation(mentee)
        name_guardian(mentee, "Nadège Parent", "nadege@example.org", None)
        name_guardian(factories.mentee(association, age=12), "Nadège Parent", "nadege@example.org", None)  # who is still theirs
        (guardianship,) = guardians_of(mentee)
        row = proposed(association, mentee=mentee)

    office.send(f"/a/passerelle/representants/{guardianship.id}/retrait")

    with in_space(association):
        assert again(association, row).state == "dropped"
        assert not [subject for subject in letters_to("nadege@example.org") if "ne se fait pas" in subject]
        assert email is None or letters_to(email).count(OFF) == 1


def test_what_the_team_wished_outlives_an_authorisation_that_lapses(association, in_space):
    with in_space(association):
        mentee = factories.mentee(association, age=16)
        given = factories.authorisation(mentee)
        name_guardian(mentee, "Nadège Parent", "nadege@example.org", None)
        row = proposed(association, mentee=mentee)
        proposals.wish(row.mentee, row.mentor, True, "", factories.user().id)
        take_back(given, today())

        assert row.state == "dropped"
        assert proposals.wish_of(row.mentee_id, row.mentor_id).is_pin


def test_a_parent_who_was_told_or_had_signed_learns_that_it_is_given_up(office, association, in_space, by):
    with in_space(association):
        mentee = factories.mentee(association, age=16)
        factories.authorisation(mentee)
        name_guardian(mentee, "Nadège Parent", "nadege@example.org", None)
        row = proposed(association, mentee=mentee)
        for side in ("mentee", "mentor"):
            interest.answer(interest.answer_of(row, side), True)
        papers.prepare(row, by)
        name_guardian(mentee, "Paul Père", "paul@example.org", None)

    office.send(f"/a/passerelle/binomes/{row.id}/abandon")

    with in_space(association):
        for address in ("nadege@example.org", "paul@example.org"):
            assert letters_to(address).count("Le binôme d'Inès ne se fait pas") == 1


@pytest.mark.parametrize("known", [False, True])
def test_whose_date_of_birth_is_emptied_is_asked_nothing_more(association, in_space, pair, state, known):
    with in_space(association):
        person = again(association, pair).mentee
        names = {name: getattr(person, name) for name in ("first_name", "last_name", "email", "phone")}
        correct(person, {**names, "birth_date": person.birth_date if known else None})

    assert state()[0] == ("proposed" if known else "dropped")


def test_who_takes_their_request_back_frees_the_other_one(association, in_space, pair):
    with in_space(association):
        row = again(association, pair)
        withdraw(row.mentee)

        assert (row.state, row.mentor.first_in_line) == ("dropped", True)


def test_both_read_that_both_said_yes(association, in_space, pair, answer):
    answer(pair.mentee, "yes")
    answer(pair.mentor, "yes")

    with in_space(association):
        for person in (pair.mentee, pair.mentor):
            assert letters_to(person.email)[-1] == "C'est oui des deux côtés"


def test_of_a_mentor_whose_document_is_not_clear_nobody_reads_anything(association, in_space, people):
    with in_space(association):
        mentor, mentee = factories.mentor(association, trained=True), factories.mentee(association)
        pair = propose(mentee, mentor, plan(), None)
        see(mentor, "record", is_clear=False)
        gate_changed.send(mentor)

        assert (pair.state, mentee.first_in_line) == ("dropped", True)
        with pytest.raises(GateClosed, match="s'oppose à ce binôme"):
            propose(mentee, mentor, plan(), None)


@pytest.mark.parametrize("age", [14, 16])
def test_nobody_is_asked_about_a_minor_before_a_parent_allowed_it_nor_after_they_took_it_back(association, in_space, age):
    with in_space(association):
        mentor, mentee = factories.mentor(association, trained=True), factories.mentee(association, age=age)
        with pytest.raises(GateClosed, match="l'autorisation parentale manque"):
            propose(mentee, mentor, plan(), None)
        assert db.session.query(Mail).all() == []

        paper = factories.authorisation(mentee)
        pair = propose(mentee, mentor, plan(), None)
        gate_changed.send(mentee)
        assert pair.state == "proposed"

        paper.withdrawn_on = today()
        gate_changed.send(mentee)
        assert (pair.state, mentor.first_in_line) == ("dropped", True)


def test_who_has_no_address_is_to_be_called_and_the_page_says_so(office, association, in_space):
    with in_space(association):
        mentee = factories.mentee(association, email=None, account=False, first_name="Théo")
        mentor = factories.mentor(association, trained=True)
    page = office.send(
        "/a/passerelle/binomes/nouveau",
        {"mentee": str(mentee.id), "mentor": str(mentor.id), "starts_on": str(factories.today()), "planned_months": "6",
         "rhythm": "monthly", "objectives": "", "how": "propose"},
    )  # fmt: skip

    assert page.flashes == ["Le binôme est proposé. Théo n'a pas d'adresse\u00a0: appelez, puis notez sa réponse ici."]
    assert "pas d'adresse : à appeler au plus tard le" in page.text
    assert "question à poser au téléphone" in page.text
    assert "Question envoyée" not in page.text


@pytest.mark.parametrize("hopes", ["J'ai des idées noires", "Parler de mon handicap", "Sortir avec mes frères de prison"])
def test_what_a_jeune_wrote_of_a_danger_or_of_health_is_not_read_by_a_mentor_to_be(app, association, in_space, links, pair, answer,
                                                                                  hopes):  # fmt: skip
    with in_space(association):
        row = again(association, pair)
        row.mentee.hopes = hopes
        mentor = row.mentor
    answer(pair.mentee, "yes")

    page = app.test_client().page(links(mentor)[-1])
    assert "Cherche de l'aide pour" in page.text
    assert hopes not in page.text


def test_words_that_alarm_in_an_answer_are_told_to_the_team(association, in_space, pair, answer):
    page = answer(pair.mentee, "no", "Je veux mourir")

    assert "Idées de suicide" in page.flashes[1]
    with in_space(association):
        told = db.session.query(Mail).where(Mail.subject.contains("À lire aujourd'hui")).all()
    assert len(told) == 1


def test_nothing_by_which_one_is_reached_is_read_before_both_said_yes(app, association, in_space, links, pair, answer):
    with in_space(association):
        row = again(association, pair)
        row.mentee.hopes = "Mon snap : testa69, 06 12 34 56 78"
        row.mentor.skills, row.mentor.sector = "Écrivez-moi : helene@example.org", "Informatique"
        mentee, mentor = row.mentee, row.mentor
    asked = app.test_client().page(links(mentee)[-1])
    answer(mentee, "yes")
    reads = app.test_client().page(links(mentor)[-1])

    assert "Informatique" in asked.text
    assert "helene@example.org" not in asked.text
    assert "Cherche de l'aide pour : scolarité." in reads.text
    assert "testa69" not in reads.text
