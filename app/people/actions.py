"""Open a file from a request, invite, pause, withdraw."""

from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import func, select, update

from app.accounts.actions import end_membership, forget_account, invite
from app.accounts.models import Membership, User
from app.accounts.permissions import STAFF_ROLES, Role
from app.accounts.queries import roles_of_address
from app.accounts.signals import colleague_asked
from app.database import hold_row, now
from app.errors import DomainError
from app.extensions import db
from app.fields import same_mailbox
from app.leads.models import Lead, PersonColumns
from app.leads.readdressing import readdress
from app.leads.signals import closed_file_asked, lead_accepted, lead_withdrawn
from app.leads.words import GUARDIAN_REFUSED, KEPT_FOR
from app.mail import Letter, send
from app.tenants.resolve import current_tenant
from app.territory.queries import is_same_name
from app.translation import gettext as _
from app.web import today

from .guardians import hold_requests, name_guardian
from .letters import readers, tell_family, tell_stopped
from .models import AuthorisationKind, FileState, Mentee, Mentor, Stage
from .signals import gate_changed, person_back, person_closing, person_held, person_withdrawn
from .stages import noted_stage

MINUTE = timedelta(minutes=1)


class CannotInvite(DomainError):
    """This person cannot be invited yet."""


class CannotReopen(DomainError):
    """This file stays closed; the sentence says why."""


@lead_accepted.connect
def open_file(lead: Lead) -> None:
    """An accepted request becomes the file of a mentee or of a mentor; nothing is typed twice."""
    model: type[Mentee] | type[Mentor] = Mentee if lead.is_mentee else Mentor
    values = {name: getattr(lead, name) for name in PersonColumns.__annotations__}
    person = model(lead_id=lead.id, source=lead.source, **values)
    db.session.add(person)
    db.session.flush()  # the invitation names the stored row
    if person.guardian_name and (person.guardian_email or person.guardian_phone):
        name_guardian(person, person.guardian_name, person.guardian_email, person.guardian_phone, by_staff=False)
    if invitation_obstacle(person) is None:
        invite_person(person)
    elif person.birth_date is not None and person.is_minor_on(today()):
        tell_family(person, with_guardian=not lead.is_alarming)


@closed_file_asked.connect
def is_closed(lead: Lead) -> bool:
    """Whether the file that an accepted request opened is closed."""
    model: type[Mentee] | type[Mentor] = Mentee if lead.is_mentee else Mentor
    closed = select(model.id).where(model.lead_id == lead.id, model.state == FileState.WITHDRAWN)
    return db.session.scalar(closed) is not None


@colleague_asked.connect
def is_of_a_jeune(address: str) -> bool:
    """Whether an open file of a jeune has this address: it is not one to give the team's pages to."""
    theirs = func.lower(Mentee.email) == address.strip().lower(), Mentee.state != FileState.WITHDRAWN
    return db.session.scalar(select(Mentee.id).where(*theirs).limit(1)) is not None


@lead_withdrawn.connect
def withdraw_file(lead: Lead, what: str) -> None:
    """The person took the request back after it was accepted, or who represents them did: the file closes, and staff are told.

    A guardian who refuses takes back all that they had allowed: the file may open again, no meeting takes place without a new word.
    """
    model: type[Mentee] | type[Mentor] = Mentee if lead.is_mentee else Mentor
    person = cast(Mentee | Mentor | None, db.session.scalar(select(model).where(model.lead_id == lead.id)))
    if person is None:
        return
    by_guardian = what == GUARDIAN_REFUSED
    held(person)
    db.session.expire(person, ["authorisations"])  # one may have been noted while this waited
    if by_guardian:  # a closed file that opens again needs a new word too
        for row in person.authorisations:
            if row.withdrawn_on is None and AuthorisationKind(row.kind).is_of_guardian:
                row.withdrawn_on = today()
    if person.state == FileState.WITHDRAWN:
        return
    if by_guardian:
        tell_stopped(person, lead.guardian_email, lead.guardian_name)
    withdraw(person)
    gate_changed.send(person)  # unlike a file that staff close, its pair may be under way
    for address in readers(person):
        letter = Letter(
            "file_withdrawn", _("Un parent n'est pas d'accord") if by_guardian else _("Une demande est retirée après votre accord")
        )
        send(letter, address, person=person, what=what, tenant=current_tenant)


def withdraw(person: Mentor | Mentee) -> None:
    """Close a file; the account's place in this space ends with it."""
    person.state, person.withdrawn_at, person.paused_until = FileState.WITHDRAWN, now(), None
    person.forget_on = today() + KEPT_FOR
    if isinstance(person, Mentor) and person.stage != Stage.REFUSED:
        person.stage = Stage.WITHDRAWN
    if person.user_id is not None:
        end_membership(current_tenant.id, person.user_id, role_of(person))
    person_withdrawn.send(person)


def close_file(person: Mentor | Mentee, dead_says: UUID | None = None) -> None:
    """Staff close a file, or say that somebody died. Again, it changes nothing. Raises a DomainError while a pair is under way.

    The file is locked first: a pair that is being formed at this instant is seen, or sees that the file is closed.
    """
    is_open = (held if dead_says else hold_row)(person).state != FileState.WITHDRAWN
    if dead_says or is_open:
        person_closing.send(person, dead_says=dead_says)
    if is_open:
        withdraw(person)


def reopen_file(person: Mentor | Mentee) -> None:
    """Somebody comes back: their file opens again, with what it held, and they are invited when nothing stands in the way.

    A mentor who was accepted before need not apply again; whoever was refused asks anew. An open file stays as it is. Raises
    CannotReopen.
    """
    kind = type(person)
    db.session.execute(select(kind.id).where(kind.id == person.id).with_for_update())
    db.session.refresh(person)
    if person.state != FileState.WITHDRAWN:
        return
    if person.erased_at is not None or (isinstance(person, Mentor) and person.stage == Stage.REFUSED):
        raise CannotReopen(_("Ce dossier ne se rouvre pas : la personne peut refaire une demande."))
    account = person.user_id
    person.user_id = person.invited_at = None  # their place here ended: an invitation gives it back, to the address of today
    person.state, person.withdrawn_at, person.forget_on = FileState.ACTIVE, None, None
    if isinstance(person, Mentor):
        person.stage = noted_stage(person)
    else:
        person.waits_since = now()
    gate_changed.send(person)
    if invitation_obstacle(person) is None:
        invite_person(person)
    elif account is not None:
        forget_account(account)  # it is nobody's any more: no file would say so once this one is erased


def pause(person: Mentor | Mentee, until: date | None) -> None:
    """No new pair for a while; pairs under way go on, or are paused by themselves. Without a date, until somebody says so."""
    if held(person).state != FileState.WITHDRAWN:
        person.state, person.paused_until = FileState.PAUSED, until


def resume(person: Mentor | Mentee) -> None:
    """The pause is over; twice is once."""
    if held(person).state == FileState.PAUSED:
        person.state, person.paused_until = FileState.ACTIVE, None


def let_back(person: Mentor | Mentee) -> None:
    """The team says that somebody may be proposed again: the pause is over, whatever it was for."""
    resume(person)
    person_back.send(person)


def keep_out(person: Mentor | Mentee, until: date | None) -> None:
    """The team proposes nobody to somebody for a while. Who rests until it says so is back on the day that it says now."""
    if until is not None:
        let_back(person)
    pause(person, until)


def resume_when_due(person: Mentor | Mentee) -> None:
    """The day that was said has come, unless another was said meanwhile; what else keeps somebody out is asked again."""
    back_on = held(person).paused_until
    if back_on is not None and back_on <= today():
        resume(person)
        gate_changed.send(person)


def held(person: Mentor | Mentee) -> Mentor | Mentee:
    """The file as it is now, what was changed here included, until the end of the transaction."""
    db.session.flush()
    person_held.send(person)
    db.session.refresh(person)
    return person


def correct(person: Mentor | Mentee, values: dict[str, Any]) -> bool:
    """Correct what these values name. An address that changes ends the old account's place here: it may be somebody else's.

    Whoever had been invited is, at the new address, when nothing stands in the way; whether they are.
    """
    hold_requests(person)
    person_held.send(person)
    was_invited = person.invited_at is not None
    address = values.get("email", person.email) or None
    if person.user_id is not None and (address or "").lower() != (person.email or "").lower():
        end_membership(current_tenant.id, person.user_id, role_of(person))
        forget_account(person.user_id)
        person.user_id = person.invited_at = None
    before, room = person.email, person.capacity if isinstance(person, Mentor) else 0
    for name, value in values.items():
        setattr(person, name, value or (0 if name == "capacity" else None))
    if person.lead_id is not None and (person.email or "").lower() != (before or "").lower():
        readdress(person.lead_id, person.email, person.phone)
    if "birth_date" in values:
        uninvite_minor(person)
    if isinstance(person, Mentor) and person.capacity > room:
        person_back.send(person)
    gate_changed.send(person)
    if not was_invited or person.invited_at is not None or invitation_obstacle(person) is not None:
        return False
    invite_person(person)
    return True


def correct_profile(person: Mentor | Mentee, values: dict[str, Any]) -> None:
    """What helps to bring somebody together with another; an emptied list is an empty list, an emptied line is nothing."""
    for name, value in values.items():
        setattr(person, name, value if isinstance(value, list) else value or None)
    gate_changed.send(person)


def role_of(person: Mentor | Mentee) -> Role:
    return Role.JEUNE if isinstance(person, Mentee) else Role.MENTOR


def invitation_obstacle(person: Mentor | Mentee) -> str | None:
    """Why this person cannot be invited yet, in a sentence; None when nothing stands in the way.

    The file must be open, with an address that is nobody else's here. A minor, or somebody whose age is unknown, is invited once
    the authorisation is recorded.
    """
    if person.state == FileState.WITHDRAWN:
        return _("Le dossier de %(name)s est fermé.", name=person.first_name)
    if not person.email:
        return _("Il manque une adresse e-mail pour inviter %(name)s.", name=person.first_name)
    if person.user_id is None and address_is_taken(person):
        taken = _("Un autre dossier de cet espace utilise déjà cette adresse e-mail.")
        return f"{taken} " + _("Pour inviter %(name)s, notez une autre adresse dans son dossier.", name=person.first_name)
    if isinstance(person, Mentee) and roles_of_address(person.email) & STAFF_ROLES:
        return _("C'est l'adresse d'une personne de votre équipe : l'espace du jeune ne s'ouvre pas avec elle.")
    if person.is_minor_on(today()) and same_mailbox(person.email, person.guardian_email):
        return _("C'est l'adresse de qui représente %(name)s : notez la sienne, ou laissez vide.", name=person.first_name)
    if person.is_minor_on(today()) and not allowed(person, AuthorisationKind.PARTICIPATION, today()):
        return _("L'invitation partira dès que l'autorisation de participation sera notée.")
    return None


def address_is_taken(person: Mentor | Mentee) -> bool:
    """Whether the account of this address has another open file here: a brother's, a parent's who mentors, a child's.

    Not one's own: a jeune may become a mentor, with the same name.
    """
    theirs = func.lower(User.email) == (person.email or "").lower()
    for kind in (Mentee, Mentor):
        others = select(kind.first_name + " " + kind.last_name).join(User, User.id == kind.user_id)
        names = db.session.scalars(others.where(theirs, kind.id != person.id, kind.state != FileState.WITHDRAWN))
        if any(isinstance(person, kind) or not is_same_name(name, person.full_name) for name in names):
            return True
    return False


def leave_closed_file(person: Mentor | Mentee, user_id: UUID) -> None:
    """Somebody who left comes back: their account goes from the file that was closed to the new one."""
    kind = type(person)
    closed = (kind.user_id == user_id, kind.id != person.id, kind.state == FileState.WITHDRAWN)
    db.session.execute(update(kind).where(*closed).values(user_id=None, invited_at=None))


def allowed(person: Mentor | Mentee, kind: AuthorisationKind, on: date) -> bool:
    """Whether an authorisation holds that day."""
    return any(a.kind == kind and a.holds_on(on) for a in person.authorisations)


def invite_person(person: Mentor | Mentee) -> None:
    """Open the space to a person. Raises CannotInvite, with the reason."""
    obstacle = invitation_obstacle(person)
    if obstacle is not None:
        raise CannotInvite(obstacle)
    assert person.email is not None
    is_applying = isinstance(person, Mentor) and person.stage == Stage.RECEIVED
    membership = invite(person.email, role_of(person), current_tenant, person.first_name, is_applying)
    leave_closed_file(person, membership.user_id)
    person.user_id, person.invited_at = membership.user_id, now()


def invite_again(person: Mentor | Mentee) -> None:
    """Staff invite somebody, or write to them again; of several clicks in a minute, one is a letter. Raises CannotInvite."""
    held(person)
    if person.invited_at is None or person.invited_at < now() - MINUTE:
        invite_person(person)


def take_invitation_back(person: Mentor | Mentee) -> None:
    """An invitation that nobody used opens nothing any more; it leaves again with a new authorisation."""
    if person.user_id is None:
        return
    place = db.session.get(Membership, (current_tenant.id, person.user_id, role_of(person)))
    if place is not None and place.entered_at is None:
        end_membership(current_tenant.id, person.user_id, role_of(person))
        person.user_id = person.invited_at = None  # no letter leads them there meanwhile


def uninvite_minor(person: Mentor | Mentee) -> None:
    """A minor for whom nobody allows anything any more is not invited either."""
    if person.is_minor_on(today()) and not allowed(person, AuthorisationKind.PARTICIPATION, today()):
        take_invitation_back(person)
