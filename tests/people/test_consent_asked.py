"""A guardian who was asked: who does not answer is asked again, who says no is asked no more, and may change their mind."""

from datetime import datetime, time, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.database import now
from app.extensions import db
from app.mail import Mail
from app.people import consent
from app.people.actions import close_file
from app.people.jobs import watch_people
from app.people.models import Authorisation, Guardianship, Mentee
from tests import factories

from .fixtures import day_ago
from .situations import NADEGE, NADEGE_ALLOWS, SPACE


@pytest.fixture
def asked(office, row, in_space, association):
    """The guardian is asked; then what the hourly job does, so many days later, by day or in the night."""
    office.send(f"{SPACE}/representants/{row.id}/demande")

    def later(days, hours=0):
        noon = datetime.combine(factories.today() + timedelta(days=days), time(12), factories.PARIS) + timedelta(hours=hours)
        with time_machine.travel(noon, tick=False), in_space(association):
            watch_people.run(tenant_id=str(association.id))

    return later


@pytest.fixture
def sent(stored, association):
    """To whom letters about the authorisation left."""
    return lambda: [mail.to_address for mail in stored(association, Mail) if mail.kind == consent.KIND]


def test_a_guardian_who_does_not_answer_is_asked_twice_more_then_the_team_is_told_once(asked, sent, office, minor):
    asked(2)
    assert sent() == [NADEGE["email"]]
    asked(4)
    asked(4, hours=1)
    asked(10)
    assert sent() == [NADEGE["email"]] * 2
    asked(12)
    asked(18)
    assert sent() == [NADEGE["email"]] * 3
    asked(20)
    told = sent()[3:]
    asked(21)
    asked(60)

    assert told
    assert NADEGE["email"] not in told
    assert len(sent()) == 3 + len(told)
    assert "Sans réponse, même après deux rappels" in office.page(f"{SPACE}/jeunes/{minor.id}").text


def test_nobody_is_asked_again_in_the_night(asked, sent):
    asked(4, hours=12)

    assert sent() == [NADEGE["email"]]


def given(person):
    factories.authorisation(person, given_on=factories.today())


def other_given(person):
    factories.authorisation(person, "image", given_on=factories.today())


def taken_back(person):
    factories.authorisation(person, given_on=factories.today(), withdrawn_on=factories.today())


def left(person):
    close_file(person)


def of_age(person):
    person.birth_date = factories.birth_date(18)


@pytest.mark.parametrize("what", [given, other_given, taken_back, left, of_age])
def test_who_answered_or_has_nothing_to_allow_any_more_is_not_asked_again(what, asked, sent, minor, in_space, association):
    with in_space(association):
        what(db.session.get_one(Mentee, (association.id, minor.id)))

    for days in (4, 12, 20):
        asked(days)

    assert sent() == [NADEGE["email"]]


def test_after_a_death_nobody_is_asked_again(asked, sent, minor, in_space, association, people):
    with in_space(association):
        close_file(db.session.get_one(Mentee, (association.id, minor.id)), dead_says=people.admin.user_id)

    asked(4)

    assert sent() == [NADEGE["email"]]


def test_asked_anew_by_the_team_it_begins_again(asked, sent, office, row):
    asked(4)
    with time_machine.travel(now() + timedelta(days=5)):
        office.send(f"{SPACE}/representants/{row.id}/demande")
    asked(9)

    assert sent() == [NADEGE["email"]] * 4


def test_who_says_no_is_asked_no_more_and_the_team_is_told_once(client, asked, sent, link, minor, office, stored, association):
    for _time in range(2):
        page = client.send(f"{link}/refus")
    asked(4)
    asked(20)

    assert page.flashes == ["C'est noté\u00a0: vous n'autorisez pas. L'association est prévenue."]
    assert "vous avez répondu que vous n'autorisez pas" in page.text
    assert f"{link}/refus" not in page.html
    told = [mail for mail in stored(association, Mail) if "n'autorise pas" in mail.text]
    assert {mail.subject for mail in told} == {f"Un refus d'autorisation pour {minor.first_name}"}
    assert len({mail.to_address for mail in told}) == len(told) > 0
    assert NADEGE["email"] not in {mail.to_address for mail in told}
    assert sent().count(NADEGE["email"]) == 1
    assert stored(association, Authorisation) == []
    assert "Nadège Parent n'autorise pas" in office.page(f"{SPACE}/jeunes/{minor.id}").text


def test_who_takes_it_back_has_said_no(client, asked, link, minor, office, stored, association):
    client.send(link, NADEGE_ALLOWS)
    page = client.send(f"{link}/retrait/participation")

    assert "vous avez retiré votre autorisation" in page.text
    assert f"{link}/refus" not in page.html
    said = office.page(f"{SPACE}/jeunes/{minor.id}").text
    assert "Nadège Parent n'autorise pas" in said
    assert "appeler Nadège Parent, qui n'autorise pas depuis" in said
    assert "Demander en ligne à Nadège Parent" not in said


def test_who_said_no_may_say_yes(client, asked, link, minor, office, stored, association):
    client.send(f"{link}/refus")
    page = client.send(link, NADEGE_ALLOWS)

    assert "vous n'autorisez pas" not in page.text
    assert [one.kind for one in stored(association, Authorisation)] == ["participation"]
    assert "n'autorise pas" not in office.page(f"{SPACE}/jeunes/{minor.id}").text


def test_a_paper_of_before_the_no_is_refused_and_one_of_since_stands(client, asked, link, minor, office, stored, association):
    client.send(f"{link}/refus")
    path = f"{SPACE}/jeunes/{minor.id}/autorisation"
    paper = {"kind": "participation", "given_by": "Nadège Parent", "how": "paper"}

    before = office.send(path, {**paper, "given_on": day_ago(2)})
    since = office.send(path, {**paper, "given_on": day_ago(0)})

    assert "Refusé le" in before.text
    assert since.flashes
    assert [one.given_on for one in stored(association, Authorisation)] == [factories.today()]
    assert stored(association, Guardianship)[0].refused_at is None
    assert "n'autorise pas" not in office.page(f"{SPACE}/jeunes/{minor.id}").text


def test_asked_again_by_the_team_a_no_is_no_answer_any_more_but_stands(client, asked, sent, link, row, office, minor):
    client.send(f"{link}/refus")
    with time_machine.travel(now() + timedelta(days=5)):
        office.send(f"{SPACE}/representants/{row.id}/demande")

    assert sent().count(NADEGE["email"]) == 2
    assert "Nadège Parent n'autorise pas" not in office.page(f"{SPACE}/jeunes/{minor.id}").text
    paper = {"kind": "participation", "given_by": "Nadège Parent", "how": "paper", "given_on": day_ago(2)}
    assert "Refusé le" in office.send(f"{SPACE}/jeunes/{minor.id}/autorisation", paper).text
    with time_machine.travel(now() + timedelta(days=6)):
        assert "vous avez répondu que vous n'autorisez pas" in client.send(f"{link}/refus").text


@pytest.fixture
def other_link(app, association, in_space, minor, office):
    """The path of another guardian's letter."""
    office.send(f"{SPACE}/jeunes/{minor.id}/representant", {**NADEGE, "name": "Karim Benali", "email": "karim.b@example.org"})
    with in_space(association):
        row = db.session.scalars(select(Guardianship).order_by(Guardianship.created_at.desc()).limit(1)).one()
        return f"/autorisation/{consent.link_of(row)}"


@pytest.mark.parametrize("how", ["refus", "retrait/participation"])
def test_what_one_parent_refuses_another_s_link_does_not_open(how, client, link, other_link, minor, office, stored, association):
    if how != "refus":
        client.send(link, NADEGE_ALLOWS)
    client.send(f"{link}/{how}")

    page = client.send(other_link, {"kinds": ["participation"], "name": "Karim Benali"})

    assert page.flashes == ["Merci. L'association doit d'abord vous parler : rien n'est autorisé pour l'instant."]
    assert "Nadège" not in page.text
    assert [one for one in stored(association, Authorisation) if one.withdrawn_on is None] == []
    told = [mail for mail in stored(association, Mail) if mail.subject == f"Deux réponses contraires pour {minor.first_name}"]
    assert all("Karim Benali veut autoriser" in mail.text and "Nadège Parent n'autorise pas" in mail.text for mail in told)
    assert told
    client.send(link, NADEGE_ALLOWS)
    assert [one.given_by for one in stored(association, Authorisation) if one.withdrawn_on is None] == ["Nadège Parent"]


@pytest.mark.parametrize("by_paper", [False, True])
def test_a_no_from_a_page_of_before_takes_back_what_was_allowed_since(
    by_paper, client, link, other_link, minor, office, stored, association
):
    if by_paper:
        paper = {"kind": "participation", "given_by": "Nadège Parent", "how": "paper", "given_on": day_ago(0)}
        office.send(f"{SPACE}/jeunes/{minor.id}/autorisation", paper)
    else:
        client.send(other_link, {"kinds": ["participation"], "name": "Karim Benali"})
    [allowed] = stored(association, Authorisation)

    client.send(f"{link}/refus")

    assert allowed.withdrawn_on is None
    assert [one.withdrawn_on for one in stored(association, Authorisation)] == [factories.today()]


def test_a_no_from_a_wrong_address_is_nobodys(client, asked, link, office, minor, association, in_space, row, stored):
    client.send(f"{link}/refus")
    with in_space(association):
        db.session.get_one(Guardianship, (association.id, row.id)).guardian.phone = "+33612000099"

    right = {**NADEGE, "email": "la-bonne@example.org", "phone": "0612000099"}
    page = office.send(f"{SPACE}/jeunes/{minor.id}/representant", right)

    assert stored(association, Guardianship)[0].refused_at is None
    assert "n'autorise pas" not in page.text


def test_on_a_closed_file_there_is_nothing_to_refuse(client, asked, link, in_space, association, minor, stored):
    with in_space(association):
        close_file(db.session.get_one(Mentee, (association.id, minor.id)))

    [said] = client.send(f"{link}/refus").flashes

    assert "il n'y a plus rien à autoriser" in said
    assert stored(association, Guardianship)[0].refused_at is None


def test_by_a_link_that_opens_nothing_nobody_refuses(client, association):
    assert client.send("/autorisation/x.y.z/refus").status == 404


def test_where_an_authorisation_is_noted_it_can_be_asked_for(office, row, minor, sent):
    page = office.page(f"{SPACE}/jeunes/{minor.id}/autorisation?pour=participation")
    [form] = [one for one in page.soup.find_all("form") if "La demander en ligne" in one.get_text()]

    office.send(form["action"])

    assert sent() == [NADEGE["email"]]
