"""Who represents a minor: one row for all the brothers and sisters, typed once."""

from collections.abc import Sequence
from datetime import date
from typing import cast
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from app.database import one_at_a_time
from app.extensions import db
from app.leads.models import Lead, LeadEvent
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
def names_them(lead: Lead) -> bool:
    """Whether the file of an accepted request still names the guardian whom it named; a file that names nobody does."""
    model: type[Mentee] | type[Mentor] = Mentee if lead.is_mentee else Mentor
    person = cast(Mentee | Mentor | None, db.session.scalar(select(model).where(model.lead_id == lead.id)))
    known = [row.guardian.email for row in guardians_of(person)] if person is not None else []
    return not known or any((email or "").lower() == (lead.guardian_email or "").lower() for email in known)


def refused_by_guardian(person: Mentor | Mentee) -> bool:
    """Whether who represents somebody whose file is closed did not agree, or no more, and nobody has allowed anything since."""
    is_allowed = any(row.kind == AuthorisationKind.PARTICIPATION and row.withdrawn_on is None for row in person.authorisations)
    return person.state == FileState.WITHDRAWN and not is_allowed and refused_on(person) is not None


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


def name_guardian(
    person: Mentor | Mentee, name: str, email: str | None, phone: str | None, relation: str = "parent", by_staff: bool = True
) -> Guardian:
    """Note who represents somebody. The same name with the same address or number is the same guardian, whoever is represented.

    What staff add or correct follows for the brothers and sisters; what a public form says changes nobody's guardian. Letters,
    agreements and the gate use the one named last: the file's own columns say who. Raises Erased.
    """
    person_held.send(person)
    refuse_erased(person)
    one_at_a_time("guardian", person.id)
    guardian = find(name, email, phone)
    if guardian is None:
        guardian = Guardian(name=name, email=email, phone=phone)
        db.session.add(guardian)
    elif by_staff:
        guardian.name, guardian.email, guardian.phone = name, email or guardian.email, phone or guardian.phone
    db.session.flush()
    column = Guardianship.mentee_id if isinstance(person, Mentee) else Guardianship.mentor_id
    link = db.session.scalar(select(Guardianship).where(column == person.id, Guardianship.guardian_id == guardian.id))
    if link is None:
        db.session.add(Guardianship(guardian_id=guardian.id, guardian=guardian, relation=relation, **whose(person)))
    else:
        link.relation = relation
    copy_to(person, guardian)
    for other in represented_by(guardian, person):
        if by_staff and words_of(other.guardian_name or "") == words_of(guardian.name):  # theirs is this one, not another
            copy_to(other, guardian)
    db.session.flush()
    if by_staff:
        gate_changed.send(person)  # it may be who mentors them
    return guardian


def copy_to(person: Mentor | Mentee, guardian: Guardian | None) -> None:
    """Whom letters are for; nobody when nobody is left."""
    person.guardian_name = guardian.name if guardian else None
    person.guardian_email = guardian.email if guardian else None
    person.guardian_phone = guardian.phone if guardian else None


def find(name: str, email: str | None, phone: str | None) -> Guardian | None:
    """The guardian of this name who has this address or this number: two parents may share one of them."""
    same = [func.lower(Guardian.email) == email.lower()] if email else []
    same += [Guardian.phone == phone] if phone else []
    rows = db.session.scalars(select(Guardian).where(or_(*same)).order_by(Guardian.id)) if same else ()
    return next((row for row in rows if is_same_name(row.name, name)), None)


def forget_guardian(row: Guardianship) -> None:
    """They do not represent this person any more; a guardian of nobody is erased."""
    person, guardian = person_of(row), row.guardian
    db.session.delete(row)
    db.session.flush()
    if db.session.scalar(select(Guardianship.id).where(Guardianship.guardian_id == guardian.id).limit(1)) is None:
        db.session.delete(guardian)
    left = guardians_of(person)
    copy_to(person, left[-1].guardian if left else None)
    gate_changed.send(person)  # an agreement may name them
