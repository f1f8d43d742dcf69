"""Pairs that do not meet: the mentor is asked on a day of the month, the team after so many days without anything logged."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Date, cast, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import contains_eager, joinedload

from app.database import now, uuid7
from app.extensions import db
from app.leads.calendar import add_months
from app.mail import Mail, post
from app.pairs.conditions import is_barred
from app.pairs.interest import followers_of
from app.pairs.models import Pair, PairState, Pause
from app.people.letters import clock_for, composed, space_link
from app.people.models import Mentor
from app.tenants.resolve import current_tenant
from app.tenants.scope import current_tenant_id
from app.territory.zones import clock_of
from app.translation import gettext as _
from app.translation import ngettext
from app.web import iso_day, local, midnight, today

from .models import Meeting, MeetingState
from .notice_models import Notice, NoticeRefusal
from .reminders import SHARE, is_awake
from .settings import settings

LISTED = 20


def note_said(kind: str, pairs: Sequence[Pair], side: str, marks: dict[UUID, str]) -> list[Pair]:
    """Those of these pairs that had not been said for their mark; they are now."""
    if not pairs:
        return []
    rows = [
        {"tenant_id": current_tenant_id(), "id": uuid7(), "kind": kind, "about": pair.id, "pair_id": pair.id, "side": side,
         "mark": marks[pair.id]}
        for pair in pairs
    ]  # fmt: skip
    fresh = set(db.session.scalars(insert(Notice).on_conflict_do_nothing().returning(Notice.about), rows))
    return [pair for pair in pairs if pair.id in fresh]


def ask_for_this_month(moment: datetime) -> int:
    """From the day of the month that the association chose: the mentors of pairs where nothing was held or is planned. How many."""
    chosen, day = settings(), local(moment).date()
    if not chosen.month_end or day.day < chosen.month_day:
        return 0
    first = day.replace(day=1)
    rows = [pair for pair in idle_pairs(first, f"{first:%Y-%m}") if is_awake(moment, clock_of(pair.mentor.departement_code))]
    fresh = note_said("month_end", rows, "mentor", {pair.id: f"{first:%Y-%m}" for pair in rows})
    mails = []
    for pair in fresh:
        with clock_for(pair.mentor):
            lines = [
                _("Ce mois-ci, aucun rendez-vous avec %(name)s n'est noté ni prévu.", name=pair.mentee.first_name),
                _("Vous vous êtes vus ? Notez la séance. Sinon, un message suffit souvent pour fixer un moment."),
                _("Une difficulté ? Écrivez à l'association depuis votre espace : elle est là pour cela."),
            ]
            subject = _("Et si vous vous voyiez avant la fin du mois ?")
            mails.append(
                written("month_end", str(pair.mentor.email), pair.mentor.first_name, subject, lines, _("Ouvrir mon espace"))
            )
    post(mails)
    return len(fresh)


def idle_pairs(first: date, mark: str) -> Sequence[Pair]:
    """The pairs under way that hold and plan nothing in the month that begins on a day, whose mentor can be asked and was not."""
    in_month = select(Meeting.id).where(
        Meeting.pair_id == Pair.id,
        Meeting.tenant_id == Pair.tenant_id,
        Meeting.state.in_((MeetingState.PLANNED, MeetingState.HELD)),
        Meeting.starts_at >= midnight(first),
        Meeting.starts_at < midnight(add_months(first, 1)),
    )
    said = select(Notice.id).where(Notice.kind == "month_end", Notice.about == Pair.id, Notice.mark == mark)
    refused = select(NoticeRefusal.id).where(NoticeRefusal.kind == "month_end", NoticeRefusal.user_id == Mentor.user_id)
    return db.session.scalars(
        select(Pair)
        .join(Pair.mentor)
        .where(Pair.state == PairState.ACTIVE, Pair.starts_on <= first, ~in_month.exists(), ~said.exists(), ~is_barred(today()))
        .where(Mentor.email.isnot(None), Mentor.user_id.isnot(None), ~refused.exists())
        .options(contains_eager(Pair.mentor), joinedload(Pair.mentee))
        .order_by(Pair.id)
        .limit(SHARE)
    ).all()


def tell_team_of_silences(moment: datetime) -> int:
    """To whoever follows them, else to the administrators: the pairs where nothing was logged for so many days. How many pairs.

    A silence is said once; when something was logged since, the next one may be.
    """
    chosen = settings()
    if not chosen.silence:
        return 0
    found = silent_since(moment - timedelta(days=chosen.silent_days))
    days = {pair.id: day for pair, day in found}
    told = followers_of([pair for pair, _day in found])
    silent = [pair for pair, _day in found if told[pair.id]][:SHARE]  # where there is nobody, whoever comes next is told
    fresh = note_said("silence", silent, "team", {pair.id: days[pair.id].isoformat() for pair in silent})
    groups = defaultdict[str, list[Pair]](list)
    for pair in fresh:
        for address in told[pair.id]:
            groups[address].append(pair)
    post([about_silences(address, pairs, days, chosen.silent_days) for address, pairs in sorted(groups.items())])
    return len(fresh)


def about_silences(address: str, pairs: Sequence[Pair], days: dict[UUID, date], silent_days: int) -> Mail:
    """One letter for all of them."""
    sentence = ngettext(
        "%(num)d binôme n'a rien noté depuis %(days)s jours. Un appel aide souvent :",
        "%(num)d binômes n'ont rien noté depuis %(days)s jours. Un appel aide souvent :",
        len(pairs), days=silent_days,
    )  # fmt: skip
    words = _("%(pair)s, depuis le %(day)s")
    lines = [_(words, pair=pair.title, day=iso_day(days[pair.id].isoformat())) for pair in pairs[:LISTED]]
    subject = _("Des binômes dont on n'a pas de nouvelles")
    return written("silence", address, "", subject, [sentence, *lines], _("Voir qui appeler"))


def written(kind: str, address: str, name: str, subject: str, lines: Sequence[str], label: str) -> Mail:
    """A message that leads to the reader's first page."""
    return composed(f"reminder_{kind}", address, name, subject, lines, space_link("followup.home"), label)


def silent_since(limit: datetime) -> Sequence[tuple[Pair, date]]:
    """The pairs under way without anything logged since a moment, and since which day; not those whose silence was said."""
    last = (
        select(Meeting.pair_id, func.max(Meeting.logged_at).label("at"))
        .where(Meeting.logged_at.isnot(None), Meeting.state.in_((MeetingState.HELD, MeetingState.MISSED)))
        .group_by(Meeting.pair_id)
        .subquery()
    )
    rested = select(func.max(Pause.until)).where(Pause.pair_id == Pair.id, Pause.until <= local(now()).date()).scalar_subquery()
    since = func.greatest(cast(func.timezone(current_tenant.timezone, last.c.at), Date), Pair.starts_on, rested)
    said = select(Notice.id).where(
        Notice.kind == "silence", Notice.about == Pair.id, Notice.mark == func.to_char(since, "YYYY-MM-DD")
    )
    rows = db.session.execute(
        select(Pair, since)
        .outerjoin(last, last.c.pair_id == Pair.id)
        .where(Pair.state == PairState.ACTIVE, since <= local(limit).date(), ~said.exists())
        .options(joinedload(Pair.mentor), joinedload(Pair.mentee), joinedload(Pair.coordinator))
        .order_by(since, Pair.id)
    )
    return [(pair, day) for pair, day in rows]
