"""One association of the demonstration: its course, mentors, mentees, pairs and meetings."""

import secrets
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from app.accounts.models import Membership, User
from app.accounts.permissions import Role
from app.certificates.actions import issue_for_pair, issue_for_training
from app.certificates.models import CertificateKind
from app.database import now, uuid7
from app.extensions import db
from app.leads.calendar import add_working_days
from app.leads.models import Lead, LeadEvent, LeadState
from app.leads.words import SLOTS, TEXT_VERSION, age_on
from app.meetings.models import Meeting, MeetingState
from app.pairs.models import Pair
from app.pairs.reasons import in_words
from app.people.models import Authorisation, AuthorisationKind, Mentee, Mentor
from app.tenants.models import Staff
from app.tenants.resolve import current_tenant
from app.territory.queries import find_commune
from app.training.library import copy_models
from app.training.models import Completion, Course, CourseVersion, Enrolment, Module, ModuleCompletion
from app.training.progress import steps_of
from app.training.session_models import CourseSession, Registration
from app.web import today

from .files import apply, check_mentors, set_rules, team, tell_profiles, tell_stories
from .following import follow, keep_journal
from .people import FIRST, LAST, MENTOR_FIRST, OBJECTIVES, OF_CHILDREN, PARENT_FIRST, SECTORS, Place, address
from .requests import Story, answer_some

MENTORS, MENTEES, TO_ANSWER = 10, 15, 4
TRAINED = 8  # of the ten mentors
MONTHS = 8


def fill_association(place: Place, number: int, hashed: str) -> list[Story]:
    """Fill the current space, and return what the programme must remember of each request."""
    chance = Random(f"{place.slug}")  # noqa: S311  (invented people, the same every time)
    course, minors = copy_models()
    minors.certifies = False  # one certificate for each mentor
    live = plan_sessions(course)
    plan_sessions(minors, later=1)
    mentors = [make_mentor(place, number, rank, chance) for rank in range(MENTORS)]
    mentees = [make_mentee(place, number, rank, chance) for rank in range(MENTEES)]
    for mentor in mentors:
        open_space(mentor, Role.MENTOR, hashed)
    for mentee in mentees:
        authorise_minor(mentee)
        open_space(mentee, Role.JEUNE, hashed)
    for mentor in mentors[:TRAINED]:
        issue_for_training(train(mentor, course, chance))
        train(mentor, minors, chance)
    start_training(mentors[TRAINED], course, live)
    enrolment, modules = enrol(mentors[TRAINED + 1], course, now() - timedelta(days=30))
    complete(enrolment, mentors[TRAINED + 1], modules[0], now() - timedelta(days=24))
    enrolment.moved_at, enrolment.reminded = now() - timedelta(days=24), 21
    set_rules()
    tell_profiles(mentors, mentees, chance)
    check_mentors(mentors[:TRAINED])
    pairs = form_pairs(mentors, mentees, chance)
    tell_stories(pairs, mentors[TRAINED - 1], mentees[9])
    for mentor in mentors[3:6]:
        mentor.capacity = 2  # some room for those who wait
    apply(mentors[TRAINED:])
    askers = [with_guardian(make_person(place, number, MENTEES + rank, chance), number, rank) for rank in range(TO_ANSWER)]
    waiting = [make_lead(person, LeadState.RECEIVED, rank) for rank, person in enumerate(askers)]
    db.session.flush()
    answer_some(waiting)
    follow(pairs, team(), Random(place.slug))  # noqa: S311  (invented too)
    keep_journal(team(), len(pairs))
    accepted = db.session.scalars(select(Lead).where(Lead.state == LeadState.ACCEPTED)).all()
    return [Story(lead, current_tenant.id) for lead in (*accepted, *waiting)]


def make_person(place: Place, number: int, rank: int, chance: Random, grown: bool = False) -> dict[str, Any]:
    """An invented person, the same for the same rank."""
    step = number * 7 + rank
    first = MENTOR_FIRST[step % len(MENTOR_FIRST)] if grown else FIRST[(step if number else rank) % len(FIRST)]
    last = LAST[(step * 5 + number * 3 + (11 if grown else 0)) % len(LAST)]
    if place.slug == "passerelle-rhone" and rank == 0:
        first, last = ("Karim", "Trabelsi") if grown else ("Inès", "Benali")
    commune = find_commune(place.communes[rank % len(place.communes)])
    assert commune is not None
    age = chance.randint(24, 66) if grown else chance.choice([13, 15, 16, 16, 17, 18, 19, 21, 23, 25])
    if place.slug == "passerelle-rhone" and rank == 0 and not grown:
        age = 17
    return {
        "first_name": first,
        "last_name": last,
        "email": address(first, f"{last}{'' if number == 0 and rank < 25 else f'-{number}{rank}'}"),
        "phone": f"+336399{number}{int(grown)}{rank:03}",
        "birth_date": today() - timedelta(days=int(age * 365.25) + chance.randint(20, 340)),
        "commune_code": commune.code,
        "commune_name": commune.name,
        "departement_code": commune.departement_code,
        "places": chance.sample(["remote", "school", "association"], 2),
        "slots": chance.sample(sorted(SLOTS), 5),
    }


def with_guardian(person: dict[str, Any], number: int, rank: int) -> dict[str, Any]:
    """A minor names who represents them."""
    if (today() - person["birth_date"]).days >= 18 * 365.25:
        return person
    first = PARENT_FIRST[(rank + number) % len(PARENT_FIRST)]
    return person | {"guardian_name": f"{first} {person['last_name']}", "guardian_phone": f"+336398{number}0{rank:03}"}


def studies(person: dict[str, Any], rank: int) -> dict[str, Any]:
    """What somebody of this age does, and needs."""
    age, works = age_on(person["birth_date"], today()), rank % 2 == 0
    if age < 16:
        return {"needs": ["school", "orientation"], "situation": "college"}
    grown = "job_seeker" if works else "superieur"
    return {"needs": ["employment"] if works else ["school", "orientation"], "situation": "lycee_general" if age < 19 else grown}


def make_lead(person: dict[str, Any], state: LeadState, rank: int) -> Lead:
    """The request that a file came from, or one that waits for an answer."""
    kind = person.pop("kind", "mentee")
    since = 290 - rank * (12 if kind == "mentee" else 20)  # pairs begin 230 days ago, once a mentor is trained
    asked = now() - timedelta(days=since if state == LeadState.ACCEPTED else rank + 1, hours=rank)
    details = studies(person, rank) if kind == "mentee" else {}
    lead = Lead(
        kind=kind, state=state, source=("direct", "1jeune1solution", "ecole")[rank % 3], requested_at=asked,
        text_version=TEXT_VERSION, orientation_id=uuid7(), programme_lead_id=uuid7(), created_at=asked,
        answer_by=add_working_days(asked.date(), 5), clock_from=asked.date(),
        accepted_at=asked + timedelta(days=2) if state == LeadState.ACCEPTED else None,
        **{**details, **person},
    )  # fmt: skip
    db.session.add(lead)
    db.session.flush()  # its history and file name it
    db.session.add(LeadEvent(lead_id=lead.id, what="received", created_at=asked))
    if lead.accepted_at:
        db.session.add(LeadEvent(lead_id=lead.id, what="accepted", created_at=lead.accepted_at))
    return lead


def make_mentor(place: Place, number: int, rank: int, chance: Random) -> Mentor:
    """A mentor with the request that they came from."""
    person = make_person(place, number, rank, chance, grown=True)
    person |= {"axes": ["education", "employment"][: 1 + rank % 2], "status": "working", "sector": SECTORS[rank % len(SECTORS)],
               "preferred_public": "any", "message": "J'ai envie de transmettre ce que l'on m'a appris."}  # fmt: skip
    lead = make_lead(person | {"kind": "mentor"}, LeadState.ACCEPTED, rank)
    mentor = Mentor(
        lead_id=lead.id,
        source=lead.source,
        capacity=2 if rank in {1, 2} else 1,
        created_at=lead.accepted_at,
        **person,
    )
    db.session.add(mentor)
    db.session.flush()  # trainings and pairs name it
    return mentor


def make_mentee(place: Place, number: int, rank: int, chance: Random) -> Mentee:
    """A jeune with the request that they came from; a guardian for a minor."""
    person = make_person(place, number, rank, chance)
    person |= studies(person, rank)
    person = with_guardian(person, number, rank)
    lead = make_lead(dict(person), LeadState.ACCEPTED, rank)
    mentee = Mentee(lead_id=lead.id, source=lead.source, created_at=lead.accepted_at, **person)
    db.session.add(mentee)
    db.session.flush()  # pairs name it
    return mentee


def open_space(person: Mentor | Mentee, role: Role, hashed: str) -> None:
    """The account of somebody who accepted the invitation."""
    assert person.email is not None
    user = User(email=person.email, password=hashed, fs_uniquifier=secrets.token_hex(16), confirmed_at=now())
    db.session.add(user)
    db.session.flush()  # the membership names it
    db.session.add(Membership(tenant_id=current_tenant.id, user_id=user.id, role=role.value, entered_at=now()))
    person.user_id, person.invited_at = user.id, person.created_at


def authorise_minor(mentee: Mentee) -> None:
    """What the gate asks for: the guardian's authorisation, and under 15 the child's own agreement."""
    staff = db.session.scalars(select(Staff).limit(1)).one()
    kinds = [AuthorisationKind.PARTICIPATION] * mentee.is_minor_on(today())
    kinds += [AuthorisationKind.OWN_AGREEMENT] * mentee.needs_own_agreement_on(today())
    for kind in kinds:
        who = mentee.guardian_name if kind == AuthorisationKind.PARTICIPATION else mentee.full_name
        db.session.add(
            Authorisation(mentee_id=mentee.id, kind=kind, given_by=who or mentee.full_name, given_on=mentee.created_at.date(),
                          how="paper", text_version=TEXT_VERSION, recorded_by=staff.user_id)
        )  # fmt: skip


def plan_sessions(course: Course, later: int = 0) -> CourseSession:
    """A live session that was, and two that come; so many days later than those of another course, which one may follow too."""
    module = db.session.scalars(select(Module).where(Module.course_id == course.id, Module.kind == "live")).one()
    sessions = [
        CourseSession(module_id=module.id, starts_at=moment(today() + timedelta(days=days + later), 18), place=spot, seats=12,
                      trainer=current_tenant.signatory_name)
        for days, spot in ((-3, "Nos locaux, salle du fond"), (6, "https://visio.example.org/formation"), (20, "Nos locaux"))
    ]  # fmt: skip
    db.session.add_all(sessions)
    db.session.flush()  # seats name them
    return sessions[0]


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """An hour on the association's clock."""
    return datetime.combine(day, time(hour, minute), tzinfo=current_tenant.zone)


def enrol(mentor: Mentor, course: Course, begun: datetime, ended: datetime | None = None) -> tuple[Enrolment, list[Module]]:
    """A mentor in the published version of a course, and its modules in order."""
    version = db.session.scalars(select(CourseVersion).where(CourseVersion.course_id == course.id, CourseVersion.is_current)).one()
    row = Enrolment(
        mentor_id=mentor.id, course_id=course.id, version_id=version.id, moved_at=ended or begun, ended_at=ended, created_at=begun
    )
    db.session.add(row)
    db.session.flush()  # what is done names it
    return row, [step.module for step in steps_of([version.id])[version.id]]


def train(mentor: Mentor, course: Course, chance: Random) -> Completion:
    """A mentor who followed the whole course."""
    done_on = mentor.created_at + timedelta(days=chance.randint(4, 9))
    enrolment, modules = enrol(mentor, course, mentor.created_at, done_on)
    for module in modules:
        complete(enrolment, mentor, module, done_on)
    completion = Completion(
        mentor_id=mentor.id, mentor=mentor, course_id=course.id, course=course,
        version_id=enrolment.version_id, enrolment_id=enrolment.id,
        minutes=sum(m.minutes for m in modules), completed_on=done_on.date(),
    )  # fmt: skip
    db.session.add(completion)
    db.session.flush()  # the certificate names it
    return completion


def complete(enrolment: Enrolment, mentor: Mentor, module: Module, done_at: datetime) -> None:
    assert mentor.user_id is not None
    db.session.add(
        ModuleCompletion(mentor_id=mentor.id, module_id=module.id, enrolment_id=enrolment.id, minutes=module.minutes,
                         completed_at=done_at,
                         recorded_by=mentor.user_id)
    )  # fmt: skip


def start_training(mentor: Mentor, course: Course, live: CourseSession) -> None:
    """A mentor half way, with a seat in the last live session, whose attendance is still to be noted."""
    enrolment, modules = enrol(mentor, course, now() - timedelta(days=12))
    for module in modules[:2]:
        complete(enrolment, mentor, module, now() - timedelta(days=9))
    enrolment.moved_at = now() - timedelta(days=9)
    db.session.add(Registration(session_id=live.id, mentor_id=mentor.id, number=1))


def form_pairs(mentors: list[Mentor], mentees: list[Mentee], chance: Random) -> list[Pair]:
    """Eight pairs of different ages, with their meetings."""
    coordinator = db.session.scalars(select(Staff).order_by(Staff.phone).limit(1)).one()
    places = [mentor for mentor in mentors[:TRAINED] for _place in range(mentor.capacity)]
    pairs = []
    for rank, (mentor, mentee) in enumerate(zip(places[:8], mentees, strict=False)):
        hopes = OF_CHILDREN if mentee.situation == "college" else [OBJECTIVES[rank], OBJECTIVES[(rank + 1) % 8]]
        started = today() - timedelta(days=(MONTHS * 30 - 10, 150, 120, 95, 70, 45, 25, 12)[rank])
        pair = Pair(
            mentor_id=mentor.id, mentee_id=mentee.id, coordinator_id=coordinator.id, starts_on=started,
            planned_months=6 + 6 * (rank == 0),
            rhythm="fortnightly" if rank % 2 == 0 else "monthly", objectives=hopes,
            why=in_words("Se sont plu au forum des métiers, et habitent à deux stations." if rank == 0 else None),
        )  # fmt: skip
        db.session.add(pair)
        db.session.flush()  # the gate answers here; meetings name it
        pairs.append(pair)
        hold_meetings(pair, rank, chance)
        if rank == 0:
            db.session.flush()  # the certificate counts the meetings
            issue_for_pair(CertificateKind.PARTICIPATION, pair, coordinator.user_id, pair.objectives[:1])
    return pairs


def hold_meetings(pair: Pair, rank: int, chance: Random) -> None:
    """Meetings since the start, one to log, one to come. The fifth pair has been silent for a while."""
    step = 14 if pair.rhythm == "fortnightly" else 28
    day, hour = pair.starts_on + timedelta(days=3), 17 + rank % 3
    silent_since = today() - timedelta(days=40 if rank == 4 else 5)
    while day < silent_since:
        fate = chance.choices(["held", "missed", "cancelled"], [9, 1, 1])[0] if rank else "held"
        add_meeting(pair, moment(day, hour, 30), MeetingState(fate), chance)
        day += timedelta(days=step)
    if rank != 4:
        add_meeting(pair, moment(today() - timedelta(days=1), hour, 30), MeetingState.PLANNED, chance)
        add_meeting(pair, moment(today() + timedelta(days=1 + rank), 17, 30), MeetingState.PLANNED, chance)


def add_meeting(pair: Pair, starts_at: datetime, state: MeetingState, chance: Random) -> None:
    held = state == MeetingState.HELD
    db.session.add(
        Meeting(
            pair_id=pair.id, starts_at=starts_at, minutes=chance.choice([45, 60, 60, 90]), place="remote",
            where=f"https://visio.example.org/{pair.id.hex[-8:]}", state=state,
            subjects=chance.sample(["orientation", "lessons", "cv", "confidence"], 2) if held else [],
            note="Bon échange, à poursuivre." if held and chance.random() < 0.2 else None,
            logged_at=None if state == MeetingState.PLANNED else starts_at + timedelta(hours=3),
        )
    )  # fmt: skip
