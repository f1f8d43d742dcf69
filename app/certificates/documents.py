"""What a certificate looks like: its page, and the same facts as a credential that a machine reads."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from flask import Response, abort, current_app, render_template

from app import rendering
from app.colour import legible
from app.qr import qr_code
from app.rendering import Attached
from app.storage import load
from app.tenants.models import Tenant
from app.web import download

from . import badge, wording
from .models import Certificate, SigningKey


def as_pdf(facts: Mapping[str, Any], tenant: Tenant, link: str, key: SigningKey | None) -> bytes:
    """The file of a certificate before it is sealed: the same facts, look and key give the same bytes.

    Without a key it carries no credential: an example proves nothing.
    """
    return rendering.draw(*to_draw(facts, tenant, link, key))


def to_draw(
    facts: Mapping[str, Any], tenant: Tenant, link: str, key: SigningKey | None
) -> tuple[str, Sequence[Attached], datetime, Mapping[str, bytes]]:
    """What rendering.draw() takes."""
    files = {"qr": qr_code(link)}
    if tenant.logo_key:
        files["logo"] = load(tenant.logo_key)
    if facts.get("signature_key"):
        files["signature"] = load(facts["signature_key"])
    html = render_template("documents/certificate.html", facts=facts, body=wording.as_html(facts["body"]),
                           colour=legible(tenant.colour), link_shown=shown(link), files=files)  # fmt: skip
    attached = credentials(facts, link, key) if key else ()
    written_at = datetime.combine(date.fromisoformat(facts["issued_on"]), time(12))
    return html, attached, written_at, files


def credentials(facts: Mapping[str, Any], link: str, key: SigningKey) -> tuple[Attached, ...]:
    """The same facts for machines: to read, and signed."""
    document = badge.credential(facts, current_app.config["BINOME"].public_url, link)
    return (
        Attached("attestation.json", "Open Badges 3.0", badge.as_json(document)),
        Attached("attestation.jwt", "Open Badges 3.0 (VC-JWT)", badge.as_jwt(document, key)),
    )


def as_download(certificate: Certificate) -> Response:
    """The stored bytes, under a name that says nothing of the holder; not found once the holder is erased."""
    if certificate.is_erased:
        abort(404)
    return download(load(certificate.file_key), f"attestation-{certificate.reference_number}.pdf", "application/pdf")


def shown(link: str) -> str:
    """The address as it is printed: no scheme, and the code in three groups."""
    place, _slash, code = link.partition("://")[2].rpartition("/")
    return f"{place}/{'-'.join(code[start : start + 4] for start in (0, 4, 8))}"
