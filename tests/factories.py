"""Rows for tests, named for situations; each writes in the space that is open."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import count
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import Select, and_, func, insert, select
from werkzeug.test import EnvironBuilder

from app.accounts.models import Membership, User
from app.accounts.permissions import Role
from app.database import now, prepared, unit_of_work, uuid7
from app.extensions import db
from app.leads.models import Lead, LeadState
from app.leads.words import ADULT, TEXT_VERSION, age_on
from app.meetings.models import Meeting
from app.pairs.models import Pair
from app.people.models import Authorisation, Mentee, Mentor
from app.tenants.models import Staff, Tenant, TenantKind
from app.tenants.resolve import enter_tenant
from app.training.models import Completion, Course, CourseVersion, Enrolment, Module, ModuleCompletion, ModuleKind, Step

number = count(1)
PARIS = ZoneInfo("Europe/Paris")
LONG_AGO = date(2024, 1, 1)


def today() -> date:
    """The date in Paris, where the associations of the tests are: around midnight it is not that of UTC."""
    return datetime.now(PARIS).date()


class Day(str):
    """A day so many days before today, as a date field sends it: a browser of the tests reckons it when it sends it.

    Between the moment when tests are read and the one when they run, midnight may pass.
    """

    __slots__ = ("days",)

    def __new__(cls, days: int) -> "Day":
        day = super().__new__(cls, (today() - timedelta(days=days)).isoformat())
        day.days = days
        return day


@contextmanager
def in_space(app: Flask, tenant: Tenant) -> Iterator[None]:
    """A block that works in a tenant's space and stores what it did."""
    with unit_of_work(app, tenant.id), app.request_context(first_page().copy()):
        enter_tenant(tenant)
        yield


@cache
def first_page() -> dict:
    """What a server says of a request for the first page."""
    return EnvironBuilder("/").get_environ()


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


def published(title: str, modules: Iterable[dict], **changes) -> Course:
    """A course whose first version is published, with these modules in order."""
    course = Course(title=title, **changes)
    db.session.add(course)
    db.session.flush()
    version = CourseVersion(course_id=course.id, course=course, number=1, published_at=now(), is_current=True)
    db.session.add(version)
    db.session.flush()
    for position, values in enumerate(modules, start=1):
        key = uuid7()
        db.session.add(
            Module(id=key, root_id=key, course_id=course.id, **{"minutes": 60, "body": "## Écouter", "questions": [], **values})
        )
        db.session.flush()
        db.session.add(Step(version_id=version.id, module_id=key, position=position))
    db.session.flush()
    return course


def required_course(title: str = "Devenir mentor", required_for: Iterable[str] = ("all",)) -> Course:
    """A required course: a text of 60 minutes, then a live session of 60."""
    kinds = enumerate((ModuleKind.TEXT, ModuleKind.LIVE), start=1)
    return published(title, [{"kind": kind, "title": f"Module {rank}"} for rank, kind in kinds], required_for=list(required_for))


def _account(email: str | None) -> User:
    return User(email=email or f"personne{next(number)}@example.org", fs_uniquifier=uuid7().hex, confirmed_at=now())


def user(email: str | None = None) -> User:
    """An account that has been used."""
    account = _account(email)
    db.session.add(account)
    db.session.flush()
    return account


def place(tenant_id: UUID, account: UUID | User, role: str) -> None:
    """A role of an account, which may be stored with it, in a space where they have come in."""
    whose = {"user": account} if isinstance(account, User) else {"user_id": account}
    db.session.add(Membership(tenant_id=tenant_id, **whose, role=Role(role).value, entered_at=now()))


def member(tenant: Tenant, role: str, email: str | None = None) -> User:
    """An account with a role in a space."""
    account = _account(email)
    place(tenant.id, account, role)
    db.session.flush()
    return account


def _came_in(tenant: Tenant, role: str, email: str) -> UUID:
    """The id of such an account, when that is all that is asked for: without the session, which takes three times as long."""
    account, moment = uuid7(), now()
    values = {"id": account, "email": email, "fs_uniquifier": account.hex, "confirmed_at": moment}
    db.session.execute(insert(User.__table__), values)
    values = {"tenant_id": tenant.id, "user_id": account, "role": Role(role).value, "entered_at": moment}
    db.session.execute(insert(Membership.__table__), values)
    return account


def staff(tenant: Tenant, role: str = "coordinator", first_name: str = "Claire", last_name: str = "Morel") -> Staff:
    """Somebody who works in a space, with an account."""
    card = Staff(user_id=member(tenant, role).id, first_name=first_name, last_name=last_name, phone="+33199000001")
    db.session.add(card)
    db.session.flush()
    return card


def birth_date(age: int, on: date | None = None) -> date:
    """A date of birth that makes somebody so old today."""
    day = on or today()
    return day.replace(year=day.year - age, day=min(day.day, 28)) - timedelta(days=40)


def _person(first_name: str, age: int | None) -> dict:
    rank = next(number)
    return {
        "first_name": first_name, "last_name": f"Personne{'abcdefghij'[rank % 10]}", "email": f"p{rank}@example.org",
        "phone": f"+3361200{rank % 10000:04}", "birth_date": birth_date(age) if age is not None else None,
        "commune_code": "69123", "commune_name": "Lyon", "departement_code": "69",
        "places": ["remote"], "slots": ["sat_morning"],
        **({"guardian_name": "Nadège Parent"} if age is not None and age < ADULT else {}),
    }  # fmt: skip


def mentor(tenant: Tenant, trained: bool = False, age: int | None = 40, account: bool = True, **changes) -> Mentor:
    """A mentor's file; with the required courses complete when `trained`, long before any moment that a test travels to."""
    row = Mentor(**{**_person("Karim", age), "axes": ["education"], "status": "working", **changes})
    if account:
        row.user_id = _came_in(tenant, "mentor", row.email)
    db.session.add(row)
    db.session.flush()
    if trained:
        train(row, LONG_AGO)
    return row


def train(row: Mentor, on: date | None = None) -> None:
    """Complete every required course, today or on a day."""
    for course in db.session.scalars(*required()):
        complete(row, course, on)


def enrol(row: Mentor, course: Course, **changes) -> Enrolment:
    """A mentor in the published version of a course."""
    version = db.session.scalars(*published_version(course.id)).one()
    enrolment = Enrolment(**{"mentor_id": row.id, "course_id": course.id, "version_id": version.id, "moved_at": now(), **changes})
    db.session.add(enrolment)
    db.session.flush()
    return enrolment


@prepared
def published_version(course_id: UUID) -> Select[tuple[CourseVersion]]:
    return select(CourseVersion).where(CourseVersion.course_id == course_id, CourseVersion.is_current)


@prepared
def published_steps(course_id: UUID) -> Select[UUID, UUID | None, int | None]:
    """The version of a course that is published, with each of its modules; once with None when it has none."""
    rows = select(CourseVersion.id.label("version_id"), Step.module_id, Module.minutes).outerjoin(
        Step, and_(Step.tenant_id == CourseVersion.tenant_id, Step.version_id == CourseVersion.id)
    )
    rows = rows.outerjoin(Module, and_(Module.tenant_id == Step.tenant_id, Module.id == Step.module_id))
    return rows.where(CourseVersion.course_id == course_id, CourseVersion.is_current).order_by(Step.position)


@prepared
def required() -> Select[tuple[Course]]:
    return select(Course).where(func.cardinality(Course.required_for) > 0)


def complete(row: Mentor, course: Course, on: date | None = None) -> Completion:
    """A mentor who has done every module of a course, today or on a day."""
    moment = datetime.combine(on, time(12), UTC) if on else now()
    steps = db.session.execute(*published_steps(course.id)).all()
    whose = {"tenant_id": row.tenant_id, "mentor_id": row.id}
    enrolment = {**whose, "id": uuid7(), "course_id": course.id, "version_id": steps[0].version_id}
    db.session.execute(insert(Enrolment.__table__), {**enrolment, "ended_at": moment, "moved_at": moment})
    done = {**whose, "enrolment_id": enrolment["id"], "completed_at": moment, "recorded_by": row.user_id or user().id}
    modules = [{**done, "module_id": step.module_id, "minutes": step.minutes} for step in steps if step.module_id]
    if modules:
        db.session.execute(insert(ModuleCompletion.__table__), modules)
    completion = Completion(
        mentor_id=row.id, course_id=course.id, version_id=enrolment["version_id"], enrolment_id=enrolment["id"],
        minutes=sum(module["minutes"] for module in modules), completed_on=moment.astimezone(PARIS).date(),
    )  # fmt: skip
    db.session.add(completion)
    db.session.flush()
    return completion


def mentee(tenant: Tenant, age: int | None = 20, account: bool = True, **changes) -> Mentee:
    """A mentee's file."""
    row = Mentee(**{**_person("Inès", age), "needs": ["school"], "situation": "superieur", **changes})
    if account:
        row.user_id = _came_in(tenant, "jeune", row.email)
    db.session.add(row)
    db.session.flush()
    return row


def authorisation(person: Mentor | Mentee, kind: str = "participation", **changes) -> Authorisation:
    """An authorisation given yesterday, on paper."""
    whose = {"mentee_id": person.id} if isinstance(person, Mentee) else {"mentor_id": person.id}
    values = {
        "kind": kind, "given_by": "Nadège Parent", "given_on": today() - timedelta(days=1), "how": "paper",
        "text_version": TEXT_VERSION, "recorded_by": person.user_id or user().id,
    }  # fmt: skip
    row = Authorisation(**whose, **{**values, **changes})
    db.session.add(row)
    db.session.flush()
    return row


def pair(mentor: Mentor, mentee: Mentee, coordinator: Staff | None = None, **changes) -> Pair:
    """A pair of three months."""
    values = {
        "mentor_id": mentor.id, "mentee_id": mentee.id, "starts_on": today() - timedelta(days=90),
        "planned_months": 6, "rhythm": "fortnightly", "objectives": ["Choisir une formation"],
    }  # fmt: skip
    row = Pair(**{**values, **changes}, mentor=mentor, mentee=mentee, coordinator=coordinator)
    db.session.add(row)
    db.session.flush()
    return row


def meeting(pair: Pair, days: int = -7, state: str = "planned", **changes) -> Meeting:
    """A meeting of an hour, so many days from now at this hour of Paris, whatever the clocks did in between."""
    starts_at = datetime.now(PARIS) + timedelta(days=days)
    values = {"starts_at": starts_at, "minutes": 60, "place": "remote", "where": "https://visio.example.org/x"}
    row = Meeting(pair_id=pair.id, pair=pair, state=state, **{**values, **changes})
    db.session.add(row)
    db.session.flush()
    return row


def noon(days: int) -> datetime:
    """Noon of Paris, so many days from today: a meeting is not planned for the night, whenever tests run."""
    return datetime.combine(today() + timedelta(days=days), time(12), tzinfo=PARIS)


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
        "answer_by": today() + timedelta(days=7),
    }
    values["age"] = age_on(values["birth_date"], today())
    row = Lead(**{**values, **changes})
    db.session.add(row)
    db.session.flush()
    return row
