"""Rows of a file that were seen before, in it or earlier: they add nothing, and what they say otherwise is told."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date, time
from typing import Any

from sqlalchemy import func, or_, select

from app.extensions import db
from app.translation import gettext as _

from .dates import PARIS_CLOCK, day_in_paris
from .models import Decline, Lead
from .reading import mark_of_row, same_name
from .words import LeadKind

SAID = ("birth_date", "age", "commune_code", "guardian_email", "guardian_phone")  # of a row, what is compared with what is known


def told_apart(
    taken: Sequence[tuple[int, Mapping[str, Any]]], kind: LeadKind
) -> tuple[list[Mapping[str, Any]], list[tuple[int, str]]]:
    """The rows that are new, and the lines of those that are known, each with what it says that is not as it was then.

    Two people of one name may share a telephone, brothers or the residents of a home: two dates of birth make two requests, which
    are compared like any two that look alike.
    """
    marks = {values["fingerprint"] for _line, values in taken} | {apart(values) for _line, values in taken}
    stored = {row.fingerprint: row._asdict() for row in db.session.execute(
        select(Lead.fingerprint, *(getattr(Lead, name) for name in SAID)).where(Lead.fingerprint.in_(marks)))}  # fmt: skip
    gone, same_day = gone_among(marks - stored.keys()), on_their_days(taken, kind)
    fresh: dict[str, Mapping[str, Any]] = {}
    known: list[tuple[int, str]] = []
    for line, values in taken:
        mark = values["fingerprint"]
        before = stored.get(mark) or fresh.get(mark)
        if before and are_two(before, values, is_same_file=mark not in stored):
            mark = apart(values)
            before = stored.get(mark) or fresh.get(mark)
        on_that_day = same_day.get((*whose(values), is_without_hour(values)))
        if before:
            known.append((line, changed_since(before, values, is_same_file=mark not in stored)))
        elif on_that_day and not are_two(on_that_day, values, is_same_file=False):
            known.append((line, changed_since(on_that_day, values, is_same_file=False)))
        elif mark in gone:
            known.append((line, ""))
        else:
            fresh[mark] = {**values, "fingerprint": mark}
    return list(fresh.values()), known


def on_their_days(taken: Sequence[tuple[int, Mapping[str, Any]]], kind: LeadKind) -> dict[tuple[object, ...], Mapping[str, Any]]:
    """The requests of these people, by whose and of what day, and whether it is a row with an hour that repeats them, or without.

    A spreadsheet that shows days alone saves no hours, and the same file sent so is no other.
    """
    emails = {values["email"].lower() for _line, values in taken if values["email"]}
    phones = {values["phone"] for _line, values in taken if values["phone"]}
    told = ("last_name", "first_name", "email", "phone", "requested_at", *SAID)
    statement = select(*(getattr(Lead, name) for name in told)).where(
        Lead.kind == kind, or_(func.lower(Lead.email).in_(emails), Lead.phone.in_(phones))
    )
    found = [row._asdict() for row in db.session.execute(statement)] if emails or phones else []
    return {(*whose(one), not is_without_hour(one)): one for one in found}


def whose(values: Mapping[str, Any]) -> tuple[object, ...]:
    """Whose a request is, and of what day."""
    ways = (values["email"] or "").lower(), values["phone"] or ""
    day = day_in_paris(values["requested_at"])
    return same_name(values["last_name"]), same_name(values["first_name"]), *ways, day


def is_without_hour(values: Mapping[str, Any]) -> bool:
    """Whether a request came at midnight, which is what a day alone says."""
    return bool(values["requested_at"].astimezone(PARIS_CLOCK).time() == time())


def are_two(before: Mapping[str, Any], values: Mapping[str, Any], is_same_file: bool) -> bool:
    """Whether two rows alike are of two people: by their dates of birth; in one file by their ages, which grow between two."""
    if before["birth_date"] and values["birth_date"]:
        return not is_slip(before["birth_date"], values["birth_date"])
    return is_same_file and abs(before["age"] - values["age"]) > 1


def is_slip(one: date, other: date) -> bool:
    """Whether two dates are one with a slip: the same, with another day, month or year, or its day and month swapped."""
    pairs = zip((one.year, one.month, one.day), (other.year, other.month, other.day), strict=True)
    return sum(a != b for a, b in pairs) <= 1 or (one.year, one.month, one.day) == (other.year, other.day, other.month)


def apart(values: Mapping[str, Any]) -> str:
    """What marks a row whose name and telephone are somebody else's too: the date of birth is part of it, or the age."""
    return hashlib.sha256(f"{values['fingerprint']}|{values['birth_date'] or values['age']}".encode()).hexdigest()


def gone_among(marks: Collection[str]) -> set[str]:
    """Which of these rows were of somebody who was declined, or erased."""
    kept = {mark_of_row(mark): mark for mark in marks}
    return {
        kept[mark]
        for column in (Decline.mark, Lead.fingerprint)
        for mark in db.session.scalars(select(column).where(column.in_(kept)))
    }


def changed_since(before: Mapping[str, Any], values: Mapping[str, Any], is_same_file: bool) -> str:
    """A remark on a row that is known and says something else now: nothing of it is taken.

    In one file, another age may be a brother's of the same name, behind the telephone of their home.
    """
    names = {"birth_date": _("la date de naissance"), "commune_code": _("la commune"), "guardian_email": _("l'e-mail du parent"),
             "guardian_phone": _("le téléphone du parent")}  # fmt: skip
    names |= {"age": _("l'âge")} if is_same_file else {}
    changed = [name for code, name in names.items() if values.get(code) and values[code] != before.get(code)]
    if not changed:
        return ""
    return _("déjà reçue, et cette ligne dit autre chose (%(what)s) : corrigez sur la page de la demande.", what=", ".join(changed))
