"""Whether a request is about who looks: theirs, or that of somebody whom they represent. A colleague answers it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.accounts.queries import current_member, is_oneself
from app.gate import concerns
from app.web import find

from .models import Lead


def is_about(lead: Lead, user_id: UUID, by_name: bool = True) -> bool:
    """Whether a request says somebody's name, mailbox or telephone; their name only to decide: a namesake may read it."""
    words = lead.email, lead.phone, lead.guardian_email, lead.guardian_phone
    return is_oneself(user_id, *words, *((lead.full_name, lead.guardian_name) if by_name else ()))


@concerns
def is_own_request(values: Mapping[str, Any]) -> bool:
    """Whether it is the request that a path names."""
    lead = find(Lead, values["lead_id"]) if "lead_id" in values else None
    return lead is not None and is_about(lead, current_member.user_id)
