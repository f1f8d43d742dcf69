"""Telling a partner's server that a request's status changed, signed as Standard Webhooks 1.0.

What is sent holds an id and a word, nothing of the person. It is tried again when it fails, and never sent inside a network.
"""

import base64
import contextlib
import hashlib
import hmac
import http.client
import ipaddress
import json
import secrets
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select

from app.database import now, uuid7
from app.errors import DomainError
from app.extensions import db
from app.jobs import RETRIES, TryAgain, after_letters, job
from app.leads.models import Lead
from app.leads.signals import lead_moved
from app.tenants import scope
from app.translation import gettext as _
from app.vault import Unreadable, locked, unlocked

from .models import ApiCall, Delivery, Partner
from .words import CLOSED, public_status

PURPOSE = "webhook-secret"
SECONDS = 10  # for one delivery
NAMING = 5  # seconds to find where a name leads: the resolver's own patience has no end that we set
QUIET = timedelta(minutes=1)  # how long a server that did not answer is asked nothing else
GONE = 410  # their server wants no more
# Networks that Python calls global, and that lead inside one all the same: site-local, and IPv4 inside IPv6.
INSIDE = [
    ipaddress.ip_network(net)
    for net in ("fec0::/10", "::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
]


class BadAddress(DomainError):
    """This address cannot be told anything; the sentence says why."""


class Refused(Exception):
    """A delivery that did not reach its server, and why."""


@dataclass(frozen=True)
class Target:
    """Where to knock: the name for TLS and Host, one of its public addresses, the port, the path."""

    host: str
    address: str
    port: int
    path: str
    is_secure: bool


def set_webhook(partner: Partner, url: str | None) -> str | None:
    """Where to tell a partner, from now on; None stops it. Gives the new secret, told once, when the address is new.

    Raises BadAddress.
    """
    partner.webhook_stopped_at = None
    if not url:
        partner.webhook_url = partner.webhook_secret = None
        return None
    target_of(url)
    if url == partner.webhook_url:
        return None
    secret = secrets.token_bytes(32)
    partner.webhook_url, partner.webhook_secret = url, locked(secret, PURPOSE)
    return f"whsec_{base64.b64encode(secret).decode()}"


def target_of(url: str) -> Target:
    """The server of an address, resolved once, so that nobody changes it after the check. Raises BadAddress."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise BadAddress(_("Cette adresse n'est pas complète.")) from error
    if parts.scheme not in allowed_schemes() or not host or "@" in parts.netloc or len(url) > 500 or not url.isascii():
        raise BadAddress(_("L'adresse doit commencer par https:// et nommer un serveur."))
    found = addresses_of(host, port)
    if not found or not all(is_public(address) for address in found):
        raise BadAddress(_("Cette adresse mène à un réseau privé : elle n'est pas permise."))
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    return Target(host, found[0], port, path, parts.scheme == "https")


def addresses_of(host: str, port: int) -> list[str]:
    """Where a name leads. Raises BadAddress when nobody knows, or says so in time."""
    asking = ThreadPoolExecutor(1)  # for nothing else ends a resolution
    try:
        rows = asking.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM).result(NAMING)
    except (OSError, UnicodeError) as error:
        raise BadAddress(_("Ce serveur est introuvable.")) from error
    finally:
        asking.shutdown(wait=False)
    return [str(row[4][0]) for row in rows]


def allowed_schemes() -> set[str]:
    """HTTPS only."""
    return {"https"}


def is_public(address: str) -> bool:
    """Whether an IP address is anybody's, and leads into no network of ours."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if any(ip in net for net in INSIDE):
            return False
    return ip.is_global and not ip.is_multicast


def signature(secret: bytes, message_id: str, timestamp: int, body: str) -> str:
    """The header of Standard Webhooks 1.0: HMAC-SHA256 of id, time and body."""
    mac = hmac.digest(secret, f"{message_id}.{timestamp}.{body}".encode(), hashlib.sha256)
    return f"v1,{base64.b64encode(mac).decode()}"


@lead_moved.connect
def plan(lead: Lead) -> None:
    """Enqueue a look at a partner's request, with whatever happened to it."""
    if lead.partner_id is not None:
        tell_partner.defer(lead_id=lead.id)  # each its own look: one that runs now has not read this


@job
def tell_partner(lead_id: UUID) -> None:
    """Tell the partner where their request stands, when that is not what they were told last."""
    tenant_id = scope.current_tenant_id()
    call = db.session.scalar(select(ApiCall).where(ApiCall.lead_id == lead_id).with_for_update())
    if call is None:
        return
    lead = db.session.get(Lead, (tenant_id, lead_id))
    status = public_status(lead) if lead is not None else CLOSED
    if call.told == status:
        return
    call.told = status
    partner = db.session.get_one(Partner, (tenant_id, call.partner_id))
    if partner.webhook_url and partner.webhook_stopped_at is None:
        send(partner, "lead.status_changed", {**call.answer, "status": status}, lead_id)


def send(partner: Partner, what: str, data: dict[str, object], lead_id: UUID | None = None) -> Delivery:
    """Write down a word to a partner, and let the worker deliver it."""
    body = json.dumps({"type": what, "timestamp": now().isoformat(), "data": data}, ensure_ascii=False)
    delivery = Delivery(id=uuid7(), partner_id=partner.id, lead_id=lead_id, body=body)
    db.session.add(delivery)
    db.session.flush()  # the job names the stored row
    deliver.defer(delivery_id=delivery.id)
    return delivery


@after_letters
@job
def deliver(delivery_id: UUID) -> None:
    """Try once; the queue tries again later, less and less often, and the log says how each one went."""
    delivery = db.session.get(Delivery, (scope.current_tenant_id(), delivery_id), with_for_update=True)
    if delivery is None or delivery.state != "waiting":
        return
    partner = delivery.partner
    if partner.webhook_url is None or partner.webhook_secret is None or partner.webhook_stopped_at is not None:
        delivery.state, delivery.error = "failed", _("Le partenaire n'écoute plus.")
        return
    delivery.attempts += 1
    if is_put_off(delivery):
        delivery.code, delivery.error = None, _("Ce serveur venait de ne pas répondre à un autre envoi.")
    else:
        knock(delivery, partner.webhook_url, partner.webhook_secret)
    judge(delivery, partner)
    if delivery.state == "waiting":
        raise TryAgain


def is_put_off(delivery: Delivery) -> bool:
    """Whether this server has just left another delivery without an answer: other partners' do not wait while it is asked again.

    The first try of a test is made all the same, for somebody waits to read how it went.
    """
    if delivery.lead_id is None and delivery.attempts == 1:
        return False
    others = select(Delivery.code).where(
        Delivery.partner_id == delivery.partner_id, Delivery.id != delivery.id, Delivery.tried_at > now() - QUIET
    )
    latest = db.session.execute(others.order_by(Delivery.tried_at.desc()).limit(1)).first()
    return latest is not None and latest.code is None


def knock(delivery: Delivery, url: str, locked_secret: bytes) -> None:
    """Ask their server, and note what it said."""
    try:
        secret = unlocked(locked_secret, PURPOSE)
    except Unreadable:
        delivery.state, delivery.code = "failed", None
        delivery.error = _("Le secret ne se lit plus : effacez l'adresse, puis remettez-la.")  # which makes another
        return
    delivery.tried_at = now()
    try:
        delivery.code, delivery.error = post(url, secret, str(delivery.id), delivery.body), None
    except (Refused, BadAddress) as error:
        delivery.code, delivery.error = None, str(error)[:200]


def judge(delivery: Delivery, partner: Partner) -> None:
    """What an answer means: taken, wanted no more, or to be tried again while tries are left."""
    if delivery.code is not None and 200 <= delivery.code < 300:
        delivery.state = "delivered"
    elif delivery.code == GONE:
        delivery.state, partner.webhook_stopped_at = "failed", now()
    elif delivery.attempts >= (RETRIES.max_attempts or 1):
        delivery.state = "failed"


def post(url: str, secret: bytes, message_id: str, body: str) -> int:
    """Deliver, to the very address that was checked; no redirect is followed. Gives the HTTP status. Raises Refused, BadAddress."""
    target, timestamp = target_of(url), int(now().timestamp())
    headers = {
        "Content-Type": "application/json", "User-Agent": "Binome-Webhooks/1.0", "webhook-id": message_id,
        "webhook-timestamp": str(timestamp), "webhook-signature": signature(secret, message_id, timestamp, body),
    }  # fmt: skip
    connection = http.client.HTTPConnection(target.host, target.port, timeout=SECONDS)
    # Of the whole: a server that answers drop by drop holds nobody.
    until, deadline = time.monotonic() + SECONDS, threading.Timer(SECONDS, lambda: cut(connection.sock))
    deadline.start()
    try:
        connection.sock = socket.create_connection((target.address, target.port), timeout=SECONDS)
        if target.is_secure:
            connection.sock.settimeout(left_until(until))
            connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=target.host)
        left_until(until)  # what was cut before there was anything to cut
        connection.request("POST", target.path, body.encode(), headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise Refused(_("Pas de réponse : %(why)s.", why=type(error).__name__)) from error
    finally:
        deadline.cancel()
        connection.close()


def left_until(moment: float) -> float:
    """Seconds left until a moment of the monotonic clock. Raises TimeoutError when it has passed."""
    left = moment - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def cut(connected: socket.socket | None) -> None:
    """End a connection that another thread waits on."""
    if connected is not None:
        with contextlib.suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)
