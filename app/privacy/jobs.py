"""What is erased by itself on its day, every night; and what somebody asked to erase."""

from contextlib import suppress
from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select

from app.accounts.actions import forget_account
from app.accounts.jobs import OF_ACCOUNTS
from app.accounts.models import Act, User
from app.certificates.models import Certificate, CertificateBatch
from app.database import now
from app.extensions import db
from app.followup.thread_models import Message
from app.jobs import every_hour, job
from app.leads.models import Lead, LeadImport, Orientation
from app.leads.words import KEPT_FOR
from app.mail import Mail
from app.pairs.agreement_models import Agreement
from app.pairs.models import Pair
from app.pairs.queries import in_a_pair
from app.pairs.signals import pair_closed
from app.partners.models import Delivery
from app.people.guardians import hold_requests
from app.people.models import FileState, Mentee, Mentor
from app.storage import forget, personal
from app.tenants.models import Staff
from app.tenants.scope import current_tenant_id
from app.web import local, today

from . import requests
from .erasing import CannotErase, erase, forget_cards
from .journal import KEPT_FOR as KEPT_IN_JOURNAL
from .letters import forget_mails

FILES = (  # the columns that name what is somebody's
    Message.file_key, Agreement.file_key, Agreement.sealed_key, LeadImport.file_key, CertificateBatch.zip_key,
    CertificateBatch.print_key, Certificate.file_key,
)  # fmt: skip
TOLD_FOR = timedelta(days=90)  # how long what partners' servers were told can be read
NIGHT, UNNAMED = 3, timedelta(days=7)  # the hour; what is younger may be of something that is not over


@job
def erase_person(person_id: UUID) -> None:
    """Erase a closed file; done again, it changes nothing. One that is of use again by then is left alone."""
    for kind in (Mentee, Mentor):
        if found := cast(Mentee | Mentor | None, db.session.get(kind, (current_tenant_id(), person_id))):
            hold_requests(found)  # requests are locked before pairs, and pairs before people
    theirs = select(Pair.id).where(or_(Pair.mentee_id == person_id, Pair.mentor_id == person_id)).order_by(Pair.id)
    db.session.execute(theirs.with_for_update(key_share=True))
    for kind in (Mentee, Mentor):
        locked = select(kind).where(kind.id == person_id).with_for_update().execution_options(populate_existing=True)
        person = cast(Mentee | Mentor | None, db.session.scalar(locked))
        if person is not None and person.erased_at is None:
            with suppress(CannotErase):
                erase(person)


@job
def erase_copy(orientation_id: UUID) -> None:
    """In the programme: the request whose person was erased where it was accepted."""
    statement = select(Lead).join(Orientation, (Orientation.lead_id == Lead.id) & (Orientation.tenant_id == Lead.tenant_id))
    lead = db.session.scalar(statement.where(Orientation.id == orientation_id).with_for_update(of=Lead))
    if lead is not None and lead.erased_at is None:
        requests.erase_request(lead)


@every_hour
@job
def erase_old() -> None:
    """Closed files on their day; a pair of theirs that is not over is waited for."""
    for kind in (Mentee, Mentor):
        due = select(kind.id).where(
            kind.state == FileState.WITHDRAWN, kind.forget_on <= today(), kind.erased_at.is_(None), ~in_a_pair(kind)
        )
        for person_id in db.session.scalars(due.order_by(kind.forget_on, kind.id).limit(200)).all():
            erase_person.defer(person_id=person_id, once=True)


@every_hour
@job
def erase_old_requests() -> None:
    """Requests that nobody answers for, two years after somebody touched them."""
    for lead in requests.too_old():
        requests.erase_request(lead)


@every_hour
@job
def forget_old_letters() -> None:
    """Receipts after two years; after a month those of an account, which say who came, and the last word about a request that is
    kept here no more.
    """
    short = and_(Mail.kind.in_((*OF_ACCOUNTS, "lead_declined")), Mail.created_at < now() - timedelta(days=30))
    forget_mails(or_(Mail.created_at < now() - KEPT_FOR, short))


@every_hour
@job
def forget_old_deliveries() -> None:
    """What a partner's server was told, ninety days after the last try; none waits as long, for the queue gives up before."""
    last_tried = func.coalesce(Delivery.tried_at, Delivery.created_at)
    old = delete(Delivery).where(last_tried < now() - TOLD_FOR)
    db.session.execute(old, execution_options={"synchronize_session": False})


@every_hour
@job
def forget_old_acts() -> None:
    """What the journal says, after a year."""
    db.session.execute(
        delete(Act).where(Act.created_at < now() - KEPT_IN_JOURNAL), execution_options={"synchronize_session": False}
    )


@every_hour
@job
def forget_old_cards() -> None:
    """Who left the team, two years after: their name and telephone here, and their account when it serves nowhere else."""
    old = Staff.left_at < now() - KEPT_FOR
    for user_id in db.session.scalars(select(Staff.user_id).join(User, User.id == Staff.user_id).where(old, User.active)).all():
        forget_account(user_id)
    forget_cards(old)


@every_hour
@job
def forget_orphans() -> None:
    """In the night, files that no row names: the machine stopped between the two. An erasure would not find them."""
    if local(now()).hour != NIGHT:
        return
    found = personal(current_tenant_id(), now() - UNNAMED)
    keys = sorted(found)
    for some in (keys[first : first + 1000] for first in range(0, len(keys), 1000)):
        named = {key for column in FILES for key in db.session.scalars(select(column).where(column.in_(some)))}
        for key in set(some) - named:
            forget(key)


@pair_closed.connect
def wait_again(pair: Pair) -> None:
    """The last contact with somebody who had left already is the end of their pair."""
    for person in (pair.mentee, pair.mentor):
        if person.state == FileState.WITHDRAWN and person.erased_at is None:
            person.forget_on = today() + KEPT_FOR
