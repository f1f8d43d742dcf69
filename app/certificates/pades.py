"""Signing a PDF file: PAdES, baseline B-B. `sealing` loads this at the first seal, for it brings half a second of libraries."""

import io
from typing import Any

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.keys.internal import translate_pyca_cryptography_cert_to_asn1, translate_pyca_cryptography_key_to_asn1
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD = "Sceau"


class Signer(signers.SimpleSigner):
    """A signer that formats its signed attributes once: from one file to the next only the digest differs (half the work)."""

    _formatted: bytes | None = None
    _DIGEST = bytes(range(32))

    async def signed_attrs(self, data_digest: bytes, digest_algorithm: str, *args: Any, **options: Any) -> cms.CMSAttributes:
        """The attributes of a SHA-256 digest: those of PAdES B-B, which hold no time."""
        if self._formatted is None:
            attributes = await super().signed_attrs(self._DIGEST, digest_algorithm, *args, **options)
            self._formatted = attributes.dump()
        return cms.CMSAttributes.load(self._formatted.replace(self._DIGEST, data_digest))


def signer_with(certificate: bytes, private: ec.EllipticCurvePrivateKey) -> Signer:
    """A signer with a certificate (DER) and its key."""
    return Signer(
        signing_cert=translate_pyca_cryptography_cert_to_asn1(x509.load_der_x509_certificate(certificate)),
        signing_key=translate_pyca_cryptography_key_to_asn1(private),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )


def signer_of(content: bytes, passphrase: bytes) -> tuple[Signer, asn1_x509.Certificate]:
    """A signer with what a PKCS#12 file holds, and its certificate."""
    read = signers.SimpleSigner.load_pkcs12_data(content, [], passphrase)
    signer = Signer(signing_cert=read.signing_cert, signing_key=read.signing_key, cert_registry=read.cert_registry)
    assert isinstance(signer.signing_cert, asn1_x509.Certificate)
    return signer, signer.signing_cert


def signed(content: bytes, signer: Signer, association: str, reserved: int) -> bytes:
    """The file with its signature, as the last thing that is written in it; `reserved` bytes are kept for it."""
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, name=association
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    file: bytes = signers.PdfSigner(metadata, signer).sign_pdf(writer, bytes_reserved=reserved).getvalue()
    return file
