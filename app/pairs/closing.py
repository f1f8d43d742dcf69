"""The end of a pair, accompanied: what is to do, what was done, what was not and why; then the certificates.

Elements of Effective Practice for Mentoring, 4th edition, benchmark 6: exit interviews, rules for contact afterwards, whether
to match again, and proof that the procedure was followed.
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, load_only

from app.database import hold_row
from app.errors import DomainError
from app.extensions import db
from app.people.letters import how_to_reach, space_link, write
from app.people.models import Mentee, Mentor
from app.translation import gettext as _
from app.web import iso_day, midnight, today

from .interest import mailbox, write_guardian
from .life import KIND, drop, end_pause, go_on, locked, note, tell_both, tell_it_goes_on
from .models import Closure, Pair, PairState
from .queries import closure_of
from .rest import forget, keep_those_at_rest, others_of, rest, rest_at_once, resting, rests_until_said, wake
from .settings import settings
from .signals import days_met, pair_closed, pair_stopped
from .waiting import knows_of
from .words import CONTACT_TOLD, DEATH, FREE, SAFETY, STEPS

HEARD = {"foreseen": ("mentee", "mentor"), "unforeseen": ("mentee", "mentor"), "absent": ("tried", "written")}
YEAR = timedelta(days=365)


class CannotClose(DomainError):
    """Something of the closure is neither done nor explained; the sentence says what."""


def steps_for(closure: Closure) -> list[str]:
    """What a closure asks for; a guardian is heard for whoever is a minor, or was on the last day.

    The two say goodbye together where the end was foreseen, and is no precaution.
    """
    pair, steps = closure.pair, list(HEARD[closure.kind])
    if closure.kind == "foreseen" and closure.reason != SAFETY:
        steps.append("together")
    if pair.mentee.is_minor_on(pair.closed_on or today()):
        steps.append("guardian")
    return [*steps, "contact", "documents"]


def begin_closing(pair: Pair, kind: str, reason: str, by: UUID) -> Closure | None:
    """Open the closure's own file; meetings may still be held, to say goodbye, unless it is a precaution: then all are called off.

    None when the pair is over already. One that is open keeps its reason, but where it turns out to be a precaution.
    """
    locked(pair)
    current = closure_of(pair) if pair.state == PairState.CLOSING else None
    if current is not None:
        if reason == SAFETY:
            make_precaution(current, by)
        return current
    if not pair.is_open:
        return None
    if pair.state == PairState.PAUSED:
        end_pause(pair)
    pair.state = PairState.CLOSING
    closure = Closure(pair_id=pair.id, pair=pair, kind=kind, reason=reason, begun_by=by, steps={})
    db.session.add(closure)
    db.session.flush()
    note(pair, "closing", by, reason)
    if reason == SAFETY:
        stop(closure)
    return closure


def stop(closure: Closure) -> None:
    """A precaution is taken at once: what is planned is called off, nobody more is proposed to the mentor, and those whom it
    touches are told, not why.
    """
    tell_stop(closure.pair)
    pair_stopped.send(closure.pair)
    rest_at_once(closure)


def tell_stop(pair: Pair) -> None:
    """Write to the two, and to whoever represents a mentor who is a minor; follow-up writes to whoever represents the jeune."""
    tell_both(
        pair,
        _("Votre binôme s'arrête"),
        _("Votre binôme avec %(name)s s'arrête : vous n'avez plus de rendez-vous ensemble."),
        _("Ouvrir mon espace"),
        _("L'association vous en parle, et reste là pour vous."),
        *how_to_reach(),
    )
    mentor = pair.mentor
    if mentor.is_minor_on(today()) and mentor.guardian_email != mailbox(mentor):
        name = mentor.first_name
        line = _("Le binôme de %(name)s s'arrête : plus aucun rendez-vous n'est prévu. L'association vous en parle.", name=name)
        write_guardian(mentor.guardian_email, mentor.guardian_name, _("Le binôme de %(name)s s'arrête", name=name), [line])


def said_untold(pair: Pair) -> str:
    """Whom the team calls, since no letter reaches them: of the two, and of those who represent a minor; empty for nobody."""
    both: tuple[Mentor | Mentee, ...] = (pair.mentee, pair.mentor)
    names = [person.first_name for person in both if not person.is_told]
    young = [person for person in both if person.is_minor_on(today()) and not person.guardian_email]
    names += [_("qui représente %(name)s", name=person.first_name) for person in young]
    return _("À prévenir par téléphone, aucun message ne part : %(names)s.", names=", ".join(names)) if names else ""


def make_precaution(closure: Closure, by: UUID) -> bool:
    """What comes to light while a pair ends makes its end a precaution, and nothing undoes that. Whether it could still be said.

    Nothing is asked of the gate: it may be for the same reason that the two may not meet any more.
    """
    pair = locked(closure.pair)
    hold_row(closure)
    if pair.state != PairState.CLOSING:
        return False
    if closure.reason != SAFETY:
        closure.reason = SAFETY
        note(pair, "closing", by, SAFETY)
        stop(closure)
    return True


def give_up(closure: Closure, by: UUID) -> bool:
    """The pair goes on after all; whether it could still. Raises GateClosed when something was taken back meanwhile.

    Whoever read that it stops, as a precaution, reads that it goes on.
    """
    pair = locked(closure.pair)
    if pair.state != PairState.CLOSING:
        return False
    go_on(pair)
    wake(closure)
    closure.reopened_on = today()
    keep_those_at_rest(pair)
    note(pair, "kept", by)
    if closure.reason == SAFETY:
        tell_it_goes_on(pair)
    return True


def mark_step(closure: Closure, step: str, done_on: date | None, why: str) -> bool:
    """A step was done on a day, or was not and why; or, with neither, it is to do. Whether it still could be said.

    Two who note two steps at once both do.
    """
    if locked(closure.pair).state != PairState.CLOSING:
        return False
    hold_row(closure)
    others = {name: said for name, said in closure.steps.items() if name != step}
    said = {"done_on": done_on.isoformat()} if done_on else {"why": why}
    closure.steps = {**others, step: said} if done_on or why else others
    return True


def left(closure: Closure) -> list[str]:
    """The steps that are neither done nor explained."""
    return [step for step in steps_for(closure) if step not in closure.steps]


def is_accompanied(closure: Closure) -> bool:
    """Whether everything was done: what the association is proud of."""
    is_known = closure.pair.mentee.erased_at is None  # of who is erased, the steps say which were asked
    steps = steps_for(closure) if is_known else closure.steps
    return bool(steps) and all("done_on" in closure.steps.get(step, {}) for step in steps)


def close(closure: Closure, last_day: date, answers: dict[str, Any], by: UUID) -> bool:
    """Close the pair. `answers`: went_well, contact_rule, rematch_mentee, rematch_mentor. Whether it still could be.

    Raises CannotClose.
    """
    pair = locked(closure.pair)
    hold_row(closure)  # its steps as they are now
    hold_row(pair.mentor)  # of two who close their last two pairs at once, the second sees no other
    if pair.state != PairState.CLOSING:
        return False
    refuse_unfinished(closure, last_day)
    if closure.reason == SAFETY and answers.get("contact_rule") == FREE:
        raise CannotClose(_("Ce binôme se termine par précaution : tout contact passe par l'association, ou il n'y en a pas."))
    for name, value in answers.items():
        setattr(closure, name, value)
    closure.closed_on = last_day
    for _side, person, again in closure.wishes:
        rests = is_to_rest(closure, person)
        person.first_in_line = again if again is not None and not rests else person.first_in_line
        if again and not rests:
            forget(person)  # what they said at another end was said before
        elif again is False or resting(person):
            rest(closure, person, others_of(person, pair))  # nobody is proposed who said no
    close_pair(pair, last_day, closure.reason, closure.went_well or None, by)
    tell_end(closure, last_day)
    return True


def is_to_rest(closure: Closure, person: Mentor | Mentee) -> bool:
    """Whether nobody is proposed to somebody until the team decides: their pair ends as a precaution, or another did."""
    return (closure.reason == SAFETY and isinstance(person, Mentor)) or rests_until_said(person)


def refuse_unfinished(closure: Closure, last_day: date) -> None:
    """Raise CannotClose while a step is neither done nor explained, or when the two met after the last day."""
    undone = [str(STEPS[step]) for step in left(closure)]
    if undone:
        raise CannotClose(_("Il reste à faire, ou à expliquer : %(steps)s.", steps=", ".join(undone)))
    met = max(days_met([closure.pair_id]).get(closure.pair_id, ()), default=last_day)
    if met > last_day:
        day = iso_day(met.isoformat())
        raise CannotClose(_("Une séance est notée le %(day)s : le dernier jour ne peut pas être avant.", day=day))


def tell_end(closure: Closure, last_day: date) -> None:
    """Write to those of the two who can be told."""
    pair, rule = closure.pair, str(CONTACT_TOLD[closure.contact_rule or "association"])
    for person, other in ((pair.mentor, pair.mentee), (pair.mentee, pair.mentor)):
        if person.is_told:
            write(
                KIND,
                person,
                _("Votre binôme est terminé"),
                [
                    ended_said(closure, other.first_name, iso_day(last_day.isoformat())),
                    rule,
                    *again_said(closure, person),
                    *how_to_reach(),
                    *([settings().closing_word] if settings().closing_word and closure.reason != SAFETY else []),
                ],
                space_link("followup.home"),
                _("Ouvrir mon espace"),
            )


def ended_said(closure: Closure, name: str, day: str) -> str:
    """How the end is said: with thanks, but where it is a precaution."""
    if closure.reason == SAFETY:
        return _("Votre binôme avec %(name)s s'est terminé le %(day)s. L'association reste là pour vous.", name=name, day=day)
    return _("Votre binôme avec %(name)s s'est terminé le %(day)s. Merci pour ce chemin fait ensemble.", name=name, day=day)


def again_said(closure: Closure, person: Mentor | Mentee) -> list[str]:
    """For who wishes another pair: what comes next."""
    if not next(again for _side, who, again in closure.wishes if who is person) or is_to_rest(closure, person):
        return []
    if isinstance(person, Mentee):
        return [_("Vous souhaitez un autre mentor : vous êtes parmi les premières personnes que nous proposerons.")]
    return [_("Vous souhaitez accompagner quelqu'un d'autre : l'association vous écrit dès qu'elle peut vous le proposer.")]


def close_pair(pair: Pair, on: date, reason: str, story: str | None, by: UUID | None = None) -> None:
    """End a pair with its reason; the places of both are free again. Closing a closed pair changes nothing."""
    if not pair.is_open:
        return
    pair.starts_on = min(pair.starts_on, on)  # one that was to begin later never did
    pair.state, pair.closed_on, pair.closure_reason, pair.closure_note = PairState.CLOSED, on, reason, story
    pair.mentee.waits_since = max(pair.mentee.created_at, midnight(on))  # what they waited before was answered
    note(pair, "closed", by, reason)
    pair_closed.send(pair)


def end_at_death(pair: Pair, survivor: Mentor | Mentee, by: UUID) -> None:
    """One of the two died: nothing is written to anybody, and nobody is proposed to the other until the team says so.

    A closure that was under way ends here, with its steps and its own reason: a precaution outlives the pair.
    """
    locked(pair)
    if pair.state == PairState.PAUSED:
        end_pause(pair)
    side = "mentor" if survivor is pair.mentor else "mentee"
    others, knows = others_of(survivor, pair), knows_of(pair, side)
    survivor.first_in_line = True  # once they may be proposed somebody again
    if drop(pair, DEATH, by):
        if knows:  # whoever never heard of them goes on waiting
            rest(None, survivor, others)
        return
    closure = closure_of(pair) or Closure(pair_id=pair.id, pair=pair, kind="unforeseen", reason=DEATH, begun_by=by, steps={})
    closure.closed_on = today()
    db.session.add(closure)
    db.session.flush()
    rest(closure, survivor, others)
    close_pair(pair, today(), DEATH, None, by)


def share_accompanied() -> tuple[int, int]:
    """Of the closures of the last twelve months: how many were accompanied to their end, and how many there were."""
    rows = db.session.scalars(
        select(Closure)
        .join(Closure.pair)
        .join(Pair.mentee)
        .where(Closure.closed_on > today() - YEAR, Closure.reopened_on.is_(None), Pair.closure_reason != DEATH)
        .options(
            load_only(Closure.kind, Closure.reason, Closure.steps),
            contains_eager(Closure.pair).options(
                load_only(Pair.closed_on), contains_eager(Pair.mentee).load_only(Mentee.birth_date, Mentee.erased_at)
            ),
        )
        .limit(20_000)
    ).all()
    return sum(is_accompanied(row) for row in rows), len(rows)
