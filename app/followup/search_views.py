"""Whoever calls, found wherever they are in the space: among jeunes, mentors, those who represent them, and requests."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, and_, false, func, literal_column, or_, select

from app.accounts.permissions import Permission
from app.extensions import db
from app.gate import requires
from app.leads.models import Lead, LeadState
from app.leads.queries import Filters, found_in
from app.leads.views import TABS
from app.people.models import Guardian, Guardianship, Mentee, Mentor
from app.people.queries import found_by
from app.people.signals import notes
from app.territory.queries import words_of

from . import sounds
from .blueprint import SPACE, bp
from .sounds import Heard

MOST = 20  # of each, shown
WITHOUT_FILE = [state for state in TABS if state != LeadState.ACCEPTED]


@bp.route(f"{SPACE}/recherche")
@requires(Permission.FOLLOW_PEOPLE)
def search() -> ResponseReturnValue:
    """Everybody of this name, this address or this number."""
    typed = request.args.get("q", "").strip()[:80]
    is_asked = "@" in typed or bool(words_of(typed))
    mentees, mentors = (files_of(kind, typed) if is_asked else [] for kind in (Mentee, Mentor))
    leads = requests_of(typed) if is_asked else []
    is_near = not (mentees or mentors or leads)
    if is_near and (words := sounds.heard_in(typed)):
        mentees, mentors = (sounds.nearest(typed, files_like(kind, words)) for kind in (Mentee, Mentor))
        leads = sounds.nearest(typed, requests_like(words))
    return render_template(
        "followup/search.html", typed=typed, is_asked=is_asked, mentees=mentees, mentors=mentors, leads=leads, states=TABS,
        is_near=is_near, notes=notes(mentees) | notes(mentors), most=MOST,
    )  # fmt: skip


def files_of(kind: type[Any], typed: str) -> Sequence[Any]:
    """Files, open or closed: the open ones first; of who has this name, and of those whom somebody of this name represents."""
    named = or_(and_(*found_by(kind, typed)), kind.id.in_(represented(kind, typed)))
    statement = select(kind).where(kind.erased_at.is_(None), named)
    return db.session.scalars(statement.order_by(kind.state, kind.sort_name, kind.id).limit(MOST)).all()


def represented(kind: type[Any], typed: str) -> Select[UUID | None]:
    """The files of those whom somebody represents whose name has these words, accents or not."""
    whose = Guardianship.mentee_id if kind is Mentee else Guardianship.mentor_id
    letters = func.regexp_replace(func.lower(func.normalize(Guardian.name, literal_column("NFKD"))), "[\u0300-\u036f]", "", "g")
    words = [letters.contains(word, autoescape=True) for word in words_of(typed)]
    return select(whose).join(Guardianship.guardian).where(whose.is_not(None), *(words or [false()]))


def requests_of(typed: str) -> Sequence[Lead]:
    """Requests that opened no file, or not yet; the latest first."""
    return db.session.scalars(found_in(Filters(LeadState.RECEIVED, typed=typed), WITHOUT_FILE).limit(MOST)).all()


def files_like(kind: type[Any], words: Sequence[Heard]) -> Sequence[Any]:
    """Files of somebody whose name sounds like this."""
    alike = kind.id.in_(sounds.sounds_like(kind.search_name, kind.id, words))
    return db.session.scalars(select(kind).where(kind.erased_at.is_(None), alike)).all()


def requests_like(words: Sequence[Heard]) -> Sequence[Lead]:
    """The same of requests that opened no file."""
    alike = Lead.id.in_(sounds.sounds_like(Lead.searched, Lead.id, words, Lead.state.in_(WITHOUT_FILE)))
    return db.session.scalars(found_in(Filters(LeadState.RECEIVED), WITHOUT_FILE).where(alike)).all()
