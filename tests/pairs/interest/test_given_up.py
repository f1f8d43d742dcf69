"""What the others learn when it does not take place, or waits for a parent or a document; what each reads of the other."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.mail import Mail
from app.pairs import agreement as papers
from app.pairs import interest, proposals
from app.pairs.actions import propose
from app.pairs.refusals import GateClosed
from app.people.actions import correct, withdraw
from app.people.authorising import take_back
from app.people.guardians import guardians_of, name_guardian
from app.people.signals import gate_changed
from app.web import today
from tests import factories

from ..situations import again, letters_to, plain, plan, proposed, see


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
