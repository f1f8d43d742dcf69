"""Hand a whole portfolio over: every pair that somebody follows goes to a colleague at once, with its calls and threads."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.queries import addresses_by_user
from app.errors import DomainError
from app.extensions import db
from app.fields import unbroken_phone
from app.mail import Mail, post
from app.pairs.life import hand_over
from app.pairs.models import LIVE, OPEN, Pair
from app.pairs.queries import of_others
from app.people.letters import composed, space_link, write_to
from app.people.models import Mentee, Mentor
from app.tenants.models import Staff
from app.translation import gettext as _
from app.translation import ngettext

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


def given_by(by: UUID, anybodys: bool = True) -> ColumnElement[bool]:
    """The pairs that somebody may hand over: of those that are to be followed, anybody's, or their own only.

    Of those about them, whoever may give anybody's gives what they follow; the others give none.
    """
    is_theirs = func.coalesce(Pair.coordinator_id.in_(select(Staff.id).where(Staff.user_id == by)), False)
    return and_(is_followed(), or_(of_others(by), is_theirs) if anybodys else and_(of_others(by), is_theirs))


def sizes(given: ColumnElement[bool]) -> dict[UUID | None, int]:
    """How many of these pairs each of the team follows; None: those that nobody follows."""
    rows = db.session.execute(select(Pair.coordinator_id, func.count()).where(given).group_by(Pair.coordinator_id))
    return dict(rows.all())


def followed_by(giver: Staff | None, given: ColumnElement[bool]) -> Select[Pair]:
    """Of these, the pairs that somebody follows, or that nobody does (None), with their two."""
    mine = Pair.coordinator_id == giver.id if giver else Pair.coordinator_id.is_(None)
    rows = select(Pair).where(given, mine).order_by(Pair.id)
    return rows.options(joinedload(Pair.mentor), joinedload(Pair.mentee))


def going(giver: Staff | None, receiver: Staff, given: ColumnElement[bool], only: Collection[UUID] | None = None) -> Sequence[Pair]:
    """The pairs of somebody, or of nobody (None), that a colleague may follow: all of them, or only these; held until all is done.

    Raises CannotHandOver for the same person, and when none is left: all are about the colleague, or went meanwhile.
    """
    if giver is not None and giver.id == receiver.id:
        raise CannotHandOver(_("Choisissez deux personnes différentes."))
    rows = followed_by(giver, given).where(of_others(receiver.user_id))  # nobody follows their own pair
    rows = rows if only is None else rows.where(Pair.id.in_(only))
    pairs = db.session.scalars(rows.with_for_update(of=Pair, key_share=True)).all()
    if not pairs:
        sentence = _(
            "Aucun de ces binômes ne peut passer à %(name)s : ils touchent de près cette personne, ou viennent d'être confiés.",
            name=receiver.first_name,
        )
        raise CannotHandOver(sentence)
    return pairs


def told(pairs: Collection[Pair]) -> list[Mentor | Mentee]:
    """Who is written to: those of the pairs under way who were invited, once each, however many of their pairs go."""
    both = [person for pair in pairs if pair.state in OPEN for person in (pair.mentor, pair.mentee)]
    return list({person.id: person for person in both if person.is_told}.values())


def hand_portfolio(pairs: Collection[Pair], receiver: Staff, by: UUID) -> None:
    """A colleague follows these pairs from now on, and those of the pairs under way are told."""
    for pair in pairs:
        hand_over(pair, receiver, by)
    post([letter(person, receiver) for person in told(pairs)])
    if receiver.user_id != by:
        tell_receiver(pairs, receiver)


def tell_receiver(pairs: Collection[Pair], receiver: Staff) -> None:
    """One letter to the colleague, with the pairs that they follow from now on."""
    subject = ngettext("%(num)d binôme vous est confié", "%(num)d binômes vous sont confiés", len(pairs))
    lines = [_("Vous suivez désormais :"), *sorted(pair.title for pair in pairs)]
    address = addresses_by_user(with_invited=True).get(receiver.user_id)
    if address:
        write_to("portfolio", address, receiver.first_name, subject, lines, space_link("pairs.index"), _("Voir les binômes"))


def letter(person: Mentor | Mentee, receiver: Staff) -> Mail:
    """Who follows them from now on."""
    lines = [
        _("Votre personne référente à l'association est désormais %(name)s.", name=receiver.full_name),
        *([_("Son téléphone : %(phone)s", phone=unbroken_phone(receiver.phone))] if receiver.phone else []),
        _("Vos messages lui parviennent déjà."),
    ]
    subject, link, label = _("Votre personne référente change"), space_link("followup.home"), _("Ouvrir mon espace")
    return composed("handed_over", str(person.email), person.first_name, subject, lines, link, label)
