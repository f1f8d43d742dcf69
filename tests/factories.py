"""Rows for tests, named for situations; each writes in the space that is open."""

from datetime import date, timedelta
from itertools import count

from flask import Flask
from sqlalchemy import select

from app.accounts.models import Membership, User
from app.accounts.permissions import Role
from app.database import now, unit_of_work, uuid7
from app.extensions import db
from app.leads.models import Lead, LeadState
from app.leads.words import TEXT_VERSION, age_on
from app.meetings.models import Meeting
from app.pairs.models import Pair
from app.people.models import Authorisation, Mentee, Mentor
from app.tenants.models import Staff, Tenant, TenantKind
from app.training.models import Completion, Course, Module, ModuleCompletion, ModuleKind

number = count(1)


def programme(app: Flask) -> Tenant:
    """The programme of the site."""
    return _stored(app, Tenant(kind=TenantKind.PROGRAMME, slug="programme", name="Le programme", initials="P"))


def association(app: Flask, slug: str, name: str, departements: list[str], course: bool = True, **changes) -> Tenant:
    """An association with room, and a required course of one text and one live session."""
    values = {
        "slug": slug, "name": name, "initials": name[:2].upper(), "city": "Lyon", "departements": departements,
        "axes": ["education", "employment"], "mentee_capacity": 20, "mentor_capacity": 20, "phone": "+33199000000",
        "email": f"bonjour@{slug}.example.org", "signatory_name": "Claire Morel", "signatory_office": "présidente",
    }  # fmt: skip
    tenant = _stored(app, Tenant(**{**values, **changes}))
    if course:
        with unit_of_work(app, tenant.id):
            required_course()
    return tenant


def _stored(app: Flask, tenant: Tenant) -> Tenant:
    with unit_of_work(app, None):
        db.session.add(tenant)
    return tenant


def required_course(title: str = "Devenir mentor") -> Course:
    """A required course: a text of 60 minutes, then a live session of 60."""
    course = Course(title=title, is_required=True)
    db.session.add(course)
    db.session.flush()
    for position, kind in enumerate((ModuleKind.TEXT, ModuleKind.LIVE), start=1):
        db.session.add(
            Module(course_id=course.id, position=position, kind=kind, title=f"Module {position}", minutes=60, body="## Écouter")
        )
    db.session.flush()
    return course


def user(email: str | None = None) -> User:
    """An account that has been used."""
    address = email or f"personne{next(number)}@example.org"
    account = User(email=address, fs_uniquifier=uuid7().hex, confirmed_at=now())
    db.session.add(account)
    db.session.flush()
    return account


def member(tenant: Tenant, role: str, email: str | None = None) -> User:
    """An account with a role in a space."""
    account = user(email)
    db.session.add(Membership(tenant_id=tenant.id, user_id=account.id, role=Role(role).value))
    db.session.flush()
    return account


def staff(tenant: Tenant, role: str = "coordinator", first_name: str = "Claire", last_name: str = "Morel") -> Staff:
    """Somebody who works in a space, with an account."""
    card = Staff(user_id=member(tenant, role).id, first_name=first_name, last_name=last_name, phone="+33199000001")
    db.session.add(card)
    db.session.flush()
    return card


def birth_date(age: int, on: date | None = None) -> date:
    """A date of birth that makes somebody so old today."""
    day = on or now().date()
    return day.replace(year=day.year - age, day=min(day.day, 28)) - timedelta(days=40)


def _person(first_name: str, age: int | None) -> dict:
    rank = next(number)
    return {
        "first_name": first_name, "last_name": f"Personne{'abcdefghij'[rank % 10]}", "email": f"p{rank}@example.org",
        "phone": f"+3361200{rank % 10000:04}", "birth_date": birth_date(age) if age is not None else None,
        "commune_code": "69123", "commune_name": "Lyon", "departement_code": "69",
        "places": ["remote"], "slots": ["sat_morning"],
    }  # fmt: skip


def mentor(tenant: Tenant, trained: bool = False, age: int | None = 40, account: bool = True, **changes) -> Mentor:
    """A mentor's file; with the required courses complete when `trained`."""
    row = Mentor(**{**_person("Karim", age), "axes": ["education"], "status": "working", **changes})
    if account:
        row.user_id = member(tenant, "mentor", row.email).id
    db.session.add(row)
    db.session.flush()
    if trained:
        train(row)
    return row


def train(row: Mentor) -> None:
    """Complete every required course."""
    for course in db.session.scalars(select(Course).where(Course.is_required)):
        for module in db.session.scalars(select(Module).where(Module.course_id == course.id)):
            db.session.add(
                ModuleCompletion(mentor_id=row.id, module_id=module.id, minutes=module.minutes, completed_at=now(),
                                 recorded_by=row.user_id or user().id)
            )  # fmt: skip
        db.session.add(Completion(mentor_id=row.id, course_id=course.id, minutes=120, completed_on=now().date()))
    db.session.flush()


def mentee(tenant: Tenant, age: int | None = 20, account: bool = True, **changes) -> Mentee:
    """A mentee's file."""
    row = Mentee(**{**_person("Inès", age), "needs": ["school"], "situation": "superieur", **changes})
    if account:
        row.user_id = member(tenant, "jeune", row.email).id
    db.session.add(row)
    db.session.flush()
    return row


def authorisation(person: Mentor | Mentee, kind: str = "participation", **changes) -> Authorisation:
    """An authorisation given yesterday, on paper."""
    whose = {"mentee_id": person.id} if isinstance(person, Mentee) else {"mentor_id": person.id}
    values = {
        "kind": kind, "given_by": "Nadège Parent", "given_on": now().date() - timedelta(days=1), "how": "paper",
        "text_version": TEXT_VERSION, "recorded_by": person.user_id or user().id,
    }  # fmt: skip
    row = Authorisation(**whose, **{**values, **changes})
    db.session.add(row)
    db.session.flush()
    return row


def pair(mentor: Mentor, mentee: Mentee, coordinator: Staff | None = None, **changes) -> Pair:
    """A pair of three months."""
    values = {
        "mentor_id": mentor.id, "mentee_id": mentee.id, "starts_on": now().date() - timedelta(days=90),
        "planned_months": 6, "rhythm": "fortnightly", "objectives": ["Choisir une formation"],
    }  # fmt: skip
    row = Pair(**{**values, **changes}, mentor=mentor, mentee=mentee, coordinator=coordinator)
    db.session.add(row)
    db.session.flush()
    return row


def meeting(pair: Pair, days: int = -7, state: str = "planned", **changes) -> Meeting:
    """A meeting of an hour, so many days from now."""
    values = {"starts_at": now() + timedelta(days=days), "minutes": 60, "place": "remote", "where": "https://visio.example.org/x"}
    row = Meeting(pair_id=pair.id, pair=pair, state=state, **{**values, **changes})
    db.session.add(row)
    db.session.flush()
    return row


def lead(kind: str = "mentee", state: str = LeadState.RECEIVED, age: int = 20, **changes) -> Lead:
    """A request in the space that is open."""
    person = _person("Noé" if kind == "mentee" else "Martine", age)
    details = {"needs": ["school"], "situation": "superieur"} if kind == "mentee" else {"axes": ["education"], "status": "working"}
    values = {
        **person,
        **details,
        "kind": kind,
        "state": state,
        "text_version": TEXT_VERSION,
        "answer_by": now().date() + timedelta(days=7),
    }
    values["age"] = age_on(values["birth_date"], now().date())
    row = Lead(**{**values, **changes})
    db.session.add(row)
    db.session.flush()
    return row
