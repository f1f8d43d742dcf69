"""Whether a request is about who looks: theirs, or that of somebody whom they represent. A colleague answers it."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from app.accounts.queries import current_member, own_words, says
from app.extensions import db
from app.gate import concerns
from app.web import find

from .models import Lead, LeadState


def own_among(leads: Collection[Lead], user_id: UUID, by_name: bool = True, around: Collection[Lead] | None = None) -> set[UUID]:
    """Which of these requests are about somebody: their name, mailbox or telephone is in it, or in one that is the same person's.

    That is the one that it repeats, and those that were joined to it: `around`, read here unless they are known already. A name
    only to decide: a namesake may read.
    """
    known, ids = own_words(user_id), [lead.id for lead in leads]
    if around is None:
        joined = and_(Lead.same_as.in_(ids), Lead.state == LeadState.JOINED)
        repeated = Lead.id.in_([lead.same_as for lead in leads if lead.same_as])
        around = db.session.scalars(select(Lead).where(or_(joined, repeated))).all()
    theirs = [one for one in (*leads, *around) if says(known, *words_of(one, by_name))]
    mine = {one.id for one in theirs} | {one.same_as for one in theirs if one.state == LeadState.JOINED}
    return {lead.id for lead in leads if lead.id in mine or lead.same_as in mine - {None}}


def words_of(lead: Lead, by_name: bool) -> Collection[str | None]:
    """What a request says of whose it is."""
    names = (lead.full_name, lead.guardian_name) if by_name else ()
    return lead.email, lead.phone, lead.guardian_email, lead.guardian_phone, *names


def is_about(lead: Lead, user_id: UUID, by_name: bool = True, around: Collection[Lead] | None = None) -> bool:
    """Whether this request is."""
    return lead.id in own_among([lead], user_id, by_name, around)


@concerns
def is_own_request(values: Mapping[str, Any]) -> bool:
    """Whether it is the request that a path names."""
    lead = find(Lead, values["lead_id"]) if "lead_id" in values else None
    return lead is not None and is_about(lead, current_member.user_id)
