"""A file's life: opened from a request, invited, authorised, and closed when the request is taken back."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import current_app

from app.accounts.models import Membership, User
from app.database import now
from app.extensions import db
from app.leads import actions as leads
from app.leads.actions import orient_all
from app.leads.models import Lead, LeadState, PersonColumns
from app.mail import Mail
from app.people import actions, authorising
from app.people.models import Authorisation, AuthorisationKind, FileState, Mentee, Mentor
from app.tenants.resolve import current_tenant
from app.web import today
from tests import factories

from .fixtures import day_ago

SPACE = "/a/passerelle"
SAID = {
    "sector": "Le bâtiment", "skills": "Écouter, expliquer", "preferred_public": "lycee", "message": "Bonjour à tous.",
    "guardian_name": "Nadège Parent", "guardian_email": "nadege@example.org", "guardian_phone": "+33612000099",
}  # fmt: skip
AUTHORISATION = {"kind": "participation", "given_by": "Nadège Parent", "how": "paper"}


@pytest.fixture
def accept(office, association, in_space):
    """Accept a request as a coordinator does; returns the page."""

    def do(kind="mentee", **changes):
        with in_space(association):
            lead = factories.lead(kind, **changes)
        return office.send(f"{SPACE}/demandes/{lead.id}/acceptation")

    return do


def place_of(in_space, association, person):
    """The membership that a file's account has."""
    with in_space(association):
        role = "jeune" if isinstance(person, Mentee) else "mentor"
        return db.session.get(Membership, (association.id, person.user_id, role))


@pytest.mark.parametrize(("kind", "model"), [("mentee", Mentee), ("mentor", Mentor)])
def test_an_accepted_request_becomes_a_file_with_everything_that_was_said(accept, association, stored, kind, model):
    page = accept(kind, source="ecole", **SAID)

    [lead], [person] = stored(association, Lead), stored(association, model)
    said = {name: getattr(lead, name) for name in PersonColumns.__annotations__}
    assert f"La demande de {lead.first_name} est acceptée : son dossier est ouvert." in page.text
    assert {name: getattr(person, name) for name in said} == said
    assert (person.lead_id, person.source, person.state) == (lead.id, "ecole", "active")


@pytest.mark.parametrize(("kind", "model", "files"), [("mentee", Mentee, "jeunes"), ("mentor", Mentor, "mentors")])
def test_the_file_leads_back_to_its_request_and_what_was_noted_there(office, association, in_space, stored, kind, model, files):
    with in_space(association):
        lead = factories.lead(kind)
    office.send(f"{SPACE}/demandes/{lead.id}/contacts", {"result": "reached", "note": "Veut commencer en janvier."})
    office.send(f"{SPACE}/demandes/{lead.id}/acceptation")
    page = office.page(f"{SPACE}/{files}/{stored(association, model)[0].id}")

    way = page.soup.find("a", string="Sa demande, avec les appels, les messages et leurs notes")

    assert "Veut commencer en janvier." in office.page(way["href"]).text


def test_a_file_that_came_by_no_request_leads_to_none(office, association, in_space):
    with in_space(association):
        mentee = factories.mentee(association)

    assert "Sa demande, avec" not in office.page(f"{SPACE}/jeunes/{mentee.id}").text


@pytest.mark.parametrize("kind", ["mentee", "mentor"])
def test_accepting_twice_opens_one_file(office, accept, association, stored, kind):
    accept(kind)
    [lead] = stored(association, Lead)

    office.send(f"{SPACE}/demandes/{lead.id}/acceptation")

    assert len([*stored(association, Mentee), *stored(association, Mentor)]) == 1


INVITED = [
    ("mentee", Mentee, "Noé", "Passerelle vous accompagne, et vous ouvre son espace"),
    ("mentor", Mentor, "Martine", "Viennent ensuite un entretien, puis la décision de l'association."),
]


@pytest.mark.parametrize(("kind", "model", "name", "said"), INVITED)
def test_an_adult_with_an_address_is_invited_by_mail(accept, association, stored, in_space, kind, model, name, said):
    accept(kind, email="nouveau@example.org")

    [mail], [person] = stored(association, Mail), stored(association, model)
    assert (mail.kind, mail.to_address) == ("invitation", "nouveau@example.org")
    assert f"Bonjour {name}," in mail.text
    assert said in mail.text
    assert person.invited_at is not None
    assert place_of(in_space, association, person).ended_at is None


def invitations(mails):
    """Without the letters that say who accepted."""
    return [mail for mail in mails if mail.kind != "file_opened"]


def test_a_minor_and_who_represents_them_learn_who_accepted(accept, association, stored):
    accept(age=16, guardian_name="Nadège Parent", guardian_email="nadege@example.org")

    told = {mail.to_address: mail.text for mail in stored(association, Mail) if mail.kind == "file_opened"}
    assert len(told) == 2
    assert "L'association vous contacte pour votre autorisation. Aucune rencontre n'a lieu avant." in told["nadege@example.org"]
    assert all("Passerelle" in words for words in told.values())
    assert sum("même si elle a déjà dit oui à votre demande" in words for words in told.values()) == 1


def test_a_minor_who_offers_to_mentor_is_not_told_that_they_are_taken(accept, association, stored):
    accept("mentor", age=16, guardian_name="Nadège Parent", guardian_email="nadege@example.org")

    told = [mail for mail in stored(association, Mail) if mail.kind == "file_opened"]
    assert len(told) == 2
    assert all("Viennent ensuite un entretien, puis la décision de l'association." in mail.text for mail in told)
    assert not any("accept" in mail.subject + mail.text for mail in told)


@pytest.mark.parametrize("agreed_at", [datetime(2026, 11, 30, 9, tzinfo=UTC), None])
def test_the_file_keeps_that_the_request_was_agreed_to_until_something_is_authorised(
    accept, office, association, stored, in_space, agreed_at
):
    accept(age=16, guardian_agreed_at=agreed_at, guardian_agreed_by="Nadège Parent" if agreed_at else None)
    [person] = stored(association, Mentee)
    said = "Nadège Parent a donné son accord pour la demande le 30 nov. 2026 : participer au mentorat s'autorise à part."

    assert (said in office.page(f"{SPACE}/jeunes/{person.id}").text) is (agreed_at is not None)
    with in_space(association):
        factories.authorisation(person)
    assert said not in office.page(f"{SPACE}/jeunes/{person.id}").text


@pytest.mark.parametrize("age", [12, 17])
def test_a_minor_is_not_invited_before_the_authorisation(accept, office, association, stored, age):
    accept(age=age)
    [person] = stored(association, Mentee)

    page = office.page(f"{SPACE}/jeunes/{person.id}")

    assert invitations(stored(association, Mail)) == []
    assert "L'invitation partira dès que l'autorisation de participation sera notée." in page.text
    assert "Inviter" not in [button.get_text() for button in page.soup.find_all("button")]


def test_a_minor_is_invited_once_the_authorisation_is_noted(accept, office, association, stored):
    accept(age=16)
    [person] = stored(association, Mentee)

    page = office.send(f"{SPACE}/jeunes/{person.id}/autorisation", {**AUTHORISATION, "given_on": day_ago(4)})

    [mail] = invitations(stored(association, Mail))
    assert page.flashes == ["L'autorisation est notée."]
    assert (mail.kind, mail.to_address) == ("invitation", person.email)
    assert "Invitation envoyée le" in page.text


@pytest.mark.parametrize(("kind", "status"), [("participation", 422), ("home", 422), ("own_agreement", 200)])
def test_a_minor_does_not_allow_for_themself(accept, office, association, stored, kind, status):
    accept(age=16)
    [person] = stored(association, Mentee)
    typed = {**AUTHORISATION, "kind": kind, "given_on": day_ago(4), "given_by": f"{person.last_name.upper()} {person.first_name}"}

    page = office.send(f"{SPACE}/jeunes/{person.id}/autorisation", typed)

    assert page.status == status
    assert page.errors == (
        [f"Avant 18 ans, c'est la personne qui représente {person.first_name} qui autorise."] if status == 422 else []
    )


def test_an_invitation_that_nobody_used_goes_with_the_authorisation(accept, client, office, association, stored):
    accept(age=16)
    [person] = stored(association, Mentee)
    office.send(f"{SPACE}/jeunes/{person.id}/autorisation", {**AUTHORISATION, "given_on": day_ago(4)})
    [mail], [row] = invitations(stored(association, Mail)), stored(association, Authorisation)
    link = re.search(r"/invitation/\S+", mail.text)[0]
    assert client.page(link).status == 200

    office.send(f"{SPACE}/autorisations/{row.id}/retrait")
    assert client.page(link).status == 410

    office.send(f"{SPACE}/jeunes/{person.id}/autorisation", {**AUTHORISATION, "given_on": day_ago(1)})
    assert len(invitations(stored(association, Mail))) == 2


@pytest.mark.parametrize("kind", ["own_agreement", "home"])
def test_another_authorisation_does_not_invite_a_minor(accept, office, association, stored, kind):
    accept(age=13)
    [person] = stored(association, Mentee)
    given_by = person.full_name if kind == "own_agreement" else AUTHORISATION["given_by"]

    said = {"given_on": day_ago(4), "kind": kind, "given_by": given_by}
    office.send(f"{SPACE}/jeunes/{person.id}/autorisation", {**AUTHORISATION, **said})

    assert [row.kind for row in stored(association, Authorisation)] == [kind]
    assert invitations(stored(association, Mail)) == []


def test_somebody_of_unknown_age_waits_like_a_minor(accept, association, stored):
    accept(birth_date=None)

    [person] = stored(association, Mentee)
    assert person.invited_at is None
    assert stored(association, Mail) == []


def test_a_second_authorisation_sends_no_second_invitation(accept, office, association, stored):
    accept(age=16)
    [person] = stored(association, Mentee)

    for days in (5, 4):
        office.send(f"{SPACE}/jeunes/{person.id}/autorisation", {**AUTHORISATION, "given_on": day_ago(days)})

    assert len(stored(association, Authorisation)) == 2
    assert len(invitations(stored(association, Mail))) == 1


def test_with_a_telephone_only_the_page_says_what_is_missing(accept, office, association, stored):
    accept(email=None)
    [person] = stored(association, Mentee)

    page = office.page(f"{SPACE}/jeunes/{person.id}")
    refused = office.send(f"{SPACE}/jeunes/{person.id}/invitation")

    assert "Il manque une adresse e-mail pour inviter Noé." in page.text
    assert refused.status == 409
    assert "Il manque une adresse e-mail pour inviter Noé." in refused.text


def test_two_files_with_the_same_address_are_both_kept_and_one_is_invited(accept, office, association, stored):
    accept(email="famille@example.org")
    accept(email="Famille@Example.org")

    first, second = stored(association, Mentee)
    assert (first.user_id is None, second.user_id is None) == (False, True)
    assert [mail.to_address for mail in stored(association, Mail)] == ["famille@example.org"]
    sentence = "Un autre dossier de cet espace utilise déjà cette adresse e-mail."
    assert sentence in office.page(f"{SPACE}/jeunes/{second.id}").text
    assert sentence not in office.page(f"{SPACE}/jeunes/{first.id}").text


def test_inviting_a_second_file_of_an_address_is_refused_in_a_sentence(accept, office, association, stored):
    accept(email="famille@example.org")
    accept(email="famille@example.org")
    _first, second = stored(association, Mentee)

    page = office.send(f"{SPACE}/jeunes/{second.id}/invitation")

    assert page.status == 409
    assert "Un autre dossier de cet espace utilise déjà cette adresse e-mail." in page.text


def test_somebody_who_left_comes_back_to_a_new_file(accept, office, association, stored, in_space):
    accept("mentor", email="rita@example.org")
    [left] = stored(association, Mentor)
    office.send(f"{SPACE}/mentors/{left.id}/retrait")

    accept("mentor", email="rita@example.org")

    before, after = stored(association, Mentor)
    assert (before.state, before.user_id, after.user_id) == ("withdrawn", None, left.user_id)
    assert [mail.to_address for mail in stored(association, Mail)].count("rita@example.org") == 2
    assert place_of(in_space, association, after).ended_at is None


def test_an_authorisation_noted_twice_is_one(accept, office, association, stored):
    accept(age=16)
    [person] = stored(association, Mentee)
    for _time in range(2):
        office.send(f"{SPACE}/jeunes/{person.id}/autorisation", {**AUTHORISATION, "given_on": day_ago(4)})

    assert len(stored(association, Authorisation)) == 1


@pytest.mark.parametrize(("noted", "error"), [
    ("Nadège Parent", "Représente Noé : Nadège Parent. Si c'est quelqu'un d'autre, notez-le d'abord."),
    (None, "Notez d'abord qui représente Noé : c'est cette personne qui autorise."),
])  # fmt: skip
def test_for_a_minor_nobody_allows_but_who_represents_them(noted, error, office, association, in_space, stored):
    with in_space(association):
        person = factories.mentee(association, age=16, account=False, first_name="Noé", guardian_name=noted)

    page = office.send(
        f"{SPACE}/jeunes/{person.id}/autorisation", {**AUTHORISATION, "given_on": day_ago(4), "given_by": "Bob Inconnu"}
    )

    assert [" ".join(said.split()) for said in page.errors] == [error]
    assert (stored(association, Authorisation), stored(association, Mail)) == ([], [])


def test_a_father_who_has_his_child_s_name_authorises(accept, office, association, stored):
    accept(age=16, first_name="Jean", last_name="Petit", guardian_name="Jean Petit", guardian_phone="+33612000099")
    [person] = stored(association, Mentee)

    given = {**AUTHORISATION, "given_by": "Jean Petit", "given_on": day_ago(4)}
    page = office.send(f"{SPACE}/jeunes/{person.id}/autorisation", given)

    assert page.flashes == ["L'autorisation est notée."]


def test_an_authorisation_that_is_taken_back_is_taken_back_however_often_it_was_noted(accept, office, association, stored):
    accept(age=16)
    [person] = stored(association, Mentee)
    for given_by, kind in (("Nadège Parent", "participation"), ("parent NADÈGE", "participation"), ("Nadège Parent", "image")):
        office.send(
            f"{SPACE}/jeunes/{person.id}/autorisation", {"kind": kind, "given_by": given_by, "how": "paper", "given_on": day_ago(4)}
        )
    first = stored(association, Authorisation)[0]

    office.send(f"{SPACE}/autorisations/{first.id}/retrait")

    assert [(row.kind, row.withdrawn_on is None) for row in stored(association, Authorisation)] == [
        ("participation", False), ("participation", False), ("image", True),
    ]  # fmt: skip


def test_a_brother_whose_address_is_taken_can_be_authorised_all_the_same(accept, office, association, stored):
    for _child in range(2):
        accept(email="famille@example.org", age=12)
    for person in stored(association, Mentee):
        page = office.send(f"{SPACE}/jeunes/{person.id}/autorisation", {**AUTHORISATION, "given_on": day_ago(4)})
        assert page.flashes == ["L'autorisation est notée."]

    assert len(stored(association, Authorisation)) == 2
    assert [person.invited_at is None for person in stored(association, Mentee)] == [False, True]


def test_a_jeune_who_becomes_a_mentor_keeps_their_account(accept, association, stored):
    accept("mentee", email="noe@example.org", first_name="Noé", last_name="Martin")
    accept("mentor", email="noe@example.org", first_name="noe", last_name="MARTIN")

    [mentee], [mentor] = stored(association, Mentee), stored(association, Mentor)
    assert mentee.user_id == mentor.user_id
    assert len(stored(association, Mail)) == 2


@pytest.mark.parametrize("kinds", [("mentee", "mentor"), ("mentor", "mentee")])
def test_a_child_and_a_parent_who_mentors_do_not_read_each_other_s_space(accept, office, association, stored, kinds):
    for kind in kinds:
        accept(kind, email="famille@example.org")
    files = {"mentee": (f"{SPACE}/jeunes", Mentee), "mentor": (f"{SPACE}/mentors", Mentor)}
    [first], [second] = (stored(association, files[kind][1]) for kind in kinds)
    path = f"{files[kinds[1]][0]}/{second.id}"

    page, refused = office.page(path), office.send(f"{path}/invitation")

    assert (first.user_id is None, second.user_id, second.invited_at) == (False, None, None)
    assert len(stored(association, Mail)) == 1
    sentence = f"Pour inviter {second.first_name}, notez une autre adresse dans son dossier."
    assert f"Un autre dossier de cet espace utilise déjà cette adresse e-mail. {sentence}" in page.text
    assert refused.status == 409


@pytest.mark.parametrize(("kind", "model"), [("mentee", Mentee), ("mentor", Mentor)])
def test_a_request_taken_back_after_it_was_accepted_closes_the_file_and_tells_staff(
    accept, association, stored, in_space, client, kind, model
):
    accept(kind, last_name="Kaddour")
    with in_space(association):
        link = leads.tracking_link(db.session.query(Lead).one()).removeprefix(current_app.config["BINOME"].public_url)

    client.send(f"{link}/retrait")

    [person], [*_before, mail] = stored(association, model), stored(association, Mail)
    assert person.state == FileState.WITHDRAWN
    assert place_of(in_space, association, person).ended_at is not None
    assert (mail.kind, mail.subject) == ("file_withdrawn", "Une demande est retirée après votre accord")
    assert f"{person.first_name} K. a retiré sa demande après que vous l'avez acceptée." in mail.text


def test_every_member_of_staff_is_told_and_nobody_else(accept, people, association, stored, in_space):
    accept()
    with in_space(association):
        leads.withdraw(db.session.query(Lead).filter_by(state=LeadState.ACCEPTED).one())

    told = {mail.to_address for mail in stored(association, Mail) if mail.kind == "file_withdrawn"}
    assert len(told) == 3, "two of the small association, and the one who accepted"
    assert people.mentor.email not in told


def test_a_file_that_staff_closed_before_is_left_alone(accept, association, stored, in_space):
    accept()
    with in_space(association):
        actions.close_file(db.session.query(Mentee).one())
    [closed] = stored(association, Mentee)
    with in_space(association):
        leads.withdraw(db.session.query(Lead).one())

    assert stored(association, Mentee)[0].withdrawn_at == closed.withdrawn_at
    assert [mail.kind for mail in stored(association, Mail)] == ["invitation"]


def test_a_request_without_a_file_can_be_taken_back(association, in_space, stored):
    with in_space(association):
        leads.withdraw(factories.lead(state=LeadState.ACCEPTED))

    assert stored(association, Lead)[0].state == LeadState.WITHDRAWN
    assert stored(association, Mail) == []


def test_closing_a_file_without_an_account_ends_no_place(association, in_space, stored):
    with in_space(association):
        actions.close_file(factories.mentee(association, account=False))

    assert stored(association, Mentee)[0].state == FileState.WITHDRAWN


def test_closing_a_file_again_does_not_keep_it_longer(association, in_space, stored):
    with in_space(association):
        person = factories.mentee(association, account=False)
        actions.close_file(person)
        person.forget_on = factories.today() + timedelta(days=5)

        actions.close_file(person)

    assert stored(association, Mentee)[0].forget_on == factories.today() + timedelta(days=5)


def test_inviting_again_somebody_whose_place_had_ended_opens_it_again(association, in_space):
    with in_space(association):
        person = factories.mentee(association)
        actions.end_membership(association.id, person.user_id, actions.role_of(person))
        actions.invite_person(person)

    assert place_of(in_space, association, person).ended_at is None


def test_an_authorisation_given_for_a_mentor_is_about_the_mentor_only(association, in_space):
    with in_space(association):
        mentor, mentee = factories.mentor(association, age=16), factories.mentee(association, age=16)
        factories.authorisation(mentor)
        today = factories.today()

        assert actions.allowed(mentor, AuthorisationKind.PARTICIPATION, today)
        assert not actions.allowed(mentee, AuthorisationKind.PARTICIPATION, today)
        assert not actions.allowed(mentor, AuthorisationKind.HOME, today)


def test_an_invitation_is_taken_back_from_who_comes_in_elsewhere(association, elsewhere, in_space):
    with in_space(elsewhere):
        account = factories.member(elsewhere, "jeune", "lea@example.org")
    with in_space(association):
        mentee = factories.mentee(association, age=16, account=False, email="lea@example.org")
        allowed = factories.authorisation(mentee)
        actions.invite_person(mentee)

        authorising.take_back(allowed, factories.today())

        place = db.session.get(Membership, (association.id, account.id, "jeune"), populate_existing=True)
        assert place.ended_at is not None


def test_a_link_that_went_to_a_wrong_address_closes_nothing_once_it_is_corrected(association, in_space, client, people):
    with in_space(association):
        lead = factories.lead()
        leads.accept(lead, people.coordinator.user_id)
        link, lead_id = leads.tracking_token(lead), lead.id
        mentee = db.session.query(Mentee).filter_by(lead_id=lead_id).one()
        actions.correct(mentee, {"email": "la-bonne@example.org"})

    assert client.send(f"/suivi/{link}/retrait").status == 404
    with in_space(association):
        assert db.session.query(Mentee).filter_by(lead_id=lead_id).one().state == FileState.ACTIVE


def test_nor_does_the_programmes(programme, association, in_space, client, people, run_jobs):
    with in_space(programme):
        asked = factories.lead(state="waiting")
        orient_all([asked], current_tenant, factories.today())
        link = leads.tracking_token(asked)
    run_jobs()
    with in_space(association):
        lead = db.session.query(Lead).filter_by(programme_lead_id=asked.id).one()
        leads.accept(lead, people.coordinator.user_id)
        mentee = db.session.query(Mentee).filter_by(lead_id=lead.id).one()
        actions.correct(mentee, {"email": None, "phone": "+33639981122"})
    run_jobs()

    assert client.send(f"/suivi/{link}/retrait").status == 404
    run_jobs()
    with in_space(association):
        assert db.session.query(Mentee).filter_by(lead_id=lead.id).one().state == FileState.ACTIVE


def test_an_account_whose_address_was_wrong_is_nobody_s(association, in_space):
    """It has no place anywhere: nothing of it is kept."""
    with in_space(association):
        person = factories.mentee(association)
        account = person.user_id

        actions.correct(person, {"email": "la-bonne@example.org"})

        assert person.user_id != account
        old = db.session.get(User, account, populate_existing=True)
        assert (old.email, old.active) == (f"{account.hex}@invalid", False)


def test_who_has_come_in_keeps_their_place_when_the_authorisation_goes(association, in_space):
    """What it allowed stops; the page that says why stays theirs."""
    with in_space(association):
        person = factories.mentee(association, age=16)
        row = factories.authorisation(person)
        place = db.session.get(Membership, (association.id, person.user_id, "jeune"))
        place.entered_at = now()

        authorising.take_back(row, today())

        assert place.ended_at is None
