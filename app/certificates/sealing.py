"""Sealing a file: PAdES, with the platform's key or the association's own certificate; and signing its credential.

A key is made at the first need, or by `flask certificates new-key`; those before it stay, for what they sealed.
"""

import base64
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pikepdf
from asn1crypto.pkcs12 import Pfx, SafeContents
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.database import now
from app.errors import DomainError
from app.extensions import db
from app.mail import absolute
from app.translation import gettext as _
from app.vault import Unreadable, locked, unlocked

from .models import AssociationSeal, SigningKey

if TYPE_CHECKING:
    from .pades import Signer

LIFE = timedelta(days=3650)
# Bytes kept in the file for the signature: measuring them each time would cost a second one.
RESERVED = 8192  # an EC signature with its certificate
RESERVED_OWN = 32768  # an association's, which brings a chain of RSA certificates
MOST_ROUNDS = 10_000_000  # of a key's derivation: some seconds; programs write a few thousand, the careful a million
SHORTEST_KEY = 2048  # bits of RSA; readers trust no seal of a shorter one
SHORTEST_CURVE = 224  # bits, as strong as those
# In how many ways a file that is damaged, or of a kind that nobody uses, fails to open.
DAMAGED = (ValueError, TypeError, LookupError, AttributeError, RecursionError, UnsupportedAlgorithm)
LARGEST_PKCS12 = 64 * 1024


class BadSeal(DomainError):
    """This file cannot serve as a seal; the sentence says why."""


@dataclass(frozen=True)
class Sealer:
    """What seals: its name, its certificate (DER), and the signer."""

    name: str
    certificate: bytes
    signer: "Signer"
    reserved: int


@dataclass(frozen=True)
class Signed:
    """A sealed file, and the name of the key."""

    content: bytes
    by: str


def current_key() -> SigningKey:
    """The platform's key of today, made if there is none. Two that come first at once get the same one."""
    known = db.session.scalar(select(SigningKey).where(SigningKey.retired_at.is_(None)))
    if known is None:
        name, certificate, private_key = new_pair()
        values = {"name": name, "certificate": certificate, "private_key": locked(private_key, "signing-key"), "created_at": now()}
        db.session.execute(insert(SigningKey).values(**values).on_conflict_do_nothing())
        known = db.session.scalars(select(SigningKey).where(SigningKey.retired_at.is_(None))).one()
    return known


def rotate_key() -> SigningKey:
    """Retire the key of today and make another. What it sealed stays verifiable; its private part is destroyed."""
    for old in db.session.scalars(select(SigningKey).where(SigningKey.retired_at.is_(None)).with_for_update()):
        old.retired_at, old.private_key = now(), None
    db.session.flush()  # one key at a time
    return current_key()


def new_pair() -> tuple[str, bytes, bytes]:
    """A fresh EC P-256 key: its name, its self-signed certificate and its private part (DER, PKCS#8)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = key_name(key.public_key())
    subject = x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Binôme"),
        x509.NameAttribute(NameOID.COMMON_NAME, f"Binôme, sceau des attestations {name[:8]}"),
    ])  # fmt: skip
    usage = x509.KeyUsage(digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
                          key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False,
                          decipher_only=False)  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + LIFE)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # locked before it is stored
    return name, certificate.public_bytes(serialization.Encoding.DER), private


def key_name(key: ec.EllipticCurvePublicKey) -> str:
    """The key's digest: the same key has the same name everywhere."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo))
    return digest.finalize().hex()[:32]


def private_part(key: SigningKey) -> ec.EllipticCurvePrivateKey:
    """The private part of today's key. Raises BadSeal when SECRET_KEY is another one than when it was made."""
    assert key.private_key is not None
    return _read_private(key.name, opened(key.private_key, "signing-key"))


def opened(kept: bytes, purpose: str) -> bytes:
    """What was locked. Raises BadSeal, with what to do, when SECRET_KEY has changed since."""
    try:
        return unlocked(kept, purpose)
    except Unreadable as error:
        raise BadSeal(_("La clé de scellement ne se lit plus : l'équipe technique doit en faire une autre.")) from error


@lru_cache(maxsize=8)
def _read_private(_name: str, content: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_der_private_key(content, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def platform_sealer(key: SigningKey) -> Sealer:
    """What seals with the platform's key."""
    return _platform_sealer(key.name, key.certificate, private_part(key))


@lru_cache(maxsize=8)
def _platform_sealer(name: str, content: bytes, private: ec.EllipticCurvePrivateKey) -> Sealer:
    from .pades import signer_with

    return Sealer(name, content, signer_with(content, private), RESERVED)


def own_sealer(seal: AssociationSeal) -> Sealer:
    """What seals with the association's own certificate. Raises BadSeal when it cannot be read any more."""
    return _own_sealer(opened(seal.pkcs12, "association-seal"), opened(seal.passphrase, "association-seal"))


@lru_cache(maxsize=32)
def _own_sealer(content: bytes, passphrase: bytes) -> Sealer:
    from .pades import signer_of

    signer, certificate = signer_of(content, passphrase)
    return Sealer(f"own:{certificate.sha256.hex()[:32]}", certificate.dump(), signer, RESERVED_OWN)


def current_sealer(day: date, key: SigningKey) -> Sealer:
    """The association's certificate when it has one that holds that day, to its last instant, else the platform's key of today."""
    seal = db.session.scalar(select(AssociationSeal))
    if seal is not None and day <= seal.not_after:
        own = own_sealer(seal)
        if x509.load_der_x509_certificate(own.certificate).not_valid_after_utc > now():
            return own
    return platform_sealer(key)


def seal(content: bytes, sealer: Sealer, association: str) -> Signed:
    """The file with its PAdES signature (baseline B-B), as the last thing that is written in it."""
    from .pades import signed

    return Signed(signed(content, sealer.signer, association, sealer.reserved), sealer.name)


def sign_es256(content: bytes, key: SigningKey) -> bytes:
    """The 64 bytes of a JWS ES256 signature (RFC 7518, 3.4); the same input gives the same bytes (RFC 6979)."""
    signature = private_part(key).sign(content, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    return b"".join(number.to_bytes(32, "big") for number in decode_dss_signature(signature))


def base64url(content: bytes) -> str:
    """Base64 as JSON Web tokens write it: no padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def keep_own_seal(content: bytes, passphrase: str) -> AssociationSeal:
    """Take an association's certificate (PKCS#12), encrypted at rest. Raises BadSeal, and then nothing has changed."""
    if len(content) > LARGEST_PKCS12:
        raise BadSeal(_("Ce fichier est trop gros pour un certificat : 64 ko au plus."))
    not_opened = BadSeal(_("Ce fichier n'est pas un certificat PKCS#12, ou sa phrase secrète n'est pas celle-là."))
    if "\0" in passphrase:  # the library stops the whole process
        raise not_opened
    try:
        if max(rounds_of(content), default=0) > MOST_ROUNDS:
            raise BadSeal(_("Ce certificat est protégé d'une manière trop longue à ouvrir : exportez-le de nouveau."))
        key, certificate, _others = pkcs12.load_key_and_certificates(content, passphrase.encode())
    except DAMAGED as error:
        raise not_opened from error
    if certificate is None or not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise BadSeal(_("Ce fichier ne contient pas à la fois un certificat et sa clé."))
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < SHORTEST_KEY:
        raise BadSeal(_("La clé de ce certificat est trop courte pour qu'on s'y fie : 2 048 bits au moins."))
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.key_size < SHORTEST_CURVE:
        raise BadSeal(_("La clé de ce certificat est trop courte pour qu'on s'y fie."))
    if certificate.not_valid_after_utc <= now():
        raise BadSeal(_("Ce certificat est périmé."))
    if certificate.not_valid_before_utc > now():
        raise BadSeal(_("Ce certificat n'est pas encore valable."))
    row = db.session.scalar(select(AssociationSeal)) or AssociationSeal()
    row.subject, row.not_after = certificate.subject.rfc4514_string()[:300], certificate.not_valid_after_utc.date()
    row.pkcs12, row.passphrase = locked(content, "association-seal"), locked(passphrase.encode(), "association-seal")
    db.session.add(row)
    own_sealer_works(row)
    return row


def rounds_of(content: bytes) -> Iterator[int]:
    """How many rounds each part of a PKCS#12 file says that its key takes: read before anything is computed."""
    file = Pfx.load(content)
    yield from rounds_in(file["mac_data"].native)
    for part in file.authenticated_safe:
        if part["content_type"].native == "encrypted_data":
            yield from rounds_in(part["content"]["encrypted_content_info"]["content_encryption_algorithm"].native)
        elif part["content_type"].native == "data":
            for bag in SafeContents.load(part["content"].native):
                if bag["bag_id"].native == "pkcs8_shrouded_key_bag":
                    yield from rounds_in(bag["bag_value"]["encryption_algorithm"].native)


def rounds_in(said: Any) -> Iterator[int]:
    """The numbers of rounds in the parameters of an algorithm."""
    for name, value in said.items() if isinstance(said, Mapping) else ():
        if isinstance(value, int) and name.startswith("iteration"):
            yield value
        else:
            yield from rounds_in(value)


def own_sealer_works(row: AssociationSeal) -> None:
    """Refuse a certificate that could not sign: better now than on the day of an award."""
    page = io.BytesIO()
    with pikepdf.new() as blank:
        blank.add_blank_page()
        blank.save(page)
    try:
        seal(page.getvalue(), own_sealer(row), "Binôme")
    except (ValueError, AssertionError, OSError) as error:
        db.session.expunge(row) if row in db.session.new else db.session.expire(row)
        raise BadSeal(_("Ce certificat ne peut pas signer de document.")) from error


def remove_own_seal() -> None:
    """Go back to the platform's key; no error when there is none."""
    row = db.session.scalar(select(AssociationSeal))
    if row is not None:
        db.session.delete(row)


def public_keys() -> list[SigningKey]:
    """Every key that ever sealed, the latest first."""
    return list(db.session.scalars(select(SigningKey).order_by(SigningKey.created_at.desc())))


def key_address(name: str) -> str:
    """Where a key is published: what a credential calls its `kid`."""
    return absolute("certificates.key", name=name)


def as_jwk(key: SigningKey) -> dict[str, Any]:
    """The public part as a JSON Web Key (RFC 7517), for who verifies a credential."""
    public = x509.load_der_x509_certificate(key.certificate).public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    numbers = public.public_numbers()
    x, y = (base64url(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": key_address(key.name), "alg": "ES256", "use": "sig"}
