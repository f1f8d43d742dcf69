"""Sessions kept in the database: the cookie is a key to a row, so ending the row ends the session everywhere."""

import hashlib
import secrets
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask, Request, Response, abort, current_app, has_request_context, request, session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload, load_only
from werkzeug.datastructures import CallbackDict

from app.database import now
from app.extensions import db

from .models import Membership, User, WebSession
from .permissions import STAFF_ROLES

ANONYMOUS_LIFE = timedelta(hours=4)
SIGNED_IN_LIFE = timedelta(days=14)
LONGEST, LONGEST_OF_STAFF = timedelta(days=90), timedelta(days=30)  # since signing in, however often it is used
SEEN_EVERY = timedelta(minutes=5)
LIVE_SESSION = (
    select(WebSession)
    .where(WebSession.key_hash == bindparam("key_hash"), WebSession.expires_at > bindparam("now"))
    .options(
        load_only(WebSession.user_id, WebSession.data, WebSession.created_at, WebSession.seen_at),
        joinedload(WebSession.user).options(
            load_only(User.email, User.active, User.fs_uniquifier, User.second_factor_at),
            joinedload(User.memberships).options(
                load_only(Membership.role, Membership.entered_at), joinedload(Membership.tenant, innerjoin=True)
            ),
        ),
    )
)
NO_SESSION = ("/static/", "/bootstrap/", "/aide/images/", "/healthz", "/readyz")


class DatabaseSession(CallbackDict[str, Any], SessionMixin):
    """What Flask calls the session, backed by a row."""

    def __init__(self, row: WebSession | None = None, broken: bool = False) -> None:
        def changed(_: object) -> None:
            self.modified = True

        # A copy through and through: a second message is added to the list of the first, and the row must see a difference.
        super().__init__(deepcopy(row.data) if row else {}, changed)
        self.row = row
        self.broken = broken
        self.modified = False
        self.key: str | None = None
        self.delete_cookie = False


class DatabaseSessions(SessionInterface):
    """Opens a session from its cookie, and sets the cookie; the row itself is written in the unit of work."""

    def open_session(self, app: Flask, request: Request) -> DatabaseSession:
        if request.path.startswith(NO_SESSION):
            return DatabaseSession()
        key = request.cookies.get(self.get_cookie_name(app), "")
        try:
            return DatabaseSession(find_session(key) if key else None)
        except OperationalError:
            return DatabaseSession(broken=True)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        name = self.get_cookie_name(app)
        options = {"httponly": True, "secure": self.get_cookie_secure(app), "samesite": "Lax", "path": "/"}
        key = getattr(session, "key", None)
        if key and response.status_code < 400:
            response.set_cookie(name, key, max_age=SIGNED_IN_LIFE, **options)  # type: ignore[arg-type]
        elif getattr(session, "delete_cookie", False):
            response.delete_cookie(name, **options)  # type: ignore[arg-type]
        response.vary.add("Cookie")


def digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def find_session(key: str) -> WebSession | None:
    """The live session of a cookie, with its account and the spaces of that account: one statement says who is here."""
    return db.session.scalars(LIVE_SESSION, {"key_hash": digest(key), "now": now()}).unique().one_or_none()


def session_user(uniquifier: str) -> User | None:
    """The account that the open session came with, when it is the one asked for: no second query."""
    row = getattr(session, "row", None)
    if row is not None and row.user is not None and row.user.fs_uniquifier == uniquifier:
        return row.user  # type: ignore[no-any-return]
    return None


def refuse_without_database() -> None:
    """Say at once that the database is gone, rather than fail in the middle."""
    if getattr(session, "broken", False):
        abort(503)


def write_session(response: Response) -> Response:
    """Bring the row up to date, in the request's own transaction."""
    current = session._get_current_object()  # type: ignore[attr-defined]
    if not isinstance(current, DatabaseSession) or response.status_code >= 400:
        return response
    uniquifier = current.get("_user_id")
    user_id = user_id_of(uniquifier) if uniquifier else None
    row = current.row
    if row is not None and current.modified and row.user_id != user_id:
        db.session.delete(row)  # a new identity gets a new key: nothing planted before signing in survives
        current.delete_cookie = True
        row = None
    if row is None:
        if current.modified and dict(current):
            create_row(current, user_id)
    else:
        update_row(current, row)
    return response


def update_row(current: DatabaseSession, row: WebSession) -> None:
    """Note what changed, and that they were here; nothing of a session that was ended meanwhile, from elsewhere."""
    noted: dict[str, Any] = {"data": dict(current)} if current.modified else {}
    if now() - row.seen_at > SEEN_EVERY:
        noted |= {"seen_at": now(), "expires_at": end_of(row)}
        current.key = request.cookies.get(current_app.config["SESSION_COOKIE_NAME"])  # which lasts as long, from today
    if noted:
        theirs = update(WebSession).where(WebSession.id == row.id).values(noted)
        db.session.execute(theirs, execution_options={"synchronize_session": False})


def user_id_of(uniquifier: str) -> UUID | None:
    known = session_user(uniquifier)
    return known.id if known else db.session.scalar(select(User.id).where(User.fs_uniquifier == uniquifier))


def create_row(current: DatabaseSession, user_id: UUID | None) -> None:
    """Store a session for the first time under a new key."""
    current.key = secrets.token_urlsafe(32)
    device = (request.user_agent.string or "")[:200].replace("\x00", "")
    db.session.add(
        WebSession(
            key_hash=digest(current.key),
            user_id=user_id,
            data=dict(current),
            device=device,
            expires_at=now() + life_of(user_id),
        )
    )


def end_of(row: WebSession) -> datetime:
    """When a session that is used now ends: some day it does, and sooner for who reads everybody's files in some space."""
    is_staff = row.user is not None and any(place.as_role in STAFF_ROLES for place in row.user.memberships)
    return min(now() + life_of(row.user_id), row.created_at + (LONGEST_OF_STAFF if is_staff else LONGEST))


def life_of(user_id: UUID | None) -> timedelta:
    return SIGNED_IN_LIFE if user_id else ANONYMOUS_LIFE


def end_session(session_id: UUID, user: User) -> None:
    """End one of an account's own sessions; no error when it has ended already."""
    row = db.session.scalar(select(WebSession).where(WebSession.id == session_id, WebSession.user_id == user.id))
    if row is not None:
        db.session.delete(row)


def end_other_sessions(user: User) -> None:
    """End every session of an account but the one that asks, and, as a new password does, the links that left to open another."""
    delete_others(user)
    user.fs_uniquifier = secrets.token_hex(16)
    if has_request_context():
        session["_user_id"] = user.fs_uniquifier


def delete_others(user: User) -> None:
    """Keep no session of an account but the one that asks."""
    others = WebSession.id.is_distinct_from(current_session_id())
    db.session.execute(delete(WebSession).where(WebSession.user_id == user.id, others))


def current_session_id() -> UUID | None:
    """The session of the browser that asks; None for a command."""
    row = getattr(session, "row", None) if has_request_context() else None
    return row.id if row is not None else None


def init_app(app: Flask) -> None:
    """Keep sessions in the database."""
    app.session_interface = DatabaseSessions()
    app.before_request(refuse_without_database)
    app.after_request(write_session)
