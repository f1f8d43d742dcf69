"""The same facts as an Open Badges 3.0 credential: JSON that a machine reads, and the same as a signed VC-JWT.

Source: 1EdTech, Open Badges Specification 3.0, § 8.2 (JSON Web Token proof format); W3C, Verifiable Credentials Data Model 2.0.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from app.web import midnight

from .models import SigningKey
from .sealing import base64url, key_address, sign_es256

CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
# What each kind is, in the specification's closed list of achievement types.
ACHIEVEMENT_TYPES = {
    "training": "Course",
    "engagement": "CommunityService",
    "participation": "CommunityService",
    "hours": "CommunityService",
    "yearly": "CommunityService",
}


def credential(facts: Mapping[str, Any], site: str, link: str) -> dict[str, Any]:
    """The credential of a certificate. `site` is the platform's address; the issuer is the association, named on it.

    It is valid from the midnight of its day on the space's clock: a later hour would not have come yet when it is made.
    """
    issued = midnight(date.fromisoformat(facts["issued_on"])).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    achievement: dict[str, Any] = {
        "id": f"{site}/verifier#{facts['kind']}",
        "type": ["Achievement"],
        "achievementType": ACHIEVEMENT_TYPES[facts["kind"]],
        "name": facts["title"],
        "description": facts["text"],
        "criteria": {"narrative": facts["text"]},
        "inLanguage": "fr",
    }
    subject: dict[str, Any] = {
        "type": ["AchievementSubject"],
        "identifier": [{
            "type": "IdentityObject",
            "identityHash": facts["holder"],
            "identityType": "name",
            "hashed": False,
        }],
        "achievement": achievement,
    }  # fmt: skip
    if facts.get("minutes"):
        subject["activityStartDate"] = f"{facts['from']}T00:00:00Z" if "from" in facts else issued
        subject["activityEndDate"] = f"{facts['to']}T00:00:00Z" if "to" in facts else issued
        subject["narrative"] = facts["text"]
    return {
        "@context": CONTEXT,
        "id": link,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": facts["title"],
        "issuer": {"id": f"{site}/verifier", "type": ["Profile"], "name": facts["association"]},
        "validFrom": issued,
        "credentialSubject": subject,
        "evidence": [{"id": link, "type": ["Evidence"], "name": facts["number"]}],
    }


def as_json(document: Mapping[str, Any]) -> bytes:
    """The credential's bytes: always in the same order."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def as_jwt(document: Mapping[str, Any], key: SigningKey) -> bytes:
    """The signed credential: a compact JWS whose key can be fetched at its `kid`."""
    header = {"alg": "ES256", "typ": "JWT", "kid": key_address(key.name)}
    begins = int(datetime.fromisoformat(document["validFrom"]).timestamp())
    payload = {**document, "iss": document["issuer"]["id"], "jti": document["id"], "nbf": begins}
    signed = f"{base64url(as_json(header))}.{base64url(as_json(payload))}".encode()
    return signed + b"." + base64url(sign_es256(signed, key)).encode()
