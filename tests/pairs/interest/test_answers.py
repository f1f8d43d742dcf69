"""Yes, no, neither, twice, late, forged, by telephone, for a child: what an answer becomes."""

import pytest

from app.accounts.links import record_token
from app.database import uuid7
from app.extensions import db
from app.mail import Mail
from app.pairs import interest, life
from app.pairs.matching_models import MatchWish
from app.pairs.models import Pair, PairAnswer
from app.pairs.settings import choose
from app.web import day
from tests import factories
from tests.people.fixtures import at_once, space_of

from ..situations import again, at, days, letters_to, paris_today, proposed, story
from .words import ASKED, LATE, OVER


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
        until = day(paris_today() + days(7))

    assert f"Vous avez jusqu'au {until}." in " ".join(mail.text.split())
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
        row.mentor.places, row.mentee.places = ["remote", "home"], ["association", "remote"]
    if side == "mentor":
        answer(pair.mentee, "yes")

    page = app.test_client().page(links(getattr(pair, side))[-1])

    assert (page.heading, page.soup.select_one(".hero h2").get_text()) == ("Une personne à rencontrer", reads)
    assert shown in page.text
    assert "Vous pourriez vous voir : à distance" in page.text
    assert "Une question avant de répondre ?" in page.text
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
        told = db.session.get(factories.User, boss.user_id).email
        assert letters_to(told) == ["Un binôme ne se fait pas"]
        assert f"{getattr(pair, who).first_name} a dit non." in db.session.query(Mail).filter_by(to_address=told).one().text


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


def test_a_yes_by_telephone_says_what_follows_and_may_become_a_no(office, pair, in_space, association):
    path = f"/a/passerelle/binomes/{pair.id}"
    with in_space(association):
        mentor, mentee = again(association, pair).mentor.first_name, again(association, pair).mentee.full_name
    asked = office.page(path)
    assert f"La question part alors à {mentor}." in asked.text

    noted = office.send(f"{path}/reponse", {"side": "mentee", "answer": "yes"})
    row = next(row for row in noted.soup.select("ul.rows li") if mentee in row.text)
    assert [button["value"] for button in row.select("button[name=answer]")] == ["no"]
    assert "C'est alors oui des deux côtés, et les deux l'apprennent." in noted.text

    office.send(f"{path}/reponse", {"side": "mentee", "answer": "no"})
    with in_space(association):
        assert again(association, pair).state == "dropped"
