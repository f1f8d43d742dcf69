"""Load the demonstration once: one programme, four associations, eight months of meetings, dates relative to today.

The same day always gives the same people, pairs and dates. Every row passes the same gates as anybody's.
"""

import secrets

from flask import Flask
from flask_security import hash_password

from app.accounts.models import Membership, User
from app.accounts.permissions import Role
from app.database import now, unit_of_work
from app.extensions import db
from app.programme.gathering import gather
from app.tenants.models import Staff, Tenant, TenantKind
from app.tenants.resolve import current_tenant, find_programme

from .association import fill_association
from .people import PASSWORD, PLACES, PROGRAMME, Place, address
from .requests import Story, fill_programme


def is_loaded(app: Flask) -> bool:
    """Whether the site has its programme."""
    with unit_of_work(app, None):
        return find_programme() is not None


def load_demonstration(app: Flask) -> None:
    """Fill an empty site; a site that has its programme is left as it is."""
    if is_loaded(app):
        return
    with unit_of_work(app, None):
        hashed = hash_password(PASSWORD)
        ids = {tenant.slug: tenant.id for tenant in map(make_tenant, (None, *PLACES))}
    stories: list[Story] = []
    for number, place in enumerate(PLACES):
        with unit_of_work(app, ids[place.slug]):
            make_staff(place, hashed)
            stories += fill_association(place, number, hashed)
    with unit_of_work(app, ids[PROGRAMME]):
        make_operator(hashed)
        fill_programme(stories)
        for place in PLACES:
            gather.function(association_id=ids[place.slug])


def make_tenant(place: Place | None) -> Tenant:
    """The programme (None), or an association."""
    if place is None:
        tenant = Tenant(kind=TenantKind.PROGRAMME, slug=PROGRAMME, name="1 jeune, 1 mentor", initials="1J1M",
                        email="contact@example.org", axes=[], departements=[])  # fmt: skip
    else:
        first, last, office, _role = place.staff[1]
        tenant = Tenant(
            slug=place.slug, name=place.name, initials=place.initials, city=place.city,
            address=f"14 rue des Passerelles, {place.city}", colour=place.colour,
            email=f"bonjour@{place.slug}.example.org", phone=f"+331990022{PLACES.index(place)}0", signatory_name=f"{first} {last}",
            signatory_office=office, timezone=place.timezone, departements=list(place.departements),
            all_france=place.all_france, axes=list(place.axes), min_age=place.min_age, mentee_capacity=25, mentor_capacity=15,
        )  # fmt: skip
    db.session.add(tenant)
    db.session.flush()  # its id opens its space
    return tenant


def make_account(email: str, hashed: str, role: Role) -> User:
    """An account that has been used before, with a role in the current space."""
    user = User(email=email, password=hashed, fs_uniquifier=secrets.token_hex(16), confirmed_at=now())
    db.session.add(user)
    db.session.flush()  # the membership names it
    db.session.add(Membership(tenant_id=current_tenant.id, user_id=user.id, role=role.value, entered_at=now()))
    return user


def make_staff(place: Place, hashed: str) -> None:
    """The team of an association."""
    for number, (first, last, office, role) in enumerate(place.staff):
        user = make_account(address(first, last), hashed, role)
        db.session.add(
            Staff(
                user_id=user.id,
                first_name=first,
                last_name=last,
                office=office,
                phone=f"+3319900220{number + 1}",
            )
        )
    db.session.flush()  # pairs name their coordinator


def make_operator(hashed: str) -> None:
    user = make_account("operatrice@example.org", hashed, Role.OPERATOR)
    db.session.add(Staff(user_id=user.id, first_name="Margaux", last_name="Vidal", office="orientation"))
