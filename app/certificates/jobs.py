"""What is made while nobody waits: the certificate of a completed course, and those of a batch."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.queries import staff_addresses
from app.errors import DomainError
from app.extensions import db
from app.jobs import job
from app.mail import Letter, absolute, send
from app.people.models import FileState
from app.tenants.resolve import current_tenant
from app.training.models import Completion
from app.training.signals import course_completed
from app.translation import gettext as _

from . import awards, batches
from .actions import issue_for_training
from .models import Certificate, CertificateBatch, CertificateKind


@course_completed.connect
def ask_for_certificate(completion: Completion) -> None:
    """Enqueue it with the completion itself."""
    issue_training_certificate.defer(completion_id=completion.id)


@job
def issue_training_certificate(completion_id: UUID) -> None:
    """Issue the certificate of a completed course and write to its holder; a second time changes nothing."""
    awards.hold(CertificateKind.TRAINING, [completion_id])  # who is erased meanwhile is seen to be
    completion = db.session.get(Completion, (current_tenant.id, completion_id))
    if (
        completion is None
        or completion.mentor.erased_at is not None
        or not completion.course.certifies
        or not completion.course.is_required
    ):
        return
    if db.session.scalar(select(Certificate.id).filter_by(completion_id=completion_id).limit(1)) is not None:
        return
    try:
        with db.session.begin_nested():  # its number goes back with it
            certificate = issue_for_training(completion)
    except DomainError as error:
        tell_staff(completion, error)
    else:
        send_to_holder(certificate)


def tell_staff(completion: Completion, error: DomainError) -> None:
    """Nobody is at the screen: what prevents a certificate is written to the team."""
    letter = Letter("certificate_not_made", _("Une attestation n'a pas pu être faite"))
    link = absolute("people.mentor", slug=current_tenant.slug, mentor_id=completion.mentor_id)
    for address in staff_addresses():
        send(letter, address, mentor=completion.mentor, reason=str(error), tenant=current_tenant, link=link)


@job
def make_share(batch_id: UUID) -> None:
    """Make a share of a batch and write to the holders if that was wished. Done again, it goes on where the batch is."""
    made = batches.make_some(batch_id)
    if made and db.session.get_one(CertificateBatch, (current_tenant.id, batch_id)).tells_holders:
        for certificate in made:
            send_to_holder(certificate)


@job
def gather_files(batch_id: UUID) -> None:
    """One ZIP and one PDF to print; done again, the same."""
    batches.gather(batch_id)


@job
def revoke_share(batch_id: UUID) -> None:
    """Take a share of a batch back and tell the holders; then the next one, until none is left. Done again, it goes on."""
    revoked, reason = batches.revoke_some(batch_id)
    for certificate in revoked:
        tell_revoked(certificate, reason)
    if revoked:
        revoke_share.defer(batch_id=batch_id)


def send_to_holder(certificate: Certificate) -> None:
    """Tell somebody that a certificate is theirs."""
    replaced = db.session.get(Certificate, (certificate.tenant_id, certificate.replaces_id)) if certificate.replaces_id else None
    write(Letter("certificate_issued", _("Votre attestation est prête")), certificate, replaced=replaced)


def tell_revoked(certificate: Certificate, reason: str) -> None:
    """Tell somebody that a certificate of theirs is taken back, and why."""
    write(Letter("certificate_revoked", _("Une de vos attestations n'est plus valable")), certificate, reason=reason)


def write(letter: Letter, certificate: Certificate, **said: Any) -> None:
    """Write to the holder, when they have an address and a space to come to: a closed file has none, the team hands it over."""
    person = certificate.holder
    if person.email and person.user_id and person.state != FileState.WITHDRAWN:
        link = absolute("certificates.mine", slug=current_tenant.slug)
        send(letter, person.email, person=person, certificate=certificate, tenant=current_tenant, link=link, **said)
