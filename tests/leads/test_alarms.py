"""Alarming words of a request: its team is told today, its list begins with them, whoever wrote them reads whom to call."""

import pytest

from app.accounts.models import User
from app.extensions import db
from app.leads.actions import receive
from app.leads.alarms import tell
from app.leads.models import Lead, LeadState
from app.mail import Mail
from tests import factories

from .answers import of_mentee, walk

FIND, INBOX = "/a/passerelle/trouver-un-mentor", "/a/passerelle/demandes"
WORDS = "J'ai des idées noires."
FIRST = "À lire d'abord : des mots qui inquiètent"
PANEL = "Des mots qui inquiètent"


@pytest.fixture
def alarms(stored):
    """The letters that say so in a space."""
    return lambda tenant: [mail for mail in stored(tenant, Mail) if mail.kind == "lead_alarm"]


@pytest.mark.parametrize("where", ["hopes", "message"])
def test_whoever_wrote_reads_whom_to_call_and_the_team_is_told(app, programme, association, staff, alarms, stored, where):
    steps = of_mentee(**({"message": WORDS} if where == "message" else {}))
    if where == "hopes":
        steps[0]["hopes"] = WORDS

    page = walk(app.test_client(), FIND, steps)

    assert "Idées de suicide : le 3114." in page.text
    [letter] = alarms(association)
    [lead] = stored(association, Lead)
    assert f"{INBOX}/{lead.id}" in letter.text
    assert "noires" not in letter.text
    assert "Ne prévenez pas la personne mise en cause." in letter.text
    assert "sans numéro de téléphone, appelez le 119." in letter.text


def test_a_request_like_others_alarms_nobody(app, programme, association, staff, alarms):
    page = walk(app.test_client(), FIND, of_mentee())

    assert page.soup.select(".flash") == []
    assert alarms(association) == []


def test_the_programme_is_told_and_then_the_association(app, client, programme, association, staff, alarms, in_space, run_jobs):
    with in_space(programme):
        factories.staff(programme, "operator")

    walk(app.test_client(), "/trouver-un-mentor", of_mentee(message=WORDS))
    [letter] = alarms(programme)
    assert "/orientation/" in letter.text
    assert alarms(association) == []
    run_jobs()

    assert len(alarms(association)) == 1
    assert PANEL in client.page(client.page(INBOX).soup.select_one(".list a")["href"]).text


FATHER = {"guardian_name": "Marc Gros", "guardian_phone": "+33639984455"}
APART, ONE_ONE_NINE = "Seulement si ce n'est pas la personne en cause :", "Sans numéro à elle ou à lui, appelez le 119."


@pytest.mark.parametrize(
    ("own", "buttons"),
    [
        ({"phone": "+33639980001", "email": "thea@example.org"}, ["tel:+33639980001", "mailto:thea@example.org"]),
        ({"phone": None, "email": "thea@example.org"}, ["mailto:thea@example.org", "tel:119"]),
        ({"phone": None, "email": None, "guardian_email": "marc@example.org"}, ["tel:119"]),
    ],
)
def test_who_may_be_accused_is_called_last_and_apart(client, staff, make, own, buttons):
    lead = make(age=16, message="Mon père me frappe", **FATHER, **own)

    page = client.page(f"{INBOX}/{lead.id}")

    ways = page.soup.select_one("form[action$='/contacts']")
    assert [a["href"] for a in ways.select(".acts a")] == buttons
    assert [a["href"] for a in ways.select("a")] == [*buttons, "tel:+33639984455"]
    assert APART in page.text
    assert "Ne prévenez pas la personne mise en cause." in page.soup.select_one(".help").get_text()
    assert (ONE_ONE_NINE in page.text) is (own["phone"] is None)


def test_a_parent_is_called_first_where_nothing_alarms(client, staff, make):
    lead = make(age=16, phone="+33639980001", **FATHER)

    page = client.page(f"{INBOX}/{lead.id}")

    ways = page.soup.select_one("form[action$='/contacts']")
    assert [a["href"] for a in ways.select("a")] == ["tel:+33639984455", "tel:+33639980001"]
    assert APART not in page.text


MOTHER = {"guardian_name": "Sandra Gros", "guardian_email": "sandra@example.org", "guardian_phone": None}
HER = "mailto:sandra@example.org"


@pytest.mark.parametrize(
    ("own", "ways"),
    [
        ({"email": "lou@example.org"}, [HER, "mailto:lou@example.org"]),
        ({"phone": "+33639980001", "email": "lou@example.org"}, [HER, "tel:+33639980001"]),
        ({"guardian_phone": "+33639984455"}, ["tel:+33639984455", HER]),
        ({"guardian_phone": "+33639984455", "email": "lou@example.org"}, ["tel:+33639984455", "mailto:lou@example.org"]),
        ({}, [HER]),
        ({"age": 19, "email": "lou@example.org"}, ["mailto:lou@example.org"]),
    ],
)
def test_a_parent_who_has_an_address_alone_is_written_to_first(client, staff, make, own, ways):
    lead = make(**{"age": 15, "birth_date": None, "email": None, "phone": None, **MOTHER, **own})

    found = client.page(f"{INBOX}/{lead.id}").soup.select("form[action$='/contacts'] a")

    assert [a["href"] for a in found] == ways
    assert [a.get_text(" ", strip=True) for a in found if a["href"] == HER] == ["Écrire à Sandra Gros"] * ways.count(HER)


@pytest.mark.parametrize(("own", "buttons"), [("lou@example.org", ["mailto:lou@example.org", "tel:119"]), (None, ["tel:119"])])
def test_but_last_and_apart_where_the_words_may_accuse_them(client, staff, make, own, buttons):
    lead = make(age=15, birth_date=None, phone=None, message="Ma mère me frappe", email=own, **MOTHER)

    page = client.page(f"{INBOX}/{lead.id}")

    assert [a["href"] for a in page.soup.select("form[action$='/contacts'] .acts a")] == buttons
    assert f"{APART} Sandra Gros, sandra@example.org" in page.text


@pytest.mark.parametrize(
    ("about", "are_shown"),
    [({}, True), ({"message": WORDS}, True), ({"kind": "mentor"}, False), ({"kind": "mentor", "message": WORDS}, True)],
)
def test_every_jeune_keeps_the_emergency_numbers_whatever_they_wrote(client, make, link, about, are_shown):
    """A parent may open this page too: nothing there says what was written."""
    page = client.page(link(make(**about)))

    assert bool(page.soup.select("a[href='tel:119']")) is are_shown
    assert PANEL not in page.text


def test_an_adult_without_a_number_is_not_sent_to_the_119(client, staff, make):
    page = client.page(f"{INBOX}/{make(phone=None, message=WORDS).id}")

    assert PANEL in page.text
    assert ONE_ONE_NINE not in page.text


def test_the_list_begins_with_them_until_somebody_tries_to_call(client, staff, make):
    lead = make(message=WORDS)
    make(message=WORDS, state=LeadState.WITHDRAWN, last_name="Parti")
    before = client.page(INBOX)

    client.send(f"{INBOX}/{lead.id}/contacts", {"result": "no_answer"})

    assert [a["href"] for a in before.soup.select(".help a")] == [f"{INBOX}/{lead.id}"]
    assert FIRST in before.text
    assert FIRST not in client.page(INBOX).text
    assert PANEL in client.page(f"{INBOX}/{lead.id}").text


@pytest.mark.parametrize("own", ["guardian_email", "email"])
def test_whom_it_is_about_is_neither_told_nor_led_to_it(own, client, staff, colleague, association, alarms, in_space, make):
    with in_space(association):
        mine, theirs = (db.session.get(User, card.user_id).email for card in (staff, colleague))
    lead = make(hopes=WORDS, **{own: mine})
    with in_space(association):
        tell([lead], association)

    assert [letter.to_address for letter in alarms(association)] == [theirs]
    assert FIRST not in client.page(INBOX).text


def test_the_field_says_who_reads_it(client, programme):
    page = client.page("/trouver-un-mentor")

    assert "et le mentor qu'elle vous proposera" in page.soup.find(id="hopes-aide").get_text()


@pytest.mark.parametrize("words", ["Mon père me frappe", "J'aimerais de l'aide"])
def test_a_parent_who_may_be_accused_is_not_written_to(programme, association, staff, client, in_space, stored, run_jobs, words):
    with in_space(programme):
        minor = {
            "age": 16,
            "state": "waiting",
            "answer_by": None,
            "guardian_name": "Marc Gros",
            "guardian_email": "marc@example.org",
        }
        receive(factories.lead(**minor, message=words), programme)
    run_jobs()
    told = [mail.kind for mail in stored(programme, Mail) if mail.to_address == "marc@example.org"]

    if words.startswith("J'"):
        assert told == ["guardian_asked"]
        assert stored(association, Lead) == []
        return
    [lead] = stored(association, Lead)
    path = f"{INBOX}/{lead.id}"
    assert "Aucun message ne part à ses parents" in client.page(path).text
    assert client.send(f"{path}/acceptation").status == 200
    assert stored(association, Lead)[0].state == LeadState.ACCEPTED
    assert told == []
    assert "marc@example.org" not in {mail.to_address for mail in stored(association, Mail)}
    assert [mail.to_address for mail in stored(association, Mail) if mail.kind == "file_opened"] == [lead.email]
