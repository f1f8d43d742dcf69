"""Words of a request that somebody must read today: the team is told; its day and its list begin with them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, func, literal, select, true
from sqlalchemy.orm import aliased

from app.accounts.queries import addresses_by_user
from app.database import now, prepared
from app.extensions import db
from app.guard import ALARMING
from app.mail import Letter, absolute, send
from app.tenants.models import Tenant
from app.tenants.resolve import current_tenant
from app.translation import gettext as _

from .models import TO_ANSWER, Lead, LeadState
from .own import own_among

LATELY, SHOWN = timedelta(days=60), 6
AT_THE_PROGRAMME = (LeadState.WAITING,)  # those that no association has


def tell(leads: Sequence[Lead], tenant: Tenant) -> None:
    """Write to those who answer requests here, once for all that came together; to nobody of a request that is about them."""
    found = [lead for lead in leads if lead.is_alarming]
    if not found:
        return
    lines = [
        _("Dans ce qui accompagne une demande, des mots peuvent parler d'un danger. Lisez-les aujourd'hui, et appelez."),
        _("Ne prévenez pas la personne mise en cause. Pour un ou une jeune sans numéro de téléphone, appelez le 119."),
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


def alarming(since: Any, states: Collection[str]) -> Select[UUID]:
    """The numbers of the requests with such words that wait, in these states."""
    said = func.concat_ws("\n", Lead.hopes, Lead.message).regexp_match(ALARMING, "i")
    return select(Lead.id).where(Lead.state.in_(states), Lead.contacted_at.is_(None), Lead.requested_at > since, said)


def first_alarming(since: Any, *besides: ScalarSelect[Any], states: Collection[str] = TO_ANSWER) -> Select[*tuple[Any, ...]]:
    """The requests with such words that wait, the first received first, each with the one that it repeats.

    A page that asks much already has its figures in the same statement, on each row; there is one row where no request waits.
    """
    ids = alarming(since, states).order_by(Lead.requested_at, Lead.id).limit(SHOWN).subquery()
    lead, repeated, one_row = aliased(Lead), aliased(Lead), select(literal(1)).subquery()
    rows = select(lead, repeated, *besides).select_from(one_row).outerjoin(ids, true())
    both = rows.outerjoin(lead, lead.id == ids.c.id).outerjoin(repeated, repeated.id == lead.same_as)
    return both.order_by(lead.requested_at, lead.id)


@prepared
def alone(since: Any) -> Select[*tuple[Any, ...]]:
    return first_alarming(since)


@prepared
def any_at_the_programme(since: Any) -> Select[UUID]:
    return alarming(since, AT_THE_PROGRAMME).limit(1)


@prepared
def at_the_programme(since: Any) -> Select[*tuple[Any, ...]]:
    return first_alarming(since, states=AT_THE_PROGRAMME)


def unheard(reader: UUID) -> Sequence[Lead]:
    """The requests with such words of whom nobody has tried to reach the person yet, but those that say who reads.

    In the programme's space, those that no association has: the others begin the association's day. Most days there is none.
    """
    since = lately()
    if current_tenant.is_programme and db.session.scalar(*any_at_the_programme(since)) is None:
        return ()
    asked = at_the_programme if current_tenant.is_programme else alone
    return unheard_of(db.session.execute(*asked(since)).all(), reader)


def lately() -> datetime:
    """Since when such words are looked for."""
    return now() - LATELY


def unheard_of(rows: Sequence[Sequence[Any]], reader: UUID) -> Sequence[Lead]:
    """The same, of rows that are read already."""
    found = [row[0] for row in rows if row[0] is not None]
    around = [row[1] for row in rows if row[1] is not None]
    own = own_among(found, reader, by_name=False, around=around) if found else ()
    return [lead for lead in found if lead.id not in own]
