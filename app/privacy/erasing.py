"""Erase somebody: their file, and all that was written of them, wherever it stands.

What is of a pair (objectives, notes, reviews, agreement, what the two wrote to each other) is about the jeune and goes with their
file; what each of the two said or was told goes with their own. Figures stay, without a name: meetings, hours, dates, training.
A certificate stays as a number, what it counts and the print of its file, so that a paper that somebody kept is still recognised.

Files go first: killed in the middle, this is done again, and none of those that a row names is left.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from app.accounts.actions import forget_account
from app.accounts.models import Membership, User
from app.accounts.queries import held_here
from app.certificates.actions import STATED
from app.certificates.jobs import gather_files
from app.certificates.models import BatchItem, Certificate, CertificateBatch, CertificateKind
from app.database import now
from app.errors import DomainError
from app.extensions import db
from app.followup.models import Call, Contact
from app.followup.thread_models import Message, Thread
from app.leads.models import Lead, LeadState
from app.meetings.models import Confirmation, Meeting, MeetingEvent, Offer
from app.meetings.notice_models import CalendarFeed, Notice, NoticeRefusal
from app.pairs.agreement_models import Agreement, Signature
from app.pairs.closing import steps_for
from app.pairs.matching_models import MatchWish, Proposal
from app.pairs.models import LIVE, Closure, ObjectiveReview, Pair, PairAnswer, PairEvent, Pause
from app.people.application_models import Decision, Interview, Reference
from app.people.check_models import CharterSignature, Check, GateException
from app.people.guardians import forget_guardian, guardians_of, whose
from app.people.models import Authorisation, FactReading, FileState, Mentee, Mentor, PersonNote, SensitiveFact
from app.storage import forget
from app.tenants.models import Staff
from app.tenants.resolve import find_programme
from app.training.models import Completion, Enrolment, ModuleCompletion, OutsideTraining, QuizAttempt, TrainingException
from app.translation import gettext as _

from .letters import addresses_in, forget_letters
from .requests import empty, empty_columns

log = structlog.get_logger()
Person = Mentor | Mentee
KEPT = frozenset({"first_name", "last_name", "commune_code", "commune_name", "departement_code"})  # columns that are not emptied
KEPT_FACTS = {*STATED, "city", "code", "completed_on", "modules", "version"}  # of a certificate: none names anybody
OF_JEUNE = {CertificateKind.PARTICIPATION}


class CannotErase(DomainError):
    """This file is still of use; the sentence says why."""


def refuse_open(person: Person) -> None:
    """A file that is open, or a pair under way, is not erased. Raises CannotErase."""
    if person.state != FileState.WITHDRAWN:
        raise CannotErase(_("Fermez d'abord le dossier de %(name)s.", name=person.full_name))
    if db.session.scalar(select(Pair.id).where(Pair.state.in_(LIVE)).filter_by(**whose(person)).limit(1)) is not None:
        raise CannotErase(_("Un binôme de %(name)s n'est pas fini : fermez-le d'abord.", name=person.full_name))


def erase(person: Person) -> None:
    """Keep nothing that says who this was, in this space and in the programme's. A second time changes nothing.

    Raises CannotErase.
    """
    refuse_open(person)
    pair_ids = db.session.scalars(select(Pair.id).filter_by(**whose(person))).all()
    for key in files_of(person, pair_ids):
        forget(key)
    addresses, name, user_id = addresses_of(person, pair_ids), person.full_name, person.user_id
    forget_certificates(person, pair_ids)
    if isinstance(person, Mentee):
        forget_pairs(pair_ids)
    else:
        forget_training(person)
    forget_side(pair_ids, sides_of(person))
    forget_file(person)
    forget_cards(Staff.user_id == user_id)
    db.session.flush()  # whose else an address is, is read from what is left
    forget_letters(addresses, name)
    log.info("privacy.erased", kind=type(person).__tablename__)


def sides_of(person: Person) -> Sequence[str]:
    """Whose words, in the follow-up of a pair, go with this person."""
    return ("mentee", "guardian", "both") if isinstance(person, Mentee) else ("mentor",)


def blank(table: Any, *where: ColumnElement[bool], **values: Any) -> None:
    """Write these values in many rows, none of which is looked at any more."""
    statement = update(table).where(*where).values(values)
    db.session.execute(statement, execution_options={"synchronize_session": False})


def files_of(person: Person, pair_ids: Sequence[UUID]) -> set[str]:
    """The keys of every file that is about this person."""
    certificates = select(Certificate.file_key).filter_by(**whose(person))
    batches = db.session.scalars(select(CertificateBatch).where(CertificateBatch.id.in_(batches_of(person))))
    threads = db.session.scalars(select(Thread.id).where(Thread.pair_id.in_(pair_ids), Thread.side.in_(sides_of(person)))).all()
    found: list[str | None] = [
        *db.session.scalars(certificates),
        *(key for batch in batches for key in (batch.zip_key, batch.print_key)),
        *db.session.scalars(select(Message.file_key).where(Message.thread_id.in_(threads))),
    ]
    if isinstance(person, Mentee):
        for row in db.session.scalars(select(Agreement).where(Agreement.pair_id.in_(pair_ids))):
            found += [row.file_key, row.sealed_key]
    return {key for key in found if key}


def batches_of(person: Person) -> Sequence[UUID]:
    """The batches of certificates that hold one of theirs."""
    found = db.session.scalars(select(Certificate.batch_id).filter_by(**whose(person)).distinct())
    return [batch_id for batch_id in found if batch_id]


def addresses_of(person: Person, pair_ids: Sequence[UUID]) -> set[str | None]:
    """Where they, and who spoke for them, were written to: on the file, on its requests, on what was signed."""
    found = addresses_in([person])
    found |= {row.guardian.email for row in guardians_of(person)}
    if person.lead_id is not None:
        found |= addresses_in(db.session.scalars(select(Lead).where(theirs(person.lead_id))))
    if person.user_id is not None:
        found.add(db.session.scalar(select(User.email).where(User.id == person.user_id)))
    if isinstance(person, Mentor):
        return found | set(db.session.scalars(select(Reference.email).where(Reference.mentor_id == person.id)))
    agreements = select(Agreement.id).where(Agreement.pair_id.in_(pair_ids))
    signed = select(Signature.email).where(Signature.agreement_id.in_(agreements), Signature.role == "guardian")
    return found | set(db.session.scalars(signed))


def forget_certificates(person: Person, pair_ids: Sequence[UUID]) -> None:
    """What they state stays, and the print of their files; whose they are does not. Their batches are gathered without them."""
    for row in db.session.scalars(select(Certificate).filter_by(**whose(person))):
        stated = {name: value for name, value in row.facts.items() if name in KEPT_FACTS}
        row.facts = {**stated, "holder": _("Dossier effacé")}
        row.file_key, row.share_key, row.revocation_reason = "", None, "" if row.revocation_reason else None
    kinds = OF_JEUNE if isinstance(person, Mentee) else set(CertificateKind) - OF_JEUNE
    sources = [person.id, *pair_ids]
    if isinstance(person, Mentor):
        sources += db.session.scalars(select(Completion.id).where(Completion.mentor_id == person.id))
    batches = select(CertificateBatch.id).where(CertificateBatch.kind.in_(kinds))
    of_theirs = and_(BatchItem.source_id.in_(sources), BatchItem.batch_id.in_(batches))
    made = BatchItem.certificate_id.in_(select(Certificate.id).filter_by(**whose(person)))  # its completion may be gone
    blank(BatchItem, or_(of_theirs, made), holder=_("Dossier effacé"), reason=None)
    for batch_id in batches_of(person):
        blank(CertificateBatch, CertificateBatch.id == batch_id, zip_key=None, print_key=None)
        gather_files.defer(batch_id=batch_id)


def forget_pairs(pair_ids: Sequence[UUID]) -> None:
    """What was written of a jeune's pairs."""
    changes: list[tuple[Any, dict[str, Any]]] = [
        (PairEvent, {"why": ""}),
        (PairAnswer, {"word": "", "sent_mark": None}),
        (Pause, {"reason": ""}),
        (ObjectiveReview, {"states": {}, "note": ""}),
        (Closure, {"went_well": "", "contact_rule": None}),
        (Meeting, {"where": "", "note": None, "cancel_word": None}),
    ]
    for table, values in changes:
        blank(table, table.pair_id.in_(pair_ids), **values)
    for closure in db.session.scalars(select(Closure).where(Closure.pair_id.in_(pair_ids))):
        asked = {*closure.steps, *steps_for(closure)}  # what was done stays counted, without a word
        said = {step: closure.steps.get(step, {}).get("done_on") for step in asked}
        closure.steps = {step: {"done_on": day} if day else {} for step, day in said.items()}
    meetings = select(Meeting.id).where(Meeting.pair_id.in_(pair_ids))
    blank(MeetingEvent, MeetingEvent.meeting_id.in_(meetings), before={})
    db.session.execute(delete(Confirmation).where(Confirmation.meeting_id.in_(meetings)))
    for gone in (Agreement, Offer, Call, Notice):
        db.session.execute(delete(gone).where(gone.pair_id.in_(pair_ids)))
    blank(Pair, Pair.id.in_(pair_ids), objectives=[], why=[], closure_note=None)


def forget_side(pair_ids: Sequence[UUID], sides: Sequence[str]) -> None:
    """What one side of these pairs said or was told; that somebody was called, and when, stays."""
    threads = select(Thread.id).where(Thread.pair_id.in_(pair_ids), Thread.side.in_(sides))
    db.session.execute(delete(Message).where(Message.thread_id.in_(threads)))
    db.session.execute(delete(Thread).where(Thread.pair_id.in_(pair_ids), Thread.side.in_(sides)))
    said = (Contact.pair_id.in_(pair_ids), Contact.side.in_(sides))
    blank(Contact, *said, answers={}, note="", next_step="", next_on=None)
    for table in (Call, Offer, Notice):
        db.session.execute(delete(table).where(table.pair_id.in_(pair_ids), table.side.in_(sides)))
    blank(PairAnswer, PairAnswer.pair_id.in_(pair_ids), PairAnswer.side.in_(sides), word="", sent_mark=None)
    answered = [f"{answer}_{side}" for side in sides for answer in ("yes", "no")]
    blank(PairEvent, PairEvent.pair_id.in_(pair_ids), PairEvent.what.in_(answered), why="")
    signed = select(Agreement.id).where(Agreement.pair_id.in_(pair_ids))
    roles = [role for side in sides for role in (side, f"{side}_guardian")]
    theirs = Signature.agreement_id.in_(signed), Signature.role.in_(roles)
    refusals = db.session.scalars(select(Signature.reason).where(*theirs, Signature.reason != "")).all()
    blank(PairEvent, PairEvent.pair_id.in_(pair_ids), PairEvent.what == "refused", PairEvent.why.in_(refusals), why="")
    blank(Signature, *theirs, email=None, reason="")


def forget_training(mentor: Mentor) -> None:
    """What they told or wrote in training; which courses they completed, and when, stays."""
    for table in (OutsideTraining, TrainingException):
        db.session.execute(delete(table).where(table.mentor_id == mentor.id))
    theirs = select(Enrolment.id).where(Enrolment.mentor_id == mentor.id)
    db.session.execute(delete(QuizAttempt).where(QuizAttempt.enrolment_id.in_(theirs)))
    db.session.execute(update(ModuleCompletion).where(ModuleCompletion.mentor_id == mentor.id).values(note=""))


def forget_file(person: Person) -> None:
    """The file itself, what was asked before a first meeting, the request that it came from, the account."""
    if person.lead_id is not None:
        forget_request(person.lead_id)
    for link in guardians_of(person):
        forget_guardian(link)
    tables = (
        (SensitiveFact, FactReading) if isinstance(person, Mentee) else (Interview, Reference, Decision, Check, CharterSignature)
    )
    for table in (*tables, GateException, Authorisation, PersonNote, Proposal, MatchWish):
        db.session.execute(delete(table).filter_by(**whose(person)))
    if person.user_id is not None and not has_place(person.user_id):  # a jeune of before may be a mentor now
        db.session.execute(update(CalendarFeed).where(CalendarFeed.user_id == person.user_id).values(revoked_at=now()))
        db.session.execute(delete(NoticeRefusal).where(NoticeRefusal.user_id == person.user_id))
        forget_account(person.user_id)
    empty_columns(person, KEPT)
    person.first_name, person.last_name = _("Dossier"), _("effacé")
    person.user_id = person.lead_id = person.forget_on = None
    person.interests, person.erased_at = [], now()
    if isinstance(person, Mentor):
        person.employer = None
    else:
        person.school = None


def forget_cards(*where: ColumnElement[bool]) -> None:
    """What the cards of colleagues who left say of them: what they did stays, by nobody's name."""
    unknown = {"first_name": _("Nom"), "last_name": _("effacé"), "office": "", "phone": ""}
    blank(Staff, Staff.left_at.is_not(None), *where, **unknown)


def has_place(user_id: UUID) -> bool:
    """Whether an account still serves in this space."""
    place = (Membership.user_id == user_id, *held_here())
    return db.session.scalar(select(Membership.user_id).where(*place).limit(1)) is not None


def theirs(lead_id: UUID) -> ColumnElement[bool]:
    """A request, and those that were made one with it; not those that may only be the same person's."""
    return or_(Lead.id == lead_id, and_(Lead.same_as == lead_id, Lead.state == LeadState.JOINED))


def forget_request(lead_id: UUID) -> None:
    """Who asked: here, in what was joined to it, and in the programme's own copies. That a request was accepted stays."""
    from .jobs import erase_copy

    orientations = db.session.scalars(select(Lead.orientation_id).where(theirs(lead_id), Lead.orientation_id.is_not(None))).all()
    programme = find_programme()
    for orientation_id in orientations:
        if programme is not None and orientation_id is not None:
            erase_copy.defer(tenant_id=programme.id, orientation_id=orientation_id)
    db.session.execute(update(Lead).where(Lead.same_as == lead_id, Lead.state != LeadState.JOINED).values(same_as=None))
    for lead in db.session.scalars(select(Lead).where(theirs(lead_id))).all():
        empty(lead)
