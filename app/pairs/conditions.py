"""The gate before a first meeting: what is missing for a mentor and a jeune on a day, in sentences with who must do it, and where.

There is one gate: the database's function gate_missing (migration 0026, which names those it goes on from), which also refuses any
pair that lacks something, whoever asks (pair_gate, 0051). This page says in words what it answers.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Date, Select, Text, and_, bindparam, column, exists, func, literal, null, select, true

from app.database import prepared
from app.extensions import db
from app.people.consent import asked_of
from app.people.guardians import refusing_unasked
from app.people.models import Guardianship, Mentee, Mentor
from app.people.words import PIECES
from app.tenants.scope import current_tenant_id
from app.training.status import TrainingStatus, training_status
from app.translation import gettext as _
from app.translation import ngettext
from app.web import iso_day, local, today

from .models import Pair

UNALLOWED = frozenset({"birth_date", "participation"})  # nobody reads of a minor, nor a minor of anybody, before a parent allows it
BEFORE_ASKING = UNALLOWED | {"closed", "paused", "too_old", "capacity", "paired", "self"}  # where nothing can be gathered
BY_GUARDIAN = frozenset({"participation", "home"})  # what a guardian allows by a link
PROTECTED = "ase_"


@dataclass(frozen=True)
class Missing:
    """One thing that keeps the gate closed: its code, whose it is, the sentence, who must do it, the page where."""

    piece: str
    side: str  # mentor, mentee, pair or space
    sentence: str
    who: str
    endpoint: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def bars_asking(self) -> bool:
        """Whether the two may not even be asked."""
        return self.piece in BEFORE_ASKING


def missing(
    mentor: Mentor | None,
    mentee: Mentee | None,
    on: date,
    *,
    at_home: bool = False,
    pair: Pair | None = None,
    training: TrainingStatus | None = None,
) -> list[Missing]:
    """Everything that keeps these two from meeting on a day, or that one of them lacks alone; empty when the gate is open.

    A `pair` that is already theirs does not count against them. A caller that knows the mentor's training gives it.
    """
    codes = gate(mentor.id if mentor else None, mentee.id if mentee else None, on, at_home, pair.id if pair else None)
    return list(said(codes, mentor, mentee, on, pair, training))


def gate(
    mentor_id: UUID | None, mentee_id: UUID | None, on: date, at_home: bool = False, pair_id: UUID | None = None
) -> Sequence[tuple[str, str]]:
    """What the database answers: each missing piece, and whose it is."""
    rows = db.session.execute(*gate_answer(current_tenant_id(), mentor_id, mentee_id, on, at_home, pair_id))
    return [(piece, side) for piece, side in rows]


def is_unallowed(person: Mentor | Mentee) -> bool:
    """Whether nobody who represents a minor allows them to take part, or nobody knows any more whether they are one."""
    if not person.is_minor_on(today()):
        return False
    mentor_id, mentee_id = (person.id, None) if isinstance(person, Mentor) else (None, person.id)
    return any(piece in UNALLOWED for piece, _side in gate(mentor_id, mentee_id, today()))


@prepared
def gate_answer(
    tenant_id: UUID, mentor_id: UUID | None, mentee_id: UUID | None, on: date, at_home: bool, pair_id: UUID | None
) -> Select[str, str]:
    answer = func.gate_missing(tenant_id, mentor_id, mentee_id, on, at_home, pair_id)
    rows = answer.table_valued(column("piece", Text), column("side", Text))
    return select(rows.c.piece, rows.c.side)


def barred(pair: Pair, days: Collection[date]) -> dict[date, list[tuple[str, str]]]:
    """The days, of these, on which a pair that began may not meet, and what keeps it from meeting (gate_bars, migration 0051)."""
    both = (current_tenant_id(), pair.mentor_id, pair.mentee_id)
    return on_each(days, lambda day: func.gate_bars(*both, day, pair.id))


def missing_at_home(pair: Pair, days: Collection[date]) -> dict[date, list[tuple[str, str]]]:
    """The days, of these, on which something is missing for a meeting at home, and what."""
    both = (current_tenant_id(), pair.mentor_id, pair.mentee_id)
    return on_each(days, lambda day: func.gate_missing(*both, day, True, pair.id))


def on_each(days: Collection[date], ask: Callable[[Any], Any]) -> dict[date, list[tuple[str, str]]]:
    """What a function of the database answers on each of these days, in one statement."""
    each = func.unnest(bindparam("days", sorted(set(days)), ARRAY(Date))).table_valued(column("day", Date)).render_derived()
    rows = ask(each.c.day).table_valued(column("piece", Text), column("side", Text)).lateral()
    found: dict[date, list[tuple[str, str]]] = {}
    for day, piece, side in db.session.execute(select(each.c.day, rows.c.piece, rows.c.side).select_from(each).join(rows, true())):
        found.setdefault(day, []).append((piece, side))
    return found


def is_barred(day: date) -> ColumnElement[bool]:
    """Whether something keeps a pair that began from meeting on a day, for the database."""
    bars = func.gate_bars(Pair.tenant_id, Pair.mentor_id, Pair.mentee_id, day, Pair.id).table_valued(column("piece", Text))
    return exists(select(literal(1)).select_from(bars).correlate(Pair))


def may_be_asked(kind: type[Mentor] | type[Mentee], day: date) -> ColumnElement[bool]:
    """Whether nothing keeps somebody from being proposed a pair on a day, on their own side, for the database."""
    who = (Mentor.id, null()) if kind is Mentor else (null(), Mentee.id)
    lacks = func.gate_missing(kind.tenant_id, *who, day, False, null()).table_valued(column("piece", Text))
    bars = exists(select(literal(1)).select_from(lacks).where(lacks.c.piece.in_(BEFORE_ASKING)).correlate(kind))
    if kind is Mentee:
        return ~bars
    against = func.gate_against(Mentor.tenant_id, Mentor.id, day).table_valued(column("kind", Text))
    return and_(~bars, ~exists(select(literal(1)).select_from(against).correlate(Mentor)))


def barred_among(pairs: Collection[Pair], day: date) -> set[UUID]:
    """Which of these, that began, something keeps from meeting on a day: one statement, and none for nobody."""
    ids = [pair.id for pair in pairs if pair.may_meet]
    return set(db.session.scalars(select(Pair.id).where(Pair.id.in_(ids), is_barred(day)))) if ids else set()


def barred_today(pair: Pair) -> list[tuple[str, str]]:
    """What keeps a pair that began from meeting today; empty when they may."""
    return barred(pair, [today()]).get(today(), [])


def said(
    codes: Sequence[tuple[str, str]],
    mentor: Mentor | None,
    mentee: Mentee | None,
    on: date,
    pair: Pair | None,
    training: TrainingStatus | None = None,
    asked: Mapping[UUID, Guardianship] | None = None,
) -> Iterator[Missing]:
    """The same in sentences. Training says each of its pieces; those of child protection are named on their own page only.

    A caller that says it of many gives which guardians were `asked`.
    """
    if asked is None:
        asked = asked_among(codes, mentor, mentee)
    if mentor is not None and (mentee is None or ("training", "mentor") in codes):
        status = training or training_status(mentor, on, mentee)
        for sentence in status.missing:
            yield Missing(
                "training",
                "mentor",
                f"{mentor.first_name} : {sentence[0].lower()}{sentence[1:]}",
                mentor.first_name,
                "training.mentor",
                {"mentor_id": mentor.id},
            )
    for piece, side in codes:
        if piece == "training" or piece.startswith(PROTECTED) or (piece == "agreement" and pair is None):
            continue
        person = mentor if side == "mentor" else mentee if side == "mentee" else None
        yield about_pair(piece, pair) if person is None else about(piece, person, on, asked.get(person.id))
    yield from of_protection(codes, mentor, mentee)


def of_protection(codes: Sequence[tuple[str, str]], mentor: Mentor | None, mentee: Mentee | None) -> Iterator[Missing]:
    """That pieces of child protection are missing, and none by its name."""
    protected = {
        side: [piece for piece, whose in codes if whose == side and piece.startswith(PROTECTED)] for side in ("mentee", "mentor")
    }
    if protected["mentee"] and mentee is not None:
        sentence = ngettext(
            "%(name)s : une pièce propre à sa situation manque.",
            "%(name)s : %(num)d pièces propres à sa situation manquent.",
            len(protected["mentee"]),
            name=mentee.first_name,
        )
        place = {"mentee_id": mentee.id, "_anchor": "situation"}
        yield Missing("protected", "mentee", sentence, _("l'équipe"), "people.mentee", place)
    if protected["mentor"] and mentor is not None:
        sentence = _("%(name)s : une pièce demandée pour ce binôme est à voir.", name=mentor.first_name)
        yield Missing("protected", "mentor", sentence, _("l'équipe"), "people.application", {"mentor_id": mentor.id})


def asked_among(codes: Sequence[tuple[str, str]], mentor: Mentor | None, mentee: Mentee | None) -> Mapping[UUID, Guardianship]:
    """Which guardian of these two was asked, or said no, where something that a guardian allows is missing."""
    if not any(piece in BY_GUARDIAN for piece, _side in codes):
        return {}
    return asked_or_refusing([person.id for person in (mentor, mentee) if person])


def asked_or_refusing(person_ids: Collection[UUID]) -> Mapping[UUID, Guardianship]:
    """Of these people, the guardian who was asked and has not answered, or who said no, even where nobody had asked by a link."""
    return refusing_unasked(person_ids) | asked_of(person_ids)


def about_pair(piece: str, pair: Pair | None) -> Missing:
    """What the pair itself lacks, or what the association does not do."""
    if piece == "home":
        return Missing(piece, "space", _("L'association ne propose pas de rencontres à domicile."), _("l'équipe"), "leads.offer")
    if piece == "self":
        sentence = _("On ne forme pas un binôme avec soi-même, ni avec le ou la jeune que l'on représente.")
        return Missing(piece, "pair", sentence, _("l'équipe"), "people.mentors")
    assert pair is not None
    return Missing(
        piece,
        "pair",
        _("La convention du binôme n'est pas encore signée."),
        _("les signataires"),
        "pairs.agreement",
        {"pair_id": pair.id},
    )


def about(piece: str, person: Mentor | Mentee, on: date, asked: Guardianship | None) -> Missing:
    """What one of the two lacks."""
    kind, name = ("jeunes" if isinstance(person, Mentee) else "mentors"), person.first_name
    side = "mentee" if isinstance(person, Mentee) else "mentor"
    guardian = who_allows(asked)
    file = {"kind": kind, "person_id": person.id}
    if piece in PIECES:
        endpoint = {
            "charter": "people.charter_signature",
            "references": "people.application",
            "decision": "people.application",
        }.get(piece, "people.new_check")
        return Missing(
            piece, side, piece_said(piece, name), name if piece == "charter" else _("l'équipe"), endpoint, {"mentor_id": person.id}
        )
    sentences = {
        "closed": (_("%(name)s : le dossier n'est pas ouvert.", name=name), _("l'équipe"), "people.edit"),
        "paused": (paused(person), _("l'équipe"), "people.pause"),
        "too_old": (
            _("%(name)s a 30 ans ou plus : le programme accompagne jusqu'à 29 ans.", name=name),
            _("l'équipe"),
            "people.edit",
        ),
        "paired": (_("%(name)s a déjà un binôme en cours ou proposé.", name=name), _("l'équipe"), "people.edit"),
        "capacity": (full(person), _("l'équipe"), "people.edit"),
        "birth_date": (_("%(name)s : la date de naissance manque.", name=name), _("l'équipe"), "people.edit"),
        "participation": (_("%(name)s : l'autorisation parentale manque.", name=name), guardian, "people.authorisation"),
        "own_agreement": (
            _("%(name)s a moins de 15 ans : il faut aussi son propre accord.", name=name),
            name,
            "people.authorisation",
        ),
        "majority": (_("%(name)s a 18 ans : il faut maintenant son propre accord.", name=name), name, "people.authorisation"),
        "home": (home(person, on), guardian if person.is_minor_on(on) else name, "people.authorisation"),
    }
    sentence, who, endpoint = sentences[piece]
    return Missing(piece, side, sentence, who, endpoint, file | ({"pour": piece} if endpoint == "people.authorisation" else {}))


def who_allows(asked: Guardianship | None) -> str:
    """Who must bring what a guardian allows: the team, until a guardian was asked by a link, or once one says no."""
    says_no = asked.refused_at if asked and asked.says_no else None
    answered_at = says_no or (asked.asked_at if asked else None)
    if asked is None or answered_at is None:
        return _("l'équipe : la demander")
    day = iso_day(local(answered_at).date().isoformat())
    if says_no is not None:
        return _("l'équipe : appeler %(name)s, qui n'autorise pas depuis le %(day)s", name=asked.guardian.name, day=day)
    return _("%(name)s, à qui elle est demandée depuis le %(day)s", name=asked.guardian.name, day=day)


def home(person: Mentor | Mentee, on: date) -> str:
    """Who has not said yes to meetings at home: a guardian, or an adult, on their file or in words that the team noted."""
    if person.is_minor_on(on):
        return _("%(name)s : l'autorisation de rencontres à domicile manque.", name=person.first_name)
    return _("%(name)s n'a pas dit accepter les rencontres à domicile.", name=person.first_name)


def paused(person: Mentor | Mentee) -> str:
    """In a pause, and until when."""
    if person.paused_until is None:
        return _("%(name)s est en pause.", name=person.first_name)
    return _("%(name)s est en pause jusqu'au %(day)s.", name=person.first_name, day=iso_day(person.paused_until.isoformat()))


def full(person: Mentor | Mentee) -> str:
    """No room for one more; only a mentor can be full."""
    count = person.capacity if isinstance(person, Mentor) else 0
    return _("%(name)s accompagne déjà autant de jeunes que possible (%(count)s).", name=person.first_name, count=count)


def piece_said(piece: str, name: str) -> str:
    """A piece that the rules ask for."""
    return {
        "identity": _("%(name)s : une pièce d'identité est à voir.", name=name),
        "honorability": _(
            "%(name)s : une attestation d'honorabilité récente, qui ne s'oppose pas au mentorat, est à voir.", name=name
        ),
        "record": _("%(name)s : un bulletin n° 3 récent, qui ne s'oppose pas au mentorat, est à voir.", name=name),
        "charter": _("%(name)s : la charte n'est pas signée.", name=name),
        "references": _("%(name)s : aucune référence favorable n'est encore arrivée.", name=name),
        "decision": _("%(name)s : la candidature n'est pas encore acceptée.", name=name),
    }[piece]
