"""Anybody verifies a certificate with its code, and learns of nobody else."""

import pytest

from app.certificates.actions import ALPHABET, masked, new_code
from app.certificates.queries import NUMBERED


def test_the_code_is_asked_for(client, programme):
    page = client.page("/verifier")

    assert page.heading == "Vérifier une attestation"
    assert "7KQ2-M4XD-9TPA" in page.text


def test_a_valid_certificate_is_said_to_be(client, engagement):
    page = client.page(f"/verifier/{engagement.code}")

    assert page.heading == "Attestation valide"
    assert page.soup.title.get_text(strip=True).startswith("Attestation valide")
    assert "Délivrée par Passerelle" in page.text
    assert "Nature Attestation d'engagement, 2 h 30" in page.text
    assert f"Numéro {engagement.reference_number}" in page.text


def typed_ways(certificate):
    code = certificate.code
    return [code, code.lower(), certificate.shown_code, certificate.shown_code.lower(), f"-{code}-"]


def test_a_code_is_known_however_it_is_typed(client, engagement):
    for typed in typed_ways(engagement):
        assert client.page(f"/verifier/{typed}").heading == "Attestation valide", typed


def test_the_form_takes_spaces_too(client, engagement):
    typed = engagement.shown_code.replace("-", " ").lower()

    page = client.send("/verifier", {"code": f"  {typed} "})

    assert page.heading == "Attestation valide"


def test_the_whole_address_may_be_pasted(client, engagement):
    page = client.send("/verifier", {"code": f"https://binome.example.org/verifier/{engagement.shown_code}/"})

    assert page.heading == "Attestation valide"


@pytest.mark.parametrize(
    ("typed", "heading", "sentence"),
    [
        ("ABCDEFGHJKLM", "Aucune attestation ne porte ce code", "Vérifiez chaque caractère"),
        ("00000000000O", "Aucune attestation ne porte ce code", "jamais de O"),
        ("abc", "Ce code est trop court", "celui-ci en a 3."),
        ("7KQ2-M4XD-9TP", "Ce code est trop court", "celui-ci en a 11."),
        ("---", "Ce code est trop court", "celui-ci en a 0."),
        ("éééééééééééé 🎓", "Ce code est trop court", "celui-ci en a 0."),
        ("../../etc", "Ce code est trop court", "celui-ci en a 3."),
        ("7KQ2-M4XD-9TPAA", "Ce code est trop long", "celui-ci en a 13."),
        ("PR-2026-00012", "C'est le numéro, pas le code", "près du carré à scanner"),
    ],
)
def test_an_unknown_code_is_said_to_be_and_stays_to_be_set_right(typed, heading, sentence, client, programme):
    page = client.send("/verifier", {"code": typed})

    assert (page.status, page.heading, page.value("code")) == (404, heading, typed)
    assert sentence in page.text
    assert ("ne vient pas d'ici" in page.text) is (heading == "Aucune attestation ne porte ce code")
    assert page.soup.select_one("main form")["action"] == "/verifier"


def test_so_does_that_of_a_link(client, programme):
    page = client.page("/verifier/7kq2-m4xd")

    assert (page.status, page.heading, page.value("code")) == (404, "Ce code est trop court", "7kq2-m4xd")


@pytest.mark.parametrize(
    ("typed", "sentence"), [("", "Recopiez le code de l'attestation."), ("A" * 301, "C'est trop long : 300 caractères au plus.")]
)
def test_what_is_no_code_is_refused_at_its_field(typed, sentence, client, programme):
    page = client.send("/verifier", {"code": typed})

    assert (page.status, page.errors) == (422, [sentence])


def test_the_holder_is_masked(client, engagement, people):
    page = client.page(f"/verifier/{engagement.code}")

    assert "Titulaire Ka… P…" in page.text
    assert people.mentor.last_name not in page.html
    assert people.mentor.first_name not in page.html


def test_of_the_jeune_nothing_is_said(client, engagement, people):
    page = client.page(f"/verifier/{engagement.code}")

    for secret in (
        people.mentee.first_name,
        people.mentee.last_name,
        people.mentee.email,
        people.mentee.commune_name,
        "Claire Morel",
    ):
        assert secret not in page.html


def test_a_revoked_certificate_says_so_without_the_reason(client, coordinator, engagement):
    coordinator.send(f"/a/passerelle/attestations/{engagement.id}/revocation", {"reason": "Fausse déclaration"})

    page = client.page(f"/verifier/{engagement.code}")

    assert page.heading == "Attestation révoquée"
    assert page.soup.title.get_text(strip=True).startswith("Attestation révoquée")
    assert "Elle n'est plus valable depuis le" in page.text
    assert "Fausse" not in page.html


def test_a_training_certificate_names_the_course(client, in_space, association, people):
    from sqlalchemy import select

    from app.certificates.actions import issue_for_training
    from app.extensions import db
    from app.training.models import Completion

    with in_space(association):
        certificate = issue_for_training(db.session.scalars(select(Completion)).one())

    assert "Nature Attestation de formation, Devenir mentor, 2 h Délivrée le" in client.page(f"/verifier/{certificate.code}").text


def test_a_member_of_another_association_verifies_like_anybody(app, in_space, elsewhere, engagement):
    from tests import factories

    with in_space(elsewhere):
        staff = factories.staff(elsewhere)

    page = app.test_client().sign_in(staff.user_id).page(f"/verifier/{engagement.code}")

    assert page.heading == "Attestation valide"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Karim Trabelsi", "Ka… T…"), ("Anne-Marie de La Tour", "An… d… L… T…"), ("Li", "Li…"), ("", ""), ("Élodie  Çelik", "Él… Ç…")],
)
def test_a_name_is_masked_to_its_first_letters(name, shown):
    assert masked(name) == shown


def test_codes_hold_no_letter_that_is_mistaken_for_another():
    codes = {new_code() for _time in range(200)}

    assert len(codes) == 200
    assert set("".join(codes)) <= set(ALPHABET)
    assert not set("01OIU") & set(ALPHABET) - {"U"}


def test_who_types_the_number_reads_where_the_code_is(client, programme):
    page = client.page("/verifier/PR-2026-00012")

    assert (page.status, page.heading) == (404, "C'est le numéro, pas le code")
    assert client.page("/verifier/7KQ2-M4XD-9TPA").heading == "Aucune attestation ne porte ce code"


@pytest.mark.parametrize(
    ("typed", "found"),
    [("PR-2026-00042", ("2026", "00042")), ("P-2026-1", ("2026", "1")), ("A1B2-2026-00042", ("2026", "00042")),
     ("2026-42", ("2026", "42")), ("PR202600042", ("2026", "00042")), ("PR-1999-1", None), ("Paul", None), ("ABCDE-2026-1", None)],
)  # fmt: skip
def test_a_number_is_known_as_any_association_writes_its_own(typed, found):
    number = NUMBERED.fullmatch(typed)

    assert (number and number.groups()) == found
