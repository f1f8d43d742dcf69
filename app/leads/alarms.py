"""Words of a request that somebody must read today: the team is told, and the list of requests begins with them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from app.accounts.queries import addresses_by_user
from app.database import now, prepared
from app.extensions import db
from app.guard import ALARMING
from app.mail import Letter, absolute, send
from app.tenants.models import Tenant
from app.translation import gettext as _

from .models import TO_ANSWER, Lead
from .own import own_among

LATELY, SHOWN = timedelta(days=60), 6


def tell(leads: Sequence[Lead], tenant: Tenant) -> None:
    """Write to those who answer requests here, once for all that came together; to nobody of a request that is about them."""
    found = [lead for lead in leads if lead.is_alarming]
    if not found:
        return
    lines = [
        _("Dans ce qui accompagne une demande, des mots peuvent parler d'un danger. Lisez-les aujourd'hui, et appelez."),
        _("Ne prévenez pas la personne dont elle ou il parle. Pour un ou une jeune sans numéro de téléphone, appelez le 119."),
    ]
    for user_id, address in addresses_by_user().items():
        own = own_among(found, user_id, by_name=False)
        theirs = [lead for lead in found if lead.id not in own]
        if theirs:
            letter = Letter("lead_alarm", _("À lire aujourd'hui : des mots qui inquiètent"), "note")
            label = _("Lire la demande")
            send(letter, address, name="", lines=lines, link=link_to(theirs, tenant), label=label, tenant=tenant)


def link_to(leads: Sequence[Lead], tenant: Tenant) -> str:
    """Where they are read: the request, or the list when there are several."""
    one, all_ = ("programme.lead", "programme.queue") if tenant.is_programme else ("leads.show", "leads.inbox")
    is_alone = len(leads) == 1
    return absolute(one, slug=tenant.slug, lead_id=leads[0].id) if is_alone else absolute(all_, slug=tenant.slug)


@prepared
def first_alarming(since: Any) -> Select[Lead, Lead | None]:
    """The requests with such words that wait, the first received first, each with the one that it repeats."""
    said = func.concat_ws("\n", Lead.hopes, Lead.message).regexp_match(ALARMING, "i")
    waiting = Lead.state.in_(TO_ANSWER), Lead.contacted_at.is_(None), Lead.requested_at > since
    repeated = aliased(Lead)
    both = select(Lead, repeated).outerjoin(repeated, repeated.id == Lead.same_as).where(*waiting, said)
    return both.order_by(Lead.requested_at, Lead.id).limit(SHOWN)


def unheard(reader: UUID) -> Sequence[Lead]:
    """The requests with such words of whom nobody has tried to reach the person yet, but those that say who reads."""
    found = db.session.execute(*first_alarming(now() - LATELY)).all()
    around = [other for _lead, other in found if other is not None]
    own = own_among([lead for lead, _other in found], reader, by_name=False, around=around) if found else ()
    return [lead for lead, _other in found if lead.id not in own]
