"""What a stranger compares: the name, the file; what machines read: the same as JSON, and the keys."""

import re
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.certificates.actions import correct, revoke
from app.certificates.blueprint import LARGEST_PAPER
from app.certificates.models import Certificate
from app.extensions import db
from tests import factories

from .situations import certified, pair_of
from .tokens import public_key
from .uploads import send

WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE)\b", re.I)
SAME = "Oui, c'est ce fichier : pas un octet n'a changé."
OTHER = "Non : ce fichier n'est pas celui qui a été délivré, ou il a été modifié."


@pytest.fixture
def path(engagement):
    return f"/verifier/{engagement.code}"


@pytest.fixture
def named(in_space, association):
    """A certificate of somebody of that name."""

    def issue(first_name, last_name):
        with in_space(association):
            return certified("engagement", pair_of(association, first_name, last_name))

    return issue


def typed_name(client, certificate, name):
    return client.send(f"/verifier/{certificate.code}", {"nom-name": name})


RIGHT = [
    "Élodie Le Çelik-N'Diaye",
    "LE ÇELIK-N'DIAYE Élodie",
    "elodie le celik-n'diaye",
    "  ÉLODIE   LE  ÇELIK-N’DIAYE ",
    "e\u0301lodie le celik n'diaye",
    "Madame Élodie Le Çelik-N'Diaye",
    "M. Élodie Le Çelik-N'Diaye",
]
WRONG = ["Élodie", "Élodie Le Çelik", "Élodie Le Çelik-N'Diaye Martin", "*", "%", "Él… L… Ç…"]


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_name_however_it_is_typed_shows_the_whole_name(name, client, named):
    page = typed_name(client, named("Élodie", "Le Çelik-N'Diaye"), name)

    assert page.status == 200
    assert "Titulaire Élodie Le Çelik-N'Diaye Nature" in page.text


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_name_is_said_to_be_wrong_and_shows_nothing(name, client, named):
    page = typed_name(client, named("Élodie", "Le Çelik-N'Diaye"), name)

    assert "Ce n'est pas exactement le nom qui est écrit sur l'attestation." in page.text
    assert "Titulaire Él… L… Ç… Nature" in page.text


def test_a_name_in_another_script_is_compared_too(client, named):
    certificate = named("Оксана", "Коваль")

    assert typed_name(client, certificate, "оксана коваль").status == 200
    assert all(
        "Ce n'est pas exactement le nom" in typed_name(client, certificate, name).text for name in ("Іван Франко", "語", "!")
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "Recopiez le nom."), (" \u200b ", "Recopiez le nom."), ("x" * 201, "C'est trop long : 200 caractères au plus.")],
)
def test_what_is_no_name_is_refused(name, sentence, client, engagement):
    page = typed_name(client, engagement, name)

    assert (page.status, page.errors) == (422, [sentence])


@given(st.text(max_size=30))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_but_the_right_one_opens_it(client, engagement, people, name):
    page = typed_name(client, engagement, name)

    assert page.status in {200, 400, 422}
    assert people.mentor.last_name not in page.html
    assert "Oui, cette attestation" not in page.text


def test_comparing_stores_nothing(client, engagement, people, path, file_of, statements):
    with statements() as seen:
        client.page(path)
        typed_name(client, engagement, people.mentor.full_name)
        typed_name(client, engagement, "Paul Martin")
        send(client, path, **{"fichier-paper": file_of(engagement)})

    assert [statement for statement in seen if WRITES.match(statement)] == []


# The file.


def test_the_file_that_was_issued_is_known_to_the_byte(client, engagement, path, file_of):
    page = send(client, path, **{"fichier-paper": file_of(engagement)})

    assert page.status == 200
    assert SAME in page.text
    assert "Titulaire Ka… P…" in page.text


@pytest.mark.parametrize("place", [0, 20_000, -1])
def test_one_byte_changed_is_another_file(place, client, engagement, path, file_of):
    content = bytearray(file_of(engagement))
    content[place] ^= 1

    assert OTHER in send(client, path, **{"fichier-paper": bytes(content)}).text


@pytest.mark.parametrize(
    "content", [b"", b"x", b"%PDF-1.7\n", b"\x00" * (3 * 1024 * 1024)], ids=["empty", "a letter", "a start", "3 Mo"]
)
def test_any_other_file_is_another_file(content, client, path):
    assert OTHER in send(client, path, **{"fichier-paper": content}).text


def test_another_certificates_file_is_another_file(client, named, path, file_of):
    assert OTHER in send(client, path, **{"fichier-paper": file_of(named("Anne", "Roy"))}).text


def test_a_file_as_heavy_as_two_photographs_is_compared(client, path):
    assert OTHER in send(client, path, **{"fichier-paper": b"x" * LARGEST_PAPER}).text


def test_a_heavier_file_is_not_read(client, path):
    page = send(client, path, **{"fichier-paper": b"x" * (LARGEST_PAPER + 1024 * 1024)})

    assert (page.status, page.heading) == (413, "Ce fichier est trop lourd")
    assert "12 mégaoctets" in page.text


def test_no_file_is_asked_for(client, path):
    page = client.send(path, {"fichier-paper": (BytesIO(), "")}, content_type="multipart/form-data")

    assert (page.status, page.errors) == (422, ["Choisissez le fichier."])


# What became of it.


@pytest.fixture
def replaced(in_space, association, people, engagement):
    """The engagement, corrected by another one."""
    with in_space(association):
        row = db.session.get(Certificate, (association.id, engagement.id))
        return correct(row, "Nom mal écrit", people.coordinator.user_id)


def test_what_was_replaced_says_by_which(client, path, replaced):
    page = client.page(path)

    assert page.heading == "Attestation remplacée"
    assert f"l'attestation n° {replaced.reference_number} la remplace." in page.text
    assert "Nom mal écrit" not in page.html
    assert client.page(f"/verifier/{replaced.code}").heading == "Attestation valide"


@pytest.mark.parametrize("what", ["", "?x=1"])
def test_no_page_of_a_certificate_is_for_search_engines(what, client, path):
    assert client.page(path + what).soup.find("meta", attrs={"name": "robots"})["content"] == "noindex"


def test_what_replaces_it_may_be_replaced_or_revoked_in_turn(client, path, replaced, in_space, association, people):
    with in_space(association):
        last = correct(db.session.get(Certificate, (association.id, replaced.id)), "Encore", people.coordinator.user_id)
    assert f"l'attestation n° {last.reference_number} la remplace." in client.page(path).text
    with in_space(association):
        revoke(db.session.get(Certificate, (association.id, last.id)), "Heures fausses", people.coordinator.user_id)

    page, answer = client.page(path), client.get(f"{path}/donnees").json

    assert page.heading == "Attestation révoquée"
    assert f"L'attestation n° {last.reference_number}, qui la remplaçait, est révoquée elle aussi" in page.text
    assert (answer["status"], answer["replaced_by"]) == ("revoked", last.reference_number)


# For machines.


def test_a_valid_certificate_as_json(client, engagement, path):
    answer = client.get(f"{path}/donnees")

    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json == {
        "status": "valid", "code": engagement.shown_code, "holder": "Ka… P…", "sha256": engagement.sha256,
        "sealed_by": engagement.sealed_by, "kind": "engagement", "title": "Attestation d'engagement", "association": "Passerelle",
        "number": engagement.reference_number, "issued_on": engagement.issued_on.isoformat(), "from": engagement.facts["from"],
        "training_minutes": 120,
        "to": engagement.facts["to"], "minutes": 150, "meetings": 2,
    }  # fmt: skip


def test_a_revoked_certificate_as_json(client, in_space, association, people, engagement, path):
    with in_space(association):
        revoke(db.session.get(Certificate, (association.id, engagement.id)), "Heures fausses", people.coordinator.user_id)

    answer = client.get(f"{path}/donnees").json

    assert answer["status"] == "revoked"
    assert answer["revoked_at"].startswith("20")
    assert "replaced_by" not in answer
    assert "Heures" not in str(answer)


def test_a_replaced_certificate_as_json(client, replaced, path):
    answer, newer = client.get(f"{path}/donnees").json, client.get(f"/verifier/{replaced.code}/donnees").json

    assert (answer["status"], answer["replaced_by"]) == ("replaced", replaced.reference_number)
    assert (newer["status"], newer["replaces"]) == ("valid", answer["number"])


def test_json_holds_nobodys_name(client, engagement, people, path):
    said = client.get(f"{path}/donnees").text

    for name in (people.mentor.first_name, people.mentor.last_name, people.mentee.first_name, people.mentee.last_name, "Morel"):
        assert name not in said


@pytest.mark.parametrize("code", ["ABCDEFGHJKLM", "cles0", "-", "x" * 40])
def test_json_of_an_unknown_code_is_not_found(code, client, programme):
    assert client.get(f"/verifier/{code}/donnees").status_code == 404


def test_the_keys_are_a_set_that_anybody_reads(client, engagement):
    (key,) = client.get("/verifier/cles").json["keys"]

    assert key == client.get(f"/verifier/cles/{engagement.sealed_by}").json
    assert (key["kid"], key["alg"], key["use"]) == (f"http://localhost/verifier/cles/{engagement.sealed_by}", "ES256", "sig")
    assert public_key(key).key_size == 256
    assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}


def test_before_any_certificate_there_is_no_key(client, programme):
    assert client.get("/verifier/cles").json == {"keys": []}
    assert client.get("/verifier/cles/0123456789abcdef0123456789abcdef").status_code == 404


# A stranger, or somebody of another association.


def test_somebody_of_another_association_reads_no_more_than_a_stranger(app, client, in_space, elsewhere, engagement, people, path):
    with in_space(elsewhere):
        staff = factories.staff(elsewhere)
    theirs = app.test_client().sign_in(staff.user_id)

    for reader in (client, theirs):
        seen = reader.page(path).html + reader.get(f"{path}/donnees").text
        assert "Attestation valide" in seen
        for secret in (people.mentee.first_name, people.mentee.last_name, people.mentor.last_name, str(people.mentee.id)):
            assert secret not in seen


def test_a_jeunes_own_certificate_masks_the_jeune(client, in_space, association, people, worked):
    with in_space(association):
        certificate = certified("participation", worked)

    page = client.page(f"/verifier/{certificate.code}")

    assert "Titulaire In… P… Nature Attestation de participation, 1 h 30" in page.text
    assert people.mentee.last_name not in page.html


def test_a_code_says_of_whom_it_is_to_nobody(rolled_back, engagement):
    (row,) = rolled_back.execute(text("SELECT * FROM certificate_codes")).mappings()

    assert dict(row) == {"code": engagement.code, "tenant_id": engagement.tenant_id, "certificate_id": engagement.id}
