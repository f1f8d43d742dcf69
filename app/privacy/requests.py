"""Erase a request: where it came from, what it asked, and how long its answer took stay; who asked does not."""

from collections.abc import Collection
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import aliased

from app.database import now
from app.errors import DomainError
from app.extensions import db
from app.gate import refuse_own
from app.leads.actions import locked, tell, withdraw
from app.leads.models import OPEN_STATES, TO_ANSWER, ContactAttempt, Lead, LeadState, Orientation, PersonColumns
from app.leads.own import is_about
from app.leads.reading import mark_of_row
from app.leads.words import ERASED, KEPT_FOR
from app.people.models import Mentee, Mentor
from app.tenants.resolve import current_tenant
from app.translation import gettext as _

from .letters import addresses_in, forget_letters

log = structlog.get_logger()
ENDED = (LeadState.WAITING, LeadState.WITHDRAWN, LeadState.LAPSED, LeadState.MOVED, LeadState.JOINED)  # in no association's hands
STATED = frozenset({"first_name", "last_name", "commune_code", "commune_name", "departement_code", "needs", "axes", "situation",
                    "status", "places", "preferred_public"})  # fmt: skip  # columns that say nothing of who it was


class InUse(DomainError):
    """Somebody answers for this request, or it goes with something else; the sentence says with what."""


def erase_on_demand(lead: Lead, by: UUID) -> None:
    """Erase a request because its person asks. A second time changes nothing. Raises InUse."""
    lead = locked(lead)
    if lead.erased_at is None:
        refuse_in_use(lead, by)
        erase_request(lead, by)
        log.info("privacy.request_erased")


def refuse_in_use(lead: Lead, by: UUID) -> None:
    """A request that has a file, that an association answers for, or that is one with another goes by them. Raises InUse.

    OwnFile for one's own: somebody else of the team erases it.
    """
    refuse_own(is_about(lead, by))
    filed = select(Lead.id).where(Lead.id == lead.id, or_(has_file(Mentee), has_file(Mentor)))
    if lead.state == LeadState.JOINED:
        raise InUse(_("Cette demande est réunie avec une autre : effacez celle qui continue, elle partira avec elle."))
    if db.session.scalar(filed) is not None:
        raise InUse(_("Cette demande a un dossier : effacez-le, elle partira avec lui."))
    if current_tenant.is_programme and lead.state == LeadState.ACCEPTED:
        raise InUse(_("Une association a ouvert un dossier : demandez-lui de l'effacer, cette demande partira avec lui."))
    if current_tenant.is_programme and lead.state != LeadState.WAITING and lead.state in OPEN_STATES:
        raise InUse(_("Une association a cette demande : reprenez-la d'abord."))
    if lead.state == LeadState.MOVED:
        raise InUse(_("Cette demande part vers le programme : c'est lui qui l'effacera. Il n'en restera ici que la raison."))
    if lead.orientation_id is not None and lead.state in TO_ANSWER:
        raise InUse(
            _("Cette demande vient du programme : rendez-la, il n'en restera ici que la raison, et c'est lui qui l'effacera.")
        )


def erase_request(lead: Lead, by: UUID | None = None) -> None:
    """Keep nothing that says who asked, nor of the requests that were made one with it. Nobody reads that the person withdrew.

    The row of a file that it came from is still known, by a mark that names nobody.
    """
    if lead.state in OPEN_STATES:
        withdraw(lead, ERASED, by)
    else:
        tell(lead, ERASED, user_id=by)
    joined = db.session.scalars(
        select(Lead).where(Lead.same_as == lead.id, Lead.state == LeadState.JOINED, Lead.erased_at.is_(None))
    )
    everyone = [lead, *joined]
    addresses = addresses_in(everyone)
    for one in everyone:
        empty(one)
    db.session.flush()  # whose else an address is, is read from what is left
    forget_letters(addresses)


def empty(lead: Lead) -> None:
    """A request without what says who asked."""
    db.session.execute(delete(ContactAttempt).where(ContactAttempt.lead_id == lead.id))
    db.session.execute(update(Orientation).where(Orientation.lead_id == lead.id).values(by_hand_reason=None))
    empty_columns(lead, STATED)
    lead.first_name, lead.last_name = _("Demande"), _("effacée")
    lead.guardian_agreed_by = lead.guardian_text = None
    lead.fingerprint, lead.erased_at = mark_of_row(lead.fingerprint), now()


def empty_columns(row: PersonColumns, kept: Collection[str]) -> None:
    """What somebody said of themself goes from a request or a file, but for these columns."""
    for name in PersonColumns.__annotations__.keys() - set(kept):
        setattr(row, name, [] if isinstance(getattr(row, name), list) else None)


def too_old() -> list[Lead]:
    """Requests that nobody touched for two years and that nobody answers for; two hundred at a time.

    One that an association has, or that it accepted, is erased with the file there; one that was joined, with the one that stays.
    """
    limit = now() - KEPT_FOR
    kept = aliased(Lead)
    stands = exists(select(kept.id).where(kept.id == Lead.same_as, kept.tenant_id == Lead.tenant_id, kept.erased_at.is_(None)))
    heard = exists(select(ContactAttempt.id).where(ContactAttempt.lead_id == Lead.id, ContactAttempt.created_at > limit))
    ours = and_(Lead.state.in_((LeadState.RECEIVED, LeadState.WAITLISTED)), Lead.orientation_id.is_(None))
    in_no_hands = Lead.state.in_(ENDED) if current_tenant.is_programme else or_(Lead.state.in_(ENDED), ours)
    statement = select(Lead).where(
        Lead.erased_at.is_(None), Lead.updated_at < limit, in_no_hands, ~heard,
        or_(Lead.state != LeadState.JOINED, ~stands), ~has_file(Mentee), ~has_file(Mentor),
    )  # fmt: skip
    return list(db.session.scalars(statement.order_by(Lead.id).limit(200).with_for_update(of=Lead, skip_locked=True)))


def has_file(kind: type[Mentee] | type[Mentor]) -> ColumnElement[bool]:
    """Whether a file was opened from a request, for the database."""
    return exists(select(kind.id).where(kind.lead_id == Lead.id))
