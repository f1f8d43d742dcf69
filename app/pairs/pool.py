"""Who waits and who has room, as arrays: what matching compares, read in a few statements."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.extensions import db
from app.leads.words import ADULT, AXIS_OF_NEED, LANGUAGES, SLOTS, Axis, age_on
from app.people.check_models import Check, GateException
from app.people.models import FileState, Mentee, Mentor, SensitiveFact
from app.people.rules import rules_table
from app.people.words import INTERESTS
from app.tenants.models import Tenant
from app.tenants.resolve import current_tenant
from app.territory.models import Commune, Departement
from app.territory.queries import plain
from app.training.models import Audience
from app.training.status import ready_for
from app.web import local

from .matching_models import MatchWish
from .models import LIVE, Pair
from .queries import accompanied, ended_as_a_precaution

Bits = NDArray[np.int32]
PLACE_BITS = {"remote": 1, "home": 2, "school": 4, "association": 8, "company": 16}
COMMON = frozenset({
    "les", "des", "une", "sur", "par", "pas", "que", "qui", "aux", "mon", "mes", "ses", "son", "est", "dans", "avec", "pour",
    "plus", "tout",
    "tous", "tres", "bien", "comme", "leur", "leurs", "cette", "autre", "travail", "travaille", "travailler", "metier",
    "metiers", "domaine", "secteur", "aime", "aimer", "faire", "etre",
})  # fmt: skip
LANGUAGE_BITS = {language: 1 << rank for rank, language in enumerate(LANGUAGES)}
REMOTE, IN_PERSON = 1, 2 | 4 | 8 | 16
LEVELS = ("region", "departement", "arrondissement", "epci", "commune")  # nearness 1 to 5; 0 is another region
SHARED = ("first_in_line", "places", "slots", "languages", "interests", "reach", "commune_code", "agreement")


@dataclass
class Side:
    """The people of one side, in one order: ids, and for each what is compared."""

    ids: list[UUID]
    places: Bits
    slots: Bits
    languages: Bits
    interests: Bits
    axes: Bits
    map: NDArray[np.int32]  # one column for each level, from commune to region, as numbers
    reach: Bits  # the nearness that each asks for, 1 to 5
    first: NDArray[np.bool_]
    words: list[set[str]]
    rows: Sequence[Row[Any]]


@dataclass
class Pool:
    """Everybody, what each mentor may take, and what was said of two people."""

    mentees: Side
    mentors: Side
    room: NDArray[np.int64]  # free places of each mentor
    fits: NDArray[np.bool_]  # mentee x mentor: the mentor is ready for this public
    unwanted: NDArray[np.bool_]  # former pairs, and those whom somebody set aside
    pinned: NDArray[np.bool_]
    waited: NDArray[np.int64]  # days


def read_pool(on: date) -> Pool:
    """Read everybody who could be brought together on a day."""
    waiting, available, room = who_waits(on), *who_has_room()
    codes = Numbers()
    places = space_map({row.commune_code for row in (*waiting, *available)})
    words = (
        [wish_words(row.field_wish) for row in waiting],
        [wish_words(f"{row.sector or ''} {row.skills or ''}") for row in available],
    )
    mentees = side(waiting, [axes_of_mentee(row) for row in waiting], words[0], places, codes)
    mentors = side(available, [axis_bits(row.axes) or 3 for row in available], words[1], places, codes)
    unwanted, pinned = wishes(mentees.ids, mentors.ids)
    waited = np.array([max(0, (on - local(row.waits_since).date()).days) for row in waiting], dtype=np.int64)
    return Pool(mentees, mentors, np.array(room, dtype=np.int64), readiness(waiting, mentors.ids, on), unwanted, pinned, waited)


def who_waits(on: date) -> Sequence[Row[Any]]:
    """The jeunes of an age that the association takes, active and without a pair; who waits longest first."""
    taken = select(Pair.id).where(Pair.mentee_id == Mentee.id, Pair.state.in_(LIVE)).exists()
    columns = [getattr(Mentee, name) for name in SHARED]
    own = [
        getattr(Mentee, name) for name in ("waits_since", "birth_date", "needs", "axes", "situation", "field_wish", "gender_wish")
    ]
    rows = db.session.execute(
        select(Mentee.id, *own, *columns)
        .where(Mentee.state == FileState.ACTIVE, Mentee.birth_date.is_not(None), ~taken)
        .order_by(Mentee.waits_since, Mentee.id)
    ).all()
    tenant: Tenant = current_tenant
    return [row for row in rows if tenant.min_age <= age_on(row.birth_date, on) <= tenant.max_age]


def who_has_room() -> tuple[Sequence[Row[Any]], list[int]]:
    """The active mentors who can take one more, and how many more."""
    free = (Mentor.capacity - accompanied()).label("room")
    columns = [getattr(Mentor, name) for name in SHARED]
    rows = db.session.execute(
        select(Mentor.id, Mentor.axes, Mentor.sector, Mentor.skills, Mentor.preferred_public, free, *columns)
        .where(Mentor.state == FileState.ACTIVE, Mentor.birth_date.is_not(None), Mentor.capacity > accompanied())
        .order_by(Mentor.created_at, Mentor.id)
    ).all()
    return rows, [row.room for row in rows]


class Numbers:
    """Gives each word a number, the same for the same word."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {"": 0}

    def of(self, word: str) -> int:
        return self.known.setdefault(word, len(self.known))


def side(
    rows: Sequence[Row[Any]], axes: list[int], words: list[set[str]], places: dict[str, tuple[str, ...]], codes: Numbers
) -> Side:
    """The people of one side as arrays."""
    slots = {slot: 1 << rank for rank, slot in enumerate(SLOTS)}
    interests = {interest: 1 << rank for rank, interest in enumerate(INTERESTS)}
    levels = [[codes.of(f"{level}:{code}" if code else "") for level, code in enumerate(places[row.commune_code])] for row in rows]
    return Side(
        ids=[row.id for row in rows],
        places=bits([row.places for row in rows], PLACE_BITS),
        slots=bits([row.slots for row in rows], slots),
        languages=bits([row.languages for row in rows], LANGUAGE_BITS),
        interests=bits([row.interests for row in rows], interests),
        axes=np.array(axes, dtype=np.int32),
        map=np.array(levels, dtype=np.int32).reshape(len(rows), len(LEVELS)),
        reach=np.array([LEVELS.index(row.reach) + 1 for row in rows], dtype=np.int32),
        first=np.array([row.first_in_line for row in rows], dtype=np.bool_),
        words=words,
        rows=rows,
    )


def bits(lists: Sequence[Collection[str]], of: dict[str, int]) -> Bits:
    """Each list of codes as one number; a code that is not in the closed list does not count."""
    return np.array([sum(of.get(code, 0) for code in set(codes)) for codes in lists], dtype=np.int32)


def axis_bits(axes: Collection[str]) -> int:
    return sum(1 << rank for rank, axis in enumerate(Axis) if axis in axes)


def axes_of_mentee(row: Row[Any]) -> int:
    return axis_bits({AXIS_OF_NEED[need] for need in row.needs}) or 3


def wish_words(text: str | None) -> set[str]:
    """The beginnings of the words that matter: « informatique » and « informaticien » are alike."""
    return {word[:6] for word in plain(text or "").split() if len(word) > 2 and word not in COMMON} | (
        {"rh"} & set(plain(text or "").split())
    )


def space_map(codes: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Where each commune lies: itself, intercommunality, arrondissement, département, region; the official file's codes."""
    rows = db.session.execute(
        select(Commune.code, Commune.epci, Commune.arrondissement, Commune.departement_code, Departement.region_code)
        .join(Departement, Departement.code == Commune.departement_code)
        .where(Commune.code.in_(codes))
    )
    return {code: (code, *around) for code, *around in rows}


def wishes(mentee_ids: Sequence[UUID], mentor_ids: Sequence[UUID]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Who is not to be brought together (again), and whom somebody pinned; a pin overrules a former pair, but for a precaution."""
    rows, columns = ({key: rank for rank, key in enumerate(ids)} for ids in (mentee_ids, mentor_ids))
    unwanted, pinned = (np.zeros((len(mentee_ids), len(mentor_ids)), dtype=np.bool_) for _time in range(2))
    apart = set[tuple[UUID, UUID]]()
    former = db.session.execute(select(Pair.mentee_id, Pair.mentor_id, ended_as_a_precaution()))
    for mentee, mentor, is_apart in former:
        apart |= {(mentee, mentor)} if is_apart else set()
        if mentee in rows and mentor in columns:
            unwanted[rows[mentee], columns[mentor]] = True
    for mentee, mentor, is_pin in db.session.execute(select(MatchWish.mentee_id, MatchWish.mentor_id, MatchWish.is_pin)):
        if mentee in rows and mentor in columns and (mentee, mentor) not in apart:
            pinned[rows[mentee], columns[mentor]] = is_pin
            unwanted[rows[mentee], columns[mentor]] = not is_pin
    return unwanted, pinned


def readiness(waiting: Sequence[Row[Any]], mentor_ids: Sequence[UUID], on: date) -> NDArray[np.bool_]:
    """Which mentor is ready for which jeune: what is asked depends on the jeune's public, so each public is looked at once."""
    protected = set(db.session.scalars(select(SensitiveFact.mentee_id).where(SensitiveFact.kind == "ase")))
    publics: dict[frozenset[str], list[int]] = {}
    for rank, row in enumerate(waiting):
        publics.setdefault(audiences_of(row, row.id in protected, on), []).append(rank)
    trained, lacking, excepted = ready_for(mentor_ids, on, list(publics)), lacking_pieces(on), exceptions(on)
    clear = set(mentor_ids) - stood_against(on)
    fits = np.zeros((len(waiting), len(mentor_ids)), dtype=np.bool_)
    for public, ranks in publics.items():
        missing = {mentor: {piece for audience, piece in lacking.get(mentor, ()) if audience in public} for mentor in mentor_ids}
        for rank in ranks:
            opened = excepted.get(None, set()) | excepted.get(waiting[rank].id, set())
            fits[rank] = [
                mentor in clear
                and mentor in trained[public]
                and (not missing[mentor] or {(mentor, piece) for piece in missing[mentor]} <= opened)
                for mentor in mentor_ids
            ]
    return fits


def stood_against(on: date) -> set[UUID]:
    """The mentors of whom the last document of a kind that was seen is not clear: nothing passes over it (gate_against)."""
    last = select(Check.mentor_id, Check.is_clear).ext(distinct_on(Check.mentor_id, Check.kind))
    last = last.where(Check.cancelled_at.is_(None), Check.seen_on <= on)
    seen = last.order_by(Check.mentor_id, Check.kind, Check.seen_on.desc(), Check.id.desc()).subquery()
    return set(db.session.scalars(select(seen.c.mentor_id).where(~seen.c.is_clear)))


def audiences_of(row: Row[Any], is_protected: bool, on: date) -> frozenset[str]:
    """The public of a jeune, in the words of the rules of training and of the gate."""
    found = {Audience.ALL.value, *(AXIS_OF_NEED[need].value for need in row.needs), *row.axes}
    found |= {Audience.MINORS.value} if age_on(row.birth_date, on) < ADULT else set()
    return frozenset(found | ({Audience.ASE.value} if is_protected else set()))


def exceptions(on: date) -> dict[UUID | None, set[tuple[UUID, str]]]:
    """The exceptions in force: for which jeune (None: for all) -> mentors with the piece that they do without."""
    found: dict[UUID | None, set[tuple[UUID, str]]] = {}
    rows = select(GateException.mentee_id, GateException.mentor_id, GateException.piece).where(
        GateException.withdrawn_at.is_(None), GateException.until >= on
    )
    for mentee_id, mentor_id, piece in db.session.execute(rows):
        found.setdefault(mentee_id, set()).add((mentor_id, piece))
    return found


def lacking_pieces(on: date) -> dict[UUID, set[tuple[str, str]]]:
    """What each active mentor lacks of what the rules ask, with the audience; « firm » is what no exception opens."""
    asked = rules_table()
    holds = func.gate_holds(Mentor.tenant_id, Mentor.id, asked.c.piece, on, asked.c.fresh, asked.c.renew)
    found: dict[UUID, set[tuple[str, str]]] = {}
    for mentor_id, audience, piece, firm in db.session.execute(
        select(Mentor.id, asked.c.audience, asked.c.piece, asked.c.firm)
        .join(asked, asked.c.piece != "agreement")
        .where(Mentor.state == FileState.ACTIVE, ~holds)
    ):
        found.setdefault(mentor_id, set()).add((audience, "firm" if firm else piece))
    young = func.extract("year", func.age(on, Mentor.birth_date)) < ADULT
    allowed = func.gate_allowed(Mentor.tenant_id, Mentor.id, None, "participation", on)
    for mentor_id in db.session.scalars(select(Mentor.id).where(Mentor.state == FileState.ACTIVE, young, ~allowed)):
        found.setdefault(mentor_id, set()).add((Audience.ALL.value, "firm"))
    return found
