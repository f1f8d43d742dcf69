"""Everybody who waits and every mentor with room, compared at once: who may meet, how well they fit and why, the best choice.

The choice is the assignment that maximises the total of points (scipy's linear_sum_assignment, after Crouse, « On implementing 2D
rectangular assignment algorithms », 2016); a mentor with several free places takes part once for each.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.leads.words import SLOTS
from app.people.words import INTERESTS

from .pool import IN_PERSON, LEVELS, PLACE_BITS, REMOTE, Pool

Points = NDArray[np.int32]
Mask = NDArray[np.bool_]
Shares = NDArray[np.float32]
WEIGHTED = ("needs", "field", "interests", "hours", "near", "waiting")
WHOLE = 1000  # points of two who fit in everything
FIRST, PINNED = 400, 4000  # points on top: somebody's mentor or jeune left; a coordinator pinned them
NEXT = 3  # the next best that are shown beside the one chosen
PUBLIC_OF = {
    "college": ("college",),
    "lycee": ("lycee_general", "lycee_pro"),
    "superieur": ("superieur",),
    "job_seeker": ("job_seeker",),
}


@dataclass(frozen=True)
class Match:
    """Two people by their rank in the pool: rank 0 is the choice, 1 to 3 the next best for the same jeune."""

    mentee: int
    mentor: int
    rank: int
    score: int
    reasons: list[dict[str, Any]]


@dataclass
class Outcome:
    """What a run found: the matches, and for each jeune who has none, the condition that leaves nobody."""

    matches: list[Match] = field(default_factory=list)
    left: dict[UUID, str] = field(default_factory=dict)


class Comparison:
    """A pool compared: which two may meet, their points, and what these are made of; everything as arrays mentee x mentor."""

    def __init__(self, pool: Pool, weights: Mapping[str, int], at_home: bool = False) -> None:
        whole = max(1, sum(weights.values()))
        self.pool = pool
        self.worth = {name: WHOLE * weights.get(name, 0) / whole for name in WEIGHTED}
        self.every = sum(bit for place, bit in PLACE_BITS.items() if at_home or place != "home")
        self.near = nearness(pool)
        self.common = self.common_places()
        self.parts = self.criteria()
        self.score = self.points()
        self.possible = np.ones(self.score.shape, dtype=np.bool_)
        self.why = np.full(len(pool.mentees.ids), "", dtype=object)  # the first condition that leaves nobody
        for name, mask in self.conditions():
            self.possible &= mask
            self.why[(self.why == "") & ~self.possible.any(axis=1)] = name

    def conditions(self) -> Iterator[tuple[str, Mask]]:
        """The hard conditions, in the order in which they are explained; every one has to hold."""
        mentees, mentors = self.pool.mentees, self.pool.mentors
        yield "ready", self.pool.fits
        near = self.near >= np.maximum(mentees.reach[:, None], mentors.reach[None, :])
        yield "place", ((self.common & REMOTE) > 0) | (((self.common & IN_PERSON) > 0) & near)
        yield "hour", shares_one(mentees.slots, mentors.slots)
        yield "language", shares_one(mentees.languages, mentors.languages)
        yield "gender", gender(self.pool)
        yield "unwanted", ~self.pool.unwanted

    def common_places(self) -> NDArray[np.int32]:
        """The places that both accept; none said means any. To meet at home, the association offers it."""
        mentee, mentor = (
            np.where(s.places == 0, self.every, s.places & self.every) for s in (self.pool.mentees, self.pool.mentors)
        )
        common: NDArray[np.int32] = (mentee[:, None] & mentor[None, :]).astype(np.int32)
        return common

    def criteria(self) -> dict[str, Shares]:
        """How well two fit in each respect, 0 to 1."""
        mentees, mentors = self.pool.mentees, self.pool.mentors
        wanted = np.maximum(np.bitwise_count(mentees.axes), 1)[:, None]
        needs = np.bitwise_count(mentees.axes[:, None] & mentors.axes[None, :]) / wanted.astype(np.float32)
        hours = np.minimum(np.bitwise_count(mentees.slots[:, None] & mentors.slots[None, :]), 3) / np.float32(3)
        alike = np.minimum(np.bitwise_count(mentees.interests[:, None] & mentors.interests[None, :]), 2) / np.float32(2)
        waited = self.pool.waited / max(1, int(self.pool.waited.max(initial=0)))
        return {
            "needs": needs * public(self.pool),
            "field": fields(self.pool),
            "interests": alike,
            "hours": hours,
            "near": self.near / np.float32(len(LEVELS)),
            "waiting": np.broadcast_to(waited.astype(np.float32)[:, None], needs.shape),
        }

    def points(self) -> Points:
        """The points of every two people."""
        score: Points = np.zeros(self.near.shape, dtype=np.int32)
        for name, part in self.parts.items():
            score += np.rint(part * np.float32(self.worth[name])).astype(np.int32)
        score += FIRST * (self.pool.mentees.first[:, None].astype(np.int32) + self.pool.mentors.first[None, :])
        score += PINNED * self.pool.pinned
        return score

    def reasons(self, mentee: int, mentor: int) -> list[dict[str, Any]]:
        """Why these two, respect by respect: points of the possible ones, and codes that a page turns into words."""
        pool = self.pool
        detail = {
            "hours": named(SLOTS, int(pool.mentees.slots[mentee] & pool.mentors.slots[mentor])),
            "interests": named(INTERESTS, int(pool.mentees.interests[mentee] & pool.mentors.interests[mentor])),
            "near": [LEVELS[self.near[mentee, mentor] - 1] if self.near[mentee, mentor] else "far"],
            "waiting": [str(int(pool.waited[mentee]))],
        }
        found = [
            reason(name, part[mentee, mentor] * np.float32(self.worth[name]), self.worth[name], detail.get(name))
            for name, part in self.parts.items()
        ]
        lines = int(pool.mentees.first[mentee]) + int(pool.mentors.first[mentor])
        if lines:
            found.append(reason("first", FIRST * lines))
        if pool.pinned[mentee, mentor]:
            found.append(reason("pinned", PINNED))
        return [*found, reason("places", 0, 0, named(PLACE_BITS, int(self.common[mentee, mentor])))]


def reason(code: str, points: float, possible: float = 0, detail: Sequence[str] | None = None) -> dict[str, Any]:
    return {"code": code, "points": int(np.rint(points)), "of": round(possible), "detail": list(detail or ())}


def named(words: Iterable[str], bits: int) -> list[str]:
    """The words whose bit is set, in order."""
    return [word for rank, word in enumerate(words) if bits >> rank & 1]


def shares_one(mentees: NDArray[np.int32], mentors: NDArray[np.int32]) -> Mask:
    """At least one in common, where both said any."""
    both = (mentees[:, None] > 0) & (mentors[None, :] > 0)
    shared: Mask = ~both | ((mentees[:, None] & mentors[None, :]) > 0)
    return shared


def nearness(pool: Pool) -> NDArray[np.int8]:
    """5 in the same commune, then intercommunality 4, arrondissement 3, département 2, region 1; 0 further away."""
    near = np.zeros((len(pool.mentees.ids), len(pool.mentors.ids)), dtype=np.int8)
    for column in range(len(LEVELS)):  # from the commune, in the first column, to the region
        mentee, mentor = pool.mentees.map[:, column], pool.mentors.map[:, column]
        same = (mentee[:, None] == mentor[None, :]) & (mentee[:, None] > 0)
        near = np.maximum(near, same * np.int8(len(LEVELS) - column))
    return near


def gender(pool: Pool) -> Mask:
    """Whom the jeune prefers to talk with, where the mentor said how words agree with them; unknown is left to the coordinator."""
    wished = np.array([{"woman": 1, "man": 2}.get(row.gender_wish, 0) for row in pool.mentees.rows], dtype=np.int8)
    known = np.array([{"feminine": 1, "masculine": 2}.get(row.agreement, 0) for row in pool.mentors.rows], dtype=np.int8)
    fits: Mask = (wished[:, None] == 0) | (known[None, :] == 0) | (wished[:, None] == known[None, :])
    return fits


def public(pool: Pool) -> Shares:
    """1 where the jeune is of the public that the mentor prefers, or none is preferred; 0.7 elsewhere: a wish, not a limit."""
    situations = np.array([row.situation or "" for row in pool.mentees.rows], dtype=np.str_)
    factor = np.ones((len(pool.mentees.ids), len(pool.mentors.ids)), dtype=np.float32)
    for name, included in PUBLIC_OF.items():
        preferring = np.array([row.preferred_public == name for row in pool.mentors.rows], dtype=np.bool_)
        factor[np.ix_(~np.isin(situations, included), preferring)] = 0.7
    return factor


def fields(pool: Pool) -> Shares:
    """1 where a word of the field that the jeune is drawn to is one of the mentor's work or skills."""
    vocabulary = {word: rank for rank, word in enumerate(sorted(set().union(*pool.mentees.words)))}
    tables = []
    for people in (pool.mentees, pool.mentors):
        table = np.zeros((len(people.ids), max(1, len(vocabulary))), dtype=np.float32)
        for rank, words in enumerate(people.words):
            table[rank, [vocabulary[word] for word in words if word in vocabulary]] = 1
        tables.append(table)
    shared: Shares = np.minimum(tables[0] @ tables[1].T, np.float32(1))
    return shared


def match(pool: Pool, weights: Mapping[str, int], at_home: bool = False) -> Outcome:
    """Choose for everybody at once, and name the next best."""
    outcome = Outcome()
    if not pool.mentees.ids:
        return outcome
    compared = Comparison(pool, weights, at_home)
    chosen = assign(np.where(compared.possible, compared.score + 1, 0), pool.room)
    for mentee, mentee_id in enumerate(pool.mentees.ids):
        if mentee not in chosen:
            outcome.left[mentee_id] = compared.why[mentee] or "taken"
        for rank, mentor in ranked(chosen.get(mentee), compared.possible[mentee], compared.score[mentee]):
            score = int(compared.score[mentee, mentor])
            outcome.matches.append(Match(mentee, mentor, rank, score, compared.reasons(mentee, mentor)))
    return outcome


def assign(worth: NDArray[np.int32], room: NDArray[np.int64]) -> dict[int, int]:
    """Mentee -> mentor so that the total worth is the greatest; nothing is worth 0, and no mentor is given more than their room."""
    from scipy.optimize import linear_sum_assignment

    columns = np.repeat(np.arange(worth.shape[1]), np.minimum(room, worth.shape[0]))
    rows, places = linear_sum_assignment(worth[:, columns], maximize=True)
    return {int(row): int(columns[place]) for row, place in zip(rows, places, strict=True) if worth[row, columns[place]] > 0}


def ranked(chosen: int | None, possible: Mask, score: Points) -> Iterator[tuple[int, int]]:
    """The one chosen as rank 0, then the three next best; without a choice, the three best are still worth a look."""
    others = np.flatnonzero(possible)
    if chosen is not None:
        yield 0, chosen
        others = others[others != chosen]
    best = others[np.lexsort((others, -score[others]))][:NEXT]
    yield from enumerate((int(mentor) for mentor in best), start=1)
