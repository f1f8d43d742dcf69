"""A guardian authorises by a link: what is asked, what it opens, who is told, what is taken back, and what the link never opens."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from app.accounts.links import record_token
from app.accounts.models import Membership
from app.database import now
from app.extensions import db
from app.mail import Mail
from app.meetings.models import Meeting
from app.pairs.conditions import barred_today
from app.pairs.models import Pair
from app.people import consent
from app.people.actions import close_file
from app.people.guardians import name_guardian
from app.people.models import Authorisation, AuthorisationKind, Guardianship, Mentee
from app.tenants.resolve import current_tenant
from tests import factories
from tests.certificates.papers import text_of

from .situations import NADEGE, NADEGE_ALLOWS, SPACE


def allowed(stored, association):
    """What is noted: the kind, by whom, how, by nobody of the team, and whether it holds."""
    return {
        (one.kind, one.given_by, one.how, one.recorded_by, one.withdrawn_on is None) for one in stored(association, Authorisation)
    }


def test_nothing_is_allowed_on_a_closed_file(association, in_space, minor, row):
    """Its page says so; whoever had it open before reads it too."""
    with in_space(association):
        link = db.session.get_one(Guardianship, (association.id, row.id))
        close_file(link.mentee)

        with pytest.raises(consent.CannotAsk, match="Ce dossier est fermé"):
            consent.give(link, [AuthorisationKind.PARTICIPATION], "Nadège Parent")


def test_a_parent_who_was_noted_twice_still_represents_when_one_note_goes(association, in_space, minor, row):
    with in_space(association):
        person = db.session.get_one(Mentee, (association.id, minor.id))
        name_guardian(person, "Nadège Parent", "nadege.autre@example.org", None)
        link = db.session.get_one(Guardianship, (association.id, row.id))
        consent.give(link, [AuthorisationKind.PARTICIPATION], "Nadège Parent")
        consent.take_all_back(link)

        assert [one.withdrawn_on for one in person.authorisations] == [None]


@pytest.mark.parametrize(
    ("zone", "asked_at", "is_awaited"),
    [
        ("Europe/Paris", datetime(2026, 3, 1, 11, tzinfo=UTC), False),
        ("Pacific/Tahiti", datetime(2026, 3, 2, 1, tzinfo=UTC), False),  # the afternoon before, there
        ("Pacific/Noumea", datetime(2026, 3, 1, 22, tzinfo=UTC), True),  # the morning after
    ],
)
def test_what_was_taken_back_on_the_day_of_the_question_answers_it(association, in_space, minor, row, zone, asked_at, is_awaited):
    with in_space(association):
        current_tenant.timezone = zone
        link = db.session.get_one(Guardianship, (association.id, row.id))
        said = {"kind": "participation", "given_by": "Nadège Parent", "how": "paper", "text_version": "x"}
        taken_back = {
            "given_on": date(2026, 2, 1),
            "withdrawn_on": date(2026, 3, 1),
            "created_at": datetime(2026, 2, 1, tzinfo=UTC),
        }
        db.session.add(Authorisation(mentee_id=minor.id, **said, **taken_back))
        link.asked_at, link.refused_at = asked_at, None
        db.session.flush()

        assert consent.awaits(link) == is_awaited
        assert (minor.id in consent.asked_of([minor.id])) == is_awaited


def test_the_team_asks_and_the_guardian_reads_allows_and_sees_it(client, office, app, association, minor, row, link, stored):
    page = office.send(f"{SPACE}/representants/{row.id}/demande")

    assert page.flashes == ["Le lien est parti à nadege@example.org."]
    assert "Demandée en ligne à Nadège Parent le" in page.text
    [letter] = [mail for mail in stored(association, Mail) if mail.kind == "autorisation"]
    assert (letter.to_address, "/autorisation/" in letter.text) == ("nadege@example.org", True)
    parent = app.test_client()
    page = parent.page(link)
    assert page.heading == "Votre autorisation pour Inès"
    assert page.value("name") == "Nadège Parent"
    assert "a formé le mentor ou la mentore et vérifié les documents qu'elle lui demande." in page.text
    assert "Seule la participation est nécessaire au mentorat ; le reste est facultatif." in page.text
    assert "à photographier ou à filmer Inès pendant les activités de l'association" in page.text
    assert [box["value"] for box in page.soup.find_all("input", type="checkbox")] == ["participation", "home", "image"]

    page = parent.send(link, {"kinds": ["participation", "image"], "name": "Nadège Parent"})

    assert page.flashes == ["Merci. Votre autorisation est enregistrée."]
    assert [box["value"] for box in page.soup.find_all("input", type="checkbox")] == ["home"]
    assert "Ce qui suit est facultatif." in page.text
    assert ("J'autorise aussi" in page.text, "Je donne mon autorisation" in page.text) == (True, False)
    assert allowed(stored, association) == {(kind, "Nadège Parent", "link", None, True) for kind in ("participation", "image")}
    assert {one.text_version for one in stored(association, Authorisation)} == {consent.TEXT_VERSION}
    kinds = [mail.kind for mail in stored(association, Mail)]
    assert (kinds.count("invitation"), kinds.count("autorisation")) == (1, 2)  # the jeune comes in, the team is told once
    assert "En ligne" in office.page(f"{SPACE}/jeunes/{minor.id}").text


def test_twice_is_once(client, link, association, stored):
    for _time in range(2):
        client.send(link, NADEGE_ALLOWS)

    assert len(stored(association, Authorisation)) == 1


def test_what_is_taken_back_closes_the_gate_at_once_and_the_team_is_told(client, link, association, in_space, minor, stored):
    client.send(link, NADEGE_ALLOWS)
    with in_space(association):
        person = db.session.get_one(Mentee, (association.id, minor.id))
        pair = factories.pair(factories.mentor(association, trained=True), person)
        meeting = factories.meeting(pair, 3)

    for _time in range(2):
        page = client.send(f"{link}/retrait/participation")

    assert page.flashes[0].startswith("C'est noté")
    assert allowed(stored, association) == {("participation", "Nadège Parent", "link", None, False)}
    with in_space(association):
        assert barred_today(db.session.get_one(Pair, (association.id, pair.id))) == [("participation", "mentee")]
        assert db.session.get_one(Meeting, (association.id, meeting.id)).state == "cancelled"
    told = [mail for mail in stored(association, Mail) if mail.kind == "autorisation"]
    assert sum("n'autorise plus pour" in mail.text and "participer au mentorat" in mail.text for mail in told) == 1
    assert not any("Nadège" in mail.subject or "Personned" in mail.subject for mail in told)  # the subject is kept
    client.send(link, NADEGE_ALLOWS)
    assert ("participation", "Nadège Parent", "link", None, True) in allowed(stored, association)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"name": "Nadège Parent"}, "Cochez ce que vous autorisez."),
        ({"kinds": ["image"], "name": "Nadège Parent"}, "Cochez aussi la participation"),
        ({"kinds": ["participation"], "name": ""}, "À remplir."),
        ({"kinds": ["participation"], "name": "Inès Benali"}, "L'association a noté"),
        ({"kinds": ["ase_parental"], "name": "Nadège Parent"}, "Choisissez parmi les réponses proposées"),
        ({"kinds": ["own_agreement"], "name": "Nadège Parent"}, "Choisissez parmi les réponses proposées"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_noted(client, link, association, stored, typed, error):
    page = client.send(link, typed)

    assert page.status == 422
    assert error in " ".join(page.errors)
    assert stored(association, Authorisation) == []


def test_nobody_is_said_to_be_told_where_nobody_is(client, link, association, in_space):
    client.send(link, NADEGE_ALLOWS)
    assert client.send(f"{link}/retrait/image").flashes[0].endswith("L'association est prévenue.")
    with in_space(association):
        db.session.execute(update(Membership).where(Membership.role.in_(("admin", "coordinator"))).values(ended_at=now()))

    [said] = client.send(f"{link}/retrait/participation").flashes
    assert said.endswith("Pour l'instant, personne d'autre à l'association ne peut le lire.")


def test_the_link_of_one_parent_does_not_sign_as_the_other(client, office, link, minor, association, stored):
    office.send(f"{SPACE}/jeunes/{minor.id}/representant", {"name": "Kofi Parent", "relation": "parent", "email": "k@example.org"})

    page = client.send(link, {"kinds": ["participation"], "name": "Kofi Parent"})

    assert (page.status, "L'association a noté" in page.errors[0]) == (422, True)
    assert stored(association, Authorisation) == []
    assert client.send(link, NADEGE_ALLOWS).status == 200


def close(association, in_space, minor):
    with in_space(association):
        close_file(db.session.get_one(Mentee, (association.id, minor.id)))


def test_on_a_closed_file_a_guardian_takes_back_and_allows_nothing_more(client, office, link, association, in_space, minor, stored):
    client.send(link, {"kinds": ["participation", "image"], "name": "Nadège Parent"})
    close(association, in_space, minor)
    assert "est fermé" in client.page(link).text

    client.send(f"{link}/retrait/participation")
    refused = client.send(link, {"kinds": ["participation"], "name": "Nadège Parent"})

    assert refused.status == 422
    assert allowed(stored, association) == {
        ("participation", "Nadège Parent", "link", None, False), ("image", "Nadège Parent", "link", None, True),
    }  # fmt: skip


def test_who_represents_nobody_any_more_allowed_nothing_by_their_link(client, office, link, association, row, stored):
    client.send(link, NADEGE_ALLOWS)

    office.send(f"{SPACE}/representants/{row.id}/retrait")

    assert allowed(stored, association) == {("participation", "Nadège Parent", "link", None, False)}


def test_nor_on_paper_and_the_page_says_what_is_missing(office, association, in_space, minor, row, stored):
    with in_space(association):
        factories.authorisation(db.session.get_one(Mentee, (association.id, minor.id)), given_by="Nadège Parent")

    office.send(f"{SPACE}/representants/{row.id}/retrait")

    [paper] = stored(association, Authorisation)
    assert paper.withdrawn_on == factories.today()
    assert "l'autorisation parentale manque" in office.page(f"{SPACE}/jeunes/{minor.id}").text


def test_the_other_parent_s_paper_stays(client, office, link, minor, association, in_space, row, stored):
    client.send(link, NADEGE_ALLOWS)
    with in_space(association):
        factories.authorisation(db.session.get_one(Mentee, (association.id, minor.id)), given_by="Kofi Parent")

    office.send(f"{SPACE}/representants/{row.id}/retrait")

    held = {(one.given_by, one.how, one.withdrawn_on is None) for one in stored(association, Authorisation)}
    assert held == {("Nadège Parent", "link", False), ("Kofi Parent", "paper", True)}


def test_under_15_the_child_agrees_too(client, office, association, in_space, app, stored):
    with in_space(association):
        person = factories.mentee(association, age=13, account=False, first_name="Lina")
    office.send(f"{SPACE}/jeunes/{person.id}/representant", NADEGE)
    [row] = stored(association, Guardianship)
    with in_space(association):
        link = f"/autorisation/{consent.link_of(db.session.get_one(Guardianship, (association.id, row.id)))}"

    client.send(link, NADEGE_ALLOWS)

    assert "il faut aussi son propre accord" in office.page(f"{SPACE}/jeunes/{person.id}").text


CHANGES = {
    "of age": lambda person, _row: setattr(person, "birth_date", factories.birth_date(18)),
    "erased": lambda person, _row: setattr(person, "erased_at", factories.now()),
    "another address": lambda _person, row: setattr(row.guardian, "email", "autre@example.org"),
    "the jeune's own": lambda person, row: setattr(person, "email", row.guardian.email.upper()),
    "no more theirs": lambda _person, row: db.session.delete(row),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_link_opens_nothing_any_more(client, link, association, in_space, minor, row, stored, change):
    with in_space(association):
        person = db.session.get_one(Mentee, (association.id, minor.id))
        CHANGES[change](person, db.session.get_one(Guardianship, (association.id, row.id)))

    assert [client.get(link).status_code, client.post(link, data=NADEGE_ALLOWS).status_code] == [404, 404]
    assert client.post(f"{link}/retrait/participation").status_code == 404
    assert stored(association, Authorisation) == []


@pytest.mark.parametrize("token", ["x", "x.y", ""])
def test_a_forged_link_opens_nothing(client, association, token):
    assert client.get(f"/autorisation/{token}").status_code == 404


def test_nor_does_a_link_of_another_kind(client, app, association, row):
    with app.app_context():
        assert client.get(f"/autorisation/{record_token('accord', association.id, row.id)}").status_code == 404


def test_it_is_asked_once_an_hour_at_most_and_of_who_has_an_address(office, association, in_space, row, stored):
    office.send(f"{SPACE}/representants/{row.id}/demande")

    again = office.send(f"{SPACE}/representants/{row.id}/demande")

    assert again.flashes[0].startswith("Le lien vient de partir")
    with in_space(association):
        kept = db.session.get_one(Guardianship, (association.id, row.id))
        kept.asked_at = now() - timedelta(hours=2)
        kept.guardian.email, kept.guardian.phone = None, "+33612000099"
    refused = office.send(f"{SPACE}/representants/{row.id}/demande")
    assert refused.flashes[0].startswith("Il manque une adresse")
    assert [mail.kind for mail in stored(association, Mail)] == ["autorisation"]


def test_at_a_corrected_address_it_is_asked_at_once(office, minor, association, in_space, row, stored):
    with in_space(association):
        db.session.get_one(Guardianship, (association.id, row.id)).guardian.phone = "+33612000099"
    office.send(f"{SPACE}/representants/{row.id}/demande")

    page = office.send(
        f"{SPACE}/jeunes/{minor.id}/representant", {**NADEGE, "email": "la-bonne@example.org", "phone": "0612000099"}
    )
    assert "Demandée en ligne à Nadège Parent le" not in page.text
    office.send(f"{SPACE}/representants/{row.id}/demande")

    assert "la-bonne@example.org" in [mail.to_address for mail in stored(association, Mail)]


def test_homes_are_asked_about_where_they_may_be(in_space, association, minor):
    with in_space(association):
        person = db.session.get_one(Mentee, (association.id, minor.id))
        assert AuthorisationKind.HOME in consent.offered(person)
        person.places = ["remote"]
        assert AuthorisationKind.HOME not in consent.offered(person)


def test_the_sheet_to_print_says_the_same(office, minor):
    answer = office.get(f"{SPACE}/jeunes/{minor.id}/autorisation/formulaire")

    said = text_of(answer.data)
    for words in ("Autorisation parentale", minor.full_name, "Nadège Parent", "participer au mentorat", consent.TEXT_VERSION):
        assert words in said


def test_by_a_link_nobody_authorises_under_the_name_of_the_minor(client, association, in_space, office, minor, stored):
    office.send(f"{SPACE}/jeunes/{minor.id}/representant", {**NADEGE, "name": minor.full_name})
    [row] = stored(association, Guardianship)[-1:]
    with in_space(association):
        link = f"/autorisation/{consent.link_of(db.session.get_one(Guardianship, (association.id, row.id)))}"

    page = client.send(link, {**NADEGE_ALLOWS, "name": minor.full_name})

    assert (page.status, page.errors) == (
        422, ["Ce nom est aussi celui d'Inès : donnez votre autorisation à l'association, sur papier."],
    )  # fmt: skip
    assert stored(association, Authorisation) == []
