"""Issue a certificate, once and for good; correct it by another; take it back; show it to whom the holder wishes."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from app.database import hold_row, now, prepared, uuid7
from app.errors import DomainError
from app.extensions import db
from app.mail import absolute
from app.pairs.models import Pair
from app.people.models import Mentor
from app.rendering import Unwritable
from app.storage import store_as
from app.tenants.resolve import current_tenant
from app.tenants.scope import current_tenant_id
from app.training import attendance
from app.training.following import lock
from app.training.models import Completion
from app.training.signals import presence_taken_back
from app.translation import gettext as _
from app.web import today

from . import awards, wording
from .awards import Award, Period
from .documents import as_pdf
from .models import BatchItem, Certificate, CertificateBatch, CertificateCode, CertificateCounter, CertificateKind, SigningKey
from .sealing import Sealer, current_key, current_sealer, seal

# Nothing is mistaken for something else: neither 0 and O, nor 1 and I. 12 of 31 letters: 59 bits.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
CODE_LENGTH = 12
MOST_WRITTEN = 1200  # characters of a text once it is filled, that the page holds
STATED = ("kind", "title", "association", "number", "issued_on", "from", "to", "minutes", "training_minutes", "meetings", "course",
          "replaces")  # fmt: skip  # what a stranger may read


class AlreadyReplaced(DomainError):
    """What was revoked cannot be corrected any more."""


@dataclass(frozen=True)
class Means:
    """What the certificates of a kind are made with on a day: read once, for one or for a whole share."""

    day: date
    key: SigningKey
    sealer: Sealer
    text: wording.Text

    @classmethod
    def of(cls, kind: CertificateKind) -> "Means":
        """Today's. Raises BadSeal when a key cannot be read any more."""
        day, key = today(), current_key()
        return cls(day, key, current_sealer(day, key), wording.text_of(kind))


def issue_for_training(completion: Completion) -> Certificate:
    """The training certificate of a completed course; asked for twice, the same one."""
    known = db.session.scalar(
        select(Certificate).where(Certificate.completion_id == completion.id).order_by(Certificate.created_at.desc()).limit(1)
    )
    return known or issue(awards.award(CertificateKind.TRAINING, completion.id))


def issue_for_pair(kind: CertificateKind, pair: Pair, by: UUID, objectives: list[str] | None = None) -> Certificate:
    """The mentor's engagement or the jeune's participation: meetings, hours, period. Raises NothingToCertify without any.

    `objectives` are those that were reached and that the jeune agrees to show. While nothing new was held, asking again gives the
    certificate that exists.
    """
    awards.hold(kind, [pair.id])  # a double click waits here
    return issue_once(with_objectives(awards.award(kind, pair.id), objectives), by)


def with_objectives(award: Award, objectives: list[str] | None) -> Award:
    """What the jeune agrees to show beside."""
    if not objectives:
        return award
    return Award(award.kind, award.person, {**award.facts, "objectives": objectives}, award.pair_id)


def issue_for_period(kind: CertificateKind, mentor: Mentor, period: Period, by: UUID) -> Certificate:
    """A mentor's hours, or their year. Raises NothingToCertify without a meeting held."""
    awards.hold(kind, [mentor.id])  # a double click waits here
    return issue_once(awards.award(kind, mentor.id, period), by)


def issue_once(award: Award, by: UUID | None) -> Certificate:
    """Issue, unless a valid certificate states the same already: then that one."""
    known = awards.certified(award.kind, [award.person.id]).get(award.person.id, ())
    return awards.same_as(award, known) or issue(award, by)


def issue(
    award: Award, by: UUID | None = None, number: int | None = None, replaces: Certificate | None = None,
    batch_id: UUID | None = None, year: int | None = None, means: Means | None = None,
) -> Certificate:  # fmt: skip
    """Number it, freeze what it states, write its file, seal it, store all of it.

    Alone, a certificate takes its number here; in a batch it has one already, of the batch's year.
    """
    means = means or Means.of(award.kind)
    year = year or means.day.year
    number = number or next_number(year)
    facts = dict(award.facts) | common_facts(award, means.text, means.day, year, number, new_code())
    if replaces is not None:
        facts["replaces"] = replaces.reference_number
    rendered = as_pdf(facts, current_tenant, verification_link(facts["code"]), means.key)
    sealed = seal(rendered, means.sealer, facts["association"])
    is_mentor = isinstance(award.person, Mentor)
    certificate = Certificate(
        id=uuid7(), kind=award.kind, year=year, number=number, code=facts["code"],
        mentor_id=award.person.id if is_mentor else None, mentee_id=None if is_mentor else award.person.id,
        pair_id=award.pair_id, completion_id=award.completion_id, batch_id=batch_id, facts=facts,
        replaces_id=replaces.id if replaces else None,
        file_key=store_as(current_tenant_id(), f"attestations/{year}/{facts['number']}-{facts['code']}.pdf", sealed.content),
        sha256=hashlib.sha256(sealed.content).hexdigest(), rendered_sha256=hashlib.sha256(rendered).hexdigest(),
        sealed_by=sealed.by, issued_on=means.day, issued_by=by, mentor=award.person if is_mentor else None,
        mentee=None if is_mentor else award.person,
    )  # fmt: skip
    certificate.just_made = True
    db.session.add(certificate)
    db.session.add(CertificateCode(code=facts["code"], tenant_id=current_tenant_id(), certificate_id=certificate.id))
    db.session.flush()  # pages name the stored row
    return certificate


def common_facts(award: Award, text: wording.Text, day: date, year: int, number: int, code: str) -> dict[str, Any]:
    """What every certificate states: the holder, the association, who signs, the sentence itself."""
    tenant = current_tenant
    name, office, signature = wording.signs(text)
    facts = {
        "kind": str(award.kind),
        "holder": award.person.full_name,
        "association": tenant.name,
        "city": tenant.city,
        "signatory_name": name,
        "signatory_office": office,
        "signature_key": signature,
        "issued_on": day.isoformat(),
        "number": f"{tenant.initials}-{year}-{number:05}",
        "code": code,
    }
    stated = {**award.facts, **facts}
    agreement = award.person.agreement
    body = wording.written(text.body, stated, agreement)
    title = wording.plain(wording.written(text.title, stated, agreement))
    if len(body) > MOST_WRITTEN:
        raise Unwritable(
            _("Une fois rempli, ce texte a %(count)s caractères : la page en tient %(most)s.", count=len(body), most=MOST_WRITTEN)
        )
    claim = _("L'association %(name)s atteste que %(holder)s", name=tenant.name, holder=award.person.full_name)
    return facts | {"title": title, "body": body, "text": f"{claim} {wording.plain(body)}"}


def next_number(year: int) -> int:
    """The next number of this association in a year, without holes: given with the certificate or not at all.

    Numbers that a batch took and did not use are given first.
    """
    return next_numbers(year, 1)[0]


def next_numbers(year: int, count: int) -> list[int]:
    """So many numbers at once; whoever else wants some waits until this transaction ends."""
    values = {"tenant_id": current_tenant_id(), "id": uuid7(), "year": year, "last": 0}
    statement = insert(CertificateCounter).values(**values)
    statement = statement.on_conflict_do_update(index_elements=["tenant_id", "year"], set_={"last": CertificateCounter.last})
    db.session.execute(statement)
    counter = db.session.scalars(
        select(CertificateCounter)
        .where(CertificateCounter.year == year)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    freed = sorted(counter.freed)
    again, counter.freed = freed[:count], freed[count:]
    missing = count - len(again)
    numbers = [*again, *range(counter.last + 1, counter.last + 1 + missing)]
    counter.last += missing
    db.session.flush()  # another certificate of this transaction reads it again
    return numbers


def free_numbers(year: int, numbers: list[int]) -> None:
    """Give back numbers that were taken and not used."""
    if numbers:
        counter = db.session.scalars(select(CertificateCounter).where(CertificateCounter.year == year).with_for_update()).one()
        counter.freed = sorted({*counter.freed, *numbers})
        db.session.flush()


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH))


def verification_link(code: str) -> str:
    """What the QR code says: short, and on this site."""
    return absolute("certificates.verify", code=code)


def revoke(certificate: Certificate, reason: str, by: UUID) -> bool:
    """Take a certificate back, with a reason; the file stays, and its page says so. Twice changes nothing; whether this did.

    On one whose holder was erased no reason is written: it might name them.
    """
    if not hold_row(certificate).is_valid:
        return False
    certificate.revoked_at, certificate.revoked_by = now(), by
    certificate.revocation_reason = "" if certificate.is_erased else reason
    certificate.share_key = None
    if certificate.batch_id is not None:
        gather_again(certificate.batch_id)
    return True


def gather_again(batch_id: UUID) -> None:
    """The files of a batch hold one that is not valid any more: they are not given until they are made without it."""
    from .jobs import gather_files

    files = {"zip_key": None, "print_key": None}
    db.session.execute(update(CertificateBatch).where(CertificateBatch.id == batch_id).values(files))
    gather_files.defer(batch_id=batch_id, once=True)


def revoke_for_good(certificate: Certificate, reason: str, by: UUID) -> bool:
    """The same, with nothing in its place: a course that was certified by a presence taken back since is not complete any more."""
    hold_holders([certificate])
    if not revoke(certificate, reason, by):
        return False
    if certificate.completion_id is not None:
        give_back(db.session.get_one(Completion, (certificate.tenant_id, certificate.completion_id)))
    return True


def hold_holders(certificates: Iterable[Certificate]) -> None:
    """Let nobody note what these mentors did of a certified course until the transaction ends: people before their certificates."""
    for mentor_id in sorted({row.mentor_id for row in certificates if row.completion_id and row.mentor_id}):
        lock(mentor_id)


@presence_taken_back.connect
def give_back(completion: Completion) -> None:
    """A course was complete by a presence that was taken back: unless a valid certificate still says it, it is not any more."""
    db.session.flush()
    rows = db.session.scalars(select(Certificate).where(Certificate.completion_id == completion.id)).all()
    if any(row.is_valid for row in rows) or not attendance.unattended(completion):
        return
    for row in rows:
        row.completion_id = None  # what it stated stays in its facts
    gone = BatchItem.source_id == completion.id, BatchItem.certificate_id.is_(None)  # nothing will say any more whose it was
    db.session.execute(update(BatchItem).where(*gone).values(holder=_("Un parcours qui n'est plus terminé")))
    db.session.flush()
    attendance.take_back(completion)


def correct(certificate: Certificate, reason: str, by: UUID, objectives: list[str] | None = None) -> Certificate:
    """Revoke with a reason, and issue another that names it, from what is true today; a jeune's cites these objectives.

    Twice gives the same correction. Raises AlreadyReplaced when it was revoked for good, NothingToCertify when there is nothing to
    state, or another says it already.
    """
    again = replacement_of(hold_row(certificate))
    if again is not None:
        return again
    if not certificate.is_valid:
        raise AlreadyReplaced(_("Cette attestation est révoquée : faites-en une nouvelle."))
    kind, source = CertificateKind(certificate.kind), certificate.completion_id or certificate.pair_id or certificate.holder_id
    awards.hold(kind, [source])
    first, last = certificate.facts.get("from"), certificate.facts.get("to")
    period = Period(date.fromisoformat(first), date.fromisoformat(last)) if first and last else None
    award = with_objectives(awards.award(kind, source, period), objectives)
    others = [row for row in awards.certified(kind, [award.person.id]).get(award.person.id, ()) if row.id != certificate.id]
    if same := awards.same_as(award, others):
        raise awards.NothingToCertify(_("%(said)s Révoquez plutôt celle-ci.", said=awards.said_by(same)))
    revoke(certificate, reason, by)
    db.session.flush()  # the completion is free for the next one
    return issue(award, by, replaces=certificate)


def replacement_of(certificate: Certificate) -> Certificate | None:
    """The certificate that corrects this one."""
    return db.session.scalar(select(Certificate).where(Certificate.replaces_id == certificate.id))


def last_of(certificate: Certificate) -> Certificate | None:
    """What stands in place of one today: the last of those that correct one another; None where nothing does."""
    first = select(Certificate.id, literal(1).label("rank")).where(Certificate.replaces_id == certificate.id).cte(recursive=True)
    rest = select(Certificate.id, first.c.rank + 1).join(first, Certificate.replaces_id == first.c.id)
    chain = first.union_all(rest)
    last = select(Certificate).join(chain, Certificate.id == chain.c.id).order_by(chain.c.rank.desc()).limit(1)
    return db.session.scalars(last).first()


def certificates_of_pair(pair_id: UUID) -> list[Certificate]:
    """What was issued for a pair, the latest first."""
    return list(db.session.scalars(*issued_for_pair(pair_id)))


@prepared
def issued_for_pair(pair_id: UUID) -> Select[Certificate]:
    return select(Certificate).where(Certificate.pair_id == pair_id).order_by(Certificate.year.desc(), Certificate.number.desc())


def find_by_code(typed: str) -> tuple[UUID, UUID] | None:
    """Tenant and certificate of a code, however it was typed; None when there is none."""
    code = "".join(c for c in typed.upper() if c.isalnum())
    row = db.session.get(CertificateCode, code) if len(code) == CODE_LENGTH else None
    return (row.tenant_id, row.certificate_id) if row else None


def masked(name: str) -> str:
    """« Cl… D… »: enough for who holds the paper, nothing for who tries codes."""
    return " ".join(f"{word[:2] if place == 0 else word[:1]}…" for place, word in enumerate(name.split()))


def share(certificate: Certificate) -> str:
    """A link that shows the certificate with its holder's name, until the holder takes it back; the same one when asked again."""
    if certificate.share_key is None:
        certificate.share_key = secrets.token_urlsafe(16)
        db.session.flush()
    return certificate.share_key


def stop_sharing(certificate: Certificate) -> None:
    """The link shows nothing any more. Twice changes nothing."""
    certificate.share_key = None


def stated_by(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a stranger may read of a certificate as JSON: no name, nothing of the jeune but what it is about."""
    return {name: facts[name] for name in STATED if facts.get(name) is not None}
