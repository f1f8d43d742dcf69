"""Times that one of the two proposes and the other chooses; a jeune may also ask for another time without naming one."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Select, select

from app.database import hold_row, now, prepared
from app.errors import DomainError
from app.extensions import db
from app.pairs import life
from app.pairs.conditions import barred_today
from app.pairs.interest import tell_danger
from app.pairs.models import Pair, other_side
from app.people.models import Mentee, Mentor
from app.tenants.resolve import current_tenant
from app.translation import gettext as _

from .actions import Spot, conflicts, hold_hours, move, plan
from .letters import of_side, tell_of_pair, when
from .models import Meeting, Offer
from .refusals import refuse_impossible, refuse_night


class NotOffered(DomainError):
    """These times cannot be proposed, or chosen; the sentence says why."""


def propose(
    pair: Pair, side: str, starts: Sequence[datetime], spot: Spot, word: str = "", instead_of: Meeting | None = None
) -> Offer:
    """Propose times to the other; they take the place of those proposed before. Raises NotOffered, or CannotPlan.

    The same again, or sent twice at once, is one, and one letter.
    """
    if any(moment <= now() for moment in starts):
        raise NotOffered(_("Proposez des moments à venir."))
    if not starts and not word and instead_of is None:
        raise NotOffered(_("Proposez au moins un moment, ou écrivez un mot."))
    life.locked(pair)
    refuse_impossible(pair, starts or [soon(pair)], spot.place)
    refuse_night(pair, starts, spot.minutes)
    asked = (side, sorted(set(starts)), spot.minutes, spot.place, spot.where, word, instead_of.id if instead_of else None)
    waiting = open_offers([pair])
    for before in waiting:
        if (before.side, before.starts, before.minutes, before.place, before.where, before.word, before.instead_of) == asked:
            return before
    for before in waiting:
        if before.side == side or not before.starts:  # what was proposed before, and a wish that this answers
            before.state = "ended"
    offer = Offer(
        pair_id=pair.id, pair=pair, side=side, starts=sorted(set(starts)), minutes=spot.minutes, place=spot.place, where=spot.where,
        word=word, instead_of=instead_of.id if instead_of else None,
    )  # fmt: skip
    db.session.add(offer)
    db.session.flush()  # the page names it
    tell_offer(offer, instead_of)
    tell_danger(pair, side, word)
    return offer


def soon(pair: Pair) -> datetime:
    """When who asks for a meeting without a time may have it at the earliest, a day from now or from the pair's start."""
    return max(now(), datetime.combine(pair.starts_on, time(12), tzinfo=current_tenant.zone)) + timedelta(days=1)


def tell_offer(offer: Offer, instead_of: Meeting | None) -> None:
    """Write to the other one, on their own clock."""

    def said(_reader: Mentor | Mentee, other: Mentor | Mentee) -> tuple[str, Sequence[str]]:
        name, lines = other.first_name, [f"« {offer.word} »"] if offer.word else []
        if instead_of is not None:
            lines.insert(0, _("Il remplacerait celui qui est prévu %(when)s.", when=when(instead_of)))
        if not offer.starts:
            asked = _("%(name)s demande un autre moment pour votre rendez-vous.", name=name)
            return _("Un autre moment est demandé"), [asked, *lines]
        proposed = _("%(name)s vous propose des moments. Choisissez celui qui vous convient.", name=name)
        return _("Choisissez le moment de votre rendez-vous"), [proposed, *lines]

    tell_of_pair("meeting_offer", offer.pair, other_side(offer.side), said, "meetings.index", _("Voir et répondre"))


def open_offers(pairs: Sequence[Pair]) -> Sequence[Offer]:
    """What waits for an answer in these pairs, the latest first; not what is past."""
    return db.session.scalars(*offers_in([pair.id for pair in pairs])).all()


@prepared
def offers_in(pair_ids: Sequence[UUID]) -> Select[Offer]:
    return select(Offer).where(Offer.pair_id.in_(pair_ids), Offer.state == "open").order_by(Offer.created_at.desc(), Offer.id)


def held(offer: Offer) -> Offer:
    """The offer as it is now, until the end of the transaction. Raises NotOffered when it waits no more."""
    hold_row(offer)
    refuse_ended(offer)
    return offer


def refuse_ended(offer: Offer) -> None:
    """Raise NotOffered when the offer waits no more, or when these two may not meet: nothing is written to the other then."""
    if offer.state != "open" or not offer.pair.may_meet or barred_today(offer.pair):
        raise NotOffered(_("Cette proposition n'attend plus de réponse."))


def choose(offer: Offer, starts_at: datetime, by: UUID) -> Meeting:
    """Take one of the times: the meeting is planned, or moved. Raises NotOffered or CannotPlan."""
    hold_hours(offer.pair)  # before its offers, as everywhere
    hold_row(offer)
    if offer.state == "chosen" and offer.chosen_id is not None:
        known = db.session.get_one(Meeting, (offer.tenant_id, offer.chosen_id))
        if known.starts_at == starts_at:
            return known  # the same again
    refuse_ended(offer)
    if starts_at not in offer.starts or starts_at <= now():
        raise NotOffered(_("Ce moment n'est plus proposé. Choisissez-en un autre."))
    before = db.session.get(Meeting, (offer.tenant_id, offer.instead_of)) if offer.instead_of else None
    taken = conflicts(offer.pair, [starts_at], offer.minutes, before)
    if any((other.pair_id, other.starts_at) != (offer.pair_id, starts_at) for other in taken):
        raise NotOffered(_("Ce moment n'est plus libre. Choisissez-en un autre."))
    if before is not None and before.is_planned and before.starts_at > now():
        move(before, starts_at, Spot(offer.minutes, offer.place, offer.where), "", by)
        meeting = before
    else:
        meeting = plan(offer.pair, starts_at, offer.minutes, offer.place, offer.where, by)
    offer.state, offer.chosen_id = "chosen", meeting.id
    return meeting


def turn_down(offer: Offer, word: str) -> None:
    """None of them suits; the one who proposed is told, with a word. Raises NotOffered."""
    held(offer).state, offer.answer = "ended", word
    _reader, other = of_side(offer.pair, offer.side)
    name = other.first_name
    line = (
        _("Aucun des moments proposés ne convient à %(name)s.", name=name)
        if offer.starts
        else _("%(name)s a répondu à votre demande d'un autre moment.", name=name)
    )
    tell_of_pair("meeting_offer", offer.pair, offer.side, lambda _reader, _other: (
        _("Un autre moment à trouver"), [line, *([f"« {word} »"] if word else [])],
    ), "meetings.index", _("Proposer d'autres moments"))  # fmt: skip
    tell_danger(offer.pair, other_side(offer.side), word)


def withdraw(offer: Offer) -> None:
    """Take back what one proposed or asked for; twice is once. Raises NotOffered once the other has chosen."""
    hold_row(offer)
    if offer.state == "chosen":
        raise NotOffered(_("Un de ces moments vient d'être choisi : le rendez-vous est fixé."))
    offer.state = "ended"


def unanswered(offers: Sequence[Offer], side: str) -> list[Offer]:
    """Those of this side that wait for the other's answer."""
    return [o for o in offers if o.side == side and (not o.starts or o.starts[-1] > now())]


def answerable(offers: Sequence[Offer], side: str) -> list[Offer]:
    """Those that wait for this side's answer and still have a time to come, or are a wish."""
    return [o for o in offers if o.side != side and (not o.starts or o.starts[-1] > now())]
