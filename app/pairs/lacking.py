"""What keeps people from a first meeting, all of it at once: the pairs that form, the mentors and the jeunes who wait."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, column, func, literal, null, select, true, union_all
from sqlalchemy.orm import contains_eager

from app.extensions import db
from app.people.models import FileState, Guardianship, Mentee, Mentor, Stage
from app.people.own import own_files
from app.tenants.scope import current_tenant_id
from app.training.status import Piece, TrainingStatus, training_statuses
from app.translation import gettext as _
from app.web import day, local, today

from .agreement import still_to_sign
from .agreement_models import Agreement, AgreementState, Signature
from .conditions import BY_GUARDIAN, PROTECTED, Missing, asked_or_refusing, said
from .models import FORMING, Pair, PairAnswer, PairState
from .queries import in_a_pair, of_others, with_people
from .standing import TAKEN_UP

PAIRS, MENTORS, MENTEES = CROWDS = ("binomes", "mentors", "jeunes")
OVER = (Stage.WITHDRAWN, Stage.REFUSED)


@dataclass
class Waiting:
    """Whoever waits: which crowd, the id, since when, what the gate answers (piece, side), a mentor's training."""

    crowd: str
    id: UUID
    since: date
    pieces: Sequence[tuple[str, str]]
    training: TrainingStatus | None = None

    @property
    def kinds(self) -> set[str]:
        """The pieces that are missing; those of child protection are one, for none of them is named outside its page."""
        kinds = {"protected" if piece.startswith(PROTECTED) else piece for piece, _side in self.pieces} - TAKEN_UP
        return kinds | {"training"} if self.training and not self.training.is_ready else kinds


@dataclass(frozen=True)
class Awaited:
    """An answer or a signature that a pair waits for: the page where it is had, and the signature whose link may leave again."""

    sentence: str
    endpoint: str
    name: str
    again: UUID | None = None


@dataclass
class Line:
    """One of them on the page: the pair, the mentor or the jeune, since when, what is missing, whose answer is awaited."""

    subject: Any
    since: date
    missing: Sequence[Missing]
    awaited: list[Awaited] = field(default_factory=list)

    @property
    def numbers(self) -> list[tuple[str, str]]:
        """Who can be reached by telephone: name and number."""
        mentor, mentee, _pair = of_subject(self.subject)
        known: list[tuple[str, str | None]] = [(person.first_name, person.phone) for person in (mentee, mentor) if person]
        if mentee and mentee.is_minor_on(today()):
            known.append((mentee.guardian_name or "", mentee.guardian_phone))
        return [(name, number) for name, number in known if number]


def everybody_waiting(reader: UUID) -> dict[str, list[Waiting]]:
    """Each crowd, who has waited longest first. A reader does not find a pair of their own, nor their own file."""
    pairs = asked(PAIRS, Pair, Pair.mentor_id, Pair.mentee_id, Pair.id, Pair.created_at)
    mentors = asked(MENTORS, Mentor, Mentor.id, null(), null(), Mentor.created_at)
    mentees = asked(MENTEES, Mentee, null(), Mentee.id, null(), Mentee.waits_since)
    found: dict[str, list[Waiting]] = {crowd: [] for crowd in CROWDS}
    for crowd, key, since, pieces, sides in db.session.execute(
        union_all(
            pairs.where(Pair.state.in_(FORMING), of_others(reader)),
            mentors.where(Mentor.stage.not_in(OVER), *alone(Mentor, reader)),
            mentees.where(*alone(Mentee, reader)),
        )
    ):
        found[crowd].append(Waiting(crowd, key, local(since).date(), list(zip(pieces or (), sides or (), strict=True))))
    trained = training_statuses([row.id for row in found[MENTORS]])
    for row in found[MENTORS]:
        row.training = trained[row.id]
    for crowd, rows in found.items():  # a pair on its way waits for something even when nothing is missing
        found[crowd] = sorted((row for row in rows if row.kinds or crowd == PAIRS), key=lambda row: (row.since, row.id))
    return found


def asked(crowd: str, kind: type[Any], mentor: Any, mentee: Any, pair: Any, since: Any) -> Select[Any]:
    """What the gate answers today for each row of a kind."""
    answer = func.gate_missing(current_tenant_id(), mentor, mentee, today(), False, pair)
    gate = answer.table_valued(column("piece", Text), column("side", Text))
    each = select(func.array_agg(gate.c.piece).label("pieces"), func.array_agg(gate.c.side).label("sides")).select_from(gate)
    lacks = each.correlate(kind).lateral()
    return select(literal(crowd), kind.id, since, lacks.c.pieces, lacks.c.sides).select_from(kind).join(lacks, true())


def alone(kind: type[Any], reader: UUID) -> tuple[ColumnElement[bool], ...]:
    """An open file of somebody in no pair, and not about the reader."""
    return kind.state == FileState.ACTIVE, kind.erased_at.is_(None), ~in_a_pair(kind), kind.id.not_in(own_files(reader))


def counted(rows: Collection[Waiting]) -> list[tuple[str, int]]:
    """How many lack each piece, the one that holds most people back first."""
    return Counter(kind for row in rows for kind in sorted(row.kinds)).most_common()


def lines(rows: Sequence[Waiting]) -> list[Line]:
    """The same with their people, in sentences: one crowd, a page of it or the whole."""
    if not rows:
        return []
    ids, crowd = [row.id for row in rows], rows[0].crowd
    if crowd == PAIRS:
        found = db.session.scalars(select(Pair).where(Pair.id.in_(ids)).options(*with_people()))
    else:
        kind = Mentor if crowd == MENTORS else Mentee
        found = db.session.scalars(select(kind).where(kind.id.in_(ids)))
    subjects = {subject.id: subject for subject in found}
    awaited = awaited_of(ids) if crowd == PAIRS else {}
    young = [subjects[row.id] for row in rows if row.kinds & BY_GUARDIAN]
    guardians = asked_or_refusing([person.id for subject in young for person in of_subject(subject)[:2] if person]) if young else {}
    words = {row.id: in_words(row, subjects[row.id], guardians) for row in rows}
    return [Line(subjects[row.id], row.since, words[row.id], awaited.get(row.id, [])) for row in rows]


def in_words(row: Waiting, subject: Any, guardians: Mapping[UUID, Guardianship]) -> list[Missing]:
    """What is missing, who must do it, and where. Of a pair's training its page says more, course by course."""
    mentor, mentee, pair = of_subject(subject)
    training = row.training or TrainingStatus([Piece(_("La formation demandée pour ce binôme n'est pas terminée."))])
    pieces = said(row.pieces, mentor, mentee, today(), pair, training, guardians)
    return [piece for piece in pieces if piece.piece not in TAKEN_UP or pair is not None]


def of_subject(subject: Any) -> tuple[Mentor | None, Mentee | None, Pair | None]:
    """The people whom a line is about."""
    if isinstance(subject, Pair):
        return subject.mentor, subject.mentee, subject
    return (subject, None, None) if isinstance(subject, Mentor) else (None, subject, None)


def awaited_of(pair_ids: Collection[UUID]) -> Mapping[UUID, list[Awaited]]:
    """Whose answer, then whose signature, these pairs wait for, and until which day."""
    found: dict[UUID, list[Awaited]] = {}
    answers = select(PairAnswer).join(PairAnswer.pair).where(PairAnswer.pair_id.in_(pair_ids), PairAnswer.is_yes.is_(None))
    for answer in db.session.scalars(
        answers.where(Pair.state == PairState.PROPOSED).order_by(PairAnswer.answer_by, PairAnswer.side)
    ):
        name = answer.pair.person(answer.side).first_name
        sentence = _("%(name)s n'a pas encore répondu (jusqu'au %(day)s).", name=name, day=day(answer.answer_by))
        found.setdefault(answer.pair_id, []).append(Awaited(sentence, "pairs.show", name))
    signatures = (
        select(Signature)
        .join(Signature.agreement)
        .options(contains_eager(Signature.agreement))
        .where(Agreement.pair_id.in_(pair_ids), Agreement.state == AgreementState.OPEN)
        .where(Signature.signed_at.is_(None), Signature.refused_at.is_(None))
    )
    for one in still_to_sign(db.session.scalars(signatures.order_by(Signature.role)).all()):
        sentence = _("%(name)s n'a pas signé (jusqu'au %(day)s).", name=one.name, day=day(one.agreement.sign_by))
        again = one.id if one.email and one.role != "association" else None
        found.setdefault(one.agreement.pair_id, []).append(Awaited(sentence, "pairs.agreement", one.name, again))
    return found


def file_rows(rows: Sequence[Waiting]) -> Iterator[list[Any]]:
    """The list as a table to take away."""
    yield [_("Qui"), _("Depuis"), _("Ce qui manque"), _("À faire par"), _("Réponses attendues")]
    for line in lines(rows):
        mentor, mentee, _pair = of_subject(line.subject)
        yield [
            " et ".join(person.full_name for person in (mentee, mentor) if person),
            line.since,
            "\n".join(piece.sentence for piece in line.missing),
            "\n".join(piece.who for piece in line.missing),
            "\n".join(one.sentence for one in line.awaited),
        ]
