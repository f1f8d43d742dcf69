"""Judging a seal with pyHanko's own validation and with Poppler; and making certificates as an association buys them."""

import re
import subprocess
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext


def holds(content, certificate):
    """Whether the one seal of a file is sound, covers all of it, and was made with this certificate (DER)."""
    trusted = ValidationContext(trust_roots=[asn1.Certificate.load(certificate)])
    try:
        (signature,) = PdfFileReader(BytesIO(content)).embedded_signatures
        status = validate_pdf_signature(signature, trusted)
    except Exception:  # noqa: BLE001  (a file that cannot be read any more is not one whose seal holds)
        return False
    return status.bottom_line and status.coverage == SignatureCoverageLevel.ENTIRE_FILE


def poppler_says(content):
    """What pdfsig says of a file's seals."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "paper.pdf"
        path.write_bytes(content)
        return subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout


def signed_places(content):
    """Every place of a file that its seal covers."""
    start, length, start_again, length_again = map(int, re.search(rb"/ByteRange ?\[(\d+) (\d+) (\d+) (\d+) *\]", content).groups())
    return [*range(start, start + length), *range(start_again, start_again + length_again)]


KEYS = {
    "EC": lambda: ec.generate_private_key(ec.SECP256R1()),
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "RSA-1024": lambda: rsa.generate_private_key(65537, 1024),  # noqa: S505
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
}


@cache
def key_of(kind):
    """A private key of a kind, made once."""
    return KEYS[kind]()


def certificate(key, days=(-10, 365), name="Passerelle"):
    """A self-made certificate, valid from a day to another counted from today."""
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name), x509.NameAttribute(NameOID.COMMON_NAME, "Cachet")])
    first, last = (datetime.now(UTC) + timedelta(days=count) for count in days)
    usage = x509.KeyUsage(*[True, True, *[False] * 7])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(first).not_valid_after(last)
    return builder.add_extension(usage, True).sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())


def bought(kind="EC", passphrase="sésame", has_key=True, others=(), **options):  # noqa: S107
    """A PKCS#12 file, and the certificate in it (DER)."""
    key = key_of(kind)
    made = certificate(key, **options)
    cipher = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    content = pkcs12.serialize_key_and_certificates(b"cachet", key if has_key else None, made if has_key else None,
                                                    list(others) if has_key else [made], cipher)  # fmt: skip
    return content, made.public_bytes(Encoding.DER)
