"""Reading and verifying a signed credential without Binôme's own code."""

import base64
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256


def decoded(part):
    """The bytes of a part of a token."""
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


def header_of(token):
    return json.loads(decoded(token.split(b".")[0]))


def payload_of(token):
    return json.loads(decoded(token.split(b".")[1]))


def public_key(jwk):
    """The key that a JSON Web Key describes (RFC 7518, 6.2)."""
    assert (jwk["kty"], jwk["crv"]) == ("EC", "P-256")
    x, y = (int.from_bytes(decoded(jwk[name].encode()), "big") for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def verifies(token, jwk):
    """Whether a token was signed, byte for byte, with this key (RFC 7515, 5.2; RFC 7518, 3.4)."""
    signed, _dot, signature = token.rpartition(b".")
    raw = decoded(signature)
    try:
        public_key(jwk).verify(
            encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")), signed, ec.ECDSA(SHA256())
        )
    except InvalidSignature:
        return False
    return len(raw) == 64
