"""Hand a whole portfolio over: every pair that somebody follows goes to a colleague at once, with its calls and threads."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from app.errors import DomainError
from app.extensions import db
from app.fields import french_phone
from app.mail import Mail, post
from app.pairs.life import hand_over
from app.pairs.models import LIVE, OPEN, Pair
from app.pairs.queries import of_others
from app.people.letters import composed, space_link
from app.people.models import Mentee, Mentor
from app.tenants.models import Staff
from app.translation import gettext as _

from .models import Call
from .rules import AFTER
from .thread_models import Thread


class CannotHandOver(DomainError):
    """This portfolio cannot be handed over; the sentence says why."""


def is_followed() -> ColumnElement[bool]:
    """Whether a pair is to be followed: it forms or is under way, or it is over and one of the two is to be called or answered."""
    to_call = select(Call.pair_id).where(Call.kind.in_(AFTER), Call.ended_at.is_(None))
    waiting = select(Thread.pair_id).where(Thread.waiting_since.is_not(None))
    return or_(Pair.state.in_(LIVE), Pair.id.in_(to_call), Pair.id.in_(waiting))


def given_by(by: UUID) -> ColumnElement[bool]:
    """The pairs that somebody may hand over: those that are to be followed, and of those about them, only what they follow."""
    mine = select(Staff.id).where(Staff.user_id == by)
    return and_(is_followed(), or_(of_others(by), func.coalesce(Pair.coordinator_id.in_(mine), False)))


def sizes(by: UUID) -> dict[UUID | None, int]:
    """How many pairs of each of the team somebody may hand over; None: those that nobody follows."""
    rows = db.session.execute(select(Pair.coordinator_id, func.count()).where(given_by(by)).group_by(Pair.coordinator_id))
    return dict(rows.all())


def followed_by(giver: Staff | None, by: UUID) -> Select[Pair]:
    """Of these, the pairs that somebody follows, or that nobody does (None), with their two."""
    mine = Pair.coordinator_id == giver.id if giver else Pair.coordinator_id.is_(None)
    rows = select(Pair).where(given_by(by), mine).order_by(Pair.id)
    return rows.options(joinedload(Pair.mentor), joinedload(Pair.mentee))


def hand_portfolio(giver: Staff | None, receiver: Staff, by: UUID, only: Collection[UUID] | None = None) -> int:
    """Give the pairs of somebody, or those of nobody (None), to a colleague, and tell the pairs under way. How many pairs.

    All of them, or only these. Raises CannotHandOver for the same person.
    """
    if giver is not None and giver.id == receiver.id:
        raise CannotHandOver(_("Choisissez deux personnes différentes."))
    rows = followed_by(giver, by).where(of_others(receiver.user_id))  # nobody follows their own pair
    rows = rows if only is None else rows.where(Pair.id.in_(only))
    pairs = db.session.scalars(rows.with_for_update(of=Pair, key_share=True)).all()
    for pair in pairs:
        hand_over(pair, receiver, by)
    post([mail for pair in pairs if pair.state in OPEN for mail in letters(pair, receiver)])
    return len(pairs)


def letters(pair: Pair, receiver: Staff) -> Sequence[Mail]:
    """To both who were invited: who follows them from now on."""
    lines = [
        _("Votre personne référente à l'association est désormais %(name)s.", name=receiver.full_name),
        *([_("Son téléphone : %(phone)s", phone=french_phone(receiver.phone))] if receiver.phone else []),
        _("Vos messages lui parviennent déjà."),
    ]
    told: list[Mentor | Mentee] = [person for person in (pair.mentor, pair.mentee) if person.is_told]
    subject, link, label = _("Votre personne référente change"), space_link("followup.home"), _("Ouvrir mon espace")
    return [composed("handed_over", str(person.email), person.first_name, subject, lines, link, label) for person in told]
