"""A completed course gets its certificate where nobody waits for it."""

from uuid import UUID

from flask_babel import gettext as _

from app.extensions import db
from app.jobs import job
from app.mail import Letter, absolute, send
from app.tenants import scope
from app.tenants.models import Tenant
from app.tenants.resolve import enter_tenant
from app.training.models import Completion
from app.training.signals import course_completed

from .actions import issue_for_training
from .models import Certificate


@course_completed.connect
def ask_for_certificate(completion: Completion) -> None:
    """Enqueue it with the completion itself."""
    issue_training_certificate.defer(completion_id=completion.id)


@job
def issue_training_certificate(completion_id: UUID) -> None:
    """Issue the certificate of a completed course and write to its holder; a second time changes nothing."""
    tenant_id = scope.current_tenant_id()
    enter_tenant(db.session.get_one(Tenant, tenant_id))
    completion = db.session.get(Completion, (tenant_id, completion_id), with_for_update=True)
    if completion is None or completion.course.is_required is False:
        return
    if db.session.query(Certificate.id).filter_by(completion_id=completion_id).first() is None:
        send_to_holder(issue_for_training(completion))


def send_to_holder(certificate: Certificate) -> None:
    """Tell somebody that a certificate is theirs."""
    mentor, tenant = certificate.mentor, db.session.get_one(Tenant, certificate.tenant_id)
    if mentor.email and mentor.user_id:
        link = absolute("certificates.mine", slug=tenant.slug)
        letter = Letter("certificate_issued", _("Votre attestation est prête"))
        send(letter, mentor.email, mentor=mentor, certificate=certificate, tenant=tenant, link=link)
