"""Issue a certificate, once and for good; revoke one."""

import hashlib
import secrets
from datetime import date
from typing import Any
from uuid import UUID

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.database import now, uuid7
from app.errors import DomainError
from app.extensions import db
from app.meetings.queries import Held, held_by_pair
from app.pairs.models import Pair
from app.people.models import Mentor
from app.storage import store
from app.tenants.models import Tenant
from app.tenants.resolve import current_tenant
from app.tenants.scope import current_tenant_id
from app.training.models import Completion
from app.training.queries import hours_of
from app.web import local, today

from .documents import as_pdf
from .models import Certificate, CertificateCode, CertificateCounter, CertificateKind

# Crockford's alphabet without U: nothing is mistaken for something else. 12 of 31 letters: 59 bits.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
CODE_LENGTH = 12


class NothingToCertify(DomainError):
    """There is nothing yet that a certificate could state."""


def issue_for_training(completion: Completion) -> Certificate:
    """The training certificate of a completed course; asked for twice, the same one."""
    known = db.session.scalar(select(Certificate).where(Certificate.completion_id == completion.id))
    if known is not None:
        return known
    facts = {
        "course": completion.course.title,
        "minutes": completion.minutes,
        "completed_on": completion.completed_on.isoformat(),
    }
    return issue(CertificateKind.TRAINING, completion.mentor, facts, completion_id=completion.id)


def issue_for_engagement(pair: Pair, by: UUID) -> Certificate:
    """The mentor's certificate of engagement in a pair: hours, meetings, period. Raises NothingToCertify without a meeting held.

    While nothing new was held, asking again gives the certificate that exists.
    """
    held = held_by_pair([pair.id]).get(pair.id, Held())
    if held.first is None or held.last is None:
        raise NothingToCertify(_("Aucune séance n'est encore notée comme tenue : il n'y a rien à attester."))
    facts = {
        "meetings": held.count,
        "minutes": held.minutes,
        "from": local(held.first).date().isoformat(),
        "to": local(held.last).date().isoformat(),
        "training_minutes": hours_of(pair.mentor_id),
    }
    db.session.execute(select(Pair.id).where(Pair.id == pair.id).with_for_update())  # a double click waits here
    for known in certificates_of_pair(pair.id):
        if known.is_valid and {name: known.facts[name] for name in facts} == facts:
            return known
    return issue(CertificateKind.ENGAGEMENT, pair.mentor, facts, pair_id=pair.id, issued_by=by)


def certificates_of_pair(pair_id: UUID) -> list[Certificate]:
    """What was issued for a pair, the latest first."""
    return list(
        db.session.scalars(
            select(Certificate).where(Certificate.pair_id == pair_id).order_by(Certificate.year.desc(), Certificate.number.desc())
        )
    )


def issue(kind: CertificateKind, mentor: Mentor, facts: dict[str, Any], **origin: UUID | None) -> Certificate:
    """Number it, freeze what it states, write its file, store both."""
    tenant, day = current_tenant, today()
    number, code = next_number(day.year), new_code()
    stated = facts | common_facts(kind, mentor, tenant, day, number, code)
    content = as_pdf(stated, tenant, verification_link(code))
    certificate = Certificate(
        id=uuid7(), kind=kind, year=day.year, number=number, code=code, mentor_id=mentor.id, mentor=mentor, facts=stated,
        file_key=store(current_tenant_id(), content, "pdf"), sha256=hashlib.sha256(content).hexdigest(), issued_on=day,
        **origin,
    )  # fmt: skip
    db.session.add(certificate)
    db.session.add(CertificateCode(code=code, tenant_id=current_tenant_id(), certificate_id=certificate.id))
    db.session.flush()  # pages name the stored row
    return certificate


def common_facts(kind: CertificateKind, mentor: Mentor, tenant: Tenant, day: date, number: int, code: str) -> dict[str, Any]:
    """What every certificate states."""
    return {
        "kind": kind.value,
        "holder": mentor.full_name,
        "association": tenant.name,
        "city": tenant.city,
        "signatory_name": tenant.signatory_name,
        "signatory_office": tenant.signatory_office,
        "issued_on": day.isoformat(),
        "number": f"{tenant.initials}-{day.year}-{number:05}",
        "code": code,
    }


def next_number(year: int) -> int:
    """The next number of this association in a year, without holes: given with the certificate or not at all."""
    values = {"tenant_id": current_tenant_id(), "id": uuid7(), "year": year, "last": 1}
    statement = insert(CertificateCounter).values(**values)
    statement = statement.on_conflict_do_update(index_elements=["tenant_id", "year"], set_={"last": CertificateCounter.last + 1})
    return db.session.execute(statement.returning(CertificateCounter.last)).scalar_one()


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH))


def verification_link(code: str) -> str:
    """What the QR code says: short, and on this site."""
    return f"{current_app.config['BINOME'].public_url}/verifier/{code}"


def revoke(certificate: Certificate, reason: str) -> None:
    """Take a certificate back, with a reason; the file stays, and its page says so. Twice changes nothing."""
    if certificate.is_valid:
        certificate.revoked_at, certificate.revocation_reason = now(), reason


def find_by_code(typed: str) -> tuple[UUID, UUID] | None:
    """Tenant and certificate of a code, however it was typed; None when there is none."""
    code = "".join(c for c in typed.upper() if c.isalnum())
    row = db.session.get(CertificateCode, code) if len(code) == CODE_LENGTH else None
    return (row.tenant_id, row.certificate_id) if row else None


def masked(name: str) -> str:
    """« Cl… D… »: enough for who holds the paper, nothing for who tries codes."""
    return " ".join(f"{word[:2] if place == 0 else word[:1]}…" for place, word in enumerate(name.split()))


def preview(pair: Pair) -> dict[str, Any]:
    """What a certificate of engagement would state today."""
    return {
        "held": held_by_pair([pair.id]).get(pair.id, Held()),
        "training_minutes": hours_of(pair.mentor_id),
        "known": certificates_of_pair(pair.id),
    }
