"""The jeune's own agreement, under 15 and from 18: theirs alone, asked for in their space; taken back, it stops at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Membership, User
from app.extensions import db
from app.mail import Mail
from app.meetings.models import Meeting
from app.pairs.conditions import gate
from app.people.actions import allowed, correct, invite_person
from app.people.authorising import NotTheirs, authorise
from app.people.consent import asks_agreement, give
from app.people.guardians import name_guardian
from app.people.models import AuthorisationKind, Guardianship, Mentee
from app.web import today
from tests import factories
from tests.pairs.situations import born

from .fixtures import day_ago

SPACE = "/a/passerelle"
MINE = f"{SPACE}/mon-accord"


def again(association, person):
    return db.session.get_one(Mentee, (association.id, person.id), populate_existing=True)


@pytest.fixture
def child(association, in_space):
    """A child of 13 whose guardian agreed."""
    with in_space(association):
        person = factories.mentee(association, 13, first_name="Léa", last_name="Dupont", guardian_name="Sophie Dupont")
        factories.authorisation(person, given_by="Sophie Dupont")
    return person


@pytest.fixture
def grown(association, in_space):
    """Somebody of 18 for whom a guardian had agreed two years ago."""
    with in_space(association):
        person = factories.mentee(association, 18, first_name="Noé", last_name="Fontaine")
        person.created_at -= timedelta(days=800)
        factories.authorisation(person, given_on=today() - timedelta(days=700))
    return person


@pytest.mark.parametrize("given_by", ["Sophie Dupont", "Léa Martin"])
def test_nobody_gives_it_in_their_place(office, association, in_space, child, given_by):
    page = office.send(
        f"{SPACE}/jeunes/{child.id}/autorisation",
        {"kind": "own_agreement", "given_by": given_by, "given_on": day_ago(1), "how": "in_person"},
    )

    assert page.errors == ["C'est Léa qui donne son propre accord : personne ne le donne à sa place."]
    with in_space(association), pytest.raises(NotTheirs):
        authorise(again(association, child), AuthorisationKind.OWN_AGREEMENT, given_by, today(), "paper", None)


@pytest.mark.parametrize("asked", ["own_agreement", "majority"])
def test_the_team_finds_their_name_and_the_choice_ready(office, child, asked):
    page = office.page(f"{SPACE}/jeunes/{child.id}/autorisation?pour={asked}")

    assert page.value("given_by") == "Léa Dupont"
    assert page.soup.find("input", {"name": "kind", "checked": True})["value"] == "own_agreement"


@pytest.mark.parametrize("who", ["child", "grown"])
def test_they_agree_in_their_own_space_and_take_it_back(client, association, in_space, request, who):
    person = request.getfixturevalue(who)
    with in_space(association):
        factories.staff(association)
    client.sign_in(person.user_id)
    assert "Il manque votre accord" in client.page(f"{SPACE}/").text

    client.send(MINE)
    client.send(MINE)

    assert "Il manque votre accord" not in client.page(f"{SPACE}/").text
    assert "Vous avez dit oui le" in client.page(MINE).text
    with in_space(association):
        row = again(association, person)
        assert gate(None, row.id, today()) == []
        assert len([one for one in row.authorisations if one.kind == "own_agreement"]) == 1
        pair = factories.pair(factories.mentor(association, trained=True), row)
        meeting = factories.meeting(pair, 3)

    page = client.send(f"{MINE}/retrait")

    assert page.flashes[-1].startswith("C'est noté.")
    with in_space(association):
        assert db.session.get_one(Meeting, (association.id, meeting.id)).state == "cancelled"
        told = {mail.subject for mail in db.session.query(Mail) if mail.subject.endswith("son accord")}
        assert told == {f"{person.first_name} a donné son accord", f"{person.first_name} retire son accord"}


@pytest.mark.parametrize(("age", "given"), [(15, False), (15, True), (17, False), (17, True), (20, False)])
def test_nothing_is_asked_of_who_need_not_agree(client, association, in_space, age, given):
    with in_space(association):
        person = factories.mentee(association, age)
        if given:
            factories.authorisation(person, "own_agreement", given_on=today() - timedelta(days=200))
    client.sign_in(person.user_id)

    assert client.page(MINE).status == 404
    assert "Il manque votre accord" not in client.page(f"{SPACE}/").text


@pytest.mark.parametrize("age", [7, 13, 14, 15, 17, 18, 19, 25])
@pytest.mark.parametrize("parent", [None, 30, 1500])
@pytest.mark.parametrize("own", [None, 1, 1400])
def test_what_is_asked_is_what_the_gate_asks(association, in_space, age, parent, own):
    with in_space(association):
        person = factories.mentee(association, birth_date=born(age, today()))
        person.created_at -= timedelta(days=1600)
        for kind, ago in (("participation", parent), ("own_agreement", own)):
            if ago is not None:
                factories.authorisation(person, kind, given_on=today() - timedelta(days=ago))
        db.session.flush()
        db.session.expire(person)
        asked = {piece for piece, _side in gate(None, person.id, today())} & {"own_agreement", "majority"}

        assert asks_agreement(person, today()) is bool(asked)


def place_of(person):
    """The place that an invitation gave, though the file names its account no more."""
    given = select(Membership).join(User).where(User.email == person.email, Membership.role == "jeune")
    return db.session.scalars(given, execution_options={"populate_existing": True}).one()


def test_an_invitation_ends_with_the_guardian_who_allowed_it(association, in_space, office):
    with in_space(association):
        person = factories.mentee(association, 16, account=False)
        name_guardian(person, "Nadège Parent", "nadege@example.org", None)
        row = db.session.query(Guardianship).one()
        give(row, [AuthorisationKind.PARTICIPATION], "Nadège Parent")
        assert person.invited_at
    office.send(f"{SPACE}/representants/{row.id}/retrait")

    with in_space(association):
        left = again(association, person)
        assert not allowed(left, AuthorisationKind.PARTICIPATION, today())
        assert place_of(left).ended_at


def test_an_invitation_ends_with_a_date_of_birth_that_was_wrong(association, in_space):
    with in_space(association):
        person = factories.mentee(association, 20, account=False)
        invite_person(person)
        correct(person, {"birth_date": factories.birth_date(13), "email": person.email})

        assert place_of(person).ended_at
        assert (person.invited_at, person.is_told) == (None, False)
