"""Words of a request that somebody must read today: the team is told, and the list of requests begins with them."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Row, func, select

from app.accounts.queries import addresses_by_user
from app.database import now
from app.extensions import db
from app.guard import ALARMING
from app.mail import Letter, absolute, send
from app.tenants.models import Tenant
from app.translation import gettext as _

from .models import TO_ANSWER, Lead

LATELY, SHOWN = timedelta(days=60), 6


def tell(leads: Sequence[Lead], tenant: Tenant) -> None:
    """Write to those who answer requests here, once for all that came together."""
    found = [lead for lead in leads if lead.is_alarming]
    if not found:
        return
    one, all_ = ("programme.lead", "programme.queue") if tenant.is_programme else ("leads.show", "leads.inbox")
    is_alone = len(found) == 1
    link = absolute(one, slug=tenant.slug, lead_id=found[0].id) if is_alone else absolute(all_, slug=tenant.slug)
    lines = [_("Dans ce qui accompagne une demande, des mots peuvent parler d'un danger. Lisez-les aujourd'hui, et appelez.")]
    for address in addresses_by_user().values():
        letter = Letter("lead_alarm", _("À lire aujourd'hui : des mots qui inquiètent"), "note")
        send(letter, address, name="", lines=lines, link=link, label=_("Lire la demande"), tenant=tenant)


def unheard() -> Sequence[Row[UUID, str, str]]:
    """The requests with such words of whom nobody has tried to reach the person yet."""
    said = func.concat_ws("\n", Lead.hopes, Lead.message).regexp_match(ALARMING, "i")
    waiting = Lead.state.in_(TO_ANSWER), Lead.contacted_at.is_(None), Lead.requested_at > now() - LATELY
    named = select(Lead.id, Lead.first_name, Lead.last_name).where(*waiting, said)
    return db.session.execute(named.order_by(Lead.requested_at, Lead.id).limit(SHOWN)).all()
