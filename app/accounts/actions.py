"""Invite, sign in by link, accept an invitation, end a membership."""

import secrets
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.database import now
from app.extensions import db
from app.mail import Letter, absolute, send
from app.tenants.models import Tenant
from app.tenants.resolve import find_programme
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _

from .jobs import forget_account_letters, print_of, send_sign_in_link
from .links import invitation_token
from .models import Membership, User, WebSession
from .permissions import STAFF_ROLES, Role
from .queries import find_user, held_here
from .second_factor import NO_SECOND_FACTOR


def account_for(email: str) -> User:
    """The account of an address, made if there is none. Nobody learns which of the two it was."""
    address = email.strip()
    fresh = insert(User).values(email=address, fs_uniquifier=secrets.token_hex(16), active=True).on_conflict_do_nothing()
    same = select(User.id).where(func.lower(User.email) == address.lower()).with_for_update(key_share=True)
    for _time in range(2):  # one that another space forgot at this instant is made again
        db.session.execute(fresh)
        if db.session.scalar(same) is not None:
            break
    user = find_user(address)
    assert user is not None
    return user


def invite(email: str, role: Role, tenant: Tenant, first_name: str, is_applying: bool = True) -> Membership:
    """Give an address a role in a space and write to it; inviting twice gives one membership."""
    membership = give_place(tenant.id, account_for(email).id, role)
    send_invitation(membership, first_name, is_applying)
    return membership


def give_place(tenant_id: UUID, user_id: UUID, role: Role) -> Membership:
    """Give an account a role in a space; twice is once, and a place that had ended is given back."""
    membership = db.session.get(Membership, (tenant_id, user_id, role.value))
    if membership is None:
        membership = Membership(tenant_id=tenant_id, user_id=user_id, role=role.value)
        db.session.add(membership)
    if membership.ended_at is not None:
        membership.ended_at = membership.entered_at = None
    db.session.flush()  # what is written names the stored row
    return membership


def send_invitation(membership: Membership, first_name: str, is_applying: bool = True) -> None:
    """Write, or write again, to somebody who was given a place; a mentor whose application has only come reads what follows."""
    tenant = membership.tenant
    letter = Letter("invitation", _("%(name)s vous ouvre son espace", name=tenant.name))
    link = absolute("accounts.invitation", token=invitation_token(membership))
    send(
        letter,
        membership.user.email,
        tenant=tenant,
        first_name=first_name,
        role=membership.as_role,
        is_applying=is_applying,
        link=link,
    )


def ask_for_sign_in_link(email: str, then: str = "", once: bool = False) -> None:
    """Have a link sent when the address has an account, and know where it leads. The answer and its delay are the same without.

    With `once`, none where one is about to leave.
    """
    user = find_user(email)
    programme = find_programme()
    if user is not None and user.active and programme is not None:
        user.link_then = then
        send_sign_in_link.defer(tenant_id=programme.id, once=once, user_id=user.id)


def use_link(user: User) -> bool:
    """The link is used up, and the address is proved. Of two at the same instant one comes in; False for the other."""
    mine = update(User).where(User.id == user.id, User.link_sent_at == user.link_sent_at).values(link_sent_at=None)
    if db.session.scalar(mine.returning(User.id)) is None:
        return False
    user.confirmed_at = user.confirmed_at or now()
    return True


def accept_invitation(membership: Membership) -> bool:
    """Come in for the first time: the address is proved. Of two at the same instant one comes in; False for the other."""
    unused = User.id == membership.user_id, User.confirmed_at.is_(None), User.password.is_(None)
    first = update(User).where(*unused).values(confirmed_at=now())
    if db.session.scalar(first.returning(User.id)) is None:
        return False
    membership.entered_at = now()
    return True


def change_role(user_id: UUID, role: Role) -> Membership:
    """Give a colleague of this space another role instead of the one they have; the same one changes nothing."""
    held = db.session.scalars(select(Membership).where(Membership.user_id == user_id, *held_here(*STAFF_ROLES))).all()
    entered = min((place.entered_at for place in held if place.entered_at), default=None)
    for place in held:
        if place.as_role != role:
            place.ended_at = now()
    given = give_place(current_tenant_id(), user_id, role)
    given.entered_at = given.entered_at or entered
    return given


def end_membership(tenant_id: UUID, user_id: UUID, role: Role) -> None:
    """Close a place in a space; what is open in a browser stops working at its next request."""
    membership = db.session.get(Membership, (tenant_id, user_id, role.value))
    if membership is not None and membership.ended_at is None:
        membership.ended_at = now()


def forget_account(user_id: UUID) -> None:
    """Nothing says any more whose account it was, unless it has a place in some space. What it did stays, by nobody's name."""
    db.session.execute(select(User.id).where(User.id == user_id).with_for_update())  # whoever is invited meanwhile waits
    is_used = select(Membership.user_id).where(Membership.user_id == user_id, Membership.ended_at.is_(None))
    if db.session.scalar(is_used.limit(1)) is not None:
        return
    address, programme = db.session.scalar(select(User.email).where(User.id == user_id)), find_programme()
    if address is not None and programme is not None:
        forget_account_letters.defer(tenant_id=programme.id, user_id=user_id, address_print=print_of(user_id, address))
    db.session.execute(delete(WebSession).where(WebSession.user_id == user_id))
    gone = {"email": f"{user_id.hex}@invalid", "password": None, "active": False, "link_sent_at": None, "link_then": ""}
    db.session.execute(update(User).where(User.id == user_id).values(**gone, **NO_SECOND_FACTOR))
