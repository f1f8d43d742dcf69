"""A certificate that was wrong: revoked with a reason, and replaced by another that says so."""

import pytest
from sqlalchemy.exc import IntegrityError

from app.certificates.actions import AlreadyReplaced, correct, issue_for_pair, issue_for_period, revoke
from app.certificates.models import Certificate, CertificateKind
from app.extensions import db
from app.meetings.models import Meeting
from app.pairs.models import Pair
from app.people.models import Mentor
from tests import factories

from .papers import attached, text_of
from .situations import certified, completion_of, deserved, last_year
from .tokens import payload_of


@pytest.fixture
def path(engagement):
    return f"/a/passerelle/attestations/{engagement.id}/correction"


def corrected(certificate, by):
    """The same, corrected."""
    return correct(db.session.get(Certificate, (certificate.tenant_id, certificate.id)), "Erreur", by)


def test_a_correction_says_what_is_true_today_and_names_what_it_replaces(
    coordinator, path, engagement, people, in_space, association, issued, file_of
):
    with in_space(association):
        db.session.get(Mentor, (association.id, people.mentor.id)).first_name = "Karima"

    page = coordinator.send(path, {"reason": "Prénom mal écrit"})

    old, new = issued()
    assert page.heading == new.facts["holder"] == f"Karima {people.mentor.last_name}"
    assert f"Remplace {old.reference_number}" in page.text
    assert f"Annule et remplace l'attestation n° {old.reference_number}." in text_of(file_of(new))
    assert (new.replaces_id, new.number, old.is_valid, new.is_valid) == (old.id, 2, False, True)


def test_what_was_corrected_says_why_and_leads_to_the_other(coordinator, path, engagement, issued):
    coordinator.send(path, {"reason": "Prénom mal écrit"})

    page = coordinator.page(f"/a/passerelle/attestations/{engagement.id}")

    assert "Prénom mal écrit" in page.text
    link = page.soup.find("a", string=f"Remplacée par {issued()[1].reference_number}")
    assert link["href"] == f"/a/passerelle/attestations/{issued()[1].id}"
    assert page.soup.find("a", string="Corriger") is None


def test_the_first_file_stays_as_it_was(coordinator, path, engagement, file_of):
    before = file_of(engagement)

    coordinator.send(path, {"reason": "Prénom mal écrit"})

    assert file_of(engagement) == before
    assert coordinator.get(f"/a/passerelle/attestations/{engagement.id}/fichier").data == before


def test_corrected_twice_it_is_one_correction_and_one_letter(coordinator, path, issued, letters):
    coordinator.send(path, {"reason": "La première"})

    page = coordinator.send(path, {"reason": "La seconde"})

    assert page.flashes == [f"L'attestation {issued()[1].reference_number} est prête."]
    assert [row.revocation_reason for row in issued()] == ["La première", None]
    assert len(letters("certificate_issued")) == 2  # one for each certificate


def test_who_revokes_what_a_colleague_just_corrected_is_led_to_what_stands_in_its_place(coordinator, path, engagement, issued):
    coordinator.send(path, {"reason": "Prénom mal écrit"})

    page = coordinator.send(f"/a/passerelle/attestations/{engagement.id}/revocation", {"reason": "Fausse"})

    number = issued()[1].reference_number
    assert page.flashes == [
        f"Cette attestation vient d'être corrigée : {number}, que voici, la remplace et reste valable. "
        "Si elle est fausse aussi, révoquez-la."
    ]
    assert page.soup.find("a", string="Révoquer")["href"] == f"/a/passerelle/attestations/{issued()[1].id}/revocation"
    assert [row.is_valid for row in issued()] == [False, True]


def test_a_correction_that_another_says_already_is_refused(coordinator, path, engagement, in_space, association, people, issued):
    with in_space(association):
        factories.meeting(people.pair, days=-1, state="held")
        later = issue_for_pair(CertificateKind.ENGAGEMENT, db.session.merge(people.pair), people.coordinator.user_id)

    page = coordinator.send(path, {"reason": "Une séance manquait"})

    assert page.errors == [f"L'attestation {later.reference_number} le dit déjà. Révoquez plutôt celle-ci."]
    assert [row.is_valid for row in issued()] == [True, True]


@pytest.mark.parametrize("kind", CertificateKind)
def test_each_kind_can_be_corrected(kind, in_space, association, people, worked):
    with in_space(association):
        first = certified(kind, worked)

        again = corrected(first, people.coordinator.user_id)

        assert again.facts["replaces"] == first.reference_number
        assert {name: again.facts[name] for name in deserved(kind, worked).facts} == deserved(kind, worked).facts
        assert (again.kind, again.holder_id, again.pair_id, again.completion_id) == (
            first.kind, first.holder_id, first.pair_id, first.completion_id)  # fmt: skip


def test_a_correction_can_be_corrected(in_space, association, people, worked):
    by = people.coordinator.user_id
    with in_space(association):
        first = certified("engagement", worked)
        second = corrected(first, by)
        third = corrected(second, by)

        assert corrected(first, by) is second
        assert third.facts["replaces"] == second.reference_number


OBJECTIVES = [
    ({"objectives": ["Oser"], "agreed": "y"}, ["Oser"]),
    ({"objectives": ["Oser", "Choisir une formation"], "agreed": "y"}, ["Oser", "Choisir une formation"]),
    ({}, None),
]


@pytest.mark.parametrize(("typed", "cited"), OBJECTIVES)
def test_a_jeunes_correction_cites_what_is_ticked(typed, cited, coordinator, in_space, association, people, worked, issued):
    with in_space(association):
        first = issue_for_pair(CertificateKind.PARTICIPATION, worked, people.coordinator.user_id, ["Oser"])
    path = f"/a/passerelle/attestations/{first.id}/correction"
    page = coordinator.page(path)
    assert [box["value"] for box in page.soup.select("input[name=objectives][checked]")] == ["Oser"]

    coordinator.send(path, {"reason": "Objectifs", **typed})

    assert issued()[1].facts.get("objectives") == cited


def test_a_mentors_correction_is_asked_no_objective(coordinator, path):
    page = coordinator.page(path)

    assert page.soup.select("input[name=objectives], input[name=agreed]") == []


def test_the_period_that_was_certified_is_certified_again(in_space, association, people, worked):
    with in_space(association):
        mentor = db.session.get(Mentor, (association.id, people.mentor.id))
        first = issue_for_period(CertificateKind.HOURS, mentor, last_year(), people.coordinator.user_id)
        factories.meeting(db.session.get(Pair, (association.id, worked.id)), -2, "held", minutes=30)

        again = corrected(first, people.coordinator.user_id)

    assert (again.facts["from"], again.facts["to"]) == (first.facts["from"], first.facts["to"])
    assert (first.facts["minutes"], again.facts["minutes"]) == (90, 120)


def test_a_completion_has_one_valid_certificate_at_a_time(in_space, association, people):
    with in_space(association):
        first = certified("training", people.pair)
        again = corrected(first, people.coordinator.user_id)
        revoke(again, "Erreur", people.coordinator.user_id)
        db.session.flush()
        third = certified("training", people.pair)

        with pytest.raises(IntegrityError, match="uq_certificates_completion"), db.session.begin_nested():
            certified("training", people.pair)
        assert {first.completion_id, third.completion_id} == {completion_of(people.mentor).id}


def test_what_was_revoked_for_good_is_not_corrected(coordinator, path, engagement, people, in_space, association, issued):
    with in_space(association):
        revoke(db.session.get(Certificate, (association.id, engagement.id)), "Fausse", people.coordinator.user_id)
    with in_space(association), pytest.raises(AlreadyReplaced):
        corrected(engagement, people.coordinator.user_id)

    page = coordinator.send(path, {"reason": "Une autre"})

    assert (page.status, page.errors) == (422, ["Cette attestation est révoquée : faites-en une nouvelle."])
    assert [row.revocation_reason for row in issued()] == ["Fausse"]


def test_where_nothing_is_left_to_certify_nothing_is_revoked(coordinator, path, in_space, association, issued):
    with in_space(association):
        for meeting in db.session.query(Meeting):
            meeting.state = "cancelled"

    page = coordinator.send(path, {"reason": "Erreur"})

    assert (page.status, page.errors) == (422, ["Aucune séance n'est encore notée comme tenue : il n'y a rien à attester."])
    assert [row.is_valid for row in issued()] == [True]


@pytest.mark.parametrize("reason", ["", " ", "x" * 501])
def test_a_correction_needs_a_reason(reason, coordinator, path, issued):
    assert coordinator.page(path).heading.startswith("Corriger PA-")

    assert coordinator.send(path, {"reason": reason}).status == 422
    assert [row.is_valid for row in issued()] == [True]


def test_the_credential_of_a_correction_has_its_own_number(in_space, association, people, worked, file_of):
    with in_space(association):
        again = corrected(certified("engagement", worked), people.coordinator.user_id)

        payload = payload_of(attached(file_of(again), "attestation.jwt"))

    assert payload["evidence"][0]["name"] == again.reference_number
    assert payload["id"].endswith(again.code)


def test_another_associations_certificate_is_not_corrected(app, in_space, elsewhere, engagement, issued):
    with in_space(elsewhere):
        staff = factories.staff(elsewhere)

    page = app.test_client().sign_in(staff.user_id).send(f"/a/ailleurs/attestations/{engagement.id}/correction", {"reason": "x"})

    assert page.status == 404
    assert issued()[0].is_valid
