"""Where somebody stands before a first meeting, said in one way on every page that says it."""

from datetime import date
from typing import Any

from flask import render_template
from markupsafe import Markup
from sqlalchemy import Select, Text, column, func, literal, null, select, union_all

from app.extensions import db
from app.people.check_models import GateException
from app.people.models import FileState, Mentee, Mentor
from app.people.rules import rules_table
from app.people.words import CHECKS, PIECES
from app.tenants.scope import current_tenant_id
from app.training.models import Audience, Course, TrainingException
from app.training.status import TrainingStatus, excepting, held, in_force
from app.translation import gettext as _
from app.web import today

from .conditions import Missing, missing, said
from .words import BESIDES

TAKEN_UP = {"capacity", "paired"}  # by a pair, and not missing


def standing(person: Mentor | Mentee, training: TrainingStatus | None = None) -> Markup:
    """What is missing, who must do it and where; for a mentor, what some jeunes would ask besides. Nothing of a closed file."""
    if person.state == FileState.WITHDRAWN:
        return Markup()
    if isinstance(person, Mentor):
        lacking, besides = asked_of(person, today(), training)
    else:
        lacking, besides = missing(None, person, today()), {}
    page = render_template(
        "pairs/standing.html",
        person=person,
        side="mentor" if isinstance(person, Mentor) else "jeune",
        missing=[piece for piece in lacking if piece.piece not in TAKEN_UP],
        taken=[piece for piece in lacking if piece.piece in TAKEN_UP],
        besides=besides,
    )
    return Markup(page)  # noqa: S704  (a rendered template)


def asked_of(mentor: Mentor, on: date, training: TrainingStatus | None = None) -> tuple[list[Missing], dict[str, list[str]]]:
    """What a mentor lacks on a day for whoever it is; and besides, in words, of what is asked for some jeunes only, by whom.

    The gate will ask the latter once the jeune is known (gate_missing); this says it before. One statement when training is given.
    """
    codes, found = [], dict[str, list[str]]()
    for audience, side, piece, title in db.session.execute(union_all(asked_now(mentor, on), *asked_later(mentor, on))):
        if audience == Audience.ALL:
            codes.append((piece, side))
        else:
            found.setdefault(audience, []).append(piece if title is None else _("la formation « %(title)s »", title=title))
    known = {piece for piece, _side in codes}
    besides = {
        str(words): [str(PIECES.get(piece, piece)) for piece in found[audience] if piece not in known]
        for audience, words in BESIDES.items()
        if audience in found
    }
    return list(said(codes, mentor, None, on, None, training)), {words: pieces for words, pieces in besides.items() if pieces}


def papers_of(mentor: Mentor, on: date) -> dict[str, str]:
    """A mentor's documents that are still to be seen, each with whom it is for: whoever the jeune is, or a minor."""
    pieces, _courses = asked_later(mentor, on)
    rows = db.session.execute(union_all(asked_now(mentor, on), pieces)).all()
    asked = {(audience, piece) for audience, _side, piece, _title in rows if piece in CHECKS}
    return {piece: audience for audience in (Audience.MINORS, Audience.ALL) for whom, piece in asked if whom == audience}


def asked_now(mentor: Mentor, on: date) -> Select[Any]:
    """What the gate answers of this mentor alone."""
    answer = func.gate_missing(current_tenant_id(), mentor.id, None, on, False, None)
    rows = answer.table_valued(column("piece", Text), column("side", Text))
    return select(literal(Audience.ALL.value), rows.c.side, rows.c.piece, null().cast(Text))


def asked_later(mentor: Mentor, on: date) -> tuple[Select[Any], Select[Any]]:
    """The pieces, then the courses, that some jeunes ask of a mentor who has neither them nor an exception for whoever it is."""
    asked = rules_table()
    opened = select(GateException.id).where(
        GateException.mentor_id == mentor.id,
        GateException.mentee_id.is_(None),
        GateException.piece == asked.c.piece,
        GateException.withdrawn_at.is_(None),
        GateException.until >= on,
    )
    holds = func.gate_holds(current_tenant_id(), mentor.id, asked.c.piece, on, asked.c.fresh, asked.c.renew)
    pieces = select(asked.c.audience, literal("mentor"), asked.c.piece, null().cast(Text)).where(
        asked.c.audience != Audience.ALL, asked.c.piece != "agreement", ~holds, asked.c.firm | ~opened.exists()
    )
    has = held(on)
    done = select(literal(1)).where(has.c.mentor_id == mentor.id, has.c.course_id == Course.id, in_force(has, on))
    excepted = select(TrainingException.id).where(
        TrainingException.mentor_id == mentor.id, TrainingException.course_id == Course.id, *excepting(on)
    )
    courses = select(func.unnest(Course.required_for), literal("mentor"), literal("training"), Course.title).where(
        ~Course.required_for.contains([Audience.ALL]), ~done.exists(), ~excepted.exists()
    )
    return pieces, courses
