"""Mail: written in the transaction that wants it, sent by a job, tried again, never twice; the receipt is kept."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import make_msgid
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask import current_app, render_template
from flask_mail import Message
from sqlalchemy import CheckConstraint, Index, select
from sqlalchemy.orm import Mapped, mapped_column

from .database import TenantModel, now
from .extensions import db, mailer
from .jobs import TryAgain, job


class MailState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"


class Mail(TenantModel):
    """One message and its receipt. Once sent its text is forgotten: it held a person's data, and links that open doors.

    The demonstration keeps the text, for its letter box.
    """

    __tablename__ = "mails"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'sent')", name="state"),
        Index("ix_mails_created_at", "tenant_id", "created_at"),
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


@dataclass(frozen=True)
class Letter:
    """A kind of message: its subject, and the template in text and HTML, `mail/<kind>` unless another is named."""

    kind: str
    subject: str
    template: str = ""


def absolute(endpoint: str, **values: Any) -> str:
    """A link for a letter: always on this site's own address, whatever host the request named."""
    path = current_app.url_map.bind("binome").build(endpoint, values)
    return f"{current_app.config['BINOME'].public_url}{path}"


def send(letter: Letter, to: str, calendar: str | None = None, **context: Any) -> Mail:
    """Write a message and enqueue its sending, both in the current transaction. A calendar is an invitation, or its end."""
    subject = " ".join(letter.subject.split())
    domain = current_app.config["BINOME"].mail_sender.partition("@")[2]
    mail = Mail(
        kind=letter.kind,
        to_address=to,
        subject=subject,
        text=render_template(f"mail/{letter.template or letter.kind}.txt", subject=subject, **context),
        html=render_template(f"mail/{letter.template or letter.kind}.html", subject=subject, **context),
        calendar=calendar,
        message_id=make_msgid(domain=domain),
    )
    db.session.add(mail)
    db.session.flush()  # the job needs the id
    deliver.defer(mail_id=mail.id)
    return mail


@job
def deliver(mail_id: UUID) -> None:
    """Hand a message to the mail server and write the receipt.

    The row stays locked meanwhile, so two workers never send it both. Killed between the server's answer and the receipt, it
    is sent again under the same Message-ID: that instant is what SMTP makes unavoidable.
    """
    mail = db.session.scalar(select(Mail).where(Mail.id == mail_id).with_for_update())
    if mail is None or mail.state == MailState.SENT:
        return
    mail.attempts += 1
    try:
        mailer.send(as_message(mail))
    except OSError as error:  # SMTP's own errors are of this kind too
        mail.last_error = type(error).__name__
        raise TryAgain(mail.last_error) from error
    mail.state = MailState.SENT
    mail.sent_at = now()
    if not current_app.config["BINOME"].demo:
        mail.text = mail.html = mail.calendar = None


def as_message(mail: Mail) -> Message:
    """The same in Flask-Mail's form, with an identity that does not change when it is tried again."""
    message = Message(mail.subject, recipients=[mail.to_address], body=mail.text, html=mail.html)
    message.msgId = mail.message_id
    if mail.calendar is not None:
        method = "CANCEL" if "METHOD:CANCEL" in mail.calendar.splitlines() else "REQUEST"
        message.attach("invitation.ics", f"text/calendar; method={method}; charset=UTF-8", mail.calendar.encode())
    return message
