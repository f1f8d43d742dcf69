"""Who is here: the member of this space that the request speaks for."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from flask import g
from flask_login import current_user
from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased
from werkzeug.local import LocalProxy

from app.database import AT_ONCE, now, prepared
from app.extensions import db
from app.fields import mailbox_of
from app.tenants.models import Staff, Tenant
from app.tenants.scope import current_tenant_id

from .models import Membership, User, WebSession
from .permissions import STAFF_ROLES, Permission, Role, permissions_of

TEAM = (Role.ADMIN, Role.COORDINATOR)  # who works in an association
HAS_ENTERED = Membership.entered_at.is_not(None)  # an address that was typed wrong reads nothing of this space


@dataclass(frozen=True)
class Member:
    """An account in this space, with its roles here and nowhere else."""

    user_id: UUID
    roles: frozenset[Role]

    @property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.roles)

    @property
    def is_staff(self) -> bool:
        return bool(self.roles & STAFF_ROLES)

    def can(self, permission: Permission) -> bool:
        return permission in self.permissions


def _current_member() -> Member | None:
    """Who looks, worked out once for a space and an account: pages ask it dozens of times."""
    if "tenant" not in g or not current_user.is_authenticated:
        return None
    key = (g.tenant.id, current_user.id)
    if g.get("member_of") != key:
        roles = frozenset(m.as_role for m in current_user.memberships if m.tenant_id == g.tenant.id and m.is_open)
        g.member, g.member_of = (Member(key[1], roles) if roles else None), key
    return cast(Member | None, g.member)


current_member = cast(Member, LocalProxy(_current_member))


def note_entry() -> None:
    """Whoever opens a page of this space has come in, here: whether and when they sign in elsewhere is not its to know."""
    for place in current_user.memberships:
        if place.tenant_id == g.tenant.id and place.entered_at is None and place.is_open:
            place.entered_at = now()


def invited_to(tenant: Tenant) -> list[Membership]:
    """The places in a space's team that whoever is signed in was given, and has not accepted yet."""
    return [place for place in current_user.memberships if place.tenant_id == tenant.id and not place.is_open]


def spaces_left(user: User) -> Sequence[Tenant]:
    """The spaces that this account had a place in, and has none any more."""
    ended = select(Membership.tenant_id).where(Membership.user_id == user.id, Membership.ended_at.is_not(None))
    held = [place.tenant_id for place in user.memberships]
    return db.session.scalars(select(Tenant).where(Tenant.id.in_(ended), Tenant.id.not_in(held)).order_by(Tenant.name)).all()


def find_user(email: str) -> User | None:
    """The account of an address, whatever its case."""
    return db.session.scalar(select(User).where(func.lower(User.email) == email.strip().lower()))


def spaces_that_ask(user: User) -> Sequence[Tenant]:
    """The spaces where this account works, and that ask their team for a second factor."""
    theirs = (place for place in user.memberships if place.as_role in STAFF_ROLES and place.is_open)
    return [place.tenant for place in theirs if place.tenant.asks_second_factor]


def with_second_factor(accounts: Iterable[UUID]) -> set[UUID]:
    """Which of these accounts give a second factor."""
    return set(db.session.scalars(select(User.id).where(User.id.in_(accounts), User.second_factor_at.is_not(None))))


def never_in(accounts: Iterable[UUID]) -> set[UUID]:
    """Which of these accounts were invited to the team here and have not come in since. As mentors, or elsewhere, they may have."""
    places = select(Membership.user_id).where(Membership.user_id.in_(accounts), *held_here(*STAFF_ROLES))
    return set(db.session.scalars(places.group_by(Membership.user_id).having(func.max(Membership.entered_at).is_(None))))


def roles_of_address(email: str) -> set[Role]:
    """What the account of an address may do in this space now; nothing when there is none."""
    mine = func.lower(User.email) == email.strip().lower()
    rows = select(Membership.role).join(User, User.id == Membership.user_id).where(mine, *held_here())
    return {Role(role) for role in db.session.scalars(rows)}


def just_invited(email: str, role: Role) -> Staff | None:
    """The card of whoever was given this place within the minute, at this address: the same form was sent twice."""
    mine = func.lower(User.email) == email.strip().lower(), Membership.role == role, Membership.entered_at.is_(None)
    cards = select(Staff).join(User, User.id == Staff.user_id).join(Membership, Membership.user_id == User.id)
    return db.session.scalar(cards.where(*mine, *held_here(), Membership.updated_at > now() - AT_ONCE))


def open_sessions(user: User) -> Sequence[WebSession]:
    """Where this account is signed in, latest first."""
    return db.session.scalars(select(WebSession).where(WebSession.user_id == user.id).order_by(WebSession.seen_at.desc())).all()


def current_staff() -> Staff | None:
    """The card of the staff member who is signed in."""
    if "own_card" not in g:
        g.own_card = read_card(current_member.user_id)
    return cast(Staff | None, g.own_card[0])


def read_card(user_id: UUID) -> tuple[Staff | None, str | None]:
    """The card of somebody who works here, and its telephone where it says who they are."""
    row = db.session.execute(*card_and_phone(user_id)).first()
    return (row[0], row[1]) if row is not None else (None, None)


def own_phone() -> ColumnElement[str | None]:
    """The telephone of a card, where it says who somebody is: not the association's, nor on the card of another who works here."""
    other = aliased(Staff)
    shared = select(other.id).where(other.phone == Staff.phone, other.id != Staff.id, other.left_at.is_(None))
    shared = shared.where(other.tenant_id == Staff.tenant_id).correlate(Staff)
    everybodys = select(Tenant.id).where(Tenant.id == Staff.tenant_id, Tenant.phone == Staff.phone).correlate(Staff)
    return case((and_(Staff.phone != "", ~shared.exists(), ~everybodys.exists()), Staff.phone))


@prepared
def card_and_phone(user_id: UUID) -> Select[Staff, str | None]:
    return select(Staff, own_phone()).where(Staff.user_id == user_id)


def own_words(user_id: UUID) -> Collection[str | None]:
    """By what somebody of the staff is known: their mailbox, the name on their card, and the telephone that is on it alone."""
    account = db.session.get(User, user_id)
    card, phone = g.get("own_card", (None, None))
    if card is None or card.user_id != user_id:
        card, phone = read_card(user_id)
    known: set[str | None] = {mailbox_of(account.email)} if account is not None else set()
    known |= {card.full_name.lower(), phone} if card is not None else set()
    return known


def says(known: Collection[str | None], *said: str | None) -> bool:
    """Whether one of these words (a name, an address, a telephone) is among those by which somebody is known."""
    return any((mailbox_of(word) if "@" in word else word.lower()) in known for word in said if word)


def author_of(account: InstrumentedAttribute[Any]) -> ScalarSelect[str]:
    """A column that says who did something here: the name of who works here, else the address of the account."""
    said = select(func.coalesce(Staff.first_name + " " + Staff.last_name, User.email)).select_from(User)
    return said.outerjoin(Staff, Staff.user_id == User.id).where(User.id == account).scalar_subquery()


def staff_of_space() -> Sequence[Staff]:
    """Everybody who works here, by name."""
    return db.session.scalars(*staff_by_name()).all()


@prepared
def staff_by_name() -> Select[Staff]:
    return select(Staff).order_by(Staff.last_name, Staff.first_name)


def held_here(*roles: Role) -> tuple[ColumnElement[bool], ...]:
    """What makes of a membership a place that is held in this space, with one of these roles; with any, when none is named."""
    return held_in(current_tenant_id(), *roles)


def held_in(tenant_id: UUID, *roles: Role) -> tuple[ColumnElement[bool], ...]:
    """The same in a space that is named."""
    held = (Membership.tenant_id == tenant_id, Membership.ended_at.is_(None))
    return (*held, Membership.role.in_(roles)) if roles else held


def team_accounts(tenant_id: UUID | None = None) -> Select[UUID]:
    """The accounts of an association's team: of this space, or of one that is named."""
    return select(Membership.user_id).where(*(held_here(*TEAM) if tenant_id is None else held_in(tenant_id, *TEAM)))


def addresses(*conditions: ColumnElement[bool]) -> Sequence[str]:
    """The addresses of these memberships; somebody with two roles is there once."""
    rows = select(User.email).join(Membership, Membership.user_id == User.id).where(*conditions)
    return db.session.scalars(rows.distinct().order_by(User.email)).all()


def staff_addresses(but: Collection[UUID] = ()) -> Sequence[str]:
    """Where to write to those who answer requests in this space, some accounts left out; to who was invited while nobody has come
    in yet.
    """
    begun = select(Membership.user_id).where(HAS_ENTERED, *held_here(*TEAM)).correlate(None).exists()
    return addresses(or_(HAS_ENTERED, ~begun), *held_here(*TEAM), User.id.not_in(but))


def admin_addresses(but: Collection[UUID] = ()) -> Sequence[str]:
    """Where to write to those who answer for this space, some accounts left out; else to everybody who works here."""
    return addresses(HAS_ENTERED, *held_here(Role.ADMIN), User.id.not_in(but)) or staff_addresses(but)


def addresses_by_user(with_invited: bool = False) -> dict[UUID, str]:
    """Where to write to each account that works in this space; to who was invited when asked, or when nobody has come in yet."""
    theirs = (
        select(User.id, User.email, HAS_ENTERED).join(Membership, Membership.user_id == User.id).where(*held_here(*STAFF_ROLES))
    )
    rows = db.session.execute(theirs).all()
    entered = {} if with_invited else {user_id: email for user_id, email, has_entered in rows if has_entered}
    return entered or {user_id: email for user_id, email, _has_entered in rows}


def roles_in_space() -> dict[UUID, set[Role]]:
    """The staff roles of each account in this space."""
    roles: dict[UUID, set[Role]] = {}
    for user_id, role in db.session.execute(*staff_memberships(current_tenant_id())):
        roles.setdefault(user_id, set()).add(Role(role))
    return roles


def lock_staff(tenant_id: UUID) -> None:
    """Nobody else changes who works in this space until this request is stored."""
    db.session.execute(staff_memberships(tenant_id)[0].with_for_update(), {"tenant_id": tenant_id})


def last_role(tenant_id: UUID, user_id: UUID) -> Role | None:
    """The place that somebody of the staff had, and has no more; None while they have one."""
    rows = (
        select(Membership)
        .where(Membership.tenant_id == tenant_id, Membership.user_id == user_id, Membership.role.in_(STAFF_ROLES))
        .with_for_update()
    )
    held = sorted(db.session.scalars(rows), key=lambda row: (row.ended_at is None, row.ended_at))
    return None if not held or held[-1].ended_at is None else Role(held[-1].role)


@prepared
def staff_memberships(tenant_id: UUID) -> Select[UUID, str]:
    return select(Membership.user_id, Membership.role).where(
        Membership.tenant_id == tenant_id, Membership.role.in_(STAFF_ROLES), Membership.ended_at.is_(None)
    )
