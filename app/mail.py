"""Mail: written in the transaction that wants it, sent by a job, tried again, never twice; the receipt is kept."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import make_msgid
from enum import StrEnum
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any
from uuid import UUID

from flask import current_app, render_template
from flask_mail import Message
from sqlalchemy import CheckConstraint, Index, func, literal_column, select, text, update
from sqlalchemy.orm import Mapped, aliased, mapped_column

from .database import AT_ONCE, TenantModel, now, unit_of_work
from .extensions import db, mailer
from .jobs import TryAgain, application, every_hour, every_ten_minutes, job, last
from .tenants.models import Tenant
from .tenants.scope import current_tenant_id

GIVEN_UP = timedelta(days=7)
REMEMBERED = timedelta(days=90)
MANY, NEW = 10, timedelta(minutes=5)  # letters of a kind in an hour, and how old the last is when another is of use
OF_ADDRESS = ("SMTPRecipientsRefused", "SMTPDataError")  # what their server answers; any other error is of the way there
FOR_GOOD = 500  # an answer of a mail server from here on is final (RFC 5321, 4.2.1)


class MailState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"


class Mail(TenantModel):
    """One message and its receipt. Once sent its text is forgotten: it held a person's data, and links that open doors.

    The demonstration keeps the text, for its letter box.
    """

    __tablename__ = "mails"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'sent', 'refused')", name="state"),
        Index("ix_mails_created_at", "tenant_id", "created_at"),
        Index("ix_mails_to", "tenant_id", "to_address", "created_at"),
        Index("ix_mails_refused", "tenant_id", "to_address", postgresql_where=text("state = 'refused'")),
        Index("ix_mails_waiting", "tenant_id", "created_at", postgresql_where=text("state = 'waiting' and attempts = 0")),
    )

    kind: Mapped[str]
    to_address: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str | None]
    html: Mapped[str | None]
    calendar: Mapped[str | None]  # an invitation (RFC 5546), forgotten with the text
    message_id: Mapped[str]
    state: Mapped[str] = mapped_column(default=MailState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]  # what comes after what it is about is not sent


@dataclass(frozen=True)
class Letter:
    """A kind of message: its subject, and the template in text and HTML, `mail/<kind>` unless another is named."""

    kind: str
    subject: str
    template: str = ""


def absolute(endpoint: str, **values: Any) -> str:
    """A link for a letter: always on this site's own address, whatever host the request named; at `_anchor`, a part of the page."""
    part = values.pop("_anchor", None)
    path = current_app.url_map.bind("binome").build(endpoint, values)
    return f"{current_app.config['BINOME'].public_url}{path}{f'#{part}' if part else ''}"


def send(letter: Letter, to: str, calendar: str | None = None, **context: Any) -> Mail:
    """Write a message and enqueue its sending, both in the current transaction. A calendar is an invitation, or its end."""
    mail = compose(letter, to, calendar, **context)
    db.session.add(mail)
    db.session.flush()  # the job needs the id
    deliver.defer(mail_id=mail.id)
    return mail


def compose(letter: Letter, to: str, calendar: str | None = None, **context: Any) -> Mail:
    """A message, not stored yet."""
    subject = " ".join(letter.subject.split())
    domain = current_app.config["BINOME"].mail_sender.partition("@")[2]
    return Mail(
        kind=letter.kind,
        to_address=to,
        subject=subject,
        text=render_template(f"mail/{letter.template or letter.kind}.txt", subject=subject, **context),
        html=render_template(f"mail/{letter.template or letter.kind}.html", subject=subject, **context),
        calendar=calendar,
        message_id=make_msgid(domain=domain),
    )


def post(mails: Sequence[Mail]) -> None:
    """Store many messages and enqueue one job that sends them all, in the current transaction."""
    if mails:
        db.session.add_all(mails)
        db.session.flush()  # whoever notes a receipt needs the ids
        deliver_waiting.defer(once=True)


def has_enough(kind: str, address: str) -> bool:
    """Whether the last letter of this kind serves, for many came within the hour and it is new.

    Anybody may ask for a link to somebody else's address: that is never refused, which would keep its owner out, and fills no box.
    """
    lately = select(func.count(), func.max(Mail.created_at)).where(Mail.kind == kind, Mail.to_address == address)
    count, last = db.session.execute(lately.where(Mail.created_at > now() - timedelta(hours=1))).one()
    return count >= MANY and last > now() - NEW


def has_just_left(letter: Letter, address: str | None) -> bool:
    """Whether this letter left for an address within a minute: several clicks are one."""
    same = Mail.kind == letter.kind, Mail.subject == " ".join(letter.subject.split()), Mail.to_address == address
    return db.session.scalar(select(Mail.id).where(*same, Mail.created_at > now() - AT_ONCE).limit(1)) is not None


def take_back(about: UUID | str, *addresses: str | None) -> None:
    """What was written there, with a link that names this, and has not left yet, is not true any more: it does not leave.

    What is being handed over at this instant is passed over: no page waits for a mail server.
    """
    theirs = Mail.to_address.in_([address for address in addresses if address])
    waits = select(Mail.id).where(theirs, Mail.state == MailState.WAITING, Mail.text.contains(str(about)))
    taken = Mail.id.in_(waits.with_for_update(skip_locked=True))
    db.session.execute(update(Mail).where(taken).values(valid_until=now()))


@last
@job
def deliver(mail_id: UUID) -> None:
    """Hand a message to the mail server and write the receipt.

    The row stays locked meanwhile, so two workers never send it both. Killed between the server's answer and the receipt, it
    is sent again under the same Message-ID: that instant is what SMTP makes unavoidable.
    """
    mail = db.session.scalar(select(Mail).where(Mail.id == mail_id).with_for_update())
    if mail is not None and mail.state == MailState.WAITING:
        hand_over(mail, mailer.send)


@every_ten_minutes
@last
@job
def deliver_waiting() -> None:
    """Hand over all that waits in this space over one connection, each message with its receipt in a transaction of its own.

    What fails is tried again by itself, and the rest goes over another connection; of a server that says nothing, the rest is
    not even asked. Killed at any instant, it leaves the rest waiting, and the queue takes it up; so does the next of these jobs,
    ten minutes later.
    """
    tenant_id = current_tenant_id()
    went: bool | None = False
    while went is False and is_waiting(tenant_id):
        with mailer.connect() as connection:
            while (went := hand_over_next(tenant_id, connection.send)) is True:
                pass


@every_hour
@job
def give_up() -> None:
    """Send no more what waits for a week: until then the queue takes it up every hour, however long an outage lasts."""
    left = select(Mail).where(Mail.state == MailState.WAITING, Mail.attempts > 0, Mail.created_at < now() - GIVEN_UP)
    for mail in db.session.scalars(left.limit(500).with_for_update(skip_locked=True)):
        mail.state = MailState.REFUSED
        forget_words(mail)


# In so many words, for only then does a prepared statement use the index of what waits.
FRESH = select(Mail).where(Mail.state == literal_column("'waiting'"), Mail.attempts == literal_column("0"))


def is_waiting(tenant_id: UUID) -> bool:
    """Whether some message was never tried, asked in a transaction of its own: this one would stand still while many leave."""
    with unit_of_work(application(), tenant_id):
        return db.session.scalar(FRESH.with_only_columns(Mail.id).limit(1)) is not None


def hand_over_next(tenant_id: UUID, sending: Callable[[Message], None]) -> bool | None:
    """The oldest that nobody tried to send, passing over another worker's: whether it went, None when there is none.

    Raises TryAgain when the server says nothing: each of the others would wait as long.
    """
    with unit_of_work(application(), tenant_id):
        mail = db.session.scalar(FRESH.order_by(Mail.created_at).limit(1).with_for_update(skip_locked=True))
        if mail is None:
            return None
        try:
            hand_over(mail, sending)
        except TryAgain as again:
            deliver.defer(mail_id=mail.id)
            if not is_silence(again.__cause__):
                return False
        else:
            return True
    raise TryAgain("silence")


def hand_over(mail: Mail, sending: Callable[[Message], None]) -> None:
    """Send one message and write its receipt. Raises TryAgain when the server could not take it now."""
    mail.attempts += 1
    if mail.valid_until is not None and mail.valid_until <= now():
        mail.state, mail.last_error = MailState.REFUSED, "Late"
    else:
        try:
            sending(as_message(mail))
        except Exception as error:
            mail.last_error = type(error).__name__
            if not is_final(error):
                raise TryAgain(mail.last_error) from error
            mail.state = MailState.REFUSED
        else:
            mail.state, mail.sent_at = MailState.SENT, now()
    forget_words(mail)


def forget_words(mail: Mail) -> None:
    """It is over: what it said is kept in the demonstration only, for its letter box."""
    if not current_app.config["BINOME"].demo:
        mail.text = mail.html = mail.calendar = None


def is_final(error: Exception) -> bool:
    """Whether trying again changes nothing: the server refuses this address or this text, or it cannot be written as a message."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= FOR_GOOD for code, _answer in error.recipients.values())
    if isinstance(error, SMTPDataError):
        return error.smtp_code >= FOR_GOOD
    return not isinstance(error, OSError)  # SMTP's other errors are of this kind


def is_silence(error: BaseException | None) -> bool:
    """Whether the server took too long to answer. Then smtplib says that it hung up, which is quick."""
    return error is not None and isinstance(error.__context__, TimeoutError)


def refusals(addresses: Iterable[str | None]) -> dict[str, datetime]:
    """Which of these addresses refuse what is sent, and since when: their server did not take the latest within 90 days."""
    asked = {address for address in addresses if address}
    if not asked:
        return {}
    later = aliased(Mail)
    went = select(later.id).where(later.to_address == Mail.to_address, later.state == "sent", later.created_at > Mail.created_at)
    refused = Mail.state == literal_column("'refused'"), Mail.last_error.in_(OF_ADDRESS)
    lately = Mail.created_at > now() - REMEMBERED
    theirs = Mail.to_address.in_(asked)
    rows = select(Mail.to_address, func.max(Mail.created_at)).where(theirs, *refused, lately, ~went.exists())
    return {address: moment for address, moment in db.session.execute(rows.group_by(Mail.to_address))}


def as_message(mail: Mail) -> Message:
    """The same in Flask-Mail's form, with an identity that stays when it is tried again. Answers go to the space."""
    answers = db.session.scalar(select(Tenant.email).where(Tenant.id == mail.tenant_id)) or None
    message = Message(mail.subject, recipients=[mail.to_address], body=mail.text, html=mail.html, reply_to=answers)
    message.msgId = mail.message_id
    if mail.calendar is not None:
        method = "CANCEL" if "METHOD:CANCEL" in mail.calendar.splitlines() else "REQUEST"
        message.attach("invitation.ics", f"text/calendar; method={method}; charset=UTF-8", mail.calendar.encode())
    return message
