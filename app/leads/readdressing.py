"""What a file says of how to reach somebody, and who represents them, is said on its request: links sent elsewhere open nothing."""

from uuid import UUID

from app.extensions import db
from app.tenants.resolve import current_tenant, find_programme

from . import jobs
from .actions import tell
from .models import Lead


def readdress(lead_id: UUID, email: str | None, phone: str | None) -> None:
    """A file's address was corrected: the request that it came from has the same, and a link sent to the first opens nothing."""
    lead = db.session.get(Lead, (current_tenant.id, lead_id))
    if lead is None or not (email or phone or lead.phone):
        return
    lead.email = email
    if email is None:
        lead.phone = phone or lead.phone
    tell_programme(lead)


def readdress_guardian(lead: Lead, name: str | None, email: str | None, phone: str | None) -> None:
    """A file has another guardian, or another address for them, or nobody any more: its request says the same."""
    if represent(lead, name, email, phone):
        tell_programme(lead)


def represent(lead: Lead, name: str | None, email: str | None, phone: str | None) -> bool:
    """Say who represents somebody; whether it is new. Their history says it: a link without a mark opens nothing from then on."""
    before = lead.guardian_name, lead.guardian_email, lead.guardian_phone
    lead.guardian_name, lead.guardian_email, lead.guardian_phone = name, email, phone
    if before == (name, email, phone):
        return False
    tell(lead, "guardian_corrected", reason="address" if before[1] != email else None)
    return True


def tell_programme(lead: Lead) -> None:
    """What the programme sent is said there too, by a job."""
    programme = find_programme()
    if lead.orientation_id is not None and programme is not None:
        jobs.readdress_original.defer(tenant_id=programme.id, association_id=current_tenant.id, orientation_id=lead.orientation_id)
