"""Whether the question that one of the two was asked was read, every hour: a reminder, silence, or somebody to call."""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.links import mark_of
from app.database import hold_row, now
from app.extensions import db
from app.mail import Mail, MailState, refusals
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _
from app.web import today

from .interest import QUESTION, address_of, end, tell_team, write_about
from .life import KIND, locked, note
from .models import Pair, PairAnswer, PairEvent, PairState
from .settings import settings


def watch() -> None:
    """Every hour: remind two days before the end; the day after, take silence for an answer, of whoever could be written to.

    Where the address is another one since, nothing was read: the question leaves again, with all its days. Where it refuses what
    is sent, or nothing could leave, the question was not read either: the team is told, once, and calls; the question leaves again
    once it takes mail.
    Where there is no address any more, as for a minor asked through a parent who comes of age, it is asked by telephone.
    """
    refusing = refusals(asked_addresses())
    for row in asked_until(date.max) if refusing else ():
        if address_of(row) in refusing and not went_elsewhere(row) and was_refused(row):
            tell_unread(row)
    for row in asked_until(today() + timedelta(days=2)):
        is_lost = is_unread(row)
        if went_elsewhere(row) or (is_lost and address_of(row) not in {None, *refusing} and not still_waits(row)):
            row.answer_by, row.reminded_on = today() + timedelta(days=settings().answer_days), None
            note(row.pair, f"asked_{row.side}")
            write_about(row)
        elif is_lost:
            continue
        elif address_of(row) is None and row.sent_mark not in {None, mark_of(None)}:
            note(row.pair, f"call_{row.side}")
            write_about(row)
        elif row.answer_by < today():
            if address_of(row) is not None and never_left(row):  # nobody is silent
                tell_unread(row)
            elif address_of(row) is not None:
                note(row.pair, f"silent_{row.side}")
                end(row, f"silent_{row.side}")
        elif row.reminded_on is None and row.updated_at < now() - timedelta(days=1):  # the first letter is not that fresh
            row.reminded_on = today()
            write_about(row)


def asked_addresses() -> set[str | None]:
    """Where those are written to who have not answered."""
    rows = select(PairAnswer).join(PairAnswer.pair).where(PairAnswer.is_yes.is_(None), Pair.state == PairState.PROPOSED)
    with_both = contains_eager(PairAnswer.pair).options(joinedload(Pair.mentor), joinedload(Pair.mentee))
    return {address_of(row) for row in db.session.scalars(rows.options(with_both))}


def tell_unread(row: PairAnswer) -> None:
    """The question could not be read: the story says so, and the team is to ask by telephone."""
    note(row.pair, f"unread_{row.side}")
    said = _("%(pair)s : la question n'a pas pu être remise à %(name)s. Appelez, puis notez la réponse, ou corrigez l'adresse.",
             pair=row.pair.title, name=row.pair.person(row.side).first_name)  # fmt: skip
    tell_team(row.pair, _("Une personne à appeler"), said)


def is_unread(row: PairAnswer) -> bool:
    """Whether the question could not be read, and has not left again since."""
    unread = f"unread_{row.side}"
    of_this = PairEvent.pair_id == row.pair_id, PairEvent.what.in_([unread, f"asked_{row.side}"])
    latest = select(PairEvent.what).where(*of_this).order_by(PairEvent.created_at.desc(), PairEvent.id.desc()).limit(1)
    return db.session.scalar(latest) == unread


def was_refused(row: PairAnswer) -> bool:
    """Whether the question was, and no reminder of it went. Said once."""
    return not is_unread(row) and states_of(row) == {"refused"}


def never_left(row: PairAnswer) -> bool:
    """Whether neither the question nor a reminder of it went, refused or still waiting for a server that takes it."""
    states = states_of(row)
    return bool(states) and "sent" not in states


def still_waits(row: PairAnswer) -> bool:
    """Whether a letter of the question waits for a server that takes it: another would only follow it."""
    theirs = Mail.kind == KIND, Mail.subject == str(QUESTION), Mail.to_address == address_of(row), Mail.state == MailState.WAITING
    return db.session.scalar(select(Mail.id).where(*theirs).limit(1)) is not None


def states_of(row: PairAnswer) -> set[str]:
    """What became of its letters, since it last could not be read: what becomes of another letter says nothing of it."""
    unread = PairEvent.pair_id == row.pair_id, PairEvent.what == f"unread_{row.side}"
    since = func.coalesce(select(func.max(PairEvent.created_at)).where(*unread).scalar_subquery(), row.created_at)
    theirs = Mail.kind == KIND, Mail.subject == str(QUESTION), Mail.to_address == address_of(row), Mail.created_at >= since
    return set(db.session.scalars(select(Mail.state).where(*theirs)))


def went_elsewhere(row: PairAnswer) -> bool:
    """Whether the question never went where somebody reads today: their address was put right, or given, since."""
    address = address_of(row)
    return address is not None and row.sent_mark is not None and row.sent_mark != mark_of(address)


def asked_until(day: date) -> Iterator[PairAnswer]:
    """The questions without an answer that end by a day; the pair is locked first, as whoever answers does."""
    waiting = select(PairAnswer.id).join(PairAnswer.pair).where(PairAnswer.is_yes.is_(None), Pair.state == PairState.PROPOSED)
    for row_id in db.session.scalars(waiting.where(PairAnswer.answer_by <= day).order_by(PairAnswer.answer_by)).all():
        row = db.session.get_one(PairAnswer, (current_tenant_id(), row_id))
        locked(row.pair)
        hold_row(row)
        if row.is_yes is None and row.pair.state == PairState.PROPOSED:
            yield row
