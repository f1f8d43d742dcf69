"""References: somebody who knows the person is asked by a link, answers once or prefers not to, and is reminded once."""

from datetime import datetime, timedelta

import pytest
import time_machine

from app.accounts.permissions import Role
from app.extensions import db
from app.mail import Mail
from app.people import actions, applications
from app.people.application_models import Reference
from app.people.models import Mentor
from tests import factories

from .fixtures import at_once, space_of
from .situations import NOON, SPACE, day, holds, plain, reference

ASK = {"name": "Odile Garant", "email": "odile@example.org", "relation": "Ancienne collègue"}
SAID = {"known_for": "Dix ans, au travail.", "advice": "yes", "note": "Toujours à l'heure."}
LATE = "Ce lien n'est plus valable. Si vous souhaitez encore répondre, écrivez à l'association."
THANKS = "C'est enregistré, merci"
OVER = "Cette candidature est terminée."


@pytest.fixture
def asked(association, in_space, mentor):
    """Somebody who was asked what they think of Karim, today."""
    with in_space(association):
        return reference(mentor)


def ask(browser, mentor, **typed):
    return browser.send(f"{SPACE}/mentors/{mentor.id}/reference", {**ASK, **typed})


def states(rows):
    return [(row.state, row.advice) for row in rows]


def test_asking_sends_a_link_and_moves_the_candidature_on(office, association, mentor, stored):
    page = ask(office, mentor)

    [row], [mail] = stored(association, Reference), stored(association, Mail)
    assert page.flashes == ["La question est partie à odile@example.org."]
    assert "Odile Garant , Ancienne collègue odile@example.org · demandée le" in page.text
    assert "attendue" in page.text
    assert (mail.to_address, mail.subject) == ("odile@example.org", "Un avis vous est demandé")
    assert "/reference/" in mail.text
    assert (row.expires_on, stored(association, Mentor)[0].stage) == (day(21), "references")


def test_the_link_of_the_letter_leads_to_the_page(office, client, association, mentor, stored):
    ask(office, mentor)
    [mail] = stored(association, Mail)
    path = next(word for word in mail.text.split() if "/reference/" in word).split("localhost", 1)[1]

    page = client.page(path)

    assert page.heading == "Votre avis sur Karim Benali"
    for said in (mail.text, page.text):
        assert "Karim pourrait les lire aussi, dans une copie de son dossier." in " ".join(said.split())
        assert "Seule l'équipe" not in said


@pytest.mark.parametrize("typed", [{"name": ""}, {"email": ""}, {"email": "odile@"}, {"relation": ""}, {"name": "<b>"}])
def test_somebody_who_cannot_be_written_to_is_refused(office, association, mentor, stored, typed):
    page = ask(office, mentor, **typed)

    assert (page.status, len(page.errors)) == (422, 1)
    assert [*stored(association, Reference), *stored(association, Mail)] == []


def test_nobody_is_their_own_reference(office, association, mentor, stored):
    page = ask(office, mentor, email=mentor.email.replace("@", "+autre@").upper())

    assert (page.status, page.errors) == (422, ["C'est l'adresse de la personne elle-même."])
    assert [*stored(association, Reference), *stored(association, Mail)] == []


def test_asking_the_same_address_again_sends_the_link_again(office, association, mentor, stored):
    ask(office, mentor)

    ask(office, mentor, email="Odile@Example.org")

    assert len(stored(association, Reference)) == 1
    assert len(stored(association, Mail)) == 2


@pytest.mark.parametrize("stage", ["withdrawn", "refused"])
def test_nobody_is_asked_about_a_candidature_that_is_over(office, association, in_space, stored, stage):
    with in_space(association):
        person = factories.mentor(association, stage=stage)

    page = ask(office, person)

    assert (page.status, page.errors) == (422, [OVER])
    assert [*stored(association, Reference), *stored(association, Mail)] == []


@pytest.mark.parametrize(
    ("advice", "word", "counts"),
    [("yes", "Oui, sans réserve", True), ("reserved", "Oui, avec une réserve", True), ("no", "Non", False)],
)
def test_an_answer_is_read_by_the_team(client, office, association, in_space, mentor, asked, advice, word, counts):
    page = client.send(asked.path, {**SAID, "advice": advice})

    team = office.page(f"{SPACE}/mentors/{mentor.id}/candidature")
    assert THANKS in page.text
    assert page.flashes == ["Merci, votre réponse est enregistrée."]
    assert "Dix ans, au travail." in team.text
    assert word in [tag.get_text() for tag in team.soup.select(".rows .tag")]
    with in_space(association):
        assert holds(mentor, "references", day()) is counts


def test_without_an_answer_no_reference_counts(association, in_space, mentor, asked):
    with in_space(association):
        assert not holds(mentor, "references", day())


@pytest.mark.parametrize("typed", [{"known_for": ""}, {"advice": ""}, {"advice": "maybe"}, {"note": "x" * 1001}])
def test_an_answer_that_is_not_whole_is_shown_again(client, association, asked, stored, typed):
    page = client.send(asked.path, {**SAID, **typed})

    assert (page.status, len(page.errors)) == (422, 1)
    assert states(stored(association, Reference)) == [("asked", None)]


def test_somebody_may_prefer_not_to_answer(client, office, association, in_space, mentor, asked, stored):
    page = client.send(asked.path, {"decline": "1"})

    assert THANKS in page.text
    assert states(stored(association, Reference)) == [("declined", None)]
    assert "ne souhaite pas répondre" in office.page(f"{SPACE}/mentors/{mentor.id}/candidature").text
    with in_space(association):
        assert not holds(mentor, "references", day())


@pytest.mark.parametrize("answer_first", [False, True])
def test_one_asked_at_the_wrong_address_is_set_aside(client, office, association, in_space, mentor, asked, stored, answer_first):
    """Whoever got the letter reads a name no more, and opens no gate; the right person is asked in their place."""
    if answer_first:
        client.send(asked.path, SAID)
    [row] = stored(association, Reference)

    for _time in range(2):
        team = office.send(f"{SPACE}/references/{row.id}/retrait")

    assert team.flashes == ["Cette référence ne compte plus, et son lien ne mène nulle part."]
    assert [tag.get_text() for tag in team.soup.select(".rows .tag")] == ["retirée"]
    page = client.page(asked.path)
    assert (page.status, "Karim" in page.text) == (404, False)
    assert client.send(asked.path, SAID).status == 404
    with in_space(association):
        assert not holds(mentor, "references", day())
    ask(office, mentor, email=row.email)
    assert len(stored(association, Reference)) == 2


@pytest.mark.parametrize("second", [{**SAID, "advice": "no", "note": "Finalement."}, {"decline": "1"}])
def test_the_first_answer_stays(client, association, asked, stored, second):
    client.send(asked.path, SAID)

    page = client.send(asked.path, second)

    assert page.flashes[0].startswith("Une réponse est déjà enregistrée\xa0; pour la changer, écrivez à l'association.")
    assert "01\xa099\xa000\xa000\xa000" in page.flashes[0]
    assert states(stored(association, Reference)) == [("answered", "yes")]
    assert stored(association, Reference)[0].note == "Toujours à l'heure."


def test_the_same_answer_sent_twice_is_thanked_for(client, asked):
    for _time in range(2):
        page = client.send(asked.path, SAID)

    assert page.flashes == ["Merci, votre réponse est enregistrée."]


@pytest.mark.parametrize(("advice", "is_told"), [("yes", False), ("reserved", True), ("no", True)])
def test_a_doubt_reaches_the_team_and_not_whom_it_is_about(client, office, association, in_space, mentor, stored, advice, is_told):
    with in_space(association):
        factories.place(association.id, mentor.user_id, Role.COORDINATOR)
        db.session.get_one(Mentor, (association.id, mentor.id)).stage = "ready"
        path = reference(mentor).path

    client.send(path, {**SAID, "advice": advice, "note": "Il s'emporte."})

    told = [mail for mail in stored(association, Mail) if mail.subject == "Une référence à lire"]
    assert (bool(told), mentor.email in {mail.to_address for mail in told}) == (is_told, False)
    assert [mail for mail in told if "emporte" in mail.text or f"/mentors/{mentor.id}/candidature" not in mail.text] == []


def test_who_declined_does_not_answer_afterwards(client, association, asked, stored):
    client.send(asked.path, {"decline": "1"})

    client.send(asked.path, SAID)

    assert states(stored(association, Reference)) == [("declined", None)]


@pytest.mark.parametrize(("days", "is_late"), [(0, False), (1, False), (-1, True), (-30, True)])
def test_a_link_ends_on_its_last_day(client, association, in_space, mentor, stored, days, is_late):
    with in_space(association):
        late = reference(mentor, expires_on=day(days))

    page = client.send(late.path, SAID)

    assert page.errors == ([LATE] if is_late else [])
    assert states(stored(association, Reference)) == [("asked", None) if is_late else ("answered", "yes")]


def test_a_late_answer_is_said_to_the_team_as_no_answer(office, association, in_space, mentor):
    with in_space(association):
        reference(mentor, expires_on=day(-1))

    assert "sans réponse" in office.page(f"{SPACE}/mentors/{mentor.id}/candidature").text


def test_asking_again_makes_a_late_link_good_again(client, office, association, in_space, mentor, stored):
    with in_space(association):
        late = reference(mentor, expires_on=day(-1))

    ask(office, mentor)

    assert THANKS in client.send(late.path, SAID).text


def test_a_link_about_somebody_who_was_withdrawn_takes_no_answer(client, association, in_space, mentor, asked, stored):
    with in_space(association):
        actions.withdraw(db.session.get(Mentor, (association.id, mentor.id)))

    page = client.send(asked.path, SAID)

    assert page.errors == [LATE]
    assert states(stored(association, Reference)) == [("asked", None)]


@pytest.mark.parametrize("forge", [lambda t: t[:-3] + "abc", lambda t: t + "x", lambda t: "x", lambda t: t.split(".")[0] + ".AAAA"])
def test_a_forged_link_leads_nowhere(client, association, asked, stored, forge):
    path = "/reference/" + forge(asked.path.rsplit("/", 1)[1])

    pages = [client.page(path), client.send(path, SAID)]

    assert {page.status for page in pages} == {404}
    assert states(stored(association, Reference)) == [("asked", None)]


def test_a_link_of_another_kind_or_to_another_space_leads_nowhere(client, association, elsewhere, in_space, asked, stored):
    with in_space(association):
        others = [
            applications.record_token("lead", association.id, asked.id),
            applications.record_token(applications.LINK, elsewhere.id, asked.id),
        ]

    assert {client.send(f"/reference/{token}", SAID).status for token in others} == {404}
    assert states(stored(association, Reference)) == [("asked", None)]


def test_a_link_opens_nothing_else_of_the_space(client, mentor, asked):
    client.page(asked.path)

    assert client.page(f"{SPACE}/mentors/{mentor.id}").heading != "Karim Benali"


def test_another_association_s_mentor_is_not_asked_about(office, elsewhere, stranger, stored):
    assert ask(office, stranger).status == 404
    assert [*stored(elsewhere, Reference), *stored(elsewhere, Mail)] == []


def test_the_answer_is_not_shown_again_to_who_has_the_link(client, asked):
    client.send(asked.path, SAID)

    assert "Toujours à l'heure." not in client.page(asked.path).text


@pytest.mark.parametrize(("days", "reminded"), [(6, 0), (7, 0), (7.1, 1), (12, 1), (22, 0)])
def test_somebody_who_does_not_answer_is_reminded_after_a_week(association, in_space, mentor, hour, days, reminded):
    with in_space(association):
        created = NOON - timedelta(days=days)
        reference(mentor, created_at=created, expires_on=created.date() + timedelta(days=21))

    written = hour(NOON)

    assert [mail.to_address for mail in written] == ["odile@example.org"] * reminded


def test_a_reminder_is_the_same_letter_once(association, in_space, mentor, hour):
    with in_space(association):
        made = reference(mentor, created_at=NOON - timedelta(days=8), expires_on=(NOON + timedelta(days=13)).date())

    [mail] = hour(NOON)

    assert mail.subject == "Un avis vous est demandé"
    assert made.path in mail.text
    assert "Le lien vaut jusqu'au 23 mars 2027." in plain(mail.text)
    assert [len(hour(NOON + timedelta(days=days))) for days in (0, 1, 8)] == [0, 0, 0]


@pytest.mark.parametrize("why", ["answered", "declined", "withdrawn", "refused"])
def test_nobody_is_reminded_when_there_is_nothing_left_to_say(association, in_space, mentor, hour, why):
    with in_space(association):
        row = db.session.get(Mentor, (association.id, mentor.id))
        said = {"answered": {"state": "answered", "advice": "yes"}, "declined": {"state": "declined"}}.get(why, {})
        reference(row, created_at=NOON - timedelta(days=8), expires_on=(NOON + timedelta(days=13)).date(), **said)
        if not said:
            row.stage = why

    assert hour(NOON) == []


def test_a_reminder_waits_for_the_morning(association, in_space, mentor, hour):
    with in_space(association):
        reference(mentor, created_at=NOON - timedelta(days=8), expires_on=(NOON + timedelta(days=13)).date())

    assert [len(hour(NOON + timedelta(hours=hours))) for hours in (9, 19, 20)] == [0, 0, 1]


def test_the_last_day_is_the_day_of_paris(client, association, in_space, mentor, stored):
    with in_space(association):
        made = reference(mentor, expires_on=datetime(2027, 3, 10, tzinfo=NOON.tzinfo).date())

    with time_machine.travel("2027-03-10T23:30:00Z", tick=False):
        page = client.send(made.path, SAID)

    assert page.errors == [LATE]


@pytest.mark.committed
def test_answers_at_the_same_instant_are_one(crowd):
    factories.programme(crowd)
    association = factories.association(crowd, "passerelle", "Passerelle", ["69"])
    with space_of(crowd, association):
        made = reference(factories.mentor(association))
        accounts = [factories.user().id for _rank in range(6)]

    pages = at_once(crowd, [(account, made.path, {**SAID, "note": f"Avis {n}."}) for n, account in enumerate(accounts)])

    assert {page.status for page in pages} == {200}
    with space_of(crowd, association):
        assert states(db.session.query(Reference).all()) == [("answered", "yes")]
