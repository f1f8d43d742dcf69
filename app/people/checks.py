"""Verify a mentor without ever keeping a document: what was seen, of which date, by whom, with what result; and the charter.

The attestation d'honorabilité is seen within six months of its date and asked again every three years (law of 7 February 2022 on
child protection); an association may ask for more, where it is justified.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, Text, case, cast, column, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import aliased, joinedload

from app.accounts.queries import author_of
from app.database import AT_ONCE, now, one_at_a_time, prepared, uuid7
from app.errors import DomainError
from app.extensions import db
from app.leads.calendar import add_months
from app.tenants.scope import current_tenant_id
from app.translation import gettext as _
from app.web import iso_day, today

from .check_models import Charter, CharterSignature, Check, CheckKind
from .erased import refuse_erased
from .models import FileState, Mentor, Stage
from .rules import Rule, rules_in_force
from .signals import gate_changed, person_held

SOON = 60  # days before an end when staff are told


class CannotNote(DomainError):
    """This check cannot be noted; the sentence says why."""


@dataclass(frozen=True)
class Seen:
    """What somebody saw: the kind, the document's own date, the day on which it was seen, whether nothing stands against it."""

    kind: CheckKind
    document_on: date
    seen_on: date
    is_clear: bool


def note_check(mentor: Mentor, seen: Seen, by: UUID) -> Check:
    """Record that a document was seen. Raises CannotNote when it was too old that day, or of a day to come."""
    if not seen.document_on <= seen.seen_on <= today():
        raise CannotNote(_("Ces dates ne vont pas ensemble : la date du document, puis le jour où vous l'avez vu."))
    rules = [rule for rule in rules_in_force() if rule.piece == seen.kind]
    fresh = min((rule.fresh for rule in rules if rule.fresh), default=None)
    if fresh and add_months(seen.document_on, fresh) < seen.seen_on:
        raise CannotNote(_("Ce document avait plus de %(months)s mois ce jour-là : il en faut un récent.", months=fresh))
    person_held.send(mentor)
    refuse_erased(mentor)
    last = db.session.scalar(last_of_kind(mentor, seen.kind))
    if last is not None and seen.is_clear and not last.is_clear and seen.document_on <= last.document_on:
        raise CannotNote(
            _(
                "Un document de la même date ou plus récent est noté, et quelque chose s'y oppose. "
                "Annulez-le d'abord s'il l'est par erreur."
            )
        )
    check = Check(
        mentor_id=mentor.id,
        mentor=mentor,
        kind=seen.kind,
        document_on=seen.document_on,
        seen_on=seen.seen_on,
        is_clear=seen.is_clear,
        seen_by=by,
        due_on=due(rules, seen),
    )
    db.session.add(check)
    if mentor.stage in {Stage.INTERVIEWED, Stage.REFERENCES}:
        mentor.stage = Stage.CHECKS
    gate_changed.send(mentor)
    db.session.flush()
    return check


def last_of_kind(mentor: Mentor, kind: CheckKind) -> Select[Check]:
    """The check that the gate reads: the last one that stands (gate_against)."""
    known = select(Check).where(Check.mentor_id == mentor.id, Check.kind == kind, Check.cancelled_at.is_(None))
    return known.order_by(Check.seen_on.desc(), Check.id.desc()).limit(1)


def due(rules: Sequence[Rule], seen: Seen) -> date | None:
    """The first day on which it is to be seen again."""
    renew = min((rule.renew for rule in rules if rule.renew), default=None)
    return add_months(seen.document_on, renew) if renew else None


def cancel_check(check: Check, by: UUID) -> None:
    """It was noted by mistake; the row stays readable. Twice is once."""
    if check.cancelled_at is None:
        check.cancelled_at, check.cancelled_by = now(), by
        gate_changed.send(check.mentor)


def checks_of(mentor_id: UUID) -> Sequence[tuple[Check, str]]:
    """A mentor's, with who saw each, the latest first."""
    return db.session.execute(
        select(Check, author_of(Check.seen_by))
        .where(Check.mentor_id == mentor_id)
        .order_by(Check.seen_on.desc(), Check.id.desc())
        .limit(50)
    ).all()


def renewals(rules: Sequence[Rule]) -> dict[str, int]:
    """After how many months each kind of document is asked for again, where it is."""
    found = dict[str, int]()
    for rule in rules:
        if rule.renew:
            found[rule.piece] = min(rule.renew, found.get(rule.piece, rule.renew))
    return found


def end(renews: Mapping[str, int]) -> ColumnElement[Any]:
    """The end of a check for the database, by what is asked for now (Check.ends_on)."""
    asked = [(Check.kind == kind, cast(Check.document_on + func.make_interval(0, months), Date)) for kind, months in renews.items()]
    return func.least(Check.due_on, case(*asked, else_=None) if asked else None)


def ending_soon() -> Sequence[tuple[Check, date]]:
    """The checks of active mentors that are asked for, end within sixty days, and that staff were not told of; not renewed ones.

    With the day on which each ends.
    """
    rules = rules_in_force()
    asked, ends = {rule.piece for rule in rules}, end(renewals(rules))
    latest = select(Check.id).ext(distinct_on(Check.mentor_id, Check.kind)).where(Check.cancelled_at.is_(None))
    latest = latest.order_by(Check.mentor_id, Check.kind, Check.seen_on.desc(), Check.id.desc())
    return db.session.execute(
        select(Check, ends)
        .join(Check.mentor)
        .where(Check.id.in_(latest), Check.kind.in_(asked), Check.told_on.is_(None), Mentor.state == FileState.ACTIVE)
        .where(ends > today(), ends <= today() + timedelta(days=SOON))
        .options(joinedload(Check.mentor))
        .order_by(ends, Check.id)
        .limit(20)
        .with_for_update(of=Check, skip_locked=True)
    ).all()


def current_charter() -> Charter | None:
    """The one to sign now."""
    return db.session.scalars(select(Charter).order_by(Charter.number.desc()).limit(1)).first()


def write_charter(body: str, asks_again: bool, by: UUID) -> Charter:
    """Put a text in force; the first one is always asked of everybody. The same again is none, unless it is asked again later."""
    one_at_a_time("charter", current_tenant_id())
    last = current_charter()
    if last is not None and last.body == body and (not asks_again or (last.asks_again and last.created_at > now() - AT_ONCE)):
        return last
    number = last.number + 1 if last else 1
    charter = Charter(number=number, body=body, asks_again=asks_again or last is None, written_by=by)
    db.session.add(charter)
    db.session.flush()
    return charter


def signature_of(mentor: Mentor) -> CharterSignature | None:
    """The latest charter that a mentor signed."""
    return db.session.scalars(
        select(CharterSignature)
        .join(CharterSignature.charter)
        .where(CharterSignature.mentor_id == mentor.id, CharterSignature.cancelled_at.is_(None))
        .options(joinedload(CharterSignature.charter))
        .order_by(Charter.number.desc())
        .limit(1)
    ).first()


@dataclass(frozen=True)
class Standing:
    """Where a mentor stands with the charter: the text in force, the number that they signed last, whether they have to sign.

    And whether that was on paper: staff noted it, and may have noted it of the wrong mentor.
    """

    charter: Charter
    signed: int | None
    is_to_sign: bool
    is_on_paper: bool


def standing(mentor: Mentor) -> Standing | None:
    """The same in one statement; None where there is no charter."""
    row = db.session.execute(*signed_and_asked(mentor.id)).first()
    if row is None:
        return None
    charter, signed, again, on_paper = row
    return Standing(charter, signed, signed is None or signed < (again or 1), signed is not None and signed == on_paper)


@prepared
def signed_and_asked(mentor_id: UUID) -> Select[Charter, int | None, int | None, int | None]:
    """The charter in force, the number that a mentor signed last, the last that everybody has to sign, the last signed on paper."""
    mine = select(func.max(Charter.number)).join(CharterSignature, CharterSignature.charter_id == Charter.id)
    mine = mine.where(CharterSignature.mentor_id == mentor_id, CharterSignature.cancelled_at.is_(None))
    signed, on_paper = mine.scalar_subquery(), mine.where(CharterSignature.how == "paper").scalar_subquery()
    other = aliased(Charter)
    again = select(func.max(other.number)).where(other.asks_again).scalar_subquery()
    return select(Charter, signed, again, on_paper).order_by(Charter.number.desc()).limit(1)


def against(mentor_id: UUID, on: date) -> set[str]:
    """The kinds of documents of which the mentor's last is not clear: nothing passes over them (gate_against, migration 0022)."""
    kinds = func.gate_against(current_tenant_id(), mentor_id, on).table_valued(column("kind", Text))
    return set(db.session.scalars(select(kinds.c.kind)))


def sign_charter(mentor: Mentor, charter: Charter, how: str, by: UUID) -> CharterSignature:
    """The mentor commits to the text; twice is once."""
    refuse_erased(mentor)
    digest = hashlib.sha256(charter.body.encode()).hexdigest()
    row = {"tenant_id": current_tenant_id(), "id": uuid7(), "mentor_id": mentor.id, "charter_id": charter.id, "how": how,
           "signed_on": today(), "digest": digest, "noted_by": by}  # fmt: skip
    db.session.execute(insert(CharterSignature).values(**row).on_conflict_do_nothing())
    theirs = select(CharterSignature).where(CharterSignature.mentor_id == mentor.id, CharterSignature.charter_id == charter.id)
    return db.session.scalars(theirs.where(CharterSignature.cancelled_at.is_(None))).one()


def cancel_signature(mentor: Mentor, by: UUID) -> None:
    """A signature on paper was noted of the wrong mentor: it stays readable, and opens nothing. Raises CannotNote."""
    person_held.send(mentor)
    row = signature_of(mentor)
    if row is None or row.how != "paper":
        raise CannotNote(_("Il n'y a pas de signature sur papier à annuler."))
    row.cancelled_at, row.cancelled_by = now(), by
    gate_changed.send(mentor)


def said_end(check: Check, kind: str, end: date) -> str:
    """One line for whoever has to ask for it again."""
    day = iso_day(end.isoformat())
    return _("%(name)s, %(kind)s : à revoir avant le %(day)s.", name=check.mentor.full_name, kind=kind, day=day)
