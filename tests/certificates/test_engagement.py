"""The certificate of engagement, as staff issue it, hold it and take it back; and who may download it."""

import hashlib

import pytest
from sqlalchemy import select

from app.certificates.actions import correct, revoke
from app.certificates.models import Certificate
from app.certificates.queries import certificates
from app.database import now
from app.extensions import db
from app.tenants.models import Tenant
from app.web import written
from tests import factories

from .situations import certified


def path_of(pair):
    return f"/a/passerelle/binomes/{pair.id}/attestation"


@pytest.fixture
def issued(in_space, association):
    """Every certificate of the association, the latest first."""

    def read():
        with in_space(association):
            return list(db.session.scalars(certificates("")))

    return read


def test_it_states_hours_meetings_and_period(engagement, people):
    facts = engagement.facts

    assert (facts["meetings"], facts["minutes"], facts["training_minutes"]) == (2, 150, 120)
    assert facts["holder"] == people.mentor.full_name
    assert facts["from"] < facts["to"] < facts["issued_on"]
    assert (facts["signatory_name"], facts["signatory_office"]) == ("Claire Morel", "présidente")
    assert engagement.issued_by == people.coordinator.user_id


def test_the_page_shows_what_will_be_stated(coordinator, people, in_space, association):
    with in_space(association):
        factories.meeting(people.pair, -10, "held", minutes=90)

    page = coordinator.page(path_of(people.pair))

    assert page.heading == f"Attester l'engagement de {people.mentor.full_name}"
    assert "Séances tenues 1 Durée 1 h 30" in page.text
    assert "Formation 2 h Signature Claire Morel, présidente" in page.text


def test_nobody_who_signs_is_said_before_pressing(coordinator, people, in_space, association):
    with in_space(association):
        factories.meeting(people.pair, -10, "held", minutes=90)
        db.session.get(Tenant, association.id).signatory_name = ""

    page = coordinator.page(path_of(people.pair))

    assert "Signature Personne : les responsables de l'espace choisissent dans « Réglages » qui signe." in page.text


def test_nothing_held_is_said_before_and_after_pressing(coordinator, people, issued):
    page = coordinator.page(path_of(people.pair))
    assert "Rien à attester pour l'instant" in page.text

    page = coordinator.send(path_of(people.pair))

    assert page.status == 422
    assert "Aucune séance n'est encore notée comme tenue : il n'y a rien à attester." in page.text
    assert issued() == []


def test_asked_twice_it_is_the_same_one_and_one_letter(coordinator, people, engagement, issued, letters):
    page = coordinator.send(path_of(people.pair))

    assert page.flashes == [f"L'attestation {engagement.reference_number} est prête."]
    assert [c.id for c in issued()] == [engagement.id]
    assert len(letters("certificate_issued")) == 1


def test_a_new_meeting_makes_another_one(coordinator, people, engagement, issued, in_space, association):
    with in_space(association):
        factories.meeting(people.pair, -1, "held", minutes=30)

    coordinator.send(path_of(people.pair))

    assert [(c.number, c.facts["minutes"]) for c in issued()] == [(2, 180), (1, 150)]


def test_a_revoked_one_is_made_again(coordinator, people, engagement, issued):
    coordinator.send(f"/a/passerelle/attestations/{engagement.id}/revocation", {"reason": "Nom mal écrit"})

    coordinator.send(path_of(people.pair))

    assert [(c.number, c.is_valid) for c in issued()] == [(2, True), (1, False)]


def test_the_page_of_the_pair_lists_it(coordinator, people, engagement):
    page = coordinator.page(f"/a/passerelle/binomes/{people.pair.id}")

    assert page.soup.find("a", string=engagement.reference_number)
    assert page.soup.find("a", string="Attester l'engagement de Karim")


def test_a_jeunes_file_lists_theirs_once_there_is_one(coordinator, people, worked, in_space, association):
    path = f"/a/passerelle/jeunes/{people.mentee.id}"
    assert "Attestations" not in [title.get_text() for title in coordinator.page(path).soup.find_all("h2")]
    with in_space(association):
        certificate = certified("participation", worked)

    assert coordinator.page(path).soup.find("a", string=certificate.reference_number)


def test_the_page_of_a_certificate_says_everything_it_states(coordinator, people, engagement):
    page = coordinator.page(f"/a/passerelle/attestations/{engagement.id}")

    assert page.heading == people.mentor.full_name
    assert "Attestation d'engagement L'association Passerelle atteste que Karim" in page.text
    assert "soit 2 séances et 2 heures 30, avec une formation de 2 heures au rôle de mentor." in page.text
    assert f"Nature Engagement Faite le {written(engagement.issued_on, 'd MMM y')}" in page.text
    assert "Sceau de Binôme" in page.text
    assert f"http://localhost/verifier/{engagement.shown_code}" in page.text
    assert engagement.sha256 in page.text


def test_the_list_reads_the_latest_first_and_finds_by_name(coordinator, people, engagement, in_space, association):
    with in_space(association):
        other = factories.mentor(association, trained=True, first_name="Élodie", last_name="Çelik")
        pair = factories.pair(other, factories.mentee(association))
        factories.meeting(pair, state="held")
    coordinator.send(path_of(pair))

    page = coordinator.page("/a/passerelle/attestations")
    assert [row[1:3] for row in page.rows] == [["Élodie Çelik", "Engagement"], [people.mentor.full_name, "Engagement"]]
    assert [row[1] for row in coordinator.page("/a/passerelle/attestations?q=elodie+celik").rows] == ["Élodie Çelik"]
    [row] = coordinator.page("/a/passerelle/attestations?q=elodie+celik").rows
    number = next(word for cell in row for word in cell.split() if "-20" in word)
    assert [row[1] for row in coordinator.page(f"/a/passerelle/attestations?q={number}").rows] == ["Élodie Çelik"]
    assert [row[1] for row in coordinator.page(f"/a/passerelle/attestations?q={number[3:]}").rows] == ["Élodie Çelik"]
    assert "Aucune attestation ne correspond." in coordinator.page(f"/a/passerelle/attestations?q={number}9").text
    assert "Aucune attestation ne correspond." in coordinator.page("/a/passerelle/attestations?q=100%25").text


def test_the_list_is_narrowed_to_a_nature_and_a_state(coordinator, people, worked, in_space, association):
    with in_space(association):
        hours, engagement, _training = (certified(kind, worked) for kind in ("hours", "engagement", "training"))
        revoke(hours, "Erreur", people.admin.user_id)
        correct(engagement, "Erreur", people.admin.user_id)

    def shown(asked):
        return [(row[2], row[4]) for row in coordinator.page(f"/a/passerelle/attestations?{asked}").rows]

    assert shown("nature=engagement") == [("Engagement", "valide"), ("Engagement", "remplacée")]
    assert shown("etat=revoquees") == [("Engagement", "remplacée"), ("Heures données", "révoquée")]
    assert shown("etat=valides&nature=training") == [("Formation", "valide")]
    assert len(shown("nature=x&etat=y")) == 4


def test_a_list_of_certificates_is_one_query(coordinator, engagement, statements):
    with statements() as seen:
        coordinator.page("/a/passerelle/attestations")

    assert len([s for s in seen if "FROM certificates" in s]) == 1


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [("", "Indiquez la raison."), ("  ", "Indiquez la raison."), ("x" * 501, "C'est trop long : 500 caractères au plus.")],
)
def test_a_revocation_needs_a_reason(reason, sentence, coordinator, engagement, issued):
    page = coordinator.send(f"/a/passerelle/attestations/{engagement.id}/revocation", {"reason": reason})

    assert (page.status, page.errors) == (422, [sentence])
    assert issued()[0].is_valid


def test_a_revocation_is_read_by_staff_and_by_the_mentor(coordinator, mentor, engagement):
    page = coordinator.send(f"/a/passerelle/attestations/{engagement.id}/revocation", {"reason": "Heures fausses"})

    assert page.flashes == ["L'attestation est révoquée."]
    assert "Révoquée le" in page.text
    assert "Heures fausses" in page.text
    assert page.soup.find("a", string="Révoquer") is None
    assert coordinator.page("/a/passerelle/attestations").rows[0][4] == "révoquée"
    assert "révoquée" in mentor.page("/a/passerelle/mes-attestations").text


def test_the_holder_is_told_once_why(coordinator, people, engagement, letters):
    for reason in ("Heures fausses", "Une autre"):
        coordinator.send(f"/a/passerelle/attestations/{engagement.id}/revocation", {"reason": reason})

    (letter,) = letters("certificate_revoked")
    assert (letter.to_address, letter.subject) == (people.mentor.email, "Une de vos attestations n'est plus valable")
    assert f"{engagement.reference_number} n'est plus valable" in letter.text
    assert "Heures fausses" in letter.text


def test_revoking_twice_keeps_the_first_reason(coordinator, engagement, issued):
    where = f"/a/passerelle/attestations/{engagement.id}/revocation"
    assert coordinator.page(where).heading == f"Révoquer {engagement.reference_number}"
    coordinator.send(where, {"reason": "La première"})

    coordinator.send(where, {"reason": "La seconde"})

    assert issued()[0].revocation_reason == "La première"


def test_the_holder_and_staff_download_the_same_bytes(coordinator, mentor, engagement, file_of):
    for client, path in ((coordinator, "attestations"), (mentor, "mes-attestations")):
        response = client.get(f"/a/passerelle/{path}/{engagement.id}/fichier")

        assert response.data == file_of(engagement)
        assert response.content_type == "application/pdf"
        name = f'attachment; filename="attestation-{engagement.reference_number}.pdf"'
        assert response.headers["Content-Disposition"] == name


def test_another_mentor_does_not_download_it(app, in_space, association, engagement):
    with in_space(association):
        other = factories.mentor(association)

    client = app.test_client().sign_in(other.user_id)

    assert client.get(f"/a/passerelle/mes-attestations/{engagement.id}/fichier").status_code == 404
    assert client.get(f"/a/passerelle/attestations/{engagement.id}/fichier").status_code == 403


def test_the_jeune_sees_nothing_of_the_mentors(jeune, people, engagement):
    for path in ("attestations", f"attestations/{engagement.id}", f"attestations/{engagement.id}/fichier"):
        assert jeune.get(f"/a/passerelle/{path}").status_code == 403
    assert jeune.get(f"/a/passerelle/mes-attestations/{engagement.id}/fichier").status_code == 404
    assert engagement.reference_number not in jeune.page("/a/passerelle/mes-attestations").html
    assert jeune.send(path_of(people.pair)).status == 403


def test_a_mentor_issues_nothing(mentor, people):
    assert mentor.page(path_of(people.pair)).status == 403
    assert mentor.send(path_of(people.pair)).status == 403


def test_an_account_without_a_file_holds_nothing(app, in_space, association, engagement):
    with in_space(association):
        account = factories.member(association, "mentor")

    client = app.test_client().sign_in(account.id)

    assert client.get("/a/passerelle/mes-attestations").status_code == 404
    assert client.get(f"/a/passerelle/mes-attestations/{engagement.id}/fichier").status_code == 404


@pytest.mark.parametrize("path", ["", "/fichier", "/revocation"])
def test_another_associations_certificate_does_not_exist(path, app, in_space, elsewhere, engagement):
    with in_space(elsewhere):
        staff = factories.staff(elsewhere)

    client = app.test_client().sign_in(staff.user_id)

    assert client.get(f"/a/ailleurs/attestations/{engagement.id}{path}").status_code == 404


def test_another_associations_pair_is_not_certified(app, in_space, elsewhere, people):
    with in_space(elsewhere):
        staff = factories.staff(elsewhere)

    assert app.test_client().sign_in(staff.user_id).send(f"/a/ailleurs/binomes/{people.pair.id}/attestation").status == 404


def test_the_file_stands_under_its_number_with_its_digest(engagement, file_of):
    place = f"attestations/{engagement.year}/{engagement.reference_number}-{engagement.code}.pdf"

    assert engagement.file_key == f"{engagement.tenant_id}/{place}"
    assert hashlib.sha256(file_of(engagement)).hexdigest() == engagement.sha256


def test_numbers_start_again_each_year_and_in_each_association(app, in_space, association, elsewhere, people):
    from app.certificates.actions import next_number

    year = now().year
    with in_space(association):
        assert [next_number(year), next_number(year), next_number(year + 1), next_number(year)] == [1, 2, 1, 3]
    with in_space(elsewhere):
        assert next_number(year) == 1


def test_the_database_holds_one_certificate_for_a_completion(in_space, association, people):
    from sqlalchemy.exc import IntegrityError

    from app.certificates.actions import issue_for_training
    from app.training.models import Completion

    with in_space(association):
        first = issue_for_training(db.session.scalars(select(Completion)).one())
        copy = {c.name: getattr(first, c.name) for c in Certificate.__table__.columns if c.name not in {"id", "number"}}
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.add(Certificate(**copy, number=99))
