"""What pairs add to the files of people, and refuse about them."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from flask import render_template
from markupsafe import Markup
from sqlalchemy import ColumnElement, select

from app.errors import DomainError
from app.extensions import db
from app.people.checks import against
from app.people.lists import unauthorised
from app.people.models import FileState, Mentee, Mentor
from app.people.signals import (
    accompanied_asked,
    gate_changed,
    paired_asked,
    people_listed,
    person_closing,
    person_held,
    person_shown,
    person_withdrawn,
    standing_asked,
)
from app.training.progress import training_of
from app.training.queries import trained_ids
from app.translation import gettext as _
from app.translation import ngettext
from app.web import today

from .actions import give_up
from .agreement import end_outgrown
from .closing import end_at_death
from .conditions import is_unallowed
from .matching_models import Proposal
from .models import FORMING, LIVE, OPEN, Pair, PairState
from .proposals import best_for
from .queries import ever_accompanied, in_a_pair, pairs_counted, pairs_of, with_people
from .reasons import said_reasons
from .rest import keep_at_rest, put_first
from .signals import gate_asked
from .standing import standing


class PairUnderWay(DomainError):
    """A file cannot close while its pair is under way."""


@person_shown.connect
def pair_panel(person: Mentor | Mentee) -> Markup:
    """On a file: what is missing before a first meeting, the training, and the pairs."""
    training, courses = training_of(person) if isinstance(person, Mentor) else (None, None)
    stands, pairs = standing(person, training), pairs_of(person)
    found = proposed(person, pairs)
    panel = render_template("pairs/panel.html", pairs=pairs, standing=stands, person=person, courses=courses, proposals=found)
    return Markup(panel)  # noqa: S704  (a rendered template)


def proposed(person: Mentor | Mentee, pairs: Sequence[Pair]) -> Sequence[tuple[Proposal, Sequence[tuple[str, int, int]]]] | None:
    """Whom the last run proposes for a jeune who waits, and why; None for anybody else."""
    waits = person.state == FileState.ACTIVE and not any(pair.state in LIVE for pair in pairs)
    if not isinstance(person, Mentee) or not waits:
        return None
    theirs = {row: [reason for reason in row.reasons if reason["code"] != "waiting"] for row in best_for(person)}
    return [(row, said_reasons(reasons, short=True)) for row, reasons in theirs.items()]


@people_listed.connect
def notes(rows: Sequence[Any]) -> dict[UUID, str]:
    """In a list: trained or not, with how many jeunes; in a pair or waiting."""
    if not rows:
        return {}
    ids = [row.id for row in rows]
    if isinstance(rows[0], Mentor):
        trained, paired = trained_ids(ids), pairs_counted(Mentor, ids)
        return {row.id: mentor_note(row.id in trained, *paired.get(row.id, (0, 0))) for row in rows}
    paired, to_allow = pairs_counted(Mentee, ids), unauthorised(Mentee, ids)
    waits = {FileState.ACTIVE: _("Attend un mentor"), FileState.PAUSED: _("En pause"), FileState.WITHDRAWN: _("Dossier fermé")}
    found = {row.id: mentee_note(*paired[row.id]) if row.id in paired else waits[row.state] for row in rows}
    allow = {row.id for row in rows if row.id in to_allow and row.state != FileState.WITHDRAWN}
    return {key: f"{note} · {_('autorisation à obtenir')}" if key in allow else note for key, note in found.items()}


def mentee_note(under_way: int, _forming: int) -> str:
    """One line for a jeune who is in a pair."""
    return _("En binôme") if under_way else _("Binôme en préparation")


def mentor_note(trained: bool, count: int, forming: int) -> str:
    """One line for a mentor."""
    if forming and not count:
        return _("Binôme en préparation")
    if count:
        return ngettext("Accompagne %(num)d jeune", "Accompagne %(num)d jeunes", count)
    return _("Formation terminée") if trained else _("En formation")


@person_closing.connect
def refuse_while_paired(person: Mentor | Mentee, dead_says: UUID | None) -> None:
    """Close the pair first: it deserves its own ending. When somebody died, the pair ends with them, in silence."""
    for pair in [pair for pair in pairs_of(person) if pair.state in LIVE]:
        if dead_says is None:
            raise PairUnderWay(_("Un binôme est en cours ou en préparation : terminez-le d'abord."))
        end_at_death(pair, other_of(pair, person), dead_says)


@person_held.connect
def hold_with_pairs(person: Mentor | Mentee) -> None:
    """Lock somebody's pairs before anything is written, as whoever plans a meeting does, then them, as a pair that begins does
    (pair_gate): of the two, one sees the other.
    """
    kind = type(person)
    with db.session.no_autoflush:
        db.session.execute(
            select(Pair.id).where(of(person), Pair.state.in_(LIVE)).order_by(Pair.id).with_for_update(key_share=True)
        )
        db.session.execute(select(kind.id).where(kind.id == person.id).with_for_update(key_share=True))


def of(person: Mentor | Mentee) -> ColumnElement[bool]:
    """Their pairs, for the database."""
    return Pair.mentor_id == person.id if isinstance(person, Mentor) else Pair.mentee_id == person.id


@gate_changed.connect
def ask_again(person: Mentor | Mentee) -> None:
    """What a gate asks of somebody changed: so may what their pairs under way may do."""
    hold_with_pairs(person)
    keep_at_rest(person)
    mine = of(person)
    with db.session.no_autoflush:
        under_way = select(Pair).where(mine, Pair.state.in_(OPEN)).order_by(Pair.id).options(*with_people())
        pairs = db.session.scalars(under_way.with_for_update(of=Pair, key_share=True)).all()
    db.session.flush()  # the gate reads what was just noted
    for pair in pairs:
        gate_asked.send(pair)
    unallowed = is_unallowed(person)
    for pair in db.session.scalars(select(Pair).where(mine, Pair.state == PairState.SIGNING).order_by(Pair.id)).all():
        end_outgrown(pair, unallowed)
    if isinstance(person, Mentor) and against(person.id, today()):
        drop_while_lacking(person, FORMING)
    elif unallowed:
        drop_while_lacking(person, {PairState.PROPOSED})


@person_withdrawn.connect
def drop_what_is_forming(person: Mentor | Mentee) -> None:
    """Somebody left before a pair began: it does not, and the other one is free, the next, and told if they knew of it."""
    for pair in pairs_of(person):
        if give_up(pair, None, gone=person):
            put_first(other_of(pair, person))


def drop_while_lacking(person: Mentor | Mentee, states: Collection[PairState]) -> None:
    """The same, of pairs in these states, where somebody stays who may not be in one today: they are told too, if they knew."""
    for pair in pairs_of(person):
        if pair.state in states and give_up(pair, None, lacking=person):
            put_first(other_of(pair, person))


def other_of(pair: Pair, person: Mentor | Mentee) -> Mentor | Mentee:
    """The other one of the two."""
    return pair.mentee if isinstance(person, Mentor) else pair.mentor


accompanied_asked.connect(ever_accompanied)
paired_asked.connect(in_a_pair)
standing_asked.connect(standing)
