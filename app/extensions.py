"""The bare instances of the extensions; create_app() gives them the application."""

import ssl
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from smtplib import SMTP, SMTPException
from typing import Any

from flask import current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_limiter import Limiter
from flask_mail import Connection, Mail
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

View = Callable[..., ResponseReturnValue]
FROM_ONE_PLACE = "1200 per hour"  # what is sent from public links
NETWORK = 64  # bits of an address that say the network
SILENCE = 20.0  # seconds that a mail server may take for each answer
# Seconds for its two answers to a whole letter: RFC 5321 (4.5.3.2.6) asks for ten minutes, the database waits for five.
DIGESTION = 130.0


class PatientServer(SMTP):
    """A mail server that may take its time over a letter: given up too early, it has the letter, and is sent it again."""

    def data(self, msg: Any) -> tuple[int, bytes]:
        assert self.sock is not None
        self.sock.settimeout(DIGESTION)
        try:
            return super().data(msg)
        finally:
            if self.sock is not None:
                self.sock.settimeout(SILENCE)


class PatientConnection(Connection):
    """A connection that gives up on a mail server which says nothing: Flask-Mail's own waits for ever, and the worker with it."""

    def configure_host(self) -> SMTP:
        host = PatientServer(self.mail.server, self.mail.port, timeout=SILENCE)
        try:
            if self.mail.use_tls:
                host.starttls(context=ssl.create_default_context())  # without one, no certificate is looked at
            if self.mail.username and self.mail.password:
                host.login(self.mail.username, self.mail.password)
        except BaseException:
            host.close()
            raise
        return host

    def __exit__(self, *_error: object) -> None:
        """Say goodbye. What the server made of the letters was said before: how it parts changes nothing."""
        if self.host is not None:
            with suppress(OSError, SMTPException):
                self.host.quit()
            self.host.close()


class Mailer(Mail):
    """Flask-Mail, patient but not for ever."""

    def connect(self) -> PatientConnection:
        return PatientConnection(current_app.extensions["mail"])


def place_of_request() -> str:
    """Where a request comes from, as tries are counted: of IPv6, the network, for one machine has all the addresses of one."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return request.remote_addr or ""
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address.packed, NETWORK), strict=False))
    return str(address)


def link_of_request() -> str:
    """The mark of the link that opens a public page: a whole school may be behind one address, and each has a link of their own.

    What is counted may be kept where others read: it opens nothing.
    """
    return sha256(str((request.view_args or {}).get("token")).encode()).hexdigest()


# Models inherit from database.Base, which type checkers understand; this gives engine and session.
db = SQLAlchemy(session_options={"expire_on_commit": False}, disable_autonaming=True)
mailer = Mailer()
babel = Babel()  # type: ignore[no-untyped-call]
bootstrap = Bootstrap5()
csrf = CSRFProtect()
limiter = Limiter(place_of_request)


def limit_link(view: View) -> View:
    """What is sent from a public page in an hour: thirty times by one link, twelve hundred from one place."""
    by_link: View = limiter.limit("30 per hour", key_func=link_of_request, methods=["POST"])(view)
    limited: View = limiter.limit(lambda: FROM_ONE_PLACE, methods=["POST"])(by_link)
    return limited
