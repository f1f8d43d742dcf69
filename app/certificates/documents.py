"""What a certificate looks like: its page, its QR code, and the same facts as JSON."""

import io
import json
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

import segno
from flask import render_template

from app import pdf
from app.colour import legible
from app.storage import load
from app.tenants.models import Tenant

# Bit patterns differ between masks; a fixed one makes the same code give the same picture.
QR_MASK = 0


def as_pdf(facts: Mapping[str, Any], tenant: Tenant, link: str) -> bytes:
    """The file of a certificate: the same facts give the same bytes."""
    files = {"qr": qr_code(link)}
    if tenant.logo_key:
        files["logo"] = load(tenant.logo_key)
    html = render_template("documents/certificate.html", facts=facts, tenant=tenant, colour=legible(tenant.colour),
                           link_shown=shown(link), has_logo="logo" in files)  # fmt: skip
    written_at = datetime.combine(date.fromisoformat(facts["issued_on"]), time(12))
    return pdf.render(html, json.dumps(facts, ensure_ascii=False, sort_keys=True).encode(), written_at, files)


def shown(link: str) -> str:
    """The address as it is printed: no scheme, and the code in three groups."""
    place, _slash, code = link.partition("://")[2].rpartition("/")
    return f"{place}/{'-'.join(code[start : start + 4] for start in (0, 4, 8))}"


def qr_code(link: str) -> bytes:
    """The link as a picture, readable from a printed page."""
    picture = io.BytesIO()
    segno.make(link, error="m", mask=QR_MASK, micro=False).save(picture, kind="png", scale=8, border=2, dark="#12343b")
    return picture.getvalue()
