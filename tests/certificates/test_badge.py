"""The credential inside a certificate: Open Badges 3.0, signed, and verified by others than Binôme."""

import copy
import random
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier

from app.certificates import badge, sealing
from app.certificates.models import CertificateKind
from app.extensions import db
from app.people.models import Mentor
from app.tenants.models import Tenant

from .achievement_credential import faults
from .papers import ask, attached, credential_of
from .situations import certified
from .tokens import decoded, header_of, payload_of, public_key, verifies

CLAIMS = {"iss", "jti", "nbf"}


@pytest.fixture
def token(engagement, file_of):
    return attached(file_of(engagement), "attestation.jwt")


@pytest.fixture
def jwk(client, token):
    """The key that the token names, fetched where it says."""
    return client.get(header_of(token)["kid"].removeprefix("http://localhost")).json


def judge(token, jwk):
    """The credential, as openbadgeslib reads it. Raises OB3VerificationError."""
    pem = public_key(jwk).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return OB3Verifier(pubkey_pem=pem).verify(token.decode())


def test_the_token_is_signed_with_the_key_that_it_names(token, jwk):
    assert header_of(token) == {"alg": "ES256", "typ": "JWT", "kid": jwk["kid"]}
    assert verifies(token, jwk)


def test_another_implementation_takes_it(token, jwk, engagement):
    credential = judge(token, jwk)

    assert credential.achievement.name == "Attestation d'engagement"
    assert credential.issuer.name == "Passerelle"
    assert credential.id == f"http://localhost/verifier/{engagement.code}"


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Europe/Paris", "Pacific/Auckland"])
@pytest.mark.parametrize("hour", [0, 6, 11, 13, 23])
def test_it_is_valid_from_the_minute_of_its_award(hour, zone, client, in_space, association, worked, file_of):
    association.timezone = zone
    with in_space(association):
        db.session.get(Tenant, association.id).timezone = zone
    moment = datetime.now(UTC).replace(hour=hour, minute=5) + timedelta(days=1)
    with time_machine.travel(moment, tick=False):
        with in_space(association):
            token = attached(file_of(certified("engagement", worked)), "attestation.jwt")

        assert judge(token, client.get(header_of(token)["kid"].removeprefix("http://localhost")).json)


@pytest.mark.parametrize("kind", CertificateKind)
def test_each_kind_is_what_the_specification_asks(kind, in_space, association, worked, file_of):
    with in_space(association):
        credential = credential_of(file_of(certified(kind, worked)))

    assert faults(credential) == []
    assert credential["credentialSubject"]["achievement"]["achievementType"] == (
        "Course" if kind == "training" else "CommunityService"
    )
    assert credential["credentialSubject"]["activityStartDate"] <= credential["credentialSubject"]["activityEndDate"]


REQUIRED = [
    "@context", "id", "type", "issuer", "validFrom", "credentialSubject", "issuer.id", "credentialSubject.achievement",
    "credentialSubject.identifier", "credentialSubject.achievement.criteria", "credentialSubject.achievement.name",
]  # fmt: skip


@pytest.mark.parametrize("member", REQUIRED)
def test_the_schema_misses_what_is_taken_away(member, engagement, file_of):
    credential = copy.deepcopy(credential_of(file_of(engagement)))
    *above, last = member.split(".")
    place = credential
    for name in above:
        place = place[name]

    del place[last]

    assert len(faults(credential)) == 1


def test_both_attachments_say_the_same(engagement, file_of, token):
    payload, credential = payload_of(token), credential_of(file_of(engagement))

    assert {name: value for name, value in payload.items() if name not in CLAIMS} == credential
    assert (payload["iss"], payload["jti"]) == (credential["issuer"]["id"], credential["id"])
    assert datetime.fromtimestamp(payload["nbf"], UTC) == datetime.fromisoformat(credential["validFrom"])


def test_a_file_carries_two_attachments_and_no_other(engagement, file_of):
    names = [line.split(": ")[1] for line in ask("pdfdetach", file_of(engagement), "-list").splitlines()[1:]]

    assert sorted(names) == ["attestation.json", "attestation.jwt"]


def test_each_of_many_changes_of_one_character_is_refused_by_both(token, jwk):
    chance = random.Random(20261124)  # noqa: S311  (the same places each time)
    for place in chance.sample(range(len(token)), 60):
        changed = bytearray(token)
        changed[place] = chance.choice(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
        if same_bytes(bytes(changed), token):
            continue

        assert not safely_verifies(bytes(changed), jwk), place
        with pytest.raises(OB3VerificationError):
            judge(bytes(changed), jwk)


def same_bytes(one, other):
    """Whether two tokens say the same: the last letter of a part has bits that mean nothing."""
    return one.count(b".") == 2 and one[: one.rindex(b".")] == other[: other.rindex(b".")] and (
        decoded(one.rpartition(b".")[2]) == decoded(other.rpartition(b".")[2])
    )  # fmt: skip


def safely_verifies(token, jwk):
    try:
        return verifies(token, jwk)
    except ValueError:  # no base64 any more
        return False


def test_another_key_is_refused_by_both(in_space, association, token, client):
    with in_space(association):
        other = sealing.as_jwk(sealing.rotate_key())

    assert not verifies(token, other)
    with pytest.raises(OB3VerificationError, match="Invalid signature"):
        judge(token, other)


def test_a_token_that_says_it_needs_no_key_is_refused(token, jwk):
    header = sealing.base64url(badge.as_json({"alg": "none", "typ": "JWT"})).encode()

    with pytest.raises(OB3VerificationError, match="not allowed"):
        judge(header + token[token.index(b".") :], jwk)


def test_the_same_facts_give_the_same_bytes(in_space, association, engagement, token, file_of):
    with in_space(association):
        document = badge.credential(engagement.facts, "http://localhost", f"http://localhost/verifier/{engagement.code}")

        assert badge.as_json(document) == attached(file_of(engagement), "attestation.json")
        assert badge.as_jwt(document, sealing.current_key()) == token


def test_a_rare_name_stands_in_it_as_it_is_written(in_space, association, worked, file_of):
    with in_space(association):
        db.session.get(Mentor, (association.id, worked.mentor_id)).first_name = 'Ængelbert "Þór" \\ <b>'
        certificate = certified("hours", worked)
        content = file_of(certificate)

    (identity,) = payload_of(attached(content, "attestation.jwt"))["credentialSubject"]["identifier"]
    assert identity["identityHash"] == certificate.facts["holder"]
    assert certificate.facts["holder"].startswith('Ængelbert "Þór" \\ <b>')
