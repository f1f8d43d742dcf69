"""Who represents a minor: one row for all the brothers and sisters, typed once."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import cast
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import joinedload

from app.database import one_at_a_time
from app.extensions import db
from app.leads.models import Lead, LeadEvent
from app.leads.readdressing import readdress_guardian
from app.leads.signals import guardian_answers
from app.leads.words import GUARDIAN_REFUSED
from app.territory.queries import is_same_name, words_of
from app.web import local

from .erased import refuse_erased
from .models import Authorisation, AuthorisationKind, FileState, Guardian, Guardianship, Mentee, Mentor, PersonNote
from .signals import gate_changed, person_held


def whose(person: Mentor | Mentee) -> dict[str, UUID]:
    return {"mentee_id": person.id} if isinstance(person, Mentee) else {"mentor_id": person.id}


def person_of(row: Guardianship | Authorisation | PersonNote) -> Mentor | Mentee:
    """The one person whom a row is about; a constraint sees to it."""
    return cast(Mentor | Mentee, row.mentee or row.mentor)


def guardians_of(person: Mentor | Mentee) -> Sequence[Guardianship]:
    """Those of a person, the first one named first."""
    column = Guardianship.mentee_id if isinstance(person, Mentee) else Guardianship.mentor_id
    return db.session.scalars(
        select(Guardianship).where(column == person.id).options(joinedload(Guardianship.guardian)).order_by(Guardianship.id)
    ).all()


def names_of_guardians(person: Mentor | Mentee) -> list[str]:
    """Who may allow for a minor: those who are noted, and whom the file names."""
    return sorted({row.guardian.name for row in guardians_of(person)} | ({person.guardian_name} if person.guardian_name else set()))


@guardian_answers.connect
def names_them(lead: Lead, email: str | None) -> bool:
    """Whether the file of an accepted request still names the guardian of this address."""
    model: type[Mentee] | type[Mentor] = Mentee if lead.is_mentee else Mentor
    person = cast(Mentee | Mentor | None, db.session.scalar(select(model).where(model.lead_id == lead.id)))
    if person is None:
        return True
    known = [row.guardian.email for row in guardians_of(person)] or [person.guardian_email]
    return (email or "").lower() in {(address or "").lower() for address in known}


def refused_by_guardian(person: Mentor | Mentee) -> bool:
    """Whether who represents somebody whose file is closed did not agree, or no more, and nobody has allowed anything since."""
    is_allowed = any(row.kind == AuthorisationKind.PARTICIPATION and row.withdrawn_on is None for row in person.authorisations)
    return person.state == FileState.WITHDRAWN and not is_allowed and refused_on(person) is not None


def agreed_to_request(person: Mentor | Mentee) -> Lead | None:
    """The request that opened a file, when a guardian agreed to it by its link: nothing else was authorised by that."""
    return db.session.scalar(select(Lead).where(Lead.id == person.lead_id, Lead.guardian_agreed_at.is_not(None)))


def last_no(person: Mentor | Mentee, kind: AuthorisationKind, name: str) -> date | None:
    """The day of the last no, which bars a paper of before: by the request's link, or by their own about the participation."""
    if not AuthorisationKind(kind).is_of_guardian:
        return None
    asked = guardians_of(person) if kind == AuthorisationKind.PARTICIPATION else ()
    theirs = [local(row.refused_at).date() for row in asked if row.refused_at and is_same_name(row.guardian.name, name)]
    return max((day for day in (*theirs, refused_on(person)) if day is not None), default=None)


def refused_by_another(person: Mentor | Mentee, name: str) -> str | None:
    """Who else represents somebody and said, last, that they do not authorise."""
    names = (row.guardian.name for row in guardians_of(person) if row.refused_at)
    return next((other for other in names if not is_same_name(other, name)), None)


def refusing_unasked(person_ids: Collection[UUID]) -> dict[UUID, Guardianship]:
    """Of these people, the guardian who took back what they had allowed, though nobody had asked them for it by a link."""
    theirs = or_(Guardianship.mentee_id.in_(person_ids), Guardianship.mentor_id.in_(person_ids))
    rows = select(Guardianship).where(theirs, Guardianship.refused_at.is_not(None), Guardianship.asked_at.is_(None))
    found = db.session.scalars(rows.options(joinedload(Guardianship.guardian)).order_by(Guardianship.refused_at))
    return {cast(UUID, row.mentee_id or row.mentor_id): row for row in found}


def took_back(row: Guardianship) -> bool:
    """Whether the last no of a guardian took back a yes of their own."""
    if row.refused_at is None:
        return False
    day, said = local(row.refused_at).date(), person_of(row).authorisations
    theirs = [known for known in said if known.kind == AuthorisationKind.PARTICIPATION and known.withdrawn_on == day]
    return any(is_same_name(known.given_by, row.guardian.name) for known in theirs)


def forget_refusal(person: Mentor | Mentee, name: str) -> None:
    """Whoever said no by their link has said yes since."""
    theirs = [row.id for row in guardians_of(person) if is_same_name(row.guardian.name, name)]
    if theirs:
        db.session.execute(update(Guardianship).where(Guardianship.id.in_(theirs)).values(refused_at=None))


def refused_on(person: Mentor | Mentee) -> date | None:
    """The day on which whoever represents somebody last said no, by the link of the request; None when nobody did."""
    told = select(func.max(LeadEvent.created_at)).where(LeadEvent.lead_id == person.lead_id, LeadEvent.what == GUARDIAN_REFUSED)
    at = db.session.scalar(told)
    return local(at).date() if at else None


def represented_by(guardian: Guardian, but: Mentor | Mentee) -> list[Mentor | Mentee]:
    """The others whom the same guardian represents: brothers and sisters."""
    rows = db.session.scalars(
        select(Guardianship)
        .where(Guardianship.guardian_id == guardian.id)
        .options(joinedload(Guardianship.mentee), joinedload(Guardianship.mentor))
    ).all()
    return [person for person in map(person_of, rows) if person.id != but.id]


def correct_guardian(guardian: Guardian, name: str, email: str | None, phone: str | None) -> None:
    """Set right how a guardian is called and reached; at another address nobody was asked, nor said no."""
    if email and email.lower() != (guardian.email or "").lower():
        theirs = update(Guardianship).where(Guardianship.guardian_id == guardian.id)
        db.session.execute(theirs.values(asked_at=None, refused_at=None))
    guardian.name, guardian.email, guardian.phone = name, email or guardian.email, phone or guardian.phone


def name_guardian(
    person: Mentor | Mentee, name: str, email: str | None, phone: str | None, relation: str = "parent", by_staff: bool = True
) -> Guardian:
    """Note who represents somebody. The same name with the same address or number is the same guardian, whoever is represented.

    What staff add or correct follows for the brothers and sisters; what a public form says changes nobody's guardian: whoever it
    gives another way to reach is another. Letters, agreements and the gate use the one named last: the file's own columns say who.
    Raises Erased.
    """
    if by_staff:
        hold_requests(person, find(person, name, email, phone, by_staff))
    person_held.send(person)
    refuse_erased(person)
    one_at_a_time("guardian", person.id)
    guardian = find(person, name, email, phone, by_staff)
    if guardian is None:
        guardian = Guardian(name=name, email=email, phone=phone)
        db.session.add(guardian)
    elif by_staff:
        correct_guardian(guardian, name, email, phone)
    db.session.flush()
    column = Guardianship.mentee_id if isinstance(person, Mentee) else Guardianship.mentor_id
    link = db.session.scalar(select(Guardianship).where(column == person.id, Guardianship.guardian_id == guardian.id))
    if link is None:
        db.session.add(Guardianship(guardian_id=guardian.id, guardian=guardian, relation=relation, **whose(person)))
    else:
        link.relation = relation
    copy_to(person, guardian)
    others = represented_by(guardian, person) if by_staff else []
    for other in others:
        if words_of(other.guardian_name or "") == words_of(guardian.name):  # theirs is this one, not another
            copy_to(other, guardian)
    db.session.flush()
    if by_staff:
        for one in (person, *others):
            say_on_request(one)
        gate_changed.send(person)  # it may be who mentors them
    return guardian


def hold_requests(person: Mentor | Mentee, named: Guardian | None = None) -> None:
    """What files came from is locked before them, as where a guardian refuses by the link of a request (decision 0046).

    Theirs, and those of the others whom the same guardians represent, one about to be named among them.
    """
    guardians = {row.guardian for row in guardians_of(person)} | ({named} if named else set())
    theirs = [person, *(other for guardian in guardians for other in represented_by(guardian, person))]
    leads = select(Lead).where(Lead.id.in_([one.lead_id for one in theirs if one.lead_id])).order_by(Lead.id)
    db.session.scalars(leads.with_for_update(), execution_options={"populate_existing": True}).all()


def copy_to(person: Mentor | Mentee, guardian: Guardian | None) -> None:
    """Whom letters are for; nobody when nobody is left."""
    person.guardian_name = guardian.name if guardian else None
    person.guardian_email = guardian.email if guardian else None
    person.guardian_phone = guardian.phone if guardian else None


def say_on_request(person: Mentor | Mentee) -> None:
    """The request that a file came from names somebody whom the file names, at their address of today: another's link ends."""
    lead = db.session.get(Lead, (person.tenant_id, person.lead_id)) if person.lead_id else None
    theirs = [row.guardian for row in guardians_of(person)]
    if lead is None or any(is_on(lead, guardian) for guardian in theirs):
        return
    own = next((one for one in theirs if is_same_name(one.name, lead.guardian_name or "")), None)
    named = (own.name, own.email, own.phone) if own else (person.guardian_name, person.guardian_email, person.guardian_phone)
    readdress_guardian(lead, *named)


def is_on(lead: Lead, guardian: Guardian) -> bool:
    """Whether a request gives no way to reach who represents them but this guardian's."""
    email, phone = (lead.guardian_email or "").lower(), lead.guardian_phone
    return email in {"", (guardian.email or "").lower()} and phone in {None, guardian.phone}


def is_used(person: Mentor | Mentee, guardian: Guardian) -> bool:
    """Whether letters are for this one."""
    said = person.guardian_name, person.guardian_email, person.guardian_phone
    return said == (guardian.name, guardian.email, guardian.phone)


def find(person: Mentor | Mentee, name: str, email: str | None, phone: str | None, by_staff: bool) -> Guardian | None:
    """The guardian of this name who has this address or this number: two parents may share one of them.

    Of a public form, whatever it gives is the same. Whoever represents this person already comes first.
    """
    same = [func.lower(Guardian.email) == email.lower()] if email else []
    same += [Guardian.phone == phone] if phone else []
    alike = or_(*same) if by_staff else and_(*same)
    rows = db.session.scalars(select(Guardian).where(alike).order_by(Guardian.id)).all() if same else []
    own = {row.guardian_id for row in guardians_of(person)}
    return next((row for row in sorted(rows, key=lambda row: row.id not in own) if is_same_name(row.name, name)), None)


def forget_guardian(row: Guardianship) -> None:
    """They do not represent this person any more; a guardian of nobody is erased."""
    person, guardian = person_of(row), row.guardian
    hold_requests(person)
    db.session.delete(row)
    db.session.flush()
    if db.session.scalar(select(Guardianship.id).where(Guardianship.guardian_id == guardian.id).limit(1)) is None:
        db.session.delete(guardian)
    left = guardians_of(person)
    if not any(is_used(person, row.guardian) for row in left):
        copy_to(person, left[-1].guardian if left else None)
    db.session.flush()
    say_on_request(person)
    gate_changed.send(person)  # an agreement may name them
