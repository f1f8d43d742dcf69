"""Bring two people together: at once when everything is there, or as a proposal that both are asked about."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.database import one_at_a_time
from app.extensions import db
from app.people.checks import against
from app.people.models import Mentee, Mentor
from app.tenants.models import Staff
from app.translation import gettext as _
from app.web import today

from . import interest
from .agreement import address_now, agreement_of, signatures_of
from .conditions import gate, is_unallowed, missing
from .life import drop, has_begun, locked, note, unpin
from .models import Pair, PairState
from .queries import ended_as_a_precaution
from .refusals import gated, refuse
from .rest import resting


@dataclass(frozen=True)
class Plan:
    """What is agreed when a pair starts: a date, months, a rhythm, objectives in one line each."""

    starts_on: date
    planned_months: int
    rhythm: str
    objectives: list[str]


def form_pair(
    mentee: Mentee,
    mentor: Mentor,
    plan: Plan,
    coordinator: Staff | None,
    by: UUID | None = None,
    why: Sequence[dict[str, Any]] = (),
) -> Pair:
    """Bring two people together who both agreed already. Raises GateClosed, with everything that is missing.

    Where the association asks for a signed agreement, the pair waits for it; else it begins. Two coordinators at once: the database
    lets one through, the other reads why.
    """
    one_at_a_time("authorisation", mentee.id)  # as in `propose`
    refuse([*(piece.sentence for piece in missing(mentor, mentee, today())), *kept_apart(mentor, mentee)])
    to_sign = ("agreement", "pair") in gate(mentor.id, mentee.id, today())
    pair = store(mentee, mentor, plan, coordinator, PairState.CONFIRMED if to_sign else PairState.ACTIVE, why)
    if to_sign:
        note(pair, "confirmed", by)
    else:
        has_begun(pair, by)
    return pair


def propose(
    mentee: Mentee,
    mentor: Mentor,
    plan: Plan,
    coordinator: Staff | None,
    why: Sequence[dict[str, Any]] = (),
    by: UUID | None = None,
) -> Pair:
    """Ask both whether they are interested. What has only to be gathered may still be missing; raises GateClosed for the rest.

    Of a minor whose participation nobody authorised, neither is asked. A document of the mentor that is not clear is not to be
    gathered: neither reads who the other is.
    """
    one_at_a_time("authorisation", mentee.id)  # a parent who takes it back at this instant comes first, or finds the pair
    obstacles = [piece.sentence for piece in missing(mentor, mentee, today()) if piece.bars_asking]
    obstacles += kept_apart(mentor, mentee)
    if against(mentor.id, today()):
        obstacles.append(_("Une vérification de %(name)s s'oppose à ce binôme : voyez son dossier.", name=mentor.first_name))
    refuse(obstacles)
    pair = store(mentee, mentor, plan, coordinator, PairState.PROPOSED, why)
    note(pair, "proposed", by)
    interest.ask_first(pair)
    return pair


def give_up(pair: Pair, by: UUID | None, gone: Mentor | Mentee | None = None, lacking: Mentor | Mentee | None = None) -> bool:
    """A pair that forms is given up, by the team, since one of the two is gone, or lacks what a gate asks: whoever knows is told.

    Who is gone reads nothing; who lacks something is not the next, nor do their parents read it, not even in their place: one
    may just have been taken off the file. What the team wished stands, unless the team gives up. Whether it could be given up.
    """
    asked = interest.answers_of(locked(pair))
    both: tuple[Mentor | Mentee, ...] = (pair.mentor, pair.mentee)
    lacks = [person for person in both if person is lacking or is_unallowed(person) or resting(person)]
    knowing = [side for side in interest.knowing(pair, asked) if pair.person(side) is not gone]
    parents = [told for told in parents_who_know(pair, asked) if told[0] not in [gone, *lacks]]
    if not drop(pair, "staff", by):
        return False
    if by is not None:
        unpin(pair)  # it would make them the first again
    for side in knowing:
        person = pair.person(side)
        is_next = person not in lacks
        person.first_in_line |= is_next
        if is_next or person.email:
            interest.tell(pair, side, interest.off if is_next else interest.halted)
    for person, address, name in parents:
        said = interest.off(person.first_name)
        interest.write_guardian(address, name, said.subject_for, [said.sentence_for])
    return True


def parents_who_know(pair: Pair, asked: Container[str]) -> Iterator[tuple[Mentor | Mentee, str, str | None]]:
    """Whoever represents a minor of the two and was written to beside them, when they were asked or had to sign: of whom, where."""
    agreement = agreement_of(pair)
    signers = {row.role: row for row in signatures_of(agreement)} if agreement else {}
    for side, role in (("mentee", "guardian"), ("mentor", "mentor_guardian")):
        person, signer = pair.person(side), signers.get(role)
        if not person.is_minor_on(today()):
            continue
        told = {person.guardian_email: person.guardian_name} if side in asked else {}
        told |= {address_now(signer): signer.name} if signer else {}
        yield from ((person, address, name) for address, name in told.items() if address and address != interest.mailbox(person))


def kept_apart(mentor: Mentor, mentee: Mentee) -> list[str]:
    """Why two people are not brought together again; empty when nothing says so."""
    theirs = Pair.mentor_id == mentor.id, Pair.mentee_id == mentee.id
    if db.session.scalar(select(Pair.id).where(*theirs, ended_as_a_precaution()).limit(1)) is None:
        return []
    return [_("Leur binôme a été clôturé par précaution : ces deux personnes n'en forment plus ensemble.")]


def store(
    mentee: Mentee, mentor: Mentor, plan: Plan, coordinator: Staff | None, state: PairState, why: Sequence[dict[str, Any]] = ()
) -> Pair:
    """Write the pair, unless the database refuses it. Raises GateClosed."""
    pair = Pair(
        mentee_id=mentee.id,
        mentor_id=mentor.id,
        mentee=mentee,
        mentor=mentor,
        coordinator=coordinator,
        starts_on=plan.starts_on,
        planned_months=plan.planned_months,
        rhythm=plan.rhythm,
        objectives=plan.objectives,
        state=state,
        why=list(why),
    )
    with gated():
        db.session.add(pair)
    return pair
