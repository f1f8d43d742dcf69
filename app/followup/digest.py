"""The week's letter to each of the team: their own pairs only, what matters first; nothing when there is nothing."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.queries import addresses_by_user
from app.database import uuid7
from app.extensions import db
from app.mail import Mail, post
from app.people.letters import composed, space_link
from app.tenants.models import Staff
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _
from app.translation import ngettext

from .calls import ToCall, to_call
from .models import Call, Digest
from .words import why

LINES = 20


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def send_digests(day: date) -> int:
    """Write to each member of the team who follows pairs with somebody to call, once a week. How many letters."""
    team = addresses_by_user()
    told = select(Digest.user_id).where(Digest.week == monday(day))  # this job comes back each hour
    mails = []
    for staff in db.session.scalars(select(Staff).where(Staff.user_id.in_(team), Staff.user_id.not_in(told)).order_by(Staff.id)):
        rows, count = to_call(staff.user_id, staff, limit=LINES)
        if rows and is_first(staff, monday(day)):
            mails.append(letter(team[staff.user_id], staff, rows, count))
    post(mails)
    return len(mails)


def is_first(staff: Staff, week: date) -> bool:
    """Whether this week's letter had not been written; it is now."""
    row = {"tenant_id": current_tenant_id(), "id": uuid7(), "user_id": staff.user_id, "week": week}
    return db.session.scalar(insert(Digest).values(**row).on_conflict_do_nothing().returning(Digest.id)) is not None


def said_outside(call: Call) -> str:
    """Why to call, without the words that the team wrote for itself: a letter is read on any telephone."""
    return why(call.kind, {name: fact for name, fact in call.facts.items() if name != "step"}, call.since)


def letter(address: str, staff: Staff, rows: list[ToCall], count: int) -> Mail:
    """Each pair in a line, with its first reason."""
    lines = [
        ngettext("Cette semaine, %(num)d binôme attend un appel :", "Cette semaine, %(num)d binômes attendent un appel :", count)
    ]
    lines += [_("%(pair)s : %(why)s", pair=row.pair.title, why=said_outside(row.calls[0])) for row in rows]
    if count > len(rows):
        lines.append(_("… et d'autres, dans votre page du jour."))
    subject, link = _("Vos binômes cette semaine"), space_link("followup.home")
    return composed("digest", address, staff.first_name, subject, lines, link, _("Voir qui appeler"))
