"""A copy of everything that is kept of somebody (GDPR, articles 15 and 20): each row that is about them, and each file.

What others may object to is not left out here: somebody of the association reads the copy before it is given.
"""

import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID

import structlog
from flask import render_template
from sqlalchemy import Column, ColumnElement, func, select

from app.accounts.models import Membership
from app.certificates.models import Certificate
from app.extensions import db
from app.followup.models import Call, Contact
from app.followup.thread_models import Message, Thread
from app.leads.models import ContactAttempt, Lead
from app.mail import Mail
from app.meetings.models import Confirmation, Meeting, MeetingEvent, Offer
from app.pairs.agreement_models import Agreement, Signature
from app.pairs.matching_models import MatchWish, Proposal
from app.pairs.models import Closure, CountSnapshot, ObjectiveReview, Pair, PairAnswer, PairEvent, Pause
from app.people.application_models import Decision, Interview, Reference
from app.people.check_models import CharterSignature, Check, GateException
from app.people.facts import read_facts
from app.people.guardians import guardians_of, whose
from app.people.models import Authorisation, FactReading, Guardian, Guardianship, Mentee, Mentor, PersonNote, SensitiveFact
from app.storage import load
from app.tenants.scope import current_tenant_id
from app.training.models import Completion, Enrolment, ModuleCompletion, OutsideTraining, QuizAttempt, TrainingException
from app.training.session_models import Registration
from app.translation import gettext as _
from app.web import clock, local, short_day, today

from .erasing import Person, addresses_of, sides_of, theirs
from .saying import SAYS
from .words import CODES, COLUMNS, TECHNICAL

log = structlog.get_logger()
About = tuple[Any, ColumnElement[bool]]  # a model, and which of its rows are about somebody
Section = tuple[str, list[dict[str, str]]]  # a title, and rows: what each column is called, and what it says
OF_JEUNE = {"pairs": {"objectives", "why", "closure_note"}, "proposals": {"reasons"}}  # columns that say nothing of the mentor


def copy_of(person: Person, by: UUID) -> IO[bytes]:
    """A ZIP on the disk, for it may hold many videos: the copy to read, the same for machines, and the files.

    Reading what is sensitive is noted, as on the file; the copy tells of the readings before it.
    """
    sections = list(sections_of(person))
    if isinstance(person, Mentee):
        read_facts(person, by)
    written = TemporaryFile()  # noqa: SIM115  (closed once it is sent)
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("copie.html", render_template("privacy/copy.html", person=person, sections=sections, day=today()))
        file.writestr("copie.json", json.dumps(dict(sections), ensure_ascii=False, indent=1))
        for name, key in files_of(person):
            file.writestr(f"fichiers/{name}", load(key))
    log.info("privacy.copied", kind=type(person).__tablename__)
    written.seek(0)
    return written


def sections_of(person: Person) -> Iterator[Section]:
    """What is kept, subject by subject; a subject of which nothing is kept is not named."""
    for title, tables in subjects(person):
        rows = [said for model, where in tables for said in rows_of(person, model, where) if said]
        if rows:
            yield title, rows


def rows_of(person: Person, model: Any, where: ColumnElement[bool]) -> Iterator[dict[str, str]]:
    """The rows of a table, each as words: an empty column is not named."""
    hidden = OF_JEUNE.get(model.__tablename__, ()) if isinstance(person, Mentor) else ()
    columns = [name for name in told(model) if name not in hidden]
    order = getattr(model, "created_at", None)
    for row in db.session.scalars(select(model).where(where).order_by(*([order] if order is not None else []))):
        said = {str(COLUMNS[name]): cell(model, name, row) for name in columns}
        yield {**others(person, row), **{label: value for label, value in said.items() if value}}


def told(model: Any) -> list[str]:
    """The columns of a table that say something of somebody."""
    keys = (
        kept.key for kept in model.__mapper__.column_attrs if isinstance(kept.columns[0], Column)
    )  # none that is read elsewhere
    return [key for key in keys if TECHNICAL.isdisjoint({key, f"{model.__tablename__}.{key}"})]


def others(person: Person, row: Any) -> dict[str, str]:
    """What a row names by a key: in a pair the other, by first name, as the two know each other; a course, a module."""
    if isinstance(row, Pair):
        return {_("Avec"): (row.mentor if isinstance(person, Mentee) else row.mentee).first_name}
    course, module = getattr(row, "course", None), getattr(row, "module", None)
    return {label: named.title for label, named in ((_("Parcours"), course), (_("Module"), module)) if named is not None}


def cell(model: Any, name: str, row: Any) -> str:
    """What a row's column says; of data, what it says in words."""
    says = SAYS.get(f"{model.__tablename__}.{name}")
    return says(row) if says is not None else words(model, name, getattr(row, name))


def words(model: Any, name: str, value: Any) -> str:
    """What a column says, for somebody to read; empty when it says nothing."""
    codes = CODES.get(f"{model.__tablename__}.{name}") or CODES.get(name) or {}
    match value:
        case None | "" | [] | UUID():
            return ""
        case bool():
            return _("oui") if value else _("non")
        case datetime():
            return _("%(day)s à %(time)s", day=short_day(local(value).date()), time=clock(value))
        case date():
            return short_day(value)
        case dict():
            pairs = (
                (str(COLUMNS.get(key, key)), inner(model, key if key in COLUMNS else name, said)) for key, said in value.items()
            )
            return " ; ".join(f"{key}\u00a0: {said}" for key, said in pairs if said)
        case list():
            all_said = (words(model, name, said) if isinstance(said, dict | list) else one(codes, said) for said in value)
            return ", ".join(said for said in all_said if said)
        case _:
            return one(codes, value)


def inner(model: Any, name: str, value: Any) -> str:
    """What a value within data says: a moment is written as text there."""
    return words(model, name, datetime.fromisoformat(value) if name.endswith("_at") and isinstance(value, str) else value)


def one(codes: Any, value: Any) -> str:
    """A code in words, or the words that they were."""
    said = codes.get(value, value) if isinstance(value, str | int) else value
    return str(said[0] if isinstance(said, tuple) else said)


def subjects(person: Person) -> Iterator[tuple[str, list[About]]]:
    """Everything, in the order in which somebody would tell it."""
    pairs, mine = select(Pair.id).filter_by(**whose(person)), whose(person)
    yield _("Le dossier"), [(type(person), type(person).id == person.id), *account_of(person)]
    guardians = [link.guardian_id for link in guardians_of(person)]
    yield _("Représentants"), [(Guardian, Guardian.id.in_(guardians)), (Guardianship, of(Guardianship, mine))]
    if person.lead_id is not None:
        leads = select(Lead.id).where(theirs(person.lead_id))
        yield _("Demandes"), [(Lead, Lead.id.in_(leads)), (ContactAttempt, ContactAttempt.lead_id.in_(leads))]
    yield _("Autorisations"), [(Authorisation, of(Authorisation, mine)), (GateException, of(GateException, mine))]
    yield _("Notes de l'équipe"), [(PersonNote, of(PersonNote, mine))]
    yield from (jeune_s if isinstance(person, Mentee) else mentor_s)(mine)
    yield _("Rapprochements"), [(Proposal, of(Proposal, mine)), (MatchWish, of(MatchWish, mine))]
    yield _("Binômes"), list(pairs_s(person, pairs))
    yield _("Rendez-vous"), list(meetings_s(person, pairs))
    yield _("Suivi par l'équipe"), list(follow_up_s(person, pairs))
    yield _("Attestations"), [(Certificate, of(Certificate, mine))]
    asked = {address.lower() for address in addresses_of(person, db.session.scalars(pairs).all()) if address and "@" in address}
    yield _("Messages envoyés, ou à envoyer"), [(Mail, func.lower(Mail.to_address).in_(asked))]


def of(model: Any, mine: dict[str, UUID]) -> ColumnElement[bool]:
    """The rows that name this person."""
    [(column, person_id)] = mine.items()
    condition: ColumnElement[bool] = getattr(model, column) == person_id
    return condition


def account_of(person: Person) -> list[About]:
    """The places that the account has here. The account itself belongs to the person, who reads and corrects it on its page: when
    and from where it is used in other spaces is not an association's to know."""
    if person.user_id is None:
        return []
    here = Membership.tenant_id == current_tenant_id()
    return [(Membership, (Membership.user_id == person.user_id) & here)]


def jeune_s(mine: dict[str, UUID]) -> Iterator[tuple[str, list[About]]]:
    """What is only kept of a jeune."""
    protected = (SensitiveFact, FactReading)
    yield _("Situation protégée, et chaque lecture"), [(model, of(model, mine)) for model in protected]


def mentor_s(mine: dict[str, UUID]) -> Iterator[tuple[str, list[About]]]:
    """What is only kept of a mentor."""
    application = (Interview, Reference, Decision, Check, CharterSignature)
    yield _("Candidature et vérifications"), [(model, of(model, mine)) for model in application]
    attempts = select(Enrolment.id).where(of(Enrolment, mine))
    training = (Enrolment, Registration, ModuleCompletion, Completion, OutsideTraining, TrainingException)
    yield (
        _("Formation"),
        [*((model, of(model, mine)) for model in training), (QuizAttempt, QuizAttempt.enrolment_id.in_(attempts))],
    )


def pairs_s(person: Person, pairs: Any) -> Iterator[About]:
    """The pairs; what is written of them is the jeune's, as when somebody is erased."""
    yield Pair, Pair.id.in_(pairs)
    yield PairAnswer, PairAnswer.pair_id.in_(pairs) & PairAnswer.side.in_(sides_of(person))
    if isinstance(person, Mentee):
        for model in (PairEvent, Pause, ObjectiveReview, Closure, CountSnapshot):
            yield model, model.pair_id.in_(pairs)
    roles = ("mentee", "guardian") if isinstance(person, Mentee) else ("mentor", "mentor_guardian")
    agreements = select(Agreement.id).where(Agreement.pair_id.in_(pairs))
    yield Signature, Signature.agreement_id.in_(agreements) & Signature.role.in_(roles)


def meetings_s(person: Person, pairs: Any) -> Iterator[About]:
    """What was planned and held; what the jeune said of it is theirs alone."""
    yield Meeting, Meeting.pair_id.in_(pairs)
    meetings = select(Meeting.id).where(Meeting.pair_id.in_(pairs))
    if isinstance(person, Mentee):
        yield Confirmation, Confirmation.meeting_id.in_(meetings)
        yield MeetingEvent, MeetingEvent.meeting_id.in_(meetings)
    yield Offer, Offer.pair_id.in_(pairs) & Offer.side.in_(sides_of(person))


def follow_up_s(person: Person, pairs: Any) -> Iterator[About]:
    """What was said and written between them and the team, and why the team called."""
    sides = sides_of(person)
    threads = select(Thread.id).where(Thread.pair_id.in_(pairs), Thread.side.in_(sides))
    yield Message, Message.thread_id.in_(threads)
    for model in (Contact, Call, Thread):
        yield model, model.pair_id.in_(pairs) & model.side.in_(sides)


def files_of(person: Person) -> Iterator[tuple[str, str]]:
    """A name and a key: certificates, what was sent with messages; a jeune's agreements, which name them and say what they want."""
    pairs = select(Pair.id).filter_by(**whose(person))
    for certificate in db.session.scalars(select(Certificate).filter_by(**whose(person))):
        yield f"attestation-{certificate.reference_number}.pdf", certificate.file_key
    if isinstance(person, Mentee):
        for rank, agreement in enumerate(db.session.scalars(select(Agreement).where(Agreement.pair_id.in_(pairs))), 1):
            yield f"convention-{rank}.pdf", agreement.sealed_key or agreement.file_key
    threads = select(Thread.id).where(Thread.pair_id.in_(pairs), Thread.side.in_(sides_of(person)))
    sent = select(Message).where(Message.thread_id.in_(threads), Message.file_key.is_not(None)).order_by(Message.created_at)
    for rank, message in enumerate(db.session.scalars(sent), 1):
        yield f"piece-jointe-{rank}{extension_of(message.file_key)}", str(message.file_key)


def extension_of(key: str | None) -> str:
    return f".{key.rpartition('.')[2]}" if key and "." in key else ""
