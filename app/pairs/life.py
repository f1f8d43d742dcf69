"""What happens to a pair, from its beginning to its closure: each verb changes its state, and is told in its story.

Doing again what is done changes nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from app.errors import DomainError
from app.extensions import db
from app.leads.calendar import add_months
from app.people.letters import space_link, write
from app.people.own import own_files
from app.tenants.models import Staff
from app.translation import gettext as _
from app.web import iso_day, short_day, today

from .agreement_models import Agreement, AgreementState
from .conditions import barred_today, missing, said
from .matching_models import MatchWish
from .models import Pair, PairAnswer, PairEvent, PairState, Pause
from .queries import closure_of, was_closing
from .refusals import gated, refuse
from .rest import keep_those_at_rest, put_first, rest_at_once, wake
from .signals import death_undone, has_met, pair_begun, pair_closed, pair_paused, pair_reopened
from .words import DEATH, PLAN_AGAIN, RHYTHMS, SAFETY

REOPEN_WITHIN = timedelta(days=30)
KIND = "pair"


class NotNow(DomainError):
    """This cannot be done to the pair in its state; the sentence says why."""


def note(pair: Pair, what: str, by: UUID | None = None, why: str = "") -> None:
    """Write a moment of the pair's story."""
    db.session.add(PairEvent(pair_id=pair.id, what=what, user_id=by, why=why))


def locked(pair: Pair) -> Pair:
    """The pair as it is now, until the end of the transaction.

    Rows that point at it may still be written: whoever refreshes the day's calls would else wait for us, and we for them.
    """
    db.session.flush()
    db.session.refresh(pair, with_for_update={"of": Pair, "key_share": True})
    return pair


def lock_all(pairs: Iterable[Pair]) -> None:
    """The same of several, always in one order: two who lock them at one instant wait, and neither for the other."""
    for pair in sorted(pairs, key=lambda one: one.id):
        locked(pair)


def begin(pair: Pair, by: UUID | None = None) -> None:
    """The pair starts: nothing is missing, or GateClosed says what is. Its months count from that day, or a later one agreed."""
    locked(pair)
    if pair.is_open:
        return
    if not pair.is_forming:
        raise NotNow(_("Ce binôme est terminé."))
    if pair.state == PairState.PROPOSED:
        raise NotNow(_("Les deux n'ont pas encore dit oui."))
    refuse(piece.sentence for piece in missing(pair.mentor, pair.mentee, today(), pair=pair))
    with gated():
        pair.state, pair.starts_on = PairState.ACTIVE, max(pair.starts_on, today())
    has_begun(pair, by)


def end_agreement(pair: Pair, signed_too: bool = False) -> None:
    """An agreement that waits for signatures waits no more; nor does one that all signed hold, where it says something else."""
    ended = {AgreementState.OPEN, AgreementState.SIGNED} if signed_too else {AgreementState.OPEN}
    for agreement in db.session.scalars(select(Agreement).where(Agreement.pair_id == pair.id, Agreement.state.in_(ended))):
        agreement.state = AgreementState.VOID


def has_begun(pair: Pair, by: UUID | None) -> None:
    """Tell it: both know, neither is first in line any more, and a pin has done what it was for."""
    end_agreement(pair)
    unpin(pair)
    pair.mentee.first_in_line = pair.mentor.first_in_line = False
    note(pair, "begun", by)
    tell_both(
        pair,
        _("Votre binôme est formé"),
        _("Vous formez un binôme avec %(name)s, à partir du %(day)s."),
        _("Ouvrir mon espace"),
        _(
            "L'association vous propose la date de la première rencontre, ou votre binôme la choisit et elle en est prévenue. "
            "Votre espace montre vos rendez-vous."
        ),
    )
    pair_begun.send(pair)


def unpin(pair: Pair) -> None:
    """These two were brought together because somebody wished it: it is not wished a second time."""
    theirs = MatchWish.mentee_id == pair.mentee_id, MatchWish.mentor_id == pair.mentor_id
    db.session.execute(delete(MatchWish).where(*theirs, MatchWish.is_pin))


def tell_both(pair: Pair, subject: str, sentence: str, label: str, *more: str) -> None:
    """Write to those of the two who can be told, each with the other's first name only."""
    day = iso_day(pair.starts_on.isoformat())
    for person, other in ((pair.mentor, pair.mentee), (pair.mentee, pair.mentor)):
        if person.is_told:
            lines = [_(sentence, name=other.first_name, day=day), *more]
            write(KIND, person, subject, lines, space_link("followup.home"), label)


def drop(pair: Pair, reason: str, by: UUID | None = None) -> bool:
    """It does not begin; both are free again. Whether it could still be dropped."""
    locked(pair)
    if not pair.is_forming:
        return False
    end_agreement(pair)
    pair.state, pair.closed_on, pair.closure_reason = PairState.DROPPED, today(), reason
    note(pair, "dropped", by, reason)
    pair_closed.send(pair)
    return True


def pause(pair: Pair, reason: str, back_on: date | None, by: UUID) -> None:
    """No meetings for a while, from today."""
    locked(pair)
    if pair.state == PairState.PAUSED:
        return
    if pair.state != PairState.ACTIVE:
        raise NotNow(_("Seul un binôme en cours peut être mis en pause."))
    pair.state = PairState.PAUSED
    db.session.add(Pause(pair_id=pair.id, since=today(), back_on=back_on, reason=reason))
    note(pair, "paused", by, reason)
    called_off = sum(number for _receiver, number in pair_paused.send(pair, until=back_on))
    more = [_("Les rendez-vous prévus pendant la pause sont annulés.")] if called_off else []
    tell_both(
        pair,
        _("Votre binôme est en pause"),
        _("Votre binôme avec %(name)s est en pause."),
        _("Ouvrir mon espace"),
        *back(back_on),
        *more,
    )


def back(on: date | None) -> list[str]:
    return [_("Reprise prévue le %(day)s.", day=iso_day(on.isoformat()))] if on else []


def resume(pair: Pair, by: UUID | None = None) -> None:
    """The pause ends today. Raises GateClosed when something was taken back meanwhile."""
    locked(pair)
    if pair.state != PairState.PAUSED:
        return
    go_on(pair)
    end_pause(pair)
    note(pair, "resumed", by)
    tell_both(pair, _("Votre binôme reprend"), _("Votre binôme avec %(name)s reprend aujourd'hui."), _("Ouvrir mon espace"))


def go_on(pair: Pair) -> None:
    """Under way again, after a pause or a closure that was given up. Raises GateClosed when something was taken back meanwhile."""
    bars = barred_today(pair)
    if bars:
        refuse(piece.sentence for piece in said(bars, pair.mentor, pair.mentee, today(), pair))
    with gated():
        pair.state = PairState.ACTIVE


def end_pause(pair: Pair) -> None:
    """The pause that is under way ends today; one of no day was none."""
    row = db.session.scalars(select(Pause).where(Pause.pair_id == pair.id, Pause.until.is_(None))).one()
    if row.since == today():
        db.session.delete(row)
    else:
        row.until = today()


def hand_over(pair: Pair, coordinator: Staff, by: UUID) -> None:
    """Somebody else follows the pair from now on. Raises NotNow when it is about them."""
    if not {pair.mentor_id, pair.mentee_id}.isdisjoint(own_files(coordinator.user_id)):
        raise NotNow(
            _("Ce binôme touche de près %(name)s : une autre personne de l'équipe doit le suivre.", name=coordinator.first_name)
        )
    if pair.coordinator_id != coordinator.id:
        pair.coordinator_id, pair.coordinator = coordinator.id, coordinator
        note(pair, "changed", by, coordinator.full_name)


def correct(pair: Pair, changes: Mapping[str, Any], by: UUID) -> bool:
    """Another length, rhythm or objectives, or start before it begins; both are told what they must know. Whether it changed.

    The agreement of a pair under way keeps what it says; before it begins, one says something else: it is prepared again. Raises
    NotNow when somebody has said yes to what was proposed, or when it would have ended already.
    """
    locked(pair)
    if pair.state == PairState.CLOSING:
        raise NotNow(_("Ce binôme se termine. S'il continue après tout, dites-le d'abord sur la page de sa clôture."))
    if not (pair.is_open or pair.is_forming):
        raise NotNow(_("Ce binôme est terminé."))
    kept = {"starts_on"} if pair.is_open else set[str]()  # it began while the form was filled in
    new = {name: value for name, value in changes.items() if name not in kept and getattr(pair, name) != value}
    if not new:
        return False
    said_yes = select(PairAnswer.id).where(PairAnswer.pair_id == pair.id, PairAnswer.is_yes.is_(True))
    if pair.state == PairState.PROPOSED and db.session.scalar(said_yes.limit(1)) is not None:
        raise NotNow(_("Quelqu'un a déjà dit oui à ce qui est proposé. Modifiez-le une fois les deux réponses arrivées."))
    end, rhythm = pair.planned_end, pair.rhythm
    if pair.is_open and "planned_months" in new and add_months(pair.starts_on, new["planned_months"]) < today():
        raise NotNow(_("Le binôme serait déjà terminé : clôturez-le plutôt."))
    if pair.state == PairState.SIGNING:
        end_agreement(pair, signed_too=True)
        pair.state = PairState.CONFIRMED
        note(pair, "void", by)
    for name, value in new.items():
        setattr(pair, name, value)
    words = [_("Fin prévue : %(day)s", day=short_day(pair.planned_end)) if pair.planned_end != end else "",
             str(RHYTHMS[pair.rhythm]) if pair.rhythm != rhythm else "", _("Objectifs") if "objectives" in new else ""]  # fmt: skip
    note(pair, "corrected", by, " · ".join(filter(None, words)))
    if pair.state != PairState.PROPOSED and (pair.planned_end != end or pair.rhythm != rhythm):
        tell_both(
            pair,
            _("Votre binôme change"),
            _("Votre binôme avec %(name)s est maintenant prévu jusqu'au %(end)s, à ce rythme : %(rhythm)s.",
              name="%(name)s", end=iso_day(pair.planned_end.isoformat()), rhythm=str(RHYTHMS[pair.rhythm]).lower()),
            _("Ouvrir mon espace"),
        )  # fmt: skip
    return True


def undo(pair: Pair, by: UUID) -> bool:
    """Formed by mistake, and they have not met: it never was, and the jeune is first in line again. Whether it still could."""
    locked(pair)
    if pair.state not in {PairState.ACTIVE, PairState.PAUSED}:
        return False
    if has_met(pair):
        raise NotNow(_("Une séance a commencé, ou a eu lieu : notez-la, puis clôturez plutôt ce binôme."))
    if pair.state == PairState.PAUSED:
        end_pause(pair)
    pair.state, pair.closed_on, pair.closure_reason = PairState.DROPPED, today(), "mistake"
    put_first(pair.mentee)
    note(pair, "dropped", by, "mistake")
    pair_closed.send(pair)
    tell_both(
        pair,
        _("Votre binôme ne se fera pas : une erreur de notre part"),
        _(
            "Nous vous avions annoncé un binôme avec %(name)s. C'était une erreur de notre part, et nous vous prions de nous en "
            "excuser. Vous n'y êtes pour rien. L'association vous recontacte."
        ),
        _("Ouvrir mon espace"),
    )
    return True


def reopen(pair: Pair, by: UUID) -> bool:
    """It was closed too soon: within thirty days it goes on, if the gate is open. Raises NotNow or GateClosed.

    The days in between are a pause. A closure that a death by mistake had ended goes on. Whether it was closed.
    """
    locked(pair)
    if pair.state != PairState.CLOSED:
        return False
    assert pair.closed_on is not None
    closed_on = pair.closed_on
    if pair.closed_on < today() - REOPEN_WITHIN:
        raise NotNow(_("Ce binôme est clôturé depuis plus de 30 jours : formez-en un nouveau, son histoire reste lisible."))
    closure = closure_of(pair)
    in_silence, goes_back = pair.closure_reason == DEATH, was_closing(pair, closure)
    with gated():  # refused, it changes nothing
        if closure is not None:
            wake(closure)
        pieces = missing(pair.mentor, pair.mentee, today(), pair=pair)
        refuse(piece.sentence for piece in pieces if piece.piece != "agreement")  # it began without one, before any was asked
        pair.state = PairState.CLOSING if goes_back else PairState.ACTIVE
        pair.closed_on = pair.closure_reason = pair.closure_note = None
    if closure is not None and goes_back:
        closure.closed_on, closure.rested, closure.capacity_before = None, [], None
        if closure.reason == SAFETY:
            rest_at_once(closure)
    elif closure is not None:
        closure.reopened_on = today()
    keep_those_at_rest(pair)
    if closed_on < today():
        db.session.add(Pause(pair_id=pair.id, since=closed_on, until=today(), reason=_("Clôture")))
    pair.mentee.first_in_line = pair.mentor.first_in_line = False
    note(pair, "reopened", by)
    if in_silence:
        death_undone.send(pair)
    if not goes_back:  # of an end that is under way nobody was told that it was over
        tell_it_goes_on(pair)
    return True


def tell_it_goes_on(pair: Pair) -> None:
    """A pair whose end was told goes on after all: what that end called off is to be planned again."""
    pair_reopened.send(pair)
    sentence = _("Votre binôme avec %(name)s continue.")
    tell_both(pair, _("Votre binôme continue"), sentence, _("Ouvrir mon espace"), str(PLAN_AGAIN))
